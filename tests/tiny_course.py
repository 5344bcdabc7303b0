"""A small complete course for tests: one chapter, a function and a class, in both languages."""

from pathlib import Path

CONFIG = """\
sandbox:
  limits:
    call: {wall: 4s, cpu: 3s}
chapters:
  ch01_tiny:
    title: {en: Tiny, zh: 小}
    points: 5
    exercises:
      double: {points: 2, forbidden: [torch.add], limits: {call: {wall: 1s}}}
      Counter: {points: 3, budget: 3x}
"""

SOLUTIONS = '''\
"""Solutions of the tiny course."""

import torch


def double(
    x: torch.Tensor, times: int = 1
) -> torch.Tensor:
    """Twice `x`, `times` times over.

    Args:
        x: any shape.
    """
    # The factor is a power of two.
    return x * 2**times


class Counter:
    """Counts in steps."""

    def __init__(self, step: int = 1) -> None:
        """Start at zero."""
        self.step = step
        self.total = 0

    def next(self) -> int:
        self.total += self.step
        return self.total
'''

NOTEBOOK = """\
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

+++ {"lang": "en"}

# Tiny things

What is learnt.

+++ {"lang": "zh"}

# 小东西

学什么。

```{code-cell} ipython3
:role: setup

import torch
```

+++ {"lang": "en", "exercise": "double", "role": "prompt"}

## Double

Write `double`.

+++ {"lang": "zh", "exercise": "double", "role": "prompt"}

## 加倍

写 `double`。

```{code-cell} ipython3
:exercise: double
:role: solution
```

```{code-cell} ipython3
:exercise: double
:role: test

assert double(torch.ones(2)).tolist() == [2.0, 2.0], "twice one is two"
```

```{code-cell} ipython3
print(double(torch.arange(3)))
```

+++ {"lang": "en", "exercise": "Counter", "role": "prompt"}

## Counter

Write `Counter`.

+++ {"lang": "zh", "exercise": "Counter", "role": "prompt"}

## 计数器

写 `Counter`。

```{code-cell} ipython3
:exercise: Counter
:role: solution
```

```{code-cell} ipython3
:exercise: Counter
:role: test

counter = Counter(2)
assert [counter.next(), counter.next()] == [2, 4]
```

+++

$1 + 1 = 2$
"""

GRADERS = '''\
"""Hidden graders."""
'''

MISCONCEPTIONS = '''\
"""Wrong doublings."""

from autograder.course import misconception


def helper(x):
    return x * x


@misconception(en="You squared x.", zh="你算的是平方。")
def squares(x, times=1):
    return helper(x)


@misconception(en="You doubled in a loop.", zh="你用了循环。", verdict="over budget")
def adds(x, times=1):
    return x + x


alias = squares
'''


def write_tiny_course(root: Path) -> Path:
    """Write the course into `root` and return it."""
    for name, text in {
        "grading_config.yml": CONFIG,
        "solutions/ch01_tiny.py": SOLUTIONS,
        "assignments/ch01_tiny/notebook.md": NOTEBOOK,
        "assignments/ch01_tiny/test_double.py": GRADERS,
        "assignments/ch01_tiny/test_Counter.py": GRADERS,
        "assignments/ch01_tiny/misconceptions/double.py": MISCONCEPTIONS,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def edit(path: Path, old: str, new: str) -> None:
    """Replace `old`, which must be there, in the file `path`."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new), encoding="utf-8")
