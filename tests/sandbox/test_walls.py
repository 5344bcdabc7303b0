"""The layers that a session reports are those that stand."""

from pathlib import Path

import pytest

from autograder.sandbox import jail, landlock, syscalls
from autograder.sandbox.connection import Worker
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Sandbox
from autograder.sandbox.rights import Right, right
from autograder.sandbox.walls import EVERY_WALL, Walls, _gaps
from tests.sandbox.asking import LIMITS, ok


def test_a_session_names_its_layers_from_the_outside_inwards(sandbox: Sandbox):
    user = "user namespace" if right() is Right.USER else "unprivileged user"
    layers = [layer for layer in sandbox.layers if not layer.startswith("cgroups")]
    assert layers[: 2 + len(EVERY_WALL)] == ["bubblewrap", user, *EVERY_WALL]
    for layer in ("seccomp", "Landlock", "cgroups"):
        named = any(line.startswith(layer) for line in sandbox.layers)
        assert named is (layer not in sandbox.absent)
    assert all(sandbox.absent.values())


def test_layers_that_are_reported_hold_in_every_worker(sandbox: Sandbox, worker: Worker):
    status = dict(
        line.split(":\t", 1)
        for line in ok(worker, "print(open('/proc/self/status').read())").splitlines()
        if ":\t" in line
    )
    assert (status["Seccomp"] == "2") is ("seccomp" in sandbox.layers)
    try:
        expected = f"Landlock ABI {landlock.version()}"
    except landlock.NoLandlock:
        expected = None
    assert [line for line in sandbox.layers if "Landlock" in line] == [expected] * bool(expected)


def test_a_process_without_walls_is_seen_through():
    """What the trial worker says where it isn't held: here, in the process of these tests."""
    gaps = list(_gaps(Limits(), Walls(cuda=False), {}))
    assert "a worker has no pid namespace of its own" in gaps
    assert "a worker can get new privileges" in gaps
    assert "the filter of system calls isn't there" in gaps
    assert "limits of resources don't hold" in gaps


def test_a_wall_that_does_not_hold_ends_the_session_before_it_begins(
    monkeypatch: pytest.MonkeyPatch,
):
    """Here: a device too many in the jail."""
    whole = jail.command

    def command(*, cuda: bool) -> list[str]:
        words = whole(cuda=cuda)
        where = words.index("--chdir")
        words[where:where] = ["--dev-bind", "/dev/null", "/dev/strange"]
        return words

    monkeypatch.setattr(jail, "command", command)
    with (
        Sandbox(LIMITS) as sandbox,
        pytest.raises(SandboxUnavailable, match="a worker sees devices: strange"),
    ):
        sandbox.worker()


def test_a_filter_that_the_kernel_refuses_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A session whose zygote builds filters that no kernel takes."""
    module = tmp_path / "syscalls.py"
    source = Path(syscalls.__file__).read_text("utf-8")
    build = "        return [_by_name(pyseccomp, cuda=cuda), _by_argument(pyseccomp)]\n"
    assert build in source
    module.write_text(source.replace(build, "        return [bytes(8)]\n"), "utf-8")
    module.chmod(0o644)
    whole = jail._worker_modules

    def worker_modules() -> list[str]:
        return [str(module) if word == syscalls.__file__ else word for word in whole()]

    monkeypatch.setattr(jail, "_worker_modules", worker_modules)
    with Sandbox(LIMITS) as sandbox:
        assert "seccomp" not in sandbox.layers
        assert "the kernel took no filter" in sandbox.absent["seccomp"]
        with sandbox.worker() as worker:
            assert ok(worker, "print(1)") == "1\n"
