"""What a submission got, and how it's written down."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.judge import result as results
from autograder.judge.result import (
    CourseInfo,
    ExerciseResult,
    Fault,
    Result,
    SandboxInfo,
    SubmissionInfo,
    TestResult,
    Times,
    Unsuccessful,
    Verdict,
    WrongAnswer,
    decode,
    encode,
    points_for,
    schema,
    without_times,
)
from autograder.text import Text

# How fast a test runs says nothing about the code here.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

DOCS = Path(__file__).parents[2] / "docs"


def a_test(verdict: Verdict = Verdict.PASSED, weight: float = 1.0, **fields: object) -> TestResult:
    return TestResult("test_sizes", "sizes", verdict, weight, **fields)  # type: ignore[arg-type]


def a_result(*exercises: ExerciseResult, faults: tuple[Fault, ...] = ()) -> Result:
    return Result(
        submission=SubmissionInfo("ann", "sha256:0"),
        course=CourseInfo("ch09_convolution", "sha256:1"),
        engine="0.1.0",
        device="cpu",
        seed=7,
        language="en",
        sandbox=SandboxInfo("bubblewrap", True, ["namespaces"]),
        exercises=list(exercises),
        faults=list(faults),
    )


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_label_in_both_languages(verdict: Verdict) -> None:
    assert verdict.label.en == verdict.value
    assert verdict.label.zh.strip()
    assert not verdict.label.zh.isascii()


def test_a_wrong_answer_is_unsuccessful_with_its_verdict_and_message() -> None:
    with pytest.raises(Unsuccessful) as caught:
        raise WrongAnswer(Text("too big", "太大"))
    assert caught.value.verdict is Verdict.WRONG_ANSWER
    assert caught.value.message.zh == "太大"
    assert str(caught.value) == "wrong answer: too big"


class TestPoints:
    def test_points_are_the_share_of_the_weights_that_passed(self) -> None:
        tests = [a_test(weight=2), a_test(Verdict.WRONG_ANSWER, weight=1)]
        assert points_for(tests, 10) == 6.6667

    def test_a_judge_fault_costs_nobody_points(self) -> None:
        assert points_for([a_test(), a_test(Verdict.JUDGE_FAULT, weight=9)], 4) == 4.0

    def test_an_exercise_without_tests_gives_no_points(self) -> None:
        assert points_for([], 5) == 0.0

    def test_losing_a_test_without_weight_costs_nothing(self) -> None:
        assert points_for([a_test(), a_test(Verdict.ERROR, weight=0)], 5) == 5.0

    def test_losing_the_only_tests_gives_nothing_even_when_none_has_weight(self) -> None:
        assert points_for([a_test(Verdict.ERROR, weight=0)], 5) == 0.0

    @at_leisure
    @given(
        st.lists(
            st.tuples(st.sampled_from(Verdict), st.floats(0, 1e6, allow_subnormal=False)),
            max_size=8,
        ),
        st.floats(0, 1e4),
    )
    def test_points_are_always_a_plain_float_within_the_exercise(
        self, drawn: list[tuple[Verdict, float]], max_points: float
    ) -> None:
        tests = [a_test(verdict, weight) for verdict, weight in drawn]
        points = points_for(tests, max_points)
        assert type(points) is float
        assert 0 <= points <= max_points
        if tests and not any(test.verdict.costs_points for test in tests):
            assert points == max_points


class TestTotals:
    def test_totals_are_the_sums_of_the_exercises(self) -> None:
        result = a_result(
            ExerciseResult("corr2d", 0.1, 4, [a_test()]),
            ExerciseResult("conv2d", 0.2, 6, [a_test()]),
        )
        assert (result.points, result.max_points) == (0.3, 10)

    def test_full_marks_exit_with_0(self) -> None:
        assert a_result(ExerciseResult("corr2d", 4, 4, [a_test()])).exit_code == 0

    def test_lost_marks_exit_with_1(self) -> None:
        tests = [a_test(Verdict.MISSING)]
        assert a_result(ExerciseResult("corr2d", 0, 4, tests)).exit_code == 1

    def test_a_judge_fault_exits_with_3_even_when_marks_are_lost_too(self) -> None:
        faulty = ExerciseResult("corr2d", 4, 4, [a_test(Verdict.JUDGE_FAULT)])
        lost = ExerciseResult("conv2d", 0, 4, [a_test(Verdict.ERROR)])
        assert a_result(lost, faulty).exit_code == 3
        assert a_result(lost, faults=(Fault("", "no such grader"),)).exit_code == 3

    def test_without_times_makes_two_gradings_of_one_submission_equal(self) -> None:
        first, second = (
            a_result(ExerciseResult("corr2d", 4, 4, [a_test(times=times)]))
            for times in (Times(0.5, 0.4, None), Times(0.7, 0.1, 0.2))
        )
        assert first != second
        assert without_times(first) == without_times(second)
        assert first.exercises[0].tests[0].times.wall == 0.5


class TestEncoding:
    def test_a_result_survives_its_json(self) -> None:
        result = a_result(
            ExerciseResult(
                "conv2d",
                2.5,
                5,
                [
                    a_test(
                        Verdict.ERROR, message="错了", hint="翻转", source=["T03"], times=Times(1.5)
                    )
                ],
            ),
            faults=(Fault("test_x", "boom", "Traceback"),),
        )
        assert decode(encode(result)) == result

    def test_the_json_is_indented_ends_its_last_line_and_leaves_no_field_out(self) -> None:
        text = encode(a_result(ExerciseResult("corr2d", 4.0, 4.0, [a_test()]))).decode()
        assert text.endswith("}\n")
        assert '\n  "schema_version": 1,' in text
        test = json.loads(text)["exercises"][0]["tests"][0]
        assert set(test) == set(TestResult.__struct_fields__)

    @at_leisure
    @given(st.text(st.characters(codec=None)))
    def test_whatever_a_student_prints_into_a_message_can_be_written(self, message: str) -> None:
        result = a_result(ExerciseResult("corr2d", 0, 4, [a_test(Verdict.ERROR, message=message)]))
        written = decode(encode(result)).exercises[0].tests[0].message
        if not any("\ud800" <= character <= "\udfff" for character in message):
            assert written == message

    def test_another_schema_version_is_refused(self) -> None:
        data = encode(a_result()).replace(b'"schema_version": 1', b'"schema_version": 2')
        with pytest.raises(msgspec.ValidationError, match="schema_version"):
            decode(data)


class TestDocumentation:
    def test_the_schema_in_docs_is_up_to_date(self) -> None:
        """Rewrite it with: python -m autograder.judge.result > docs/result.schema.json"""
        assert (DOCS / "result.schema.json").read_bytes() == schema()

    def test_running_the_module_prints_the_schema(self) -> None:
        command = [sys.executable, "-m", "autograder.judge.result"]
        assert subprocess.run(command, capture_output=True, check=True).stdout == schema()

    @pytest.mark.parametrize(
        "struct",
        [Result, SubmissionInfo, CourseInfo, SandboxInfo, ExerciseResult, TestResult, Times, Fault],
    )
    def test_every_field_is_documented(self, struct: type[msgspec.Struct]) -> None:
        text = (DOCS / "result.md").read_text()
        assert [field for field in struct.__struct_fields__ if f"`{field}`" not in text] == []

    def test_every_verdict_is_documented(self) -> None:
        text = (DOCS / "result.md").read_text()
        assert [verdict.value for verdict in Verdict if f"`{verdict}`" not in text] == []


def test_reading_results_does_not_import_torch() -> None:
    code = f"import sys, {results.__name__}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
