"""How far a learner is: all sheets, what is open, what to look at once more."""

from itertools import groupby

from musiclab.check.display import Part, Shown
from musiclab.check.exercise import Recall
from musiclab.check.record import record
from musiclab.check.registry import EXERCISES, QUICK


class Progress(Shown):
    """What is done and what is open, sheet by sheet.

    Attributes:
        done: The ids of the exercises passed, quick ones included.
        open: The ids of all others.
        review: The ids of the questions that bring back something passed two notebooks ago.
    """

    def __init__(self, passed: set[str]) -> None:
        every = sorted([*EXERCISES.values(), *QUICK.values()], key=lambda one: one.notebook)
        self.done = [one.id for one in every if one.id in passed]
        self.open = [one.id for one in every if one.id not in passed]
        reached = max((one.notebook for one in every if one.id in passed), default=0)
        self.review = [
            one.id
            for one in every
            if isinstance(one, Recall)
            and one.about in passed
            and one.id not in passed
            and one.notebook <= reached
        ]
        self._sheets = [(n, list(ones)) for n, ones in groupby(every, lambda one: one.notebook)]

    def parts(self) -> list[Part]:
        """Return a line a sheet."""
        lines = []
        for notebook, ones in self._sheets:
            done = [one.id for one in ones if one.id in self.done]
            left = ", ".join(one.id for one in ones if one.id not in self.done)
            line = f"Sheet {notebook:02}: {len(done)} of {len(ones)} done"
            lines.append(f"{line}; open: {left}" if left else f"{line}, all of it")
        review = f"To recall now: {', '.join(self.review)}." if self.review else ""
        whole = f"{len(self.done)} of {len(self.done) + len(self.open)} exercises done."
        return [Part(whole, "strong"), Part("\n".join(lines)), Part(review)]


def progress() -> Progress:
    """Show what you have passed, over all notebooks, and what to look at once more."""
    return Progress(record().passed())
