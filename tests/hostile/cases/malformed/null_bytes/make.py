from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    honest, end, rest = encoded().partition(b"}]")
    return written(folder, honest + end + b"\0" * 100_000 + rest)
