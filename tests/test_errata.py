"""docs/errata.md tells the truth: every example on the page gives what the page prints."""

import doctest
import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs" / "errata.md"
SECTION = re.compile(r"^## (E\d)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(page: str) -> dict[str, str]:
    """Erratum → its examples."""
    return {name: "".join(EXAMPLE.findall(text)) for name, text in SECTION.findall(page)}


def failures(page: str) -> str:
    """What doctest says of examples that give something else; names last from one to the next."""
    report: list[str] = []
    names: dict[str, Any] = {}
    for section, source in sections(page).items():
        test = doctest.DocTestParser().get_doctest(source, names, section, str(PAGE), 0)
        doctest.DocTestRunner(verbose=False).run(test, out=report.append, clear_globs=False)
        names = test.globs
    return "".join(report)


def test_every_example_gives_what_the_page_prints():
    assert failures(PAGE.read_text(encoding="utf-8")) == ""


def test_each_of_the_eight_errata_is_recomputed():
    examples = sections(PAGE.read_text(encoding="utf-8"))
    assert list(examples) == [f"E{number}" for number in range(1, 9)]
    assert all(source.count(">>>") >= 2 for source in examples.values())


def test_a_wrong_figure_on_the_page_is_seen():
    page = PAGE.read_text(encoding="utf-8")
    assert "0.1053605" in failures(page.replace("'0.1053605'", "'0.1053604'"))
