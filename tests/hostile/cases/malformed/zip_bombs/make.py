import struct
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    zeros = bytes(33 << 20)
    path = zipped(folder / "work.zip", [(NAME, encoded()), ("big.bin", zeros), ("lie.bin", zeros)])
    data = path.read_bytes()
    place = data.rindex(b"lie.bin") - 22  # the unpacked size in the zip's directory
    path.write_bytes(data[:place] + struct.pack("<I", 10) + data[place + 4 :])
    return path
