"""Proves a chapter: its reference passes, its misconceptions fail and are told apart, its graders
can fail.

A proof is a list of complaints; an empty one is what is wanted. Everything runs as a submission
would, through the sandbox: the reference with half of every time limit, and each misconception as a
.py file of its own.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.authoring.build import out_of_date
from autograder.course import Chapter, Course, Exercise, Misconception, load_misconceptions
from autograder.errors import AutograderError
from autograder.judge.result import Result, TestResult, Verdict
from autograder.judge.session import Judge
from autograder.submission import Submission, read_submission
from autograder.text import Language

IMPORT = "from autograder.course import misconception"
STAND_IN = "misconception = lambda **_: lambda implementation: implementation"
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Proof:
    """What a chapter's proof found. `caught` says which tests each misconception failed."""

    chapter: str
    graders: int
    misconceptions: int
    complaints: list[str]
    caught: dict[str, list[str]]


def verify(judge: Judge, course: Course, chapter: Chapter, began: Callable[[str], None]) -> Proof:
    """Prove `chapter`; `began` is told of each step."""
    complaints: list[str] = []
    began("the reference")
    reference = _grade(judge, _hurried(chapter), [read_submission(chapter.solution_path)])[0]
    complaints += _reference_complaints(reference)
    caught: dict[str, list[str]] = {}
    count = 0
    for exercise in chapter.exercises.values():
        misconceptions = (
            load_misconceptions(exercise) if exercise.misconceptions_path.is_file() else []
        )
        began(f"{exercise.name}: {len(misconceptions)} misconceptions")
        count += len(misconceptions)
        results = _grade(judge, chapter, _submissions(exercise, misconceptions), exercise.name)
        failing: set[str] = set()
        for misconception, result in zip(misconceptions, results, strict=True):
            tests = result.exercises[0].tests
            lost = [test for test in tests if test.verdict is not Verdict.PASSED]
            # An operation that the source shows to be forbidden fails every grader: no proof.
            failing |= {t.name for t in lost if t.verdict is not Verdict.FORBIDDEN}
            caught[f"{exercise.name}: {misconception.name}"] = [test.name for test in lost]
            where = f"{exercise.name}: misconception {misconception.name}"
            complaints += [
                f"{where} {what}" for what in _misconception_complaints(misconception, lost, judge)
            ]
            complaints += [f"{where}: judge fault {fault.cause}" for fault in result.faults]
        if misconceptions:
            never = [
                test.name
                for test in reference_tests(reference, exercise)
                if test.name not in failing
            ]
            complaints += [f"{exercise.name}: no misconception fails {name}" for name in never]
        else:
            complaints.append(
                f"{exercise.name} has no misconceptions, so nothing proves its graders"
            )
    began("the handouts")
    complaints += _handout_complaints(course, chapter)
    graders = sum(len(exercise.tests) for exercise in reference.exercises)
    return Proof(chapter.name, graders, count, complaints, caught)


def reference_tests(reference: Result, exercise: Exercise) -> list[TestResult]:
    """The tests of one exercise in a result."""
    return next(each.tests for each in reference.exercises if each.name == exercise.name)


def _hurried(chapter: Chapter) -> Chapter:
    """The chapter with half of every time limit of a call."""
    halved = {}
    for name, exercise in chapter.exercises.items():
        call = exercise.limits.call
        half = call.model_copy(update={"wall": call.wall / 2, "cpu": call.cpu / 2})
        halved[name] = replace(exercise, limits=exercise.limits.model_copy(update={"call": half}))
    return replace(chapter, exercises=halved)


def _grade(
    judge: Judge, chapter: Chapter, submissions: list[Submission], *exercises: str
) -> list[Result]:
    results: list[Result] = []
    judge.grade(chapter, submissions, lambda result, _: results.append(result), exercises=exercises)
    return results


def _reference_complaints(reference: Result) -> Iterator[str]:
    for exercise in reference.exercises:
        for test in exercise.tests:
            if test.verdict not in (Verdict.PASSED, Verdict.JUDGE_FAULT):  # faults come below
                what = f"{test.name}: {test.verdict}, {test.message}"
                yield f"{exercise.name}: the reference fails {what}"
    for fault in reference.faults:
        yield f"judge fault in {fault.test}: {fault.cause}"
    yield from (f"the reference: {problem}" for problem in reference.problems)


def _misconception_complaints(
    misconception: Misconception, lost: list[TestResult], judge: Judge
) -> Iterator[str]:
    if not any(test.verdict == misconception.verdict for test in lost):
        got = ", ".join(sorted({test.verdict for test in lost})) or "full marks"
        yield f"should fail by {misconception.verdict} (got {got})"
        return
    own = misconception.hint.to(judge.language)
    others = {test.hint for test in lost} - {own, ""}
    if others:
        yield f"is taken for another one: {min(others)!r}"
    elif not any(test.hint == own for test in lost):
        yield "isn't recognised: its own hint is not given"


def _handout_complaints(course: Course, chapter: Chapter) -> Iterator[str]:
    for language in LANGUAGES:
        try:
            out_of_date(course, [chapter], language)
        except AutograderError as error:
            yield f"the handout doesn't build in {language}: {error}"


def _submissions(exercise: Exercise, misconceptions: list[Misconception]) -> list[Submission]:
    """The misconceptions file once for each of them, with the exercise's name given to it."""
    source = exercise.misconceptions_path.read_text("utf-8").replace(IMPORT, STAND_IN)
    submissions = []
    with tempfile.TemporaryDirectory() as folder:
        for misconception in misconceptions:
            path = Path(folder) / f"{misconception.name}.py"
            path.write_text(f"{source}\n\n{exercise.name} = {misconception.name}\n", "utf-8")
            submissions.append(read_submission(path))
    return submissions
