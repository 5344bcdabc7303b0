from pathlib import Path

from tests.hostile.canary import Canary


def make(folder: Path, canary: Canary) -> Path:
    name = "ch09_convolution.py"
    student = folder / "class" / "student"
    student.mkdir(parents=True)
    classmate = canary.folder / "submitted" / "classmate" / "ch09_convolution"
    (student / name).symlink_to(classmate / name)
    return folder / "class"
