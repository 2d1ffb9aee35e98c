"""Measure how long a call takes and how much memory, on a processor and on a GPU alike."""

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from musiclab.checks import check_whole


def device_name(device: torch.device | str) -> str:
    """Name the GPU, or the processor and how many of its cores torch uses."""
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    threads, cpuinfo = torch.get_num_threads(), Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {threads} thread{'s' * (threads > 1)}"


def seconds(
    call: Callable[[], Any], *, device: torch.device | str = "cpu", times: int = 5
) -> float:
    """Time ``call`` on ``device``: the shortest of several runs, after one that warms up.

    The shortest, because whatever else the machine does can only add.

    Raises:
        SettingError: If ``times`` is below 1.

    Example:
        >>> seconds(lambda: time.sleep(0.01), times=2) >= 0.01
        True
    """
    check_whole("times", times, lowest=1)
    call()
    taken = []
    for _ in range(times):
        wait_for(device)
        began = time.perf_counter()
        call()
        wait_for(device)
        taken.append(time.perf_counter() - began)
    return min(taken)


def wait_for(device: torch.device | str) -> None:
    """Wait until a GPU has done what it was asked to do; a processor does it at once."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def kept_for_backward(model: nn.Module, forward: Callable[[], Any]) -> int:
    """Count the bytes that a forward pass keeps until backward, without the weights.

    Tensors that share memory count once.
    """
    weights = {one.untyped_storage().data_ptr() for one in model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}  # held, so that no address is used twice

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        forward()
    return sum(storage.nbytes() for storage in kept.values())


def peak_bytes(call: Callable[[], Any], device: torch.device | str) -> int:
    """Measure how many bytes of tensors ``call`` holds at most, beyond those held before it.

    On a processor, ``call`` must not free what was held before.
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # torch's profiler would print a notice
    if torch.device(device).type == "cuda":
        wait_for(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        call()
        wait_for(device)
        return torch.cuda.max_memory_allocated(device) - before
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
        call()
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        seen.export_chrome_trace(str(trace))
        events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    changes = [event for event in events if event.get("name") == "[memory]"]
    held = most = 0
    for event in sorted(changes, key=lambda event: event["ts"]):
        held += event["args"]["Bytes"]
        most = max(most, held)
    return most
