from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    honest, _, rest = encoded().partition(b"]" + b', "metadata": {}, "nbformat"')
    return written(folder, honest + b",{}" * 500_000 + b'], "metadata": {}, "nbformat"' + rest)
