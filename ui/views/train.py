"""The page that shows trainings as they go on. It reads their folders and does nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas  # type: ignore[import-untyped]  # its stubs are a package of their own
import streamlit as st

from shared.run_reports import differences, read_settings
from shared.run_samples import Read, Said, Sample, Written, read_samples, sample_files
from ui import charts, runs, timeline
from ui.sentences import as_sentence, plain

MOST_AT_ONCE = 6
LOOK_EVERY = 10.0
"""seconds between two looks at runs that grow"""
COMMANDS = """handwriting train --data lines.npz --out runs/my-hand
captioning train --data captions.json --images photos --out runs/my-captions
studio --runs runs"""


def page() -> None:
    st.title("Train", anchor=False)
    there = runs.found(runs.folder())
    if not there.keys() - runs.SHIPPED.keys():
        invite()
        if there:
            st.write("Until then, this is how the models learnt that came along:")
    if there:
        show_runs(there)


def invite() -> None:
    """What to do where nobody has trained anything yet."""
    st.write(
        "No training has been started in this folder yet. One of the first two lines begins one, and the third shows it here "
        "while it goes on:"
    )
    st.code(COMMANDS, language="bash")


def show_runs(there: dict[str, Path]) -> None:
    chosen = st.multiselect(
        "Trainings", list(there), default=[next(iter(there))], max_selections=MOST_AT_ONCE, key="runs", bind="query-params",
        help="The folders of trainings below the one that `studio --runs` names; the one that was written to last stands first.",
    )  # fmt: skip
    chosen = [name for name in chosen if name in there][:MOST_AT_ONCE]
    if not chosen:
        st.info("Choose a training above to see its curves.", icon=":material/info:")
        return
    paths = {name: there[name] for name in chosen}
    grows = any(runs.is_growing(path) for name, path in paths.items() if name not in runs.SHIPPED)
    names = runs.numbers({name: runs.curves_of(path) for name, path in paths.items()})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = st.multiselect(
            "What to draw",
            names,
            default=runs.first_numbers(names),
            format_func=as_words,
            key=f"numbers {sorted(names)}",
        )
        across = st.segmented_control("Across", ["updates", "minutes"], default="updates", required=True, key="across")
    if names:
        st.fragment(show_curves, run_every=LOOK_EVERY if grows else None)(paths, shown, across, grows)
    else:
        st.info("Nothing has been reported here yet, or nothing that can be read.", icon=":material/hourglass_empty:")
    show_differences(paths)
    with_samples = [name for name, path in paths.items() if sample_files(path)]
    if with_samples:
        st.fragment(show_samples, run_every=LOOK_EVERY if grows else None)({name: paths[name] for name in with_samples})


def show_curves(paths: Mapping[str, Path], shown: Sequence[str], across: str, grows: bool) -> None:
    chosen = {name: runs.curves_of(path) for name, path in paths.items()}
    places = st.columns(2 if len(shown) > 1 else 1, gap="large")
    for place, number in enumerate(shown):
        with places[place % len(places)]:
            rows = runs.table(chosen, number)
            if len(rows):
                st.altair_chart(charts.curves(rows, number, across), key=f"curve {number}")
    if grows:
        st.caption(f"Something was written here lately: this page looks again every {LOOK_EVERY:.0f} seconds.")
    if found := [one._replace(number=as_words(one.number)) for one in runs.bests(chosen, shown)]:
        st.subheader("At its best", anchor=False)
        rows = pandas.DataFrame(found).rename(
            columns={"updates": "after updates", "minutes": "after minutes", "last": "latest"}
        )
        st.dataframe(rows, hide_index=True, key="bests")


def as_words(name: str) -> str:
    return name.replace("_", " ")


def show_differences(paths: Mapping[str, Path]) -> None:
    """In what the chosen runs differ."""
    settings = {name: own for name, path in paths.items() if (own := read_settings(path))}
    if len(settings) < 2:
        return
    st.subheader("What was set otherwise", anchor=False)
    if different := differences(settings):
        rows = pandas.DataFrame(different).T.reindex(columns=list(settings))
        st.dataframe(rows.rename_axis("setting"), key="differences")
    else:
        st.caption("Nothing: these were all asked to do the same.")


def show_samples(paths: Mapping[str, Path]) -> None:
    """What the model made at each validation: scrub through it."""
    st.subheader("What it made on the way", anchor=False)
    names = list(paths)
    run = names[0] if len(names) == 1 else st.selectbox("Training", names, key=f"samples of {names}")
    files = sample_files(paths[run])
    if not files:
        return
    updates = next(iter(files))
    if len(files) > 1:
        updates = st.select_slider(
            "After so many updates",
            list(files),
            value=list(files)[-1],
            format_func=lambda n: f"{n:,}",
            key=f"checkpoint of {run}",
        )
    else:
        st.caption(f"After {updates:,} updates")
    for place, sample in enumerate(read_samples(files[updates])):
        show_sample(sample, f"sample {place}", f"{run} {updates} {place}")


def show_sample(sample: Sample, key: str, name: str) -> None:
    if isinstance(sample, Written):
        told = f"“{sample.text}”" if sample.text else "written of its own accord"
        timeline.show(
            key, name, [timeline.ink(sample.strokes, f"Handwriting of the network in training: {told}", told)]
        )
    elif isinstance(sample, Said):
        st.markdown(f"**{plain(as_sentence(sample.caption))}**")
        st.caption(plain(f"{sample.file} · people said: " + " / ".join(sample.people)))
    elif isinstance(sample, Read):
        st.markdown(f"**{plain(sample.read or '(nothing)')}**")
        st.caption(plain(f"the line says: {sample.text}"))


page()
