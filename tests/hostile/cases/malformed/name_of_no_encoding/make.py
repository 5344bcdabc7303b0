import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    return written(folder, encoded(), os.fsdecode(b"\xff\xfe\x80" * 83 + b".ipynb"))
