import io
import tarfile
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import HONEST


def make(folder: Path, canary: Canary) -> Path:
    path = folder / "ch09_convolution.zip"
    with tarfile.open(path, "w:gz") as archive:
        link = tarfile.TarInfo("out")
        link.type, link.linkname = tarfile.SYMTYPE, str(canary.folder)
        archive.addfile(link)
        for name in ("ch09_convolution.py", "out/secret.txt", f"{canary.folder}/owned"):
            member = tarfile.TarInfo(name)
            member.size = len(HONEST)
            archive.addfile(member, io.BytesIO(HONEST.encode()))
    return path
