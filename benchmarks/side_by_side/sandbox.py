"""The outer sandbox: a small machine of its own for each run of a tool that has none itself.

bubblewrap makes it: the system, the interpreter and its packages can be read, everything else is
new and in memory, there is no network but its own loopback, and what happens there ends with it.
Nothing of the host can be written. In it the tool runs as an instructor does: an ordinary user
(never root), at home in /home/instructor, who owns the course, the gradebook and whatever else
lies there. What the tools may take (memory, processes, disk, time) is limited as on a small server;
`inside.py` is what watches it, and sees what was touched.

Our own judge runs in it as well, and makes its namespaces within.
"""

import base64
import itertools
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import autograder

HERE = Path(__file__).resolve().parent
HOME = Path("/home/instructor")
INSIDE = "/inside.py"
GIVEN = "/given"  # what is laid out in the home

MEMORY = 4 << 30  # above which the largest process is killed, as by a machine that has no more
DISK = 1 << 30
PROCESSES = 400
FILE_SIZE = 512 << 20
SECONDS = 120  # for the whole command: honest submissions take a tenth of it
GRACE = 60  # seconds more for laying out and looking

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/fonts")
USERS = itertools.count(61_000)  # a user for each run, as the kernel counts processes by user


@dataclass(frozen=True)
class Report:
    """What came of one run."""

    code: int | None  # None: it had to be ended
    log: str
    touched: tuple[str, ...]  # in words
    files: dict[str, bytes]  # what was to be collected: path in the home → content
    killed_for_memory: int = 0


def run(
    home: Path, command: Sequence[str], *, collect: Sequence[str], watch: Sequence[str]
) -> Report:
    """Copy `home` into a new machine and run `command` in its folder `course`.

    `collect` and `watch` are patterns of paths in the home: of what is brought back, and of what
    must stay as it is.
    """
    plan = {
        "given": GIVEN,
        "home": str(HOME),
        "command": command,
        "collect": collect,
        "watch": watch,
        "seconds": SECONDS,
        "memory": MEMORY,
    }
    with tempfile.TemporaryDirectory() as folder:
        etc = Path(folder)
        user = next(USERS) if os.geteuid() == 0 else os.geteuid()
        (etc / "passwd").write_text(f"instructor:x:{user}:{user}::{HOME}:/bin/sh\n")
        (etc / "hosts").write_text("127.0.0.1 localhost\n")
        make_readable(etc)
        try:
            done = subprocess.run(
                [*_bubblewrap(home, etc, user), *_limits(), *_inside()],
                input=json.dumps(plan),
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS + GRACE,
            )
        except subprocess.TimeoutExpired:
            return Report(None, "", ("nothing came out of the sandbox: it had to be ended",), {})
    if done.returncode or not done.stdout:
        log = done.stderr[-2000:]
        return Report(done.returncode, log, ("everything in the sandbox was killed",), {})
    return _report(json.loads(done.stdout))


def make_readable(folder: Path) -> None:
    """Let the instructor in the sandbox, another user, read what is in `folder`."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) | (0o755 if path.is_dir() else 0o644))


def _report(found: dict[str, Any]) -> Report:
    return Report(
        found["code"],
        found["log"],
        tuple(found["touched"]),
        {name: base64.b64decode(content) for name, content in found["files"].items()},
        found["killed_for_memory"],
    )


def _bubblewrap(home: Path, etc: Path, user: int) -> list[str]:
    bwrap = shutil.which("bwrap")
    assert bwrap is not None, "bubblewrap is not installed: `make sandbox`"
    arguments = [bwrap, "--die-with-parent", "--new-session", "--clearenv"]
    root = os.geteuid() == 0
    if root:  # without a user namespace: then the kernel lets our judge make one within
        arguments += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
        arguments += ["--cap-drop", "ALL"]
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"):  # gone with setpriv
            arguments += ["--cap-add", capability]
    else:
        arguments += ["--unshare-all"]
    for name, value in _environment().items():
        arguments += ["--setenv", name, value]
    for folder in map(Path, SYSTEM):
        if folder.is_symlink():
            arguments += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.is_dir():
            arguments += ["--ro-bind", str(folder), str(folder)]
    arguments += ["--dev", "/dev", "--proc", "/proc", "--perms", "0755", "--dir", "/etc"]
    for file in FILES:
        arguments += ["--ro-bind-try", file, file]
    for name in ("passwd", "hosts"):
        arguments += ["--ro-bind", str(etc / name), f"/etc/{name}"]
    for place in ("/tmp", "/home", "/dev/shm"):
        arguments += ["--perms", "1777", "--size", str(DISK), "--tmpfs", place]
    for folder in _python():
        arguments += [*_parents(folder), "--ro-bind", str(folder), str(folder)]
    arguments += ["--ro-bind", str(home), GIVEN, "--ro-bind", str(HERE / "inside.py"), INSIDE]
    arguments += ["--remount-ro", "/", "--chdir", "/tmp", "--"]
    if root:
        become = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups"]
        # A whole /proc, over the one that bubblewrap has covered parts of: see sandbox/jail.py.
        mount = ["sh", "-c", 'mount -t proc proc /proc && exec "$@"', "sh"]
        arguments += [*mount, *become, "--no-new-privs"]
    return arguments


def _environment() -> dict[str, str]:
    scripts = str(Path(sys.executable).parent)
    return {
        "PATH": f"{scripts}:/usr/bin:/bin",
        "HOME": str(HOME),
        "USER": "instructor",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _python() -> list[Path]:
    """The interpreter's folders, its packages', and ours where it is installed as an editable."""
    folders = [Path(name) for name in (sys.base_prefix, sys.prefix)]
    folders += [folder.resolve() for folder in folders]
    folders.append(Path(autograder.__file__).resolve().parent)
    around = [Path("/usr"), *folders]
    return [
        folder
        for folder in dict.fromkeys(folders)
        if not any(folder.is_relative_to(other) for other in around if other != folder)
    ]


def _parents(path: Path) -> list[str]:
    """bubblewrap makes missing parents only for itself: make each first, for everybody."""
    return [
        word
        for parent in list(path.parents)[-2::-1]
        if parent not in (Path("/tmp"), Path("/home"), Path("/usr"))
        for word in ("--perms", "0755", "--dir", str(parent))
    ]


def _limits() -> list[str]:
    return [
        "prlimit",
        f"--nproc={PROCESSES}",
        f"--fsize={FILE_SIZE}",
        f"--as={3 * MEMORY}",  # what the watch is too slow for
        "--core=0",
        "--nofile=4096",
    ]


def _inside() -> list[str]:
    return [sys.executable, "-I", INSIDE]
