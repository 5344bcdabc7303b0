"""What a grader can ask of a submission: calls, gradients, objects, and arguments left alone."""

import pytest

from autograder.judge import student as student_module
from autograder.judge.result import Unsuccessful, Verdict
from autograder.judge.session import Judge
from autograder.judge.student import Student
from tests.judging import by_name, grade_one, verdicts

DOWN = "    def step(self): self.params[0].data -= self.lr * self.params[0].grad"


def scale(judge: Judge, body: str) -> dict[str, tuple[Verdict, str]]:
    source = f"import numpy as np\nimport torch\ndef scale(x, times=2.0):\n    {body}\n"
    tests = by_name(grade_one(judge, source, "scale"))
    return {name: (test.verdict, test.message) for name, test in tests.items()}


def descent(judge: Judge, methods: str) -> dict[str, tuple[Verdict, str]]:
    source = f"""
import torch
class Descent:
    def __init__(self, params, lr=0.5):
        self.params, self.lr, self.steps = params, lr, 0
{methods}
"""
    tests = by_name(grade_one(judge, source, "Descent"))
    return {name: (test.verdict, test.message) for name, test in tests.items()}


def test_an_argument_that_is_changed_in_place_is_a_wrong_answer(judge: Judge) -> None:
    assert scale(judge, "x *= times; return x")["test_values"] == (
        Verdict.WRONG_ANSWER,
        "scale changed argument 1 in place; work on a copy, the caller still needs it.",
    )


def test_an_argument_may_be_changed_where_the_grader_allows_it(judge: Judge) -> None:
    assert verdicts(grade_one(judge, "def clear(x): return x.zero_()", "clear")) == {
        "test_zeros": "passed"
    }
    assert verdicts(grade_one(judge, "def clear(x): return x * 0", "clear")) == {
        "test_zeros": "passed"
    }


def test_a_numpy_result_passes_where_no_gradient_is_asked_for(judge: Judge) -> None:
    tests = scale(judge, "return x.numpy() * times")
    assert tests["test_values"][0] is Verdict.PASSED
    assert tests["test_rows"][0] is Verdict.PASSED
    verdict, message = tests["test_gradient"]
    assert verdict is Verdict.ERROR  # NumPy itself refuses what requires a gradient
    assert "detach" in message


def test_float64_inside_passes(judge: Judge) -> None:
    tests = scale(judge, "return (x.double() * times).float()")
    assert {verdict for verdict, _ in tests.values()} == {Verdict.PASSED}


def test_a_gradient_that_is_cut_off_is_a_wrong_answer(judge: Judge) -> None:
    tests = scale(judge, "return x.detach() * times")
    assert tests["test_values"][0] is Verdict.PASSED
    verdict, message = tests["test_gradient"]
    assert verdict is Verdict.WRONG_ANSWER
    assert message.startswith("No gradient flows through scale: something like .item()")


def test_a_gradient_of_another_function_is_a_wrong_answer(judge: Judge) -> None:
    verdict, _ = scale(judge, "return (x * times).detach() + x - x.detach()")["test_gradient"]
    assert verdict is Verdict.WRONG_ANSWER


def test_an_output_of_another_shape_has_no_gradient_to_ask_for(judge: Judge) -> None:
    verdict, message = scale(judge, "return (x * times).sum(0)")["test_gradient"]
    assert (verdict, message) == (
        Verdict.WRONG_ANSWER,
        "scale returned an output of the wrong shape (3,).",
    )


def test_an_object_is_made_called_and_read(judge: Judge) -> None:
    tests = descent(
        judge,
        """
    def step(self):
        self.steps += 1
        for p in self.params:
            p.data.sub_(self.lr * p.grad)
""",
    )
    assert {verdict for verdict, _ in tests.values()} == {Verdict.PASSED}


@pytest.mark.parametrize(
    ("methods", "verdict", "message"),
    [
        ("    pass", Verdict.ERROR, "Descent.step raised AttributeError: "),
        ("    step = 3", Verdict.WRONG_ANSWER, "What your code returned isn't what was asked"),
        ("    def step(self): return 1 / 0", Verdict.ERROR, "Descent.step raised ZeroDivision"),
        ("    def step(self): return (i for i in ())", Verdict.WRONG_ANSWER, "Descent.step ret"),
        (
            "    def step(self): self.params[0].grad *= 2",
            Verdict.WRONG_ANSWER,
            "In `result[0]`: ",
        ),
        (
            "    steps = property(lambda self: 'many', lambda self, value: 0)\n" + DOWN,
            Verdict.WRONG_ANSWER,
            "In `result[1]`: ",
        ),
        (
            "    def step(self): pass\n    __getattribute__ = lambda self, name: 1 / 0",
            Verdict.ERROR,
            "Descent",
        ),
    ],
)
def test_an_object_fails_under_its_own_name(
    judge: Judge, methods: str, verdict: Verdict, message: str
) -> None:
    got, said = descent(judge, methods)["test_one_step"]
    assert got is verdict, said
    assert said.startswith(message)


def test_a_function_where_a_class_was_asked_for(judge: Judge) -> None:
    """What it returns is no object, or one that can't travel: never a judge fault."""
    for source in ("def Descent(params, lr=0.5): return 3", "def Descent(params, lr=0.5): pass"):
        result = grade_one(judge, source, "Descent")
        assert set(verdicts(result).values()) == {Verdict.WRONG_ANSWER}
        assert result.faults == []


def test_a_subclass_of_a_tensor_is_a_tensor(judge: Judge) -> None:
    tests = scale(judge, "return torch.nn.Parameter(x * times)")
    assert tests["test_values"][0] is Verdict.PASSED


def test_what_the_student_prints_is_no_part_of_the_answer(judge: Judge) -> None:
    tests = scale(judge, "print('loud ' * 10**6); return x * times")
    assert {verdict for verdict, _ in tests.values()} == {Verdict.PASSED}


def test_what_is_no_tensor_is_told_where_a_gradient_is_asked_for(judge: Judge) -> None:
    assert scale(judge, "return None")["test_gradient"] == (
        Verdict.WRONG_ANSWER,
        "scale returned None. Is a `return` missing?",
    )


@pytest.mark.parametrize("returned", ["torch.zeros(1 << 18)", "[None] * (1 << 15)"])
def test_what_is_returned_to_one_grader_is_limited_in_all(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, returned: str
) -> None:
    monkeypatch.setattr(student_module, "MOST_KEPT", 5 << 20)
    with judge.sandbox.worker() as worker:
        worker.run_cell(f"import torch\ndef much(): return {returned}", 0)
        student = Student(lambda: worker)
        kept = [student.much(), student.much()]
        with pytest.raises(Unsuccessful) as caught:
            kept += [student.much() for _ in range(4)]
    assert caught.value.verdict is Verdict.MEMORY_LIMIT
    assert "more than 5 MiB" in str(caught.value)
    assert len(kept) == 2
