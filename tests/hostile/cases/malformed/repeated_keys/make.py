import json
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, encoded, written


def make(folder: Path, canary: Canary) -> Path:
    twice = b'"source": ' + json.dumps(GARBAGE).encode() + b', "metadata": {}'
    return written(folder, encoded().replace(b'"metadata": {}', twice, 1))
