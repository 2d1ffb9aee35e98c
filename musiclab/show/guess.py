"""Bach or model? A small listening test: hear a few bars, say who wrote them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from ipywidgets import HTML, Button, HBox, VBox

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.sampling.compose import compose
from musiclab.show.html import plain
from musiclab.show.piano_roll import PianoRoll
from musiclab.show.with_picture import BoxWithPicture

BARS = 4
TEMPO = 84.0  # quarters a minute, the same for all


@dataclass(frozen=True)
class Riddle:
    """A few bars, and who wrote them.

    Attributes:
        chorale: The music, with nothing in its names that would tell.
        by_bach: True if Bach wrote it.
        answer: Where it comes from, in a sentence.
    """

    chorale: Chorale
    by_bach: bool
    answer: str


def make_riddles(
    rounds: int = 3,
    seed: int = 0,
    *,
    checkpoint: Any = "bach-studio",
    pieces: Sequence[Chorale] | None = None,
) -> list[Riddle]:
    """Draw riddles: in each, a coin decides between Bach and the model.

    Both are the first four bars of a piece in 4/4, at one tempo, on one instrument. Bach's come
    from chorales that the model has never seen.

    Args:
        rounds: How many riddles, at least 1.
        seed: Decides the coins, the chorales and the model's notes.
        checkpoint: The model.
        pieces: Chorales to draw from; by default the benchmark's test split.

    Returns:
        The riddles; no chorale stands behind two of them.

    Raises:
        SettingError: If there are fewer fitting chorales than rounds.
    """
    chance = random.Random(seed)
    fitting = [one for one in corpus("test") if _fits(one)] if pieces is None else list(pieces)
    if not 1 <= rounds <= len(fitting):
        raise SettingError(f"rounds must lie in 1 to {len(fitting)}, got {rounds}")
    return [
        _bach(piece) if chance.random() < 0.5 else _model(chance.randrange(10**6), checkpoint)
        for piece in chance.sample(fitting, rounds)
    ]


def _fits(piece: Chorale) -> bool:
    """Tell whether a chorale is in 4/4, begins with a full bar, and is long enough."""
    begins_full = bool(piece.beats[0] == 0)
    return piece.time_signature == "4/4" and begins_full and len(piece) > BARS * 16


def _bach(piece: Chorale) -> Riddle:
    answer = f"This is Bach: the beginning of {plain(piece.title)}."
    return Riddle(_nameless(piece.excerpt(0, BARS * 16)), True, answer)


def _model(seed: int, checkpoint: Any) -> Riddle:
    written = compose(checkpoint=checkpoint, bars=BARS, seed=seed, ending=False)
    answer = f"This is the model. Its recipe: {written.source}"
    return Riddle(_nameless(written), False, answer)


def _nameless(chorale: Chorale) -> Chorale:
    """Take away what would tell: the names, the tempo, the marked line ends."""
    bare = {"title": "", "key": "", "source": "", "tempo": TEMPO, "fermatas": None}
    return replace(chorale, **bare)


class BachOrModel(BoxWithPicture):
    """Listen, then press "Bach" or "The model"; after each guess the truth appears.

    Args:
        rounds: How many riddles.
        seed: Another seed, other riddles.
        checkpoint: The model.
        pieces: Chorales to draw from; by default the benchmark's test split.

    Attributes:
        riddles: What is played.
        guesses: True for "Bach", False for "the model", None for not guessed yet.

    Example:
        >>> game = BachOrModel(rounds=2, seed=1)
        >>> game.guess(0, by_bach=True)
        >>> game.guesses
        [True, None]
    """

    def __init__(
        self,
        rounds: int = 3,
        seed: int = 0,
        *,
        checkpoint: Any = "bach-studio",
        pieces: Sequence[Chorale] | None = None,
    ) -> None:
        self.riddles = make_riddles(rounds, seed, checkpoint=checkpoint, pieces=pieces)
        self.guesses: list[bool | None] = [None] * rounds
        self.rolls = [
            PianoRoll(riddle.chorale, title=f"Riddle {number}")
            for number, riddle in enumerate(self.riddles, start=1)
        ]
        self.buttons: list[tuple[Button, Button]] = []
        self.verdicts = [HTML() for _ in self.riddles]
        self.result = HTML()
        rows = []
        for number in range(rounds):
            pair = Button(description="Bach"), Button(description="The model")
            pair[0].on_click(lambda _, number=number: self.guess(number, by_bach=True))
            pair[1].on_click(lambda _, number=number: self.guess(number, by_bach=False))
            self.buttons.append(pair)
            rows.append(VBox([self.rolls[number], HBox(pair), self.verdicts[number]]))
        super().__init__([*rows, self.result])

    def guess(self, number: int, *, by_bach: bool) -> None:
        """Take the guess for riddle ``number``, counted from 0, and tell the truth.

        The first guess counts; later ones change nothing.
        """
        if self.guesses[number] is not None:
            return
        self.guesses[number] = by_bach
        riddle = self.riddles[number]
        verdict = "Right." if by_bach == riddle.by_bach else "No."
        self.verdicts[number].value = _spoken(f"{verdict} {riddle.answer}")
        for button in self.buttons[number]:
            button.disabled = True
        if None not in self.guesses:
            self.result.value = _spoken(self.summary())

    @property
    def right(self) -> int:
        """How many guesses were right."""
        pairs = zip(self.guesses, self.riddles, strict=True)
        return sum(guess == riddle.by_bach for guess, riddle in pairs)

    def summary(self) -> str:
        """Say what the guesses show, and what they do not."""
        rounds = len(self.riddles)
        return (
            f"{self.right} of {rounds} right. Someone who tosses a coin gets all {rounds} right "
            f"once in {2**rounds} games, so a few rounds prove little."
        )

    def static_html(self) -> str:
        """Return the riddles as pictures and players, the answers folded away."""
        parts = [
            f"{roll.static_html()}<details><summary>Who wrote riddle {number}?</summary>"
            f"{escape(riddle.answer)}</details>"
            for number, (roll, riddle) in enumerate(
                zip(self.rolls, self.riddles, strict=True), start=1
            )
        ]
        return "".join(parts)


def _spoken(text: str) -> str:
    """Make HTML of a message that a screen reader announces."""
    return f'<div role="status">{escape(plain(text, longest=600))}</div>'
