"""Budgets: how long a submission may take, as a multiple of what the reference takes.

Both run through the same path, in workers of the same sandbox, in turn and on fresh inputs at every
timed call, whose answers are checked too. What decides is a figure that the worker can't forge: its
processor clock, read from outside. Others could compute while it sleeps at zero. A child can't, for
there is none (see sandbox/alone.py); and where the main thread spent much of the wall time neither
running nor waiting for a processor, wall time decides (less the time in which the judge itself had
to wait for one). On a GPU it is the judge's wall clock round a call that ends with the values'
return, less the cost of a call that does nothing.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from statistics import median
from typing import Any

from autograder.errors import JudgeFault
from autograder.judge.compare import assert_close
from autograder.judge.failures import failure
from autograder.judge.result import Unsuccessful, Verdict
from autograder.judge.student import Reference, Student
from autograder.sandbox.connection import Worker
from autograder.sandbox.replies import Reply, Times, Value
from autograder.text import Text

WARM_UP = 1
CALLS = 5
MORE_CALLS = 10  # a verdict against the student is taken only on more evidence
HOPELESS = 3  # times the budget: more evidence than the first calls isn't needed
IDLE_SHARE, IDLE_SECONDS = 0.25, 0.005  # sleep that the wire and the system account for

Inputs = Callable[[], tuple[tuple[Any, ...], dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Lane:
    """A runner: whom to ask, and the seconds that a call which does nothing takes (those of the
    reference's worker, for both: a submission could make nothing last long)."""

    requests: Worker
    idle: float
    ban: tuple[str, ...]
    cuda: bool
    trusted: bool  # the reference hides no work: its processor clock is all there is to it

    def run(self, name: str, args: Any, kwargs: Any) -> tuple[Reply, float]:
        """One timed call: its reply, and the seconds that it is charged."""
        reply = self.requests.call(name, args, kwargs, ban=self.ban, timed=True)
        times = reply.times
        by_clock = self.trusted and not self.cuda
        seconds = times.cpu if by_clock else charge(times, cuda=self.cuda)
        return reply, max(seconds - self.idle, 1e-6)


class Budget:
    """The fixture `budget`: `budget.check("conv2d_fast", inputs)`."""

    def __init__(
        self,
        factor: float,
        student: Student,
        lanes: Callable[[], tuple[Lane, Lane]],
        exact: Reference,
    ) -> None:
        self.factor = factor
        self._student = student
        self._lanes = lanes  # made when the grader runs: there may be no live worker before
        self._exact = exact

    def check(self, name: str, inputs: Inputs) -> None:
        """End the grader with `over budget` when the submission's `name` takes more than the
        factor times what the reference takes; `inputs` makes (args, kwargs) anew for each call."""
        lanes = self._lanes()
        transcript = self._student.transcript

        def pair() -> tuple[float, float]:
            kept = len(transcript)
            seconds = self._pair(name, inputs, *lanes)
            if kept:  # only the first inputs are those of a replay, see `Untimed`
                del transcript[kept:]
            return seconds

        for _ in range(WARM_UP):
            pair()
        times = [pair() for _ in range(CALLS)]
        if self.factor < _ratio(times) < HOPELESS * self.factor:
            times += [pair() for _ in range(MORE_CALLS)]
        ratio = _ratio(times)
        if ratio > self.factor:
            en = (
                f"{name} is right, but takes {ratio:.1f} times as long as the reference; "
                f"the budget is {self.factor:g} times."
            )
            zh = f"{name} 结果正确，但耗时是参考实现的 {ratio:.1f} 倍；预算是 {self.factor:g} 倍。"
            raise Unsuccessful(Verdict.OVER_BUDGET, Text(en, zh))

    def _pair(
        self, name: str, inputs: Inputs, submission: Lane, reference: Lane
    ) -> tuple[float, float]:
        args, kwargs = inputs()
        reply, seconds = submission.run(name, args, kwargs)
        value = self._student.accept(reply, name)
        assert_close(value, self._exact.call(name, args, kwargs))
        args, kwargs = inputs()
        with stopped(submission.requests):
            answer, reference_seconds = reference.run(name, args, kwargs)
        if not isinstance(answer, Value):
            error = failure(answer, name, reference.requests.call_limit)
            raise JudgeFault(f"the reference solution failed where it was timed: {error}")
        return seconds, reference_seconds


class Untimed:
    """Stands for the budget where a grader is replayed: the answers count, time doesn't."""

    def __init__(self, student: Student, exact: Reference) -> None:
        self._student, self._exact = student, exact

    def check(self, name: str, inputs: Inputs) -> None:
        """Compare one call's answer."""
        args, kwargs = inputs()
        assert_close(self._student.call(name, args, kwargs), self._exact.call(name, args, kwargs))


def lanes(
    submission: Worker, reference: Worker, ban: tuple[str, ...], *, cuda: bool
) -> tuple[Lane, Lane]:
    """The lanes of a submission, which `ban` holds for, and of the reference."""
    null = [reference.seed(0).times for _ in range(CALLS)]
    idle = min(times.wall if cuda else times.cpu for times in null)
    return Lane(submission, idle, ban, cuda, False), Lane(reference, idle, (), cuda, True)


@contextmanager
def stopped(worker: Worker) -> Iterator[None]:
    """Stop the process of `worker` meanwhile: what its threads would do on the next processor, or
    to the memory that both share, makes others slow."""
    _signal(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(worker, signal.SIGCONT)


def _signal(worker: Worker, number: int) -> None:
    if worker.ended is None:
        with suppress(ProcessLookupError):
            os.kill(worker.pid, number)


def charge(times: Times, *, cuda: bool) -> float:
    """The seconds that a call is charged."""
    if cuda:
        return times.wall
    asleep = times.wall - times.queued - times.cpu
    if asleep > IDLE_SECONDS + IDLE_SHARE * times.wall:
        return max(times.cpu, times.wall - times.queued)
    return times.cpu


def _ratio(times: list[tuple[float, float]]) -> float:
    student, reference = zip(*times, strict=True)
    return float(median(student) / median(reference))
