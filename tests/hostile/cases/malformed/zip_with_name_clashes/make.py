import warnings
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import GARBAGE, NAME, code, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    garbled, honest = encoded(code(GARBAGE)), encoded()
    entries = [(NAME, garbled), (NAME, honest), (f"./{NAME}", honest)]
    entries += [("data", b""), ("data/inner.txt", b""), ("e\u0301.txt", b""), ("\xe9.txt", b"")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's, about names given twice
        return zipped(folder / "work.zip", entries)
