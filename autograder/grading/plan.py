"""Which paths are graded, for which chapter, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Chapter, Course
from autograder.errors import SubmissionError
from autograder.submission import discover, read_submission


@dataclass(frozen=True)
class Job:
    """A path to grade, and the name of the chapter that it is a submission for."""

    path: Path
    chapter: str


def plan(course: Course, paths: Sequence[Path], chapter: str | None = None) -> list[Job]:
    """What `paths` hold, in order, chapter by chapter; raises SubmissionError where the chapter
    can't be told."""
    wanted = course.chapter(chapter) if chapter else None
    found = discover(paths, chapter=wanted.name if wanted else None)
    if not found:
        names = ", ".join(map(str, paths))
        raise SubmissionError(f"no notebook, .py file or zip to grade in {names}")
    jobs = [Job(path, (wanted or chapter_of(course, path)).name) for path in found]
    order = list(course.chapters)
    return sorted(jobs, key=lambda job: order.index(job.chapter))


def chapter_of(course: Course, path: Path) -> Chapter:
    """The chapter that `path` names or, failing that, whose exercises are in it."""
    resolved = path.resolve()
    for part in (resolved.stem, *(parent.name for parent in resolved.parents)):
        if part in course.chapters:
            return course.chapters[part]
    cells = read_submission(path).cells
    ids = {cell.grade_id for cell in cells}
    sources = [cell.source for cell in cells]
    for holds in (
        lambda name: name in ids,
        lambda name: any(
            f"def {name}(" in source or f"class {name}" in source for source in sources
        ),
    ):
        fitting = [c for c in course.chapters.values() if any(map(holds, c.exercises))]
        if len(fitting) == 1:
            return fitting[0]
    known = ", ".join(course.chapters)
    raise SubmissionError(
        f"can't tell which chapter {path} is for; say --chapter with one of {known}"
    )
