"""System calls that no notebook needs, refused to a worker by the kernel's own filter (seccomp).

Some hold memory that belongs to no process and counts against no limit, some reach what workers
share (keyrings), the others are the parts of a kernel in which ways out are found most often. The
filter is one layer more: on an unknown processor it is left out.
"""

import ctypes
import platform
import struct

EPERM = 1
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
LOAD, JUMP_EQUAL, JUMP_FROM, RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: ld abs, jeq, jge, ret
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data
X32 = 0x40000000  # a second way to call x86-64's kernel

# audit's name of the architecture, index into the numbers below
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
MEMFD = {"memfd_create": (319, 279), "memfd_secret": (447, 447)}
REFUSED = {
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsmount": (432, 432), "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "kexec_load": (246, 104),
}  # fmt: skip


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def available() -> bool:
    """Whether there is a filter for this processor."""
    return platform.machine() in ARCHITECTURES


def refuse(*, cuda: bool) -> None:
    """Refuse the calls to this process and all below it, for good; it needs no_new_privs."""
    if not available():
        return
    program = _program(*ARCHITECTURES[platform.machine()], cuda=cuda)
    prepared = _Program(len(program) // 8, program)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(prepared), 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel took no filter of system calls")


def _program(architecture: int, column: int, *, cuda: bool) -> bytes:
    calls = REFUSED if cuda else REFUSED | MEMFD  # CUDA may share memory through such files
    numbers = sorted(numbers[column] for numbers in calls.values())
    last = len(numbers) + 5  # the index of the step that refuses; a jump counts from the next one
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 0, last - 2, architecture),
        (LOAD, 0, 0, NUMBER),
        (JUMP_FROM, last - 4, 0, X32),
    ]
    steps += [(JUMP_EQUAL, last - index - 1, 0, n) for index, n in enumerate(numbers, start=4)]
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ERRNO | EPERM)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
