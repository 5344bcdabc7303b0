"""The six chapters by `nbgrader autograde` and by `autograder grade`: the same marks."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.course import load_course
from autograder.integrations import nbgrader as integration
from tests.integrations.classroom import HERE, NBGRADER_WARNS, Classroom, by_command

pytestmark = [
    pytest.mark.slow,
    *(pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS),
]

COURSE = load_course(HERE / "grading_config.yml")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Any:
    room = Classroom.of_this_course(tmp_path_factory.mktemp("course"))
    yield room
    integration._judge(room.root).close()


@pytest.mark.parametrize("chapter", COURSE.chapters)
def test_the_solved_notebook_gets_full_marks_and_the_students_version_none(
    course: Classroom, chapter: str
) -> None:
    exercises = COURSE.chapters[chapter].exercises
    for step, points in (
        ("source", {name: exercise.points for name, exercise in exercises.items()}),
        ("release", dict.fromkeys(exercises, 0.0)),
    ):
        notebook = nbformat.read(notebook_of(course.root, step, chapter), as_version=4)
        by_nbgrader = course.grade(step, notebook, chapter)
        assert by_nbgrader == points
        submitted = course.root / "submitted" / step / chapter / f"{chapter}.ipynb"
        assert by_command(course, submitted) == by_nbgrader
        nbformat.validate(course.autograded(step, chapter))


def notebook_of(root: Path, step: str, chapter: str) -> Path:
    return root / step / chapter / f"{chapter}.ipynb"
