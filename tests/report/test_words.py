"""Text made fit to show."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.judge.result import ExerciseResult, Verdict
from autograder.report import words
from tests.report.results import PASSED, WRONG

at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bcreset", "reset"),
        ("cut off \x1b[", "cut off "),
        ("a\x00b\x08c\x7fd", "abcd"),
        ("right\u202eleft", "rightleft"),
        ("half \ud83d", "half "),
        ("one\r\ntwo\n\n", "one\ntwo"),
        ("\tindented", "    indented"),
        ("卷积核 ✓ 🎉", "卷积核 ✓ 🎉"),
    ],
)
def test_escapes_and_controls_go_and_text_stays(raw: str, shown: str) -> None:
    assert words.printable(raw) == shown


@pytest.mark.parametrize("raw", ["x" * 10**6, "\x1b[0m" * 10**5 + "x"])
def test_a_flood_is_cut_short_and_says_so(raw: str) -> None:
    shown = words.printable(raw)
    assert len(shown) <= words.LONGEST + len(words.SHORTENED)
    assert shown.endswith(words.SHORTENED)


@at_leisure
@given(st.text(st.characters(codec=None)))
def test_no_control_but_the_newline_survives(raw: str) -> None:
    shown = words.printable(raw)
    assert not [c for c in shown if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)]
    assert shown.encode().decode() == shown
    assert "\n" not in words.one_line(raw)


def test_points_are_written_without_needless_zeros() -> None:
    assert [words.number(value) for value in (4.0, 1.5, 10 / 3, 0.0)] == ["4", "1.5", "3.3333", "0"]


def test_a_test_is_worth_its_share_of_the_points() -> None:
    exercise = ExerciseResult("conv2d", 2, 6, [PASSED, WRONG])
    assert (words.worth(exercise, PASSED), words.worth(exercise, WRONG)) == (2, 4)


def test_what_is_not_the_students_has_a_mark_of_its_own() -> None:
    marks = {verdict: words.mark(verdict) for verdict in Verdict}
    assert marks.pop(Verdict.PASSED) == "✓"
    assert marks.pop(Verdict.JUDGE_FAULT) == "!"
    assert marks.pop(Verdict.BY_HAND) == "…"
    assert set(marks.values()) == {"✗"}
