"""JUnit XML, which continuous integration shows as its own test results.

A suite for each exercise of a submission, a case for each hidden grader. A verdict that costs
points is a failure, a judge fault an error. Tracebacks of faults stay out: they quote graders.
"""

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from autograder.judge.result import ExerciseResult, Fault, Result, TestResult, Verdict
from autograder.report import words


def junit(results: Sequence[Result]) -> bytes:
    """The results as one JUnit XML document."""
    root = ET.Element("testsuites", name="autograder")
    for result in results:
        for exercise in result.exercises:
            root.append(_suite(result, exercise))
        shown = {
            _address(exercise, test) for exercise in result.exercises for test in exercise.tests
        }
        others = [fault for fault in result.faults if fault.test not in shown]
        if others:
            root.append(_faults(result, others))
    _count(root, root)
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _suite(result: Result, exercise: ExerciseResult) -> ET.Element:
    name = words.one_line(result.submission.name)
    suite = ET.Element("testsuite", name=f"{name}/{words.one_line(exercise.name)}")
    properties = ET.SubElement(suite, "properties")
    facts = [
        ("points", words.number(exercise.points)),
        ("max_points", words.number(exercise.max_points)),
        ("chapter", result.course.chapter),
        ("device", result.device),
        ("seed", str(result.seed)),
        ("sandbox", result.sandbox.mode),
        *(("problem", problem) for problem in result.problems),
    ]
    for key, value in facts:
        ET.SubElement(properties, "property", name=key, value=words.one_line(value))
    for test in exercise.tests:
        suite.append(_case(result, exercise, test))
    _count(suite, suite)
    return suite


def _case(result: Result, exercise: ExerciseResult, test: TestResult) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=words.one_line(f"{result.submission.name}.{exercise.name}"),
        name=words.one_line(test.name),
        time=f"{test.times.wall:.3f}",
    )
    if test.verdict is not Verdict.PASSED:
        kinds = {Verdict.JUDGE_FAULT: "error", Verdict.BY_HAND: "skipped"}
        kind = kinds.get(test.verdict, "failure")
        message = words.printable(test.message)
        hint = words.HINT.to(result.language) + test.hint if test.hint else ""
        lines = [words.title(test), message, words.printable(hint)]
        address = _address(exercise, test)
        lines += [words.printable(f.cause) for f in result.faults if f.test == address]
        element = ET.SubElement(
            case, kind, type=test.verdict.value, message=words.one_line(message)
        )
        element.text = "\n".join(line for line in lines if line)
    return case


def _address(exercise: ExerciseResult, test: TestResult) -> str:
    """How a fault names its test."""
    return f"{exercise.name}::{test.name}"


def _faults(result: Result, faults: Sequence[Fault]) -> ET.Element:
    """What went wrong outside of every test: a grader's file that can't be imported, say."""
    name = words.one_line(result.submission.name)
    suite = ET.Element("testsuite", name=f"{name}/judge")
    for i, fault in enumerate(faults, 1):
        title = words.one_line(fault.test) or f"fault {i}"
        case = ET.SubElement(suite, "testcase", classname=f"{name}.judge", name=title)
        cause = words.one_line(fault.cause)
        ET.SubElement(case, "error", type=Verdict.JUDGE_FAULT.value, message=cause)
    _count(suite, suite)
    return suite


def _count(element: ET.Element, below: ET.Element) -> None:
    """Fill in the totals of the cases below."""
    cases = list(below.iter("testcase"))
    element.set("tests", str(len(cases)))
    element.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    element.set("errors", str(sum(case.find("error") is not None for case in cases)))
    element.set("time", f"{sum(float(case.get('time', '0')) for case in cases):.3f}")
