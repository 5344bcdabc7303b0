"""The example class: graded as its README says, and the same by both ways."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("class/*/*/*.ipynb"))
BROKEN = ("nikolai", "ch11_rnn")
DELETED = {("liam", "ch10_pooling"): {"pool2d_nchw"}}  # their cells with these grade ids

INTACT = [path for path in NOTEBOOKS if (path.parent.parent.name, path.parent.name) != BROKEN]


def work(path: Path) -> tuple[str, str]:
    """(student, chapter)."""
    return path.parent.parent.name, path.parent.name


def grade_ids(path: Path) -> set[str]:
    notebook = nbformat.read(path, as_version=4)
    return {
        cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata
    }


def test_enough_students_and_submissions_for_each_chapter():
    works = [work(path) for path in NOTEBOOKS]
    assert len({student for student, _ in works}) >= 12
    for folder in sorted((ROOT / "release").iterdir()):
        assert sum(chapter == folder.name for _, chapter in works) >= 3, folder.name


@pytest.mark.parametrize("path", INTACT, ids=lambda path: "-".join(work(path)))
def test_a_submission_is_the_handout_filled_in(path):
    """Its marked cells are the handout's, but for those that the student deleted; no outputs."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert not [cell.id for cell in notebook.cells if cell.get("outputs")]
    student, chapter = work(path)
    handout = grade_ids(ROOT / "release" / chapter / f"{chapter}.ipynb")
    assert grade_ids(path) == handout - DELETED.get((student, chapter), set())


def test_the_broken_notebook_is_broken():
    student, chapter = BROKEN
    text = (EXAMPLES / "class" / student / chapter / f"{chapter}.ipynb").read_text(encoding="utf-8")
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_the_readme_tells_of_every_student():
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    missing = {student for student, _ in map(work, NOTEBOOKS) if f"`{student}`" not in readme}
    assert not missing


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo, run once: its folder, and how it ended."""
    folder = tmp_path_factory.mktemp("demo") / "course"
    done = subprocess.run(
        [sys.executable, EXAMPLES / "demo.py", folder],
        capture_output=True,
        encoding="utf-8",
        timeout=850,
    )
    return folder, done


@pytest.mark.slow
def test_both_ways_give_the_same_marks(demo):
    _, done = demo
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    equal = {(row[0], row[1]) for row in rows if row[-1:] == ["yes"]}
    assert equal == set(map(work, NOTEBOOKS))
    assert "Both ways gave every exercise the same marks." in done.stdout


@pytest.mark.slow
def test_each_submission_gets_the_marks_noted_for_it(demo):
    """Points and kinds of verdicts. After a change of graders: compare, then note the new marks."""
    folder, _ = demo
    found: dict = {}
    for result in json.loads((folder / "results.json").read_text(encoding="utf-8")):
        marks = found.setdefault(result["course"]["chapter"], {})
        assert not result["faults"]
        marks[result["submission"]["name"]] = {
            exercise["name"]: {
                "points": exercise["points"],
                "verdicts": sorted({test["verdict"] for test in exercise["tests"]}),
            }
            for exercise in result["exercises"]
        }
    new = folder / "marks.json"
    new.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    noted = json.loads((EXAMPLES / "marks.json").read_text(encoding="utf-8"))
    assert found == noted, f"the marks found are in {new}, to be copied to examples/marks.json"


@pytest.mark.slow
def test_every_student_gets_feedback_that_names_the_mistake(demo):
    folder, _ = demo
    for student, chapter in map(work, NOTEBOOKS):
        assert (folder / "feedback" / student / chapter / f"{chapter}.html").is_file()
    page = folder / "feedback" / "chenwei" / "ch09_convolution" / "ch09_convolution.html"
    assert "Your kernel is flipped" in page.read_text(encoding="utf-8")
