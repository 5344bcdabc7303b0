"""Courses for measuring: one chapter of exercises picked from this repository's, all their graders,
misconceptions, solutions and prompts as they are. Plots and demonstrations are left out."""

import ast
from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile

import jupytext
import yaml
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Chapter, Course, load_course
from benchmarks.side_by_side.tool import call, lay_down

ROOT = Path(__file__).resolve().parents[2]
SETUP = "import math\nfrom typing import Any\n\nimport torch\n"
SIX = ("forward_pass", "adam_step", "dropout_with_mask", "corr2d", "pool2d", "rnn_cell")
TIMED = ("conv2d_fast",)
CHEAP = ("rnn_cell",)


def make_course(folder: Path, name: str, exercises: Sequence[str]) -> Course:
    """A course in `folder`, built, whose only chapter `name` has these exercises."""
    known = load_course(ROOT)
    home = {each: chapter for chapter in known.chapters.values() for each in chapter.exercises}
    chapters = [home[exercise] for exercise in exercises]
    config = yaml.safe_load((ROOT / "grading_config.yml").read_text("utf-8"))
    settings = {
        exercise: config["chapters"][chapter.name]["exercises"][exercise]
        for exercise, chapter in zip(exercises, chapters, strict=True)
    }
    config["chapters"] = {
        name: {
            "title": {"en": "A bit of everything", "zh": "综合练习"},
            "points": sum(each["points"] for each in settings.values()),
            "exercises": settings,
        }
    }
    assignment = folder / "assignments" / name
    (assignment / "misconceptions").mkdir(parents=True)
    for exercise, chapter in zip(exercises, chapters, strict=True):
        graded = chapter.exercises[exercise]
        copyfile(graded.grader_path, assignment / graded.grader_path.name)
        misconceptions = graded.misconceptions_path
        copyfile(misconceptions, assignment / "misconceptions" / misconceptions.name)
    solutions = [solution(chapter, each) for each, chapter in zip(exercises, chapters, strict=True)]
    text = "\n\n".join(['"""Reference solutions."""\n', SETUP, *solutions])
    lay_down(folder / "solutions", {f"{name}.py": f"{text}\n".encode()})
    lay_down(assignment, {"notebook.md": _handout(exercises, chapters).encode()})
    plain = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
    lay_down(folder, {"grading_config.yml": plain.encode()})
    copyfile(ROOT / "nbgrader_config.py", folder / "nbgrader_config.py")
    call(folder, "autograder", "build")
    return load_course(folder)


def solution(chapter: Chapter, exercise: str) -> str:
    """The source of a reference solution."""
    text = chapter.solution_path.read_text("utf-8")
    (found,) = (
        node
        for node in chapter.solution_tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == exercise
    )
    source = ast.get_source_segment(text, found)
    assert source is not None
    return source


def _handout(exercises: Sequence[str], chapters: Sequence[Chapter]) -> str:
    """The exercises' own cells, after a cell with the imports."""
    cells = [new_code_cell(SETUP, metadata={"role": "setup"})]
    metadata = {}
    for exercise, chapter in zip(exercises, chapters, strict=True):
        handout = jupytext.read(chapter.notebook_path, fmt="md:myst")
        cells += [cell for cell in handout.cells if cell.metadata.get("exercise") == exercise]
        metadata = handout.metadata
    return str(jupytext.writes(new_notebook(cells=cells, metadata=metadata), fmt="md:myst"))
