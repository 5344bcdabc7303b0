"""Hidden graders for forward_pass (DL12 七 §2.1, §2.3)."""

import pytest
import torch

from autograder.judge.compare import assert_close, assert_finite

WALKTHROUGH = {
    "W1": [[0.15, 0.20], [0.25, 0.30]],
    "b1": [0.35, 0.35],
    "W2": [[0.40, 0.45], [0.50, 0.55]],
    "b2": [0.60, 0.60],
}
X = [0.05, 0.10]
ANSWER = {"h": [0.5932699921, 0.5968843783], "o": [0.7513650696, 0.7729284653]}


def tensors(values, dtype):
    return {name: torch.tensor(value, dtype=dtype) for name, value in values.items()}


def network(rng, n_in, n_hidden, n_out):
    return {
        "W1": torch.randn(n_hidden, n_in, generator=rng),
        "b1": torch.randn(n_hidden, generator=rng),
        "W2": torch.randn(n_out, n_hidden, generator=rng),
        "b2": torch.randn(n_out, generator=rng),
    }


@pytest.mark.checks(
    en="The walkthrough's hidden and output activations come out as the text prints them.",
    zh="对教材例题的网络，隐藏层与输出层的激活值与书上一致。",
)
@pytest.mark.source("DL12 七 §2.3", "T16")
def test_numbers_of_the_walkthrough(student):
    got = student.forward_pass(tensors(WALKTHROUGH, torch.float32), torch.tensor(X))
    assert_close(got, tensors(ANSWER, torch.float32), rtol=0, atol=1e-6)


@pytest.mark.checks(
    en="Given float64, the walkthrough's activations are right to ten places.",
    zh="输入为 float64 时，例题的激活值精确到小数点后十位。",
)
@pytest.mark.source("DL12 七 §2.3", "T16")
def test_ten_places_in_float64(student):
    x = torch.tensor(X, dtype=torch.float64)
    got = student.forward_pass(tensors(WALKTHROUGH, torch.float64), x)
    assert_close(got, tensors(ANSWER, torch.float64), rtol=0, atol=1e-10)


@pytest.mark.checks(
    en="Layers of any size work: narrow to wide, wide to narrow.",
    zh="各层大小任意：由窄到宽、由宽到窄都能算对。",
)
@pytest.mark.source("DL12 七 §2.1")
@pytest.mark.weight(2)
@pytest.mark.parametrize("sizes", [(3, 4, 2), (5, 2, 3)], ids=["3-4-2", "5-2-3"])
def test_layers_of_any_size(student, reference, rng, sizes):
    params, x = network(rng, *sizes), torch.randn(sizes[0], generator=rng)
    assert_close(student.forward_pass(params, x), reference.forward_pass(params, x))


@pytest.mark.checks(
    en="Two units in every layer, but nothing in the matrices or biases is alike.",
    zh="每层仍是两个单元，但矩阵和偏置里的数各不相同。",
)
@pytest.mark.source("DL12 七 §2.3")
def test_each_unit_has_its_own_weights_and_bias(student, reference, rng):
    params, x = network(rng, 2, 2, 2), torch.randn(2, generator=rng)
    assert_close(student.forward_pass(params, x), reference.forward_pass(params, x))


@pytest.mark.checks(
    en="A layer of a single unit still gives a vector, of one element.",
    zh="某层只有一个单元时，结果仍是长度为 1 的向量。",
)
@pytest.mark.parametrize(
    "sizes", [(1, 1, 1), (3, 1, 2), (2, 3, 1)], ids=["1-1-1", "3-1-2", "2-3-1"]
)
def test_a_layer_of_one_unit(student, reference, rng, sizes):
    params, x = network(rng, *sizes), torch.randn(sizes[0], generator=rng)
    assert_close(student.forward_pass(params, x), reference.forward_pass(params, x))


@pytest.mark.checks(
    en="Weighted sums in the hundreds saturate at 0 or 1 and give no NaN.",
    zh="加权和达到正负几百时，激活值饱和到 0 或 1，不出现 NaN。",
)
@pytest.mark.source("DL12 三 §2.1", "T09")
def test_saturated_units(student, reference, rng):
    params, x = network(rng, 2, 3, 2), torch.tensor([1.0, -1.0])
    params["b1"] = torch.tensor([150.0, -200.0, 0.5])
    params["b2"] = torch.tensor([-120.0, 180.0])
    got = student.forward_pass(params, x)
    assert_finite(got)
    assert_close(got, reference.forward_pass(params, x))


@pytest.mark.checks(
    en="An answer depends on this call's arguments only, not on earlier calls.",
    zh="结果只取决于本次调用的参数，与之前的调用无关。",
)
def test_earlier_calls_leave_no_trace(student, reference, rng):
    first, second = (
        (network(rng, 3, 2, 3), torch.randn(3, generator=rng)),
        (network(rng, 3, 2, 3), torch.randn(3, generator=rng)),
    )
    calls = [first, second, first]
    got = [student.forward_pass(*call) for call in calls]
    assert_close(got, [reference.forward_pass(*call) for call in calls])
