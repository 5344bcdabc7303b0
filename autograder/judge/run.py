"""The judgement of one submission: the graders of its chapter run on it, and their verdicts become
a result."""

import traceback
from typing import TYPE_CHECKING

from autograder.errors import AutograderError
from autograder.judge.result import ExerciseResult, Fault, Result, TestResult, points_for
from autograder.sandbox.errors import SandboxError
from autograder.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograder.judge.attempt import Attempt
    from autograder.judge.graders import Graders
    from autograder.judge.session import Judge

    Emit = Callable[[Result, Attempt], None]

Outcomes = dict[str, list[tuple[TestResult, list[str]]]]
"""By exercise: each test's result and the misconceptions that fit it."""


MOST_ATTEMPTS = 3


class Judgement:
    """Judges submissions with `graders`, those of the exercises `names`."""

    def __init__(self, judge: "Judge", graders: "Graders", names: list[str]) -> None:
        self.judge = judge
        self.graders = graders
        self.bench = graders.bench
        self.names = names

    def of(self, submission: Submission, emit: "Emit") -> None:
        """Judge `submission` and hand on its result; again where a process was killed from outside
        (one that kills itself each time gets what that is worth)."""
        for attempt in range(1, MOST_ATTEMPTS + 1):
            if self._attempt(submission, emit, last=attempt == MOST_ATTEMPTS):
                return

    def _attempt(self, submission: Submission, emit: "Emit", *, last: bool) -> bool:
        """Judge `submission` and hand on its result, but for a disturbed one that isn't the last;
        whether it was handed on."""
        attempt = self.judge.begin(self.bench, submission)
        try:
            result = self._judged(attempt)
            valid = last or not self.bench.disturbed
            if valid:
                emit(result, attempt)
            return valid
        finally:
            self.bench.end()

    def _judged(self, attempt: "Attempt") -> Result:
        """The result, or that of a judge that went wrong over this submission: then the others
        still get theirs."""
        try:
            attempt.worker()
            return self._result(attempt)
        except (AutograderError, SandboxError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the class goes on
            cause = f"the judge raised {type(error).__name__}: {error}"
            fault = Fault("", cause, traceback.format_exc())
            return self._put_together(attempt, {name: [] for name in self.names}, [fault])

    def _result(self, attempt: "Attempt") -> Result:
        faults = list(self.graders.broken)
        outcomes: Outcomes = {name: [] for name in self.names}
        for outcome in self.graders.run():
            if isinstance(outcome, Fault):
                faults.append(outcome)
            else:
                name, test, suspects = outcome
                outcomes[name].append((test, suspects))
        return self._put_together(attempt, outcomes, faults)

    def _put_together(self, attempt: "Attempt", outcomes: Outcomes, faults: list[Fault]) -> Result:
        exercises = [self._exercise(name, outcomes[name], faults) for name in self.names]
        return Result(
            **self.judge.circumstances(self.bench.chapter, attempt.submission),
            exercises=exercises,
            problems=[problem.to(self.judge.language) for problem in attempt.problems],
            faults=faults,
        )

    def _exercise(
        self, name: str, outcomes: list[tuple[TestResult, list[str]]], faults: list[Fault]
    ) -> ExerciseResult:
        import msgspec

        from autograder.judge.hints import choose

        exercise = self.bench.chapter.exercises[name]
        hints = choose([suspects for _, suspects in outcomes], self.bench.misconceptions(exercise))
        tests = [
            msgspec.structs.replace(test, hint=hint.to(self.judge.language)) if hint else test
            for (test, _), hint in zip(outcomes, hints, strict=True)
        ]
        if not tests:  # nothing could be judged: the course's fault, which costs nobody points
            faults.append(Fault(name, f"no grader of {name} could be run"))
            return ExerciseResult(name, exercise.points, exercise.points, [])
        return ExerciseResult(name, points_for(tests, exercise.points), exercise.points, tests)
