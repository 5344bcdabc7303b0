"""A run: jobs go to an executor, each result is kept and handed on as soon as it is there."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait

from autograder.errors import JudgeFault
from autograder.grading.judging import Judged, Setup, judge_one
from autograder.grading.plan import Job
from autograder.grading.results import Results

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

    Another executor is made when one breaks: its process was killed from outside. Raises whatever
    ended a job, JudgeFault when executors keep breaking; what was handed on until then is kept.
    """
    waiting = deque(jobs)
    kept_in = results.folder if results is not None and resume else None
    breaks = 0
    while waiting:
        running: dict[Future[Judged], Job] = {}
        workers = executor()
        try:
            while waiting or running:
                while (
                    waiting and len(running) < AHEAD * number and not any(map(Future.done, running))
                ):
                    job = waiting.popleft()
                    running[workers.submit(judge_one, setup, job, kept_in)] = job
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=list(running).index):
                    judged, job = future.result(), running[future]
                    if results is not None and judged.anew:
                        results.keep(job.path, judged.result)
                    del running[future]
                    emit(job, judged)
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
