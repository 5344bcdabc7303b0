"""The zygote: imports the libraries once and forks a worker for each submission. It runs no student
code, ever.

    judge ── control socket ──> zygote
                                └ fork → the warden, pid 1 of new namespaces. It holds the
                                         worker's control socket, reaps orphans, reports how
                                         the worker ended, and dies when the judge closes the
                                         socket; the kernel then kills all below it. Before it
                                         forks the judge brings it into a control group.
                                         └ fork → the worker, which holds the data socket

Started as `zygote DESCRIPTOR OPTIONS`, where OPTIONS is JSON: jailed, cuda, environment, and for
the walls of a jailed worker what it may read and which devices it needs. When it is ready it sends
a report, JSON too: the layers that stand, and those that this machine doesn't have; or `failed`.
"""

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from typing import Any, NoReturn

import torch

from autograder.sandbox import namespaces, usage
from autograder.sandbox.channel import Channel
from autograder.sandbox.limits import Limits
from autograder.sandbox.shell import Shell, make_shell
from autograder.sandbox.walls import RLIMITS, Walls
from autograder.sandbox.worker import Worker

HELLO = b"h"
MAX_REQUEST = 1 << 16
BROKEN = 70  # the exit code of a worker whose own code failed (sysexits.h: internal software error)


def main() -> None:
    """Serve the judge that started this process."""
    control = socket.socket(fileno=int(sys.argv[1]))
    options = json.loads(sys.argv[2])
    os.environ.update(options["environment"])
    if options["jailed"]:
        _forget_foreign_paths()
    torch.set_num_threads(1)  # threads must not have run before a fork
    shell = make_shell()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps what is forked here
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the judge's to handle
    _settle()
    try:
        walls, report = _walls(options)
    except OSError as error:
        control.send(json.dumps({"failed": str(error)}).encode())
        return
    control.send(json.dumps(report).encode())
    _serve(control, walls, shell, cuda=options["cuda"])


def _serve(first: socket.socket, walls: Walls | None, shell: Shell, *, cuda: bool) -> None:
    """Do what the judge asks for on `first`, until it closes that, and processes forked from the
    judge on sockets of their own."""
    judges = {first.fileno(): first}
    poll = select.poll()
    poll.register(first, select.POLLIN)
    while True:
        for number, _ in poll.poll():
            judge = judges[number]
            message, descriptors = b"", list[int]()
            with contextlib.suppress(ConnectionResetError):
                message, descriptors, _, _ = socket.recv_fds(judge, MAX_REQUEST, 2)
            if not message:
                if judge is first:
                    return
                poll.unregister(judge)
                judges.pop(number).close()
                continue
            request = json.loads(message)
            if request["do"] == "serve":
                another = socket.socket(fileno=descriptors.pop())
                judges[another.fileno()] = another
                poll.register(another, select.POLLIN)
            elif request["do"] == "preload":
                _preload(request["modules"])
                judge.send(HELLO)
            elif os.fork() == 0:
                for judge in judges.values():
                    judge.close()
                _become_warden(descriptors, request, walls, shell, cuda=cuda)
            for descriptor in descriptors:
                os.close(descriptor)


def _walls(options: dict[str, Any]) -> tuple[Walls | None, dict[str, Any]]:
    """What a worker is to put up (nothing without a jail), and the report; raises OSError where
    this machine can't isolate."""
    if not options["jailed"]:
        return None, {"layers": [RLIMITS], "absent": {}}
    prepared = Walls.prepare(
        cuda=options["cuda"], readable=options["readable"], devices=options["devices"]
    )
    walls = prepared.tried()
    return walls, {"layers": walls.layers, "absent": walls.absent}


def _forget_foreign_paths() -> None:
    """Keep what an editable installation added to sys.path (the course's root, say) out of it."""
    ours = (sys.path[0], sys.prefix, sys.base_prefix, sys.base_exec_prefix, "/usr")
    sys.path[:] = [path for path in sys.path if path.startswith(ours)]


def _preload(modules: list[str]) -> None:
    gc.disable()
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:  # optional: the submission that wants it is told so when it imports
            continue
    _settle()


def _settle() -> None:
    """Keep the garbage collector from touching, and so copying, the pages that workers share."""
    gc.freeze()
    gc.enable()


def _become_warden(
    descriptors: list[int],
    request: dict[str, Any],
    walls: Walls | None,
    shell: Shell,
    *,
    cuda: bool,
) -> NoReturn:
    control, data = (socket.socket(fileno=descriptor) for descriptor in descriptors)
    limits = Limits.from_plain(request["limits"])
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        control.send(HELLO)
        if walls is None:
            control.recv(1)
            namespaces.adopt_orphans()
        else:
            namespaces.enter(lambda: control.recv(1))
            namespaces.furnish(limits)
            namespaces.lock()
        worker = os.fork()
        if worker == 0:
            control.close()
            _become_worker(data, limits, shell, walls, cuda=cuda)
        data.close()
        if walls is not None:
            namespaces.hide()
        control.send(HELLO)
        ended = _watch(control, worker)
        if walls is None:  # there is no pid namespace that ends with this process
            usage.kill_descendants(os.getpid())
        if ended is not None:
            control.send(json.dumps(ended).encode())
    except OSError as error:
        control.send(json.dumps({"failed": str(error)}).encode())
    finally:
        os._exit(0)


def _watch(control: socket.socket, worker: int) -> dict[str, int] | None:
    """Wait until the worker ends and say how, or until the judge lets go (None)."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(control, select.POLLIN)
    poll.register(reader, select.POLLIN)
    while True:
        while True:  # reap: the worker, or an orphan that became ours
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                break
            if pid == worker:
                return {"exit": os.waitstatus_to_exitcode(status)}
            if pid == 0:
                break
        for descriptor, _ in poll.poll():
            if descriptor == control.fileno():
                return None
            os.read(reader, 4096)


def _become_worker(
    data: socket.socket, limits: Limits, shell: Shell, walls: Walls | None, *, cuda: bool
) -> NoReturn:
    code = BROKEN
    try:
        output = os.memfd_create("output")
        null = os.open("/dev/null", os.O_RDONLY)
        for source, target in ((null, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        data_fd = os.dup2(data.fileno(), 3, inheritable=False)
        os.closerange(4, 1024)
        data.detach()
        if walls is None:
            namespaces.limit(limits, jailed=False, cuda=cuda)
        else:
            walls.put_up(limits)
        channel = Channel(socket.socket(fileno=data_fd))
        channel.sock.send(HELLO)
        Worker(channel, shell, limits, descriptor=1, device="cuda" if cuda else "cpu").serve()
        code = 0
    finally:
        os._exit(code)
