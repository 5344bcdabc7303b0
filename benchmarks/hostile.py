"""Hostile submissions against nbgrader, otter and this judge, side by side.

    python benchmarks/hostile.py [--only NAME …] [--tool NAME …] [--markdown] [--jobs 2]

Each attack is handed in to `nbgrader autograde`, to `otter run` and to `autograder grade`, each as
it comes, in a class with two honest students, in an outer sandbox so that nothing is harmed. An
attack has succeeded where that was seen:

    points         it has points, and deserves none
    read           what it gets back holds a solution, a hidden test, somebody's work, a password
    marks changed  an honest student has another mark than without it
    host touched   a file beside the course or of the course was changed, a program of the
                   instructor's ended, a service was connected to, or a process stayed behind
    lost           it has no mark at all, not even none of the points: somebody has to look
    class lost     an honest student has no mark, or has it no longer

All else is held. Needs the extras nbgrader and otter, and bubblewrap.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from importlib.metadata import version

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks.side_by_side.attacks import Attack, attacks
from benchmarks.side_by_side.course import Secrets
from benchmarks.side_by_side.fight import HARMS, Ground, Outcome
from benchmarks.side_by_side.nbgrader_class import Nbgrader
from benchmarks.side_by_side.otter_class import Otter
from benchmarks.side_by_side.our_class import Ours
from benchmarks.side_by_side.tool import Tool

TOOLS: list[Tool] = [Nbgrader(), Otter(), Ours()]
PACKAGES = {"nbgrader": "nbgrader", "otter": "otter-grader", "autograder": "dl-autograder"}

Outcomes = dict[tuple[str, str], Outcome]  # of attack and tool, by their names

progress = Console(stderr=True, highlight=False)


def main() -> None:
    """Fight, and print the table."""
    known = attacks()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names, tools = [attack.name for attack in known], [tool.name for tool in TOOLS]
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help="these attacks")
    parser.add_argument("--tool", nargs="+", choices=tools, metavar="NAME", help="these tools")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--logs", action="store_true", help="show what the tools said")
    options = parser.parse_args()
    chosen = [attack for attack in known if not options.only or attack.name in options.only]
    against = [tool for tool in TOOLS if not options.tool or tool.name in options.tool]
    outcomes = fight(chosen, against, options.jobs, logs=options.logs)
    show = _markdown if options.markdown else _table
    show(chosen, against, outcomes)


def fight(
    chosen: Sequence[Attack], against: Sequence[Tool], jobs: int = 1, *, logs: bool = False
) -> Outcomes:
    """Every attack against every tool, `jobs` at a time; raises BenchmarkError when a tool doesn't
    grade honest students rightly."""
    secrets = Secrets()
    began = time.monotonic()
    outcomes: Outcomes = {}
    with ExitStack() as stack, ThreadPoolExecutor(jobs) as pool:

        def prepared(tool: Tool) -> Ground:
            ground = stack.enter_context(Ground(tool, secrets))
            ground.check()
            return ground

        def one(attack: Attack, ground: Ground) -> None:
            outcome = outcomes[attack.name, ground.tool.name] = ground.fight(attack)
            evidence = "; ".join(dict.fromkeys(text for _, text in outcome.seen))
            done = f"{len(outcomes)}/{len(chosen) * len(against)}"
            seconds = f"{time.monotonic() - began:.0f} s"
            said = f"{done} {seconds} {attack.name}: {ground.tool.name}: {_cell(outcome)}"
            progress.print(f"{said} [{evidence}]" if evidence else said, markup=False)
            if logs:
                progress.print(outcome.log, markup=False)

        progress.print("making the courses, grading honest submissions")
        grounds = [*pool.map(prepared, against)]
        waiting: list[Future[None]] = [
            pool.submit(one, attack, ground) for attack in chosen for ground in grounds
        ]
        for future in waiting:
            future.result()
    return outcomes


def _cell(outcome: Outcome) -> str:
    return ", ".join(outcome.harms) or "held"


def _totals(against: Sequence[Tool], outcomes: Outcomes) -> dict[str, list[int]]:
    """How many attacks did each harm, and how many were held, tool by tool."""
    counts = {tool.name: Counter[str]() for tool in against}
    for (_, tool), outcome in outcomes.items():
        counts[tool].update(outcome.harms or ["held"])
    return {harm: [counts[tool.name][harm] for tool in against] for harm in (*HARMS, "held")}


def _heads(against: Sequence[Tool]) -> list[str]:
    return [f"{tool.name} {version(PACKAGES[tool.name])}" for tool in against]


def _table(chosen: Sequence[Attack], against: Sequence[Tool], outcomes: Outcomes) -> None:
    table = Table("attack", "what it tries", *_heads(against), box=SIMPLE_HEAD)
    for attack in chosen:
        cells = [_cell(outcomes[attack.name, tool.name]) for tool in against]
        table.add_row(attack.name, attack.tries, *cells)
    table.add_section()
    for harm, counts in _totals(against, outcomes).items():
        table.add_row(harm, f"of {len(chosen)} attacks", *map(str, counts))
    Console(width=None if sys.stdout.isatty() else 140, highlight=False).print(table)


def _markdown(chosen: Sequence[Attack], against: Sequence[Tool], outcomes: Outcomes) -> None:
    print(_row("attack", "what it tries", *_heads(against)))
    print(_row(*["---"] * (2 + len(against))))
    for attack in chosen:
        cells = [_cell(outcomes[attack.name, tool.name]) for tool in against]
        print(_row(f"`{attack.name}`", attack.tries, *cells))
    for harm, counts in _totals(against, outcomes).items():
        print(_row(f"**{harm}**", f"of {len(chosen)} attacks", *(f"**{n}**" for n in counts)))


def _row(*cells: str) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', '&#124;') for cell in cells)} |"


if __name__ == "__main__":
    main()
