"""Hidden graders for backward_pass (DL12 七 §2.2, §2.3)."""

import pytest
import torch

from autograder.judge.compare import assert_close, assert_finite

WALKTHROUGH = {
    "W1": [[0.15, 0.20], [0.25, 0.30]],
    "b1": [0.35, 0.35],
    "W2": [[0.40, 0.45], [0.50, 0.55]],
    "b2": [0.60, 0.60],
}
X, TARGET = [0.05, 0.10], [0.01, 0.99]
ANSWER = {
    "W1": [[0.0004385677, 0.0008771355], [0.0004977127, 0.0009954255]],
    "b1": [0.0087713547, 0.0099542547],
    "W2": [[0.0821670406, 0.0826676278], [-0.0226025405, -0.0227402422]],
    "b2": [0.1384985616, -0.0380982365],
}


def tensors(values, dtype):
    return {name: torch.tensor(value, dtype=dtype) for name, value in values.items()}


def network(rng, n_in, n_hidden, n_out):
    return {
        "W1": torch.randn(n_hidden, n_in, generator=rng),
        "b1": torch.randn(n_hidden, generator=rng),
        "W2": torch.randn(n_out, n_hidden, generator=rng),
        "b2": torch.randn(n_out, generator=rng),
    }


def sample(rng, n_in, n_out):
    return torch.randn(n_in, generator=rng), torch.rand(n_out, generator=rng)


@pytest.mark.checks(
    en="The walkthrough's gradients, of all weights and biases, are the text's.",
    zh="例题中全部权重与偏置的梯度与教材一致。",
)
@pytest.mark.source("DL12 七 §2.3", "T16")
def test_numbers_of_the_walkthrough(student):
    got = student.backward_pass(
        tensors(WALKTHROUGH, torch.float32), torch.tensor(X), torch.tensor(TARGET)
    )
    assert_close(got, tensors(ANSWER, torch.float32), rtol=0, atol=1e-6)


@pytest.mark.checks(
    en="Given float64, the walkthrough's gradients are right to ten places.",
    zh="输入为 float64 时，例题的梯度精确到小数点后十位。",
)
@pytest.mark.source("DL12 七 §2.3", "T16")
def test_ten_places_in_float64(student):
    x, target = (torch.tensor(v, dtype=torch.float64) for v in (X, TARGET))
    got = student.backward_pass(tensors(WALKTHROUGH, torch.float64), x, target)
    assert_close(got, tensors(ANSWER, torch.float64), rtol=0, atol=1e-10)


@pytest.mark.checks(
    en="A unit whose weighted sum is 0 passes back the slope the chain-rule example finds.",
    zh="加权和为 0 的单元，传回的斜率与链式法则例题的结果一致。",
)
@pytest.mark.source("DL12 七 §2.2", "T15")
def test_slope_of_a_unit_at_zero(student):
    # The hidden unit is driven to 1, so that the output unit is f(x; w, b) at x = 1, w = b = 0;
    # with this target o - t is 1, and dE/dw and dE/db are f's own slopes.
    params = tensors({"W1": [[2.0]], "b1": [40.0], "W2": [[0.0]], "b2": [0.0]}, torch.float32)
    got = student.backward_pass(params, torch.tensor([0.3]), torch.tensor([-0.5]))
    answer = {"W1": [[0.0]], "b1": [0.0], "W2": [[0.25]], "b2": [0.25]}
    assert_close(got, tensors(answer, torch.float32))


@pytest.mark.checks(
    en="Two units in every layer, but nothing in the matrices or biases is alike.",
    zh="每层仍是两个单元，但矩阵和偏置里的数各不相同。",
)
@pytest.mark.source("DL12 七 §2.3")
def test_no_symmetry_to_lean_on(student, reference, rng):
    call = network(rng, 2, 2, 2), *sample(rng, 2, 2)
    assert_close(student.backward_pass(*call), reference.backward_pass(*call))


@pytest.mark.checks(
    en="Layers of any size work, and each gradient has its parameter's shape.",
    zh="各层大小任意，且每个梯度与对应参数形状相同。",
)
@pytest.mark.source("DL12 七 §2.3")
@pytest.mark.weight(2)
@pytest.mark.parametrize("sizes", [(3, 4, 2), (2, 5, 3)], ids=["3-4-2", "2-5-3"])
def test_layers_of_any_size(student, reference, rng, sizes):
    call = network(rng, *sizes), *sample(rng, sizes[0], sizes[2])
    assert_close(student.backward_pass(*call), reference.backward_pass(*call))


@pytest.mark.checks(
    en="E is half the sum of squared errors, however many outputs there are.",
    zh="无论有多少个输出，E 都是误差平方和的一半。",
)
@pytest.mark.source("DL12 七 §2.3")
@pytest.mark.parametrize("n_out", [1, 4], ids=["one", "four"])
def test_error_is_half_the_sum(student, reference, rng, n_out):
    call = network(rng, n_out, n_out, n_out), *sample(rng, n_out, n_out)
    assert_close(student.backward_pass(*call), reference.backward_pass(*call))


@pytest.mark.checks(
    en="The gradients equal what autograd finds for the same error.",
    zh="梯度与自动求导对同一误差求得的结果一致。",
)
@pytest.mark.source("DL12 七 §2.3")
def test_agrees_with_autograd(student, rng):
    params, (x, target) = network(rng, 4, 3, 3), sample(rng, 4, 3)
    leaves = {name: value.clone().requires_grad_() for name, value in params.items()}
    h = torch.sigmoid(leaves["W1"] @ x + leaves["b1"])
    o = torch.sigmoid(leaves["W2"] @ h + leaves["b2"])
    (0.5 * (o - target).square().sum()).backward()
    got = student.backward_pass(params, x, target)
    assert_close(got, {name: leaf.grad for name, leaf in leaves.items()})


@pytest.mark.checks(
    en="Saturated units, with weighted sums in the hundreds, stop the gradient without NaN.",
    zh="加权和达到正负几百的饱和单元会使梯度消失，但不产生 NaN。",
)
@pytest.mark.source("DL12 三 §2.1", "T09")
def test_saturated_units(student, reference, rng):
    params, (x, target) = network(rng, 2, 3, 2), sample(rng, 2, 2)
    params["b1"] = torch.tensor([150.0, -200.0, 0.5])
    params["b2"] = torch.tensor([-120.0, 0.25])
    got = student.backward_pass(params, x, target)
    assert_finite(got)
    assert_close(got, reference.backward_pass(params, x, target))


@pytest.mark.checks(
    en="Gradients are this call's alone: nothing adds up from one call to the next.",
    zh="梯度只属于本次调用，不会在多次调用之间累加。",
)
def test_earlier_calls_leave_no_trace(student, reference, rng):
    first, second = ((network(rng, 3, 2, 3), *sample(rng, 3, 3)) for _ in range(2))
    calls = [first, second, first]
    got = [student.backward_pass(*call) for call in calls]
    assert_close(got, [reference.backward_pass(*call) for call in calls])
