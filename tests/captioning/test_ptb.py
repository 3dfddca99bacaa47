"""Against pairs that the official Java tokeniser gave."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from captioning.ptb import tokenise

PAIRS = {
    "A dog's tail isn't wagging.": "a dog 's tail is n't wagging",
    "can't": "ca n't",
    "cannot": "can not",
    "gonna wanna gimme lemme": "gon na wan na gim me lem me",
    "won't": "wo n't",
    "shan't": "sha n't",
    "'tis": "'t is",
    "y'all": "y' all",
    "more'n": "more 'n",
    "ma'am o'clock whaddya d'ye": "ma'am o'clock whaddya d'ye",
    "well-lit T-shirt half/half 1/2 10,000 4x4 1st": "well-lit t-shirt half/half 1/2 10,000 4x4 1st",
    "under_score #hashtag bob@site.com": "under_score #hashtag bob@site.com",
    "50%": "50 %",
    "$5.50": "$ 5.50",
    "#1": "# 1",
    "a&b": "a & b",
    "A&W": "a&w",
    "10:45am": "10:45 am",
    "3:30 p.m.": "3:30 p.m.",
    "in the U.S.": "in the u.s.",
    "on t.v.": "on t.v.",
    "St. Dr. Mr. etc.": "st. dr. mr. etc.",
    "No. 5": "no. 5",
    "say no.": "say no",
    "a bus on Morgan Rd.": "a bus on morgan rd.",
    "a sentence.Next one": "a sentence.next one",
    "(both)": "-lrb- both -rrb-",
    "[x]": "-lsb- x -rsb-",
    "{x}": "-lcb- x -rcb-",
    "wait...what?!": "wait what ?!",
    "snow- -snow": "snow snow",
    "a dog’s tail": "a dog 's tail",
    "½": "1/2",
    "the dogs' owner's car": "the dogs owner 's car",
    "rock 'n' roll": "rock 'n' roll",
    "the '90s": "the '90s",
    "20's": "20 's",
    "": "",
}


@pytest.mark.parametrize("caption", PAIRS)
def test_gives_the_tokens_of_the_official_tokeniser(caption: str) -> None:
    assert " ".join(tokenise(caption)) == PAIRS[caption]


@pytest.mark.data
def test_agrees_with_the_official_tokeniser_on_real_captions(data: Path, tmp_path: Path) -> None:
    package = pytest.importorskip("pycocoevalcap.tokenizer.ptbtokenizer")
    if not shutil.which("java"):
        pytest.skip("the official tokeniser needs Java")
    annotations = json.loads((data / "coco-val2017" / "captions_val2017.json").read_text())["annotations"]
    captions = [" ".join(annotation["caption"].split()) for annotation in annotations[::5]]
    (tmp_path / "captions.txt").write_text("\n".join(captions))
    command = ["java", "-cp", package.STANFORD_CORENLP_3_4_1_JAR, "edu.stanford.nlp.process.PTBTokenizer"]
    done = subprocess.run(
        [*command, "-preserveLines", "-lowerCase", str(tmp_path / "captions.txt")],
        cwd=Path(package.__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    official = [
        [word for word in line.split(" ") if word not in package.PUNCTUATIONS] for line in done.stdout.split("\n")
    ]
    different = [c for c, tokens in zip(captions, official, strict=False) if tokenise(c) != [t for t in tokens if t]]
    assert len(different) < len(captions) / 2000, different
