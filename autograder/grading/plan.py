"""Which paths are graded, for which chapter, in which order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Course
from autograder.errors import SubmissionError
from autograder.submission import discover, read_one_of_many, read_submission
from autograder.submission.text import shown


@dataclass(frozen=True)
class Job:
    """A path to grade, and the name of the chapter or assignment that it is a submission for."""

    path: Path
    chapter: str


def plan(
    course: Course,
    paths: Sequence[Path],
    chapter: str | None = None,
    assignments: Collection[str] = (),
) -> list[Job]:
    """What `paths` hold, in order, chapter by chapter; raises SubmissionError where the chapter
    can't be told. `assignments` may be graded beside the chapters; only their names tell them.

    One among others, a damaged file say, is for their chapter if they all agree: it mustn't keep
    the class from being graded.
    """
    wanted = chapter and named(course, chapter, assignments)
    found = _found(paths, wanted, assignments)
    if not found:
        names = ", ".join(shown(str(path)) for path in paths)
        raise SubmissionError(f"no notebook, .py file or zip to grade in {names}")
    if len(found) == 1 and wanted not in assignments:
        read_submission(found[0])  # alone, it is the instructor who named what can't be read
    chapters = {path: wanted or _chapter_of(course, path, assignments) for path in found}
    told = {name for name in chapters.values() if name is not None}
    jobs = []
    for path, name in chapters.items():
        if name is None and len(told) != 1:
            known = ", ".join([*course.chapters, *sorted(assignments)])
            raise SubmissionError(
                f"can't tell which chapter {shown(str(path))} is for; say --chapter with one of"
                f" {known}"
            )
        jobs.append(Job(path, name or min(told)))
    order = [*course.chapters, *sorted(assignments)]
    return sorted(jobs, key=lambda job: order.index(job.chapter))


def named(course: Course, name: str, assignments: Collection[str]) -> str:
    """The chapter or assignment that `name` means; raises CourseError where there is none."""
    return name if name in assignments else course.chapter(name).name


def _found(paths: Sequence[Path], wanted: str | None, assignments: Collection[str]) -> list[Path]:
    """The submissions in `paths`. A folder with an assignment's name is one, of many notebooks."""
    whole = [
        path for path in paths if path.is_dir() and path.resolve().name in (wanted, *assignments)
    ]
    notebooks = [path for path in whole if any(path.glob("*.ipynb"))]
    others = [path for path in paths if path not in notebooks]
    return [*notebooks, *(discover(others, chapter=wanted) if others else [])]


def _chapter_of(course: Course, path: Path, assignments: Collection[str]) -> str | None:
    """The chapter or assignment that `path` names or, failing that, the chapter whose exercises
    are in it."""
    resolved = path.resolve()
    for part in (resolved.stem, *(parent.name for parent in resolved.parents)):
        if part in course.chapters or part in assignments:
            return part
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
            return fitting[0].name
    return None
