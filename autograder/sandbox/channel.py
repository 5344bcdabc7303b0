"""Frames over the socket between a judge and a worker.

A frame is a header (request number, length of the body, length of the buffers), a msgpack body and
the raw bytes that the body refers to (wire.py). A body is a dictionary of texts, numbers and nested
lists of these, and nothing else of msgpack: dictionaries with any other keys could be made of keys
with equal hashes, which would keep the judge busy for hours.
"""

import select
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from autograder.sandbox.errors import ProtocolError
from autograder.sandbox.wire import MAX_BUFFERS, MAX_DEPTH, Unsendable

HEADER = struct.Struct("<QIQ")
MAX_BODY = 8 << 20  # bytes of msgpack
BODY_GROWTH = 60  # times as many may they be as Python's objects, wire.EXTRA aside
ENVELOPE = 8  # lists round a value, in a reply
AHEAD = 4 << 10  # bytes that are read at once, whatever they belong to


def _body_type() -> Any:
    kind: Any = None | bool | int | float | str
    for _ in range(MAX_DEPTH + ENVELOPE):
        kind = None | bool | int | float | str | list[kind]
    return dict[str, kind]


_decoder: msgspec.msgpack.Decoder[dict[str, Any]] = msgspec.msgpack.Decoder(_body_type())


def pack(number: int, body: Any, buffers: Sequence[memoryview | bytes]) -> list[memoryview | bytes]:
    """The pieces of one frame, for `sendmsg`; raises Unsendable when the body is too large."""
    try:
        packed = msgspec.msgpack.encode(body)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise Unsendable(f"what can't be packed ({type(error).__name__})") from None
    if len(packed) > MAX_BODY:
        raise Unsendable(f"more than {MAX_BODY >> 20} MiB of numbers and text (use a tensor)")
    return [HEADER.pack(number, len(packed), sum(map(len, buffers))), packed, *buffers]


def unpack_body(packed: bytes | bytearray) -> dict[str, Any]:
    """The body of a frame; raises ProtocolError."""
    try:
        return _decoder.decode(packed)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise ProtocolError(f"a body that is none: {error!s:.200}") from None


class Closed(Exception):
    """The peer closed its end, in the middle of a frame or between two."""


class Channel:
    """Frames over a stream socket. `wait`, given by the judge, is asked while nothing can be read
    or written and ends the wait by raising; a worker waits without end."""

    def __init__(self, sock: socket.socket, wait: Callable[[], float] | None = None) -> None:
        self.sock = sock
        self.wait = wait
        self.taken = 0  # bytes that the last frame takes here, at most
        self._space = memoryview(bytearray(AHEAD))
        self._ahead = self._space[:0]  # what has been read, and nobody has asked for yet
        if wait is not None:
            sock.setblocking(False)

    def send(self, pieces: Sequence[memoryview | bytes]) -> None:
        """Send the pieces of one frame."""
        queue = [memoryview(piece).cast("B") for piece in pieces if len(piece)]
        first = 0  # sent pieces stay in the list: taking them off its front would cost its length
        while first < len(queue):
            try:
                sent = self.sock.sendmsg(queue[first : first + 64])
            except (BlockingIOError, InterruptedError):
                self._wait(select.POLLOUT)
                continue
            except (BrokenPipeError, ConnectionResetError):
                raise Closed from None
            while first < len(queue) and sent >= len(queue[first]):
                sent -= len(queue[first])
                first += 1
            if sent:
                queue[first] = queue[first][sent:]

    def receive(self) -> tuple[int, dict[str, Any], bytearray]:
        """The next frame: request number, body, buffers."""
        number, body_size, buffers_size = HEADER.unpack(self._read(HEADER.size))
        if body_size > MAX_BODY or buffers_size > MAX_BUFFERS:
            raise ProtocolError(f"a frame of {body_size} + {buffers_size} bytes")
        self.taken = BODY_GROWTH * body_size + buffers_size
        body = unpack_body(self._read(body_size))
        return number, body, self._read(buffers_size)

    def _read(self, size: int) -> bytearray:
        data = bytearray(size)
        view = memoryview(data)
        while view:
            if not self._ahead and len(view) >= AHEAD:
                view = view[self._receive_into(view) :]
                continue
            if not self._ahead:
                self._ahead = self._space[: self._receive_into(self._space)]
            count = min(len(view), len(self._ahead))
            view[:count] = self._ahead[:count]
            view, self._ahead = view[count:], self._ahead[count:]
        return data

    def _receive_into(self, view: memoryview) -> int:
        """Wait for bytes, and say how many came."""
        while True:
            try:
                got = self.sock.recv_into(view)
            except (BlockingIOError, InterruptedError):
                self._wait(select.POLLIN)
                continue
            except ConnectionResetError:
                raise Closed from None
            if got == 0:
                raise Closed
            return got

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self.sock, event)
        while True:
            pause = self.wait() if self.wait is not None else 1.0
            if poll.poll(pause * 1000):
                return
