import stat
from pathlib import Path
from zipfile import ZipInfo

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST, NAME, PEEK, code, encoded, zipped


def make(folder: Path, canary: Canary) -> Path:
    entries: list[tuple[str | ZipInfo, bytes]] = [(NAME, encoded(code(HONEST), code(PEEK)))]
    for number, kind in enumerate((stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK)):
        link = ZipInfo(f"data{number}.txt")
        link.create_system = 3  # Unix
        link.external_attr = (kind | 0o777) << 16
        entries.append((link, f"{canary.folder}/secret.txt".encode()))
    through = ZipInfo("data0.txt/secret.txt")  # a file in what was unpacked as a link
    return zipped(folder / "work.zip", [*entries, (through, b"gone wrong")])
