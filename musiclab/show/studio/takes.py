"""The last few takes, and in what two of them differ."""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musiclab.music.chorale import Chorale

MOST = 8


@dataclass(frozen=True, eq=False)
class Take:
    """A piece, and how it was made."""

    chorale: Chorale
    how: Mapping[str, Any]  # what was asked for, by the names that the page shows
    number: int = 0  # 0 until it is kept

    @property
    def words(self) -> str:
        """How it was made, in a line for a reader."""
        return ", ".join(f"{name} {value}" for name, value in self.how.items())

    @property
    def name(self) -> str:
        """What to call it."""
        return f"take {self.number}" if self.number else "what is not kept yet"

    @property
    def label(self) -> str:
        """Its line in the menu of takes."""
        return f"{self.name}: {self.words}"[:80]

    def file_name(self, suffix: str) -> str:
        """Name a file after the piece.

        Example:
            >>> import numpy as np
            >>> piece = Chorale(pitches=np.full((4, 4), 60), title="Chorale in F# minor")
            >>> Take(piece, {"seed": 7}, 2).file_name(".mid")
            'chorale-in-f-sharp-minor-take-2.mid'
        """
        title = self.chorale.title.replace("#", "-sharp").lower()
        words = re.findall(r"[^\W_]+", f"{title} {self.name}")
        return "-".join(words)[:80] + suffix


@dataclass
class Takes:
    """The newest takes, the oldest first; a new one pushes out the oldest."""

    kept: deque[Take] = field(default_factory=lambda: deque(maxlen=MOST))
    count: int = 0  # of all takes so far

    def add(self, chorale: Chorale, how: Mapping[str, Any]) -> Take:
        """Keep a piece, and return its take."""
        self.count += 1
        take = Take(chorale, dict(how), self.count)
        self.kept.append(take)
        return take


def difference(old: Take, new: Take) -> str:
    """Say what was changed between two takes, and how much of the music that changed.

    Example:
        >>> import numpy as np
        >>> piece = Chorale(pitches=np.full((4, 4), 60))
        >>> other = Chorale(pitches=np.array([[60, 60, 60, 60]] * 3 + [[62, 60, 60, 60]]))
        >>> difference(Take(piece, {"seed": 1}, 1), Take(other, {"seed": 2}, 2))
        'Take 2 beside take 1: seed 2 (was 1); 1 of 16 cells sound otherwise.'
    """
    if list(old.how)[:1] == list(new.how)[:1]:  # made in the same way
        names = dict.fromkeys([*new.how, *old.how])
        changes = [
            f"{name} {new.how.get(name, 'as usual')} (was {old.how.get(name, 'as usual')})"
            for name in names
            if new.how.get(name) != old.how.get(name)
        ]
    else:
        changes = [new.words]
    if len(old.chorale) == len(new.chorale):
        cells = changed_cells(old.chorale, new.chorale)
        changes.append(f"{cells.sum()} of {cells.size} cells sound otherwise")
    else:
        changes.append(f"{len(new.chorale)} frames (were {len(old.chorale)})")
    return f"{new.name.capitalize()} beside {old.name}: {'; '.join(changes)}."


def changed_cells(old: Chorale, new: Chorale) -> np.ndarray:
    """Find the (frame, voice) cells of two pieces of one length that sound otherwise."""
    return (old.pitches != new.pitches) | (old.attacks != new.attacks)
