"""Hidden graders for dropout_with_mask (DL12 十 §1)."""

import pytest
import torch

from autograder.judge.compare import as_tensor, assert_close, assert_shape

# The batch of T24, and which of its elements nn.Dropout(0.8) kept there.
BATCH = [
    [3, 0, 5, 5, 2, 9, 1, 8, 8, 3, 6, 9, 1, 7, 3],
    [5, 2, 1, 0, 9, 3, 1, 1, 0, 3, 6, 6, 7, 9, 6],
    [3, 4, 5, 0, 8, 2, 8, 2, 7, 5, 0, 0, 8, 1, 9],
    [6, 1, 0, 2, 9, 4, 3, 9, 3, 9, 3, 9, 8, 5, 3],
    [2, 8, 5, 6, 6, 5, 7, 2, 5, 6, 6, 5, 4, 0, 8],
]
KEPT = [(5, 10), (4, 8, 9, 14), (7, 8, 10, 11, 13), (8, 13), (5, 6, 7, 8, 9)]


def draw(rng, shape, p):
    """Activations without a zero, and a mask that drops each with probability p."""
    X = torch.rand(shape, generator=rng) + 0.5
    X[torch.rand(shape, generator=rng) < 0.5] *= -1
    return X, (torch.rand(shape, generator=rng) >= p).float()


@pytest.mark.checks(
    en="The textbook's example with p = 0.8: what is kept is scaled, what is dropped is 0.",
    zh="教材中 p = 0.8 的例子：保留的值被缩放，丢弃的值为 0。",
)
@pytest.mark.source("DL12 十 §1", "T23")
def test_textbook_example(student):
    X = torch.tensor([[5.0, 3.0, 5.0, 0.0], [2.0, 7.0, 9.0, 5.0]])
    mask = torch.tensor([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    expected = torch.tensor([[25.0, 0.0, 0.0, 0.0], [0.0, 35.0, 0.0, 25.0]])
    assert_close(student.dropout_with_mask(X, mask, 0.8), expected)


@pytest.mark.checks(
    en="On the textbook's batch of 5 samples, each weight's gradient (the sum of its column) comes out right.",
    zh="在教材的 5 个样本上，每个权重的梯度（即对应列之和）正确。",
)
@pytest.mark.source("DL12 十 §1", "T24")
def test_textbook_gradients_of_the_weights(student):
    X = torch.tensor(BATCH, dtype=torch.float32)
    mask = torch.zeros(5, 15)
    for row, columns in zip(mask, KEPT, strict=True):
        row[list(columns)] = 1.0
    got = as_tensor(student.dropout_with_mask(X, mask, 0.8))
    assert_shape(got, (5, 15))
    expected = torch.tensor([0, 0, 0, 0, 45, 70, 35, 20, 75, 45, 30, 0, 0, 30, 30])
    assert_close(got.double().sum(0), expected.double(), rtol=1e-4, atol=1e-4)


@pytest.mark.checks(
    en="Random activations and masks give the right values for several p, small and large.",
    zh="对随机的激活值和掩码，在大小不同的多个 p 下结果都正确。",
)
@pytest.mark.source("DL12 十 §1")
@pytest.mark.weight(2)
def test_random_masks(student, reference, rng):
    for shape, p in (((4, 7), 0.25), ((3, 5), 0.9), ((2, 3, 5), 0.4)):
        X, mask = draw(rng, shape, p)
        got = student.dropout_with_mask(X, mask, p)
        assert_close(got, reference.dropout_with_mask(X, mask, p))


@pytest.mark.checks(
    en="The scale depends on p alone, however many elements the mask keeps: all, some or none of them.",
    zh="缩放因子只取决于 p，与掩码实际保留了多少元素（全部、部分或没有）无关。",
)
def test_scale_does_not_depend_on_the_mask(student, rng):
    X, _ = draw(rng, (3, 4), 0.5)
    some = torch.zeros(3, 4)
    some[1, 2] = 1.0
    for mask in (some, torch.ones(3, 4), torch.zeros(3, 4)):
        assert_close(student.dropout_with_mask(X, mask, 0.6), X * mask * 2.5)


@pytest.mark.checks(
    en="The mask that was given decides: the same mask gives the same result, nothing is drawn anew.",
    zh="由给定的掩码决定结果：同样的掩码得到同样的结果，函数内部不再随机抽取。",
)
def test_nothing_is_drawn(student, reference, rng):
    X, mask = draw(rng, (6, 5), 0.5)
    student.seed(int(torch.randint(2**31 - 1, (), generator=rng)))
    first = student.dropout_with_mask(X, mask, 0.5)
    second = student.dropout_with_mask(X, mask, 0.5)
    expected = reference.dropout_with_mask(X, mask, 0.5)
    assert_close(first, expected)
    assert_close(second, expected)


@pytest.mark.checks(
    en="With p = 0 nothing is scaled, and the mask still decides what is kept.",
    zh="p = 0 时不缩放，但保留哪些元素仍由掩码决定。",
)
def test_p_zero(student, rng):
    X, mask = draw(rng, (8, 6), 0.5)
    student.dropout_with_mask(X, mask, 0.5)  # tells the hints who ignores the mask only at p = 0
    assert_close(student.dropout_with_mask(X, torch.ones(8, 6), 0.0), X)
    assert_close(student.dropout_with_mask(X, mask, 0.0), X * mask)


@pytest.mark.checks(
    en="With p = 1, which comes with a mask of zeros, every value is 0 and none is NaN.",
    zh="p = 1 时（此时掩码全为 0），结果全为 0，没有 NaN。",
)
def test_p_one(student, rng):
    X, _ = draw(rng, (3, 5), 0.5)
    assert_close(student.dropout_with_mask(X, torch.zeros(3, 5), 1.0), torch.zeros(3, 5))


@pytest.mark.checks(
    en="Any shape works: a vector, one element, four dimensions, an empty batch.",
    zh="任意形状都可以：向量、单个元素、四维张量、空批次。",
)
def test_any_shape(student, reference, rng):
    for shape in ((7,), (1, 1), (2, 3, 4, 5), (0, 6)):
        X, mask = draw(rng, shape, 0.3)
        got = student.dropout_with_mask(X, mask, 0.3)
        assert_shape(got, shape)
        assert_close(got, reference.dropout_with_mask(X, mask, 0.3))


@pytest.mark.checks(
    en="Gradients flow back to X: scaled where an element was kept, 0 where it was dropped.",
    zh="梯度能传回 X：保留的位置梯度按同样的因子缩放，丢弃的位置梯度为 0。",
)
@pytest.mark.source("DL12 十 §1", "T24")
def test_gradient(student, reference, rng):
    X, mask = draw(rng, (5, 4), 0.4)
    v = torch.randn(5, 4, generator=rng)
    _, got = student.vjp("dropout_with_mask", (X, mask, 0.4), {}, cotangent=v, wrt=(0,))
    _, expected = reference.vjp("dropout_with_mask", (X, mask, 0.4), {}, cotangent=v, wrt=(0,))
    assert_close(got[0], expected[0])
