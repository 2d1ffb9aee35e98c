"""Which exercises there are: found in their folder, so that a new one needs only a new file."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from musiclab.check.exercise import Exercise, Order, Recall

_FOLDER = Path(__file__).parent / "exercises"


class Found(Mapping[str, Any]):
    """What the files in the folder of exercises define, by id; each is read when asked for.

    Args:
        quick: Whether to find the quick ones, "order-06" and "recall-06" in ``quick_06.py``, or
            the exercises, each in a file that is called by its id.
    """

    def __init__(self, *, quick: bool) -> None:
        self._quick = quick

    @cached_property
    def _ids(self) -> list[str]:
        stems = [file.stem for file in _FOLDER.glob("[a-z]*.py")]
        if self._quick:
            numbers = sorted(stem[6:] for stem in stems if stem.startswith("quick_"))
            return [f"{kind}-{number}" for number in numbers for kind in ("order", "recall")]
        ids = [stem.replace("_", "-") for stem in stems if not stem.startswith("quick_")]
        return sorted(ids, key=lambda id: (self[id].notebook, self[id].place, id))

    def __getitem__(self, id: str) -> Any:
        kind, _, number = str(id).partition("-")
        stem, name = str(id).replace("-", "_"), "EXERCISE"
        if self._quick:
            stem, name = f"quick_{number}", kind.upper()
        if "_" in str(id) or not (_FOLDER / f"{stem}.py").is_file():
            raise KeyError(id)
        return getattr(import_module(f"{__package__}.exercises.{stem}"), name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return "\n".join(self)


EXERCISES: Mapping[str, Exercise] = Found(quick=False)  # by notebook and place
QUICK: Mapping[str, Order | Recall] = Found(quick=True)
