"""No process but the worker's own, for good.

What an exercise forbids is refused in the worker's process, and what a call takes is read from that
process's clock: a child would know of no ban, and its work would be on nobody's clock. So before
the first such call every other process of the submission is killed, and the kernel refuses to make
another one. Threads go on as before; they share the process, its bans and its clock.
"""

import ctypes
import errno
import os
import platform
import signal
import struct
import time

SET_MODE_FILTER, ALL_THREADS = 1, 1  # seccomp(2)
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
NO = ERRNO | errno.EPERM
LOAD, RETURN = 0x20, 0x06  # BPF: ld abs, ret
JUMP_EQUAL, JUMP_FROM, JUMP_ANY_BIT = 0x15, 0x35, 0x45  # jeq, jge, jset
NUMBER, ARCHITECTURE, FLAGS = 0, 4, 16  # offsets in struct seccomp_data; clone's first argument
X32 = 0x40000000  # a second way to call x86-64's kernel
PR_SET_NO_NEW_PRIVS = 38
CLONE_THREAD = 0x00010000
# audit's name of the architecture, and the numbers of seccomp, clone, clone3 and the calls that
# only ever make a process
MACHINES = {
    "x86_64": (0xC000003E, 317, 56, 435, (57, 58)),  # fork, vfork
    "aarch64": (0xC00000B7, 277, 220, 435, ()),
}
ROUNDS, PAUSE = 500, 0.002  # looks at the other processes, seconds between them

# Kept from before any submission runs: what it does to these modules afterwards changes nothing.
_libc = ctypes.CDLL(None, use_errno=True)
_syscall, _prctl = _libc.syscall, _libc.prctl
_open, _read, _close, _list, _kill = os.open, os.read, os.close, os.listdir, os.kill
_own, _sleep = os.getpid, time.sleep


class NotAlone(Exception):
    """Other processes can't be kept away from this worker."""


def be_alone(warden: int) -> None:
    """Refuse new processes, and kill all below `warden` but this one; raises NotAlone."""
    _refuse_processes()
    for _ in range(ROUNDS):
        others = _others(warden)
        if not others:
            return
        for pid in others:
            try:
                _kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        _sleep(PAUSE)
    raise NotAlone("a process that doesn't end")


def _refuse_processes() -> None:
    machine = platform.machine()
    if machine not in MACHINES:
        return
    architecture, seccomp, clone, clone3, others = MACHINES[machine]
    program = _program(architecture, clone, clone3, others)
    prepared = _Program(len(program) // 8, program)
    _prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # a jailed worker has it already
    if _syscall(seccomp, SET_MODE_FILTER, ALL_THREADS, ctypes.byref(prepared)):
        raise NotAlone("the kernel took no filter of system calls")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _program(architecture: int, clone: int, clone3: int, others: tuple[int, ...]) -> bytes:
    """A filter that knows a thread from a process; clone3's flags can't be read here, and libc does
    with clone where there is no clone3."""
    steps = [(LOAD, 0, 0, ARCHITECTURE), (JUMP_EQUAL, 1, 0, architecture), (RETURN, 0, 0, NO)]
    steps += [(LOAD, 0, 0, NUMBER), (JUMP_FROM, 0, 1, X32), (RETURN, 0, 0, NO)]
    for number in others:
        steps += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, NO)]
    steps += [(JUMP_EQUAL, 0, 1, clone3), (RETURN, 0, 0, ERRNO | errno.ENOSYS)]
    steps += [(JUMP_EQUAL, 0, 3, clone), (LOAD, 0, 0, FLAGS)]
    steps += [(JUMP_ANY_BIT, 1, 0, CLONE_THREAD), (RETURN, 0, 0, NO), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _others(warden: int) -> list[int]:
    """The living processes below `warden`, but for this one."""
    children: dict[int, list[int]] = {}
    living = set()
    for name in _list("/proc"):
        if name.isdigit():
            state, parent = _look_at(name)
            children.setdefault(parent, []).append(int(name))
            if state not in (b"", b"Z", b"X"):
                living.add(int(name))
    found, queue = [], [warden]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return [pid for pid in found if pid in living and pid != _own()]


def _look_at(pid: str) -> tuple[bytes, int]:
    """The state of a process, and its parent; nothing and 0 when it is gone."""
    try:
        descriptor = _open(f"/proc/{pid}/stat", os.O_RDONLY)
    except OSError:
        return b"", 0
    try:
        state, parent = _read(descriptor, 4096).rpartition(b")")[2].split()[:2]
        return state, int(parent)
    except (OSError, ValueError):
        return b"", 0
    finally:
        _close(descriptor)
