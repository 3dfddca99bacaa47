"""Experiments that show what each part of the core can do and cannot: `python -m shared.lab`.

Each experiment is one file with two functions. `run(**settings)` computes and returns plain values, among them `found`, the few
numbers that answer the experiment's question; `draw(results)` makes the picture. The commands are in `__main__`, and `report`
brings the three together.
"""
