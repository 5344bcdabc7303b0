"""Every case of the corpus is held: no point gained, nothing touched, nobody else's result lost."""

from collections.abc import Iterator

import pytest

from tests.hostile.arena import Arena
from tests.hostile.case import Case, cases

CORPUS = cases()
FEWEST = 80


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as arena:
        yield arena


@pytest.fixture(scope="module")
def arena_on_gpu() -> Iterator[Arena]:
    with Arena("cuda") as arena:
        yield arena


def test_the_corpus_is_all_there():
    assert len(CORPUS) >= FEWEST


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case, id=case.name, marks=[pytest.mark.gpu] if case.file.needs == "cuda" else []
        )
        for case in CORPUS
    ],
)
def test_case(case: Case, request: pytest.FixtureRequest):
    name = "arena_on_gpu" if case.file.needs == "cuda" else "arena"
    arena: Arena = request.getfixturevalue(name)
    assert arena.fight(case).broken == ()
