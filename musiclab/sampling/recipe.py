"""A recipe: one short line that says how a piece was made, so that it can be made again."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from itertools import pairwise
from typing import Any, no_type_check
from urllib.parse import quote, quote_plus, unquote, unquote_plus

import numpy as np
from jaxtyping import Bool

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.sampling.settings import Settings

MOST_CHARACTERS = 20_000
Runs = tuple[tuple[int, int], ...]  # first and last frame of each fermata, in order

_HEAD = re.compile(r"musiclab ([^@\s]*)@([0-9a-f]{12})")


def write_runs(runs: Runs) -> str:
    """Write runs of frames as text.

    Example:
        >>> write_runs(((1, 2), (4, 4))), write_runs(())
        ('1-2,4-4', 'none')
    """
    return ",".join(f"{first}-{last}" for first, last in runs) or "none"


def read_runs(text: str) -> Runs:
    """Read what ``write_runs`` wrote; a ValueError says that it is anything else."""
    if text == "none":
        return ()
    runs = tuple((int(a), int(b)) for a, _, b in (run.partition("-") for run in text.split(",")))
    in_order = all(first <= last for first, last in runs)
    if not in_order or any(b >= c for (_, b), (c, _) in pairwise(runs)):
        raise ValueError("runs of frames must be in order")
    return runs


def runs_of(fermatas: Bool[np.ndarray, " frame"]) -> Runs:
    """Find the runs of True frames.

    Example:
        >>> runs_of(np.array([False, True, True, False, True]))
        ((1, 2), (4, 4))
    """
    edges = np.flatnonzero(np.diff(fermatas.astype(np.int8), prepend=0, append=0))
    return tuple((int(a), int(b) - 1) for a, b in edges.reshape(-1, 2))


# How each word of a line is written and read back. A line has them in this order and leaves out
# what is the default.
_WORDS: dict[str, tuple[Callable[[Any], Any], Callable[[str], Any]]] = {
    "seed": (str, int),
    "bars": (str, int),
    "temperature": (float, float),
    "top_k": (str, int),
    "top_p": (float, float),
    "min_p": (float, float),
    "rules": (",".join, lambda text: text.split(",")),
    "prompt": (quote, unquote),
    "prompt_hash": (str, str),
    "prompt_bars": (str, int),
    "melody": (partial(quote_plus, safe="/:|[]#!="), unquote_plus),
    "melody_hash": (str, str),
    "transpose": (str, int),
    "particles": (str, int),
    "time_signature": (str, str),
    "pickup": (str, int),
    "tempo": (float, float),
    "key": (quote, unquote),
    "mode": (str, str),
    "fermatas": (
        lambda value: value if isinstance(value, int) else write_runs(value),
        lambda text: int(text) if text.isdecimal() else read_runs(text),
    ),
    "ending": (lambda _: "no", {"no": False}.__getitem__),
    "candidates": (str, int),
    "rank": (str, int),
}
_DEFAULTS = {"rules": (), "ending": True, "candidates": 1, "rank": 0, "transpose": 0}
PLANNED = ("bars", "time_signature", "pickup", "key", "mode", "ending")  # also of a ``Plan``
HARMONISED = (  # also of ``harmonise``
    *("particles", "transpose", "time_signature", "pickup", "tempo", "key", "mode", "ending"),
)
_SETTINGS = ("temperature", "top_k", "top_p", "min_p", "rules")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Everything that decides which notes ``compose`` or ``harmonise`` writes.

    ``str(recipe)`` is one line to share; ``replay(line)`` writes the same music again on the same
    machine. (Other machines round differently, so that now and then a note may differ.)

    Args:
        checkpoint: Name or folder of the model; "" if it was given ready loaded.
        fingerprint: Its twelve digits.
        seed: Where the random numbers start.
        bars: Length of the whole piece; None for a harmonisation.
        settings: Temperature, filters and rules.
        prompt: Source of the chorale whose first bars were given; "" if it has none that could be
            read again, None for no prompt.
        prompt_hash: The ``music_hash`` of those bars.
        prompt_bars: How many bars of it were given; None for all.
        melody: The melody that was harmonised, as ``melody_text`` says it; "" if it cannot be had
            again, None for a piece without.
        melody_hash: The ``music_hash`` of the melody.
        transpose: By how many semitones it was moved.
        particles: How many harmonisations were written at once; None for the usual.
        time_signature: Such as "3/4"; None for the usual.
        pickup: Frames before the first barline; None for the usual.
        tempo: Quarters a minute; None for the melody's own.
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
    bars: int | None = None
    settings: Settings = field(default_factory=Settings)
    prompt: str | None = None
    prompt_hash: str | None = None
    prompt_bars: int | None = None
    melody: str | None = None
    melody_hash: str | None = None
    transpose: int = 0
    particles: int | None = None
    time_signature: str | None = None
    pickup: int | None = None
    tempo: float | int | None = None
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
        values = {**vars(self), **asdict(self.settings)}
        words = [
            f"{name}={write(values[name])}"
            for name, (write, _) in _WORDS.items()
            if values[name] != _DEFAULTS.get(name)
        ]
        return " ".join([f"musiclab {quote(self.checkpoint)}@{self.fingerprint}", *words])

    @classmethod
    @no_type_check  # it checks its argument itself
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
        if not isinstance(line, str) or len(line) > MOST_CHARACTERS:
            raise SettingError(f"a recipe is one short line of text, got {line!r:.60}")
        line = line.strip()
        head = _HEAD.match(line)
        if not head:
            raise SettingError(
                f'a recipe begins like "musiclab bach-studio@0123456789ab seed=1", got {line!r:.60}'
            )
        values = dict(_read_word(word) for word in line[head.end() :].split())
        length = "melody" if "melody" in values else "bars"
        if missing := {"seed", length, "temperature"} - set(values):
            raise SettingError(f"the recipe lacks {min(missing)}=...; copy the whole line")
        settings = Settings(**{name: values.pop(name) for name in _SETTINGS if name in values})
        name, fingerprint = unquote(head[1]), head[2]
        recipe = cls(checkpoint=name, fingerprint=fingerprint, settings=settings, **values)
        if str(recipe) != line:  # another order, a word twice, a number written otherwise
            raise SettingError(f"the recipe is damaged, it should read {str(recipe)!r:.200}")
        return recipe


def source_to_read(music: Chorale) -> str:
    """Return where music can be read again; "" for music of our own, whose source is a recipe."""
    return "" if music.source.startswith("musiclab ") else music.source


def music_hash(music: Chorale) -> str:
    """Return eight digits that change with any note, fermata or barline, and with the key."""
    digest = sha256(repr((music.time_signature, music.key)).encode())
    for array in (music.pitches, music.attacks, music.fermatas, music.beats):
        digest.update(array.astype("<i8").tobytes())
    return digest.hexdigest()[:8]


def _read_word(word: str) -> tuple[str, Any]:
    """Read one ``name=value``."""
    name, _, value = word.partition("=")
    if name not in _WORDS:
        raise SettingError(f"a recipe has no {word!r:.60}; it may have {', '.join(_WORDS)}")
    try:
        return name, _WORDS[name][1](value)
    except (ValueError, KeyError):
        raise SettingError(
            f"the recipe's {word!r:.60} cannot be read; copy the line again"
        ) from None
