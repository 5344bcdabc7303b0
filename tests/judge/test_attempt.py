"""A submission's cells in their workers: what a bad cell costs, and what is said of it."""

from pathlib import Path

import pytest

from autograder.judge.result import Verdict
from autograder.judge.session import Judge
from tests.judging import CONFIG, GOOD, another, by_name, grade_one, variant, verdicts

PASSED = {"test_values": "passed", "test_rows": "passed", "test_gradient": "passed"}


def test_an_endless_loop_in_one_cell_costs_that_cell_only(judge: Judge) -> None:
    result = grade_one(judge, f"# %%\nwhile True:\n    pass\n# %%\n{GOOD}", "scale")
    assert verdicts(result) == PASSED
    assert result.problems == ["Cell 1 was stopped at its time limit: an endless loop?"]


def test_a_cell_that_cannot_be_stopped_is_left_out_at_the_next_start(judge: Judge) -> None:
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
    result = grade_one(judge, f"# %%\nx = 1\n# %%\n{stubborn}\n# %%\n{GOOD}", "scale")
    assert verdicts(result) == PASSED
    assert result.problems == [
        "Cell 2 didn't stop at its time limit; the other cells were run again without it."
    ]


def test_a_cell_that_kills_its_process_is_named_and_left_out(judge: Judge) -> None:
    source = f"""# %%
{GOOD}
# %%
import os
os._exit(7)
# %%
import os, signal
os.kill(os.getpid(), signal.SIGSEGV)
"""
    result = grade_one(judge, source, "scale")
    assert verdicts(result) == PASSED
    assert result.problems == [
        "Cell 2 ended its process (exit code 7); the other cells were run again without it.",
        "Cell 3 ended its process (SIGSEGV); the other cells were run again without it.",
    ]


def test_a_cell_that_raises_stops_no_later_cell(judge: Judge) -> None:
    result = grade_one(judge, f"# %%\nraise ValueError\n# %%\n{GOOD}", "scale")
    assert verdicts(result) == PASSED
    assert result.problems == []


def test_after_a_kill_the_next_test_finds_a_fresh_worker_with_the_cells_run_again(
    judge: Judge,
) -> None:
    """The second test is right because `state` is what the cells make of it, not what was left."""
    source = """
    import os

    state = []

    def scale(x, times=2.0):
        state.append(1)
        if times == 3.0:
            os._exit(1)
        assert len(state) == 1, "a worker that lived on"
        return x * times
    """
    result = grade_one(judge, source, "scale")
    assert verdicts(result) == {
        "test_values": "error",
        "test_rows": "passed",
        "test_gradient": "error",  # the same worker as before: state is not reset without a kill
    }


def test_a_notebook_that_ends_its_process_again_and_again_is_run_no_further(judge: Judge) -> None:
    killers = "\n".join("# %%\nimport os; os._exit(1)" for _ in range(9))
    result = grade_one(judge, f"# %%\n{GOOD}\n{killers}", "scale")
    assert set(verdicts(result).values()) == {Verdict.ERROR}
    assert "again and again" in by_name(result)["test_rows"].message
    assert len(result.problems) == 6
    assert result.exit_code == 1


def test_the_time_of_the_whole_submission_counts_through_every_worker(
    judge: Judge, tmp_path: Path
) -> None:
    config = CONFIG.replace("submission: {wall: 60s, cpu: 60s}", "submission: {wall: 6s, cpu: 60s}")
    source = f"""# %%
{GOOD}
import time
def scale(x, times=2.0):
    time.sleep(9)
"""
    with another(judge, tmp_path, **{"grading_config.yml": config}) as hurried:
        result = grade_one(hurried, source, "scale", "clear")
    assert set(verdicts(result).values()) == {Verdict.TIME_LIMIT}
    assert by_name(result)["test_values"].message.startswith("scale ran longer than 4 s")
    assert "The notebook as a whole has used up its time" in by_name(result)["test_zeros"].message


def test_cells_that_use_up_the_whole_time_are_named(judge: Judge, tmp_path: Path) -> None:
    config = CONFIG.replace("submission: {wall: 60s, cpu: 60s}", "submission: {wall: 1s, cpu: 60s}")
    with another(judge, tmp_path, **{"grading_config.yml": config}) as hurried:
        result = grade_one(hurried, f"# %%\nimport time; time.sleep(9)\n# %%\n{GOOD}", "scale")
    assert result.problems == [
        "The notebook's time was used up in cell 1; what follows was not run."
    ]
    assert set(verdicts(result).values()) == {Verdict.TIME_LIMIT}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Cell 1 ended its process (exit code 0)"),
        ("zh", "第 1 个单元格使进程以退出码 0 结束"),
    ],
)
def test_problems_are_told_in_the_language_of_the_result(
    judge: Judge, language: str, said: str
) -> None:
    spoken = variant(judge, language=language)
    result = grade_one(spoken, "# %%\nimport os; os._exit(0)", "clear")
    assert said in result.problems[0]
