"""A session of judging: one sandbox, and pytest over a chapter's graders for one submission after
another.

The sandbox starts at once, in the background, so that torch is imported there and here at the same
time. pytest collects the graders once for a call of `Judge.grade`, with only the plugins that
grading needs.
"""

import contextlib
import importlib.metadata
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

import autograder
from autograder.course import Chapter, Course
from autograder.errors import JudgeFault
from autograder.judge.result import (
    CourseInfo,
    ExerciseResult,
    Fault,
    Result,
    SandboxInfo,
    SubmissionInfo,
    TestResult,
    points_for,
)
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Mode, Sandbox
from autograder.submission import Submission
from autograder.text import Language

if TYPE_CHECKING:
    import pytest

    from autograder.judge.attempt import Attempt
    from autograder.judge.bench import Bench

Emit = Callable[[Result, "Attempt"], None]

UNDRAWN = {"MPLBACKEND": "agg"}
"""The environment for grading whose outputs nobody looks at: drawing plots would take longest."""


def resolve_device(wanted: str) -> str:
    """cpu or cuda, for auto: cuda where there are a GPU and a torch built for it."""
    if wanted != "auto":
        return wanted
    has_gpu = Path("/dev/nvidiactl").exists()
    built_for_cpu = "+cpu" in importlib.metadata.version("torch")
    return "cuda" if has_gpu and not built_for_cpu else "cpu"


class Judge:
    """Judges submissions of a course. Use it as a context manager, or `close` it.

    What isn't given comes from the course's config. The sandbox starts in the constructor;
    `environment` is set in it for every submission.
    """

    def __init__(
        self,
        course: Course,
        *,
        mode: Mode | None = None,
        device: str | None = None,
        seed: int = 0,
        language: Language | None = None,
        show_values: bool | None = None,
        hints: bool | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        config = course.config
        self.course = course
        self.seed = seed
        self.device = resolve_device(device or config.device)
        self.language: Language = language or config.language
        self.show_values = config.feedback.show_values if show_values is None else show_values
        self.hints = config.feedback.hints if hints is None else hints
        self._benches: dict[int, Bench] = {}  # by the identity of their chapters
        limits = Limits.from_plain(config.sandbox.limits.model_dump())
        self.sandbox = Sandbox(
            limits,
            mode=mode or config.sandbox.mode,
            cuda=self.device == "cuda",
            environment=environment,
        )

    def bench(self, chapter: Chapter) -> "Bench":
        """What the graders of `chapter` run against."""
        from autograder.judge.bench import Bench, Settings

        if id(chapter) not in self._benches:
            settings = Settings(
                language=self.language,
                device=self.device,
                seed=self.seed,
                hints=self.hints,
                show_values=self.show_values,
            )
            self._benches[id(chapter)] = Bench(self.sandbox, chapter, settings)
        return self._benches[id(chapter)]

    def begin(self, bench: "Bench", submission: Submission) -> "Attempt":
        """Put `submission` on the bench; what it imports slowly is imported in the zygote first."""
        wanted = [
            module
            for module in self.course.config.sandbox.preload
            if any(module.partition(".")[0] in cell.source for cell in submission.cells)
        ]
        self.sandbox.preload(wanted)
        return bench.begin(submission)

    def grade(
        self,
        chapter: Chapter,
        submissions: Iterable[Submission],
        emit: Emit,
        *,
        exercises: Sequence[str] = (),
    ) -> None:
        """Judge each of `submissions` and hand its result to `emit` as soon as it is there.

        The attempt that goes with a result holds the cells' outputs, and is closed afterwards.
        """
        import pytest

        chosen = [chapter.exercise(name).name for name in exercises]
        names = list(dict.fromkeys(chosen)) or list(chapter.exercises)
        run = _Run(self, chapter, submissions, emit, names)
        run.bench.load(names)
        files = [str(chapter.exercises[name].grader_path) for name in names]
        _forget(chapter)
        with self.comparing(), _quiet_plugins():
            code = pytest.main(
                [*_ARGUMENTS, f"--rootdir={self.course.root}", *files], plugins=[run]
            )
        if run.error is not None:
            raise run.error
        if code == pytest.ExitCode.INTERRUPTED:  # pytest keeps a Ctrl-C outside the loop to itself
            raise KeyboardInterrupt
        if not run.began:
            raise JudgeFault(f"pytest ended with {code!s} before a grader of {chapter.name} ran")

    def comparing(self) -> contextlib.AbstractContextManager[None]:
        """The course's tolerances, and whether messages show values, for the helpers of compare."""
        from autograder.judge.compare import CompareSettings, using

        return using(CompareSettings(self.course.config.tolerances, self.show_values))

    def close(self) -> None:
        """End the sandbox."""
        for bench in self._benches.values():
            bench.close()
        self.sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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


class _Run:
    """The plugin of one call of `grade`: its loop runs the graders once for each submission."""

    def __init__(
        self,
        judge: Judge,
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
                attempt = self.judge.begin(self.bench, submission)
                try:
                    attempt.worker()
                    self.emit(self._judge(session, attempt), attempt)
                finally:
                    self.bench.end()
        except BaseException as error:  # noqa: BLE001 - raised again when pytest has ended
            self.error = error
        return True

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
            submission=SubmissionInfo(attempt.submission.name, attempt.submission.digest),
            course=CourseInfo(self.chapter.name, self.judge.course.digest(self.chapter)),
            engine=autograder.__version__,
            device=self.judge.device,
            seed=self.judge.seed,
            language=self.judge.language,
            sandbox=SandboxInfo(
                mode=self.judge.sandbox.mode,
                safe=self.judge.sandbox.mode != "none",
                layers=self.judge.sandbox.layers,
            ),
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
