"""Riddles for a listening test: a few bars, by Bach or by the model, and nothing that tells."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from musiclab.checks import check_whole
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.sampling.composing import compose
from musiclab.show.html import plain

BARS = 4
TEMPO = 84.0  # quarters a minute, the same for all


@dataclass(frozen=True)
class Riddle:
    """A few bars, and who wrote them."""

    chorale: Chorale  # without its names, tempo and fermatas, which would tell
    by_bach: bool
    answer: str  # where it comes from, in a sentence


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
    remedy = "no chorale is used twice"
    check_whole("rounds", rounds, lowest=1, highest=len(fitting), remedy=remedy)
    riddles = []
    for piece in chance.sample(fitting, rounds):
        by_bach = chance.random() < 0.5
        if by_bach:
            music = piece.excerpt(0, BARS * 16)
            answer = f"This is Bach: the beginning of {plain(piece.title)}."
        else:
            drawn = chance.randrange(10**6)
            music = compose(checkpoint=checkpoint, bars=BARS, seed=drawn, ending=False)
            answer = f"This is the model: its first {BARS} bars with seed {drawn}."
        nameless = replace(music, title="", key="", source="", tempo=TEMPO, fermatas=None)
        riddles.append(Riddle(nameless, by_bach, answer))
    return riddles


def _fits(piece: Chorale) -> bool:
    """Tell whether a chorale is in 4/4, begins with a full bar, and is long enough."""
    begins_full = bool(piece.beats[0] == 0)
    return piece.time_signature == "4/4" and begins_full and len(piece) > BARS * 16
