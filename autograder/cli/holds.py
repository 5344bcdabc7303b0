"""Whether a worker of this machine's sandbox really holds what is put into it, by trying."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from autograder.sandbox.limits import Limits, Span
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import CellOutputs, Raised

# Prints what a submission should not have been able to do.
ATTACKS = """
import ctypes, os, socket, subprocess

def attempt(name, work):
    try:
        succeeded = work()
    except (OSError, ValueError):
        return
    if succeeded:
        print(name)

def connect(address):
    with socket.create_connection(address, timeout=1):
        return True

def write(path):
    with open(path, "w"):
        return True

libc = ctypes.CDLL(None)
attempt("reads the machine's files", lambda: open("/etc/passwd").read())
attempt("writes to the system", lambda: write("/usr/x") or write("/x"))
attempt("reaches this machine's servers", lambda: connect(("127.0.0.1", 22)))
attempt("reaches the network", lambda: connect(("192.0.2.1", 80)))
attempt("sees other processes", lambda: {"1", "2"} < set(filter(str.isdigit, os.listdir("/proc"))))
attempt("makes a user namespace", lambda: libc.unshare(0x10000000) == 0)
attempt("becomes root", lambda: os.setuid(0) is None)
attempt("gets new privileges", lambda: "NoNewPrivs:\\t1" not in open("/proc/self/status").read())
"""
QUICK = Span(1, 1)
MUCH = 1 << 36  # bytes
PATIENCE = 10.0


def gaps(sandbox: Sandbox) -> Iterator[str]:
    """What isn't held, in words; nothing when all is well. Raises SandboxError."""
    limits = replace(Limits(), cell=Span(30, 30), call=QUICK)
    with sandbox.worker(limits) as worker:
        reply = worker.run_cell("import torch; print(int(torch.tensor(6) * 7))", 0)
        if not isinstance(reply, CellOutputs) or "42" not in str(reply.outputs):
            yield f"a worker doesn't compute: {reply}"
            return
        reply = worker.run_cell(ATTACKS, 1)
        if not isinstance(reply, CellOutputs):
            yield f"a worker ended when it looked round: {reply}"
            return
        if any(output["output_type"] == "error" for output in reply.outputs):
            yield f"a worker can't look round: {reply.outputs}"
        printed = "".join(output.get("text", "") for output in reply.outputs)
        yield from (f"a submission {what}" for what in printed.splitlines())
        worker.run_cell(f"def much(): return bytearray({MUCH})\ndef endless():\n  while 1: pass", 2)
        reply = worker.call("much")
        if not isinstance(reply, Raised) or not reply.memory:
            yield f"a submission gets more memory than it may have: {reply}"
        worker.call("endless")
        if worker.ended is None:
            yield "a submission computes for longer than it may"
        pid = worker.pid
    if Path(f"/proc/{pid}").exists():
        yield "a submission's process outlives it"
