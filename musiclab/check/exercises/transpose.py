"""transpose: move every pitch and no rest, and refuse to leave the MIDI range."""

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import bwv_66_6, in_frames
from musiclab.errors import ScoreError
from musiclab.music.chorale import REST, Chorale


def probes(rng):
    """Yield pitches moved up and down, to the very ends of the range, and beyond either end."""
    for n_frames, semitones in ((1, 3), (3, -5), (2, 12), (5, -14)):
        yield drawn(rng, n_frames), semitones
    step = int(rng.integers(2, 10))
    for lowest, highest, semitones in (
        (50, 127 - step, step),  # the highest note reaches 127
        (step, 70, -step),  # the lowest note reaches 0
        (50, 128 - step, step),  # it would reach 128
        (0, 70, step),  # key 0 is a note
        (step - 1, 70, -step),  # it would reach -1, which is no rest
        (40, 120, 12),
        (5, 80, -12),
    ):
        pitches = drawn(rng, 3)
        pitches[0, 1], pitches[2, 3] = highest, lowest
        yield pitches, semitones


def drawn(rng, n_frames):
    """Draw pitches in the middle of the range, with one rest."""
    pitches = torch.from_numpy(rng.choice(range(52, 68), size=(n_frames, 4)))
    pitches[int(rng.integers(n_frames)), 2] = REST
    return pitches


def reference(pitches, semitones):
    """Ask the library."""
    try:
        moved = Chorale(pitches=np.asarray(pitches)).transpose(semitones)
    except ScoreError as error:
        raise ValueError(str(error)) from None
    return torch.from_numpy(moved.pitches.copy())


def solution(pitches, semitones):
    sounding = pitches != -1
    moved = pitches + semitones
    outside = sounding & ((moved < 0) | (moved > 127))
    if outside.any():
        raise ValueError(f"{semitones} semitones lead to pitch {int(moved[outside][0])}")
    return torch.where(sounding, moved, pitches)


def move(pitches, semitones, lowest=0, highest=127):
    """Move what sounds; refuse what leaves a range."""
    moved = torch.where(pitches != REST, pitches + semitones, REST)
    outside = (pitches != REST) & ((moved < lowest) | (moved > highest))
    if outside.any():
        raise ValueError("outside the range")
    return moved


def freely(pitches, semitones):
    return move(pitches, semitones, -999, 999)


def rests_moved(pitches, semitones):
    """Rests are moved as well, and become very low notes, or numbers that mean nothing.

    A rest has no height. What should stay as it is?
    """
    move(pitches, semitones)
    return pitches + semitones


def rests_moved_unchecked(pitches, semitones):
    """Everything is moved, rests too, and nothing is refused.

    Two things are missing: what a rest is, and what to do beyond the range of MIDI.
    """
    return pitches + semitones


def rests_moved_and_checked(pitches, semitones):
    """Rests are treated as notes: moved up they sound, moved down you refuse them as too low.

    A rest has no height. Which cells should be moved, and which should be checked?
    """
    moved = pitches + semitones
    if (moved < 0).any() or (moved > 127).any():
        raise ValueError("outside the range")
    return moved


def rests_refused(pitches, semitones):
    """You refuse every piece with a rest, since -1 is below the range of MIDI.

    A rest is allowed to be -1. Which cells should be checked?
    """
    moved = torch.where(pitches != REST, pitches + semitones, REST)
    if (moved < 0).any() or (moved > 127).any():
        raise ValueError("outside the range")
    return moved


def rests_refused_when_moved(pitches, semitones):
    """Rests stay, but when all moves down you check them as if they were notes, and refuse.

    Which cells should be checked? Ask before you move, not after.
    """
    rests_moved_and_checked(pitches, semitones)
    return freely(pitches, semitones)


def rests_set_to_zero(pitches, semitones):
    """Rests come back as 0, the lowest note of MIDI.

    Which number stands for silence on the grid?
    """
    return move(pitches, semitones).masked_fill(pitches == REST, 0)


def never_refused(pitches, semitones):
    """Notes may leave the range of MIDI, and nobody is told.

    No file and no synthesiser knows key 131. What should your function do then?
    """
    return freely(pitches, semitones)


def wrapped_around(pitches, semitones):
    """A note that leaves the range comes in again at the other end; it should be refused.

    A soprano who is too high for MIDI would sing lower than the bass.
    """
    return torch.where(pitches != REST, (pitches + semitones) % 128, REST)


def clipped(pitches, semitones):
    """A note that leaves the range stays at its end; it should be refused.

    The tune is bent there, and nobody finds out. See section 3.6.
    """
    return torch.where(pitches != REST, (pitches + semitones).clamp(0, 127), REST)


def silenced(pitches, semitones):
    """A note that leaves the range becomes a rest; it should be refused.

    Notes are lost, and nobody finds out. See section 3.6.
    """
    moved = freely(pitches, semitones)
    return moved.masked_fill((moved < 0) | (moved > 127), REST)


def left_where_it_was(pitches, semitones):
    """A piece that would leave the range comes back as it was, without a word.

    The caller believes that it has been moved. See section 3.6.
    """
    moved = freely(pitches, semitones)
    outside = (pitches != REST) & ((moved < 0) | (moved > 127))
    return pitches if outside.any() else moved


def only_too_high_refused(pitches, semitones):
    """You refuse notes that are too high, but not notes that are too low.

    A range has two ends.
    """
    return move(pitches, semitones, lowest=-999)


def only_too_low_refused(pitches, semitones):
    """You refuse notes that are too low, but not notes that are too high.

    A range has two ends.
    """
    return move(pitches, semitones, highest=999)


def key_128_allowed(pitches, semitones):
    """You let 128 pass, but the highest note of MIDI is 127.

    There are 128 keys, and the first of them is 0.
    """
    return move(pitches, semitones, highest=128)


def key_127_refused(pitches, semitones):
    """You refuse 127, but that is the highest note of MIDI.

    Is the end of your range still inside it, or already outside?
    """
    return move(pitches, semitones, highest=126)


def key_0_refused(pitches, semitones):
    """You refuse 0, but that is the lowest note of MIDI.

    Is the end of your range still inside it, or already outside?
    """
    return move(pitches, semitones, lowest=1)


def minus_1_allowed(pitches, semitones):
    """A note that comes down to -1 is not refused, and turns into a rest.

    Is the end of your range still inside it, or already outside?
    """
    return move(pitches, semitones, lowest=-1)


def range_of_the_tokens(pitches, semitones):
    """You refuse what has no token; the statement asks for the whole range of MIDI.

    The range from 33 to 84 belongs to the tokeniser. Which notes does MIDI have?
    """
    return move(pitches, semitones, 33, 84)


def wrong_direction(pitches, semitones):
    """Your music moves down where it should move up.

    What does a positive number of semitones mean?
    """
    return move(pitches, -semitones)


def octaves_for_semitones(pitches, semitones):
    """You move by octaves: twelve times too far.

    How many keys further is one semitone?
    """
    return move(pitches, 12 * semitones, -999, 999)


def octaves_folded(pitches, semitones):
    """Notes that pass a C drop back into their own octave, and the tune is torn.

    The names of notes begin again with every octave, the numbers of keys do not.
    """
    folded = pitches // 12 * 12 + (pitches + semitones) % 12
    return torch.where(pitches != REST, folded, REST)


def soprano_only(pitches, semitones):
    """Only the soprano moves; the other voices stay, and the harmony is gone.

    Which cells does your function touch?
    """
    moved = pitches.clone()
    moved[:, 0] = move(pitches, semitones)[:, 0]
    return moved


def changed_in_place(pitches, semitones):
    """The result is right, but the table that you were given has been moved, too.

    Whoever transposes twice would move it twice. Make a table of your own.
    """
    pitches.copy_(move(pitches, semitones))
    return pitches


def everything_clipped(pitches, semitones):
    """Rests are moved, and what leaves the range stays at its end: nothing is refused.

    Two things are missing: what a rest is, and what to do beyond the range of MIDI.
    """
    return (pitches + semitones).clamp(0, 127)


def everything_wrapped(pitches, semitones):
    """Rests are moved, and what leaves the range comes in again at the other end.

    Two things are missing: what a rest is, and what to do beyond the range of MIDI.
    """
    return (pitches + semitones) % 128


def octave_lost(pitches, semitones):
    """All your pitches lie between 0 and 11: the octave is lost.

    A note's name begins again after twelve keys. Does its pitch?
    """
    return torch.where(pitches != REST, (pitches + semitones) % 12, REST)


def key_0_taken_for_a_rest(pitches, semitones):
    """Key 0 stays where it is, but it is a note: the lowest one of MIDI.

    Which number stands for a rest, and how do you ask for it?
    """
    moved = torch.where(pitches > 0, pitches + semitones, pitches)
    outside = (pitches > 0) & ((moved < 0) | (moved > 127))
    if outside.any():
        raise ValueError("outside the range")
    return moved


def rests_stay(result, pitches, semitones):
    """A rest must stay -1, and no note may become one.

    Compare the cells with -1 before and after.
    """
    return torch.equal(result == REST, pitches == REST)


def every_note_moves_alike(result, pitches, semitones):
    """Every note must move by the same number of semitones, the number that was asked for.

    Subtract the old pitches from the new ones. What do you get?
    """
    sung = pitches != REST
    return bool((result[sung] - pitches[sung] == semitones).all())


def hear(answer):
    """Move three lines of a chorale down a tone, with a breath in the middle."""
    lines = [np.repeat([p for *_, p in line], [n for _, n, _ in line]) for line in bwv_66_6()]
    pitches = torch.from_numpy(np.stack(lines, axis=1))
    pitches[16:20] = REST
    moved = np.asarray(answer(pitches, -2)).copy()
    moved[(moved < REST) | (moved > 127)] = 12  # what no file can hold is a growl
    return in_frames(Chorale(pitches=moved).notes(voice) for voice in range(4))


EXERCISE = Exercise(
    id="transpose",
    notebook=3,
    place=4,
    title="Into another key",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=10,
    why="A model that sees each piece in many keys learns more from the same music.",
    signature=(
        'transpose(pitches: Int[Tensor, "frame voice"], semitones: int) '
        '-> Int[Tensor, "frame voice"]'
    ),
    statement=(
        "Move every note by a number of semitones, up or down. Rests, -1, stay rests. Raise a "
        "`ValueError` if any note would leave the range of MIDI, 0 to 127. Leave the table that "
        "you were given as it is."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(
        rests_stay,
        every_note_moves_alike,
    ),
    mistakes=(
        rests_moved,
        rests_moved_unchecked,
        rests_moved_and_checked,
        rests_refused,
        rests_refused_when_moved,
        rests_set_to_zero,
        never_refused,
        wrapped_around,
        clipped,
        silenced,
        left_where_it_was,
        only_too_high_refused,
        only_too_low_refused,
        key_128_allowed,
        key_127_refused,
        key_0_refused,
        minus_1_allowed,
        range_of_the_tokens,
        wrong_direction,
        octaves_for_semitones,
        octaves_folded,
        soprano_only,
        changed_in_place,
        everything_clipped,
        everything_wrapped,
        octave_lost,
        key_0_taken_for_a_rest,
    ),
    hints=(
        "Put a transparent sheet over a piano roll and push it up. What moves? What is there to "
        "move where nobody sings? And when does it slide off the page?",
        "sounding = which cells are no rest: (frame, voice). moved = pitches + semitones. If any "
        "cell that sounds has left 0 to 127: an error. Result: moved where it sounds, the rest "
        "as before.",
        "`sounding = pitches != ...`, `outside = sounding & ((moved < ...) | (moved > ...))`, "
        "`if outside.any(): raise ValueError(...)`, and `torch.where(sounding, ..., ...)`.",
    ),
    explain="A note at key 0 moves down by one. Why must you check before you look for rests?",
    hear=hear,
)
