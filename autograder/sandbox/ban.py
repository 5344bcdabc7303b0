"""Operations that an exercise forbids, refused at run time.

A Python-mode interceptor would be thread-local, so work moved to a thread would escape it. Instead
the banned operators get a refusing kernel at PyTorch's dispatcher: whichever way leads there (an
alias, getattr, a module, TorchScript, vmap, a thread, a redispatch) ends in it. Banned Python names
are replaced for the length of the call.

All of this happens in the process of the code that it refuses things to. It stops whoever uses the
library, in whatever way; it can't stop code that takes this process apart.
"""

import fnmatch
import importlib
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import CodeType, FunctionType
from typing import Any

import torch

# Where an operator may have a kernel that computes: the key of a kind of tensor, or one that stands
# for all of them. Kernels for other keys (autograd, vmap, autocast…) lead on to one of these.
KEYS = (
    "CPU", "CUDA", "MkldnnCPU", "QuantizedCPU", "QuantizedCUDA", "SparseCPU", "SparseCUDA",
    "NestedTensorCPU", "NestedTensorCUDA", "CompositeExplicitAutograd",
    "CompositeExplicitAutogradNonFunctional", "CompositeImplicitAutograd",
)  # fmt: skip
# Kept from before any submission runs: what it does to torch's Python afterwards changes nothing.
_library = torch._C._dispatch_library
_has_kernel = torch._C._dispatch_has_kernel_for_dispatch_key
_all_operators = torch._C._dispatch_get_all_op_names


class ForbiddenOperation(RuntimeError):
    """The exercise forbids this operation."""


class Ban:
    """The bans of a worker: kernels are replaced on first use and stay so until the bans change."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()
        self.used: list[str] = []
        self._libraries: dict[str, Any] = {}

    @contextmanager
    def active(self, names: Sequence[str]) -> Iterator[None]:
        """Refuse `names` (`aten::*convolution*`, `torch.nn.Conv2d`) inside the block; `used` tells
        which were tried."""
        self.used = []
        self._refuse_kernels(tuple(name for name in names if "::" in name))
        with ExitStack() as stack:
            for name in names:
                restore = None if "::" in name else self._replace(name)
                if restore is not None:
                    stack.callback(restore)
            yield

    def _refuse_kernels(self, names: tuple[str, ...]) -> None:
        if names == self.names:
            return
        self.names = names
        for library in self._libraries.values():
            library.reset()
        self._libraries.clear()
        with warnings.catch_warnings():  # of kernels that are overridden
            warnings.simplefilter("ignore")
            for operator in _operators(names):
                self._refuse_kernel(operator)

    def _refuse_kernel(self, operator: str) -> None:
        space, _, name = operator.partition("::")
        refusal = self._refusal(f"{space}::{name.partition('.')[0]}")
        for key in KEYS:
            if _has_kernel(operator, key):
                if space not in self._libraries:
                    self._libraries[space] = _library("IMPL", space, "", __file__, 0)
                self._libraries[space].impl(operator, key, refusal, False)

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


def hand_out_no_kernels() -> None:
    """Refuse, for as long as this process lives, to give out kernels that can be called without the
    dispatcher."""

    def refuse(*_: object) -> object:
        raise RuntimeError("kernels can only be called through the dispatcher here")

    name = "_dispatch_get_computed_kernel_for_dispatch_key"
    if hasattr(torch._C, name):
        setattr(torch._C, name, refuse)


def _calling(function: FunctionType, refusal: Callable[..., object]) -> CodeType:
    """Code that makes `function`, whatever its arguments, call `refusal`: kept where its globals
    are, for it sees nothing else."""
    kept = f"_refusal_of_{function.__name__}"
    function.__globals__[kept] = refusal
    scope: dict[str, Any] = {}
    exec(f"def refuse(*_, **__): return {kept}()", scope)
    code: CodeType = scope["refuse"].__code__
    return code


def _operators(names: Sequence[str]) -> list[str]:
    """The operators, with all their overloads, that are meant by `aten::conv2d`,
    `aten::conv2d.padding` or `aten::*conv2d*`."""
    if not names:
        return []
    matches = re.compile("|".join(map(fnmatch.translate, names))).match
    return [o for o in _all_operators() if matches(o) or matches(o.partition(".")[0])]


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
