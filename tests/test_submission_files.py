"""Reading a .py file, a folder or a zip: which file is it, and which are never opened."""

import io
import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from autograder.errors import SubmissionError
from autograder.submission import (
    ReadLimits,
    Submission,
    from_notebook,
    read_files,
    read_one_of_many,
    read_submission,
)

NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": "a = 1"}]}).encode()
OTHER = NOTEBOOK.replace(b"a = 1", b"b = 2")


def sources(submission: Submission) -> list[str]:
    return [cell.source for cell in submission.cells]


def said(submission: Submission) -> str:
    assert all(problem.zh and problem.zh != problem.en for problem in submission.problems)
    return "\n".join(problem.en for problem in submission.problems)


def lay(folder: Path, **files: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        path = folder / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def pack(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


# A .py file


def test_a_script_without_markers_is_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "bob.py"
    path.write_text("import torch\r\n\r\ndef f():\r\n    return 1\r\n", newline="")
    (cell,) = read_submission(path).cells
    assert (cell.index, cell.source) == (0, "import torch\n\ndef f():\n    return 1\n")


def test_percent_cells_are_split_and_text_cells_left_out(tmp_path: Path) -> None:
    path = tmp_path / "bob.py"
    path.write_text(
        "# ---\n# jupyter: x\n# ---\n# %%\na = 1\n\n# %% [markdown]\n# Title\n#%% named\nb = 2\n"
    )
    got = read_submission(path)
    assert [(c.index, c.source) for c in got.cells] == [(0, "a = 1"), (2, "b = 2")]


def test_code_before_the_first_marker_is_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "bob.py"
    path.write_text("import torch\n# In[3]:\na = 1\n# In[ ]:\n\nb = 2\n")
    got = read_submission(path)
    assert [(c.index, c.source) for c in got.cells] == [
        (0, "import torch"),
        (1, "a = 1"),
        (2, "\nb = 2"),
    ]


def test_cell_magics_and_strings_that_look_like_markers_do_not_split(tmp_path: Path) -> None:
    path = tmp_path / "bob.py"
    path.write_text('# %%\ns = """\n# %%\n"""\n# %%time\nb = 2\n')
    assert sources(read_submission(path)) == ['s = """\n# %%\n"""\n# %%time\nb = 2']


@pytest.mark.parametrize(
    ("script", "cells"),
    [
        ("# %%\nr'''\\'''\n# %%\n'''\n", 1),  # an escaped quote doesn't end a raw string either
        ("# %%\n# it's '''\n# %%\na\n", 2),  # a comment begins no string
        ("# %%\ns = '\\\n# %%\n'\n", 1),  # a line that goes on
        ("# %%\ns = 'unfinished\n# %%\nb\n", 2),
        ("# %%\n%%time it's\n# %%\nb\n", 2),
        ('# %%\n"""\n\'\'\'\n"""\n# %%\nb\n', 2),
        ("# %%\n'''\n# %%\nunfinished\n", 1),
    ],
)
def test_a_marker_counts_where_a_comment_could_stand(
    tmp_path: Path, script: str, cells: int
) -> None:
    path = tmp_path / "bob.py"
    path.write_text(script)
    assert len(read_submission(path).cells) == cells


@pytest.mark.parametrize("head", ["", "a = 0\n"])
def test_a_script_ends_with_the_last_cell_that_is_allowed(tmp_path: Path, head: str) -> None:
    path = tmp_path / "bob.py"
    limits = ReadLimits(cells=3)
    path.write_text(head + "# %%\nb = 1\n" * (2 if head else 3))
    assert (len((got := read_submission(path, limits=limits)).cells), said(got)) == (3, "")
    path.write_text(head + "# %%\nb = 1\n" * 7)
    got = read_submission(path, limits=limits)
    assert sources(got) == (["a = 0"] if head else ["b = 1"]) + ["b = 1"] * 2
    assert "more than 3 cells" in said(got)


@pytest.mark.parametrize("line", ["a" + " " * 500_000 + "$", "\\'" * 250_000, "'" * 500_000])
@pytest.mark.timeout(120)  # Python 3.11's tokenizer would take days
def test_one_enormous_line_is_read_like_any_other(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bob.py"
    path.write_text(f"# %%\n{line}\n# %%\nb = 2\n")
    assert sources(read_submission(path))[-1].endswith("b = 2")


@pytest.mark.parametrize(
    ("data", "source"),
    [
        ("# coding: gbk\ns = '卷积'".encode("gbk"), "# coding: gbk\ns = '卷积'"),
        (
            "#!x\n# -*- coding: latin_1 -*-\ns = 'é'".encode("latin-1"),
            "#!x\n# -*- coding: latin_1 -*-\ns = 'é'",
        ),
        ("\ufeffs = '卷积'".encode(), "s = '卷积'"),
    ],
)
def test_declared_encodings_of_text_are_followed(tmp_path: Path, data: bytes, source: str) -> None:
    path = tmp_path / "bob.py"
    path.write_bytes(data)
    got = read_submission(path)
    assert sources(got) == [source]
    assert got.problems == ()


@pytest.mark.parametrize(
    "codec", ["zlib_codec", "rot13", "evil.module", "unicode_escape", "x" * 500]
)
def test_a_declared_codec_is_never_looked_up(
    tmp_path: Path, codec: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import codecs

    asked: list[str] = []
    codecs.register(asked.append)  # type: ignore[arg-type]
    path = tmp_path / "bob.py"
    path.write_bytes(f"# coding: {codec}\ns = 'é'".encode())
    got = read_submission(path)
    codecs.unregister(asked.append)  # type: ignore[arg-type]
    assert asked == []
    assert sources(got) == [f"# coding: {codec}\ns = 'é'"]
    assert "declares the encoding" in said(got)


def test_an_empty_script_is_said_to_have_no_code(tmp_path: Path) -> None:
    path = tmp_path / "bob.py"
    path.write_bytes(b"\n")
    got = read_submission(path)
    assert got.cells == ()
    assert "no code" in said(got)


# Which file it is


def test_the_chapters_notebook_is_preferred_and_the_rest_is_data(tmp_path: Path) -> None:
    folder = lay(
        tmp_path / "alice", ch09_DOT_ipynb=NOTEBOOK, try_DOT_ipynb=OTHER, data__x_DOT_csv=b"1,2"
    )
    got = read_submission(folder, chapter="ch09")
    assert sources(got) == ["a = 1"]
    assert got.files == {"try.ipynb": OTHER, "data/x.csv": b"1,2"}
    assert got.problems == ()


def test_the_only_notebook_wins_over_scripts(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", mine_DOT_ipynb=NOTEBOOK, helper_DOT_py=b"z = 1")
    got = read_submission(folder, chapter="ch09")
    assert sources(got) == ["a = 1"]
    assert got.files == {"helper.py": b"z = 1"}


def test_without_a_notebook_the_only_script_is_it(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", mine_DOT_py=b"z = 1", x_DOT_csv=b"")
    assert sources(read_submission(folder)) == ["z = 1"]


def test_several_candidates_are_named_and_none_is_guessed(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", one_DOT_ipynb=NOTEBOOK, two_DOT_ipynb=OTHER)
    got = read_submission(folder, chapter="ch09")
    assert got.cells == ()
    assert "Which one is it? There are 2 candidates: one.ipynb, two.ipynb" in said(got)
    assert "ch09.ipynb" in said(got)


def test_a_folder_without_a_notebook_says_where_one_is(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", work__ch09_DOT_ipynb=NOTEBOOK, x_DOT_csv=b"")
    got = read_submission(folder)
    assert got.cells == ()
    assert "there is work/ch09.ipynb: move it up" in said(got)


def test_a_zip_alone_in_a_folder_is_looked_into(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice")
    pack(folder / "hw.zip", ("hw/ch09.ipynb", NOTEBOOK), ("hw/x.csv", b"1"))
    got = read_submission(folder)
    assert (got.name, sources(got), got.files) == ("alice", ["a = 1"], {"x.csv": b"1"})


def test_a_zip_within_a_zip_is_data(tmp_path: Path) -> None:
    inner = pack(tmp_path / "inner.zip", ("ch09.ipynb", NOTEBOOK)).read_bytes()
    got = read_submission(pack(tmp_path / "alice.zip", ("inner.zip", inner)))
    assert got.cells == ()
    assert "no notebook" in said(got)


@pytest.mark.parametrize("name", ["ch09.ipynb", ""])
def test_in_nbgraders_layout_the_name_is_the_students(tmp_path: Path, name: str) -> None:
    lay(tmp_path / "bitdiddle", ch09__ch09_DOT_ipynb=NOTEBOOK, ch09__timestamp_DOT_txt=b"2026")
    got = read_submission(tmp_path / "bitdiddle" / "ch09" / name, chapter="ch09")
    assert (got.name, got.files) == ("bitdiddle", {})


def test_a_file_of_another_kind_is_told_what_to_hand_in(tmp_path: Path) -> None:
    path = tmp_path / "report.docx.rar"
    path.write_bytes(b"Rar!\x1a")
    got = read_submission(path)
    assert got.cells == ()
    assert "report.docx.rar is neither a notebook" in said(got)
    renamed = tmp_path / "ch09.ipynb.txt"
    renamed.write_bytes(NOTEBOOK)
    assert sources(read_submission(renamed)) == ["a = 1"]


# What is never opened


def test_hidden_files_and_checkpoints_are_silently_left_out(tmp_path: Path) -> None:
    folder = lay(
        tmp_path / "alice",
        a_DOT_ipynb=NOTEBOOK,
        _DOT_ipynb_checkpoints__a_DOT_ipynb=OTHER,
        _DOT_git__config=b"",
        _DOT_hidden_DOT_ipynb=OTHER,
    )
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"")
    got = read_submission(folder)
    assert (sources(got), got.files, got.problems) == (["a = 1"], {}, ())


def test_links_are_not_followed(tmp_path: Path) -> None:
    lay(tmp_path / "secret", answers_DOT_py=b"42")
    folder = lay(tmp_path / "alice", a_DOT_ipynb=NOTEBOOK)
    (folder / "answers.txt").symlink_to(tmp_path / "secret" / "answers.py")
    (folder / "solutions").symlink_to(tmp_path / "secret")
    (folder / "loop").symlink_to(folder)
    got = read_submission(folder)
    assert got.files == {}
    assert said(got).count("it is a link") == 3


def test_a_notebook_that_is_a_link_into_anothers_folder_is_not_graded(tmp_path: Path) -> None:
    lay(tmp_path / "bob", ch09_DOT_ipynb=NOTEBOOK)
    folder = lay(tmp_path / "alice")
    (folder / "ch09.ipynb").symlink_to(tmp_path / "bob" / "ch09.ipynb")
    got = read_submission(folder)
    assert got.cells == ()
    assert "it is a link" in said(got)


def test_hard_links_are_not_read(tmp_path: Path) -> None:
    lay(tmp_path / "bob", x_DOT_csv=b"1")
    folder = lay(tmp_path / "alice", a_DOT_ipynb=NOTEBOOK)
    os.link(tmp_path / "bob" / "x.csv", folder / "x.csv")
    got = read_submission(folder)
    assert (sources(got), got.files) == (["a = 1"], {})
    assert "x.csv was left out: it is a hard link" in said(got)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files of two students")
def test_a_classmates_hard_link_takes_nothing_away(tmp_path: Path) -> None:
    bob = lay(tmp_path / "bob", a_DOT_ipynb=NOTEBOOK)
    alice = lay(tmp_path / "alice")
    os.link(bob / "a.ipynb", alice / "a.ipynb")
    for folder, owner in ((bob, 1001), (alice, 1002), (bob / "a.ipynb", 1001)):
        os.chown(folder, owner, owner)
    assert sources(read_submission(bob)) == ["a = 1"]
    assert sources(read_submission(alice)) == []
    assert "a.ipynb was left out: it is a hard link" in said(read_submission(alice))


def test_pipes_and_sockets_do_not_block(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", a_DOT_ipynb=NOTEBOOK)
    os.mkfifo(folder / "pipe.csv")
    os.mknod(folder / "socket", stat.S_IFSOCK | 0o600)
    got = read_submission(folder)
    assert (sources(got), got.files) == (["a = 1"], {})
    assert said(got).count("not a plain file") == 2


@pytest.mark.parametrize(
    "name",
    [
        "a\nb.csv",
        "\x1b[31m.csv",
        "a\u202egpj.csv",
        "-rf",
        "b\udc80.csv",
        "c" * 250 + ".csv",
        "a\\b",
    ],
)
def test_unsafe_names_are_left_out_and_shown_escaped(tmp_path: Path, name: str) -> None:
    folder = lay(tmp_path / "alice", a_DOT_ipynb=NOTEBOOK, good_DOT_csv=b"1")
    if len(name) < 250:
        (folder / name).write_bytes(b"1")
        got = read_submission(folder)
    else:
        nb = json.loads(NOTEBOOK)
        got = from_notebook(nb, name="alice", files={"é" * 250: b"", "good.csv": b"1"})
    assert got.files == {"good.csv": b"1"}
    assert len(got.problems) == 1
    assert said(got).isprintable()
    assert len(said(got)) < 300


def test_chinese_names_with_wide_spaces_are_fine(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", a_DOT_ipynb=NOTEBOOK)
    (folder / "数据\u30001.csv").write_bytes(b"1")
    got = read_submission(folder)
    assert (list(got.files), got.problems) == (["数据\u30001.csv"], ())


def test_sizes_and_counts_are_bounded_and_the_notebook_comes_first(tmp_path: Path) -> None:
    folder = lay(
        tmp_path / "alice",
        a_DOT_csv=b"1" * 60,
        b_DOT_csv=b"1" * 60,
        big_DOT_csv=b"1" * 101,
        z_DOT_ipynb=NOTEBOOK,
    )
    size = len(NOTEBOOK)
    got = read_submission(folder, limits=ReadLimits(file=100, total=size + 130))
    assert (sources(got), sorted(got.files)) == (["a = 1"], ["a.csv", "b.csv"])
    assert "big.csv was left out" in said(got)
    got = read_submission(folder, limits=ReadLimits(total=size + 70))
    assert (sources(got), sorted(got.files)) == (["a = 1"], ["a.csv"])
    assert "b.csv was left out: all files are larger" in said(got)
    got = read_submission(folder, limits=ReadLimits(files=2))
    assert (sources(got), sorted(got.files)) == (["a = 1"], ["a.csv"])
    assert "more than 2 files" in said(got)


def test_deep_and_endless_folders_are_bounded(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", a_DOT_ipynb=NOTEBOOK)
    deep = folder.joinpath(*"abcdefgh")
    deep.mkdir(parents=True)
    (deep / "x.csv").write_bytes(b"")
    assert read_submission(folder, limits=ReadLimits(depth=4)).files == {}
    assert list(read_submission(folder).files) == ["a/b/c/d/e/f/g/h/x.csv"]
    got = read_submission(folder, limits=ReadLimits(entries=5))
    assert sources(got) == ["a = 1"]
    assert "more than 5 files and folders" in said(got)


# The instructor's part


@pytest.mark.parametrize("name", ["nothing.ipynb", "nul\x00.ipynb", "n" * 5000])
def test_a_path_that_does_not_exist_is_the_instructors_error(tmp_path: Path, name: str) -> None:
    with pytest.raises(SubmissionError, match="submission can't be read"):
        read_submission(tmp_path / name)


def test_one_of_a_class_that_has_gone_has_no_cells_and_stops_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name, reason in (("gone.ipynb", "No such file"), ("pipe.ipynb", "neither a file")):
        got = read_one_of_many(tmp_path / name, chapter="ch09")
        assert (got.name, got.cells) == (name.partition(".")[0], ())
        assert f"couldn't be read when its turn came ({reason}" in said(got)


def test_a_pipe_on_the_command_line_is_an_error_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.ipynb")
    with pytest.raises(SubmissionError, match="neither a file nor a folder"):
        read_submission(tmp_path / "a.ipynb")


def test_a_link_on_the_command_line_is_the_instructors_choice(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", a_DOT_ipynb=NOTEBOOK)
    (tmp_path / "file.ipynb").symlink_to(folder / "a.ipynb")
    (tmp_path / "link").symlink_to(folder)
    assert sources(read_submission(tmp_path / "file.ipynb")) == ["a = 1"]
    assert sources(read_submission(tmp_path / "link")) == ["a = 1"]


def test_data_files_of_a_folder_by_the_same_rules(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", a_DOT_ipynb=NOTEBOOK, x_DOT_csv=b"1", _DOT_git__x=b"")
    (folder / "link.csv").symlink_to("x.csv")
    assert read_files(folder, without=["a.ipynb"]) == {"x.csv": b"1"}
    with pytest.raises(SubmissionError):
        read_files(tmp_path / "nobody")


# Zips


def test_a_zip_reads_like_its_folder_and_is_not_extracted(tmp_path: Path) -> None:
    folder = lay(tmp_path / "alice", ch09_DOT_ipynb=NOTEBOOK, data__x_DOT_csv=b"1,2")
    path = pack(
        tmp_path / "alice.zip",
        ("__MACOSX/hw/._ch09.ipynb", b"\x00"),
        ("hw/", b""),
        ("hw/.DS_Store", b""),
        ("hw/ch09.ipynb", NOTEBOOK),
        ("hw\\data\\x.csv", b"1,2"),
    )
    before = sorted(tmp_path.rglob("*"))
    got = read_submission(path, chapter="ch09")
    assert sorted(tmp_path.rglob("*")) == before
    assert (sources(got), got.files, got.problems) == (["a = 1"], {"data/x.csv": b"1,2"}, ())
    assert got.digest == read_submission(folder).digest


@pytest.mark.parametrize("name", ["../x.csv", "a/../../x.csv", "/etc/x", "C:/x.csv", "C:\\x.csv"])
def test_names_that_lead_out_of_a_zip_are_left_out(tmp_path: Path, name: str) -> None:
    got = read_submission(pack(tmp_path / "a.zip", ("ch09.ipynb", NOTEBOOK), (name, b"1")))
    assert (sources(got), got.files) == (["a = 1"], {})
    assert "leads out of the zip" in said(got)


def test_links_in_a_zip_are_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("answers.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    got = read_submission(
        pack(tmp_path / "a.zip", ("ch09.ipynb", NOTEBOOK), (link, b"/etc/passwd"))
    )
    assert (sources(got), got.files) == (["a = 1"], {})
    assert "it is a link" in said(got)


@pytest.mark.parametrize(
    ("first", "second"),
    [("x.csv", "x.csv"), ("x.csv", "X.CSV"), ("é.csv", "e\u0301.csv"), ("x", "x/y.csv")],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_clashing_names_in_a_zip_are_not_both_taken(
    tmp_path: Path, first: str, second: str
) -> None:
    got = read_submission(
        pack(tmp_path / "a.zip", ("ch09.ipynb", NOTEBOOK), (first, b"1"), (second, b"2"))
    )
    assert len(got.files) == 1
    assert "has the same name" in said(got)


def encrypted(data: bytes) -> bytes:
    """The zip with the encryption bit set on every entry, in both headers."""
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            flags = struct.unpack_from("<H", data, at + offset)[0] | 1
            data = data[: at + offset] + struct.pack("<H", flags) + data[at + offset + 2 :]
            at = data.find(mark, at + 4)
    return data


def test_encrypted_entries_are_said_to_be_so(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("ch09.ipynb", NOTEBOOK))
    path.write_bytes(encrypted(path.read_bytes()))
    got = read_submission(path)
    assert got.cells == ()
    assert "it is encrypted" in said(got)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_compressions_are_refused(tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("ch09.ipynb", NOTEBOOK)
    assert "compression isn't supported" in said(read_submission(tmp_path / "a.zip"))


def test_a_bomb_stops_at_the_limit_whatever_its_headers_say(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", ("ch09.ipynb", NOTEBOOK), ("bomb.csv", b"0" * 5_000_000))
    honest = struct.pack("<I", 5_000_000)
    data = path.read_bytes()
    assert data.count(honest) == 2
    for content in (data, data.replace(honest, struct.pack("<I", 10))):
        path.write_bytes(content)
        got = read_submission(path, limits=ReadLimits(file=1_000_000))
        assert (sources(got), got.files) == (["a = 1"], {})
        assert "bomb.csv was left out" in said(got)


def test_overlapping_entries_are_refused(tmp_path: Path) -> None:
    """One compressed body listed many times would be unpacked many times."""
    body = os.urandom(2_000)
    path = pack(tmp_path / "a.zip", ("x0", body), ("ch09.ipynb", NOTEBOOK))
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    with zipfile.ZipFile(path, "a") as archive:
        for i in range(1, 10):
            again = zipfile.ZipInfo(f"x{i}")
            for key in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(again, key, getattr(infos[0], key))
            archive.filelist.append(again)
            archive.NameToInfo[again.filename] = again
        archive._didModify = True  # type: ignore[attr-defined]
    got = read_submission(path)
    assert got.cells == ()
    assert "damaged" in said(got)


def test_entries_and_the_zip_itself_are_counted(tmp_path: Path) -> None:
    path = pack(tmp_path / "a.zip", *[(f"x{i}", b"") for i in range(30)])
    assert "more than 20 files" in said(read_submission(path, limits=ReadLimits(entries=20)))
    assert "zip is larger" in said(
        read_submission(path, limits=ReadLimits(total=100, notebook=100))
    )


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\x00" * 18, b"\x00" * 999])
def test_a_damaged_or_empty_zip_is_a_submission_without_cells(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    got = read_submission(tmp_path / "a.zip")
    assert got.cells == ()
    assert len(got.problems) >= 1


def test_a_damaged_entry_does_not_lose_the_others(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("ch09.ipynb", NOTEBOOK)
        archive.writestr("x.csv", b"precious")
    path = tmp_path / "a.zip"
    path.write_bytes(buffer.getvalue().replace(b"precious", b"precioux"))
    got = read_submission(path)
    assert (sources(got), got.files) == (["a = 1"], {})
    assert "x.csv was left out: it is damaged" in said(got)
