import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded()).parent
    here = os.open(submission, os.O_DIRECTORY)
    for _ in range(100):
        os.mkdir("x" * 200, dir_fd=here)
        inner = os.open("x" * 200, os.O_DIRECTORY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    return submission
