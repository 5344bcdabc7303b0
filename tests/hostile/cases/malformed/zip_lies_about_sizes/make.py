"""Sizes that are wrong in one header, or in both."""

import struct
import zipfile
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    entries = [("large.csv", bytes(100 << 20)), ("small.csv", b"1,2"), (NAME, encoded())]
    path = zipped(folder / "work.zip", entries)
    with zipfile.ZipFile(path, "a") as archive:
        archive.getinfo("large.csv").file_size = 10
        archive.getinfo("small.csv").file_size = 0xFFFF_FFF0
        archive._didModify = True  # so that the headers at the end are written anew
    data = bytearray(path.read_bytes())
    struct.pack_into("<I", data, 22, 10)  # the size in the first header of all
    path.write_bytes(data)
    return path
