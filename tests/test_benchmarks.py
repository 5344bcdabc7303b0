"""benchmarks/hostile.py: what it reports is what was done, and its outer sandbox holds."""

import re
from pathlib import Path

import pytest

from benchmarks.hostile import TOOLS, fight
from benchmarks.side_by_side import sandbox
from benchmarks.side_by_side.attacks import attacks
from benchmarks.side_by_side.tool import Tool

ROOT = Path(__file__).resolve().parents[1]
NBGRADER, OTTER, OURS = TOOLS
ATTACKS = {attack.name: attack for attack in attacks()}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An instructor's home with next to nothing in it."""
    for name in ("course/submitted", "canary"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "canary" / "secret.txt").write_text("a secret")
    sandbox.make_readable(tmp_path)
    return tmp_path


def ran(home: Path, script: str) -> sandbox.Report:
    return sandbox.run(home, ["sh", "-c", script], collect=["course/*.txt"], watch=["canary/**/*"])


def test_attacks_have_names_of_their_own_and_say_what_they_try():
    assert len(ATTACKS) == len(attacks())
    assert all(attack.tries for attack in attacks())


def test_nothing_outside_of_the_outer_sandbox_can_be_seen_or_written(home: Path):
    script = f"""
        cat {ROOT}/pyproject.toml {home}/canary/secret.txt
        touch /usr/touched {ROOT}/autograder/touched /given/touched {home}/touched
        id -u > user.txt
        exit 3"""
    report = ran(home, script)
    assert report.code == 3
    assert report.log.count("No such file or directory") == 3
    assert report.log.count("Read-only file system") == 3
    assert report.files["course/user.txt"].strip() != b"0"
    assert report.touched == ()


def test_what_a_command_touches_is_told(home: Path):
    script = """
        echo changed > ../canary/secret.txt
        (setsid sleep 100 &)
        kill $(pgrep -f 'sys.stdin.read')"""
    touched = ran(home, script).touched
    assert len(touched) == 3
    assert any("~/canary/secret.txt" in text for text in touched)
    assert any("1 process(es) left behind" in text for text in touched)
    assert any("program ended" in text for text in touched)


def test_a_command_that_takes_all_memory_is_killed_and_the_report_comes(home: Path):
    grow = "held = []\nwhile True: held.append(b'x' * (1 << 26))"
    report = ran(home, f'python -c "{grow}"; echo $? > code.txt')
    assert report.code == 0
    assert report.files["course/code.txt"].strip() in (b"1", b"137")  # no memory, or killed


def test_our_judge_holds_what_reads_the_solution():
    assert against(OURS, "run_solution") == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tool", "attack", "harms"),
    [
        (NBGRADER, "run_solution", ("points", "read")),
        (OTTER, "pickle_beside", ("points",)),
    ],
    ids=["nbgrader", "otter"],
)
def test_what_others_lose_is_seen(tool: Tool, attack: str, harms: tuple[str, ...]):
    assert against(tool, attack) == harms


def test_the_table_in_the_documentation_has_a_row_for_each_attack():
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    table = text.partition("## Side by side")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == list(ATTACKS)


def against(tool: Tool, attack: str) -> tuple[str, ...]:
    return fight([ATTACKS[attack]], [tool])[attack, tool.name].harms
