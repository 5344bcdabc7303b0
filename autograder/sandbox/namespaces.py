"""The walls round one worker, built by the process itself, from the inside, before any student code
runs.

`enter` leaves the zygote's namespaces for new ones (user, pid, mount, ipc, network, host name) and
returns in a child that is pid 1 of the new pid namespace: when it dies, the kernel kills everything
below it. `furnish` then mounts a private /tmp, /dev/shm, /dev/pts and /proc; `lock` gives up every
capability for good.
"""

import ctypes
import os
import resource
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from autograder.sandbox.limits import Limits

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
EVERY_NAMESPACE = (
    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS
)

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_NOATIME, MS_NODIRATIME, MS_STRICTATIME = 1024, 2048, 1 << 24
MS_REC, MS_PRIVATE, MS_RELATIME = 16384, 1 << 18, 1 << 21
ST_RELATIME = 4096  # as statvfs says it; the others are called by the same numbers
PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 4, 24, 36, 38
CAPABILITY_VERSION = 0x20080522
LAST_CAPABILITY = 63
FILES_PER_TMPFS = 20_000
TERMINALS = 64  # of the few thousand that all containers of a machine have together
FIRST_TO_DIE = "1000"

libc = ctypes.CDLL(None, use_errno=True)


def enter(ready: Callable[[], object] = lambda: None) -> None:
    """Move into new namespaces; returns in a new process, their pid 1. The caller's process ends
    here, after `ready`."""
    uid, gid = os.getuid(), os.getgid()
    _check(libc.unshare(EVERY_NAMESPACE), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    ready()
    if os.fork():
        os._exit(0)


def furnish(limits: Limits) -> None:
    """Mount this worker's own /tmp, /dev/shm, /dev/pts and /proc, and refuse further user
    namespaces."""
    _mount(None, "/", None, MS_REC | MS_PRIVATE)
    kept = [(folder, os.open(folder, os.O_PATH)) for folder in _interpreter_in_tmp()]
    options = f"size={limits.disk},nr_inodes={FILES_PER_TMPFS},mode=1777"
    for folder in ("/tmp", "/dev/shm"):
        _mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, options)
    for folder, descriptor in kept:
        os.makedirs(folder, exist_ok=True)
        _mount(f"/proc/self/fd/{descriptor}", folder, None, MS_BIND | MS_REC)
        os.close(descriptor)
    terminals = f"newinstance,ptmxmode=0666,mode=620,max={TERMINALS}"
    _mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, terminals)
    # An ordinary user owns the folder /dev that bubblewrap made, and all workers share it.
    _mount(
        None, "/dev", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_RELATIME
    )
    for name in os.listdir("/dev"):  # the machine's own nodes: a changed time would be seen by all
        if stat.S_ISCHR(os.lstat(f"/dev/{name}").st_mode):
            _make_read_only(f"/dev/{name}")
    _mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")


def lock() -> None:
    """Give up every capability, and the ways to get one back."""
    for capability in range(LAST_CAPABILITY + 1):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)  # EINVAL above the kernel's last one
    _check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(libc.capset(header, nothing), "capset")


def hide() -> None:
    """Keep other processes of the same user from tracing this one or reading its memory."""
    _check(libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants, as a pid 1 is of itself."""
    _check(libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")


def limit(limits: Limits, *, jailed: bool, cuda: bool) -> None:
    """Set the resource limits of the calling process and of what it starts. Should the machine run
    out of memory, they are to die first."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_DIE)
    # At exactly one byte the kernel neither writes a file nor starts a program that takes the core;
    # at none it would start the program.
    _set(resource.RLIMIT_CORE, 1)
    _set(resource.RLIMIT_FSIZE, limits.file_size)
    _set(resource.RLIMIT_NOFILE, limits.open_files)
    _set(resource.RLIMIT_CPU, int(limits.submission.cpu) + 1)
    _set(resource.RLIMIT_MSGQUEUE, 0)
    if jailed:  # outside a user namespace the kernel counts every process of the user
        _set(resource.RLIMIT_NPROC, limits.processes)
    if not cuda:  # CUDA maps far more than it uses; there the judge's own watch has to do
        _set(resource.RLIMIT_DATA, _data_size() + limits.memory)


def _interpreter_in_tmp() -> list[str]:
    """A virtual environment below /tmp is to stay visible; outer folders first."""
    prefixes = {sys.prefix, sys.base_prefix, sys.base_exec_prefix}
    folders = prefixes | {os.path.realpath(prefix) for prefix in prefixes}
    return sorted(folder for folder in folders if folder.startswith("/tmp/"))


def _data_size() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    return pages * resource.getpagesize()


def _set(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str = ""
) -> None:
    def raw(text: str | None) -> bytes | None:
        return None if text is None else text.encode()

    done = libc.mount(
        raw(source), raw(target), raw(kind), ctypes.c_ulong(flags), raw(options) or None
    )
    _check(done, f"mount {target}")


def _make_read_only(path: str) -> None:
    """Remount what is mounted at `path`, with the flags that it has and may not lose."""
    flags = os.statvfs(path).f_flag
    kept = flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME)
    if not flags & MS_NOATIME:
        kept |= MS_RELATIME if flags & ST_RELATIME else MS_STRICTATIME
    _mount(None, path, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def _check(result: int, what: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
