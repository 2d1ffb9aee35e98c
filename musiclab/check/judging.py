"""The judge, in a process of its own: clean torch, and nothing of the learner's.

It reads one request a line and answers with one line, both JSON. On Linux each check is done by a
copy of this process, which takes milliseconds; this process itself never computes, so that its
copies may. Elsewhere it computes itself, and starts a fresh Python for each answer.
"""

import secrets
import sys
from dataclasses import asdict
from typing import Any

from musiclab.check.answering import SECONDS, load_ahead
from musiclab.check.bench import Bench
from musiclab.check.judge import CHECKS, judge
from musiclab.check.processes import Forked, Spawned, answer_all, listen
from musiclab.check.registry import EXERCISES

LISTENING = 3 * SECONDS  # what can be heard counts its own computing


def try_and_judge(request: dict[str, Any], process: Forked | Spawned) -> dict[str, Any]:
    """Have an answer tried on fresh inputs, and judge it; or only have it make music."""
    seeds = [secrets.randbits(32) for _ in range(CHECKS)]
    seconds = request.get("seconds", LISTENING if request.get("hear") else SECONDS)
    events = listen(process, {**request, "seeds": seeds}, seconds)
    try:
        if request.get("hear"):
            return {"music": next((body for what, body in events if what == "music"), None)}
        return asdict(judge(Bench(EXERCISES[request["id"]], seeds), events))
    finally:
        events.close()


def main(how: str) -> None:
    """Answer requests from standard input until it ends."""
    copied = how == "fork"
    spares = [] if copied else [Spawned()]

    def judge_one(request: dict[str, Any]) -> dict[str, Any]:
        spares.append(Forked() if copied else Spawned())  # a spawned one is ready by the next check
        return try_and_judge(request, spares.pop(0))

    answer_all(judge_one, copied=copied, prepare=load_ahead)


if __name__ == "__main__":
    main(*sys.argv[1:])
