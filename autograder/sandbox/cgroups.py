"""A control group for each worker, where this machine lets the judge make one: limits and a clock
that hold for everything that the worker starts, whatever it does to be overlooked.

    FOLDER/autograder-PID-…         the judge's own, locked (flock) as long as it lives
    FOLDER/autograder-PID-…/1       a worker's; later ones use it again, for the kernel remembers a
                                    group until the last page that was charged to it is gone

FOLDER is found in places.py; there is one for each hierarchy. The warden is brought into its group
before it forks, so that nothing of a worker was ever outside. The limits are a net below those that
a process feels itself, and wide enough never to be met by what those allow. Groups of a judge that
was killed are removed when the next one starts or ends.
"""

import fcntl
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.errors import SandboxError
from autograder.sandbox.limits import Limits
from autograder.sandbox.places import CPU, EVERY_OFFER, MEMORY, Place, find_places, write

PREFIX = "autograder-"
SYSTEM = (
    64 << 20
)  # bytes that the kernel may hold for a worker: page tables, stacks, sockets, pipes
CUDA = 4 << 30  # bytes of this machine's memory that the driver and its libraries may take
WARDENS = 2  # processes of a group beside those that a worker may have
ROUNDS, PAUSE = 200, 0.005  # looks at a group whose processes are being killed, seconds between


class Groups:
    """The groups of one judge. `close` removes them."""

    def __init__(self, places: Iterable[Place], absent: Mapping[str, str]) -> None:
        """Groups below these places; `absent`: what there is no place for, and why."""
        self._absent = dict(absent)
        self._parents: dict[Place, tuple[Path, int]] = {}
        self._idle: list[Group] = []
        self._made = 0
        self._process = os.getpid()
        for place in places:
            try:
                _remove_stale(place.folder)
                self._parents[place] = _make_parent(place)
            except OSError as error:
                self._give_up(place, error)
        self._try_out()

    @classmethod
    def here(cls) -> "Groups":
        """Those that this process may make."""
        return cls(*find_places())

    @property
    def absent(self) -> str:
        """What can't be had, with the reasons; empty when nothing is missing."""
        whys = dict.fromkeys(self._absent.values())
        return "; ".join(
            f"{', '.join(offer for offer in EVERY_OFFER if self._absent.get(offer) == why)}: {why}"
            for why in whys
        )

    @property
    def offers(self) -> list[str]:
        """What the groups limit or measure, in words."""
        found = {offer for place in self._parents for offer in place.offers}
        return [offer for offer in EVERY_OFFER if offer in found]

    def take(self, limits: Limits, slack: int, *, cuda: bool) -> "Group | None":
        """An empty group for a worker that may use `slack` more memory than its limits say; None
        where this machine has none. Raises SandboxError when there should be one."""
        if not self._parents:
            return None
        memory = limits.memory + slack + 2 * limits.disk + SYSTEM + (CUDA if cuda else 0)
        while True:
            used_before = bool(self._idle)
            try:
                group = self._idle.pop() if used_before else self._make()
                group.prepare(memory, limits.processes + WARDENS)
                return group
            except OSError as error:  # the old one may hold more than it may hold now
                if not used_before:
                    raise SandboxError(f"a worker gets no control group: {error}") from error

    def give_back(self, group: "Group") -> None:
        """Keep an empty group for the next worker."""
        self._idle.append(group)

    def close(self) -> None:
        """Remove all groups; what is still in them is killed. A forked process leaves them be."""
        parents, self._parents = self._parents, {}
        self._idle.clear()
        for place, (parent, lock) in parents.items():
            if self._process == os.getpid():
                _remove(parent)
                _remove_stale(place.folder)  # those of forked processes are gone by now
            os.close(lock)

    def _make(self) -> "Group":
        self._made += 1
        folders = {place: parent / str(self._made) for place, (parent, _) in self._parents.items()}
        for folder in folders.values():
            folder.mkdir()
        return Group(self, folders)

    def _try_out(self) -> None:
        """Give up the places to which no process can be brought."""
        while self._parents:
            try:
                group = self._make()
            except OSError as error:
                for place in [*self._parents]:
                    self._give_up(place, error)
                return
            with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as cat:
                failed = group.enter(cat.pid)
            if failed is None:
                self._idle.append(group)
                return
            self._give_up(*failed)

    def _give_up(self, place: Place, error: OSError) -> None:
        # Without the folder, which is another one each time one logs in: results are compared.
        why = f"a group can't be made or used ({error.strerror or error})"
        self._absent |= dict.fromkeys(place.offers, why)
        if place in self._parents:
            parent, lock = self._parents.pop(place)
            _remove(parent)
            os.close(lock)


class Group:
    """One worker's group, in each hierarchy."""

    def __init__(self, owner: Groups, folders: Mapping[Place, Path]) -> None:
        self._owner = owner
        self._folders = folders
        self._limits: tuple[int, int] | None = None
        self._by_offer = {offer: place for place in folders for offer in place.offers}
        self._events = (0, 0)

    def prepare(self, memory: int, processes: int) -> None:
        """Set the limits of a group that is empty."""
        for place, folder in self._folders.items():
            place.forget(folder)
            if self._limits != (memory, processes):
                place.limit(folder, memory, processes)
        self._limits = memory, processes
        self._events = self._memory_events()

    def admit(self, pid: int) -> None:
        """Bring the first process of a worker here; raises SandboxError where that fails."""
        failed = self.enter(pid)
        if failed is not None and not isinstance(failed[1], ProcessLookupError):  # it was killed
            raise SandboxError(f"a worker can't be limited: {failed[0].folder}: {failed[1]}")

    def enter(self, pid: int) -> tuple[Place, OSError] | None:
        """Bring process `pid` here, with all that it will start; what failed, if something did."""
        for place, folder in self._folders.items():
            try:
                write(folder / "cgroup.procs", pid)
            except OSError as error:
                return place, error
        return None

    def cpu_time(self) -> float | None:
        """CPU seconds of all that ever ran here; None where nobody counts them."""
        place = self._by_offer.get(CPU)
        with suppress(OSError, ValueError, KeyError):
            return place.cpu_time(self._folders[place]) if place else None
        return None

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether something was killed here because the group was full, and not the machine."""
        full, killed = self._memory_events()
        return full > self._events[0] and killed > self._events[1]

    def _memory_events(self) -> tuple[int, int]:
        place = self._by_offer.get(MEMORY)
        with suppress(OSError, ValueError, KeyError):
            return place.memory_events(self._folders[place]) if place else (0, 0)
        return (0, 0)

    def release(self) -> None:
        """The worker is dead: kill what should still be here, and keep the group for another."""
        if _emptied(self._folders.values()):
            self._owner.give_back(self)


def _make_parent(place: Place) -> tuple[Path, int]:
    """A judge's own folder, and the lock on it."""
    while True:
        parent = place.folder / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        parent.mkdir()
        lock = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if parent.is_dir():
            place.open(parent)
            return parent, lock
        os.close(lock)  # one that started at this moment took it for a dead judge's


def _remove_stale(folder: Path) -> None:
    """Remove the groups of judges that are gone, below `folder`."""
    for parent in folder.glob(f"{PREFIX}*-*"):
        with suppress(OSError):  # gone meanwhile, or somebody else's
            lock = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its judge lives
                _remove(parent)
            finally:
                os.close(lock)


def _remove(parent: Path) -> None:
    below = [path for path in parent.glob("*") if path.is_dir()]
    _emptied(below)
    for folder in (*below, parent):
        with suppress(OSError):  # something there won't die: the next judge will try again
            folder.rmdir()


def _emptied(folders: Iterable[Path]) -> bool:
    """Whether nothing runs in these groups, after everything there was killed."""
    left = [folder for folder in folders if not _kill_all(folder)]
    return not left


def _kill_all(folder: Path) -> bool:
    for _ in range(ROUNDS):
        try:
            pids = (folder / "cgroup.procs").read_text().split()
        except OSError:
            return False
        if not pids:
            return True
        with suppress(OSError):
            write(folder / "cgroup.kill", 1)  # version 2, from Linux 5.14 on
        for pid in pids:
            with suppress(OSError):
                if int(pid):  # 0 is a process that can't be seen from here
                    os.kill(int(pid), signal.SIGKILL)
        time.sleep(PAUSE)
    return False
