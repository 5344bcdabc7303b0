"""Finds the operations that an exercise forbids in the source of its solution, without running it.

Looked at are the definitions named like the exercise and, from there, every top-level name of the
notebook that they refer to. Code elsewhere may use what it likes: comparing with F.conv2d is a
good habit. What this misses (names made at run time) the dispatcher in the worker catches; what the
dispatcher can't know (which line, or an optimizer class) is found here.
"""

import fnmatch
import importlib
import inspect
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Final

from autograder.judge.bindings import Binding, Namespace, Reference
from autograder.judge.celltree import Patience, parse_cell
from autograder.judge.chains import Chain, Root
from autograder.submission import Cell
from autograder.submission.text import shown
from autograder.text import Text

_MOST_USES: Final = 50
_MOST_STEPS: Final = 500_000
_MOST_SOURCE: Final = 1 << 19
_LONGEST_CHAIN: Final = 16
_NOTHING: Final = object()
OUT_OF_REACH: Final = (
    "autograder", "builtins.compile", "builtins.eval", "builtins.exec", "cffi", "compile", "ctypes",
    "eval", "exec", "gc.get_objects", "gc.get_referents", "gc.get_referrers",
    "inspect.currentframe", "inspect.stack", "multiprocessing", "os.fork", "os.forkpty", "os.popen",
    "os.posix_spawn", "os.posix_spawnp", "os.system", "subprocess", "sys._current_frames",
    "sys._getframe", "torch.library", "torch.multiprocessing",
    "torch.utils.cpp_extension",
)  # fmt: skip
"""What leads where no ban reaches: foreign code, other processes, the worker's own insides. Where
anything is forbidden, a right answer that may have come by one of these isn't worth anything."""
# Where PyTorch's operators are besides torch.ops.
_OPERATORS: Final = (("torch", "_C", "_VariableFunctions"), ("torch", "_C", "_nn"), ("torch",))


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A place in the source where a forbidden name is used."""

    cell: int
    """The cell's index."""
    line: int
    """From 1, in the cell."""
    name: str
    """As the exercise's list of forbidden names has it."""
    source: str
    """The line itself."""


def find_forbidden(
    submission_cells: Sequence[Cell], exercise: str, forbidden: Sequence[str]
) -> list[Use]:
    """Where `exercise`, or what it refers to in the notebook, uses one of `forbidden`.

    Entries are dotted names (`torch.nn.Conv2d`: this and everything below it), tensor methods
    (`torch.Tensor.backward`: the attribute of anything) and operations (`aten::convolution`,
    `aten::*conv2d*`).
    """
    if not forbidden:
        return []
    cells = tuple(submission_cells)
    namespace, lines = _read(cells)
    search = _Search(namespace, _Ban(tuple(forbidden)))
    uses = set()
    for cell, reference_line, name in search.uses(exercise):
        line, source = _place(lines[cell], reference_line)
        uses.add(Use(cell, line, name, source))
        if len(uses) >= _MOST_USES:
            break
    return sorted(uses)


def forbidden_message(use: Use) -> Text:
    """What a student is told, with the line in their own notebook."""
    line = shown(use.source.strip())
    return Text(
        f"Line {use.line} of cell {use.cell + 1} uses {use.name}, which this exercise forbids:"
        f" {line}",
        f"第 {use.cell + 1} 个单元格第 {use.line} 行使用了本题禁止的 {use.name}：{line}",
    )


_Lines = tuple[list[str], list[str]]  # as handed in, and as read


@lru_cache(maxsize=2)
def _read(cells: tuple[Cell, ...]) -> tuple[Namespace, dict[int, _Lines]]:
    namespace = Namespace()
    lines = {}
    left, patience = _MOST_SOURCE, Patience()
    trees = {}
    for cell in sorted(cells, key=lambda cell: len(cell.source)):  # so that padding hides nothing
        left -= len(cell.source)
        if left >= 0 and (parsed := parse_cell(cell.source, patience)) is not None:
            trees[cell.index] = parsed.tree
            lines[cell.index] = (cell.source.split("\n"), parsed.lines)
    for index, tree in sorted(trees.items()):
        namespace.read(index, tree)
    return namespace, lines


def _place(lines: _Lines, line: int) -> tuple[int, str]:
    """The line in what was handed in; a magic over several lines may have moved it."""
    original, read = lines
    text = read[line - 1] if line <= len(read) else ""
    same = [n for n, other in enumerate(original, 1) if other.strip() == text.strip()]
    nearest = min(same, key=lambda n: abs(n - line), default=line)
    return nearest, text


class _Search:
    """Follows references from an exercise through the notebook."""

    def __init__(self, namespace: Namespace, ban: "_Ban") -> None:
        self._names = namespace
        self._ban = ban
        self._steps = _MOST_STEPS
        self._todo: list[Binding] = []
        self._listed: set[str] = set()
        """Names whose bindings have been put on the list."""

    def uses(self, exercise: str) -> Iterator[tuple[int, int, str]]:
        """(cell, line, forbidden name) of each use."""
        self._list(exercise, exercise)
        seen = set()
        while self._todo:
            binding = self._todo.pop()
            if id(binding) in seen:
                continue
            seen.add(id(binding))
            references = binding.references
            if binding.alias is not None:
                references = [Reference(binding.alias, binding.line)]
            for chain, line in references:
                name = self._forbidden(chain, exercise)
                if name is not None:
                    yield binding.cell, line, name

    def _list(self, key: str, exercise: str) -> None:
        if key not in self._listed:
            self._listed.add(key)
            self._todo += self._bindings(key, exercise)
            self._todo += self._names.attributes_of(key)

    def _bindings(self, key: str, exercise: str) -> list[Binding]:
        found = self._names.bindings.get(key, [])
        if key != exercise:
            return found
        # `from … import conv2d` before `def conv2d` is no use: the name means the latter.
        return [b for b in found if not b.imported or b is found[-1]]

    def _forbidden(self, chain: Chain, exercise: str) -> str | None:
        """The forbidden name that a chain means, if any; its bindings are put on the list."""
        todo, seen = [chain], {chain}
        while todo and self._steps > 0:
            self._steps -= 1
            root, parts = todo.pop()
            if root is not Root.NAME:
                name = self._ban.path(parts) if root is Root.MODULE else self._ban.attributes(parts)
                if name is not None:
                    return name
                continue
            bound = False
            for length in range(1, min(len(parts), _LONGEST_CHAIN) + 1):
                key, rest = ".".join(parts[:length]), parts[length:]
                bindings = self._bindings(key, exercise)
                bound = bound or bool(bindings)
                if any(binding.alias is None for binding in bindings):
                    self._list(key, exercise)
                    todo.append(Chain(Root.VALUE, rest))
                for alias in dict.fromkeys(b.alias for b in bindings if b.alias is not None):
                    self._steps -= 1
                    longer = Chain(alias.root, (*alias.parts, *rest))
                    if longer not in seen and len(longer.parts) <= 4 * _LONGEST_CHAIN:
                        seen.add(longer)
                        todo.append(longer)
            if not bound:  # imported where it can't be seen, or by a star
                paths = [parts, *((*star, *parts) for star in self._names.stars)]
                todo.extend(Chain(Root.MODULE, path) for path in paths)
                if parts[0] != "torch":
                    todo.append(Chain(Root.VALUE, parts[1:]))
        return None


class _Ban:
    """The forbidden names, in every way of writing them."""

    def __init__(self, forbidden: tuple[str, ...]) -> None:
        self._paths: dict[tuple[str, ...], str] = {}
        self._packets: dict[tuple[str, ...], str] = {}
        self._patterns: list[re.Pattern[str]] = []
        self._methods: dict[str, str] = {}
        self._objects: list[tuple[object, str]] = []
        for name in forbidden:
            if "::" in name:
                self._add_operation(name)
                continue
            path = tuple(name.split("."))
            self._paths[path] = name
            if path[:-1] in {("torch", "Tensor"), ("numpy", "ndarray")}:
                self._methods[path[-1]] = name
            thing = _look_up(path, load=True)
            if callable(thing) or isinstance(thing, ModuleType):
                self._objects.append((thing, name))

    def path(self, parts: tuple[str, ...]) -> str | None:
        """The forbidden name that a path from a module is, or leads through."""
        parts = parts[:_LONGEST_CHAIN]
        if parts in self._packets:
            return self._packets[parts]
        operation = _operation(parts)
        if any(pattern.match(operation) for pattern in self._patterns):
            return operation
        prefixes = [parts[:length] for length in range(len(parts), 0, -1)]
        for prefix in prefixes:
            if prefix in self._paths:
                return self._paths[prefix]
        for prefix in prefixes:  # torch.optim.adam.Adam is torch.optim.Adam
            thing = _look_up(prefix)
            for banned, name in self._objects:
                if thing is banned:
                    return name
        return None

    def attributes(self, parts: Iterable[str]) -> str | None:
        """The forbidden method among attributes taken of some value."""
        return next((self._methods[part] for part in parts if part in self._methods), None)

    def _add_operation(self, name: str) -> None:
        if "*" in name:
            self._patterns.append(re.compile(fnmatch.translate(name)))
            return
        space, _, rest = name.partition("::")
        operation, _, overload = rest.partition(".")
        packet = ("torch", "ops", space, operation)
        if overload:
            self._packets[packet] = name  # it picks the overload by its arguments
            self._paths[(*packet, overload)] = name
        else:
            self._paths[packet] = name
        for place in _OPERATORS if space == "aten" else ():
            self._paths.setdefault((*place, operation), name)


def _operation(parts: tuple[str, ...]) -> str:
    """The operation that a path would lead to, if there is one: `aten::conv2d`."""
    if parts[:2] == ("torch", "ops"):
        return "::".join(parts[2:4])
    for place in _OPERATORS:
        if parts[: len(place)] == place:
            return "::".join(("aten", *parts[len(place) : len(place) + 1]))
    return ""


def _look_up(path: tuple[str, ...], *, load: bool = False) -> object:
    """What a path of the judge's own libraries leads to; nothing is called on the way.

    `load` imports the first module: for names from the config, never for a student's.
    """
    if load:
        try:
            importlib.import_module(path[0])
        except ImportError:
            return _NOTHING
    thing: object = sys.modules.get(path[0], _NOTHING)
    for length, part in enumerate(path[1:], 2):
        if isinstance(thing, ModuleType):
            thing = vars(thing).get(part, sys.modules.get(".".join(path[:length]), _NOTHING))
        elif isinstance(thing, type):
            thing = inspect.getattr_static(thing, part, _NOTHING)
        else:
            return _NOTHING
    return thing
