"""The worker: one submission, in IPython's shell, until its socket closes.

It holds no expected value, no grader and no secret. To the requests of servant.py it adds `files`
(data files for the submission's folder) and `cell` (a code cell, run as a notebook would).
"""

import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from autograder.sandbox.alone import be_alone
from autograder.sandbox.ban import hand_out_no_kernels
from autograder.sandbox.channel import Channel, Closed, pack
from autograder.sandbox.limits import Limits
from autograder.sandbox.servant import Reply, Servant
from autograder.sandbox.shell import Shell, drain, take_over
from autograder.sandbox.wire import Decoder, Encoder, Unsendable


class Worker(Servant):
    """A servant of the shell's namespace."""

    def __init__(
        self, channel: Channel, shell: Shell, limits: Limits, descriptor: int, device: str
    ) -> None:
        super().__init__(shell.user_ns, device)
        self.channel = channel
        self.shell = shell
        self.limits = limits
        self.descriptor = descriptor
        self._warden = os.getppid()
        self._alone = False

    def be_alone(self) -> None:
        """Once alone, a worker stays so."""
        if not self._alone:
            be_alone(self._warden)
            self._alone = True

    def serve(self) -> None:
        """Answer requests until the judge closes the socket."""
        folder = Path(tempfile.gettempdir()) / f"work-{os.getpid()}"
        folder.mkdir()
        os.chdir(folder)
        sys.path[0] = ""  # where this package was found; now the submission's own folder
        take_over(self.shell, cap=self.limits.output, descriptor=self.descriptor)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._seed(0)
        hand_out_no_kernels()
        while True:
            try:
                number, request, received = self.channel.receive()
                reply, buffers = self.answer(request, received)
                try:
                    pieces = pack(number, reply, buffers)
                except Unsendable as error:
                    pieces = pack(number, {"status": "unsendable", "what": str(error)}, [])
                self.channel.send(pieces)
            except Closed:
                return

    def printed(self) -> str:
        """What the last call printed, shortened."""
        drain(self.descriptor, self.shell.outputs)
        items = self.shell.outputs.collect()
        return "".join(item["text"] for item in items if item["output_type"] == "stream")[:2000]

    def _do_files(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        contents = Decoder(buffers).decode(request["files"])
        reply, _ = self._guarded(lambda: _write(contents))  # too many, too large, or in each other
        return reply or {"status": "value", "value": None}

    def _do_cell(self, request: Reply, buffers: bytearray, encoder: Encoder) -> Reply:
        self.cells[self.shell.execution_count] = request["index"]
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self.shell.run(request["source"])
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        except KeyboardInterrupt:  # it came when the cell had just ended
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        drain(self.descriptor, self.shell.outputs)
        outputs = msgspec.json.encode(self.shell.outputs.collect()).decode()
        return {"status": "outputs", "outputs": outputs}


def _write(contents: dict[str, np.ndarray[Any, Any]]) -> None:
    for name, content in contents.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.tobytes())
