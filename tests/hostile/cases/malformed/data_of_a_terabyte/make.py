import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded()).parent
    for number in range(6):  # all that is read of them together is limited, too
        path = written(submission, b"1,2", f"data{number}.csv")
        os.truncate(path, 31 << 20 if number else 1 << 40)
    return submission
