"""Where jobs are judged: in this process, or in several that are forked from it.

Both are `concurrent.futures.Executor`s, and `autograder.grading.run.grade` takes any other, as long
as it can run `autograder.grading.judging.judge_one` where the course and its submissions are.
"""

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any, ParamSpec, TypeVar

from autograder.grading.judging import Setup, part_from_parent

P = ParamSpec("P")
T = TypeVar("T")
PR_SET_PDEATHSIG = 1


class InThisProcess(Executor):
    """Runs each job when it is submitted."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the future's to raise
            future.set_exception(error)
        return future


class Forked(ProcessPoolExecutor):
    """`number` processes, forked from this one with all that it has imported and collected.

    They die with it, whichever way it ends; Ctrl-C is its own to handle.
    """

    def __init__(self, number: int, setup: Setup) -> None:
        super().__init__(
            number,
            mp_context=multiprocessing.get_context("fork"),
            initializer=_begin,
            initargs=(setup, os.getpid()),
        )

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Without `wait`, what is running is killed."""
        processes: dict[int, Any] = dict(self._processes or {})
        super().shutdown(wait=False, cancel_futures=cancel_futures or not wait)
        for process in processes.values():
            if not wait:
                process.kill()
            process.join()


def _begin(setup: Setup, parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it was gone before that took effect
        os._exit(1)
    part_from_parent(setup)


def executor(number: int, setup: Setup) -> Callable[[], Executor]:
    """What makes an executor of `number` processes."""
    return InThisProcess if number == 1 else lambda: Forked(number, setup)
