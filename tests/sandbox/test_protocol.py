"""Whatever a worker sends, the judge gets a reply, and keeps its time and its memory."""

import resource
import struct

import pytest

from autograder.sandbox.channel import HEADER, MAX_BODY
from autograder.sandbox.limits import Crossed, Span
from autograder.sandbox.replies import MAX_NAME, Ended, Times, Value, read_reply
from autograder.sandbox.wire import MAX_BUFFERS
from tests.sandbox.asking import call, ended, limits, run, value
from tests.sandbox.conftest import MakeWorker

HUGE = HEADER.pack(1, MAX_BODY, MAX_BUFFERS)

# What is written to the socket in the middle of a call, and what may become of the call.
SENT = {
    "garbage": (b"garbage" * 100, {Crossed.PROTOCOL}),
    "a header of ones": (b"\xff" * 64, {Crossed.PROTOCOL}),
    "a body over the cap": (HEADER.pack(1, MAX_BODY + 1, 0), {Crossed.PROTOCOL}),
    "buffers over the cap": (HEADER.pack(1, 0, 2**63), {Crossed.PROTOCOL}),
    "the largest lengths and nothing": (HUGE, {Crossed.WALL, Crossed.PROTOCOL}),
    "half a header": (b"\0" * 7, {Crossed.WALL, Crossed.PROTOCOL}),
    "an empty frame": (HEADER.pack(1, 0, 0), {Crossed.PROTOCOL}),
    "an answer to no question": (HEADER.pack(1, 1, 0) + b"\x80", {Crossed.PROTOCOL}),
    "deep nesting": (HEADER.pack(1, 100_001, 0) + b"\x91" * 100_000 + b"\x01", {Crossed.PROTOCOL}),
    "a list of 4 billion": (
        HEADER.pack(1, 8, 0) + b"\x81\xa1a\xdd\xff\xff\xff\xff",
        {Crossed.PROTOCOL},
    ),
    "no msgpack": (HEADER.pack(1, 3, 0) + b"\xc1\xc1\xc1", {Crossed.PROTOCOL}),
}


@pytest.mark.parametrize(("sent", "crossed"), SENT.values(), ids=SENT)
def test_bytes_of_a_submissions_own_end_the_worker_only(
    make_worker: MakeWorker, sent: bytes, crossed: set[Crossed]
):
    worker = make_worker(limits(call=Span(1, 20)))
    body = "import os\nos.write(3, args[0])\nimport time\ntime.sleep(args[1])"
    reply = ended(call(worker, body, sent, 0 if Crossed.WALL not in crossed else 60))
    assert reply.crossed in crossed
    assert value(call(make_worker(), "return 1")) == 1


def test_extra_frames_spoil_the_next_call_and_no_more(make_worker: MakeWorker):
    worker = make_worker()
    run(worker, "def send(data):\n    import os\n    os.write(3, data)")
    forged = HEADER.pack(7, 1, 0) + b"\x80"
    assert ended(worker.call("send", (forged * 3,))).crossed is Crossed.PROTOCOL


# The number of a request is in the worker's memory: a submission can answer its own question.
FORGE = """
    import os, struct, sys, threading
    import msgspec
    frame = sys._getframe()
    while "number" not in frame.f_locals:
        frame = frame.f_back
    def forge(body, buffers=b"", number=frame.f_locals["number"]):
        packed = msgspec.msgpack.encode(body)
        os.write(3, struct.pack("<QIQ", number, len(packed), len(buffers)) + packed + buffers)
"""


def forged(make_worker: MakeWorker, source: str) -> object:
    worker = make_worker(limits(call=Span(1, 20)))
    return call(worker, FORGE + f"    {source}\n    os._exit(0)")


@pytest.mark.parametrize(
    "source",
    [
        "forge({})",
        "forge([])",
        "forge({'status': 'value'})",
        "forge({'status': 'value', 'value': ['T', 'float32', [2], 0, False]})",
        "forge({'status': 'value', 'value': ['T', 'object', [2], 0, False]}, bytes(8))",
        "forge({'status': 'value', 'value': ['T', 'float32', [-1], 0, False]}, bytes(8))",
        "forge({'status': 'value', 'value': ['o', 2**63, 'Foo']})",
        "forge({'status': 'value', 'value': 1, 'changed': [1]})",
        "forge({'status': 'value', 'value': 1, 'printed': 3})",
        "forge({'status': 'raised', 'type': 3, 'message': None, 'frames': 1})",
        "forge({'status': 'raised', 'type': 'E', 'message': 'm', 'frames': [[1]]})",
        "forge({'status': 'outputs', 'outputs': [[]]})",
        "forge({'status': 'outputs', 'outputs': '[{}]'})",
        "forge({'status': 'shape'})",
        "forge({'status': ['value']})",
        "forge({'status': 'value', 'value': {'__class__': 'evil'}})",
        "os.close(3)",
        "import socket; socket.socket(fileno=3).shutdown(2)",
    ],
)
def test_a_forged_answer_is_a_reply_whatever_it_says(make_worker: MakeWorker, source: str):
    from autograder.sandbox.replies import Reply

    assert isinstance(forged(make_worker, source), Reply)


def test_the_name_of_a_changed_argument_is_no_longer_than_a_name():
    body = {"status": "value", "value": None, "changed": "x" * 10_000}
    reply = read_reply(body, bytearray(), Times(), interrupted=False)
    assert isinstance(reply, Value)
    assert reply.changed == "x" * MAX_NAME


def test_an_answer_byte_by_byte_is_ended_by_the_clock(make_worker: MakeWorker):
    worker = make_worker(limits(call=Span(1, 60)))
    body = """
        import os, time
        for byte in args[0]:
            os.write(3, bytes([byte]))
            time.sleep(0.01)
        while True:
            os.write(3, b"\\0")
            time.sleep(0.01)
    """
    assert ended(call(worker, body, HUGE)).crossed is Crossed.WALL


def test_a_stream_without_end_is_ended_by_the_clock_or_the_cap(make_worker: MakeWorker):
    worker = make_worker(limits(call=Span(1, 60)))
    body = "import os\nos.write(3, args[0])\nwhile True: os.write(3, bytes(65536))"
    sent = HEADER.pack(1, 0, 1 << 40)
    assert ended(call(worker, body, sent)).crossed is Crossed.PROTOCOL


def test_huge_claims_take_no_memory_here(make_worker: MakeWorker):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for sent in (HUGE, struct.pack("<QIQ", 1, 0, MAX_BUFFERS)):
        worker = make_worker(limits(call=Span(0.5, 20)))
        call(worker, "import os\nos.write(3, args[0])\nimport time\ntime.sleep(60)", sent)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < (64 << 10)


def test_a_submission_that_reads_its_own_requests_learns_nothing_and_gains_nothing(
    make_worker: MakeWorker,
):
    worker = make_worker(limits(call=Span(0.5, 20)))
    reply = call(worker, "import os\nreturn os.read(3, 1 << 20)")
    assert isinstance(reply, Ended)  # there is nothing to read while it runs
