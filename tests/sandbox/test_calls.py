"""What travels to a submission's functions and back, and what is said where something can't."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from autograder.sandbox.connection import Worker
from autograder.sandbox.replies import CannotTravel, Missing, Raised, Value
from autograder.sandbox.wire import MAX_KEYS, NUMPY_DTYPES, TORCH_DTYPES, Handle
from tests.sandbox.asking import call, define, error, ok, run, value


@pytest.fixture
def echo(worker: Worker) -> Worker:
    """A worker whose `f` returns its argument."""
    define(worker, "return args[0] if args else kwargs")
    return worker


def same(got: Any, sent: Any) -> None:
    """Fails unless both are the same kind of thing with the same bytes."""
    assert type(got) is type(sent)
    if isinstance(sent, torch.Tensor):
        assert (got.dtype, got.shape) == (sent.dtype, sent.shape)
        plain = torch.empty(sent.shape, dtype=sent.dtype).copy_(sent.detach())
        assert (
            got.numpy().tobytes() == plain.numpy().tobytes()
            if sent.dtype != torch.bfloat16
            else (torch.equal(got, plain))
        )
    elif isinstance(sent, np.ndarray | np.generic):
        assert (got.dtype, got.shape) == (sent.dtype, sent.shape)
        assert got.tobytes() == sent.tobytes()
    elif isinstance(sent, list | tuple):
        assert len(got) == len(sent)
        for one, other in zip(got, sent, strict=True):
            same(one, other)
    elif isinstance(sent, dict):
        same(list(got), list(sent))
        same(list(got.values()), list(sent.values()))
    elif sent != sent:
        assert repr(got) == repr(sent)  # NaN, or a complex number with one
    else:
        assert got == sent


@pytest.mark.parametrize("name", TORCH_DTYPES)
def test_tensors_of_every_dtype_travel(echo: Worker, name: str):
    dtype = TORCH_DTYPES[name]
    raw = torch.arange(48, dtype=torch.uint8)
    tensor = raw.view(dtype) if dtype is not torch.bool else raw % 2 == 0
    same(value(echo.call("f", (tensor,))), tensor)
    same(value(echo.call("f", (tensor[:0],))), tensor[:0])


@pytest.mark.parametrize("name", NUMPY_DTYPES)
def test_arrays_and_scalars_of_every_dtype_travel(echo: Worker, name: str):
    array = np.arange(6).reshape(2, 3).astype(NUMPY_DTYPES[name])
    same(value(echo.call("f", (array,))), array)
    same(value(echo.call("f", (array[1, 2],))), array[1, 2])


BASE = torch.arange(24.0).reshape(2, 3, 4)
TENSORS = {
    "transposed": BASE.transpose(0, 2),
    "sliced": BASE[:, ::2, 1:],
    "expanded": torch.ones(1, 3).expand(4, 3),
    "flipped": BASE.flip(0),
    "one element of a strided one": BASE[:, :1, 2:3][1:],
    "0-dim": torch.tensor(3.5),
    "empty": torch.empty(0),
    "empty in the middle": torch.empty(2, 0, 3),
    "channels last": torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0)).to(
        memory_format=torch.channels_last
    ),
    "conjugated": torch.tensor([1 + 2j]).conj(),
    "negative view": torch.tensor([1 + 2j]).conj().imag,
    "nan and infinities": torch.tensor([math.nan, math.inf, -math.inf, -0.0]),
    "many dimensions": torch.zeros([1] * 40),
}


@pytest.mark.parametrize("name", TENSORS)
def test_tensors_of_every_layout_travel(echo: Worker, name: str):
    same(value(echo.call("f", (TENSORS[name],))), TENSORS[name])


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12).reshape(3, 4).T,
        np.arange(12)[::-2],
        np.arange(3, dtype=">i4"),
        np.zeros((0, 3)),
        np.array(2.0),
        np.broadcast_to(np.float32(1), (3, 3)),
    ],
)
def test_arrays_of_every_layout_travel(echo: Worker, array: np.ndarray[Any, Any]):
    got = value(echo.call("f", (array,)))
    assert np.array_equal(got, array)
    assert got.dtype == array.dtype.newbyteorder("=")


@pytest.mark.parametrize(
    "sent",
    [
        None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**63, 10**400, -(10**4000), 0.5, -0.0,
        math.nan, math.inf, 1e-320, 1 + 2j, complex(math.nan, 1),
        "", "text", "汉字 ∂", "\0", b"", b"\xff\0",
        [], (), {}, set(), [1, [2, (3, {"a": [None]})]], (1,),
        {"a": 1, 2: "b", (1, 2): [3], None: 0},
        {1, "a", (2, 3)}, torch.Size([2, 3]), torch.Size([]), torch.float32, torch.bfloat16,
        {str(number): number for number in range(30_000)}, [0.5] * 100_000,
    ],
    ids=lambda sent: repr(sent)[:30],
)  # fmt: skip
def test_plain_values_travel(echo: Worker, sent: Any):
    same(value(echo.call("f", (sent,))), sent)
    same(value(echo.call("f", (), {"x": sent})), {"x": sent})


def test_a_lone_surrogate_becomes_its_escape(echo: Worker):
    assert value(echo.call("f", ("a\ud800",))) == "a\\ud800"
    assert value(call(echo, "return 'a\\ud800'")) == "a\\ud800"


def test_inputs_keep_requires_grad_and_outputs_lose_it(worker: Worker):
    body = "return args[0], args[0].requires_grad, args[1].requires_grad, args[0].is_leaf"
    X = torch.ones(2, requires_grad=True)
    got, first, second, leaf = value(call(worker, body, X, torch.ones(2)))
    assert (got.requires_grad, first, second, leaf) == (False, True, False, True)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("import torch\nclass T(torch.Tensor): pass\nreturn torch.ones(2).as_subclass(T)",
         torch.ones(2)),
        ("import torch\nreturn torch.nn.Parameter(torch.ones(2))", torch.ones(2)),
        ("""
         import torch
         class T(torch.Tensor):
             @classmethod
             def __torch_function__(cls, *args, **kwargs): raise OSError
             @property
             def shape(self): return 'any'
         return torch.ones(2).as_subclass(T)
         """, torch.ones(2)),
        ("import torch\nreturn torch.ones(2, 2).max(0)", (torch.ones(2), torch.tensor([0, 0]))),
        ("import numpy as np\nreturn np.str_('s'), np.bytes_(b'b')", ("s", b"b")),
        ("import numpy as np\nreturn np.matrix([[1.0]])", np.array([[1.0]])),
        ("import collections as c\nreturn c.OrderedDict(a=1), c.Counter('aa'), c.defaultdict(int)",
         ({"a": 1}, {"a": 2}, {})),
        ("import collections as c\nreturn c.namedtuple('P', 'x y')(1, 2)", (1, 2)),
        ("import enum\nreturn enum.IntEnum('E', 'a').a", 1),
        ("class A(int): pass\nclass B(str): pass\nreturn A(3), B('x')", (3, "x")),
        ("class C(float): pass\nclass D(list): pass\nreturn C(.5), D([1])", (0.5, [1])),
        ("import torch\nreturn torch.nn.Linear(1, 1).state_dict().keys() == {'weight', 'bias'}",
         True),
    ],
)  # fmt: skip
def test_relatives_of_plain_data_arrive_as_plain_data(worker: Worker, body: str, expected: Any):
    same(value(call(worker, body)), expected)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("return (i for i in [])", "a generator"),
        ("yield 1", "a generator"),
        ("return [1, lambda: 0]", "a function"),
        ("return range(3)", "a range"),
        ("return object()", "an object"),
        ("import torch\nreturn torch.nn.Linear(1, 1)", "an object of class Linear"),
        ("import torch\nreturn torch.ones(2).to_sparse()", "a sparse_coo tensor"),
        ("import torch\nreturn torch.ones(2, device='meta')", "a meta tensor"),
        (
            "import torch\nreturn torch.ones(2).to(torch.float8_e5m2)",
            "a tensor of dtype float8_e5m2",
        ),
        ("import numpy\nreturn numpy.array([None])", "a NumPy array of dtype object"),
        ("import numpy\nreturn numpy.array(['a'])", "a NumPy array of dtype str32"),
        ("import numpy\nreturn numpy.longdouble(1)", "a NumPy float128"),
        ("class Foo: pass\nreturn {'a': Foo()}", "an object of class Foo"),
        ("class Foo: pass\nreturn Foo", "a type"),
        ("x = []; x.append(x); return x", "nested more than 64 deep"),
        ("return ''.join(['x' * 100_000] * 100)", "more than 8 MiB of numbers and text"),
        ("import torch\nreturn torch.ones(1).expand(2**30)", "more than 512 MiB of tensors"),
        ("return 1 << 100_000", "an int of more than"),
        (f"return set(range({MAX_KEYS + 1}))", "keys that are no text"),
        (f"return dict.fromkeys(range({MAX_KEYS + 1}))", "keys that are no text"),
    ],
)
def test_what_cannot_travel_is_named(worker: Worker, body: str, what: str):
    reply = call(worker, body)
    assert isinstance(reply, CannotTravel), reply
    assert what in reply.what
    assert value(call(worker, "return 1")) == 1


HOSTILE = {
    "a class without a name": "class M(type):\n    __name__ = property(lambda s: 1/0)\n"
                              "class A(metaclass=M): pass\nreturn A()",
    "a class with a false name": "class M(type):\n    __name__ = '\\ud800' * 9\n"
                                 "class A(metaclass=M): pass\nreturn A()",
    "a class of a false class": "class A:\n    __class__ = property(lambda s: list)\nreturn A()",
    "a wrapping tensor": """
        import torch
        class W(torch.Tensor):
            @staticmethod
            def __new__(cls): return torch.Tensor._make_wrapper_subclass(cls, (2,))
            @classmethod
            def __torch_dispatch__(cls, *a, **k): raise OSError
        return W()
    """,
}  # fmt: skip


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_values_are_the_students_own_trouble(worker: Worker, body: str):
    """Some reply comes; which one is for the student to have caused."""
    assert not isinstance(call(worker, body), Value)


SUBCLASSES = {
    "class A(list):\n    def __iter__(self): raise OSError\nreturn A([1])": [1],
    "class A(tuple):\n    def __iter__(self): raise SystemExit\nreturn A([1])": (1,),
    "class A(set):\n    def __iter__(self): raise OSError\nreturn A([1])": {1},
    "class A(dict):\n    def items(self): raise OSError\nreturn A(a=1)": {"a": 1},
    "class A(int):\n    def __int__(self): raise OSError\nreturn A(3)": 3,
    "class A(float):\n    def __float__(self): raise OSError\nreturn A(3)": 3.0,
    "class A(str):\n    def __str__(self): raise OSError\nreturn A('a')": "a",
    "class A(bytes):\n    def __bytes__(self): raise OSError\nreturn A(b'a')": b"a",
    """
    import torch
    class A(torch.Tensor):
        requires_grad = property(lambda self: 1 / 0)
        @classmethod
        def __torch_function__(cls, *a, **k): raise OSError
        @classmethod
        def __torch_dispatch__(cls, *a, **k): raise OSError
    return torch.Tensor._make_subclass(A, torch.ones(()))
    """: torch.ones(()),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), SUBCLASSES.items())
def test_no_code_of_a_returned_values_own_class_runs(worker: Worker, body: str, expected: object):
    """It would run when the call is over, under no ban and on no clock that is looked at."""
    got = value(call(worker, body))
    assert type(got) is type(expected)
    assert got == expected


def test_exceptions_come_with_type_message_and_the_students_own_lines(worker: Worker):
    run(worker, "import torch\ndef inner(x):\n    y = x + 1\n    return y @ y", index=4)
    run(worker, "def outer(x):\n    return inner(x)", index=6)
    reply = worker.call("outer", (torch.ones(2, 3),))
    assert isinstance(reply, Raised)
    assert reply.type_name == "RuntimeError"
    assert "mat1 and mat2" in reply.message
    frames = [(frame.cell, frame.line, frame.function, frame.source) for frame in reply.frames]
    assert frames == [(6, 2, "outer", "return inner(x)"), (4, 4, "inner", "return y @ y")]
    assert not reply.memory


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("raise SystemExit", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("raise NotImplementedError('exercise f')", "NotImplementedError"),
        ("return undefined", "NameError"),
        ("return f()", "RecursionError"),
        ("class E(Exception):\n    def __str__(self): raise self\nraise E", "E"),
        ("class E(Exception):\n    __str__ = lambda s: '\\ud800' * 9999\nraise E", "E"),
        ("return input()", "EOFError"),
    ],
)
def test_every_exception_is_an_answer(worker: Worker, body: str, kind: str):
    reply = call(worker, body)
    assert isinstance(reply, Raised)
    assert reply.type_name == kind
    assert len(reply.message) <= 4000


def test_what_is_missing_is_told_from_what_cannot_be_called(worker: Worker):
    run(worker, "g = 3\nh = None")
    replies = [worker.call(name) for name in ("nothing", "g", "h")]
    assert all(isinstance(reply, Missing) for reply in replies)
    assert [reply.what for reply in replies] == ["", "an int", "a NoneType"]  # type: ignore[attr-defined]


def test_what_a_call_prints_comes_with_its_value(worker: Worker):
    reply = call(worker, "import os\nprint('a')\nos.system('echo b')\nreturn 1")
    assert isinstance(reply, Value)
    assert reply.printed == "a\nb\n"
    assert ok(worker, "print('c')") == "c\n"


def test_times_are_measured_from_outside(worker: Worker):
    body = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
    reply = call(worker, body, timed=True)
    assert 0.15 < reply.times.cpu < 2
    asleep = call(worker, "import time\ntime.sleep(0.2)", timed=True)
    assert asleep.times.cpu < 0.1 < asleep.times.wall


OPTIMIZER = """
    import torch
    class Step:
        def __init__(self, params, lr=0.1):
            self.params, self.lr, self.count = list(params), lr, 0
        def step(self):
            self.count += 1
            with torch.no_grad():
                for p in self.params:
                    p -= self.lr * p.grad
            return self.count
        @property
        def broken(self): raise ValueError("broken")
"""


def test_objects_stay_there_and_are_used_from_here(worker: Worker):
    run(worker, OPTIMIZER)
    p = value(worker.put(torch.tensor([1.0, 2.0]), requires_grad=True))
    assert isinstance(p, Handle)
    made = value(worker.call("Step", ([p],), {"lr": 0.5}))
    assert made.type_name == "Step"
    assert value(worker.assign(p, "grad", torch.tensor([2.0, 2.0]))) is None
    step = value(worker.attribute(made, "step"))
    assert value(worker.call(step, inplace=True)) == 1
    same(value(worker.get(p)), torch.tensor([0.0, 1.0]))
    same(value(worker.attribute(p, "grad")), torch.tensor([2.0, 2.0]))
    assert value(worker.attribute(made, "lr")) == 0.5
    assert isinstance(worker.attribute(made, "broken"), Raised)
    assert isinstance(worker.attribute(made, "no_such"), Raised)
    assert isinstance(worker.assign(made, "broken", 1), Raised)
    assert isinstance(worker.get(made), CannotTravel)


def test_modules_give_and_take_their_state(worker: Worker):
    run(worker, "import torch\nclass Net(torch.nn.Linear): pass")
    net = value(worker.call("Net", (2, 1)))
    state = {"weight": torch.tensor([[1.0, 2.0]]), "bias": torch.tensor([3.0])}
    load = value(worker.attribute(net, "load_state_dict"))
    assert not isinstance(worker.call(load, (state,)), Raised)
    same(value(worker.call(value(worker.attribute(net, "state_dict")))), state)
    same(value(worker.call(net, (torch.tensor([1.0, 1.0]),))), torch.tensor([6.0]))


def test_values_that_cannot_travel_come_as_handles_where_objects_are_asked_for(worker: Worker):
    define(worker, "return [1, lambda x: x + args[0]]")
    one, function = value(worker.call("f", (10,), objects=True))
    assert one == 1
    assert value(worker.call(function, (5,))) == 15


def test_an_object_nobody_gave_is_no_value(worker: Worker):
    """A handle can be forged; using it must not raise here."""
    forged = Handle(99, "forged")
    for reply in (worker.get(forged), worker.call(forged), worker.call("f", (forged,))):
        assert not isinstance(reply, Value)


def test_an_input_too_large_to_travel_is_an_answer(echo: Worker):
    assert isinstance(echo.call("f", ("x" * (9 << 20),)), CannotTravel)
    assert value(echo.call("f", (1,))) == 1


def test_a_class_that_raises_when_made_is_an_answer(worker: Worker):
    run(worker, "class A:\n    def __init__(self): raise ValueError('no')")
    reply = worker.call("A")
    assert isinstance(reply, Raised)
    assert error(worker, "A()")["evalue"] == "no"
