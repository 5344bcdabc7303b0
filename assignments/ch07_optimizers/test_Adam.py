"""Hidden graders for Adam (DL12 八 §4)."""

import pytest
import torch

from autograder.judge.compare import assert_close, assert_finite, require


def run(side, tensors, rounds, clear=False, **options):
    """Every parameter after each round of gradients; None leaves a parameter without one."""
    params = [side.put(tensor, requires_grad=True) for tensor in tensors]
    optimizer = side.Adam(params, **options)
    seen = []
    for grads in rounds:
        if clear:
            optimizer.zero_grad()
        for param, grad in zip(params, grads, strict=True):
            param.grad = grad
        optimizer.step()
        seen.append([side.get(param) for param in params])
    return seen


def randn(rng, *shape):
    return torch.randn(*shape, generator=rng)


@pytest.mark.checks(
    en="step() changes the very tensors it was given, by about lr at the first step.",
    zh="step() 就地修改传入的张量，第一步每个元素约移动 lr。",
)
@pytest.mark.source("DL12 八 §4", "T21")
def test_first_step_in_place(student, reference, rng):
    param, grad = randn(rng, 2, 3), torch.tensor([[1e-3, -2.0, 5.0], [-0.04, 300.0, -0.7]])
    got, expected = (run(side, [param], [[grad]], lr=0.1) for side in (student, reference))
    assert_close(got, expected)


@pytest.mark.checks(
    en="Eight steps of two parameters follow the same path as torch.optim.Adam.",
    zh="两个参数连续八步，与 torch.optim.Adam 走出的路径一致。",
)
@pytest.mark.source("DL12 八 §4", "T21")
@pytest.mark.weight(2)
def test_same_path_as_torch(student, rng):
    start = [randn(rng, 3, 2), randn(rng, 4)]
    rounds = [[randn(rng, 3, 2) * 2.0**-k, randn(rng, 4) * 2.0**k] for k in range(8)]
    leaves = [tensor.clone().requires_grad_() for tensor in start]
    optimizer = torch.optim.Adam(leaves, lr=0.05)
    path = []
    for grads in rounds:
        for leaf, grad in zip(leaves, grads, strict=True):
            leaf.grad = grad.clone()
        optimizer.step()
        path.append([leaf.detach().clone() for leaf in leaves])
    assert_close(run(student, start, rounds, lr=0.05), path)


@pytest.mark.checks(
    en="lr, betas and eps are those of the constructor, or the usual defaults.",
    zh="lr、betas、eps 取构造时给出的值，省略时取通常的默认值。",
)
@pytest.mark.source("DL12 八 §4")
@pytest.mark.parametrize(
    "options",
    [{}, {"lr": 0.3}, {"lr": 0.1, "betas": (0.7, 0.95)}, {"lr": 0.1, "eps": 0.2}],
    ids=["defaults", "lr", "betas", "eps"],
)
def test_options(student, reference, rng, options):
    start = [1e-3 * randn(rng, 2, 4)]
    rounds = [[randn(rng, 2, 4)] for _ in range(4)]
    got, expected = (run(side, start, rounds, **options) for side in (student, reference))
    assert_close(got, expected, atol=1e-4 * options.get("lr", 1e-3))


@pytest.mark.checks(
    en="Gradients as small as eps are weighed against eps exactly as the formula says; "
    "a gradient of zero gives no NaN.",
    zh="梯度小到与 eps 相当时，eps 的作用与公式完全一致；梯度为零时不出现 NaN。",
)
@pytest.mark.source("DL12 八 §4")
def test_tiny_and_zero_gradients(student, reference, rng):
    start = [0.1 * randn(rng, 4)]
    grad = torch.tensor([3e-8, -1e-8, 0.0, -2e-7])
    rounds = [[grad], [0.5 * grad], [-2 * grad]]
    got = run(student, start, rounds, lr=0.1)
    assert_finite(got)
    assert_close(got, run(reference, start, rounds, lr=0.1))


@pytest.mark.checks(
    en="Parameters of the same shape each keep averages of their own.",
    zh="形状相同的参数各自保存自己的滑动平均。",
)
@pytest.mark.source("DL12 八 §4")
def test_parameters_of_one_shape(student, reference, rng):
    start = [randn(rng, 2, 2) for _ in range(3)]
    rounds = [[randn(rng, 2, 2) * 10.0**k for k in range(3)] for _ in range(3)]
    got, expected = (run(side, start, rounds, lr=0.1) for side in (student, reference))
    assert_close(got, expected)


@pytest.mark.checks(
    en="A parameter whose grad is None stays where it is, and its averages and its own count of "
    "steps wait.",
    zh="grad 为 None 的参数保持不动，它的滑动平均和步数计数也都暂停。",
)
@pytest.mark.source("DL12 八 §4")
@pytest.mark.weight(2)
def test_parameters_without_gradient_rest(student, reference, rng):
    start = [randn(rng, 3), randn(rng, 3), randn(rng, 2)]

    def grads(*present):
        return [randn(rng, *t.shape) if p else None for t, p in zip(start, present, strict=True)]

    rounds = [grads(1, 1, 0), grads(1, 0, 0), grads(0, 1, 0), grads(1, 1, 1)]
    got, expected = (run(side, start, rounds, lr=0.1) for side in (student, reference))
    assert_close(got, expected)


@pytest.mark.checks(
    en="step() neither clears nor changes the gradients: a second step uses them again.",
    zh="step() 不清零、不修改梯度：再调用一次会再次用到它们。",
)
def test_step_leaves_the_gradients(student, reference, rng):
    start, grad = randn(rng, 3), randn(rng, 3)

    def twice(side):
        param = side.put(start, requires_grad=True)
        optimizer = side.Adam([param], lr=0.1)
        param.grad = grad
        seen = []
        for _ in range(3):
            optimizer.step()
            seen.append([side.get(param), param.grad])
        return seen

    assert_close(twice(student), twice(reference))


@pytest.mark.checks(
    en="zero_grad() leaves every grad None or zero, also where it was None before.",
    zh="zero_grad() 之后每个 grad 为 None 或全零，原来就是 None 的也不出错。",
)
def test_zero_grad(student, rng):
    start = [randn(rng, 2), randn(rng, 3)]
    params = [student.put(tensor, requires_grad=True) for tensor in start]
    optimizer = student.Adam(params, lr=0.1)
    params[0].grad = randn(rng, 2)
    optimizer.zero_grad()
    for param, tensor in zip(params, start, strict=True):
        grad = param.grad
        if grad is not None:
            assert_close(grad, torch.zeros_like(tensor))
        assert_close(student.get(param), tensor)


@pytest.mark.checks(
    en="zero_grad() before each step, as in a training loop, keeps the averages and the count.",
    zh="像训练循环那样每步之前调用 zero_grad()，滑动平均与步数都不丢。",
)
def test_zero_grad_keeps_the_averages(student, reference, rng):
    start = [randn(rng, 3)]
    rounds = [[randn(rng, 3)] for _ in range(4)]
    got, expected = (run(side, start, rounds, clear=True, lr=0.1) for side in (student, reference))
    assert_close(got, expected)


@pytest.mark.checks(
    en="Two optimizers at work at the same time share nothing.",
    zh="同时使用的两个优化器互不共享任何东西。",
)
def test_two_optimizers_share_nothing(student, reference, rng):
    start = [randn(rng, 3), randn(rng, 3)]
    rounds = [[randn(rng, 3), 10 * randn(rng, 3)] for _ in range(3)]

    def side_by_side(side):
        params = [side.put(tensor, requires_grad=True) for tensor in start]
        optimizers = [side.Adam([param], lr=0.1) for param in params]
        seen = []
        for grads in rounds:
            for param, optimizer, grad in zip(params, optimizers, grads, strict=True):
                param.grad = grad
                optimizer.step()
            seen.append([side.get(param) for param in params])
        return seen

    assert_close(side_by_side(student), side_by_side(reference))


@pytest.mark.checks(
    en="After a step the parameters still require gradients.",
    zh="更新之后参数仍然需要求梯度（requires_grad 不变）。",
)
def test_parameters_still_require_gradients(student, rng):
    param = student.put(randn(rng, 3), requires_grad=True)
    optimizer = student.Adam([param], lr=0.1)
    param.grad = randn(rng, 3)
    optimizer.step()
    require(
        param.requires_grad is True,
        "After step() the parameter no longer requires gradients.",
        "step() 之后参数不再需要梯度了。",
    )
