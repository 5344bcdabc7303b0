from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    cell = b'{"cell_type":"code","source":"1"},'
    return written(folder, encoded().replace(b'"cells": [', b'"cells": [' + cell * 1_000_000))
