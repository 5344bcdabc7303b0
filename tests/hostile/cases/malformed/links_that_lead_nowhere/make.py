from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded()).parent
    (submission / "dangling.txt").symlink_to("nowhere/at/all")
    (submission / "loop").symlink_to("loop")
    (submission / "there").symlink_to("back")
    (submission / "back").symlink_to("there")
    (submission / "myself").symlink_to(".")
    (submission / "data").mkdir()
    (submission / "data" / "above").symlink_to("../..")
    return submission
