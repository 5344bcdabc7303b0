"""`autograder grade`, as it comes: assignments/ and solutions/, `autograder build`, and the whole
class in one run."""

import json
from pathlib import Path
from typing import Any

import nbformat
import yaml

from benchmarks.side_by_side.course import (
    FULL,
    NAME,
    POINTS,
    TASK,
    Secrets,
    hidden,
    indented,
    solution,
    visible,
)
from benchmarks.side_by_side.tool import Files, Marks, Tool, call, lay_down

NOTEBOOK = f"""\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3 (ipykernel)
  language: python
  name: python3
---

+++ {{"lang": "en"}}

# Convolution

```{{code-cell}} ipython3
:role: setup

import torch
```

+++ {{"lang": "en", "exercise": "corr2d", "role": "prompt"}}

{TASK}

+++ {{"lang": "zh", "exercise": "corr2d", "role": "prompt"}}

{TASK}

```{{code-cell}} ipython3
:exercise: corr2d
:role: solution
```

```{{code-cell}} ipython3
:exercise: corr2d
:role: test

{visible()}
```
"""

GRADERS = '''\
"""Hidden graders."""

import pytest
import torch

from autograder.judge.compare import assert_close


@pytest.mark.checks(en="An example.", zh="一个例子。")
@pytest.mark.weight({weights[visible]})
def test_visible(student):
{visible}


@pytest.mark.checks(en="Random numbers.", zh="随机数。")
@pytest.mark.weight({weights[hidden]})
def test_hidden(student):
{hidden}
'''


class Ours(Tool):
    """See the module."""

    name = "autograder"
    command = ("autograder", "grade", "submitted", "--json", "results.json")
    watch = (
        "course/grading_config.yml",
        "course/assignments/**/*",
        "course/solutions/**/*",
        "course/source/**/*",
        "course/gradebook.db",  # `autograder grade` has no business with it
    )
    collect = ("course/results.json",)

    def make(self, course: Path, secrets: Secrets) -> None:
        chapter = {
            "title": {"en": "Convolution", "zh": "卷积"},
            "points": FULL,
            "exercises": {"corr2d": {"points": FULL}},
        }
        config = yaml.safe_dump({"language": "en", "chapters": {NAME: chapter}})
        lay_down(course, {"grading_config.yml": config.encode()})
        head, body = solution(secrets.solution).split("\n", 1)
        docstring = '    """The feature map of picture X under kernel K."""'
        reference = f'"""Solutions."""\n\nimport torch\n\n\n{head}\n{docstring}\n{body}\n'
        lay_down(course / "solutions", {f"{NAME}.py": reference.encode()})
        graders = GRADERS.format(
            visible=_grader(visible("student.corr2d")),
            hidden=_grader(hidden(secrets.seed, "student.corr2d")),
            weights=POINTS,
        )
        files = {"notebook.md": NOTEBOOK.encode(), "test_corr2d.py": graders.encode()}
        lay_down(course / "assignments" / NAME, files)
        call(course, "autograder", "build")

    def notebook(self, course: Path) -> Any:
        return nbformat.read(course / "release" / NAME / f"{NAME}.ipynb", as_version=4)

    def submit(self, course: Path, student: str, files: Files) -> None:
        lay_down(course / "submitted" / student / NAME, files)

    def marks(self, files: Files) -> Marks:
        return {
            result["submission"]["name"]: None
            if result["faults"]
            else sum(exercise["points"] for exercise in result["exercises"])
            for result in _results(files)
        }

    def returned(self, files: Files, student: str) -> str:
        return json.dumps([r for r in _results(files) if r["submission"]["name"] == student])


def _grader(test: str) -> str:
    return indented(test.replace("torch.testing.assert_close", "assert_close"))


def _results(files: Files) -> list[Any]:
    found = json.loads(files.get("course/results.json", b"[]"))
    return found if isinstance(found, list) else [found]
