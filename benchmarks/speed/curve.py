"""Whether the time a submission takes stays the same however many there are, and whether a large
run that is killed ends with the results of an undisturbed one."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

from autograder.judge.result import decode, without_times
from benchmarks.speed.measure import reap
from benchmarks.speed.students import Class
from benchmarks.speed.ways import Autograder

KILLS = 2
POLL = 0.05


@dataclass(frozen=True)
class Curve:
    """Wall seconds of whole runs by the number of submissions, start-up included."""

    chapter: str
    totals: dict[int, float]
    changed: int
    """Results of the killed run that aren't those of the undisturbed one."""

    def each(self) -> dict[int, float]:
        """Seconds a submission, start-up apart, by the number of submissions."""
        (least, start), *more = sorted(self.totals.items())
        return {count: (total - start) / (count - least) for count, total in more}

    @property
    def growth(self) -> float:
        """How many times as long a submission takes in the largest run as in a small one."""
        each = [*self.each().values()]
        return each[-1] / each[0]


def curve(
    way: Autograder, students: Class, sizes: Sequence[int], say: Callable[[str], None]
) -> Curve:
    """Grade the first so many of `students` for each of `sizes`; the last run once more, killed."""
    totals = {}
    for size in sizes:
        say(f"{way.name}, {way.chapter.name}: {size} submissions")
        some = dict([*students.items()][:size])
        totals[size] = way.run(some, str(size))[0].wall
    largest = way.folder.with_name(f"{way.folder.name}-{sizes[-1]}")
    expected = _kept(largest)
    rmtree(largest / "results")
    for number in range(KILLS):
        say(f"{sizes[-1]} submissions, kill {number + 1} of {KILLS}")
        _killed(way, largest, [*students], (number + 1) * len(expected) // (KILLS + 1))
    say(f"{sizes[-1]} submissions, the rest")
    way.start(largest, [*students]).wait()
    reap()
    ended = _kept(largest)
    changed = [name for name in expected | ended if ended.get(name) != expected.get(name)]
    return Curve(way.chapter.name, totals, len(changed))


def _killed(way: Autograder, folder: Path, students: Sequence[str], after: int) -> None:
    """A run whose main process gets a SIGKILL when so many results are there."""
    process = way.start(folder, students)
    while len([*folder.glob("results/*/*.json")]) < after:
        if process.poll() is not None:
            raise RuntimeError(f"the run had ended before it was killed: {process.returncode}")
        time.sleep(POLL)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reap()


def _kept(folder: Path) -> dict[str, Any]:
    return {
        file.name: without_times(decode(file.read_bytes()))
        for file in folder.glob("results/*/*.json")
    }


def picture(found: Curve, file: Path) -> None:
    """Draw the curve."""
    import matplotlib.pyplot as plt

    each = found.each()
    figure, axes = plt.subplots(figsize=(6, 3), layout="constrained")
    axes.plot([*each], [seconds * 1000 for seconds in each.values()], marker="o")
    axes.set(xlabel="submissions", ylabel="ms a submission", xscale="log", ylim=(0, None))
    axes.set_xticks([*each], labels=[f"{count:,}" for count in each], minor=False)
    axes.minorticks_off()
    figure.savefig(file)
