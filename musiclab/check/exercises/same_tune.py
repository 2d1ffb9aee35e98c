"""same-tune: are two melodies the same, but for the key?"""

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips
from musiclab.music import Chorale
from musiclab.music.corpus import corpus


def probes(rng):
    """Yield pairs of melodies, each made to tell one idea of "the same" from the right one."""
    up = int(rng.integers(1, 6))
    yield _pair([60, 62, 64], [60 + up, 62 + up, 64 + up])
    yield _pair([60, 62, 64], [60, 62, 65])
    low, high = rng.permutation([0, 2, 4, 5, 7, 9, 11])[:2].tolist()
    tune = np.array([60 + low, 60 + low, -1, 60 + high, 62, 62, 71, 66])
    sings = tune >= 0
    yield _pair(tune, tune)
    higher = np.where(sings, tune + up, -1)
    yield _pair(tune, higher)
    yield _pair(tune, np.where(sings, tune - 12, -1))
    yield _pair(tune[2:], higher[2:])  # begins with a rest
    yield _pair(tune[:5], higher)  # begins alike
    yield _pair(tune[:5], tune)
    yield _pair(higher[3:], tune[3:7])
    yield _pair(tune[[1, 2, 3, 4]], tune[[1, 2, 6, 4]])  # a rest between the first two notes
    yield _pair([60, 62, 67], [60, 65, 67])  # the same steps, in another order
    for place in (0, 3, 7):  # one wrong note, one note an octave off
        for wrong in (1, 12):
            yield _pair(tune, np.where(np.arange(8) == place, tune + wrong, tune))
    yield _pair(tune[3:], 130 - tune[3:])  # upside down
    yield _pair(tune, np.where(sings, 60 + 2 * (tune - 60), -1))  # the same ups and downs, wider
    yield _pair(tune, tune[[0, 2, 1, 3, 4, 5, 6, 7]])  # the rest comes sooner
    yield _pair(tune, tune[[0, 1, 1, 3, 4, 5, 6, 7]])  # no rest
    yield _pair(tune, tune[[0, 0, 2, 3, 3, 4, 6, 7]])  # other lengths of notes
    yield _pair(tune[3:], tune[3:][[0, 3, 1, 2, 4]])  # the same notes in another order
    yield _pair(tune[3:], tune[3:][[0, 0, 3, 1, 4]])  # the same ends


def _pair(tune, other):
    return torch.as_tensor(np.array(tune)), torch.as_tensor(np.array(other))


def solution(pitches, other):
    if len(pitches) != len(other):
        return False
    sings = pitches != -1
    if not torch.equal(sings, other != -1):
        return False
    moved = (other - pitches)[sings]
    return bool((moved == moved[0]).all())


def reference(pitches, other):
    """Compare where the rests are, and how far each note was moved."""
    return len(pitches) == len(other) and _rests(pitches, other) and _moved(pitches, other) <= 1


def _rests(one, other):
    return torch.equal(one == -1, other == -1)


def _moved(one, other, octave=10_000):
    """Count by how many different distances the notes were moved."""
    both = (one != -1) & (other != -1)
    return len(((other - one)[both] % octave).unique())


def _steps(tune):
    """Give the intervals from note to note, rests left out."""
    return tune[tune != -1].diff()


def compares_pitches(pitches, other):
    """You compare the pitches themselves, so a tune in another key counts as another tune.

    What stays the same when a singer starts higher?
    """
    return torch.equal(pitches, other)


def octaves_folded(pitches, other):
    """A note that is an octave off passes: you fold octaves away.

    Nobody would sing that leap by mistake. Where does 12 come in?
    """
    return len(pitches) == len(other) and _rests(pitches, other) and _moved(pitches, other, 12) <= 1


def lengths_ignored(pitches, other):
    """A tune and its beginning count as the same: you compare only as far as both go.

    `zip` stops at the shorter one. What must you ask first?
    """
    size = min(len(pitches), len(other))
    return reference(pitches[:size], other[:size])


def first_interval_only(pitches, other):
    """You compare the first interval alone; after that, anything goes.

    Does your loop return too soon?
    """
    return len(pitches) == len(other) and torch.equal(_steps(pitches)[:1], _steps(other)[:1])


def last_interval_lost(pitches, other):
    """A wrong last note passes.

    Look at where your loop or slice ends.
    """
    return reference(pitches[:-1], other[:-1]) and len(pitches) == len(other)


def first_interval_lost(pitches, other):
    """A wrong first note passes.

    Look at where your loop or slice begins.
    """
    return reference(pitches[1:], other[1:]) and len(pitches) == len(other)


def ups_and_downs_only(pitches, other):
    """You compare whether each step goes up or down, but not how far.

    An interval has a direction and a size.
    """
    return torch.equal(pitches.diff().sign(), other.diff().sign())


def direction_ignored(pitches, other):
    """A tune turned upside down passes: you compare how far each step goes, but not which way.

    An interval has a direction and a size.
    """
    same = len(pitches) == len(other) and _rests(pitches, other)
    return same and torch.equal(_steps(pitches).abs(), _steps(other).abs())


def rests_are_notes(pitches, other):
    """You treat a rest as a very low note, but -1 does not move when a tune is transposed.

    Look at the frames where nobody sings, each for itself.
    """
    return len(pitches) == len(other) and len((other - pitches).unique()) <= 1


def rests_left_out(pitches, other):
    """You drop the rests before you compare, so it does not matter where they were.

    Silence belongs to a tune, too: it must come at the same time.
    """
    return len(pitches) == len(other) and torch.equal(_steps(pitches), _steps(other))


def rests_match_anything(pitches, other):
    """A rest passes for any note: you look only at frames where both sing.

    When one of them is silent, what must the other do?
    """
    return len(pitches) == len(other) and _moved(pitches, other) <= 1


def counts_from_a_rest(pitches, other):
    """You measure from the first frame, but here it is a rest, and -1 is no pitch.

    From which note can you measure?
    """
    if len(pitches) != len(other):
        return False
    return torch.equal(*(torch.where(one != -1, one - one[0], -99) for one in (pitches, other)))


def lengths_of_notes_ignored(pitches, other):
    """A note held longer passes: you compare the notes, but not how long each one is.

    Each frame counts here, also a held one.
    """
    same = len(pitches) == len(other)
    lines = [one.unique_consecutive() for one in (pitches, other)]
    return same and len(lines[0]) == len(lines[1]) and reference(*lines)


def order_ignored(pitches, other):
    """The same notes in another order pass: you compare which notes there are, not when.

    Does something in your code sort, or make a set?
    """
    lines = [one[one != -1].sort().values for one in (pitches, other)]
    same = len(pitches) == len(other) and _rests(pitches, other)
    return same and reference(*lines)


def ends_only(pitches, other):
    """You compare the way from the first note to the last, but not what lies between.

    A sum of intervals says only where the tune ends up.
    """
    same = len(pitches) == len(other) and _rests(pitches, other)
    return same and bool(_steps(pitches).sum() == _steps(other).sum())


def note_names_only(pitches, other):
    """You compare the names of the notes, octaves folded away, and in one key only.

    Sung a tone higher, all names change. What stays the same?
    """
    return torch.equal(pitches % 12, other % 12)


def anything_as_long(pitches, other):
    """All tunes of one length are the same to you.

    Ask for more than the length.
    """
    return len(pitches) == len(other)


def set_of_intervals(pitches, other):
    """You compare which intervals occur, but not when.

    Does something in your code make a set, or sort?
    """
    same = len(pitches) == len(other) and _rests(pitches, other)
    return same and set(_steps(pitches).tolist()) == set(_steps(other).tolist())


def rests_as_a_mark(pitches, other):
    """Where only one of the two rests, you do not look: the mask is made from one melody alone.

    The rests of both melodies must stand in the same frames.
    """
    sings = pitches != -1
    return (
        len(pitches) == len(other)
        and len((other - pitches)[sings][:1]) == 1
        and bool(((other - pitches)[sings] == (other - pitches)[0]).all())
    )


def first_two_frames(pitches, other):
    """You compare the first two frames alone; after that, anything goes.

    Does your loop return too soon?
    """
    return torch.equal(pitches[:2].diff(), other[:2].diff())


def only_where_both_sing(pitches, other):
    """You look only where both sing, and only as far as both go.

    What must you ask first, about the lengths and about the rests?
    """
    return rests_match_anything(*_cut(pitches, other))


def _answer(idea=None, rests=None, lengths=None):
    def answer(pitches, other):
        one, two = rests(pitches, other) if rests else (pitches[pitches != -1], other[other != -1])
        if lengths:
            one, two = lengths(one, two)
            pitches, other = lengths(pitches, other)
        if len(pitches) != len(other) or (rests is None and not _rests(pitches, other)):
            return False
        return (idea or _same_steps)(one, two)

    return answer


def _same_steps(one, two):
    return torch.equal(one.diff(), two.diff())


def _cut(one, two):
    size = min(len(one), len(two))
    return one[:size], two[:size]


def _as_notes(one, two):
    return one, two


BOTH = two_slips(
    _answer,
    idea={
        "absolute": (torch.equal, "You compare pitches."),
        "octaves": (
            lambda one, two: torch.equal(one.diff() % 12, two.diff() % 12),
            "Octaves are folded away.",
        ),
        "ups_and_downs": (
            lambda one, two: torch.equal(one.diff().sign(), two.diff().sign()),
            "You ask which way a step goes, not how far.",
        ),
        "sizes": (
            lambda one, two: torch.equal(one.diff().abs(), two.diff().abs()),
            "You ask how far a step goes, not which way.",
        ),
        "first_step": (
            lambda one, two: torch.equal(one.diff()[:1], two.diff()[:1]),
            "You look at the first step alone.",
        ),
        "whole_way": (
            lambda one, two: bool(one.diff().sum() == two.diff().sum()),
            "You look at both ends alone.",
        ),
        "which_steps": (
            lambda one, two: set(one.diff().tolist()) == set(two.diff().tolist()),
            "You ask which steps occur, not when.",
        ),
        "no_lengths_of_notes": (
            lambda one, two: _same_steps(one.unique_consecutive(), two.unique_consecutive()),
            "How long a note lasts is ignored.",
        ),
    },
    rests={
        "rest_as_note": (_as_notes, "A rest is taken for a note."),
        "rest_dropped": (
            lambda one, two: (one[one != -1], two[two != -1]),
            "Rests are dropped.",
        ),
    },
    lengths={"cut_to_shorter": (_cut, "Lengths are ignored.")},
    without=(
        "absolute_and_rest_as_note",
        "first_step_and_rest_dropped",
        "ups_and_downs_and_rest_as_note",
    ),
)


def yes_or_no(found, pitches, other):
    """The answer is True or False."""
    return str(type(found).__name__) in ("bool", "Tensor") and bool(found) in (True, False)


def hear(answer):
    """Play a tune by Bach, and then whatever the learner's function calls the same."""
    piece = corpus("train", progress=False)[48]  # BWV 66.6
    tune = torch.from_numpy(piece.pitches[4:20, 0].copy())
    higher = torch.where(torch.arange(16) < 8, tune, tune + 12)
    others = (tune + 2, tune - 3, higher, 2 * tune[0] - tune, tune.sort().values)
    heard = [tune, *(one for one in others if answer(tune.clone(), one.clone()))]
    pitches = np.full((16 * len(heard), 4), -1)
    pitches[:, 0] = torch.cat(heard)
    return Chorale(pitches=pitches, tempo=140)


EXERCISE = Exercise(
    id="same-tune",
    notebook=5,
    place=2,
    title="The same tune?",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=15,
    why="A leak in another key is still a leak; your detector must hear through the key.",
    signature=(
        'same_tune(pitches: Int[Tensor, "frame"], other: Int[Tensor, "other_frame"]) -> bool'
    ),
    statement=(
        "Two melodies, one pitch for each frame, -1 where the voice rests. Are they the same, but "
        "perhaps sung higher or lower? Every note must be moved by the same distance. Rests must "
        "stand in the same frames. Two melodies of different lengths are not the same."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(yes_or_no,),
    mistakes=(
        compares_pitches,
        octaves_folded,
        lengths_ignored,
        first_interval_only,
        last_interval_lost,
        first_interval_lost,
        ups_and_downs_only,
        direction_ignored,
        rests_are_notes,
        rests_left_out,
        rests_match_anything,
        counts_from_a_rest,
        lengths_of_notes_ignored,
        order_ignored,
        ends_only,
        note_names_only,
        anything_as_long,
        set_of_intervals,
        rests_as_a_mark,
        first_two_frames,
        only_where_both_sing,
        *BOTH,
    ),
    hints=(
        "Sing a tune, and sing it again a little higher. Write both down in MIDI numbers, one "
        "below the other. What do all the pairs have in common?",
        "Same length? Same frames with rests? Then take other - pitches where both sing. All of "
        "these must be equal.",
        "`sings = pitches != ...`; return False unless `torch.equal(sings, other != ...)`; then "
        "`moved = (other - pitches)[...]` and `(moved == moved[...]).all()`.",
    ),
    explain="Why may you not treat a rest as one more pitch? Say it in one sentence.",
    hear=hear,
)
