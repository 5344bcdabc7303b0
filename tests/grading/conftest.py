"""One judge for all tests here: its zygote takes seconds to start."""

from collections.abc import Iterator

import pytest

from autograder.course import load_course
from autograder.judge.session import Judge
from tests.judging import write_course


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    """A judge of the course in tests/judging.py."""
    with Judge(load_course(write_course(tmp_path_factory.mktemp("lab")))) as made:
        yield made
