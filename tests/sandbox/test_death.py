"""A worker ends with everything that it started, whichever way it ends, and the next one works."""

import json
import os
import secrets
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.sandbox.connection import Worker
from autograder.sandbox.limits import Crossed
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import Ended
from autograder.sandbox.usage import descendants
from tests.sandbox.asking import (
    LIMITS,
    call,
    define,
    ended,
    eventually,
    ok,
    open_descriptors,
    processes_with,
    value,
)
from tests.sandbox.conftest import MakeWorker

ROOT = Path(__file__).resolve().parents[2]

STUBBORN = """
import os, signal, subprocess, sys
code = '''
import os, signal, socket, sys, time
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
while True:
    time.sleep(1)
'''
def stubborn(**options):
    return subprocess.Popen([sys.executable, "-c", code, MARK], **options)
stubborn()
stubborn(start_new_session=True)
stubborn(pass_fds=[3])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        stubborn(close_fds=False)
    os._exit(0)
os.wait()
"""


@pytest.fixture
def mark() -> str:
    return f"mark-{secrets.token_hex(8)}"


def test_nothing_outlives_close(worker: Worker, mark: str):
    """Not what left its session, was orphaned, ignores signals or holds the socket."""
    ok(worker, f"MARK = {mark!r}\n{STUBBORN}")
    assert eventually(lambda: len(processes_with(mark)) == 4)
    worker.close()
    assert processes_with(mark) == []
    assert not Path(f"/proc/{worker.pid}").exists()


def test_closing_twice_does_nothing(worker: Worker):
    worker.close()
    worker.close()


JUDGE = """
import json, sys
from autograder.sandbox.process import Sandbox
from tests.sandbox.asking import LIMITS, ok
sandbox = Sandbox(LIMITS, mode=sys.argv[3])
worker = sandbox.worker()
ok(worker, f"MARK = {sys.argv[1]!r}\\n" + sys.argv[2])
print(json.dumps([sandbox._process.pid, worker.pid]), flush=True)
input()
"""


@pytest.mark.parametrize("mode", ["bubblewrap", "none"])
def test_nothing_outlives_a_killed_judge(mark: str, mode: str):
    judge = subprocess.Popen(
        [sys.executable, "-c", JUDGE, mark, STUBBORN, mode],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with judge:
        assert judge.stdout is not None
        pids = json.loads(judge.stdout.readline())
        assert eventually(lambda: len(processes_with(mark)) >= 4)
        judge.send_signal(signal.SIGKILL)
    assert eventually(lambda: processes_with(mark) == [])
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


DEATHS = {
    "import os; os._exit(3)": (Crossed.EXIT, "3"),
    "import os; os._exit(0)": (Crossed.EXIT, "0"),
    "import ctypes; ctypes.string_at(0)": (Crossed.SIGNAL, "SIGSEGV"),
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": (Crossed.SIGNAL, "SIGKILL"),
    "import os; os.abort()": (Crossed.SIGNAL, "SIGABRT"),
}


@pytest.mark.parametrize(("source", "how"), DEATHS.items())
def test_a_death_in_a_call_is_its_answer(make_worker: MakeWorker, source: str, how: object):
    worker = make_worker()
    reply = ended(call(worker, source))
    assert (reply.crossed, reply.detail) == how
    assert worker.ended == reply
    assert worker.call("f") == reply  # and stays it
    assert worker.run_cell("1", 0) == reply
    assert value(call(make_worker(), "return 1")) == 1


@pytest.mark.parametrize(("source", "how"), DEATHS.items())
def test_a_death_in_a_cell_is_its_answer(worker: Worker, source: str, how: object):
    reply = ended(worker.run_cell(source, 0))
    assert (reply.crossed, reply.detail) == how


def test_a_child_that_keeps_the_socket_open_hides_no_death(worker: Worker, mark: str):
    reply = ended(
        call(
            worker,
            f"""
            import os, subprocess, sys
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", {mark!r}],
                             pass_fds=[3])
            os._exit(5)
            """,
        )
    )
    assert (reply.crossed, reply.detail) == (Crossed.EXIT, "5")
    assert processes_with(mark) == []


def test_a_forked_twin_that_answers_instead_ends_the_worker(worker: Worker):
    """Only one process is known: when it is gone, whoever goes on speaking is not believed."""
    define(worker, "import os\nif os.fork(): os._exit(0)\nreturn 1")
    assert eventually(lambda: isinstance(worker.call("f"), Ended))


def test_a_worker_killed_between_two_calls_is_reported_by_the_next(worker: Worker):
    define(worker, "return 1")
    os.kill(worker.pid, signal.SIGKILL)
    assert ended(worker.call("f")).detail == "SIGKILL"


def test_an_interrupted_judge_hears_no_old_answer(
    make_worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
):
    worker = make_worker()
    define(worker, "import time; time.sleep(0.3); return 'late'")
    monkeypatch.setattr(worker._channel, "receive", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        worker.call("f")
    monkeypatch.undo()
    assert isinstance(worker.call("f"), Ended)
    assert not Path(f"/proc/{worker.pid}").exists()


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_a_dead_zygote_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Sandbox(LIMITS) as sandbox:
        sandbox.preload(["colorsys"])
        sandbox._process.kill()
        sandbox._process.wait()
        worker = sandbox.worker()
        assert ok(worker, "import sys; print('colorsys' in sys.modules)") == "True\n"
        ok(worker, "import tempfile; tempfile.mkdtemp(); open('file', 'w').close()")
    # Closing the sandbox ended its worker, and left no file.
    assert eventually(lambda: not Path(f"/proc/{worker.pid}").exists())
    assert isinstance(worker.run_cell("1", 0), Ended)
    worker.close()
    assert list(tmp_path.iterdir()) == []


def test_a_prepared_worker_is_the_next_one_under_its_limits():
    with Sandbox(LIMITS) as sandbox:
        sandbox.ahead = True
        with sandbox.worker() as first:
            sandbox.prepare(LIMITS)
            prepared = sandbox._prepared
            ok(first, "open('/tmp/left', 'w').close(); x = 1")
            sandbox.prepare(LIMITS)
            with sandbox.worker(replace(LIMITS, disk=1 << 20)):
                assert sandbox._prepared is prepared
        with sandbox.worker() as second:
            assert sandbox._prepared is None
            told = "import os; print(os.path.exists('/tmp/left'), 'x' in globals(), os.getpid())"
            assert ok(second, told) == "False False 2\n"


def test_a_prepared_worker_that_was_killed_is_replaced():
    with Sandbox(LIMITS) as sandbox:
        sandbox.ahead = True
        sandbox.prepare(LIMITS)
        sandbox.prepare(LIMITS)
        below = descendants(sandbox._process.pid)
        sandbox._process.kill()
        sandbox._process.wait()
        assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below))
        with sandbox.worker() as worker:
            assert ok(worker, "print(1)") == "1\n"


def test_a_prepared_worker_knows_what_was_preloaded_after_it():
    with Sandbox(LIMITS) as sandbox:
        sandbox.ahead = True
        sandbox.prepare(LIMITS)
        sandbox.preload(["colorsys"])
        with sandbox.worker() as worker:
            assert ok(worker, "import sys; print('colorsys' in sys.modules)") == "True\n"


def test_a_prepared_worker_that_nobody_wants_ends_with_the_sandbox():
    before, others = open_descriptors(), set(descendants(os.getpid()))
    with Sandbox(LIMITS) as sandbox:
        sandbox.ahead = True
        sandbox.prepare(LIMITS)
        sandbox.prepare(LIMITS)
        below = set(descendants(os.getpid())) - others
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below))
    assert open_descriptors() == before


def test_descriptors_of_the_judge_are_given_back(sandbox: Sandbox):
    sandbox.worker().close()
    before = open_descriptors()
    for _ in range(5):
        worker = sandbox.worker()
        call(worker, "import os; os._exit(1)")
        worker.close()
    assert open_descriptors() == before
