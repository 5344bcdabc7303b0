"""What a command costs, with everything that it starts.

CPU time is read from a control group in which the command runs: what a parent has waited for
wouldn't do, since the judge's zygote waits for no worker. Of what is killed with a run nothing is
left behind: orphans become this process's children, and are waited for.
"""

import contextlib
import ctypes
import math
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.places import CPU, Place, find_places
from autograder.sandbox.usage import descendants

PR_SET_CHILD_SUBREAPER = 36
ENTER = 'echo $$ > "$0" && exec "$@"'
LOOK = 0.2  # seconds between two looks at the memory
LONGEST = 1800.0
LOG = "log.txt"


@dataclass(frozen=True)
class Cost:
    """Seconds (NaN for the CPU's where there are no control groups), and bytes that were seen."""

    wall: float
    cpu: float
    peak: int = 0


class Clock:
    """A control group, and below it one to run a command in: the judge makes its own beside that,
    as it does wherever it is started."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._folder = place.folder / f"benchmark-{os.getpid()}"
        self._inner = self._folder / "command"
        self._folder.mkdir()
        place.open(self._folder)
        self._inner.mkdir()

    def inside(self, command: Sequence[str]) -> list[str]:
        """A command that runs in the group."""
        return ["sh", "-c", ENTER, str(self._inner / "cgroup.procs"), *command]

    def read(self) -> float:
        """CPU seconds until now."""
        return self._place.cpu_time(self._folder)

    def close(self) -> None:
        """Remove both groups, and below them what judging processes leave to the next judge."""
        for folder, _, _ in os.walk(self._folder, topdown=False):
            Path(folder).rmdir()


def cost(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    *,
    fine: Sequence[int] = (0,),
    memory: bool = False,
) -> Cost:
    """Run `command` in `folder` to its end, which must be one of the exit codes `fine`.

    Looking at `memory` takes time, which is in the seconds then: measure them in another run.
    """
    clock = next((Clock(place) for place in find_places()[0] if CPU in place.offers), None)
    began = time.monotonic()
    process = start(clock.inside(command) if clock else command, folder, environment)
    with _watching(process.pid) if memory else contextlib.nullcontext([0]) as peak:
        code = process.wait(LONGEST)
        wall = time.monotonic() - began
    reap()
    cpu = math.nan
    if clock:
        cpu = clock.read()
        clock.close()
    if code not in fine:
        said = (folder / LOG).read_text("utf-8", "replace")[-4000:]
        raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{said}")
    return Cost(wall, cpu, peak[0])


def start(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """A process whose output goes to a file, and whose orphans become this process's."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with (folder / LOG).open("wb") as log:
        return subprocess.Popen(
            [*command],
            cwd=folder,
            env={**environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def reap() -> None:
    """Wait for all that a process has left behind."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


@contextlib.contextmanager
def _watching(pid: int) -> Iterator[list[int]]:
    """The most memory that a process and all below it have had together; a page that several have
    counts in parts."""
    peak = [0]
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK):
            shares = (memory_of(each, "Pss:") for each in [pid, *descendants(pid)])
            peak[0] = max(peak[0], sum(shares))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()


def memory_of(pid: int, kind: str) -> int:
    """Bytes of lines that begin with `kind` in smaps_rollup; 0 for a process that is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(kind))
