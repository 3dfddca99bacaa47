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
    # what these sentences were made for: periods that stay, and those that do not
    "Mt. Hood in Calif. by Inc.": "mt. hood in calif. by inc.",
    "a wash. of the Wash. coast": "a wash of the wash. coast",
    "vol. 3, fig. 3 and the fig.": "vol 3 fig. 3 and the fig",
    "at W. Centre and J.R. Avenue": "at w. centre and j.r. avenue",
    "by J. Smith in the U.S. The letter K. The dog": "by j. smith in the u.s. the letter k the dog",
    "a St.-Denis shop, a u.s.-made car": "a st.-denis shop a u.s.-made car",
    "a dog., a cat": "a dog. a cat",
    # numbers
    "22 3/4 st, 10 3/4-inch": "22 3/4 st 10 3/4 inch",
    "1½ cups, ½-inch": "1 1/2 cups 1/2 inch",
    "10,000-foot 1.5-inch 1:2:3 .22 -5": "10,000-foot 1.5-inch 1:2:3 .22 -5",
    "10:30-11:00 6'2": "10:30 -11:00 6 2",
    "5pm": "5pm",
    "£5 €5": "# 5 $ 5",
    # letters, apostrophes and what is no word
    "AT&T at&t": "at&t at & t",
    "hawai'i graffiti'ed d'Angelo o'brien": "hawai'i graffiti'ed d'angelo o'brien",
    "dog'cat po'boy x'mas": "dog cat po boy x mas",
    "c'mon li'l ol' y'know 'cause": "c'mon li'l ol' y' know 'cause",
    "look!there what?now": "look!there what?now",
    "@home http://foo.com/bar <b>": "@home http://foo.com/bar <b>",
    "a dog\U0001f600 “both” ‘n’": "a dog both n",
}


@pytest.mark.parametrize("caption", PAIRS)
def test_gives_the_tokens_of_the_official_tokeniser(caption: str) -> None:
    assert " ".join(tokenise(caption)) == PAIRS[caption]


@pytest.mark.data
def test_agrees_with_the_official_tokeniser_on_real_captions(data: Path, tmp_path: Path) -> None:
    package = pytest.importorskip("pycocoevalcap.tokenizer.ptbtokenizer")
    if not shutil.which("java"):
        pytest.skip("the official tokeniser needs Java")
    coco = json.loads((data / "coco-val2017" / "captions_val2017.json").read_text())["annotations"]
    flickr = json.loads((data / "flickr8k" / "captions_flickr8k.json").read_text())["annotations"]
    captions = [" ".join(annotation["caption"].split()) for annotation in coco[::5] + flickr[::10]]
    # A line in between, for initials at the end of a caption are read with an eye on the beginning of the next.
    (tmp_path / "captions.txt").write_text("\nbetween\n".join(captions))
    command = ["java", "-Dfile.encoding=UTF-8", "-cp", package.STANFORD_CORENLP_3_4_1_JAR]
    done = subprocess.run(
        [*command, "edu.stanford.nlp.process.PTBTokenizer", "-preserveLines", "-lowerCase", tmp_path / "captions.txt"],
        cwd=Path(package.__file__).parent,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    official = [
        [word for word in line.split() if word not in package.PUNCTUATIONS] for line in done.stdout.split("\n")[::2]
    ]
    assert len(official) == len(captions)
    different = [c for c, tokens in zip(captions, official, strict=True) if tokenise(c) != tokens]
    assert not different
