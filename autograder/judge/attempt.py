"""One submission under judgement: its cells run in a worker, which is made anew when it has ended.

A cell that has to be killed is left out when the next worker runs the cells again; so an endless
loop in one cell costs that cell, not the notebook. The time of the whole submission counts on
through every worker.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.judge.forbidden import Use, find_forbidden
from autograder.sandbox.connection import Worker
from autograder.sandbox.errors import SandboxError
from autograder.sandbox.limits import Limits
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import CellOutputs, Ended, Reply
from autograder.submission import Submission
from autograder.text import Text

MOST_KILLED = 5  # cells; a notebook with more is run no further

Output = dict[str, Any]


class Attempt:
    """Runs `submission` under `limits`. `outputs` are those of the first run of each cell."""

    def __init__(self, sandbox: Sandbox, submission: Submission, limits: Limits) -> None:
        self.submission = submission
        self.limits = limits
        self.outputs: dict[int, list[Output]] = {}
        self.problems: list[Text] = list(submission.problems)
        self._sandbox = sandbox
        self._worker: Worker | None = None
        self._killed: set[int] = set()
        self._spent = 0.0
        self._uses: dict[tuple[str, tuple[str, ...]], list[Use]] = {}

    @property
    def exhausted(self) -> bool:
        """Whether the submission has used up its time."""
        return self._spent >= self.limits.submission.wall

    def worker(self) -> Worker:
        """The worker of this moment, dead or alive; the first call runs the cells."""
        if self._worker is None:
            self._load()
        assert self._worker is not None
        return self._worker

    def refresh(self) -> None:
        """After a kill: have the next test find a fresh worker, with the cells run again, once."""
        if self._worker is not None and self._worker.ended is not None and not self.exhausted:
            self._retire()

    def forbidden(self, exercise: str, names: Sequence[str]) -> list[Use]:
        """Where the source of `exercise` uses one of `names`."""
        key = (exercise, tuple(names))
        if key not in self._uses:
            self._uses[key] = (
                find_forbidden(self.submission.cells, exercise, names) if names else []
            )
        return self._uses[key]

    def explain_missing(self, name: str) -> Text:
        """Which cell raised, where that may be why `name` isn't there."""
        for cell in self.submission.cells:
            for output in self.outputs.get(cell.index, []):
                if output["output_type"] == "error" and name in cell.source and not cell.graded:
                    said = f"{output['ename']}: {output['evalue']}"
                    return Text(
                        f" Cell {cell.index + 1}, where it stands, raised {said}",
                        f" 它所在的第 {cell.index + 1} 个单元格抛出了异常 {said}",
                    )
        return Text("", "")

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._retire()

    def _retire(self) -> None:
        assert self._worker is not None
        self._spent += self._worker.spent
        self._worker.close()
        self._worker = None

    def _load(self) -> None:
        """Run the cells, in a new worker each time that one has to be killed."""
        while not self._run_cells():
            if self.exhausted or len(self._killed) > MOST_KILLED:
                return
            self._retire()

    def _run_cells(self) -> bool:
        self._worker = worker = self._start()
        if self.submission.files:
            worker.files(self.submission.files)
        for cell in self.submission.cells:
            if cell.index in self._killed:
                continue
            reply = worker.run_cell(cell.source, cell.index)
            self._note(cell.index, reply)
            if isinstance(reply, Ended):
                self._killed.add(cell.index)
                return False
        return True

    def _start(self) -> Worker:
        span = replace(self.limits.submission, wall=self.limits.submission.wall - self._spent)
        limits = replace(self.limits, submission=span)
        try:
            return self._sandbox.worker(limits)
        except (
            SandboxError
        ):  # the zygote was killed from outside; a machine that can't isolate says so again
            self._sandbox.restart()
            return self._sandbox.worker(limits)

    def _note(self, index: int, reply: Reply) -> None:
        if isinstance(reply, CellOutputs):
            self.outputs.setdefault(index, reply.outputs)
        if index not in self.outputs:
            self.outputs[index] = [_stopped(reply)]
        seconds = f"{self.limits.cell.wall:g}"
        if reply.interrupted:
            en = f"Cell {index + 1} was stopped after {seconds} s."
            self._problem(Text(en, f"第 {index + 1} 个单元格在 {seconds} 秒后被中止。"))
        elif isinstance(reply, Ended):
            en = (
                f"Cell {index + 1} ended its process ({reply.crossed} {reply.detail}".rstrip()
                + ")."
            )
            zh = (
                f"第 {index + 1} 个单元格使进程终止（{reply.crossed} {reply.detail}".rstrip()
                + "）。"
            )
            self._problem(Text(en, zh))

    def _problem(self, problem: Text) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def _stopped(reply: Reply) -> Output:
    said = (
        f"{reply.crossed} {reply.detail}".strip()
        if isinstance(reply, Ended)
        else type(reply).__name__
    )
    return {
        "output_type": "error",
        "ename": "Stopped",
        "evalue": said,
        "traceback": [f"Stopped: {said}"],
    }
