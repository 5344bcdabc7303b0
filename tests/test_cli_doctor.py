"""`autograder doctor`, as a user meets it, on this machine and on ones that can't isolate; and what
`autograder grade` says there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.judging import GOOD, write_course

ROOT = Path(__file__).resolve().parents[1]
COMMAND = Path(sys.executable).parent / "autograder"
CODES = {"safe": 0, "reduced": 1, "unsafe": 2}
DOCKERS_CAPABILITIES = (
    "chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap",
    "net_bind_service", "net_raw", "sys_chroot", "mknod", "audit_write", "setfcap",
)  # fmt: skip
# Machines that can't isolate, made of this one.
WITHOUT_USER_NAMESPACES = (
    "bwrap", "--unshare-user", "--uid", "1000", "--disable-userns", "--dev-bind", "/", "/",
)  # fmt: skip
ROOT_IN_A_CONTAINER = (
    "setpriv", "--bounding-set", ",".join(["-all", *(f"+{name}" for name in DOCKERS_CAPABILITIES)]),
)  # fmt: skip
# Runs its arguments as root of a user namespace that has nobody too, and allows no further one.
NO_FURTHER_NAMESPACES = """
import ctypes, os, sys
pid, new_user = os.getpid(), 0x10000000
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.read(reader, 1)
    for name in ("uid_map", "gid_map"):
        with open(f"/proc/{pid}/{name}", "w") as file:
            file.write("0 0 1\\n65534 65534 1\\n")
    os._exit(0)
if ctypes.CDLL(None).unshare(new_user):
    sys.exit("no user namespace")
os.write(writer, b"x")
os.waitpid(child, 0)
with open("/proc/sys/user/max_user_namespaces", "w") as file:
    file.write("0")
os.execvp(sys.argv[1], sys.argv[1:])
"""
ROOT_WITHOUT_USER_NAMESPACES = (
    sys.executable, "-c", NO_FURTHER_NAMESPACES, *ROOT_IN_A_CONTAINER,
)  # fmt: skip


def run(*words: str | Path, within: tuple[str, ...] = (), **changes: str) -> Any:
    return subprocess.run(
        [*within, COMMAND, *map(str, words)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | changes,
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_course(tmp_path_factory.mktemp("lab"))
    (root / "mine.py").write_text(GOOD, "utf-8")
    return root


def test_this_machine(course: Path):
    """The verdict is the worst state, the exit code says it, the layers are those of results."""
    done = run("doctor", "--json", "--course", course)
    document = json.loads(done.stdout)
    states = {check["state"] for check in document["checks"]}
    assert document["verdict"] == max(states, key=CODES.__getitem__) != "unsafe", done.stdout
    assert done.returncode == CODES[document["verdict"]]
    graded = run("grade", course / "mine.py", "--course", course, "--quiet", "--json", "-")
    layers = [check["found"] for check in document["checks"] if check["name"] == "layer"]
    absent = [check["found"] for check in document["checks"] if check["state"] == "reduced"]
    assert json.loads(graded.stdout)["sandbox"]["layers"] == [
        layer for layer in layers if layer not in absent
    ]
    assert all(check["remedy"] for check in document["checks"] if check["state"] != "safe")


def test_people_read_a_table_and_the_verdict_last():
    done = run("doctor")
    assert done.stdout.splitlines()[-1].startswith(("safe", "reduced: "))
    for words in ("bubblewrap", "no_new_privs", "is held in all that was tried", "GiB free"):
        assert words in done.stdout


MACHINES = {
    "an ordinary user without user namespaces": WITHOUT_USER_NAMESPACES,
    "root in a container, without CAP_SYS_ADMIN or user namespaces": ROOT_WITHOUT_USER_NAMESPACES,
}


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_that_cannot_isolate(course: Path, machine: str):
    """It is unsafe, with the reason and what to do; and nothing is graded there."""
    within = MACHINES[machine]
    if os.geteuid() != 0 and within is not WITHOUT_USER_NAMESPACES:
        pytest.skip("needs root to make such a machine")
    if subprocess.run([*within, "true"], capture_output=True).returncode:
        pytest.skip("there is no way to make such a machine here")
    done = run("doctor", within=within)
    assert done.returncode == 2, done.stdout
    *_, last = done.stdout.splitlines()
    assert last.startswith("unsafe: this machine can't isolate untrusted code: ")
    assert "namespace" in last
    assert "What to do: " in done.stdout
    graded = run("grade", course / "mine.py", "--course", course, within=within)
    assert (graded.returncode, graded.stdout) == (3, "")
    assert "What to do" in graded.stderr
    assert "Traceback" not in graded.stderr


def test_root_without_cap_sys_admin_grades_as_nobody_where_nobody_can_read_the_interpreter(
    course: Path,
):
    """Else it is told to put the interpreter elsewhere."""
    if os.geteuid() != 0:
        pytest.skip("needs root to give rights away")
    done = run("doctor", within=ROOT_IN_A_CONTAINER)
    prefixes = [Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)]
    parts = {part for prefix in prefixes for part in (prefix, *prefix.parents)}
    if all(part.stat().st_mode & 0o005 == 0o005 for part in parts):
        assert done.returncode in (0, 1), done.stdout
    else:
        assert done.returncode == 2
        assert "where every user can read them" in " ".join(done.stdout.split())


def test_a_machine_without_bubblewrap():
    done = run("doctor", PATH="/nonexistent")
    assert done.returncode == 2
    assert "sudo apt-get install bubblewrap" in done.stdout


def test_a_course_that_wants_no_sandbox(course: Path, tmp_path: Path):
    root = Path(shutil.copytree(course, tmp_path / "open"))
    config = root / "grading_config.yml"
    config.write_text(config.read_text("utf-8").replace("sandbox:", "sandbox:\n  mode: none", 1))
    done = run("doctor", "--course", root)
    assert done.returncode == 2
    assert "unsafe: none, by grading_config.yml" in done.stdout
