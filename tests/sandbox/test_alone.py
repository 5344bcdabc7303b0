"""Under a ban or on the clock a submission is one process: no other would be banned or timed."""

from typing import Any

import pytest

from autograder.sandbox.connection import Worker
from autograder.sandbox.replies import Raised
from tests.sandbox.asking import call, define, ended, eventually, ok, processes_with, value

RULES: dict[str, dict[str, Any]] = {"a ban": {"ban": ["torch.conv2d"]}, "a clock": {"timed": True}}
WAYS = {
    "fork": "os.fork()",
    "a program": "subprocess.run(['true'])",
    "a shell": "assert os.system('true') == 0, 'Operation not permitted'",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "multiprocessing": "multiprocessing.get_context('fork').Process(target=print).start()",
    "C": """
        libc = ctypes.CDLL(None, use_errno=True)
        assert libc.fork() >= 0 or libc.vfork() >= 0, os.strerror(ctypes.get_errno())
    """,
    "a thread": """
        found = []
        def work():
            try: os.fork()
            except OSError as error: found.append(error)
        t = threading.Thread(target=work); t.start(); t.join()
        raise found[0]
    """,
    "a thread from before": """
        asked.set()
        answered.wait()
        raise found[0]
    """,
}
SETUP = """
import ctypes, multiprocessing, os, subprocess, sys, threading
asked, answered, found = threading.Event(), threading.Event(), []
def work():
    asked.wait()
    try: os.fork()
    except OSError as error: found.append(error)
    answered.set()
threading.Thread(target=work, daemon=True).start()
"""


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize("body", WAYS.values(), ids=WAYS)
def test_no_process_can_be_started(worker: Worker, body: str, rules: dict[str, Any]):
    ok(worker, SETUP)
    reply = call(worker, body, **rules)
    assert isinstance(reply, Raised), reply
    assert "not permitted" in reply.message


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_processes_from_before_are_gone(worker: Worker, rules: dict[str, Any]):
    """Whoever their parent is, and if they ignore what can be ignored."""
    mark = f"left-by-{id(rules)}"
    start = f"""
        import os, signal, subprocess, sys
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        code = "import os, signal, time; os.setsid(); signal.signal(15, 1); time.sleep(99)"
        subprocess.Popen([sys.executable, "-c", code, {mark!r}])
        if os.fork() == 0:
            subprocess.Popen([sys.executable, "-c", code, {mark!r}])
            os._exit(0)
    """
    ok(worker, start)
    assert eventually(lambda: len(processes_with(mark)) == 2)
    assert value(call(worker, "return 1", **rules)) == 1
    assert processes_with(mark) == []


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_threads_go_on(worker: Worker, rules: dict[str, Any]):
    ok(worker, SETUP)
    body = """
        found = []
        t = threading.Thread(target=lambda: found.append(1)); t.start(); t.join()
        return found
    """
    assert value(call(worker, body, **rules)) == [1]
    assert value(call(worker, "import torch; torch.set_num_threads(4)", **rules)) is None
    assert value(call(worker, "import torch; a = torch.ones(999, 999)\nreturn (a @ a).sum().item()",
                      **rules)) > 0  # fmt: skip


def test_where_nothing_is_forbidden_or_timed_processes_are_as_free_as_ever(worker: Worker):
    ok(worker, SETUP)
    assert value(call(worker, "return subprocess.run(['true']).returncode")) == 0


def test_a_worker_that_cannot_be_alone_answers_no_more(worker: Worker):
    """A thread with a filter of its own would keep the others' from reaching it."""
    define(worker, "return 1")
    ok(worker, OWN_FILTER)
    ended(worker.call("f", ban=["torch.conv2d"]))


OWN_FILTER = """
import ctypes, struct, threading
libc = ctypes.CDLL(None)
class Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))
allowing = struct.pack("HBBI", 6, 0, 0, 0x7FFF0000)
ready = threading.Event()
def work():
    print(libc.prctl(22, 2, ctypes.byref(Program(1, allowing)), 0, 0))
    ready.set()
    threading.Event().wait()
threading.Thread(target=work, daemon=True).start()
assert ready.wait(5)
"""
