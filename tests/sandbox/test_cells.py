"""Cells run as in a notebook, and their outputs are a notebook's."""

import base64
from typing import Any

import nbformat
import nbformat.v4
import pytest

from autograder.sandbox.connection import Worker
from autograder.sandbox.limits import Span
from autograder.sandbox.replies import CellOutputs
from tests.sandbox.asking import error, limits, ok, run, value
from tests.sandbox.conftest import MakeWorker


def texts(outputs: list[dict[str, Any]], name: str) -> str:
    return "".join(item["text"] for item in outputs if item.get("name") == name)


def valid(outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The outputs, once nbformat has found them valid."""
    made = nbformat.from_dict(
        {"cell_type": "code", "source": "", "metadata": {}, "outputs": outputs}
        | {"execution_count": 1, "id": "a"}
    )
    nbformat.validate(nbformat.v4.new_notebook(cells=[made]))
    return outputs


def test_the_last_expression_is_the_result_and_a_semicolon_hides_it(worker: Worker):
    (result,) = valid(run(worker, "x = 2\nx + 1"))
    assert result["output_type"] == "execute_result"
    assert result["data"] == {"text/plain": "3"}
    assert result["execution_count"] == 1
    assert run(worker, "x + 1;") == []


def test_in_out_and_underscore_work(worker: Worker):
    run(worker, "40 + 2")
    assert ok(worker, "print(_, Out[1], In[1], _1)") == "42 42 40 + 2 42\n"


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("%timeit -n1 -r1 pass", "per loop"),
        ("%env HOME", ""),
        ("%matplotlib inline", ""),
        ("!echo from a shell", "from a shell"),
        ("!echo oops >&2", "oops"),
        ("files = !echo a b\nprint(files)", "['a b']"),
        ("%%bash\nfor i in 1 2; do echo line $i; done", "line 1\nline 2\n"),
        ("%%writefile note.txt\nhello", "Writing note.txt"),
        ("%%time\nprint('timed')", "timed"),
        ("%%capture held\nprint('held')", ""),
        ("%pwd", ""),
        ("%load_ext autoreload\n%autoreload 2", ""),
        ("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')", "awaited"),
        ("async def g():\n    return 7\nprint(await g())", "7"),
        ("import os; os.system('echo from C; echo again')", "from C\nagain\n"),
        ("import subprocess; subprocess.run(['echo', 'from a child']);", "from a child\n"),
        (
            "import ctypes; ctypes.CDLL(None).puts(b'puts'); ctypes.CDLL(None).fflush(None)",
            "puts\n",
        ),
        ("import os; os.write(1, b'raw')", "raw"),
        ("print?", "Prints the values"),
    ],
)
def test_what_students_write_in_notebooks_runs(worker: Worker, source: str, printed: str):
    outputs = valid(run(worker, source))
    assert not [item for item in outputs if item["output_type"] == "error"], outputs
    assert printed in str([item.get("text", item.get("data")) for item in outputs]).replace(
        "\\n", "\n"
    )


def test_output_of_children_belongs_to_the_cell_that_ran_them(worker: Worker):
    for word in ("first", "second", "third"):
        assert ok(worker, f"import os; os.system('echo {word}');") == f"{word}\n"


def test_stderr_and_warnings_are_kept_apart_from_stdout(worker: Worker):
    source = "import sys, warnings\nprint('a')\nprint('b', file=sys.stderr)\nwarnings.warn('c')"
    outputs = valid(run(worker, source))
    assert texts(outputs, "stdout") == "a\n"
    assert texts(outputs, "stderr").startswith("b\n")
    assert "UserWarning: c" in texts(outputs, "stderr")


def test_pip_fails_at_once_and_offline(worker: Worker):
    printed = ok(worker, "%pip install a-package-of-no-name")
    assert "No matching distribution" in printed


def test_html_and_pictures_are_displayed(make_worker: MakeWorker):
    source = """
        from IPython.display import HTML, display
        display(HTML("<b>bold</b>"))
        import matplotlib.pyplot as plt
        plt.plot([1, 2]);
    """
    worker = make_worker(limits(output=1 << 20, cell=Span(60, 60)))
    outputs = valid(run(worker, source))
    html, picture = (item for item in outputs if item["output_type"] == "display_data")
    assert html["data"]["text/html"] == "<b>bold</b>"
    assert base64.b64decode(picture["data"]["image/png"]).startswith(b"\x89PNG")
    assert "text/plain" in picture["data"]


def test_clear_output_forgets_what_came_before(worker: Worker):
    source = "from IPython.display import clear_output\nprint('old')\nclear_output()\nprint('new')"
    assert texts(run(worker, source), "stdout") == "new\n"


def test_an_exception_is_an_output_and_later_cells_run(worker: Worker):
    run(worker, "x = 1")
    found = error(worker, "print('before')\n1 / 0")
    assert found["ename"] == "ZeroDivisionError"
    assert any("1 / 0" in line for line in found["traceback"])
    assert ok(worker, "print(x)") == "1\n"


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("def f(:", "SyntaxError"),
        ("if True:\nprint()", "IndentationError"),
        ("raise SystemExit(3)", "SystemExit"),
        ("import sys; sys.exit()", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise BaseException('b')", "BaseException"),
        ("def f(): f()\nf()", "RecursionError"),
        ("%no_such_magic", "UsageError"),
        ("x = '\\ud800'\nraise ValueError(x)", "ValueError"),
        ("class E(Exception):\n    def __str__(self): raise OSError\nraise E", "E"),
        ("input('name? ')", "EOFError"),
        ("import getpass; getpass.getpass()", "EOFError"),
        ("from getpass import getpass as g; g()", "EOFError"),
        ("raise ExceptionGroup('several', [ValueError(1)])", "ExceptionGroup"),
    ],
)
def test_no_exception_ends_the_notebook(worker: Worker, source: str, name: str):
    outputs = valid(run(worker, source))
    names = [item["ename"] for item in outputs if item["output_type"] == "error"]
    assert names[:1] == [name]
    assert ok(worker, "print('on')") == "on\n"


def test_long_tracebacks_are_shown_without_their_middle(worker: Worker):
    source = """
        def f(): f()
        try:
            f()
        except RecursionError as error:
            raise ValueError("outer") from error
    """
    found = error(worker, source)
    assert found["ename"] == "ValueError"
    text = "\n".join(found["traceback"])
    assert "RecursionError: maximum recursion depth exceeded" in text
    assert text.count("def f(): f()") < 50


@pytest.mark.parametrize("source", ["exit", "exit()", "quit", "quit()", "get_ipython().ask_exit()"])
def test_exit_ends_nothing(worker: Worker, source: str):
    run(worker, source)
    assert ok(worker, "print('on')") == "on\n"


@pytest.mark.parametrize(
    "source",
    ["import pdb; pdb.set_trace()", "breakpoint()", "%debug", "import sys; sys.stdin.read()"],
)
def test_a_debugger_finds_nobody_and_hangs_nothing(make_worker: MakeWorker, source: str):
    worker = make_worker()
    run(worker, source)
    assert ok(worker, "print('on')") == "on\n"


@pytest.mark.parametrize(
    "source",
    [
        "print('x' * 1_000_000)",
        "for i in range(100_000): print(i)",
        "import sys\nfor i in range(20_000): print(i, file=sys.stderr if i % 2 else sys.stdout)",
        "!yes | head -c 1000000",
        "import os\nos.system('yes | head -c 1000000')",
        "'x' * 1_000_000",
        "from IPython.display import HTML, display\nfor i in range(5000): display(HTML('x' * 100))",
        "print('é' * 100_000)",
    ],
)
def test_a_flood_of_output_is_cut_with_a_note(worker: Worker, source: str):
    outputs = valid(run(worker, source))
    assert "output cut: more than 10000 bytes" in texts(outputs[-1:], "stdout")
    assert len(str(outputs).encode()) < 200_000
    assert ok(worker, "print('next')") == "next\n"


@pytest.mark.parametrize(
    "flood",
    [
        "print('x' * 5_000_000)",
        "from IPython.display import HTML\nfor _ in range(50): display(HTML('x' * 100_000))",
        "for _ in range(50): outputs.error('E', 'x', ['x' * 20_000] * 5)",
    ],
)
def test_a_worker_that_has_lifted_its_own_limit_is_cut_by_the_judge(worker: Worker, flood: str):
    lifted = "outputs = get_ipython().outputs\noutputs.cap = outputs.left = 1 << 40\n"
    outputs = valid(run(worker, lifted + flood))
    assert "output cut: more than 10000 bytes" in texts(outputs[-1:], "stdout")
    assert 0 < len(str(outputs[0])) < len(str(outputs)) < 300_000


@pytest.mark.parametrize(
    "source",
    [
        "print('\\ud800', 'text')",
        "from IPython.display import display\ndisplay({'text/plain': object()}, raw=True)",
        "from IPython.display import display\ndisplay({'text/plain': 'a', 3: b'x'}, raw=True)",
        "from IPython.display import display\nd = {}; d['d'] = d\ndisplay(1, metadata=d)",
        "from IPython.display import display\ndisplay(1, metadata={'a': float('nan'), 'b': 2**70})",
        "class A:\n    def __repr__(self): return '\\udfff'\nA()",
        "class A:\n    def __repr__(self): return 3\nA()",
        "class A:\n    def _repr_html_(self): return object()\nA()",
        "class A:\n    def _repr_mimebundle_(self, **_): return {'a/json': {1: {2, 3}}}\nA()",
        "from IPython.display import display, JSON\ndisplay(JSON({'a': [1, None, True]}))",
        "import sys; sys.stdout = None",
        "get_ipython().execution_count = 'x'",
        "import sys; sys.stdout.outputs.items.append(3)",
    ],
)
def test_strange_outputs_cost_nothing_but_themselves(worker: Worker, source: str):
    reply = worker.run_cell(source, 0)
    if isinstance(reply, CellOutputs):
        valid(reply.outputs)
        assert isinstance(worker.run_cell("1", 0), CellOutputs)
    else:  # the last one lied to its judge
        assert "items.append" in source


def test_a_source_that_utf8_cannot_hold_is_run(worker: Worker):
    assert ok(worker, "print('before') # \ud800") == "before\n"


def test_an_enormous_cell_is_an_answer_too(worker: Worker):
    reply = worker.run_cell("x = 1 #" + "x" * (9 << 20), 0)
    assert "MiB" in reply.what  # type: ignore[attr-defined]
    assert ok(worker, "print('on')") == "on\n"


def test_data_files_and_modules_lie_beside_the_notebook(worker: Worker):
    files = {
        "data.csv": b"1,2\n",
        "deep/down/more.bin": bytes(range(256)),
        "helper.py": b"def double(x):\n    return 2 * x\n",
        "empty": b"",
    }
    assert value(worker.files(files)) is None
    source = """
        import helper
        print(open("data.csv").read(), helper.double(4))
        print(len(open("deep/down/more.bin", "rb").read()), len(open("empty").read()))
    """
    assert ok(worker, source) == "1,2\n 8\n256 0\n"


def test_a_file_called_numpy_py_breaks_nothing(worker: Worker):
    worker.files(
        {"numpy.py": b"raise ImportError('mine')", "random.py": b"1/0", "torch.py": b"1/0"}
    )
    source = "import torch, numpy, random\nprint(torch.ones(2).numpy().sum(), random.random() < 1)"
    assert ok(worker, source) == "2.0 True\n"
    assert value(worker.seed(1)) is None


@pytest.mark.parametrize(
    "files",
    [
        {"large": b"x" * (9 << 20)},
        {f"f{i}": b"x" * (7 << 20) for i in range(6)},
        {"a": b"", "a/b": b""},
        {"name" * 100: b""},
    ],
)
def test_files_that_cannot_be_written_are_an_answer(
    make_worker: MakeWorker, files: dict[str, bytes]
):
    reply = make_worker(limits(disk=16 << 20)).files(files)
    assert reply.type_name in ("OSError", "FileExistsError", "NotADirectoryError")  # type: ignore[attr-defined]


def test_what_a_submission_draws_at_random_is_the_same_each_time(make_worker: MakeWorker):
    source = """
        import random, numpy, torch
        print(random.random(), numpy.random.rand(), torch.rand(1).item(), hash("text"))
    """
    first, second = ok(make_worker(), source), ok(make_worker(), source)
    assert first == second
    worker = make_worker()
    worker.seed(7)
    other = ok(worker, source)
    worker.seed(7)
    assert ok(worker, source) == other != first
