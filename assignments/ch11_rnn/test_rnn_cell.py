"""Hidden graders for rnn_cell (DL12 十二 §2)."""

import pytest
import torch

from autograder.judge.compare import assert_close, assert_shape


def inputs(rng, n, size, hidden):
    """Arguments of one call; weights small enough that tanh doesn't hide their differences."""
    shapes = [(n, size), (n, hidden), (hidden, size), (hidden, hidden), (hidden,), (hidden,)]
    return tuple(0.7 * torch.randn(shape, generator=rng) for shape in shapes)


def assert_gradients(student, reference, args, cotangent, wrt):
    """The gradients of the arguments `wrt` are the reference's."""
    student.rnn_cell(*args)  # where no gradient flows, its value tells one hint from another
    _, got = student.vjp("rnn_cell", args, {}, cotangent=cotangent, wrt=wrt)
    _, expected = reference.vjp("rnn_cell", args, {}, cotangent=cotangent, wrt=wrt)
    for mine, right in zip(got, expected, strict=True):
        assert_close(mine, right)


@pytest.mark.checks(
    en="A step small enough to work out by hand: one sample, three inputs, two hidden units.",
    zh="一个可以手算的例子：一个样本、三个输入、两个隐藏单元。",
)
@pytest.mark.source("DL12 十二 §2", "T28")
def test_step_by_hand(student):
    got = student.rnn_cell(
        torch.tensor([[1.0, -2.0, 0.5]]),
        torch.tensor([[0.4, -0.2]]),
        torch.tensor([[0.2, 0.1, -0.4], [-0.3, 0.25, 0.6]]),
        torch.tensor([[0.5, -1.0], [0.25, 0.75]]),
        torch.tensor([0.1, -0.2]),
        torch.tensor([-0.3, 0.05]),
    )
    # W_ih x = [-0.2, -0.5], W_hh h = [0.4, -0.05], both biases [-0.2, -0.15]
    assert_close(got, torch.tanh(torch.tensor([[0.0, -0.7]])))


@pytest.mark.checks(
    en="Random inputs with different batch, input and hidden sizes; a call doesn't depend on the ones before it.",
    zh="批量大小、输入维度、隐藏维度各不相同的随机输入；每次调用与之前的调用无关。",
)
@pytest.mark.source("DL12 十二 §2", "T28")
@pytest.mark.weight(2)
def test_random_inputs(student, reference, rng):
    first = inputs(rng, 3, 4, 5)
    for args in (first, inputs(rng, 4, 6, 2), inputs(rng, 2, 1, 3), first):
        assert_close(student.rnn_cell(*args), reference.rnn_cell(*args))


@pytest.mark.checks(
    en="Where input and hidden size are equal, each weight matrix is used where it belongs, the right way round.",
    zh="输入维度与隐藏维度相等时，两个权重矩阵各用在该用的地方，且方向正确。",
)
@pytest.mark.source("DL12 十二 §2", "T28")
@pytest.mark.weight(2)
def test_equal_sizes(student, reference, rng):
    args = inputs(rng, 3, 4, 4)
    assert_close(student.rnn_cell(*args), reference.rnn_cell(*args))


@pytest.mark.checks(
    en="Without input and state both biases still count.",
    zh="输入和隐藏状态都为零时，两个偏置仍然起作用。",
)
def test_both_biases(student, reference, rng):
    _, _, W_ih, W_hh, _, _ = inputs(rng, 2, 3, 4)
    b_ih, b_hh = torch.tensor([0.3, -0.9, 0.6, 0.2]), torch.tensor([0.5, 0.1, -0.8, 0.4])
    args = (torch.zeros(2, 3), torch.zeros(2, 4), W_ih, W_hh, b_ih, b_hh)
    assert_close(student.rnn_cell(*args), reference.rnn_cell(*args))


@pytest.mark.checks(
    en="With the same input, another hidden state leads to another result, and the right one.",
    zh="输入相同而隐藏状态不同时，结果也不同，并且正确。",
)
def test_state_counts(student, reference, rng):
    _, h, *weights = inputs(rng, 4, 3, 2)
    for state in (h, -h):
        args = (torch.zeros(4, 3), state, *weights)
        assert_close(student.rnn_cell(*args), reference.rnn_cell(*args))


@pytest.mark.checks(
    en="Large sums saturate at -1 and 1, with no NaN.",
    zh="很大的加权和会饱和到 -1 或 1，不出现 NaN。",
)
def test_large_sums_saturate(student, rng):
    _, h, _, W_hh, b_ih, b_hh = inputs(rng, 2, 3, 2)
    x = torch.tensor([[300.0, -200.0, 500.0], [-400.0, 900.0, -100.0]])
    W_ih = torch.tensor([[1.0, -0.5, 2.0], [-1.0, 0.5, -0.5]])  # sums beyond ±600
    got = student.rnn_cell(x, h, W_ih, W_hh, b_ih, b_hh)
    assert_close(got, torch.tensor([[1.0, -1.0], [-1.0, 1.0]]))


@pytest.mark.checks(
    en="A single sample, a single input and a single hidden unit keep their two dimensions.",
    zh="只有一个样本、一个输入、一个隐藏单元时，结果仍是二维的。",
)
def test_ones(student, reference, rng):
    for n, size, hidden in ((1, 3, 4), (1, 1, 1), (5, 2, 1)):
        args = inputs(rng, n, size, hidden)
        got = student.rnn_cell(*args)
        assert_shape(got, (n, hidden))
        assert_close(got, reference.rnn_cell(*args))


@pytest.mark.checks(
    en="Gradients flow back to both weight matrices and both biases.",
    zh="梯度能传回两个权重矩阵和两个偏置。",
)
def test_gradients_of_the_parameters(student, reference, rng):
    args = inputs(rng, 3, 4, 2)
    v = torch.randn(3, 2, generator=rng)
    assert_gradients(student, reference, args, v, wrt=(2, 3, 4, 5))


@pytest.mark.checks(
    en="Gradients flow back to the input and to the hidden state, as training through time needs.",
    zh="梯度能传回输入和隐藏状态，沿时间反向传播需要这一点。",
)
def test_gradients_of_input_and_state(student, reference, rng):
    args = inputs(rng, 2, 3, 5)
    v = torch.randn(2, 5, generator=rng)
    assert_gradients(student, reference, args, v, wrt=(0, 1))
