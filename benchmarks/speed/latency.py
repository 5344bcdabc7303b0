"""What one submission costs, and one call: cold start, latency, a worker's memory."""

import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import torch

from autograder.course import Chapter, load_course
from autograder.judge.session import UNDRAWN, Judge
from benchmarks.speed.course import ROOT
from benchmarks.speed.measure import memory_of

CHAPTER = "ch11_rnn"  # its source notebook is the submission
PROCESSES = 5
WORKERS = 20
CALLS = 2000
LARGE_CALLS = 100
IDENTITY = "def identity(x):\n    return x\n"

Figures = dict[str, float]  # seconds, and bytes


def latency() -> Figures:
    """Medians of whole processes, of workers, of calls; what memory a worker has for itself."""
    course = load_course(ROOT)
    chapter = course.chapter(CHAPTER)
    figures = _cold(chapter)
    with Judge(course, environment=UNDRAWN) as judge:
        figures["worker"] = timed(lambda: judge.sandbox.worker().close(), WORKERS)
        with judge.sandbox.worker() as worker:
            figures["fresh memory"] = memory_of(worker.pid, "Private_")
            worker.run_cell(IDENTITY, 0)
            figures["null call"] = timed(lambda: worker.seed(0), CALLS)
            figures["call"] = timed(lambda: worker.call("identity", (1,)), CALLS)
            megabytes = torch.zeros(1024, 1024)  # 4 MiB of float32
            both_ways = timed(lambda: worker.call("identity", (megabytes,)), LARGE_CALLS)
            figures["4 MiB both ways"] = both_ways
            figures["used memory"] = memory_of(worker.pid, "Private_")
    return figures


def timed(work: Callable[[], object], times: int) -> float:
    """The median of the seconds that `work` takes."""
    return median(_seconds(work) for _ in range(times))


def _cold(chapter: Chapter) -> Figures:
    """Whole processes from their start to their end, in turns: what disturbs one disturbs both."""
    source = str(chapter.source_path)
    commands = {
        "import torch": [sys.executable, "-c", "import torch"],
        "cold": [sys.executable, "-m", "autograder", "grade", "--quiet", source],
    }
    rounds = [
        {name: _seconds(lambda words=words: _run(words)) for name, words in commands.items()}
        for _ in range(PROCESSES)
    ]
    return {name: median(each[name] for each in rounds) for name in commands}


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
