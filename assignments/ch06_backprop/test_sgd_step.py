"""Hidden graders for sgd_step (DL12 七 §1, §2.3)."""

import pytest
import torch

from autograder.judge.compare import assert_close

WALKTHROUGH = {
    "W1": [[0.15, 0.20], [0.25, 0.30]],
    "b1": [0.35, 0.35],
    "W2": [[0.40, 0.45], [0.50, 0.55]],
    "b2": [0.60, 0.60],
}
GRADS = {
    "W1": [[0.0004385677, 0.0008771355], [0.0004977127, 0.0009954255]],
    "b1": [0.0087713547, 0.0099542547],
    "W2": [[0.0821670406, 0.0826676278], [-0.0226025405, -0.0227402422]],
    "b2": [0.1384985616, -0.0380982365],
}
ANSWER = {
    "W1": [[0.1497807161, 0.1995614323], [0.2497511436, 0.2995022873]],
    "b1": [0.3456143227, 0.3450228726],
    "W2": [[0.3589164797, 0.4086661861], [0.5113012702, 0.5613701211]],
    "b2": [0.5307507192, 0.6190491183],
}


def tensors(values):
    return {name: torch.tensor(value, dtype=torch.float64) for name, value in values.items()}


def like_network(rng, n_in, n_hidden, n_out):
    """Random tensors in the shapes of a network's parameters, or of their gradients."""
    return {
        "W1": torch.randn(n_hidden, n_in, generator=rng),
        "b1": torch.randn(n_hidden, generator=rng),
        "W2": torch.randn(n_out, n_hidden, generator=rng),
        "b2": torch.randn(n_out, generator=rng),
    }


def step(student, params, grads, lr):
    """One step whose result counts, whatever it does to its inputs: one grader looks at that."""
    return student.call("sgd_step", (params, grads, lr), {}, inplace=True)


@pytest.mark.checks(
    en="After one step the walkthrough's weights and biases are right to ten places.",
    zh="更新一步之后，例题的权重和偏置精确到小数点后十位。",
)
@pytest.mark.source("DL12 七 §2.3", "T16")
def test_numbers_of_the_walkthrough(student):
    got = step(student, tensors(WALKTHROUGH), tensors(GRADS), 0.5)
    assert_close(got, tensors(ANSWER), rtol=0, atol=1e-10)


@pytest.mark.checks(
    en="Every weight and every bias takes its step, in layers of any size.",
    zh="各层大小任意，每个权重、每个偏置都要更新。",
)
@pytest.mark.source("DL12 七 §1")
@pytest.mark.weight(2)
@pytest.mark.parametrize("sizes", [(3, 4, 2), (1, 1, 1)], ids=["3-4-2", "1-1-1"])
def test_every_parameter_steps(student, reference, rng, sizes):
    params, grads = like_network(rng, *sizes), like_network(rng, *sizes)
    got = step(student, params, grads, 0.3)
    assert_close(got, reference.sgd_step(params, grads, 0.3))


@pytest.mark.checks(
    en="The length of the step follows the learning rate; a rate of 0 moves nothing.",
    zh="步长由学习率决定；学习率为 0 时参数不动。",
)
@pytest.mark.source("DL12 七 §1")
def test_the_learning_rate_sets_the_length(student, reference, rng):
    params, grads = like_network(rng, 2, 3, 4), like_network(rng, 2, 3, 4)
    rates = [2.0, 1e-2, 0.0]
    got = [step(student, params, grads, lr) for lr in rates]
    assert_close(got, [reference.sgd_step(params, grads, lr) for lr in rates])


@pytest.mark.checks(
    en="A gradient belongs to the parameter of the same name, in whatever order the dict lists it.",
    zh="梯度按名字对应参数，与字典中的先后顺序无关。",
)
def test_gradients_are_found_by_name(student, reference, rng):
    params, grads = like_network(rng, 3, 3, 3), like_network(rng, 3, 3, 3)
    grads = {name: grads[name] for name in ("W2", "b2", "W1", "b1")}
    got = step(student, params, grads, 0.3)
    assert_close(got, reference.sgd_step(params, grads, 0.3))


@pytest.mark.checks(
    en="The params and grads handed in are as they were afterwards.",
    zh="传入的 params 与 grads 在调用之后保持原样。",
)
def test_inputs_stay_as_they_were(student, reference, rng):
    params, grads = like_network(rng, 3, 2, 4), like_network(rng, 3, 2, 4)
    got = student.sgd_step(params, grads, 0.3)
    assert_close(got, reference.sgd_step(params, grads, 0.3))


@pytest.mark.checks(
    en="Plain gradient descent remembers nothing: earlier steps don't change this one.",
    zh="普通梯度下降没有记忆：之前的更新不影响这一步。",
)
def test_earlier_steps_leave_no_trace(student, reference, rng):
    calls = [(like_network(rng, 2, 3, 2), like_network(rng, 2, 3, 2), 0.3) for _ in range(2)]
    calls.append(calls[0])
    got = [step(student, *call) for call in calls]
    assert_close(got, [reference.sgd_step(*call) for call in calls])
