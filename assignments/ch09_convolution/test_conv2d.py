"""Hidden graders for conv2d (D2L6 §6.3, §6.4)."""

import pytest
import torch

from autograder.judge.compare import assert_close


@pytest.mark.checks(
    en="Height and width follow (H - h + 2P) / S + 1, each with its own kernel size, padding and stride.",
    zh="高和宽都由 (H - h + 2P) / S + 1 得出，且各用各自的核大小、填充和步幅。",
)
@pytest.mark.source("D2L6 §6.3", "T03")
@pytest.mark.weight(2)
def test_output_size_of_each_axis(student, reference, rng):
    X = torch.randn(1, 1, 8, 8, generator=rng)
    K = torch.randn(1, 1, 3, 5, generator=rng)
    options = {"stride": (3, 4), "padding": (0, 1)}
    assert_close(student.conv2d(X, K, **options), reference.conv2d(X, K, **options))


@pytest.mark.checks(
    en="With one pixel of padding a 3×3 kernel keeps a 5×5 picture 5×5; each kernel gives one channel.",
    zh="填充 1 时，3×3 的卷积核使 5×5 的图像保持 5×5；每个卷积核产生一个通道。",
)
@pytest.mark.source("DL12 十一 §3.6", "T04")
def test_same_size_and_one_channel_a_kernel(student, reference, rng):
    X = torch.randn(1, 2, 5, 5, generator=rng)
    K = torch.randn(4, 2, 3, 3, generator=rng)
    assert_close(student.conv2d(X, K, padding=1), reference.conv2d(X, K, padding=1))


@pytest.mark.checks(
    en="Without further arguments: no bias, stride 1, no padding; a picture higher than wide.",
    zh="不给其他参数时：没有偏置，步幅为 1，没有填充；图像的高大于宽。",
)
@pytest.mark.source("D2L6 §6.4")
def test_defaults(student, rng):
    X = torch.randn(2, 3, 6, 4, generator=rng)
    K = torch.randn(4, 3, 2, 3, generator=rng)
    assert_close(student.conv2d(X, K), torch.nn.functional.conv2d(X, K))


@pytest.mark.checks(
    en="A picture wider than high, with as many output channels as input channels.",
    zh="宽大于高的图像，输出通道数等于输入通道数。",
)
@pytest.mark.source("D2L6 §6.4")
def test_as_many_channels_out_as_in(student, reference, rng):
    X = torch.randn(2, 3, 4, 7, generator=rng)
    K = torch.randn(3, 3, 3, 2, generator=rng)
    assert_close(student.conv2d(X, K), reference.conv2d(X, K))


@pytest.mark.checks(
    en="The input channels are summed up: one kernel over three channels gives one channel.",
    zh="对输入通道求和：一个卷积核作用于三个通道，得到一个通道。",
)
@pytest.mark.source("D2L6 §6.4", "DL12 十一 §3.4")
def test_input_channels_are_summed(student, reference, rng):
    X = torch.randn(1, 3, 4, 5, generator=rng)
    K = torch.randn(1, 3, 2, 2, generator=rng)
    assert_close(student.conv2d(X, K), reference.conv2d(X, K))


@pytest.mark.checks(
    en="A 1×1 kernel mixes the channels of each pixel and leaves the size as it is.",
    zh="1×1 卷积核只在每个像素处混合各通道，不改变图像大小。",
)
@pytest.mark.source("D2L6 §6.4")
def test_kernel_of_one_pixel(student, rng):
    X = torch.randn(2, 3, 2, 4, generator=rng)
    K = torch.randn(2, 3, 1, 1, generator=rng)
    mixed = torch.einsum("nchw,oc->nohw", X, K[:, :, 0, 0])
    assert_close(student.conv2d(X, K), mixed)


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
    assert_close(student.conv2d(X, K, bias), reference.conv2d(X, K, bias))


@pytest.mark.checks(
    en="A pair of strides: the first number is vertical, the second horizontal.",
    zh="步幅为一对数：第一个是竖直方向，第二个是水平方向。",
)
@pytest.mark.source("D2L6 §6.3")
def test_pair_of_strides(student, reference, rng):
    X = torch.randn(1, 2, 7, 7, generator=rng)
    K = torch.randn(2, 2, 2, 3, generator=rng)
    assert_close(student.conv2d(X, K, stride=(1, 2)), reference.conv2d(X, K, stride=(1, 2)))


@pytest.mark.checks(
    en="One number for the stride holds for both axes.",
    zh="步幅为一个数时，两个轴都用它。",
)
@pytest.mark.source("D2L6 §6.3")
def test_one_number_for_the_stride(student, reference, rng):
    X = torch.randn(1, 2, 7, 9, generator=rng)
    K = torch.randn(2, 2, 3, 2, generator=rng)
    assert_close(student.conv2d(X, K, stride=2), reference.conv2d(X, K, stride=2))


@pytest.mark.checks(
    en="A pair of paddings: rows above and below, then columns left and right, all zeros.",
    zh="填充为一对数：先是上下各几行，再是左右各几列，填的都是 0。",
)
@pytest.mark.source("D2L6 §6.3")
def test_pair_of_paddings(student, reference, rng):
    X = 3 + torch.randn(1, 2, 4, 4, generator=rng)
    K = torch.randn(2, 2, 3, 3, generator=rng)
    assert_close(student.conv2d(X, K, padding=(2, 1)), reference.conv2d(X, K, padding=(2, 1)))


@pytest.mark.checks(
    en="Windows that don't fit any more are left out: sizes are rounded down.",
    zh="放不下的窗口不算：输出大小向下取整。",
)
@pytest.mark.source("DL12 十一 §3.6", "T04")
def test_sizes_are_rounded_down(student, reference, rng):
    X = torch.randn(2, 1, 6, 8, generator=rng)
    K = torch.randn(2, 1, 3, 2, generator=rng)
    options = {"stride": (2, 3), "padding": (1, 1)}
    assert_close(student.conv2d(X, K, **options), reference.conv2d(X, K, **options))


@pytest.mark.checks(
    en="Everything at once agrees with PyTorch's own convolution.",
    zh="各参数同时使用时，与 PyTorch 自带的卷积一致。",
)
@pytest.mark.source("D2L6 §6.3", "D2L6 §6.4")
@pytest.mark.weight(2)
def test_everything_at_once(student, rng):
    X = torch.randn(2, 3, 7, 6, generator=rng)
    K = torch.randn(2, 3, 3, 2, generator=rng)
    bias = torch.randn(2, generator=rng)
    expected = torch.nn.functional.conv2d(X, K, bias, stride=(2, 1), padding=(1, 2))
    assert_close(student.conv2d(X, K, bias, (2, 1), (1, 2)), expected)


@pytest.mark.checks(
    en="A kernel as large as the padded picture leaves one number for each channel.",
    zh="卷积核与填充后的图像一样大时，每个通道只剩一个数。",
)
def test_kernel_as_large_as_the_padded_picture(student, reference, rng):
    X = torch.randn(2, 2, 3, 4, generator=rng)
    K = torch.randn(2, 2, 5, 4, generator=rng)
    assert_close(student.conv2d(X, K, padding=(1, 0)), reference.conv2d(X, K, padding=(1, 0)))


@pytest.mark.checks(
    en="A batch of no pictures gives a batch of no maps, of the right shape.",
    zh="没有图像的批次，得到形状正确、没有特征图的批次。",
)
def test_empty_batch(student, reference, rng):
    X = torch.zeros(0, 2, 5, 6)
    K = torch.randn(3, 2, 2, 3, generator=rng)
    bias = torch.randn(3, generator=rng)
    assert_close(student.conv2d(X, K, bias, stride=2), reference.conv2d(X, K, bias, stride=2))


@pytest.mark.checks(
    en="Pixel values from 0 to 255 are taken as they are.",
    zh="0 到 255 的像素值按原样参与计算。",
)
@pytest.mark.source("T30")
def test_pixel_values(student, reference, rng):
    X = torch.randint(0, 256, (1, 3, 5, 4), generator=rng).float()
    K = torch.randint(-3, 4, (2, 3, 2, 2), generator=rng).float()
    assert_close(student.conv2d(X, K, padding=1), reference.conv2d(X, K, padding=1))


@pytest.mark.checks(
    en="A result doesn't depend on earlier calls.",
    zh="结果与之前的调用无关。",
)
def test_calls_are_independent(student, reference, rng):
    bias = torch.randn(3, generator=rng)
    for _ in range(2):
        X = torch.randn(1, 2, 5, 5, generator=rng)
        K = torch.randn(3, 2, 2, 3, generator=rng)
        assert_close(student.conv2d(X, K, bias), reference.conv2d(X, K, bias))


def assert_gradients_agree(student, reference, rng, wrt):
    X = torch.randn(2, 2, 5, 4, generator=rng)
    K = torch.randn(3, 2, 3, 2, generator=rng)
    bias = torch.randn(3, generator=rng)
    options = {"stride": (2, 1), "padding": (1, 0)}
    v = torch.randn(2, 3, 3, 3, generator=rng)
    # Values first: a gradient says nothing where they are wrong. On fewer pictures, so that a result that
    # is kept from this call doesn't stand in for the next one.
    fewer = (X[:1], K, bias)
    assert_close(student.conv2d(*fewer, **options), reference.conv2d(*fewer, **options))
    _, got = student.vjp("conv2d", (X, K, bias), options, cotangent=v, wrt=wrt)
    _, expected = reference.vjp("conv2d", (X, K, bias), options, cotangent=v, wrt=wrt)
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
