import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME


def make(folder: Path, canary: Canary) -> Path:
    student = folder / "class" / "student"
    student.mkdir(parents=True)
    os.mkfifo(student / NAME)
    return folder / "class"
