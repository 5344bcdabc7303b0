"""Where the time of a submission goes in the judge's process: its functions, pytest's and the
graders', by wall time with all that they call. Waiting for the worker shows as reading from it."""

import cProfile
import pstats
from pathlib import Path
from typing import cast

import nbformat

from autograder.course import Chapter, Course
from autograder.judge.session import UNDRAWN, Judge
from autograder.submission import read_submission
from benchmarks.side_by_side.tool import lay_down
from benchmarks.speed.filled import filled
from benchmarks.speed.students import Class

SHOWN = 40
OF_INTEREST = ("autograder", "_pytest", "assignments", "solutions")

Stats = dict[tuple[str, int, str], tuple[int, int, float, float, object]]


def profile(folder: Path, course: Course, chapter: Chapter, students: Class) -> list[list[str]]:
    """(where, calls, own ms, ms with all that is called), each a submission; the longest first.

    Profiling makes short calls look longer than they are: shares are rough.
    """
    notebook = nbformat.read(chapter.release_path, as_version=4)
    lay_down(folder, {f"{name}.ipynb": filled(notebook, a) for name, a in students.items()})
    first, *others = (
        read_submission(folder / f"{name}.ipynb", chapter=chapter.name) for name in students
    )
    profiler = cProfile.Profile()
    with Judge(course, environment=UNDRAWN) as judge:
        judge.grade(chapter, [first], lambda *_: None)
        profiler.enable()
        judge.grade(chapter, others, lambda *_: None)
        profiler.disable()
    stats = cast("Stats", pstats.Stats(profiler).stats)  # type: ignore[attr-defined]
    rows = sorted(stats.items(), key=lambda row: row[1][3], reverse=True)
    count = len(others)
    return [
        [
            f"{_short(path)}:{line} {name}",
            f"{calls / count:.1f}",
            f"{own / count * 1000:.2f}",
            f"{total / count * 1000:.2f}",
        ]
        for (path, line, name), (_, calls, own, total, _) in rows
        if set(OF_INTEREST) & set(Path(path).parts)
    ][:SHOWN]


def _short(path: str) -> str:
    """A file's path from the package or folder of interest on."""
    parts = Path(path).parts
    start = next(index for index, part in enumerate(parts) if part in OF_INTEREST)
    return "/".join(parts[start:])
