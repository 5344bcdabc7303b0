import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    path = written(folder, encoded())
    os.truncate(path, 200 << 20)  # a hole: it costs the disk nothing
    return path
