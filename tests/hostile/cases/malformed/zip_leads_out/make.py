from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    secret = f"{canary.folder}/secret.txt"
    names = [
        secret,
        "../" * 20 + secret[1:],
        "x/../../y.txt",
        "C:\\y.txt",
        "..\\..\\y.txt",
        "~/y.txt",
    ]
    names += ["./" * 3 + "/y.txt", "data/.././../y.txt"]
    entries = [(name, b"gone wrong") for name in names]
    return zipped(folder / "work.zip", [(NAME, encoded()), *entries])
