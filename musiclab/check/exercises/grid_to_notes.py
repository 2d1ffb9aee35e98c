"""grid-to-notes: from frames back to notes."""

import numpy as np

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import bwv_66_6, in_frames
from musiclab.music.chorale import REST, Chorale


def probes(rng):
    """Yield voices with repeated notes and rests; some end in a note, some in silence."""
    low, high, *others = rng.permutation(range(50, 80)).tolist()
    yield painted([(low, 2), (high, 1)])
    yield painted([(low, 1), (low, 3), (REST, 2), (high, 2)])
    yield painted([(REST, 3), (others[0], 4), (others[1], 1), (others[1], 2), (REST, 1)])
    lengths = rng.permutation([1, 1, 2, 3, 4, 5]).tolist()
    pitches = [others[2], others[3], REST, others[4], others[4], others[5]]
    yield painted(list(zip(pitches, lengths, strict=True)))


def painted(notes):
    """Paint (pitch, length) on the grid, one after the other."""
    pitches = np.repeat([pitch for pitch, _ in notes], [length for _, length in notes])
    attacks = np.concatenate([np.arange(length) == 0 for _, length in notes])
    return pitches, attacks & (pitches != REST)


def reference(pitches, attacks):
    """Ask the library, which takes four voices at once."""
    four = [np.stack([np.asarray(one)] * 4, axis=1) for one in (pitches, attacks)]
    return Chorale(pitches=four[0], attacks=four[1]).notes(0)


def solution(pitches, attacks):
    notes = []
    for frame, (pitch, is_struck) in enumerate(zip(pitches.tolist(), attacks, strict=True)):
        if is_struck:
            notes.append((frame, 1, pitch))
        elif pitch != -1:
            first, length, pitch = notes.pop()
            notes.append((first, length + 1, pitch))
    return notes


def runs(pitches, begins):
    """List the stretches between the frames where something begins, silence included."""
    starts = np.flatnonzero(begins).tolist()
    ends = [*starts[1:], len(pitches)]
    return [(a, b - a, int(pitches[a])) for a, b in zip(starts, ends, strict=True)]


def changes(pitches):
    """Mark where the pitch is another one than in the frame before."""
    return np.diff(pitches, prepend=-2) != 0


def sounding(notes):
    return [one for one in notes if one[2] != REST]


def repeats_glued(pitches, attacks):
    """Repeated notes are glued into one: you look at the pitch alone, not at the attacks.

    The same pitch struck twice is two notes. Which of the two tables says so?
    """
    return sounding(runs(pitches, changes(pitches)))


def rests_listed(pitches, attacks):
    """Rests are listed among the notes, with -1 for a pitch.

    What sounds in a frame with -1? Then it is no note.
    """
    return runs(pitches, changes(pitches) | attacks)


def groups_of_equal_pitches(pitches, attacks):
    """You list stretches of equal pitch: rests become notes, and repeated notes are glued.

    Two things are missing: what -1 means, and what the attacks say.
    """
    return runs(pitches, changes(pitches))


def held_through_rests(pitches, attacks):
    """Each note lasts until the next one is struck, also through a rest: silence sounds.

    A note can end in two ways. One is that another begins. What is the other?
    """
    return sounding(runs(pitches, attacks))


def last_note_lost(pitches, attacks):
    """The last note is missing.

    If a note is added when the next one begins, who adds the last?
    """
    return reference(pitches, attacks)[:-1]


def last_note_lost_unless_a_rest_follows(pitches, attacks):
    """The last note is missing where the voice sings to the end, since nothing comes after it.

    What tells your code that a note is over, and does that happen at the end of the table?
    """
    return [one for one in reference(pitches, attacks) if one[0] + one[1] < len(pitches)]


def first_note_lost(pitches, attacks):
    """The first note is missing.

    Does your loop, or your comparison with the frame before, miss the beginning?
    """
    return reference(pitches, attacks)[1:]


def one_frame_short(pitches, attacks):
    """Every note is a frame too short.

    A note that sounds in frames 3, 4 and 5 is three frames long. Count the fence posts.
    """
    return [(first, length - 1, pitch) for first, length, pitch in reference(pitches, attacks)]


def one_frame_long(pitches, attacks):
    """Every note is a frame too long.

    A note that sounds in frames 3, 4 and 5 is three frames long. Is the end one of its frames?
    """
    return [(first, length + 1, pitch) for first, length, pitch in reference(pitches, attacks)]


def last_note_one_short(pitches, attacks):
    """The last note is a frame too short where the voice sings to the end.

    Up to which number do you count there: the last frame, or the number of frames?
    """
    notes = reference(pitches, attacks)
    first, length, pitch = notes[-1]
    return [*notes[:-1], (first, length - (first + length == len(pitches)), pitch)]


def end_for_length(pitches, attacks):
    """Your second number says at which frame the note is over, not how many frames it lasts.

    A note's length is the same wherever in the piece it stands.
    """
    return [(first, first + length, pitch) for first, length, pitch in reference(pitches, attacks)]


def last_frame_for_length(pitches, attacks):
    """Your second number is the last frame of the note, not how many frames it lasts.

    A note's length is the same wherever in the piece it stands.
    """
    return [(a, a + length - 1, pitch) for a, length, pitch in reference(pitches, attacks)]


def every_note_one_frame(pitches, attacks):
    """Every note lasts one frame only: those in which it is held are not counted.

    An attack is a beginning. How long does its pitch go on?
    """
    return [(first, 1, pitch) for first, _, pitch in reference(pitches, attacks)]


def every_frame_a_note(pitches, attacks):
    """Every frame became a note of its own, the held ones, too.

    Only an attack begins a note. What should a held frame do?
    """
    return [(frame, 1, int(one)) for frame, one in enumerate(pitches) if one != REST]


def pitch_in_the_middle(pitches, attacks):
    """The numbers are right, but the pitch stands second and the length third.

    Read the signature again: in which order do the three come?
    """
    return [(first, pitch, length) for first, length, pitch in reference(pitches, attacks)]


def pitch_first(pitches, attacks):
    """The numbers are right, but the pitch comes first.

    Read the signature again: in which order do the three come?
    """
    return [(pitch, first, length) for first, length, pitch in reference(pitches, attacks)]


def in_quarters(pitches, attacks):
    """Beginning and length count in quarters, but frames are asked for.

    A quarter has four frames. Which unit does the signature name?
    """
    return [(a / 4, length / 4, pitch) for a, length, pitch in reference(pitches, attacks)]


def from_attack_to_attack(pitches, attacks):
    """Each note lasts to the next attack: rests are sounded, and the last note is missing.

    A note can end in three ways: another begins, silence begins, or the piece is over.
    """
    return sounding(runs(pitches, attacks))[:-1]


def number_for_frame(pitches, attacks):
    """Your first number counts the notes; it should be the frame in which the note begins.

    When does the second note begin? The frames before it say it.
    """
    notes = reference(pitches, attacks)
    return [(number, length, pitch) for number, (_, length, pitch) in enumerate(notes)]


def counted_from_one(pitches, attacks):
    """Every note begins a frame too late: you count frames from 1.

    Which frame is the first row of the table?
    """
    return [(first + 1, length, pitch) for first, length, pitch in reference(pitches, attacks)]


def last_frame_for_first(pitches, attacks):
    """Your first number is the frame in which the note ends; it should be where it begins.

    When you write a note down, is your counter still where the note began?
    """
    return [(a + length - 1, length, pitch) for a, length, pitch in reference(pitches, attacks)]


def each_begins_at_an_attack(result, pitches, attacks):
    """A note must begin wherever there is an attack, and nowhere else.

    Compare your first numbers with the places where `attacks` is True.
    """
    return [one[0] for one in result] == np.flatnonzero(attacks).tolist()


def each_has_its_own_pitch(result, pitches, attacks):
    """Each note must have the pitch that stands at its first frame, and never -1.

    Which number of your three is the pitch?
    """
    return all(one[2] == pitches[one[0]] != REST for one in result)


def each_frame_is_counted_once(result, pitches, attacks):
    """All lengths together must be the number of frames that sound.

    Add up your lengths. Is a rest among them, or is a frame missing?
    """
    return sum(one[1] for one in result) == (pitches != REST).sum()


def hear(answer):
    """Play what the answer finds in the first three lines of a chorale."""
    voices = [[(pitch, length) for _, length, pitch in line] for line in bwv_66_6()]
    voices[1][5] = (REST, voices[1][5][1])  # the alto takes a breath
    return in_frames(answer(*painted(line)) for line in voices)


EXERCISE = Exercise(
    id="grid-to-notes",
    notebook=2,
    place=3,
    title="From frames back to notes",
    kind="implement",
    difficulty=3,
    importance=4,
    minutes=15,
    why="What a model writes is a grid; nobody hears it before it is a list of notes.",
    signature=(
        'grid_to_notes(pitches: Int[np.ndarray, "frame"], attacks: Bool[np.ndarray, "frame"]) '
        "-> list[tuple[int, int, int]]"
    ),
    statement=(
        "List the notes of one voice, in time order, each as (first frame, length in frames, "
        "pitch). A note begins where `attacks` is True, and lasts as long as its pitch is held. "
        "-1 is a rest: it is no note, and it ends one. Wherever the pitch changes to another "
        "note, there is an attack."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(
        each_begins_at_an_attack,
        each_has_its_own_pitch,
        each_frame_is_counted_once,
    ),
    mistakes=(
        repeats_glued,
        rests_listed,
        groups_of_equal_pitches,
        held_through_rests,
        last_note_lost,
        last_note_lost_unless_a_rest_follows,
        first_note_lost,
        one_frame_short,
        one_frame_long,
        last_note_one_short,
        end_for_length,
        last_frame_for_length,
        every_note_one_frame,
        every_frame_a_note,
        pitch_in_the_middle,
        pitch_first,
        in_quarters,
        from_attack_to_attack,
        number_for_frame,
        counted_from_one,
        last_frame_for_first,
    ),
    hints=(
        "Write down ten frames of a voice: the pitches in one row, below them a dot for each "
        "attack. Now draw a box around each note. What ends a box?",
        "Go through the frames. At an attack: add a note of length 1. In a frame that sounds "
        "without an attack: take the last note off the list and put it back, one frame longer. At "
        "a rest: do nothing.",
        "`for frame, (pitch, is_struck) in enumerate(zip(pitches.tolist(), attacks)):` with "
        "`if is_struck: notes.append((frame, ..., pitch))` and "
        "`elif pitch != ...: first, length, pitch = notes.pop()`.",
    ),
    explain="Which notes would be lost if you had the pitches alone, and no attacks?",
    hear=hear,
)
