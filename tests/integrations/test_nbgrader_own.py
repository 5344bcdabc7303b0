"""Instructors' own cells and assignments: run in the sandbox, scored by nbgrader's rules."""

import os
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.integrations.classroom import (
    CHAPTER,
    HALF,
    HERE,
    NBGRADER_WARNS,
    Classroom,
    cell_of,
    without,
)
from tests.integrations.own_cells import OWN, marked

pytestmark = [pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS]

NBGRADER = Path(nbgrader.__file__).parent
GUIDE = NBGRADER / "docs" / "source" / "user_guide"
FILES = NBGRADER / "tests" / "apps" / "files"


@pytest.fixture
def own(another: Classroom) -> Classroom:
    """The chapter, with cells that an instructor added to the source notebook."""
    path = another.root / "source" / CHAPTER / f"{CHAPTER}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells += OWN
    nbformat.write(notebook, path)
    said = another.api().generate_assignment(CHAPTER)
    assert said["success"], said
    return another


def test_own_cells_in_a_chapter_go_by_nbgraders_rules_and_exercises_by_the_judges(
    own: Classroom,
) -> None:
    notebook = own.solved(double=HALF)
    cell_of(notebook, "essay").source = "Because."
    cell_of(notebook, "by-hand").source = "answer = 42"
    cell_of(notebook, "drawing").source += "\nDone."
    own.submit("ann", notebook)
    assert own.autograde("ann")["success"]
    marks = own.marks("ann")
    assert {name: score for name, (score, _) in marks.items()} == {
        "double": 0.5,
        "Counter": 3.0,
        "silent": 1.0,
        "raises": 0.0,
        "partly": 0.25,
        "prints": 1.0,
        "warns": 1.0,  # here we differ: a warning is no reason for a zero
        "hides": 0.0,
        "asks": 1.0,
        "essay": None,
        "by-hand": None,
        "drawing": None,
    }
    manual = {name for name, (_, by_hand) in marks.items() if by_hand}
    assert manual == {"essay", "by-hand", "drawing"}
    graded = own.autograded("ann")
    assert cell_of(graded, "raises").outputs[0].ename == "AssertionError"
    page = own.feedback("ann")
    assert "secret" in page  # the message of the assert, which is for the student
    assert "double(1, 2) == 4, " not in page  # but not its code


def test_own_answers_that_nobody_gave_are_zero(own: Classroom) -> None:
    own.grade("eve", own.release())
    marks = own.marks("eve")
    assert marks["essay"] == marks["by-hand"] == (0.0, False)
    assert marks["silent"] == (0.0, False)


def test_deleted_own_cells_are_put_back(own: Classroom) -> None:
    notebook = without(own.solved(), "silent", "hides", "essay", "drawing")
    own.grade("gap", notebook)
    marks = own.marks("gap")
    assert marks["silent"] == marks["hides"] == (1.0, False)
    assert marks["essay"] == (None, True)  # the notice in it makes it an answer to be looked at
    assert marks["Counter"] == (3.0, False)


class Plain(Classroom):
    """An nbgrader course without a chapter of ours."""

    def __init__(self, root: Path, config: Path) -> None:
        self.root = root
        (root / "nbgrader_config.py").write_bytes(config.read_bytes())

    def assign(self, chapter: str, **notebooks: Any) -> None:
        folder = self.root / "source" / chapter
        folder.mkdir(parents=True)
        for name, notebook in notebooks.items():
            whole = isinstance(notebook, Path)
            text = notebook.read_text("utf-8") if whole else nbformat.writes(notebook)
            (folder / f"{name}.ipynb").write_text(text, encoding="utf-8")
        said = self.api().generate_assignment(chapter)
        assert said["success"], said

    def hand_in(self, student: str, chapter: str, **notebooks: Path) -> None:
        for name, notebook in notebooks.items():
            copied = self.submitted(student, chapter) / f"{name}.ipynb"
            copied.write_bytes(notebook.read_bytes())


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plain]:
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", path)  # for a new gradebook nbgrader calls alembic by its bare name
        yield Plain(tmp_path_factory.mktemp("plain"), HERE / "nbgrader_config.py")


@pytest.fixture
def ps(request: pytest.FixtureRequest) -> str:
    """The name of an assignment that nobody else has."""
    return re.sub(r"\W", "-", request.node.name.removeprefix("test_"))


def test_nbgraders_own_example_class_gets_the_marks_that_nbgrader_gives(
    plain: Plain, ps: str
) -> None:
    """The course of nbgrader's user guide, with a picture beside the notebooks."""
    notebooks = {
        name: GUIDE / "source" / "ps1" / f"{name}.ipynb" for name in ("problem1", "problem2")
    }
    plain.assign(ps, **notebooks)
    expected = {
        "bitdiddle": {
            "correct_squares": 0.0,
            "squares_invalid_input": 1.0,
            "correct_sum_of_squares": 0.0,
            "sum_of_squares_uses_squares": 0.5,
        },
        "hacker": {
            "correct_squares": 1.0,
            "squares_invalid_input": 1.0,
            "correct_sum_of_squares": 0.5,
            "sum_of_squares_uses_squares": 0.5,
        },
    }
    for student, marks in expected.items():
        folder = GUIDE / "submitted" / student / "ps1"
        plain.hand_in(student, ps, **{name: folder / f"{name}.ipynb" for name in notebooks})
        assert plain.autograde(student, ps)["success"]
        scores = plain.scores(student, ps, "problem1")
        assert {name: scores[name] for name in marks} == marks


CONFORMANCE = [
    # source, submitted, score, whether somebody has to look at it
    ("submitted-unchanged", "submitted-unchanged", 1, False),
    ("submitted-unchanged", "submitted-changed", 2, True),
    ("submitted-unchanged", "submitted-cheat-attempt", 1, True),
    ("submitted-unchanged", "submitted-cheat-attempt-alternative", 1, True),
    ("test-hidden-tests", "test-hidden-tests", 1.5, False),
    ("validating-environment-variable", "validating-environment-variable", 0, False),
]


@pytest.mark.parametrize(("source", "submitted", "score", "by_hand"), CONFORMANCE)
def test_nbgraders_own_tests_hold(
    plain: Plain, ps: str, source: str, submitted: str, score: float, by_hand: bool
) -> None:
    """What tests/apps/test_nbgrader_autograde.py of nbgrader expects of its files."""
    plain.assign(ps, p1=FILES / f"{source}.ipynb")
    plain.hand_in("foo", ps, p1=FILES / f"{submitted}.ipynb")
    assert plain.autograde("foo", ps)["success"]
    marks = plain.marks("foo", ps, "p1")
    assert sum(points or 0 for points, _ in marks.values()) == score
    assert any(manual for _, manual in marks.values()) == by_hand


def a_notebook(source: str, **kernelspec: str) -> Any:
    metadata = {"kernelspec": kernelspec} if kernelspec else {}
    return new_notebook(
        cells=[marked(source, "answer", "solution"), marked("assert here()", "test")],
        metadata=metadata,
    )


# Whether the code runs in the sandbox, where the course's folder doesn't exist.
OUTSIDE = "import os\ndef here():\n    return os.path.exists({!r})"


def test_another_language_is_left_to_nbgrader_with_a_warning(plain: Plain, ps: str) -> None:
    """By what the instructor's notebook says; the kernel is a real one."""
    notebook = a_notebook("", name="python3", language="octave", display_name="Octave")
    plain.assign(ps, **{ps: notebook})
    notebook.cells[0].source = OUTSIDE.format(str(plain.root))
    plain.submit("ann", notebook, ps)
    said = plain.autograde("ann", ps)
    assert said["success"], said
    assert "language octave: nbgrader itself runs this notebook, WITHOUT a sandbox" in said["log"]
    assert plain.scores("ann", ps) == {"test": 1.0}


def test_a_student_who_calls_python_by_another_name_stays_in_the_sandbox(
    plain: Plain, ps: str
) -> None:
    plain.assign(ps, **{ps: a_notebook("")})
    notebook = a_notebook(
        OUTSIDE.format(str(plain.root)), name="python3", language="octave", display_name="Octave"
    )
    plain.submit("eve", notebook, ps)
    assert plain.autograde("eve", ps)["success"]
    assert plain.scores("eve", ps) == {"test": 0.0}


def test_an_assignment_of_several_notebooks_gets_zero_for_one_that_is_missing(
    plain: Plain, ps: str
) -> None:
    plain.assign(ps, p1=a_notebook("def here(): return 1"), p2=a_notebook(""))
    plain.hand_in("ann", ps, p1=plain.root / "source" / ps / "p1.ipynb")
    assert plain.autograde("ann", ps)["success"]
    assert plain.marks("ann", ps, "p1") == {"test": (1.0, False)}
    assert plain.marks("ann", ps, "p2") == {"test": (0.0, False)}


def test_a_damaged_file_of_an_own_assignment_fails_as_nbgrader_fails_it(
    plain: Plain, ps: str
) -> None:
    plain.assign(ps, **{ps: a_notebook("")})
    plain.submit("ann", b'{"cells": [', ps)
    said = plain.autograde("ann", ps)
    assert not said["success"]
    assert plain.scores("ann", ps) == {"test": None}
    assert not (plain.root / "autograded" / "ann" / ps).exists()


def test_a_cell_that_kills_its_process_costs_itself_only(plain: Plain, ps: str) -> None:
    """What was defined before and what comes after is run and graded."""
    plain.assign(ps, **{ps: a_notebook("")})
    notebook = a_notebook("def here(): return True")
    notebook.cells.insert(1, new_code_cell("import os\nos.kill(os.getpid(), 9)"))
    plain.submit("ann", notebook, ps)
    said = plain.autograde("ann", ps)
    assert said["success"]
    assert "ann: Cell 2 ended its process" in said["log"]
    assert plain.scores("ann", ps) == {"test": 1.0}


SCORES = {
    # the last line of a test cell of one point, and what it is worth
    "import numpy as np\nnp.float64(0.25)": 0.25,  # nbgrader: 1, it can't read that
    "import torch\ntorch.tensor(0.5)": 0.5,  # nbgrader: 1
    "import torch\ntorch.tensor(0.25, requires_grad=True) * 2": 0.5,  # nbgrader: 1
    "float('nan')": 0.0,  # nbgrader: 1
    "-1": 0.0,  # nbgrader: 1
    "1.5": 1.0,  # nbgrader grades the whole submission not at all
    "'0.5 points'": 1.0,
    "False": 1.0,
    "1 / 0": 0.0,
    "0.75": 0.75,
}
SHOW_ALL = "get_ipython().ast_node_interactivity = 'all'"


def test_what_nbgrader_misreads_as_marks(plain: Plain, ps: str) -> None:
    cells = [marked(source, f"cell{number}") for number, source in enumerate(SCORES)]
    notebook = new_notebook(cells=cells)
    plain.assign(ps, **{ps: notebook})
    plain.submit("ann", notebook, ps)
    said = plain.autograde("ann", ps)
    assert said["success"], said
    found = plain.scores("ann", ps)
    assert [found[f"cell{number}"] for number in range(len(SCORES))] == list(SCORES.values())
    assert "ann: cell0: np.float64(0.25) counts as 0.25" in said["log"]
    assert "ann: cell4: -1 isn't between 0 and 1; it counts as 0" in said["log"]
    assert "ann: cell7: 'False' is no number and counts as full marks" in said["log"]


def test_a_submission_gets_no_marks_by_having_every_line_shown(plain: Plain, ps: str) -> None:
    """nbgrader takes the first value that a cell shows, whatever comes after it."""
    cells = [
        marked("", "answer", "solution"),
        marked("here()\nassert here() == 42", "raises"),
        marked("here()\n0.25", "last"),
    ]
    notebook = new_notebook(cells=cells)
    plain.assign(ps, **{ps: notebook})
    notebook.cells[0].source = f"{SHOW_ALL}\ndef here(): return 1"
    plain.submit("ann", notebook, ps)
    assert plain.autograde("ann", ps)["success"]
    shown = [output.output_type for output in cell_of(plain.autograded("ann", ps), "last").outputs]
    assert shown == ["display_data", "execute_result"]
    assert plain.scores("ann", ps) == {"raises": 0.0, "last": 0.25}
