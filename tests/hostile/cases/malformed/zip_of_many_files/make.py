from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import NAME, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    path = zipped(folder / "work.zip", [(NAME, encoded()), ("x" * 8, b"")])
    data = path.read_bytes()
    last, end = data.rindex(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    path.write_bytes(data[:end] + data[last:end] * 30_000 + data[end:])
    return path
