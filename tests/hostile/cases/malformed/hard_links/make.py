import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, PEEK, code, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded(code(HONEST), code(PEEK))).parent
    theirs = written(folder, canary.secret.encode(), "theirs.txt")
    os.link(theirs, submission / "data.txt")
    os.link(theirs, submission / "module.py")
    return submission
