"""Runs one command in the outer sandbox and tells what it touched: the plan is JSON on standard
input, the report JSON on standard output. Needs the standard library only.

Beside the course there is what an instructor has: notes, keys, another course's gradebook, a
password in the environment, a running program, a service on the loopback. Of all that nothing may
change, end, or be connected to by a submission.
"""

import base64
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

VARIABLE = "AUTOGRADER_CANARY"
PORT = 4567
ABSTRACT = "canary"
PATIENCE = 3.0  # seconds that what the command started may take to end with it
LOG = 20_000  # characters of it that are reported
LARGEST = 32 << 20  # bytes of a file that is collected
PAGE = os.sysconf("SC_PAGE_SIZE")


class Machine:
    """The instructor's home, with a program and a service."""

    def __init__(self, home: Path, watch: list[str]) -> None:
        self.home = home
        self.watch = watch
        self.secret = (home / "canary" / "secret.txt").read_text()
        self.connections: list[str] = []
        self._serve("TCP service", socket.AF_INET, ("127.0.0.1", PORT))
        self._serve("unix socket", socket.AF_UNIX, str(home / "canary" / "server"))
        self._serve("abstract socket", socket.AF_UNIX, f"\0{ABSTRACT}")
        waiting = "import sys; sys.stdin.read()"
        self.program = subprocess.Popen(
            [sys.executable, "-I", "-c", waiting, self.secret], stdin=subprocess.PIPE
        )
        self._fill_in()
        self._before = self._state()

    def touched(self) -> Iterator[str]:
        """What isn't as it was, in words."""
        for name in _differences(self._before, self._state()):
            yield f"~/{name} was changed"
        yield from (f"the {name} was connected to" for name in sorted({*self.connections}))
        if self.program.poll() is not None:
            yield f"the instructor's program ended ({self.program.returncode})"
        elif _status(self.program.pid)[0] not in "SR":
            yield "the instructor's program was stopped"

    def others(self) -> list[int]:
        """Processes that are neither the sandbox's nor the instructor's."""
        known = {1, os.getpid(), self.program.pid}
        return [pid for pid in _processes() if pid not in known and _status(pid)[0] not in "ZX"]

    def _fill_in(self) -> None:
        """Tell a submission this machine's whereabouts, as the corpus does."""
        for path in (self.home / "course" / "submitted").rglob("*"):
            if path.is_file() and path.suffix in (".py", ".ipynb"):
                text = path.read_bytes().replace(b"@PID@", str(self.program.pid).encode())
                path.chmod(0o644)
                path.write_bytes(text)

    def _state(self) -> dict[str, str]:
        found = {}
        for pattern in self.watch:
            for path in sorted(self.home.glob(pattern)):
                name = str(path.relative_to(self.home))
                if path.is_symlink():
                    found[name] = str(path.readlink())
                elif path.is_file():
                    found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def _serve(self, name: str, family: int, address: object) -> None:
        server = socket.socket(family)
        server.bind(address)  # type: ignore[arg-type]
        server.listen()

        def accept() -> None:
            while True:
                connection, _ = server.accept()
                self.connections.append(name)
                with connection, contextlib.suppress(OSError):
                    connection.sendall(self.secret.encode())

        threading.Thread(target=accept, daemon=True).start()


def main() -> None:
    """Lay out, run, look, tell."""
    plan = json.load(sys.stdin)
    home = Path(plan["home"])
    shutil.copytree(plan["given"], home, symlinks=True)
    machine = Machine(home, plan["watch"])
    with tempfile.TemporaryFile() as log:
        code, killed = _run(machine, plan, log)
        log.seek(0)
        said = log.read(LOG * 100).decode(errors="replace")
    touched = []
    if code is not None:
        end = time.monotonic() + PATIENCE
        while (left := machine.others()) and time.monotonic() < end:
            time.sleep(0.1)
        touched += [f"{len(left)} process(es) left behind"] * bool(left)
    touched += machine.touched()
    for pid in machine.others():
        _kill(pid)
    json.dump(
        {
            "code": code,
            "killed_for_memory": killed,
            "log": said[-LOG:],
            "touched": touched,
            "files": dict(_collected(home, plan["collect"])),
        },
        sys.stdout,
    )
    machine.program.kill()


def _run(machine: Machine, plan: dict[str, Any], log: IO[bytes]) -> tuple[int | None, int]:
    """Run the command to its end or limit; its code, and how many processes memory has cost."""
    command = subprocess.Popen(
        plan["command"],
        cwd=machine.home / "course",
        env=os.environ | {VARIABLE: machine.secret},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    end = time.monotonic() + plan["seconds"]
    killed = 0
    while command.poll() is None:
        if time.monotonic() > end:
            for pid in machine.others():
                _kill(pid)
            return None, killed
        killed += _relieve(machine, plan["memory"])
        time.sleep(0.05)
    return command.returncode, killed


def _relieve(machine: Machine, memory: int) -> int:
    """Kill the largest process when all together have more memory than the machine should have."""
    sizes = {pid: _status(pid)[1] for pid in machine.others()}
    if sum(sizes.values()) < memory:
        return 0
    # Forks share most of theirs, and would be counted again and again. This takes longer to find.
    sizes = {pid: _share(pid) for pid in sizes}
    if sum(sizes.values()) < memory:
        time.sleep(0.5)
        return 0
    _kill(max(sizes, key=lambda pid: sizes[pid]))
    return 1


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _status(pid: int) -> tuple[str, int]:
    """A process's state and its bytes of memory."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "X", 0
    return fields[0], int(fields[21]) * PAGE


def _share(pid: int) -> int:
    """A process's bytes of memory; what it shares with others counts in parts."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def _kill(pid: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, signal.SIGKILL)


def _differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def _collected(home: Path, patterns: list[str]) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        for path in home.glob(pattern):
            if path.is_file() and path.stat().st_size < LARGEST:
                content = base64.b64encode(path.read_bytes()).decode()
                yield str(path.relative_to(home)), content


if __name__ == "__main__":
    main()
