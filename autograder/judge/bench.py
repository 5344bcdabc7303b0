"""What the graders of one chapter run against: the submission of the moment, the references, the
misconceptions.

A bench outlives submissions. Its reference worker and its references in this process are made once,
when first needed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from autograder.course import Chapter, Exercise, Misconception, load_misconceptions, load_solution
from autograder.errors import CourseError
from autograder.judge.attempt import Attempt
from autograder.judge.local import Local
from autograder.judge.replays import Replays
from autograder.sandbox.connection import Worker
from autograder.sandbox.limits import Limits, Span
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import Ended
from autograder.submission import Submission
from autograder.text import Language

if TYPE_CHECKING:
    from autograder.judge.trial import Trial

FOREVER = Span(wall=1e9, cpu=1e9)


@dataclass(frozen=True, slots=True)
class Settings:
    """How a session judges, as its user sees it."""

    language: Language
    device: str
    seed: int
    hints: bool
    show_values: bool


class Bench:
    """A chapter's graders' surroundings; `attempt` is the submission being judged."""

    def __init__(self, sandbox: Sandbox, chapter: Chapter, settings: Settings) -> None:
        self.sandbox = sandbox
        self.chapter = chapter
        self.settings = settings
        self.attempt: Attempt | None = None
        self._reference_worker: Worker | None = None
        self._misconceptions: dict[str, list[Misconception]] = {}
        self.replays = Replays()
        self.trials: dict[str, list[Trial]] = {}
        """Those that the submission has gone through, in order, by exercise."""

    def load(self, exercises: Sequence[str]) -> None:
        """Run the course's own files before a submission is judged; raises CourseError."""
        self.exact  # noqa: B018 - made when first asked for
        for name in exercises:
            self.misconceptions(self.chapter.exercise(name))

    def begin(self, submission: Submission) -> Attempt:
        """Take on `submission`; its cells run when a grader first asks for the worker."""
        self.end()
        self.trials.clear()
        self.attempt = Attempt(self.sandbox, submission, self.limits)
        return self.attempt

    def end(self) -> None:
        """Let the submission go."""
        if self.attempt is not None:
            self.sandbox.prepare(self.limits)
            self.attempt.close()
            self.attempt = None
        if self._reference_worker is not None and self._reference_worker.was_killed:
            self.abandon_reference()

    def close(self) -> None:
        """Let everything go."""
        self.end()
        self.abandon_reference()

    @cached_property
    def limits(self) -> Limits:
        """Those of a worker: calls get the limit of their exercise, memory the largest one."""
        exercises = self.chapter.exercises.values()
        first = next(iter(exercises)).limits
        return Limits.from_plain(
            first.model_dump() | {"memory": max(exercise.limits.memory for exercise in exercises)}
        )

    @cached_property
    def exact(self) -> Local:
        """The reference solutions in this process, for values."""
        return Local(vars(load_solution(self.chapter)))

    def reference_worker(self, call: Span) -> Worker:
        """The reference solutions in a worker of their own, for times; `call` limits a call."""
        worker = self._reference_worker
        if worker is None or isinstance(worker.seed(0), Ended):  # it may have died with its zygote
            self.abandon_reference()
            worker = self.sandbox.worker(replace(self.limits, submission=FOREVER))
            worker.run_cell(self.chapter.solution_path.read_text("utf-8"), 0)
            self._reference_worker = worker
        worker.call_limit = call
        return worker

    def abandon_reference(self) -> None:
        """Let the references' worker go: it doesn't answer, or not what it was asked."""
        if self._reference_worker is not None:
            self._reference_worker.close()
            self._reference_worker = None

    @property
    def disturbed(self) -> bool:
        """Whether the submission's worker or the references' was killed by something else than a
        limit: what came of it says nothing about the submission."""
        reference = self._reference_worker
        killed = reference is not None and reference.was_killed
        return killed or (self.attempt is not None and self.attempt.disturbed)

    def misconceptions(self, exercise: Exercise) -> list[Misconception]:
        """Those of `exercise`, as its author wrote them."""
        if exercise.name not in self._misconceptions:
            path = exercise.misconceptions_path
            self._misconceptions[exercise.name] = (
                load_misconceptions(exercise) if path.is_file() else []
            )
        return self._misconceptions[exercise.name]

    def exercise_of(self, grader_file: str) -> Exercise:
        """The exercise whose graders are in `grader_file`, a file's name."""
        name = grader_file.removeprefix("test_").removesuffix(".py")
        if name not in self.chapter.exercises:
            raise CourseError(f"{grader_file} grades no exercise of {self.chapter.name}")
        return self.chapter.exercises[name]

    def seed(self, test: str) -> int:
        """The seed of one grader: the session's, mixed with the grader's name."""
        mixed = f"{self.settings.seed}:{self.chapter.name}:{test}"
        digest = hashlib.sha256(mixed.encode()).digest()
        return int.from_bytes(digest[:7], "big")
