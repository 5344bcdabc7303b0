"""The jail of whoever isn't root, or is root without the right to namespaces: bubblewrap in a user
namespace, and workers' own inside it.

The interpreter of the tests may lie where another user can't read it, so the walls are tried with
the system's python3 and without torch: the same command line, and the same way of a worker.
"""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pyseccomp
import pytest

from autograder.sandbox import jail
from autograder.sandbox.walls import EVERY_WALL, LANDLOCK, SECCOMP

SYSTEM_PYTHON = Path("/usr/bin/python3")
SOMEBODY = "12345"

# Run inside the jail, in the zygote's place: makes two workers, which tell what they see.
ZYGOTE = """
    import json, os, sys
    sys.path.insert(0, "/sandbox")
    from autograder.sandbox import namespaces
    from autograder.sandbox.limits import Limits
    from autograder.sandbox.walls import Walls

    def writable():
        found = []
        for folder, names, _ in os.walk("/"):
            if os.access(folder, os.W_OK):
                found.append(folder)
                names[:] = []
            elif folder.count("/") > 1 or folder == "/proc":
                names[:] = []
        return sorted(found)

    def attempt(work):
        try:
            return work() or "done"
        except OSError as error:
            return error.strerror

    def tell():
        status = dict(line.split(":\\t") for line in open("/proc/self/status") if ":\\t" in line)
        seen = {
            "pids": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
            "uid": os.getuid(),
            "capabilities": int(status["CapEff"], 16) | int(status["CapBnd"], 16),
            "no_new_privs": status["NoNewPrivs"].strip(),
            "filters": status["Seccomp"].strip(),
            "writable": writable(),
            "namespace": namespaces.libc.unshare(namespaces.CLONE_NEWUSER),
            "mount": namespaces.libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None),
            "home": os.path.exists(HOME),
            "terminals": os.listdir("/dev/pts"),
            "left by another": os.path.exists("/tmp/mine") or os.path.exists("/dev/shm/mine"),
            "dev": attempt(lambda: open("/dev/mine", "w") and None),
            "warden": attempt(lambda: os.readlink("/proc/1/fd/1")),
            "kill": attempt(lambda: os.kill(1, 9)),
        }
        open("/tmp/mine", "w"); open("/dev/shm/mine", "w"); os.openpty()
        return seen

    limits = Limits()
    walls = Walls.prepare(cuda=False, readable=json.loads(sys.argv[1]), devices=[]).tried()
    print(json.dumps([walls.layers, walls.absent]), flush=True)
    for _ in range(2):
        if os.fork() == 0:
            namespaces.enter()
            namespaces.furnish(limits)
            namespaces.lock()
            reader, writer = os.pipe()
            if os.fork() == 0:
                os.read(reader, 1)
                walls.put_up(limits)
                print(json.dumps(tell()), flush=True)
                os._exit(0)
            namespaces.hide()
            os.write(writer, b"x")
            os.wait()
            os._exit(0)
        os.wait()
        import time; time.sleep(1)
"""

# Run by the starter: the command line is made as for a judge that has these rights.
JUDGE = """
    import json, subprocess, sys
    sys.path.insert(0, sys.argv[1])
    from autograder.sandbox import jail
    command = jail.command(cuda=False)
    command[-1] = sys.argv[2]
    where = command.index("--chdir")  # the system's python3 has no binding to libseccomp
    command[where:where] = ["--ro-bind", sys.argv[1] + "/pyseccomp.py", "/sandbox/pyseccomp.py"]
    command.append(json.dumps(jail.readable(cuda=False)))
    done = subprocess.run(command, capture_output=True, text=True, env={}, cwd="/")
    print(json.dumps([command, done.returncode, done.stdout, done.stderr]))
"""


DOCKERS = (
    "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,"
    "+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap"
)
# Who may start a jail without CAP_SYS_ADMIN, as seen by a process that starts with these words.
USER = ("setpriv", "--reuid", SOMEBODY, "--regid", SOMEBODY, "--clear-groups")
STARTERS = {
    "an ordinary user": USER,
    "an ordinary user who is root of a namespace": (*USER, "unshare", "--user", "--map-root-user"),
    "root with the capabilities that Docker gives": ("setpriv", "--bounding-set", DOCKERS),
}  # fmt: skip


@pytest.fixture(params=STARTERS)
def starter(request: pytest.FixtureRequest) -> list[str]:
    """The start of a command line that runs as one of these."""
    if not SYSTEM_PYTHON.exists():
        pytest.skip("there is no /usr/bin/python3")
    version = [str(SYSTEM_PYTHON), "-c", "import sys; print(sys.version_info >= (3, 11))"]
    if subprocess.run(version, capture_output=True, text=True).stdout.strip() != "True":
        pytest.skip("the system's python3 is older than 3.11")
    words = list(STARTERS[request.param])
    if os.geteuid() != 0:
        if tuple(words) == USER:
            return []
        pytest.skip("needs root, to become somebody else")
    if shutil.which(words[0]) is None:
        pytest.skip(f"there is no {words[0]}")
    return words


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The sandbox's modules where everybody can read them."""
    package = tmp_path / "copy" / "autograder" / "sandbox"
    shutil.copytree(jail.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(pyseccomp.__file__, tmp_path / "copy")
    for folder in (tmp_path, *(path for path in (tmp_path / "copy").rglob("*"))):
        folder.chmod(0o755)
    for folder in (tmp_path / "copy", *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    return tmp_path / "copy"


def test_others_than_root_get_the_same_walls(starter: list[str], copy: Path):
    zygote = textwrap.dedent(ZYGOTE).replace("HOME", repr(str(Path.home())))
    done = subprocess.run(
        [*starter, str(SYSTEM_PYTHON), "-c", textwrap.dedent(JUDGE), str(copy), zygote],
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0, done.stderr
    command, code, printed, errors = json.loads(done.stdout)
    if "setting up uid map" in errors or "No permissions" in errors:
        pytest.skip(f"this machine gives ordinary users no namespaces: {errors}")
    assert "--unshare-all" in command
    assert code == 0, errors
    assert errors == ""
    (layers, absent), *workers = [json.loads(line) for line in printed.splitlines()]
    assert set(layers) >= {*EVERY_WALL, SECCOMP}
    assert set(absent) <= {LANDLOCK}
    assert len(workers) == 2
    for seen in workers:
        assert seen == {
            "pids": [1, 2],
            "uid": jail.NOBODY,
            "capabilities": 0,
            "no_new_privs": "1",
            "filters": "2",
            "writable": ["/dev/shm", "/tmp"],
            "namespace": -1,
            "mount": -1,
            "home": False,
            "terminals": ["ptmx"],
            "left by another": False,
            "dev": "Read-only file system",
            "warden": "Permission denied",
            # By Landlock; else done, but nothing came of it: the worker went on to tell.
            "kill": "done" if absent else "Operation not permitted",
        }


def readable_by_others(path: Path) -> bool:
    """Whether anybody may pass to `path` and read it."""
    return all(part.stat().st_mode & 0o005 == 0o005 for part in (path, *path.parents))


def test_others_than_root_run_a_whole_submission(starter: list[str], copy: Path):
    prefixes = [Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()]
    if starter and not all(map(readable_by_others, prefixes)):
        pytest.skip("the interpreter of these tests lies where an ordinary user can't read it")
    code = textwrap.dedent(
        """
        import sys
        sys.path.insert(0, sys.argv[1])
        from autograder.sandbox.limits import Limits
        from autograder.sandbox.process import Sandbox
        with Sandbox(Limits()) as sandbox, sandbox.worker() as worker:
            worker.run_cell("import torch\\ndef f(x): return torch.ones(2) * x", 0)
            print(worker.call("f", (3,)).value.tolist())
        """
    )
    done = subprocess.run(
        [*starter, sys.executable, "-I", "-c", code, str(copy)],
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": os.environ["PATH"]},
    )
    assert done.stdout == "[3.0, 3.0]\n", done.stderr
