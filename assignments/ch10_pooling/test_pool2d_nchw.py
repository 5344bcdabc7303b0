"""Hidden graders for pool2d_nchw (D2L6 §6.5, DL12 十一 §4)."""

import pytest
import torch
from torch.nn.functional import avg_pool2d, max_pool2d

from autograder.judge.compare import assert_close

PICTURE = [[[[4.0, 9, 2, 5], [5, 6, 2, 4], [2, 4, 5, 4], [5, 6, 8, 4]]]]  # the windows of T05


@pytest.mark.checks(
    en="The textbook's four windows: without a stride they don't overlap, without a mode the largest counts.",
    zh="教材中的四个窗口：不给步幅时窗口互不重叠，不给 mode 时取最大值。",
)
@pytest.mark.source("DL12 十一 §4", "T05")
@pytest.mark.weight(2)
def test_largest_values_of_the_textbook(student):
    expected = torch.tensor([[[[9.0, 5], [6, 8]]]])
    assert_close(student.pool2d_nchw(torch.tensor(PICTURE), 2), expected)


@pytest.mark.checks(
    en="The means of the textbook's four windows.",
    zh="教材中四个窗口的平均值。",
)
@pytest.mark.source("DL12 十一 §4", "T05")
def test_means_of_the_textbook(student):
    expected = torch.tensor([[[[6, 3.25], [4.25, 5.25]]]])
    assert_close(student.pool2d_nchw(torch.tensor(PICTURE), 2, "avg"), expected)


@pytest.mark.checks(
    en="Every channel of every picture is pooled by itself.",
    zh="每幅图像的每个通道各自池化。",
)
@pytest.mark.source("DL12 十一 §4", "D2L6 §6.5")
def test_channels_stay_apart(student, reference, rng):
    X = torch.randn(2, 3, 4, 6, generator=rng)
    for mode in ("max", "avg"):
        assert_close(student.pool2d_nchw(X, 2, mode), reference.pool2d_nchw(X, 2, mode))


@pytest.mark.checks(
    en="Largest values with windows that aren't square, in a picture that isn't square.",
    zh="窗口和图像都不是正方形时的最大值。",
)
@pytest.mark.source("D2L6 §6.5", "E1")
def test_window_that_is_not_square(student, reference, rng):
    X = torch.randn(1, 2, 6, 9, generator=rng)
    assert_close(student.pool2d_nchw(X, (2, 3)), reference.pool2d_nchw(X, (2, 3)))


@pytest.mark.checks(
    en="Means with windows that aren't square, one pixel apart.",
    zh="非正方形窗口、步幅为 1 时的平均值。",
)
@pytest.mark.source("D2L6 §6.5", "E1")
def test_means_one_pixel_apart(student, reference, rng):
    X = torch.randn(1, 2, 5, 4, generator=rng)
    got = student.pool2d_nchw(X, (3, 2), "avg", stride=1)
    assert_close(got, reference.pool2d_nchw(X, (3, 2), "avg", stride=1))


@pytest.mark.checks(
    en="A pair of strides: the first number is vertical, the second horizontal.",
    zh="步幅为一对数：第一个是竖直方向，第二个是水平方向。",
)
@pytest.mark.source("D2L6 §6.5")
def test_pair_of_strides(student, rng):
    X = torch.randn(1, 2, 7, 7, generator=rng)
    got = student.pool2d_nchw(X, 3, "max", stride=(2, 1))
    assert_close(got, max_pool2d(X, 3, stride=(2, 1)))


@pytest.mark.checks(
    en="The textbook's layer: windows of 3, stride 2, padding 1; here with negative pixels only.",
    zh="教材中的层：窗口 3、步幅 2、填充 1；这里所有像素都是负数。",
)
@pytest.mark.source("D2L6 §6.5")
@pytest.mark.weight(2)
def test_padding_never_wins_a_maximum(student, rng):
    X = -1 - torch.rand(2, 1, 6, 7, generator=rng)
    got = student.pool2d_nchw(X, 3, "max", stride=2, padding=1)
    assert_close(got, max_pool2d(X, 3, stride=2, padding=1))


@pytest.mark.checks(
    en="Not even when all pixels are huge negative numbers.",
    zh="即使像素全是绝对值很大的负数，填充也不能成为最大值。",
)
def test_padding_never_wins_against_huge_numbers(student, rng):
    X = -1e12 * (1 + torch.rand(1, 2, 5, 4, generator=rng))
    got = student.pool2d_nchw(X, 2, "max", stride=1, padding=1)
    assert_close(got, max_pool2d(X, 2, stride=1, padding=1))


@pytest.mark.checks(
    en="In a mean the padding counts as zeros, as in nn.AvgPool2d: the textbook's layer of 2, stride 2, padding 1.",
    zh="求平均时填充按 0 计入，与 nn.AvgPool2d 相同：教材中窗口 2、步幅 2、填充 1 的层。",
)
@pytest.mark.source("DL12 十一 §4")
@pytest.mark.weight(2)
def test_padding_counts_in_a_mean(student, rng):
    X = 2 + torch.rand(2, 1, 4, 6, generator=rng)
    got = student.pool2d_nchw(X, 2, "avg", stride=2, padding=1)
    assert_close(got, avg_pool2d(X, 2, stride=2, padding=1))


@pytest.mark.checks(
    en="A pair of paddings, largest values: rows above and below, then columns left and right.",
    zh="填充为一对数时的最大值：先是上下各几行，再是左右各几列。",
)
@pytest.mark.source("D2L6 §6.5")
def test_pair_of_paddings_for_the_largest_values(student, reference, rng):
    X = torch.randn(1, 2, 5, 5, generator=rng)
    options = {"stride": 1, "padding": (0, 1)}
    got = student.pool2d_nchw(X, (2, 3), "max", **options)
    assert_close(got, reference.pool2d_nchw(X, (2, 3), "max", **options))


@pytest.mark.checks(
    en="A pair of paddings, means: rows above and below, then columns left and right.",
    zh="填充为一对数时的平均值：先是上下各几行，再是左右各几列。",
)
@pytest.mark.source("D2L6 §6.5")
def test_pair_of_paddings_for_the_means(student, reference, rng):
    X = torch.randn(1, 2, 5, 4, generator=rng)
    options = {"stride": (1, 2), "padding": (2, 1)}
    got = student.pool2d_nchw(X, (4, 2), "avg", **options)
    assert_close(got, reference.pool2d_nchw(X, (4, 2), "avg", **options))


@pytest.mark.checks(
    en="Windows that don't fit any more are left out: sizes are rounded down.",
    zh="放不下的窗口不算：输出大小向下取整。",
)
@pytest.mark.source("DL12 十一 §3.6", "T04")
def test_sizes_are_rounded_down(student, reference, rng):
    X = torch.randn(1, 1, 7, 8, generator=rng)
    for mode in ("max", "avg"):
        assert_close(student.pool2d_nchw(X, 3, mode), reference.pool2d_nchw(X, 3, mode))


@pytest.mark.checks(
    en="Extremes: a window as large as the picture, and a window of one pixel.",
    zh="极端情形：与图像一样大的窗口，以及只有一个像素的窗口。",
)
def test_largest_and_smallest_window(student, reference, rng):
    X = torch.randn(2, 2, 3, 4, generator=rng)
    for mode in ("max", "avg"):
        assert_close(student.pool2d_nchw(X, (3, 4), mode), reference.pool2d_nchw(X, (3, 4), mode))
        assert_close(student.pool2d_nchw(X, 1, mode), X)


@pytest.mark.checks(
    en="A batch of no pictures stays a batch of no pictures, of the right shape.",
    zh="没有图像的批次，得到形状正确、没有图像的批次。",
)
def test_empty_batch(student):
    for mode in ("max", "avg"):
        assert_close(student.pool2d_nchw(torch.zeros(0, 3, 4, 6), 2, mode), torch.zeros(0, 3, 2, 3))


@pytest.mark.checks(
    en="A result doesn't depend on earlier calls.",
    zh="结果与之前的调用无关。",
)
def test_calls_are_independent(student, reference, rng):
    for _ in range(2):
        X = torch.randn(1, 2, 4, 5, generator=rng)
        for mode in ("max", "avg"):
            got = student.pool2d_nchw(X, (2, 1), mode)
            assert_close(got, reference.pool2d_nchw(X, (2, 1), mode))


def assert_gradients_agree(student, reference, X, v, pool_size, mode, **options):
    # Values first: a gradient says nothing where they are wrong. On fewer pictures, so that a result that
    # is kept from this call doesn't stand in for the next one.
    fewer = (X[:1], pool_size, mode)
    assert_close(student.pool2d_nchw(*fewer, **options), reference.pool2d_nchw(*fewer, **options))
    call = ("pool2d_nchw", (X, pool_size, mode), options)
    _, got = student.vjp(*call, cotangent=v, wrt=(0,))
    _, expected = reference.vjp(*call, cotangent=v, wrt=(0,))
    assert_close(got, expected)


@pytest.mark.checks(
    en="The gradient flows back to the largest pixel of each window, overlapping ones added up.",
    zh="梯度能传回每个窗口中最大的像素，窗口重叠时相加。",
)
def test_gradient_of_the_largest_values(student, reference, rng):
    X = torch.randn(2, 2, 5, 6, generator=rng)
    v = torch.randn(2, 2, 3, 3, generator=rng)
    assert_gradients_agree(student, reference, X, v, 3, "max", stride=2, padding=1)


@pytest.mark.checks(
    en="The gradient flows back to all pixels of each mean.",
    zh="梯度能传回参与平均的所有像素。",
)
def test_gradient_of_the_means(student, reference, rng):
    X = torch.randn(2, 1, 4, 5, generator=rng)
    v = torch.randn(2, 1, 3, 2, generator=rng)
    assert_gradients_agree(student, reference, X, v, 2, "avg", stride=(2, 3), padding=(1, 0))
