"""The attacks: cases of the corpus that mean something to any grader, and what only has a meaning
with notebooks and gradebooks, in submissions/.

Each is one submission, the same for all three tools: `submissions/NAME.py` is what stands where
corr2d is to be written, its docstring what it tries; files in `submissions/NAME/` are handed in
beside the notebook. An attack looks for each tool's own weak places, so nothing is held here for
want of trying another tool's.
"""

import ast
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.side_by_side import inside
from benchmarks.side_by_side.course import FULL, NAME, WRONG
from benchmarks.side_by_side.sandbox import HOME
from benchmarks.side_by_side.tool import Files
from tests.hostile.case import CASES, Case

SUBMISSIONS = Path(__file__).resolve().parent / "submissions"
NOTEBOOK = f"{NAME}.ipynb"

CORPUS = (
    "verdict/always_equal_object",
    "verdict/always_equal_tensor",
    "verdict/lying_attributes",
    "verdict/nan_wildcard",
    "verdict/patched_comparisons",
    "verdict/replaced_shell",
    "verdict/base_exceptions",
    "verdict/os_exit_in_call",
    "hidden/canary_folder",
    "outside/network",
    "resources/endless_loop",
)
OWN = (
    "ast_transformer",
    "result_before_the_error",
    "patched_checker",
    "module_beside",
    "answers_in_frames",
    "answers_in_the_heap",
    "forged_pickle",
    "pickle_beside",
    "pickle_sent",
    "run_solution",
    "run_classmates",
    "read_tests",
    "frames_and_history",
    "environment",
    "change_marks",
    "late_process",
    "poison_tests",
    "delete_course",
    "kill_parent",
    "kill_all",
    "lock_gradebook",
    "deaf_loop",
    "endless_output",
    "fork_bomb",
    "all_memory",
    "full_disk",
)


@dataclass(frozen=True)
class Attack:
    """What mallory hands in."""

    name: str
    tries: str
    answer: str
    beside: Files = field(default_factory=dict)
    spoil: Callable[[bytes], bytes] = lambda notebook: notebook
    worth: float = 0.0  # the points that it deserves

    def files(self, answered: Callable[[str], bytes]) -> Files:
        """The submission; `answered` makes a notebook with an answer."""
        return {NOTEBOOK: self.spoil(answered(_filled_in(self.answer)))} | self.beside


def attacks() -> list[Attack]:
    """All of them, in the table's order."""
    return [*map(_of_the_corpus, CORPUS), *map(_own, OWN), *_spoilt()]


def _of_the_corpus(name: str) -> Attack:
    case = Case(CASES / name)
    answer = (case.folder / "submission.py").read_text("utf-8")
    honest = case.file.expect["corr2d"] == "passed"  # it does harm on the way to the right answer
    return Attack(case.folder.name, case.file.tries, answer, worth=FULL if honest else 0.0)


def _own(name: str) -> Attack:
    text = (SUBMISSIONS / f"{name}.py").read_text("utf-8")
    beside = {file.name: file.read_bytes() for file in _beside(SUBMISSIONS / name)}
    return Attack(name, ast.get_docstring(ast.parse(text)) or "", text, beside)


def _beside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _filled_in(text: str) -> str:
    """`text` with the whereabouts that the corpus gives away; @PID@ is known only inside."""
    for name, value in {
        "FOLDER": HOME / "canary",
        "COURSE": HOME / "course",
        "PORT": inside.PORT,
        "SOCKET": HOME / "canary" / "server",
        "ABSTRACT": inside.ABSTRACT,
        "VARIABLE": inside.VARIABLE,
    }.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def _spoilt() -> list[Attack]:
    """Notebooks that aren't what they should be."""
    return [
        Attack("truncated", "The file ends in the middle.", WRONG, spoil=lambda text: text[:-200]),
        Attack("edited_tests", "Every test cell says that all is well.", WRONG, spoil=_edited),
        Attack("unlocked_tests", "So they do, and are marked as answers.", WRONG, spoil=_unlocked),
        Attack("old_marks", "Its cells bear marks of another version.", WRONG, spoil=_old_marks),
    ]


def _edited(notebook: bytes) -> bytes:
    found = json.loads(notebook)
    for cell in found["cells"]:
        source = "".join(cell["source"])
        if "assert" in source or "check" in source:
            cell["source"] = "4.0"
    return json.dumps(found).encode()


def _unlocked(notebook: bytes) -> bytes:
    found = json.loads(_edited(notebook))
    for cell in found["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"locked": False, "solution": True}
    return json.dumps(found).encode()


def _old_marks(notebook: bytes) -> bytes:
    found = json.loads(notebook)
    for cell in found["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["schema_version"] = 2
    return json.dumps(found).encode()
