"""A run: jobs go to an executor, each result is kept and handed on as soon as it is there."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from functools import partial
from typing import TypeVar

from autograder.errors import JudgeFault
from autograder.grading.judging import Judged, Setup, judge_one
from autograder.grading.plan import Job
from autograder.grading.results import Results

J = TypeVar("J")
R = TypeVar("R")
AHEAD = 2  # jobs that an executor's process has before it, so that it never waits
MOST_BREAKS = 3  # an executor that breaks this often without a result in between won't do better


def grade(
    executor: Callable[[], Executor],
    number: int,
    setup: Setup,
    jobs: Sequence[Job],
    emit: Callable[[Job, Judged], None],
    *,
    results: Results | None = None,
    resume: bool = True,
) -> None:
    """Judge `jobs` with `number` processes of an executor, and hand each on to `emit` when it is in
    `results` (in the order in which they are ready). With `resume`, what is there already is handed
    on where judging would give the same.

    Raises whatever ended a job, JudgeFault when executors keep breaking; what was handed on until
    then is kept.
    """

    def land(job: Job, judged: Judged) -> None:
        if results is not None and judged.anew:
            results.keep(job.path, judged.result)
        emit(job, judged)

    kept_in = results.folder if results is not None and resume else None
    each(executor, number, partial(judge_one, setup, kept_in=kept_in), jobs, land)


def each(
    executor: Callable[[], Executor],
    number: int,
    work: Callable[[J], R],
    jobs: Sequence[J],
    land: Callable[[J, R], None],
) -> None:
    """Have an executor's processes do `work` on each of `jobs`, and call `land` here, one after the
    other, as soon as one is done.

    Another executor is made when one breaks: its process was killed from outside.
    """
    waiting = deque(jobs)
    breaks = 0
    while waiting:
        running: dict[Future[R], J] = {}
        workers = executor()
        try:
            while waiting or running:
                while (
                    waiting and len(running) < AHEAD * number and not any(map(Future.done, running))
                ):
                    job = waiting.popleft()
                    running[workers.submit(work, job)] = job
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=list(running).index):
                    outcome, job = future.result(), running[future]
                    land(job, outcome)
                    del running[future]
                    breaks = 0
        except BrokenExecutor as error:
            breaks += 1
            if breaks == MOST_BREAKS:
                raise JudgeFault(f"the judging processes keep dying: {error}") from error
            waiting.extendleft(reversed(running.values()))
        except BaseException:
            workers.shutdown(wait=False, cancel_futures=True)
            raise
        workers.shutdown(wait=not running)
