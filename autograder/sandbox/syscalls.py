"""Which system calls a worker may make: the kernel's own filter (seccomp), built by libseccomp.

Two filters, and the stricter word of the two counts. One goes by the call's name: what programs
need is listed and allowed, what is known to lead out of a sandbox is refused with EPERM, and
whatever is neither, the calls of later kernels among it, doesn't exist (ENOSYS, upon which C
libraries fall back to an older call). The other looks at arguments: families of sockets, namespaces
made by a fork, input that is faked into a terminal.

The filters are built once, in the zygote, as programs for the kernel; a worker only hands them
over, which is twenty times as fast. A call of another architecture's numbering (32-bit or x32 on
x86-64) is refused whatever it is.
"""

import ctypes
import errno
import os
import resource
import socket
import sys
import tempfile
import termios
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyseccomp

PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PR_SET_CHILD_SUBREAPER = 36
BINARY_TREE = 2  # order of a filter, by which the kernel prepares it several times as fast
INSTRUCTION = 8  # bytes of a BPF instruction
LOW = 0xFFFFFFFF  # of an argument that the kernel reads as 32 bits, whatever stands above
ANY_NAMESPACE = {
    "mount": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000, "ipc": 0x08000000,
    "user": 0x10000000, "pid": 0x20000000, "network": 0x40000000,
}  # fmt: skip
FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK)
NETLINK_ROUTE = 0  # by which the C library looks at the network interfaces
F_SETLEASE, F_SETDELEG, IOPRIO_PROCESS = 1024, 1040, 1
AS_IT_IS, ASK = 0, LOW  # arguments of personality(2)


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Calls of 64-bit Linux that Python, torch, a shell or a compiler may have use for. Names that an
# architecture doesn't have are left out there.
ALLOWED = _names("""
    read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek
    open openat openat2 creat close close_range dup dup2 dup3 fcntl flock ioctl
    stat fstat lstat newfstatat statx statfs fstatfs access faccessat faccessat2 cachestat
    fsync fdatasync sync syncfs sync_file_range sync_file_range2
    truncate ftruncate fallocate fadvise64 readahead copy_file_range sendfile
    getdents getdents64 getcwd chdir fchdir mkdir mkdirat rmdir rename renameat renameat2
    link linkat unlink unlinkat symlink symlinkat readlink readlinkat mknod mknodat umask
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
    getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    inotify_init inotify_init1 inotify_add_watch inotify_rm_watch pipe pipe2

    brk mmap munmap mremap mprotect madvise msync mincore mlock mlock2 munlock mlockall munlockall
    mseal membarrier pkey_alloc pkey_free pkey_mprotect map_shadow_stack get_mempolicy

    clone fork vfork execve execveat exit exit_group wait4 waitid pidfd_open pidfd_send_signal
    getpid getppid gettid getpgid getpgrp setpgid getsid setsid set_tid_address
    set_robust_list get_robust_list rseq prctl arch_prctl seccomp
    landlock_create_ruleset landlock_add_rule landlock_restrict_self
    getuid geteuid getresuid getgid getegid getresgid getgroups capget capset
    setuid setreuid setresuid setfsuid setgid setregid setresgid setfsgid setgroups
    getrlimit setrlimit prlimit64 getrusage times getcpu getpriority setpriority
    ioprio_get ioprio_set sched_yield sched_getaffinity sched_setaffinity sched_getparam
    sched_setparam sched_getscheduler sched_setscheduler sched_getattr sched_setattr
    sched_get_priority_max sched_get_priority_min sched_rr_get_interval
    uname sysinfo getrandom riscv_hwprobe riscv_flush_icache

    kill tkill tgkill rt_sigaction rt_sigprocmask rt_sigpending rt_sigtimedwait rt_sigsuspend
    rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn sigaltstack restart_syscall pause
    signalfd signalfd4 futex futex_waitv futex_wait futex_wake futex_requeue

    time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep alarm getitimer setitimer
    timer_create timer_settime timer_gettime timer_getoverrun timer_delete
    timerfd_create timerfd_settime timerfd_gettime

    poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait
    epoll_pwait2 eventfd eventfd2

    socket socketpair bind listen accept accept4 connect shutdown getsockname getpeername
    getsockopt setsockopt sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg
""")

# NVIDIA's driver places memory and shares it through such files; without a GPU the files would be
# memory that belongs to no process and counts against no limit.
ALLOWED_WITH_CUDA = frozenset({"mbind", "set_mempolicy", "memfd_create"})

# Refused with an error that says so: memory that counts against no limit, what workers share
# (keyrings), other processes' memory, and the parts of a kernel in which ways out are found most
# often. `clone3` isn't among them: it hides its flags from a filter, and C libraries do without.
REFUSED = _names("""
    shmget semget msgget mq_open memfd_create memfd_secret add_key request_key keyctl
    ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp
    unshare setns chroot pivot_root mount umount2 mount_setattr open_tree move_mount
    fsopen fsconfig fsmount fspick quotactl quotactl_fd swapon swapoff
    open_by_handle_at name_to_handle_at fanotify_init fanotify_mark
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    mbind set_mempolicy set_mempolicy_home_node migrate_pages move_pages remap_file_pages
    splice tee vmsplice modify_ldt iopl ioperm vhangup acct syslog
    init_module finit_module delete_module kexec_load kexec_file_load reboot
    settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname
""")


class NoFilter(Exception):
    """This machine can't filter system calls; says why."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def build(*, cuda: bool) -> list[bytes]:
    """The filters as programs for the kernel; raises NoFilter where they can't be had."""
    if sys.maxsize < 2**32:
        raise NoFilter("it lists the calls of 64-bit processors only")
    try:
        import pyseccomp
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        raise NoFilter(str(error)) from error  # the binding, the library, or one too old
    try:
        return [_by_name(pyseccomp, cuda=cuda), _by_argument(pyseccomp)]
    except (OSError, AttributeError) as error:
        raise NoFilter(f"libseccomp made no filter: {error}") from error


def refuse(programs: Sequence[bytes]) -> None:
    """Filter this process and all below it, for good; it needs no_new_privs."""
    libc = ctypes.CDLL(None, use_errno=True)
    for program in programs:
        prepared = _Program(len(program) // INSTRUCTION, program)
        if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(prepared), 0, 0):
            raise OSError(ctypes.get_errno(), "the kernel took no filter of system calls")


def _by_name(library: Any, *, cuda: bool) -> bytes:
    made = _filter(library, library.ERRNO(errno.ENOSYS))
    allowed = ALLOWED | (ALLOWED_WITH_CUDA if cuda else frozenset())
    for name in sorted(allowed):
        _rule(library, made, library.ALLOW, name)
    for name in sorted(REFUSED - allowed):
        _rule(library, made, library.ERRNO(errno.EPERM), name)
    for value in (AS_IT_IS, ASK):
        argument = library.Arg(0, library.EQ, value)
        _rule(library, made, library.ALLOW, "personality", argument)
    return _program(made)


def _by_argument(library: Any) -> bytes:
    made = _filter(library, library.ALLOW)
    arg, low = library.Arg, library.MASKED_EQ
    mainframe = library.system_arch() in (library.Arch.S390, library.Arch.S390X)
    flags = 1 if mainframe else 0  # which argument of clone(2) they are
    for flag in ANY_NAMESPACE.values():
        _rule(library, made, library.ERRNO(errno.EPERM), "clone", arg(flags, low, flag, flag))
    for request in (termios.TIOCSTI, termios.TIOCLINUX, termios.TIOCSETD):
        _rule(library, made, library.ERRNO(errno.EPERM), "ioctl", arg(1, low, LOW, request))
    reaper = arg(0, low, LOW, PR_SET_CHILD_SUBREAPER)  # orphans are the warden's
    _rule(library, made, library.ERRNO(errno.EPERM), "prctl", reaper)
    refused = library.ERRNO(errno.EPERM)
    for command in (F_SETLEASE, F_SETDELEG):  # to make others wait who open the same file
        _rule(library, made, refused, "fcntl", arg(1, low, LOW, command))
    # Another process than the calling one: a worker could keep its warden from ending.
    for name in ("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"):
        _rule(library, made, refused, name, arg(0, library.NE, 0))
    _rule(library, made, refused, "prlimit64", arg(0, library.NE, 0))
    for name, process in (("setpriority", os.PRIO_PROCESS), ("ioprio_set", IOPRIO_PROCESS)):
        _rule(library, made, refused, name, arg(0, library.NE, process))
        _rule(library, made, refused, name, arg(1, library.NE, 0))
    core = resource.RLIMIT_CORE  # stays as namespaces.limit has set it
    _rule(library, made, refused, "setrlimit", arg(0, library.EQ, core))
    _rule(library, made, refused, "prlimit64", arg(1, library.EQ, core), arg(2, library.NE, 0))
    unknown = library.ERRNO(errno.EAFNOSUPPORT)
    for family in sorted(set(range(max(FAMILIES))) - set(FAMILIES)):
        _rule(library, made, unknown, "socket", arg(0, library.EQ, family))
    _rule(library, made, unknown, "socket", arg(0, library.GT, max(FAMILIES)))
    _rule(library, made, unknown, "socketpair", arg(0, library.NE, socket.AF_UNIX))
    protocol = library.ERRNO(errno.EPROTONOSUPPORT)
    _rule(library, made, protocol, "socket", arg(2, library.GT, socket.IPPROTO_UDP))
    netlink = arg(0, library.EQ, socket.AF_NETLINK)
    _rule(library, made, protocol, "socket", netlink, arg(2, library.NE, NETLINK_ROUTE))
    return _program(made)


def _filter(library: Any, default: int) -> "pyseccomp.SyscallFilter":
    made = library.SyscallFilter(default)
    made.set_attr(library.Attr.ACT_BADARCH, library.ERRNO(errno.EPERM))
    made.set_attr(library.Attr.CTL_OPTIMIZE, BINARY_TREE)
    return made


def _rule(
    library: Any, made: "pyseccomp.SyscallFilter", action: int, name: str, *arguments: Any
) -> None:
    number = library.resolve_syscall(library.Arch.NATIVE, name)
    if number >= 0:  # else unknown to this architecture, or to this libseccomp
        made.add_rule(action, number, *arguments)


def _program(made: "pyseccomp.SyscallFilter") -> bytes:
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()
