from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from shared.lab import align
from shared.lab.__main__ import main
from shared.lab.align import LENGTH, READ, WRITTEN, Translator, forms

DAYS = [date(1903, 5, 1), date(1988, 9, 21), date(2075, 12, 13)]


def test_it_is_run_drawn_and_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(align, "TESTED", 10)
    sizes = ["--units", "8", "--batch", "16", "--updates", "60", "--learning-rate", "0.02"]
    assert main(["align", *sizes, "--out", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["found"] == json.loads(capsys.readouterr().out)
    assert 0 <= results["found"]["share_right"] <= 1
    assert sum(results["losses"][-10:]) < 0.8 * sum(results["losses"][:10])
    for example in results["examples"]:
        looked = torch.tensor(example["alignment"])
        assert looked.shape == (LENGTH, len(example["read"]))
        torch.testing.assert_close(looked.sum(1), torch.ones(LENGTH))
        assert len(example["written"]) == LENGTH
    with Image.open(tmp_path / "picture.png") as picture:
        assert picture.width == 900


def test_a_date_is_written_in_every_form() -> None:
    assert forms(date(2031, 3, 12)) == [
        "12 march 2031",
        "march 12, 2031",
        "wednesday, 12 march 2031",
        "the 12th of march 2031",
        "mar 12 2031",
        "12.3.2031",
    ]
    endings = [forms(date(2000, 1, day))[3].split()[1] for day in (1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31)]
    assert endings == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd", "30th", "31st"]
    days = [date.fromordinal(day) for day in range(align.FIRST, align.LAST, 10)]
    assert set("".join(form for day in days for form in forms(day))) <= set(READ)
    assert set("".join(day.isoformat() for day in days)) == set(WRITTEN)


def test_a_date_is_the_same_alone_and_padded_among_others() -> None:
    translator = Translator(8).double()
    sources = [forms(day)[kind] for kind, day in enumerate(DAYS)]
    written, looked = translator.translate(sources)
    for row, source in enumerate(sources):
        alone, looked_alone = translator.translate([source])
        assert alone == [written[row]]
        torch.testing.assert_close(looked[row, :, : len(source)], looked_alone[0])
        assert not looked[row, :, len(source) :].any()


def test_the_loss_is_that_of_each_character_after_the_true_ones() -> None:
    translator = Translator(8).double()
    sources = [forms(day)[0] for day in DAYS]
    decoder = translator.look(sources)
    state, nats = decoder.initial_state(len(DAYS)), []
    last = torch.full((3,), len(WRITTEN))
    for place in range(LENGTH):
        output, state = decoder(translator.written(last), state)
        last = torch.tensor([WRITTEN.index(day.isoformat()[place]) for day in DAYS])
        nats.append(F.cross_entropy(translator.logits(decoder.parts(output)), last))
    torch.testing.assert_close(translator.loss(sources, DAYS), torch.stack(nats).mean())
