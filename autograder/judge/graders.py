"""The graders of a chapter: pytest collects them once, with only the plugins that grading needs,
and then runs them on one submission after another.

`pytest.main` begins and ends a session in one call. This one stays open until it is closed, so that
whoever has the next submission can come back with it; hence the three private names of pytest's.
"""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from autograder.course import Chapter
from autograder.errors import JudgeFault
from autograder.judge.result import Fault, TestResult

if TYPE_CHECKING:
    import pytest

    from autograder.judge.bench import Bench

_ARGUMENTS = (
    "-c", os.devnull, "--noconftest", "--import-mode=importlib", "--assert=plain", "--capture=no",
    "-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:doctest", "-p", "no:unittest",
    "-p", "no:junitxml", "-p", "no:logging", "-p", "no:warnings", "-p", "no:faulthandler",
    "-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:stepwise",
    "-p", "no:debugging",
    "-p", "pytest_timeout", "-p", "autograder.judge.plugin",
)  # fmt: skip


class Graders:
    """Those of the exercises `names`, before what is on `bench`. `close` it."""

    def __init__(self, bench: "Bench", names: Sequence[str]) -> None:
        import pytest
        from _pytest.config import _prepareconfig

        self.bench = bench
        self.broken: list[Fault] = []
        chapter = bench.chapter
        files = [str(chapter.exercises[name].grader_path) for name in names]
        _forget(chapter)
        try:
            with _no_other_plugins():
                root = chapter.folder.parent.parent
                # Without the second, pytest looks through every folder above the course too.
                where = [f"--rootdir={root}", f"--confcutdir={root}"]
                self._config = _prepareconfig([*_ARGUMENTS, *where, *files], plugins=[self])
            self._config._do_configure()
            self._session = pytest.Session.from_config(self._config)
            self._config.hook.pytest_sessionstart(session=self._session)
            self._config.hook.pytest_collection(session=self._session)
            for item in self._session.items:
                item.repr_failure = _unshown  # type: ignore[assignment]
        except Exception as error:
            raise JudgeFault(
                f"pytest can't collect the graders of {chapter.name}: {error}"
            ) from error

    def run(self) -> Iterator[tuple[str, TestResult, list[str]] | Fault]:
        """Each grader's exercise, result and the misconceptions that fit; and what went wrong."""
        from autograder.judge.plugin import FAULT, RESULT, TRIAL

        for item in self._session.items:
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            if FAULT in item.stash:
                yield item.stash[FAULT]
            if RESULT in item.stash:
                trial = item.stash[TRIAL]
                yield trial.exercise.name, item.stash[RESULT], trial.suspects

    def close(self) -> None:
        """End pytest's session."""
        self._config.hook.pytest_sessionfinish(session=self._session, exitstatus=0)
        self._config._ensure_unconfigure()

    def pytest_configure(self, config: "pytest.Config") -> None:
        """pytest's hook: the plugin is to find this bench, whatever it asks for."""
        from autograder.judge.plugin import BENCHES, Benches

        config.stash[BENCHES] = Benches(lambda _: self.bench)

    def pytest_collectreport(self, report: "pytest.CollectReport") -> None:
        """pytest's hook: a file that can't be imported costs nobody points, and is told."""
        if report.failed:
            cause = "the grader file can't be imported"
            self.broken.append(Fault(report.nodeid, cause, str(report.longrepr)))


@contextlib.contextmanager
def _no_other_plugins() -> Iterator[None]:
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


def _unshown(*_: object) -> str:
    """How pytest is to show a failure, which nobody looks at: the plugin has its own words."""
    return ""


def _forget(chapter: Chapter) -> None:
    """Have pytest read the graders anew: it would take those of another course for the same
    modules."""
    for exercise in chapter.exercises.values():
        sys.modules.pop(f"assignments.{chapter.name}.{exercise.grader_path.stem}", None)
