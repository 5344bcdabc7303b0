import zipfile
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded


def make(folder: Path, canary: Canary) -> Path:
    path = folder / "work.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(NAME, encoded())
        archive.writestr("a.csv", bytes(20 << 20), zipfile.ZIP_BZIP2)
        archive.writestr("b.csv", bytes(20 << 20), zipfile.ZIP_LZMA)
    return path
