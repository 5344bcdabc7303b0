"""Operations that an exercise forbids are refused while it is called, whichever way leads there."""

import pytest
import torch

from autograder.sandbox.connection import Worker
from autograder.sandbox.replies import Forbidden, Raised
from tests.sandbox.asking import call, define, ok, run, value

CONVOLUTIONS = (
    "aten::convolution", "aten::_convolution", "aten::conv2d", "aten::mkldnn_convolution",
    "aten::thnn_conv2d", "aten::_slow_conv2d_forward", "aten::convolution_overrideable",
    "torch.nn.functional.conv2d", "torch.conv2d", "torch.nn.Conv2d",
)  # fmt: skip
X, K = torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2)

WAYS = {
    "the function": "return F.conv2d(X, K)",
    "another name of it": "return torch.conv2d(X, K)",
    "an alias made before": "return alias(X, K)",
    "getattr": "return getattr(F, 'con' + 'v2d')(X, K)",
    "the module": "return torch.nn.Conv2d(1, 1, 2)(X)",
    "a module made before": "return made(X)",
    "a subclass": "return Mine(1, 1, 2)(X)",
    "another dimension": "return F.conv1d(X[0], K[0])",
    "a transposed one": "return F.conv_transpose2d(X, K)",
    "the operator": """
        one, zero = [1, 1], [0, 0]
        return torch.ops.aten.convolution(X, K, None, one, zero, one, False, zero, 1)
    """,
    "the dispatcher's name": "return torch._C._nn.thnn_conv2d(X, K, (2, 2))",
    "TorchScript": "return scripted(X, K)",
    "vmap": "return torch.vmap(lambda x: F.conv2d(x, K))(X[None])",
    "a thread": """
        found = []
        t = threading.Thread(target=lambda: found.append(F.conv2d(X, K)))
        t.start(); t.join()
        return found[0] if found else X
    """,
    "autograd": "return F.conv2d(X.requires_grad_(), K)",
    "a forward mode": "return torch.func.jvp(lambda x: F.conv2d(x, K), (X,), (X,))",
    "a swallowed refusal": """
        try:
            return F.conv2d(X, K)
        except BaseException:
            return X
    """,
}  # fmt: skip

SETUP = """
import threading
import torch, torch.nn.functional as F
from torch.nn.functional import conv2d as alias
class Mine(torch.nn.Conv2d):
    pass
made = torch.nn.Conv2d(1, 1, 2)
inputs = torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2)
scripted = torch.jit.trace(lambda x, k: F.conv2d(x, k), inputs)
"""


@pytest.fixture
def setup(worker: Worker) -> Worker:
    ok(worker, "import warnings; warnings.simplefilter('ignore')")
    ok(worker, SETUP)
    return worker


@pytest.mark.parametrize("body", WAYS.values(), ids=WAYS)
def test_every_way_to_a_banned_operation_is_refused(setup: Worker, body: str):
    define(setup, "X, K = args\n" + "\n".join(_dedented(body)))
    before = setup.call("f", (X, K))
    reply = setup.call("f", (X, K), ban=CONVOLUTIONS)
    assert isinstance(reply, Forbidden), reply
    assert reply.what in CONVOLUTIONS
    after = setup.call("f", (X, K))
    assert type(after) is type(before)
    assert not isinstance(after, Forbidden)


FAMILIES = (
    "aten::*convolution*", "aten::*conv2d*", "aten::*conv_*", "mkldnn::*convolution*",
    "quantized::*conv*", "torch.nn.functional.conv2d", "torch.conv2d",
)  # fmt: skip
RELATIVES = {
    "the built-in itself": "return torch._C._VariableFunctions.conv2d(X, K)",
    "another algorithm": "return torch.ops.aten.slow_conv_dilated2d(X, K, [2, 2])",
    "another library's": "return torch._nnpack_spatial_convolution(X, K, None, 0)",
    "a fused one": """
        attributes = [0, 0], [1, 1], [1, 1], 1, "none", [], ""
        return torch.ops.mkldnn._convolution_pointwise(X, K, None, *attributes)
    """,
    "another layout": "return plain(X.to_mkldnn(), K.to_mkldnn()).to_dense()",
    "complex numbers": "return plain(X * 1j, K * 1j).real",
    "a gradient of it": "return torch.nn.grad.conv2d_weight(X, (1, 1, 3, 3), K)",
    "a redispatch": """
        sparse = torch._C.DispatchKeySet(torch._C.DispatchKey.SparseCPU)
        convolve = torch.ops.aten.mkldnn_convolution.default
        return convolve.redispatch(sparse, X, K, None, [0, 0], [1, 1], [1, 1], 1)
    """,
    "eight bits": """
        x, k = (torch.quantize_per_tensor(t, 1.0, 0, d) for t, d in zip((X, K), DTYPES))
        packed = torch.ops.quantized.conv2d_prepack(k, None, [1, 1], [0, 0], [1, 1], 1)
        return torch.ops.quantized.conv2d(x, packed, 1.0, 0).dequantize()
    """,
}  # fmt: skip


@pytest.mark.parametrize("body", RELATIVES.values(), ids=RELATIVES)
def test_a_star_bans_a_whole_family(setup: Worker, body: str):
    run(setup, "plain = torch._C._VariableFunctions.conv2d\nDTYPES = torch.quint8, torch.qint8")
    define(setup, "X, K = args\n" + "\n".join(_dedented(body)))
    before = value(setup.call("f", (X, K)))
    assert isinstance(setup.call("f", (X, K), ban=FAMILIES), Forbidden)
    assert torch.equal(value(setup.call("f", (X, K))), before)


def test_kernels_are_handed_out_to_nobody(setup: Worker):
    body = "return torch.library.get_kernel('aten::mkldnn_convolution', 'CPU')"
    reply = call(setup, body)
    assert isinstance(reply, Raised), reply
    assert "dispatcher" in reply.message


def test_changing_torchs_own_python_lifts_no_ban(setup: Worker):
    changes = """
        torch.library.Library.impl = lambda *_, **__: None
        torch._C._dispatch_library = torch.library.Library = None
        torch._C._dispatch_get_all_op_names = lambda: []
    """
    ok(setup, changes)
    define(setup, "return torch._C._VariableFunctions.conv2d(*args)")
    assert isinstance(setup.call("f", (X, K), ban=FAMILIES), Forbidden)


def test_attributes_are_read_and_set_under_the_ban(setup: Worker):
    """A property is student code too."""
    made = """
        class Sly:
            @property
            def size(self):
                return float(F.conv2d(*inputs).sum())
            @size.setter
            def size(self, new):
                F.conv2d(*inputs)
        return Sly()
    """
    sly = value(call(setup, made, objects=True))
    assert value(setup.attribute(sly, "size")) == 36
    assert isinstance(setup.attribute(sly, "size", ban=FAMILIES), Forbidden)
    assert isinstance(setup.assign(sly, "size", 1, ban=FAMILIES), Forbidden)


def _dedented(body: str) -> list[str]:
    import textwrap

    return textwrap.dedent(body).strip().splitlines()


def test_building_blocks_stay_allowed(setup: Worker):
    body = """
        X, K = args
        columns = F.unfold(X, (2, 2))
        einsum = torch.einsum("nij,ij->n", X[0], torch.ones(4, 4))
        return (K.reshape(1, -1) @ columns).reshape(1, 1, 3, 3)
    """
    got = value(call(setup, body, X, K, ban=CONVOLUTIONS))
    assert torch.equal(got, torch.nn.functional.conv2d(X, K))


def test_gradients_are_computed_under_a_ban_and_refused_by_it(setup: Worker):
    define(setup, "return F.unfold(args[0], (2, 2)) * 2")
    reply = setup.vjp("f", (X,), {}, torch.ones(1, 4, 9), (0,), ban=CONVOLUTIONS)
    assert value(reply)[1][0].shape == X.shape
    define(setup, "return F.conv2d(args[0], args[1])")
    reply = setup.vjp("f", (X, K), {}, torch.ones(1, 1, 3, 3), (0,), ban=CONVOLUTIONS)
    assert isinstance(reply, Forbidden)


NAMES = {
    "torch.optim.Adam": "return torch.optim.Adam([torch.ones(1, requires_grad=True)]) and 1",
    "torch.autograd.grad":
        "x = torch.ones(1, requires_grad=True)\nreturn torch.autograd.grad(x * 2, x)[0]",
    "torch.nn.MaxPool2d": "return torch.nn.MaxPool2d(2)(torch.ones(1, 1, 2, 2))",
    "torch.nn.functional.dropout": "return F.dropout(torch.ones(2), 0.0)",
    "torch.Tensor.backward":
        "x = torch.ones(1, requires_grad=True)\n(x * 2).backward()\nreturn x.grad",
    "torch.nn.RNNCell": "return torch.nn.RNNCell(1, 1)(torch.ones(1, 1)).shape",
}  # fmt: skip


@pytest.mark.parametrize(("name", "body"), NAMES.items(), ids=NAMES)
def test_python_names_are_refused_during_the_call_and_back_afterwards(
    setup: Worker, name: str, body: str
):
    define(setup, body)
    kept = value(call(setup, f"import torch\nreturn id({name}), repr({name})"))
    define(setup, body)
    reply = setup.call("f", ban=[name])
    assert isinstance(reply, Forbidden), reply
    assert reply.what == name
    assert setup.call("f") != reply
    assert not isinstance(setup.call("f"), Forbidden)
    assert value(call(setup, f"import torch\nreturn id({name}), repr({name})")) == kept


def test_an_alias_of_a_python_function_is_refused_too(setup: Worker):
    run(setup, "from torch.autograd import grad as g, backward as b")
    define(setup, "x = torch.ones(1, requires_grad=True)\nreturn g(x * 2, x)[0]")
    assert isinstance(setup.call("f", ban=["torch.autograd.grad"]), Forbidden)
    assert value(setup.call("f")).item() == 2


def test_bans_may_change_from_call_to_call(setup: Worker):
    define(setup, "return torch.relu(args[0]) + torch.tanh(args[0])")
    one = torch.ones(1)
    for ban in (["aten::relu"], ["aten::tanh"], ["aten::relu", "aten::tanh"]):
        assert setup.call("f", (one,), ban=ban).what in ban  # type: ignore[attr-defined]
        assert value(setup.call("f", (one,))).shape == (1,)


def test_a_ban_of_nothing_that_exists_bans_nothing(setup: Worker):
    ban = ["aten::no_such_operator", "torch.no.such", "nowhere.at.all", "torch.nn.NoSuch"]
    assert value(call(setup, "return 1", ban=ban)) == 1


def test_the_order_of_gradients_and_values_is_that_of_an_unbanned_worker(setup: Worker):
    """Refusing kernels and taking them back leaves the dispatcher as it was."""
    define(setup, "return F.conv2d(args[0].requires_grad_(), args[1]).sum()")
    before = value(setup.call("f", (X, K), inplace=True))
    setup.call("f", (X, K), ban=CONVOLUTIONS)
    assert torch.equal(value(setup.call("f", (X, K), inplace=True)), before)
    _, (grad,) = value(setup.vjp("f", (X, K), {}, torch.tensor(1.0), (1,)))
    assert torch.equal(grad, torch.full((1, 1, 2, 2), 9.0))
