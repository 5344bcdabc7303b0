"""The pytest plugin: hidden graders are ordinary tests, and these are their fixtures and markers.

    pytest assignments/ch09_convolution                     the reference solution, sandboxed
    pytest assignments/ch09_convolution --submission FILE   a notebook, .py file, folder or zip

It does nothing in a pytest run that collects no grader of a course. The judge's own sessions
(session.py) run the same hooks over many submissions.
"""

import contextlib
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograder.errors import JudgeFault
from autograder.judge.guard import arm

if TYPE_CHECKING:  # torch is imported only when a grader runs
    import torch

    from autograder.judge.bench import Bench
    from autograder.judge.budget import Budget
    from autograder.judge.result import Fault, TestResult
    from autograder.judge.student import Reference, Student
    from autograder.judge.trial import Trial

GUARD = 120.0  # seconds that one grader may take, all told; pytest-timeout guards it
MARKERS = (
    "exercise(name): the exercise that a grader belongs to, where its file's name doesn't say so",
    "checks(en, zh): what a grader checks, as students read it",
    "weight(n): the grader's share of its exercise's points (default 1)",
    "source(*tags): the textbook behind it, as in source('D2L6 §6.3', 'T03')",
    "budget: the grader times the submission against the reference",
)
TRIAL: "pytest.StashKey[Trial]" = pytest.StashKey()
RESULT: "pytest.StashKey[TestResult]" = pytest.StashKey()
FAULT: "pytest.StashKey[Fault]" = pytest.StashKey()
DISARM: "pytest.StashKey[Callable[[], None]]" = pytest.StashKey()
BENCHES: "pytest.StashKey[Benches]" = pytest.StashKey()


class Benches:
    """Finds the bench of a grader; a session of the judge brings its own."""

    def __init__(self, find: Callable[[pytest.Item], "Bench | None"]) -> None:
        self.find = find
        self.close: Callable[[], None] = lambda: None


def pytest_addoption(parser: pytest.Parser) -> None:
    """What authors may say on pytest's command line."""
    group = parser.getgroup("autograder", "grading a submission")
    group.addoption(
        "--submission", metavar="PATH", help="grade this instead of the reference solution"
    )
    group.addoption("--grading-seed", type=int, help="seed of every grader's inputs")
    group.addoption("--show-values", action="store_true", help="show expected values in messages")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let the sandbox go."""
    if BENCHES in config.stash:
        config.stash[BENCHES].close()


def is_grader(item: pytest.Item) -> bool:
    """Whether `item` is a hidden grader of a course."""
    folder = item.path.parent
    return folder.parent.name == "assignments" and (folder / "notebook.md").is_file()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Put the submission before a grader."""
    if not (isinstance(item, pytest.Function) and is_grader(item)):
        return
    from autograder.judge.trial import Trial

    before: tuple[pytest.StashKey[Any], ...] = (TRIAL, RESULT, FAULT)
    for key in before:  # the item ran on another submission
        if key in item.stash:
            del item.stash[key]

    if BENCHES not in item.config.stash:
        item.config.stash[BENCHES] = _native(item)
    bench = item.config.stash[BENCHES].find(item)
    if bench is None:
        raise JudgeFault(f"{item.path} belongs to no chapter of grading_config.yml")
    marker = item.get_closest_marker("exercise")
    exercise = (
        bench.chapter.exercise(marker.args[0]) if marker else bench.exercise_of(item.path.name)
    )
    item.stash[TRIAL] = Trial(bench, exercise, item)
    item.stash[TRIAL].begin()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the end of a grader into its result."""
    trial = item.stash.get(TRIAL, None)
    if trial is not None:
        _decide(item, call, trial)
    elif call.excinfo is not None and call.when == "setup" and is_grader(item):
        _unjudged(item, call.excinfo.value)
    report = yield
    if trial is not None and call.excinfo is not None and RESULT in item.stash:
        result = item.stash[RESULT]
        text = f"{result.verdict}: {result.message}"
        hints = [f"\nhint: {hint}" for hint in trial.hints()]
        report.longrepr = (
            item.stash[FAULT].traceback if FAULT in item.stash else "".join([text, *hints])
        )
    if trial is not None:
        _let_go(call, trial)
    return report


def _let_go(call: pytest.CallInfo[None], trial: "Trial") -> None:
    """Forget what the submission returned: at worst gigabytes, which would wait for the garbage
    collector, grader after grader."""
    error = call.excinfo.value if call.excinfo is not None else None
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            with contextlib.suppress(RuntimeError):  # it is running still
                frame.clear()
            frame.f_locals  # noqa: B018 - brings a copy that pytest has asked for up to date
        error = error.__context__
    if call.when == "teardown":
        trial.student.transcript.clear()


def _decide(item: pytest.Item, call: pytest.CallInfo[None], trial: "Trial") -> None:
    if call.excinfo is None:
        if call.when == "call":
            item.stash[RESULT] = trial.passed()
        return
    error = call.excinfo.value
    if isinstance(error, pytest.skip.Exception):
        return
    if call.when == "teardown" and RESULT in item.stash and item.stash[RESULT].message:
        return  # it had failed already, and what failed afterwards may only follow from it
    try:
        result, fault = trial.failed(error, _guard(item))
    except Exception as ours:  # noqa: BLE001 - whatever it is, one grader's trouble ends no grading
        result, fault = trial.fault(ours)
    item.stash[RESULT] = result
    if fault is not None:
        item.stash[FAULT] = fault


def _unjudged(item: pytest.Item, error: BaseException) -> None:
    """A grader that couldn't even begin (it names no exercise, say) must not vanish in silence."""
    from autograder.judge.result import Fault

    if not isinstance(error, pytest.skip.Exception):
        cause = f"{type(error).__name__}: {error}"
        trace = "".join(traceback.format_exception(error))
        item.stash[FAULT] = Fault(item.nodeid, cause, trace)


def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> bool | None:
    """Guard graders in the judge's own way: an exception, never the end of the process."""
    if not is_grader(item):
        return None
    item.stash[DISARM] = arm(settings.timeout)
    return True


def pytest_timeout_cancel_timer(item: pytest.Item) -> bool | None:
    """Call the guard off."""
    if DISARM not in item.stash:
        return None
    item.stash[DISARM]()
    del item.stash[DISARM]
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put every grader under the guard, which watches the grader's own body and nothing else."""
    for item in items:
        if is_grader(item):
            seconds = _guard(item)
            item.add_marker(pytest.mark.timeout(seconds, func_only=True), append=False)


def _guard(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    if marker is None:
        return GUARD
    return float(marker.args[0] if marker.args else marker.kwargs["timeout"])


@pytest.fixture
def student(request: pytest.FixtureRequest) -> "Student":
    """The submission's functions: `student.conv2d(X, K)`."""
    return _trial(request).student


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> "Reference":
    """The reference solutions, with the same interface."""
    return _trial(request).reference


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> "torch.Generator":
    """A seeded generator, fresh for each grader."""
    return _trial(request).rng()


@pytest.fixture
def device(request: pytest.FixtureRequest) -> str:
    """Where the submission computes: cpu or cuda. Inputs are moved there, values come back."""
    return _trial(request).bench.settings.device


@pytest.fixture
def budget(request: pytest.FixtureRequest) -> "Budget":
    """Times the submission: `budget.check("conv2d_fast", inputs)`."""
    return _trial(request).budget()


def _trial(request: pytest.FixtureRequest) -> "Trial":
    trial: Trial | None = request.node.stash.get(TRIAL, None)
    if trial is None:
        raise JudgeFault("this fixture is for graders below assignments/ only")
    return trial


def _native(first: pytest.Item) -> Benches:
    """Benches for pytest's own command line: one submission, or each chapter's reference."""
    config = first.config
    from autograder.course import load_course
    from autograder.judge.session import Judge
    from autograder.submission import read_submission

    course = load_course(first.path.parent)  # pytest's rootdir may depend on the submission's path
    judge = Judge(
        course,
        seed=config.getoption("--grading-seed"),
        show_values=config.getoption("--show-values") or None,
    )
    given = config.getoption("--submission")
    stack = contextlib.ExitStack()
    stack.callback(judge.close)
    stack.enter_context(judge.comparing())

    def find(item: pytest.Item) -> "Bench | None":
        name = item.path.parent.name
        if name not in course.chapters:
            return None
        chapter = course.chapters[name]
        bench = judge.bench(chapter)
        bench.load(list(chapter.exercises))
        if bench.attempt is None:
            path = Path(given) if given else chapter.solution_path
            judge.begin(bench, read_submission(path, chapter=name))
        return bench

    benches = Benches(find)
    benches.close = stack.close
    return benches
