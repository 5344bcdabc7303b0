"""Courses on disk: what is found, what is missed, what changes a digest."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course import (
    load_course,
    load_misconceptions,
    load_solution,
    misconception,
)
from autograder.errors import CourseError
from tests.tiny_course import edit, write_tiny_course


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_tiny_course(tmp_path / "course")


def problem(root: Path) -> str:
    with pytest.raises(CourseError) as caught:
        load_course(root)
    return str(caught.value)


def test_a_course_is_found_from_any_folder_below(root: Path) -> None:
    """The root, its config and a chapter's folder all name the same course."""
    starts = (root, root / "grading_config.yml", root / "assignments" / "ch01_tiny")
    assert {load_course(start).root for start in starts} == {root.resolve()}


def test_exercise_limits_are_resolved(root: Path) -> None:
    """What an exercise doesn't set comes from the course."""
    chapter = load_course(root).chapters["ch01_tiny"]
    double, counter = chapter.exercise("double"), chapter.exercise("Counter")
    assert (double.limits.call.wall, double.limits.call.cpu) == (1.0, 3.0)
    assert (counter.limits.call.wall, counter.limits.call.cpu) == (4.0, 3.0)
    assert double.limits.memory == 2**30
    assert (double.forbidden, counter.budget) == (("torch.add",), 3.0)
    assert (chapter.kinds["double"], chapter.kinds["Counter"]) == ("function", "class")


def test_a_chapter_answers_to_the_beginning_of_its_name(root: Path) -> None:
    """`ch01` is ch01_tiny; what fits nothing is an error with the nearest name."""
    course = load_course(root)
    assert course.chapter("ch01").name == "ch01_tiny"
    with pytest.raises(CourseError, match=r"no chapter 'ch01_tinny' .*did you mean ch01_tiny\?"):
        course.chapter("ch01_tinny")
    with pytest.raises(CourseError, match=r"no exercise 'Double' .*did you mean double\?"):
        course.chapter("ch01").exercise("Double")


def test_every_missing_file_is_listed(root: Path) -> None:
    """One error, a line for each thing that isn't there."""
    folder = root / "assignments" / "ch01_tiny"
    (folder / "notebook.md").unlink()
    (folder / "test_double.py").unlink()
    edit(root / "solutions" / "ch01_tiny.py", "class Counter", "class Zaehler")
    assert problem(root).splitlines() == [
        "ch01_tiny: no handout assignments/ch01_tiny/notebook.md",
        "ch01_tiny: solutions/ch01_tiny.py has no solution of Counter",
        "ch01_tiny: no graders assignments/ch01_tiny/test_double.py of double",
    ]


def test_missing_folder_and_solutions(root: Path) -> None:
    """A chapter without a folder, and one without solutions, are named."""
    (root / "solutions" / "ch01_tiny.py").unlink()
    assert problem(root) == "ch01_tiny: no solutions solutions/ch01_tiny.py"
    shutil.rmtree(root / "assignments")
    assert problem(root) == "ch01_tiny: no folder assignments/ch01_tiny"


def test_a_broken_solution_file_has_its_line(root: Path) -> None:
    """Solutions that aren't Python are an error of the course with a line number."""
    edit(root / "solutions" / "ch01_tiny.py", "class Counter:", "class Counter")
    assert "ch01_tiny.py, line 18 is not Python" in problem(root)


def test_nothing_is_graded_that_is_not_configured(root: Path) -> None:
    """A grader, a misconception file or a chapter without an entry is an error."""
    folder = root / "assignments" / "ch01_tiny"
    (folder / "test_doubble.py").write_text("", encoding="utf-8")
    (folder / "misconceptions" / "halve.py").write_text("", encoding="utf-8")
    other = root / "assignments" / "ch02_other"
    other.mkdir()
    (other / "notebook.md").write_text("", encoding="utf-8")
    said = problem(root)
    assert (
        "test_doubble.py is about an exercise that grading_config.yml lacks (did you mean" in said
    )
    assert "misconceptions/halve.py is about an exercise" in said
    assert "assignments/ch02_other is a chapter that grading_config.yml lacks" in said


def test_only_the_chapters_asked_for_are_checked(root: Path) -> None:
    """An author can work on one chapter while another is half written."""
    edit(
        root / "grading_config.yml",
        "chapters:\n",
        "chapters:\n  ch02_next:\n    title: {en: N, zh: 下}\n    points: 1\n"
        "    exercises: {later: {points: 1}}\n",
    )
    assert "ch02_next: no folder" in problem(root)
    assert set(load_course(root, only=["ch01_tiny"]).chapters) == {"ch01_tiny", "ch02_next"}


def test_misconceptions_in_the_order_of_the_file(root: Path) -> None:
    """Helpers and aliases are no misconceptions; the hint is there in both languages."""
    exercise = load_course(root).chapters["ch01_tiny"].exercises["double"]
    first, second = load_misconceptions(exercise)
    assert (first.name, first.verdict, first.hint.to("zh")) == (
        "squares",
        "wrong answer",
        "你算的是平方。",
    )
    assert (second.name, second.verdict) == ("adds", "over budget")
    assert first.implementation(3) == 9


def test_an_exercise_without_misconceptions(root: Path) -> None:
    """The file is optional."""
    assert load_misconceptions(load_course(root).chapters["ch01_tiny"].exercises["Counter"]) == []


def test_two_misconceptions_of_one_name(root: Path) -> None:
    """The second would silently replace the first."""
    path = root / "assignments" / "ch01_tiny" / "misconceptions" / "double.py"
    edit(path, "def adds", "def squares")
    with pytest.raises(CourseError, match="defines squares twice"):
        load_misconceptions(load_course(root).chapters["ch01_tiny"].exercises["double"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("over budget", "over-budget", "line 15: a misconception can't fail by 'over-budget'"),
        ('en="You squared x."', 'en=" "', "line 10: a misconception needs its hint in both"),
        ("def helper(x):", "def helper(x) -> Unknown:", "line 6: NameError: name 'Unknown'"),
        ("def helper(x):", "def helper(x)", "line 6: SyntaxError"),
    ],
)
def test_a_mistake_in_a_misconception_file(root: Path, old: str, new: str, message: str) -> None:
    """An author's mistake is an error of the course with file and line."""
    path = root / "assignments" / "ch01_tiny" / "misconceptions" / "double.py"
    edit(path, old, new)
    with pytest.raises(CourseError) as caught:
        load_misconceptions(load_course(root).chapters["ch01_tiny"].exercises["double"])
    assert f"{path}, {message}" in str(caught.value)


def test_the_decorator_leaves_the_function_as_it_is() -> None:
    """A misconception can be called like any function, also by another one."""

    @misconception(en="Adds one.", zh="加一。")
    def adds_one(x: int) -> int:
        return x + 1

    assert adds_one(1) == 2


def test_solutions_are_loaded_afresh(root: Path) -> None:
    """Two loads share no state, and no bytecode is left in the author's folder."""
    chapter = load_course(root).chapters["ch01_tiny"]
    first, second = load_solution(chapter), load_solution(chapter)
    assert first.Counter is not second.Counter
    assert first.Counter(2).next() == 2
    assert [path.name for path in (root / "solutions").iterdir()] == ["ch01_tiny.py"]


def test_digest_is_the_same_wherever_the_course_lies(root: Path, tmp_path: Path) -> None:
    """Neither the folder, nor caches, nor line endings change a digest."""
    before = load_course(root).digest("ch01_tiny")
    copy = tmp_path / "elsewhere"
    shutil.copytree(root, copy)
    cache = copy / "assignments" / "ch01_tiny" / "__pycache__"
    cache.mkdir()
    (cache / "test_double.pyc").write_bytes(b"cache")
    solutions = copy / "solutions" / "ch01_tiny.py"
    solutions.write_bytes(solutions.read_bytes().replace(b"\n", b"\r\n"))
    assert load_course(copy).digest("ch01_tiny") == before
    assert len(before) == 64


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("grading_config.yml", "4s", "5s"),
        ("grading_config.yml", "[torch.add]", "[torch.mul]"),
        ("solutions/ch01_tiny.py", "2**times", "3**times"),
        ("assignments/ch01_tiny/test_double.py", "graders", "tests"),
        ("assignments/ch01_tiny/misconceptions/double.py", "x + x", "2 * x"),
        ("assignments/ch01_tiny/notebook.md", "twice one", "2 x 1"),
    ],
)
def test_digest_follows_what_decides_marks(root: Path, path: str, old: str, new: str) -> None:
    """Config, solutions, graders, misconceptions and handout are all in the digest."""
    before = load_course(root).digest("ch01_tiny")
    edit(root / path, old, new)
    assert load_course(root).digest("ch01_tiny") != before


def test_a_comment_in_the_config_changes_no_digest(root: Path) -> None:
    """Only values count."""
    before = load_course(root).digest("ch01_tiny")
    edit(root / "grading_config.yml", "sandbox:", "# where code runs\nsandbox:")
    assert load_course(root).digest("ch01_tiny") == before


def test_course_is_light() -> None:
    """Looking at a course imports neither torch nor nbgrader nor jupytext."""
    code = (
        "import sys, autograder.course\n"
        "print([n for n in ('torch', 'nbgrader', 'numpy', 'jupytext') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
