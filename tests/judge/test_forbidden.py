"""Forbidden operations are found in the source: in the exercise and in what it refers to."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.judge.forbidden import OUT_OF_REACH, Use, find_forbidden, forbidden_message
from autograder.submission import Cell

CONV = "torch.nn.functional.conv2d"
FORBIDDEN = [
    CONV,
    "torch.conv2d",
    "torch.nn.Conv2d",
    "torch.optim.Adam",
    "torch.autograd.grad",
    "aten::convolution",
]
IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn"


def cells(*sources: str) -> list[Cell]:
    return [Cell(i, textwrap.dedent(source).strip("\n")) for i, source in enumerate(sources)]


def uses(*sources: str, forbidden: list[str] = FORBIDDEN, exercise: str = "conv2d") -> list[Use]:
    return find_forbidden(cells(IMPORTS, *sources), exercise, forbidden)


def names(*sources: str, **options: list[str]) -> list[str]:
    return [use.name for use in uses(*sources, **options)]  # type: ignore[arg-type]


def in_body(body: str) -> str:
    return "def conv2d(X, K):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")


def test_a_use_says_where_it_is() -> None:
    (use,) = uses(in_body("Y = X + 1\nreturn F.conv2d(Y, K)"))
    assert use == Use(cell=1, line=3, name=CONV, source="    return F.conv2d(Y, K)")
    text = forbidden_message(use)
    assert text.en == (
        "Line 3 of cell 2 uses torch.nn.functional.conv2d, which this exercise forbids:"
        " return F.conv2d(Y, K)"
    )
    assert text.zh.startswith("第 2 个单元格第 3 行使用了本题禁止的 torch.nn.functional.conv2d")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("return F.conv2d(X, K)", CONV),
        ("return torch.nn.functional.conv2d(X, K)", CONV),
        ("return nn.functional.conv2d(X, K)", CONV),
        ("return torch.conv2d(X, K)", "torch.conv2d"),
        ("return nn.Conv2d(1, 1, 2)(X)", "torch.nn.Conv2d"),
        ("return nn.Conv2d.forward(None, X)", "torch.nn.Conv2d"),
        ("import torch as t\nreturn t.conv2d(X, K)", "torch.conv2d"),
        ("import torch.nn.functional as G\nreturn G.conv2d(X, K)", CONV),
        ("fn = torch.conv2d\nreturn fn(X, K)", "torch.conv2d"),
        ("m = torch.nn\nf = m.functional\nreturn f.conv2d(X, K)", CONV),
        ("a, b = 1, F\nreturn b.conv2d(X, K)", CONV),
        ("return getattr(F, 'conv2d')(X, K)", CONV),
        ("return getattr(F, 'conv' + '2d', None)(X, K)", CONV),
        ("return getattr(torch.nn, 'functional').conv2d(X, K)", CONV),
        ("return F.__dict__['conv2d'](X, K)", CONV),
        ("return vars(F)['conv2d'](X, K)", CONV),
        ("return __import__('torch').conv2d(X, K)", "torch.conv2d"),
        ("import importlib\nreturn importlib.import_module('torch.nn').Conv2d", "torch.nn.Conv2d"),
        ("return list(map(F.conv2d, X, K))", CONV),
        ("return (lambda f=F: f.conv2d(X, K))()", CONV),
        ("def inner(op=F.conv2d):\n    return op(X, K)\nreturn inner()", CONV),
        ("return [G.conv2d(x, K) for x in X if (G := F)]", CONV),
        ("return (G := F).conv2d(X, K)", CONV),
        ("class C(nn.Conv2d):\n    pass\nreturn C(1, 1, 2)(X)", "torch.nn.Conv2d"),
        ("return torch.nn.modules.conv.Conv2d(1, 1, 2)(X)", "torch.nn.Conv2d"),
        ("from torch.nn.modules import Conv2d as C\nreturn C(1, 1, 2)(X)", "torch.nn.Conv2d"),
        ("return torch.optim.adam.Adam([K])", "torch.optim.Adam"),
        ("return torch.ops.aten.convolution(X, K)", "aten::convolution"),
        ("return torch.ops.aten.convolution.default(X, K)", "aten::convolution"),
        ("return torch._C._VariableFunctions.convolution(X, K)", "aten::convolution"),
        ("return torch._C._nn.convolution(X, K)", "aten::convolution"),
        ("op = torch.ops.aten\nreturn op.convolution(X, K)", "aten::convolution"),
        ("try:\n    pass\nexcept E:\n    return F.conv2d(X, K)", CONV),
        ("match X:\n    case _:\n        return F.conv2d(X, K)", CONV),
    ],
)
def test_a_forbidden_operation_is_found_however_it_is_written(body: str, name: str) -> None:
    assert set(names(in_body(body))) == {name}


@pytest.mark.parametrize(
    "before",
    [
        "from torch.nn.functional import conv2d as c",
        "import torch as t\nc = t.nn.functional.conv2d",
        "c = lambda X, K: F.conv2d(X, K)",
        "G = F\ndef c(X, K):\n    return G.conv2d(X, K)",
        "class c:\n    def __new__(cls, X, K):\n        return F.conv2d(X, K)",
        "def helper(X, K):\n    return F.conv2d(X, K)\ndef c(X, K):\n    return helper(X, K)",
        "from functools import partial\nc = partial(F.conv2d, stride=1)",
        "ops = {'c': F.conv2d}\nc = ops['c']",
        "if True:\n    def c(X, K):\n        return F.conv2d(X, K)",
        "def c(X, K): ...\nc.op = F.conv2d",
        "for c in [F.conv2d]:\n    pass",
        "print(c := F.conv2d)",
        "a, (b, c) = 1, (2, F.conv2d)",
        "def setup():\n    global c\n    c = F.conv2d\nsetup()",
        "%matplotlib inline\nc = F.conv2d",
        "%%time\nc = F.conv2d",
        "%%capture\n%%time\n\nc = F.conv2d",
        "files = !ls\nc = F.conv2d",
        "c?\nc = F.conv2d",
        ">>> c = F.conv2d",
    ],
)
def test_top_level_names_that_the_exercise_refers_to_are_followed(before: str) -> None:
    assert set(names(before, in_body("return c(X, K)"))) == {CONV}
    assert set(names(in_body("return c(X, K)"), before)) == {CONV}
    assert names(before, in_body("return X")) == []


def test_a_star_import_is_followed() -> None:
    star = "from torch.nn.functional import *"
    assert names(star, "def corr2d(X, K):\n    return conv2d(X, K)", exercise="corr2d") == [CONV]
    assert names(star, "def corr2d(X, K):\n    return relu(X)", exercise="corr2d") == []
    own = "def conv2d(X, K):\n    return X"
    assert names(star, own, "def corr2d(X, K):\n    return conv2d(X, K)", exercise="corr2d") == []


@pytest.mark.parametrize(
    "definition",
    [
        "conv2d = F.conv2d",
        "from torch.nn.functional import conv2d",
        "conv2d = lambda X, K: F.conv2d(X, K)",
        "conv2d = torch.jit.script(F.conv2d)",
        "@wraps(F.conv2d)\ndef conv2d(X, K):\n    return X",
        "def conv2d(X, K, op=F.conv2d):\n    return op(X, K)",
        "def conv2d(X, K, *, op=F):\n    return op.conv2d(X, K)",
        "class conv2d:\n    def step(self):\n        return F.conv2d(self.X)",
        "class conv2d: ...\nconv2d.step = F.conv2d",
        "def work(X, K):\n    return F.conv2d(X, K)\nconv2d = work",
    ],
)
def test_the_definition_may_be_of_any_kind(definition: str) -> None:
    assert set(names(definition)) == {CONV}


def test_all_definitions_of_the_exercise_count() -> None:
    bad, good = in_body("return F.conv2d(X, K)"), in_body("return X")
    assert names(bad, good) == [CONV]
    assert names(good, bad) == [CONV]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "assert torch.allclose(conv2d(X, K), F.conv2d(X, K))",
        "expected = F.conv2d(X, K)\nY = nn.Conv2d(1, 1, 2)(X)",
        "from torch.nn.functional import conv2d as reference",
        "def compare(X, K):\n    return conv2d(X, K) - F.conv2d(X, K)",
        "class Net(nn.Module):\n    def __init__(self):\n        self.c = nn.Conv2d(1, 1, 2)",
        "# F.conv2d\n'F.conv2d'",
        "%%bash\npython -c 'conv2d = F.conv2d'",
    ],
)
def test_code_elsewhere_may_use_what_it_likes(elsewhere: str) -> None:
    assert names(in_body("return X"), elsewhere) == []


@pytest.mark.parametrize(
    "body",
    [
        '"""Like F.conv2d."""\nreturn X  # not F.conv2d',
        "return F.unfold(X, 2) @ K.flatten()",
        "expected = X\nreturn expected",
        "F = Helper()\nreturn F.conv2d(X)",
        "return [F.conv2d for F in X]",
        "def go(F):\n    return F.conv2d(X)\nreturn go(X)",
        "layer: nn.Conv2d = X\nreturn layer",
        "def inner(c: nn.Conv2d) -> nn.Conv2d:\n    return c\nreturn inner(X)",
        "return my.conv2d(X, K)",
        "return nn.Conv2dish(X)",
    ],
)
def test_what_only_looks_like_it_is_allowed(body: str) -> None:
    expected = "expected = F.conv2d(X, K)"
    assert names(expected, in_body(body)) == []


def test_an_import_that_the_definition_replaces_is_no_use() -> None:
    assert names("from torch.nn.functional import conv2d", in_body("return X")) == []
    assert names(in_body("return X"), "from torch.nn.functional import conv2d") == [CONV]


BACKWARD = ["torch.Tensor.backward", "torch.autograd.backward"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("loss = X.sum()\nloss.backward()", ["torch.Tensor.backward"]),
        ("(X * K).sum().backward()", ["torch.Tensor.backward"]),
        ("go = X.backward\ngo()", ["torch.Tensor.backward"]),
        ("getattr(X, 'backward')()", ["torch.Tensor.backward"]),
        ("torch.Tensor.backward(X)", ["torch.Tensor.backward"]),
        ("torch.autograd.backward(X)", ["torch.autograd.backward"]),
        ("total.backward()", ["torch.Tensor.backward"]),
        ("backward(X)", []),
        ("X.backwards()", []),
    ],
)
def test_a_forbidden_tensor_method_is_forbidden_of_anything(body: str, found: list[str]) -> None:
    for before in ("total = torch.zeros(())", "x = 1"):
        assert sorted(set(names(before, in_body(body), forbidden=BACKWARD))) == found


def test_a_class_may_have_a_method_of_that_name() -> None:
    layer = """
    class conv2d:
        def backward(self, g):
            return g
        def step(self, g):
            return self.backward(g)
    """
    assert names(layer, forbidden=BACKWARD) == []
    assert names(layer.replace("def backward", "def other"), forbidden=BACKWARD) == [BACKWARD[0]]


def test_an_overload_of_an_operation() -> None:
    ban = ["aten::rnn_tanh.input"]
    assert names(in_body("torch.ops.aten.rnn_tanh(X)"), forbidden=ban) == ban
    assert names(in_body("torch.ops.aten.rnn_tanh.input(X)"), forbidden=ban) == ban
    assert names(in_body("torch.ops.aten.rnn_tanh.data(X)"), forbidden=ban) == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return torch.ops.aten.slow_conv_dilated2d(X, K)", ["aten::slow_conv_dilated2d"]),
        ("return torch.ops.aten.conv2d.padding(X, K)", ["aten::conv2d"]),
        ("return torch.ops.mkldnn._convolution_pointwise(X)", ["mkldnn::_convolution_pointwise"]),
        ("return torch.conv2d(X, K)", ["aten::conv2d"]),
        ("return torch._C._VariableFunctions.conv2d(X, K)", ["aten::conv2d"]),
        ("return torch.ops.aten.relu(X)", []),
        ("return torch.ops.mine.conv2d(X)", []),
        ("return torch.nn.functional.unfold(X, 2)", []),
    ],
)
def test_a_star_stands_for_anything(body: str, found: list[str]) -> None:
    ban = ["aten::*conv*", "mkldnn::*convolution*"]
    assert names(in_body(body), forbidden=ban) == found


BY_NAME = [
    ("import ctypes\nctypes.CDLL(None)", "ctypes"),
    ("from ctypes import cdll\ncdll", "ctypes"),
    ("torch.ctypes.CDLL(None)", "ctypes"),
    ("import subprocess as s\ns.run(['python3'])", "subprocess"),
    ("import os\nos.fork()", "os.fork"),
    ("exec('F.conv' + '2d')", "exec"),
    ("eval(compile('F.conv2d', '', 'eval'))", "compile"),
    ("import builtins as b\nb.exec('F')", "builtins.exec"),
    ("torch.library.Library('aten', 'IMPL')", "torch.library"),
    ("torch.utils.cpp_extension.load_inline('c', S)", "torch.utils.cpp_extension"),
    ("import gc\ngc.get_objects()", "gc.get_objects"),
    ("import sys\nsys._getframe().f_back", "sys._getframe"),
    ("from autograder.sandbox.ban import Ban\nBan", "autograder"),
]


@pytest.mark.parametrize(("body", "name"), BY_NAME)
def test_what_no_ban_reaches_is_found_in_the_same_way(body: str, name: str) -> None:
    assert name in names(in_body(body), forbidden=list(OUT_OF_REACH))
    assert names(in_body("return X"), body, forbidden=list(OUT_OF_REACH)) == []


@pytest.mark.parametrize(
    "body",
    [
        "model.eval()",
        "import re\nre.compile('x')",
        "torch.compile(X)",
        "import gc\ngc.collect()",
        "import os\nos.environ",
        "F.gelu(X)",
        "X.exec(K)",
        "eval = X.sum()\nreturn eval",
    ],
)
def test_their_namesakes_are_allowed(body: str) -> None:
    assert names(in_body(body), forbidden=list(OUT_OF_REACH)) == []


def test_lines_are_those_of_the_notebook_also_after_magics() -> None:
    source = "%%time\n!ls \\\n  -l\n%matplotlib inline\ndef conv2d(X, K):\n    return F.conv2d(X)"
    (use,) = uses(source)
    assert (use.line, use.source) == (6, "    return F.conv2d(X)")
    (use,) = find_forbidden(
        [Cell(0, "import torch"), Cell(1, "\n\n%%time\n%precision 3\nconv2d = torch.conv2d")],
        "conv2d",
        FORBIDDEN,
    )
    assert (use.line, use.source) == (5, "conv2d = torch.conv2d")


def test_a_cell_that_does_not_parse_is_skipped() -> None:
    assert names("def conv2d(X:", in_body("return F.conv2d(X, K)")) == [CONV]
    assert names("def conv2d(X:") == []


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5_000,
        "x = " + "-" * 5_000 + "1",
        "x = a" + ".a" * 5_000,
        "x = " + "[" * 90 + "]" * 90,
        "\x00",
        "'\\d'",
        "x = '\ud800'",
        "%time x\n" * 2_000,
        "a = a.b",
        "a, b = b.a, a.b",
        "\n".join(f"a{i} = a{i + 1}.b" for i in range(3_000)),
    ],
)
def test_strange_cells_stop_nothing(source: str) -> None:
    body = in_body("return F.conv2d(a.b, b, a0.conv2d)")
    assert CONV in names(source, body)


def test_a_long_chain_of_ifs_is_read_to_its_end() -> None:
    body = "".join(f"{'el' if i else ''}if X == {i}:\n    pass\n" for i in range(600))
    assert names(in_body(body + "else:\n    return F.conv2d(X, K)")) == [CONV]


def test_many_magics_cost_no_minutes_and_hide_nothing() -> None:
    source = "%time x\nfiles = !ls\n" * 3_000 + in_body("return F.conv2d(X, K)")
    assert names(source) == [CONV]


@pytest.mark.parametrize("line", ["a" + " " * 100_000 + "$\\", "\\'" * 60_000])
@pytest.mark.timeout(120)  # IPython's own reading of such a line takes hours before Python 3.12
def test_one_enormous_line_beside_a_magic_costs_no_hours_and_hides_nothing(line: str) -> None:
    assert names(f"%matplotlib inline\n{line}", in_body("return F.conv2d(X, K)")) == [CONV]


def test_padding_with_many_cells_hides_nothing() -> None:
    padding = [f"x = [{'1, ' * 30_000}]  # {number}" for number in range(8)]
    broken = [f"x = ({'1, ' * 30_000}  # {number}" for number in range(8)]
    assert names(*padding, *broken, in_body("return F.conv2d(X, K)")) == [CONV]


def test_padding_with_a_huge_cell_hides_nothing() -> None:
    assert names("x = 1\n" * 100_000, in_body("return F.conv2d(X, K)")) == [CONV]


def test_nothing_forbidden_or_nothing_there() -> None:
    assert names(in_body("return F.conv2d(X, K)"), forbidden=[]) == []
    assert names("x = 1") == []
    assert find_forbidden([], "conv2d", FORBIDDEN) == []


def test_a_message_cannot_forge_a_terminal() -> None:
    text = forbidden_message(Use(0, 1, "torch.conv2d", "torch.conv2d('\x1b[2J\u202e')" + "x" * 900))
    assert text.en.isprintable()
    assert len(text.en) < 200


TOKENS = (
    "def conv2d(X): : \n    return F.conv2d ( ) [ ] lambda x = , . class if else for in F torch"
    " import from as := getattr 'conv2d' % ! ? # global nonlocal self try except match *"
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(TOKENS.split(" ")), max_size=30))
def test_any_source_is_read_without_an_error(parts: list[str]) -> None:
    assert isinstance(names(" ".join(parts), in_body("return F.conv2d(X, K)")), list)
