"""Answers with two slips at once: learners seldom make only one."""

from collections.abc import Callable, Collection
from itertools import combinations, product
from typing import Any

Slips = dict[str, tuple[Any, str]]  # by name: what it changes, and a short sentence that says so


def two_slips(
    build: Callable[..., Callable[..., Any]], without: Collection[str] = (), **families: Slips
) -> tuple[Callable[..., Any], ...]:
    """Combine each slip with each of another family.

    Args:
        build: Takes one change of some families, by their names, and returns an answer.
        without: Names of pairs that are left out, since they do what another mistake does.
        families: The slips that exclude each other, such as all wrong denominators.
    """
    found = []
    for one, other in combinations(families, 2):
        for first, second in product(families[one], families[other]):
            (change, says), (another, adds) = families[one][first], families[other][second]
            if (name := f"{first}_and_{second}") not in without:
                answer = build(**{one: change, other: another})
                found.append(_named(answer, name, f"Two slips at once. {says} {adds}"))
    return tuple(found)


def _named(answer: Callable[..., Any], name: str, says: str) -> Callable[..., Any]:
    def mistake(*inputs: Any) -> Any:
        return answer(*inputs)

    mistake.__name__ = name
    mistake.__doc__ = f"{says}\n\nMend one of them and check again: the other has its own message."
    return mistake
