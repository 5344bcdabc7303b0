from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded()).parent
    for number in range(20_001):
        (submission / f".{number}").touch()  # hidden, so that only the count is in the way
    return submission
