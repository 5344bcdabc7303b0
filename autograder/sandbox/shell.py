"""IPython's own shell without a kernel: magics, `!`, top-level await and display work as students
know them.

Outputs are collected as nbformat outputs (plain dictionaries), capped in size. Nothing is read from
a terminal.
"""

import builtins
import getpass
import io
import os
import sys
from types import TracebackType
from typing import Any, NoReturn

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.sandbox.wire import utf8

MAX_OUTPUTS = 1000
MAX_NESTED = 16
MAX_FRAMES = 10  # of a long traceback, at each end
MAX_CHAIN = 10  # exceptions raised while handling one another


class Outputs:
    """The outputs of the cell that is running, in order, up to `cap` bytes of text."""

    def __init__(self, cap: int) -> None:
        self.cap = cap
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self.items: list[dict[str, Any]] = []
        self.left = self.cap
        self.cut = False

    def text(self, name: str, text: str) -> None:
        """Add what was printed to `name`."""
        text = self._take(utf8(text))
        if not text:
            return
        last = self.items[-1] if self.items else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += text
        else:
            self._add({"output_type": "stream", "name": name, "text": text})

    def display(
        self, kind: str, data: dict[str, Any], metadata: dict[str, Any], **more: Any
    ) -> None:
        """Add a rich output; one that is over the cap is dropped whole."""
        clean = {"output_type": kind, "data": plain(data), "metadata": plain(metadata), **more}
        size = len(str(clean))
        if size > self.left:
            self.cut = True
            return
        self.left -= size
        self._add(clean)

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Add an exception, whatever was printed before it."""
        self.items.append(
            {
                "output_type": "error",
                "ename": utf8(name)[:200],
                "evalue": utf8(value)[:2000],
                "traceback": [utf8(line)[:20_000] for line in traceback[:100]],
            }
        )

    def collect(self) -> list[dict[str, Any]]:
        """The outputs so far, with a note where some were cut."""
        if self.cut:
            note = f"[output cut: more than {self.cap} bytes]\n"
            self.items.append({"output_type": "stream", "name": "stdout", "text": note})
        items = self.items
        self.clear()
        return items

    def _take(self, text: str) -> str:
        self.cut |= len(text) > self.left
        text = text[: self.left]
        self.left -= len(text)
        return text

    def _add(self, item: dict[str, Any]) -> None:
        if len(self.items) < MAX_OUTPUTS:
            self.items.append(item)
        else:
            self.cut = True


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr, writing to outputs."""

    encoding = "utf-8"

    def __init__(self, name: str, outputs: Outputs, descriptor: int) -> None:
        self.name = name
        self.outputs = outputs
        self.descriptor = descriptor

    def write(self, text: str) -> int:
        """Add `text` to the outputs."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.outputs.text(self.name, text)
        return len(text)

    def writable(self) -> bool:
        """True."""
        return True

    def fileno(self) -> int:
        """The descriptor of the process, for child processes."""
        return self.descriptor


class CollectingHook(DisplayHook):
    """Shows the value of a cell's last expression as an execute_result."""

    outputs: Outputs

    def write_output_prompt(self) -> None:
        """There is no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Collect."""
        self.outputs.display(
            "execute_result", format_dict, md_dict or {}, execution_count=self.prompt_count
        )

    def finish_displayhook(self) -> None:
        """Nothing was opened."""
        self._is_active = False


class CollectingPublisher(DisplayPublisher):
    """Collects what `display` publishes."""

    outputs: Outputs

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        """Collect."""
        self.outputs.display("display_data", data, metadata or {})

    def clear_output(self, wait: bool = False) -> None:
        """Forget the cell's outputs so far."""
        self.outputs.clear()


class Shell(InteractiveShell):
    """The shell of one worker, made once in the zygote."""

    outputs: Outputs

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept 'inline'; there is no window here."""

    def _get_exc_info(self, exc_tuple: Any = None) -> Any:
        """As IPython's own, but IPython spends many seconds on each thousand frames."""
        kind, value, traceback = super()._get_exc_info(exc_tuple)  # type: ignore[no-untyped-call]
        seen: list[BaseException] = []
        error: BaseException | None = value
        while error is not None and error not in seen and len(seen) < MAX_CHAIN:
            seen.append(error)
            error.__traceback__ = _shortened(error.__traceback__)
            error = error.__cause__ or error.__context__
        return kind, value, _shortened(traceback)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.outputs.error(_name(etype), _text(evalue), [str(line) for line in stb])

    def run(self, source: str) -> None:
        """Run a cell. Whatever it does, to IPython too, becomes outputs."""
        try:
            result = self.run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
            failure = result.error_before_exec or result.error_in_exec
        except Exception as error:  # noqa: BLE001 - the cell broke the shell: sys.stdout = None
            failure = error
        seen = any(item.get("output_type") == "error" for item in self.outputs.items)
        if failure is not None and not seen:  # IPython only prints exception groups
            self.outputs.error(_name(type(failure)), _text(failure), [_text(failure)])

    def ask_exit(self) -> None:
        """`exit` and `quit` do nothing in a notebook that is graded."""


def make_shell() -> Shell:
    """A shell for cells; made in the zygote, so that every worker finds it ready."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.xmode = "Context"
    config.InteractiveShell.cache_size = 100
    config.InteractiveShell.enable_tip = False
    shell = Shell.instance(
        config=config, displayhook_class=CollectingHook, display_pub_class=CollectingPublisher
    )
    outputs = Outputs(1 << 20)
    collectors: list[Any] = [shell, shell.displayhook, shell.display_pub]
    for collector in collectors:
        collector.outputs = outputs
    return shell


def take_over(shell: Shell, *, cap: int, descriptor: int) -> None:
    """Send this process's output to `shell.outputs`, and refuse prompts for input."""
    shell.outputs.cap = cap
    shell.outputs.clear()
    sys.stdout = Stream("stdout", shell.outputs, descriptor)
    sys.stderr = Stream("stderr", shell.outputs, descriptor)
    builtins.input = getpass.getpass = _refuse_input


def drain(descriptor: int, outputs: Outputs) -> None:
    """Add what child processes and C code wrote to the process's own descriptors."""
    size = os.fstat(descriptor).st_size
    if size:
        written = os.pread(descriptor, min(size, outputs.cap), 0)
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        outputs.text("stdout", written.decode("utf-8", "replace"))


def _shortened(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback without its middle, when it is long."""
    frames: list[TracebackType] = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    if len(frames) <= 2 * MAX_FRAMES:
        return frames[0] if frames else None
    short: TracebackType | None = None
    for frame in reversed(frames[:MAX_FRAMES] + frames[-MAX_FRAMES:]):
        short = TracebackType(short, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return short


def plain(value: Any, depth: int = 0) -> Any:
    """`value` as what JSON can hold; a student's own object becomes its text."""
    if value is None or type(value) in (bool, float):
        return value
    if type(value) is int and abs(value) < 2**63:
        return value
    if isinstance(value, dict) and depth < MAX_NESTED:
        return {_text(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple) and depth < MAX_NESTED:
        return [plain(item, depth + 1) for item in value]
    return _text(value)


def _refuse_input(*_: object, **__: object) -> NoReturn:
    raise EOFError("nobody is there to answer input() while a notebook is graded")


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


def _text(value: object) -> str:
    try:
        return utf8(str(value))
    except BaseException:  # noqa: BLE001 - a hostile or broken __str__ must not cost the output
        return "<no text: its __str__ raised>"
