"""By which right the jail is made, and what to do where there is none.

Root with CAP_SYS_ADMIN makes namespaces as root, and becomes nobody inside. Root without it, as a
container gives it, becomes nobody first and then does what any other user does: it makes a user
namespace. Root of a user namespace in which there is no nobody does that as it is.
"""

import os
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path

NOBODY = 65534
CAP_SYS_ADMIN = 21
IN_CONTAINER = (Path("/.dockerenv"), Path("/run/.containerenv"))
SYSCTLS = {  # what each must not be, and what it is to be then
    "user.max_user_namespaces": ("0", "15000"),
    "kernel.unprivileged_userns_clone": ("0", "1"),
    "kernel.apparmor_restrict_unprivileged_userns": ("1", "0"),
}
CONTAINER = (
    "start the container (Docker, Podman) with --security-opt seccomp=unconfined"
    " --security-opt apparmor=unconfined --security-opt systempaths=unconfined, or grade outside it"
)


class Right(Enum):
    """How the namespaces of the jail are made."""

    ROOT = auto()
    ROOT_AS_NOBODY = auto()
    USER = auto()


def right() -> Right:
    """The right that this process has."""
    if os.geteuid() != 0 or not _there_is_nobody():
        return Right.USER
    return Right.ROOT if _capabilities() >> CAP_SYS_ADMIN & 1 else Right.ROOT_AS_NOBODY


def remedies(reason: str) -> Iterator[str]:
    """What would let this machine isolate, as far as can be seen; one at least."""
    if "Can't find source path" in reason:
        yield (
            "put Python and its virtual environment where every user can read them, not below"
            " somebody's home"
        )
    if right() is Right.ROOT_AS_NOBODY:
        yield "give the container CAP_SYS_ADMIN (--cap-add SYS_ADMIN), or start as another user"
    settings = [
        f"{name}={wanted}" for name, (bad, wanted) in SYSCTLS.items() if _sysctl(name) == bad
    ]
    if settings:
        yield f"sudo sysctl -w {' '.join(settings)}   (and into /etc/sysctl.d, to keep it)"
    if in_container():
        yield CONTAINER
    if not settings and not in_container():
        yield "allow unprivileged user namespaces, or grade as root"


def in_container() -> bool:
    """Whether this process is in a container that says so."""
    told = "container" in os.environ or "KUBERNETES_SERVICE_HOST" in os.environ
    return told or any(path.exists() for path in IN_CONTAINER)


def _there_is_nobody() -> bool:
    """Whether this user namespace has that user."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= NOBODY < first + count:
            return True
    return False


def _capabilities() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0


def _sysctl(name: str) -> str:
    try:
        return Path("/proc/sys", *name.split(".")).read_text().strip()
    except OSError:
        return ""
