"""Which exercises there are: found in their folder, so that a new one needs only a new file."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from musiclab.check.exercise import Exercise, Order, Recall

_FOLDER = "exercises"


class Found(Mapping[str, Any]):
    """What the files of a folder define under certain names, by id; read when first asked for.

    Args:
        pattern: Which files, such as "quick_*.py".
        names: The names to look for in each.
    """

    def __init__(self, pattern: str, *names: str) -> None:
        self._pattern = pattern
        self._names = names

    @cached_property
    def _found(self) -> dict[str, Any]:
        files = sorted((Path(__file__).parent / _FOLDER).glob(self._pattern))
        package = f"{__package__}.{_FOLDER}"
        modules = [import_module(f"{package}.{file.stem}") for file in files if file.stem[0] != "_"]
        every = [
            getattr(one, name) for one in modules for name in self._names if hasattr(one, name)
        ]
        every.sort(key=lambda one: (one.notebook, getattr(one, "place", 0)))
        return {one.id: one for one in every}

    def __getitem__(self, id: str) -> Any:
        return self._found[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return "\n".join(self)


EXERCISES: Mapping[str, Exercise] = Found("*.py", "EXERCISE")  # by notebook and place
QUICK: Mapping[str, Order | Recall] = Found("quick_*.py", "ORDER", "RECALL")
