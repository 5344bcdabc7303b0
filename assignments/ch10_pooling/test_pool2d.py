"""Hidden graders for pool2d (D2L6 §6.5, DL12 十一 §4)."""

import pytest
import torch

from autograder.judge.compare import assert_close

# The four windows of T05 side by side, so that every second window is one of the textbook's.
PICTURE = [[4.0, 9, 2, 5], [5, 6, 2, 4], [2, 4, 5, 4], [5, 6, 8, 4]]


@pytest.mark.checks(
    en="The largest values of the textbook's windows, and of the windows between them.",
    zh="教材中各窗口的最大值，以及它们之间各窗口的最大值。",
)
@pytest.mark.source("DL12 十一 §4", "T05")
@pytest.mark.weight(2)
def test_largest_values_of_the_textbook(student):
    expected = torch.tensor([[9.0, 9, 5], [6, 6, 5], [6, 8, 8]])
    assert_close(student.pool2d(torch.tensor(PICTURE), (2, 2), "max"), expected)


@pytest.mark.checks(
    en="The means of the textbook's windows, and of the windows between them.",
    zh="教材中各窗口的平均值，以及它们之间各窗口的平均值。",
)
@pytest.mark.source("DL12 十一 §4", "T05")
@pytest.mark.weight(2)
def test_means_of_the_textbook(student):
    expected = torch.tensor([[6, 4.75, 3.25], [4.25, 4.25, 3.75], [4.25, 5.75, 5.25]])
    assert_close(student.pool2d(torch.tensor(PICTURE), (2, 2), "avg"), expected)


@pytest.mark.checks(
    en="Largest values in a picture wider than high, with a window that isn't square.",
    zh="宽大于高的图像、非正方形窗口的最大值。",
)
@pytest.mark.source("D2L6 §6.5", "E1")
def test_largest_values_of_a_wide_picture(student, reference, rng):
    X = torch.randn(4, 8, generator=rng)
    assert_close(student.pool2d(X, (3, 2), "max"), reference.pool2d(X, (3, 2), "max"))


@pytest.mark.checks(
    en="Largest values in a picture higher than wide, with a window that isn't square.",
    zh="高大于宽的图像、非正方形窗口的最大值。",
)
@pytest.mark.source("D2L6 §6.5", "E1")
def test_largest_values_of_a_high_picture(student, reference, rng):
    X = torch.randn(7, 5, generator=rng)
    assert_close(student.pool2d(X, (2, 3), "max"), reference.pool2d(X, (2, 3), "max"))


@pytest.mark.checks(
    en="Means in a picture and with a window that aren't square.",
    zh="图像和窗口都不是正方形时的平均值。",
)
@pytest.mark.source("D2L6 §6.5", "E1")
def test_means_of_a_wide_picture(student, reference, rng):
    X = torch.randn(5, 7, generator=rng)
    assert_close(student.pool2d(X, (2, 4), "avg"), reference.pool2d(X, (2, 4), "avg"))


@pytest.mark.checks(
    en="Without a mode, the largest values.",
    zh="不给 mode 时取最大值。",
)
def test_default_mode(student, reference, rng):
    X = torch.randn(4, 5, generator=rng)
    assert_close(student.pool2d(X, (2, 2)), reference.pool2d(X, (2, 2)))


@pytest.mark.checks(
    en="Largest values where every pixel is negative.",
    zh="所有像素都是负数时的最大值。",
)
def test_negative_pixels(student, reference, rng):
    X = -1 - torch.rand(5, 4, generator=rng)
    assert_close(student.pool2d(X, (2, 2), "max"), reference.pool2d(X, (2, 2), "max"))


@pytest.mark.checks(
    en="Pixels of very different sizes: the largest is found among huge negative numbers too.",
    zh="像素大小悬殊：在绝对值很大的负数中也能找到最大值。",
)
def test_huge_pixels(student, reference, rng):
    X = torch.randn(4, 5, generator=rng) * 1e12 - 1e14
    assert_close(student.pool2d(X, (3, 2), "max"), reference.pool2d(X, (3, 2), "max"))


@pytest.mark.checks(
    en="A window as large as the picture leaves one number, still of two axes.",
    zh="窗口与图像一样大时只剩一个数，但仍有两个轴。",
)
def test_window_as_large_as_the_picture(student, reference, rng):
    X = torch.randn(3, 5, generator=rng)
    for mode in ("max", "avg"):
        assert_close(student.pool2d(X, (3, 5), mode), reference.pool2d(X, (3, 5), mode))


@pytest.mark.checks(
    en="A window of one pixel leaves the picture as it is, even a picture of one pixel.",
    zh="窗口只有一个像素时图像不变，只有一个像素的图像也不例外。",
)
def test_window_of_one_pixel(student, rng):
    for size in ((2, 3), (1, 1)):
        X = torch.randn(*size, generator=rng)
        for mode in ("max", "avg"):
            assert_close(student.pool2d(X, (1, 1), mode), X)


@pytest.mark.checks(
    en="A result doesn't depend on earlier calls.",
    zh="结果与之前的调用无关。",
)
def test_calls_are_independent(student, reference, rng):
    for _ in range(2):
        X = torch.randn(6, 4, generator=rng)
        for mode in ("max", "avg"):
            assert_close(student.pool2d(X, (3, 2), mode), reference.pool2d(X, (3, 2), mode))


def assert_gradients_agree(student, reference, X, v, pool_size, mode):
    # Values first: a gradient says nothing where they are wrong. On fewer rows, so that a result that
    # is kept from this call doesn't stand in for the next one.
    fewer = (X[1:], pool_size, mode)
    assert_close(student.pool2d(*fewer), reference.pool2d(*fewer))
    _, got = student.vjp("pool2d", (X, pool_size, mode), {}, cotangent=v, wrt=(0,))
    _, expected = reference.vjp("pool2d", (X, pool_size, mode), {}, cotangent=v, wrt=(0,))
    assert_close(got, expected)


@pytest.mark.checks(
    en="The gradient flows back to the largest pixel of each window.",
    zh="梯度能传回每个窗口中最大的像素。",
)
def test_gradient_of_the_largest_values(student, reference, rng):
    X, v = torch.randn(5, 6, generator=rng), torch.randn(4, 4, generator=rng)
    assert_gradients_agree(student, reference, X, v, (2, 3), "max")


@pytest.mark.checks(
    en="The gradient flows back to all pixels of each mean.",
    zh="梯度能传回参与平均的所有像素。",
)
def test_gradient_of_the_means(student, reference, rng):
    X, v = torch.randn(6, 5, generator=rng), torch.randn(4, 4, generator=rng)
    assert_gradients_agree(student, reference, X, v, (3, 2), "avg")
