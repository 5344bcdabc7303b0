"""What one submission costs: cold, warm, a call, a worker's memory. `make bench` runs it.

    python benchmarks/latency.py [--chapter ch11_rnn] [--submissions 20] [--cold 3]

Everything is measured in one run on one machine, so the ratios mean something where the seconds
don't. Wall seconds; the median of several.
"""

import argparse
import itertools
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import torch
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from autograder.course import Chapter, load_course
from autograder.judge.session import UNDRAWN, Judge
from autograder.sandbox.connection import Worker
from autograder.submission import read_submission

ROOT = Path(__file__).resolve().parent.parent
CALLS = 2000
IDENTITY = "def identity(x):\n    return x\n"


def timed(work: Callable[[], object], times: int) -> float:
    """The median of the seconds that `work` takes."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return median(seconds)


def run(*command: str) -> None:
    """Run a command to its end; one that loses marks or fails is no measurement."""
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)


def private_memory(pid: int) -> int:
    """Bytes that only process `pid` has: what one more worker costs."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def cold(chapter: Chapter, times: int) -> dict[str, float]:
    """Whole processes, from start to result."""
    grade = [sys.executable, "-m", "autograder", "grade", "--quiet", str(chapter.source_path)]
    return {
        "python -c 'import torch'": timed(lambda: run(sys.executable, "-c", "import torch"), times),
        "cold: autograder grade, one submission": timed(lambda: run(*grade), times),
    }


def warm(judge: Judge, chapter: Chapter, count: int) -> dict[str, float]:
    """Each further submission of a session."""
    ends: list[float] = []
    submissions = [read_submission(chapter.source_path, chapter=chapter.name)] * (count + 1)
    judge.grade(chapter, submissions, lambda *_: ends.append(time.perf_counter()))
    return {"warm: each further submission": median(b - a for a, b in itertools.pairwise(ends))}


def calls(worker: Worker) -> dict[str, float]:
    """Calls into a worker, and back."""
    worker.run_cell(IDENTITY, 0)
    megabytes = torch.zeros(1024, 1024)  # 4 MiB of float32
    return {
        "a null call": timed(lambda: worker.seed(0), CALLS),
        "a call of a function": timed(lambda: worker.call("identity", (1,)), CALLS),
        "4 MiB there and back": timed(lambda: worker.call("identity", (megabytes,)), 50),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chapter", default="ch11_rnn")
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--cold", type=int, default=3, help="how often whole processes run")
    options = parser.parse_args()
    course = load_course(ROOT)
    chapter = course.chapter(options.chapter)
    figures = cold(chapter, options.cold)
    with Judge(course, environment=UNDRAWN) as judge:
        figures |= warm(judge, chapter, options.submissions)
        figures["a worker, from asking to ready"] = timed(
            lambda: judge.sandbox.worker().close(), 20
        )
        with judge.sandbox.worker() as worker:
            fresh = private_memory(worker.pid)
            figures |= calls(worker)
            used = private_memory(worker.pid)
    table = Table(box=SIMPLE_HEAD, title=f"{chapter.name}: {len(chapter.exercises)} exercises")
    for name in ("what", "seconds", "× import torch"):
        table.add_column(name, justify="left" if name == "what" else "right")
    base = figures["python -c 'import torch'"]
    for name, seconds in figures.items():
        table.add_row(name, f"{seconds:.6f}", f"{seconds / base:.5f}")
    console = Console()
    console.print(table)
    console.print(
        f"private memory of a worker: {fresh / 2**20:.1f} MiB fresh, "
        f"{used / 2**20:.1f} MiB after these calls",
        highlight=False,
    )


if __name__ == "__main__":
    main()
