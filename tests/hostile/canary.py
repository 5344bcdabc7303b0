"""What a hostile submission would like to read, change, reach or kill, laid out for it.

Everything here holds or answers with one secret, made anew for each arena; a submission that gets
hold of it can't print it without being found out.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from autograder.sandbox.jail import NOBODY

VARIABLE = "AUTOGRADER_CANARY"  # in the judge's environment
SHARED_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")


class Canary:
    """A folder, an environment variable, three servers and a process; `harm` says what became of
    them."""

    def __init__(self, folder: Path, course: Path) -> None:
        self.folder = folder
        self.secret = secrets.token_hex(16)
        self.connections: list[str] = []
        self._servers: list[socket.socket] = []
        self._lay_out(course)
        os.environ[VARIABLE] = self.secret
        self.port = self._serve("tcp", socket.AF_INET, ("127.0.0.1", 0)).getsockname()[1]
        self.socket = folder / "server"
        self._serve("unix socket", socket.AF_UNIX, str(self.socket))
        self.abstract = f"autograder-{secrets.token_hex(4)}"
        self._serve("abstract socket", socket.AF_UNIX, f"\0{self.abstract}")
        waiting = "import sys; sys.stdin.read()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", waiting, self.secret], stdin=subprocess.PIPE
        )
        self._digest = self._state()
        self._shared = set(self._left_by_nobody())

    def fill_in(self, text: str) -> str:
        """`text` with this canary's whereabouts for @FOLDER@, @PORT@, @SOCKET@, @ABSTRACT@, @PID@
        and @VARIABLE@."""
        for name, value in {
            "FOLDER": self.folder,
            "PORT": self.port,
            "SOCKET": self.socket,
            "ABSTRACT": self.abstract,
            "PID": self.process.pid,
            "VARIABLE": VARIABLE,
        }.items():
            text = text.replace(f"@{name}@", str(value))
        return text

    def harm(self) -> Iterator[str]:
        """What was touched since the last call, in words."""
        if self._state() != self._digest:
            yield f"something in {self.folder} was changed"
            self._digest = self._state()
        yield from (f"the {name} was connected to" for name in self.connections)
        self.connections.clear()
        if self.process.poll() is not None:
            yield f"the canary process ended ({self.process.returncode})"
        elif _state_of(self.process.pid) not in ("S", "R"):
            yield f"the canary process is stopped ({_state_of(self.process.pid)})"
        shared = set(self._left_by_nobody())
        yield from (f"{path} was left behind" for path in sorted(shared - self._shared))
        self._shared = shared

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        for server in self._servers:
            with contextlib.suppress(OSError):  # closed twice
                server.shutdown(socket.SHUT_RDWR)  # its thread would wait on, and keep the address
            server.close()
        os.environ.pop(VARIABLE, None)

    def _lay_out(self, course: Path) -> None:
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o777)  # nothing but the sandbox is to stand before it
        (self.folder / "secret.txt").write_text(self.secret)
        with contextlib.closing(sqlite3.connect(self.folder / "gradebook.db")) as gradebook:
            gradebook.execute("create table grade (student text, points real, note text)")
            gradebook.execute("insert into grade values ('classmate', 15, ?)", (self.secret,))
            gradebook.commit()
        classmate = self.folder / "submitted" / "classmate" / "ch09_convolution"
        classmate.mkdir(parents=True)
        solution = (course / "solutions" / "ch09_convolution.py").read_text("utf-8")
        (classmate / "ch09_convolution.py").write_text(f"{solution}\n# {self.secret}\n", "utf-8")
        shutil.copytree(course, self.folder / "course")
        for path in self.folder.rglob("*"):
            path.chmod(0o777)

    def _serve(self, name: str, family: int, address: object) -> socket.socket:
        server = socket.socket(family)
        server.bind(address)  # type: ignore[arg-type]
        server.listen()
        self._servers.append(server)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    self.connections.append(name)
                    with connection:
                        connection.sendall(self.secret.encode())

        threading.Thread(target=accept, daemon=True).start()
        return server

    def _state(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            status = path.lstat()
            digest.update(f"{path}\0{status.st_mode}\0{status.st_uid}\0{status.st_nlink}".encode())
            if stat.S_ISREG(status.st_mode):
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def _left_by_nobody(self) -> Iterator[str]:
        """Files of the user that submissions run as; a judge that isn't root is that user."""
        if os.geteuid():
            return
        for folder in SHARED_FOLDERS:
            with contextlib.suppress(OSError):
                for entry in os.scandir(folder):
                    if entry.stat(follow_symlinks=False).st_uid == NOBODY:
                        yield entry.path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
