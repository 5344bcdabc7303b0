"""Hidden graders for corr2d (D2L6 §6.2)."""

import pytest
import torch

from autograder.judge.compare import assert_close


@pytest.mark.checks(
    en="The textbook's edge detector finds the two edges, the right way round.",
    zh="教材中的边缘检测例子：两条边都找得到，符号也正确。",
)
@pytest.mark.source("D2L6 §6.2", "T01")
@pytest.mark.weight(2)
def test_edges_of_the_textbook(student):
    X = torch.ones(6, 8)
    X[:, 2:6] = 0
    edges = torch.zeros(6, 7)
    edges[:, 1], edges[:, 5] = 1, -1
    assert_close(student.corr2d(X, torch.tensor([[1.0, -1.0]])), edges)


@pytest.mark.checks(
    en="A picture wider than high, under a kernel that isn't square.",
    zh="宽大于高的图像，卷积核不是正方形。",
)
@pytest.mark.source("D2L6 §6.2")
def test_wide_picture(student, reference, rng):
    X = torch.randn(4, 9, generator=rng)
    K = torch.randn(3, 2, generator=rng)
    assert_close(student.corr2d(X, K), reference.corr2d(X, K))


@pytest.mark.checks(
    en="A picture higher than wide, under a kernel that isn't square.",
    zh="高大于宽的图像，卷积核不是正方形。",
)
@pytest.mark.source("D2L6 §6.2")
def test_high_picture(student, reference, rng):
    X = torch.randn(8, 5, generator=rng)
    K = torch.randn(2, 4, generator=rng)
    assert_close(student.corr2d(X, K), reference.corr2d(X, K))


@pytest.mark.checks(
    en="A square kernel whose entries all differ.",
    zh="元素各不相同的正方形卷积核。",
)
@pytest.mark.source("D2L6 §6.2", "DL12 十一 §3.1")
def test_square_kernel_without_symmetry(student, rng):
    X = torch.randn(6, 5, generator=rng)
    K = torch.randn(3, 3, generator=rng)
    expected = torch.nn.functional.conv2d(X[None, None], K[None, None])[0, 0]
    assert_close(student.corr2d(X, K), expected)


@pytest.mark.checks(
    en="A kernel as large as the picture leaves a map of one number, still of two axes.",
    zh="卷积核与图像一样大时，结果是只含一个数、但仍有两个轴的特征图。",
)
def test_kernel_as_large_as_the_picture(student, reference, rng):
    X = torch.randn(3, 5, generator=rng)
    K = torch.randn(3, 5, generator=rng)
    assert_close(student.corr2d(X, K), reference.corr2d(X, K))


@pytest.mark.checks(
    en="A kernel of one element scales the picture, even a picture of one pixel.",
    zh="只有一个元素的卷积核把图像整体缩放，只有一个像素的图像也不例外。",
)
def test_kernel_of_one_element(student, rng):
    X = torch.randn(2, 3, generator=rng)
    assert_close(student.corr2d(X, torch.tensor([[-2.5]])), -2.5 * X)
    pixel, K = torch.tensor([[3.0]]), torch.tensor([[4.0]])
    assert_close(student.corr2d(pixel, K), torch.tensor([[12.0]]))


@pytest.mark.checks(
    en="Pixel values from 0 to 255 are taken as they are.",
    zh="0 到 255 的像素值按原样参与计算。",
)
@pytest.mark.source("T30")
def test_pixel_values(student, reference, rng):
    X = torch.randint(0, 256, (5, 7), generator=rng).float()
    K = torch.randint(-3, 4, (2, 3), generator=rng).float()
    assert_close(student.corr2d(X, K), reference.corr2d(X, K))


@pytest.mark.checks(
    en="A result doesn't depend on earlier calls.",
    zh="结果与之前的调用无关。",
)
def test_calls_are_independent(student, reference, rng):
    K = torch.randn(2, 3, generator=rng)
    for _ in range(2):
        X = torch.randn(6, 4, generator=rng)
        assert_close(student.corr2d(X, K), reference.corr2d(X, K))


def assert_gradients_agree(student, reference, rng, wrt):
    X, K = torch.randn(5, 6, generator=rng), torch.randn(2, 3, generator=rng)
    v = torch.randn(4, 4, generator=rng)
    # Values first: a gradient says nothing where they are wrong. On fewer rows, so that a result that
    # is kept from this call doesn't stand in for the next one.
    assert_close(student.corr2d(X[1:], K), reference.corr2d(X[1:], K))
    _, got = student.vjp("corr2d", (X, K), {}, cotangent=v, wrt=wrt)
    _, expected = reference.vjp("corr2d", (X, K), {}, cotangent=v, wrt=wrt)
    assert_close(got, expected)


@pytest.mark.checks(
    en="The gradient flows back to the picture X.",
    zh="梯度能传回图像 X。",
)
def test_gradient_of_the_picture(student, reference, rng):
    assert_gradients_agree(student, reference, rng, wrt=(0,))


# Together with X, so that a kernel cut off by itself looks different from a result cut off as a whole.
@pytest.mark.checks(
    en="The gradient flows back to the picture X and the kernel K together.",
    zh="梯度能同时传回图像 X 和卷积核 K。",
)
@pytest.mark.source("D2L6 §6.2")
def test_gradient_of_the_kernel(student, reference, rng):
    assert_gradients_agree(student, reference, rng, wrt=(0, 1))
