"""Exercises of a chapter under nbgrader: partial credit, messages, outputs, feedback, faults."""

import re
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.errors import CourseError
from autograder.integrations.nbgrader import SandboxedExecute
from autograder.sandbox import jail
from autograder.sandbox.errors import SandboxUnavailable
from tests.integrations.classroom import (
    CHAPTER,
    HALF,
    NBGRADER_WARNS,
    SOLVED,
    Classroom,
    by_command,
    cell_of,
)
from tests.tiny_course import edit

pytestmark = [pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS]

EVIL = "<script>alert('evil')</script>"
PLOT = """\
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()"""


def outputs(room: Classroom, student: str, grade_id: str) -> list[Any]:
    found: list[Any] = cell_of(room.autograded(student), grade_id).outputs
    return found


def test_partial_credit_and_messages_come_together(room: Classroom) -> None:
    assert room.grade("bob", room.solved(double=HALF)) == {"double": 0.5, "Counter": 3.0}
    message, score = outputs(room, "bob", "double")
    assert message.output_type == "display_data"
    assert message.data["text/plain"] == "double: 0.5 / 2"
    for form in ("text/html", "text/markdown"):
        assert "Doubles once." in message.data[form]
        assert "3 of 3 elements differ" in message.data[form]
    assert score.output_type == "execute_result"
    assert score.data == {"text/plain": "0.5"}
    nbformat.validate(room.autograded("bob"))


def test_the_gradebook_has_floats_and_asks_for_no_manual_grade(room: Classroom) -> None:
    room.grade("eve", room.release())
    room.grade("ann", room.solved())
    for student, points in (("eve", (0.0, 0.0)), ("ann", (2.0, 3.0))):
        marks = room.marks(student)
        assert marks == {"double": (points[0], False), "Counter": (points[1], False)}
        assert {type(score) for score, _ in marks.values()} == {float}
        path = room.root / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb"
        assert by_command(room, path) == dict(zip(("double", "Counter"), points, strict=True))


def test_every_cell_has_its_outputs(room: Classroom) -> None:
    notebook = room.solved()
    notebook.cells.append(nbformat.v4.new_code_cell(PLOT))
    notebook.cells.append(nbformat.v4.new_code_cell("'the value'"))
    room.grade("plots", notebook)
    graded = room.autograded("plots")
    printed = next(cell for cell in graded.cells if cell.source.startswith("print("))
    assert printed.outputs[0].text == "tensor([0, 2, 4])\n"
    plot, value = graded.cells[-2:]
    assert any("image/png" in output.get("data", {}) for output in plot.outputs)
    assert value.outputs[0].data["text/plain"] == "'the value'"
    counts = [cell.execution_count for cell in graded.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert "data:image/png;base64," in room.feedback("plots")


def test_warnings_on_stderr_and_cells_that_raise_cost_nothing(room: Classroom) -> None:
    """nbgrader gives a test cell that has anything on stderr no points."""
    noisy = (
        "import sys, warnings\n"
        "class Counter(Counter):\n"
        "    def next(self):\n"
        "        warnings.warn('deprecated')\n"
        "        print('careful', file=sys.stderr)\n"
        "        return super().next()\n"
        "raise RuntimeError('after all that was asked for')"
    )
    notebook = room.solved(Counter=f"{SOLVED['Counter']}\n{noisy}")
    assert room.grade("noisy", notebook) == {"double": 2.0, "Counter": 3.0}
    said = outputs(room, "noisy", "Counter")
    assert [output.output_type for output in said] == [
        "display_data", "stream", "execute_result",
    ]  # fmt: skip
    assert said[1].name == "stdout"
    assert "careful" in said[1].text
    assert outputs(room, "noisy", "Counter-solution")[0].ename == "RuntimeError"


def test_a_visible_check_that_fails_is_quoted_between_message_and_score(room: Classroom) -> None:
    room.grade("checked", room.solved(double="def double(x, times=1):\n    return x"))
    message, quoted, score = outputs(room, "checked", "double")
    assert "0 / 2 points" in message.data["text/html"]
    assert (quoted.output_type, quoted.text) == ("stream", "AssertionError: twice one is two\n")
    assert score.data["text/plain"] == "0.0"


def test_feedback_shows_message_and_score_and_nothing_hidden(room: Classroom) -> None:
    room.grade("reader", room.solved(double=HALF))
    page = room.feedback("reader")
    shown = re.sub(r"<[^>]*>", "", page)
    assert "Score: 0.5 / 2.0" in shown
    assert "3 of 3 elements differ" in shown
    assert "twice one is two" in shown  # the visible check
    for hidden in ("HIDDEN TESTS", "NBGRADER_EXECUTION", "SandboxedExecute", "test_times", "rng"):
        assert hidden not in shown


@pytest.mark.parametrize("where", ["raised", "named", "printed"])
def test_what_a_student_writes_is_text_in_the_message(room: Classroom, where: str) -> None:
    source = {
        "raised": f'def double(x, times=1):\n    raise ValueError("""{EVIL}""")',
        "named": (
            "class Evil: pass\n"
            f'Evil.__name__ = Evil.__qualname__ = """{EVIL}"""\n'
            "def double(x, times=1):\n    return Evil()"
        ),
        "printed": f'def double(x, times=1):\n    print("""{EVIL}""")\n    return x * 0',
    }[where]
    room.grade(f"evil-{where}", room.solved(double=source))
    for output in outputs(room, f"evil-{where}", "double"):
        assert "<script" not in output.get("data", {}).get("text/html", "")
        assert output.output_type in ("display_data", "stream", "execute_result")
    page = room.feedback(f"evil-{where}")
    assert EVIL not in page
    assert "alert(" in page or where == "named"


def test_no_output_of_a_student_is_taken_for_a_score(room: Classroom) -> None:
    """What is displayed while a test cell runs stays out of it, but for its text."""
    source = (
        "from IPython import get_ipython\n"
        "from IPython.display import display, HTML\n"
        "def double(x, times=1):\n"
        "    display(HTML('<b>2.0</b>'))\n"
        "    get_ipython().displayhook(2.0)\n"
        "    return x\n"
        "get_ipython().displayhook(2.0)\n"
        "get_ipython().showtraceback = lambda *a, **k: None\n"
        "2.0"
    )
    assert room.grade("forger", room.solved(double=source))["double"] == 0.0
    kinds = [output.output_type for output in outputs(room, "forger", "double")]
    assert kinds.count("execute_result") == 1
    assert kinds[-1] == "execute_result"


def test_data_files_are_beside_the_notebook_in_the_sandbox(room: Classroom) -> None:
    notebook = room.solved(double="text = open('data/x.txt').read()\n" + SOLVED["double"])
    notebook.cells.append(nbformat.v4.new_code_cell("import os; sorted(os.listdir('.'))"))
    folder = room.submit("files", notebook).parent
    (folder / "data").mkdir()
    (folder / "data" / "x.txt").write_text("one", encoding="utf-8")
    (folder / "scratch.ipynb").write_text("no notebook of ours", encoding="utf-8")
    assert room.autograde("files")["success"]
    assert room.scores("files") == {"double": 2.0, "Counter": 3.0}
    graded = room.autograded("files")
    assert graded.cells[-1].outputs[0].data["text/plain"] == "['data']"
    assert not (room.root / "autograded" / "files" / CHAPTER / "scratch.ipynb").exists()


def test_autograding_again_gives_the_same(room: Classroom) -> None:
    first = room.grade("again", room.solved(double=HALF))
    before = room.autograded("again")
    assert room.grade("again", room.solved(double=HALF)) == first
    assert room.autograded("again") == before


def test_a_manual_grade_is_kept(room: Classroom) -> None:
    room.grade("manual", room.solved(double=HALF))
    with Gradebook(f"sqlite:///{room.root}/gradebook.db", "dl") as gradebook:
        grade = gradebook.find_grade("double", CHAPTER, CHAPTER, "manual")
        grade.manual_score = 1.5
        gradebook.db.commit()
    room.grade("manual", room.solved())
    with Gradebook(f"sqlite:///{room.root}/gradebook.db", "dl") as gradebook:
        grade = gradebook.find_grade("double", CHAPTER, CHAPTER, "manual")
        assert (grade.auto_score, grade.manual_score, grade.score) == (2.0, 1.5, 1.5)
        assert grade.needs_manual_grade


def test_the_formgrader_finds_the_submissions(room: Classroom) -> None:
    room.grade("shown", room.solved(double=HALF))
    api = room.api()
    (found,) = [one for one in api.get_submissions(CHAPTER) if one["student"] == "shown"]
    assert (found["score"], found["max_score"]) == (3.5, 5.0)
    assert (found["autograded"], found["needs_manual_grade"]) == (True, False)
    assert [chapter["name"] for chapter in api.get_assignments()] == [CHAPTER]


def test_points_that_differ_from_the_gradebooks_are_named(another: Classroom) -> None:
    edit(another.root / "grading_config.yml", "double: {points: 2,", "double: {points: 2.5,")
    edit(another.root / "grading_config.yml", "points: 5\n", "points: 5.5\n")
    another.submit("ann", another.solved())
    said = another.autograde("ann")
    assert not said["success"]
    assert "double has 2 points in the gradebook and 2.5 in grading_config.yml" in said["log"]
    assert "Run: autograder build ch01_tiny" in said["log"]
    assert another.scores("ann") == {"double": None, "Counter": None}


def test_a_judge_fault_is_logged_and_costs_no_points(another: Classroom) -> None:
    grader = another.root / "assignments" / CHAPTER / "test_double.py"
    edit(grader, "assert_close(student.double(X), reference", "assert_close(0 / 0, reference")
    another.submit("ann", another.solved(double="def double(x, times=1):\n    return x * 8"))
    said = another.autograde("ann")
    assert said["success"]
    assert "judge fault, costs no points: " in said["log"]
    assert "ZeroDivisionError" in said["log"]
    assert another.scores("ann") == {"double": 2.0, "Counter": 3.0}
    assert "ZeroDivisionError" not in another.feedback("ann")


def test_without_bubblewrap_there_are_no_marks_but_instructions(
    another: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise SandboxUnavailable(jail.MISSING)

    monkeypatch.setattr(jail, "require_bubblewrap", missing)
    another.submit("ann", another.solved())
    said = another.autograde("ann")
    assert not said["success"]
    assert "sudo apt-get install bubblewrap" in said["log"]
    assert another.scores("ann") == {"double": None, "Counter": None}
    assert not (another.root / "autograded" / "ann" / CHAPTER).exists()


def test_messages_are_in_the_courses_language(another: Classroom) -> None:
    config = another.root / "grading_config.yml"
    edit(config, "language: en", "language: zh")
    another.grade("bob", another.solved(double=HALF))
    (message, _) = outputs(another, "bob", "double")
    assert "答案错误" in message.data["text/html"]
    assert "加倍一次。" in message.data["text/html"]


def test_no_sandbox_is_said_each_time(another: Classroom) -> None:
    edit(another.root / "grading_config.yml", "sandbox:\n", "sandbox:\n  mode: none\n")
    another.submit("ann", another.solved())
    said = another.autograde("ann")
    assert said["success"]
    assert "sandbox: none. Submissions run UNSAFELY" in said["log"]
    assert another.scores("ann") == {"double": 2.0, "Counter": 3.0}


def test_the_preprocessor_is_nbgraders_kind() -> None:
    """So that `c.SandboxedExecute.enabled = False` and the like work as for nbgrader's own."""
    assert SandboxedExecute().enabled
    assert issubclass(CourseError, Exception)
