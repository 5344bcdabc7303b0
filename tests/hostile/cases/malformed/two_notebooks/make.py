from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, code, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    looks_alike = "ch09_c\u043envolution.ipynb"
    return zipped(
        folder / "work.zip",
        [("work.ipynb", encoded(code(GARBAGE))), (looks_alike, encoded())],
    )
