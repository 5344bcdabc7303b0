"""Wrong implementations of Adam that people really write, each with its hint.

Most of them are `Right` with one method wrong.
"""

import torch

from autograder.course import misconception


class Right:
    """Adam as it should be, in small methods that a mistake can replace."""

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        self.params = list(params)
        self.lr, self.betas, self.eps = lr, betas, eps
        self.t = [0] * len(self.params)
        self.m = [torch.zeros_like(p) for p in self.params]
        self.v = [torch.zeros_like(p) for p in self.params]

    def gradient(self, i):
        return self.params[i].grad

    def average(self, i, g):
        self.t[i] += 1
        self.m[i] = self.betas[0] * self.m[i] + (1 - self.betas[0]) * g
        self.v[i] = self.betas[1] * self.v[i] + (1 - self.betas[1]) * g**2

    def correct(self, i):
        return (
            self.m[i] / (1 - self.betas[0] ** self.t[i]),
            self.v[i] / (1 - self.betas[1] ** self.t[i]),
        )

    def change(self, m_hat, v_hat):
        return self.lr * m_hat / (v_hat.sqrt() + self.eps)

    def move(self, i, change):
        self.params[i].sub_(change)

    @torch.no_grad()
    def step(self):
        for i in range(len(self.params)):
            g = self.gradient(i)
            if g is not None:
                self.average(i, g)
                self.move(i, self.change(*self.correct(i)))

    def zero_grad(self):
        for p in self.params:
            p.grad = None


@misconception(
    en="The bias correction is missing. m and v start at zero and are too small at first: divide "
    "them by 1 - β1^t and 1 - β2^t.",
    zh="漏了偏差修正。m 和 v 从零开始，最初偏小：要分别除以 1 - β1^t 和 1 - β2^t。",
)
class LeavesOutTheBiasCorrection(Right):
    def correct(self, i):
        return self.m[i], self.v[i]


@misconception(
    en="Your t is 1 at every step, so each is corrected as if it were the first. Count the steps "
    "in the optimizer.",
    zh="每一步 t 都是 1，都被当作第一步来修正。应在优化器里记录步数。",
)
class ResetsT(Right):
    def average(self, i, g):
        self.t[i] = 0
        super().average(i, g)


@misconception(
    en="You count a step for each parameter: with three of them, t is 3 after the first step(). "
    "A parameter's t counts its own steps.",
    zh="每更新一个参数就计一步：有三个参数时，第一次 step() 之后 t 已是 3。每个参数的 t 只数它自己的步数。",
)
class CountsAStepForEachParameter(Right):
    clock = 0

    def average(self, i, g):
        super().average(i, g)
        self.clock += 1
        self.t[i] = self.clock


@misconception(
    en="All your parameters share one t, so one that had no gradient is corrected as if it had "
    "stepped. Keep a count for each parameter.",
    zh="所有参数共用一个 t，没有梯度的参数也被当作走过一步来修正。应为每个参数分别计数。",
)
class SharesOneClock(Right):
    clock = 0

    def average(self, i, g):
        super().average(i, g)
        self.t[i] = self.clock

    def step(self):
        self.clock += 1
        super().step()


@misconception(
    en="Your eps is inside the root: √(v̂ + eps). It stands outside, √v̂ + eps; inside, 1e-8 weighs "
    "as much as 1e-4 and brakes small gradients.",
    zh="eps 放进了根号：√(v̂ + eps)。它应在根号外：√v̂ + eps；放在里面，1e-8 就相当于 1e-4，会拖住小梯度。",
)
class PutsEpsInsideTheRoot(Right):
    def change(self, m_hat, v_hat):
        return self.lr * m_hat / (v_hat + self.eps).sqrt()


@misconception(
    en="The square root is missing: divide by √v̂ + eps, not by v̂ + eps.",
    zh="漏了开方：应除以 √v̂ + eps，而不是 v̂ + eps。",
)
class LeavesOutTheRoot(Right):
    def change(self, m_hat, v_hat):
        return self.lr * m_hat / (v_hat + self.eps)


@misconception(
    en="The betas are swapped: the first belongs to the gradient's average, the second to the "
    "squares'.",
    zh="两个 β 用反了：第一个用于梯度的平均，第二个用于梯度平方的平均。",
)
class SwapsTheBetas(Right):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, betas[::-1], eps)


@misconception(
    en="Your steps climb: subtract them from the parameters.",
    zh="每一步都在上坡：应当从参数中减去它。",
)
class AddsTheStep(Right):
    def move(self, i, change):
        self.params[i].add_(change)


@misconception(
    en="The parameters share one m and one v, so their gradients run into each other. Keep a pair "
    "for each parameter.",
    zh="所有参数共用一份 m 和 v，梯度混在了一起。应为每个参数各保存一份。",
)
class SharesTheAverages(Right):
    def average(self, i, g):
        super().average(i, g)
        for j, p in enumerate(self.params):
            if p.shape == self.params[i].shape:
                self.m[j], self.v[j] = self.m[i], self.v[i]


common_averages = {}


@misconception(
    en="Your averages belong to the class, or to the module, so a second optimizer goes on with "
    "the first one's. Make them in __init__, on self.",
    zh="滑动平均属于整个类或模块，第二个优化器会接着用第一个的。应在 __init__ 里建立，存到 self 上。",
    remembers=True,
)
class SharesStateBetweenOptimizers(Right):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        super().__init__(params, lr, betas, eps)
        shapes = tuple(p.shape for p in self.params)
        self.t, self.m, self.v = common_averages.setdefault(shapes, (self.t, self.m, self.v))


@misconception(
    en="Your parameters don't move: `p = p - …` makes a new tensor that nobody else holds. Change "
    "the tensor itself, in place.",
    zh="参数没有移动：`p = p - …` 生成的是别处没有引用的新张量。应就地修改张量本身。",
)
class MakesNewTensors(Right):
    def move(self, i, change):
        new = self.params[i] - change
        new.grad = self.params[i].grad
        self.params[i] = new


@misconception(
    en="A parameter without a gradient keeps moving: you take its None for zero, and the momentum "
    "carries it on. Skip it.",
    zh="没有梯度的参数仍在移动：你把 None 当成了零，动量推着它继续走。应直接跳过它。",
)
class TakesNoneForZero(Right):
    def gradient(self, i):
        grad = self.params[i].grad
        return torch.zeros_like(self.params[i]) if grad is None else grad


@misconception(
    en="Your step stops at the first parameter without a gradient: skip it (`continue`) and go on "
    "with the next.",
    zh="遇到第一个没有梯度的参数就停了：应跳过它（`continue`），继续更新下一个。",
)
class StopsAtNone(Right):
    @torch.no_grad()
    def step(self):
        for i in range(len(self.params)):
            if self.gradient(i) is None:
                return
            self.average(i, self.gradient(i))
            self.move(i, self.change(*self.correct(i)))


@misconception(
    en="Your step() clears the gradients. That is zero_grad's task; step() only reads them.",
    zh="step() 把梯度清掉了。那是 zero_grad 的事；step() 只读取梯度。",
)
class ClearsGradientsInStep(Right):
    def step(self):
        super().step()
        self.zero_grad()


@misconception(
    en="Your step() writes into the gradients: m is the very tensor of .grad, and changing m in "
    "place changes it. Compute new tensors, or clone.",
    zh="step() 改写了梯度：m 与 .grad 是同一个张量，就地修改 m 就改了梯度。应生成新张量或先 clone。",
)
class WritesIntoTheGradients(Right):
    def average(self, i, g):
        self.t[i] += 1
        self.v[i] = self.betas[1] * self.v[i] + (1 - self.betas[1]) * g**2
        self.m[i] = g.mul_(1 - self.betas[0]).add_(self.betas[0] * self.m[i])


@misconception(
    en="zero_grad() leaves the gradients as they are. In PyTorch they add up from one backward() to "
    "the next: clear them.",
    zh="zero_grad() 没有清除梯度。在 PyTorch 里，多次 backward() 的梯度会累加：要把它们清掉。",
)
class NeverClearsGradients(Right):
    def zero_grad(self):
        for p in self.params:
            grad = p.grad  # a name for the tensor; setting the name changes nothing
            grad = None  # noqa: F841 the mistake itself


@misconception(
    en="zero_grad() also clears the averages and the count of steps. It concerns the gradients only; "
    "the averages are what Adam remembers.",
    zh="zero_grad() 把滑动平均和步数也清了。它只管梯度；滑动平均正是 Adam 的记忆。",
)
class ClearsTheAverages(Right):
    def zero_grad(self):
        super().zero_grad()
        Right.__init__(self, self.params, self.lr, self.betas, self.eps)


@misconception(
    en="zero_grad() fails on a parameter that has no gradient yet: None has no zero_(). Ask first.",
    zh="参数还没有梯度时 zero_grad() 会出错：None 没有 zero_()。应先判断。",
    verdict="error",
)
class StumblesOverNone(Right):
    def zero_grad(self):
        for p in self.params:
            p.grad.zero_()


@misconception(
    en="PyTorch refuses to change a tensor in place that requires gradients. The update isn't part "
    "of the model: put it under torch.no_grad().",
    zh="PyTorch 不允许就地修改需要梯度的叶子张量。参数更新不属于模型的计算，应放在 torch.no_grad() 之下。",
    verdict="error",
)
class ForgetsNoGrad(Right):
    def step(self):
        for i in range(len(self.params)):
            if self.gradient(i) is not None:
                self.average(i, self.gradient(i))
                self.move(i, self.change(*self.correct(i)))


@misconception(
    en="Your step() switches the parameters' gradients off: after detach_() or requires_grad = False "
    "the next backward() finds nothing to train. Use torch.no_grad().",
    zh="step() 关掉了参数的梯度：detach_() 或 requires_grad = False 之后，下一次 backward() 就无从训练了。请用 torch.no_grad()。",
)
class SwitchesGradientsOff(Right):
    def move(self, i, change):
        self.params[i].requires_grad_(False)
        super().move(i, change)


@misconception(
    en="Your lr, betas and eps are always the defaults. Keep the constructor's arguments on self.",
    zh="lr、betas、eps 始终是默认值。应把构造函数的参数存到 self 上。",
)
class KeepsTheDefaults(Right):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):  # noqa: ARG002
        super().__init__(params)
