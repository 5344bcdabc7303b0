from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, NAME, written


def make(folder: Path, canary: Canary) -> Path:
    submission = folder / "submission.ipynb"
    written(submission, HONEST.encode(), "work.py")
    (submission / NAME).mkdir()
    (submission / "another.py").mkdir()
    (submission / "another.zip").mkdir()
    return submission
