"""Kinds of mistakes in lists: another order, something missing, something twice."""

from collections import Counter
from typing import Any

from musiclab.check.example import show
from musiclab.check.kinds.case import Case


def order(case: Case) -> str | None:
    """All that is right, in another order."""
    pairs = _written(case)
    if pairs and all(Counter(yours) == Counter(right) for yours, right in pairs):
        return (
            "All the right elements are there, but in another order.\nWhich order is asked for? A "
            "set, or the keys of a dictionary, may come in any."
        )
    return None


def doubled(case: Case) -> str | None:
    """All that is right, but some of it more than once."""
    pairs = _written(case)
    if pairs and all(set(yours) == set(right) for yours, right in pairs):
        more = all(len(yours) >= len(right) for yours, right in pairs)
        if more:
            return "Some elements are there more than once.\nWhen is one added a second time?"
        return "Elements that occur more than once are there only once.\nWho drops the others?"
    return None


def missing(case: Case) -> str | None:
    """Nothing wrong, but not all."""
    pairs = [(yours, right) for yours, right in _written(case) if yours != right]
    if not pairs or any(Counter(yours) - Counter(right) for yours, right in pairs):
        return None
    for what, part in (("last", slice(None, -1)), ("first", slice(1, None))):
        if all(yours == right[part] for yours, right in pairs):
            return (
                f"The {what} element is missing.\nWhat happens to it where your loop "
                f"{'ends' if what == 'last' else 'begins'}?"
            )
    yours, right = pairs[0]
    lost = next(iter(Counter(right) - Counter(yours)))
    return (
        f"Some elements are missing, such as {lost}.\nFollow your code by hand for that one: where "
        "does it fall out?"
    )


def too_many(case: Case) -> str | None:
    """All that is right, and more."""
    pairs = [(yours, right) for yours, right in _written(case) if yours != right]
    if not pairs or any(Counter(right) - Counter(yours) for yours, right in pairs):
        return None
    yours, right = pairs[0]
    extra = next(iter(Counter(yours) - Counter(right)))
    return (
        f"All that is right is there, but also more, such as {extra}.\nWhich rule should keep that "
        "one out?"
    )


def _written(case: Case) -> list[tuple[list[str], list[str]]]:
    """Yours and the right lists, each element as text; empty unless all results are lists."""
    pairs = []
    for _, yours, right in case:
        if not all(isinstance(one, (list, tuple, set, dict)) for one in (yours, right)):
            return []
        pairs.append((_texts(yours), _texts(right)))
    return pairs


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [f"{show(key)}: {show(one)}" for key, one in value.items()]
    return [show(tuple(one) if isinstance(one, list) else one) for one in value]
