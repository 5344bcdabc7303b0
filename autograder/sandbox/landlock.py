"""What a worker may do with files, by a second and independent list: Landlock, from Linux 5.19 on.

The mounts decide what is there; these rules decide what may be done with it, even if a mount should
one day bring too much: list names, read and run the system and the interpreter, read /proc, write
to the own temporary folders and a few devices, and nothing else. Where the kernel can, it also
refuses TCP, and signals and abstract sockets that leave the worker.

Three system calls, whose numbers are the same on every architecture that torch knows; a binding
would be larger than what it binds.
"""

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
OLDEST = 2  # ABI 1 lets nobody rename a file into another folder
QUIET = 1 | 4  # no denial of this program or of rulesets below it goes to the machine's audit log

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REFER, TRUNCATE, IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
MAKE_DEVICES = 1 << 6 | 1 << 11  # character devices, block devices
EVERY_RIGHT = {2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}  # since which ABI
NO_TCP, ONLY_INSIDE = 3, 3  # bind and connect; abstract sockets and signals
NO_TCP_SINCE, ONLY_INSIDE_SINCE, QUIET_SINCE = 4, 6, 7

READ = EXECUTE | READ_FILE | READ_DIR
EVERYTHING = EVERY_RIGHT[5] & ~(MAKE_DEVICES | IOCTL_DEVICE)
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE  # the others are of folders
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
TERMINALS = ("/dev/tty", "/dev/ptmx", "/dev/pts")
OWN_FOLDERS = ("/tmp", "/dev/shm")


class NoLandlock(Exception):
    """This kernel can't do it; says why."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scope", ctypes.c_uint64))


class _Rule(ctypes.Structure):
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


_syscall = ctypes.CDLL(None, use_errno=True).syscall
_syscall.restype = ctypes.c_long


def version() -> int:
    """The kernel's ABI; raises NoLandlock where there is none that will do."""
    found = _syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)
    if found < 0:
        raise NoLandlock(f"this kernel doesn't offer it ({os.strerror(ctypes.get_errno())})")
    if found < OLDEST:
        raise NoLandlock(f"this kernel has ABI {found}, which can't let files change folders")
    return int(found)


def restrict(abi: int, readable: Sequence[str], writable_devices: Sequence[str]) -> None:
    """Bind this thread, and all that it starts, to these rules for good; it needs no_new_privs."""
    handled = next(rights for since, rights in reversed(EVERY_RIGHT.items()) if abi >= since)
    asked = _Ruleset(
        handled,
        NO_TCP if abi >= NO_TCP_SINCE else 0,
        ONLY_INSIDE if abi >= ONLY_INSIDE_SINCE else 0,
    )
    size = ctypes.c_size_t(ctypes.sizeof(asked))
    ruleset = _check(_syscall(CREATE_RULESET, ctypes.byref(asked), size, 0))
    try:
        for path, rights in _rules(readable, writable_devices):
            with suppress(FileNotFoundError):
                _allow(ruleset, path, rights & handled)
        _check(_syscall(RESTRICT_SELF, ruleset, QUIET if abi >= QUIET_SINCE else 0))
    finally:
        os.close(ruleset)


def _rules(readable: Sequence[str], writable_devices: Sequence[str]) -> Iterator[tuple[str, int]]:
    yield "/", READ_DIR  # names, no contents: pip, for one, lists the folders above its own
    yield from ((path, READ) for path in readable)
    yield from ((path, EVERYTHING) for path in OWN_FOLDERS)
    yield "/proc", READ_FILE | READ_DIR
    yield from ((path, READ_FILE | WRITE_FILE | TRUNCATE) for path in DEVICES)
    talking = READ_FILE | READ_DIR | WRITE_FILE | IOCTL_DEVICE
    yield from ((path, talking) for path in (*TERMINALS, *writable_devices))


def _allow(ruleset: int, path: str, rights: int) -> None:
    folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not os.path.isdir(path):
            rights &= OF_FILES
        rule = _Rule(rights, folder)
        _check(_syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(folder)


def _check(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return result
