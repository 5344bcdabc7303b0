"""One grader on one submission: its fixtures, and what its end means.

An exception in a grader isn't always the grader's fault: a submission may return what the grader
can't use. And a wrong answer isn't always the student's: a grader may be wrong itself. So a failure
is put to the test: when the same grader passes with the reference in the student's place, the
submission caused it; otherwise it is a judge fault and costs nobody points.
"""

import hashlib
import inspect
import traceback
from functools import cached_property
from typing import Any

import pytest
import torch

from autograder.course import Exercise, load_misconceptions
from autograder.errors import JudgeFault
from autograder.judge import hints
from autograder.judge.bench import Bench
from autograder.judge.budget import Budget, Lane, Untimed, lanes
from autograder.judge.failures import used_up
from autograder.judge.forbidden import OUT_OF_REACH, forbidden_message
from autograder.judge.guard import Hung, guarded
from autograder.judge.local import Local
from autograder.judge.replays import Transcripts
from autograder.judge.result import Fault, TestResult, Times, Unsuccessful, Verdict
from autograder.judge.student import Reference, Student
from autograder.judge.transcript import Event
from autograder.sandbox.connection import Worker
from autograder.sandbox.errors import SandboxError
from autograder.sandbox.limits import Span
from autograder.sandbox.requests import Requests
from autograder.text import Text

HUNG_SHARE = 0.5  # of the guard's time: who has used more than this is the one that hung
REPLAY = 60.0  # seconds that a replay in the judge's own process may take
OURS = (JudgeFault, SandboxError)  # faults that say themselves whose they are
OUTCOMES = (pytest.fail.Exception, pytest.skip.Exception)  # pytest's own, which are no Exception
PROVABLE = (Verdict.WRONG_ANSWER, Verdict.ERROR, Verdict.MISSING)  # by a replay of the reference


class Trial:
    """A grader `item` of `exercise`, run against what is on the bench."""

    def __init__(self, bench: Bench, exercise: Exercise, item: pytest.Function) -> None:
        assert bench.attempt is not None
        self.bench = bench
        self.exercise = exercise
        self.item = item
        self.attempt = bench.attempt
        self.seed = bench.seed(f"{exercise.name}::{item.name}")
        self.student = Student(
            self.worker, ban=exercise.forbidden, missing=self.attempt.explain_missing
        )
        self.reference = Reference(lambda: bench.exact)
        self.suspects: list[str] = []
        self.checks, self.weight, self.source = _markers(item)
        self._spent = self.attempt.spent

    def worker(self) -> Worker:
        """The submission's worker, under this exercise's limits."""
        worker = self.attempt.worker()
        call = self.exercise.limits.call
        worker.call_limit = Span(call.wall, call.cpu)
        return worker

    def begin(self) -> None:
        """Before the grader and its fixtures run: a live worker, in a known random state."""
        uses = self.attempt.forbidden(self.exercise.name, self.exercise.forbidden)
        if uses:
            raise Unsuccessful(Verdict.FORBIDDEN, forbidden_message(uses[0]))
        self.attempt.refresh()
        self._spent = self.attempt.spent
        worker = self.worker()
        if worker.ended is not None:
            raise used_up(exhausted=self.attempt.exhausted)
        self._funcargs = self.item.funcargs  # pytest takes them from the item in the end
        trials = self.bench.trials.setdefault(self.exercise.name, [])
        self._before = tuple(trials)
        trials.append(self)
        worker.seed(self.seed)
        # A reference that draws must not depend on what was drawn before.
        self.bench.exact.seed(self.seed)

    def budget(self) -> Budget:
        """The fixture `budget`."""
        if self.exercise.budget is None:
            raise JudgeFault(f"{self.exercise.name} has no budget in grading_config.yml")
        cuda = self.bench.settings.device == "cuda"

        def both() -> tuple[Lane, Lane]:
            worker = self.worker()
            reference = self.bench.reference_worker(worker.call_limit)
            return lanes(worker, reference, self.exercise.forbidden, cuda=cuda)

        return Budget(self.exercise.budget, self.student, both, self.reference)

    def passed(self) -> TestResult:
        """The result of a grader that raised nothing."""
        if self.exercise.forbidden:
            uses = self.attempt.forbidden(self.exercise.name, OUT_OF_REACH)
            if uses:
                return self._result(Verdict.FORBIDDEN, forbidden_message(uses[0]))
        return self._result(Verdict.PASSED, Text("", ""))

    def failed(self, error: BaseException, guard: float) -> tuple[TestResult, Fault | None]:
        """The result of a grader that raised `error`; `guard` is pytest-timeout's limit."""
        outcome = self._outcome(error, guard)
        if outcome is None:
            return self.fault(error)
        if outcome.verdict in PROVABLE and (ours := self._broken) is not None:
            return self.fault(JudgeFault(f"the reference solution fails this grader too: {ours}"))
        self.suspects = self._suspects(outcome.verdict)
        return self._result(outcome.verdict, outcome.message), None

    def fault(self, error: BaseException) -> tuple[TestResult, Fault]:
        """The result of a grader that nobody can pass, or that the judge failed to run."""
        cause = f"{type(error).__name__}: {error}"
        trace = "".join(traceback.format_exception(error))
        message = Text(
            "Something of ours went wrong; it costs you no points and your instructor is told.",
            "这里是评测系统自身出了问题；不会扣你的分，教师会收到通知。",
        )
        result = self._result(Verdict.JUDGE_FAULT, message)
        return result, Fault(f"{self.exercise.name}::{self.item.name}", cause, trace)

    def hints(self) -> list[str]:
        """Those of the misconceptions that fit this grader's failure alone."""
        misconceptions = self.bench.misconceptions(self.exercise)
        language = self.bench.settings.language
        return [m.hint.to(language) for m in misconceptions if m.name in self.suspects]

    def _outcome(self, error: BaseException, guard: float) -> Unsuccessful | None:
        """The student's failure behind `error`, or None where it is ours."""
        if isinstance(error, Unsuccessful):
            return error
        if isinstance(error, Hung):
            spent = self.attempt.spent - self._spent
            self.attempt.abandon()  # it may be in the middle of an answer
            self.bench.abandon_reference()
            if spent < HUNG_SHARE * guard:
                return None
            en, zh = "All calls together took too long.", "所有调用加起来耗时过长。"
            return Unsuccessful(Verdict.TIME_LIMIT, Text(en, zh))
        if isinstance(error, OURS) or not isinstance(error, Exception | pytest.fail.Exception):
            return None
        if self._broken is not None:
            return None
        what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        if isinstance(error, AssertionError | pytest.fail.Exception):
            what = ""  # the text of an assertion may quote the expected value
        en = "What your code returned isn't what was asked for." + (
            what and f" Using it raised {what}"
        )
        zh = "你的代码返回的结果不符合要求。" + (what and f"使用它时出现 {what}")
        return Unsuccessful(Verdict.WRONG_ANSWER, Text(en, zh))

    @cached_property
    def _broken(self) -> BaseException | None:
        """How this grader fails with the reference in the student's place, if it does."""
        sound = self.bench.replays.sound
        if self.item.nodeid in sound:
            return None
        _, error = self._replay(self.bench.exact)
        if error is None:
            sound.add(self.item.nodeid)
        return error

    def _suspects(self, verdict: Verdict) -> list[str]:
        if not self.bench.settings.hints:
            return []
        misconceptions = self.bench.misconceptions(self.exercise)
        if verdict is Verdict.MISSING:  # there is nothing to compare
            return []
        if verdict in hints.BY_VERDICT:
            return hints.by_verdict(misconceptions, verdict)
        transcripts = self.bench.replays.of(self.item.nodeid, self._misconceived)
        return [
            m.name
            for m in misconceptions
            if m.name in transcripts and hints.same(self.student.transcript, transcripts[m.name])
        ]

    def _misconceived(self) -> tuple[Transcripts, bool]:
        """The transcript of each misconception, and whether they would come out the same again. One
        that remembers goes through the graders before this one first, as the submission did."""
        transcripts: dict[str, list[Event]] = {}
        lasting = True
        for m in load_misconceptions(self.exercise):
            if m.verdict not in hints.BY_VERDICT:
                stand_in = Local({self.exercise.name: m.implementation})
                for trial in self._before if m.remembers else ():
                    trial._replay(stand_in)
                transcripts[m.name], error = self._replay(stand_in)
                lasting &= not isinstance(error, Hung | MemoryError)
        return transcripts, lasting

    def rng(self) -> torch.Generator:
        """The fixture `rng`: a grader's inputs. A submission has heard `seed`, by which it draws
        itself, and could tell from it the inputs of calls to come; what it doesn't know is the
        grader."""
        mixed = f"{self.seed}:".encode() + self.exercise.grader_path.read_bytes()
        digest = hashlib.sha256(mixed).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:7], "big"))

    def _replay(self, stand_in: Requests) -> tuple[list[Event], BaseException | None]:
        """Run the grader again with `stand_in` for the student: the transcript, and its end."""
        student = Student(lambda: stand_in)
        reference = Reference(lambda: self.bench.exact)
        stand_in.seed(self.seed)
        self.bench.exact.seed(self.seed)
        fixtures = {
            "student": student,
            "reference": reference,
            "rng": self.rng(),
            "budget": Untimed(student, reference),
        }
        try:
            with guarded(REPLAY):
                names = inspect.signature(self.item.obj).parameters
                self.item.obj(**{name: self._fixture(name, fixtures) for name in names})
        except (Exception, Hung, *OUTCOMES) as error:  # noqa: BLE001 - that is the answer
            return student.transcript, error
        return student.transcript, None

    def _fixture(self, name: str, fixtures: dict[str, Any]) -> Any:
        """The value of a fixture in a replay: a grader file's own are made anew, for they may have
        asked the student something."""
        definitions = self.item._fixtureinfo.name2fixturedefs.get(name)
        if name not in fixtures and definitions and _asks(definitions[-1], self.item):
            function = definitions[-1].func
            made = function(**{n: self._fixture(n, fixtures) for n in definitions[-1].argnames})
            fixtures[name] = next(made) if inspect.isgenerator(made) else made
        return fixtures[name] if name in fixtures else self._funcargs[name]

    def _result(self, verdict: Verdict, message: Text) -> TestResult:
        language = self.bench.settings.language
        return TestResult(
            name=self.item.name,
            checks=self.checks.to(language),
            verdict=verdict,
            weight=self.weight,
            message=message.to(language),
            source=self.source,
            times=Times(
                wall=round(self.student.wall, 6),
                cpu=round(self.student.cpu, 6),
                gpu=None if self.student.gpu is None else round(self.student.gpu, 6),
            ),
        )


def _asks(definition: Any, item: pytest.Function) -> bool:
    """Whether a fixture, or one that it uses, runs the student's code."""
    return any(
        name in ("student", "budget")
        or any(_asks(inner, item) for inner in item._fixtureinfo.name2fixturedefs.get(name, ()))
        for name in definition.argnames
        if name != "request"
    )


def _markers(item: pytest.Item) -> tuple[Text, float, list[str]]:
    """What the markers of a grader say: checks, weight, source."""
    checks = item.get_closest_marker("checks")
    weight = item.get_closest_marker("weight")
    source = item.get_closest_marker("source")
    try:
        text = Text(*checks.args, **checks.kwargs) if checks else Text(item.name, item.name)
        share = float(weight.args[0]) if weight else 1.0
    except (TypeError, ValueError, IndexError):
        wanted = "checks(en=…, zh=…) and weight(number)"
        raise JudgeFault(f"{item.name}: its markers must be {wanted}") from None
    return text, share, [str(tag) for tag in source.args] if source else []
