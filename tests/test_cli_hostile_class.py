"""`autograder grade` over a class whose names and messages are written to do harm: to the terminal,
to whoever reads the reports, and to the files that are made of them."""

import json
import os
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from tests.judging import GOOD, write_course
from tests.test_cli_grade import SCHEMA, autograder

NAMES = {
    "honest": "honest",
    "newline": "eve\nann  ch01_lab  all points",
    "escape": "\x1b[2J\x1b]0;owned\x07\x1b[31m",
    "one-character-escape": "\x9b31m\x9d0;owned\x9c",
    "hyphen": "-rf",
    "option": "--sandbox=none",
    "markup": "[bold red]rich[link=file:x]x[bold",
    "html": "<script>alert(1)<img src=x onerror=alert(2)>",
    "xml": "]]>&amp;<!--\"'",
    "bidirectional": "\u202egnp.\u2066x\u2069",
    "backslashes": "x\\..\\..\\y",
    "shell": "$(touch owned)`touch owned`;touch owned",
    "formula": "=cmd|' &C calc'!A0",
    "percent": "%s%n{0.__class__}",
    "long": "n" * 200,
    "no text": os.fsdecode(b"\xff\xfe\x80"),
    "surrogate": "\u00e9\u0301\u2028\ufeff",
    "blank": " ",
    "chapter": "ch01_lab",
}
SAYS = (
    "\x1b[2J\x9b31m<script>alert(1)</script>]]>\u202e\u2066\x00\x08[bold]rich[/]\ud800"
    "\nann  ch01_lab  all points"
)
HOSTILE = f"""
import sys, types

def scale(x, times=2.0):
    print({SAYS!r})
    raise type({SAYS!r}, (Exception,), {{}})({SAYS!r})

def clear(x):
    return type({SAYS!r}, (), {{"__repr__": lambda self: {SAYS!r}}})()
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """(its folder, standard output, standard error) of a run over them all."""
    root = write_course(tmp_path_factory.mktemp("lab") / "course")
    submitted = root.parent / "submitted"
    for name, text in NAMES.items():
        folder = submitted / text
        folder.mkdir(parents=True)
        (folder / "mine.py").write_text(GOOD if name == "honest" else HOSTILE)
        (folder / f"{text[:100]}.csv").write_text("1,2")
    (submitted / "-h.py").write_text(HOSTILE)
    (submitted / "\x1b[1mempty.py").write_text("")
    done = autograder(
        root, "grade", submitted, "--verbose", "--json", root.parent / "r.json",
        "--junit", root.parent / "r.xml",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return root.parent, done.stdout, done.stderr


def test_nothing_reaches_the_terminal_but_text(run: tuple[Path, str, str]) -> None:
    for text in run[1:]:
        odd = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
        assert odd == {"\n"}


def test_no_line_is_forged(run: tuple[Path, str, str]) -> None:
    """A student's text doesn't begin a line of its own that looks like a result."""
    _, out, err = run
    assert re.findall(r"^.*10 / 10 points", out, re.MULTILINE) == [
        "honest  ch01_lab  10 / 10 points"
    ]
    assert not re.search(r"^ann ", out + err, re.MULTILINE)
    assert len(re.findall(r"^\d+ of \d+: ", err, re.MULTILINE)) == len(err.splitlines())


def test_everybody_has_a_result(run: tuple[Path, str, str]) -> None:
    """The honest one's is full marks; the JSON fits its schema, the XML parses."""
    folder, out, _ = run
    documents = json.loads((folder / "r.json").read_bytes())
    assert len(documents) == len(NAMES) + 2
    for document in documents:
        jsonschema.validate(document, SCHEMA)
        assert document["submission"]["name"].isprintable()
        assert not document["faults"]
    points = {
        document["submission"]["name"]: sum(each["points"] for each in document["exercises"])
        for document in documents
    }
    assert len(points) == len(documents)
    assert [name for name, got in points.items() if got == 10] == ["honest"]
    suites = ET.parse(folder / "r.xml").getroot()
    assert len(suites) == sum(len(each["exercises"]) for each in documents)
    names = {suite.attrib["name"].rpartition("/")[0] for suite in suites}
    assert len(names) == len(documents)
    kept = [path.name for path in (folder / "course" / "results").rglob("*.json")]
    assert len(kept) == len(documents)
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+\.json", name) for name in kept)
    assert "<script>" in out  # as text it may be shown


def test_nothing_was_executed_or_written_elsewhere(run: tuple[Path, str, str]) -> None:
    folder = run[0]
    assert sorted(path.name for path in folder.iterdir()) == [
        "course", "r.json", "r.xml", "submitted",
    ]  # fmt: skip
    assert not list(folder.rglob("owned"))
    files = [path for path in (folder / "submitted").rglob("*") if path.is_file()]
    assert len(files) == 2 * len(NAMES) + 2


def test_an_error_about_a_name_is_text(run: tuple[Path, str, str]) -> None:
    course = run[0] / "course"
    done = autograder(course, "grade", run[0] / "submitted" / "\x1b[1mempty.py")
    assert done.returncode == 2
    assert "can't tell which chapter" in done.stderr
    assert "\x1b" not in done.stderr
