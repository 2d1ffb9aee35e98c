"""fool-the-detector: hide a copy from the fingerprints, and change almost nothing."""

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.evaluate.leaks import shared_passages
from musiclab.music import Chorale
from musiclab.music.corpus import corpus

MOST = 0.1  # of all cells may be changed


def probes(rng):
    """Yield pieces of four voices in which notes last one frame or several."""
    for chords in (24, 40, 60):
        lowest = np.array([60, 55, 48, 40])
        pitches = lowest + rng.integers(0, 15, size=(chords, 4))
        yield (torch.from_numpy(np.repeat(pitches, rng.integers(1, 4, size=chords), axis=0)),)


def solution(pitches):
    # One semitone in the alto, in every eighth chord: no twelve chords in a row are left.
    changed = pitches.clone()
    new = torch.ones(len(pitches), dtype=torch.bool)
    new[1:] = (pitches[1:] != pitches[:-1]).any(dim=1)
    number = new.cumsum(dim=0)  # of the chord that each frame belongs to, from 1
    changed[number % 8 == 0, 1] += 1
    return changed


def _chord_numbers(pitches):
    new = torch.ones(len(pitches), dtype=torch.long)
    new[1:] = (pitches[1:] != pitches[:-1]).any(dim=1).long()
    return new.cumsum(dim=0)


def nothing_changed(pitches):
    """The piece is as it was, and is found at once.

    What could you change that the ear would forgive?
    """
    return pitches.clone()


def only_transposed(pitches):
    """You move the whole piece to another key; that is what the fingerprints see through.

    Section 5.4: they are distances from a bass note. Change a distance.
    """
    return pitches + 2


def an_octave_lower(pitches):
    """You move the whole piece by an octave; the fingerprints see through that as well.

    All distances stay the same. Change a few of them.
    """
    return pitches - 12


def one_note_changed(pitches):
    """One changed note breaks the chords around it, but the rest is still in one piece.

    How many chords in a row may be left, at most?
    """
    changed = pitches.clone()
    changed[len(pitches) // 2, 1] += 1
    return changed


def beginning_changed(pitches):
    """You change the beginning alone; all that follows is found.

    How many chords in a row may be left, at most? And where?
    """
    changed = pitches.clone()
    changed[_chord_numbers(pitches) <= 2, 1] += 1
    return changed


def alto_moved_throughout(pitches):
    """A whole voice is moved: a quarter of all notes is changed, and the ear will not forgive it.

    How seldom can you change a note, and still leave no long run?
    """
    return pitches + torch.tensor([0, 1, 0, 0])


def each_other_note_changed(pitches):
    """You change far more notes than needed.

    The detector needs 12 chords in a row. How often must you break them?
    """
    changed = pitches.clone()
    changed[_chord_numbers(pitches) % 2 == 0] += torch.tensor([1, 0, 0, 0])
    changed[_chord_numbers(pitches) % 2 == 0] += torch.tensor([0, 0, 1, 0])
    return changed


def played_backwards(pitches):
    """You turn the piece round; nobody would know it again.

    The listener should hardly notice the change.
    """
    return pitches.flip(0)


def frames_dropped(pitches):
    """You leave frames out; the result must be as long as the piece.

    The fingerprints do not count frames anyway: a chord is a chord, however long.
    """
    return pitches[::2].clone()


def same_shape(changed, pitches):
    """The result has as many frames and voices as the piece."""
    return torch.as_tensor(changed).shape == pitches.shape


def whole_numbers(changed, pitches):
    """The result holds MIDI numbers: whole, from 0 to 127, or -1 for a rest."""
    numbers = torch.as_tensor(changed)
    return not numbers.is_floating_point() and bool(((numbers >= -1) & (numbers < 128)).all())


def nearly_the_same(changed, pitches):
    """In some key, at least nine tenths of all cells are as they were."""
    moved = (torch.as_tensor(changed) - pitches).flatten()
    return bool((moved == moved.mode().values).float().mean() >= 1 - MOST)


def not_found(changed, pitches):
    """The fingerprints must find no 12 chords in a row that stand in both."""
    sides = np.asarray(changed), np.asarray(pitches)
    return not shared_passages([sides[0]], [sides[1]])


def hear(answer):
    """Play Bach in the learner's disguise."""
    piece = corpus("train", progress=False)[48]  # BWV 66.6
    pitches = torch.from_numpy(piece.pitches[4:52].copy())
    return Chorale(pitches=np.asarray(answer(pitches)), tempo=96.0)


EXERCISE = Exercise(
    id="fool-the-detector",
    notebook=5,
    place=5,
    title="Fool the detector",
    kind="open",
    difficulty=3,
    importance=2,
    minutes=20,
    why="Whoever has tried to fool a test knows what it cannot see.",
    signature=(
        'fool_the_detector(pitches: Int[Tensor, "frame voice"]) -> Int[Tensor, "frame voice"]'
    ),
    statement=(
        "The fingerprints of section 5.3 look for 12 chords in a row, in any key. A new chord "
        "begins wherever some voice moves. Hide a copy from them: change a piece so that they do "
        "not find it, and leave at least nine tenths of all cells as they are. Any way will do. "
        "The piece that you are given stays as it is."
    ),
    reference=solution,
    solution=solution,
    probes=probes,
    exact=False,
    properties=(same_shape, whole_numbers, nearly_the_same, not_found),
    mistakes=(
        nothing_changed,
        only_transposed,
        an_octave_lower,
        one_note_changed,
        beginning_changed,
        alto_moved_throughout,
        each_other_note_changed,
        played_backwards,
        frames_dropped,
    ),
    hints=(
        "A chain of chords, and a detector that needs twelve whole links. How often must you file "
        "through a link?",
        "Number the chords: a frame where some pitch differs from the frame before begins a new "
        "one. In every eighth chord or so, move one note by a semitone, in a copy.",
        "`new = (pitches[1:] != pitches[:-1]).any(dim=...)`, then a running count gives each "
        "frame's chord. `changed = pitches.clone()`, then `changed[number % ... == 0, 1] += ...`.",
    ),
    explain="How would you make the detector less easy to fool, and what would that cost?",
    hear=hear,
)
