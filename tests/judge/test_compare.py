"""What the helpers of a grader accept, refuse and say."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from autograder.config import load_config
from autograder.judge.compare import (
    CompareSettings,
    as_tensor,
    assert_close,
    assert_equal,
    assert_finite,
    assert_shape,
    assert_type,
    require,
    using,
    wrong,
)
from autograder.judge.result import Verdict, WrongAnswer
from autograder.judge.tolerance import DEFAULT_TOLERANCES, Pair
from autograder.text import Text

# How fast a test runs says nothing about the code here.
at_leisure = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

DTYPES = [
    *(torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64),
    *(torch.complex128, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8),
    *(torch.bool, torch.uint16, torch.uint32, torch.uint64),
]


def refusal(helper: Any, *args: Any, **kwargs: Any) -> str:
    """The English message of the wrong answer that the helper must raise."""
    with pytest.raises(WrongAnswer) as caught:
        helper(*args, **kwargs)
    assert caught.value.verdict is Verdict.WRONG_ANSWER
    assert caught.value.message.zh.strip()
    return caught.value.message.en


def outcome(helper: Any, *args: Any) -> Text | None:
    """The message of the wrong answer, None when the helper passes; anything else goes through."""
    try:
        helper(*args)
    except WrongAnswer as caught:
        return caught.message
    return None


# What a worker can send, and more: the judge builds the type, the student chooses the rest.
shapes = npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
arrays = st.one_of(
    *(
        npst.arrays(dtype, shapes)
        for dtype in (
            *(np.float64, np.float32, np.float16, np.complex64, np.int64, np.uint64, np.int8),
            *(np.bool_, np.dtype("U3"), np.dtype("S3"), np.dtype(">f4"), np.dtype("M8[s]")),
        )
    ),
    npst.arrays(np.dtype(object), shapes, elements=st.none() | st.integers() | st.text()),
)


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(shapes)
    values = draw(npst.arrays(np.float64, shape, elements=st.floats(-1e6, 1e6) | st.just(np.nan)))
    if "int" in str(dtype):
        values = np.asarray(np.nan_to_num(values))
    return torch.from_numpy(values).to(dtype)


scalars = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.integers(-9, 9).map(lambda n: n * 10**5000)),
    *(st.floats(), st.complex_numbers(), st.text(), st.binary(), st.sampled_from(DTYPES)),
    st.builds(np.float16, st.floats(width=16)),
    st.builds(object),
)
values = st.recursive(
    scalars | arrays | tensors(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text() | st.integers() | st.none(), inner, max_size=3),
        st.sets(st.integers() | st.text() | st.floats(), max_size=3),
    ),
    max_leaves=8,
)


EXPECTED = [
    torch.tensor([[1.0, -2.0, 3.0]]),
    torch.tensor(3, dtype=torch.int64),
    torch.tensor([True, False]),
    torch.zeros(0, 3),
    torch.tensor([1 + 2j]),
    np.array([1.5, np.nan], dtype=np.float16),
    (torch.ones(2), torch.ones(2, 2)),
    [1.0, 2.0],
    {"W1": torch.ones(2), "b1": 3.0},
    *(0, 0.5, True, None, "max", {1, 2}, torch.float32, 10**400),
]


class TestAnyValue:
    """No value that a student returns makes a helper raise anything but a wrong answer."""

    @at_leisure
    @given(values, st.sampled_from(EXPECTED), st.booleans())
    def test_comparing_passes_or_is_a_wrong_answer(
        self, got: Any, expected: Any, show_values: bool
    ) -> None:
        with using(CompareSettings(show_values=show_values)):
            for helper in (assert_close, assert_equal):
                message = outcome(helper, got, expected)
                assert message is None or (message.en.strip() and message.zh.strip())

    @at_leisure
    @given(values)
    def test_the_other_helpers_pass_or_are_a_wrong_answer(self, got: Any) -> None:
        for helper, *args in (
            (assert_shape, (2, 3)),
            (assert_finite,),
            (assert_type, torch.Tensor),
            (assert_type, (int, str)),
            (as_tensor,),
        ):
            message = outcome(helper, got, *args)
            assert message is None or (message.en.strip() and message.zh.strip())

    @pytest.mark.parametrize("helper", [assert_close, assert_equal])
    def test_a_hundred_levels_of_nesting_are_compared(self, helper: Any) -> None:
        expected: Any = torch.ones(2)
        got: Any = torch.zeros(2)
        for _ in range(100):
            expected, got = [expected], [got]
        helper(expected, expected)
        assert "[0][0][0]" in refusal(helper, got, expected)
        assert "list of 1 element" in refusal(helper, got, 1.0)
        assert_finite(got)

    def test_a_huge_empty_tensor_is_only_a_wrong_shape(self) -> None:
        got = torch.empty(0, 2**39)
        assert "(0, 549755813888)" in refusal(assert_close, got, torch.ones(2))
        assert_finite(got)

    def test_an_array_of_objects_is_no_tensor(self) -> None:
        got = np.array([1.0, None], dtype=object)
        assert "object NumPy array" in refusal(assert_close, got, torch.ones(2))
        assert "object NumPy array" in refusal(as_tensor, got)

    def test_an_integer_of_five_thousand_digits_is_named_without_printing_it(self) -> None:
        assert "no tensor can hold" in refusal(assert_close, 10**5000, 3)
        assert "no tensor can hold" in refusal(as_tensor, -(10**5000))
        assert_close(10**5000, 10**5000)

    def test_a_class_that_equals_everything_equals_nothing(self) -> None:
        class Chameleon:
            def __eq__(self, other: object) -> bool:
                return True

            __hash__ = None  # type: ignore[assignment]

        for expected in EXPECTED:
            refusal(assert_close, Chameleon(), expected)


class TestEqualValues:
    @at_leisure
    @given(tensors())
    def test_a_tensor_is_close_to_itself(self, tensor: torch.Tensor) -> None:
        assert_close(tensor.clone(), tensor, equal_nan=True)
        assert_equal(tensor.clone(), tensor)

    @at_leisure
    @given(
        st.recursive(
            tensors() | st.integers() | st.text() | st.none(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.lists(inner, max_size=3).map(tuple)
                | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
            max_leaves=6,
        )
    )
    def test_a_structure_equals_its_copy(self, value: Any) -> None:
        assert_equal(copy.deepcopy(value), value)
        assert_close(copy.deepcopy(value), value, equal_nan=True)

    def test_arrays_numbers_and_tensors_compare_with_each_other(self) -> None:
        assert_close(np.ones((2, 2), dtype=np.float64), torch.ones(2, 2))
        assert_close(np.float32(0.5), 0.5)
        assert_close(torch.tensor(0.5), 0.5)
        assert_close(0.5, torch.tensor(0.5))
        assert_close(np.ones(3)[::-1], torch.ones(3))
        assert_close(np.ones(3, dtype=">f4"), torch.ones(3))

    def test_a_list_may_stand_for_a_tuple_unless_exactly_that_is_asked_for(self) -> None:
        pair = (torch.ones(2), torch.ones(1))
        assert_close(list(pair), pair)
        assert "Expected a tuple of 2 elements, got a list" in refusal(
            assert_equal, list(pair), pair
        )

    def test_nan_passes_only_where_it_is_expected_and_allowed(self) -> None:
        both = torch.tensor([1.0, float("nan")])
        assert_close(both, both, equal_nan=True)
        assert_equal(both, both)
        refusal(assert_close, both, both)
        refusal(assert_close, both, torch.ones(2), equal_nan=True)
        refusal(assert_close, torch.ones(2), both, equal_nan=True)

    def test_infinity_equals_itself_only(self) -> None:
        infinite = torch.tensor([float("inf"), 1.0])
        assert_close(infinite, infinite)
        refusal(assert_close, -infinite, infinite)
        refusal(assert_close, torch.tensor([1e30, 1.0]), infinite)
        refusal(assert_close, infinite, torch.tensor([1e30, 1.0]))

    def test_gradients_and_views_do_not_matter(self) -> None:
        expected = torch.arange(6.0).reshape(2, 3)
        assert_close(expected.T.contiguous().T, expected.clone().requires_grad_())
        assert_close(torch.tensor([1 - 2j]), torch.tensor([1 + 2j]).conj())


class TestOneDifference:
    @at_leisure
    @given(st.data(), npst.array_shapes(max_dims=4, max_side=5), st.sampled_from(DTYPES))
    def test_one_changed_element_fails_and_its_index_is_named(
        self, data: st.DataObject, shape: tuple[int, ...], dtype: torch.dtype
    ) -> None:
        index = tuple(data.draw(st.integers(0, size - 1)) for size in shape)
        expected = torch.arange(int(np.prod(shape))).remainder(50).reshape(shape).to(dtype)
        changed = expected.to(torch.complex128)
        changed[index] = changed[index] + 7 if dtype != torch.bool else 1 - changed[index]
        got = changed.to(dtype) if dtype.is_complex else changed.real.to(dtype)
        assume(not torch.equal(got, expected))
        place = str(index[0]) if len(index) == 1 else str(index)
        for helper in (assert_close, assert_equal):
            message = refusal(helper, got, expected)
            assert f"1 of {expected.numel()} elements differ" in message
            assert f"at index {place}" in message

    @at_leisure
    @given(
        npst.arrays(np.float32, shapes, elements=st.floats(-10, 10, width=32)),
        npst.arrays(np.float32, shapes, elements=st.floats(-10, 10, width=32)),
    )
    def test_two_shapes_never_compare_as_equal(self, got: Any, expected: Any) -> None:
        assume(got.shape != expected.shape)
        assert str(got.shape) in refusal(assert_close, got, expected)


class TestTolerance:
    def test_the_less_precise_side_sets_the_tolerance(self) -> None:
        right = torch.tensor([1.0, 2.0], dtype=torch.float64)
        near = right * (1 + 2e-5)
        assert_close(near.float(), right)
        assert_close(near, right.float())
        refusal(assert_close, near, right)
        assert_close(right * 1.004, right.half())
        refusal(assert_close, right * 1.02, right.half())
        assert_close((right * 1.02).half(), right.bfloat16())

    @pytest.mark.parametrize("half", [torch.float16, torch.bfloat16])
    def test_returning_half_precision_buys_no_wider_tolerance(self, half: torch.dtype) -> None:
        right = torch.tensor([1.0, 2.0])
        assert_close(right.to(half), right)
        refusal(assert_close, (right * 1.004).to(half), right)
        refusal(assert_close, (right * 1.02).to(half), right.tolist())
        refusal(assert_close, (right * 1.02).to(half), right.int())

    def test_a_python_float_is_as_precise_as_what_it_meets(self) -> None:
        assert_close(torch.tensor(0.1 + 5e-6), 0.1)
        refusal(assert_close, torch.tensor(0.1 + 5e-6, dtype=torch.float64), 0.1)

    def test_complex_numbers_have_tolerances_of_their_own(self) -> None:
        right = torch.tensor([1 + 1j])
        assert_close(right * (1 + 2e-5), right)
        refusal(assert_close, (right * (1 + 2e-5)).to(torch.complex128), right.to(torch.complex128))

    def test_integers_must_be_equal_beyond_what_a_float_can_tell(self) -> None:
        refusal(assert_close, torch.tensor([2**53 + 1]), torch.tensor([2**53]))
        big = np.array([2**64 - 1], dtype=np.uint64)
        refusal(assert_close, big, np.array([-1], dtype=np.int64))
        assert_close(torch.tensor([3.0, 4.0]), torch.tensor([3, 4]))

    def test_rtol_and_atol_may_be_given_each_for_itself(self) -> None:
        assert_close(torch.tensor([1.05]), torch.tensor([1.0]), atol=0.1)
        assert_close(torch.tensor([105.0]), torch.tensor([100.0]), rtol=0.1)
        assert_close(torch.tensor([3]), torch.tensor([4]), atol=1)
        refusal(assert_close, torch.tensor([1.0 + 1e-5]), torch.tensor([1.0]), rtol=0, atol=0)

    def test_the_settings_hold_in_their_block_only(self) -> None:
        got, expected = torch.tensor([1.05]), torch.tensor([1.0])
        with using(CompareSettings({"float32": Pair(0.1, 0.0)})):
            assert_close(got, expected)
            refusal(assert_close, got.double(), expected.double())
        refusal(assert_close, got, expected)

    def test_the_defaults_are_those_of_the_config(self) -> None:
        path = Path(__file__).parents[2] / "grading_config.yml"
        config = load_config(path)
        assert {name: (pair.rtol, pair.atol) for name, pair in config.tolerances.items()} == dict(
            DEFAULT_TOLERANCES
        )


class TestShapes:
    @pytest.mark.parametrize(
        ("got", "expected", "says"),
        [
            ((2, 3), (1, 2, 3), "Only axes of length 1"),
            ((3,), (3, 1), "Only axes of length 1"),
            ((), (1,), "Only axes of length 1"),
            ((3, 2), (2, 3), "looks transposed"),
            ((4, 2, 3), (4, 3, 2), "looks transposed"),
            ((2, 3, 4), (3, 4, 2), "The axes are in another order"),
            ((2, 3), (2, 3, 4), "2 axes where 3 were expected"),
            ((2, 3), (2, 4), "Expected the shape (2, 4), got (2, 3)."),
        ],
    )
    def test_a_shape_that_differs_is_named_and_explained(
        self, got: tuple[int, ...], expected: tuple[int, ...], says: str
    ) -> None:
        ones = torch.ones(got)
        for message in (
            refusal(assert_close, ones, torch.ones(expected)),
            refusal(assert_equal, ones, torch.ones(expected)),
            refusal(assert_shape, ones, expected),
        ):
            assert says in message
            assert str(got) in message

    def test_a_number_has_the_shape_of_a_scalar(self) -> None:
        assert_shape(0.5, ())
        assert_shape(torch.ones(2, 3), torch.Size([2, 3]))
        assert_shape(np.ones((2, 3)), [2, 3])
        assert "(1,)" in refusal(assert_close, 0.5, torch.ones(1))


class TestMessages:
    def test_expected_values_stay_hidden_unless_the_settings_show_them(self) -> None:
        got, expected = torch.tensor([1.0, 7.25]), torch.tensor([1.0, 3.125])
        message = refusal(assert_close, got, expected)
        assert "got 7.25" in message
        assert "3.125" not in message
        with using(CompareSettings(show_values=True)):
            assert "got 7.25, expected 3.125" in refusal(assert_close, got, expected)

    def test_a_hidden_string_is_not_quoted(self) -> None:
        assert refusal(assert_equal, "min", "max") == "The value is wrong: got 'min'."
        with using(CompareSettings(show_values=True)):
            assert "expected 'max'" in refusal(assert_equal, "min", "max")

    def test_a_wrong_boolean_is_not_shown_because_the_other_one_is_right(self) -> None:
        got, expected = torch.tensor([True, True]), torch.tensor([True, False])
        message = refusal(assert_close, got, expected)
        assert "at index 1" in message
        assert "True" not in message

    def test_count_index_largest_error_and_tolerance_are_named(self) -> None:
        got, expected = torch.zeros(2, 3) + 1, torch.ones(2, 3)
        got[0, 2], got[1, 1] = 1.5, 3
        message = refusal(assert_close, got, expected)
        assert message == (
            "2 of 6 elements differ; the first is at index (0, 2): got 1.5. "
            "The largest error is 2, the tolerance is rtol=0.0001, atol=1e-05."
        )

    def test_chinese_says_the_same(self) -> None:
        with pytest.raises(WrongAnswer) as caught:
            assert_close(torch.tensor([1.5, 1.0]), torch.tensor([1.0, 1.0]))
        assert caught.value.message.zh == (
            "2 个元素中有 1 个不同；第一个在下标 0：得到 1.5。"
            "最大误差为 0.5，容差为 rtol=0.0001, atol=1e-05。"
        )

    def test_nan_is_named_before_every_other_difference(self) -> None:
        got = torch.tensor([5.0, 1.0, float("nan")])
        message = refusal(assert_close, got, torch.ones(3))
        assert "2 of 3 elements differ, 1 of them because they aren't finite" in message
        assert "at index 2: got nan" in message

    def test_exact_comparisons_say_so(self) -> None:
        message = refusal(assert_close, torch.tensor([1, 2]), torch.tensor([1, 3]))
        assert message.endswith("They must be equal exactly.")

    def test_none_asks_for_the_return(self) -> None:
        message = refusal(assert_close, None, torch.ones(2))
        assert message == ("Expected a tensor of shape (2,), got None. Is a `return` missing?")

    def test_a_list_is_told_how_to_become_a_tensor(self) -> None:
        message = refusal(assert_close, [1.0, 2.0], torch.ones(2))
        assert "got a list of 2 elements" in message
        assert "torch.tensor" in message

    def test_the_place_in_a_structure_is_named(self) -> None:
        got = {"W1": (torch.ones(2), torch.tensor([1.0, 2.0]))}
        expected = {"W1": (torch.ones(2), torch.ones(2))}
        assert refusal(assert_close, got, expected).startswith("In `result['W1'][1]`: ")

    def test_keys_that_are_missing_or_too_many_are_named(self) -> None:
        assert "lacks 'b1'" in refusal(assert_close, {"W1": 1}, {"W1": 1, "b1": 2})
        assert "'b2'" in refusal(assert_close, {"W1": 1, "b2": 2}, {"W1": 1})

    def test_another_length_is_named(self) -> None:
        message = refusal(assert_close, (1, 2, 3), (1, 2))
        assert message == "Expected a tuple of 2 elements, got a tuple of 3 elements."

    def test_a_wrong_dtype_is_named_only_where_the_dtype_was_asked_for(self) -> None:
        got, expected = torch.ones(2, dtype=torch.float64), torch.ones(2)
        assert_close(got, expected)
        message = refusal(assert_close, got, expected, dtype=torch.float32)
        assert message == "Expected the dtype float32, got a float64 tensor of shape (2,)."
        assert_close(np.ones(2, dtype=np.float32), expected, dtype=torch.float32)
        assert_close({"t": 3, "m": expected}, {"t": 3, "m": expected}, dtype=torch.float32)

    def test_complex_numbers_are_not_taken_for_real_ones(self) -> None:
        message = refusal(assert_close, torch.tensor([1 + 0j]), torch.ones(1))
        assert message == "Expected real numbers, got a complex64 tensor of shape (1,)."

    @pytest.mark.parametrize(
        ("wrongly", "says"),
        [
            (lambda X: X * 0, "Everything you returned is zero"),
            (lambda X: X.T, "look transposed"),
            (lambda X: X.long(), "dtype int64, which cuts fractions off"),
            (lambda X: X * 2, "2 times what it should be"),
            (lambda X: -X, "-1 times what it should be"),
        ],
    )
    def test_a_pattern_in_the_whole_array_is_named(self, wrongly: Any, says: str) -> None:
        expected = torch.tensor([[1.25, 2.5, 3.125], [4.25, 5.5, 6.75], [7.0, 8.5, 0.0]])
        assert says in refusal(assert_close, wrongly(expected), expected)

    def test_beside_a_factor_no_value_is_shown(self) -> None:
        expected = torch.tensor([1.25, 2.5, 3.125, 4.25])
        assert "got" not in refusal(assert_close, expected * 2, expected)

    def test_a_factor_that_few_elements_share_is_not_named(self) -> None:
        expected = torch.tensor([1.0, 2.0, 3.0])
        assert "times" not in refusal(assert_close, expected * 2, expected)


class TestOtherHelpers:
    def test_finite_looks_into_containers(self) -> None:
        assert_finite((torch.ones(2), {"a": 1.0, "b": [np.ones(2), 3]}))
        message = refusal(assert_finite, {"a": [torch.tensor([[1.0, float("inf")]])]})
        assert message == (
            "In `result['a'][0]`: 1 of 2 elements aren't finite: the first is inf at index (0, 1)."
        )
        assert "a string" in refusal(assert_finite, ["x"])

    def test_type_names_what_came(self) -> None:
        assert_type((1, 2), tuple)
        assert_type(3, (int, float))
        assert refusal(assert_type, [1], tuple) == "Expected a tuple, got a list of 1 element."
        assert refusal(assert_type, True, int) == "Expected an int, got a bool."
        assert "a tensor or a float, got a float32 NumPy array" in refusal(
            assert_type, np.ones(1, np.float32), (torch.Tensor, float)
        )

    @pytest.mark.parametrize(
        ("got", "dtype"),
        [
            (torch.ones(2, dtype=torch.bfloat16), torch.bfloat16),
            (np.ones(2, dtype=np.float16), torch.float16),
            (np.ones((2, 2), dtype=np.float32)[::-1], torch.float32),
            (np.uint16(3), torch.uint16),
            (np.array([True]), torch.bool),
            (True, torch.bool),
            (3, torch.int64),
            (0.5, torch.float64),
            (1j, torch.complex128),
        ],
    )
    def test_as_tensor_keeps_shape_and_dtype(self, got: Any, dtype: torch.dtype) -> None:
        tensor = as_tensor(got)
        assert type(tensor) is torch.Tensor
        assert tensor.dtype is dtype
        assert tuple(tensor.shape) == np.shape(got)

    def test_as_tensor_takes_no_list(self) -> None:
        assert "Expected a tensor, got a list of 2 elements." in refusal(as_tensor, [1.0, 2.0])

    def test_require_and_wrong_carry_the_graders_words(self) -> None:
        require(True, "never", "从不")
        require(torch.tensor([True, True]), "never", "从不")
        assert refusal(require, False, "no mean", "没有均值") == "no mean"
        assert refusal(require, torch.tensor([True, False]), "no", "否") == "no"
        assert refusal(require, torch.ones(0) > 0, "empty", "空") == "empty"
        assert refusal(wrong, "wrong", "错") == "wrong"

    def test_a_mistake_in_expected_is_not_the_students(self) -> None:
        with pytest.raises(TypeError, match="expected can't be compared"):
            assert_close(torch.ones(2), np.array([1, None], dtype=object))
