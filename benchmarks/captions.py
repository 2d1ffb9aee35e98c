"""Captions: what can be measured of a few lines of music, and sentences that say it.

Each attribute has a ruler, which hears the finished notes alone. The same rulers write Bach's
captions and judge what a model has written. Only the metre of Bach's captions is the score's own:
its ruler is sometimes wrong.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Int

from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, Chorale, attacks_from_pitches
from musiclab.music.keys import MODES, rank_keys, spoken_key, tonic_name, tonic_pitch_class

KEYS = tuple(f"{tonic_name(sharps, mode)} {mode}" for mode in MODES for sharps in range(-5, 7))

LONGEST, SHORTEST, LINES = 80, 20, 3  # frames and lines of an excerpt
CALM, LIVELY = 3.5, 4.15  # new pitches in a quarter, all voices together
LOW, HIGH = 69.3, 71.8  # mean pitch of the soprano
SHORT, LONG = 40, 64  # frames
LEAST_HEARD, MARGIN = 48, 0.12  # frames, for a metre; by how much three must explain more
LONG_NOTE = 8  # frames; beyond, a longer note weighs no more

Told = Mapping[str, str]  # value of each attribute; some may be missing

# The words that say each value; those in training stand first, then a stranger, never read there.
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "mode": {"major": ("major", "joyful"), "minor": ("minor", "sorrowful")},
    "metre": {"three": ("3/4", "three-four", "waltzing"), "four": ("4/4", "four-four", "marching")},
    "length": {
        "short": ("short", "brief", "tiny"),
        "medium": ("medium", "mid-length", "moderate"),
        "long": ("long", "extended", "lengthy"),
    },
    "density": {
        "calm": ("calm", "slow", "tranquil"),
        "flowing": ("flowing", "steady", "ambling"),
        "lively": ("lively", "busy", "bustling"),
    },
    "range": {
        "low": ("low", "deep", "bottom"),
        "middle": ("middle", "central", "halfway"),
        "high": ("high", "bright", "top"),
    },
    "cadence": {
        "home": ("homecoming", "rest"),
        "half": ("question", "suspense"),
        "open": ("surprise", "detour"),
    },
}
ATTRIBUTES = ("key", *WORDS)
VALUES = {"key": KEYS} | {name: tuple(words) for name, words in WORDS.items()}
COLUMNS = tuple(1 + len(values) for values in VALUES.values())  # ids of each attribute
# How a sentence says each attribute; the key and the mode are said in the same way.
KNOWN = (
    {
        "mode": "in {}",
        "metre": "in {}",
        "length": "a {} piece",
        "density": "{} movement",
        "range": "a {} melody",
        "cadence": "with a {}",
    },
    {
        "mode": "the key is {}",
        "metre": "the metre is {}",
        "length": "it is {}",
        "density": "the voices are {}",
        "range": "the soprano is {}",
        "cadence": "it ends with a {}",
    },
    {
        "mode": "a chorale in {}",
        "metre": "counted in {}",
        "length": "of {} length",
        "density": "{} and sung",
        "range": "the tune lies {}",
        "cadence": "closing with a {}",
    },
    {
        "mode": "{} music",
        "metre": "{} time",
        "length": "{}",
        "density": "rather {}",
        "range": "{} voices",
        "cadence": "and a {} at last",
    },
)
HELD_OUT = (
    {
        "mode": "please write me something in {}",
        "metre": "so that i can count {}",
        "length": "make it {}",
        "density": "let the parts be {}",
        "range": "keep the top line {}",
        "cadence": "and finish by a {}",
    },
    {
        "mode": "i should love {} today",
        "metre": "{} bars",
        "length": "for a {} while",
        "density": "everything {}",
        "range": "sopranos rather {}",
        "cadence": "until we reach the {}",
    },
)


def excerpts(pieces: Sequence[Chorale]) -> list[Chorale]:
    """Cut out every one to three lines of each piece that stand together; fermatas end lines."""
    found = []
    for piece in pieces:
        ends = np.flatnonzero(piece.fermatas & ~np.append(piece.fermatas[1:], False)) + 1
        cuts = np.unique([0, *ends, len(piece)]).tolist()
        for first, begin in enumerate(cuts):
            for end in cuts[first + 1 : first + 1 + LINES]:
                if SHORTEST <= end - begin <= LONGEST:
                    found.append(piece.excerpt(begin, end))
    return found


def measure(piece: Chorale) -> dict[str, str]:
    """Hear every attribute; no metre in a very short piece, nothing at all in silence."""
    pitches = piece.pitches
    if not (pitches != REST).any():
        return {}
    soprano = pitches[pitches[:, 0] != REST, 0]
    key = rank_keys(pitches, with_ending=False)[0][1]
    density = FRAMES_PER_QUARTER * attacks_from_pitches(pitches).sum() / len(piece)
    heard = {
        "key": key,
        "mode": key.rpartition(" ")[2],
        "length": _third(len(piece), SHORT, LONG, WORDS["length"]),
        "density": _third(density, CALM, LIVELY, WORDS["density"]),
        "range": _third(soprano.mean() if len(soprano) else 0, LOW, HIGH, WORDS["range"]),
        "cadence": cadence(pitches[-1, -1], key),
    }
    return heard | ({"metre": metre(piece)} if len(piece) >= LEAST_HEARD else {})


def _third(value: float, low: float, high: float, names: Mapping[str, object]) -> str:
    return list(names)[int(value >= low) + int(value >= high)]


def cadence(bass: int, key: str) -> str:
    """Tell where the last bass note stands: on the tonic, on the fifth above it, elsewhere."""
    degree = (bass - tonic_pitch_class(key.partition(" ")[0])) % 12
    return {0: "home", 7: "half"}.get(int(degree) if bass != REST else -1, "open")


def metre(piece: Chorale) -> str:
    """Tell whether long notes and new basses come back every three quarters, or every four."""
    weights = np.zeros(len(piece))
    for voice in range(piece.pitches.shape[1]):
        for start, length, _ in piece.notes(voice):
            weights[start] += min(length, LONG_NOTE) / FRAMES_PER_QUARTER
    weights, bass = weights[::FRAMES_PER_QUARTER], piece.pitches[::FRAMES_PER_QUARTER, -1]
    weights = weights + np.append(True, np.diff(bass) != 0)
    return "three" if _explained(weights, 3) > _explained(weights, 4) + MARGIN else "four"


def _explained(weights: np.ndarray, places: int) -> float:
    """Share of the variance that the place in the bar explains (adjusted R squared)."""
    if len(weights) <= places or not weights.std():
        return 0.0
    left = sum(
        ((one - one.mean()) ** 2).sum() for one in (weights[i::places] for i in range(places))
    )
    return 1 - left / (len(weights) - places) / weights.var(ddof=1)


def told_of(excerpt: Chorale) -> dict[str, str]:
    """Measure an excerpt of Bach's, with the metre that is written over it."""
    return measure(excerpt) | {"metre": "three" if excerpt.time_signature[0] == "3" else "four"}


def moved(told: Told, semitones: int, soprano: float) -> dict[str, str]:
    """Give the attributes of a piece that was transposed, so that its soprano lies elsewhere."""
    tonic, _, mode = told["key"].partition(" ")
    there = (tonic_pitch_class(tonic) + semitones) % 12
    (key,) = (one for one in KEYS if one.endswith(mode) and _tonic(one) == there)
    return {**told, "key": key, "range": _third(soprano, LOW, HIGH, WORDS["range"])}


def _tonic(key: str) -> int:
    return tonic_pitch_class(key.partition(" ")[0])


def ids_of(told: Told, *, apart: bool = False) -> Int[np.ndarray, " attribute"]:
    """Number what is told, an id for each of ``ATTRIBUTES``; 0 says nothing.

    Args:
        told: Some attributes. A key tells its mode as well.
        apart: Whether the first id is the tonic's alone, and not that of tonic and mode in one.
    """
    ids = [1 + VALUES[name].index(told[name]) if name in told else 0 for name in ATTRIBUTES]
    if "key" in told:
        tonic, mode = _tonic(told["key"]), MODES.index(told["key"].partition(" ")[2])
        ids[:2] = [1 + tonic + 12 * mode * (not apart), 1 + mode]
    return np.array(ids)


def caption(
    told: Told,
    random: np.random.Generator,
    wordings: Sequence[Told] = KNOWN,
    *,
    strange: bool = False,
) -> list[str]:
    """Say some attributes in a sentence.

    Args:
        told: What to say; "key" may stand beside or instead of "mode", and is then said.
        random: Draws the wording, the words and the order.
        wordings: Ways of saying each attribute.
        strange: Whether to use words that no training has.
    """
    wording, parts = wordings[random.integers(len(wordings))], []
    for name in random.permutation(sorted(set(told) - ({"mode"} if "key" in told else set()))):
        if name == "key":
            said = spoken_key(told["key"]).lower().replace(" ", "-")  # tonic and mode in one word
        else:
            words = WORDS[name][told[name]]
            said = words[-1] if strange else words[random.integers(len(words) - 1)]
        parts.append(wording["mode" if name == "key" else name].format(said))
    return " , ".join(parts).split()


def asked_for(pieces: int, random: np.random.Generator) -> list[dict[str, str]]:
    """Draw wishes, every value as likely as the others; half of them name a key, half a mode."""
    wishes = []
    for number in range(pieces):
        left_out = "mode" if number % 2 else "key"
        names = [name for name in ATTRIBUTES if name != left_out]
        wishes.append({name: VALUES[name][random.integers(len(VALUES[name]))] for name in names})
    return wishes
