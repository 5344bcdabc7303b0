"""The judge's end of a worker.

A worker has two sockets: one to its warden, on which the kernel's word of its end arrives and whose
closing kills it, and one for requests. Whatever a worker sends, however malformed, late, large or
strange, becomes a reply; only the sandbox's own failure raises.
"""

import contextlib
import json
import os
import secrets
import select
import signal
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from autograder.sandbox import usage
from autograder.sandbox.birth import Birth
from autograder.sandbox.channel import Channel, Closed, pack
from autograder.sandbox.errors import ProtocolError
from autograder.sandbox.limits import Crossed, Span
from autograder.sandbox.replies import CannotTravel, Ended, Reply, Times, read_reply
from autograder.sandbox.requests import Requests
from autograder.sandbox.wire import Encoder, Unsendable

GRACE = 1.0  # seconds between an interrupt and the kill
GLANCE, WATCH = 0.05, 0.25  # seconds between looks at one process, at the whole tree
SLACK = 64 << 20  # bytes: a process is to feel its own limit first, as an exception
CUDA_CONTEXT = 1 << 30  # bytes of a GPU that the driver and the libraries take for themselves
KILLED = signal.SIGKILL.name


class _Stop(Exception):
    """Ends a wait for a worker, with what it has crossed."""

    def __init__(self, crossed: Crossed, detail: str = "") -> None:
        super().__init__(crossed, detail)
        self.ended = Ended(crossed, detail)


class Worker(Requests):
    """One submission's process. After an `Ended` reply it is dead, and every further reply is
    `Ended` too."""

    def __init__(self, birth: Birth, *, jailed: bool, cuda: bool = False) -> None:
        self.limits = limits = birth.limits
        self.call_limit = limits.call
        self.jailed = jailed
        self.cuda = cuda
        self._gpu_allowed = limits.memory + CUDA_CONTEXT
        self.ended: Ended | None = None
        self._warden, self.pid, self._pidfd = birth.finish()
        self._control, self._data, self._group = birth.control, birth.data, birth.group
        self._channel = Channel(self._data, self._watch)
        self._base = usage.resident(self.pid)
        self._cpu_base = self._group_cpu()
        self.spent = 0.0  # wall seconds inside requests
        self._looked = self._watched = time.monotonic()
        self._others_cpu = 0.0
        self._begin(limits.call)

    @property
    def was_killed(self) -> bool:
        """Whether it ended by a SIGKILL that didn't come from here."""
        return self.ended == Ended(Crossed.SIGNAL, KILLED)

    def close(self) -> None:
        """Kill the worker and everything that it started, and wait until they are gone."""
        if self._pidfd < 0:
            return
        self._kill()
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        if not poll.poll(100):  # its own may keep it from the processor that it needs to end on
            usage.kill_descendants(self._warden)
            poll.poll(5000)
        os.close(self._pidfd)
        self._pidfd = -1
        if self._group is not None:
            self._group.release()
        self._control.close()
        self._data.close()

    def _request(
        self,
        request: dict[str, Any],
        values: Mapping[str, Any],
        span: Span,
        *,
        timed: bool = False,
        interrupt: bool = False,
    ) -> Reply:
        if self.ended is not None:
            return self.ended
        encoder = Encoder()
        number = secrets.randbits(64)
        try:
            request |= {name: encoder.encode(value) for name, value in values.items()}
            pieces = pack(number, request, encoder.buffers)
        except Unsendable as error:  # a data file, a cell or a student's own earlier value
            return CannotTravel(what=str(error))
        self._begin(span)
        queued = self._queued() if timed else 0.0
        started, cpu = time.perf_counter(), usage.cpu_time(self.pid)
        self._interruptible, self._interrupted = interrupt, False
        try:
            self._channel.send(pieces)
            echoed, body, buffers = self._channel.receive()
            times = Times(
                wall=time.perf_counter() - started,
                cpu=max(0.0, usage.cpu_time(self.pid) - cpu),
                queued=self._queued() - queued if timed else 0.0,
            )
            if echoed != number:
                raise ProtocolError("an answer to no question")
            self._hear_warden()  # a forked twin that the clocks don't know may be answering
            return read_reply(
                body, buffers, times, interrupted=self._interrupted, size=self._channel.taken
            )
        except _Stop as stop:
            self.ended = stop.ended
        except (ProtocolError, MemoryError) as error:
            self.ended = Ended(Crossed.PROTOCOL, str(error))
        except Closed:
            self.ended = self._fate()
        except BaseException:  # the judge was interrupted: no later request may hear this answer
            self.ended = Ended(Crossed.WALL, "the judge stopped waiting")
            self.close()
            raise
        finally:
            self.spent += time.perf_counter() - started
        self.close()
        return self.ended

    def _queued(self) -> float:
        """Seconds that the worker, or the judge that waits for it, could not run for want of a
        processor: on a busy machine that is no time of the worker's."""
        return usage.queue_time(self.pid) + usage.queue_time(os.getpid())

    def _begin(self, span: Span) -> None:
        """Start the clocks of a request."""
        now = time.monotonic()
        left = self.limits.submission.wall - self.spent
        self._deadline = now + min(span.wall, left)
        self._wall = Crossed.WALL if span.wall <= left else Crossed.SUBMISSION
        self._cpu_left = span.cpu
        self._cpu_before = usage.cpu_time(self.pid)
        self._others_before: float | None = None

    def _interrupt(self, crossed: Crossed) -> None:
        """As a notebook's stop button: the cell gets a KeyboardInterrupt and a moment to end."""
        self._interrupted = True
        self._wall, self._cpu_left = crossed, float("inf")
        self._deadline = time.monotonic() + GRACE
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGINT)

    def _watch(self) -> float:
        """Called while there is nothing to read; raises _Stop when a limit is crossed."""
        try:
            return self._look()
        except _Stop as stop:
            if (
                not self._interruptible
                or self._interrupted
                or stop.ended.crossed not in (Crossed.WALL, Crossed.CPU)
            ):
                raise
            self._interrupt(stop.ended.crossed)
            return GLANCE

    def _look(self) -> float:
        now = time.monotonic()
        if now >= self._deadline:
            raise _Stop(self._wall)
        if now - self._looked >= GLANCE:
            self._looked = now
            used = usage.cpu_time(self.pid)
            if used - self._cpu_before > self._cpu_left:
                raise _Stop(Crossed.CPU)
            if used + self._others_cpu > self.limits.submission.cpu:
                raise _Stop(Crossed.SUBMISSION)
            if usage.resident(self.pid) - self._base > self.limits.memory + SLACK:
                raise _Stop(Crossed.MEMORY)
            self._hear_warden()
        if now - self._watched >= WATCH:
            self._watched = now
            self._watch_tree()
        return min(GLANCE, self._deadline - now)

    def _group_cpu(self) -> float | None:
        """CPU seconds of the control group but for the worker itself, if anybody counts them."""
        total = self._group.cpu_time() if self._group is not None else None
        own = usage.cpu_time(self.pid)  # 0.0 when it is gone
        return total - own if total is not None and own else None

    def _watch_tree(self) -> None:
        others = [pid for pid in usage.descendants(self._warden) if pid != self.pid]
        in_group = self._group_cpu()
        if in_group is not None and self._cpu_base is not None:
            self._others_cpu = max(self._others_cpu, in_group - self._cpu_base)
        else:  # without a child that nobody waits for: the kernel reaps it, and forgets its time
            self._others_cpu = (
                usage.tree_cpu_time(others)
                + usage.ended_children_cpu_time(self.pid)
                + usage.ended_children_cpu_time(self._warden)  # orphans
            )
        if self._group is not None and self._group.ran_out_of_memory:
            raise _Stop(Crossed.MEMORY)
        if self._others_before is None:
            self._others_before = self._others_cpu
        if self._others_cpu - self._others_before > self._cpu_left:
            raise _Stop(Crossed.CPU)
        if self.cuda and usage.gpu_memory({self.pid, *others}) > self._gpu_allowed:
            raise _Stop(Crossed.MEMORY, "on the GPU")
        grown = sum(max(0, usage.resident(pid) - self._base) for pid in [self.pid, *others])
        if grown > self.limits.memory + SLACK:
            raise _Stop(Crossed.MEMORY)

    def _hear_warden(self) -> None:
        """A child that holds the socket must not hide that the worker has ended."""
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
            code = -signal.SIGKILL  # the warden itself
        if code == -signal.SIGKILL and self._group is not None and self._group.ran_out_of_memory:
            return Ended(Crossed.MEMORY)
        if code >= 0:
            return Ended(Crossed.EXIT, str(code))
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return Ended(Crossed.CPU if name == "SIGXCPU" else Crossed.SIGNAL, name)

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if not self.jailed:  # no pid namespace: what can be found has to do
                usage.kill_descendants(self._warden)
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()
