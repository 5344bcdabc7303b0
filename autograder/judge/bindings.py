"""What the names of a notebook refer to, found by reading it: who uses what, under which name.

Each top-level statement that binds a name (def, class, import, assignment…) becomes a `Binding`
with everything that it refers to. References are traced to their root: `m = torch.nn` and then
`m.functional.conv2d` inside a function is the module path torch.nn.functional.conv2d. Order of
execution is ignored: a name may refer to any of the things that are ever bound to it.

Trees are walked with a stack of our own, since a student can nest deeper than Python recurses.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, NamedTuple

from autograder.judge.chains import Chain, Root, chain_of, text_of_import

_MOST_STEPS: Final = 20  # from one local name to the next
_LONGEST_CHAIN: Final = 32
_MOST_REFERENCES: Final = 200_000  # in one statement
_MOST_ALIASES: Final = 20  # of one local name
_FUNCTION: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSION: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_ASSIGN: Final = (ast.Assign, ast.AnnAssign, ast.AugAssign)


class Reference(NamedTuple):
    """Something that is referred to. A chain rooted in a name means a name of the notebook."""

    chain: Chain
    line: int


@dataclass(slots=True)
class Binding:
    """One top-level statement's say in what a name is."""

    cell: int
    line: int
    references: list[Reference] = field(default_factory=list)
    alias: Chain | None = None
    """The name is only another name for this."""
    imported: bool = False


class Namespace:
    """All bindings of a notebook, by name (or dotted name: `torch.mine = …`), in order."""

    def __init__(self) -> None:
        self.bindings: dict[str, list[Binding]] = {}
        self.stars: list[tuple[str, ...]] = []
        """Modules of which everything was imported."""
        self._attributes: dict[str, list[Binding]] = {}

    def bind(self, key: str, binding: Binding) -> None:
        self.bindings.setdefault(key, []).append(binding)
        root, dot, _ = key.partition(".")
        if dot:
            self._attributes.setdefault(root, []).append(binding)

    def attributes_of(self, name: str) -> list[Binding]:
        """What was assigned to attributes of a name: `Adam.step = …`."""
        return self._attributes.get(name, [])

    def read(self, cell: int, tree: ast.Module) -> None:
        """Take in the bindings of a cell."""
        for statement in _top_level(tree):
            line = getattr(statement, "lineno", 1)
            match statement:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    walk = _Walk([statement])
                    self._add(statement.name, cell, line, walk)
                    for name in walk.made_global():
                        self._add(name, cell, line, walk)
                case ast.Import() | ast.ImportFrom():
                    self._read_import(cell, statement)
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    for target, value in _pairs(statement):
                        self._read_assignment(cell, line, target, value)
                case ast.For() | ast.AsyncFor():
                    self._read_assignment(cell, line, statement.target, statement.iter, alias=False)
                case ast.With() | ast.AsyncWith():
                    for item in statement.items:
                        if item.optional_vars is not None:
                            self._read_assignment(
                                cell, line, item.optional_vars, item.context_expr, alias=False
                            )
            for expression in _headers(statement):
                for node in ast.walk(expression):
                    if isinstance(node, ast.NamedExpr):
                        self._read_assignment(cell, node.lineno, node.target, node.value)

    def _add(self, key: str, cell: int, line: int, walk: "_Walk") -> None:
        self.bind(key, Binding(cell, line, walk.references()))

    def _read_import(self, cell: int, statement: ast.Import | ast.ImportFrom) -> None:
        for name, path in text_of_import(statement):
            if name == "*":
                if path not in self.stars:
                    self.stars.append(path)
            else:
                alias = Chain(Root.MODULE, path)
                self.bind(name, Binding(cell, statement.lineno, alias=alias, imported=True))

    def _read_assignment(
        self, cell: int, line: int, target: ast.expr, value: ast.expr, *, alias: bool = True
    ) -> None:
        made_from = chain_of(value) if alias else None
        walk: _Walk | None = None
        for leaf in _leaves(target):
            whole = leaf is target and not isinstance(leaf, ast.Subscript)
            base = leaf.value if isinstance(leaf, ast.Subscript) else leaf
            key = chain_of(base)
            if key is None or key.chain.root is not Root.NAME:
                continue
            name = ".".join(key.chain.parts)
            if whole and made_from is not None and not made_from.rest:
                self.bind(name, Binding(cell, line, alias=made_from.chain))
            else:
                walk = walk or _Walk([value])
                self._add(name, cell, line, walk)


class _Kind(Enum):
    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"


class _Scope:
    """The names of one function, class or comprehension."""

    def __init__(self, kind: _Kind, parent: "_Scope | None") -> None:
        self.kind = kind
        self.parent = parent
        self.names: set[str] = set()
        self.globals: set[str] = set()
        self.elsewhere: set[str] = set()  # nonlocal
        self.aliases: dict[str, list[tuple[Chain, _Scope]]] = {}
        self.own_name: str | None = None
        """What a method calls its object."""

    def bind(self, name: str, alias: Chain | None = None, scope: "_Scope | None" = None) -> None:
        self.names.add(name)
        if alias is not None:
            aliases = self.aliases.setdefault(name, [])
            if len(aliases) < _MOST_ALIASES:
                aliases.append((alias, scope or self))

    def owner(self, name: str) -> "_Scope | None":
        """The scope in which a name that is used here is bound; None for a global one."""
        scope: _Scope | None = self
        while scope is not None and scope.kind is not _Kind.MODULE:
            if name in scope.globals:
                return None
            visible = scope.kind is not _Kind.CLASS or scope is self
            if visible and name in scope.names and name not in scope.elsewhere:
                return scope
            scope = scope.parent
        return None


class _Walk:
    """Everything that a statement or expression refers to, in it and in all functions in it."""

    def __init__(self, roots: Iterable[ast.AST]) -> None:
        self._found: list[tuple[Chain, int, _Scope]] = []
        self._scopes: list[_Scope] = []
        module = self._scope(_Kind.MODULE, None)
        self._stack: list[tuple[ast.AST, _Scope]] = [(root, module) for root in roots]
        while self._stack:
            self._visit(*self._stack.pop())

    def references(self) -> list[Reference]:
        """Each reference once a line, traced through local aliases."""
        seen: dict[Reference, None] = {}
        for chain, line, scope in self._found:
            if len(seen) > _MOST_REFERENCES:
                break
            for traced in _traced(chain, scope):
                seen[Reference(traced, line)] = None
        return list(seen)

    def made_global(self) -> list[str]:
        """Names that functions bind at the top level."""
        return sorted({n for s in self._scopes for n in s.names & s.globals})

    def _scope(self, kind: _Kind, parent: _Scope | None) -> _Scope:
        scope = _Scope(kind, parent)
        self._scopes.append(scope)
        return scope

    def _push(self, nodes: Iterable[ast.AST | None], scope: _Scope) -> None:
        self._stack.extend((node, scope) for node in nodes if node is not None)

    def _visit(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            scope.bind(node.id)
        elif isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            self._visit_chain(node, scope)
        elif isinstance(node, _FUNCTION):
            self._visit_function(node, scope)
        elif isinstance(node, ast.ClassDef):
            scope.bind(node.name)
            self._push([*node.decorator_list, *node.bases, *node.keywords], scope)
            self._push(node.body, self._scope(_Kind.CLASS, scope))
        elif isinstance(node, _COMPREHENSION):
            self._push(ast.iter_child_nodes(node), self._scope(_Kind.COMPREHENSION, scope))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for name, path in text_of_import(node):
                chain = Chain(Root.MODULE, path)
                if isinstance(node, ast.ImportFrom):
                    self._found.append((chain, node.lineno, scope))
                scope.bind(name, chain)
        elif isinstance(node, ast.Global):
            scope.globals.update(node.names)
        elif isinstance(node, ast.Nonlocal):
            scope.elsewhere.update(node.names)
        else:
            self._visit_binding(node, scope)

    def _visit_chain(self, node: ast.expr, scope: _Scope) -> None:
        found = chain_of(node)
        if found is None:
            self._push(ast.iter_child_nodes(node), scope)
        else:
            self._found.append((found.chain, node.lineno, scope))
            self._push(found.rest, scope)

    def _visit_function(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scope: _Scope
    ) -> None:
        inner = self._scope(_Kind.FUNCTION, scope)
        args = node.args
        plain = [*args.posonlyargs, *args.args]
        everything = [*plain, *args.kwonlyargs, args.vararg, args.kwarg]
        inner.names.update(arg.arg for arg in everything if arg is not None)
        with_default = plain[len(plain) - len(args.defaults) :] if args.defaults else []
        pairs = [
            *zip(with_default, args.defaults, strict=True),
            *zip(args.kwonlyargs, args.kw_defaults, strict=True),
        ]
        for arg, default in pairs:
            made_from = chain_of(default) if default is not None else None
            if made_from is not None:
                inner.bind(arg.arg, made_from.chain, scope)
        self._push([*args.defaults, *args.kw_defaults], scope)
        if isinstance(node, ast.Lambda):
            self._push([node.body], inner)
        else:
            scope.bind(node.name)
            if scope.kind is _Kind.CLASS and plain:
                inner.own_name = plain[0].arg
            self._push(node.decorator_list, scope)
            self._push(node.body, inner)

    def _visit_binding(self, node: ast.AST, scope: _Scope) -> None:
        if isinstance(node, _ASSIGN):
            pairs = _pairs(node)
            for target, value in pairs:
                if isinstance(target, ast.Name) and (made_from := chain_of(value)):
                    scope.bind(target.id, made_from.chain)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            self._push([*targets, node.value], scope)  # not the annotation: it isn't used
            return
        if isinstance(node, ast.NamedExpr):
            made_from = chain_of(node.value)
            outside = scope  # of a comprehension
            while outside.kind is _Kind.COMPREHENSION and outside.parent is not None:
                outside = outside.parent
            outside.bind(node.target.id, made_from.chain if made_from else None)
            self._push([node.value], scope)
            return
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            scope.bind(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            scope.bind(node.rest)
        self._push(ast.iter_child_nodes(node), scope)


def _traced(chain: Chain, scope: _Scope) -> Iterator[Chain]:
    """What the chain means outside of its function: local names replaced by what they stand for."""
    seen: set[tuple[int, str]] = set()
    todo = [(chain, scope)]
    while todo and len(seen) < _MOST_STEPS:
        chain, scope = todo.pop()
        if chain.root is not Root.NAME:
            yield chain
            continue
        name, *rest = chain.parts
        owner = scope.owner(name)
        if owner is None:
            yield chain
            continue
        above = owner.parent
        if owner.own_name == name and above is not None and rest and rest[0] in above.names:
            continue  # self.helper: the class's own method, which is read where it stands
        if rest:
            yield Chain(Root.VALUE, tuple(rest))
        if (id(owner), name) not in seen:
            seen.add((id(owner), name))
            for alias, at in owner.aliases.get(name, []):
                if len(alias.parts) + len(rest) <= _LONGEST_CHAIN:
                    todo.append((Chain(alias.root, (*alias.parts, *rest)), at))


def _top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements that run at the top level, those in if, for, with, try… among them."""
    todo: list[ast.AST] = list(reversed(tree.body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.stmt):
            yield node
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
        inner = [
            child
            for child in ast.iter_child_nodes(node)
            if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case)
        ]
        todo.extend(reversed(inner))


def _headers(statement: ast.stmt) -> list[ast.expr]:
    """The expressions of a statement that are evaluated at the top level."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    return [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.expr)]


def _pairs(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[tuple[ast.expr, ast.expr]]:
    """Targets with their values; `a, b = x, y` is taken apart."""
    if node.value is None:
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    pairs: list[tuple[ast.expr, ast.expr]] = []
    for target in targets:
        match target, node.value:
            case (
                (ast.Tuple(elts=left) | ast.List(elts=left)),
                (ast.Tuple(elts=right) | ast.List(elts=right)),
            ) if len(left) == len(right) and not any(
                isinstance(e, ast.Starred) for e in [*left, *right]
            ):
                pairs.extend(zip(left, right, strict=True))
            case _:
                pairs.append((target, node.value))
    return pairs


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    todo = [target]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Tuple | ast.List):
            todo.extend(reversed(node.elts))
        elif isinstance(node, ast.Starred):
            todo.append(node.value)
        else:
            yield node
