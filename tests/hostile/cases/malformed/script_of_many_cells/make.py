from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, written


def make(folder: Path, canary: Canary) -> Path:
    cells = "# %% [markdown]\n1\n" * 100_000
    return written(folder, f"{cells}# %%\n{HONEST}".encode(), "work.py")
