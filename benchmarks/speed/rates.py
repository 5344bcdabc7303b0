"""What a way to grade costs: its start-up, and each further submission.

Start-up is told apart by two runs, a small and a large one: what a submission costs is the slope
between them. A way that starts anew for each submission has no start-up but that. Memory is looked
at in a third, small run. All runs must give the marks that `autograder grade` gives.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import Chapter, Course
from benchmarks.speed.measure import Cost
from benchmarks.speed.students import Class
from benchmarks.speed.ways import Marks, Way

SMALL = 10  # times smaller than the large run
FEWEST = 2  # one alone is another command than a class
WATCHED = 4  # submissions while the memory is looked at
CLOSE = 1e-3  # points that rounding may make


class BenchmarkError(Exception):
    """Two ways don't give the same marks: no comparison would mean anything."""


@dataclass(frozen=True)
class Rate:
    """Seconds, and bytes."""

    submissions: int
    start_up: float
    wall: float
    cpu: float
    peak: int

    def total(self, submissions: int) -> float:
        """Wall seconds for a class, start-up included."""
        return self.start_up + submissions * self.wall


class Grades:
    """The marks that all ways have to give."""

    def __init__(self) -> None:
        self.known: Marks = {}

    def compare(self, way: Way, marks: Marks, students: Class) -> None:
        """Raise BenchmarkError where `marks` aren't what an earlier way gave, or aren't there."""
        for student, answers in students.items():
            given = marks.get(student, {})
            expected = self.known.setdefault(student, given)
            for exercise in answers:
                got, wanted = given.get(exercise, math.nan), expected.get(exercise, math.nan)
                if not abs(got - wanted) < CLOSE:
                    raise BenchmarkError(
                        f"{way.name} gives {student} {got:g} for {exercise}, others {wanted:g}"
                    )


def rate(
    way: Way, students: Class, repeats: int, grades: Grades, say: Callable[[str], None]
) -> Rate:
    """What `way` costs with these students; of `repeats` runs the quickest counts."""

    def run(count: int, times: int, *, memory: bool = False) -> Cost:
        some = dict([*students.items()][:count])
        costs: list[Cost] = []
        for number in range(times):
            say(f"{way.name}: {count} of the class{', memory' * memory}")
            spent, marks = way.run(some, f"{count}-{number}{'-memory' * memory}", memory=memory)
            grades.compare(way, marks, some)
            costs.append(spent)
        return Cost(
            min(cost.wall for cost in costs),
            min(cost.cpu for cost in costs),
            max(cost.peak for cost in costs),
        )

    count = len(students)
    large = run(count, repeats)
    peak = run(1 if way.serial else min(WATCHED, count), 1, memory=True).peak
    if way.serial:
        return Rate(count, 0.0, large.wall / count, large.cpu / count, peak)
    few = max(FEWEST, count // SMALL)
    small = run(few, repeats)
    wall = (large.wall - small.wall) / (count - few)
    cpu = (large.cpu - small.cpu) / (count - few)
    return Rate(count, small.wall - few * wall, wall, cpu, peak)


def rates(
    ways: Sequence[tuple[Way, int, int]],
    folder: Path,
    course: Course,
    chapter: Chapter,
    students: Class,
    say: Callable[[str], None],
) -> dict[str, Rate]:
    """Each way's, by its name; with it come how many of the students it is measured with, and how
    often."""
    grades = Grades()
    found = {}
    for number, (way, count, repeats) in enumerate(ways):
        way.make(folder / f"{chapter.name}-{number}", course, chapter)
        some = dict([*students.items()][:count])
        found[way.name] = rate(way, some, repeats, grades, say)
    return found
