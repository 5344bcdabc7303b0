"""`autograder grade`, as a user meets it: exit codes, tables, files, and what goes to stderr."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from autograder.judge.result import decode, encode, without_times
from tests.judging import GOOD, LAB, TIMED, write_course

HERE = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).parent / "autograder"
SCHEMA = json.loads((HERE / "docs/result.schema.json").read_text("utf-8"))
WRONG = LAB.replace("return x * times", "return x * x")


def environment(**changes: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(HERE), "PYTHONUTF8": "1"} | changes


def autograder(
    folder: Path, *words: str | Path, **changes: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *map(str, words)],
        cwd=folder,
        capture_output=True,
        text=True,
        env=environment(**changes),
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_course(tmp_path_factory.mktemp("lab"))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_full_marks(root: Path, tmp_path: Path) -> None:
    """Exit code 0; the JSON holds what the table says, and fits its schema; nothing on stderr."""
    mine = write(tmp_path / "mine.py", GOOD)
    done = autograder(root, "grade", mine, "--json", tmp_path / "r.json", "--seed", "5")
    assert (done.returncode, done.stderr) == (0, "")
    assert "mine  ch01_lab  10 / 10 points" in done.stdout
    assert "seed 5" in done.stdout
    document = json.loads((tmp_path / "r.json").read_bytes())
    jsonschema.validate(document, SCHEMA)
    result = decode((tmp_path / "r.json").read_bytes())
    assert (result.points, result.seed, result.sandbox.safe) == (10, 5, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.py", "r.json"]


def test_lost_marks(root: Path, tmp_path: Path) -> None:
    """Exit code 1; verdict, message, hint and what to read, and no expected value."""
    mine = write(tmp_path / "mine.py", WRONG)
    done = autograder(root, "grade", mine, "--exercise", "scale", "--exercise", "clear")
    assert done.returncode == 1
    assert "mine  ch01_lab  1 / 5 points" in done.stdout
    for words in ("wrong answer", "6 of 6 elements differ", "Hint: You squared x.", "See T99"):
        assert words in done.stdout
    assert "Descent" not in done.stdout
    assert "expected" not in done.stdout
    shown = autograder(root, "grade", mine, "--exercise", "scale", "--show-values", "--lang", "zh")
    assert "应为" in shown.stdout
    assert "提示：你算的是平方。" in shown.stdout
    assert "答案错误" in shown.stdout


def test_a_judge_fault(root: Path, tmp_path: Path) -> None:
    """Exit code 3, no points lost, the instructor told; JUnit counts an error."""
    mine = write(tmp_path / "mine.py", "\n".join(
        f"def {name}(x): return x"
        for name in ("fine", "wrong", "crash", "syntax", "empty", "hangs", "stray")
    ))  # fmt: skip
    done = autograder(root, "grade", mine, "--chapter", "ch02", "--junit", tmp_path / "r.xml")
    assert done.returncode == 3
    assert "7 / 7 points" in done.stdout
    assert "RuntimeError: the secret of the grader" in done.stdout
    xml = ET.parse(tmp_path / "r.xml").getroot()
    assert int(xml.attrib["errors"]) >= 5
    assert xml.attrib["failures"] == "0"


def test_many_paths(root: Path, tmp_path: Path) -> None:
    """nbgrader's folders of two chapters, graded one after the other: progress on stderr only, an
    overview, an array of results in the order of grading."""
    for student, text in (("ann", GOOD), ("bob", WRONG)):
        write(tmp_path / f"submitted/{student}/ch01_lab/ch01_lab.py", text)
        write(tmp_path / f"submitted/{student}/ch03_timed/ch03_timed.py", TIMED)
    done = autograder(
        root, "grade", tmp_path / "submitted", "--json", tmp_path / "r.json",
        "--junit", tmp_path / "r.xml",
    )  # fmt: skip
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines] == [f"{n} of 4" for n in (1, 2, 3, 4)]
    points = {re.sub(r"^\d of 4: (.*), [^,]+, \d+ s left$", r"\1", line) for line in lines}
    assert points == {
        "ann (ch01_lab) 10/10",
        "bob (ch01_lab) 6/10",
        "ann (ch03_timed) 2/2",
        "bob (ch03_timed) 2/2",
    }
    assert "ch01_lab: 2 submissions" in done.stdout
    documents = json.loads((tmp_path / "r.json").read_bytes())
    for document in documents:
        jsonschema.validate(document, SCHEMA)
    names = [(each["submission"]["name"], each["course"]["chapter"]) for each in documents]
    assert names == [
        ("ann", "ch01_lab"),
        ("bob", "ch01_lab"),
        ("ann", "ch03_timed"),
        ("bob", "ch03_timed"),
    ]
    assert len(ET.parse(tmp_path / "r.xml").getroot()) == 2 * 3 + 2


def test_json_on_standard_output(root: Path, tmp_path: Path) -> None:
    """Nothing but the document stands there; people read standard error. And the same again is
    the same but for times."""
    mine = write(tmp_path / "mine.py", WRONG)
    one, two = (
        autograder(root, "grade", mine, "--json", "-", *quiet) for quiet in ((), ("--quiet",))
    )
    assert one.returncode == two.returncode == 1
    jsonschema.validate(json.loads(one.stdout), SCHEMA)
    assert "mine  ch01_lab  6 / 10 points" in one.stderr
    assert two.stderr.strip() == "mine  ch01_lab  6/10"
    first, second = (decode(done.stdout.encode()) for done in (one, two))
    assert encode(without_times(first)) == encode(without_times(second))


def test_without_a_sandbox(root: Path, tmp_path: Path) -> None:
    """A loud warning, and a result that nobody should trust."""
    mine = write(tmp_path / "mine.py", GOOD)
    done = autograder(
        root, "grade", mine, "--sandbox", "none", "--exercise", "clear", "--json", tmp_path / "r",
        PATH="/nonexistent",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("WARNING: no sandbox. Submissions run with your rights")
    assert "UNSAFE: graded without a sandbox." in done.stdout
    sandbox = decode((tmp_path / "r").read_bytes()).sandbox
    assert (sandbox.mode, sandbox.safe) == ("none", False)


def test_without_bubblewrap(root: Path, tmp_path: Path) -> None:
    """It stops and says what to do; it never falls back."""
    mine = write(tmp_path / "mine.py", GOOD)
    done = autograder(root, "grade", mine, PATH="/nonexistent")
    assert (done.returncode, done.stdout) == (3, "")
    assert "error: bubblewrap (the command bwrap) was not found" in done.stderr
    assert "sudo apt-get install bubblewrap" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c(root: Path, tmp_path: Path) -> None:
    """What was graded so far is written, and the exit code is the shell's for Ctrl-C."""
    write(tmp_path / "class/a.py", GOOD)
    write(tmp_path / "class/b.py", "import time\ntry:\n    time.sleep(7)\nfinally: pass\n" + GOOD)
    command = [COMMAND, "grade", tmp_path / "class/a.py", tmp_path / "class/b.py",
               "--chapter", "ch01_lab", "--exercise", "clear",
               "--json", tmp_path / "r.json"]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=root, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline().startswith("1 of 2: a (ch01_lab) 1/1, ")
    time.sleep(0.5)  # somewhere in b's cell
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "stopped after 1 of 2"
    assert "a  ch01_lab  1 / 1 points" in out
    assert decode((tmp_path / "r.json").read_bytes()).submission.name == "a"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.py",), "'nowhere.py' does not exist"),
        (("mine.py", "--chapter", "ch99"), "no chapter 'ch99' in grading_config.yml"),
        (("mine.py", "--exercise", "scales"), "ch01_lab has no exercise scales (it has scale, D"),
        (("other.py",), "can't tell which chapter other.py is for; say --chapter with one of"),
        (("mine.py", "--json", "no/such/folder.json"), "there is no folder no/such"),
        (("mine.py", "--junit", "."), ". is a folder"),
        (("mine.py", "--json", "r", "--junit", "r"), "must be another file than --json r"),
        (("mine.py", "--device", "tpu"), "must be auto or cpu or cuda (got 'tpu')"),
        (("mine.py", "--lang", "fr"), "must be en or zh (got 'fr')"),
        (("mine.py", "--sandbox", "yes"), "must be bubblewrap or none (got 'yes')"),
        (("empty",), "no submission in empty"),
    ],
)
def test_mistakes(root: Path, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, one message, nothing graded: a report that can't be written is no surprise for
    the end of a long grading."""
    write(tmp_path / "mine.py", GOOD)
    write(tmp_path / "other.py", "x = 1\n")
    (tmp_path / "empty").mkdir()
    done = autograder(tmp_path, "grade", *words, "--course", root)
    assert (done.returncode, done.stdout) == (2, "")
    flat = " ".join(done.stderr.replace("│", " ").split())
    assert said in flat
    assert "Traceback" not in done.stderr


def test_a_report_that_cannot_be_written_in_the_end_costs_no_result(
    root: Path, tmp_path: Path
) -> None:
    """The table is there, and the other report too."""
    mine = write(tmp_path / "mine.py", GOOD)
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    done = autograder(
        root, "grade", mine, "--exercise", "clear", "--json", full, "--junit", tmp_path / "r.xml"
    )
    assert done.returncode == 2
    assert "error: can't write /dev/full: No space left on device" in done.stderr
    assert "1 / 1 points" in done.stdout
    assert (tmp_path / "r.xml").exists()
    assert full.is_char_device()
