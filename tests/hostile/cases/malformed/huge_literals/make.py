"""Literals that cost the square of their length, or that are cheap to write and huge."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import code, encoded, written

N = 60_000

BANNED = """import torch.nn.functional as F


def conv2d(X, K, bias=None, stride=1, padding=0):
    return F.conv2d(X, K, bias, stride, padding)
"""

# In the worker they cost nothing: there the shell leaves them out.
SKIP = """shell = get_ipython()
run = shell.run_cell
shell.run_cell = lambda source, **more: run(source if len(source) < 2000 else "", **more)
"""

HUGE = [
    "1" * 1_000_000,
    "0x" + "f" * N,
    "1e" + "9" * N,
    "'''" + "a\n" * N + "'''",
    "f'" + "{1}" * (N // 3) + "'",
    "'" + "\\N{DIGIT ONE}" * 2000 + "'",
    "1," * N,
    "if False: a = 9 ** 9 ** 9 ** 9",
    "if False: a = 'a' * 10**12",
    "a = " + "'a' " * (N // 4),
    "#" * 1_000_000,
]


def make(folder: Path, canary: Canary) -> Path:
    return written(folder, encoded(*map(code, [SKIP, *HUGE, BANNED])))
