"""Hidden graders for adam_step (DL12 八 §4)."""

import pytest
import torch

from autograder.judge.compare import as_tensor, assert_close, assert_finite, assert_type, require


def pair(got):
    assert_type(got, tuple)
    require(
        len(got) == 2,
        "adam_step returns a pair: the new param and the new state.",
        "adam_step 应返回一对值：新的 param 和新的 state。",
    )
    return got


def step(side, param, grad, state, **options):
    """One step whose result counts, whatever it does to its inputs: other graders look at that."""
    return pair(side.call("adam_step", (param, grad, state), options, inplace=True, opaque=[1]))


def walk(side, param, grads, **options):
    """The parameter after each of several steps, the state handed on from one to the next."""
    state, path = {}, []
    for grad in grads:
        param, state = step(side, param, grad, state, **options)
        param = as_tensor(param)
        path.append(param)
    return path


def randn(rng, *shape):
    return torch.randn(*shape, generator=rng)


@pytest.mark.checks(
    en="The first step is about lr long for every element, whatever the gradient's size.",
    zh="无论梯度大小，第一步每个元素的步长都约等于 lr。",
)
@pytest.mark.source("DL12 八 §4", "T21")
def test_first_step(student, reference, rng):
    param = randn(rng, 2, 3)
    grad = torch.tensor([[1e-3, -2.0, 5.0], [-0.04, 300.0, -0.7]])
    assert_close(
        walk(student, param, [grad], lr=0.1),
        walk(reference, param, [grad], lr=0.1),
    )


@pytest.mark.checks(
    en="Eight steps follow the same path as torch.optim.Adam.",
    zh="连续八步与 torch.optim.Adam 走出的路径一致。",
)
@pytest.mark.source("DL12 八 §4", "T21")
@pytest.mark.weight(2)
def test_same_path_as_torch(student, rng):
    start, grads = randn(rng, 3, 2), [randn(rng, 3, 2) * 2.0**-k for k in range(8)]
    leaf = start.clone().requires_grad_()
    optimizer = torch.optim.Adam([leaf], lr=0.05)
    path = []
    for grad in grads:
        leaf.grad = grad
        optimizer.step()
        path.append(leaf.detach().clone())
    assert_close(walk(student, start, grads, lr=0.05), path)


@pytest.mark.checks(
    en="Left out, lr, betas and eps take their usual values.",
    zh="省略 lr、betas、eps 时取通常的默认值。",
)
@pytest.mark.source("DL12 八 §4", "T21")
def test_defaults(student, reference, rng):
    param = 1e-3 * randn(rng, 4)
    grads = [randn(rng, 4) for _ in range(3)]
    got, expected = walk(student, param, grads), walk(reference, param, grads)
    assert_close(got, expected, atol=1e-7)


@pytest.mark.checks(
    en="lr, betas and eps given in the call are the ones used.",
    zh="调用时给出的 lr、betas、eps 都要用上。",
)
@pytest.mark.source("DL12 八 §4")
@pytest.mark.parametrize(
    "options",
    [{"lr": 0.3}, {"lr": 0.1, "betas": (0.7, 0.95)}, {"lr": 0.1, "eps": 0.2}],
    ids=["lr", "betas", "eps"],
)
def test_options(student, reference, rng, options):
    param, grads = randn(rng, 2, 4), [randn(rng, 2, 4) for _ in range(4)]
    assert_close(walk(student, param, grads, **options), walk(reference, param, grads, **options))


@pytest.mark.checks(
    en="Gradients as small as eps are weighed against eps exactly as the formula says.",
    zh="梯度小到与 eps 相当时，eps 的作用与公式完全一致。",
)
@pytest.mark.source("DL12 八 §4")
def test_tiny_gradients(student, reference, rng):
    param = 0.1 * randn(rng, 4)
    grad = torch.tensor([3e-8, -1e-8, 4e-9, -2e-7])
    grads = [grad, 0.5 * grad, -2 * grad]
    assert_close(walk(student, param, grads, lr=0.1), walk(reference, param, grads, lr=0.1))


@pytest.mark.checks(
    en="A gradient of zero moves nothing at the first step and never gives NaN.",
    zh="梯度为零时，第一步不动，也不会出现 NaN。",
)
@pytest.mark.source("DL12 八 §4")
def test_zero_gradient(student, reference, rng):
    param = randn(rng, 3)
    grads = [torch.tensor(g) for g in ([0.0, 0.0, 0.0], [0.0, 1.5, 0.0], [0.0, 0.0, -0.5])]
    got = walk(student, param, grads, lr=0.1)
    assert_finite(got)
    assert_close(got, walk(reference, param, grads, lr=0.1))


@pytest.mark.checks(
    en="A parameter of one element, or of three axes, works like any other.",
    zh="只有一个元素的参数、三维的参数同样适用。",
)
@pytest.mark.parametrize("shape", [(1,), (2, 1, 3)], ids=["1", "2-1-3"])
def test_any_shape(student, reference, rng, shape):
    param, grads = randn(rng, *shape), [randn(rng, *shape) for _ in range(3)]
    assert_close(walk(student, param, grads, lr=0.1), walk(reference, param, grads, lr=0.1))


@pytest.mark.checks(
    en="Two parameters stepped in turns, each with its own state, don't disturb each other.",
    zh="两个参数轮流更新、各带自己的 state，互不影响。",
)
@pytest.mark.source("DL12 八 §4")
def test_two_parameters_in_turns(student, reference, rng):
    start = [randn(rng, 2, 2), randn(rng, 2, 2)]
    rounds = [(randn(rng, 2, 2), 10 * randn(rng, 2, 2)) for _ in range(3)]

    def in_turns(side):
        params, states, path = list(start), [{}, {}], []
        for grads in rounds:
            for i, grad in enumerate(grads):
                params[i], states[i] = step(side, params[i], grad, states[i], lr=0.1)
                params[i] = as_tensor(params[i])
                path.append(params[i])
        return path

    assert_close(in_turns(student), in_turns(reference))


@pytest.mark.checks(
    en="Going back to an old state and stepping again gives the same step again.",
    zh="退回到旧的 state 再走一步，得到同样的结果。",
)
def test_an_old_state_still_works(student, reference, rng):
    param, (first, second, third) = randn(rng, 3), (randn(rng, 3) for _ in range(3))

    def there_and_back(side):
        one, state = step(side, param, first, {}, lr=0.1)
        one = as_tensor(one)
        paths = [step(side, one, grad, state, lr=0.1)[0] for grad in (second, third, second)]
        return [one, *paths, step(side, param, first, {}, lr=0.1)[0]]

    assert_close(there_and_back(student), there_and_back(reference))


@pytest.mark.checks(
    en="The param and the grad handed in are as they were afterwards.",
    zh="传入的 param 与 grad 在调用之后保持原样。",
)
def test_param_and_grad_stay_as_they_were(student, rng):
    given = [randn(rng, 2, 3), randn(rng, 2, 3)]
    param, grad = (student.put(tensor) for tensor in given)
    step(student, param, grad, {}, lr=0.1)
    assert_close([student.get(param), student.get(grad)], given)


@pytest.mark.checks(
    en="The state handed in is as it was afterwards: neither its tensors nor its count has changed.",
    zh="传入的 state 在调用之后保持原样：其中的张量和步数都不变。",
)
def test_state_stays_as_it_was(student, reference, rng):
    start, grads = randn(rng, 2, 3), [randn(rng, 2, 3) for _ in range(3)]

    def strictly(side):
        param, state, path = start, {}, []
        for grad in grads:
            given = (param, grad, state)
            param, state = pair(side.call("adam_step", given, {"lr": 0.1}, opaque=[1]))
            param = as_tensor(param)
            path.append(param)
        return path

    assert_close(strictly(student), strictly(reference))
