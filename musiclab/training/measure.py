"""Instruments: how long a call takes, and how much memory, on a processor and on a GPU alike."""

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

from musiclab.errors import SettingError


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
    """Take the shortest of several runs, after one that warms up.

    The shortest, because whatever else the machine does can only add. A GPU is waited for: it
    returns at once and computes later, so a clock without waiting measures how fast one can ask.

    Args:
        call: What to time.
        device: Where it computes.
        times: How many runs.

    Example:
        >>> seconds(lambda: time.sleep(0.01), times=2) >= 0.01
        True
    """
    if times < 1:
        raise SettingError(f"times must be at least 1 run, got {times}")
    device = torch.device(device)
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
    """Let a GPU finish what it was asked to do; a processor has nothing outstanding."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def kept_for_backward(model: nn.Module, forward: Callable[[], Any]) -> int:
    """Count the bytes that a forward pass keeps until backward, beyond the weights themselves.

    Tensors that share memory count once.
    """
    weights = {one.untyped_storage().data_ptr() for one in model.parameters()}
    kept: dict[int, torch.UntypedStorage] = {}  # holding them, lest an address be used twice

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        forward()
    return sum(storage.nbytes() for storage in kept.values())


def peak_bytes(call: Callable[[], Any], device: torch.device | str) -> int:
    """Find how many bytes of tensors ``call`` holds at most, beyond those that were there before.

    What was there before should stay: on a processor, freeing it makes no room in this count.
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # torch's profiler would announce itself
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
