"""What Landlock's rules refuse and leave, where the kernel has it."""

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import jail, landlock, namespaces
from autograder.sandbox.connection import Worker
from tests.sandbox.asking import call, error, ok, value

PR_SET_NO_NEW_PRIVS = 38

try:
    ABI = landlock.version()
except landlock.NoLandlock as reason:
    pytest.skip(f"no Landlock: {reason}", allow_module_level=True)


def restricted(work: Callable[[], Any], *, abi: int = ABI) -> Any:
    """What `work` returns, or the error that it raises, in a child that has put up the rules but
    sees this machine as it is: nothing else stands between it and the files."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        outcome: Any = "nothing"
        try:
            namespaces.libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            landlock.restrict(abi, jail.readable(cuda=False), [])
            outcome = work()
        except OSError as error:
            outcome = type(error).__name__
        finally:
            os.write(writer, json.dumps(outcome).encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        outcome = json.loads(file.read())
    os.wait()
    return outcome


@pytest.fixture
def elsewhere() -> Path:
    """A file that no rule allows: an ordinary one that lies beside no temporary folder."""
    path = Path(__file__).resolve().parents[2] / "pyproject.toml"
    if path.is_relative_to("/tmp"):
        path = Path("/etc/passwd")
    return path


def test_what_no_rule_names_cannot_be_read(elsewhere: Path):
    assert restricted(elsewhere.read_text) == "PermissionError"
    assert restricted(lambda: bool(list(elsewhere.parent.iterdir()))) is True


def test_programs_and_libraries_can_be_read_and_run():
    assert restricted(lambda: len(Path(json.__file__).read_text()) > 0) is True
    assert restricted(lambda: os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", "exit 7"])) == 7
    python = [sys.executable, "-c", "import ctypes, ssl; raise SystemExit(8)"]
    assert restricted(lambda: os.spawnv(os.P_WAIT, sys.executable, python)) == 8


def test_nothing_outside_the_temporary_folders_can_be_changed(elsewhere: Path):
    """Even by a user who could: these tests often run as root."""
    system = Path("/usr") / f"autograder-{os.getpid()}"
    for work in (
        lambda: system.write_text(""),
        system.mkdir,
        lambda: system.symlink_to("x"),
        lambda: os.mkfifo(system),
        lambda: elsewhere.open("a").close(),
        lambda: os.truncate(elsewhere, 10**9),
        lambda: elsewhere.rename("/tmp/x"),
        elsewhere.unlink,
        lambda: Path("/proc/self/comm").write_text("x"),
    ):
        assert restricted(work) in ("PermissionError", "OSError")
    assert not system.exists()


@pytest.mark.parametrize("abi", [version for version in (2, 3, 4, 5, 6, 7) if version <= ABI])
def test_temporary_folders_are_the_workers_own_by_every_version(tmp_path: Path, abi: int):
    if not tmp_path.is_relative_to("/tmp"):
        pytest.skip("temporary folders are elsewhere here")

    def work() -> str:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        (tmp_path / "a/file").write_text("hello")
        os.truncate(tmp_path / "a/file", 4)
        (tmp_path / "a/file").rename(tmp_path / "b/file")
        os.link(tmp_path / "b/file", tmp_path / "a/link")
        os.mkfifo(tmp_path / "fifo")
        socket.socket(socket.AF_UNIX).bind(str(tmp_path / "socket"))
        (tmp_path / "a/link").unlink()
        (tmp_path / "a").rmdir()
        return (tmp_path / "b/file").read_text()

    assert restricted(work, abi=abi) == "hell"


def test_usual_devices_work_and_others_cannot_be_made_or_opened():
    def work() -> str:
        Path("/dev/null").write_text("x")
        _, theirs = os.openpty()
        assert os.isatty(theirs)
        assert os.ttyname(theirs).startswith("/dev/pts/")
        with Path("/dev/urandom").open("rb", buffering=0) as random:
            return str(len(random.read(2)))

    assert restricted(work) == "2"
    other = next((name for name in ("/dev/kmsg", "/dev/fuse") if os.access(name, os.R_OK)), None)
    if other:
        assert restricted(Path(other).read_bytes) == "PermissionError"
    if os.geteuid() == 0:
        node = f"/tmp/autograder-{os.getpid()}"
        assert restricted(lambda: os.mknod(node, 0o600 | 0o20000, 0x103)) == "PermissionError"


@pytest.mark.skipif(ABI < landlock.NO_TCP_SINCE, reason="this kernel's Landlock knows no TCP")
def test_tcp_is_refused_both_ways():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        assert restricted(lambda: socket.create_connection(address)) == "PermissionError"
        assert restricted(lambda: socket.create_server(("127.0.0.1", 0))) == "PermissionError"
        assert restricted(lambda: socket.create_connection(address) and 1, abi=3) == 1


@pytest.mark.skipif(ABI < landlock.ONLY_INSIDE_SINCE, reason="this kernel's Landlock has no scopes")
def test_signals_and_abstract_sockets_stay_inside():
    here = os.getpid()
    name = f"\0autograder-{here}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        connect = lambda: socket.socket(socket.AF_UNIX).connect(name)  # noqa: E731
        assert restricted(connect) == "PermissionError"
        assert restricted(connect, abi=5) is None
    assert restricted(lambda: os.kill(here, 0)) == "PermissionError"
    assert restricted(lambda: os.kill(here, 0), abi=5) is None


def test_a_kernel_without_it_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(landlock, "CREATE_RULESET", 4000)  # a call that no kernel has
    with pytest.raises(landlock.NoLandlock, match="not implemented"):
        landlock.version()


def test_a_worker_is_bound_by_the_rules(worker: Worker):
    """Something that only Landlock refuses it: its own file system lets it write here."""
    assert error(worker, "open('/proc/self/comm', 'w')")["ename"] == "PermissionError"
    assert error(worker, "open('/proc/self/mem', 'r+b')")["ename"] == "PermissionError"
    assert ok(worker, "import torch; print(open('/proc/self/comm').read() != '')") == "True\n"
    child = "import subprocess; return subprocess.run(['sh', '-c', 'echo x > /proc/self/comm']"
    assert value(call(worker, f"{child}, capture_output=True).returncode")) != 0
