"""`pytest assignments/CHAPTER --submission FILE`, as an author meets it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.judging import GOOD, write_course

HERE = Path(__file__).resolve().parents[2]


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE), "PYTHONUTF8": "1"},
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("lab"))


def test_the_reference_passes_without_a_submission(root: Path) -> None:
    done = run(root, "assignments/ch01_lab", "assignments/ch03_timed", "-q")
    assert done.returncode == 0, done.stdout
    assert "7 passed" in done.stdout
    assert "warning" not in done.stdout


def test_a_wrong_submission_fails_with_verdicts_and_messages(root: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text(GOOD.replace("return x * times", "return x * x"), "utf-8")
    done = run(root, "assignments/ch01_lab", "--submission", str(wrong))
    assert done.returncode == 1
    assert "3 failed, 3 passed" in done.stdout
    assert "wrong answer: 6 of 6 elements differ" in done.stdout
    assert "hint: You squared x." in done.stdout
    assert "Traceback" not in done.stdout
    assert "assert_close" not in done.stdout, "no internals of ours, nor the grader's source"
    assert "expected" not in done.stdout
    shown = run(root, "assignments/ch01_lab/test_scale.py", "--submission", str(wrong),
                "--show-values", "--grading-seed", "3")  # fmt: skip
    assert "expected" in shown.stdout


def test_a_judge_fault_is_shown_with_the_graders_traceback(root: Path) -> None:
    done = run(root, "assignments/ch02_faulty/test_crash.py")
    assert done.returncode == 1
    assert 'raise RuntimeError("the secret of the grader")' in done.stdout


def test_other_runs_of_pytest_are_left_alone(tmp_path: Path) -> None:
    """No torch, no sandbox, no option that disturbs; a fixture called student is their own."""
    (tmp_path / "test_theirs.py").write_text(
        """
import sys
import pytest

@pytest.fixture
def student():
    return "theirs"

def test_theirs(student):
    assert student == "theirs"
    loaded = [name for name in sys.modules if name.startswith("autograder")]
    assert "autograder.judge.plugin" in loaded
    assert "torch" not in sys.modules
    assert "autograder.sandbox.process" not in loaded

@pytest.mark.timeout(0.2)
def test_slow():
    import time
    time.sleep(5)
""",
        "utf-8",
    )
    done = run(tmp_path, "-q", "--strict-markers")
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "Timeout (>0.2s) from pytest-timeout" in done.stdout, "its own guard is still there"


def test_a_judges_fixture_outside_of_a_course_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "test_lost.py").write_text("def test_lost(student):\n    pass\n", "utf-8")
    done = run(tmp_path)
    assert "JudgeFault: this fixture is for graders below assignments/ only" in done.stdout
