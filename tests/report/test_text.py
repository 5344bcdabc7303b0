"""The table on a terminal."""

import io

from rich.console import Console, RenderableType

from autograder.judge.result import ExerciseResult, Fault
from autograder.report import text
from tests.report.results import FAULTY, HOSTILE, a_result, failing


def printed(renderable: RenderableType, *, terminal: bool = False, width: int = 100) -> str:
    file = io.StringIO()
    console = Console(
        file=file,
        width=width,
        force_terminal=terminal,
        color_system="truecolor" if terminal else None,
    )
    console.print(renderable)
    return file.getvalue()


def lines(renderable: RenderableType) -> list[str]:
    return [" ".join(line.split()) for line in printed(renderable).splitlines()]


def test_verdicts_points_messages_hints_and_sources_are_shown() -> None:
    shown = lines(text.render(a_result()))
    assert shown[0] == "ann.ipynb ch09_convolution 5.5 / 10 points"
    for line in (
        "corr2d 4 / 4",
        "✓ The size follows the formula. passed 4",
        "conv2d 1.5 / 6",
        "✗ Values on random inputs wrong answer 0 / 3",
        "2 of 6 elements differ.",
        "Hint: Your kernel is flipped.",
        "See D2L6 §6.3, T03",
        "✗ Strides error 0 / 1.5",
        "ValueError: <x>",
        "dl-autograder 0.1.0, cpu, seed 7",
    ):
        assert line in shown


def test_chinese_results_are_reported_in_chinese() -> None:
    shown = printed(text.render(a_result(language="zh")))
    for word in ("检查项", "答案错误", "通过", "提示：", "参阅", "5.5 / 10 分"):
        assert word in shown
    for word in ("passed", "Hint", "points"):
        assert word not in shown


def test_no_escape_sequence_of_a_student_reaches_the_terminal() -> None:
    result = a_result(failing(HOSTILE, HOSTILE), name=HOSTILE, problems=(HOSTILE,))
    plain = printed(text.render(result))
    assert "\x1b" not in plain
    assert "\u202e" not in plain
    coloured = printed(text.render(result), terminal=True)
    assert "\x1b]" not in coloured
    assert "http://evil\x1b" not in coloured


def test_markup_of_a_student_is_text() -> None:
    shown = printed(
        text.render(a_result(failing("[red]boom[/red] [/nonsense] :tada:"), name="[bold]"))
    )
    assert "[red]boom[/red] [/nonsense] :tada:" in shown
    assert shown.startswith("[bold] ")
    assert "[bold]" in printed(text.overview([a_result(name="[bold]")], "en"))


def test_a_message_of_several_lines_keeps_them_in_order() -> None:
    shown = lines(text.render(a_result()))
    start = shown.index("Traceback:")
    assert shown[start : start + 4] == ["Traceback:", "line 1", "```", "ValueError: <x>"]


def test_an_unsafe_result_says_so_loudly() -> None:
    assert "UNSAFE" in printed(text.render(a_result(safe=False)))
    assert "UNSAFE" not in printed(text.render(a_result()))


def test_a_judge_fault_names_its_cause_and_costs_nothing() -> None:
    exercise = ExerciseResult("conv2d", 6, 6, [FAULTY])
    fault = Fault("conv2d::test_pads", "KeyError: 'K'", "File test_conv2d.py, line 3")
    shown = lines(text.render(a_result(exercise, faults=(fault, Fault("", "the zygote died")))))
    assert "! Padding judge fault 6" in shown
    assert "conv2d::test_pads: KeyError: 'K'" in shown
    assert "the zygote died" in shown
    assert "line 3" not in "\n".join(shown)


def test_problems_of_the_submission_stand_above_the_table() -> None:
    shown = lines(text.render(a_result(problems=("the cell of conv2d is missing",))))
    assert shown.index("the cell of conv2d is missing") < shown.index("corr2d 4 / 4")


def test_a_result_without_exercises_is_still_reported() -> None:
    result = a_result(ExerciseResult("conv2d", 0, 6, []))
    assert "conv2d 0 / 6" in lines(text.render(result))


def test_a_narrow_terminal_loses_no_message() -> None:
    assert "Your kernel is flipped." in " ".join(printed(text.render(a_result()), width=60).split())


def test_many_submissions_have_a_line_each() -> None:
    other = a_result(ExerciseResult("corr2d", 1, 4, []), name="bob.ipynb")
    shown = lines(text.overview([a_result(), other], "en"))
    assert "submission corr2d conv2d total" in shown
    assert "ann.ipynb 4 / 4 1.5 / 6 5.5 / 10" in shown
    assert "bob.ipynb 1 / 4 1 / 4" in shown
