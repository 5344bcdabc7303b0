"""A case of the corpus: a folder with a hostile submission and what must come of it.

    cases/CATEGORY/NAME/case.yml       what it tries, and what is expected
    cases/CATEGORY/NAME/submission.py  the submission: or submission.ipynb, or a folder submission/,
                                       or make.py, whose make(folder, canary) makes one and returns
                                       its path (for what can't or shouldn't lie in a repository)

case.yml:

    tries: One sentence, of what the attacker hopes for.
    source: Where the attack was described, if it was.        (optional)
    chapter: ch09_convolution                                 (the default)
    expect:                      # the exercises to grade; each one is
      corr2d: [wrong answer]     # no points, and each grader's verdict one of these
      conv2d: passed             # full points, each grader passed
      conv2d_fast: {points: 3, verdicts: [passed, error]}     # what an honest one would get
    problem: a regular expression that must match one of the result's problems   (optional)
    refused: one that must match the reader's refusal; there is no result then    (optional)
    needs: cuda                                               (optional)

In submissions, @FOLDER@, @PORT@, @SOCKET@, @ABSTRACT@, @PID@ and @VARIABLE@ are replaced by the
canary's whereabouts (see canary.py), so that an attack doesn't fail for want of an address.
"""

import importlib.util
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from yaml import safe_load

from autograder.judge.result import Verdict
from tests.hostile.canary import Canary

CASES = Path(__file__).parent / "cases"
FILLED_IN = (".py", ".ipynb", ".txt", ".md")


class Expectation(BaseModel):
    """What must come of one exercise: so many points, and no verdicts but these."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: float | Literal["full"] = 0.0
    verdicts: tuple[Verdict, ...]


class CaseFile(BaseModel):
    """case.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tries: str
    source: str = ""
    chapter: str = "ch09_convolution"
    expect: dict[str, Literal["passed"] | tuple[Verdict, ...] | Expectation] = {}
    problem: str = ""
    refused: str = ""
    needs: Literal["", "cuda"] = ""


@dataclass(frozen=True)
class Case:
    """One folder of the corpus."""

    folder: Path

    @property
    def name(self) -> str:
        return f"{self.category}/{self.folder.name}"

    @property
    def category(self) -> str:
        return self.folder.parent.name

    @cached_property
    def file(self) -> CaseFile:
        """What case.yml says; raises pydantic.ValidationError when it says it wrongly."""
        return CaseFile.model_validate(safe_load((self.folder / "case.yml").read_text("utf-8")))

    @property
    def expectations(self) -> dict[str, Expectation]:
        """The exercises to grade, and what must come of each."""
        return {name: _expectation(value) for name, value in self.file.expect.items()}

    def prepare(self, folder: Path, canary: Canary) -> Path:
        """Lay the submission out in the empty `folder`; its path."""
        maker = self.folder / "make.py"
        if maker.is_file():
            path: Path = _load(maker).make(folder, canary)
            return path
        (source,) = self.folder.glob("submission*")
        target = folder / source.name
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy(source, target)
        for file in [target, *target.rglob("*")]:
            if file.suffix in FILLED_IN and file.is_file() and not file.is_symlink():
                file.write_text(canary.fill_in(file.read_text("utf-8")), "utf-8")
        return target


def cases() -> list[Case]:
    """The corpus, in order."""
    return [Case(path.parent) for path in sorted(CASES.glob("*/*/case.yml"))]


def _expectation(value: Any) -> Expectation:
    if isinstance(value, Expectation):
        return value
    if value == "passed":
        return Expectation(points="full", verdicts=(Verdict.PASSED,))
    return Expectation(verdicts=value)


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("make", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
