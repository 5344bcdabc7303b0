"""The requests that can be made about a submission, or about the reference: the same for both."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.sandbox.limits import Limits, Span
from autograder.sandbox.outputs import cut_outputs
from autograder.sandbox.replies import CellOutputs, Reply
from autograder.sandbox.wire import Handle


class Requests(ABC):
    """Whoever can carry a request out. Every method returns a reply (see replies.py)."""

    limits: Limits
    call_limit: Span  # of calls; an exercise may have its own

    @abstractmethod
    def _request(
        self,
        request: dict[str, Any],
        values: Mapping[str, Any],
        span: Span,
        *,
        timed: bool = False,
        interrupt: bool = False,
    ) -> Reply:
        """Carry out `request`, whose entries `values` are still to be encoded, within `span`."""

    def files(self, files: Mapping[str, bytes]) -> Reply:
        """Write data files into the worker's folder."""
        body = {name: np.frombuffer(content, np.uint8) for name, content in files.items()}
        return self._request({"do": "files"}, {"files": body}, self.limits.cell)

    def run_cell(self, source: str, index: int) -> Reply:
        """Run a code cell as a notebook would; the reply holds its outputs."""
        request = {"do": "cell", "source": _utf8(source), "index": index}
        reply = self._request(request, {}, self.limits.cell, interrupt=True)
        if isinstance(reply, CellOutputs):
            return replace(reply, outputs=cut_outputs(reply.outputs, self.limits.output))
        return reply

    def call(
        self,
        target: str | Handle,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        inplace: bool = False,
        objects: bool = False,
        ban: Sequence[str] = (),
        timed: bool = False,
    ) -> Reply:
        """Call a function or class of the submission, or an object that it returned."""
        request = {
            "do": "call",
            "target": _target(target),
            "inplace": inplace,
            "objects": objects,
            **_rules(ban, timed=timed),
        }
        values = {"args": tuple(args), "kwargs": dict(kwargs or {})}
        return self._request(request, values, self.call_limit, timed=timed)

    def vjp(
        self,
        target: str | Handle,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        cotangent: Any,
        wrt: Sequence[int],
        *,
        ban: Sequence[str] = (),
    ) -> Reply:
        """Call, and pull `cotangent` back to the arguments `wrt`: the value is (outputs,
        gradients)."""
        request = {"do": "vjp", "target": _target(target), "wrt": [*wrt], **_rules(ban)}
        values = {"args": tuple(args), "kwargs": dict(kwargs), "cotangent": cotangent}
        return self._request(request, values, self.call_limit)

    def put(self, value: Any, *, requires_grad: bool = False) -> Reply:
        """Place a value in the worker; the reply's value is its handle."""
        return self._request(
            {"do": "put", "requires_grad": requires_grad}, {"value": value}, self.call_limit
        )

    def get(self, handle: Handle) -> Reply:
        """The object behind a handle, as plain data."""
        return self._request({"do": "get", "object": handle.number}, {}, self.call_limit)

    def attribute(self, handle: Handle, name: str, *, ban: Sequence[str] = ()) -> Reply:
        """An attribute of an object: plain data, or a handle when it can be called."""
        request = {"do": "attribute", "object": handle.number, "name": name, **_rules(ban)}
        return self._request(request, {}, self.call_limit)

    def assign(self, handle: Handle, name: str, value: Any, *, ban: Sequence[str] = ()) -> Reply:
        """Set an attribute of an object."""
        request = {"do": "assign", "object": handle.number, "name": name, **_rules(ban)}
        return self._request(request, {"value": value}, self.call_limit)

    def seed(self, seed: int) -> Reply:
        """Seed the generators of torch, NumPy and random in the worker."""
        return self._request({"do": "seed", "seed": seed}, {}, self.call_limit)


def _rules(ban: Sequence[str], *, timed: bool = False) -> dict[str, Any]:
    """What student code is held to. In another process no ban would hold, and no clock run."""
    return {"ban": [*ban], "alone": bool(ban) or timed}


def _target(target: str | Handle) -> str | int:
    return target.number if isinstance(target, Handle) else target


def _utf8(source: str) -> str:
    return source.encode("utf-8", "backslashreplace").decode()
