"""A session of judging: many submissions, one after the other, each as if it were the only one."""

import gc
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from autograder.errors import ConfigError, CourseError
from autograder.judge.attempt import Attempt
from autograder.judge.result import Result, Verdict, decode, encode, without_times
from autograder.judge.session import Judge
from autograder.submission import Submission
from tests.judging import (
    CONFIG,
    GOOD,
    LAB,
    TEST_SCALE,
    WRONG_SCALES,
    another,
    by_name,
    grade,
    grade_one,
    submission,
    variant,
    verdicts,
)

RANDOM = """
import random
import numpy
import torch

def scale(x, times=2.0):
    return x * times + torch.randn(()) + random.random() + numpy.random.rand()

class Descent:
    def __init__(self, params, lr=0.5):
        raise ValueError(f"{hash('text')} {torch.rand(1).item()} {object()} {set('abc')}")
"""


def test_the_same_submission_twice_gives_the_same_result_but_for_times(judge: Judge) -> None:
    """Also where the student's code draws random numbers."""
    first, second = grade(judge, RANDOM, RANDOM)
    again = grade_one(variant(judge), RANDOM)
    assert encode(without_times(first)) == encode(without_times(second))
    assert encode(without_times(first)) == encode(without_times(again))
    assert decode(encode(first)) == first


def test_the_seed_of_the_config_counts_unless_another_is_given(judge: Judge) -> None:
    course = replace(judge.course, config=judge.course.config.model_copy(update={"seed": 7}))
    with Judge(course) as own, Judge(course, seed=0) as given:
        assert (own.seed, given.seed) == (7, 0)


@pytest.mark.parametrize("below", [sys.prefix, "/usr/share"])
def test_a_course_that_submissions_could_read_is_refused(judge: Judge, below: str) -> None:
    course = replace(judge.course, root=Path(below) / "course")
    with pytest.raises(ConfigError, match=f"below {below}|below /usr"):
        Judge(course)


def test_a_judge_that_fails_over_one_submission_goes_on_with_the_next(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = Attempt.worker

    def fail_over_one(attempt: Attempt) -> object:
        if "unlucky" in attempt.submission.cells[0].source:
            raise RecursionError("too deep")
        return load(attempt)

    monkeypatch.setattr(Attempt, "worker", fail_over_one)
    unlucky, lucky = grade(judge, "unlucky = 1", GOOD)
    assert unlucky.faults[0].cause == "the judge raised RecursionError: too deep"
    assert "fail_over_one" in unlucky.faults[0].traceback
    assert unlucky.points == unlucky.max_points
    assert (unlucky.exit_code, lucky.exit_code) == (3, 0)


def test_the_seed_changes_the_inputs_and_is_in_the_result(judge: Judge) -> None:
    source = "def scale(x, times=2.0):\n    return x + 1"
    zero = grade_one(judge, source, "scale")
    one = grade_one(variant(judge, seed=1), source, "scale")
    assert (zero.seed, one.seed) == (0, 1)
    assert by_name(zero)["test_values"].message != by_name(one)["test_values"].message


def test_results_do_not_depend_on_the_order_of_submissions(judge: Judge) -> None:
    sources = [GOOD, RANDOM, "def scale(x, times=2.0):\n    return x * x", "import os; os._exit(0)"]
    made = [submission(source, f"s{i}") for i, source in enumerate(sources)]
    forwards = grade(judge, *made)
    backwards = grade(variant(judge), *reversed(made))
    for one, other in zip(forwards, reversed(backwards), strict=True):
        assert encode(without_times(one)) == encode(without_times(other))


def test_a_reference_that_draws_does_not_make_results_depend_on_those_before(
    judge: Judge, tmp_path: Path
) -> None:
    changes = {
        "solutions/ch01_lab.py": LAB.replace("return x * times", "return x * torch.rand(())"),
        "assignments/ch01_lab/test_scale.py": TEST_SCALE.replace(
            "student.scale", "reference.scale"
        ),
    }
    source = "def scale(x, times=2.0):\n    return x"
    with another(judge, tmp_path, **changes) as drawing:
        first, second = grade(drawing, source, source, exercises=["scale"])
    assert encode(without_times(first)) == encode(without_times(second))


def test_two_submissions_cannot_see_each_other(judge: Judge) -> None:
    leaver = f"""
import builtins, os, sys, torch
builtins.left = sys.left = torch.left = os.environ["LEFT"] = "me"
for folder in (".", "/tmp", "/dev/shm"):
    open(folder + "/left.txt", "w").write("me")
{GOOD}
"""
    finder = f"""
import builtins, glob, os, sys, torch
found = [n for n in (builtins, sys, torch) if hasattr(n, "left")]
found += glob.glob("/tmp/**/left*", recursive=True) + glob.glob("/dev/shm/*") + glob.glob("*")
assert not found and "LEFT" not in os.environ, found
{GOOD}
"""
    results = grade(judge, leaver, finder)
    assert [result.points for result in results] == [10, 10]


def test_points_are_the_weights_that_were_kept(judge: Judge) -> None:
    """test_values weighs 2 of 4, and 4 points stand on the exercise."""
    source = "def scale(x, times=2.0):\n    return x * 2.0"
    (scale,) = grade_one(judge, source, "scale").exercises
    assert {test.name: test.verdict for test in scale.tests} == {
        "test_values": "wrong answer",
        "test_rows": "passed",
        "test_gradient": "wrong answer",
    }
    assert (scale.points, scale.max_points) == (1, 4)


def test_full_marks_are_exactly_the_points_of_the_config(judge: Judge, tmp_path: Path) -> None:
    config = CONFIG.replace("points: 10", "points: 6.4").replace(
        "scale: {points: 4,", "scale: {points: 0.4,"
    )
    weights = TEST_SCALE.replace("weight(2)", "weight(0.1)")
    changes = {"grading_config.yml": config, "assignments/ch01_lab/test_scale.py": weights}
    with another(judge, tmp_path, **changes) as odd:
        result = grade_one(odd, GOOD)
    assert (result.points, result.max_points) == (6.4, 6.4)
    assert [exercise.points for exercise in result.exercises] == [0.4, 5, 1]


def test_chosen_exercises_are_judged_once_each(judge: Judge) -> None:
    result = grade_one(judge, GOOD, "clear", "scale", "clear")
    assert [exercise.name for exercise in result.exercises] == ["clear", "scale"]
    assert result.max_points == 5
    with pytest.raises(CourseError, match="no exercise 'scales' in ch01_lab"):
        grade_one(judge, GOOD, "scales")


def test_the_checks_sources_and_weights_of_the_graders_are_in_the_result(judge: Judge) -> None:
    test = by_name(grade_one(judge, GOOD, "scale"))["test_values"]
    assert (test.checks, test.source, test.weight) == ("Every element is scaled.", ["T99"], 2.0)
    assert by_name(grade_one(judge, GOOD, "scale"))["test_rows"].source == []


def test_a_result_is_handed_over_as_soon_as_it_is_there(judge: Judge) -> None:
    told: list[str] = []

    def two() -> Iterator[Submission]:
        for name in ("first", "second"):
            told.append(f"reads {name}")
            yield submission(GOOD, name)

    def emit(result: Result, attempt: Attempt) -> None:
        told.append(f"emits {result.submission.name} with {len(attempt.outputs)} cells' outputs")

    judge.grade(judge.course.chapter("ch01"), two(), emit, exercises=["clear"])
    assert told == [
        "reads first",
        "emits first with 1 cells' outputs",
        "reads second",
        "emits second with 1 cells' outputs",
    ]


def test_what_a_submission_returned_is_let_go_before_the_next_grader_runs(judge: Judge) -> None:
    """Else one that returns as much as it may would fill the judge's memory, grader by grader."""
    kept: list[int] = []

    def count(result: Result, attempt: Attempt) -> None:
        tensors = [value for value in gc.get_objects() if type(value) is torch.Tensor]
        kept.append(sum(tensor.shape == (3, 333_333) for tensor in tensors))

    large = "import torch\ndef scale(x, times=2.0):\n    return torch.zeros(3, 333_333)"
    judge.grade(judge.course.chapter("ch01_lab"), [submission(large)], count, exercises=["scale"])
    assert kept == [0]


def test_ctrl_c_comes_out_of_a_grading(judge: Judge) -> None:
    def emit(result: Result, attempt: Attempt) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge.grade(judge.course.chapter("ch01"), [submission(GOOD)], emit)
    assert grade_one(judge, GOOD).points == 10, "and the judge goes on"


def test_courses_with_equal_names_are_not_mixed_up(judge: Judge, tmp_path: Path) -> None:
    """One process, two courses with the same chapters: each is graded with its own graders."""
    stricter = TEST_SCALE.replace("(2, 3, generator", "(5, 7, generator")
    source = "def scale(x, times=2.0):\n    return x + 1"
    assert "6 of 6" in by_name(grade_one(judge, source, "scale"))["test_values"].message
    with another(judge, tmp_path, **{"assignments/ch01_lab/test_scale.py": stricter}) as other:
        assert "35 of 35" in by_name(grade_one(other, source, "scale"))["test_values"].message


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("solutions/ch01_lab.py", LAB + "\n1 / 0\n", "ZeroDivisionError"),
        (
            "assignments/ch01_lab/misconceptions/scale.py",
            WRONG_SCALES + "\nnonsense\n",
            "NameError",
        ),
    ],
)
def test_a_course_that_cannot_be_run_is_said_before_anything_is_graded(
    judge: Judge, tmp_path: Path, path: str, text: str, said: str
) -> None:
    with another(judge, tmp_path, **{path: text}) as broken, pytest.raises(CourseError, match=said):
        grade_one(broken, GOOD)


def test_the_tolerances_are_the_courses(judge: Judge, tmp_path: Path) -> None:
    loose = CONFIG + "tolerances:\n  float32: {rtol: 0, atol: 1}\n"
    source = "def scale(x, times=2.0):\n    return x * times + 0.5"
    assert verdicts(grade_one(judge, source, "scale"))["test_values"] is Verdict.WRONG_ANSWER
    with another(judge, tmp_path, **{"grading_config.yml": loose}) as lenient:
        assert verdicts(grade_one(lenient, source, "scale"))["test_values"] is Verdict.PASSED


def test_a_zygote_that_is_killed_costs_nobody_points(judge: Judge, tmp_path: Path) -> None:
    """The next worker comes from a new one."""
    with Judge(judge.course) as own:
        assert grade_one(own, GOOD, "clear").points == 1
        own.sandbox._process.kill()
        own.sandbox._process.wait()
        assert grade_one(own, GOOD, "clear").points == 1


def test_the_sandbox_is_in_the_result(judge: Judge) -> None:
    result = grade_one(judge, GOOD, "clear")
    assert (result.sandbox.mode, result.sandbox.safe) == ("bubblewrap", True)
    assert "bubblewrap" in result.sandbox.layers
    assert (result.device, result.course.chapter) == (judge.device, "ch01_lab")
    assert result.course.digest == judge.course.digest("ch01_lab")
