"""Find an exercise by its id, also when it is misspelt."""

import difflib
from typing import Any

from musiclab.check.exercise import Exercise, Order, Recall
from musiclab.check.registry import EXERCISES, QUICK
from musiclab.errors import CheckFailed


def find(id: Any) -> Exercise | Order | Recall:
    """Return the exercise of that id.

    Raises:
        CheckFailed: If there is none; it names one that is spelt alike.
    """
    for known in (EXERCISES, QUICK):
        if isinstance(id, str) and id in known:
            return known[id]
    close = difflib.get_close_matches(str(id), [*EXERCISES, *QUICK], n=1)
    advice = f'did you mean "{close[0]}"?' if close else "musiclab.check.EXERCISES lists them all"
    raise CheckFailed(f"there is no exercise {id!r:.60}; {advice}")
