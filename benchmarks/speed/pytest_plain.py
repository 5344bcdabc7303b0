"""A pytest plugin: the graders on submissions that run in pytest's own process, unguarded.

    pytest -p benchmarks.speed.pytest_plain GRADERS --notebook FILE [--notebook FILE …] --marks FILE

Each notebook's cells run in a namespace of its own, then all graders on that.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.speed.plain import Plain, fixtures

MARKERS = ("checks(en, zh)", "weight(n)", "source(*tags)")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--notebook", action="append", type=Path)
    parser.addoption("--marks", type=Path)


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    config.pluginmanager.register(Submissions(config), "submissions")


class Submissions:
    """Runs the collected graders on one submission after another."""

    def __init__(self, config: pytest.Config) -> None:
        self.notebooks: list[Path] = config.getoption("--notebook")
        self.file: Path = config.getoption("--marks")
        self.namespace: dict[str, Any] = {}
        self._ended_well = False
        self.passed: dict[str, dict[str, list[tuple[float, bool]]]] = {}

    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        if not config.pluginmanager.has_plugin("terminalreporter"):
            for item in items:  # nobody reads it, and it takes longer than the test
                item.repr_failure = str  # type: ignore[method-assign]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for path in self.notebooks:
            self.namespace = run_cells(path)
            outcomes = self.passed[path.stem] = {}
            for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                marker = item.get_closest_marker("weight")
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                outcome = (float(marker.args[0]) if marker else 1.0, self._ended_well)
                exercise = item.path.stem.removeprefix("test_")
                outcomes.setdefault(exercise, []).append(outcome)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._ended_well = report.passed

    def pytest_sessionfinish(self) -> None:
        shares = {
            student: {
                exercise: sum(weight for weight, passed in graded if passed)
                / sum(weight for weight, _ in graded)
                for exercise, graded in exercises.items()
            }
            for student, exercises in self.passed.items()
        }
        self.file.write_text(json.dumps(shares))

    @pytest.fixture(name="fixtures")
    def _fixtures(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        return fixtures(self.namespace, request.function.__name__)

    @pytest.fixture
    def student(self, fixtures: dict[str, Any]) -> Plain:
        return fixtures["student"]

    @pytest.fixture
    def reference(self, fixtures: dict[str, Any]) -> Plain:
        return fixtures["reference"]

    @pytest.fixture
    def rng(self, fixtures: dict[str, Any]) -> torch.Generator:
        return fixtures["rng"]


def run_cells(path: Path) -> dict[str, Any]:
    """What a notebook's cells define; a cell that raises doesn't stop the next."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            source = cell["source"]
            try:
                exec("".join(source), namespace)
            except Exception:  # noqa: BLE001 - whatever a submission raises
                continue
    return namespace
