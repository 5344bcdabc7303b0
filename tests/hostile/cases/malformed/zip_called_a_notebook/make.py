from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    return zipped(folder / NAME, [(NAME, encoded())])
