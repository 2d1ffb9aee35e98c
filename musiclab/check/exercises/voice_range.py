"""voice-range: the lowest and the highest pitch of a voice."""

import torch

from musiclab.check.exercise import Exercise
from musiclab.music.chorale import REST, Chorale
from musiclab.music.transposition import voice_ranges


def probes(rng):
    """Yield voices with and without rests; each has its extremes somewhere else, none at 0."""
    low, high = int(rng.integers(40, 50)), int(rng.integers(70, 80))
    middle = rng.permutation(range(51, 69)).tolist()
    yield (torch.tensor([middle[0], REST, high, low]),)
    yield (torch.tensor([high, middle[1], middle[2], low, middle[3]]),)
    yield (torch.tensor([middle[0], low, high, REST]),)
    yield (torch.tensor([low, middle[4], middle[4], REST, REST, middle[5], high]),)
    yield (torch.tensor([middle[6], low, REST, middle[7], high, middle[7], REST]),)
    yield (torch.tensor([*middle[8:15], high, middle[15], low, middle[16], middle[16]]),)


def reference(pitches):
    """Ask the library, which takes four voices at once."""
    four = torch.as_tensor(pitches)[:, None].expand(-1, 4)
    return voice_ranges([Chorale(pitches=four.numpy())])[0]


def solution(pitches):
    # BEGIN SOLUTION
    sounding = pitches[pitches != -1]
    return int(sounding.min()), int(sounding.max())
    # END SOLUTION


def sung(pitches):
    """List what sounds, as plain numbers."""
    return [pitch for pitch in torch.as_tensor(pitches).tolist() if pitch != REST]


def rest_as_lowest(pitches):
    """Your lowest pitch is -1 where the voice rests: silence was taken for a note.

    Which frames sound? Look at how section 1.8 stores silence.
    """
    return int(pitches.min()), int(pitches.max())


def rest_as_zero(pitches):
    """Your lowest pitch is 0 where the voice rests: a rest became the lowest note of MIDI.

    Leave the rests out before you compare; do not give them another number.
    """
    numbers = [max(pitch, 0) for pitch in pitches.tolist()]
    return min(numbers), max(numbers)


def starts_from_zero(pitches):
    """Your lowest pitch is always 0: no pitch of a voice can get below the number you begin with.

    Where does your search for the lowest pitch begin, and could a note ever beat that?
    """
    return 0, max(sung(pitches))


def highest_first(pitches):
    """Both pitches are right, but the highest comes first.

    Read the signature again: which of the two should be first?
    """
    return max(sung(pitches)), min(sung(pitches))


def always_drops_the_lowest(pitches):
    """The lowest number is thrown away even where there is no rest, and a real note is lost.

    Some voices never rest. What does your function leave out of those?
    """
    return sorted(set(pitches.tolist()))[1], int(pitches.max())


def first_and_last(pitches):
    """You return the first and the last note that sound, not the lowest and the highest.

    Time order and height are two different things. By which one should the notes be compared?
    """
    return sung(pitches)[0], sung(pitches)[-1]


def semitones_instead_of_highest(pitches):
    """Your second number is how many semitones the voice spans, where its highest pitch belongs.

    Section 1.8 prints both. Which of them does the signature ask for?
    """
    return min(sung(pitches)), max(sung(pitches)) - min(sung(pitches))


def places_instead_of_pitches(pitches):
    """You return at which frames the lowest and highest notes are, not which pitches they have.

    The place of the smallest number in a list is one thing, the number itself another.
    """
    pitches = pitches.tolist()
    return pitches.index(min(sung(pitches))), pitches.index(max(pitches))


def stops_at_the_first_rest(pitches):
    """Your search ends at the first rest; what the voice sings after it is not looked at.

    A singer who pauses sings on. What does your loop do when it meets -1?
    """
    pitches = pitches.tolist()
    sounding = pitches[: pitches.index(REST)] if REST in pitches else pitches
    return min(sounding), max(sounding)


def last_frame_lost(pitches):
    """The last frame is not looked at, so a lowest or highest note there is missed.

    How far does your loop, or your slice, go?
    """
    return min(sung(pitches[:-1])), max(sung(pitches[:-1]))


def first_frame_lost(pitches):
    """The first frame is not looked at, so a lowest or highest note there is missed.

    Where does your loop, or your slice, begin?
    """
    return min(sung(pitches[1:])), max(sung(pitches[1:]))


def rest_as_one(pitches):
    """Your lowest pitch is 1 where the voice rests: the sign of -1 was taken off.

    Leave the rests out before you compare; do not give them another number.
    """
    return min(abs(pitch) for pitch in pitches.tolist()), int(pitches.max())


def rests_inside_kept(pitches):
    """Rests at the ends are left out, but a rest in the middle still counts as -1.

    A singer may pause anywhere. How do you find every rest?
    """
    pitches = pitches.tolist()
    sounding = [n for n, pitch in enumerate(pitches) if pitch != REST]
    inside = pitches[sounding[0] : sounding[-1] + 1]
    return min(inside), max(inside)


def one_or_the_other(pitches):
    """A note that is lower than all before is never tried as the highest, and so one may be missed.

    Look at your two comparisons. May a note be the lowest and the highest so far at once?
    """
    lowest, highest = 128, -1
    for pitch in sung(pitches):
        if pitch < lowest:
            lowest = pitch
        elif pitch > highest:
            highest = pitch
    return lowest, highest


def places_among_the_sung(pitches):
    """You return which of the notes are lowest and highest, not the pitches that they have.

    The place of the smallest number in a list is one thing, the number itself another.
    """
    notes = sung(pitches)
    return notes.index(min(notes)), notes.index(max(notes))


def octaves_folded(pitches):
    """Your pitches are notes within an octave, from 0 to 11; the octave is lost.

    A low C and a high C have the same name. Are they the same pitch?
    """
    notes = [pitch % 12 for pitch in sung(pitches)]
    return min(notes), max(notes)


def both_are_sung(result, pitches):
    """Both of your numbers must be pitches that the voice sings.

    Look for them among the input. Where does your function take them from?
    """
    return all(one in sung(pitches) for one in result)


def nothing_is_lower(result, pitches):
    """The voice sings a note below your lowest pitch.

    Follow your code by hand up to that note. Why is it passed over?
    """
    return min(sung(pitches)) >= result[0]


def nothing_is_higher(result, pitches):
    """The voice sings a note above your highest pitch.

    Follow your code by hand up to that note. Why is it passed over?
    """
    return max(sung(pitches)) <= result[1]


EXERCISE = Exercise(
    id="voice-range",
    notebook=1,
    place=1,
    title="How high, how low",
    kind="fill-in",
    difficulty=1,
    importance=3,
    minutes=5,
    why="Silence is stored as a number too, and a careless minimum takes it for a note.",
    signature='voice_range(pitches: Int[Tensor, "frame"]) -> tuple[int, int]',
    statement=(
        "Return the lowest and the highest pitch of one voice. `pitches` has one number for each "
        "frame; -1 is a rest, and does not count. Some voices never rest. Every voice here sings "
        "at least one note."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(
        both_are_sung,
        nothing_is_lower,
        nothing_is_higher,
    ),
    mistakes=(
        rest_as_lowest,
        rest_as_zero,
        starts_from_zero,
        highest_first,
        always_drops_the_lowest,
        first_and_last,
        semitones_instead_of_highest,
        places_instead_of_pitches,
        stops_at_the_first_rest,
        last_frame_lost,
        first_frame_lost,
        rest_as_one,
        rests_inside_kept,
        one_or_the_other,
        places_among_the_sung,
        octaves_folded,
    ),
    hints=(
        "Write down ten frames of a voice, with a rest among them. Cross out what is not a note. "
        "What is the smallest number that is left?",
        "sounding = those pitches that are not -1: (n,), with n at most the number of frames. "
        "Return the smallest and the largest of them, as two whole numbers.",
        "`sounding = pitches[pitches != ...]`, then `return int(sounding....), int(...)`. "
        "Section 1.8 has the numbers of our chorale to compare with.",
    ),
    explain="Why is -1 a good number for a rest, and what is the danger of it?",
)
