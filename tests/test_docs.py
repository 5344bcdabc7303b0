"""Nothing in the documentation points into the void."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")


def targets(page: str) -> set[str]:
    """Every link that leads neither to the web nor to a place on the same page."""
    return {link.partition("#")[0] for link in LINK.findall(page) if "://" not in link} - {""}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path):
    links = targets(page.read_text(encoding="utf-8"))
    assert {link for link in links if not (page.parent / link).exists()} == set()


def test_the_readme_links_the_other_pages():
    """So that the test above has something to look at, and no page is an orphan."""
    reachable = targets((ROOT / "README.md").read_text(encoding="utf-8"))
    assert {"docs/architecture.md", "docs/errata.md", "docs/textbooks.md"} <= reachable
