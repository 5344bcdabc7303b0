"""`autograder verify`, as an author meets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.judging import TEST_SCALE, write_course

HERE = Path(__file__).resolve().parents[1]


def verify(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "autograder", "verify", *words],
        cwd=root,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE), "PYTHONUTF8": "1"},
    )


@pytest.mark.slow
def test_a_good_chapter_is_proven(tmp_path: Path) -> None:
    """Exit code 0; steps on stderr; `--details` names the graders that each misconception fails."""
    done = verify(write_course(tmp_path), "ch01", "--details")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert "  scale: detaches fails test_gradient" in lines
    assert lines[-1] == "ch01_lab is proven: 6 graders, 7 misconceptions, 0 complaints"
    assert done.stderr.splitlines()[:2] == [
        "ch01_lab: the reference …",
        "ch01_lab: scale: 4 misconceptions …",
    ]


@pytest.mark.slow
def test_a_bad_chapter_is_not(tmp_path: Path) -> None:
    """Exit code 1, and a line for each complaint; hints are proven even where students get none."""
    weak = TEST_SCALE + "\n\ndef test_nothing(student):\n    student.scale(torch.ones(1))\n"
    root = write_course(tmp_path, **{"assignments/ch01_lab/test_scale.py": weak})
    config = root / "grading_config.yml"
    config.write_text("feedback: {hints: false}\n" + config.read_text("utf-8"), "utf-8")
    done = verify(root, "ch01_lab")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "ch01_lab: scale: no misconception fails test_nothing",
        "ch01_lab is NOT proven: 7 graders, 7 misconceptions, 1 complaint",
    ]


def test_a_chapter_that_is_not_there(tmp_path: Path) -> None:
    """Exit code 2 before anything is started."""
    done = verify(write_course(tmp_path), "ch77")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no chapter 'ch77' in grading_config.yml" in done.stderr
