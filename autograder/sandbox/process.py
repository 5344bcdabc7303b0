"""The judge's end: `Sandbox` owns a zygote, `Worker` is one submission's process.

A Sandbox starts its zygote at once and in the background (the import of torch takes seconds; the caller has
imports of its own to do meanwhile) and lives until `close`. Each Worker has two sockets: one to its warden, on
which the kernel's word of its end arrives and whose closing kills it, and one for requests. Whatever a worker
sends, however malformed, late, large or strange, becomes a reply; only the sandbox's own failure raises.
"""

import contextlib
import json
import os
import secrets
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np

from autograder.sandbox import jail, usage
from autograder.sandbox.errors import ProtocolError, SandboxError, SandboxUnavailable
from autograder.sandbox.limits import Crossed, Limits, Span
from autograder.sandbox.replies import Ended, Reply, Times, read_reply
from autograder.sandbox.wire import Channel, Closed, Encoder, Handle, pack

Mode = Literal["bubblewrap", "none"]
START_TIMEOUT = 120.0  # seconds for the zygote's imports, on a cold and busy machine
WORKER_TIMEOUT = 20.0
GRACE = 1.0  # seconds between an interrupt and the kill
GLANCE, WATCH = 0.05, 0.25  # seconds between looks at one process, at the whole tree
CREDENTIALS = struct.Struct("3i")


class Sandbox:
    """A zygote and the way to make workers of it. Use it as a context manager, or `close` it."""

    def __init__(self, limits: Limits, *, mode: Mode = "bubblewrap", cuda: bool = False) -> None:
        self.limits = limits
        self.mode = mode
        self.cuda = cuda
        self._preloaded: set[str] = set()
        self._start()

    @property
    def layers(self) -> list[str]:
        """What stands between a submission and the machine."""
        if self.mode == "none":
            return ["rlimits"]
        user = "unprivileged user" if os.geteuid() == 0 else "user namespace"
        inner = "user, pid, mount, ipc, network and uts namespaces for each worker"
        return ["bubblewrap", user, inner, "no capabilities", "no_new_privs", "read-only root", "rlimits"]

    def _start(self) -> None:
        self._ready = False
        self._errors = tempfile.TemporaryFile()
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        options = json.dumps({"jailed": self.mode == "bubblewrap", "cuda": self.cuda})
        try:
            if self.mode == "bubblewrap":
                command, environment = jail.command(cuda=self.cuda), {}
            else:
                command = [jail.interpreter(), "-I", "-m", "autograder.sandbox.zygote"]
                environment = jail.ENVIRONMENT | {"TMPDIR": self._folder.name, "HOME": self._folder.name}
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno()), options],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                cwd=self._folder.name,
            )
        except BaseException:
            self._control.close()
            self._folder.cleanup()
            raise
        finally:
            theirs.close()

    def wait(self) -> None:
        """Wait until the zygote can fork; raises SandboxUnavailable when it can't start."""
        if not self._ready:
            self._hear(START_TIMEOUT)
            self._ready = True

    def preload(self, modules: Sequence[str]) -> None:
        """Have the zygote import `modules` (trusted, installed ones), so that no worker has to."""
        wanted = [module for module in modules if module not in self._preloaded]
        if wanted:
            self.wait()
            self._control.send(json.dumps({"do": "preload", "modules": wanted}).encode())
            self._hear(START_TIMEOUT)
            self._preloaded.update(wanted)

    def worker(self) -> "Worker":
        """A fresh worker, ready for requests."""
        self.wait()
        control, their_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        data, their_data = socket.socketpair()
        for ours in (control, data):
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        request = json.dumps({"do": "worker", "limits": self.limits.to_plain()}).encode()
        try:
            descriptors = [their_control.fileno(), their_data.fileno()]
            socket.send_fds(self._control, [request], descriptors)
        except OSError as error:
            raise SandboxError(f"the zygote is gone: {self._diagnosis() or error}") from error
        finally:
            their_control.close()
            their_data.close()
        return Worker(control, data, self.limits, jailed=self.mode == "bubblewrap")

    def restart(self) -> None:
        """Replace a zygote that is gone."""
        preloaded = sorted(self._preloaded)
        self.close()
        self._preloaded = set()
        self._start()
        self.preload(preloaded)

    def close(self) -> None:
        """End the zygote and every worker of it."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()
        self._folder.cleanup()

    def _hear(self, timeout: float) -> None:
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        if not poll.poll(timeout * 1000):
            raise SandboxError(f"the zygote didn't answer within {timeout:.0f} s: {self._diagnosis()}")
        with contextlib.suppress(ConnectionResetError):
            if self._control.recv(16):
                return
        raise SandboxUnavailable(f"the zygote didn't start:\n{self._diagnosis()}")

    def _diagnosis(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()[-3000:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Stop(Exception):
    """Ends a wait for a worker, with what it has crossed."""

    def __init__(self, crossed: Crossed, detail: str = "") -> None:
        super().__init__(crossed, detail)
        self.ended = Ended(crossed, detail)


class Worker:
    """One submission's process. After an `Ended` reply it is dead, and every further reply is `Ended` too."""

    def __init__(self, control: socket.socket, data: socket.socket, limits: Limits, *, jailed: bool) -> None:
        self.limits = limits
        self.jailed = jailed
        self.ended: Ended | None = None
        self._control, self._data = control, data
        self._pidfd = -1
        try:
            self._warden = _hello(control)
            self._pid = _hello(data)
            self._pidfd = os.pidfd_open(self._warden)
        except BaseException:
            control.close()
            data.close()
            raise
        self._channel = Channel(data, self._watch)
        self._base = usage.resident(self._pid)
        self._started = time.monotonic()
        self._span, self._crossed_wall = limits.call, Crossed.WALL
        self._begin(limits.call)

    def files(self, files: Mapping[str, bytes]) -> Reply:
        """Write data files into the worker's folder."""
        body = {name: np.frombuffer(content, np.uint8) for name, content in files.items()}
        return self._request({"do": "files"}, {"files": body}, self.limits.cell)

    def run_cell(self, source: str, index: int) -> Reply:
        """Run a code cell as a notebook would; the value is its list of outputs, unclean."""
        request = {"do": "cell", "source": _utf8(source), "index": index}
        reply = self._request(request, {}, self.limits.cell, interrupt=True)
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
        request = {"do": "call", "target": _target(target), "inplace": inplace, "objects": objects, "ban": [*ban]}
        values = {"args": tuple(args), "kwargs": dict(kwargs or {})}
        return self._request(request, values, self.limits.call, timed=timed)

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
        """Call, and pull `cotangent` back to the arguments `wrt`: the value is (outputs, gradients)."""
        request = {"do": "vjp", "target": _target(target), "wrt": [*wrt], "ban": [*ban]}
        values = {"args": tuple(args), "kwargs": dict(kwargs), "cotangent": cotangent}
        return self._request(request, values, self.limits.call)

    def put(self, value: Any, *, requires_grad: bool = False) -> Reply:
        """Place a value in the worker; the reply's value is its handle."""
        return self._request({"do": "put", "requires_grad": requires_grad}, {"value": value}, self.limits.call)

    def get(self, handle: Handle) -> Reply:
        """The object behind a handle, as plain data."""
        return self._request({"do": "get", "object": handle.number}, {}, self.limits.call)

    def attribute(self, handle: Handle, name: str) -> Reply:
        """An attribute of an object: plain data, or a handle when it can be called."""
        return self._request({"do": "attribute", "object": handle.number, "name": name}, {}, self.limits.call)

    def assign(self, handle: Handle, name: str, value: Any) -> Reply:
        """Set an attribute of an object."""
        request = {"do": "assign", "object": handle.number, "name": name}
        return self._request(request, {"value": value}, self.limits.call)

    def seed(self, seed: int) -> Reply:
        """Seed the generators of torch, NumPy and random in the worker."""
        return self._request({"do": "seed", "seed": seed}, {}, self.limits.call)

    def close(self) -> None:
        """Kill the worker and everything that it started, and wait until they are gone."""
        if self._pidfd < 0:
            return
        self._kill()
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        poll.poll(5000)
        os.close(self._pidfd)
        self._pidfd = -1
        self._control.close()
        self._data.close()

    def _request(
        self, request: dict[str, Any], values: dict[str, Any], span: Span, *, timed: bool = False, interrupt: bool = False
    ) -> Reply:
        if self.ended is not None:
            return self.ended
        encoder = Encoder()
        request |= {name: encoder.encode(value) for name, value in values.items()}
        number = secrets.randbits(64)
        pieces = pack(number, request, encoder.buffers)
        self._begin(span)
        queued = usage.queue_time(self._pid) if timed else 0.0
        started, cpu = time.perf_counter(), usage.cpu_time(self._pid)
        interrupted = False
        while True:
            try:
                if not interrupted:
                    self._channel.send(pieces)
                echoed, body, buffers = self._channel.receive()
                if echoed != number:
                    raise ProtocolError("an answer to no question")
                times = Times(
                    wall=time.perf_counter() - started,
                    cpu=max(0.0, usage.cpu_time(self._pid) - cpu),
                    queued=usage.queue_time(self._pid) - queued if timed else 0.0,
                )
                return read_reply(body, buffers, times, interrupted=interrupted)
            except _Stop as stop:
                if interrupt and not interrupted and stop.ended.crossed in (Crossed.WALL, Crossed.CPU):
                    interrupted = True
                    self._interrupt()
                    continue
                self.ended = stop.ended
            except (ProtocolError, MemoryError) as error:
                self.ended = Ended(Crossed.PROTOCOL, str(error))
            except Closed:
                self.ended = self._fate()
            self.close()
            return self.ended

    def _begin(self, span: Span) -> None:
        """Start the clocks of a request."""
        now = time.monotonic()
        end = self._started + self.limits.submission.wall
        self._deadline = min(now + span.wall, end)
        self._wall = Crossed.WALL if now + span.wall <= end else Crossed.SUBMISSION
        self._cpu_left = span.cpu
        self._cpu_before = usage.cpu_time(self._pid)
        self._tree_before: float | None = None
        self._looked = self._watched = now

    def _interrupt(self) -> None:
        """As a notebook's stop button: the cell gets a KeyboardInterrupt and a moment to end."""
        self._deadline, self._cpu_left = time.monotonic() + GRACE, float("inf")
        with contextlib.suppress(OSError):
            os.kill(self._pid, signal.SIGINT)

    def _watch(self) -> float:
        """Called while there is nothing to read; raises _Stop when a limit is crossed."""
        now = time.monotonic()
        if now >= self._deadline:
            raise _Stop(self._wall)
        if now - self._looked >= GLANCE:
            self._looked = now
            used = usage.cpu_time(self._pid)
            if used - self._cpu_before > self._cpu_left:
                raise _Stop(Crossed.CPU)
            if used > self.limits.submission.cpu:
                raise _Stop(Crossed.SUBMISSION)
            if usage.resident(self._pid) - self._base > self.limits.memory:
                raise _Stop(Crossed.MEMORY)
            self._hear_warden()
        if now - self._watched >= WATCH:
            self._watched = now
            self._watch_tree()
        return min(GLANCE, self._deadline - now)

    def _watch_tree(self) -> None:
        others = [pid for pid in usage.descendants(self._warden) if pid != self._pid]
        used = usage.tree_cpu_time(others)
        if self._tree_before is None:
            self._tree_before = used
        if used - self._tree_before > self._cpu_left:
            raise _Stop(Crossed.CPU)
        grown = sum(max(0, usage.resident(pid) - self._base) for pid in [self._pid, *others])
        if grown > self.limits.memory:
            raise _Stop(Crossed.MEMORY)

    def _hear_warden(self) -> None:
        """A child that holds the socket open must not hide that the worker has ended."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        if poll.poll(0):
            ended = self._fate()
            raise _Stop(ended.crossed, ended.detail)

    def _fate(self) -> Ended:
        """How a worker ended that closed its socket, by the word of its warden."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        if not poll.poll(GRACE * 1000):
            return Ended(Crossed.PROTOCOL, "it closed its socket")
        try:
            code = int(json.loads(self._control.recv(4096))["exit"])
        except (OSError, ValueError, KeyError, TypeError):
            return Ended(Crossed.SIGNAL, "SIGKILL")
        if code >= 0:
            return Ended(Crossed.EXIT, str(code))
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return Ended(Crossed.CPU if name == "SIGXCPU" else Crossed.SIGNAL, name)

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if not self.jailed:  # no pid namespace: its session's group is the best that can be had
                os.killpg(self._warden, signal.SIGKILL)
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()


def _hello(sock: socket.socket) -> int:
    """Receive a process's first byte; returns its pid here, by the kernel's word (SCM_CREDENTIALS)."""
    sock.settimeout(WORKER_TIMEOUT)
    try:
        message, ancillary, _, _ = sock.recvmsg(4096 if sock.type == socket.SOCK_SEQPACKET else 1, 1024)
    except TimeoutError:
        raise SandboxError(f"a worker didn't start within {WORKER_TIMEOUT:.0f} s") from None
    finally:
        sock.settimeout(None)
    if message != b"h":
        reason = json.loads(message)["failed"] if message else "the zygote is gone"
        raise SandboxUnavailable(jail.refused(reason) if message else reason)
    for _, kind, data in ancillary:
        if kind == socket.SCM_CREDENTIALS:
            return int(CREDENTIALS.unpack(data[: CREDENTIALS.size])[0])
    raise SandboxError("the kernel didn't say who sent a worker's first byte")


def _target(target: str | Handle) -> str | int:
    return target.number if isinstance(target, Handle) else target


def _utf8(source: str) -> str:
    return source.encode("utf-8", "backslashreplace").decode()
