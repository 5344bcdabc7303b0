"""A course's graders without its judge, in the process that runs the submission, for tools that
have no other place. A notebook's test cells call `points` or `check`; pytest has pytest_plain.py.

The graders are the very same. What they ask of `student` is a plain call here, but one that copies
its arguments and results and notices a changed argument, since they rely on that. GRADED_COURSE in
the environment is the course's folder.
"""

import importlib.util
import inspect
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch

COURSE = "GRADED_COURSE"


class Held:
    """A value that stays beside the student's code."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Plain:
    """The functions of `namespace`, as graders call them."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **options: self.call(name, args, options)

    def call(
        self,
        name: str,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        inplace: bool = False,
        opaque: Sequence[int] = (),  # for hints, which no other tool gives
    ) -> Any:
        given = copied([*args]), copied({**kwargs} if kwargs else {})
        result = self._namespace[name](*given[0], **given[1])
        assert inplace or _same(given, (list(args), kwargs or {})), "an argument was changed"
        return copied(result)

    def vjp(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        *,
        cotangent: Any,
        wrt: Sequence[int],
    ) -> tuple[Any, tuple[Any, ...]]:
        given = copied([*args])
        inputs = [given[index].requires_grad_() for index in wrt]
        output = self._namespace[name](*given, **(kwargs or {}))
        outputs, cotangents = [output], [cotangent]
        if isinstance(output, tuple | list):
            outputs, cotangents = list(output), list(cotangent)
        pairs = [
            (out, into) for out, into in zip(outputs, cotangents, strict=True) if into is not None
        ]
        gradients = torch.autograd.grad([out for out, _ in pairs], inputs, [v for _, v in pairs])
        return copied(output), gradients

    def put(self, value: Any) -> Held:
        return Held(copied(value))

    def get(self, held: Held) -> Any:
        return copied(held.value)

    def seed(self, seed: int) -> None:
        torch.manual_seed(seed)


def copied(value: Any) -> Any:
    """A copy that shares nothing with `value`, and of a held value the value itself."""
    match value:
        case Held():
            return value.value
        case torch.Tensor():
            return value.detach().clone()
        case list() | tuple():
            return type(value)(map(copied, value))
        case dict():
            return {key: copied(item) for key, item in value.items()}
    return value


def _same(a: Any, b: Any) -> bool:
    match a, b:
        case (_, Held()):
            return True
        case (torch.Tensor(), torch.Tensor()):
            return a.shape == b.shape and torch.equal(a, b)
        case (list(), list()) | (tuple(), tuple()):
            return len(a) == len(b) and all(map(_same, a, b))
        case (dict(), dict()):
            return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    return bool(a is b or a == b)


@cache
def reference(course: Path) -> Plain:
    """The reference solutions of a course with one chapter."""
    (file,) = course.glob("solutions/*.py")
    return Plain(vars(_module(file)))


def fixtures(namespace: Mapping[str, Any], test: str) -> dict[str, Any]:
    """What the grader called `test` may ask for; draws begin anew, as for every grader."""
    seed = zlib.crc32(test.encode())
    torch.manual_seed(seed)
    return {
        "student": Plain(namespace),
        "reference": reference(_course()),
        "rng": torch.Generator().manual_seed(seed),
    }


@dataclass(frozen=True)
class Grader:
    """One hidden test, for one set of its parameters."""

    function: Callable[..., None]
    weight: float
    parameters: Mapping[str, Any]

    def run(self, namespace: Mapping[str, Any]) -> None:
        """Raises whatever the test raises on the functions of `namespace`."""
        given = fixtures(namespace, self.function.__name__) | self.parameters
        names = inspect.signature(self.function).parameters
        self.function(**{name: given[name] for name in names})


@cache
def graders(course: Path, exercise: str) -> dict[str, Grader]:
    """Those of an exercise by their names, `test_options[1]` where they have parameters."""
    found = {}
    (file,) = course.glob(f"assignments/*/test_{exercise}.py")
    for name, function in vars(_module(file)).items():
        if not name.startswith("test_"):
            continue
        marks = {mark.name: mark for mark in function.pytestmark}
        weight = float(marks["weight"].args[0]) if "weight" in marks else 1.0
        if "parametrize" not in marks:
            found[name] = Grader(function, weight, {})
            continue
        parameter, values = marks["parametrize"].args
        for index, value in enumerate(values):
            found[f"{name}[{index}]"] = Grader(function, weight, {parameter: value})
    return found


def check(exercise: str, test: str, namespace: Mapping[str, Any]) -> None:
    """Run one grader on the functions of a notebook."""
    graders(_course(), exercise)[test].run(namespace)


def points(exercise: str, most: float, namespace: Mapping[str, Any]) -> float:
    """What of `most` points an exercise of a notebook is worth."""
    kept = total = 0.0
    for grader in graders(_course(), exercise).values():
        total += grader.weight
        try:
            grader.run(namespace)
        except Exception:  # noqa: BLE001 - whatever a submission raises
            continue
        kept += grader.weight
    return round(most * kept / total, 4)


def _course() -> Path:
    return Path(os.environ[COURSE])


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"graded_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
