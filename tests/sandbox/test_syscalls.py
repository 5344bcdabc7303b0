"""Which system calls a worker can make, and that honest work can make its own."""

import ctypes
import errno
import mmap
import os
import shutil
import socket
import sys
import termios
from collections.abc import Iterator
from typing import Any

import pyseccomp
import pytest

from autograder.sandbox import jail, syscalls
from autograder.sandbox.connection import Worker
from autograder.sandbox.process import Sandbox
from tests.sandbox.asking import LIMITS, call, ok, value

X86_64 = pytest.mark.skipif(os.uname().machine != "x86_64", reason="another processor's calls")
X32 = 0x40000000
CHILD_SIGNAL = 17

SYSTEM_CALL = """
    import ctypes, errno
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    found = []
    for arguments in args:
        ctypes.set_errno(0)
        result = call(*(ctypes.c_ulong(argument) for argument in arguments))
        found.append(errno.errorcode.get(ctypes.get_errno()) if result < 0 else result)
    return found
"""


def number(name: str) -> int:
    return pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name)


def outcomes(worker: Worker, *calls: tuple[int, ...]) -> list[Any]:
    """What came of each call, a number and its arguments: its result, or the error's name."""
    found: list[Any] = value(call(worker, SYSTEM_CALL, *calls))
    return found


def test_calls_that_lead_out_are_refused(worker: Worker):
    there = {name: number(name) for name in sorted(syscalls.REFUSED) if number(name) >= 0}
    assert len(there) > 50
    found = outcomes(worker, *((n, 0, 0, 0, 0, 0, 0) for n in there.values()))
    assert dict(zip(there, found, strict=True)) == dict.fromkeys(there, "EPERM")


@X86_64
def test_calls_that_are_not_listed_do_not_exist(worker: Worker):
    """clone3 hides its flags from a filter; the C library then takes clone. The others: a call that
    libseccomp knows, one that only later kernels have, and one that none has."""
    clone3, shmdt, open_tree_attr, none = 435, 67, 467, 4000
    names = {pyseccomp.resolve_syscall(0, n) for n in (clone3, shmdt)}
    assert names == {b"clone3", b"shmdt"}
    calls = [(n, 0, 0, 0, 0, 0, 0) for n in (clone3, shmdt, open_tree_attr, none)]
    assert outcomes(worker, *calls) == ["ENOSYS"] * 4


def test_no_list_contradicts_another():
    assert not syscalls.ALLOWED & syscalls.REFUSED
    assert syscalls.ALLOWED_WITH_CUDA <= syscalls.REFUSED


def test_each_listed_name_is_one_that_some_libseccomp_knows():
    """A misspelt name would be left out in silence."""
    elsewhere = {"riscv_flush_icache", "riscv_hwprobe", "sync_file_range2"}
    newer = {"mseal", "map_shadow_stack", "cachestat", "fchmodat2"}
    newer |= {"futex_wait", "futex_wake", "futex_requeue"}
    unknown = {name for name in syscalls.ALLOWED | syscalls.REFUSED if number(name) < 0}
    if os.uname().machine == "x86_64":
        assert unknown <= elsewhere | newer


@X86_64
def test_other_ways_to_number_calls_are_refused(worker: Worker):
    getpid = number("getpid")
    assert outcomes(worker, (getpid,), (X32 + getpid,)) == [2, "EPERM"]


INT_80 = bytes.fromhex(
    "b814000000"  # mov eax, 20: getpid of 32-bit Linux
    "cd80"  # int 0x80
    "c3"  # ret
)
CALL_INT_80 = """
    import ctypes, mmap
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(args[0].tobytes())
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()
"""


@X86_64
def test_the_32_bit_kernel_is_out_of_reach(worker: Worker):
    import numpy as np

    here = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    here.write(INT_80)
    address = ctypes.addressof(ctypes.c_char.from_buffer(here))
    if ctypes.CFUNCTYPE(ctypes.c_int)(address)() != os.getpid():
        pytest.skip("this kernel has no 32-bit calls")
    code = np.frombuffer(INT_80, dtype=np.uint8)
    assert value(call(worker, CALL_INT_80, code)) == -errno.EPERM


@pytest.mark.parametrize("kind", syscalls.ANY_NAMESPACE)
def test_no_fork_makes_a_namespace(worker: Worker, kind: str):
    flag = syscalls.ANY_NAMESPACE[kind]
    high = 1 << 40 | flag  # the kernel reads the lower half
    clone = number("clone")
    calls = [(clone, flags | CHILD_SIGNAL, 0, 0, 0, 0) for flags in (flag, high)]
    assert outcomes(worker, *calls) == ["EPERM", "EPERM"]


def test_sockets_are_of_the_usual_families(worker: Worker):
    def kinds(family: int, protocol: int = 0) -> list[tuple[int, ...]]:
        types = (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW)
        return [(number("socket"), family, kind, protocol) for kind in types]

    families = sorted(set(range(48)) - set(syscalls.FAMILIES))
    calls = [*(one for family in families for one in kinds(family)), *kinds(1 << 40 | 40)]
    assert set(outcomes(worker, *calls)) == {"EAFNOSUPPORT"}
    pair = (number("socketpair"), 30, socket.SOCK_STREAM, 0, 0)  # AF_TIPC
    assert outcomes(worker, pair) == ["EAFNOSUPPORT"]


def test_sockets_speak_the_usual_protocols(worker: Worker):
    """Each of the others would have the kernel load a module of its own."""
    sctp, mptcp, netfilter = 132, 262, 12
    calls = [
        (number("socket"), socket.AF_INET, socket.SOCK_STREAM, sctp),
        (number("socket"), socket.AF_INET6, socket.SOCK_STREAM, mptcp),
        (number("socket"), socket.AF_NETLINK, socket.SOCK_RAW, netfilter),
    ]
    assert set(outcomes(worker, *calls)) == {"EPROTONOSUPPORT"}
    tcp = "import socket; s = socket.socket(); s.close()"
    udp = "s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_UDP); s.close()"
    assert ok(worker, f"{tcp}\n{udp}") == ""


def test_nothing_is_typed_into_a_terminal(worker: Worker):
    """Not even where the request's upper half, which the kernel ignores, isn't empty."""
    ours = value(call(worker, "import os; return os.openpty()[1]"))
    requests = (termios.TIOCSTI, termios.TIOCLINUX, termios.TIOCSETD)
    calls = [
        (number("ioctl"), ours, high | request, 0) for request in requests for high in (0, 1 << 32)
    ]
    assert outcomes(worker, *calls) == ["EPERM"] * 6


def test_a_process_stays_what_it_is(worker: Worker):
    """No other personality (one of them maps memory where a null pointer leads), and no orphans
    but the warden's."""
    not_random, adopt = 0x0040000, syscalls.PR_SET_CHILD_SUBREAPER
    calls = [
        (number("personality"), 0xFFFFFFFF),
        (number("personality"), not_random),
        (number("prctl"), adopt, 1, 0, 0, 0),
    ]
    assert outcomes(worker, *calls) == [0, "ENOSYS", "EPERM"]


HONEST = {
    "subprocesses": """
        import subprocess, sys
        print(subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True).stdout)
        print(subprocess.run("echo 2 | tr 2 3", shell=True, capture_output=True, text=True).stdout)
    """,
    "processes that share work": """
        import multiprocessing as mp
        from multiprocessing import shared_memory
        with mp.get_context("fork").Pool(2) as pool:
            print(pool.map(abs, [-1, -2]))
        memory = shared_memory.SharedMemory(create=True, size=100)
        memory.close(); memory.unlink()
        lock, queue = mp.Lock(), mp.Queue()
        with lock: queue.put(1)
        print(queue.get())
    """,
    "a loader with workers": """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        data = TensorDataset(torch.arange(8.0))
        print(sum(float(x.sum()) for (x,) in DataLoader(data, batch_size=2, num_workers=2)))
    """,
    "threads and waiting": """
        import asyncio, concurrent.futures, select, signal, threading, time
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            print(sum(pool.map(abs, range(-10, 0))))
        async def child():
            process = await asyncio.create_subprocess_exec("true")
            return await process.wait()
        loop = asyncio.new_event_loop()
        print(loop.run_until_complete(child()))
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        print(signal.sigwait([signal.SIGALRM]))
    """,
    "files": """
        import fcntl, mmap, os, pathlib, shutil, sqlite3, tempfile
        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "a").write_text("a" * 5000)
        shutil.copytree(folder, folder.with_suffix(".b")); shutil.copy2(folder / "a", folder / "c")
        os.rename(folder / "c", folder.with_suffix(".b") / "d"); os.link(folder / "a", "hard")
        os.symlink(folder / "a", "soft"); os.truncate("hard", 10); os.mkfifo("fifo")
        with open("hard", "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            print(mmap.mmap(file.fileno(), 0)[:1])
        database = sqlite3.connect("a.db"); database.execute("create table t (x)")
        shutil.make_archive("all", "zip", folder); shutil.rmtree(folder)
    """,
    "a terminal": """
        import os, pty, sys, termios
        ours, theirs = pty.openpty()
        print(os.isatty(theirs), os.ttyname(theirs), termios.tcgetattr(theirs)[6][0])
        get_ipython().system("echo shell; tty || true")
    """,
    "many threads of torch": """
        import torch, numpy as np
        torch.set_num_threads(2)
        x = torch.randn(300, 300, requires_grad=True)
        (x @ x).sum().backward()
        print(float(np.linalg.norm(np.linalg.inv(np.eye(200)))) > 0)
    """,
    "a socket between two threads": """
        import socket
        ours, theirs = socket.socketpair(); ours.send(b"x"); print(theirs.recv(1))
        server = socket.socket(socket.AF_UNIX); server.bind("server"); server.listen()
        socket.socket(socket.AF_UNIX).connect("server")
        server = socket.socket(socket.AF_UNIX); server.bind("\\0own"); server.listen()
        socket.socket(socket.AF_UNIX).connect("\\0own")
    """,
}


@pytest.mark.parametrize("source", HONEST.values(), ids=HONEST)
def test_honest_work_goes_on_as_ever(worker: Worker, source: str):
    ok(worker, source)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="needs gcc")
def test_a_compiler_and_what_it_makes_work(worker: Worker):
    source = """
        import ctypes, subprocess
        open("a.c", "w").write("int twice(int x) { return 2 * x; }")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", "a.so", "a.c"], check=True)
        print(ctypes.CDLL("./a.so").twice(21))
    """
    assert ok(worker, source) == "42\n"


@pytest.fixture
def without_binding(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox in whose jail pyseccomp is an empty file."""
    whole = jail.command

    def command(*, cuda: bool) -> list[str]:
        words = whole(cuda=cuda)
        where = words.index("--chdir")
        words[where:where] = ["--ro-bind", os.devnull, pyseccomp.__file__]
        return words

    monkeypatch.setattr(jail, "command", command)
    with Sandbox(LIMITS) as sandbox:
        yield sandbox


def test_without_the_library_the_layer_is_absent_and_said_to_be(without_binding: Sandbox):
    assert "seccomp" not in without_binding.layers
    assert "seccomp" in without_binding.absent
    with without_binding.worker() as worker:
        status = value(call(worker, "return open('/proc/self/status').read()"))
        assert "Seccomp:\t0" in status
        assert ok(worker, "print(1)") == "1\n"


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    with pytest.raises(syscalls.NoFilter, match="pyseccomp"):
        syscalls.build(cuda=False)
