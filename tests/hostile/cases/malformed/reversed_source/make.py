from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    shown = "return (X[i : i + h, j : j + w] * K).sum()"
    line = f"# \u202e{shown[::-1]}\u202c\n    return X.new_zeros"
    return written(folder, encoded(code(GARBAGE.replace("return X.new_zeros", line))))
