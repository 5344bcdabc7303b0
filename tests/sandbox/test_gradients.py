"""Vector-Jacobian products, and arguments changed in place."""

import math
from typing import Any

import pytest
import torch

from autograder.sandbox.connection import Worker
from autograder.sandbox.replies import CannotTravel, NoGradient, OtherShape, Raised, Value
from tests.sandbox.asking import call, define, run, value

X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
V = torch.tensor([[1.0, 0.0], [0.5, -1.0]])


def vjp(
    worker: Worker, body: str, args: Any, cotangent: Any, wrt: Any = (0,), **kwargs: Any
) -> Any:
    define(worker, body)
    return worker.vjp("f", args, kwargs, cotangent, wrt)


def test_outputs_and_gradients_come_back(worker: Worker):
    output, grads = value(vjp(worker, "return args[0] @ args[1]", (X, V), V, (0, 1)))
    assert torch.equal(output, X @ V)
    assert torch.equal(grads[0], V @ V.T)
    assert torch.equal(grads[1], X.T @ V)


def test_keywords_and_other_arguments_get_none(worker: Worker):
    body = "assert not args[1].requires_grad\nreturn args[0] * args[1] * kwargs['k']"
    _, (grad,) = value(vjp(worker, body, (X, V), torch.ones(2, 2), k=3))
    assert torch.equal(grad, 3 * V)


@pytest.mark.parametrize(
    ("body", "argument"),
    [
        ("import torch\nreturn torch.tensor(args[0].sum().item()) * torch.ones(2, 2)", None),
        ("return args[0].data * 2", None),
        ("return args[0].detach() * 2", None),
        ("import torch\nreturn torch.from_numpy(args[0].detach().numpy() * 2)", None),
        ("return args[0].detach().numpy()", None),
        ("import torch\nwith torch.no_grad():\n    return args[0] * 2", None),
        ("return (args[0] * 2).long()", None),
        ("return args[1] * 2 + args[0].data", 0),
    ],
)
def test_a_lost_gradient_is_noticed(worker: Worker, body: str, argument: int | None):
    reply = vjp(worker, body, (X, X), V, (0, 1))
    assert isinstance(reply, NoGradient), reply
    assert reply.argument == argument


def test_tuples_of_outputs_pair_with_tuples_of_cotangents(worker: Worker):
    body = "return args[0] * 2, args[0] * 3, 'text'"
    output, (grad,) = value(vjp(worker, body, (X,), (V, torch.ones(2, 2))))
    assert output[2] == "text"
    assert torch.equal(grad, 2 * V + 3)
    _, (grad,) = value(vjp(worker, body, (X,), (None, V)))
    assert torch.equal(grad, 3 * V)


@pytest.mark.parametrize(
    "body", ["return args[0].sum()", "return args[0][None]", "return None", "return {'a': args[0]}"]
)
def test_an_output_that_cannot_be_paired_comes_back_itself(worker: Worker, body: str):
    reply = vjp(worker, body, (X,), V)
    assert isinstance(reply, OtherShape), reply


def test_what_fails_on_the_way_back_is_the_students_error(worker: Worker):
    run(
        worker,
        """
        import torch
        class Bad(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x): return x * 2
            @staticmethod
            def backward(ctx, g): raise ValueError("backward")
        """,
    )
    reply = vjp(worker, "return Bad.apply(args[0])", (X,), V)
    assert isinstance(reply, Raised)
    assert reply.message == "backward"
    assert isinstance(vjp(worker, "return args[0], (i for i in [])", (X,), V), CannotTravel)


def test_a_half_precision_gradient_keeps_its_dtype(worker: Worker):
    _, (grad,) = value(vjp(worker, "return args[0] * 2", (X.bfloat16(),), V.bfloat16()))
    assert grad.dtype is torch.bfloat16


CHANGES = {
    "a value": "args[0][0, 0] = 9",
    "a value through .data": "args[0].data[0, 0] = 9",
    "a value through NumPy": "args[0].numpy()[0, 0] = 9",
    "a value through a view": "args[0].view(-1)[0] = 9",
    "all values": "args[0].mul_(2)",
    "an output argument": "import torch\ntorch.add(args[0], 1, out=args[0])",
    "the shape": "args[0].t_(); args[0].unsqueeze_(0)",
    "the storage": "import torch\nargs[0].data = torch.zeros(3)",
    "a fill": "args[0].fill_(float('nan'))",
}


@pytest.mark.parametrize("body", CHANGES.values(), ids=CHANGES)
def test_a_tensor_changed_in_place_is_noticed(worker: Worker, body: str):
    reply = call(worker, body, X.clone())
    assert isinstance(reply, Value)
    assert reply.changed == 0
    allowed = call(worker, body, X.clone(), inplace=True)
    assert isinstance(allowed, Value)
    assert allowed.changed is None


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        ("args[0].append(1)", [1]),
        ("args[0].sort()", [2, 1]),
        ("args[0][0] = True", [1]),
        ("args[0]['k'] = lambda: 0", {}),
        ("args[0]['a'].pop()", {"a": [1]}),
        ("args[0]['W'].zero_()", {"W": torch.ones(2)}),
        ("args[0][1] += 1", [0, torch.ones(2)]),
        ("args[0].add(3)", {1}),
        ("x = args[0]; x += 1", torch.ones(2).numpy()),
        ("args[0].resize((4,), refcheck=False)", torch.ones(2).numpy().copy()),
        ("args[0].append(args[0])", [1]),
    ],
)
def test_a_container_changed_in_place_is_noticed(worker: Worker, body: str, sent: Any):
    reply = call(worker, body, sent)
    if isinstance(reply, Raised):  # this array can't be resized at all
        assert "resize" in reply.message
    else:
        assert isinstance(reply, Value)
        assert reply.changed == 0


def test_the_changed_argument_is_named_by_position_or_keyword(worker: Worker):
    define(worker, "(args[1] if len(args) > 1 else kwargs['b']).zero_()\nreturn 1")
    positional = worker.call("f", (X, X))
    keyword = worker.call("f", (X,), {"a": X, "b": X})
    assert (positional.changed, keyword.changed) == (1, "b")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body",
    [
        "args[0].requires_grad_()",
        "return args[0].view(-1).t()",
        "return args[0]",
        "y = args[0].clone(); y.zero_(); return y",
        "args[0].requires_grad_(); (args[0] * 2).sum().backward(); return args[0].grad",
        "args[0].add_(1); args[0].sub_(1)",
        "args[0].my_attribute = 1",
        "args[0].share_memory_()",
    ],
)
def test_what_leaves_the_values_alone_is_no_change(worker: Worker, body: str):
    reply = call(worker, body, X)
    assert isinstance(reply, Value)
    assert reply.changed is None


@pytest.mark.parametrize(
    "sent",
    [math.nan, complex(math.nan, math.nan), [math.nan], torch.tensor([math.nan]), {math.nan}],
)
def test_nan_is_no_change(worker: Worker, sent: Any):
    reply = call(worker, "return 1", sent)
    assert isinstance(reply, Value)
    assert reply.changed is None
