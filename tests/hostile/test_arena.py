"""The arena can lose: it notices each kind of harm, and each result that isn't what must come."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.sandbox.jail import NOBODY
from tests.hostile import __main__ as command
from tests.hostile import arena as arenas
from tests.hostile import canary as canaries
from tests.hostile import case as corpus
from tests.hostile.arena import ROOT, Arena
from tests.hostile.canary import VARIABLE, Canary
from tests.hostile.case import Case

SOLUTION = ROOT / "solutions" / "ch09_convolution.py"
ZEROS = """
import torch

def corr2d(X, K):
    return torch.zeros(X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1)
"""
WRONG = "{corr2d: [wrong answer]}"

NewCase = Callable[..., Case]


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Canary]:
    course = tmp_path / "course"
    (course / "solutions").mkdir(parents=True)
    shutil.copy(SOLUTION, course / "solutions")
    with Canary(tmp_path / "canary", course) as canary:
        yield canary


@pytest.fixture(scope="module")
def arena() -> Iterator[Arena]:
    with Arena() as arena:
        yield arena


@pytest.fixture
def new_case(tmp_path: Path) -> NewCase:
    """Makes a case of a submission, or of a make.py."""

    def new(source: str = ZEROS, *, expect: str = WRONG, make: str = "", more: str = "") -> Case:
        folder = tmp_path / "made" / uuid.uuid4().hex
        folder.mkdir(parents=True)
        (folder / "case.yml").write_text(f"tries: Whatever.\nexpect: {expect}\n{more}\n", "utf-8")
        (folder / ("make.py" if make else "submission.py")).write_text(make or source, "utf-8")
        return Case(folder)

    return new


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


def connect(family: int, address: object) -> bytes:
    with socket.socket(family) as client:
        client.connect(address)  # type: ignore[arg-type]
        with client.makefile("rb") as answer:
            return answer.read()


class TestCanary:
    def test_is_unharmed_when_nobody_was_there(self, canary: Canary):
        assert not [line for line in canary.harm() if str(canary.folder) in line]
        assert canary.connections == []
        assert canary.process.poll() is None

    @pytest.mark.parametrize(
        "harm",
        [
            lambda folder: change(folder / "secret.txt"),
            lambda folder: change(folder / "gradebook.db"),
            lambda folder: change(folder / "course" / "solutions" / "ch09_convolution.py"),
            lambda folder: next((folder / "submitted").rglob("*.py")).unlink(),
            lambda folder: shutil.rmtree(folder / "submitted"),
            lambda folder: (folder / "new").touch(),
            lambda folder: (folder / "new").symlink_to("secret.txt"),
            lambda folder: (folder / "secret.txt").chmod(0o600),
            lambda folder: (folder.parent / "link").hardlink_to(folder / "secret.txt"),
        ],
        ids=[
            "a text", "the gradebook", "a solution", "a file gone", "a folder gone", "a new file",
            "a link", "rights", "a hard link",
        ],
    )  # fmt: skip
    def test_a_change_in_its_folder_is_said_once(
        self, canary: Canary, harm: Callable[[Path], object]
    ):
        harm(canary.folder)
        changed = f"something in {canary.folder} was changed"
        assert changed in list(canary.harm())
        assert changed not in list(canary.harm())

    @pytest.mark.parametrize("server", ["tcp", "unix socket", "abstract socket"])
    def test_a_connection_to_a_server_of_its_is_said_once(self, canary: Canary, server: str):
        got = {
            "tcp": lambda: connect(socket.AF_INET, ("127.0.0.1", canary.port)),
            "unix socket": lambda: connect(socket.AF_UNIX, str(canary.socket)),
            "abstract socket": lambda: connect(socket.AF_UNIX, f"\0{canary.abstract}"),
        }[server]()
        assert got.decode() == canary.secret
        assert f"the {server} was connected to" in list(canary.harm())
        assert not [line for line in canary.harm() if "connected" in line]

    def test_a_kill_of_its_process_is_noticed(self, canary: Canary):
        os.kill(canary.process.pid, signal.SIGKILL)
        canary.process.wait()
        assert "the canary process ended (-9)" in list(canary.harm())

    def test_a_stop_of_its_process_is_noticed(self, canary: Canary):
        os.kill(canary.process.pid, signal.SIGSTOP)
        os.waitpid(canary.process.pid, os.WUNTRACED)
        assert "the canary process is stopped (T)" in list(canary.harm())

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can tell a submission's files")
    def test_what_nobody_leaves_in_a_shared_folder_is_said_once(
        self, canary: Canary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        shared = tmp_path / "shared"  # in the real ones an arena beside this one would see it
        shared.mkdir()
        monkeypatch.setattr(canaries, "SHARED_FOLDERS", ("/nowhere", str(shared)))
        left = shared / "left"
        left.touch()
        assert f"{left} was left behind" not in list(canary.harm())  # it is root's
        os.chown(left, NOBODY, NOBODY)
        assert f"{left} was left behind" in list(canary.harm())
        assert f"{left} was left behind" not in list(canary.harm())

    def test_stands_open_to_everybody(self, canary: Canary):
        """Nothing but the sandbox is to stand before it."""
        for path in canary.folder.rglob("*"):
            if not path.is_symlink() and not path.is_socket():
                assert stat.S_IMODE(path.stat().st_mode) == 0o777

    def test_its_secret_is_in_the_environment_until_it_is_closed(self, canary: Canary):
        assert os.environ[VARIABLE] == canary.secret
        assert canary.secret in canary.process.args  # type: ignore[operator]
        canary.close()
        assert VARIABLE not in os.environ

    def test_its_whereabouts_are_filled_in(self, canary: Canary):
        text = canary.fill_in("@FOLDER@ @PORT@ @SOCKET@ @ABSTRACT@ @PID@ @VARIABLE@")
        folder, port, path, abstract, pid, variable = text.split()
        assert Path(folder, "secret.txt").read_text() == canary.secret == os.environ[variable]
        assert connect(socket.AF_INET, ("127.0.0.1", int(port))).decode() == canary.secret
        assert connect(socket.AF_UNIX, path).decode() == canary.secret
        assert connect(socket.AF_UNIX, f"\0{abstract}").decode() == canary.secret
        assert int(pid) == canary.process.pid


class TestArena:
    def test_holds_what_comes_as_expected(self, arena: Arena, new_case: NewCase):
        assert arena.fight(new_case()).broken == ()
        honest = new_case(SOLUTION.read_text("utf-8"), expect="{corr2d: passed}")
        assert arena.fight(honest).broken == ()

    def test_points_gained_break_a_case(self, arena: Arena, new_case: NewCase):
        broken = arena.fight(new_case(SOLUTION.read_text("utf-8"))).broken
        assert broken[0] == "corr2d got 4 points, not 0"
        assert "corr2d::test_pixel_values: passed: " in broken

    def test_points_lost_break_a_case(self, arena: Arena, new_case: NewCase):
        broken = arena.fight(new_case(expect="{corr2d: passed}")).broken
        assert broken[0] == "corr2d got 0 points, not 4"

    def test_another_verdict_breaks_a_case(self, arena: Arena, new_case: NewCase):
        broken = arena.fight(new_case(expect="{corr2d: [error, missing]}")).broken
        assert len(broken) == 10
        assert all("wrong answer" in line for line in broken)

    @pytest.mark.parametrize(
        "source",
        ["raise ValueError({secret!r})", "print({secret!r})\n" + ZEROS, f"{ZEROS}\n{{secret!r}}"],
        ids=["in a message", "printed", "displayed"],
    )
    def test_the_secret_in_a_result_breaks_a_case(
        self, arena: Arena, new_case: NewCase, source: str
    ):
        make = f"""
def make(folder, canary):
    path = folder / "submission.py"
    path.write_text({source!r}.format(secret=canary.secret))
    return path
"""
        broken = arena.fight(new_case(make=make, expect="{corr2d: [missing, wrong answer]}")).broken
        assert broken == ("the canary's secret is in the result",)

    def test_harm_to_the_canary_breaks_a_case(self, arena: Arena, new_case: NewCase):
        make = f"""
def make(folder, canary):
    (canary.folder / "touched").touch()
    path = folder / "submission.py"
    path.write_text({ZEROS!r})
    return path
"""
        broken = arena.fight(new_case(make=make)).broken
        assert broken == (f"something in {arena.canary.folder} was changed",)
        assert arena.fight(new_case()).broken == ()  # and no case after it

    def test_a_process_left_behind_breaks_a_case(
        self, arena: Arena, new_case: NewCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(arenas, "PATIENCE", 0.2)
        file = tmp_path / "pid"
        make = f"""
import os
import sys

def make(folder, canary):
    program = [sys.executable, "-c", "import time; time.sleep(60)"]
    with open({str(file)!r}, "w") as file:
        file.write(str(os.spawnv(os.P_NOWAIT, sys.executable, program)))
    path = folder / "submission.py"
    path.write_text({ZEROS!r})
    return path
"""
        try:
            broken = arena.fight(new_case(make=make)).broken
        finally:
            pid = int(file.read_text())
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        assert broken == (f"process {pid} was left behind",)

    def test_a_judge_that_grows_breaks_a_case(self, arena: Arena, new_case: NewCase):
        make = f"""
import sys

def make(folder, canary):
    sys.modules["hoard"] = bytearray(b"x") * (600 << 20)
    path = folder / "submission.py"
    path.write_text({ZEROS!r})
    return path
"""
        try:
            (broken,) = arena.fight(new_case(make=make)).broken
        finally:
            sys.modules.pop("hoard", None)
        assert broken.startswith("the judge has grown by ")

    def test_a_run_that_ends_breaks_a_case(self, arena: Arena, new_case: NewCase):
        broken = arena.fight(new_case(expect="{corr3d: [wrong answer]}")).broken
        assert any(line.startswith("the judge raised CourseError") for line in broken)
        assert any("the next submission made the judge raise" in line for line in broken)

    def test_a_problem_that_isnt_found_breaks_a_case(self, arena: Arena, new_case: NewCase):
        (broken,) = arena.fight(new_case(more="problem: never said")).broken
        assert broken.startswith("no problem matches 'never said'")

    def test_who_is_refused_and_who_isnt_must_be_as_expected(self, arena: Arena, new_case: NewCase):
        (broken,) = arena.fight(new_case(more="refused: can't be read")).broken
        assert broken == "was graded, not refused"
        gone = """
def make(folder, canary):
    return folder / "gone" / "ch09_convolution.py"
"""
        (broken,) = arena.fight(new_case(make=gone)).broken
        assert broken.startswith("refused: ")
        assert arena.fight(new_case(make=gone, more="refused: gone")).broken == ()


def test_a_judge_fault_breaks_a_case_though_it_costs_nobody_points(
    new_case: NewCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    root = tmp_path / "root"
    for folder in ("assignments", "release", "solutions"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "grading_config.yml", root)
    grader = root / "assignments" / "ch09_convolution" / "test_corr2d.py"
    grader.write_text("def test_broken(student):\n    raise KeyError('ours')\n", "utf-8")
    monkeypatch.setattr(arenas, "ROOT", root)
    with Arena() as arena:
        broken = arena.fight(new_case()).broken
    assert broken[0].startswith("judge fault in corr2d::test_broken: KeyError")
    assert "corr2d got 4 points, not 0" in broken
    assert broken[-1] == "the next submission got 4.0 of 4.0"


def test_the_command_prints_what_held_and_fails_when_one_did_not(
    new_case: NewCase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    held = new_case().folder
    broken = new_case('def corr2d(X, K):\n    raise ValueError("[/red]")').folder
    monkeypatch.setattr(corpus, "CASES", held.parent.parent)
    names = [f"{case.parent.name}/{case.name}" for case in (held, broken)]
    monkeypatch.setattr(sys, "argv", ["hostile", *names])
    assert command.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "1 held, 1 broken"
    assert any("[/red]" in line for line in lines)


def test_the_command_says_when_no_case_is_called_so():
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile", "verdict/nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "no case is called verdict/nothing" in done.stderr
