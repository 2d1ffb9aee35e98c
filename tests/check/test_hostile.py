"""Answers that loop, lie, leave or break things: each gets a clear message, and nothing else."""

import os
import queue
import random
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest
import torch

from musiclab.check import processes
from musiclab.check.answering import MEMORY
from musiclab.check.asking import Judge, pack, surroundings
from musiclab.check.checking import check

SECONDS = 2  # instead of ten for what never ends, so that the tests do not take minutes
ENOUGH = 30  # for all others, on a busy machine
RIGHT = """
import torch
def answer(x, gain, bias, epsilon=1e-5):
    apart = x - x.mean(-1, keepdim=True)
    even = apart / torch.sqrt((apart**2).mean(-1, keepdim=True) + epsilon)
    return even * (1 if gain is None else gain) + (0 if bias is None else bias)
"""
WRONG = {
    "time-limit": """
def answer(x, gain, bias, epsilon=1e-5):
    while True:
        pass
""",
    "time-limit although exceptions are caught": """
def answer(x, gain, bias, epsilon=1e-5):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
""",
    "print-limit": """
def answer(x, gain, bias, epsilon=1e-5):
    while True:
        print("again and again")
""",
    "memory-limit": """
def answer(x, gain, bias, epsilon=1e-5):
    held = []
    while True:
        held.append(bytearray(50_000_000))
""",
    "memory-limit for a tensor": """
import torch
def answer(x, gain, bias, epsilon=1e-5):
    return torch.zeros(10**9)
""",
    "output-limit": """
import torch
def answer(x, gain, bias, epsilon=1e-5):
    return torch.zeros(1).expand(10**9)
""",
    "raised-SystemExit": """
import sys
def answer(x, gain, bias, epsilon=1e-5):
    sys.exit(0)
""",
    "process-ended": """
import os
def answer(x, gain, bias, epsilon=1e-5):
    os._exit(0)
""",
    "process-ended by itself": """
import os, signal
def answer(x, gain, bias, epsilon=1e-5):
    os.kill(os.getpid(), 9)
""",
    "raised-RecursionError": """
def answer(x, gain, bias, epsilon=1e-5):
    return answer(x, gain, bias, epsilon)
""",
    "input-changed": """
def answer(x, gain, bias, epsilon=1e-5):
    x -= x.mean(-1, keepdim=True)
    return x
""",
    "kind-wrong-container": """
class Liar:
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
    def __hash__(self):
        return 0
    def __getattr__(self, name):
        return self
    def __call__(self, *inputs):
        return self
def answer(x, gain, bias, epsilon=1e-5):
    return Liar()
""",
    "raised-EOFError": """
def answer(x, gain, bias, epsilon=1e-5):
    return input("well?")
""",
    "raised-ModuleNotFoundError": """
def answer(x, gain, bias, epsilon=1e-5):
    import no_such_module
""",
}


def made(source, **more):
    """Make an answer as a notebook does: its functions live in ``__main__``."""
    names = {"__name__": "__main__", **more}
    exec(compile(source, "<a cell>", "exec"), names)
    return names["answer"]


@pytest.fixture(scope="module")
def judge():
    judge = Judge()
    yield judge
    judge.close()


def asked(judge, answer, seconds=SECONDS):
    request = {"id": "layer-norm", "seconds": seconds}
    return judge.ask(request | {"pickled": pack(answer)} | surroundings())


@pytest.mark.parametrize("name", WRONG)
def test_each_gets_its_name_and_the_judge_goes_on(judge, name):
    endless = name.startswith("time-limit")
    verdict = asked(judge, made(WRONG[name]), seconds=SECONDS if endless else ENOUGH)
    assert verdict["mistake"] == name.split()[0]
    assert not verdict["passed"]
    assert verdict["what"]
    after = asked(judge, made(RIGHT), seconds=ENOUGH)
    assert after["passed"], after


def test_elsewhere_than_on_linux_it_is_the_same():
    judge = Judge("spawn")  # a fresh Python for each answer: slower, so only a few of them
    for name in ("time-limit", "process-ended", "raised-SystemExit", "memory-limit"):
        endless = name.startswith("time-limit")
        verdict = asked(judge, made(WRONG[name]), seconds=SECONDS if endless else ENOUGH)
        assert verdict["mistake"] == name
    assert asked(judge, made(RIGHT), seconds=ENOUGH)["passed"]
    judge.close()


def test_memory_is_watched_where_the_system_sets_no_limit(monkeypatch):
    monkeypatch.setattr(processes, "_memory", lambda pid: next(sizes))
    sizes = iter([0, *[2 * MEMORY] * 1000])
    lines = queue.SimpleQueue()
    lines.put(b'["ready", true]\n')
    process = object.__new__(processes.Spawned)
    process.pid = 0
    events = processes._events(process, lines, seconds=60)
    assert list(events) == [("memory-limit", None)]


@pytest.mark.parametrize("busy", [True, False])
def test_the_time_that_others_take_is_not_the_answers(busy, monkeypatch):
    lines = queue.SimpleQueue()
    lines.put(b'["ready", true]\n')
    looks = iter([True, True])

    def waits(pid, seconds):
        if not busy or next(looks, False):
            return busy
        lines.put(b'["end", true]\n')
        return True

    monkeypatch.setattr(processes, "_waits", waits)
    process = object.__new__(processes.Spawned)
    process.pid = os.getpid()
    events = list(processes._events(process, lines, seconds=0.5))
    assert events == ([("end", True)] if busy else [("time-limit", None)])


def test_a_process_that_sleeps_does_not_wait_for_a_processor():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as sleeper:
        while psutil.Process(sleeper.pid).status() != psutil.STATUS_SLEEPING:
            time.sleep(0.01)
        assert not processes._waits(sleeper.pid, seconds=1e9)
        sleeper.kill()
    assert processes._waits(os.getpid(), seconds=1e9)
    assert not processes._waits(os.getpid(), seconds=0.0)


def test_what_an_answer_started_ends_with_it(judge):
    sleep = f"import time; time.sleep({random.random() * 1000 + 1000})"  # no other process has it
    source = (
        f"import subprocess, sys\ndef answer(*inputs):\n    cmd = [sys.executable, '-c', {sleep!r}]"
    )
    source += "\n    subprocess.run(cmd)"
    assert asked(judge, made(source))["mistake"] == "time-limit"
    still = [one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"])]
    assert not any(sleep in words for words in still)


def test_a_notebook_s_own_functions_classes_and_imports_come_along():
    source = """

from dataclasses import dataclass
import torch as t
@dataclass
class Scale:
    by: float
def root(number):
    return Scale(number.sqrt())
class Norm(t.nn.Module):
    def forward(self, x, gain, bias, epsilon=1e-5):
        x = x - x.mean(-1, keepdim=True)
        x = x / root(x.var(-1, keepdim=True, unbiased=False) + epsilon).by
        x = x if gain is None else x * gain
        return x if bias is None else x + bias
answer = Norm()
"""
    assert check("layer-norm", made(source)).passed


def everything():
    return {
        "random": random.getstate(),
        "numpy": str(np.random.get_state()),
        "torch": torch.get_rng_state().tolist(),
        "softmax": (torch.softmax, torch.Tensor.softmax, torch.manual_seed, random.random),
        "stdout": (sys.stdout, sys.stderr, sys.stdin),
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "recursion": sys.getrecursionlimit(),
        "dtype": torch.get_default_dtype(),
    }


def test_the_notebook_stays_as_it_was():
    source = """
import os, random, sys
import numpy as np
import torch
def answer(x, gain, bias, epsilon=1e-5):
    random.seed(1); np.random.seed(1); torch.manual_seed(1)
    torch.softmax = torch.Tensor.softmax = torch.manual_seed = random.random = None
    torch.set_default_dtype(torch.float64)
    sys.setrecursionlimit(50)
    os.environ["HOME"] = "nowhere"
    os.chdir("/")
    sys.stdout.close()
    os.close(1)
    return x
"""
    before = everything()
    result = check("layer-norm", made(source))
    assert not result.passed and result.mistake
    for name, value in everything().items():
        assert value == before[name], name


def test_what_is_broken_in_the_notebook_does_not_reach_the_judge(monkeypatch):
    for name in ("sqrt", "manual_seed", "allclose", "equal", "zeros"):
        monkeypatch.setattr(torch, name, lambda *inputs, **settings: torch.ones(1))
    monkeypatch.setattr(torch.Tensor, "mean", lambda self, *axes, **settings: self)
    monkeypatch.setattr(random, "random", lambda: 0.5)
    closed = open(os.devnull, "w")
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    right, wrong = made(RIGHT), made(RIGHT.replace("+ epsilon", "+ 0"))
    assert check("layer-norm", right).passed
    assert check("layer-norm", wrong).mistake == "no-epsilon"


def test_what_cannot_be_taken_along_is_named():
    source = "def answer(x, gain, bias, epsilon=1e-5):\n    return held"
    result = check("layer-norm", made(source, held=(n for n in range(3))))
    assert result.mistake == "cannot-be-tried"
    assert "`held`" in result.message
    large = check("layer-norm", made(source, held=torch.zeros(60_000_000)))
    assert large.mistake == "cannot-be-tried" and "MB" in large.message


def test_an_interrupt_reaches_the_learner_and_the_next_check_works(monkeypatch):
    judge = Judge()
    right = {"id": "layer-norm", "pickled": pack(made(RIGHT))} | surroundings()
    assert judge.ask(right)["passed"]
    with monkeypatch.context() as patch:
        patch.setattr("json.loads", interrupt)
        with pytest.raises(KeyboardInterrupt):
            judge.ask(right)
    assert judge.ask(right)["passed"]
    judge.close()


def interrupt(*inputs):
    raise KeyboardInterrupt


def test_a_judge_that_was_ended_is_started_again():
    judge = Judge()
    right = {"id": "layer-norm", "pickled": pack(made(RIGHT))} | surroundings()
    assert judge.ask(right)["passed"]
    judge._process.kill()
    judge._process.wait()
    assert judge.ask(right)["passed"]
    judge.close()
