"""What has to hold: each bar's figure and target."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.speed.curve import Curve
from benchmarks.speed.rates import Rate
from benchmarks.speed.ways import Autograder, Floor, Nbgrader, Otter

CLASS = 60
FLAT = 1.15  # runs of one size differ by a twentieth


@dataclass(frozen=True)
class Bar:
    """A figure that must be at least, or at most, its target."""

    name: str
    figure: float
    target: float
    at_least: bool = False
    unit: str = "×"

    @property
    def holds(self) -> bool:
        """Whether the figure is where it should be."""
        return self.figure >= self.target if self.at_least else self.figure <= self.target


def of_the_class(rates: Mapping[str, Rate]) -> Iterator[Bar]:
    """Whole ways to grade against each other."""
    one, two = (rates[Autograder(jobs).name] for jobs in (1, 2))
    for way, each, whole in ((Nbgrader, 40, 20), (Otter, 100, 50)):
        if way.name in rates:
            other = rates[way.name]
            start = f"--jobs 2 against {way.name}"
            yield Bar(f"{start}, a submission", other.wall / two.wall, each, at_least=True)
            whole_class = other.total(CLASS) / two.total(CLASS)
            yield Bar(f"{start}, {CLASS} with start-up", whole_class, whole, at_least=True)
    if Floor.name in rates:
        yield Bar("--jobs 1 against the floor", one.wall / rates[Floor.name].wall, 1.5)
    yield Bar("--jobs 2 against --jobs 1", one.wall / two.wall, 1.8, at_least=True)


def of_latency(figures: Mapping[str, float]) -> Iterator[Bar]:
    """A cold start, calls, a worker."""
    bound = 1.3 * figures["import torch"] + 0.5
    yield Bar("cold, one submission (1.3 × import torch + 0.5 s)", figures["cold"], bound, unit="s")
    yield Bar("a null call", figures["null call"] * 1e3, 0.1, unit="ms")
    yield Bar("4 MiB both ways", figures["4 MiB both ways"] * 1e3, 4, unit="ms")
    used = figures["used memory"] / 1e6
    yield Bar("private memory of a further worker", used, 40, unit="MB")


def of_the_curve(curve: Curve) -> Iterator[Bar]:
    """How many there are makes no difference."""
    counts = [*curve.each()]
    name = f"a submission among {counts[-1]:,} against one among {counts[0]:,}"
    yield Bar(name, curve.growth, FLAT)
    yield Bar("results that a killed run changes", curve.changed, 0, unit="")
