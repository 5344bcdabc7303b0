"""A course made for tests of the judge, and short ways to grade a source text with it.

ch01_lab has good graders of each kind, ch02_faulty graders that are wrong themselves, ch03_timed a
budget. Everything is small: a Judge costs seconds, so one serves a whole folder of tests.
"""

import copy
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from typing import Any

from autograder.course import Course, load_course
from autograder.judge.result import Result, TestResult, Verdict
from autograder.judge.session import Judge
from autograder.submission import Submission, read_submission

CONFIG = """\
sandbox:
  limits:
    cell: {wall: 8s, cpu: 1s}
    call: {wall: 4s, cpu: 1s}
    submission: {wall: 60s, cpu: 60s}
    memory: 256MiB
chapters:
  ch01_lab:
    title: {en: Lab, zh: 实验}
    points: 10
    exercises:
      scale: {points: 4, forbidden: [torch.cumsum, aten::cumsum]}
      Descent: {points: 5}
      clear: {points: 1}
  ch02_faulty:
    title: {en: Faulty, zh: 有错}
    points: 7
    exercises:
      fine: {points: 1}
      wrong: {points: 1}
      crash: {points: 1}
      syntax: {points: 1}
      empty: {points: 1}
      hangs: {points: 1}
      stray: {points: 1}
  ch03_timed:
    title: {en: Timed, zh: 计时}
    points: 2
    exercises:
      powers: {points: 2, budget: 3x}
"""

LAB = '''\
"""Solutions of the lab."""

import torch


def scale(x: torch.Tensor, times: float = 2.0) -> torch.Tensor:
    """`times` times `x`."""
    return x * times


class Descent:
    """Walks down a gradient."""

    def __init__(self, params: list[torch.Tensor], lr: float = 0.5) -> None:
        self.params = params
        self.lr = lr
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        with torch.no_grad():
            for param in self.params:
                param -= self.lr * param.grad


def clear(x: torch.Tensor) -> torch.Tensor:
    """`x` with zeros written into it."""
    return x.zero_()
'''

GOOD = LAB

TEST_SCALE = '''\
"""Graders of scale."""

import pytest
import torch

from autograder.judge.compare import assert_close


@pytest.mark.checks(en="Every element is scaled.", zh="每个元素都被缩放。")
@pytest.mark.source("T99")
@pytest.mark.weight(2)
def test_values(student, reference, rng):
    x = torch.randn(2, 3, generator=rng)
    assert_close(student.scale(x, 3.0), reference.scale(x, 3.0))


@pytest.mark.checks(en="Rows are scaled alike.", zh="各行同样缩放。")
def test_rows(student, reference, rng):
    x = torch.randn(2, 3, generator=rng)
    got = student.scale(x)
    expected = reference.scale(x)
    for i in range(2):
        assert_close(got[i] + 0, expected[i])


@pytest.mark.checks(en="Gradients flow.", zh="梯度可以流过。")
def test_gradient(student, reference, rng):
    x, v = torch.randn(2, 3, generator=rng), torch.randn(2, 3, generator=rng)
    got, grads = student.vjp("scale", (x, 4.0), cotangent=v, wrt=(0,))
    expected, expected_grads = reference.vjp("scale", (x, 4.0), cotangent=v, wrt=(0,))
    assert_close(got, expected)
    assert_close(grads, expected_grads)
'''

WRONG_SCALES = '''\
"""Wrong scalings."""

import torch

from autograder.course import misconception


@misconception(en="You squared x.", zh="你算的是平方。")
def squares(x, times=2.0):
    return x * x


@misconception(en="You ignored times.", zh="你忽略了 times。")
def ignores_times(x, times=2.0):
    return x * 2.0


@misconception(en="You cut the gradient off.", zh="你切断了梯度。")
def detaches(x, times=2.0):
    return (x * times).detach()


@misconception(en="Write the sum yourself.", zh="求和要自己写。", verdict="forbidden")
def sums(x, times=2.0):
    return torch.cumsum(x, 0)
'''

TEST_DESCENT = '''\
"""Graders of Descent."""

import pytest
import torch

from autograder.judge.compare import assert_close, assert_equal


def walk(runner, x, gradients, **options):
    param = runner.put(x, requires_grad=True)
    descent = runner.Descent([param], **options)
    for gradient in gradients:
        param.grad = gradient
        descent.step()
    return runner.get(param), descent.steps


@pytest.mark.checks(en="One step goes down.", zh="一步向下。")
def test_one_step(student, reference, rng):
    x, g = torch.randn(3, generator=rng), torch.randn(3, generator=rng)
    assert_close(walk(student, x, [g], lr=0.25), walk(reference, x, [g], lr=0.25))


@pytest.mark.checks(en="Steps are counted.", zh="步数被统计。")
def test_counts(student, reference, rng):
    x, g = torch.randn(3, generator=rng), torch.randn(2, 3, generator=rng)
    _, steps = walk(student, x, list(g))
    assert_equal(steps, 2)
'''

WRONG_DESCENTS = '''\
"""Wrong descents."""

import torch

from autograder.course import misconception


class Base:
    def __init__(self, params, lr=0.5):
        self.params, self.lr, self.steps = params, lr, 0


@misconception(en="You walk uphill.", zh="你在上坡。")
class Ascends(Base):
    def step(self):
        self.steps += 1
        with torch.no_grad():
            for param in self.params:
                param += self.lr * param.grad


@misconception(en="You forgot to count.", zh="你忘了计数。")
class ForgetsToCount(Base):
    def step(self):
        with torch.no_grad():
            for param in self.params:
                param -= self.lr * param.grad
'''

TEST_CLEAR = '''\
"""Graders of clear."""

import pytest
import torch

from autograder.judge.compare import assert_close


@pytest.mark.checks(en="Zeros are written.", zh="写入了零。")
def test_zeros(student, rng):
    x = torch.randn(3, generator=rng)
    assert_close(student.call("clear", (x,), inplace=True), torch.zeros(3))
'''

WRONG_CLEARS = '''\
"""Wrong clears."""

from autograder.course import misconception


@misconception(en="You wrote ones.", zh="你写入了一。")
def writes_ones(x):
    return x.fill_(1.0)
'''

FAULTY = "\n\n".join(
    ['"""Solutions that all give back what they got."""\n\nimport torch']
    + [
        f'def {name}(x: torch.Tensor) -> torch.Tensor:\n    """`x` itself."""\n    return x'
        for name in ("fine", "wrong", "crash", "syntax", "empty", "hangs", "stray")
    ]
)

FAULTY_TESTS = {
    "fine": """\
        import time
        import pytest
        import torch
        from autograder.judge.compare import assert_close

        @pytest.fixture
        def answer(student):
            return student.fine(torch.ones(2))

        @pytest.mark.checks(en="The same.", zh="相同。")
        def test_same(answer):
            assert_close(answer, torch.ones(2))

        @pytest.mark.timeout(1)
        def test_many_calls(student):
            for _ in range(8):
                student.fine(torch.ones(1))

        def test_plain_assert(student):
            assert student.fine(torch.ones(2)).sum() == 2
    """,
    "wrong": """\
        import torch
        from autograder.judge.compare import assert_close

        def test_wrong(student):
            assert_close(student.wrong(torch.ones(2)), torch.zeros(2))
    """,
    "crash": """\
        import torch

        def test_crash(student):
            student.crash(torch.ones(1))
            raise RuntimeError("the secret of the grader")

        def test_good(student):
            student.crash(torch.ones(1))
    """,
    "syntax": "def test_syntax(student:\n    pass\n",
    "empty": '"""Nothing here."""\n',
    "hangs": """\
        import pytest
        import torch

        @pytest.mark.timeout(1)
        def test_hangs(student):
            student.hangs(torch.ones(1))
            while True:
                pass
    """,
    "stray": """\
        import pytest
        import torch

        @pytest.mark.exercise("nobody")
        def test_stray(student):
            pass

        @pytest.mark.checks("only one language")
        def test_half_checked(student):
            pass

        def test_good(student):
            student.stray(torch.ones(1))
    """,
}

TIMED = '''\
"""Solutions that take a while."""

import torch


def powers(x: torch.Tensor) -> torch.Tensor:
    """`x` to the power of 40, scaled down at each step."""
    y = x
    for _ in range(39):
        y = y @ x / 10
    return y
'''

TEST_POWERS = '''\
"""Graders of powers."""

import pytest
import torch


@pytest.mark.budget
@pytest.mark.checks(en="It keeps up.", zh="速度跟得上。")
def test_keeps_up(budget, rng):
    budget.check("powers", lambda: ((torch.randn(120, 120, generator=rng),), {}))
'''

WRONG_POWERS = '''\
"""Wrong powers."""

from autograder.course import misconception


@misconception(en="You begin anew each time.", zh="你每次都从头算。", verdict="over budget")
def begins_anew(x):
    for n in range(40):
        y = x
        for _ in range(n):
            y = y @ x / 10
    return y


@misconception(en="You scale too much.", zh="你缩得太多。")
def scales_too_much(x):
    y = x
    for _ in range(39):
        y = y @ x / 20
    return y
'''

CELL = "```{{code-cell}} ipython3\n:exercise: {name}\n:role: {role}\n\n{body}\n```\n"


def handout(*exercises: str) -> str:
    """A notebook.md with a solution cell and a visible check for each exercise."""
    header = (
        "---\njupytext:\n  text_representation:\n    extension: .md\n    format_name: myst\n"
        "kernelspec:\n  display_name: Python 3 (ipykernel)\n  language: python\n  name: python3\n"
        "---\n\n# A chapter\n\n```{code-cell} ipython3\n:role: setup\n\nimport torch\n```\n\n"
    )
    parts = [header]
    for name in exercises:
        for language in ("en", "zh"):
            meta = f'{{"lang": "{language}", "exercise": "{name}", "role": "prompt"}}'
            parts.append(f"+++ {meta}\n\nWrite {name}.\n\n")
        parts.append(CELL.format(name=name, role="solution", body=""))
        parts.append("\n" + CELL.format(name=name, role="test", body=f"assert callable({name})"))
        parts.append("\n")
    return "".join(parts)


def files() -> dict[str, str]:
    """Every file of the course, by its path."""
    lab, faulty = "assignments/ch01_lab", "assignments/ch02_faulty"
    return {
        "grading_config.yml": CONFIG,
        "solutions/ch01_lab.py": LAB,
        f"{lab}/notebook.md": handout("scale", "Descent", "clear"),
        f"{lab}/test_scale.py": TEST_SCALE,
        f"{lab}/test_Descent.py": TEST_DESCENT,
        f"{lab}/test_clear.py": TEST_CLEAR,
        f"{lab}/misconceptions/scale.py": WRONG_SCALES,
        f"{lab}/misconceptions/Descent.py": WRONG_DESCENTS,
        f"{lab}/misconceptions/clear.py": WRONG_CLEARS,
        "solutions/ch02_faulty.py": FAULTY + "\n",
        f"{faulty}/notebook.md": handout(*FAULTY_TESTS),
        **{f"{faulty}/test_{name}.py": dedent(text) for name, text in FAULTY_TESTS.items()},
        "solutions/ch03_timed.py": TIMED,
        "assignments/ch03_timed/notebook.md": handout("powers"),
        "assignments/ch03_timed/test_powers.py": TEST_POWERS,
        "assignments/ch03_timed/misconceptions/powers.py": WRONG_POWERS,
    }


def write_course(root: Path, **changes: str) -> Path:
    """Write the course into `root`, with some files' texts changed."""
    unknown = changes.keys() - files().keys()
    assert not unknown, unknown
    for name, text in (files() | changes).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def submission(source: str, name: str = "student") -> Submission:
    """What a student hands in: a .py file whose cells begin with `# %%`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.py"
        path.write_text(dedent(source), "utf-8")
        return read_submission(path)


def variant(judge: Judge, course: Course | None = None, **settings: Any) -> Judge:
    """Another judge with the same sandbox: other settings, or another course."""
    other = copy.copy(judge)
    other._benches = {}
    other._judgements = {}
    other.course = course or judge.course
    for name, value in settings.items():
        assert hasattr(other, name)
        setattr(other, name, value)
    return other


@contextmanager
def another(judge: Judge, root: Path, **changes: str) -> Iterator[Judge]:
    """A judge of the course with some files changed, written into `root`."""
    other = variant(judge, load_course(write_course(root, **changes)))
    try:
        yield other
    finally:
        for bench in other._benches.values():
            bench.close()


def grade(
    judge: Judge,
    *sources: str | Submission,
    chapter: str = "ch01_lab",
    exercises: Sequence[str] = (),
) -> list[Result]:
    """The results of some submissions, graded in one go."""
    results: list[Result] = []
    made = [submission(source) if isinstance(source, str) else source for source in sources]
    judge.grade(
        judge.course.chapter(chapter),
        made,
        lambda result, _: results.append(result),
        exercises=exercises,
    )
    assert len(results) == len(made)
    return results


def grade_one(
    judge: Judge, source: str | Submission, *exercises: str, chapter: str = "ch01_lab"
) -> Result:
    """The result of one submission."""
    return grade(judge, source, chapter=chapter, exercises=exercises)[0]


def by_name(result: Result) -> dict[str, TestResult]:
    """Every test of a result by its name."""
    return {test.name: test for exercise in result.exercises for test in exercise.tests}


def verdicts(result: Result) -> dict[str, Verdict]:
    """Every verdict of a result by its test's name."""
    return {name: test.verdict for name, test in by_name(result).items()}
