"""Budgets: what counts against one, and what doesn't help.

No test here measures this machine: a slow submission is slower than its budget by far, and what a
fast one does is the reference's own work.
"""

import os
import signal
from pathlib import Path

import pytest

from autograder.judge.budget import charge, stopped
from autograder.judge.result import TestResult, Verdict
from autograder.judge.session import Judge
from autograder.sandbox.replies import Times
from tests.judging import TIMED, by_name, grade_one
from tests.sandbox.asking import eventually


def powers(judge: Judge, source: str) -> TestResult:
    result = grade_one(judge, source, chapter="ch03_timed")
    assert result.faults == []
    return by_name(result)["test_keeps_up"]


def wrapped(body: str) -> str:
    """The right powers, called within this body."""
    right = TIMED.replace("def powers", "def right")
    lines = body.replace("\n", "\n    ")
    return f"{right}\nimport os, pickle, threading, time\ndef powers(x):\n    {lines}\n"


def test_a_right_and_fast_submission_passes(judge: Judge) -> None:
    assert powers(judge, TIMED).verdict is Verdict.PASSED


def test_a_slow_submission_is_over_budget_and_told_by_how_much(judge: Judge) -> None:
    test = powers(judge, wrapped("for _ in range(12):\n    y = right(x)\nreturn y"))
    assert test.verdict is Verdict.OVER_BUDGET
    assert test.message.startswith("powers is right, but takes ")
    assert test.message.endswith(" times as long as the reference; the budget is 3 times.")
    assert float(test.message.split("takes ")[1].split()[0]) > 3
    assert test.hint == "You begin anew each time."


A_THREAD = """t = threading.Thread(target=lambda: [right(x) for _ in range(40)])
t.start()
t.join()
return right(x)"""


@pytest.mark.parametrize(
    "body", ["time.sleep(0.2)\nreturn right(x)", A_THREAD], ids=["sleeping", "thread"]
)
def test_neither_sleep_nor_threads_come_for_free(judge: Judge, body: str) -> None:
    assert powers(judge, wrapped(body)).verdict is Verdict.OVER_BUDGET


A_SLOW_CHILD = """
import mmap, os, pickle
ask, told = os.pipe()
heard, answer = os.pipe()
if os.fork() == 0:
    while True:
        x = pickle.loads(os.read(ask, 60_000))
        for _ in range(40):
            y = right(x)
        os.write(answer, pickle.dumps(y))
"""


def test_a_child_does_no_work_on_the_clock(judge: Judge) -> None:
    """What it takes would be nobody's time, above all where its parent waits for a processor."""
    body = "os.write(told, pickle.dumps(x))\nreturn pickle.loads(os.read(heard, 60_000))"
    source = wrapped(body).replace("\ndef powers", A_SLOW_CHILD + "\ndef powers")
    assert powers(judge, source).verdict is Verdict.TIME_LIMIT
    test = powers(judge, wrapped("os.fork() or os._exit(0)\nreturn right(x)"))
    assert test.verdict is Verdict.ERROR
    assert "Operation not permitted" in test.message


def test_making_a_call_that_does_nothing_slow_gains_no_time(judge: Judge) -> None:
    slow = """
import random
def seed(_):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
random.seed = seed
"""
    source = wrapped("for _ in range(12):\n    y = right(x)\nreturn y")
    assert powers(judge, source + slow).verdict is Verdict.OVER_BUDGET


def test_a_submission_stands_still_while_the_reference_is_timed(judge: Judge) -> None:
    with judge.sandbox.worker() as worker:
        with stopped(worker):
            assert eventually(lambda: _state(worker.pid) == "T")
        assert worker.seed(0).times.wall > 0
        assert _state(worker.pid) in "RS"


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_wrong_answer_in_a_timed_call_is_a_wrong_answer(judge: Judge) -> None:
    assert powers(judge, "def powers(x):\n    return x").verdict is Verdict.WRONG_ANSWER


def test_a_wrong_answer_in_a_later_timed_call_is_found_too(judge: Judge) -> None:
    body = (
        "global calls\ncalls = globals().get('calls', 0) + 1\nreturn right(x) if calls < 4 else x"
    )
    test = powers(judge, wrapped(body))
    assert (test.verdict, test.hint) == (Verdict.WRONG_ANSWER, "")


def test_results_that_are_kept_do_not_help(judge: Judge) -> None:
    """Every timed call has fresh inputs."""
    body = "global kept\nif 'kept' not in globals():\n    kept = right(x)\nreturn kept"
    assert powers(judge, wrapped(body)).verdict is Verdict.WRONG_ANSWER


def test_inputs_cannot_be_told_from_what_the_submission_draws(judge: Judge) -> None:
    """Else it would have its answers ready before the clock runs."""
    body = """generator = torch.Generator().manual_seed(torch.initial_seed())
expected = [torch.randn(x.shape, generator=generator) / 10 for _ in range(40)]
scales = [(x / y)[0, 0] * torch.ones_like(x) for y in expected]
assert not any(torch.allclose(x, y * s) for y, s in zip(expected, scales)), 'foreseen'
return right(x)"""
    test = powers(judge, wrapped(body))
    assert "foreseen" not in test.message
    assert test.verdict in (Verdict.PASSED, Verdict.OVER_BUDGET)


def test_an_argument_changed_in_a_timed_call_is_a_wrong_answer(judge: Judge) -> None:
    test = powers(judge, wrapped("y = right(x)\nx.zero_()\nreturn y"))
    assert test.verdict is Verdict.WRONG_ANSWER
    assert test.message.startswith("powers changed argument 1 in place")


def test_a_misconception_is_recognised_by_its_first_answer(judge: Judge) -> None:
    test = powers(judge, TIMED.replace("/ 10", "/ 20"))
    assert (test.verdict, test.hint) == (Verdict.WRONG_ANSWER, "You scale too much.")


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("return 1 / 0", Verdict.ERROR),
        ("os._exit(1)", Verdict.ERROR),
        ("while True: pass", Verdict.TIME_LIMIT),
        ("return (i for i in x)", Verdict.WRONG_ANSWER),
        ("raise NotImplementedError('exercise powers: write it')", Verdict.MISSING),
    ],
)
def test_a_timed_call_fails_as_any_other(judge: Judge, body: str, verdict: Verdict) -> None:
    assert powers(judge, wrapped(body)).verdict is verdict


def test_a_submission_that_defines_nothing_is_missing(judge: Judge) -> None:
    assert powers(judge, "1 / 0\ndef powers(x):\n    return x").message.endswith(
        "ZeroDivisionError: division by zero"
    )


def test_a_worker_that_the_cells_left_dead_is_replaced_before_the_timing(judge: Judge) -> None:
    source = f"# %%\nimport os\nos._exit(1)\n# %%\n{TIMED}"
    assert powers(judge, source).verdict is Verdict.PASSED


def test_the_references_worker_is_replaced_when_it_is_gone(judge: Judge) -> None:
    """It is ours, so its end costs nobody points."""
    assert powers(judge, TIMED).verdict is Verdict.PASSED
    bench = judge.bench(judge.course.chapter("ch03_timed"))
    assert bench._reference_worker is not None
    os.kill(bench._reference_worker.pid, signal.SIGKILL)
    assert powers(judge, TIMED).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("times", "charged"),
    [
        (Times(wall=1.0, cpu=0.99, queued=0.0), 0.99),  # at work all the time
        (Times(wall=1.0, cpu=0.5, queued=0.49), 0.5),  # waited for a processor: not its fault
        (Times(wall=1.0, cpu=0.1, queued=0.2), 0.8),  # asleep, or a child was at work
        (Times(wall=1.0, cpu=3.5, queued=0.0), 3.5),  # four threads
        (Times(wall=0.004, cpu=0.001, queued=0.0), 0.001),  # the wire
    ],
)
def test_what_a_call_is_charged(times: Times, charged: float) -> None:
    assert charge(times, cuda=False) == pytest.approx(charged)


def test_on_a_gpu_the_wall_clock_decides() -> None:
    assert charge(Times(wall=1.0, cpu=0.2, queued=0.5), cuda=True) == 1.0
