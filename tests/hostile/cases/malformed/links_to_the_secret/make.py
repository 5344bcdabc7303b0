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
    notebook = written(folder / "submission", encoded(code(HONEST), code(PEEK)))
    submission = notebook.parent
    (submission / "link.txt").symlink_to(canary.folder / "secret.txt")
    (submission / "relative.txt").symlink_to(
        os.path.relpath(canary.folder / "secret.txt", submission)
    )
    (submission / "folder").symlink_to(canary.folder)
    (submission / "through.txt").symlink_to("folder/secret.txt")
    (submission / "process.txt").symlink_to(f"/proc/{canary.process.pid}/cmdline")
    return submission
