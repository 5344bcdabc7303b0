"""A run over a class: in this process or in several, and only of what isn't known already."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from autograder.course import Course
from autograder.errors import CourseError, JudgeFault
from autograder.grading import judging
from autograder.grading.executors import Forked, InThisProcess, executor
from autograder.grading.judging import Judged, Setup, get_ready, judge_of, judge_one
from autograder.grading.plan import Job
from autograder.grading.results import Results, find
from autograder.grading.run import MOST_BREAKS, grade
from autograder.judge.result import Fault, Result, without_times
from autograder.sandbox import usage
from tests.judging import GOOD, LAB, TIMED, write_course

LEAST = LAB.replace("return x * times", "return x * x")
SLOW = "import time\ntime.sleep(1.5)\n" + GOOD


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    """A Judge of the lab that every test here shares, as the command has one for a run."""
    root = write_course(tmp_path_factory.mktemp("lab"))
    setup = Setup(root / "grading_config.yml")
    with judge_of(setup):
        chapters = ("ch01_lab", "ch03_timed")
        get_ready(setup, [Job(root / "solutions" / f"{name}.py", name) for name in chapters])
        yield setup


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    texts = {"ann": GOOD, "bob": LEAST, "cat": "", "dan": GOOD, "eve": LEAST}
    return [Job(write(tmp_path / f"{name}.py", text), "ch01_lab") for name, text in texts.items()]


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def run(
    setup: Setup, jobs: list[Job], number: int = 1, make: Callable[[], Executor] | None = None
) -> list[tuple[Job, Result]]:
    """What comes of the jobs, in the order in which it comes."""
    found: list[tuple[Job, Result]] = []

    def emit(job: Job, judged: Judged) -> None:
        found.append((job, without_times(judged.result)))

    grade(make or executor(number, setup), number, setup, jobs, emit)
    return found


def only_left(before: set[int]) -> bool:
    """Whether soon nothing runs but what did before: workers end by themselves."""
    end = time.monotonic() + 5
    while not set(usage.descendants(os.getpid())) <= before:
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_submissions_of_several_chapters_are_graded_in_one_go(setup: Setup, tmp_path: Path):
    jobs = [
        Job(write(tmp_path / "a.py", GOOD), "ch01_lab"),
        Job(write(tmp_path / "b.py", TIMED), "ch03_timed"),
    ]
    found = [(job, result.course.chapter, result.points) for job, result in run(setup, jobs)]
    assert found == [(jobs[0], "ch01_lab", 10), (jobs[1], "ch03_timed", 2)]


def test_several_processes_find_what_one_does(setup: Setup, jobs: list[Job]):
    alone = run(setup, jobs)
    assert [job for job, _ in alone] == jobs
    together = run(setup, jobs, 3)
    assert sorted(together, key=lambda found: jobs.index(found[0])) == alone


def test_processes_share_the_zygote_and_leave_nothing(setup: Setup, jobs: list[Job]):
    judging._judges[setup].sandbox._abandon()  # the worker that it may be making is no part of this
    before = set(usage.descendants(os.getpid()))
    run(setup, jobs, 2)
    assert only_left(before)
    assert run(setup, jobs[:1])[0][1].points == 10  # the parent's own way to the zygote is whole


def test_another_executor_can_take_their_place(setup: Setup, jobs: list[Job]):
    """One that makes its own Judge, as a process on another machine would."""
    fresh = replace(setup, seed=setup.seed)
    judge = judging._judges.pop(setup)
    try:
        with ThreadPoolExecutor(1) as pool:
            (found,) = run(fresh, jobs[:1], make=lambda: pool)
        assert found[1].points == 10
        judging._judges.pop(fresh).close()
    finally:
        judging._judges[setup] = judge


def test_an_exercise_that_a_chapter_lacks_is_said_before_anything_is_graded(
    setup: Setup, jobs: list[Job]
):
    only = replace(setup, exercises=("scale",))
    judging._judges[only] = judging._judges[setup]
    with pytest.raises(CourseError, match="ch03_timed has no exercise scale"):
        get_ready(only, [*jobs, replace(jobs[0], chapter="ch03_timed")])
    del judging._judges[only]


def test_a_killed_process_is_replaced_and_its_jobs_are_judged(setup: Setup, jobs: list[Job]):
    expected = run(setup, jobs)
    killed: list[int] = []

    class Watched(Forked):
        def submit(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            future = super().submit(*args, **kwargs)
            if not killed:
                killed.append(next(iter(self._processes)))
                os.kill(killed[0], signal.SIGKILL)
            return future

    found = run(setup, jobs, 2, make=lambda: Watched(2, setup))
    assert killed
    assert sorted(found, key=lambda found: jobs.index(found[0])) == expected


def test_processes_that_keep_dying_end_the_run(setup: Setup, jobs: list[Job]):
    made: list[Forked] = []

    class Doomed(Forked):
        def submit(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            return super().submit(os._exit, 1)

    def make() -> Forked:
        made.append(Doomed(2, setup))
        return made[-1]

    with pytest.raises(JudgeFault, match="keep dying"):
        run(setup, jobs, 2, make=make)
    assert len(made) == MOST_BREAKS


def test_an_interrupted_run_ends_its_processes_at_once(setup: Setup, jobs: list[Job]):
    slow = [Job(write(job.path, SLOW * 8), job.chapter) for job in jobs]
    judging._judges[setup].sandbox._abandon()  # the worker that it may be making is no part of this
    before = set(usage.descendants(os.getpid()))

    class Interrupted(Forked):
        def submit(self, *args, **kwargs):  # type: ignore[no-untyped-def]
            if len(self._pending_work_items) == 3:
                raise KeyboardInterrupt
            return super().submit(*args, **kwargs)

    with pytest.raises(KeyboardInterrupt):
        run(setup, slow, 2, make=lambda: Interrupted(2, setup))
    assert only_left(before)


def test_in_this_process_an_error_is_the_future_s():
    future: Future[int] = InThisProcess().submit(int, "x")
    with pytest.raises(ValueError, match="invalid literal"):
        future.result()


# What is kept


def judged(setup: Setup, jobs: list[Job], folder: Path, *, resume: bool = True) -> list[str]:
    """The names of those that were judged; every job's result must be handed on."""
    found: list[tuple[Job, bool]] = []
    with Results(folder) as results:
        grade(
            InThisProcess,
            1,
            setup,
            jobs,
            lambda job, judged: found.append((job, judged.anew)),
            results=results,
            resume=resume,
        )
    assert [job for job, _ in found] == jobs
    return [job.path.stem for job, anew in found if anew]


def test_what_is_kept_is_not_judged_again(setup: Setup, jobs: list[Job], tmp_path: Path):
    names = [job.path.stem for job in jobs]
    assert judged(setup, jobs, tmp_path / "results") == names
    assert judged(setup, jobs, tmp_path / "results") == []
    assert judged(setup, jobs, tmp_path / "results", resume=False) == names


def test_another_submission_is_judged(setup: Setup, jobs: list[Job], tmp_path: Path):
    judged(setup, jobs, tmp_path / "results")
    jobs[1].path.write_text(GOOD, "utf-8")
    assert judged(setup, jobs, tmp_path / "results") == ["bob"]


@pytest.mark.parametrize(
    ("setting", "value"), [("seed", 7), ("language", "zh"), ("show_values", True)]
)
def test_other_circumstances_are_judged(
    setup: Setup,
    jobs: list[Job],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    value: object,
):
    judged(setup, jobs[:2], tmp_path / "results")
    monkeypatch.setattr(judging._judges[setup], setting, value)
    assert judged(setup, jobs[:2], tmp_path / "results") == ["ann", "bob"]


def test_another_course_or_engine_is_judged(
    setup: Setup, jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    judged(setup, jobs[:1], tmp_path / "results")
    monkeypatch.setattr(Course, "digest", lambda *_: "another")
    assert judged(setup, jobs[:1], tmp_path / "results") == ["ann"]
    monkeypatch.setattr("autograder.__version__", "0.0.0")
    assert judged(setup, jobs[:1], tmp_path / "results") == ["ann"]


def test_a_judge_fault_is_judged_again(setup: Setup, jobs: list[Job], tmp_path: Path):
    folder = tmp_path / "results"
    judged(setup, jobs, folder)
    kept = find(folder, jobs[0].path, "ch01_lab", "ann")
    assert kept is not None
    with Results(folder) as results:
        results.keep(jobs[0].path, msgspec.structs.replace(kept, faults=[Fault("x", "y")]))
    assert judged(setup, jobs, folder) == ["ann"]


def test_one_job_is_judged_as_a_run_would(setup: Setup, jobs: list[Job]):
    assert without_times(judge_one(setup, jobs[0]).result) == run(setup, jobs[:1])[0][1]
