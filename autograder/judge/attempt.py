"""One submission under judgement: its cells run in a worker, which is made anew when it has ended.

A cell that has to be killed is left out when the next worker runs the cells again; so an endless
loop in one cell costs that cell, not the notebook. The time of the whole submission counts on
through every worker.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.judge.forbidden import Use, find_forbidden
from autograder.sandbox.connection import Worker
from autograder.sandbox.limits import Crossed, Limits
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
        self._spent = 0.0  # by the workers before this one
        self._gave_up = False
        self._disturbed = False
        self._uses: dict[tuple[str, tuple[str, ...]], list[Use]] = {}

    @property
    def exhausted(self) -> bool:
        """Whether the submission has used up its time."""
        return self.spent >= self.limits.submission.wall

    @property
    def spent(self) -> float:
        """Wall seconds that the submission's code has taken so far."""
        return self._spent + (self._worker.spent if self._worker is not None else 0.0)

    def worker(self) -> Worker:
        """The worker of this moment, dead or alive; the first call runs the cells."""
        if self._worker is None:
            self._load()
        assert self._worker is not None
        return self._worker

    def refresh(self) -> None:
        """After a kill: have the next test find a fresh worker, with the cells run again, once."""
        over = self.exhausted or self._gave_up
        if self._worker is not None and self._worker.ended is not None and not over:
            self._retire()

    def abandon(self) -> None:
        """End the worker in the middle of a request; the next test finds a fresh one."""
        if self._worker is not None:
            self._worker.close()
            self._worker.ended = Ended(Crossed.WALL)

    def forbidden(self, exercise: str, names: Sequence[str]) -> list[Use]:
        """Where the source of `exercise` uses one of `names`."""
        key = (exercise, tuple(names))
        if key not in self._uses:
            self._uses[key] = (
                find_forbidden(self.submission.cells, exercise, names) if names else []
            )
        return self._uses[key]

    def explain_missing(self, name: str) -> Text:
        """Which cell raised that should have defined `name`."""
        for cell in self.submission.cells:
            for output in self.outputs.get(cell.index, []):
                if (
                    output["output_type"] == "error"
                    and re.search(rf"\b(?:def|class)\s+{re.escape(name)}\b", cell.source)
                    and not cell.graded
                ):
                    said = f"{output['ename']}: {output['evalue']}".rstrip(": ")
                    return Text(
                        f" Cell {cell.index + 1}, where it stands, raised {said}",
                        f" 它所在的第 {cell.index + 1} 个单元格抛出了异常 {said}",
                    )
        return Text("", "")

    @property
    def disturbed(self) -> bool:
        """Whether a worker got a SIGKILL that the judge hadn't sent: from the machine when it runs
        out of memory, from somebody, or from the submission itself."""
        return self._disturbed or (self._worker is not None and self._worker.was_killed)

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._retire()

    def _retire(self) -> None:
        assert self._worker is not None
        self._disturbed = self.disturbed
        self._spent += self._worker.spent
        self._worker.close()
        self._worker = None

    def _load(self) -> None:
        """Run the cells, in a new worker each time that one has to be killed."""
        while not self._run_cells():
            self._gave_up = len(self._killed) > MOST_KILLED
            if self.exhausted or self._gave_up:
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
        worker = self._sandbox.worker(replace(self.limits, submission=span))
        self._sandbox.prepare(self.limits)  # for the next submission
        return worker

    def _note(self, index: int, reply: Reply) -> None:
        if isinstance(reply, CellOutputs):
            self.outputs.setdefault(index, reply.outputs)
        if index not in self.outputs:
            self.outputs[index] = [_stopped(reply)]
        if reply.interrupted or isinstance(reply, Ended):
            self._problem(_problem_of(index + 1, reply))

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


def _problem_of(number: int, reply: Reply) -> Text:
    """What to say of a cell that was stopped, or whose process ended."""
    if not isinstance(reply, Ended):
        en = f"Cell {number} was stopped at its time limit: an endless loop?"
        return Text(en, f"第 {number} 个单元格达到时间限制后被中止：是死循环吗？")
    match reply.crossed:
        case Crossed.SUBMISSION:
            en = f"The notebook's time was used up in cell {number}; what follows was not run."
            return Text(
                en, f"运行到第 {number} 个单元格时，整个作业的时间已用完，其后的内容没有运行。"
            )
        case Crossed.WALL | Crossed.CPU:
            en, zh = "didn't stop at its time limit", "达到时间限制后仍未停止"
        case Crossed.MEMORY:
            en, zh = "needed more memory than allowed", "需要的内存超出了限制"
        case Crossed.EXIT:
            en, zh = (
                f"ended its process (exit code {reply.detail})",
                f"使进程以退出码 {reply.detail} 结束",
            )
        case Crossed.SIGNAL:
            en, zh = f"ended its process ({reply.detail})", f"使进程终止（{reply.detail}）"
        case _:
            en, zh = f"broke its process ({reply.detail})", f"使进程不再正常应答（{reply.detail}）"
    return Text(
        f"Cell {number} {en}; the other cells were run again without it.",
        f"第 {number} 个单元格{zh}；其余单元格已在没有它的情况下重新运行。",
    )
