"""What a worker puts up round itself, decided once for a session by trying it.

The zygote prepares the filters of system calls and asks the kernel for Landlock, then sends a trial
worker through everything that a real one goes through. The trial looks round in there: what must
hold and doesn't means that this machine can't isolate; what this machine merely doesn't offer is
left out and named, with the reason, in every result.
"""

import json
import os
import resource
import signal
import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from autograder.sandbox import landlock, namespaces, syscalls
from autograder.sandbox.limits import Limits

RLIMITS, SECCOMP, LANDLOCK = "rlimits", "seccomp", "Landlock"
DEVICES = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console"}
EVERY_WALL = (
    "user, pid, mount, ipc, network and uts namespaces for each worker",
    "no capabilities",
    "no_new_privs",
    "read-only root",
    "device list",
    RLIMITS,
)
MAX_REPORT = 1 << 16


@dataclass(frozen=True)
class Walls:
    """What a jailed worker restricts itself with before it runs anything."""

    cuda: bool
    readable: Sequence[str] = ()  # what the jail holds, for Landlock
    devices: Sequence[str] = ()  # beside the usual ones
    filters: Sequence[bytes] = ()
    abi: int = 0  # of Landlock
    absent: dict[str, str] = field(default_factory=dict)  # layer → why there is none

    @classmethod
    def prepare(cls, *, cuda: bool, readable: Sequence[str], devices: Sequence[str]) -> "Walls":
        """Ask the libraries and the kernel what there is."""
        absent: dict[str, str] = {}
        filters: Sequence[bytes] = ()
        abi = 0
        try:
            filters = syscalls.build(cuda=cuda)
        except syscalls.NoFilter as error:
            absent[SECCOMP] = str(error)
        try:
            abi = landlock.version()
        except landlock.NoLandlock as error:
            absent[LANDLOCK] = str(error)
        return cls(cuda, readable, devices, filters, abi, absent)

    @property
    def optional(self) -> dict[str, Callable[[], None]]:
        """The layers that not every machine has, and how each is put up."""
        layers: dict[str, Callable[[], None]] = {}
        if self.abi:
            layers[LANDLOCK] = lambda: landlock.restrict(self.abi, self.readable, self.devices)
        if self.filters:
            layers[SECCOMP] = lambda: syscalls.refuse(self.filters)
        return layers

    def put_up(self, limits: Limits) -> None:
        """Restrict the calling process, which has no capabilities any more, and all below it."""
        namespaces.limit(limits, jailed=True, cuda=self.cuda)
        for put_up in self.optional.values():
            put_up()

    def tried(self) -> "Walls":
        """These walls without those that a trial worker couldn't put up; raises OSError when what
        must hold doesn't."""
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.close(reader)
            _try(self, writer)
        os.close(writer)
        with os.fdopen(reader, "rb") as report:
            found: dict[str, Any] = json.loads(report.read(MAX_REPORT) or '{"failed": "it died"}')
        if "failed" in found:
            raise OSError(found["failed"])
        absent = self.absent | found["absent"]
        return replace(
            self,
            absent=absent,
            filters=() if SECCOMP in absent else self.filters,
            abi=0 if LANDLOCK in absent else self.abi,
        )

    @property
    def layers(self) -> list[str]:
        """What stands, in words."""
        named = {SECCOMP: SECCOMP, LANDLOCK: f"{LANDLOCK} ABI {self.abi}"}
        return [*EVERY_WALL, *(named[layer] for layer in self.optional)]


def _try(walls: Walls, writer: int) -> NoReturn:
    """The trial worker: it goes the way of a worker, and says what it found."""
    report: dict[str, Any] = {"failed": "a worker on trial didn't come to its end"}
    limits = Limits()
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        namespaces.enter()
        namespaces.furnish(limits)
        namespaces.lock()
        if os.fork():  # as a warden
            os.wait()
            os._exit(0)
        namespaces.limit(limits, jailed=True, cuda=walls.cuda)
        absent: dict[str, str] = {}
        for layer, attempt in walls.optional.items():
            try:
                attempt()
            except OSError as error:
                absent[layer] = str(error)
        gaps = list(_gaps(limits, walls, absent))
        report = {"failed": "; ".join(gaps)} if gaps else {"absent": absent}
    except OSError as error:
        report = {"failed": str(error)}
    finally:
        os.write(writer, json.dumps(report).encode())
        os._exit(0)


def _gaps(limits: Limits, walls: Walls, absent: dict[str, str]) -> Iterator[str]:
    """What a worker can see that isn't as it must be."""
    status = dict(
        line.split(":\t", 1)
        for line in Path("/proc/self/status").read_text().splitlines()
        if ":\t" in line
    )
    if 0 in {*map(int, status["Uid"].split()), *map(int, status["Gid"].split())}:
        yield "a worker is root"
    if any(int(status[f"Cap{which}"], 16) for which in ("Inh", "Prm", "Eff", "Bnd", "Amb")):
        yield "a worker has capabilities"
    if status["NoNewPrivs"] != "1":
        yield "a worker can get new privileges"
    if status.get("Seccomp") != "2" and SECCOMP not in walls.absent | absent:
        yield "the filter of system calls isn't there"
    if os.getpid() != 2 or os.getppid() != 1:
        yield "a worker has no pid namespace of its own"
    if [name for _, name in socket.if_nameindex()] != ["lo"]:
        yield "a worker has a network"
    if Path("/proc/sys/user/max_user_namespaces").read_text() != "0\n":
        yield "a worker can make further namespaces"
    for folder in ("/", "/usr", "/dev", "/proc"):
        if not os.statvfs(folder).f_flag & os.ST_RDONLY and os.access(folder, os.W_OK):
            yield f"a worker can write to {folder}"
    nodes = {node.name for node in os.scandir("/dev") if _is_device(node)}
    if strange := nodes - DEVICES - {os.path.basename(path) for path in walls.devices}:
        yield f"a worker sees devices: {', '.join(sorted(strange))}"
    if not 0 <= resource.getrlimit(resource.RLIMIT_FSIZE)[1] <= limits.file_size:
        yield "limits of resources don't hold"


def _is_device(node: os.DirEntry[str]) -> bool:
    mode = node.stat(follow_symlinks=False).st_mode
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode)
