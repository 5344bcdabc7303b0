"""Each chapter of this course: the reference passes, known mistakes fail and are told apart, every
grader can fail. What `autograder verify` does, one chapter a test."""

from pathlib import Path

import pytest

from autograder.course import load_course
from autograder.grading.verify import verify
from autograder.judge.session import UNDRAWN, Judge

COURSE = load_course(Path(__file__).resolve().parent.parent)


@pytest.mark.slow
@pytest.mark.parametrize("name", COURSE.chapters)
def test_a_chapter_is_proven(name: str) -> None:
    with Judge(COURSE, hints=True, environment=UNDRAWN) as judge:
        assert verify(judge, COURSE, COURSE.chapter(name), lambda _: None).complaints == []
