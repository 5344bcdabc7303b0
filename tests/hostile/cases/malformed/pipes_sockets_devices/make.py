import contextlib
import os
import socket
import stat
from pathlib import Path

from tests.hostile.canary import Canary
from tests.hostile.handed_in import encoded, written


def make(folder: Path, canary: Canary) -> Path:
    submission = written(folder / "submission", encoded()).parent
    os.mkfifo(submission / "pipe.ipynb")
    os.mkfifo(submission / "data.csv")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(submission / "socket.txt"))
    with contextlib.suppress(PermissionError):  # only root makes devices, and not everywhere
        os.mknod(submission / "zero.bin", stat.S_IFCHR | 0o666, os.makedev(1, 5))
        os.mknod(submission / "console.py", stat.S_IFCHR | 0o666, os.makedev(5, 1))
    return submission
