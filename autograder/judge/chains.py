"""Dotted expressions: `F.conv2d`, and the longer ways of writing the same.

getattr(F, "conv2d"), vars(F)["conv2d"], F.__dict__["conv2d"], __import__("torch").conv2d and
import_module("torch.nn.functional").conv2d are read like F.conv2d. Names that are put together at
run time aren't: PyTorch's dispatcher catches those.
"""

import ast
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple


class Root(Enum):
    """What the first part of a chain is."""

    NAME = "name"
    """A name of the notebook."""
    MODULE = "module"
    """An importable module: the whole chain is a path that Python could import and look up."""
    VALUE = "value"
    """Some value: the parts are the attributes that are taken of it."""


class Chain(NamedTuple):
    """A root and the attributes taken of it."""

    root: Root
    parts: tuple[str, ...]


class Found(NamedTuple):
    """A chain, and the expressions in it that aren't part of the chain itself."""

    chain: Chain
    rest: tuple[ast.expr, ...]


def chain_of(node: ast.expr) -> Found | None:
    """The chain that an expression is, or None if it is neither a name nor an attribute."""
    attributes: list[str] = []
    rest: list[ast.expr] = []
    while True:
        match node:
            case ast.Name(id=known):
                return _found(Root.NAME, [known], attributes, rest)
            case ast.Attribute(value=value, attr=attr):
                attributes.append(attr)
                node = value
            case ast.NamedExpr(value=value) if attributes:
                rest.append(node)
                node = value
            case ast.Call(func=ast.Name(id="getattr"), args=[value, name_node, *more]) if (
                name := _text(name_node)
            ) is not None:
                attributes.append(name)
                rest += more
                node = value
            case ast.Subscript(value=value, slice=key) if (
                name := _text(key)
            ) is not None and _is_dict_of(value):
                attributes.append(name)
                node = value
            case ast.Call(func=ast.Name(id="vars"), args=[value]) if attributes:
                node = value
            case ast.Call(func=ast.Name(id="__import__"), args=[name_node, *more]) if (
                name := _text(name_node)
            ) is not None:
                return _found(Root.MODULE, name.split(".")[:1], attributes, rest + more)
            case ast.Call(
                func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"),
                args=[name_node, *more],
            ) if (name := _text(name_node)) is not None:
                return _found(Root.MODULE, name.split("."), attributes, rest + more)
            case _ if attributes:
                return _found(Root.VALUE, [], attributes, [*rest, node])
            case _:
                return None


def text_of_import(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names that an import binds, each with the module path that it stands for."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            path = tuple(alias.name.split("."))
            yield (alias.asname, path) if alias.asname else (path[0], path[:1])
    elif node.module and not node.level:
        base = tuple(node.module.split("."))
        for alias in node.names:
            if alias.name == "*":
                yield "*", base
            else:
                yield alias.asname or alias.name, (*base, alias.name)


def _found(root: Root, start: list[str], attributes: list[str], rest: list[ast.expr]) -> Found:
    taken = [name for name in reversed(attributes) if name != "__dict__"]
    return Found(Chain(root, (*start, *taken)), tuple(rest))


def _is_dict_of(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(attr="__dict__") | ast.Call(func=ast.Name(id="vars"), args=[_]):
            return True
    return False


def _text(node: ast.expr) -> str | None:
    """The text of a constant, or of a few constants added up."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(
            left=ast.Constant(value=str(left)), op=ast.Add(), right=ast.Constant(value=str(right))
        ):
            return left + right
    return None
