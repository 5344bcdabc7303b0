from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    bad = b"# \xff\xfe \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80\\n"
    return written(folder, encoded().replace(b"import torch", bad + b"import torch", 1))
