"""bits-per-frame: nats per note into bits per frame, since papers use both."""

import math

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips
from musiclab.evaluate.likelihood import bits_per_frame


def probes(rng):
    """Yield nats per note, of four voices and of others."""
    for voices in (4, 1, 3, 2, 4):
        yield round(float(rng.uniform(0.2, 4)), 3), voices


def start(nats, voices=4):
    bits = nats * math.log(2)
    return voices * bits


def solution(nats, voices=4):
    bits = nats / math.log(2)
    return voices * bits


def reference(nats, voices=4):
    """Use the library's function, which is for four voices."""
    return bits_per_frame(nats) * voices / 4


def bits_per_note(nats, voices=4):
    """This is bits per note. A frame has a note in every voice.

    How many notes does the model guess in one frame?
    """
    return nats / math.log(2)


def nats_per_frame(nats, voices=4):
    """This is nats per frame. The unit is still to be changed.

    How many nats is one bit, one answer to a yes-or-no question?
    """
    return nats * voices


def divided_by_voices(nats, voices=4):
    """You share one note's bits out among the voices; each voice pays for its own note.

    Is a frame dearer than a note, or cheaper?
    """
    return nats / math.log(2) / voices


def always_four_voices(nats, voices=4):
    """You count four voices, also where there are others.

    Look for a number that should be a name.
    """
    return nats / math.log(2) * 4


def base_ten(nats, voices=4):
    """The logarithm has base 10. A bit is one of two answers.

    Which logarithm of 2 turns nats into bits?
    """
    return nats / math.log10(2) * voices


def into_tens(nats, voices=4):
    """You divide by the logarithm of 10: these are decimal digits, and no bits.

    How many answers does a yes-or-no question have?
    """
    return nats / math.log(10) * voices


def divided_by_two(nats, voices=4):
    """You divide by 2 itself. A bit is not two nats.

    The units are logarithms, so the factor between them is a logarithm, too.
    """
    return nats / 2 * voices


def note_and_frame_confused(nats, voices=4):
    """Two slips at once: the unit goes the wrong way, and the voices are left out.

    One bit is 0.69 nats. Are there more bits than nats, or fewer?
    """
    return nats * math.log(2)


def log_of_nats(nats, voices=4):
    """You take the logarithm of the nats, but nats are a logarithm already.

    Only the unit changes: one factor does it.
    """
    return math.log2(nats) * voices


def perplexity_of_frame(nats, voices=4):
    """This is a perplexity, e to the power of nats, for a whole frame. Bits are asked for.

    Only the unit changes: one factor does it.
    """
    return math.exp(nats * voices)


def perplexity_times_voices(nats, voices=4):
    """You take a power of the nats. Bits and nats differ by one factor alone.

    Leave out the power.
    """
    return math.exp(nats) * voices


BOTH = two_slips(
    lambda unit, voices: lambda nats, count=4: voices(unit(nats), count),
    unit={
        "times_log_two": (lambda nats: nats * math.log(2), "The unit goes the wrong way."),
        "base_ten": (lambda nats: nats / math.log10(2), "The logarithm has base 10."),
        "halved": (lambda nats: nats / 2, "You divide by 2, not by its logarithm."),
        "still_nats": (lambda nats: nats, "The unit is still nats."),
    },
    voices={
        "voices_forgotten": (lambda bits, count: bits, "The voices are left out."),
        "voices_below": (lambda bits, count: bits / count, "You divide by the voices."),
        "always_four": (lambda bits, count: bits * 4, "You always count four voices."),
    },
    without=("times_log_two_and_voices_forgotten",),
)


def more_bits_than_nats(bits, nats, voices):
    """A bit is less than a nat, so a frame has more bits than nats."""
    return bits > nats * voices


EXERCISE = Exercise(
    id="bits-per-frame",
    notebook=13,
    place=1,
    title="Bits per frame",
    kind="find the bug",
    difficulty=1,
    importance=3,
    minutes=5,
    why="One paper gives 0.43, another 2.5, and they mean the same model.",
    signature="bits_per_frame(nats: float, voices: int = 4) -> float",
    statement=(
        "Turn nats per note into bits per frame. A frame holds one note for each of its `voices`. "
        "A bit is the answer to one yes-or-no question. The function below has a bug. Find it and "
        "mend it."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    properties=(more_bits_than_nats,),
    mistakes=(
        bits_per_note,
        nats_per_frame,
        divided_by_voices,
        always_four_voices,
        base_ten,
        into_tens,
        divided_by_two,
        note_and_frame_confused,
        log_of_nats,
        perplexity_of_frame,
        perplexity_times_voices,
        *BOTH,
    ),
    hints=(
        "Try a number that you know. A model hesitates between two pitches: that is 0.69 nats. "
        "How many yes-or-no questions is it?",
        "bits per note = nats per note over the nats in one bit. Bits per frame = voices times "
        "that.",
        "In one line a sign of arithmetic is wrong: `bits = nats ... math.log(2)`.",
    ),
    explain="A colleague says 2.5, you say 0.43. What do you ask before you call one better?",
)
