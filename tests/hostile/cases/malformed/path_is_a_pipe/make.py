import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME


def make(folder: Path, canary: Canary) -> Path:
    os.mkfifo(folder / NAME)
    return folder / NAME
