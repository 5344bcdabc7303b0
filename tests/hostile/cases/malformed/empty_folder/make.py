from pathlib import Path

from tests.hostile.canary import Canary


def make(folder: Path, canary: Canary) -> Path:
    submission = folder / "submission"
    submission.mkdir()
    return submission
