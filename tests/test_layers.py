"""Imports run one way, downwards, and the engine stays small.

Every import statement counts, those inside functions and under TYPE_CHECKING too, and so does
`import_module("autograder.…")`.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "autograder"

# From the ground up. A unit is a module or folder of autograder/, with its PARTS; those of one
# floor don't know each other.
FLOORS: list[set[str]] = [
    {"errors", "text"},
    {"hidden"},
    {"config"},
    {"course", "submission", "sandbox"},
    {"judge", "authoring"},
    {"grading", "report"},
    {"integrations"},
    {"cli"},
    {"__main__"},
]
PARTS = {"config_errors": "config", "course_code": "course"}
FLOOR = {unit: number for number, units in enumerate(FLOORS) for unit in units}
# What only these may import beyond the engine's own dependencies: the extras of pyproject.toml.
WITH_EXTRAS = {"authoring", "integrations"}


def imports(path: Path, root: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything that the file imports, absolute names throughout."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            # `from autograder import cli` names a unit in its list, not in its module.
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            match node.args:
                case [ast.Constant(value=str(name)), *_]:
                    yield node.lineno, name


def files(root: Path) -> list[Path]:
    return sorted((root / PACKAGE).rglob("*.py"))


def unit_of(path: Path, root: Path) -> str:
    module = path.relative_to(root / PACKAGE).parts[0].removesuffix(".py")
    return PARTS.get(module, module)


def wrong_way(root: Path) -> list[str]:
    """One line for each import that doesn't go down."""
    found = []
    for path in files(root):
        unit = unit_of(path, root)
        for line, name in imports(path, root):
            match name.split("."):
                case [first, module, *_] if first == PACKAGE:
                    target = PARTS.get(module, module)
                    down = FLOOR.get(target, -1) < FLOOR.get(unit, -1)
                    if target != unit and (not down or unit == "sandbox"):
                        found.append(f"{path.relative_to(root)}:{line} imports {name}")
    return found


def foreign(root: Path, allowed: set[str], units: set[str]) -> list[str]:
    """One line for each import of those units that is neither ours, Python's nor allowed."""
    known = allowed | sys.stdlib_module_names | {PACKAGE}
    return [
        f"{path.relative_to(root)}:{line} imports {name}"
        for path in files(root)
        if unit_of(path, root) in units
        for line, name in imports(path, root)
        if name.split(".")[0] not in known
    ]


def dependencies() -> set[str]:
    """Import names of the engine's declared dependencies."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=!~;\[ ]", line)[0] for line in project["dependencies"]}
    own = {"PyYAML": "yaml", "ipython": "IPython", "pytest-timeout": "pytest_timeout"}
    # pydantic_core holds pydantic's own error type, traitlets is IPython's interface, and
    # judge/graders.py says what _pytest is for.
    return {own.get(name, name) for name in names} | {"pydantic_core", "traitlets", "_pytest"}


def test_every_unit_has_a_floor():
    units = {unit_of(path, ROOT) for path in files(ROOT)} - {"__init__"}
    assert units <= FLOOR.keys(), f"give {units - FLOOR.keys()} a floor in FLOORS"


def test_imports_go_down_only():
    assert wrong_way(ROOT) == []


def test_the_engine_imports_its_declared_dependencies_only():
    assert foreign(ROOT, dependencies(), FLOOR.keys() - WITH_EXTRAS) == []


def test_the_sandbox_needs_little_more_than_torch_and_ipython():
    """Beside them its wire format, and the filter of system calls, without which it works too."""
    needed = {"torch", "numpy", "IPython", "traitlets", "msgspec", "pyseccomp"}
    assert foreign(ROOT, needed, {"sandbox"}) == []


def test_the_command_and_the_judge_start_without_any_extra():
    """A machine with the engine alone can list, and load the judge's plugin."""
    code = (
        "import sys\n"
        "for name in ('nbgrader', 'otter', 'jupytext', 'jupyterhub', 'nbclient', 'nbconvert',"
        " 'matplotlib', 'hypothesis'):\n"
        "    sys.modules[name] = None\n"
        "import autograder.judge.plugin, autograder.cli\n"
        "autograder.cli.app(['list', '--json'])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "conv2d" in run.stdout


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("judge/session.py", "from autograder.integrations.nbgrader import Judge"),
        ("judge/session.py", "from autograder import cli"),
        ("judge/session.py", "from ..report import text"),
        ("judge/session.py", "def late():\n    import autograder.report.text"),
        ("judge/session.py", "import importlib\nimportlib.import_module('autograder.cli')"),
        ("judge/session.py", "from autograder.authoring import build"),
        ("sandbox/wire.py", "from autograder.errors import JudgeFault"),
        ("errors.py", "from . import config"),
    ],
)
def test_a_wrong_way_import_is_seen(tmp_path: Path, where: str, line: str):
    path = tmp_path / PACKAGE / where
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    assert len(wrong_way(tmp_path)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "from autograder.judge.result import Result",
        "from .result import Result",
        "from autograder.sandbox import Sandbox",
        "from autograder import config",
        "import torch",
    ],
)
def test_a_downward_or_sideways_import_within_a_unit_is_fine(tmp_path: Path, line: str):
    path = tmp_path / PACKAGE / "judge" / "session.py"
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    assert wrong_way(tmp_path) == []


def test_an_undeclared_dependency_is_seen(tmp_path: Path):
    path = tmp_path / PACKAGE / "judge" / "session.py"
    path.parent.mkdir(parents=True)
    path.write_text("import re, torch\nfrom nbgrader.api import Gradebook\n", encoding="utf-8")
    assert foreign(tmp_path, dependencies(), {"judge"}) == [
        "autograder/judge/session.py:2 imports nbgrader.api.Gradebook"
    ]
