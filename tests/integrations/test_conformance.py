"""What nbgrader's own tests expect of nbgrader's own files, by both ways of grading.

Everything is read from the installed package: the user guide's class, and the files of
tests/apps/test_nbgrader_autograde.py. Each case is an assignment of one course. Its students are
graded by `nbgrader autograde` with our preprocessors and, in a copy that has nothing of ours in its
configuration, by one run of `autograder grade`.
"""

import gc
import os
import shutil
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbgrader
import pytest
from nbgrader.api import Gradebook

from autograder.integrations import nbgrader as integration
from autograder.judge.result import Result, decode
from tests.integrations.classroom import HERE, NBGRADER_WARNS, Classroom, command

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Unclosed socket:ResourceWarning"),
    *(pytest.mark.filterwarnings(warning) for warning in NBGRADER_WARNS),
]

NBGRADER = Path(nbgrader.__file__).parent
GUIDE = NBGRADER / "docs" / "source" / "user_guide"
FILES = NBGRADER / "tests" / "apps" / "files"
BARE = "c = get_config()\n"
ALIKE = 'c.Autograde.exclude_overwriting = {"dependent": ["helper.py"]}\n'
OTHER = 'c.Execute.timeout = 2\nc.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE"}\n'
WAYS = ("nbgrader autograde", "autograder grade")


@dataclass(frozen=True)
class Case:
    """A student's submission for an assignment, and what it is worth."""

    assignment: str
    student: str
    submitted: Mapping[str, str]
    score: float
    most: float | None = None
    by_hand: bool = False
    source: Mapping[str, str] = field(default_factory=dict)
    """Of the assignment; none: another case's."""


def autotest(kind: str, changed: float, most: float) -> list[Case]:
    name = f"autotest-{kind}"
    source = {"p1": name}
    return [
        Case(name, "foo", {"p1": f"{name}-unchanged"}, 0, most, source=source),
        Case(name, "bar", {"p1": f"{name}-changed"}, changed, most),
    ]


UNCHANGED = {"p1": "submitted-unchanged"}
CHANGED = {"p1": "submitted-changed"}
CASES = [
    Case("grade", "unchanged", UNCHANGED, 1, 7, source=UNCHANGED),
    Case("grade", "changed", CHANGED, 2, 7, by_hand=True),
    Case("grade", "spam", {"p1": "submitted-cheat-attempt"}, 1, 7, by_hand=True),
    Case("grade", "eggs", {"p1": "submitted-cheat-attempt-alternative"}, 1, 7, by_hand=True),
    Case("grade", "extra", {"p1 copy": "submitted-unchanged"} | CHANGED, 2, 7, by_hand=True),
    *autotest("simple", 1, 1),
    *autotest("hashed", 1, 1),
    *autotest("multi", 3, 4),
    Case("hidden", "foo", {"p1": "autotest-hidden-unchanged"}, 0, source={"p1": "autotest-hidden"}),
    Case("hidden", "bar", {"p1": "autotest-hidden-changed-wrong"}, 0),
    Case("hidden", "baz", {"p1": "autotest-hidden-changed-right"}, 1),
    Case(
        "missing", "foo", CHANGED, 2, 14, by_hand=True,
        source=UNCHANGED | {"p2": "submitted-unchanged"},
    ),
    Case("dependent", "foo", UNCHANGED, 1, 7, source=UNCHANGED),
    Case(
        "variable", "foo", {"p1": "validating-environment-variable"}, 0,
        source={"p1": "validating-environment-variable"},
    ),
    Case("patient", "foo", {"p1": "timeout"}, 1, source={"p1": "timeout"}),
    Case("ps1", "bitdiddle", {}, 1.5, 13, by_hand=True),
    Case("ps1", "hacker", {}, 3, 13, by_hand=True),
]  # fmt: skip
LATER = [
    Case("impatient", "bar", {"p1": "timeout"}, 0, source={"p1": "timeout"}),
    Case("loop", "foo", {"p1": "infinite-loop"}, 0, source={"p1": "infinite-loop"}),
    Case("hidden-tests", "foo", {"p1": "release"}, 1.5, source={"p1": "test-hidden-tests"}),
]
"""With a configuration of their own."""


def file_of(root: Path, assignment: str, name: str) -> Path:
    if name == "release":
        return root / "release" / assignment / "p1.ipynb"
    return FILES / f"{name}.ipynb"


class Own(Classroom):
    """A course of nbgrader's own material, with our configuration in it."""

    def __init__(self, root: Path, cases: list[Case], more: str) -> None:
        self.root = root
        root.mkdir()
        config = (HERE / "nbgrader_config.py").read_text("utf-8")
        (root / "nbgrader_config.py").write_text(config + ALIKE + more, "utf-8")
        shutil.copy(FILES / "autotests.yml", root)
        for case in cases:
            self._assign(case)
            folder = self.submitted(case.student, case.assignment)
            for name, file in case.submitted.items():
                shutil.copy(file_of(root, case.assignment, file), folder / f"{name}.ipynb")

    def _assign(self, case: Case) -> None:
        folder = self.root / "source" / case.assignment
        if folder.exists():
            return
        if case.assignment == "ps1":
            shutil.copytree(GUIDE / "source" / "ps1", folder)
            for student in ("bitdiddle", "hacker"):
                handed_in = GUIDE / "submitted" / student / "ps1"
                shutil.copytree(handed_in, self.root / "submitted" / student / "ps1")
        else:
            folder.mkdir(parents=True)
            for name, file in case.source.items():
                shutil.copy(FILES / f"{file}.ipynb", folder / f"{name}.ipynb")
        if case.assignment == "dependent":
            for place in (folder, self.submitted("foo", "dependent")):
                for name in ("data.csv", "helper.py"):
                    (place / name).write_text(f"# of {place.parent.name}\n")
        said = self.api().generate_assignment(case.assignment)
        gc.collect()  # it leaves sockets open where tests are to be generated
        assert said["success"], said


class Graded:
    """Both ways' courses."""

    def __init__(self, folder: Path, cases: list[Case], more: str = "") -> None:
        ours = Own(folder / WAYS[0], cases, more)
        self.roots = {WAYS[0]: ours.root, WAYS[1]: folder / WAYS[1]}
        shutil.copytree(ours.root, self.roots[WAYS[1]])
        bare = self.roots[WAYS[1]] / "nbgrader_config.py"
        bare.write_text(BARE + ALIKE + more, "utf-8")
        for case in cases:
            said = ours.autograde(case.student, case.assignment)
            assert said["success"], said
        integration._sandbox().close()
        integration._sandbox.cache_clear()
        words = ("grade", "submitted", "--gradebook", "gradebook.db", "--no-feedback")
        done = command(self.roots[WAYS[1]], "autograder", *words)
        assert done.returncode == 1, done.stderr

    def submission(self, way: str, case: Case) -> tuple[float, float, bool]:
        with Gradebook(f"sqlite:///{self.roots[way]}/gradebook.db") as gradebook:
            found = gradebook.find_submission(case.assignment, case.student)
            return found.score, found.max_score, found.needs_manual_grade

    def result(self, case: Case) -> Result:
        (file,) = (self.roots[WAYS[1]] / "results" / case.assignment).glob(f"{case.student}-*.json")
        return decode(file.read_bytes())


@pytest.fixture(scope="module", autouse=True)
def commands() -> Iterator[None]:
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", path)  # for a new gradebook nbgrader calls alembic by its bare name
        yield


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, commands: None) -> Graded:
    return Graded(tmp_path_factory.mktemp("conformance"), CASES)


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory, commands: None) -> Graded:
    return Graded(tmp_path_factory.mktemp("later"), LATER, OTHER)


def names(case: Case) -> str:
    return f"{case.assignment}-{case.student}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES, ids=names)
def test_the_marks_that_nbgraders_tests_expect(graded: Graded, case: Case, way: str) -> None:
    score, most, by_hand = graded.submission(way, case)
    assert (score, by_hand) == (case.score, case.by_hand)
    assert case.most in (None, most)
    if way == WAYS[1]:
        result = graded.result(case)
        assert (result.points, result.max_points) == (score, most)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", LATER, ids=names)
def test_the_marks_that_nbgraders_tests_expect_when_configured(
    later: Graded, case: Case, way: str
) -> None:
    assert later.submission(way, case)[0] == case.score
    assert (later.roots[way] / "autograded" / case.student / case.assignment / "p1.ipynb").is_file()


@pytest.mark.parametrize("way", WAYS)
def test_every_cell_of_the_user_guides_class(graded: Graded, way: str) -> None:
    expected = {
        "bitdiddle": {"correct_squares": 0, "squares_invalid_input": 1,
                      "correct_sum_of_squares": 0, "sum_of_squares_uses_squares": 0.5,
                      "sum_of_squares_application": 0},
        "hacker": {"correct_squares": 1, "squares_invalid_input": 1,
                   "correct_sum_of_squares": 0.5, "sum_of_squares_uses_squares": 0.5},
    }  # fmt: skip
    with Gradebook(f"sqlite:///{graded.roots[way]}/gradebook.db") as gradebook:
        for student, marks in expected.items():
            notebook = gradebook.find_submission_notebook("problem1", "ps1", student)
            scores = {grade.name: grade.auto_score for grade in notebook.grades}
            assert {name: scores[name] for name in marks} == marks


@pytest.mark.parametrize("way", WAYS)
def test_files(graded: Graded, way: str) -> None:
    """Unknown notebooks are left out; files come from the instructor, but for those excluded."""
    autograded = graded.roots[way] / "autograded"
    assert [path.name for path in (autograded / "extra" / "grade").iterdir()] == ["p1.ipynb"]
    dependent = autograded / "foo" / "dependent"
    assert (dependent / "data.csv").read_text() == "# of source\n"
    assert (dependent / "helper.py").read_text() == "# of foo\n"
    assert not (autograded / "foo" / "missing" / "p2.ipynb").exists()
