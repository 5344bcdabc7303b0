"""The command line that puts the zygote into its jail, for root and for an ordinary user.

An ordinary user's bubblewrap makes a user namespace. Root's must not: root stays root on the files
that it can see, whatever uid the namespace shows. So for root bubblewrap makes the other namespaces
and `setpriv` then becomes nobody, with no new privileges, before the interpreter starts; or, where
root lacks the right to that, `setpriv` comes first (see rights.py).

Inside there are: /usr and the linker's folders, the interpreter, its virtual environment and this
package's worker modules (all read-only), a temporary folder, a minimal /dev and /proc. Nothing else
of the machine.
"""

import os
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path

from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.rights import NOBODY, Right, remedies, right

PACKAGE = Path(__file__).resolve().parent
INSIDE = "/sandbox"  # where the worker modules are, inside
WORKER_MODULES = (
    "__init__", "alone", "ban", "channel", "errors", "landlock", "limits", "namespaces",
    "servant", "shell", "syscalls", "usage", "walls", "wire", "worker", "zygote",
)  # fmt: skip
SETPRIV = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
START = (  # what importing makes is kept: to look through it for garbage takes a tenth of the time
    "import gc, sys; gc.disable(); sys.path.insert(0, {!r});"
    " from autograder.sandbox.zygote import main; main()"
)

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "TMPDIR": "/tmp",
    "IPYTHONDIR": "/tmp/.ipython",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MPLCONFIGDIR": "/tmp/.matplotlib",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PIP_NO_INDEX": "1",  # there is no network: pip fails at once, without retrying
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PYTHONHASHSEED": "0",  # the same submission twice gives the same result
    "OMP_NUM_THREADS": "1",  # threads must not have run before a fork
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),  # memory that was freed is used again: to get it
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),  # from the kernel takes longer than to fill it
}
SYSTEM_FOLDERS = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/fonts")
CUDA_FILES = ("/sys/module/nvidia", "/sys/bus/pci", "/sys/devices", "/etc/nvidia")
CUDA_DEVICES = (
    "/dev/nvidia-caps", "/dev/nvidiactl", "/dev/nvidia-uvm", "/dev/nvidia-uvm-tools",
    "/dev/nvidia-modeset",
)  # fmt: skip

MISSING = """bubblewrap (the command bwrap) was not found, so untrusted code can't be isolated.
What to do: sudo apt-get install bubblewrap   (Debian, Ubuntu)
            sudo dnf install bubblewrap       (Fedora)
Without Linux namespaces, `--sandbox none` runs submissions UNSAFELY, with your own rights."""

REFUSED = """this machine can't isolate untrusted code: {reason}
What to do: {remedies}.
Without them, `--sandbox none` runs submissions UNSAFELY, with your own rights."""


def command(*, cuda: bool) -> list[str]:
    """The whole command line of a jailed zygote, without its arguments."""
    return [*_bubblewrap(cuda=cuda), *_become_nobody_inside(), *_interpreter(INSIDE)]


def unjailed_command() -> list[str]:
    """The command line of a zygote without a jail."""
    return _interpreter(str(PACKAGE.parent.parent))


def readable(*, cuda: bool) -> list[str]:
    """What there is to read and to run in the jail, beside what each worker makes for itself."""
    prefixes = [str(folder) for folder in _interpreter_folders()]
    return [*SYSTEM_FOLDERS, *SYSTEM_FILES, *prefixes, INSIDE, *(CUDA_FILES if cuda else ())]


def bound(path: Path) -> Path | None:
    """The folder through which `path` can be read in the jail, if there is one."""
    places = [path.absolute(), path.resolve()]
    folders = [*map(Path, SYSTEM_FOLDERS), *_interpreter_folders()]
    return next((f for f in folders if any(place.is_relative_to(f) for place in places)), None)


def devices(*, cuda: bool) -> list[str]:
    """Devices in the jail beside the usual ones."""
    if not cuda:
        return []
    return [*CUDA_DEVICES, *map(str, sorted(Path("/dev").glob("nvidia[0-9]*")))]


def _interpreter(path: str) -> list[str]:
    # As the virtual environment names it, not resolved: that decides what can be imported.
    return [sys.executable, "-I", "-c", START.format(path)]


@cache
def require_bubblewrap() -> str:
    """The path of bwrap, once it has shown that it can isolate; raises SandboxUnavailable."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxUnavailable(MISSING)
    probe = [*_become_nobody_first(), bwrap, *_namespaces(), "--ro-bind", "/", "/", "true"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    if done.returncode == -signal.SIGKILL:  # by somebody, which says nothing about the machine
        done = subprocess.run(probe, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SandboxUnavailable(
            refused(done.stderr.strip() or f"bwrap exited with {done.returncode}")
        )
    return bwrap


def refused(reason: str) -> str:
    """What to tell an instructor whose machine can't isolate."""
    return REFUSED.format(
        reason="; ".join(reason.split("\n")), remedies=";\n  or ".join(remedies(reason))
    )


def _namespaces() -> list[str]:
    if right() is Right.ROOT:
        return [
            "--unshare-pid",
            "--unshare-net",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-cgroup-try",
        ]
    return ["--unshare-all", "--uid", str(NOBODY), "--gid", str(NOBODY)]


def _become_nobody_first() -> list[str]:
    return SETPRIV if right() is Right.ROOT_AS_NOBODY else []


def _become_nobody_inside() -> list[str]:
    if right() is not Right.ROOT:
        return []
    # For root bubblewrap covers parts of its /proc, and the kernel lets a worker mount its own only
    # where it sees a whole one: lay a whole one over it while there is still the right to.
    mount = ["sh", "-c", 'mount -t proc proc /proc && exec "$@"', "sh"]
    return [*mount, *SETPRIV, "--no-new-privs"]


def _bubblewrap(*, cuda: bool) -> list[str]:
    arguments = [
        *_become_nobody_first(),
        require_bubblewrap(),
        *_namespaces(),
        "--die-with-parent",
        "--new-session",
        "--clearenv",
    ]
    arguments += ["--cap-drop", "ALL"]
    if right() is Right.ROOT:
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN"):  # gone with setpriv
            arguments += ["--cap-add", capability]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    arguments += ["--perms", "0755", "--dir", "/etc", "--perms", "1777", "--tmpfs", "/tmp"]
    arguments += ["--dev", "/dev", "--proc", "/proc"]
    for folder in SYSTEM_FOLDERS:
        arguments += _system(Path(folder))
    for file in SYSTEM_FILES:
        arguments += ["--ro-bind-try", file, file]
    for prefix in _interpreter_folders():
        arguments += [*_parents(prefix), "--ro-bind", str(prefix), str(prefix)]
    arguments += _worker_modules()
    if cuda:
        arguments += _cuda()
    return [*arguments, "--chdir", "/tmp", "--remount-ro", "/", "--"]


def _system(folder: Path) -> list[str]:
    if folder.is_symlink():  # merged /usr: /lib is usr/lib
        return ["--symlink", os.readlink(folder), str(folder)]
    return ["--ro-bind", str(folder), str(folder)] if folder.is_dir() else []


def _interpreter_folders() -> list[Path]:
    """The virtual environment and the installation behind it, where /usr doesn't hold them."""
    folders: list[Path] = []
    for name in (sys.base_prefix, sys.base_exec_prefix, sys.prefix):
        for folder in (Path(name), Path(name).resolve()):
            if folder not in folders and not folder.is_relative_to("/usr"):
                folders.append(folder)
    return folders


def _parents(path: Path) -> list[str]:
    """bubblewrap makes missing parent folders 0700: make each first, so that nobody may pass."""
    arguments: list[str] = []
    for parent in list(path.parents)[-2::-1]:
        if not (
            parent.is_relative_to("/usr")
            or (parent.is_relative_to("/tmp") and parent == Path("/tmp"))
        ):
            arguments += ["--perms", "0755", "--dir", str(parent)]
    return arguments


def _worker_modules() -> list[str]:
    inside = f"{INSIDE}/autograder/sandbox"
    arguments = [*_parents(Path(inside)), "--perms", "0755", "--dir", inside]
    for module in WORKER_MODULES:
        arguments += ["--ro-bind", str(PACKAGE / f"{module}.py"), f"{inside}/{module}.py"]
    return arguments


def _cuda() -> list[str]:
    """NVIDIA's devices and driver files; the context itself is made only in a worker."""
    arguments: list[str] = []
    for device in devices(cuda=True):
        arguments += ["--dev-bind-try", device, device]
    for files in CUDA_FILES:
        arguments += ["--ro-bind-try", files, files]
    return arguments
