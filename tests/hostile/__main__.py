"""Runs the corpus and prints what held: `make hostile`, or, for some cases only,
`python -m tests.hostile verdict resources/fork_bomb`."""

import argparse
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.hostile.arena import Arena, Outcome
from tests.hostile.case import Case, cases


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CATEGORY[/NAME]", help="only these cases")
    wanted = parser.parse_args().names
    chosen = [case for case in cases() if not wanted or {case.category, case.name} & {*wanted}]
    if not chosen:
        parser.error(f"no case is called {' or '.join(wanted)}")
    console = Console(width=None if sys.stdout.isatty() else 140)
    runnable = [case for case in chosen if case.file.needs != "cuda" or _has_cuda()]
    outcomes: list[Outcome] = []
    for device in ("cpu", "cuda"):
        here = [case for case in runnable if (case.file.needs or "cpu") == device]
        if here:
            with Arena(device) as arena:
                outcomes += [_fight(arena, case, console) for case in here]
    _show(outcomes, console)
    broken = sum(bool(outcome.broken) for outcome in outcomes)
    left_out = f", {len(chosen) - len(runnable)} need a GPU" * (len(chosen) > len(runnable))
    console.print(f"{len(outcomes) - broken} held, {broken} broken{left_out}", highlight=False)
    return 1 if broken else 0


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()


def _fight(arena: Arena, case: Case, console: Console) -> Outcome:
    if console.is_terminal:
        with console.status(case.name):
            return arena.fight(case)
    return arena.fight(case)


def _show(outcomes: list[Outcome], console: Console) -> None:
    table = Table("case", "what it tries", "verdicts", "points", "seconds", "", box=None)
    for outcome in outcomes:
        result = outcome.result
        verdicts, points = "refused", ""
        if result is not None:
            met = {test.verdict for exercise in result.exercises for test in exercise.tests}
            verdicts = ", ".join(sorted(met))
            points = f"{result.points:g}/{result.max_points:g}"
        # What a submission said may look like Rich's markup.
        state = f"[red]BROKEN[/]: {escape('; '.join(outcome.broken))}" if outcome.broken else "held"
        table.add_row(
            outcome.case.name,
            escape(outcome.case.file.tries),
            verdicts,
            points,
            f"{outcome.seconds:.1f}",
            state,
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
