"""What a check says to the learner."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from musiclab.check.display import Part, Shown
from musiclab.errors import CheckFailed
from musiclab.show.colours import OKABE_ITO

_SOUND_RATE = 8_000  # samples a second, so that two players do not swell the notebook


@dataclass(frozen=True, kw_only=True, repr=False)
class Result(Shown):
    """What came of a check; as the last line of a cell it is shown.

    Attributes:
        id: Of the exercise.
        passed: Whether all visible checks passed.
        blank: Whether there is no answer yet, which is no fault.
        mistake: The id of the mistake; None if there is none.
        what: What is wrong, in one line.
        example: One small example, your result beside the right one.
        cause: The likely cause, and where to look.
        trace: Where an exception was raised.
        hear: Makes the music that your function plays, and the right one, by title.
    """

    id: str
    passed: bool = False
    blank: bool = False
    mistake: str | None = None
    what: str
    example: str = ""
    cause: str = ""
    trace: str = ""
    hear: Callable[[], dict[str, Any]] | None = None

    @property
    def message(self) -> str:
        """All that is said, without the traceback."""
        return "\n".join(text for text in (self.what, self.example, self.cause) if text)

    @property
    def colour(self) -> str:  # type: ignore[override]
        """Green, grey or vermilion; never the only sign."""
        if self.blank:
            return "#808080"
        return OKABE_ITO["green" if self.passed else "vermilion"]

    def require(self) -> "Result":
        """Return this result if it passed.

        Raises:
            CheckFailed: If it did not; it says what the result says.
        """
        if not self.passed:
            raise CheckFailed(f"{self.id}: {self.message}")
        return self

    def parts(self) -> list[Part]:
        """Return what is said, from top to bottom."""
        return [
            Part(f"{self.id}: {self.what}", "strong"),
            Part(self.example),
            Part(self.cause),
            Part(self.trace, "code", folded="Where Python stopped"),
        ]

    def below(self) -> str:
        """Return players, if there is something to hear; only now is the music made."""
        # A sound that cannot be made must not cost the learner the message.
        with suppress(Exception):
            if self.hear:
                return "".join(_player(music, title) for title, music in self.hear().items())
        return ""


def _player(music: dict[str, Any], title: str) -> str:
    from musiclab.music.serialise import from_dict
    from musiclab.show.sound import Sound

    return Sound(from_dict(music), title=title, sample_rate=_SOUND_RATE)._repr_html_()
