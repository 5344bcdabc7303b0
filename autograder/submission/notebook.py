"""Notebook JSON to cells: nbformat 3 and 4, read by hand, since nobody vouches for any of it.

`nbformat.read` trusts types (a list where a dict should be is an AttributeError), keeps outputs
and needs a second to import; all that is wanted here is the code cells' sources and nbgrader's
marks on them.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from autograder.submission.model import MIB, Cell, Problems, ReadLimits
from autograder.submission.text import clean, decode, shown

_GRADE_ID: Final = re.compile(r"[A-Za-z0-9_\-.]{1,128}")
_TEXT_CELLS: Final = {"markdown", "raw", "heading", "html"}
_PYTHON: Final = {"python", "python3", "ipython", "ipython3"}


def cells_of_notebook(data: bytes, limits: ReadLimits, problems: Problems) -> tuple[Cell, ...]:
    """The code cells of an .ipynb file; none, with a problem, if it can't be read at all."""
    nb = parse(data, limits, problems)
    return () if nb is None else cells_of(nb, limits, problems)


def cells_of(nb: Mapping[str, Any], limits: ReadLimits, problems: Problems) -> tuple[Cell, ...]:
    """The code cells of a notebook that is already parsed; any value may be of any type."""
    _check_language(nb.get("metadata"), problems)
    found: list[Cell] = []
    taken: set[str] = set()
    for index, cell in enumerate(_all_cells(nb, problems)):
        if index >= limits.cells:
            say_too_many_cells(limits, problems)
            break
        en, zh = f"Cell {index + 1}", f"第 {index + 1} 个单元格"
        if not isinstance(cell, Mapping):
            problems.add(f"{en} isn't a cell; it was left out.", f"{zh}不是单元格，已忽略。")
            continue
        kind = cell.get("cell_type")
        grade_id, graded = _nbgrader(cell.get("metadata"), en, zh, problems)
        if grade_id is not None and grade_id in taken:
            problems.add(
                f"{en} repeats the grade id {grade_id}; it counts as an ordinary cell. It is a copy"
                " of a graded cell: delete the copy.",
                f"{zh}重复了评分编号 {grade_id}，按普通单元格处理。它是评分单元格的副本，请删除。",
            )
            grade_id, graded = None, False
        if grade_id is not None:
            taken.add(grade_id)
        if kind == "code":
            source = _source(cell, en, zh, problems)
            if source is not None:
                found.append(Cell(index, clean(source, problems, en, zh), grade_id, graded))
        elif not (isinstance(kind, str) and kind in _TEXT_CELLS):
            problems.add(
                f"{en} is of an unknown type; it was left out. If it holds code, make it a code"
                " cell.",
                f"{zh}的类型未知，已忽略。如果其中有代码，请改为代码单元格。",
            )
    return within_limits(found, limits, problems)


def within_limits(
    cells: Sequence[Cell], limits: ReadLimits, problems: Problems
) -> tuple[Cell, ...]:
    """The cells without those whose source is too long, alone or after the ones before it."""
    kept, total = [], 0
    for cell in cells:
        size = len(cell.source)
        place, total = cell.index + 1, total + size
        if size > limits.cell or total > limits.sources:
            total -= size
            problems.add(
                f"Cell {place} is too long ({size:,} characters) and isn't graded. Move data out of"
                " the code, into a file.",
                f"第 {place} 个单元格过长（{size:,} 个字符），不评分。请把数据移到文件中。",
            )
        else:
            kept.append(cell)
    return tuple(kept)


def say_too_many_cells(limits: ReadLimits, problems: Problems) -> None:
    """The notebook or script ends with the last cell that is allowed."""
    problems.add(
        f"The notebook has more than {limits.cells} cells; the rest isn't graded.",
        f"笔记本超过 {limits.cells} 个单元格，其余部分不评分。",
    )


def parse(data: bytes, limits: ReadLimits, problems: Problems) -> dict[str, Any] | None:
    """The JSON of an .ipynb file, if it is some; anything in it may be of any type."""
    if not data.strip():
        problems.add(
            "The notebook file is empty. Save the notebook and hand it in again.",
            "笔记本文件是空的。请保存笔记本后重新提交。",
        )
        return None
    size, values = len(data), sum(data.count(mark) for mark in b",[{")
    if size > limits.notebook or values > limits.values:
        problems.add(
            f"The notebook is too large ({size / MIB:.1f} MiB, {values:,} values). Clear all"
            " outputs, save it and hand it in again.",
            f"笔记本过大（{size / MIB:.1f} MiB，{values:,} 个值）。"
            "请清除所有输出，保存后重新提交。",
        )
        return None
    repeated = False

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(items)
        repeated = repeated or len(found) != len(items)
        return found

    try:
        # An int of a million digits takes minutes; no field that is read here is a number.
        nb = json.loads(decode(data, problems), object_pairs_hook=pairs, parse_int=_small_int)
    except RecursionError:
        problems.add(
            "The notebook is nested too deeply to be read. Hand in the file that Jupyter saved.",
            "笔记本嵌套过深，无法读取。请提交由 Jupyter 保存的文件。",
        )
        return None
    except ValueError as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "a number"
        zh = f"第 {error.lineno} 行" if isinstance(error, json.JSONDecodeError) else "某个数字"
        problems.add(
            f"The file isn't a notebook: its JSON breaks off at {where}. Open it in Jupyter, save"
            " it there and hand it in again.",
            f"文件不是有效的笔记本：JSON 在{zh}处出错。请在 Jupyter 中打开并保存，然后重新提交。",
        )
        return None
    if not isinstance(nb, dict):
        problems.add(
            "The file is JSON, but not a notebook. Hand in the .ipynb file that Jupyter saved.",
            "文件是 JSON，但不是笔记本。请提交由 Jupyter 保存的 .ipynb 文件。",
        )
        return None
    if repeated:
        problems.add(
            "The notebook's JSON gives a key twice; the last one counts, as in Jupyter. Open it in"
            " Jupyter, check it and save it.",
            "笔记本的 JSON 中有重复的键，与 Jupyter 一样以最后一个为准。"
            "请在 Jupyter 中检查并保存。",
        )
    return nb


def _small_int(digits: str) -> int:
    return int(digits) if len(digits) < 20 else 0


def _all_cells(nb: Mapping[str, Any], problems: Problems) -> Iterator[Any]:
    """Cells of nbformat 4, or those of all worksheets of nbformat 3."""
    worksheets = nb.get("worksheets")
    groups: list[Any] = [nb["cells"]] if "cells" in nb else []
    if not groups and isinstance(worksheets, list | tuple):
        groups = [sheet.get("cells") for sheet in worksheets if isinstance(sheet, Mapping)]
    lists = [group for group in groups if isinstance(group, list | tuple)]
    if not lists or len(lists) != len(groups):
        problems.add(
            "The notebook has no readable list of cells. Open it in Jupyter, check it and save it.",
            "笔记本中没有可读取的单元格列表。请在 Jupyter 中打开、检查并保存。",
        )
    for group in lists:
        yield from group


def _source(cell: Mapping[str, Any], en: str, zh: str, problems: Problems) -> str | None:
    source = cell.get("source", cell.get("input"))  # nbformat 3 says input
    if isinstance(source, str):
        return source
    if isinstance(source, list | tuple) and all(isinstance(line, str) for line in source):
        return "".join(source)
    problems.add(
        f"{en} has no readable source; it was left out. Open the notebook in Jupyter and save it.",
        f"{zh}没有可读取的内容，已忽略。请在 Jupyter 中打开笔记本并保存。",
    )
    return None


def _nbgrader(metadata: Any, en: str, zh: str, problems: Problems) -> tuple[str | None, bool]:
    """nbgrader's grade id, and whether the cell is an autograded test (graded, not a solution)."""
    if not isinstance(metadata, Mapping) or not metadata.get("nbgrader"):
        return None, False
    marks = metadata["nbgrader"]
    if isinstance(marks, Mapping):
        grade_id = marks.get("grade_id")
        flags = (marks.get("grade", False), marks.get("solution", False))
        if grade_id is None and flags == (False, False) and not marks.get("locked"):
            return None, False  # what nbgrader leaves in a cell that was marked once
        valid = isinstance(grade_id, str) and _GRADE_ID.fullmatch(grade_id)
        if valid and all(isinstance(flag, bool) for flag in flags):
            return grade_id, flags == (True, False)
    problems.add(
        f"{en} has damaged nbgrader metadata; it counts as an ordinary cell. Take the cell from the"
        " handout again.",
        f"{zh}的 nbgrader 元数据已损坏，按普通单元格处理。请从作业原件中重新复制该单元格。",
    )
    return None, False


def _check_language(metadata: Any, problems: Problems) -> None:
    named = []
    for section, key in (("kernelspec", "language"), ("language_info", "name")):
        part = metadata.get(section) if isinstance(metadata, Mapping) else None
        named.append(part.get(key) if isinstance(part, Mapping) else None)
    language = next((name for name in named if isinstance(name, str) and name), None)
    if language is not None and language.lower() not in _PYTHON:
        problems.add(
            f"The notebook's kernel is for {shown(language)}, not Python. Choose a Python kernel"
            " and run the notebook again.",
            f"笔记本的内核语言是 {shown(language)}，不是 Python。请选择 Python 内核并重新运行。",
        )
