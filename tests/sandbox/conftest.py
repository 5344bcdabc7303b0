"""One zygote for all tests here: it takes seconds to start, a worker of it takes milliseconds."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.sandbox.connection import Worker
from autograder.sandbox.process import Sandbox
from tests.sandbox.asking import LIMITS

MakeWorker = Callable[..., Worker]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS) as made:
        made.wait()
        yield made


@pytest.fixture
def make_worker(sandbox: Sandbox) -> Iterator[MakeWorker]:
    """Makes workers, and closes them when the test is over."""
    made: list[Worker] = []

    def make(*args: Any) -> Worker:
        made.append(sandbox.worker(*args))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


@pytest.fixture
def worker(make_worker: MakeWorker) -> Worker:
    return make_worker()


@pytest.fixture(autouse=True)
def _quiet_experiments() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="ComplexHalf support is experimental")
        yield
