"""Workers on a GPU."""

from collections.abc import Iterator

import pytest
import torch

from autograder.sandbox import usage
from autograder.sandbox.limits import Crossed, Span
from autograder.sandbox.process import Sandbox
from autograder.sandbox.replies import Ended, Raised
from tests.sandbox.asking import call, ended, limits, ok, value


def test_a_machine_without_a_gpu_uses_none_of_its_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(usage, "_nvml", lambda: None)
    assert usage.gpu_memory({1}) == 0


class Nvml:
    """A management library of two devices, one of which refuses to answer."""

    def nvmlDeviceGetCount_v2(self, count):
        count._obj.value = 2

    def nvmlDeviceGetHandleByIndex_v2(self, index, device):
        device._obj.value = index + 1
        return 0

    def nvmlDeviceGetComputeRunningProcesses_v3(self, device, count, processes):
        if device.value == 2:
            return 3
        count._obj.value = 3
        for index, (pid, used) in enumerate([(7, 100), (8, 20), (9, usage.UNKNOWN_GPU_MEMORY)]):
            processes[index].pid, processes[index].used = pid, used
        return 0


def test_memory_on_every_gpu_is_summed_over_the_processes_asked_for(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(usage, "_nvml", Nvml)
    assert usage.gpu_memory({7}) == 100
    assert usage.gpu_memory({7, 8, 9}) == 120
    assert usage.gpu_memory(set()) == 0


@pytest.fixture(scope="module")
def on_gpu() -> Iterator[Sandbox]:
    with Sandbox(limits(memory=2 << 30), cuda=True) as sandbox:
        yield sandbox


@pytest.mark.gpu
def test_a_worker_sees_the_device_and_the_zygote_has_no_context(on_gpu: Sandbox):
    with on_gpu.worker() as first, on_gpu.worker() as second:
        for worker in (first, second):
            assert ok(worker, "import torch; print(torch.cuda.is_initialized())") == "False\n"
            reply = call(worker, "return args[0] @ args[0], args[0].is_cuda", torch.eye(3))
            product, is_cuda = value(reply)
            assert is_cuda
            assert reply.times.gpu is not None
            assert torch.equal(product, torch.eye(3))


@pytest.mark.gpu
def test_gradients_and_bans_work_there(on_gpu: Sandbox):
    with on_gpu.worker() as worker:
        ok(
            worker,
            "import torch\nimport torch.nn.functional as F\ndef f(x, k): return F.conv2d(x, k)",
        )
        X, K = torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2)
        _, (grad,) = value(worker.vjp("f", (X, K), {}, torch.ones(1, 1, 2, 2), (1,)))
        assert torch.equal(grad, torch.full((1, 1, 2, 2), 4.0))
        refused = worker.call("f", (X, K), ban=["aten::convolution", "aten::cudnn_convolution"])
        assert type(refused).__name__ == "Forbidden"


@pytest.mark.gpu
def test_memory_of_the_gpu_is_limited(on_gpu: Sandbox):
    with on_gpu.worker() as worker:
        body = "import torch, time\nx = torch.ones(2**31, device='cuda')\ntime.sleep(60)"
        reply = call(worker, body)
        assert isinstance(reply, Raised | Ended)
        assert reply.memory if isinstance(reply, Raised) else reply.crossed is Crossed.MEMORY


@pytest.mark.gpu
def test_kernels_without_end_are_killed_and_the_next_worker_works(on_gpu: Sandbox):
    with on_gpu.worker(limits(memory=2 << 30, call=Span(8, 60))) as worker:
        body = """
            import torch
            x = torch.ones(4096, 4096, device="cuda")
            while True: x = x @ x
        """
        assert ended(call(worker, body)).crossed is Crossed.WALL
    with on_gpu.worker() as worker:
        assert value(call(worker, "return args[0] + 1", torch.ones(1))).item() == 2
