"""A wrong answer as Python, a solution as a zip, whose bytes are a text there."""

from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, HONEST, NAME, encoded, written, zipped


def make(folder: Path, canary: Canary) -> Path:
    packed = zipped(folder / "a.zip", [(NAME, encoded()), ("ch09.py", HONEST.encode())])
    text = f"{GARBAGE}\n# %%\nr'''".encode() + packed.read_bytes() + b"'''\n"
    return written(folder, text, "ch09_convolution.py")
