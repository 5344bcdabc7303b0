"""One class for all tests that leave the course as it is: each test is a student of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.integrations import nbgrader as integration
from tests.integrations.classroom import Classroom


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """Nobody has handed in yet."""
    return Classroom(tmp_path_factory.mktemp("built") / "course")


@pytest.fixture(scope="session")
def room(built: Classroom, tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    return built.copy(tmp_path_factory.mktemp("class") / "course")


@pytest.fixture
def another(built: Classroom, tmp_path: Path) -> Iterator[Classroom]:
    """A course of its own, for a test that changes it."""
    copied = built.copy(tmp_path / "course")
    before = integration._judge.cache_info().currsize
    yield copied
    if integration._judge.cache_info().currsize > before:
        integration._judge(copied.root).close()
