"""A worker in the making, as the judge sees it.

The zygote is asked for it and forks a warden, which makes namespaces and then waits until the judge
has brought it into a control group; then it furnishes them and forks the worker. Each step runs by
itself, so that a judge that has other things to do may come back for the next one.
"""

import contextlib
import json
import os
import select
import socket
import struct

from autograder.sandbox import jail
from autograder.sandbox.cgroups import Group
from autograder.sandbox.errors import SandboxError, SandboxUnavailable
from autograder.sandbox.limits import Limits

TIMEOUT = 20.0  # seconds that a step may take
GO = b"g"  # to a warden that is in its control group
CREDENTIALS = struct.Struct("3i")


class Birth:
    """A worker that has been asked for; `finish` or `abandon` it."""

    def __init__(self, zygote: socket.socket, limits: Limits, group: Group | None) -> None:
        """Ask `zygote` for it; raises OSError where nobody is there to hear."""
        self.limits = limits
        self.group = group
        self._admitted = False
        self.control, their_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.data, their_data = socket.socketpair()
        request = json.dumps({"do": "worker", "limits": limits.to_plain()}).encode()
        with their_control, their_data:
            for ours in (self.control, self.data):
                ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            try:
                theirs = [their_control.fileno(), their_data.fileno()]
                socket.send_fds(zygote, [request], theirs)
            except OSError:
                self.abandon()
                raise

    def admit(self) -> None:
        """Bring the first process into the control group, and have it go on."""
        if self._admitted:
            return
        first = _hello(self.control)
        if self.group is not None:
            self.group.admit(first)
        with contextlib.suppress(OSError):  # if it was killed, the next step says so
            self.control.send(GO)
        self._admitted = True

    def finish(self) -> tuple[int, int, int]:
        """The warden's pid, the worker's, and a descriptor of the warden; raises SandboxError, and
        the birth is abandoned."""
        try:
            self.admit()
            warden, worker = _hello(self.control), _hello(self.data)
            descriptor = _open(warden, self.control)
        except BaseException:
            self.abandon()
            raise
        return warden, worker, descriptor

    def abandon(self) -> None:
        """Let it go; it ends by itself."""
        self.control.close()
        self.data.close()
        if self.group is not None:
            self.group.release()


def _open(warden: int, control: socket.socket) -> int:
    """A descriptor of the warden, which may have been killed long ago: while its socket is open,
    its pid is nobody else's."""
    try:
        descriptor = os.pidfd_open(warden)
    except ProcessLookupError:
        raise SandboxError("a worker was killed before it was needed") from None
    poll = select.poll()
    poll.register(control, select.POLLIN)
    if poll.poll(0):
        os.close(descriptor)
        raise SandboxError("a worker was killed before it was needed")
    return descriptor


def _hello(sock: socket.socket) -> int:
    """Receive a process's first byte; its pid here, by the kernel's word (SCM_CREDENTIALS)."""
    sock.settimeout(TIMEOUT)
    try:
        message, ancillary, _, _ = sock.recvmsg(
            4096 if sock.type == socket.SOCK_SEQPACKET else 1, 1024
        )
    except TimeoutError:
        raise SandboxError(f"a worker didn't start within {TIMEOUT:.0f} s") from None
    except ConnectionError:  # killed with something of ours unread
        message, ancillary = b"", []
    finally:
        sock.settimeout(None)
    if not message:
        raise SandboxError("a worker was killed before it had started")
    if message != b"h":
        raise SandboxUnavailable(jail.refused(json.loads(message)["failed"]))
    for _, kind, data in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            return int(CREDENTIALS.unpack(data[: CREDENTIALS.size])[0])
    raise SandboxError("the kernel didn't say who sent a worker's first byte")
