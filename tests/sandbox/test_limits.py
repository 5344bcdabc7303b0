"""Each limit ends what crosses it, is named, and leaves the machine and the next worker alone."""

import resource
import time
from typing import Any

import pytest

from autograder.sandbox.connection import Worker
from autograder.sandbox.limits import Crossed, Limits, Span
from autograder.sandbox.replies import CellOutputs, Ended, Raised, Reply
from tests.sandbox.asking import call, define, ended, error, limits, ok, run, value
from tests.sandbox.conftest import MakeWorker

SPIN = "while True: pass"
MIB = 1 << 20


@pytest.mark.parametrize(
    "body",
    [
        SPIN,
        "import time\ntime.sleep(600)",
        "import threading\nthreading.Event().wait()",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "sum(range(10**13))",
        "import re\nre.match('(a*)*b', 'a' * 64)",
        "import os\nos.kill(os.getpid(), 19)",
        "import os\nos.fork() or os.setsid()\nwhile True: pass",
    ],
    ids=range(9),
)
def test_a_call_that_never_ends_is_ended(make_worker: MakeWorker, body: str):
    worker = make_worker()
    worker.call_limit = Span(0.3, 20)
    started = time.monotonic()
    assert ended(call(worker, body)).crossed is Crossed.WALL
    assert time.monotonic() - started < 15


def test_a_cell_at_its_limit_is_interrupted_and_the_notebook_goes_on(make_worker: MakeWorker):
    worker = make_worker(limits(cell=Span(0.5, 20)))
    reply = worker.run_cell("kept = 1\nprint('so far')\nimport time\ntime.sleep(600)", 0)
    assert isinstance(reply, CellOutputs)
    assert reply.interrupted
    printed, stopped = reply.outputs
    assert printed["text"] == "so far\n"
    assert stopped["ename"] == "KeyboardInterrupt"
    following = worker.run_cell("print(kept)", 1)
    assert isinstance(following, CellOutputs)
    assert not following.interrupted
    assert following.outputs[0]["text"] == "1\n"


def test_a_cell_may_exceed_its_processor_time_no_more_than_its_wall_time(make_worker: MakeWorker):
    reply = make_worker(limits(cell=Span(60, 0.2))).run_cell(SPIN, 0)
    assert isinstance(reply, CellOutputs)
    assert reply.interrupted


@pytest.mark.parametrize(
    ("source", "span", "crossed"),
    [
        ("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + SPIN, (0.2, 60), "WALL"),
        ("import signal\nsignal.signal(signal.SIGINT, print)\n" + SPIN, (60, 0.2), "CPU"),
        ("sum(range(10**13))", (0.2, 60), "WALL"),
        ("import os\nos.kill(os.getpid(), 19)", (0.2, 60), "WALL"),
    ],
)  # fmt: skip
def test_a_cell_that_ignores_the_interrupt_is_killed(
    make_worker: MakeWorker, source: str, span: tuple[float, float], crossed: str
):
    reply = ended(make_worker(limits(cell=Span(*span))).run_cell(source, 0))
    assert reply.crossed is Crossed[crossed]


BUSY = {
    "a loop": SPIN,
    "threads": """
        import threading
        for _ in range(3):
            threading.Thread(target=lambda: sum(range(10**12))).start()
        threading.Event().wait()
    """,
    "matrices": "import torch\nx = torch.ones(500, 500)\nwhile True: x @ x",
    "a child": "import os\nos.fork() or sum(range(10**12))\nos.wait()",
    "a session of its own": """
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "while True: pass"], start_new_session=True)
    """,
    "children that end before anybody looks": """
        import os
        while True:
            if os.fork() == 0:
                sum(range(10**6))
                os._exit(0)
            os.wait()
    """,
    "orphans that the warden waits for": """
        import os, time
        while True:
            if os.fork() == 0:
                if os.fork() == 0:
                    time.sleep(0.01)
                    sum(range(10**6))
                os._exit(0)
            os.wait()
            time.sleep(0.02)
    """,
}


@pytest.mark.parametrize("body", BUSY.values(), ids=BUSY)
def test_processor_time_counts_wherever_it_is_spent(make_worker: MakeWorker, body: str):
    worker = make_worker()
    worker.call_limit = Span(60, 0.3)
    assert ended(call(worker, body)).crossed is Crossed.CPU


def test_what_runs_between_two_calls_counts_too(make_worker: MakeWorker):
    """Calls too short for a look, and a child that computes all the while."""
    worker = make_worker(limits(submission=Span(120, 0.5)))
    define(worker, "return 1")
    ok(worker, "import os\nif os.fork() == 0:\n    while True: pass")
    replies = iter(lambda: (time.sleep(0.05), worker.call("f"))[1], None)
    last = next(reply for _, reply in zip(range(500), replies, strict=False) if worker.ended)
    assert ended(last).crossed is Crossed.SUBMISSION


def test_the_submission_has_a_limit_of_its_own(make_worker: MakeWorker):
    worker = make_worker(limits(submission=Span(1, 60)))
    define(worker, "import time\ntime.sleep(0.4)")
    replies: list[Reply] = [worker.call("f") for _ in range(4)]
    assert ended(replies[-1]).crossed is Crossed.SUBMISSION
    worker = make_worker(limits(submission=Span(60, 0.5)))
    define(worker, "sum(range(10**7))")
    assert any(isinstance(worker.call("f"), Ended) for _ in range(100))
    assert worker.ended is not None
    assert worker.ended.crossed in (Crossed.SUBMISSION, Crossed.CPU, Crossed.SIGNAL)


@pytest.mark.parametrize(
    "body",
    [
        "return bytearray(2**32)",
        "import numpy as np\nreturn np.ones(2**30)",
        "import torch\nreturn torch.zeros(2**30)",
        "import torch\nx = torch.ones(2**20)\nreturn [x + i for i in range(10**4)]",
        "x = []\nwhile True: x.append(bytearray(2**20))",
        "x = [0]\nwhile True: x += x",
        "import torch\nx = torch.ones(1).expand(2**26)\nreturn [x * 1 for _ in range(9)]",
    ],
)
def test_too_much_memory_is_an_error_in_the_process_that_wants_it(worker: Worker, body: str):
    reply = call(worker, body)
    assert isinstance(reply, Raised), reply
    assert reply.memory
    assert value(call(worker, "return 1")) == 1


def test_memory_given_back_counts_no_more(worker: Worker):
    define(
        worker, "x = bytearray(300 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nreturn len(x)"
    )
    for _ in range(3):
        assert value(worker.call("f")) == 300 * MIB


@pytest.mark.parametrize(
    "body",
    [
        """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                x = bytearray(200 << 20)
                for i in range(0, len(x), 4096): x[i] = 1
                time.sleep(60)
        time.sleep(60)
        """,
        """
        import mmap, time
        x = mmap.mmap(-1, 700 << 20)
        for i in range(0, len(x), 4096): x[i] = 1
        time.sleep(60)
        """,
        """
        import mmap, time
        import numpy as np
        x = mmap.mmap(-1, 400 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ)
        x.madvise(mmap.MADV_NOHUGEPAGE)
        np.frombuffer(x, np.uint8)[:: 2 << 20].sum()
        time.sleep(60)
        """,
    ],
    ids=["children together", "a shared mapping", "tables of pages that are only read"],
)
def test_memory_that_no_process_alone_is_refused_ends_the_worker(worker: Worker, body: str):
    assert ended(call(worker, body)).crossed is Crossed.MEMORY


@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm", "."])
def test_a_full_disk_is_an_error(worker: Worker, folder: str):
    body = "for i in range(50):\n    with open(f'{args[0]}/{i}', 'wb') as f: f.write(bytes(2**20))"
    reply = call(worker, body, folder)
    assert isinstance(reply, Raised)
    assert "No space left" in reply.message


def test_a_file_has_a_largest_size(worker: Worker):
    reply = call(worker, "open('f', 'wb').write(bytes(9 << 20))")
    assert isinstance(reply, Raised)
    assert "File too large" in reply.message


def test_files_have_a_largest_number(worker: Worker):
    reply = call(worker, "import os\nfor i in range(10**6): os.mknod(f'{i}')")
    assert isinstance(reply, Raised)
    assert "No space left" in reply.message


def test_open_files_have_a_largest_number(worker: Worker):
    reply = call(worker, "return [open('/dev/null') for _ in range(1000)] and 1")
    assert isinstance(reply, Raised)
    assert "Too many open files" in reply.message
    assert value(call(worker, "return 1")) == 1


FORK_BOMB = """
    import os, time
    try:
        while True:
            if os.fork() == 0:
                time.sleep(60)
    except BlockingIOError as error:
        print(error)
"""


def test_processes_have_a_largest_number(worker: Worker):
    assert "Resource temporarily unavailable" in ok(worker, FORK_BOMB)
    found = error(worker, "import threading\nt = threading.Thread(target=print); t.start()")
    assert "can't start new thread" in found["evalue"]


def test_a_fork_bomb_ends_with_its_worker_while_another_works(make_worker: MakeWorker):
    bomb, other = make_worker(limits(cell=Span(1, 20))), make_worker()
    reply = bomb.run_cell("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", 0)
    assert value(call(other, "return 1")) == 1
    assert isinstance(reply, Ended | CellOutputs)
    bomb.close()
    assert value(call(make_worker(), "return 2")) == 2


def test_limits_hold_below_a_worker_and_cannot_be_raised(worker: Worker):
    body = """
        import resource, subprocess, sys
        code = "import resource; print(resource.getrlimit(resource.RLIMIT_FSIZE))"
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (2**40, 2**40))
        except ValueError as error:
            print(error)
    """
    printed = ok(worker, body)
    assert f"({8 * MIB}, {8 * MIB})" in printed
    assert "not allowed to raise" in printed
    here = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert here[0] != 8 * MIB


def test_no_core_is_dumped_and_no_program_started_to_take_it(worker: Worker):
    """One byte: see namespaces.limit."""
    core = "import resource\nreturn resource.getrlimit(resource.RLIMIT_CORE)"
    assert value(call(worker, core)) == (1, 1)


def test_what_a_call_prints_is_cut(worker: Worker):
    reply = call(worker, "print('x' * 10**7)\nreturn 1")
    assert value(reply) == 1
    assert len(reply.printed) <= 4000  # type: ignore[attr-defined]


@pytest.mark.parametrize("given", [Limits(), limits(memory=1), limits(call=Span(0.5, 2))])
def test_limits_travel_as_plain_data(given: Limits):
    plain: dict[str, Any] = given.to_plain()
    assert Limits.from_plain(plain) == given


def test_a_large_value_travels_within_the_limits(worker: Worker):
    define(worker, "import torch\nreturn torch.ones(args[0])")
    assert value(worker.call("f", (30 * MIB,))).sum() == 30 * MIB


def test_a_worker_that_reads_no_request_is_ended(make_worker: MakeWorker):
    worker = make_worker(limits(call=Span(0.5, 20)))
    stop = "threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGSTOP)).start()"
    run(worker, f"import os, signal, threading\n{stop}")
    time.sleep(0.5)
    assert ended(worker.call("f", (bytes(64 * MIB),))).crossed is Crossed.WALL
