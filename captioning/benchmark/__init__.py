"""How fast this machine captions and learns to caption, and how much faster than a plain decoder does."""

from captioning.benchmark.measure import benchmark

__all__ = ["benchmark"]
