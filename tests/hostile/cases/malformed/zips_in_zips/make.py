from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    name, data = NAME, encoded()
    for _ in range(100):
        path = zipped(folder / "work.zip", [(name, data)])
        name, data = "inner.zip", path.read_bytes()
    return path
