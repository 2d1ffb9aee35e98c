"""pitch-to-hz: how often a tone repeats in a second."""

import torch

from musiclab.check.exercise import Exercise
from musiclab.music.chorale import REST


def probes(rng):
    """Yield pitches, with and without rests, and a tuning other than 440 Hz."""
    for count, a4 in ((2, 415.0), (5, 442.0), (7, 440.0), (3, 466.0)):
        pitches = torch.from_numpy(rng.choice(range(36, 85), size=count, replace=False))
        if count > 3:
            pitches[count // 2] = REST
        yield pitches, a4


def solution(pitches, a4=440.0):
    # BEGIN SOLUTION
    hz = a4 * 2 ** ((pitches - 69) / 12)
    return hz.masked_fill(pitches == -1, 0.0)
    # END SOLUTION


def silenced(pitches, hz):
    """Give rests 0 Hz."""
    return hz.masked_fill(pitches == REST, 0.0)


def a4_ignored(pitches, a4=440.0):
    """You always tune to 440 Hz; `a4` makes no difference.

    Orchestras of Bach's time tuned lower. Which number of your formula should be `a4`?
    """
    return solution(pitches, 440.0)


def tuned_to_middle_c(pitches, a4=440.0):
    """You gave the frequency of the A to key 60, middle C, so all is nine keys too high.

    Which key has 440 Hz? Section 2.5 says its number.
    """
    return silenced(pitches, a4 * 2 ** ((pitches - 60) / 12))


def one_key_off(pitches, a4=440.0):
    """Every tone is one key too low: you count from key 70, not from the A.

    The A above middle C is nine keys above 60.
    """
    return silenced(pitches, a4 * 2 ** ((pitches - 70) / 12))


def upside_down(pitches, a4=440.0):
    """High keys get low frequencies: the difference is taken the wrong way round.

    Key 81 lies an octave above the A. Should its frequency be twice as high, or half?
    """
    return silenced(pitches, a4 * 2 ** ((69 - pitches) / 12))


def whole_octaves(pitches, a4=440.0):
    """All twelve keys of an octave get the same frequency: the fraction is cut off.

    Which kind of division keeps the part after the point?
    """
    return silenced(pitches, a4 * 2.0 ** ((pitches - 69) // 12))


def octaves_of_eight(pitches, a4=440.0):
    """Your frequency doubles after eight keys, but an octave has twelve.

    "Octave" means the eighth note of a scale, but a scale skips keys. Count black ones, too.
    """
    return silenced(pitches, a4 * 2 ** ((pitches - 69) / 8))


def doubled_by_each_key(pitches, a4=440.0):
    """Each key doubles the frequency; that should take a whole octave.

    By how much must one key multiply, if twelve keys in a row make a factor of two?
    """
    return silenced(pitches, a4 * 2.0 ** (pitches - 69))


def equal_steps(pitches, a4=440.0):
    """Each key adds the same number of hertz, but each should multiply by the same factor.

    Low tones lie closer together in hertz than high ones. Section 2.5 has the formula.
    """
    return silenced(pitches, a4 * (1 + (pitches - 69) / 12))


def powers_of_e(pitches, a4=440.0):
    """An octave multiplies by e, about 2.7, where it should double.

    Which number is raised to a power in section 2.5?
    """
    return silenced(pitches, a4 * torch.exp((pitches - 69) / 12))


def in_cents(pitches, a4=440.0):
    """Your result has another unit: 100 for each key from the A, which are cents, not hertz.

    Hertz count oscillations in a second. They grow by a factor from key to key.
    """
    return silenced(pitches, 100.0 * (pitches - 69))


def rests_sound(pitches, a4=440.0):
    """A rest gets about 8 Hz: -1 was taken for a key below the lowest one.

    Silence has no pitch. What does the statement ask for at a rest?
    """
    return a4 * 2 ** ((pitches - 69) / 12)


def rests_left_out(pitches, a4=440.0):
    """Rests are left out, so there are fewer frequencies than frames, and they come too early.

    One number for each frame, please, silent frames, too.
    """
    return solution(pitches[pitches != REST], a4)


def rests_kept(pitches, a4=440.0):
    """A rest comes out as -1, which is no frequency.

    -1 marks a rest among pitches. Which number of hertz means that nothing moves?
    """
    return solution(pitches, a4).masked_fill(pitches == REST, -1.0)


def formula_turned_round(pitches, a4=440.0):
    """Your formula leads from hertz to keys; you need the way from keys to hertz.

    Where do the pitches stand in the formula of section 2.5, and where does the result?
    """
    keys = 69 + 12 * torch.log2(pitches.clamp(min=1) / a4)
    return silenced(pitches, keys)


def twelve_times_the_distance(pitches, a4=440.0):
    """The keys are multiplied by twelve; so the frequency grows far too fast, or vanishes.

    How many octaves are twelve keys? Multiply or divide?
    """
    return silenced(pitches, a4 * 2.0 ** ((pitches - 69) * 12))


def counted_from_c5(pitches, a4=440.0):
    """You gave the frequency of the A to key 72, a C, so all is three keys too low.

    Which key has 440 Hz? Section 2.5 says its number.
    """
    return silenced(pitches, a4 * 2 ** ((pitches - 72) / 12))


def rests_are_silent(result, pitches, a4):
    """A rest must have 0 Hz.

    Which number stands for a rest among the pitches?
    """
    return bool((result[pitches == REST] == 0).all())


def higher_keys_are_faster(result, pitches, a4):
    """A higher key must have a higher frequency.

    Take two keys of the input and follow your formula by hand.
    """
    sung = pitches != REST
    return bool((result[sung][pitches[sung].argsort()].diff() > 0).all())


def the_a_is_tuned(result, pitches, a4):
    """Your tones are out of tune with `a4`: the A, key 69, would not get that frequency.

    What is the exponent for key 69?
    """
    sung = pitches != REST
    return torch.allclose(
        result[sung].double() / 2 ** ((pitches[sung] - 69) / 12), torch.tensor(a4).double()
    )


EXERCISE = Exercise(
    id="pitch-to-hz",
    notebook=2,
    place=1,
    title="From keys to hertz",
    kind="fill-in",
    difficulty=1,
    importance=2,
    minutes=5,
    why="It is the one formula between a number in a table and a tone in the air.",
    signature=(
        'pitch_to_hz(pitches: Int[Tensor, "frame"], a4: float = 440.0) -> Float[Tensor, "frame"]'
    ),
    statement=(
        "Turn one voice's pitches into frequencies in hertz. `a4` is the frequency of the A above "
        "middle C, key 69: 440 today, but about 415 for much music of Bach's time. A rest, -1, "
        "has 0 Hz."
    ),
    reference=solution,
    solution=solution,
    probes=probes,
    properties=(
        rests_are_silent,
        higher_keys_are_faster,
        the_a_is_tuned,
    ),
    mistakes=(
        a4_ignored,
        tuned_to_middle_c,
        one_key_off,
        upside_down,
        whole_octaves,
        octaves_of_eight,
        doubled_by_each_key,
        equal_steps,
        powers_of_e,
        in_cents,
        rests_sound,
        rests_left_out,
        rests_kept,
        formula_turned_round,
        twelve_times_the_distance,
        counted_from_c5,
    ),
    hints=(
        "How many hertz has the A one octave above, key 81? And the one below, key 57? What "
        "happens to the frequency with each octave?",
        "For each pitch: count the keys from the A, divide by the keys of an octave, raise 2 to "
        "that power, and multiply by a4: (frame,). Then put 0 where the pitch is -1.",
        "`hz = a4 * 2 ** ((pitches - ...) / ...)`, then "
        "`return hz.masked_fill(pitches == ..., 0.0)`.",
    ),
    explain="Why does a key multiply the frequency, and not add to it?",
)
