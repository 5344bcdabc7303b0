"""IPython reads a cell with a magic anew, by Python's own slow tokenizer."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import BANNED, SKIP, code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    blanks = "%matplotlib inline\na" + " " * 100_000 + "$"
    quotes = "%matplotlib inline\n" + "\\'" * 60_000
    return written(folder, encoded(code(SKIP), code(blanks), code(quotes), code(BANNED)))
