"""JUnit XML as continuous integration reads it."""

from xml.etree import ElementTree as ET

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.judge.result import ExerciseResult, Fault
from autograder.report.junit import junit
from tests.report.results import FAULTY, HOSTILE, a_result, failing

at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_a_suite_for_each_exercise_and_a_case_for_each_test() -> None:
    root = ET.fromstring(junit([a_result(), a_result(name="bob.ipynb")]))
    suites = [suite.get("name") for suite in root.iter("testsuite")]
    assert suites == [
        "ann.ipynb/corr2d",
        "ann.ipynb/conv2d",
        "bob.ipynb/corr2d",
        "bob.ipynb/conv2d",
    ]
    conv2d = root.findall("testsuite")[1]
    assert [case.get("name") for case in conv2d.iter("testcase")] == [
        "test_sizes",
        "test_values",
        "test_strides",
    ]
    counts = [conv2d.get(key) for key in ("tests", "failures", "errors", "time")]
    assert counts == ["3", "2", "0", "0.750"]
    assert [root.get(key) for key in ("tests", "failures", "errors", "time")] == [
        *("8", "4", "0", "2.000")
    ]
    facts = {each.get("name"): each.get("value") for each in conv2d.iter("property")}
    assert facts["points"] == "1.5"
    assert facts["seed"] == "7"


def test_a_failure_has_verdict_message_and_hint() -> None:
    root = ET.fromstring(junit([a_result()]))
    failure = root.find(".//testcase[@name='test_values']/failure")
    assert failure is not None
    assert failure.get("type") == "wrong answer"
    assert failure.get("message") == "2 of 6 elements differ."
    assert failure.text == (
        "Values on random inputs\n2 of 6 elements differ.\nHint: Your kernel is flipped."
    )


def test_a_judge_fault_is_an_error_with_its_cause_but_without_traceback() -> None:
    faults = (
        Fault("conv2d::test_pads", "KeyError", "the grader's source"),
        Fault("", "the zygote died"),
        Fault("test_corr2d.py", "can't be imported"),
    )
    data = junit([a_result(ExerciseResult("conv2d", 6, 6, [FAULTY]), faults=faults)])
    root = ET.fromstring(data)
    assert (root.get("failures"), root.get("errors")) == ("0", "3")
    error = root.find(".//testcase[@name='test_pads']/error")
    assert error is not None
    assert "KeyError" in (error.text or "")
    others = root.findall(".//testsuite[@name='ann.ipynb/judge']/testcase")
    assert [case.get("name") for case in others] == ["fault 1", "test_corr2d.py"]
    assert [error.get("message") for case in others for error in case] == [
        "the zygote died",
        "can't be imported",
    ]
    assert b"the grader's source" not in data


@at_leisure
@given(st.text(st.characters(codec=None)) | st.just(HOSTILE))
def test_whatever_a_student_wrote_the_document_is_wellformed(text: str) -> None:
    data = junit([a_result(failing(text, text), name=text, problems=(text,))])
    root = ET.fromstring(data)
    assert [failure.get("type") for failure in root.iter("failure")] == ["error"]
    assert len(list(root.iter("testcase"))) == 1
