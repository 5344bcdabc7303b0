"""`nbgrader autograde`, as it comes: a source notebook, `nbgrader generate_assignment`, and the
whole class in one run."""

import json
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from benchmarks.side_by_side.course import NAME, POINTS, TASK, Secrets, hidden, solution, visible
from benchmarks.side_by_side.tool import Files, Marks, Tool, call, lay_down, write_notebook

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "course"\n'
MARKS = """
select submitted_assignment.student_id, auto_score, manual_score
from grade
join submitted_notebook on grade.notebook_id = submitted_notebook.id
join submitted_assignment on submitted_notebook.assignment_id = submitted_assignment.id
"""


class Nbgrader(Tool):
    """See the module."""

    name = "nbgrader"
    command = ("nbgrader", "autograde", NAME)
    watch = ("course/nbgrader_config.py", "course/source/**/*", "course/release/**/*")
    collect = ("course/gradebook.db", f"course/autograded/*/{NAME}/{NAME}.ipynb")

    def make(self, course: Path, secrets: Secrets) -> None:
        head, body = solution(secrets.solution).split("\n", 1)
        answer = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        secret = f"### BEGIN HIDDEN TESTS\n{hidden(secrets.seed)}\n### END HIDDEN TESTS"
        write_notebook(
            course / "source" / NAME / f"{NAME}.ipynb",
            new_code_cell("import torch"),
            new_markdown_cell(TASK),
            _marked(answer, "corr2d", solution=True),
            _marked(visible(), "visible", grade=True, locked=True, points=POINTS["visible"]),
            _marked(secret, "hidden", grade=True, locked=True, points=POINTS["hidden"]),
        )
        lay_down(course, {"nbgrader_config.py": CONFIG.encode()})
        call(course, "nbgrader", "generate_assignment", NAME)

    def notebook(self, course: Path) -> Any:
        return nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)

    def submit(self, course: Path, student: str, files: Files) -> None:
        lay_down(course / "submitted" / student / NAME, files)

    def marks(self, files: Files) -> Marks:
        points: dict[str, list[float | None]] = {}
        for student, automatic, manual in _rows(files.get("course/gradebook.db", b"")):
            points.setdefault(student, []).append(automatic if manual is None else manual)
        return {
            student: None if None in scores else sum(filter(None, scores))
            for student, scores in points.items()
        }

    def returned(self, files: Files, student: str) -> str:
        # The feedback page is made of this. Of it the outputs only: its sources show to everybody
        # what was hidden.
        notebook = json.loads(files.get(f"course/autograded/{student}/{NAME}/{NAME}.ipynb", b"{}"))
        return json.dumps([cell.get("outputs") for cell in notebook.get("cells", [])])


def _marked(source: str, grade_id: str, **marks: Any) -> Any:
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    marks = plain | marks | {"grade_id": grade_id, "schema_version": 3}
    return new_code_cell(source, metadata={"nbgrader": marks})


def _rows(gradebook: bytes) -> list[tuple[Any, ...]]:
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        file.write(gradebook)
        file.flush()
        connection = sqlite3.connect(file.name)
        try:
            return connection.execute(MARKS).fetchall()
        except sqlite3.Error:  # gone, or none any more
            return []
        finally:
            connection.close()
