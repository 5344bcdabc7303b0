"""One grader on one submission: every verdict it can end with, and whose fault a failure is."""

import pytest

from autograder.judge.result import Verdict
from autograder.judge.session import Judge
from tests.judging import GOOD, by_name, grade_one, variant, verdicts

FAULT_CHAPTER = "ch02_faulty"
IDENTITY = "def {name}(x):\n    return x\n"
IDENTITIES = "\n".join(
    IDENTITY.format(name=name)
    for name in ("fine", "wrong", "crash", "syntax", "empty", "hangs", "stray")
)


def scale(judge: Judge, body: str, test: str = "test_values") -> tuple[Verdict, str]:
    """Verdict and message of one test, for a `scale` with this body."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    result = grade_one(judge, f"import torch\ndef scale(x, times=2.0):\n{lines}\n", "scale")
    assert result.faults == []
    return by_name(result)[test].verdict, by_name(result)[test].message


def test_a_right_submission_passes(judge: Judge) -> None:
    result = grade_one(judge, GOOD)
    assert set(verdicts(result).values()) == {Verdict.PASSED}
    assert (result.points, result.max_points, result.exit_code) == (10, 10, 0)
    assert all(test.message == test.hint == "" for test in by_name(result).values())


def test_a_wrong_answer(judge: Judge) -> None:
    verdict, message = scale(judge, "return x * (times + 1)")
    assert verdict is Verdict.WRONG_ANSWER
    assert message.startswith("6 of 6 elements differ")


def test_an_error_names_type_message_and_the_students_own_line_with_its_cell(judge: Judge) -> None:
    source = """
    # %%
    import torch
    # %%
    def helper(x):
        return x.nonsense(3)

    def scale(x, times=2.0):
        return helper(x)
    """
    test = by_name(grade_one(judge, source, "scale"))["test_values"]
    assert test.verdict is Verdict.ERROR
    assert test.message.splitlines() == [
        "scale raised AttributeError: 'Tensor' object has no attribute 'nonsense'",
        "  cell 2, line 5, in scale: return helper(x)",
        "  cell 2, line 2, in helper: return x.nonsense(3)",
    ]


def test_a_call_that_never_ends_is_a_time_limit(judge: Judge) -> None:
    """Asleep it crosses the limit on the wall's clock, at work the one of the processor's."""
    body = "import time\nwhile times == 3.0:\n    {}\nreturn x * times"
    assert scale(judge, body.format("time.sleep(1)")) == (
        Verdict.TIME_LIMIT,
        "scale ran longer than 4 s: an endless loop, or far too much work?",
    )
    assert scale(judge, body.format("pass")) == (
        Verdict.TIME_LIMIT,
        "scale used more than 1 s of processor time.",
    )


def test_work_in_threads_counts_towards_the_limit_of_processor_time(judge: Judge) -> None:
    body = """import threading, time
def work():
    while True:
        torch.ones(99, 99) @ torch.ones(99, 99)
if times == 3.0:
    threading.Thread(target=work, daemon=True).start()
    time.sleep(9)
return x * times"""
    verdict, message = scale(judge, body)
    assert (verdict, message) == (
        Verdict.TIME_LIMIT,
        "scale used more than 1 s of processor time.",
    )


def test_too_much_memory_is_a_memory_limit(judge: Judge) -> None:
    verdict, message = scale(judge, "return torch.ones(1 << 30)[: x.numel()]")
    assert verdict is Verdict.MEMORY_LIMIT
    assert message.startswith("scale needed more memory than allowed")
    assert "line 3, in scale" in message


def test_memory_that_is_taken_bit_by_bit_is_a_memory_limit(judge: Judge) -> None:
    body = "kept = []\nwhile times == 3.0:\n    kept.append(bytearray(1 << 20))\nreturn x * times"
    verdict, _ = scale(judge, body)
    assert verdict is Verdict.MEMORY_LIMIT


def test_a_right_answer_that_no_ban_could_have_kept_wrong_is_forbidden(judge: Judge) -> None:
    """A wrong one is told what is wrong with it."""
    body = "import ctypes\nctypes.CDLL(None).getpid()\nreturn x * "
    verdict, message = scale(judge, body + "times")
    assert verdict is Verdict.FORBIDDEN
    assert "uses ctypes, which this exercise forbids" in message
    assert scale(judge, body + "7")[0] is Verdict.WRONG_ANSWER


def test_a_forbidden_operation_in_the_source_is_named_with_its_line(judge: Judge) -> None:
    verdict, message = scale(judge, "y = torch.cumsum(x, 0)\nreturn x * times")
    assert verdict is Verdict.FORBIDDEN
    assert "torch.cumsum" in message
    assert message.startswith("Line 3 of cell 1 uses torch.cumsum, which this exercise forbids")


@pytest.mark.parametrize(
    "body",
    [
        "return getattr(torch, NAME)(x, 0)",
        "return getattr(x, NAME)(0)",
        "return getattr(torch.ops.aten, NAME)(x, 0)",
        "try:\n    getattr(torch, NAME)(x, 0)\nexcept BaseException:\n    pass\nreturn x * times",
    ],
)
def test_a_forbidden_operation_that_hides_from_the_source_is_caught_when_it_runs(
    judge: Judge, body: str
) -> None:
    name = "chr(99) + ''.join(reversed('musmu'))"  # what no reader of the source would find
    verdict, message = scale(judge, body.replace("NAME", name))
    assert verdict is Verdict.FORBIDDEN
    assert message.startswith("scale used ")
    assert "cumsum, which this exercise forbids" in message


def test_a_name_that_was_never_defined_is_missing(judge: Judge) -> None:
    test = by_name(grade_one(judge, "x = 1", "scale"))["test_values"]
    assert test.verdict is Verdict.MISSING
    assert test.message == (
        "There is nothing called scale: was its cell deleted, or the name changed?"
    )


def test_a_name_that_cannot_be_called_is_missing(judge: Judge) -> None:
    test = by_name(grade_one(judge, "scale = 3", "scale"))["test_values"]
    assert (test.verdict, test.message) == (
        Verdict.MISSING,
        "scale is an int, which can't be called.",
    )


def test_a_stub_is_missing(judge: Judge) -> None:
    source = """
    def scale(x, times=2.0):
        raise NotImplementedError("exercise scale: write it")

    class Descent:
        def __init__(self, params, lr=0.5):
            self.steps = 0
        def step(self):
            raise NotImplementedError("exercise Descent: write it")
    """
    tests = by_name(grade_one(judge, source))
    assert {test.verdict for test in tests.values()} == {Verdict.MISSING}
    assert tests["test_values"].message == "scale is not written yet."
    assert tests["test_one_step"].message == "Descent.step is not written yet."


def test_a_name_whose_cell_raised_is_missing_and_the_cells_error_is_told(judge: Judge) -> None:
    source = "# %%\nimport torch\n# %%\n1 / 0\ndef scale(x, times=2.0):\n    return x * times"
    test = by_name(grade_one(judge, source, "scale"))["test_values"]
    assert test.verdict is Verdict.MISSING
    assert test.message.endswith(
        "Cell 2, where it stands, raised ZeroDivisionError: division by zero"
    )


def test_a_cell_that_is_no_python_is_told_too(judge: Judge) -> None:
    source = "# %%\ndef scale(x, times=2.0)\n    return x\n# %%\ndef upscale(x): return 1/0"
    message = by_name(grade_one(judge, source, "scale"))["test_values"].message
    assert "Cell 1, where it stands, raised SyntaxError: expected ':'" in message


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("None", "None"),
        ("'text'", "a string"),
        ("(i for i in x)", "a generator"),
        ("[[1.0, 2.0], [3.0]]", "a list"),
        ("object()", "object"),
        ("2 ** 4000", ""),
        ("{1: {2: 3}}", "a dict"),
        ("x[0, 0]", ""),
        ("x[:, :0]", ""),
        ("torch.zeros(0)", ""),
        ("scale", "a function"),
        ("float('nan')", ""),
        ("{x}", "a set"),
        ("x.to_sparse()", "sparse"),
        ("torch.empty(3, device='meta')", "meta"),
        ("__import__('numpy').array(['a', 'b'])", "NumPy"),
        ("__import__('numpy').ma.masked_array([1.0], [True])", ""),
        ("[x] * 1000", "a list"),
    ],
)
def test_whatever_comes_back_is_the_submissions_wrong_answer(
    judge: Judge, value: str, what: str
) -> None:
    """Also in a grader that uses a value raw, as `got[i] + 0`."""
    source = f"import torch\ndef scale(x, times=2.0):\n    return {value}\n"
    result = grade_one(judge, source, "scale")
    assert set(verdicts(result).values()) == {Verdict.WRONG_ANSWER}
    assert what in by_name(result)["test_values"].message
    assert result.faults == []


@pytest.mark.parametrize(
    "body",
    [
        "class E(Exception):\n    def __str__(self): raise self\nraise E",
        "class E(Exception):\n    __str__ = None\nraise E",
        "class E(BaseException): pass\nraise E('x' * 10 ** 6)",
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "raise StopIteration(chr(0xD800))",
        "class M(type):\n    __name__ = property(lambda c: 1 / 0)\nraise M('E', (Exception,), {})",
        "import os\nos._exit(0)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "import os\nos.write(3, b'garbage' * 99)\nreturn x * times",
        "import os\nos.close(3)\nreturn x * times",
        "import os, time\nos.dup2(os.open('/dev/null', 2), 3)\ntime.sleep(60)",
        "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(n): return f(n + 1)\nf(0)",
    ],
)
def test_no_way_of_failing_is_a_judge_fault(judge: Judge, body: str) -> None:
    """A hostile __str__, the end of the process, garbage on the socket: its own verdict."""
    verdict, message = scale(
        judge, f"if times == 3.0:\n    {body.replace(chr(10), chr(10) + '    ')}"
    )
    assert verdict not in (Verdict.PASSED, Verdict.JUDGE_FAULT)
    assert message


@pytest.mark.parametrize(
    "reply",
    [
        '{"status": "value", "value": ["o", 1, "Tensor"]}',
        '{"status": "value", "value": ["o", "9" * 3000, "Tensor"]}',
        '{"status": "value", "value": ["l", ["o", 99, "int"]]}',
        '{"status": "value", "value": ["T", "float32", [2, 3], 10 ** 9, False]}',
        '{"status": "value", "value": 1, "changed": "x" * 999}',
        '{"status": "value", "value": ["t", ["t"], ["t"]]}',
        '{"status": "raised", "type": "E", "message": "", "frames": [[0, 0, "", ""]] * 99}',
        '{"status": "missing", "what": "\\x1b[2J"}',
        '{"status": "no_gradient", "argument": 10 ** 18}',
        '{"status": "shape", "value": ["o", 1, "x"]}',
        '{"status": "nothing"}',
        "[]",
    ],
)
def test_a_worker_that_answers_what_it_likes_causes_no_judge_fault(
    judge: Judge, reply: str
) -> None:
    """The student's code takes the place of the worker's own: handles where there is no object,
    tensors outside their frame, replies of no known kind."""
    source = f"""
    import gc

    def scale(x, times=2.0):
        for found in gc.get_objects():
            if hasattr(type(found), "_do_call") and hasattr(found, "namespace"):
                type(found).answer = lambda self, request, buffers: ({reply}, [])
        return x
    """
    result = grade_one(judge, source, "scale", "Descent")
    assert result.faults == []
    assert result.exit_code == 1
    assert Verdict.PASSED not in verdicts(result).values()


def test_a_wrong_grader_is_a_judge_fault_and_grading_goes_on(judge: Judge) -> None:
    """It expects what the reference doesn't give; or it raises by itself."""
    result = grade_one(judge, IDENTITIES, "wrong", "crash", chapter=FAULT_CHAPTER)
    assert verdicts(result) == {
        "test_wrong": "judge fault",
        "test_crash": "judge fault",
        "test_good": "passed",
    }
    assert (result.points, result.max_points, result.exit_code) == (2, 2, 3)
    wrong, crash = result.faults
    assert wrong.test == "wrong::test_wrong"
    assert wrong.cause.startswith("JudgeFault: the reference solution fails this grader too")
    assert (crash.test, crash.cause) == (
        "crash::test_crash",
        "RuntimeError: the secret of the grader",
    )
    assert 'raise RuntimeError("the secret of the grader")' in crash.traceback
    assert all("secret" not in test.message for test in by_name(result).values())


def test_a_wrong_grader_costs_a_wrong_submission_nothing_either(judge: Judge) -> None:
    result = grade_one(judge, "def wrong(x): return x * 5", "wrong", chapter=FAULT_CHAPTER)
    assert (result.points, result.exit_code) == (1, 3)


def test_a_wrong_grader_beside_a_right_one_costs_only_what_the_right_one_finds(
    judge: Judge,
) -> None:
    result = grade_one(judge, "def crash(x): return 1 / 0", "crash", chapter=FAULT_CHAPTER)
    assert verdicts(result) == {"test_crash": "judge fault", "test_good": "error"}
    assert (result.points, result.exit_code) == (0.5, 3)


@pytest.mark.parametrize(
    ("exercise", "causes"),
    [
        ("syntax", ["the grader file can't be imported", "no grader of syntax could be run"]),
        ("empty", ["no grader of empty could be run"]),
    ],
)
def test_an_exercise_whose_graders_cannot_be_run_costs_no_points(
    judge: Judge, exercise: str, causes: list[str]
) -> None:
    result = grade_one(judge, IDENTITIES, exercise, "fine", chapter=FAULT_CHAPTER)
    assert [fault.cause for fault in result.faults] == causes
    assert (result.points, result.max_points, result.exit_code) == (2, 2, 3)
    assert verdicts(result)["test_same"] is Verdict.PASSED
    if exercise == "syntax":
        assert "SyntaxError" in result.faults[0].traceback


def test_graders_that_cannot_begin_are_faults_and_do_not_vanish(judge: Judge) -> None:
    """One names an exercise that isn't there, one has a marker without its second language."""
    result = grade_one(judge, IDENTITIES, "stray", chapter=FAULT_CHAPTER)
    assert verdicts(result) == {"test_good": "passed"}
    stray, half = result.faults
    assert stray.test.endswith("test_stray.py::test_stray")
    assert "no exercise 'nobody' in ch02_faulty" in stray.cause
    assert half.cause.startswith("JudgeFault: test_half_checked: its markers must be checks(en=")
    assert result.exit_code == 3


def test_a_grader_that_hangs_by_itself_is_a_judge_fault(judge: Judge) -> None:
    result = grade_one(judge, IDENTITIES, "hangs", "fine", chapter=FAULT_CHAPTER)
    assert verdicts(result)["test_hangs"] is Verdict.JUDGE_FAULT
    assert result.faults[0].cause == "Hung: it took more than 1 s"
    assert verdicts(result)["test_same"] is Verdict.PASSED, "grading goes on"
    assert (result.points, result.exit_code) == (2, 3)


@pytest.mark.parametrize("seconds", [0.4, 30])
def test_a_grader_that_hangs_by_the_students_calls_is_a_time_limit(
    judge: Judge, seconds: float
) -> None:
    """Many calls that are slow, or one that outlasts the grader's guard: the next grader finds a
    worker that isn't in the middle of something."""
    source = (
        f"import time\ndef fine(x):\n    x.numel() == 1 and time.sleep({seconds})\n    return x"
    )
    result = grade_one(judge, source, "fine", chapter=FAULT_CHAPTER)
    assert verdicts(result) == {
        "test_same": "passed",
        "test_many_calls": "time limit",
        "test_plain_assert": "passed",
    }
    assert by_name(result)["test_many_calls"].message == "All calls together took too long."
    assert result.faults == []


def test_a_fixture_of_a_grader_may_call_the_student(judge: Judge) -> None:
    """What fails there has the student's verdict and doesn't vanish."""
    result = grade_one(judge, "def fine(x): return x + 1", "fine", chapter=FAULT_CHAPTER)
    assert verdicts(result)["test_same"] is Verdict.WRONG_ANSWER
    result = grade_one(judge, "def fine(x): return 1 / 0", "fine", chapter=FAULT_CHAPTER)
    assert verdicts(result)["test_same"] is Verdict.ERROR
    assert by_name(result)["test_same"].checks == "The same."


def test_a_plain_assert_is_a_wrong_answer_and_says_nothing_of_the_grader(judge: Judge) -> None:
    result = grade_one(judge, "def fine(x): return x + 1", "fine", chapter=FAULT_CHAPTER)
    test = by_name(result)["test_plain_assert"]
    assert (test.verdict, test.message) == (
        Verdict.WRONG_ANSWER,
        "What your code returned isn't what was asked for.",
    )


def test_messages_tell_expected_values_only_when_they_are_to_be_shown(judge: Judge) -> None:
    source = "def scale(x, times=2.0):\n    return x * 0 + 7.5"
    hidden = by_name(grade_one(judge, source, "scale"))["test_values"]
    shown = by_name(grade_one(variant(judge, show_values=True), source, "scale"))["test_values"]
    assert "expected" not in hidden.message
    assert "7.5" in hidden.message, "what came is no secret"
    assert "expected" in shown.message


def test_no_message_quotes_a_grader(judge: Judge) -> None:
    for body in ("return None", "return 1 / 0", "return x", "return 'x'"):
        result = grade_one(judge, f"def scale(x, times=2.0):\n    {body}", "scale")
        for test in by_name(result).values():
            assert test.message
            for word in ("assert", "reference", "randn", "expected["):
                assert word not in test.message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return None", "应为形状为 (2, 3) 的张量，得到的是 None。是不是漏了 `return`？"),
        ("return 1 / 0", "scale 抛出了异常 ZeroDivisionError: division by zero"),
        ("raise NotImplementedError('exercise scale: …')", "scale 还没有写。"),
        ("return (i for i in x)", "scale 返回了一个 generator，它不是张量"),
        ("x += 1\nreturn x", "scale 就地修改了第 1 个参数"),
        ("while times == 3.0: pass", "scale 占用处理器超过 1 秒"),
    ],
)
def test_messages_are_told_in_chinese(judge: Judge, body: str, message: str) -> None:
    spoken = variant(judge, language="zh")
    lines = body.replace("\n", "\n    ")
    result = grade_one(spoken, f"def scale(x, times=2.0):\n    {lines}", "scale")
    test = by_name(result)["test_values"]
    assert test.message.startswith(message)
    assert test.checks == "每个元素都被缩放。"
    assert result.language == "zh"


def test_addresses_in_messages_do_not_make_two_gradings_differ(judge: Judge) -> None:
    _, message = scale(judge, "raise ValueError(f'bad {object()}')")
    assert "bad <object object at 0x…>" in message
