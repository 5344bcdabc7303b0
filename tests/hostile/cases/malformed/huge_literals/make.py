"""Literals that cost the square of their length, or that are cheap to write and huge."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import BANNED, SKIP, code, encoded, written

N = 60_000

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
