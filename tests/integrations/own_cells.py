"""Graded cells as instructors write them, without graders of ours."""

from typing import Any

from nbformat.v4 import new_code_cell, new_markdown_cell


def marked(source: str, grade_id: str, kind: str = "test", points: float | None = 1) -> Any:
    """A cell of an instructor's: a test, an answer to be graded by hand (code or text), a task."""
    new = new_code_cell if kind in ("test", "code answer", "solution") else new_markdown_cell
    graded = kind not in ("task", "solution")
    marks = {
        "grade": graded,
        "grade_id": grade_id,
        "locked": kind in ("test", "task"),
        "schema_version": 3,
        "solution": "answer" in kind or kind == "solution",
        "task": kind == "task",
    }
    if kind != "solution":
        marks["points"] = points
    return new(source, metadata={"nbgrader": marks})


HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
OWN = [
    marked("assert double(1) == 2", "silent"),
    marked("assert double(1, 2) == 4", "raises"),
    marked("points = 0.25\npoints", "partly"),
    marked("print('3.0')\nNone", "prints"),
    marked("import sys\nprint('careful', file=sys.stderr)", "warns"),
    marked("# seen\n" + HIDDEN.format("assert double(1, 2) == 4, 'secret'"), "hides"),
    marked("import os\nassert os.environ['NBGRADER_EXECUTION'] == 'autograde'", "asks"),
    marked("YOUR ANSWER", "essay", "answer", 5),
    marked("raise NotImplementedError", "by-hand", "code answer", 4),
    marked("Draw it.", "drawing", "task", 2),
]
