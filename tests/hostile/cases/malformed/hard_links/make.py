import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, code, encoded, written

# Prints what lies in the files beside it: a secret, if a link was followed.
PEEK = """
import pathlib

for path in pathlib.Path(".").rglob("*"):
    try:
        print(path, path.read_text())
    except (OSError, ValueError) as error:
        print(path, error)
"""


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded(code(HONEST), code(PEEK))).parent
    theirs = written(folder, canary.secret.encode(), "theirs.txt")
    os.link(theirs, submission / "data.txt")
    os.link(theirs, submission / "module.py")
    return submission
