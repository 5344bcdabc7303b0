"""The command line of the jail."""

import sys
from pathlib import Path

import pytest

from autograder.sandbox import jail, namespaces
from autograder.sandbox.rights import Right


def values_after(command: list[str], option: str, count: int = 1) -> list[tuple[str, ...]]:
    found = [index for index, word in enumerate(command) if word == option]
    return [tuple(command[index + 1 : index + 1 + count]) for index in found]


@pytest.mark.parametrize("right", Right)
def test_only_libraries_and_the_worker_modules_are_bound(
    monkeypatch: pytest.MonkeyPatch, right: Right
):
    monkeypatch.setattr(jail, "right", lambda: right)
    command = jail.command(cuda=False)
    bound = {source for source, _ in values_after(command, "--ro-bind", 2)}
    modules = {str(jail.PACKAGE / f"{name}.py") for name in jail.WORKER_MODULES}
    allowed = {*jail.SYSTEM_FOLDERS, *map(str, jail._interpreter_folders()), *modules}
    assert modules <= bound <= allowed
    assert not values_after(command, "--bind") + values_after(command, "--dev-bind")
    assert {name for (name,) in values_after(command, "--ro-bind-try")} == set(jail.SYSTEM_FILES)


def test_root_becomes_nobody_and_keeps_no_capability(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jail, "right", lambda: Right.ROOT)
    command = jail.command(cuda=False)
    inside = command[command.index("--") :]
    assert "setpriv" in inside
    assert {"--no-new-privs", "--clear-groups", "--reuid", "--regid"} <= set(inside)
    assert "--unshare-user" not in command
    assert "--unshare-all" not in command


def test_an_ordinary_user_makes_a_user_namespace(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jail, "right", lambda: Right.USER)
    command = jail.command(cuda=False)
    assert "--unshare-all" in command
    assert "setpriv" not in command
    assert not values_after(command, "--cap-add")


def test_root_without_the_right_to_namespaces_becomes_nobody_first(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(jail, "right", lambda: Right.ROOT_AS_NOBODY)
    command = jail.command(cuda=False)
    assert command[:2] == ["setpriv", "--reuid"]
    assert command.index("setpriv") < command.index("--unshare-all")
    assert command.count("setpriv") == 1
    assert not values_after(command, "--cap-add")


def test_devices_of_a_gpu_are_bound_only_where_one_is_wanted():
    without, with_gpu = jail.command(cuda=False), jail.command(cuda=True)
    assert not any("nvidia" in word for word in without)
    assert ("/dev/nvidiactl", "/dev/nvidiactl") in values_after(with_gpu, "--dev-bind-try", 2)


def test_an_interpreter_below_tmp_stays_visible_to_workers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "prefix", "/tmp/clone/.venv")
    monkeypatch.setattr(sys, "base_prefix", "/tmp/python")
    monkeypatch.setattr(sys, "base_exec_prefix", "/tmp/python")
    assert namespaces._interpreter_in_tmp() == ["/tmp/clone/.venv", "/tmp/python"]
    assert Path("/tmp/clone/.venv") in jail._interpreter_folders()


def test_a_virtual_environment_below_tmp_works(tmp_path: Path):
    """As a fresh clone in a temporary folder has it."""
    import subprocess

    if not tmp_path.is_relative_to("/tmp"):
        pytest.skip("temporary folders are elsewhere here")
    if Path(sys.prefix).is_relative_to("/tmp"):
        pytest.skip("this run's own environment is below /tmp: every other test shows it")
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    site = next((venv / "lib").glob("python3*")) / "site-packages"
    installed = next(path for path in sys.path if path.endswith("site-packages"))
    (site / "all.pth").write_text(f"{installed}\n{jail.PACKAGE.parents[1]}\n")
    code = (
        "from autograder.sandbox import jail\n"
        f"jail._interpreter_folders = lambda was=jail._interpreter_folders: [*was(), "
        f"jail.Path({sys.prefix!r})]\n"
        "from autograder.sandbox.limits import Limits\n"
        "from autograder.sandbox.process import Sandbox\n"
        "with Sandbox(Limits()) as sandbox, sandbox.worker() as worker:\n"
        "    worker.run_cell('def f():\\n    import colorsys, sys\\n    return sys.prefix', 0)\n"
        "    print(worker.call('f').value)\n"
    )
    done = subprocess.run(
        [str(venv / "bin" / "python"), "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout.strip() == str(venv), done.stderr
