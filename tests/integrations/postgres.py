"""A PostgreSQL server of a test's own: a cluster in a temporary folder, reached by its socket."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

USERS = ("postgres", "nobody")  # it doesn't run as root


def binaries() -> Path | None:
    """Where the newest installed server is."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    versions = sorted(debian, key=lambda path: int(path.parent.parent.name))
    return versions[-1].parent if versions else None


@contextmanager
def server(commands: Path) -> Iterator[str]:
    """The URL of an empty database, as long as it runs."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    user = _user(folder)
    try:
        run = [*user, commands / "initdb", "--auth=trust", "--username=grader", "-D", data]
        _run(run, folder)
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        pg_ctl = [*user, commands / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        _run([*pg_ctl, "-o", options, "start"], folder)
        try:
            to = ["-h", folder, "-U", "grader", "gradebook"]
            _run([commands / "createdb", *to], folder)
            yield f"postgresql+psycopg://grader@/gradebook?host={folder}"
        finally:
            _run([*pg_ctl, "-m", "immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder)


def _user(folder: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    name = next(user for user in USERS if user in known)
    shutil.chown(folder, name)
    return ["runuser", "-u", name, "--"]


def _run(words: Sequence[str | Path], folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()
