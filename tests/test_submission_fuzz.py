"""Whatever is handed in, the reader returns a Submission, and a bounded one. How many examples are
tried: conftest.py; `make fuzz` tries more."""

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submission import ReadLimits, Submission, from_notebook, read_submission

LIMITS = ReadLimits(cells=50, cell=500, sources=1_000, file=1_000, total=5_000, files=10)

keys = st.sampled_from(
    [
        "cells",
        "worksheets",
        "cell_type",
        "source",
        "input",
        "metadata",
        "nbgrader",
        "grade_id",
        "grade",
        "solution",
        "kernelspec",
        "language",
        "language_info",
        "name",
        "x",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["code", "markdown", "python", "f"])
    | st.text(st.characters(codec=None, exclude_categories=[]), max_size=20)
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=40,
)
good_cell = st.fixed_dictionaries(
    {
        "cell_type": st.just("code"),
        "source": st.text(max_size=30),
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "nbgrader": st.fixed_dictionaries(
                    {
                        "grade_id": st.sampled_from(["f", "g"]),
                        "grade": st.booleans(),
                        "solution": st.booleans(),
                    }
                )
            },
        ),
    }
)
notebooks = st.fixed_dictionaries(
    {"cells": st.lists(good_cell, max_size=4), "metadata": st.just({}), "nbformat": st.just(4)}
)


def read(name: str, data: bytes) -> Submission:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read_submission(path, limits=LIMITS)


def holds_what_is_promised(got: Submission) -> None:
    assert len(got.problems) <= 21
    assert all(p.en.isprintable() and p.zh and len(p.en) < 1_000 for p in got.problems)
    assert sum(len(cell.source) for cell in got.cells) <= LIMITS.sources
    assert len(got.cells) <= LIMITS.cells
    assert len(got.files) <= LIMITS.files
    assert sum(map(len, got.files.values())) <= LIMITS.total
    ids = [cell.grade_id for cell in got.cells if cell.grade_id is not None]
    assert len(ids) == len(set(ids))
    indices = [cell.index for cell in got.cells]
    assert indices == sorted(set(indices))
    for cell in got.cells:
        cell.source.encode()
        assert "\x00" not in cell.source
        assert "\r" not in cell.source
        assert cell.grade_id is not None or not cell.graded


@given(anything)
def test_any_json(value: Any) -> None:
    holds_what_is_promised(read("a.ipynb", json.dumps(value).encode()))
    if isinstance(value, Mapping):
        from_notebook(value, name="a")


@given(data=st.binary(max_size=300), name=st.sampled_from(["a.ipynb", "a.py", "a.zip", "a.txt"]))
def test_any_bytes(data: bytes, name: str) -> None:
    got = read(name, data)
    holds_what_is_promised(got)
    assert got.cells or got.problems


@given(
    st.lists(st.sampled_from(["# %%\n", "'''", "x = 1\n", "\f", "# coding: gbk\n", "(", "\\\n"]))
)
def test_any_script(lines: list[str]) -> None:
    holds_what_is_promised(read("a.py", "".join(lines).encode()))


@given(nb=notebooks, data=st.data())
def test_a_notebook_with_bytes_changed(nb: dict[str, Any], data: st.DataObject) -> None:
    raw = bytearray(json.dumps(nb, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    holds_what_is_promised(read("a.ipynb", bytes(raw)))


@given(nb=notebooks, value=anything, data=st.data())
def test_a_notebook_with_a_value_replaced(
    nb: dict[str, Any], value: Any, data: st.DataObject
) -> None:
    place: Any = nb
    key: Any = "cells"
    while isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
    place[key] = value
    holds_what_is_promised(from_notebook(nb, name="a"))
    holds_what_is_promised(read("a.ipynb", json.dumps(nb).encode()))


zip_names = st.text(st.sampled_from("aA/.\\-\x00\n:é"), min_size=1, max_size=8) | st.sampled_from(
    ["ch09.ipynb", "b.py", "top/ch09.ipynb", "x.zip", "../x"]
)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@given(
    entries=st.lists(
        st.tuples(zip_names, st.integers(0, 2**32 - 1), st.binary(max_size=1_500)), max_size=15
    ),
    data=st.data(),
)
def test_any_zip(entries: list[tuple[str, int, bytes]], data: st.DataObject) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", data.draw(st.sampled_from([0, 8]))) as archive:
        for name, attributes, content in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = attributes
            archive.writestr(info, content)
    raw = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    got = read("a.zip", bytes(raw))
    holds_what_is_promised(got)
    for name in got.files:
        parts = name.split("/")
        assert ".." not in parts
        assert all(part and not part.startswith(("-", ".")) for part in parts)
