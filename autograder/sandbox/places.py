"""Where this process may make control groups, and how they are spoken to.

Version 1 has a hierarchy for each controller, and whoever may write to a folder may make groups in
it. Version 2 has one hierarchy with two rules: a group that hands controllers on holds no processes
itself, and on a machine run by systemd only what systemd has delegated is anybody else's. So there
the groups stand beside the judge's own, in a group that hands controllers on already, or below it;
the judge is moved out of their way only where its own group was delegated to it. A machine may have
both, and controllers in the first.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MEMORY, PROCESSES, CPU = "memory", "processes", "CPU time"
EVERY_OFFER = (MEMORY, PROCESSES, CPU)
V1 = {"memory": MEMORY, "pids": PROCESSES, "cpuacct": CPU}  # controllers
V2 = {"memory": MEMORY, "pids": PROCESSES}  # every group has the clock
ESCAPED = re.compile(r"\\([0-7]{3})")
ADVICE = "start it with `systemd-run --user --scope -p Delegate=yes …`, as root without --user"
DELEGATED = ("user.delegate", "trusted.delegate")  # systemd's mark, an extended attribute
SYSTEMD = Path("/run/systemd/system")
LEAF = "autograder-judges"
MOVES = 100
PEAK = ("max_usage", "limit")
NEARLY = 2 << 20  # bytes that a group's processors may have put aside


@dataclass(frozen=True)
class Place:
    """A folder below which groups can be made."""

    folder: Path
    offers: frozenset[str]

    def open(self, parent: Path) -> None:
        """Let groups below `parent` have what this place offers."""

    def limit(self, group: Path, memory: int, processes: int) -> None:
        """Set the limits of an empty group."""
        raise NotImplementedError

    def forget(self, group: Path) -> None:
        """Let nothing of an earlier worker be taken for the next one's."""

    def cpu_time(self, group: Path) -> float:
        """CPU seconds of all that ever ran in a group."""
        raise NotImplementedError

    def memory_events(self, group: Path) -> tuple[int, int]:
        """How often a group was full, and how often something was killed in it for memory."""
        raise NotImplementedError


class Version1(Place):
    """A hierarchy of one controller or a few."""

    def limit(self, group: Path, memory: int, processes: int) -> None:
        if MEMORY in self.offers:
            both = (
                group / "memory.memsw.limit_in_bytes"
            )  # with swap, which some kernels don't count
            if both.exists():
                write(both, -1)
            write(group / "memory.limit_in_bytes", memory)
            if both.exists():
                write(both, memory)
        if PROCESSES in self.offers:
            write(group / "pids.max", processes)

    def forget(self, group: Path) -> None:
        if MEMORY in self.offers:
            write(group / "memory.max_usage_in_bytes", 0)

    def cpu_time(self, group: Path) -> float:
        return int((group / "cpuacct.usage").read_text()) / 1e9

    def memory_events(self, group: Path) -> tuple[int, int]:
        # The counter of failures stands still on some kernels.
        most, limit = (int((group / f"memory.{name}_in_bytes").read_text()) for name in PEAK)
        full = int(most > limit - NEARLY)
        return full, _fields(group / "memory.oom_control").get("oom_kill", 0)


class Version2(Place):
    """The one hierarchy, with those controllers that this folder hands on."""

    def open(self, parent: Path) -> None:
        wanted = [f"+{name}" for name, offer in V2.items() if offer in self.offers]
        if wanted:
            write(parent / "cgroup.subtree_control", " ".join(wanted))

    def limit(self, group: Path, memory: int, processes: int) -> None:
        if MEMORY in self.offers:
            write(group / "memory.max", memory)
            write(group / "memory.oom.group", 1)
            with suppress(FileNotFoundError):  # where the kernel doesn't count swap
                write(group / "memory.swap.max", 0)
        if PROCESSES in self.offers:
            write(group / "pids.max", processes)

    def cpu_time(self, group: Path) -> float:
        return _fields(group / "cpu.stat")["usage_usec"] / 1e6

    def memory_events(self, group: Path) -> tuple[int, int]:
        events = _fields(group / "memory.events")
        return events["oom"], events["oom_kill"]


def find_places(process: Path = Path("/proc/self")) -> tuple[list[Place], dict[str, str]]:
    """Where groups may be made, each offer once, and what can't be had, with the reason."""
    places: list[Place] = []
    reasons = dict.fromkeys(EVERY_OFFER, "no control groups are mounted here")
    for folder, controllers in _own_groups(process):
        had = {offer for place in places for offer in place.offers}
        try:
            place = _version1(folder, controllers) if controllers else _version2(folder)
        except OSError as error:
            reasons |= dict.fromkeys(EVERY_OFFER, str(error))
            continue
        if new := place.offers - had:
            places.append(type(place)(place.folder, new))
    had = {offer for place in places for offer in place.offers}
    return places, {offer: why for offer, why in reasons.items() if offer not in had}


def _own_groups(process: Path) -> Iterator[tuple[Path, frozenset[str]]]:
    """The folder of this process's group in each hierarchy that is mounted, with the controllers of
    one of version 1; that of version 2 comes last."""
    groups: dict[frozenset[str], str] = {}
    try:
        for line in (process / "cgroup").read_text().splitlines():
            _, names, path = line.split(":", 2)
            groups[frozenset(filter(None, names.split(",")))] = path
        mounts = [_mount(line) for line in (process / "mountinfo").read_text().splitlines()]
    except OSError:
        return
    for controllers, path in sorted(groups.items(), key=lambda item: not item[0]):
        kind = "cgroup" if controllers else "cgroup2"
        for mounted, root, of_kind, options in mounts:
            inside = _below(path, root)
            if of_kind == kind and controllers <= options and inside is not None:
                yield mounted / inside, controllers
                break


def _mount(line: str) -> tuple[Path, str, str, set[str]]:
    """Where, from which folder of the file system, its kind and its own options: see proc(5)."""
    before, _, after = line.partition(" - ")
    root, mounted = (ESCAPED.sub(_unescaped, field) for field in before.split()[3:5])
    kind, _, options = after.split()[:3]
    return Path(mounted), root, kind, set(options.split(","))


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 8))


def _below(path: str, root: str) -> str | None:
    """`path` as seen from `root`; None where it isn't below."""
    if path == root:
        return ""
    above = root.rstrip("/") + "/"
    inside = path.removeprefix(above)
    return inside if path.startswith(above) and ".." not in inside.split("/") else None


def _version1(folder: Path, controllers: frozenset[str]) -> Place:
    return Version1(folder, frozenset(V1[name] for name in controllers if name in V1))


def _version2(own: Path) -> Place:
    """Raises OSError, with what to do, where groups aren't ours to make."""
    wanted = {name for name in V2 if name in (own / "cgroup.controllers").read_text().split()}
    for folder in (own, own.parent):
        if _is_ours(folder) and _hands_on(folder, wanted):
            return Version2(folder, frozenset({CPU, *(V2[name] for name in wanted)}))
    if not _is_ours(own):
        raise OSError(f"this process's group was not delegated to it: {ADVICE}")
    if _is_delegated(own):
        _move_out(own)
        if _hands_on(own, wanted):
            return Version2(own, frozenset({CPU, *(V2[name] for name in wanted)}))
    return Version2(own, frozenset({CPU}))


def _is_ours(folder: Path) -> bool:
    """Whether groups below may be made without asking: delegated, or nobody else makes any."""
    return _is_delegated(folder) or (os.geteuid() == 0 and not SYSTEMD.is_dir())


def _is_delegated(folder: Path) -> bool:
    with suppress(OSError):
        if os.geteuid() and (folder / "cgroup.procs").stat().st_uid == os.geteuid():
            return True
    for path in (folder, *folder.parents):
        for name in DELEGATED:
            with suppress(OSError):
                if os.getxattr(path, name) == b"1":
                    return True
    return False


def _hands_on(folder: Path, wanted: set[str]) -> bool:
    """Whether groups below `folder` get these controllers, after asking for them if need be."""
    control = folder / "cgroup.subtree_control"
    with suppress(OSError):
        missing = wanted - set(control.read_text().split())
        if missing:
            write(control, " ".join(f"+{name}" for name in sorted(missing)))
        return wanted <= set(control.read_text().split())
    return False


def _move_out(own: Path) -> None:
    """Bring the processes of a delegated group, this one among them, into a group below it."""
    leaf = own / LEAF
    leaf.mkdir(exist_ok=True)
    for _ in range(MOVES):  # one may be forking
        pids = (own / "cgroup.procs").read_text().split()
        if not pids:
            return
        for pid in pids:
            with suppress(ProcessLookupError):
                write(leaf / "cgroup.procs", pid)


def write(file: Path, value: object) -> None:
    """Tell the kernel; one call, as it wants."""
    descriptor = os.open(file, os.O_WRONLY)
    try:
        os.write(descriptor, str(value).encode())
    finally:
        os.close(descriptor)


def _fields(file: Path) -> dict[str, int]:
    """The numbers of a file with a name and a number in each line."""
    pairs = (line.split() for line in file.read_text().splitlines())
    return {name: int(value) for name, value in pairs}
