"""`autograder build`, as an author meets it, and what nbgrader says of its notebooks."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.notebook import source_notebook
from autograder.course import load_course, strip_hidden
from autograder.errors import CourseError
from tests.tiny_course import edit, write_tiny_course

HERE = Path(__file__).resolve().parents[2]
SOURCE = "source/ch01_tiny/ch01_tiny.ipynb"
RELEASE = "release/ch01_tiny/ch01_tiny.ipynb"


def command(folder: Path, name: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of this environment in `folder`."""
    scripts = Path(sys.executable).parent
    path = os.pathsep.join([str(scripts), os.environ["PATH"]])
    return subprocess.run(
        [scripts / name, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(HERE), "PATH": path},
    )


def autograder(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return command(folder, "autograder", *words)


def cells(path: Path) -> dict[str, Any]:
    return {cell.id: cell for cell in nbformat.read(path, as_version=4).cells}


@contextmanager
def gradebook(root: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(root / "gradebook.db")) as database, database:
        yield database


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that was built once; tests leave it as it is."""
    root = write_tiny_course(tmp_path_factory.mktemp("built") / "my course+")
    shutil.copy(HERE / "nbgrader_config.py", root)
    done = autograder(root, "build")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"built     {SOURCE}", f"built     {RELEASE}"]
    assert done.stderr == ""
    return root


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Path:
    """A copy of the built course to change."""
    return Path(shutil.copytree(built, tmp_path / "course"))


@pytest.mark.slow
def test_source_has_nbgraders_metadata(built: Path) -> None:
    """Prompts and tests are locked, solutions are not, points come from the config."""
    source = cells(built / SOURCE)
    assert list(source) == [
        "opening-1",
        "setup",
        "double-prompt",
        "double-solution",
        "double",
        "double-after-1",
        "Counter-prompt",
        "Counter-solution",
        "Counter",
        "Counter-after-1",
    ]
    assert source["double"].metadata.nbgrader == {
        "grade": True,
        "grade_id": "double",
        "locked": True,
        "points": 2,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    solution, prompt = (source[name].metadata.nbgrader for name in ("double-solution", "setup"))
    assert (solution.solution, solution.locked) == (True, False)
    assert (prompt.grade, prompt.locked) == (False, True)
    assert "nbgrader" not in source["double-after-1"].metadata


@pytest.mark.slow
def test_release_holds_neither_solutions_nor_hidden_tests(built: Path) -> None:
    """The student gets signature, docstring, visible checks and a line that names the task."""
    source, release = cells(built / SOURCE), cells(built / RELEASE)
    assert release["double-solution"].source.splitlines()[-1] == (
        '    raise NotImplementedError("exercise double: put your code in the place of this line")'
    )
    assert '"""Twice `x`, `times` times over.' in release["double-solution"].source
    assert release["Counter-solution"].source.count("exercise Counter: put your code") == 2
    assert '"""Start at zero."""' in release["Counter-solution"].source
    assert release["double"].source == strip_hidden(source["double"].source)
    assert release["double"].metadata.nbgrader.checksum
    text = (built / RELEASE).read_text(encoding="utf-8")
    assert not [words for words in ("HIDDEN", "SOLUTION", "2**times") if words in text]


@pytest.mark.slow
def test_the_gradebook_knows_the_assignment(built: Path) -> None:
    """nbgrader finds the assignment, its points and its hidden blocks."""
    with gradebook(built) as database:
        assert database.execute("select name from assignment").fetchall() == [("ch01_tiny",)]
        hidden = database.execute("select source from source_cell where name = 'double'")
        assert "BEGIN HIDDEN TESTS" in hidden.fetchone()[0]
        points = database.execute("select sum(max_score) from grade_cells").fetchone()[0]
    assert points == 5


@pytest.mark.slow
def test_a_second_build_changes_no_byte(course: Path) -> None:
    """The same course gives the same notebooks, in any folder and gradebook."""
    before = (course / SOURCE).read_bytes(), (course / RELEASE).read_bytes()
    done = autograder(course, "build")
    assert done.stdout.splitlines() == [f"unchanged {SOURCE}", f"unchanged {RELEASE}"]
    for path in (course / "source", course / "release"):
        shutil.rmtree(path)
    (course / "gradebook.db").unlink()
    assert autograder(course / "assignments", "build", "ch01").returncode == 0
    assert ((course / SOURCE).read_bytes(), (course / RELEASE).read_bytes()) == before


@pytest.mark.slow
def test_plain_nbgrader_makes_the_same_release(course: Path) -> None:
    """With the course's nbgrader_config.py, generate_assignment gives the same bytes."""
    before = (course / RELEASE).read_bytes()
    shutil.rmtree(course / "release")
    words = ("generate_assignment", "ch01_tiny", "--force")
    done = command(course, "nbgrader", *words)
    assert done.returncode == 0, done.stderr
    assert (course / RELEASE).read_bytes() == before


@pytest.mark.slow
def test_check_passes_after_a_build(built: Path) -> None:
    """An up-to-date course is said to be so, and nothing is written."""
    before = sorted((path, path.stat().st_mtime_ns) for path in built.rglob("*"))
    done = autograder(built, "build", "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "source/ and release/ are up to date (1 chapter, en)\n"
    assert sorted((path, path.stat().st_mtime_ns) for path in built.rglob("*")) == before


@pytest.mark.slow
def test_check_names_what_is_out_of_date(course: Path) -> None:
    """A changed solution touches source/ only; a missing release and a left-over are named."""
    edit(course / "solutions" / "ch01_tiny.py", "x * 2**times", "x * 2.0**times")
    done = autograder(course, "build", "--check")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{SOURCE} differs",
        "out of date; to mend it: autograder build ch01_tiny",
    ]
    (course / RELEASE).unlink()
    left = course / "source" / "ch00_old" / "ch00_old.ipynb"
    left.parent.mkdir()
    left.write_text("{}", encoding="utf-8")
    done = autograder(course, "build", "--check", "--lang", "zh")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{SOURCE} differs",
        f"{RELEASE} missing",
        "source/ch00_old/ch00_old.ipynb left over",
        "out of date; to mend it: autograder build ch01_tiny --lang zh",
        "left over: no chapter builds these; delete them",
    ]


@pytest.mark.slow
def test_build_in_chinese(course: Path) -> None:
    """The Chinese handout has the same cells with the same ids, and a Chinese stub."""
    english = list(cells(course / RELEASE))
    assert autograder(course, "build", "--lang", "zh").returncode == 0
    release = cells(course / RELEASE)
    assert list(release) == english
    assert release["double-prompt"].source.startswith("## 加倍")
    assert '"练习 double：请把这一行换成你的代码"' in release["double-solution"].source


@pytest.mark.slow
def test_nbgrader_validates_source_and_not_release(built: Path) -> None:
    """The instructor's notebook passes; the student's fails at both exercises, by their names."""
    done = command(built, "nbgrader", "validate", SOURCE)
    assert "Success! Your notebook passes all the tests." in done.stdout, done.stderr
    done = command(built, "nbgrader", "validate", RELEASE)
    assert "VALIDATION FAILED ON 2 CELL(S)!" in done.stdout
    assert "exercise double: put your code" in done.stdout


@pytest.mark.slow
def test_the_source_notebook_runs_in_a_plain_kernel(built: Path) -> None:
    """nbclient executes every cell without an error."""
    code = (
        "import nbclient, nbformat, sys\n"
        "nb = nbclient.execute(nbformat.read(sys.argv[1], 4), timeout=120)\n"
        "print([o.text for c in nb.cells for o in c.get('outputs', []) if o.name == 'stdout'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(built / SOURCE)], capture_output=True, text=True
    )
    assert done.stdout.strip() == "['tensor([0, 2, 4])\\n']", done.stderr


@pytest.mark.slow
def test_autograding_without_the_judge_is_not_silent(course: Path) -> None:
    """A perfect submission gets no points from nbgrader's own Execute, and a message why."""
    submitted = course / "submitted" / "ann" / "ch01_tiny"
    submitted.mkdir(parents=True)
    shutil.copy(course / SOURCE, submitted)
    config = course / "nbgrader_config.py"
    edit(
        config,
        "autograder.integrations.nbgrader.SandboxedExecute",
        "nbgrader.preprocessors.Execute",
    )
    done = command(course, "nbgrader", "autograde", "ch01_tiny")
    assert done.returncode == 0, done.stderr
    graded = (course / "autograded" / "ann" / "ch01_tiny" / "ch01_tiny.ipynb").read_text("utf-8")
    assert "exercise double was not graded: this notebook is being autograded without" in graded
    with gradebook(course) as database:
        assert database.execute("select auto_score from grade").fetchall() == [(0,), (0,)]


@pytest.mark.slow
def test_a_build_that_nbgrader_refuses_leaves_release_alone(course: Path) -> None:
    """Cells can't change under graded submissions; the message says what to do."""
    with gradebook(course) as database:
        (assignment,) = database.execute("select id from assignment").fetchone()
        (notebook,) = database.execute("select id from notebook").fetchone()
        database.execute("insert into student (id, lms_user_id) values ('ann', '')")
        database.execute(
            "insert into submitted_assignment (id, student_id, assignment_id) "
            "values ('s', 'ann', ?)",
            (assignment,),
        )
        database.execute(
            "insert into submitted_notebook (id, assignment_id, notebook_id) values ('n', 's', ?)",
            (notebook,),
        )
    before = (course / RELEASE).read_bytes()
    for path in (
        "grading_config.yml",
        "solutions/ch01_tiny.py",
        "assignments/ch01_tiny/notebook.md",
    ):
        text = (course / path).read_text("utf-8").replace("Counter", "Zaehler")
        (course / path).write_text(text, "utf-8")
    folder = course / "assignments" / "ch01_tiny"
    (folder / "test_Counter.py").rename(folder / "test_Zaehler.py")
    done = autograder(course, "build")
    assert done.returncode == 2
    assert done.stderr.startswith("error: ch01_tiny: the gradebook holds submissions")
    assert "Traceback" not in done.stderr
    assert (course / RELEASE).read_bytes() == before


def test_a_solution_may_use_what_setup_imports(tmp_path: Path) -> None:
    """A helper of the solution file isn't in the notebook: the build says so, not a student."""
    root = write_tiny_course(tmp_path)
    path = root / "solutions" / "ch01_tiny.py"
    edit(path, "import torch\n", "import math\n\nimport torch\n\n\ndef _two():\n    return 2\n")
    edit(path, "return x * 2**times", "return x * math.pow(_two(), times)")
    chapter = load_course(root).chapters["ch01_tiny"]
    with pytest.raises(CourseError) as caught:
        source_notebook(chapter, "en")
    assert str(caught.value) == (
        "solutions/ch01_tiny.py: double uses _two, math, "
        "which the notebook's setup cell doesn't import"
    )


def test_an_exercise_may_use_an_earlier_one(tmp_path: Path) -> None:
    """The notebook has it by then."""
    root = write_tiny_course(tmp_path)
    edit(root / "solutions" / "ch01_tiny.py", "self.total += self.step", "self.total += double(1)")
    notebook = json.loads(source_notebook(load_course(root).chapters["ch01_tiny"], "en"))
    assert notebook["metadata"]["autograder"] == {"chapter": "ch01_tiny", "language": "en"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["build", "ch02"], "error: no chapter 'ch02' in grading_config.yml (there are ch01_tiny)"),
        (["build", "--course", "nowhere"], "error: no such folder: "),
        (["build", "--lang", "fr"], "must be en or zh (got 'fr')"),
    ],
)
def test_a_mistake_in_the_command(tmp_path: Path, words: list[str], message: str) -> None:
    """Exit code 2, one message, no traceback."""
    done = autograder(write_tiny_course(tmp_path), *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
