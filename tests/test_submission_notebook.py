"""Reading a notebook: what its cells become, and what is said about a damaged one."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.submission import ReadLimits, Submission, from_notebook, read_submission


def code(source: Any = "x = 1", **nbgrader: Any) -> dict[str, Any]:
    metadata = {"nbgrader": nbgrader} if nbgrader else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": []}


def notebook(*cells: Any, **more: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


def read(folder: Path, content: Any, **options: Any) -> Submission:
    path = folder / "alice.ipynb"
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(data)
    return read_submission(path, **options)


def sources(submission: Submission) -> list[str]:
    return [cell.source for cell in submission.cells]


def only_problem(submission: Submission, *words: str) -> None:
    (problem,) = submission.problems
    assert all(word in problem.en for word in words), problem.en
    assert any("\u4e00" <= c <= "\u9fff" for c in problem.zh)
    assert problem.en != problem.zh


def test_code_cells_keep_their_position_among_all_cells(tmp_path: Path) -> None:
    text = {"cell_type": "markdown", "source": "# Title", "metadata": {}}
    got = read(tmp_path, notebook(text, code("a = 1"), text, code(["b = 2\n", "c = 3"])))
    assert [(cell.index, cell.source) for cell in got.cells] == [(1, "a = 1"), (3, "b = 2\nc = 3")]
    assert got.problems == ()
    assert got.name == "alice"
    assert got.files == {}


def test_a_locked_test_cell_is_graded_and_a_solution_cell_is_not(tmp_path: Path) -> None:
    marks = {"locked": False, "task": False, "schema_version": 3}
    got = read(
        tmp_path,
        notebook(
            code("def f(): ...", grade_id="f_solution", grade=False, solution=True, **marks),
            code("assert f()", grade_id="f", grade=True, solution=False, points=2, **marks),
            code("'free text'", grade_id="manual", grade=True, solution=True, points=2, **marks),
            code("plain"),
        ),
    )
    assert [(c.grade_id, c.graded) for c in got.cells] == [
        ("f_solution", False),
        ("f", True),
        ("manual", False),
        (None, False),
    ]


def test_the_first_cell_of_a_repeated_grade_id_keeps_it(tmp_path: Path) -> None:
    test = code("assert f()", grade_id="f", grade=True, solution=False)
    got = read(tmp_path, notebook(test, test))
    assert [(c.grade_id, c.graded) for c in got.cells] == [("f", True), (None, False)]
    only_problem(got, "Cell 2", "repeats the grade id f", "delete the copy")


@pytest.mark.parametrize(
    "marks",
    [
        "yes",
        ["grade_id"],
        {"grade_id": 7, "grade": True, "solution": False},
        {"grade_id": "", "grade": True, "solution": False},
        {"grade_id": "f\n", "grade": True, "solution": False},
        {"grade_id": "../f", "grade": True, "solution": False},
        {"grade_id": "f", "grade": "true", "solution": False},
        {"grade_id": "f", "grade": True, "solution": []},
        {"grade": True, "solution": False},
    ],
)
def test_tampered_marks_make_an_ordinary_cell_and_a_problem(tmp_path: Path, marks: Any) -> None:
    cell = code("x = 1")
    cell["metadata"] = {"nbgrader": marks}
    got = read(tmp_path, notebook(cell))
    assert [(c.source, c.grade_id, c.graded) for c in got.cells] == [("x = 1", None, False)]
    only_problem(got, "Cell 1", "nbgrader metadata")


def test_marks_that_say_nothing_are_no_problem(tmp_path: Path) -> None:
    cell = code("x = 1", grade=False, solution=False, locked=False, schema_version=3)
    assert read(tmp_path, notebook(cell)).problems == ()


def test_worksheets_of_nbformat_3_are_read_in_order(tmp_path: Path) -> None:
    first = {"cell_type": "code", "input": ["a = 1\n", "b = 2"], "language": "python"}
    head = {"cell_type": "heading", "source": "Title", "level": 1}
    second = {"cell_type": "code", "input": "c = 3", "metadata": {}}
    nb = {"nbformat": 3, "worksheets": [{"cells": [first, head]}, {"cells": [second]}]}
    got = read(tmp_path, nb)
    assert [(c.index, c.source) for c in got.cells] == [(0, "a = 1\nb = 2"), (2, "c = 3")]
    assert got.problems == ()


def test_an_nbformat_node_reads_like_its_file(tmp_path: Path) -> None:
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a = 1")])
    got = from_notebook(nb, name="alice", files={"x.csv": b"1"})
    assert (got.path, got.name, sources(got), got.files) == (
        None,
        "alice",
        ["a = 1"],
        {"x.csv": b"1"},
    )
    assert from_notebook(nb, name="bob").digest == read(tmp_path, dict(nb)).digest


@pytest.mark.parametrize("kind", ["wizard", None, 7, ["code"]])
def test_a_cell_of_unknown_type_is_left_out(tmp_path: Path, kind: Any) -> None:
    got = read(tmp_path, notebook({"cell_type": kind, "source": "x"}, code("y = 2")))
    assert sources(got) == ["y = 2"]
    only_problem(got, "Cell 1", "unknown type")


@pytest.mark.parametrize("source", [None, 7, {"a": 1}, ["x", 7]])
def test_a_source_of_another_type_is_left_out(tmp_path: Path, source: Any) -> None:
    got = read(tmp_path, notebook(code(source), code("y = 2")))
    assert sources(got) == ["y = 2"]
    only_problem(got, "Cell 1", "no readable source")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"<html>Log in</html>", "JSON breaks off at line 1"),
        (b'{"cells": [', "JSON breaks off"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 50_000, "nested too deeply"),
        (b"[1, 2]", "not a notebook"),
        (b"null", "not a notebook"),
        (b"{}", "no readable list of cells"),
        (b'{"cells": 7}', "no readable list of cells"),
        (b'{"worksheets": [{"cells": null}]}', "no readable list of cells"),
        (b'{"cells": [1e999, NaN, null]}', "Cell 1 isn't a cell"),
    ],
)
def test_a_corrupt_notebook_is_a_submission_without_cells(
    tmp_path: Path, data: bytes, words: str
) -> None:
    got = read(tmp_path, data)
    assert got.cells == ()
    assert words in got.problems[0].en


def test_of_a_repeated_key_the_last_counts_as_in_jupyter(tmp_path: Path) -> None:
    got = read(
        tmp_path, b'{"cells": [{"cell_type": "code", "source": "a = 1", "source": "b = 2"}]}'
    )
    assert sources(got) == ["b = 2"]
    only_problem(got, "gives a key twice")


def test_a_number_of_a_million_digits_costs_nothing(tmp_path: Path) -> None:
    nb = json.dumps(notebook(code("a = 1"))).encode()
    got = read(tmp_path, b'{"big": ' + b"9" * 1_000_000 + b", " + nb[1:])
    assert sources(got) == ["a = 1"]


def test_nulls_and_halves_of_surrogate_pairs_are_replaced(tmp_path: Path) -> None:
    got = read(tmp_path, notebook(code("a = '\x00'"), code("b = '\ud800'")))
    assert sources(got) == ["a = '\ufffd'", "b = '\ufffd'"]
    assert [p.en.split(" holds")[0] for p in got.problems] == ["Cell 1", "Cell 2"]


def test_invalid_utf8_is_replaced(tmp_path: Path) -> None:
    data = json.dumps(notebook(code("a = '?'"))).encode().replace(b"?", b"\xff")
    got = read(tmp_path, data)
    assert sources(got) == ["a = '\ufffd'"]
    only_problem(got, "isn't valid UTF-8", f"byte {data.index(0xFF)}")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(tmp_path: Path, encoding: str) -> None:
    got = read(tmp_path, json.dumps(notebook(code("a = '卷积'"))).encode(encoding))
    assert sources(got) == ["a = '卷积'"]
    assert got.problems == ()


def test_line_ends_are_newlines(tmp_path: Path) -> None:
    assert sources(read(tmp_path, notebook(code("a\r\nb\rc\n")))) == ["a\nb\nc\n"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"language": "julia"}},
        {"language_info": {"name": "R\x1b[31m"}},
    ],
)
def test_a_kernel_of_another_language_is_a_problem(tmp_path: Path, metadata: Any) -> None:
    got = read(tmp_path, notebook(code("a = 1"), metadata=metadata))
    assert sources(got) == ["a = 1"]
    only_problem(got, "not Python")
    assert "\x1b" not in got.problems[0].en


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        [],
        {"kernelspec": None, "language_info": 3},
        {"kernelspec": {"language": "python"}, "language_info": {"name": "python"}},
        {"language_info": {"name": "ipython"}},
    ],
)
def test_a_python_kernel_or_none_is_no_problem(tmp_path: Path, metadata: Any) -> None:
    assert read(tmp_path, notebook(code("a = 1"), metadata=metadata)).problems == ()


def test_too_many_cells_end_the_notebook(tmp_path: Path) -> None:
    cells = [code(f"a = {i}") for i in range(5)]
    got = read(tmp_path, notebook(*cells), limits=ReadLimits(cells=3))
    assert sources(got) == ["a = 0", "a = 1", "a = 2"]
    only_problem(got, "more than 3 cells")


def test_too_long_sources_are_left_out(tmp_path: Path) -> None:
    cells = [code("a" * 9), code("b" * 11), code("c" * 8), code("d" * 3)]
    got = read(tmp_path, notebook(*cells), limits=ReadLimits(cell=10, sources=20))
    assert sources(got) == ["a" * 9, "c" * 8, "d" * 3]
    only_problem(got, "Cell 2", "too long")
    got = read(tmp_path, notebook(*cells), limits=ReadLimits(cell=10, sources=19))
    assert sources(got) == ["a" * 9, "c" * 8]


@pytest.mark.parametrize("limits", [ReadLimits(notebook=100), ReadLimits(values=10)])
def test_a_notebook_that_is_too_large_is_not_parsed(tmp_path: Path, limits: ReadLimits) -> None:
    got = read(tmp_path, notebook(code("a = 1"), code("b = 2")), limits=limits)
    assert got.cells == ()
    only_problem(got, "too large", "Clear all outputs")


def test_problems_do_not_grow_without_end(tmp_path: Path) -> None:
    got = read(tmp_path, notebook(*[7] * 9_000))
    assert len(got.problems) == 21
    assert "8980 further problems" in got.problems[-1].en


def test_the_digest_is_of_the_work_and_not_of_outputs_or_names(tmp_path: Path) -> None:
    ran = code("a = 1") | {"outputs": [{"output_type": "stream", "text": "hi"}]}
    other = code("a = 2")
    same = [
        from_notebook(notebook(cell), name=name) for cell in (code("a = 1"), ran) for name in "ab"
    ]
    assert len({got.digest for got in same}) == 1
    different = [
        from_notebook(notebook(other), name="a"),
        from_notebook(notebook(code("a = 1"), other), name="a"),
        from_notebook(notebook(code("a = 1a = 2")), name="a"),
        from_notebook(notebook(code("a = 1")), name="a", files={"x": b""}),
        from_notebook(notebook(code("a = 1", grade_id="f", grade=True, solution=False)), name="a"),
    ]
    assert len({got.digest for got in [same[0], *different]}) == 6


def test_nothing_heavy_is_imported_to_read_a_submission() -> None:
    import subprocess
    import sys

    script = (
        "import sys, autograder.submission;"
        "heavy = {'torch', 'numpy', 'nbformat', 'IPython', 'pydantic'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
