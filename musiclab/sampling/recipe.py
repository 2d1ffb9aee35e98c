"""A recipe: one short line that says how a piece was made, and makes it again."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, no_type_check
from urllib.parse import quote, unquote

from musiclab.checkpoint.load import Checkpoint, load_checkpoint, open_checkpoint, shipped_names
from musiclab.errors import CheckpointError, MusicLabError, SettingError
from musiclab.music.chorale import Chorale
from musiclab.sampling.line_ends import Runs, ends_of_runs, read_runs, write_runs
from musiclab.sampling.plan import Plan
from musiclab.sampling.prompt_source import read_again
from musiclab.sampling.settings import Settings

LONGEST_LINE = 2000  # characters
_HEAD = re.compile(r"musiclab ([^@\s]*)@([0-9a-f]{12})")

# How each field is read back; a line has them in this order and leaves out what is the default.
_READERS: dict[str, Callable[[str], Any]] = {
    "seed": int,
    "bars": int,
    "temperature": float,
    "top_k": int,
    "top_p": float,
    "min_p": float,
    "rules": lambda text: text.split(","),
    "prompt": unquote,
    "prompt_hash": str,
    "prompt_bars": int,
    "metre": str,
    "pickup": int,
    "key": unquote,
    "mode": str,
    "fermatas": lambda text: int(text) if text.isdecimal() else read_runs(text),
    "ending": {"no": False}.__getitem__,
    "candidates": int,
    "rank": int,
}
_REALS = ("temperature", "top_p", "min_p")
_KNOBS = ("temperature", "top_k", "top_p", "min_p", "rules")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides which notes ``compose`` writes.

    ``str(recipe)`` is one line to share; ``Recipe.parse(line).compose()`` writes the same music
    again on the same machine. (Other machines round differently, so that now and then a note may
    differ.)

    Args:
        checkpoint: Name or folder of the model; "" if it was given ready loaded.
        fingerprint: Its twelve digits.
        seed: Where the random numbers start.
        bars: Length of the whole piece.
        settings: Temperature, filters and rules.
        prompt: Source of the chorale whose first bars were given; "" if it has none that could be
            read again, None for no prompt.
        prompt_hash: Eight digits that change with anything in those bars.
        prompt_bars: How many bars of it were given; None for all.
        metre: Time signature; None for the usual.
        pickup: Frames before the first barline; None for the usual.
        key: Tonic and mode, or None.
        mode: "major", "minor" or None.
        fermatas: Bars a line, or the (first, last) frames of each fermata, or None.
        ending: Whether the piece comes to its end.
        candidates: How many pieces were written at once.
        rank: Which of them it is, the likeliest being 0.
    """

    checkpoint: str = "bach-studio"
    fingerprint: str
    seed: int
    bars: int
    settings: Settings = field(default_factory=Settings)
    prompt: str | None = None
    prompt_hash: str | None = None
    prompt_bars: int | None = None
    metre: str | None = None
    pickup: int | None = None
    key: str | None = None
    mode: str | None = None
    fermatas: int | Runs | None = None
    ending: bool = True
    candidates: int = 1
    rank: int = 0

    def __str__(self) -> str:
        """Write the line.

        Example:
            >>> print(Recipe(fingerprint="0123456789ab", seed=1, bars=8))
            musiclab bach-studio@0123456789ab seed=1 bars=8 temperature=1.0
        """
        values = {name: getattr(self, name, None) for name in _READERS}
        values |= {name: getattr(self.settings, name) for name in _KNOBS}
        values["rules"] = ",".join(self.settings.rules) or None
        values["ending"] = None if self.ending else "no"
        values["prompt"] = None if self.prompt is None else quote(self.prompt)
        values["key"] = None if self.key is None else quote(self.key)
        values["candidates"] = None if self.candidates == 1 else self.candidates
        values["rank"] = self.rank or None
        if isinstance(self.fermatas, tuple):
            values["fermatas"] = write_runs(self.fermatas)
        values |= {n: float(values[n]) for n in _REALS if values[n] is not None}
        words = [f"{name}={value}" for name, value in values.items() if value is not None]
        return " ".join([f"musiclab {quote(self.checkpoint)}@{self.fingerprint}", *words])

    @classmethod
    @no_type_check  # checks what it is given, in better words than a checker's
    def parse(cls, line: str) -> "Recipe":
        """Read a line that ``str(recipe)`` wrote.

        Args:
            line: The whole line; spaces around it do not matter.

        Returns:
            The recipe.

        Raises:
            SettingError: If it is not exactly such a line; the message names the word at fault.

        Example:
            >>> line = "musiclab bach-studio@0123456789ab seed=1 bars=8 temperature=0.9"
            >>> Recipe.parse(line).settings.temperature
            0.9
        """
        if not isinstance(line, str) or len(line) > LONGEST_LINE:
            raise SettingError(f"a recipe is one short line of text, got {line!r:.60}")
        line = line.strip()
        head = _HEAD.match(line)
        if not head:
            raise SettingError(
                f'a recipe begins like "musiclab bach-studio@0123456789ab seed=1", got {line!r:.60}'
            )
        values = dict(_read_word(word) for word in line[head.end() :].split())
        if missing := {"seed", "bars", "temperature"} - set(values):
            raise SettingError(f"the recipe lacks {min(missing)}=...; copy the whole line")
        settings = Settings(**{name: values.pop(name) for name in _KNOBS if name in values})
        name, fingerprint = unquote(head[1]), head[2]
        recipe = cls(checkpoint=name, fingerprint=fingerprint, settings=settings, **values)
        if str(recipe) != line:  # another order, a word twice, a number written otherwise
            raise SettingError(f"the recipe is damaged, it should read {str(recipe)!r:.200}")
        return recipe

    def compose(
        self,
        *,
        checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
        prompt: Chorale | None = None,
        on_frame: Callable[[int, int], None] | None = None,
    ) -> Chorale:
        """Write the same music again.

        Args:
            checkpoint: Where the model is, if it cannot be found by its name or fingerprint.
            prompt: The chorale that was begun with, if it cannot be read from where it was.
            on_frame: Called with (frames done, frames in all).

        Returns:
            The piece.

        Raises:
            CheckpointError: If the model is not the one that the recipe was made with.
            SettingError: If the prompt is not the one, or cannot be found.
        """
        from musiclab.sampling.compose import compose_many

        asked = {
            "bars": self.bars,
            "time_signature": self.metre,
            "pickup": self.pickup,
            "key": self.key,
            "mode": self.mode,
            "ending": self.ending,
        }
        if self.prompt is not None:
            asked["prompt_bars"] = self.prompt_bars
            asked["prompt"] = prompt or self._find_prompt(asked)
            self._check_prompt(Plan(**asked))
        fermatas = self.fermatas
        if isinstance(fermatas, tuple):
            fermatas = ends_of_runs(fermatas, Plan(**asked).frames)
        knobs = {name: getattr(self.settings, name) for name in _KNOBS}
        model = self._find_checkpoint(checkpoint)
        pieces = compose_many(
            checkpoint=model, seed=self.seed, fermatas=fermatas, candidates=self.candidates,
            on_frame=on_frame, **asked, **knobs,
        )  # fmt: skip
        if not 0 <= self.rank < len(pieces):
            raise SettingError(f"rank must lie in 0 to {len(pieces) - 1}, got {self.rank}")
        return replace(pieces[self.rank].chorale, source=str(self))

    def _find_checkpoint(self, checkpoint: Any) -> Checkpoint:
        """Load the model, and see that it is the same."""
        if checkpoint is None and not self.checkpoint:
            checkpoint = self._find_shipped()
        found = open_checkpoint(self.checkpoint if checkpoint is None else checkpoint)
        if found.fingerprint != self.fingerprint:
            raise CheckpointError(
                f"the recipe was made with {self.checkpoint or 'a model'} {self.fingerprint}, but "
                f"this one is {found.fingerprint} and would write other notes; give the first one: "
                "recipe.compose(checkpoint=...)"
            )
        return found

    def _find_shipped(self) -> Checkpoint:
        """Find the model by its fingerprint among those that come with musiclab."""
        for loaded in map(load_checkpoint, shipped_names()):
            if loaded.fingerprint == self.fingerprint:
                return loaded
        raise CheckpointError(
            f"the recipe does not say where its model {self.fingerprint} is; "
            "give it: recipe.compose(checkpoint=...)"
        )

    def _find_prompt(self, asked: dict[str, Any]) -> Chorale:
        """Read the chorale to begin with from where it was."""
        remedy = "give the chorale itself: recipe.compose(prompt=...)"
        if not self.prompt:
            raise SettingError(f"the recipe's prompt was not read from anywhere; {remedy}")
        try:
            return read_again(self.prompt, lambda one: self._fits(one, asked))
        except MusicLabError as error:
            raise SettingError(f"the recipe's prompt cannot be read ({error}); {remedy}") from None

    def _fits(self, prompt: Chorale, asked: dict[str, Any]) -> bool:
        """Tell whether the piece was begun with this chorale."""
        try:
            return Plan(**asked, prompt=prompt).prompt_hash == self.prompt_hash
        except SettingError:  # it is too long, or too short
            return False

    def _check_prompt(self, plan: Plan) -> None:
        if plan.prompt_hash != self.prompt_hash:
            raise SettingError(
                f"the first bars of {self.prompt or 'this prompt'!r:.80} are not those that the "
                "recipe was made with; give the same chorale: recipe.compose(prompt=...)"
            )


def _read_word(word: str) -> tuple[str, Any]:
    """Read one ``name=value``."""
    name, _, value = word.partition("=")
    if name not in _READERS:
        raise SettingError(f"a recipe has no {word!r:.60}; known are {', '.join(_READERS)}")
    try:
        return name, _READERS[name](value)
    except (ValueError, KeyError):
        raise SettingError(
            f"the recipe's {word!r:.60} cannot be read; copy the line again"
        ) from None
