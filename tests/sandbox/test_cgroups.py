"""What a worker's control group adds: limits and a clock that nothing in it escapes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import cgroups, places
from autograder.sandbox.cgroups import Groups
from autograder.sandbox.connection import SLACK, Worker
from autograder.sandbox.errors import SandboxError
from autograder.sandbox.limits import Crossed, Span
from autograder.sandbox.places import CPU, MEMORY, PROCESSES, Version2, find_places
from autograder.sandbox.process import Sandbox
from tests.sandbox.asking import LIMITS, call, define, ended, eventually, limits, ok, value
from tests.sandbox.conftest import MakeWorker

ROOT = Path(__file__).resolve().parents[2]
MIB = 1 << 20


@pytest.fixture(scope="module")
def offers(sandbox: Sandbox) -> list[str]:
    assert sandbox._groups is not None
    return sandbox._groups.offers


@pytest.fixture
def groups() -> Iterator[Groups]:
    made = Groups.here()
    yield made
    made.close()


def folders(groups: Groups) -> list[Path]:
    return [parent for parent, _ in groups._parents.values()]


def members(worker: Worker) -> list[set[int]]:
    """The processes of a worker's group, in each hierarchy."""
    assert worker._group is not None
    return [
        set(map(int, (folder / "cgroup.procs").read_text().split()))
        for folder in worker._group._folders.values()
    ]


def need(offers: list[str], offer: str) -> None:
    if offer not in offers:
        pytest.skip(f"no control groups for {offer} here")


def test_everything_of_a_worker_is_in_its_group(make_worker: MakeWorker, offers: list[str]):
    need(offers, PROCESSES)
    worker, other = make_worker(), make_worker()
    ok(
        worker,
        """
        import os, subprocess
        subprocess.Popen(["sleep", "60"], start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execvp("sleep", ["sleep", "60"])
            os._exit(0)
        """,
    )
    for inside in members(worker):
        assert {worker.pid, worker._warden} <= inside
        assert len(inside) >= 4
        assert not inside & set.union(*members(other))
        assert os.getpid() not in inside


def test_a_worker_sees_no_way_to_its_group(worker: Worker):
    look = "import os; return [p for p in ('/sys', '/sys/fs/cgroup') if os.path.lexists(p)]"
    assert value(call(worker, look)) == []


CHILDREN_THAT_NOBODY_WAITS_FOR = """
    import os, signal, time
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        if os.fork() == 0:
            sum(range(10**6))
            os._exit(0)
        time.sleep(0.02)
"""


def test_children_that_nobody_waits_for_count(make_worker: MakeWorker, offers: list[str]):
    """Their parent ignores SIGCHLD, so the kernel reaps them and tells nobody what they used."""
    need(offers, CPU)
    worker = make_worker()
    worker.call_limit = Span(60, 0.5)
    assert ended(call(worker, CHILDREN_THAT_NOBODY_WAITS_FOR)).crossed is Crossed.CPU


def test_the_workers_own_time_is_not_counted_twice(make_worker: MakeWorker):
    worker = make_worker(limits(submission=Span(120, 1.6)))
    body = "import time\nend = time.process_time() + 1\nwhile time.process_time() < end: pass"
    assert value(call(worker, body)) is None
    define(worker, "import time; time.sleep(0.6)")
    assert value(worker.call("f")) is None


SOCKETS_FULL_OF_BYTES = """
    import os, socket, time
    held = []
    for _ in range(28):
        if os.fork() == 0:
            try:
                while True:
                    held.append(socket.socketpair())
                    for end in held[-1]:
                        end.setblocking(False)
                        try:
                            while True: end.send(bytes(4096))
                        except BlockingIOError:
                            pass
            except OSError:
                time.sleep(60)
    time.sleep(60)
"""


def test_memory_that_belongs_to_no_process_is_limited_too(
    make_worker: MakeWorker, offers: list[str]
):
    need(offers, MEMORY)
    worker = make_worker(limits(memory=64 * MIB))
    assert ended(call(worker, SOCKETS_FULL_OF_BYTES)).crossed is Crossed.MEMORY
    again = make_worker(limits(memory=64 * MIB))  # in the same group
    assert value(call(again, "import torch; return torch.ones(2**22).sum().item()")) == 2**22
    os.kill(again.pid, signal.SIGKILL)
    reply = ended(again.call("f"))
    assert (reply.crossed, reply.detail) == (Crossed.SIGNAL, "SIGKILL")


def test_what_a_worker_may_have_meets_its_own_limits_first(
    make_worker: MakeWorker, offers: list[str]
):
    """All its memory, and both temporary folders full, in one group."""
    need(offers, MEMORY)
    worker = make_worker(limits(memory=128 * MIB))
    body = """
        import os
        for folder in ("/tmp", "/dev/shm"):
            try:
                for number in range(50):
                    with open(f"{folder}/{number}", "wb") as file: file.write(bytes(2**20))
            except OSError:
                pass
        held = []
        try:
            while True: held.append(bytearray(os.urandom(2**20)))
        except MemoryError:
            size = len(held)
            held.clear()
            return size
    """
    assert value(call(worker, body)) > 100


def test_groups_are_used_again_and_nothing_is_left(tmp_path: Path):
    with Sandbox(LIMITS) as sandbox:
        sandbox.wait()
        assert sandbox._groups is not None
        parents = folders(sandbox._groups)
        for _ in range(3):
            with sandbox.worker() as worker:
                assert ok(worker, "print(1)") == "1\n"
        for parent in parents:
            assert len([path for path in parent.iterdir() if path.is_dir()]) == 1
        worker = sandbox.worker()
    assert not any(parent.exists() for parent in parents)
    worker.close()


def test_closing_kills_what_is_in_a_group(groups: Groups):
    group = groups.take(LIMITS, SLACK, cuda=False)
    if group is None:
        pytest.skip(groups.absent)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    group.admit(process.pid)
    parents = folders(groups)
    groups.close()
    assert process.wait() == -signal.SIGKILL
    assert not any(parent.exists() for parent in parents)


JUDGE = """
import json
from autograder.sandbox.cgroups import Groups
from autograder.sandbox.limits import Limits
groups = Groups.here()
groups.take(Limits(), 0, cuda=False)
print(json.dumps([str(parent) for parent, _ in groups._parents.values()]), flush=True)
input()
"""


def test_groups_of_a_killed_judge_go_when_the_next_one_starts(groups: Groups):
    """Those of one that lives stay."""
    if not groups.offers:
        pytest.skip(groups.absent)
    with subprocess.Popen(
        [sys.executable, "-c", JUDGE],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as judge:
        assert judge.stdout is not None
        left = [Path(name) for name in json.loads(judge.stdout.readline())]
        Groups.here().close()
        assert all(parent.exists() for parent in left)
        judge.kill()
    assert all(parent.exists() for parent in left)
    Groups.here().close()
    assert not any(parent.exists() for parent in left)
    assert all(parent.exists() for parent in folders(groups))


def test_groups_of_forked_processes_go_when_the_judge_ends():
    groups = Groups.here()
    if not groups.offers:
        pytest.skip(groups.absent)
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writer, json.dumps([*map(str, folders(Groups.here()))]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    left = [Path(name) for name in json.loads(os.read(reader, 4096))]
    os.close(reader)
    os.close(writer)
    assert all(parent.exists() for parent in left)
    groups.close()
    assert not any(parent.exists() for parent in left)


def test_a_group_that_was_taken_away_is_made_anew(tmp_path: Path):
    with Sandbox(LIMITS) as sandbox:
        sandbox.worker().close()
        assert sandbox._groups is not None
        if not sandbox._groups.offers:
            pytest.skip(sandbox._groups.absent)
        for parent in folders(sandbox._groups):
            cgroups._remove(parent)
        with sandbox.worker() as worker:
            assert ok(worker, "print(1)") == "1\n"
            assert all(worker.pid in inside for inside in members(worker))


def test_a_worker_that_cannot_be_limited_does_not_start(groups: Groups):
    group = groups.take(LIMITS, SLACK, cuda=False)
    if group is None:
        pytest.skip(groups.absent)
    for folder in group._folders.values():
        folder.rmdir()
    with pytest.raises(SandboxError, match="can't be limited"):
        group.admit(os.getpid())


def test_a_user_who_may_make_no_groups_is_told_why():
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, to become somebody who may not")
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from autograder.sandbox.cgroups import Groups\n"
        "groups = Groups.here()\n"
        "print(groups.offers, groups.absent)\n"
    )
    user = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
    done = subprocess.run(
        [*user, "/usr/bin/python3", "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    if "No module named" in done.stderr or "can't open" in done.stderr:
        pytest.skip("this user can't read the sandbox's modules")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("[]")
    assert MEMORY in done.stdout


# Version 2, for real: its clock and its kill need no controller, so they can be tried wherever it
# is mounted.


@pytest.fixture
def version2() -> Iterator[Version2]:
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        mounted, _, kind, _ = places._mount(line)
        if kind == "cgroup2" and os.access(mounted, os.W_OK) and os.geteuid() == 0:
            yield Version2(mounted, frozenset({CPU}))
            return
    pytest.skip("version 2 isn't mounted where these tests may make groups")


def test_version_2_measures_and_kills_all(version2: Version2):
    groups = Groups([version2], {})
    try:
        assert groups.offers == [CPU]
        group = groups.take(LIMITS, SLACK, cuda=False)
        assert group is not None
        process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        group.admit(process.pid)
        assert eventually(lambda: (group.cpu_time() or 0) > 0.1)
        group.release()
        assert process.wait() == -signal.SIGKILL
        used = group.cpu_time()
        assert groups.take(LIMITS, SLACK, cuda=False) is group
        time.sleep(0.05)
        assert group.cpu_time() == used
    finally:
        groups.close()


IN_A_DELEGATED_GROUP = """
import os, sys
sys.path.insert(0, ".")
from pathlib import Path
from autograder.sandbox import places
from autograder.sandbox.cgroups import Groups
from autograder.sandbox.limits import Limits
places.SYSTEMD = Path("/")  # a machine that is run by systemd
groups = Groups.here()
group = groups.take(Limits(), 0, cuda=False)
own = Path("/proc/self/cgroup").read_text().split(":")[-1].strip()
print(sorted(groups.offers), groups.absent, own)
print((group._folders[group._by_offer["memory"]] / "memory.max").read_text() if group else "")
groups.close()
"""


@pytest.mark.parametrize("uid", [0, 12345])
def test_a_delegated_group_is_emptied_into_one_below_it(version2: Version2, uid: int):
    """By a judge that finds itself in it: as root by systemd's mark, else by who owns it."""
    mount = version2.folder
    controllers = {"memory", "pids"}
    if not controllers <= set((mount / "cgroup.controllers").read_text().split()):
        pytest.skip("version 2 has no controllers here")
    if uid and shutil.which("setpriv") is None:
        pytest.skip("there is no setpriv")
    places.write(mount / "cgroup.subtree_control", "+memory +pids")
    box = mount / f"autograder-box{os.getpid()}"
    box.mkdir()
    try:
        if uid:
            for path in (box, *(box / f"cgroup.{name}" for name in ("procs", "subtree_control"))):
                os.chown(path, uid, uid)
        else:
            os.setxattr(box, "user.delegate", b"1")
        user = ["setpriv", "--reuid", str(uid), "--regid", str(uid), "--clear-groups"]
        done = subprocess.run(
            [*(user if uid else []), "/usr/bin/python3", "-c", IN_A_DELEGATED_GROUP],
            cwd=ROOT,
            capture_output=True,
            text=True,
            preexec_fn=lambda: places.write(box / "cgroup.procs", os.getpid()),
        )
        assert done.returncode == 0, done.stderr
        said, limit = done.stdout.splitlines()[:2]
        assert said.startswith("['CPU time', 'memory', 'processes']"), done.stdout
        assert said.endswith(f"/{box.name}/{places.LEAF}")
        assert int(limit) > 1 << 30
        assert not list(box.glob("autograder-[0-9]*"))
    finally:
        for folder in (box / places.LEAF, box):
            if folder.is_dir():
                folder.rmdir()


# Version 2's rules, on folders that look like its file system: no machine has them all.


def machine(root: Path, own: str, *files: str, version1: str = "") -> Path:
    """A /proc/self of a process in group `own`; `files` are 'GROUP/FILE=CONTENT'."""
    for text in ("/cgroup.controllers=memory pids cpu", "/cgroup.subtree_control=", *files):
        name, _, content = text.partition("=")
        path = root / "cgroup" / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    process = root / "self"
    process.mkdir()
    (process / "cgroup").write_text(f"0::{own}\n{version1}")
    mount = f"30 20 0:30 / {root}/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
    (process / "mountinfo").write_text(f"1 0 8:1 / / rw - ext4 /dev/sda rw\n{mount}")
    return process


def group(name: str, handing_on: str = "", processes: str = "") -> tuple[str, ...]:
    return (
        f"{name}/cgroup.controllers=memory pids",
        f"{name}/cgroup.subtree_control={handing_on}",
        f"{name}/cgroup.procs={processes}",
    )


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SYSTEMD", tmp_path)


def delegate(path: Path) -> None:
    try:
        os.setxattr(path, "user.delegate", b"1")
    except OSError:
        pytest.skip("this file system has no extended attributes")


@pytest.mark.usefixtures("systemd")
def test_what_systemd_has_not_delegated_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    files = (*group("/user.slice", "memory pids"), *group("/user.slice/session-1.scope"))
    found, absent = find_places(machine(tmp_path, "/user.slice/session-1.scope", *files))
    assert found == []
    assert "Delegate=yes" in absent[MEMORY]


@pytest.mark.usefixtures("systemd")
def test_a_delegated_group_that_hands_controllers_on_is_used_beside_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    files = (*group("/app.slice", "memory pids"), *group("/app.slice/judge", processes="7"))
    process = machine(tmp_path, "/app.slice/judge", *files)
    delegate(tmp_path / "cgroup/app.slice")
    found, absent = find_places(process)
    assert found == [Version2(tmp_path / "cgroup/app.slice", frozenset({MEMORY, PROCESSES, CPU}))]
    assert absent == {}
    assert (tmp_path / "cgroup/app.slice/judge/cgroup.procs").read_text() == "7"


def test_the_root_of_a_machine_without_systemd_hands_on_what_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(places, "SYSTEMD", tmp_path / "none")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    process = machine(tmp_path, "/", "/cgroup.procs=1 7")
    control = tmp_path / "cgroup/cgroup.subtree_control"
    found, _ = find_places(process)
    assert control.read_text() == "+memory +pids"  # a plain file takes it as it is
    control.write_text("memory pids")
    found, _ = find_places(process)
    assert found == [Version2(tmp_path / "cgroup", frozenset({MEMORY, PROCESSES, CPU}))]


def test_controllers_of_version_1_are_used_before_version_2s_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(places, "SYSTEMD", tmp_path / "none")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    process = machine(
        tmp_path, "/", "/cgroup.controllers=", version1="4:memory:/box/1\n3:cpu,cpuacct:/\n"
    )
    with (process / "mountinfo").open("a") as file:
        file.write(f"31 20 0:31 /box {tmp_path}/mem rw - cgroup cgroup rw,memory\n")
        file.write("32 20 0:32 / /a\\040b rw - cgroup cgroup rw,cpu,cpuacct\n")
    found, absent = find_places(process)
    assert [(place.folder, place.offers) for place in found] == [
        (tmp_path / "mem/1", {MEMORY}),
        (Path("/a b"), {CPU}),
    ]
    assert absent.keys() == {PROCESSES}


def test_a_machine_without_groups_says_so(tmp_path: Path):
    found, absent = find_places(tmp_path)
    assert found == []
    assert set(absent) == {MEMORY, PROCESSES, CPU}
    assert Groups(found, absent).take(LIMITS, SLACK, cuda=False) is None
    assert "no control groups are mounted here" in Groups(found, absent).absent
