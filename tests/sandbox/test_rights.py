"""By which right the jail is made, and what a machine that refuses it is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox import rights
from autograder.sandbox.rights import Right

EVERY_CAPABILITY = (1 << 41) - 1
Machine = Callable[..., None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """Makes this process look as if it ran elsewhere."""

    def make(
        *, uid: int = 1000, capabilities: int = 0, container: bool = False, **sysctls: str
    ) -> None:
        monkeypatch.setattr("os.geteuid", lambda: uid)
        monkeypatch.setattr(rights, "_capabilities", lambda: capabilities)
        monkeypatch.setattr(rights, "IN_CONTAINER", (tmp_path if container else tmp_path / "no",))
        for name in ("container", "KUBERNETES_SERVICE_HOST"):
            monkeypatch.delenv(name, raising=False)
        values = {name.replace("__", "."): value for name, value in sysctls.items()}
        monkeypatch.setattr(rights, "_sysctl", lambda name: values.get(name, ""))

    return make


def remedies(reason: str = "Operation not permitted") -> str:
    return "\n".join(rights.remedies(reason))


def test_who_has_which_right(machine: Machine, monkeypatch: pytest.MonkeyPatch):
    machine()
    assert rights.right() is Right.USER
    machine(uid=0, capabilities=EVERY_CAPABILITY)
    assert rights.right() is Right.ROOT
    machine(uid=0, capabilities=EVERY_CAPABILITY & ~(1 << rights.CAP_SYS_ADMIN))
    assert rights.right() is Right.ROOT_AS_NOBODY
    monkeypatch.setattr(rights, "_there_is_nobody", lambda: False)  # root of a namespace of one
    assert rights.right() is Right.USER


@pytest.mark.parametrize(
    ("name", "bad", "good"), [(name, *values) for name, values in rights.SYSCTLS.items()]
)
def test_a_setting_that_forbids_namespaces_is_named(
    machine: Machine, name: str, bad: str, good: str
):
    machine(**{name.replace(".", "__"): bad})
    assert f"sudo sysctl -w {name}={good} " in remedies()
    machine(**{name.replace(".", "__"): good})
    assert "sysctl" not in remedies()
    assert "grade as root" in remedies()


def test_a_container_is_told_how_to_be_started(machine: Machine):
    machine(container=True)
    assert "seccomp=unconfined" in remedies()
    assert "systempaths=unconfined" in remedies()
    assert "SYS_ADMIN" not in remedies()
    machine(uid=0, container=True)
    assert "SYS_ADMIN" in remedies()


def test_an_interpreter_that_nobody_can_read_is_named(machine: Machine):
    machine(uid=0)
    said = remedies("bwrap: Can't find source path /root/.venv: Permission denied")
    assert "where every user can read them" in said.splitlines()[0]
