"""The process that has submissions run: one request a line, one line of answers, both JSON.

A step that never ends, or ends the process, costs that step alone: the others are run once more
without it.
"""

import sys
import time
from functools import partial
from typing import Any

import cloudpickle  # noqa: F401 (read once, for all copies to come, as are those of ``cells``)
import einops  # noqa: F401

import musiclab.model  # noqa: F401
from musiclab.check import cells
from musiclab.check.answering import SECONDS
from musiclab.check.processes import Forked, Spawned, answer_all, listen

ROUNDS = 5  # how often a submission is begun anew
ALTOGETHER = 120.0  # seconds for all its steps


def answers_of(request: dict[str, Any], *, fork: bool) -> dict[str, Any]:
    """Run a submission, as often as it takes.

    Returns:
        Its "answers" by id, each a list of [id, what] as ``cells`` told it; "failed", what its
        steps raised, by number; "died", how they ended their process.
    """
    found: dict[str, Any] = {"answers": {}, "failed": {}, "died": {}}
    deadline = time.monotonic() + ALTOGETHER
    for _ in range(ROUNDS):
        skip = [int(number) for number in found["died"]]
        process = Forked(cells.run) if fork else Spawned("musiclab.check.cells")
        told = {**request, "skip": skip, "lean": bool(skip)}
        step, ended = None, "time-limit"
        events = listen(process, told, request.get("seconds", SECONDS))
        for what, body in events:
            if what == "step":
                step = body
            elif what == "answer":
                found["answers"].setdefault(body[0], {})[body[1]["how"]] = body[1]
            elif what == "failed":
                found["failed"][str(body[0])] = body[1:]
            else:
                ended = what
            if time.monotonic() > deadline:
                break
        events.close()
        if ended == "end" or time.monotonic() > deadline:
            break
        if step is not None:  # else a busy machine took too long to begin
            found["died"][str(step)] = ended
    return found


if __name__ == "__main__":
    fork = sys.argv[1] == "fork"
    answer_all(partial(answers_of, fork=fork), copied=fork)
