from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    nested = b"[" * 100_000 + b"]" * 100_000
    return written(
        folder, encoded().replace(b'"nbformat":', b'"more": ' + nested + b', "nbformat":')
    )
