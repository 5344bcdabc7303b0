"""Answers requests about the names in a namespace: calls, gradients, objects, seeds.

The worker serves a submission's namespace with it; the judge serves its own reference solutions
with it, so that both are called in exactly the same way. It runs in the process of the code that it
calls, so in a worker nothing that it says is trusted: a lie in a reply is a lie about the student's
own values.

A request is a dictionary with "do": call, vjp, put, get, attribute, assign, seed. A reply has
"status": value, raised, unsendable, missing, forbidden, no_gradient, or shape (see replies.py).
"""

import linecache
import random
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import msgspec
import numpy as np
import torch

from autograder.sandbox.ban import Ban
from autograder.sandbox.wire import Decoder, Encoder, Handle, Unsendable, describe, utf8

CELL_NAME = re.compile(r"<ipython-input-(\d+)-")
MAX_FRAMES = 8
NUMERIC = (torch.Tensor, np.ndarray, np.generic, float, int, complex)
Reply = dict[str, Any]


class MissingName(Exception):
    """What was asked for isn't there."""


class Servant:
    """Serves `namespace`; holds the objects that the judge knows by number."""

    shield: type[BaseException] = BaseException  # SystemExit and KeyboardInterrupt end no worker

    def __init__(self, namespace: Mapping[str, Any], device: str = "cpu") -> None:
        self.namespace = namespace
        self.device = device
        self.objects: dict[int, Any] = {}
        self.ban = Ban()
        self.gpu: float | None = None  # seconds of the request's call by CUDA events
        # IPython's execution count → the cell's index in the notebook
        self.cells: dict[int, int] = {}

    def answer(self, request: Reply, buffers: bytearray) -> tuple[Reply, list[memoryview | bytes]]:
        """The reply to a request, and its buffers."""
        encoder = Encoder(self._keep if request.get("objects") else None)
        try:
            reply = getattr(self, f"_do_{request['do']}")(request, buffers, encoder)
        except Unsendable as error:
            return {"status": "unsendable", "what": str(error)}, []
        if self.gpu is not None:
            reply["gpu"], self.gpu = self.gpu, None
        return reply, encoder.buffers

    def printed(self) -> str:
        """What was printed since the last call."""
        return ""

    def be_alone(self) -> None:
        """Keep the code that is served from having other processes."""

    @contextmanager
    def _ruled(self, request: Reply) -> Iterator[None]:
        """The rules under which student code runs for `request`."""
        if request["alone"]:
            self.be_alone()
        with self.ban.active(request["ban"]):
            yield

    def _do_call(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        arguments, keywords = self._decode(buffers, request)
        before = None if request["inplace"] else _fingerprint(arguments, keywords)
        with self._ruled(request):
            reply, result = self._guarded(lambda: self._target(request)(*arguments, **keywords))
        if reply is not None:
            return reply
        changed = None if before is None else _changed(before, arguments, keywords)
        is_object = isinstance(self._target(request), type)
        return self._value(encoder, self._keep(result) if is_object else result, changed=changed)

    def _do_vjp(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        positional, keywords = self._decode(buffers, request)
        cotangents = _flat(Decoder(buffers, device=self.device).decode(request["cotangent"]))
        arguments = list(positional)
        for index in request["wrt"]:
            arguments[index] = arguments[index].clone().requires_grad_()
        inputs = [arguments[index] for index in request["wrt"]]
        with self._ruled(request):
            reply, result = self._guarded(lambda: self._target(request)(*arguments, **keywords))
        if reply is not None:
            return reply
        reply, body = self._guarded(lambda: encoder.encode(result))
        if reply is not None:
            return reply
        with self._ruled(request):
            pairs = list(zip(_flat(result), cotangents, strict=False))
            pairs = [(output, given) for output, given in pairs if given is not None]
            if not all(isinstance(output, torch.Tensor) for output, _ in pairs):
                numeric = all(isinstance(output, NUMERIC) for output, _ in pairs)
                if numeric:  # the numbers of a tensor, without what leads back to its inputs
                    return {"status": "no_gradient", "argument": None}
                return {"status": "shape", "value": body}
            if any(output.shape != given.shape for output, given in pairs) or not pairs:
                return {"status": "shape", "value": body}
            pairs = [(output, given) for output, given in pairs if output.requires_grad]
            if not pairs:
                return {"status": "no_gradient", "argument": None}
            reply, grads = self._guarded(lambda: _gradients(pairs, inputs))
        if reply is not None:
            return reply
        for index, grad in zip(request["wrt"], grads, strict=True):
            if grad is None:
                return {"status": "no_gradient", "argument": index}
        return {
            "status": "value",
            "value": ["t", body, encoder.encode(tuple(grads))],
            "printed": self.printed(),
        }

    def _do_put(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        value = self._decoder(buffers).decode(request["value"])
        if request["requires_grad"]:
            value = value.requires_grad_()
        return {"status": "value", "value": encoder.encode(self._keep(value))}

    def _do_get(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        return self._value(encoder, self.objects[request["object"]])

    def _do_attribute(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        with self._ruled(request):
            reply, value = self._guarded(
                lambda: getattr(self.objects[request["object"]], request["name"])
            )
        if reply is not None:
            return reply
        return self._value(encoder, self._keep(value) if callable(value) else value)

    def _do_assign(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        value = self._decoder(buffers).decode(request["value"])
        with self._ruled(request):
            reply, _ = self._guarded(
                lambda: setattr(self.objects[request["object"]], request["name"], value)
            )
        return reply or {"status": "value", "value": None}

    def _do_seed(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        self._seed(request["seed"])
        return {"status": "value", "value": None}

    def _value(self, encoder: Encoder, value: Any, **more: Any) -> Reply:
        """The reply that brings a value of the student's, whose class may do as it likes when its
        contents are asked for."""
        reply, body = self._guarded(lambda: encoder.encode(value))
        return reply or {"status": "value", "value": body, "printed": self.printed(), **more}

    def _seed(self, seed: int) -> None:
        torch.default_generator.manual_seed(seed)  # torch.manual_seed would prepare CUDA each time
        if self.device != "cpu":
            torch.cuda.manual_seed_all(seed)
        np.random.seed(seed % 2**32)  # noqa: NPY002 - the generator that students draw from
        random.seed(seed)

    def _decoder(self, buffers: bytearray) -> Decoder:
        def resolve(handle: Handle) -> Any:
            return self.objects[handle.number]

        return Decoder(buffers, resolve, requires_grad=True, device=self.device)

    def _decode(self, buffers: bytearray, request: Reply) -> tuple[tuple[Any, ...], dict[str, Any]]:
        decoder = self._decoder(buffers)
        return decoder.decode(request["args"]), decoder.decode(request["kwargs"])

    def _keep(self, value: Any) -> Handle:
        number = len(self.objects) + 1
        self.objects[number] = value
        return Handle(number, type(value).__name__)

    def _target(self, request: Reply) -> Any:
        target = request["target"]
        if isinstance(target, int):
            return self.objects[target]
        found = self.namespace.get(target, _nothing)
        if found is _nothing:
            raise MissingName("")
        if not callable(found):
            raise MissingName(describe(found))
        return found

    def _guarded(self, work: Callable[[], Any]) -> tuple[Reply | None, Any]:
        """Run student code: (None, its value), or (the reply that says how it failed, None)."""
        try:
            value = work() if self.device == "cpu" else self._on_gpu(work)
        except MissingName as error:
            return {"status": "missing", "what": str(error)}, None
        except Unsendable:
            raise
        except self.shield as error:
            return self._raised(error), None
        if self.ban.used:
            return {"status": "forbidden", "what": self.ban.used[0]}, None
        return None, value

    def _on_gpu(self, work: Callable[[], Any]) -> Any:
        """Run student code to the end of all that it has put on the GPU, and time that there."""
        start = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        end = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        start.record()
        value = work()
        end.record()
        torch.cuda.synchronize()
        self.gpu = start.elapsed_time(end) / 1000
        return value

    def _raised(self, error: BaseException) -> Reply:
        if self.ban.used:
            return {"status": "forbidden", "what": self.ban.used[0]}
        try:
            message = str(error)
        except BaseException:  # noqa: BLE001 - a hostile or broken __str__
            message = "<no text: its __str__ raised>"
        kind = type(error)
        return {
            "status": "raised",
            "type": str(getattr(kind, "__name__", kind))[:200],
            "memory": isinstance(error, MemoryError)
            or "allocate memory" in message
            or "out of memory" in message,
            "message": utf8(message)[:2000],
            "frames": self._frames(error.__traceback__),
            "printed": self.printed(),
        }

    def _frames(self, traceback: TracebackType | None) -> list[list[Any]]:
        """The student's own lines: [cell, line number, function, source] from the outermost
        inwards."""
        frames = []
        while traceback is not None:
            code = traceback.tb_frame.f_code
            match = CELL_NAME.match(code.co_filename)
            if match and int(match[1]) in self.cells:
                source = linecache.getline(code.co_filename, traceback.tb_lineno).strip()[:200]
                frames.append(
                    [self.cells[int(match[1])], traceback.tb_lineno, code.co_name[:100], source]
                )
            traceback = traceback.tb_next
        return frames[-MAX_FRAMES:]


_nothing = object()


Print = tuple[bytes, list[Any]]  # a body, and the contents of its buffers


def _fingerprint(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> list[Print]:
    """The arguments as they travel: their bodies, and copies of their buffers."""
    encoded = [_encoded(value) for value in (*arguments, *keywords.values())]
    return [(body, [bytearray(buffer) for buffer in buffers]) for body, buffers in encoded]


def _encoded(value: Any) -> Print:
    """The bytes of a value; NaN is equal to itself there, and 1 isn't True."""
    encoder = Encoder(lambda _: Handle(0, ""))
    body = _without_gradients(encoder.encode(value))
    return msgspec.msgpack.encode(body), encoder.buffers


def _without_gradients(body: Any) -> Any:
    """Asking for a tensor's gradient changes none of its values."""
    if not isinstance(body, list):
        return body
    if body[:1] == ["T"]:
        return body[:-1]
    return [_without_gradients(item) for item in body]


def _changed(before: list[Print], arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """The position or the keyword of the first argument that isn't as it was, or None."""
    names = [*range(len(arguments)), *keywords]
    for name, old, value in zip(names, before, (*arguments, *keywords.values()), strict=True):
        try:
            if old != _encoded(value):  # this way round bytes are compared at once, not one by one
                return name
        except Exception:  # noqa: BLE001 - it holds something now that it didn't
            return name
    return None


def _flat(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple | list) else [value]


def _gradients(pairs: list[tuple[Any, Any]], inputs: list[Any]) -> Any:
    # The gradient of a scalar: given cotangents would make autograd import half of torch.fx first.
    total = sum((output * given).sum() for output, given in pairs)
    return torch.autograd.grad(total, inputs, allow_unused=True)
