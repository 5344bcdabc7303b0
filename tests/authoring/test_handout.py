"""notebook.md: what may stand where, and what a mistake in it says."""

import pytest

from autograder.authoring.handout import Handout, parse_handout
from autograder.course import Chapter, load_course
from autograder.errors import CourseError
from tests.tiny_course import NOTEBOOK, write_tiny_course


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    return load_course(write_tiny_course(tmp_path_factory.mktemp("course"))).chapters["ch01_tiny"]


def problem(chapter: Chapter, old: str, new: str) -> str:
    assert old in NOTEBOOK
    with pytest.raises(CourseError) as caught:
        parse_handout(NOTEBOOK.replace(old, new), chapter)
    return str(caught.value)


def headings(handout: Handout, language: str) -> list[str]:
    cells = handout.to("zh" if language == "zh" else "en")
    return [cell.source.split("\n")[0] for cell in cells if cell.kind == "markdown"]


def test_a_build_keeps_one_language_and_what_belongs_to_both(chapter: Chapter) -> None:
    """Cells without a language are in both builds, the others in one."""
    handout = parse_handout(NOTEBOOK, chapter)
    assert headings(handout, "en") == ["# Tiny things", "## Double", "## Counter", "$1 + 1 = 2$"]
    assert headings(handout, "zh") == ["# 小东西", "## 加倍", "## 计数器", "$1 + 1 = 2$"]


PROMPT = '+++ {"lang": "zh", "exercise": "double", "role": "prompt"}'
SOLUTION = "```{code-cell} ipython3\n:exercise: double\n:role: solution\n```"
TEST = ":exercise: double\n:role: test\n"

MISTAKES = [
    ('+++ {"lang": "zh"}', '+++ {"lang": "fr"}', "lang must be en or zh (got 'fr')"),
    ('+++ {"lang": "zh"}', '+++ {"langs": "zh"}', "unknown key 'langs' (did you mean 'lang'?)"),
    (PROMPT, '+++ {"lang": "zh"}', "double must have one prompt in zh (it has 0)"),
    (PROMPT, '+++ {"exercise": "double", "role": "prompt"}', "a prompt needs its lang"),
    (PROMPT, PROMPT.replace("zh", "en"), "double must have one prompt in en (it has 2)"),
    (PROMPT, PROMPT.replace("double", "dubble"), "one of double, Counter (got 'dubble')"),
    (PROMPT, '+++ {"lang": "zh", "exercise": "double"}', "a cell of an exercise needs a role"),
    (SOLUTION, "", "double must have one solution cell (it has 0)"),
    (SOLUTION, SOLUTION + "\n\n" + SOLUTION, "double must have one solution cell (it has 2)"),
    (SOLUTION, SOLUTION[:-3] + "\nx = 1\n```", "leave it empty: the build fills it"),
    (SOLUTION, SOLUTION.replace(":role", ":lang: en\n:role"), "belongs to both languages"),
    (TEST, TEST.replace("test", "tests"), "role must be setup, prompt, solution or test"),
    (TEST, TEST.replace("double", "Counter"), "double must have one test cell (it has 0)"),
    ("assert double", "assert (double", "line 1 is not Python"),
    (":role: setup\n", "", "the first code cell, and only that, must have the role setup"),
    ("\nimport torch\n", "", "a setup cell can't be empty"),
    ("language: python", "language: R", "kernelspec with language: python"),
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
def test_a_mistake_is_named(chapter: Chapter, old: str, new: str, message: str) -> None:
    """Each mistake is told with the file and what to write instead."""
    said = problem(chapter, old, new)
    assert message in said
    assert all(line.startswith("assignments/ch01_tiny/notebook.md: ") for line in said.splitlines())


def test_prompt_solution_and_test_come_in_this_order(chapter: Chapter) -> None:
    """A student reads, writes, checks."""
    without = NOTEBOOK.replace(SOLUTION + "\n\n", "", 1)
    prompt = without.index('+++ {"lang": "en", "exercise": "double"')
    with pytest.raises(CourseError, match="double must come as prompt, solution, test"):
        parse_handout(without[:prompt] + SOLUTION + "\n\n" + without[prompt:], chapter)


def test_magics_and_await_are_code(chapter: Chapter) -> None:
    """Whatever IPython runs may stand in a cell."""
    text = NOTEBOOK.replace("print(double(torch.arange(3)))", "%matplotlib inline\nawait f()\n!ls")
    assert any("await f()" in cell.source for cell in parse_handout(text, chapter).cells)


def test_tags_are_kept(chapter: Chapter) -> None:
    """Tags mean something to Jupyter and nbconvert."""
    text = NOTEBOOK.replace(":role: setup", ":tags: [hide-input]\n:role: setup")
    assert [cell.tags for cell in parse_handout(text, chapter).cells if cell.tags] == [
        ("hide-input",)
    ]
