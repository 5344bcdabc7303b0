from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    marked = encoded(code(HONEST, metadata={"nbgrader": 7}))
    return written(folder, marked.replace(b"7", b"[" * 700 + b"]" * 700))
