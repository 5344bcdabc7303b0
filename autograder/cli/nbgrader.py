"""What of `autograder grade` is nbgrader's: its assignments, and its gradebook."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from autograder.config import CONFIG_NAME

if TYPE_CHECKING:
    from autograder.course import Course


def course_for(start: Path) -> "Course":
    """The course; a folder with nothing but nbgrader's configuration is one without chapters."""
    from autograder.course import load_course, without_chapters
    from autograder.errors import ConfigError
    from autograder.integrations.nbgrader_names import NBGRADER_CONFIG

    try:
        return load_course(start)
    except ConfigError:
        if (start / CONFIG_NAME).exists() or not (start / NBGRADER_CONFIG).is_file():
            raise
        return without_chapters(start)


def assignments_beside(course: "Course", gradebook: str | None) -> set[str]:
    """What nbgrader knows beside the course's chapters."""
    from autograder.integrations.nbgrader_names import assignments_below

    known = assignments_below(course.root)
    if gradebook is not None:
        with _nbgrader_needed():
            from autograder.integrations.nbgrader_course import assignments_in, course_at

            known |= assignments_in(course_at(course.root, gradebook))
    return known - course.chapters.keys()


def told_apart(
    course: "Course", paths: list[Path], chapter: str | None, assignments: Collection[str]
) -> tuple[list[Path], str | None]:
    """The paths, and the chapter that may have been named after them."""
    from autograder.grading.plan import named

    if chapter is None and len(paths) > 1 and not paths[-1].exists():
        *paths, last = paths
        chapter = named(course, str(last), assignments)
    for path in paths:
        if not path.exists():
            raise typer.BadParameter(f"Path '{path}' does not exist.", param_hint="PATH")
    return paths, chapter


def grading_for_nbgrader(
    gradebook: str | None, *, feedback: bool, quiet: bool
) -> Callable[..., None]:
    """What grades in the place of `autograder.grading.run.grade`."""
    with _nbgrader_needed():
        from autograder.integrations.nbgrader_class import grade_class

    def say(text: str) -> None:
        if not quiet:
            typer.echo(text, err=True)

    return partial(grade_class, gradebook=gradebook, feedback=feedback, say=say)


@contextmanager
def _nbgrader_needed() -> Iterator[None]:
    from autograder.errors import AutograderError

    try:
        yield
    except ModuleNotFoundError as error:
        raise AutograderError(
            f"this needs nbgrader ({error}): pip install 'dl-autograder[nbgrader]'"
        ) from error
