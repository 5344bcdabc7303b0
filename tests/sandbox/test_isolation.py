"""What a submission can see and touch: its own folder, the libraries, and nothing else."""

import os
import pwd
import socket
import threading
from pathlib import Path

import pytest

from autograder.sandbox import jail
from autograder.sandbox.connection import Worker
from autograder.sandbox.limits import Span
from tests.sandbox.asking import call, error, limits, ok, open_descriptors, value
from tests.sandbox.conftest import MakeWorker

ROOT = Path(__file__).resolve().parents[2]


def test_a_submission_is_nobody_wherever_namespaces_are_left_out(worker: Worker):
    ids = "import os; print(*os.getresuid(), *os.getresgid())"
    assert set(ok(worker, ids).split()) == {str(jail.NOBODY)}
    status = Path(f"/proc/{worker.pid}/status").read_text()
    outside = {line.split()[1] for line in status.splitlines() if line.startswith("Uid")}
    assert outside == {str(os.geteuid() or jail.NOBODY)}


def test_it_sees_its_own_processes_only(worker: Worker):
    source = """
        import os, subprocess
        child = subprocess.Popen(["sleep", "60"])
        pids = sorted(int(name) for name in os.listdir("/proc") if name.isdigit())
        print(os.getpid(), pids == [1, 2, child.pid])
    """
    assert ok(worker, source) == "2 True\n"


def test_the_only_network_interface_leads_nowhere(worker: Worker):
    source = """
        import socket
        print([name for _, name in socket.if_nameindex()])
        open("/proc/net/route").read().count("\\n")
    """
    assert ok(worker, source) == "['lo']\n"
    connect = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)"
    assert error(worker, connect)["ename"] in ("OSError", "PermissionError")


def test_a_server_of_this_machine_is_out_of_reach(worker: Worker):
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = f"import socket; socket.create_connection({server.getsockname()!r}, timeout=5)"
        assert error(worker, connect)["ename"] in (
            "ConnectionRefusedError", "OSError", "PermissionError",
        )  # fmt: skip


def test_no_name_is_resolved(worker: Worker):
    lookup = "import socket; socket.getaddrinfo('example.org', 80)"
    assert error(worker, lookup)["ename"] == "gaierror"


def test_the_environment_holds_what_the_jail_lists_and_nothing_of_the_judge(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
):
    environment = value(call(worker, "import os; return dict(os.environ)"))
    ours = {name: environment.pop(name, None) for name in jail.ENVIRONMENT}
    assert ours == jail.ENVIRONMENT
    assert environment.keys() <= {"PWD", "SHLVL", "_", "LC_CTYPE"}


HIDDEN = [
    "/etc/passwd", "/etc/shadow", "/etc/hostname", "/home", "/var", "/run", "/sys", "/boot", "/mnt",
    *(str(Path.home() / name) for name in (".ssh", ".bash_history", ".cache")),
    pwd.getpwuid(0).pw_dir + "/.bashrc",
    *(str(ROOT / name) for name in ("solutions", "assignments", "tests", "autograder", "source")),
    *(str(ROOT / name) for name in ("grading_config.yml", ".git", "pyproject.toml")),
]  # fmt: skip


@pytest.mark.parametrize("path", HIDDEN)
def test_the_machine_and_the_course_are_not_there(worker: Worker, path: str):
    assert value(call(worker, "import os; return os.path.lexists(args[0])", path)) is False


def test_a_gradebook_beside_the_course_is_not_there(worker: Worker, tmp_path: Path):
    (tmp_path / "gradebook.db").write_text("marks")
    tmp_path.chmod(0o755)
    look = "import os; return os.path.lexists(args[0])"
    assert value(call(worker, look, str(tmp_path))) is False
    assert value(call(worker, look, str(tmp_path / "gradebook.db"))) is False


def test_of_the_package_only_the_worker_modules_are_there(worker: Worker):
    body = """
        import os
        return sorted(
            os.path.relpath(os.path.join(folder, name), args[0])
            for folder, _, names in os.walk(args[0]) for name in names
        )
    """
    files = value(call(worker, body, jail.INSIDE))
    assert files == sorted(f"autograder/sandbox/{name}.py" for name in jail.WORKER_MODULES)


def test_nothing_of_the_course_is_imported_or_importable(worker: Worker):
    body = f"""
        import os, sys
        near = [p for p in sys.path if os.path.realpath(p) in {[str(ROOT), str(ROOT.parent)]!r}]
        names = ("solutions", "assignments", "tests")
        ours = [m for m in sys.modules if m.partition(".")[0] in names]
        more = [m for m in sys.modules
                if m.startswith("autograder.") and not m.startswith("autograder.sandbox")]
        return near, ours, more
    """
    assert value(call(worker, body)) == ([], [], [])
    assert error(worker, "import solutions")["ename"] == "ModuleNotFoundError"
    assert error(worker, "import autograder.judge.compare")["ename"] == "ModuleNotFoundError"


def test_only_its_own_temporary_folders_can_be_written(worker: Worker):
    body = """
        import os
        found = []
        for folder, names, _ in os.walk("/"):
            if os.access(folder, os.W_OK):
                found.append(folder)
                names[:] = []
            elif folder.count("/") > 1 or folder == "/proc":
                names[:] = []
        return found
    """
    assert sorted(value(call(worker, body))) == ["/dev/shm", "/tmp"]


@pytest.mark.parametrize("path", ["/x", "/usr/x", "/etc/x", "/sandbox/x", "/dev/x", "/proc/x"])
def test_the_root_is_read_only(worker: Worker, path: str):
    assert error(worker, f"open({path!r}, 'w')")["ename"] in (
        "OSError", "PermissionError", "FileNotFoundError",
    )  # fmt: skip


def test_workers_share_no_files_and_no_terminals(make_worker: MakeWorker):
    first, second = make_worker(), make_worker()
    ok(first, "import os; open('/tmp/secret', 'w'); open('/dev/shm/secret', 'w'); os.openpty()")
    look = "import os; return os.listdir('/tmp'), os.listdir('/dev/shm'), os.listdir('/dev/pts')"
    tmp, shm, terminals = value(call(second, look))
    assert "secret" not in tmp
    assert shm == []
    assert terminals == ["ptmx"]


def test_workers_share_no_abstract_sockets(make_worker: MakeWorker):
    first, second = make_worker(), make_worker()
    ok(first, "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\\0here'); s.listen()")
    assert ok(first, "socket.socket(socket.AF_UNIX).connect('\\0here')") == ""
    connect = "import socket; socket.socket(socket.AF_UNIX).connect('\\0here')"
    assert error(second, connect)["ename"] == "ConnectionRefusedError"


def test_an_abstract_socket_of_the_machine_is_out_of_reach(worker: Worker):
    name = f"\0autograder-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        connect = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
        assert error(worker, connect)["ename"] == "ConnectionRefusedError"


def test_there_are_no_privileges_and_no_way_to_new_ones(worker: Worker):
    status = dict(
        line.split(":\t", 1)
        for line in value(call(worker, "return open('/proc/self/status').read()")).splitlines()
        if ":\t" in line
    )
    assert status["NoNewPrivs"] == "1"
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, name
    assert status["Groups"].split() in ([], [str(jail.NOBODY)])


def test_no_further_namespace_can_be_made_by_a_forking_call_either(worker: Worker):
    """Beside the filter of system calls the kernel's own count refuses it."""
    assert value(call(worker, "return open('/proc/sys/user/max_user_namespaces').read()")) == "0\n"
    write = "open('/proc/sys/user/max_user_namespaces', 'w').write('10')"
    assert error(worker, write)["ename"] in ("PermissionError", "OSError")


def test_the_warden_can_be_neither_killed_nor_stopped_nor_read(worker: Worker):
    ok(
        worker,
        """
        import os, signal
        for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
                       signal.SIGUSR1, signal.SIGSEGV, signal.SIGCHLD, signal.SIGPIPE):
            try:
                os.kill(1, number)
            except PermissionError:  # by Landlock; without it nothing comes of the signal
                pass
        """,
    )
    for file in ("mem", "environ", "maps", "fd/1", "root"):
        name = error(worker, f"open('/proc/1/{file}', 'rb').read()")["ename"]
        assert name in ("PermissionError", "OSError"), file
    assert ok(worker, "print('alive')") == "alive\n"
    worker.close()
    assert not Path(f"/proc/{worker.pid}").exists()


def test_it_inherits_four_descriptors(worker: Worker):
    body = """
        import os
        found = {}
        for name in os.listdir("/proc/self/fd"):
            try:
                found[int(name)] = os.readlink(f"/proc/self/fd/{name}").partition(":")[0]
            except FileNotFoundError:
                pass
        return found
    """
    descriptors = value(call(worker, body))
    assert descriptors == {0: "/dev/null", 1: descriptors[1], 2: descriptors[1], 3: "socket"}
    assert "memfd" in descriptors[1]


def test_its_socket_is_not_inherited_by_what_it_runs(worker: Worker):
    listing = ok(worker, "!ls -l /proc/self/fd")
    assert "socket" not in listing


def test_descriptors_sent_to_the_judge_are_dropped(make_worker: MakeWorker):
    worker = make_worker(limits(cell=Span(0.5, 20)))
    source = """
        import os, socket
        s = socket.socket(fileno=os.dup(3))
        opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(5)]
        socket.send_fds(s, [b"x"], opened)
    """
    before = open_descriptors()
    worker.run_cell(source, 0)
    worker.close()
    assert open_descriptors() < before


def test_hosts_name_is_its_own(worker: Worker):
    assert error(worker, "import socket; socket.sethostname('x')")["ename"] == "PermissionError"


def test_the_machines_messages_and_clock_are_not_its_affair(worker: Worker):
    assert error(worker, "import time; time.clock_settime(time.CLOCK_REALTIME, 0)")["ename"] == (
        "PermissionError"
    )
    assert error(worker, "open('/proc/kcore', 'rb').read(1)")["ename"] in (
        "PermissionError", "FileNotFoundError",
    )  # fmt: skip


def test_workers_run_beside_each_other(make_worker: MakeWorker):
    """Each answers its own thread of the judge."""
    workers = [make_worker() for _ in range(3)]
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = value(call(workers[number], "return args[0]", number))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {0: 0, 1: 1, 2: 2}
