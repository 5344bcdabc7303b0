"""The ways to grade the same class, each as its documentation has an instructor do it.

All get the same cells of the same students and run the same graders. `autograder` judges them
outside of the submission's process; nbgrader and otter, as they come, have test cells, whose hidden
tests call `benchmarks.speed.plain`; bare pytest has `benchmarks.speed.pytest_plain`.
"""

import json
import os
import shlex
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

import msgspec
import nbformat
from nbformat.v4 import new_code_cell, new_raw_cell

from autograder.course import Chapter, Course
from autograder.hidden import strip_hidden
from benchmarks.side_by_side.tool import SCRIPTS, call, lay_down, write_notebook
from benchmarks.speed import plain
from benchmarks.speed.filled import filled
from benchmarks.speed.measure import Cost, cost, start
from benchmarks.speed.students import Class

Marks = dict[str, dict[str, float]]  # of each student and exercise

PYTEST = ("-p", "benchmarks.speed.pytest_plain", "-p", "no:autograder", "--import-mode=importlib")
NEEDED = (
    "-c", os.devnull, "--noconftest", "--assert=plain", "--capture=no",
    "-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:doctest", "-p", "no:unittest",
    "-p", "no:junitxml", "-p", "no:logging", "-p", "no:warnings", "-p", "no:faulthandler",
    "-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:stepwise",
    "-p", "no:debugging",
)  # fmt: skip
SCORES = """
select submitted_assignment.student_id, base_cell.name, grade.auto_score
from grade
join submitted_notebook on grade.notebook_id = submitted_notebook.id
join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
join base_cell on grade.cell_id = base_cell.id
"""
OTTER_RUN = "otter run --autograder autograder.zip --output-dir results/{0} submitted/{0}.ipynb"


class Way:
    """A tool, in a folder made once; each run works in a copy of it."""

    name: str
    serial = False
    """A new start for each submission: the second one is no cheaper than the first."""

    fine: tuple[int, ...] = (0,)
    """The exit codes of a run that has ended well."""

    def make(self, folder: Path, course: Course, chapter: Chapter) -> None:
        """Lay out what an instructor prepares."""
        self.folder, self.course, self.chapter = folder, course, chapter

    def run(self, students: Class, run: str, *, memory: bool = False) -> tuple[Cost, Marks]:
        """Grade these students, in a folder for this `run`; what it cost, and their marks."""
        copy = self.folder.with_name(f"{self.folder.name}-{run}")
        copytree(self.folder, copy)
        notebook = nbformat.read(self.handed_out(), as_version=4)
        for student, answers in students.items():
            place = copy / self.place(student)
            lay_down(place.parent, {place.name: filled(notebook, answers)})
        command, environment = self.command([*students]), self.environment(copy)
        spent = cost(command, copy, environment, fine=self.fine, memory=memory)
        return spent, self.marks(copy)

    def environment(self, folder: Path) -> dict[str, str]:
        """All variables of a run in `folder`, where nobody's own settings are."""
        return {
            "PATH": os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", os.defpath)]),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            plain.COURSE: str(self.course.root),
        }

    def handed_out(self) -> Path:
        """The students' notebook."""
        return self.chapter.release_path

    def place(self, student: str) -> Path:
        """Where in the folder a student's notebook goes."""
        name = self.chapter.name
        return Path("submitted", student, name, f"{name}.ipynb")

    def command(self, students: Sequence[str]) -> Sequence[str]:
        """What grades them."""
        raise NotImplementedError

    def marks(self, folder: Path) -> Marks:
        """What came of it."""
        raise NotImplementedError


class Autograder(Way):
    """`autograder grade`."""

    fine = (0, 1)  # 1: somebody lost marks

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.name = f"autograder grade --jobs {jobs}"

    def make(self, folder: Path, course: Course, chapter: Chapter) -> None:
        super().make(folder, course, chapter)
        copytree(course.root, folder)

    def command(self, students: Sequence[str]) -> Sequence[str]:
        jobs = str(self.jobs)
        return ["autograder", "grade", "submitted", "--quiet", "--jobs", jobs, "--json", "r.json"]

    def start(self, folder: Path, students: Sequence[str]) -> subprocess.Popen[bytes]:
        """Begin a run, or go on with one, in a folder where these have handed in."""
        return start(self.command(students), folder, self.environment(folder))

    def marks(self, folder: Path) -> Marks:
        return {
            result["submission"]["name"]: {e["name"]: e["points"] for e in result["exercises"]}
            for result in msgspec.json.decode((folder / "r.json").read_bytes())
        }


class Preprocessor(Way):
    """`nbgrader autograde` with the judge in it."""

    name = "nbgrader autograde with our preprocessor"

    def make(self, folder: Path, course: Course, chapter: Chapter) -> None:
        super().make(folder, course, chapter)
        copytree(course.root, folder)

    def command(self, students: Sequence[str]) -> Sequence[str]:
        return ["nbgrader", "autograde", self.chapter.name]

    def marks(self, folder: Path) -> Marks:
        marks: Marks = {}
        with closing(sqlite3.connect(folder / "gradebook.db")) as gradebook:
            for student, exercise, score in gradebook.execute(SCORES):
                marks.setdefault(student, {})[exercise] = score
        return marks


class Nbgrader(Preprocessor):
    """`nbgrader autograde` as it comes. Its test cells give part of the points."""

    name = "nbgrader autograde"

    def make(self, folder: Path, course: Course, chapter: Chapter) -> None:
        Way.make(self, folder, course, chapter)
        notebook = nbformat.read(chapter.source_path, as_version=4)
        cells = []
        for cell in notebook.cells:
            exercise = cell.metadata.get("nbgrader", {}).get("grade_id")
            if exercise in chapter.exercises:
                cells.append(_shown(cell.source, exercise))
                cell.source = _hidden(exercise, chapter.exercises[exercise].points)
            cells.append(cell)
        write_notebook(folder / "source" / chapter.name / f"{chapter.name}.ipynb", *cells)
        config = 'c = get_config()\nc.CourseDirectory.course_id = "course"\n'
        lay_down(folder, {"nbgrader_config.py": config.encode()})
        call(folder, "nbgrader", "generate_assignment", chapter.name)

    def handed_out(self) -> Path:
        return self.folder / "release" / self.chapter.name / f"{self.chapter.name}.ipynb"


class Otter(Way):
    """`otter run` for each submission, in a shell's loop. Each grader is a test case of its own."""

    name = "otter run"
    serial = True

    def make(self, folder: Path, course: Course, chapter: Chapter) -> None:
        super().make(folder, course, chapter)
        notebook = nbformat.read(chapter.source_path, as_version=4)
        cells = [new_raw_cell("# ASSIGNMENT CONFIG\nrequirements: null\nexport_cell: false")]
        for cell in notebook.cells:
            cells += self._cells(cell)
        write_notebook(folder / f"{chapter.name}.ipynb", *cells)
        call(folder, "otter", "assign", "--no-run-tests", f"{chapter.name}.ipynb", "dist")
        (made,) = (folder / "dist" / "autograder").glob("*.zip")
        made.rename(folder / "autograder.zip")

    def _cells(self, cell: Any) -> list[Any]:
        exercise, _, role = cell.metadata.get("nbgrader", {}).get("grade_id", "").partition("-")
        if exercise not in self.chapter.exercises:
            return [new_code_cell(cell.source)] if cell.cell_type == "code" else []
        if role == "prompt":
            graders = plain.graders(self.course.root, exercise).values()
            share = self.chapter.exercises[exercise].points / sum(g.weight for g in graders)
            worth = [0, *(share * grader.weight for grader in graders)]
            return [new_raw_cell(f"# BEGIN QUESTION\nname: {exercise}\npoints: {worth}"), cell]
        if role == "solution":
            marked = cell.source.replace("### BEGIN", "# BEGIN").replace("### END", "# END")
            begin, end = "# BEGIN SOLUTION", "# END SOLUTION"
            return [new_raw_cell(begin), new_code_cell(marked), new_raw_cell(end)]
        return [
            new_raw_cell("# BEGIN TESTS"),
            new_code_cell(strip_hidden(cell.source)),
            *(
                new_code_cell(
                    "# HIDDEN\nfrom benchmarks.speed.plain import check\n"
                    f'check("{exercise}", "{test}", globals())'
                )
                for test in plain.graders(self.course.root, exercise)
            ),
            new_raw_cell("# END TESTS"),
            new_raw_cell("# END QUESTION"),
        ]

    def handed_out(self) -> Path:
        return self.folder / "dist" / "student" / f"{self.chapter.name}.ipynb"

    def place(self, student: str) -> Path:
        return Path("submitted", f"{student}.ipynb")

    def command(self, students: Sequence[str]) -> Sequence[str]:
        runs = (f"mkdir -p results/{each} && {OTTER_RUN.format(each)}" for each in students)
        return ["sh", "-ec", "\n".join(runs)]

    def marks(self, folder: Path) -> Marks:
        marks: Marks = {}
        for file in folder.glob("results/*/results.json"):
            for test in json.loads(file.read_bytes())["tests"]:
                exercise = test["name"].split(" ")[0]
                if exercise in self.chapter.exercises:
                    scores = marks.setdefault(file.parent.name, {})
                    scores[exercise] = scores.get(exercise, 0.0) + test["score"]
        return marks


class Pytest(Way):
    """A bare pytest process for each submission, without a sandbox."""

    name = "pytest, a process for each"
    serial = True

    def make(self, folder: Path, course: Course, chapter: Chapter) -> None:
        super().make(folder, course, chapter)
        copytree(course.root, folder)

    def place(self, student: str) -> Path:
        return Path("submitted", f"{student}.ipynb")

    def command(self, students: Sequence[str]) -> Sequence[str]:
        runs = (shlex.join(self._pytest(student)) for student in students)
        # 1: a test failed.
        return ["sh", "-c", "\n".join(f"{run} || [ $? = 1 ] || exit 2" for run in runs)]

    def _pytest(self, *students: str) -> list[str]:
        notebooks = (word for each in students for word in ("--notebook", str(self.place(each))))
        graders = [f"assignments/{self.chapter.name}/test_{e}.py" for e in self.chapter.exercises]
        marks = f"marks-{students[0]}.json"
        return ["pytest", *PYTEST, *graders, *notebooks, "--marks", marks]

    def marks(self, folder: Path) -> Marks:
        shares: Marks = {}
        for file in folder.glob("marks-*.json"):
            shares |= json.loads(file.read_bytes())
        most = {name: exercise.points for name, exercise in self.chapter.exercises.items()}
        return {
            student: {name: share * most[name] for name, share in exercises.items()}
            for student, exercises in shares.items()
        }


class Floor(Pytest):
    """Bare pytest in one process, without a sandbox and whatever else it can do without."""

    name = "pytest, one process for all (the floor)"
    serial = False
    fine = (0, 1)

    def environment(self, folder: Path) -> dict[str, str]:
        return super().environment(folder) | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def command(self, students: Sequence[str]) -> Sequence[str]:
        return [*self._pytest(*students), *NEEDED, "--rootdir=."]


def _shown(source: str, exercise: str) -> Any:
    """The visible checks, in a locked cell of their own which is worth nothing."""
    plain_cell = {"grade": False, "solution": False, "locked": True, "task": False}
    metadata = plain_cell | {"grade_id": f"{exercise}-shown", "schema_version": 3}
    return new_code_cell(strip_hidden(source), metadata={"nbgrader": metadata})


def _hidden(exercise: str, most: float) -> str:
    return (
        "### BEGIN HIDDEN TESTS\n"
        "from benchmarks.speed.plain import points\n\n"
        f'points("{exercise}", {most:g}, globals())\n'
        "### END HIDDEN TESTS"
    )
