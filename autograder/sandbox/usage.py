"""What a worker uses, read from outside, where it can't be forged."""

import contextlib
import os
import signal
import time
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
KILL_ROUNDS = 50


def cpu_time(pid: int) -> float:
    """CPU seconds of process `pid` with all its threads, to the nanosecond; 0.0 when it is gone."""
    try:
        return time.clock_gettime(
            (~pid << 3) | 2
        )  # CPUCLOCK_SCHED of a process, see clock_getcpuclockid(3)
    except OSError:
        return 0.0


def queue_time(pid: int) -> float:
    """Seconds that the main thread of `pid` could have run but had no processor."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def descendants(root: int) -> list[int]:
    """Every living process below `root`."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = _stat(int(name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(name))
    found: list[int] = []
    queue = [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def tree_cpu_time(pids: list[int]) -> float:
    """CPU seconds of processes, and of the children that they have waited for."""
    total = 0.0
    for pid in pids:
        fields = _stat(pid)
        if fields:
            total += sum(int(field) for field in fields[11:15]) / TICK
    return total


def ended_children_cpu_time(pid: int) -> float:
    """CPU seconds of the children that `pid` has waited for."""
    fields = _stat(pid)
    return sum(int(field) for field in fields[13:15]) / TICK if fields else 0.0


def kill_descendants(root: int) -> None:
    """Kill every process below `root`, as far as they can be found: one may be forking still."""
    for _ in range(KILL_ROUNDS):
        found = [pid for pid in descendants(root) if _stat(pid)[:1] != ["Z"]]
        if not found:
            return
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def resident(pid: int) -> int:
    """Bytes of `pid` in memory."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError, ValueError):
        return 0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name: state, parent…"""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
