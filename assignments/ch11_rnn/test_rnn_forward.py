"""Hidden graders for rnn_forward (DL12 十二 §2)."""

import pytest
import torch

from autograder.judge.compare import assert_close, assert_shape, assert_type, require


def inputs(rng, steps, n, size, hidden, scale=0.7):
    """Arguments of one call, the initial state not zero."""
    shapes = [
        (steps, n, size), (n, hidden), (hidden, size), (hidden, hidden), (hidden,), (hidden,)
    ]  # fmt: skip
    return tuple(scale * torch.randn(shape, generator=rng) for shape in shapes)


def pair(got):
    """The two results, once they are known to be two."""
    assert_type(got, (tuple, list))
    require(
        len(got) == 2,
        en=f"Expected the pair (output, h_T), got {len(got)} values.",
        zh=f"应返回 (output, h_T) 两个值，得到 {len(got)} 个。",
    )
    return got


def assert_gradients(student, reference, args, cotangent, wrt):
    """The gradients of the arguments `wrt` are the reference's."""
    student.rnn_forward(*args)  # where no gradient flows, its value tells one hint from another
    _, got = student.vjp("rnn_forward", args, {}, cotangent=cotangent, wrt=wrt)
    _, expected = reference.vjp("rnn_forward", args, {}, cotangent=cotangent, wrt=wrt)
    for mine, right in zip(got, expected, strict=True):
        assert_close(mine, right)


@pytest.mark.checks(
    en="A sequence small enough to work out by hand: three steps, one sample, one hidden unit.",
    zh="一个可以手算的例子：三个时间步、一个样本、一个隐藏单元。",
)
@pytest.mark.source("DL12 十二 §2", "T28")
def test_sequence_by_hand(student):
    got = student.rnn_forward(
        torch.tensor([[[1.0, 2.0]], [[0.0, -1.0]], [[2.0, 1.0]]]),
        torch.tensor([[0.5]]),
        torch.tensor([[0.3, -0.2]]),
        torch.tensor([[0.8]]),
        torch.tensor([0.1]),
        torch.tensor([-0.05]),
    )
    # h1 = tanh(-0.1 + 0.4 + 0.05), h2 = tanh(0.2 + 0.8 h1 + 0.05), h3 = tanh(0.4 + 0.8 h2 + 0.05)
    h1 = torch.tanh(torch.tensor([[0.35]]))
    h2 = torch.tanh(0.25 + 0.8 * h1)
    h3 = torch.tanh(0.45 + 0.8 * h2)
    output, last = pair(got)
    assert_close(output, torch.stack([h1, h2, h3]))
    assert_close(last, h3)


@pytest.mark.checks(
    en="The textbook's batch of sentences, 8 steps of 16 samples with 128 inputs and 256 hidden units, has the right shapes and values.",
    zh="教材中的一批句子（8 个时间步、16 个样本、128 维输入、256 个隐藏单元）得到正确的形状和数值。",
)
@pytest.mark.source("DL12 十二 §2", "T28")
def test_textbook_sizes(student, reference, rng):
    X = torch.randn(8, 16, 128, generator=rng)
    h0 = torch.zeros(16, 256)
    shapes = [(256, 128), (256, 256), (256,), (256,)]
    weights = [(2 * torch.rand(shape, generator=rng) - 1) / 16 for shape in shapes]
    output, last = pair(student.rnn_forward(X, h0, *weights))
    assert_shape(output, (8, 16, 256))
    assert_shape(last, (16, 256))
    assert_close((output, last), reference.rnn_forward(X, h0, *weights))


@pytest.mark.checks(
    en="The output holds the state after every step, for random inputs of unequal sizes; a call doesn't depend on the ones before it.",
    zh="对各维大小互不相同的随机输入，output 保存每个时间步之后的状态；每次调用与之前的调用无关。",
)
@pytest.mark.source("DL12 十二 §2", "T28")
@pytest.mark.weight(2)
def test_output(student, reference, rng):
    first = inputs(rng, 5, 3, 4, 2)
    for args in (first, inputs(rng, 3, 4, 2, 6), first):
        output, _ = pair(student.rnn_forward(*args))
        assert_close(output, reference.rnn_forward(*args)[0])


@pytest.mark.checks(
    en="The second result is the state after the last step, of shape (N, hidden).",
    zh="第二个返回值是最后一个时间步之后的状态，形状为 (N, hidden)。",
)
@pytest.mark.source("DL12 十二 §2", "T28")
@pytest.mark.weight(2)
def test_last_state(student, reference, rng):
    for sizes in ((4, 3, 2, 5), (6, 2, 3, 3)):
        args = inputs(rng, *sizes)
        _, last = pair(student.rnn_forward(*args))
        assert_close(last, reference.rnn_forward(*args)[1])


@pytest.mark.checks(
    en="Where there are as many steps as samples, time and batch aren't mixed up.",
    zh="时间步数与样本数相等时，没有把时间维与批量维弄混。",
)
def test_as_many_steps_as_samples(student, reference, rng):
    args = inputs(rng, 4, 4, 3, 2)
    got = pair(student.rnn_forward(*args))
    assert_close(got, reference.rnn_forward(*args))


@pytest.mark.checks(
    en="One input at the first step is still felt at the last one; without it the initial state is.",
    zh="第一个时间步的输入在最后一步仍有影响；没有输入时，初始状态也会影响到最后。",
)
def test_memory(student, reference, rng):
    X, h0, *weights = inputs(rng, 4, 2, 3, 5)
    pulse = torch.zeros_like(X)
    pulse[0] = X[0]
    for sequence, state in ((pulse, torch.zeros_like(h0)), (torch.zeros_like(X), h0)):
        got = pair(student.rnn_forward(sequence, state, *weights))
        assert_close(got, reference.rnn_forward(sequence, state, *weights))


@pytest.mark.checks(
    en="A single step, a single sample and a single unit keep all their dimensions.",
    zh="只有一个时间步、一个样本或一个隐藏单元时，各个维度都保留。",
)
def test_ones(student, reference, rng):
    for steps, n, size, hidden in ((5, 1, 2, 3), (1, 3, 2, 4), (1, 1, 1, 1)):
        args = inputs(rng, steps, n, size, hidden)
        output, last = pair(student.rnn_forward(*args))
        assert_shape(output, (steps, n, hidden))
        assert_shape(last, (n, hidden))
        assert_close((output, last), reference.rnn_forward(*args))


@pytest.mark.checks(
    en="Gradients of all outputs and the last state flow back through time to weights and biases.",
    zh="所有输出和最后状态的梯度能沿时间传回权重和偏置。",
)
def test_gradients_of_the_parameters(student, reference, rng):
    args = inputs(rng, 4, 2, 3, 5)
    v = (torch.randn(4, 2, 5, generator=rng), torch.randn(2, 5, generator=rng))
    assert_gradients(student, reference, args, v, wrt=(2, 3, 4, 5))


@pytest.mark.checks(
    en="The gradient of the last state alone flows through every step back to the inputs and the initial state.",
    zh="仅由最后状态出发的梯度能穿过每个时间步，传回输入和初始状态。",
)
def test_gradients_of_inputs_and_initial_state(student, reference, rng):
    args = inputs(rng, 3, 2, 4, 3)
    v = (None, torch.randn(2, 3, generator=rng))
    assert_gradients(student, reference, args, v, wrt=(0, 1))
