"""Results as they are kept: one file each, whole or not there at all.

    results/.lock                            held by the run that writes here
    results/CHAPTER/NAME-DIGITS.json         a Result, as docs/result.md describes it; the digits
                                             tell submissions of one name apart by their paths
    results/CHAPTER/NAME-DIGITS.landed       a digest of all that was made of that submission beside
                                             its result, in a gradebook say; not there while it is
                                             being made

A file is written under a temporary name, synced, and renamed; so a run that is killed, or a disk
that is full, leaves each result as it was or as it was to be. What a killed run left behind, the
next one removes.
"""

import contextlib
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from autograder.errors import AutograderError
from autograder.judge.result import Result, decode, encode

LOCK: Final = ".lock"
_TEMPORARY: Final = ".tmp-"
_LANDED: Final = ".landed"
_LONGEST: Final = 80


def find(folder: Path, path: Path, chapter: str, name: str) -> Result | None:
    """What is kept in `folder` for the submission `name` at `path`; None where there is nothing
    that can be read."""
    try:
        return decode(file_of(folder, path, chapter, name).read_bytes())
    except (OSError, msgspec.DecodeError):  # ValidationError among them: another version's
        return None


def file_of(folder: Path, path: Path, chapter: str, name: str) -> Path:
    """Where in `folder` the result of the submission `name` at `path` is kept."""
    place = os.path.realpath(path)
    # A name may hold anything.
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("._-")[:_LONGEST] or "submission"
    digits = hashlib.sha256(os.fsencode(place)).hexdigest()[:8]
    return folder / chapter / f"{readable}-{digits}.json"


def landed(folder: Path, path: Path, chapter: str, name: str) -> str | None:
    """The digest that `Results.has_landed` left."""
    try:
        return file_of(folder, path, chapter, name).with_suffix(_LANDED).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


class Results:
    """A folder of results, for one run at a time. Use it as a context manager, or `close` it.

    Raises AutograderError where the folder can't be written, or another run is writing there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder)
        except OSError as error:
            raise _cannot_write(folder, error) from error
        for left in folder.glob(f"*/{_TEMPORARY}*"):
            left.unlink(missing_ok=True)

    def keep(self, path: Path, result: Result) -> None:
        """Put `result` of the submission at `path` in the place of what was kept for it."""
        self._put(self._file_of(path, result), encode(result))

    def is_landing(self, path: Path, result: Result) -> None:
        """Forget that anything was made of the submission beside its result."""
        self._file_of(path, result).with_suffix(_LANDED).unlink(missing_ok=True)

    def has_landed(self, path: Path, result: Result, digest: str) -> None:
        """Remember what was made of the submission beside its result."""
        self._put(self._file_of(path, result).with_suffix(_LANDED), digest.encode())

    def _file_of(self, path: Path, result: Result) -> Path:
        return file_of(self.folder, path, result.course.chapter, result.submission.name)

    def _put(self, file: Path, content: bytes) -> None:
        temporary = file.with_name(f"{_TEMPORARY}{os.getpid()}")
        try:
            file.parent.mkdir(exist_ok=True)
            try:
                with temporary.open("wb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                temporary.replace(file)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            _sync(file.parent)
        except OSError as error:
            raise _cannot_write(file, error) from error

    def close(self) -> None:
        """Let other runs write here."""
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.close()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """A folder, made if need be, for one run at a time; raises what `Results` does."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = _lock(folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        yield folder
    finally:
        os.close(descriptor)


def _lock(folder: Path) -> int:
    """A lock that ends with this process, however it ends."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode(errors="replace").strip() or "?"
        os.close(descriptor)
        raise AutograderError(
            f"another run (process {holder}) is writing to {folder}: wait until it has ended, or"
            " name another folder with --results"
        ) from None
    os.truncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def _sync(folder: Path) -> None:
    """Have the disk remember a name."""
    descriptor = os.open(folder, os.O_RDONLY)
    with contextlib.suppress(OSError):  # some file systems can't
        os.fsync(descriptor)
    os.close(descriptor)


def _cannot_write(path: Path, error: OSError) -> AutograderError:
    return AutograderError(
        f"can't write {path}: {error.strerror}. Results written before are safe; when there is room"
        " (or another --results), run the same command again: it goes on where this one stopped"
    )
