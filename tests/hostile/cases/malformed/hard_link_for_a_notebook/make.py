import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    theirs = written(folder / "class" / "classmate", encoded())
    student = folder / "student"
    student.mkdir()
    os.link(theirs, student / NAME)
    return student
