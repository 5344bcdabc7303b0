"""Brackets, operators, attributes, calls, conditions and blocks, each in a cell of its own."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import BANNED, SKIP, code, encoded, written

N = 100_000

DEEP = [
    "(" * N + ")" * N,
    "[" * 199 + "]" * 199,
    "{" * N,
    "-" * N + "1",
    "not " * (N // 4) + "1",
    "1" + "+1" * (N // 2),
    "lambda: " * (N // 8) + "1",
    "1 if 1 else " * (N // 12) + "1",
    "".join(" " * i + "if 1:\n" for i in range(99)) + " " * 99 + "pass",
    "conv2d = x" + ".x" * (N // 2),
    "x" + "()" * (N // 2),
    "f'" + "{" * N + "}" * N + "'",
]


def make(folder: Path, canary: Canary) -> Path:
    return written(folder, encoded(*map(code, [SKIP, *DEEP, BANNED])))
