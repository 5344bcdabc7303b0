import struct
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    path = zipped(folder / "work.zip", [(NAME, encoded()), ("data.bin", bytes(30 << 20))])
    data = path.read_bytes()
    start = data.index(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    last = data.rindex(b"PK\x01\x02")
    copies = [data[last:end].replace(b"data.bin", b"d%07d" % number) for number in range(900)]
    listed = data[start:end] + b"".join(copies)
    closing = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 902, 902, len(listed), start, 0)
    path.write_bytes(data[:start] + listed + closing)
    return path
