"""Riddles for a listening test: a few bars, by Bach or by the model, and nothing that tells."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.sampling.compose import compose
from musiclab.show.html import plain

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
