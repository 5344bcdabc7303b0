"""Before Python 3.12 tokenize takes the square of a line's length."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, written


def make(folder: Path, canary: Canary) -> Path:
    lines = ["a" + " " * 500_000 + "$", "\\'" * 200_000, "'''a'''"]
    cells = "\n# %% [markdown]\n".join([HONEST, *lines])
    return written(folder, cells.encode(), "ch09_convolution.py")
