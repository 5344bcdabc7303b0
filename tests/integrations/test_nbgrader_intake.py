"""Damaged submissions: graded for what is there, alike by nbgrader and by `autograder grade`."""

import copy
import json
from collections.abc import Callable
from typing import Any

import nbformat
import pytest

from tests.integrations.classroom import (
    CHAPTER,
    HALF,
    NBGRADER_WARNS,
    SOLVED,
    Classroom,
    by_command,
    cell_of,
    without,
)

pytestmark = [pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS]

Damage = Callable[[Any], Any]
GRADED = {"double": 0.5, "Counter": 3.0}  # what the undamaged notebook is worth


def no_metadata(notebook: Any) -> Any:
    """Pasted into a notebook of one's own."""
    for cell in notebook.cells:
        cell.metadata.clear()
    notebook.metadata.clear()
    return notebook


def copied_test_cell(notebook: Any) -> Any:
    notebook.cells.insert(2, copy.deepcopy(cell_of(notebook, "double")))
    return notebook


def copied_test_cell_that_raises(notebook: Any) -> Any:
    notebook.cells.append(copy.deepcopy(cell_of(notebook, "double")))
    notebook.cells[-1].source = "raise ValueError"
    return notebook


def copied_solution_cell(notebook: Any) -> Any:
    """The last definition counts, as in Jupyter."""
    copied = copy.deepcopy(cell_of(notebook, "double-solution"))
    cell_of(notebook, "double-solution").source = "def double(x, times=1):\n    return x"
    notebook.cells.append(copied)
    return notebook


def edited_test_cell(notebook: Any) -> Any:
    cell_of(notebook, "double").source = "1 / 0"
    return notebook


def emptied_test_cell(notebook: Any) -> Any:
    cell_of(notebook, "double").source = ""
    return notebook


def a_test_cell_as_text(notebook: Any) -> Any:
    cell = cell_of(notebook, "double")
    cell.cell_type = "markdown"
    del cell["outputs"], cell["execution_count"]
    return notebook


def solution_cell_as_text(notebook: Any) -> Any:
    """nbgrader makes code of it again; so nothing is lost in Jupyter's menu."""
    cell = cell_of(notebook, "Counter-solution")
    cell.cell_type = "raw"
    del cell["outputs"], cell["execution_count"]
    notebook.cells.append(nbformat.v4.new_code_cell(cell.source))  # the command reads code as code
    return notebook


def marks(**changes: Any) -> Damage:
    def change(notebook: Any) -> Any:
        cell_of(notebook, "double").metadata["nbgrader"].update(changes)
        return notebook

    return change


def marks_that_are_none(notebook: Any) -> Any:
    cell_of(notebook, "double").metadata["nbgrader"] = "none"
    return notebook


def marks_without_an_id(notebook: Any) -> Any:
    del cell_of(notebook, "double").metadata["nbgrader"]["grade_id"]
    return notebook


def another_kernel(notebook: Any) -> Any:
    notebook.metadata.kernelspec = {"name": "ir", "language": "R", "display_name": "R"}
    notebook.metadata.language_info = {"name": "R"}
    return notebook


def an_unknown_kernel(notebook: Any) -> Any:
    notebook.metadata.kernelspec = {"name": "my-env", "language": "python", "display_name": "Mine"}
    return notebook


def of_nbformat_3(notebook: Any) -> bytes:
    cells = [
        {"cell_type": "code", "input": cell.source, "language": "python", "outputs": []}
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]
    worksheets = [{"cells": cells, "metadata": {}}]
    document = {"worksheets": worksheets, "metadata": {}, "nbformat": 3, "nbformat_minor": 0}
    return json.dumps(document).encode()


def of_another_encoding(notebook: Any) -> bytes:
    text = nbformat.writes(notebook)
    return text.replace("# Tiny things", "# Tr\u00e8s petit").encode("latin-1")


def with_broken_cells(notebook: Any) -> bytes:
    document = json.loads(nbformat.writes(notebook))
    document["cells"] += [5, {"cell_type": "code"}, {"cell_type": "code", "source": [1]}]
    del document["cells"][0]["metadata"]
    return json.dumps(document).encode()


GRADED_AS_WHOLE: dict[str, Damage] = {
    "test-cell-deleted": lambda notebook: without(notebook, "double"),
    "all-test-cells-deleted": lambda notebook: without(notebook, "double", "Counter"),
    "prompts-deleted": lambda notebook: without(notebook, "double-prompt", "Counter-prompt"),
    "setup-deleted": lambda notebook: without(notebook, "setup"),
    "no-metadata": no_metadata,
    "copied-test-cell": copied_test_cell,
    "copied-test-cell-that-raises": copied_test_cell_that_raises,
    "copied-solution-cell": copied_solution_cell,
    "edited-test-cell": edited_test_cell,
    "emptied-test-cell": emptied_test_cell,
    "test-cell-as-text": a_test_cell_as_text,
    "solution-cell-as-text": solution_cell_as_text,
    "more-points": marks(points=100),
    "points-of-words": marks(points="many"),
    "no-grade": marks(grade=False),
    "called-a-solution": marks(solution=True, locked=False),
    "called-a-task": marks(task=True),
    "old-schema": marks(schema_version=1),
    "new-schema": marks(schema_version=99),
    "unknown-id": marks(grade_id="other"),
    "id-of-another-cell": marks(grade_id="Counter"),
    "id-is-a-number": marks(grade_id=7),
    "unknown-key": marks(surprise=[1, 2]),
    "marks-that-are-none": marks_that_are_none,
    "marks-without-an-id": marks_without_an_id,
    "another-kernel": another_kernel,
    "an-unknown-kernel": an_unknown_kernel,
    "nbformat-3": of_nbformat_3,
    "another-encoding": of_another_encoding,
    "broken-cells": with_broken_cells,
}


@pytest.mark.parametrize("name", GRADED_AS_WHOLE)
def test_damage_to_cells_that_arent_the_students_costs_nothing(room: Classroom, name: str) -> None:
    notebook = GRADED_AS_WHOLE[name](room.solved(double=HALF))
    assert room.grade(name, notebook) == GRADED
    path = room.root / "submitted" / name / CHAPTER / f"{CHAPTER}.ipynb"
    assert by_command(room, path) == GRADED


def solution_in_the_test_cell(notebook: Any) -> Any:
    cell = cell_of(notebook, "double-solution")
    cell_of(notebook, "double").source = cell.source
    cell.source = ""
    return notebook


PARTLY: dict[str, tuple[Damage, dict[str, float]]] = {
    "solution-deleted": (
        lambda notebook: without(notebook, "double-solution"),
        {"double": 0.0, "Counter": 3.0},
    ),
    "both-deleted": (
        lambda notebook: without(notebook, "double-solution", "double"),
        {"double": 0.0, "Counter": 3.0},
    ),
    "everything-of-one-deleted": (
        lambda notebook: without(notebook, "double-prompt", "double-solution", "double"),
        {"double": 0.0, "Counter": 3.0},
    ),
    "all-cells-deleted": (
        lambda notebook: nbformat.from_dict(notebook | {"cells": []}),
        {"double": 0.0, "Counter": 0.0},
    ),
    "solution-in-the-test-cell": (solution_in_the_test_cell, {"double": 0.0, "Counter": 3.0}),
    "truncated": (
        lambda notebook: nbformat.writes(notebook).encode()[:900],
        {"double": 0.0, "Counter": 0.0},
    ),
    "empty": (lambda _: b"", {"double": 0.0, "Counter": 0.0}),
    "not-json": (lambda _: b"\x89PNG\r\n\x1a\n\x00\xff", {"double": 0.0, "Counter": 0.0}),
    "json-but-no-notebook": (lambda _: b"[1, 2]", {"double": 0.0, "Counter": 0.0}),
    "nested-deeply": (lambda _: b"[" * 100_000, {"double": 0.0, "Counter": 0.0}),
    "some-cells-only": (
        lambda _: json.dumps({"cells": [{"cell_type": "code", "source": HALF}, 7]}).encode(),
        {"double": 0.5, "Counter": 0.0},
    ),
}


@pytest.mark.parametrize("name", PARTLY)
def test_what_is_there_is_graded(room: Classroom, name: str) -> None:
    damage, points = PARTLY[name]
    assert room.grade(name, damage(room.solved(double=HALF))) == points
    path = room.root / "submitted" / name / CHAPTER / f"{CHAPTER}.ipynb"
    assert by_command(room, path) == points


def test_a_damaged_file_says_so_in_the_feedback_and_in_the_log(room: Classroom) -> None:
    room.submit("ann-truncated", nbformat.writes(room.solved()).encode()[:900])
    said = room.autograde("ann-truncated")
    assert "ann-truncated: This notebook is damaged." in said["log"]
    assert "its JSON breaks off at line" in said["log"]
    assert "This notebook is damaged." in room.feedback("ann-truncated")


def test_restored_test_cells_follow_what_they_test(room: Classroom) -> None:
    """The nearest earlier cell that is there; a notebook without any gets them at its end."""
    room.grade("order-1", without(room.solved(), "double", "Counter-solution", "Counter"))
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells(room, "order-1")]
    assert [one for one in ids if one] == [
        "setup", "double-prompt", "double-solution", "double", "Counter-prompt", "Counter",
    ]  # fmt: skip
    room.grade("order-2", no_metadata(room.solved()))
    assert [cell.get("id") for cell in cells(room, "order-2")][-2:] == ["double-1", "Counter-1"]
    for cell in cells(room, "order-2")[-2:]:
        assert "was missing from the submission" in cell.source


def cells(room: Classroom, student: str) -> list[Any]:
    notebook = room.autograded(student)
    nbformat.validate(notebook)
    return list(notebook.cells)


def test_one_students_damage_doesnt_stop_the_others(room: Classroom) -> None:
    """As plain nbgrader would: it ends the run at a schema that it doesn't know."""
    notebook = marks(schema_version=99)(room.solved())
    assert room.grade("aa-first", notebook) == {"double": 2.0, "Counter": 3.0}
    assert room.grade("bb-second", room.solved(Counter=SOLVED["Counter"])) == {
        "double": 2.0,
        "Counter": 3.0,
    }
