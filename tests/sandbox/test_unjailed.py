"""Without a jail: `mode="none"` on request only, and a refusal with what to do everywhere else."""

import os
import secrets
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from autograder.sandbox import jail
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.limits import Crossed, Span
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import CellOutputs
from tests.sandbox.asking import LIMITS, call, ended, eventually, limits, ok, processes_with, value
from tests.sandbox.test_death import STUBBORN

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unjailed")


@pytest.fixture(scope="module")
def unjailed(temporary: Path) -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setenv("SECRET", "of the judge")
        patch.setattr("tempfile.tempdir", None)
        sandbox = Sandbox(LIMITS, mode="none")
    with sandbox:
        yield sandbox
    assert list(temporary.iterdir()) == []


def test_it_works_and_says_how_little_there_is(unjailed: Sandbox):
    assert unjailed.layers == ["rlimits"]
    with unjailed.worker() as worker:
        worker.files({"data.txt": b"data"})
        assert ok(worker, "print(open('data.txt').read())\n!echo child") == "data\nchild\r\n"
        assert value(call(worker, "return args[0] * 2", torch.ones(2))).tolist() == [2, 2]


def test_the_environment_of_the_judge_is_not_handed_on(unjailed: Sandbox):
    with unjailed.worker() as worker:
        assert "SECRET" not in value(call(worker, "import os\nreturn dict(os.environ)"))


def test_its_limits_hold(unjailed: Sandbox):
    with unjailed.worker(limits(call=Span(0.3, 20))) as worker:
        assert ended(call(worker, "while True: pass")).crossed is Crossed.WALL
    with unjailed.worker(limits(cell=Span(0.3, 20))) as worker:
        reply = worker.run_cell("import time; time.sleep(60)", 0)
        assert isinstance(reply, CellOutputs)
        assert reply.interrupted
    with unjailed.worker() as worker:
        assert call(worker, "return bytearray(2**32)").memory  # type: ignore[attr-defined]
        assert ended(call(worker, "import os\nos._exit(4)")).detail == "4"


def test_nothing_outlives_close_either(unjailed: Sandbox):
    mark = f"mark-{secrets.token_hex(8)}"
    worker = unjailed.worker()
    ok(worker, f"MARK = {mark!r}\n{STUBBORN}")
    assert eventually(lambda: len(processes_with(mark)) == 4)
    worker.close()
    assert eventually(lambda: processes_with(mark) == [])
    assert eventually(lambda: not Path(f"/proc/{worker.pid}").exists())


def test_nothing_outlives_the_workers_own_end_either(unjailed: Sandbox):
    mark = f"mark-{secrets.token_hex(8)}"
    with unjailed.worker() as worker:
        ok(worker, f"MARK = {mark!r}\n{STUBBORN}")
        assert eventually(lambda: len(processes_with(mark)) == 4)
        ended(call(worker, "import os\nos._exit(0)"))
        assert eventually(lambda: processes_with(mark) == [])


def test_without_bubblewrap_grading_stops_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(jail, "require_bubblewrap", jail.require_bubblewrap.__wrapped__)
    with pytest.raises(SandboxUnavailable) as caught:
        Sandbox(LIMITS)
    for words in ("bubblewrap", "apt-get install", "--sandbox none", "UNSAFELY"):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'bwrap: No permissions to create new namespace' >&2; exit 1", "No permissions"),
        ("exit 3", "exited with 3"),
    ],
)
def test_where_namespaces_are_refused_it_says_why_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
):
    fake = tmp_path / "bwrap"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(jail, "require_bubblewrap", jail.require_bubblewrap.__wrapped__)
    with pytest.raises(SandboxUnavailable) as caught:
        Sandbox(LIMITS)
    for words in ("can't isolate untrusted code: ", reason, "\nWhat to do: ", "--sandbox none"):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    "zygote", ["echo no such library >&2; exit 1", "exit 0"], ids=["an error", "silence"]
)
def test_a_zygote_that_does_not_start_is_reported_with_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zygote: str
):
    monkeypatch.setattr(jail, "command", lambda **_: ["sh", "-c", zygote, "sh"])
    with Sandbox(LIMITS) as sandbox, pytest.raises(SandboxUnavailable) as caught:
        sandbox.worker()
    assert "didn't start" in str(caught.value)
    assert "no such library" in str(caught.value) or zygote == "exit 0"


def test_a_worker_whose_namespaces_are_refused_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    """bubblewrap works here, but the kernel lets nobody inside make namespaces of his own."""
    program = textwrap.dedent(
        """
        import sys
        from autograder.sandbox import namespaces, zygote
        def refuse():
            raise OSError(1, "unshare: Operation not permitted")
        namespaces.enter = refuse
        zygote.main()
        """
    )
    real = jail.command

    def command(*, cuda: bool) -> list[str]:
        made = real(cuda=cuda)
        made[-1] = made[-1].split("from autograder")[0].strip() + program
        return made

    monkeypatch.setattr(jail, "command", command)
    with Sandbox(LIMITS) as sandbox, pytest.raises(SandboxUnavailable) as caught:
        sandbox.worker()
    assert "unshare: Operation not permitted" in str(caught.value)
    assert "What to do" in str(caught.value)


def test_a_failing_sandbox_leaves_no_process(tmp_path: Path):
    code = (
        "from autograder.sandbox.process import Sandbox\n"
        "from tests.sandbox.asking import LIMITS\n"
        "Sandbox(LIMITS)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "SandboxUnavailable: bubblewrap" in done.stderr
