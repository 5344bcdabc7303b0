"""Solutions cut into signature, docstring and marked body."""

from pathlib import Path

import pytest

from autograder.authoring.stubs import bound_names, free_names, solution_cell
from autograder.course import load_course
from autograder.errors import CourseError
from tests.tiny_course import write_tiny_course

HEAD = '"""Solutions."""\n\nimport torch\n\n\n'
COUNTER = '\n\nclass Counter:\n    """Counts."""\n\n    def next(self) -> int:\n        return 1\n'


def cell(folder: Path, function: str, name: str = "double") -> str:
    root = write_tiny_course(folder)
    (root / "solutions" / "ch01_tiny.py").write_text(HEAD + function + COUNTER, encoding="utf-8")
    chapter = load_course(root).chapters["ch01_tiny"]
    return solution_cell(chapter, chapter.exercise(name))


def test_signature_docstring_and_body(tmp_path: Path) -> None:
    """Comments of the body are inside the marks, formatting stays."""
    assert cell(
        tmp_path,
        'def double(\n    x: torch.Tensor,  # any shape\n) -> torch.Tensor:\n    """Twice x."""\n\n'
        "    # why\n    y = (\n        2\n    )\n\n    return x * y\n",
    ) == (
        'def double(\n    x: torch.Tensor,  # any shape\n) -> torch.Tensor:\n    """Twice x."""\n\n'
        "    ### BEGIN SOLUTION\n    # why\n    y = (\n        2\n    )\n\n    return x * y\n"
        "    ### END SOLUTION"
    )


def test_decorators_belong_to_the_signature(tmp_path: Path) -> None:
    """A decorated solution is handed out decorated."""
    text = cell(
        tmp_path, '@torch.no_grad()\ndef double(x):\n    """Twice x."""\n    return 2 * x\n'
    )
    assert text.startswith("@torch.no_grad()\ndef double(x):")


def test_every_method_of_a_class(tmp_path: Path) -> None:
    """A method needs no docstring; attributes and methods that only have one stay as they are."""
    text = cell(
        tmp_path,
        'class double:\n    """Doubles."""\n\n    factor = 2\n\n'
        "    def __init__(\n        self,\n        x: dict[str, int] = {},  # a: b\n    ):  # :\n"
        "        # hint\n        self.x = x\n\n"
        '    def nothing(self):\n        """Nothing."""\n\n'
        '    @property\n    def y(self):\n        """Twice."""\n        return 2\n',
    )
    assert text.count("### BEGIN SOLUTION") == text.count("### END SOLUTION") == 2
    assert "    ):  # :\n        ### BEGIN SOLUTION\n        # hint\n" in text
    assert "    factor = 2\n" in text
    assert "        ### BEGIN SOLUTION\n        return 2\n        ### END SOLUTION" in text


def test_text_in_a_docstring_is_no_body(tmp_path: Path) -> None:
    """Strings that look like code don't move the marks."""
    text = cell(
        tmp_path, 'def double(x):\n    """Twice.\n\n    def f(): pass\n    """\n    return 2\n'
    )
    assert text.endswith("    ### BEGIN SOLUTION\n    return 2\n    ### END SOLUTION")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("def double(x):\n    return 2 * x\n", "needs a docstring"),
        ('def double(x):\n    """Twice x."""\n', "has no body for the student to write"),
        ('def double(x):\n    """Twice x."""; return 2\n', "must begin on a line of its own"),
        ('class double:\n    """D."""\n\n    def f(self): return 1\n', "f's body must begin on a"),
        (
            'def double(x):\n    """A."""\n    return 1\n\n\nclass double:\n    """B."""\n',
            "must be defined once (found 2)",
        ),
    ],
)
def test_what_cannot_be_handed_out(tmp_path: Path, function: str, message: str) -> None:
    """The error names the file and the exercise."""
    with pytest.raises(CourseError) as caught:
        cell(tmp_path, function)
    assert str(caught.value).startswith("solutions/ch01_tiny.py: double")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("code", "free"),
    [
        ("def f(x: Tensor = ZERO) -> int:\n    return helper(x)", {"Tensor", "ZERO", "helper"}),
        ("import math\ndef f(x):\n    y = math.pi\n    return [len(a) for a in x]", set()),
        (
            "class A(Base):\n    b = c\n    def f(self):\n        return A, math.e",
            {"Base", "c", "math"},
        ),
        ("def f():\n    def g():\n        return q + r\n    r = 1\n    return g", {"q"}),
        ("@decorate\ndef f():\n    global z\n    z = 1\n    return z", {"decorate", "z"}),
    ],
)
def test_free_names(code: str, free: set[str]) -> None:
    """What code needs from elsewhere: annotations, defaults, bases and bodies count."""
    assert free_names(code) == free


def test_bound_names() -> None:
    """Imports, assignments, definitions and loops bind."""
    code = "import torch.nn as nn, numpy.linalg\nfrom a import b as c\nd, e = 1, 2\ndef f(): g = 1"
    assert bound_names(code) == {"nn", "numpy", "c", "d", "e", "f"}
