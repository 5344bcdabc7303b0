"""Turns a reference solution into the solution cell of a source notebook.

The cell is the solution's own text: its signature and docstring as they stand, its body between
nbgrader's marks, which generate_assignment replaces by a line that raises. Of a class, each method
is treated so. Everything is cut by line numbers, so comments and formatting survive.
"""

import ast
import builtins
import io
import symtable
import tokenize
from collections.abc import Iterator

from autograder.course import Chapter, Exercise
from autograder.errors import CourseError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def solution_cell(chapter: Chapter, exercise: Exercise) -> str:
    """The source of the solution cell of `exercise`."""
    text = chapter.solution_path.read_text(encoding="utf-8")
    nodes = [
        node
        for node in chapter.solution_tree.body
        if isinstance(node, _Function | ast.ClassDef) and node.name == exercise.name
    ]
    where = f"solutions/{chapter.name}.py: {exercise.name}"
    if len(nodes) != 1:
        raise CourseError(f"{where} must be defined once (found {len(nodes)})")
    (node,) = nodes
    if not ast.get_docstring(node):
        raise CourseError(f"{where} needs a docstring: it is all that the student is told in code")
    lines = text.splitlines()
    functions = [node] if isinstance(node, _Function) else _methods(node)
    bodies = {begin: end for function in functions for begin, end in _body(function, lines, where)}
    if not bodies:
        raise CourseError(f"{where} has no body for the student to write")
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(_marked(lines, first, node.end_lineno or node.lineno, bodies))


def _marked(lines: list[str], first: int, last: int, bodies: dict[int, int]) -> Iterator[str]:
    """Lines `first` to `last` with marks round each body (numbers count from 1, ends included)."""
    ends = {end: begin for begin, end in bodies.items()}
    for number in range(first, last + 1):
        if number in bodies:
            indent = _indent(lines[number - 1 : bodies[number]])
            yield indent + BEGIN
        yield lines[number - 1]
        if number in ends:
            yield _indent(lines[ends[number] - 1 : number]) + END


def _methods(node: ast.ClassDef) -> list[_Function]:
    return [item for item in node.body if isinstance(item, _Function)]


def _body(node: _Function, lines: list[str], where: str) -> Iterator[tuple[int, int]]:
    """The first and last line of what stands after signature and docstring, if anything does."""
    documented = ast.get_docstring(node) is not None
    if len(node.body) == 1 and documented:
        return
    head = node.body[0].end_lineno or 0 if documented else _signature_end(node, lines)
    statement = node.body[1 if documented else 0]
    if statement.lineno <= head:
        raise CourseError(f"{where}: {node.name}'s body must begin on a line of its own")
    begin = head + 1
    while not lines[begin - 1].strip():
        begin += 1
    yield begin, node.end_lineno or begin


def _signature_end(node: _Function, lines: list[str]) -> int:
    """The line on which the logical line `def …:` ends."""
    text = "\n".join(lines[node.lineno - 1 : node.end_lineno]) + "\n"
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return next(
        node.lineno + token.start[0] - 1 for token in tokens if token.type == tokenize.NEWLINE
    )


def _indent(lines: list[str]) -> str:
    line = next(line for line in lines if line.strip())
    return line[: len(line) - len(line.lstrip())]


def bound_names(code: str) -> set[str]:
    """The names that a cell's code binds at its top level."""
    table = symtable.symtable(code, "cell", "exec")
    return {name.get_name() for name in table.get_symbols() if name.is_assigned()} | {
        name.get_name() for name in table.get_symbols() if name.is_imported()
    }


def free_names(code: str) -> set[str]:
    """The names that code needs from elsewhere, Python's own left out."""

    def needed(table: symtable.SymbolTable) -> Iterator[str]:
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (top or symbol.is_global()):
                yield symbol.get_name()
        for child in table.get_children():
            yield from needed(child)

    names = set(needed(symtable.symtable(code, "cell", "exec")))
    return names - bound_names(code) - set(dir(builtins))
