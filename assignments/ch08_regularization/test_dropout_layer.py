"""Hidden graders for dropout_layer (DL12 十 §1).

The student may draw in any way, so these look at the structure of one result (each element is 0
or exactly scaled) and at counts, with bounds six standard deviations wide: right code fails one
of them once in some hundred million gradings. The generator is seeded before each call, so that a
misconception which draws as the student did returns what the student returned.
"""

import pytest
import torch

from autograder.judge.compare import as_tensor, assert_close, assert_shape, require


def reseed(student, rng):
    student.seed(int(torch.randint(2**31 - 1, (), generator=rng)))


def drop(student, rng, X, p):
    """The result of one freshly seeded call, as a tensor of X's shape."""
    reseed(student, rng)
    got = as_tensor(student.dropout_layer(X, p))
    assert_shape(got, X.shape)
    return got


def activations(rng, *shape):
    """Values of both signs, none near 0: a 0 in the result is a dropped element."""
    X = torch.rand(shape, generator=rng) + 0.5
    return torch.where(torch.rand(shape, generator=rng) < 0.5, -X, X)


@pytest.mark.checks(
    en="With dropout = 0 the values of X come back unchanged.",
    zh="dropout = 0 时原样返回 X 的值。",
)
@pytest.mark.source("DL12 十 §1")
def test_zero_is_the_identity(student, rng):
    X = torch.randn(6, 9, generator=rng)
    X[2, 3] = 0.0
    assert_close(drop(student, rng, X, 0.0), X)


@pytest.mark.checks(
    en="With dropout = 1 every value is 0, and none is NaN.",
    zh="dropout = 1 时结果全为 0，没有 NaN。",
)
@pytest.mark.source("DL12 十 §1")
def test_one_gives_zeros(student, rng):
    X = activations(rng, 6, 9)
    drop(student, rng, X, 0.0)  # tells the hints who swaps 0 and 1 from who means keeping
    assert_close(drop(student, rng, X, 1.0), torch.zeros(6, 9))


@pytest.mark.checks(
    en="The textbook's example: with dropout = 0.8, an element that was 5 is 0 or what the textbook says.",
    zh="教材中的例子：dropout = 0.8 时，原来为 5 的元素要么变为 0，要么变为教材给出的值。",
)
@pytest.mark.source("DL12 十 §1", "T23")
def test_textbook_scale(student, rng):
    X = torch.full((5, 8), 5.0)
    got = drop(student, rng, X, 0.8)
    assert_close(got, torch.where(got != 0, 25.0, 0.0))


@pytest.mark.checks(
    en="Every element of the result is 0 or that of X divided by 1 - dropout, for several dropouts.",
    zh="在多个 dropout 取值下，结果的每个元素要么为 0，要么等于 X 的对应元素除以 1 - dropout。",
)
@pytest.mark.source("DL12 十 §1")
@pytest.mark.weight(2)
def test_kept_elements_are_scaled(student, rng):
    for p in (0.3, 0.75, 0.5):
        X = activations(rng, 13, 17)
        got = drop(student, rng, X, p)
        assert_close(got, torch.where(got != 0, X / (1 - p), 0.0))


@pytest.mark.checks(
    en="On a large tensor the fraction kept is 1 - dropout, within what chance allows.",
    zh="在很大的张量上，被保留的比例等于 1 - dropout（在随机波动允许的范围内）。",
)
@pytest.mark.source("DL12 十 §1")
@pytest.mark.weight(2)
def test_fraction_kept(student, rng):
    for p in (0.2, 0.7):
        X = activations(rng, 160, 250)
        got = drop(student, rng, X, p)
        kept = int((got != 0).sum())
        sigma = (X.numel() * p * (1 - p)) ** 0.5
        require(
            abs(kept - X.numel() * (1 - p)) < 6 * sigma,
            en=f"With dropout = {p}, {kept} of {X.numel()} elements were kept: not a fraction of 1 - dropout.",
            zh=f"dropout = {p} 时，{X.numel()} 个元素中保留了 {kept} 个，比例不是 1 - dropout。",
        )


# A few elements at both far ends: nearly every draw gives the same result here, so a
# misconception's hint is found even where the student draws in another way.
@pytest.mark.checks(
    en="A dropout near 0 drops hardly anything and one near 1 hardly keeps anything; the scale fits each.",
    zh="dropout 接近 0 时几乎不丢弃，接近 1 时几乎不保留；缩放因子也与之相符。",
)
def test_near_the_ends(student, rng):
    X = activations(rng, 2, 4)
    gentle = drop(student, rng, X, 0.002)
    fierce = drop(student, rng, X, 0.998)
    for got, p in ((gentle, 0.002), (fierce, 0.998)):
        kept = int((got != 0).sum())
        require(
            (kept >= 4) if p < 0.5 else (kept <= 4),
            en=f"With dropout = {p}, {kept} of 8 elements were kept.",
            zh=f"dropout = {p} 时，8 个元素中保留了 {kept} 个。",
        )
        assert_close(got, torch.where(got != 0, X / (1 - p), 0.0))


@pytest.mark.checks(
    en="Each element has a draw of its own: rows, columns and samples don't share their fate.",
    zh="每个元素都独立抽取：各行、各列、各样本并不同生共死。",
)
@pytest.mark.weight(2)
def test_neighbours_are_independent(student, rng):
    X = activations(rng, 20, 30, 40)
    dropped = drop(student, rng, X, 0.5) == 0
    for axis in range(3):
        n = X.shape[axis] - 1
        agree = dropped.narrow(axis, 0, n) == dropped.narrow(axis, 1, n)  # a fair coin each
        share = float(agree.double().mean())
        require(
            abs(share - 0.5) < 6 * 0.5 / agree.numel() ** 0.5,
            en=f"Neighbours along dimension {axis} are dropped or kept together too often or too rarely "
            f"({share:.0%} alike with dropout = 0.5).",
            zh=f"沿第 {axis} 维相邻的元素同时被丢弃或保留的情形过多或过少（dropout = 0.5 时有 {share:.0%} 相同）。",
        )


@pytest.mark.checks(
    en="How many elements are dropped varies from call to call, as it does with independent draws.",
    zh="每次调用丢弃的元素个数有所不同，独立抽取时正是如此。",
)
def test_number_dropped_varies(student, rng):
    X = activations(rng, 25, 36)
    reseed(student, rng)
    counts = set()
    for _ in range(12):
        got = as_tensor(student.dropout_layer(X, 0.5))
        assert_shape(got, X.shape)
        counts.add(int((got == 0).sum()))
    require(
        len(counts) > 1,
        en="Twelve calls dropped exactly the same number of elements.",
        zh="十二次调用丢弃的元素个数完全相同。",
    )


@pytest.mark.checks(
    en="Every call draws anew: two calls on the same X drop different elements.",
    zh="每次调用都重新抽取：对同一个 X 调用两次，丢弃的元素不同。",
)
def test_calls_draw_anew(student, rng):
    X = activations(rng, 30, 20)
    reseed(student, rng)
    first = as_tensor(student.dropout_layer(X, 0.5))
    second = as_tensor(student.dropout_layer(X, 0.5))
    assert_shape(first, X.shape)
    assert_shape(second, X.shape)
    require(
        not torch.equal(first == 0, second == 0),
        en="Two calls dropped exactly the same elements.",
        zh="两次调用丢弃的元素完全相同。",
    )


@pytest.mark.checks(
    en="Any shape works: a vector, one element, four dimensions, an empty batch.",
    zh="任意形状都可以：向量、单个元素、四维张量、空批次。",
)
def test_any_shape(student, rng):
    for shape in ((7,), (1, 1), (2, 3, 4, 5), (0, 6)):
        drop(student, rng, activations(rng, *shape), 0.5)


@pytest.mark.checks(
    en="Gradients flow back to X: scaled where an element was kept, 0 where it was dropped.",
    zh="梯度能传回 X：保留的位置梯度按同样的因子缩放，丢弃的位置梯度为 0。",
)
@pytest.mark.source("DL12 十 §1", "T24")
def test_gradient_has_the_same_mask(student, rng):
    X = activations(rng, 9, 11)
    v = activations(rng, 9, 11)
    reseed(student, rng)
    out, grads = student.vjp("dropout_layer", (X, 0.6), {}, cotangent=v, wrt=(0,))
    out = as_tensor(out)
    assert_shape(out, X.shape)
    assert_close(grads[0], torch.where(out != 0, v / (1 - 0.6), 0.0))
