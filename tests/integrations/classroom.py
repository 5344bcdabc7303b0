"""A class of the tiny course: its students hand in notebooks, nbgrader grades them.

nbgrader runs in this process through the API that its formgrader uses, as its command takes seven
seconds to import; `command` runs a real one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.authoring.build import build
from autograder.course import load_course
from autograder.grading.handed_out import as_handed_out
from autograder.grading.plan import plan
from autograder.integrations import nbgrader as integration
from autograder.judge.result import Result
from autograder.submission import read_submission
from tests.tiny_course import write_tiny_course

HERE = Path(__file__).resolve().parents[2]
CHAPTER = "ch01_tiny"

# What nbgrader and what it stands on warn of, in code that isn't ours.
NBGRADER_WARNS = (
    "ignore::sqlalchemy.exc.SAWarning",
    "ignore::DeprecationWarning",
    "ignore::nbformat.warnings.MissingIDFieldWarning",
    "ignore::nbformat.warnings.DuplicateCellId",
)

GRADERS = {
    "test_double.py": '''\
"""Hidden graders of double."""

import pytest
import torch

from autograder.judge.compare import assert_close


@pytest.mark.checks(en="Doubles once.", zh="加倍一次。")
def test_once(student, reference, rng):
    X = torch.randn(3, generator=rng)
    assert_close(student.double(X), reference.double(X))


@pytest.mark.checks(en="Doubles `times` times.", zh="加倍 `times` 次。")
@pytest.mark.weight(3)
def test_times(student, reference, rng):
    X = torch.randn(3, generator=rng)
    assert_close(student.double(X, 3), reference.double(X, 3))
''',
    "test_Counter.py": '''\
"""Hidden graders of Counter."""

import pytest

from autograder.judge.compare import assert_equal


@pytest.mark.checks(en="Counts in steps.", zh="按步长计数。")
def test_steps(student):
    counter = student.Counter(2)
    assert_equal([counter.next(), counter.next()], [2, 4])


@pytest.mark.checks(en="Counts by one unless told otherwise.", zh="默认步长为一。")
@pytest.mark.weight(2)
def test_default(student):
    assert_equal(student.Counter().next(), 1)
''',
}

SOLVED = {
    "double": "def double(x, times=1):\n    return x * 2**times",
    "Counter": (
        "class Counter:\n"
        "    def __init__(self, step=1):\n"
        "        self.step, self.total = step, 0\n"
        "    def next(self):\n"
        "        self.total += self.step\n"
        "        return self.total"
    ),
}
HALF = "def double(x, times=1):\n    return x * 2"  # 0.5 of 2 points


class Classroom:
    """The tiny course in `root`, built; each method does one thing that people do with it."""

    def __init__(self, root: Path) -> None:
        self.root = write_tiny_course(root)
        for name, text in GRADERS.items():
            (root / "assignments" / CHAPTER / name).write_text(text, encoding="utf-8")
        config = root / "grading_config.yml"
        config.write_text("language: en\n" + config.read_text("utf-8"), encoding="utf-8")
        self.build()

    @classmethod
    def of_this_course(cls, root: Path) -> "Classroom":
        """The course of this repository, with a gradebook of its own."""
        self = object.__new__(cls)
        self.root = root
        for folder in ("assignments", "solutions"):
            shutil.copytree(HERE / folder, root / folder)
        shutil.copy(HERE / "grading_config.yml", root)
        self.build()
        return self

    def build(self) -> None:
        """Build every chapter and enter it in the gradebook."""
        shutil.copy(HERE / "nbgrader_config.py", self.root)
        course = load_course(self.root / "grading_config.yml")
        build(course, list(course.chapters.values()), course.config.language)

    def copy(self, root: Path) -> "Classroom":
        """The same course elsewhere, to be changed."""
        other = object.__new__(Classroom)
        other.root = Path(shutil.copytree(self.root, root))
        return other

    def release(self, chapter: str = CHAPTER) -> Any:
        """The student's notebook, fresh."""
        return nbformat.read(self.root / f"release/{chapter}/{chapter}.ipynb", as_version=4)

    def solved(self, **cells: str) -> Any:
        """The student's notebook, solved but for the given exercises."""
        notebook = self.release()
        for name, source in (SOLVED | cells).items():
            cell_of(notebook, f"{name}-solution").source = source
        return notebook

    def submitted(self, student: str, chapter: str = CHAPTER) -> Path:
        folder = self.root / "submitted" / student / chapter
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def submit(self, student: str, notebook: Any, chapter: str = CHAPTER) -> Path:
        """Hand in a notebook, or the bytes of a file that should be one."""
        path = self.submitted(student, chapter) / f"{chapter}.ipynb"
        whole = isinstance(notebook, bytes)
        path.write_bytes(notebook if whole else nbformat.writes(notebook).encode())
        return path

    def config(self) -> Config:
        return PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()

    def api(self, change: Callable[[Config], None] = lambda _: None) -> NbGraderAPI:
        config = self.config()
        change(config)
        return NbGraderAPI(CourseDirectory(config=config), config=config)

    def autograde(
        self,
        student: str,
        chapter: str = CHAPTER,
        change: Callable[[Config], None] = lambda _: None,
    ) -> dict[str, Any]:
        """What nbgrader says: success, error, log."""
        return self.api(change).autograde(chapter, student)

    def grade(self, student: str, notebook: Any, chapter: str = CHAPTER) -> dict[str, Any]:
        """Submit and autograde; the scores that the gradebook then holds."""
        self.submit(student, notebook, chapter)
        said = self.autograde(student, chapter)
        assert said["success"], said
        return self.scores(student, chapter)

    def scores(self, student: str, chapter: str = CHAPTER, name: str = "") -> dict[str, Any]:
        return {cell: auto for cell, (auto, _) in self.marks(student, chapter, name).items()}

    def marks(
        self, student: str, chapter: str = CHAPTER, name: str = ""
    ) -> dict[str, tuple[float | None, bool]]:
        """For each graded cell its automatic score and whether somebody has to look at it."""
        with Gradebook(f"sqlite:///{self.root}/gradebook.db", "dl") as gradebook:
            notebook = gradebook.find_submission_notebook(name or chapter, chapter, student)
            return {
                grade.name: (grade.auto_score, grade.needs_manual_grade)
                for grade in notebook.grades
            }

    def autograded(self, student: str, chapter: str = CHAPTER) -> Any:
        path = self.root / "autograded" / student / chapter / f"{chapter}.ipynb"
        return nbformat.read(path, as_version=4)

    def feedback(self, student: str, chapter: str = CHAPTER) -> str:
        """The page that the student gets."""
        said = self.api().generate_feedback(chapter, student)
        assert said["success"], said
        return (self.root / "feedback" / student / chapter / f"{chapter}.html").read_text("utf-8")

    def command(self, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this environment in the course's folder."""
        return command(self.root, name, *words)


def by_command(room: "Classroom", path: Path) -> dict[str, float]:
    """The points that `autograder grade PATH` gives."""
    course = load_course(room.root / "grading_config.yml")
    results: list[Result] = []
    (job,) = plan(course, [path])
    judge = integration._judge(room.root)
    chapter = judge.course.chapter(job.chapter)
    submission = as_handed_out(read_submission(path, chapter=chapter.name), chapter)
    judge.grade(chapter, [submission], lambda result, _: results.append(result))
    return {exercise.name: exercise.points for exercise in results[0].exercises}


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return os.environ | {"PYTHONPATH": str(HERE), "PATH": path} | more


def command(folder: Path, name: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    scripts = Path(sys.executable).parent
    return subprocess.run(
        [scripts / name, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment(**more),
    )


def cell_of(notebook: Any, grade_id: str) -> Any:
    """The cell that nbgrader knows by this id."""
    (found,) = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found


def without(notebook: Any, *grade_ids: str) -> Any:
    """The notebook without these cells."""
    gone = [cell_of(notebook, grade_id) for grade_id in grade_ids]
    notebook.cells = [cell for cell in notebook.cells if cell not in gone]
    return notebook
