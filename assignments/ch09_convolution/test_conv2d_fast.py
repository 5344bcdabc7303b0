"""Hidden graders for conv2d_fast: conv2d's answers, within a time budget (D2L6 §6.3, §6.4)."""

import pytest
import torch

from autograder.judge.compare import assert_close


@pytest.mark.checks(
    en="Height and width follow (H - h + 2P) / S + 1, each with its own kernel size, padding and stride.",
    zh="高和宽都由 (H - h + 2P) / S + 1 得出，且各用各自的核大小、填充和步幅。",
)
@pytest.mark.source("D2L6 §6.3", "T03")
def test_output_size_of_each_axis(student, reference, rng):
    X = torch.randn(1, 1, 8, 8, generator=rng)
    K = torch.randn(1, 1, 3, 5, generator=rng)
    options = {"stride": (3, 4), "padding": (0, 1)}
    assert_close(student.conv2d_fast(X, K, **options), reference.conv2d_fast(X, K, **options))


@pytest.mark.checks(
    en="Several pictures and channels, height, width and kernel all of different sizes.",
    zh="多幅图像、多个通道，高、宽和卷积核的大小都不相同。",
)
@pytest.mark.source("D2L6 §6.4")
@pytest.mark.weight(2)
def test_batch_and_channels(student, rng):
    X = torch.randn(3, 2, 6, 9, generator=rng)
    K = torch.randn(4, 2, 3, 2, generator=rng)
    assert_close(student.conv2d_fast(X, K), torch.nn.functional.conv2d(X, K))


@pytest.mark.checks(
    en="With one pixel of padding a 3×3 kernel keeps a 5×5 picture 5×5; the padding is zeros.",
    zh="填充 1 时，3×3 的卷积核使 5×5 的图像保持 5×5；填的都是 0。",
)
@pytest.mark.source("DL12 十一 §3.6", "T04")
def test_same_size(student, reference, rng):
    X = 3 + torch.randn(1, 3, 5, 5, generator=rng)
    K = torch.randn(2, 3, 3, 3, generator=rng)
    assert_close(student.conv2d_fast(X, K, padding=1), reference.conv2d_fast(X, K, padding=1))


@pytest.mark.checks(
    en="Each output channel gets its own bias, once.",
    zh="每个输出通道各加一次自己的偏置。",
)
@pytest.mark.source("D2L6 §6.4")
@pytest.mark.weight(2)
def test_bias(student, reference, rng):
    X = torch.randn(2, 2, 5, 4, generator=rng)
    K = torch.randn(3, 2, 2, 2, generator=rng)
    bias = torch.randn(3, generator=rng)  # W' is 3 too: along the wrong axis it would fit
    assert_close(student.conv2d_fast(X, K, bias), reference.conv2d_fast(X, K, bias))


@pytest.mark.checks(
    en="A pair of strides: the first number is vertical, the second horizontal.",
    zh="步幅为一对数：第一个是竖直方向，第二个是水平方向。",
)
@pytest.mark.source("D2L6 §6.3")
def test_pair_of_strides(student, reference, rng):
    X = torch.randn(1, 2, 7, 7, generator=rng)
    K = torch.randn(2, 2, 2, 3, generator=rng)
    assert_close(
        student.conv2d_fast(X, K, stride=(1, 2)), reference.conv2d_fast(X, K, stride=(1, 2))
    )


@pytest.mark.checks(
    en="A pair of paddings: rows above and below, then columns left and right.",
    zh="填充为一对数：先是上下各几行，再是左右各几列。",
)
@pytest.mark.source("D2L6 §6.3")
def test_pair_of_paddings(student, reference, rng):
    X = torch.randn(1, 2, 4, 4, generator=rng)
    K = torch.randn(2, 2, 3, 3, generator=rng)
    assert_close(
        student.conv2d_fast(X, K, padding=(2, 1)), reference.conv2d_fast(X, K, padding=(2, 1))
    )


@pytest.mark.checks(
    en="Windows that don't fit any more are left out: sizes are rounded down.",
    zh="放不下的窗口不算：输出大小向下取整。",
)
@pytest.mark.source("DL12 十一 §3.6", "T04")
def test_sizes_are_rounded_down(student, reference, rng):
    X = torch.randn(2, 1, 6, 9, generator=rng)
    K = torch.randn(2, 1, 3, 2, generator=rng)
    options = {"stride": 2, "padding": 1}
    assert_close(student.conv2d_fast(X, K, **options), reference.conv2d_fast(X, K, **options))


@pytest.mark.checks(
    en="Everything at once agrees with PyTorch's own convolution.",
    zh="各参数同时使用时，与 PyTorch 自带的卷积一致。",
)
@pytest.mark.source("D2L6 §6.3", "D2L6 §6.4")
@pytest.mark.weight(2)
def test_everything_at_once(student, rng):
    X = torch.randn(2, 3, 8, 6, generator=rng)
    K = torch.randn(2, 3, 3, 2, generator=rng)
    bias = torch.randn(2, generator=rng)
    expected = torch.nn.functional.conv2d(X, K, bias, stride=(2, 1), padding=(1, 2))
    assert_close(student.conv2d_fast(X, K, bias, (2, 1), (1, 2)), expected)


@pytest.mark.checks(
    en="Extremes: a 1×1 kernel, and a kernel as large as the picture.",
    zh="极端情形：1×1 的卷积核，以及与图像一样大的卷积核。",
)
@pytest.mark.source("D2L6 §6.4")
def test_smallest_and_largest_kernel(student, reference, rng):
    X = torch.randn(2, 3, 3, 4, generator=rng)
    for size in ((1, 1), (3, 4)):
        K = torch.randn(2, 3, *size, generator=rng)
        assert_close(student.conv2d_fast(X, K), reference.conv2d_fast(X, K))


@pytest.mark.checks(
    en="A batch of no pictures gives a batch of no maps, of the right shape.",
    zh="没有图像的批次，得到形状正确、没有特征图的批次。",
)
def test_empty_batch(student, reference, rng):
    X = torch.zeros(0, 2, 5, 6)
    K = torch.randn(3, 2, 2, 3, generator=rng)
    assert_close(student.conv2d_fast(X, K, stride=2), reference.conv2d_fast(X, K, stride=2))


@pytest.mark.checks(
    en="Pixel values from 0 to 255 keep their full precision.",
    zh="0 到 255 的像素值不损失精度。",
)
@pytest.mark.source("T30")
def test_pixel_values(student, reference, rng):
    X = torch.randint(0, 256, (1, 3, 5, 4), generator=rng).float()
    K = torch.randint(-9, 10, (2, 3, 2, 2), generator=rng).float()
    assert_close(student.conv2d_fast(X, K), reference.conv2d_fast(X, K))


@pytest.mark.checks(
    en="A result doesn't depend on earlier calls.",
    zh="结果与之前的调用无关。",
)
def test_calls_are_independent(student, reference, rng):
    for _ in range(2):
        X = torch.randn(1, 2, 5, 5, generator=rng)
        K = torch.randn(3, 2, 2, 3, generator=rng)
        assert_close(student.conv2d_fast(X, K), reference.conv2d_fast(X, K))


def assert_gradients_agree(student, reference, rng, wrt):
    X = torch.randn(2, 2, 5, 4, generator=rng)
    K = torch.randn(3, 2, 3, 2, generator=rng)
    bias = torch.randn(3, generator=rng)
    options = {"stride": (2, 1), "padding": (1, 0)}
    v = torch.randn(2, 3, 3, 3, generator=rng)
    # Values first: a gradient says nothing where they are wrong. On fewer pictures, so that a result that
    # is kept from this call doesn't stand in for the next one.
    fewer = (X[:1], K, bias)
    assert_close(student.conv2d_fast(*fewer, **options), reference.conv2d_fast(*fewer, **options))
    _, got = student.vjp("conv2d_fast", (X, K, bias), options, cotangent=v, wrt=wrt)
    _, expected = reference.vjp("conv2d_fast", (X, K, bias), options, cotangent=v, wrt=wrt)
    assert_close(got, expected)


@pytest.mark.checks(
    en="The gradient flows back to the pictures X.",
    zh="梯度能传回图像 X。",
)
def test_gradient_of_the_pictures(student, reference, rng):
    assert_gradients_agree(student, reference, rng, wrt=(0,))


# Together with X, so that kernels cut off by themselves look different from a result cut off as a whole.
@pytest.mark.checks(
    en="The gradient flows back to the pictures X and the kernels K together.",
    zh="梯度能同时传回图像 X 和卷积核 K。",
)
def test_gradient_of_the_kernels(student, reference, rng):
    assert_gradients_agree(student, reference, rng, wrt=(0, 1))


@pytest.mark.checks(
    en="The gradient flows back to X, K and the bias together.",
    zh="梯度能同时传回 X、K 和偏置 bias。",
)
def test_gradient_of_the_bias(student, reference, rng):
    assert_gradients_agree(student, reference, rng, wrt=(0, 1, 2))


# Wide and low: who loops over the 16 rows only, or over the 3·3 places of a kernel, has room to spare;
# who loops over the 1024 pixels takes ten times as long and more. Last, for it may cost the worker its life.
@pytest.mark.budget
@pytest.mark.checks(
    en="A batch of pictures of 16×64 pixels and 8 channels takes at most three times the reference's time.",
    zh="处理一批 16×64、8 个通道的图像，用时不超过参考实现的三倍。",
)
@pytest.mark.weight(18)  # half of the exercise
def test_keeps_up_with_the_reference(budget, rng):
    def inputs():
        X = torch.randn(4, 8, 16, 64, generator=rng)
        K = torch.randn(8, 8, 3, 3, generator=rng)
        return (X, K, torch.randn(8, generator=rng)), {"padding": 1}

    budget.check("conv2d_fast", inputs)
