"""What was measured, as tables and bars, for people."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.speed.bars import CLASS, Bar, of_latency, of_the_class, of_the_curve
from benchmarks.speed.course import CHEAP, SIX, TIMED
from benchmarks.speed.curve import Curve
from benchmarks.speed.rates import Rate
from benchmarks.speed.ways import Autograder

RATES = (
    "way",
    "measured on",
    "start-up, s",
    "a submission, s",
    "CPU, s",
    "× jobs 2",
    f"{CLASS} with start-up, s",
    "× jobs 2",
    "peak memory, MiB",
)


@dataclass
class Found:
    """What was measured."""

    rates: dict[str, Rate] = field(default_factory=dict)
    budget: dict[str, Rate] = field(default_factory=dict)
    latency: dict[str, float] = field(default_factory=dict)
    curve: Curve | None = None
    profile: list[list[str]] = field(default_factory=list)

    @property
    def bars(self) -> list[Bar]:
        """Those that can be told from it."""
        return [
            *(of_the_class(self.rates) if self.rates else ()),
            *(of_latency(self.latency) if self.latency else ()),
            *(of_the_curve(self.curve) if self.curve else ()),
        ]


@dataclass(frozen=True)
class Shown:
    """A table: the first column is text, the others are figures."""

    title: str
    heads: tuple[str, ...]
    rows: list[list[str]]


def tables(found: Found) -> Iterator[Shown]:
    """A table for each part that was measured."""
    if found.rates:
        yield Shown(f"Six exercises: {', '.join(SIX)}", RATES, _of_rates(found.rates))
    if found.budget:
        yield Shown(f"With a time budget: {', '.join(TIMED)}", RATES, _of_rates(found.budget))
    if found.latency:
        heads = ("what", "figure", "× import torch")
        yield Shown("One submission, one call", heads, _of_latency(found.latency))
    if found.curve:
        rows = [[f"{n:,}", f"{seconds * 1000:.1f}"] for n, seconds in found.curve.each().items()]
        title = f"One exercise, --jobs 2, beyond {min(found.curve.totals)} submissions: {CHEAP[0]}"
        yield Shown(title, ("submissions", "ms a submission"), rows)
    if found.profile:
        heads = ("where", "calls", "own, ms", "with what it calls, ms")
        yield Shown("In the judge's process, a submission of the class", heads, found.profile)


def _of_rates(rates: Mapping[str, Rate]) -> list[list[str]]:
    base = rates[Autograder(2).name]
    return [
        [
            name,
            str(rate.submissions),
            f"{rate.start_up:.1f}" if rate.start_up else "each time",
            f"{rate.wall:.3f}",
            f"{rate.cpu:.3f}",
            f"{rate.wall / base.wall:.1f}",
            f"{rate.total(CLASS):.0f}",
            f"{rate.total(CLASS) / base.total(CLASS):.1f}",
            f"{rate.peak / 2**20:.0f}",
        ]
        for name, rate in rates.items()
    ]


def _of_latency(figures: Mapping[str, float]) -> list[list[str]]:
    base = figures["import torch"]
    return [
        [name, f"{value / 2**20:.1f} MiB", ""]
        if name.endswith("memory")
        else [name, f"{value:.6f} s", f"{value / base:.5f}"]
        for name, value in figures.items()
    ]


def show(found: Found, *, markdown: bool) -> None:
    """Print the tables, then a line for each bar."""
    for table in tables(found):
        (_markdown if markdown else _table)(table)
    for bar in found.bars:
        bound = "at least" if bar.at_least else "at most"
        verdict = "ok" if bar.holds else "short"
        print(f"{bar.name}: {bar.figure:.3g} {bar.unit} ({bound} {bar.target:.3g}): {verdict}")


def _table(shown: Shown) -> None:
    table = Table(box=SIMPLE_HEAD, title=shown.title)
    for index, head in enumerate(shown.heads):
        table.add_column(head, justify="right" if index else "left")
    for row in shown.rows:
        table.add_row(*row)
    Console(width=None if sys.stdout.isatty() else 150, highlight=False).print(table)


def _markdown(shown: Shown) -> None:
    rule = ["---", *["---:"] * (len(shown.heads) - 1)]
    lines = [f"| {' | '.join(cells)} |" for cells in (shown.heads, rule, *shown.rows)]
    print(f"{shown.title}\n", *lines, "", sep="\n")
