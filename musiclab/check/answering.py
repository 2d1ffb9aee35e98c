"""Run a learner's answer, in a process of its own, and tell what came of it.

The process is thrown away afterwards, with whatever the answer did to torch, to the random
generators or to Python itself. What it tells, a line of JSON at a time, is plain data.
"""

import base64
import inspect
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dis import get_instructions
from typing import Any

from musiclab.check.blanks import as_given
from musiclab.check.exercise import Exercise
from musiclab.check.guard import forbid_reading, lock_away
from musiclab.check.registry import EXERCISES
from musiclab.check.trial import Probe, make_probes, raised, try_on
from musiclab.check.wire import to_json

MEMORY = 1_000_000_000  # bytes beyond what the process needs itself
SECONDS = 10  # of the clock; on Linux twice as many of computing, should nobody watch the clock

Tell = Callable[[str, Any], None]


def run(request: dict[str, Any], tell: Tell) -> None:
    """Try an answer and tell everything that the judge may want to know, step by step.

    Args:
        request: The exercise's ``id``; ``seeds`` of the probes; ``pickled``, the answer, or its
            ``source``; the ``paths`` and ``folder`` from which the learner imports; ``guarded``,
            whether the right function is out of reach; ``hear``, "yours" or "right", if nothing is
            tried but music made with the answer, or with the right function.
        tell: Takes what it is, and the plain data.
    """
    exercise = EXERCISES[request["id"]]
    limit_memory()
    if request.get("guarded"):
        lock_away(exercise)
    hear = request.get("hear")
    try:
        answer = exercise.reference if hear == "right" else _unpack(exercise, request)
    except BaseException as error:
        tell("unreadable", to_json(raised(error)))
        return
    if hear:
        tell("music", heard(exercise, answer))
        return
    if is_blank(answer) or as_given(exercise, answer):
        tell("blank", True)
        return
    if request.get("guarded"):
        forbid_reading()
    tell_all(exercise, answer, request["seeds"], tell)


def tell_all(
    exercise: Exercise, answer: Callable[..., Any], seeds: Sequence[int], tell: Tell
) -> None:
    """Tell an answer's results, first on the probes, then what may explain that they are wrong."""
    probes = make_probes(exercise, seeds)
    for probe in probes:
        tell("trial", to_json(try_on(exercise, answer, probe)))
    tell("again", [to_json(try_on(exercise, answer, probes[-1], seed=seed)) for seed in (0, 1)])
    for argument, probe in varied(exercise, seeds):
        tell("varied", [argument, to_json(try_on(exercise, answer, probe))])


def varied(exercise: Exercise, seeds: Sequence[int]) -> list[tuple[int, Probe]]:
    """Exchange one input of a probe for that of the same probe with another seed.

    Returns:
        The place of the input exchanged, -1 where none is, and the inputs.
    """
    one, other = (make_probes(exercise, [seed]) for seed in (seeds[0], seeds[-1]))
    found: list[tuple[int, Probe]] = []
    for mine, theirs in list(zip(one, other, strict=False))[:3]:
        found.append((-1, mine))
        for place in range(len(mine)):
            found.append((place, (*mine[:place], theirs[place], *mine[place + 1 :])))
    return found


def heard(exercise: Exercise, answer: Callable[..., Any]) -> dict[str, Any] | None:
    """Make music with an answer, as plain data; None if that fails."""
    from musiclab.music.serialise import to_dict

    assert exercise.hear
    with suppress(Exception):
        return to_dict(exercise.hear(answer))
    return None


def is_blank(answer: Any) -> bool:
    """Tell whether there is nothing in an answer yet: ``...``, ``pass``, or a docstring alone."""
    if answer is None or answer is ...:
        return True
    code = getattr(answer, "__code__", None)
    if code is None or code.co_flags & 0x20:  # a generator's body is never empty
        return False
    steps, none = ([one.opname for one in get_instructions(each)] for each in (code, lambda: None))
    return steps == none and set(code.co_consts) <= {None, ..., getattr(answer, "__doc__", None)}


def limit_memory(seconds: int | None = 2 * SECONDS) -> None:
    """Let the operating system refuse more memory; only Linux does, elsewhere the judge looks.

    Args:
        seconds: How much computing it allows; None for no end.
    """
    if sys.platform != "linux":
        return
    import resource

    with open("/proc/self/statm") as file:
        own = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (own + MEMORY, own + MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))


def load_ahead(request: dict[str, Any]) -> None:
    """Import what an answer is going to need, so that it does not take the answer's time."""
    solution = EXERCISES[request["id"]].solution
    texts = [inspect.getsource(sys.modules[solution.__module__]), request.get("source", "")]
    texts.append(base64.b64decode(request.get("pickled", "")).decode("latin-1"))
    if any("optim" in text for text in texts):
        import torch._dynamo  # noqa: F401 (torch.optim does when first used: it takes seconds)


def _unpack(exercise: Exercise, request: dict[str, Any]) -> Any:
    """Make the answer anew from what was sent; this may run any code of the learner's."""
    import cloudpickle

    sys.path += [path for path in request["paths"] if path not in sys.path]
    with suppress(OSError):
        os.chdir(request["folder"])
    if "pickled" in request:
        return cloudpickle.loads(base64.b64decode(request["pickled"]))
    return made_from(request["source"], exercise, request["file"], request["name"])


def made_from(source: str, exercise: Exercise, file: str, name: str) -> Any:
    """Run a text beside an exercise's solution, and return what it calls ``name``."""
    names: dict[str, Any] = dict(vars(sys.modules[exercise.solution.__module__]))
    exec(compile(source, file, "exec"), names)
    return names[name]


def quiet() -> int:
    """Cut the process off from the terminal; return where to write, known to nobody else."""
    answers = os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(nowhere, each)
    sys.stdin = open(0, closefd=False)
    sys.stdout = sys.stderr = open(1, "w", closefd=False)
    return answers


def teller(handle: int) -> Tell:
    """Return a function that writes what it is told, a line at a time."""

    def tell(what: str, body: Any, write: Any = os.write, dumps: Any = json.dumps) -> None:
        rest = memoryview((dumps([what, body]) + "\n").encode())
        while rest:
            rest = rest[write(handle, rest) :]

    return tell


def answer_once(
    work: Callable[[dict[str, Any], Tell], None],
    prepare: Callable[[dict[str, Any]], None] = lambda request: None,
) -> None:
    """Read one request from standard input, do the work, tell all, and end the process."""
    asked = os.dup(0)
    tell = teller(quiet())
    with open(asked) as file:
        line = file.readline()
    if line.endswith("\n"):
        request = json.loads(line)
        prepare(request)
        tell("ready", True)
        work(request, tell)
        tell("end", True)
    os._exit(0)


if __name__ == "__main__":
    answer_once(run, load_ahead)
