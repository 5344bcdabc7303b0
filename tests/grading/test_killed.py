"""Whatever is killed, and whenever: the next run goes on, and ends as if nothing had happened."""

import ctypes
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.judge.result import Result, decode, without_times
from autograder.sandbox import usage
from tests.judging import GOOD, LAB, write_course

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).parent / "autograder"
KILLS = 50
STUDENTS = 12
PATIENCE = 20.0  # seconds until what belonged to a killed judge has to be gone
PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 36, 37

SUBMISSIONS = [
    GOOD,
    LAB.replace("return x * times", "return x * x"),
    "def scale(x, times=2.0):\n    raise ValueError('not yet')\n",
    "import os\n\nos._exit(3)\n",
    "",
]


@pytest.fixture
def orphans_come_here() -> Iterator[None]:
    """What a killed process leaves running becomes a child of this one, and so can be found."""
    libc = ctypes.CDLL(None)
    before = ctypes.c_int()
    libc.prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    libc.prctl(PR_SET_CHILD_SUBREAPER, before.value, 0, 0, 0)


class Grading:
    """Runs of `autograder grade` over one class."""

    def __init__(self, folder: Path) -> None:
        self.course = write_course(folder / "course")
        self.submitted = folder / "submitted"
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        for number in range(STUDENTS):
            path = self.submitted / f"student{number:02}" / "ch01_lab" / "ch01_lab.py"
            path.parent.mkdir(parents=True)
            path.write_text(SUBMISSIONS[number % len(SUBMISSIONS)], "utf-8")

    def start(self, results: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [COMMAND, "grade", self.submitted, "--quiet", "--results", results],
            cwd=self.course,
            env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(self.temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def kept(folder: Path) -> list[Result]:
    """Every result in the folder, by name, without times; each file must be a whole one."""
    files = sorted(folder.glob("*/*.json"))
    return [without_times(decode(file.read_bytes())) for file in files]


def mounts() -> list[str]:
    """What is mounted, but for what other tests mount meanwhile."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line for line in lines if "/pytest-of-" not in line]


def number_of_files(folder: Path) -> int:
    return len(list(folder.glob("*/*.json")))


def living(known: set[int]) -> set[int]:
    """This process's descendants that it didn't have before and that haven't ended."""
    found = set(usage.descendants(os.getpid())) - known
    return {pid for pid in found if state(pid) not in ("Z", "")}


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return ""


def reap() -> None:
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


@pytest.mark.slow
@pytest.mark.usefixtures("orphans_come_here")
def test_fifty_kills_change_nothing(tmp_path: Path):
    """The judge, the sandbox's processes and a submission's are killed at random moments, again and
    again; a run that can still end, and the first one that does after a killed one, leaves the
    results of an undisturbed run, and no process, mount or temporary file."""
    seed = random.SystemRandom().randrange(10**6)
    print("seed", seed)  # shown when the test fails
    draw = random.Random(seed)
    grading = Grading(tmp_path)
    known = set(usage.descendants(os.getpid()))
    before = mounts()

    start = time.monotonic()
    undisturbed = grading.start(tmp_path / "undisturbed")
    output, _ = undisturbed.communicate()
    duration = time.monotonic() - start
    expected = kept(tmp_path / "undisturbed")
    assert undisturbed.returncode == 1, output
    assert len(expected) == STUDENTS

    killed = {"judge": 0, "sandbox": 0}
    finished, complete = 0, True
    while sum(killed.values()) < KILLS or not complete:
        results = tmp_path / f"results{finished}"
        run = grading.start(results)
        while run.poll() is None and sum(killed.values()) < KILLS:
            time.sleep(draw.uniform(0, duration if draw.random() < 0.5 else duration / 8))
            below = sorted(living(known) - {run.pid})
            victim = run.pid if draw.random() < 0.4 or not below else draw.choice(below)
            written = number_of_files(results)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed["judge" if victim == run.pid else "sandbox"] += 1
            if victim == run.pid:
                break
            # A second kill in the same submission would be taken for the submission's own doing.
            while run.poll() is None and number_of_files(results) == written:
                time.sleep(0.01)
        output, _ = run.communicate()
        end = time.monotonic() + PATIENCE
        while left := living(known):
            assert time.monotonic() < end, f"left running: {left}"
            time.sleep(0.02)
        reap()
        complete = run.returncode != -signal.SIGKILL
        if complete:
            assert run.returncode == 1, output
            assert kept(results) == expected
            assert [file.name for file in results.rglob("*tmp*")] == []
            finished += 1
    print(killed, finished)
    assert min(killed.values()) > 0
    assert list(grading.temporary.iterdir()) == []
    assert mounts() == before
