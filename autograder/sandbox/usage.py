"""What a worker uses, read from outside, where it can't be forged."""

import contextlib
import ctypes
import os
import re
import signal
import time
from collections.abc import Collection
from functools import cache
from pathlib import Path

RESIDENT = re.compile(r"^(?:RssAnon|RssShmem|VmPTE):\s*(\d+) kB", re.MULTILINE)
TICK = os.sysconf("SC_CLK_TCK")
KILL_ROUNDS = 50
MAX_GPU_PROCESSES = 1024
UNKNOWN_GPU_MEMORY = 2**64 - 1


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


class _GpuProcess(ctypes.Structure):
    _fields_ = (
        ("pid", ctypes.c_uint),
        ("used", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    )


@cache
def _nvml() -> ctypes.CDLL | None:
    """NVIDIA's management library, where there is one."""
    try:
        library = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return None
    return library if library.nvmlInit_v2() == 0 else None


def gpu_memory(pids: Collection[int]) -> int:
    """Bytes that processes hold on all GPUs together, as the driver counts them; 0 without one."""
    library = _nvml()
    if library is None:
        return 0
    count = ctypes.c_uint()
    library.nvmlDeviceGetCount_v2(ctypes.byref(count))
    total = 0
    for index in range(count.value):
        device = ctypes.c_void_p()
        if library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(device)):
            continue
        found = ctypes.c_uint(MAX_GPU_PROCESSES)
        processes = (_GpuProcess * MAX_GPU_PROCESSES)()
        ask = library.nvmlDeviceGetComputeRunningProcesses_v3
        if ask(device, ctypes.byref(found), processes):
            continue
        for process in processes[: found.value]:
            if process.pid in pids and process.used != UNKNOWN_GPU_MEMORY:
                total += process.used
    return total


def resident(pid: int) -> int:
    """Bytes of `pid` in memory, page tables included, but for what the machine can read from files
    again: a worker comes to use more and more of the libraries, which is none of its doing."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return 0
    return sum(int(size) << 10 for size in RESIDENT.findall(status))


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the command's name: state, parent…"""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
