from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, written


def make(folder: Path, canary: Canary) -> Path:
    nothing = bytes(1_000_000)
    return written(folder, nothing + HONEST.encode() + nothing, "ch09_convolution.py")
