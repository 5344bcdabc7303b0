from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    digits = b"9" * 1_000_000
    numbers = b"[%s, -%s, 1e999999, NaN, -Infinity, 0.%s]" % (digits, digits, digits)
    return written(
        folder, encoded().replace(b'"execution_count": null', b'"execution_count": ' + numbers)
    )
