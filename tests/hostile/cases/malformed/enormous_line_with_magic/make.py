"""IPython reads a cell with a magic anew, by Python's own slow tokenizer."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import code, encoded, written

BANNED = """import torch.nn.functional as F


def conv2d(X, K, bias=None, stride=1, padding=0):
    return F.conv2d(X, K, bias, stride, padding)
"""

# In the worker they cost nothing: there the shell leaves them out.
SKIP = """shell = get_ipython()
run = shell.run_cell
shell.run_cell = lambda source, **more: run(source if len(source) < 2000 else "", **more)
"""


def make(folder: Path, canary: Canary) -> Path:
    blanks = "%matplotlib inline\na" + " " * 100_000 + "$"
    quotes = "%matplotlib inline\n" + "\\'" * 60_000
    return written(folder, encoded(code(SKIP), code(blanks), code(quotes), code(BANNED)))
