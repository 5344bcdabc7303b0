"""Which misconception is named, and when none is."""

import pytest
import torch

from autograder.course import Misconception
from autograder.judge.hints import by_verdict, choose, same
from autograder.judge.result import Verdict
from autograder.judge.session import Judge
from autograder.judge.transcript import Event
from autograder.text import Text
from tests.judging import by_name, grade_one, variant


def hints(judge: Judge, source: str, *exercises: str) -> dict[str, str]:
    """The hint of every test that failed."""
    tests = by_name(grade_one(judge, source, *exercises))
    return {name: test.hint for name, test in tests.items() if test.verdict != "passed"}


def a_misconception(name: str, verdict: str = "wrong answer") -> Misconception:
    return Misconception(name, Text(f"You {name}.", f"你{name}。"), verdict, print)  # type: ignore[arg-type]


def test_the_misconception_that_gives_the_same_is_named(judge: Judge) -> None:
    assert hints(judge, "def scale(x, times=2.0):\n    return x ** 2", "scale") == {
        "test_values": "You squared x.",
        "test_rows": "You squared x.",
        "test_gradient": "You squared x.",
    }
    assert hints(judge, "def scale(x, times=2.0):\n    return x + x", "scale") == {
        "test_values": "You ignored times.",
        "test_gradient": "You ignored times.",
    }


def test_the_hint_is_told_in_the_language_of_the_result(judge: Judge) -> None:
    spoken = variant(judge, language="zh")
    told = hints(spoken, "def scale(x, times=2.0):\n    return x + x", "scale")
    assert set(told.values()) == {"你忽略了 times。"}


def test_a_lost_gradient_is_recognised(judge: Judge) -> None:
    source = "def scale(x, times=2.0):\n    return x.clone().detach() * times"
    assert hints(judge, source, "scale") == {"test_gradient": "You cut the gradient off."}


def test_a_forbidden_operation_gets_the_hint_of_its_verdict(judge: Judge) -> None:
    source = "import torch\ndef scale(x, times=2.0):\n    return torch.cumsum(x, 1)"
    assert set(hints(judge, source, "scale").values()) == {"Write the sum yourself."}


@pytest.mark.parametrize(
    "body",
    ["return x * times + 1e-2", "return x[0]", "return None", "1 / 0", "while times == 3.0: pass"],
)
def test_no_hint_is_given_when_no_misconception_fits(judge: Judge, body: str) -> None:
    told = hints(judge, f"def scale(x, times=2.0):\n    {body}", "scale")
    assert set(told.values()) == {""}


def test_no_hint_is_given_when_the_course_wants_none(judge: Judge) -> None:
    silent = variant(judge, hints=False)
    told = hints(silent, "def scale(x, times=2.0):\n    return x * x", "scale")
    assert set(told.values()) == {""}


def test_objects_with_a_state_are_recognised_whatever_their_class_is_called(judge: Judge) -> None:
    """The misconceptions' classes have other names than the student's."""
    source = """
    import torch

    class MyDescent:
        def __init__(self, params, lr=0.5):
            self.params, self.lr, self.steps = list(params), lr, 0

        def step(self):
            {count}
            for p in self.params:
                p.data = p.data {sign} self.lr * p.grad

    Descent = MyDescent
    """
    uphill = source.format(count="self.steps += 1", sign="+")
    assert hints(judge, uphill, "Descent") == {"test_one_step": "You walk uphill."}
    uncounted = source.format(count="pass", sign="-")
    assert hints(judge, uncounted, "Descent") == {
        "test_one_step": "You forgot to count.",
        "test_counts": "You forgot to count.",
    }


def test_two_mistakes_at_once_are_neither(judge: Judge) -> None:
    source = """
    class Descent:
        def __init__(self, params, lr=0.5):
            self.params, self.lr, self.steps = params, lr, 0
        def step(self):
            for p in self.params:
                p.data += self.lr * p.grad
    """
    assert hints(judge, source, "Descent")["test_one_step"] == ""


def test_of_several_the_one_that_explains_most_failures_is_chosen() -> None:
    known = [a_misconception("a"), a_misconception("b"), a_misconception("c")]
    chosen = choose([["a", "b"], ["b"], [], ["a"], ["b", "c"]], known)
    assert [text.en if text else None for text in chosen] == [
        "You b.",
        "You b.",
        None,
        "You a.",
        "You b.",
    ]


def test_of_equals_the_one_that_was_written_first_is_chosen() -> None:
    known = [a_misconception("b"), a_misconception("a")]
    (chosen,) = choose([["a", "b"]], known)
    assert chosen is not None
    assert chosen.en == "You b."


def test_verdicts_that_say_it_all_pick_the_misconceptions_that_fail_by_them() -> None:
    known = [a_misconception("a"), a_misconception("b", "over budget")]
    assert by_verdict(known, Verdict.OVER_BUDGET) == ["b"]
    assert by_verdict(known, Verdict.WRONG_ANSWER) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [
        ([Event("call f", torch.ones(2))], [Event("call f", torch.ones(2))], True),
        ([Event("call f", torch.ones(2))], [Event("call f", torch.ones(2) + 1e-7)], True),
        ([Event("call f", torch.tensor([float("nan")]))] * 2,
         [Event("call f", torch.tensor([float("nan")]))] * 2, True),
        ([Event("call f", torch.ones(2))], [Event("call g", torch.ones(2))], False),
        ([Event("call f", torch.ones(2))], [Event("call f", torch.ones(3))], False),
        ([Event("call f", 1)], [Event("call f", 1), Event("call f", 1)], False),
        ([Event("call f", failed=(Verdict.ERROR, "E"))],
         [Event("call f", failed=(Verdict.ERROR, "E"))], True),
        ([Event("call f", failed=(Verdict.ERROR, "E"))],
         [Event("call f", failed=(Verdict.ERROR, "F"))], False),
        ([Event("call f", 2**200)], [Event("call f", 2**300)], False),
        ([Event("call f", {"a": object()})], [Event("call f", {"a": object()})], False),
    ],
)  # fmt: skip
def test_transcripts_are_compared_event_by_event(
    ours: list[Event], theirs: list[Event], equal: bool
) -> None:
    assert same(ours, theirs) is equal
