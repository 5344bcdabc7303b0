"""One call of `Judge.grade`: pytest over the graders of a chapter, once for each submission.

pytest collects the graders once, with only the plugins that grading needs; `Run` is the plugin
whose loop puts one submission after the other before them.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from autograder.course import Chapter
from autograder.errors import JudgeFault
from autograder.judge.result import (
    ExerciseResult,
    Fault,
    Result,
    TestResult,
    points_for,
)
from autograder.submission import Submission

if TYPE_CHECKING:
    import pytest

    from autograder.judge.attempt import Attempt
    from autograder.judge.session import Judge

Emit = Callable[[Result, "Attempt"], None]

_ARGUMENTS = (
    "-c", os.devnull, "--noconftest", "--import-mode=importlib", "--assert=plain", "--capture=no",
    "-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:doctest", "-p", "no:unittest",
    "-p", "no:junitxml", "-p", "no:logging", "-p", "no:warnings", "-p", "no:faulthandler",
    "-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:stepwise",
    "-p", "no:debugging",
    "-p", "pytest_timeout", "-p", "autograder.judge.plugin",
)  # fmt: skip


@contextlib.contextmanager
def _quiet_plugins() -> Iterator[None]:
    """Keep pytest from loading whatever plugins happen to be installed."""
    saved = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        if saved is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        else:
            os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = saved


def _forget(chapter: Chapter) -> None:
    """Have pytest read the graders anew: it would take those of another course, or those of before
    an author's last change, for the same modules."""
    for exercise in chapter.exercises.values():
        sys.modules.pop(f"assignments.{chapter.name}.{exercise.grader_path.stem}", None)


def run_pytest(run: "Run") -> None:
    """Have pytest collect the graders of `run` and go through its submissions."""
    import pytest

    files = [str(run.chapter.exercises[name].grader_path) for name in run.names]
    root = f"--rootdir={run.judge.course.root}"
    _forget(run.chapter)
    with run.judge.comparing(), _quiet_plugins():
        code = pytest.main([*_ARGUMENTS, root, *files], plugins=[run])
    if run.error is not None:
        raise run.error
    if code == pytest.ExitCode.INTERRUPTED:  # pytest keeps a Ctrl-C outside the loop to itself
        raise KeyboardInterrupt
    if not run.began:
        raise JudgeFault(f"pytest ended with {code!s} before a grader of {run.chapter.name} ran")


class Run:
    """The plugin of one call of `grade`: its loop runs the graders once for each submission."""

    def __init__(
        self,
        judge: "Judge",
        chapter: Chapter,
        submissions: Iterable[Submission],
        emit: Emit,
        names: list[str],
    ) -> None:
        self.judge = judge
        self.chapter = chapter
        self.submissions = submissions
        self.emit = emit
        self.names = names
        self.bench = judge.bench(chapter)
        self.began = False
        self.error: BaseException | None = None
        self.broken: list[Fault] = []

    def pytest_configure(self, config: "pytest.Config") -> None:
        from autograder.judge.plugin import BENCHES, Benches

        config.stash[BENCHES] = Benches(lambda _: self.bench)

    def pytest_collectreport(self, report: "pytest.CollectReport") -> None:
        if report.failed:
            self.broken.append(
                Fault(report.nodeid, "the grader file can't be imported", str(report.longrepr))
            )

    def pytest_runtestloop(self, session: "pytest.Session") -> bool:
        self.began = True
        try:
            for submission in self.submissions:
                # Once more where a process was killed from outside; one that kills itself each
                # time gets what that is worth.
                if not self._attempt(session, submission, last=False):
                    self._attempt(session, submission, last=True)
        except BaseException as error:  # noqa: BLE001 - raised again when pytest has ended
            self.error = error
        return True

    def _attempt(self, session: "pytest.Session", submission: Submission, *, last: bool) -> bool:
        """Judge `submission` and hand on its result, but for a disturbed one that isn't the last;
        whether it was handed on."""
        attempt = self.judge.begin(self.bench, submission)
        try:
            attempt.worker()
            result = self._judge(session, attempt)
            valid = last or not self.bench.disturbed
            if valid:
                self.emit(result, attempt)
            return valid
        finally:
            self.bench.end()

    def _judge(self, session: "pytest.Session", attempt: "Attempt") -> Result:
        from autograder.judge.plugin import FAULT, RESULT, TRIAL

        faults = list(self.broken)
        outcomes: dict[str, list[tuple[TestResult, list[str]]]] = {name: [] for name in self.names}
        for item in session.items:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if FAULT in item.stash:
                faults.append(item.stash[FAULT])
            if RESULT in item.stash:
                trial = item.stash[TRIAL]
                outcomes[trial.exercise.name].append((item.stash[RESULT], trial.suspects))
        exercises = [self._exercise(name, outcomes[name], faults) for name in self.names]
        return Result(
            **self.judge.circumstances(self.chapter, attempt.submission),
            exercises=exercises,
            problems=[problem.to(self.judge.language) for problem in attempt.problems],
            faults=faults,
        )

    def _exercise(
        self, name: str, outcomes: list[tuple[TestResult, list[str]]], faults: list[Fault]
    ) -> ExerciseResult:
        import msgspec

        from autograder.judge.hints import choose

        exercise = self.chapter.exercises[name]
        hints = choose([suspects for _, suspects in outcomes], self.bench.misconceptions(exercise))
        tests = [
            msgspec.structs.replace(test, hint=hint.to(self.judge.language)) if hint else test
            for (test, _), hint in zip(outcomes, hints, strict=True)
        ]
        if not tests:  # nothing could be judged: the course's fault, which costs nobody points
            faults.append(Fault(name, f"no grader of {name} could be run"))
            return ExerciseResult(name, exercise.points, exercise.points, [])
        return ExerciseResult(name, points_for(tests, exercise.points), exercise.points, tests)
