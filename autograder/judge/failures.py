"""What a failed request means: a reply of the sandbox → a verdict with its message."""

import re

import torch

from autograder.judge.result import Unsuccessful, Verdict, WrongAnswer
from autograder.judge.values import describe
from autograder.sandbox.limits import Crossed, Span
from autograder.sandbox.replies import (
    CannotTravel,
    Ended,
    Forbidden,
    Missing,
    NoGradient,
    OtherShape,
    Raised,
    Reply,
)
from autograder.text import Text

STUB = "NotImplementedError"
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")


def failure(reply: Reply, name: str, limit: Span) -> Unsuccessful:
    """The verdict of a call of `name` that brought no value back."""
    match reply:
        case Raised():
            return _raised(reply, name)
        case Missing(what=what):
            return Unsuccessful(Verdict.MISSING, _missing(name, what))
        case CannotTravel(what=what):
            en = f"{name} returned {what}, which is no tensor, array, number or container of them."
            zh = f"{name} 返回了{_chinese(what)}，它不是张量、数组、数字，也不是由它们组成的容器。"
            return WrongAnswer(Text(en, zh))
        case Forbidden(what=what):
            en = f"{name} used {what}, which this exercise forbids: write that part yourself."
            zh = f"{name} 使用了本题禁用的 {what}：这一部分要自己实现。"
            return Unsuccessful(Verdict.FORBIDDEN, Text(en, zh))
        case NoGradient(argument=argument):
            return WrongAnswer(_no_gradient(name, argument))
        case OtherShape(value=value):
            if not isinstance(value, torch.Tensor):
                return WrongAnswer(_no_tensor(name, value))
            shape = tuple(value.shape)
            en = f"{name} returned an output of the wrong shape {shape}."
            zh = f"{name} 返回的输出形状 {shape} 不对。"
            return WrongAnswer(Text(en, zh))
        case Ended():
            return _ended(reply, name, limit)
        case _:
            raise AssertionError(f"no failure: {reply}")


def used_up(*, exhausted: bool) -> Unsuccessful:
    """The verdict where no worker is left to run anything: out of time, or ended too often."""
    if exhausted:
        en = "The notebook as a whole has used up its time, so nothing more was run."
        return Unsuccessful(
            Verdict.TIME_LIMIT, Text(en, "整个作业的时间已经用完，后面的内容没有再运行。")
        )
    en = "The notebook's cells ended their process again and again, so nothing more was run."
    return Unsuccessful(
        Verdict.ERROR, Text(en, "作业的单元格一再使进程终止，后面的内容没有再运行。")
    )


def changed(name: str, argument: int | str) -> WrongAnswer:
    """The verdict of a call that changed an argument in place."""
    if isinstance(argument, int):
        en, zh = f"argument {argument + 1}", f"第 {argument + 1} 个参数"
    else:
        en, zh = f"the argument {argument}", f"参数 {argument}"
    text = Text(
        f"{name} changed {en} in place; work on a copy, the caller still needs it.",
        f"{name} 就地修改了{zh}；请在副本上计算，调用者还要用到它。",
    )
    return WrongAnswer(text)


def too_much(name: str, limit: int) -> Unsuccessful:
    """The verdict of a submission that returned more than is kept while one grader runs."""
    text = Text(
        f"What {name} returned takes more than {limit >> 20} MiB in all.",
        f"{name} 返回的内容总共超过 {limit >> 20} MiB。",
    )
    return Unsuccessful(Verdict.MEMORY_LIMIT, text)


def _raised(reply: Raised, name: str) -> Unsuccessful:
    if reply.type_name == STUB and reply.message.startswith("exercise "):
        en, zh = f"{name} is not written yet.", f"{name} 还没有写。"
        return Unsuccessful(Verdict.MISSING, Text(en, zh))
    lines = "".join(
        f"\n  cell {frame.cell + 1}, line {frame.line}, in {frame.function}: {frame.source}"
        for frame in reply.frames
    )
    # Addresses differ from run to run, and the same submission gives the same result.
    said = ADDRESS.sub("0x…", f"{reply.type_name}: {reply.message}")
    if reply.memory:
        en, zh = f"{name} needed more memory than allowed", f"{name} 需要的内存超出了限制"
        text = Text(f"{en}. {said}{lines}", f"{zh}。{said}{lines}")
        return Unsuccessful(Verdict.MEMORY_LIMIT, text)
    en, zh = f"{name} raised {said}{lines}", f"{name} 抛出了异常 {said}{lines}"
    return Unsuccessful(Verdict.ERROR, Text(en, zh))


def _missing(name: str, what: str) -> Text:
    if what:
        return Text(
            f"{name} is {what}, which can't be called.", f"{name} 是{_chinese(what)}，不能调用。"
        )
    return Text(
        f"There is nothing called {name}: was its cell deleted, or the name changed?",
        f"没有名为 {name} 的定义：是不是删掉了它的单元格，或改了名字？",
    )


def _no_tensor(name: str, value: object) -> Text:
    what = describe(value)
    hint = (
        Text(" Is a `return` missing?", "是不是漏了 `return`？") if value is None else Text("", "")
    )
    return Text(f"{name} returned {what.en}.", f"{name} 返回的是 {what.zh}。") + hint


def _no_gradient(name: str, argument: int | None) -> Text:
    if argument is None:
        return Text(
            f"No gradient flows through {name}: something like .item(), .data, .detach() or NumPy "
            "cuts its result off from its inputs.",
            f"梯度无法流过 {name}：.item()、.data、.detach() 或 NumPy "
            "之类的写法把结果和输入断开了。",
        )
    return Text(
        f"No gradient flows through {name} to its argument {argument + 1}: something like .item(), "
        ".data, .detach() or NumPy cuts the result off from it.",
        f"梯度无法经 {name} 流到第 {argument + 1} 个参数：.item()、.data、.detach() 或 NumPy "
        "之类的写法把结果和它断开了。",
    )


def _ended(reply: Ended, name: str, limit: Span) -> Unsuccessful:
    match reply.crossed:
        case Crossed.WALL:
            en = f"{name} ran longer than {limit.wall:g} s: an endless loop, or far too much work?"
            zh = f"{name} 运行超过 {limit.wall:g} 秒：是死循环，还是计算量太大？"
            return Unsuccessful(Verdict.TIME_LIMIT, Text(en, zh))
        case Crossed.CPU:
            en = f"{name} used more than {limit.cpu:g} s of processor time."
            zh = f"{name} 占用处理器超过 {limit.cpu:g} 秒。"
            return Unsuccessful(Verdict.TIME_LIMIT, Text(en, zh))
        case Crossed.SUBMISSION:
            return used_up(exhausted=True)
        case Crossed.MEMORY:
            en, zh = f"{name} needed more memory than allowed.", f"{name} 需要的内存超出了限制。"
            return Unsuccessful(Verdict.MEMORY_LIMIT, Text(en, zh))
        case Crossed.PROTOCOL:
            how = f"stopped answering properly ({reply.detail})"
            what = f"不再正常应答（{reply.detail}）"
        case Crossed.EXIT:
            how, what = f"ended with exit code {reply.detail}", f"以退出码 {reply.detail} 结束了"
        case _:
            how, what = f"was ended by {reply.detail}", f"被 {reply.detail} 终止了"
    en, zh = f"While {name} ran, its process {how}.", f"{name} 运行时，它的进程{what}。"
    return Unsuccessful(Verdict.ERROR, Text(en, zh))


def _chinese(what: str) -> str:
    """'a generator' → 'generator' as a Chinese sentence wants it."""
    for english, chinese in (("an object of class ", "一个 "), ("a ", "一个 "), ("an ", "一个 ")):
        if what.startswith(english):
            return chinese + what.removeprefix(english)
    return what
