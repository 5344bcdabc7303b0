from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    return written(
        folder, encoded(code("x = '\0'"), code("y = '\ud800'"), code(f"# \0\udfff\n{HONEST}"))
    )
