"""The XML of one line of IAM-OnDB; only read."""

from __future__ import annotations

import numpy as np

from handwriting.formats.checks import joined
from handwriting.iam import read_strokes
from handwriting.page import Page
from handwriting.strokes import MM_PER_UNIT


def read(content: bytes) -> list[Page]:
    """The line, on a page of its own.

    Raises:
        UserError: for what is no such XML.
    """
    return [Page.around(joined([np.array(stroke) * MM_PER_UNIT for stroke in read_strokes(content)]))]
