"""The message beside an exercise's score in a notebook."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from autograder.judge.result import ExerciseResult, TestResult, Verdict
from autograder.report.markdown import exercise_html, exercise_markdown
from tests.report.results import FAULTY, HOSTILE, PASSED, RAISED, WRONG, failing

at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
EXERCISE = ExerciseResult("conv2d", 1.5, 6, [PASSED, WRONG, RAISED])

# Text that tries to become markup, and any other text.
attempts = (
    st.lists(
        st.sampled_from(
            [
                *(
                    "`",
                    "``",
                    "```\n",
                    "~~~",
                    "\n",
                    " ",
                    "    ",
                    "$",
                    "\\",
                    "\\(",
                    "x",
                    "1.",
                    "-",
                    "=",
                ),
                *("<b>", "<script>", "<!--", "&lt;", "[a](b)", "![a](b)", "**", "#", "|", ">"),
                *("https://evil.example", "www.evil.example"),
            ]
        )
    ).map("".join)
    | st.text()
)


class Page(HTMLParser):
    """The elements of a page, and the text in which MathJax looks for formulas."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.texts: list[str] = []  # pieces between two tags, but for those in code and pre
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self.open.append(tag)
        self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.open.remove(tag)
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        if not {"code", "pre"} & set(self.open):
            self.texts[-1] += data


def check_harmless(page: str, allowed: set[str]) -> None:
    parsed = Page(page)
    assert parsed.tags <= allowed
    assert [pair for pair in parsed.attributes if pair[0] != "class"] == []
    for text in parsed.texts:
        assert "$" not in text or text == "$"
        assert "\\" not in text or text == "\\"


@pytest.mark.parametrize("render", [exercise_markdown, exercise_html])
def test_score_verdicts_messages_hints_and_sources_are_there(render: object) -> None:
    assert callable(render)
    shown = re.sub("</?span[^>]*>", "", render(EXERCISE, "en"))
    for part in (
        "conv2d: 1.5 / 6 points",
        "✓ The size follows the formula.",
        "wrong answer",
        "Values on random inputs",
        "2 of 6 elements differ.",
        "Hint: Your kernel is flipped.",
        "See D2L6 §6.3, T03",
        "ValueError: ",
    ):
        assert part in shown
    chinese = render(EXERCISE, "zh")
    for part in ("conv2d：1.5 / 6 分", "答案错误", "提示：", "参阅 D2L6 §6.3"):
        assert part in chinese


def test_markdown_is_a_list_with_each_failure_explained_below_its_check() -> None:
    assert exercise_markdown(EXERCISE, "en") == (
        "**conv2d: 1.5 / 6 points**\n"
        "\n"
        "Hint: Your kernel is flipped.\n"
        "\n"
        "- ✓ The size follows the formula.\n"
        "- ✗ **wrong answer** Values on random inputs\n"
        "\n"
        "  2 of 6 elements differ. See D2L6 §6.3, T03\n"
        "\n"
        "- ✗ **error** Strides\n"
        "\n"
        "  ````text\n"
        "  Traceback:\n"
        "    line 1\n"
        "  ```\n"
        "  ValueError: <x>\n"
        "  ````\n"
    )


def test_code_in_a_sentence_stays_code() -> None:
    exercise = failing("In `result['W1']`: *wrong*")
    assert "`result['W1']`: &#42;wrong&#42;" in exercise_markdown(exercise, "en")
    assert "<code>result[&#x27;W1&#x27;]</code>: *wrong*" in exercise_html(exercise, "en")


@at_leisure
@given(attempts | st.just(HOSTILE), attempts)
def test_html_of_a_student_is_text(message: str, hint: str) -> None:
    page = exercise_html(failing(message, hint), "en")
    check_harmless(page, {"p", "strong", "div", "ul", "li", "pre", "code", "span"})


@at_leisure
@given(attempts | st.just(HOSTILE), attempts)
def test_markdown_of_a_student_makes_no_link_image_element_or_formula(
    message: str, hint: str
) -> None:
    source = exercise_markdown(failing(message, hint), "en")
    page = MarkdownIt("commonmark").render(source)
    # Lists, quotes and headings can't hurt; links, images, scripts and formulas could.
    check_harmless(
        page, {"p", "strong", "ul", "ol", "li", "pre", "code", "span", "em", "hr", "blockquote"}
    )


def test_a_check_without_words_goes_by_its_name() -> None:
    exercise = ExerciseResult("conv2d", 6, 6, [TestResult("test_sizes", "", Verdict.PASSED)])
    assert "- ✓ test&#95;sizes" in exercise_markdown(exercise, "en")
    assert "✓</span> test_sizes</li>" in exercise_html(exercise, "en")


def test_a_hint_that_many_checks_have_in_common_is_given_once() -> None:
    tests = [replace(WRONG, name=name) for name in ("test_a", "test_b", "test_c")]
    tests.append(replace(WRONG, name="test_d", hint="The bias is missing."))
    for render in (exercise_markdown, exercise_html):
        shown = render(ExerciseResult("conv2d", 0, 6, tests), "en")
        assert shown.count("Your kernel is flipped.") == 1
        assert shown.count("The bias is missing.") == 1
        assert shown.count("Values on random inputs") == 4


def test_verdicts_are_badges_that_read_well_without_colours() -> None:
    page = exercise_html(EXERCISE, "en")
    assert '<span class="label label-success">✓</span> The size' in page
    assert '<span class="label label-danger">✗ wrong answer</span> Values' in page
    faulty = exercise_html(ExerciseResult("conv2d", 6, 6, [FAULTY]), "zh")
    assert '<span class="label label-warning">! ' in faulty
