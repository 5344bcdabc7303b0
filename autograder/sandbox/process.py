"""The judge's end of a zygote.

A Sandbox starts its zygote at once and in the background (the import of torch takes seconds; the
caller has imports of its own to do meanwhile) and lives until `close`. bubblewrap ties the zygote
to the judge: whichever way the judge ends, the kernel kills the zygote and every worker with it.
"""

import contextlib
import json
import select
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from autograder.sandbox import jail
from autograder.sandbox.cgroups import Groups
from autograder.sandbox.errors import SandboxError, SandboxUnavailable
from autograder.sandbox.limits import Limits
from autograder.sandbox.rights import Right, right

if TYPE_CHECKING:  # torch is imported while the zygote imports it, not before the zygote starts
    from autograder.sandbox.birth import Birth
    from autograder.sandbox.connection import Worker

T = TypeVar("T")
Mode = Literal["bubblewrap", "none"]
CGROUPS = "cgroups"
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)  # bubblewrap itself; what it ran
MAX_REPORT = 1 << 16
MOST_RESTARTS = 3
WRAPPERS = ("bwrap: ", "setpriv: ", "sh: ", "mount: ")  # what puts the zygote into its jail
NOT_STARTED = """the zygote didn't start: {last}
{said}
What to do: `autograder doctor` looks at each layer."""
START_TIMEOUT = 120.0  # seconds for the zygote's imports, on a cold and busy machine


class Sandbox:
    """A zygote and the way to make workers of it. Use it as a context manager, or `close` it."""

    def __init__(
        self,
        limits: Limits,
        *,
        mode: Mode = "bubblewrap",
        cuda: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.limits = limits
        self.mode = mode
        self.cuda = cuda
        self.environment = dict(environment or {})  # beside jail's own, for every worker
        self.ahead = False
        """Whether `prepare` has workers made: worth it where a class is judged."""
        self._start()

    @property
    def layers(self) -> list[str]:
        """What stands between a submission and the machine, as was found by trying it."""
        self.wait()
        within: list[str] = self._report["layers"]
        if self.mode == "none":
            return within
        user = "user namespace" if right() is Right.USER else "unprivileged user"
        offers = self._groups.offers if self._groups else []
        groups = [f"{CGROUPS} ({', '.join(offers)})"] if offers else []
        return ["bubblewrap", user, *groups, *within]

    @property
    def absent(self) -> dict[str, str]:
        """Layers that this machine doesn't offer, with the reason."""
        self.wait()
        absent: dict[str, str] = dict(self._report["absent"])
        if self._groups and self._groups.absent:
            absent[CGROUPS] = self._groups.absent
        return absent

    def _start(self) -> None:
        self._ready = False
        self._preloaded: set[str] = set()
        self._unheard = 0  # answers to preloads that are still to come
        self._prepared: Birth | None = None
        self._process: subprocess.Popen[bytes] | None
        with contextlib.ExitStack() as stack:
            self._errors = stack.enter_context(tempfile.TemporaryFile())
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._control = stack.enter_context(ours)
            with theirs:
                self._process = self._spawn(theirs, stack)
            self._groups = self._make_groups(stack)
            self._held = stack.pop_all()

    def _make_groups(self, stack: contextlib.ExitStack) -> Groups | None:
        if self.mode == "none":
            return None
        groups = Groups.here()
        stack.callback(groups.close)
        return groups

    def _spawn(self, theirs: socket.socket, stack: contextlib.ExitStack) -> subprocess.Popen[bytes]:
        jailed = self.mode == "bubblewrap"
        options = {"jailed": jailed, "cuda": self.cuda, "environment": self.environment}
        if self.mode == "bubblewrap":
            command, folder, environment = jail.command(cuda=self.cuda), "/", {}
            options["readable"] = jail.readable(cuda=self.cuda)
            options["devices"] = jail.devices(cuda=self.cuda)
        else:
            command = jail.unjailed_command()
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True)
            )
            environment = jail.ENVIRONMENT | {"TMPDIR": folder, "HOME": folder}
        return subprocess.Popen(
            [*command, str(theirs.fileno()), json.dumps(options)],
            pass_fds=[theirs.fileno()],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._errors,
            stderr=self._errors,
            cwd=folder,
        )

    def wait(self) -> None:
        """Wait until the zygote can fork; raises SandboxUnavailable when it can't start."""
        self._again(self._wait)

    def _wait(self) -> None:
        if not self._ready:
            report = json.loads(self._hear(START_TIMEOUT))
            if "failed" in report:
                raise SandboxUnavailable(jail.refused(report["failed"]))
            self._report: dict[str, Any] = report
            self._ready = True
        while self._unheard:
            self._hear(START_TIMEOUT)
            self._unheard -= 1

    def preload(self, modules: Sequence[str]) -> None:
        """Have the zygote import `modules` (trusted, installed ones), so that no worker made from
        now on has to. Doesn't wait for it."""
        wanted = [module for module in modules if module not in self._preloaded]
        if wanted:
            self._abandon()
            self._again(lambda: self._preload(wanted))

    def worker(self, limits: Limits | None = None) -> "Worker":
        """A fresh worker, ready for requests, under `limits` or the sandbox's own."""
        return self._again(lambda: self._worker(limits or self.limits))

    def prepare(self, limits: Limits) -> None:
        """Have the next worker under `limits` made while others run. Called again, as it may be at
        any time, it lets that worker go on to its next step."""
        if not self.ahead:
            return
        try:
            if self._prepared is None:
                self._prepared = self._ask(limits)
            else:
                self._prepared.admit()
        except SandboxError:  # whoever asks for a worker will hear of it
            self._abandon()

    def _abandon(self) -> None:
        if self._prepared is not None:
            self._prepared.abandon()
            self._prepared = None

    def _again(self, work: Callable[[], T]) -> T:
        """`work`, and again with a new zygote where the one that there was has been killed."""
        restarts = 0
        while True:
            try:
                if restarts:
                    self._restart()
                return work()
            except SandboxUnavailable:  # this machine can't isolate: it will say so again
                raise
            except SandboxError:
                restarts += 1
                if restarts > MOST_RESTARTS:
                    raise

    def _preload(self, modules: list[str]) -> None:
        self._preloaded.update(modules)
        try:
            self._control.send(json.dumps({"do": "preload", "modules": modules}).encode())
        except OSError as error:
            self._wait()  # one that never started says why
            raise SandboxError(f"the zygote is gone: {self._diagnosis() or error}") from error
        self._unheard += 1

    def _worker(self, limits: Limits) -> "Worker":
        if self._prepared is not None and self._prepared.limits == limits:
            birth, self._prepared = self._prepared, None
            with contextlib.suppress(SandboxError):  # killed: another will say more
                return self._finish(birth)
        return self._finish(self._ask(limits))

    def _finish(self, birth: "Birth") -> "Worker":
        from autograder.sandbox.connection import Worker

        return Worker(birth, jailed=self.mode == "bubblewrap", cuda=self.cuda)

    def _ask(self, limits: Limits) -> "Birth":
        from autograder.sandbox.birth import Birth
        from autograder.sandbox.connection import SLACK

        self._wait()
        group = self._groups.take(limits, SLACK, cuda=self.cuda) if self._groups else None
        try:
            return Birth(self._control, limits, group)
        except OSError as error:
            raise SandboxError(f"the zygote is gone: {self._diagnosis() or error}") from error

    def _restart(self) -> None:
        """Replace a zygote that is gone."""
        preloaded = sorted(self._preloaded)
        self.close()
        self._start()
        if preloaded:
            self._preload(preloaded)

    def part_from_parent(self) -> None:
        """In a process forked from the one that started this sandbox: have the zygote serve this
        process too, on a socket of its own."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        request = json.dumps({"do": "serve"}).encode()
        with theirs, contextlib.suppress(OSError):  # it was killed: the first worker will notice
            socket.send_fds(self._control, [request], [theirs.fileno()])
        self._control.close()
        self._control = ours
        self._parents, self._held = self._held, contextlib.ExitStack()  # not this process's to end
        self._held.push(ours)
        self._groups = self._make_groups(self._held)
        self._process = None

    def close(self) -> None:
        """End the zygote and every worker of it; in a forked process, only let go of it."""
        self._abandon()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._held.close()

    def _hear(self, timeout: float) -> bytes:
        """The zygote's next message."""
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        if not poll.poll(timeout * 1000):
            raise SandboxError(
                f"the zygote didn't answer within {timeout:.0f} s: {self._diagnosis()}"
            )
        with contextlib.suppress(ConnectionResetError):
            if message := self._control.recv(MAX_REPORT):
                return message
        if self._process is None or self._process.wait() in KILLED:
            raise SandboxError("the zygote was killed")
        said = self._diagnosis()
        if said.startswith(WRAPPERS):
            raise SandboxUnavailable(jail.refused(said))
        last = said.rpartition("\n")[2]
        raise SandboxUnavailable(NOT_STARTED.format(last=last, said=said))

    def _diagnosis(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()[-3000:]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
