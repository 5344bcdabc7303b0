"""What a grader sees of a submission: its functions, called as if they were here.

`student.conv2d(X, K)` sends plain data to the worker and brings plain data back; anything else that
happens there ends the grader with its verdict. The fixture `reference` is the same thing over the
reference solutions. Every exchange is written into a transcript, by which a wrong answer is
compared with those of known misconceptions.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from autograder.errors import JudgeFault
from autograder.judge.failures import changed, failure, too_much
from autograder.judge.result import Unsuccessful, Verdict
from autograder.judge.transcript import Event, failure_key
from autograder.sandbox.replies import Missing, Reply, Times, Value
from autograder.sandbox.requests import Requests
from autograder.sandbox.wire import Handle
from autograder.text import Text

MOST_KEPT = 1 << 30  # bytes of what a submission returned to one grader, as they are kept


class Remote:
    """An object that stays with the student's code: attributes can be read, set and called."""

    __slots__ = ("_handle", "_method", "_owner", "_student")

    def __init__(self, student: "Student", handle: Handle, owner: str = "", name: str = "") -> None:
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_owner", owner)
        object.__setattr__(self, "_method", name)

    @property
    def _name(self) -> str:
        """What a message calls it: Counter, or Counter.next."""
        return f"{self._owner}.{self._method}" if self._method else self._handle.type_name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # protocols such as __array__ are no attributes of the student's
            raise AttributeError(name)
        return self._student._attribute(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._student._assign(self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._student.call(self, args, kwargs)

    def __repr__(self) -> str:
        return f"<{self._name} of a submission>"


class Student:
    """A submission's functions and classes, by their names."""

    def __init__(
        self,
        requests: Callable[[], Requests],
        *,
        ban: Sequence[str] = (),
        missing: Callable[[str], Text] = lambda _: Text("", ""),
    ) -> None:
        self._requests = requests
        self._ban = ban
        self._missing = missing
        self.transcript: list[Event] = []
        self.wall = self.cpu = 0.0
        self.gpu: float | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def function(*args: Any, **kwargs: Any) -> Any:
            return self.call(name, args, kwargs)

        return function

    def call(
        self,
        target: str | Remote,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        inplace: bool = False,
        objects: bool = False,
        opaque: Sequence[int] = (),
    ) -> Any:
        """Call `target`; `inplace` allows it to change its arguments, `objects` lets values that
        can't travel come back as remote objects (elsewhere they are wrong answers). `opaque` are
        positions in the returned tuple that are the student's own affair, such as a state: they
        don't count when a wrong answer is compared with a misconception's."""
        name, to, asked = _named(target)
        with self._recorded(f"call {asked}") as outcome:
            reply = self._requests().call(
                to,
                _send(tuple(args)),
                _send(dict(kwargs or {})),
                inplace=inplace,
                objects=objects,
                ban=self._ban,
            )
            value = outcome(reply, name)
            self.transcript[-1] = _without(self.transcript[-1], opaque)
            return value

    def new(
        self, name: str, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Remote:
        """Make an object of class `name`."""
        made = self.call(name, args, kwargs, objects=True)
        if not isinstance(made, Remote):
            en, zh = f"{name} made no object.", f"{name} 没有创建对象。"
            raise Unsuccessful(Verdict.WRONG_ANSWER, Text(en, zh))
        return made

    def vjp(
        self,
        name: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any] | None = None,
        *,
        cotangent: Any,
        wrt: Sequence[int],
    ) -> tuple[Any, tuple[Any, ...]]:
        """Call `name` and pull `cotangent`, of the output's shape, back to the arguments `wrt`:
        (output, their gradients). Where no gradient flows, that is a wrong answer."""
        with self._recorded(f"vjp {name}") as outcome:
            reply = self._requests().vjp(
                name, _send(tuple(args)), _send(dict(kwargs or {})), cotangent, wrt, ban=self._ban
            )
            output, gradients = outcome(reply, name)
            return output, gradients

    def put(self, value: Any, *, requires_grad: bool = False) -> Remote:
        """Place a value beside the student's code: a parameter that will be updated, say."""
        with self._recorded("put") as outcome:
            reply = self._requests().put(_send(value), requires_grad=requires_grad)
            remote: Remote = outcome(reply, "put")
            return remote

    def get(self, remote: Remote) -> Any:
        """The plain value of a remote object."""
        with self._recorded("get") as outcome:
            return outcome(self._requests().get(remote._handle), remote._name)

    def seed(self, seed: int) -> None:
        """Seed the random generators of the student's process."""
        with self._recorded("seed") as outcome:
            outcome(self._requests().seed(seed), "seed")

    def accept(self, reply: Reply, name: str) -> Any:
        """The value of a `reply` to a call of `name` that somebody else made, a timed one."""
        with self._recorded(f"call {name}") as outcome:
            return outcome(reply, name)

    def _attribute(self, remote: Remote, name: str) -> Any:
        with self._recorded(f"read .{name}") as outcome:
            reply = self._requests().attribute(remote._handle, name, ban=self._ban)
            found = outcome(reply, f"{remote._name}.{name}")
            if isinstance(found, Remote):
                return Remote(self, found._handle, remote._name, name)
            return found

    def _assign(self, remote: Remote, name: str, value: Any) -> None:
        with self._recorded(f"set .{name}") as outcome:
            reply = self._requests().assign(remote._handle, name, _send(value), ban=self._ban)
            outcome(reply, f"{remote._name}.{name}")

    @contextmanager
    def _recorded(self, asked: str) -> Iterator[Callable[[Reply, str], Any]]:
        try:
            yield lambda reply, name: self._outcome(asked, reply, name)
        except Unsuccessful as error:
            self.transcript.append(Event(asked, failed=(error.verdict, error.key)))
            raise

    def _outcome(self, asked: str, reply: Reply, name: str) -> Any:
        self._add(reply.times)
        if not isinstance(reply, Value):
            raise self._failure(reply, name)
        if reply.size + sum(event.size for event in self.transcript) > MOST_KEPT:
            raise too_much(name, MOST_KEPT)
        if reply.changed is not None:
            error = changed(name, reply.changed)
            error.key = f"changed {reply.changed}"
            raise error
        self.transcript.append(Event(asked, reply.value, size=reply.size))
        return self._receive(reply.value)

    def _add(self, times: Times) -> None:
        """Add up what the calls of a test take."""
        self.wall += times.wall
        self.cpu += times.cpu
        if times.gpu is not None:
            self.gpu = (self.gpu or 0.0) + times.gpu

    def _failure(self, reply: Reply, name: str) -> Exception:
        error = failure(reply, name, self._requests().call_limit)
        error.key = failure_key(reply)
        if isinstance(reply, Missing):
            error.message += self._missing(name)
        return error

    def _receive(self, value: Any) -> Any:
        if isinstance(value, Handle):
            return Remote(self, value)
        if isinstance(value, list | tuple):
            return (
                type(value)(self._receive(item) for item in value)
                if type(value) in (list, tuple)
                else value
            )
        if isinstance(value, dict):
            return {key: self._receive(item) for key, item in value.items()}
        return value


class Reference(Student):
    """The reference solutions. A failure of theirs is ours."""

    def _failure(self, reply: Reply, name: str) -> Exception:
        return JudgeFault(
            f"the reference solution failed: {failure(reply, name, self._requests().call_limit)}"
        )


def _without(event: Event, opaque: Sequence[int]) -> Event:
    if not opaque or type(event.value) not in (list, tuple):
        return event
    kept = [None if i in opaque else item for i, item in enumerate(event.value)]
    return Event(event.asked, kept, size=event.size)


def _named(target: str | Remote) -> tuple[str, str | Handle, str]:
    """(its name in a message, whom to ask for it, its name in a transcript): in the last, classes
    are nameless, because a misconception's has another name than the student's."""
    if isinstance(target, Remote):
        return target._name, target._handle, f".{target._method}"
    return target, target, target


def _send(value: Any) -> Any:
    if isinstance(value, Remote):
        return value._handle
    if type(value) in (list, tuple):
        return type(value)(_send(item) for item in value)
    if type(value) is dict:
        return {key: _send(item) for key, item in value.items()}
    return value
