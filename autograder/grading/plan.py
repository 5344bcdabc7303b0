"""Which paths are graded, for which chapter, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Chapter, Course
from autograder.errors import SubmissionError
from autograder.submission import discover, read_one_of_many, read_submission
from autograder.submission.text import shown


@dataclass(frozen=True)
class Job:
    """A path to grade, and the name of the chapter that it is a submission for."""

    path: Path
    chapter: str


def plan(course: Course, paths: Sequence[Path], chapter: str | None = None) -> list[Job]:
    """What `paths` hold, in order, chapter by chapter; raises SubmissionError where the chapter
    can't be told.

    One among others, a damaged file say, is for their chapter if they all agree: it mustn't keep
    the class from being graded.
    """
    wanted = course.chapter(chapter) if chapter else None
    found = discover(paths, chapter=wanted.name if wanted else None)
    if not found:
        names = ", ".join(shown(str(path)) for path in paths)
        raise SubmissionError(f"no notebook, .py file or zip to grade in {names}")
    if len(found) == 1:
        read_submission(found[0])  # alone, it is the instructor who named what can't be read
    chapters = {path: wanted or _chapter_of(course, path) for path in found}
    told = {chapter.name for chapter in chapters.values() if chapter is not None}
    jobs = []
    for path, chapter_told in chapters.items():
        if chapter_told is None and len(told) != 1:
            known = ", ".join(course.chapters)
            raise SubmissionError(
                f"can't tell which chapter {shown(str(path))} is for; say --chapter with one of"
                f" {known}"
            )
        jobs.append(Job(path, chapter_told.name if chapter_told else min(told)))
    order = list(course.chapters)
    return sorted(jobs, key=lambda job: order.index(job.chapter))


def _chapter_of(course: Course, path: Path) -> Chapter | None:
    """The chapter that `path` names or, failing that, whose exercises are in it."""
    resolved = path.resolve()
    for part in (resolved.stem, *(parent.name for parent in resolved.parents)):
        if part in course.chapters:
            return course.chapters[part]
    cells = read_one_of_many(path, chapter="").cells
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
    return None
