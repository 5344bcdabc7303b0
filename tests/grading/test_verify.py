"""Proofs of chapters: what a good one says, and what each kind of bad one is complained about."""

from pathlib import Path

import pytest

from autograder.grading.verify import Proof, verify
from autograder.judge.session import Judge
from tests.judging import LAB, TEST_SCALE, WRONG_CLEARS, WRONG_SCALES, another

CHAPTER = "assignments/ch01_lab"


@pytest.fixture
def _no_handouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Building takes most of a proof's time."""
    monkeypatch.setattr("autograder.grading.verify.out_of_date", lambda *_: [])


def prove(judge: Judge, root: Path, chapter: str = "ch01_lab", **changes: str) -> Proof:
    with another(judge, root, **changes) as author:
        return verify(author, author.course, author.course.chapter(chapter), lambda _: None)


@pytest.mark.slow
def test_handouts_that_do_not_build_are_complained_about(judge: Judge, tmp_path: Path) -> None:
    changes = {f"{CHAPTER}/notebook.md": "# no header, no cells\n"}
    complaints = prove(judge, tmp_path, **changes).complaints
    assert [said[:33] for said in complaints] == [
        "the handout doesn't build in en: ",
        "the handout doesn't build in zh: ",
    ]


@pytest.mark.usefixtures("_no_handouts")
def test_a_good_chapter_is_proven(judge: Judge, tmp_path: Path) -> None:
    proof = prove(judge, tmp_path)
    assert proof.complaints == []
    assert (proof.chapter, proof.graders, proof.misconceptions) == ("ch01_lab", 6, 7)
    assert proof.caught["scale: squares"] == ["test_values", "test_rows", "test_gradient"]
    assert proof.caught["scale: detaches"] == ["test_gradient"]


@pytest.mark.usefixtures("_no_handouts")
def test_a_chapter_with_a_budget_is_proven(judge: Judge, tmp_path: Path) -> None:
    assert prove(judge, tmp_path, "ch03_timed").complaints == []


@pytest.mark.usefixtures("_no_handouts")
@pytest.mark.parametrize(
    ("path", "old", "new", "complaint"),
    [
        (
            f"{CHAPTER}/test_scale.py",
            TEST_SCALE,
            TEST_SCALE.replace("reference.scale(x, 3.0))", "reference.scale(x, 4.0))"),
            "judge fault in scale::test_values: JudgeFault: the reference solution fails this",
        ),
        (
            "solutions/ch01_lab.py",
            LAB,
            LAB.replace("return x * times", "x *= times\n    return x"),
            "judge fault in scale::test_values: JudgeFault: the reference solution fails this",
        ),
        (
            "solutions/ch01_lab.py",
            LAB,
            LAB + "\n\nif __name__ == '__main__':\n    import os\n\n    os._exit(3)\n",
            "the reference: Cell 1 ended its process (exit code 3)",
        ),
        (
            f"{CHAPTER}/misconceptions/scale.py",
            WRONG_SCALES,
            WRONG_SCALES.replace("return x * x", "return x * times"),
            "scale: misconception squares should fail by wrong answer (got full marks)",
        ),
        (
            f"{CHAPTER}/misconceptions/scale.py",
            WRONG_SCALES,
            WRONG_SCALES.replace("return x * 2.0", "return x**2"),
            "scale: misconception ignores_times is taken for another one: 'You squared x.'",
        ),
        (
            f"{CHAPTER}/misconceptions/scale.py",
            WRONG_SCALES,
            WRONG_SCALES.replace("torch.cumsum(x, 0)", "x + 1"),
            "scale: misconception sums should fail by forbidden (got wrong answer)",
        ),
        (
            f"{CHAPTER}/test_scale.py",
            TEST_SCALE,
            TEST_SCALE + "\n\ndef test_nothing(student):\n    student.scale(torch.ones(1))\n",
            "scale: no misconception fails test_nothing",
        ),
        (
            f"{CHAPTER}/misconceptions/clear.py",
            WRONG_CLEARS,
            '"""None yet."""\n',
            "clear has no misconceptions, so nothing proves its graders",
        ),
        (
            f"{CHAPTER}/test_clear.py",
            "",
            "def test_zeros(student:\n",
            "judge fault in assignments/ch01_lab/test_clear.py: the grader file can't be imported",
        ),
    ],
    ids=[
        "wrong grader",
        "reference changes its input",
        "reference raises",
        "misconception passes",
        "misconceptions alike",
        "other verdict",
        "grader that nothing fails",
        "no misconceptions",
        "grader that is no Python",
    ],
)
def test_what_is_wrong_is_complained_about(
    judge: Judge, tmp_path: Path, path: str, old: str, new: str, complaint: str
) -> None:
    assert new != old
    complaints = prove(judge, tmp_path, **{path: new}).complaints
    assert any(said.startswith(complaint) for said in complaints), complaints


@pytest.mark.usefixtures("_no_handouts")
def test_a_proof_asks_for_half_of_every_limit(judge: Judge, tmp_path: Path) -> None:
    """A reference that takes more than that would fail some student on a slower machine."""
    lazy = "import time\n    __name__ == '__main__' and time.sleep(3)\n    return x * times"
    slow = LAB.replace("return x * times", lazy)  # in a worker, where the names are __main__'s
    complaints = prove(judge, tmp_path, **{"solutions/ch01_lab.py": slow}).complaints
    assert any("scale ran longer than 2 s" in said for said in complaints), complaints
