"""Grading a class: nbgrader, otter, bare pytest and this judge on the same submissions, one after
another in one run. `make bench` runs it.

    python benchmarks/class.py [--only PART …] [--submissions 60] [--full] [--markdown] [--json F]

Parts:

    class     six exercises, every way to grade them, on the same marks
    budget    an exercise with a time budget, whose timed calls are repeated by design
    latency   a cold start, a call, a tensor, a worker
    curve     10 to 2,000 submissions of one small exercise; the last run is killed twice as well
    profile   where the judge's time goes; only when it is asked for

nbgrader and otter take so long that they get the first few submissions only; --full gives them all.
The last lines are the bars: name, figure, target, ok or short. The exit code is 1 when one is
short. Ratios mean something on a quiet machine only. Needs the extras nbgrader and otter.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from benchmarks.speed.bars import CLASS
from benchmarks.speed.course import CHEAP, SIX, TIMED, make_course
from benchmarks.speed.curve import curve, picture
from benchmarks.speed.latency import latency
from benchmarks.speed.profile import profile
from benchmarks.speed.rates import FEWEST, Rate, rates
from benchmarks.speed.report import Found, show
from benchmarks.speed.students import make_class
from benchmarks.speed.ways import Autograder, Floor, Nbgrader, Otter, Preprocessor, Pytest, Way

USUAL = ("class", "budget", "latency", "curve")
PARTS = (*USUAL, "profile")
ALL = 10**9
# Each way, how many submissions it gets at most, and how often: the quick ones' start-up must not
# blur what a submission costs.
WAYS: tuple[tuple[Way, int, int], ...] = (
    (Autograder(1), ALL, 2),
    (Autograder(2), ALL, 2),
    (Floor(), ALL, 2),
    (Pytest(), 8, 1),
    (Preprocessor(), 20, 1),
    (Nbgrader(), 12, 1),
    (Otter(), 6, 1),
)
BUDGET_SUBMISSIONS = 20
SIZES = (10, 100, 500, 2000)

progress = Console(stderr=True, highlight=False)


def measure(parts: Sequence[str], submissions: int, sizes: Sequence[int], *, full: bool) -> Found:
    """Measure `parts`, one thing after the other."""
    found = Found()
    say = _said_since(time.monotonic())
    with tempfile.TemporaryDirectory(prefix="class-") as name:
        folder = Path(name)
        if "latency" in parts:
            say("a cold start, calls, a worker")
            found.latency = latency()
        if "class" in parts:
            ways = [
                (way, submissions if full else min(most, submissions), repeats)
                for way, most, repeats in WAYS
            ]
            found.rates = _rates(folder, "six", SIX, ways, say)
        if "budget" in parts:
            count = min(BUDGET_SUBMISSIONS, submissions)
            ways = [(Autograder(jobs), count, 1) for jobs in (1, 2)]
            found.budget = _rates(folder, "timed", TIMED, ways, say)
        if "curve" in parts:
            way = Autograder(2)
            course = make_course(folder / "course-cheap", "cheap", CHEAP)
            way.make(folder / "cheap", course, course.chapter("cheap"))
            students = make_class(way.chapter, sizes[-1])
            found.curve = curve(way, students, sizes, say)
        if "profile" in parts:
            say("a profile")
            course = make_course(folder / "course-profile", "six", SIX)
            chapter = course.chapter("six")
            students = make_class(chapter, submissions)
            found.profile = profile(folder / "profile", course, chapter, students)
    return found


def _rates(
    folder: Path,
    name: str,
    exercises: Sequence[str],
    ways: Sequence[tuple[Way, int, int]],
    say: Callable[[str], None],
) -> dict[str, Rate]:
    course = make_course(folder / f"course-{name}", name, exercises)
    chapter = course.chapter(name)
    students = make_class(chapter, max(count for _, count, _ in ways))
    return rates(ways, folder, course, chapter, students, say)


def _said_since(began: float) -> Callable[[str], None]:
    def say(what: str) -> None:
        progress.print(f"[dim]{time.monotonic() - began:4.0f} s[/]  {what}")

    return say


def main() -> int:
    """Measure, print; 1 when a bar is short."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=USUAL, metavar="PART")
    parser.add_argument("--submissions", type=int, default=CLASS, help="in the class, at least 3")
    parser.add_argument("--full", action="store_true", help="all of them for every tool")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="of the curve")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    parser.add_argument("--json", type=Path, metavar="F", help="write all figures to F")
    parser.add_argument("--picture", type=Path, metavar="F", help="draw the curve into F")
    options = parser.parse_args()
    if options.submissions <= FEWEST:
        parser.error(f"--submissions must be more than {FEWEST}")
    found = measure(options.only, options.submissions, options.sizes, full=options.full)
    show(found, markdown=options.markdown)
    if options.json:
        bars = [asdict(bar) | {"holds": bar.holds} for bar in found.bars]
        options.json.write_text(json.dumps(asdict(found) | {"bars": bars}, indent=2))
    if options.picture and found.curve:
        picture(found.curve, options.picture)
    return 0 if all(bar.holds for bar in found.bars) else 1


if __name__ == "__main__":
    sys.exit(main())
