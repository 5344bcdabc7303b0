"""The class of `make bench`: the same each time, and worth the same without the judge."""

from pathlib import Path

import nbformat
import pytest

from autograder.course import Chapter, load_course
from autograder.judge.session import Judge
from autograder.submission import read_submission
from benchmarks.speed import plain
from benchmarks.speed.course import SIX, make_course
from benchmarks.speed.filled import filled
from benchmarks.speed.pytest_plain import run_cells
from benchmarks.speed.students import make_class

STUDENTS = 12


@pytest.fixture(scope="module")
def chapter(tmp_path_factory: pytest.TempPathFactory) -> Chapter:
    course = make_course(tmp_path_factory.mktemp("course"), "six", SIX)
    return course.chapter("six")


def test_a_smaller_class_is_the_beginning_of_a_larger_one(chapter):
    larger = make_class(chapter, STUDENTS)
    assert list(make_class(chapter, 5).items()) == list(larger.items())[:5]
    assert len({tuple(answers.values()) for answers in larger.values()}) > STUDENTS / 2


@pytest.mark.slow
def test_the_graders_give_the_judges_marks_without_it(chapter, tmp_path, monkeypatch):
    """The tools that the judge is measured against run the graders in the submission's process."""
    root = chapter.folder.parents[1]
    monkeypatch.setenv(plain.COURSE, str(root))
    handed_out = nbformat.read(chapter.release_path, as_version=4)
    paths: list[Path] = []
    for student, answers in make_class(chapter, STUDENTS).items():
        paths.append(tmp_path / f"{student}.ipynb")
        paths[-1].write_bytes(filled(handed_out, answers))
    course = load_course(root)
    judged: dict[str, dict[str, float]] = {}
    with Judge(course, hints=False) as judge:
        judge.grade(
            course.chapter("six"),
            [read_submission(path) for path in paths],
            lambda result, _: judged.update(
                {result.submission.name: {each.name: each.points for each in result.exercises}}
            ),
        )
    alone = {
        path.stem: {
            name: plain.points(name, exercise.points, run_cells(path))
            for name, exercise in chapter.exercises.items()
        }
        for path in paths
    }
    assert alone == judged
    assert len({sum(points.values()) for points in judged.values()}) > STUDENTS / 2
