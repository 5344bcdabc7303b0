from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    name = "-rf\n\x1b]0;owned\x07\x1b[2J\r[red]{0}%s\u202egnp.$(reboot)<b>.ipynb"
    return written(folder, encoded(), name)
