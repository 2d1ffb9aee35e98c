"""Small exercises to try the machinery on, and a whole check in one process."""

from collections.abc import Callable
from typing import Any

from musiclab.check.answering import tell_all
from musiclab.check.bench import Bench
from musiclab.check.exercise import Exercise
from musiclab.check.judge import Verdict, judge

SEEDS = (21, 22, 23)


def toy(reference: Callable[..., Any], probes: Callable[..., Any], **more: Any) -> Exercise:
    """Make an exercise of a right function and its inputs."""
    words = dict.fromkeys(("title", "why", "statement", "explain"), "To try something.")
    settings = {
        "id": "toy",
        "notebook": 1,
        "place": 1,
        "kind": "implement",
        "difficulty": 1,
        "importance": 1,
        "minutes": 1,
        "signature": "toy(x)",
        "solution": reference,
        "mistakes": (),
        "hints": ("Look.", "Think.", "Write."),
    }
    return Exercise(reference=reference, probes=probes, **(words | settings | more))


def checked(exercise: Exercise, answer: Callable[..., Any]) -> Verdict:
    """Try and judge an answer as both processes do, but in this one."""
    events: list[tuple[str, Any]] = []
    tell_all(exercise, answer, SEEDS, lambda *event: events.append(event))
    return judge(Bench(exercise, SEEDS), iter(events))
