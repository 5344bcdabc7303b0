from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded()).parent
    (submission / "zero.txt").symlink_to("/dev/zero")
    (submission / "zero.ipynb").symlink_to("/dev/zero")
    (submission / "tty.txt").symlink_to("/dev/tty")
    (submission / "input.txt").symlink_to("/dev/stdin")
    return submission
