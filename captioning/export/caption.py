"""Captions photos with an exported captioner: numpy, Pillow and onnxruntime, and nothing else.

    python caption.py photo.jpg ...

It lies beside encoder.onnx, look.onnx, step.onnx and config.json, and is an example to build on. The search is the one that the
network was made with: a beam, ranked by log p / (words + 1)^0.7.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

NEVER = -np.inf


class Captioner:
    """The three graphs in a folder.

    Args:
        folder: where they lie.
        threads: how many compute; 0 takes one for each core.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.config = json.loads((folder / "config.json").read_text())
        self.sessions = {
            graph: onnxruntime.InferenceSession(folder / f"{graph}.onnx", options, providers=["CPUExecutionProvider"])
            for graph in self.config["graphs"]
        }
        vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
        self.tokens = {number: token for token, number in vocabulary.items()}

    def run(self, graph: str, **inputs: np.ndarray) -> dict[str, np.ndarray]:
        """What one graph makes of its inputs, by name."""
        session = self.sessions[graph]
        return dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs), strict=True))

    def load(self, photo: Path) -> np.ndarray:
        """A photo as the encoder wants it: uint8 [1, 3, size, size], upright, RGB, on white where it is transparent."""
        size = self.config["preprocessing"]["size"]
        with Image.open(photo) as opened:
            opened.draft("RGB", (2 * size, 2 * size))  # spares the decoding of a JPEG's detail that nobody will see
            image = ImageOps.exif_transpose(opened)
        if image.has_transparency_data:
            image = image.convert("RGBA")
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("RGB")
        if self.config["preprocessing"]["fit"] == "crop":
            image = ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
        else:
            image = image.resize((size, size), Image.Resampling.BILINEAR)
        return np.asarray(image).transpose(2, 0, 1)[None]

    def caption(self, pixels: np.ndarray, beam: int = 3, maximum: int = 24, length_power: float = 0.7) -> str:
        """The best sentence for one photo; a beam of 1 is greedy."""
        special = self.config["tokens"]
        unsaid = [special[name] for name in ("pad", "start", "unknown")]
        found = self.run("look", grid=self.run("encoder", pixels=pixels)["grid"])
        words, log_probs = np.array([[special["start"]]]), np.zeros(1)
        said: list[list[int]] = [[]]
        best: list[int] = []
        best_score = NEVER
        for length in range(maximum + 1):
            out = self.run("step", words=words, **found)
            after = out["log_probs"][0].astype(np.float64)
            after[:, unsaid] = NEVER
            norm = (length + 1) ** length_power
            ends = (log_probs + after[:, special["end"]]) / norm
            if length and ends.max() > best_score:
                best, best_score = said[ends.argmax()], ends.max()
            if length and log_probs.max() / norm <= best_score:
                break  # no unfinished caption scores as well
            after[:, special["end"]] = NEVER
            scores = (log_probs[:, None] + after).ravel()
            chosen = np.argsort(-scores, kind="stable")[:beam]
            rows, picked = np.divmod(chosen, after.shape[1])
            log_probs, words = scores[chosen], picked[None]
            said = [[*said[row], word] for row, word in zip(rows.tolist(), picked.tolist(), strict=True)]
            # Each caption goes on from the state of the one that it continues; what is known of the photo stays.
            found |= {name: out[f"next_{name}"][:, rows] for name in self.config["state"]}
        return self.text(best)

    def text(self, numbers: list[int]) -> str:
        """The sentence of these tokens; one that begins with the sign for it goes on with the word before."""
        inside: str = self.config["tokens"]["inside"]
        sentence = " ".join(self.tokens[number] for number in numbers)
        return sentence.replace(f" {inside}", "").removeprefix(inside)


def main(photos: list[str]) -> None:
    captioner = Captioner(Path(__file__).parent)
    for photo in photos:
        print(photo, captioner.caption(captioner.load(Path(photo))), sep="\t")


if __name__ == "__main__":
    main(sys.argv[1:])
