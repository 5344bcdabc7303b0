"""Operations that an exercise forbids, refused at run time.

A Python-mode interceptor would be thread-local, so work moved to a thread would escape it. Instead
the banned ATen operators get a refusing kernel at PyTorch's dispatcher: whichever way leads there
(an alias, getattr, a module, TorchScript, vmap, a thread) ends in it. Banned Python names are
replaced for the length of the call.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import CodeType, FunctionType
from typing import Any

import torch

KEYS = ("CPU", "AutogradCPU", "CUDA", "AutogradCUDA")


class ForbiddenOperation(RuntimeError):
    """The exercise forbids this operation."""


class Ban:
    """The bans of a worker: ATen kernels are replaced on first use and stay so until the bans
    change."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.used: list[str] = []
        self._library: Any = None

    @contextmanager
    def active(self, names: Sequence[str]) -> Iterator[None]:
        """Refuse `names` (`aten::convolution`, `torch.nn.Conv2d`) inside the block; `used` tells
        which were tried."""
        self.used = []
        self._refuse_kernels(tuple(name for name in names if name.startswith("aten::")))
        with ExitStack() as stack:
            for name in names:
                restore = None if name.startswith("aten::") else self._replace(name)
                if restore is not None:
                    stack.callback(restore)
            yield

    def _refuse_kernels(self, names: tuple[str, ...]) -> None:
        if names == self.names:
            return
        self.names = names
        if self._library is not None:
            self._library._destroy()
            self._library = None
        if not names:
            return
        self._library = torch.library.Library("aten", "IMPL")  # type: ignore[no-untyped-call]
        for name in names:
            for overload in _overloads(name):
                for key in KEYS:
                    try:
                        self._library.impl(overload, self._refusal(name), key)
                    except RuntimeError:  # this build has no such key for the operator
                        continue

    def _replace(self, name: str) -> Callable[[], None] | None:
        """Have `name` refuse; what is returned takes that back."""
        path, _, attribute = name.rpartition(".")
        owner = _resolve(path)
        original = getattr(owner, attribute, None)
        if original is None:
            return None
        refusal = self._refusal(name)
        if isinstance(original, FunctionType) and not original.__code__.co_freevars:
            # Its code is replaced, so that a name given to it before refuses too.
            code, original.__code__ = original.__code__, _calling(original, refusal)
            return lambda: setattr(original, "__code__", code)
        if isinstance(original, type):
            owner, attribute, original = original, "__init__", original.__init__  # type: ignore[misc]
        try:
            own = attribute in vars(owner)
            setattr(owner, attribute, refusal)
        except (AttributeError, TypeError):  # a built-in: its ATen name has to be banned
            return None
        return lambda: setattr(owner, attribute, original) if own else delattr(owner, attribute)

    def _refusal(self, name: str) -> Any:
        def refuse(*_: object, **__: object) -> object:
            self.used.append(name)
            raise ForbiddenOperation(f"this exercise forbids {name}")

        return refuse


def _calling(function: FunctionType, refusal: Callable[..., object]) -> CodeType:
    """Code that makes `function`, whatever its arguments, call `refusal`: kept where its globals
    are, for it sees nothing else."""
    kept = f"_refusal_of_{function.__name__}"
    function.__globals__[kept] = refusal
    scope: dict[str, Any] = {}
    exec(f"def refuse(*_, **__): return {kept}()", scope)
    code: CodeType = scope["refuse"].__code__
    return code


def _overloads(name: str) -> list[str]:
    """Every overload of an operator: `aten::convolution` → convolution, convolution.out…"""
    operator, _, overload = name.removeprefix("aten::").partition(".")
    if overload:
        return [f"{operator}.{overload}"]
    packet = getattr(torch.ops.aten, operator, None)
    if packet is None:
        return []
    return [operator if o == "default" else f"{operator}.{o}" for o in packet.overloads()]


def _resolve(path: str) -> Any:
    module, names = path, list[str]()
    while module:
        try:
            found: Any = importlib.import_module(module)
        except ImportError:
            module, _, last = module.rpartition(".")
            names.insert(0, last)
            continue
        for name in names:
            found = getattr(found, name, None)
        return found
    return None
