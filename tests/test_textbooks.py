"""Graders cite texts and facts that docs/textbooks.md lists, or an erratum."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEXTS = (ROOT / "docs" / "textbooks.md").read_text(encoding="utf-8")
ERRATA = (ROOT / "docs" / "errata.md").read_text(encoding="utf-8")
LISTED = set(re.findall(r"^\| ([A-Z]\w+) \|", TEXTS, re.MULTILINE))
LISTED |= set(re.findall(r"^## (E\d)$", ERRATA, re.MULTILINE))
GRADERS = sorted((ROOT / "assignments").glob("*/test_*.py"))


def citations(source: str) -> set[str]:
    """The arguments of every `pytest.mark.source`."""
    return {
        ast.literal_eval(argument)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.source"
        for argument in node.args
    }


@pytest.mark.parametrize("path", GRADERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_grader_cites_only_what_the_page_lists(path: Path):
    cited = citations(path.read_text(encoding="utf-8"))
    assert {citation.split()[0] for citation in cited} <= LISTED


def test_every_listed_fact_is_used_and_every_chapter_cites_a_text():
    """The page's list of facts is the list of those in use."""
    cited = {path: citations(path.read_text(encoding="utf-8")) for path in GRADERS}
    chapters = {path.parent for path in GRADERS}
    facts = {tag for tag in LISTED if re.fullmatch(r"T\d\d", tag)}
    assert facts <= set().union(*cited.values())
    assert chapters == {path.parent for path, tags in cited.items() if tags}
    assert len(chapters) >= 6
