"""Bach or model? A small listening test: hear a few bars, say who wrote them."""

from collections.abc import Sequence
from html import escape
from typing import Any

from ipywidgets import HTML, Button, HBox, VBox

from musiclab.checks import check_choice
from musiclab.errors import SettingError
from musiclab.evaluate.intervals import wilson_interval
from musiclab.music.chorale import Chorale
from musiclab.show.html import plain, status
from musiclab.show.piano_roll import PianoRoll
from musiclab.show.riddles import make_riddles
from musiclab.show.sound import Sound
from musiclab.show.widgets import WithPicture

ENOUGH = 8  # rounds from which an interval says more than "a few rounds prove little"
_SOUND_RATE = 8_000  # samples a second: a piano hardly sounds above 4 kHz, and files stay small
_BY_BACH = {"B": True, "M": False}  # how guesses are written down


class BachOrModel(WithPicture, VBox):
    """Listen, then press "Bach" or "The model"; the truth appears after each guess, or at the end.

    Until the truth is told, a guess can be changed. "New game" plays with other riddles.

    Args:
        rounds: How many riddles.
        seed: As for ``make_riddles``, and so are ``checkpoint`` and ``pieces``.
        checkpoint: The model.
        pieces: Chorales to draw from.
        player: "roll" shows each riddle as a moving piano roll; "sound" is a bare player, so that
            only the ear can judge, and the notebook's file stays small.
        tell: "at once" tells the truth after each guess; "at the end" after the last one, so that
            no answer teaches the listener what to listen for.

    Attributes:
        riddles: What is played.
        guesses: True for "Bach", False for "the model", None for not guessed yet.

    Raises:
        SettingError: If there are too few chorales for the rounds, or no such player or time.

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
        player: str = "roll",
        tell: str = "at once",
    ) -> None:
        check_choice("player", player, ("roll", "sound"))
        super().__init__()
        self._player = player
        self._asked = {"checkpoint": checkpoint, "pieces": pieces}
        self._tells_at_once = check_choice("tell", tell, ("at once", "at the end")) == "at once"
        self.result, self.again = HTML(), Button(description="New game")
        self.again.on_click(lambda _: self._begin(len(self.riddles), self._next_seed))
        self._begin(rounds, seed)

    def _begin(self, rounds: int, seed: int) -> None:
        """Lay out new riddles."""
        self.riddles = make_riddles(rounds, seed, **self._asked)
        self._next_seed = seed + 1
        self.guesses: list[bool | None] = [None] * rounds
        self.players: list[PianoRoll | Sound] = []
        self.buttons: list[tuple[Button, Button]] = []
        self.verdicts = [HTML() for _ in self.riddles]
        self.result.value = status(f"None of {rounds} guessed yet.")
        rows = []
        for number, riddle in enumerate(self.riddles):
            title = f"Riddle {number + 1}"
            if self._player == "roll":
                heard = shown = PianoRoll(riddle.chorale, title=title)
            else:
                heard = Sound(riddle.chorale, title=title, sample_rate=_SOUND_RATE)
                shown = HTML(heard._repr_html_())
            pair = Button(description="Bach"), Button(description="The model")
            pair[0].on_click(lambda _, number=number: self.guess(number, by_bach=True))
            pair[1].on_click(lambda _, number=number: self.guess(number, by_bach=False))
            self.players.append(heard)
            self.buttons.append(pair)
            rows.append(VBox([shown, HBox(pair), self.verdicts[number]]))
        # The result is seen above while guessing, and below after the last guess.
        self.children = [HBox([self.result, self.again]), *rows, self.result]

    def guess(self, number: int, *, by_bach: bool) -> None:
        """Take the guess for riddle ``number``, counted from 0, unless its truth has been told."""
        told = self.guesses[number] is not None if self._tells_at_once else self.finished
        if told:
            return
        self.guesses[number] = bool(by_bach)
        if self._tells_at_once:
            self._show_verdict(number)
        else:
            self.verdicts[number].value = status(f"Noted: {'Bach' if by_bach else 'the model'}.")
        done = len(self.guesses) - self.guesses.count(None)
        self.result.value = status(f"{done} of {len(self.guesses)} guessed.")
        if self.finished:
            for each in range(len(self.riddles)):
                self._show_verdict(each)
            self.result.value = status(escape(self.summary()))

    def guess_all(self, guesses: str) -> None:
        """Take one guess a riddle: "B" for Bach, "M" for the model, such as "BMMB BMMM".

        Raises:
            SettingError: If there are other letters, or not one a riddle.
        """
        for number, by_bach in enumerate(_read_guesses(guesses, len(self.riddles))):
            self.guess(number, by_bach=by_bach)

    @property
    def finished(self) -> bool:
        """Whether every riddle has been guessed."""
        return None not in self.guesses

    @property
    def right(self) -> int:
        """How many guesses were right."""
        return self._wrong(self.guesses).count(False)

    @property
    def fooled(self) -> list[bool]:
        """For each riddle, whether the guess was wrong.

        Raises:
            SettingError: If a riddle has not been guessed yet.
        """
        if not self.finished:
            raise SettingError(
                f"{self.guesses.count(None)} of {len(self.guesses)} riddles have no guess yet; "
                "press the buttons, or call guess_all"
            )
        return self._wrong(self.guesses)

    def fooled_by(self, guesses: str) -> list[bool]:
        """Say for each riddle whether another listener's guess is wrong, and change nothing here.

        The guesses are written, and refused, as for ``guess_all``.
        """
        return self._wrong(_read_guesses(guesses, len(self.riddles)))

    def summary(self) -> str:
        """Say what the guesses show, and what they do not."""
        rounds = len(self.riddles)
        if rounds < ENOUGH or not self.finished:
            return (
                f"{self.right} of {rounds} right. Someone who tosses a coin gets all {rounds} "
                f"right once in {2**rounds} games, so a few rounds prove little."
            )
        low, high = wilson_interval(self.right, rounds)
        verdict = "within it: these guesses do not show that you can tell."
        if low > 0.5:
            verdict = "below it: you can tell them apart."
        if high < 0.5:
            verdict = "above it: you hear a difference, but misread it."
        return (
            f"{self.right} of {rounds} right, 95 % interval {low:.0%} to {high:.0%}. "
            f"A coin's 50 % lies {verdict}"
        )

    def static_html(self) -> str:
        """Return the riddles as players, with pictures if they are rolls, the answers folded."""
        html = ""
        for number, (heard, riddle) in enumerate(zip(self.players, self.riddles, strict=True), 1):
            html += heard._repr_html_() if isinstance(heard, Sound) else heard.static_html()
            html += f"<details><summary>Who wrote riddle {number}?</summary>"
            html += f"{escape(riddle.answer)}</details>"
        return html

    def _wrong(self, guesses: Sequence[bool | None]) -> list[bool]:
        pairs = zip(guesses, self.riddles, strict=True)
        return [guess != riddle.by_bach for guess, riddle in pairs]

    def _show_verdict(self, number: int) -> None:
        for button in self.buttons[number]:
            button.disabled = True
        verdict = "No." if self._wrong(self.guesses)[number] else "Right."
        words = plain(f"{verdict} {self.riddles[number].answer}", longest=600)
        self.verdicts[number].value = status(escape(words))


def _read_guesses(guesses: str, rounds: int) -> list[bool]:
    letters = "".join(guesses.split()).upper()
    if len(letters) != rounds or set(letters) - set(_BY_BACH):
        raise SettingError(
            f"guesses must be {rounds} letters, B for Bach or M for the model, got {guesses[:60]!r}"
        )
    return [_BY_BACH[letter] for letter in letters]
