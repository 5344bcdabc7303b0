import os
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, PEEK, code, encoded, written


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
