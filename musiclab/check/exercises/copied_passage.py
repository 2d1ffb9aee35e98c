"""copied-passage: where does a piece copy another, in whatever key?"""

import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips
from musiclab.music import Chorale
from musiclab.music.corpus import corpus


def probes(rng):
    """Yield pieces that share a passage, with something else before it that only looks like one."""
    yield _planted(rng, frames=4, voices=2, length=2, at=[(2, 1)], rest=False)
    one = _planted(rng, frames=7, voices=3, length=3, at=[(4, 4)])  # at both ends
    yield one
    yield one[0], one[1][:6], 3  # nothing to be found
    for decoy in (_voices_apart, _frames_apart, _octave_off, _upper_voice, _rest_for_a_note, _ups):
        piece, other, length = _planted(rng, frames=8, voices=4, length=3, at=[(3, 5)])
        other[1:4] = decoy(piece[3:6], rng)
        yield piece, other, length
    piece, other, length = _planted(rng, frames=8, voices=3, length=3, at=[(3, 5)])
    other[1:4, -1] = torch.where(piece[3:6, -1] == -1, -1, piece[3:6, -1] + 3)  # the bass alone
    yield piece, other, length
    yield _planted(rng, frames=12, voices=3, length=3, at=[(0, 5), (4, 1), (8, 9)])
    piece, other, length = _planted(rng, frames=8, voices=3, length=3, at=[(2, 5)])
    other[1:3] = piece[2:4] + 2  # one frame too short
    yield piece, other, length
    yield _planted(rng, frames=7, voices=3, length=3, at=[(1, 4)], semitones=0, rest=False)


def _planted(rng, frames, voices, length, at, semitones=3, rest=True):
    """Draw two pieces, with passages of the first in the second, moved; one note is a rest."""
    piece, other = (torch.from_numpy(rng.integers(50, 75, size=(frames, voices))) for _ in "ab")
    for here, there in at:
        if rest:
            piece[here + length - 1, 0] = -1
        passage = piece[here : here + length]
        other[there : there + length] = torch.where(passage == -1, -1, passage + semitones)
    return piece, other, length


def _voices_apart(passage, rng):
    return torch.where(passage == -1, -1, passage + torch.tensor([3, 4, 3, 3]))


def _frames_apart(passage, rng):
    return torch.where(passage == -1, -1, passage + torch.tensor([[3], [5], [1]]))


def _octave_off(passage, rng):
    moved = torch.where(passage == -1, -1, passage + 3)
    moved[1, 1] += 12
    return moved


def _upper_voice(passage, rng):
    moved = torch.where(passage == -1, -1, passage + 3)
    moved[:, 1:] = torch.from_numpy(rng.integers(50, 75, size=(3, 3)))
    return moved


def _rest_for_a_note(passage, rng):
    moved = torch.where(passage == -1, -1, passage + 3)
    moved[1, 2] = -1
    return moved


def _ups(passage, rng):
    moved = torch.where(passage == -1, -1, passage + 3)
    moved[passage == passage.max()] += 2
    return moved


def start(piece, other, length):
    for here in range(len(piece) - length + 1):
        for there in range(len(other) - length + 1):
            run, twin = piece[here : here + length], other[there : there + length]
            sings = run != -1
            if not torch.equal(sings, twin != -1):
                continue
            moved = [(twin - run)[:, voice][sings[:, voice]] for voice in range(run.shape[1])]
            if all((voice == voice[:1]).all() for voice in moved):
                return here, there
    return None


def solution(piece, other, length):
    for here in range(len(piece) - length + 1):
        for there in range(len(other) - length + 1):
            run, twin = piece[here : here + length], other[there : there + length]
            sings = run != -1
            if not torch.equal(sings, twin != -1):
                continue
            moved = (twin - run)[sings]
            if (moved == moved[0]).all():
                return here, there
    return None


def _alike(run, twin, octave=10_000):
    """Tell whether all notes are moved by one distance, and the rests are the same."""
    moved = (twin - run)[run != -1] % octave
    return torch.equal(run == -1, twin == -1) and bool((moved == moved[:1]).all())


def _find(piece, other, length, alike=_alike, ends=1):
    for here in range(len(piece) - length + ends):
        for there in range(len(other) - length + ends):
            if alike(piece[here : here + length], other[there : there + length]):
                return here, there
    return None


def same_key_only(piece, other, length):
    """You compare the pitches themselves, so a copy in another key is not found.

    What stays the same when a whole passage is moved?
    """
    return _find(piece, other, length, torch.equal)


def each_frame_moved_alone(piece, other, length):
    """Each frame may be moved by a distance of its own, so any two rows of alike chords pass.

    A copy is moved as a whole: one distance for all its frames.
    """
    return _find(
        piece,
        other,
        length,
        lambda run, twin: all(
            _alike(*frames) for frames in zip(run[:, None], twin[:, None], strict=True)
        ),
    )


def octaves_folded(piece, other, length):
    """A note that is an octave off passes: you fold octaves away.

    Where does 12 come in?
    """
    return _find(piece, other, length, lambda run, twin: _alike(run, twin, 12))


def first_voice_only(piece, other, length):
    """Only the first voice is compared; the others may sing anything.

    A hymn tune in common is no copy yet. Which voices must agree?
    """
    return _find(piece, other, length, lambda run, twin: _alike(run[:, :1], twin[:, :1]))


def last_voice_only(piece, other, length):
    """Only the last voice is compared; the others may sing anything.

    Which voices must agree?
    """
    return _find(piece, other, length, lambda run, twin: _alike(run[:, -1:], twin[:, -1:]))


def rests_match_anything(piece, other, length):
    """A rest passes for any note: you look only at notes that are there in both.

    When a voice is silent in one passage, what must it do in the other?
    """

    def alike(run, twin):
        moved = (twin - run)[(run != -1) & (twin != -1)]
        return bool((moved == moved[:1]).all())

    return _find(piece, other, length, alike)


def rests_are_notes(piece, other, length):
    """You treat a rest as a very low note, but -1 does not move with the others.

    Compare only the notes, and see that the rests stand in the same places.
    """
    return _find(piece, other, length, lambda run, twin: _alike(run + 1, twin + 1))


def last_run_lost(piece, other, length):
    """A copy that stands at the very end is not found.

    How many runs of two frames do four frames hold? Look at where your loops end.
    """
    return _find(piece, other, length, ends=0)


def places_swapped(piece, other, length):
    """The two places are the wrong way round.

    First the frame in `piece`, then the frame in `other`.
    """
    found = _find(piece, other, length)
    return found and found[::-1]


def latest_instead(piece, other, length):
    """You return the latest copy; the earliest is asked for.

    Does your loop go on after it has found one?
    """
    found = _find(piece.flip(0), other.flip(0), length)
    return found and (len(piece) - length - found[0], len(other) - length - found[1])


def earliest_in_the_other(piece, other, length):
    """You return the copy that comes first in `other`; first in `piece` is asked for.

    Which of the two loops should be the outer one?
    """
    found = _find(other, piece, length)
    return found and found[::-1]


def same_place_only(piece, other, length):
    """You compare only runs that stand in the same frame of both pieces.

    A copy may stand anywhere. You need two places that move by themselves.
    """
    for here in range(min(len(piece), len(other)) - length + 1):
        if _alike(piece[here : here + length], other[here : here + length]):
            return here, here
    return None


def one_frame_short(piece, other, length):
    """You compare one frame too few.

    Does a slice hold its end?
    """
    return _find(piece, other, length - 1)


def ends_returned(piece, other, length):
    """You return where the passages end; where they begin is asked for.

    Which frames do your numbers stand for?
    """
    found = _find(piece, other, length)
    return found and (found[0] + length, found[1] + length)


def ups_and_downs_only(piece, other, length):
    """You compare whether voices go up or down, but not how far.

    A copy keeps every distance.
    """

    def alike(run, twin):
        ways = [[voice[voice != -1].diff().sign() for voice in one.T] for one in (run, twin)]
        same = all(torch.equal(*pair) for pair in zip(*ways, strict=True))
        return torch.equal(run == -1, twin == -1) and same

    return _find(piece, other, length, alike)


def _answer(moved=None, rests=None, ends=None):
    def answer(piece, other, length):
        def alike(run, twin):
            same = rests(run, twin) if rests else torch.equal(run == -1, twin == -1)
            return same and (moved or _together)(run, twin)

        found = _find(piece, other, length, alike)
        return ends(found, length) if ends and found else found

    return answer


def _together(run, twin, octave=10_000):
    moved = (twin - run)[(run != -1) & (twin != -1)] % octave
    return bool((moved == moved[:1]).all())


def _own(run, twin):
    return all(_together(one, two) for one, two in zip(run, twin, strict=True))


BOTH = two_slips(
    _answer,
    moved={
        "pitches": (torch.equal, "Another key is not found."),
        "each_voice": (lambda run, twin: _own(run.T, twin.T), "Each voice moves by itself."),
        "each_frame": (_own, "Each frame moves by itself."),
        "folded": (
            lambda run, twin: _together(run, twin, octave=12),
            "Octaves are folded away.",
        ),
        "first_voice": (lambda run, twin: _together(run[:, 0], twin[:, 0]), "One voice decides."),
        "last_voice": (lambda run, twin: _together(run[:, -1], twin[:, -1]), "The last decides."),
    },
    rests={"rests_free": (lambda run, twin: True, "A rest passes for any note.")},
    ends={
        "turned": (lambda found, length: found[::-1], "The two places are swapped."),
        "at_the_end": (
            lambda found, length: (found[0] + length, found[1] + length),
            "You name where it ends.",
        ),
        "from_one": (lambda found, length: (found[0] + 1, found[1] + 1), "You count from 1."),
    },
    without=("pitches_and_rests_free", "last_voice_and_rests_free"),
)


def is_a_copy(found, piece, other, length):
    """The two passages named must be the same, moved by one distance for all notes."""
    if found is None:
        return True
    here, there = (int(one) for one in found)
    run, twin = piece[here : here + length], other[there : there + length]
    return len(run) == len(twin) == length and _alike(run, twin)


def hear(answer):
    """Play the passage that the learner's function finds, and the copy that it calls the same."""
    piece = corpus("train", progress=False)[48]  # BWV 66.6
    passage = torch.from_numpy(piece.pitches[4:20].copy())
    alto = torch.tensor([2, 3, 2, 2])
    other = torch.cat([passage.flip(0), passage + alto, passage.flip(0), passage + 2])
    found = answer(passage.clone(), other.clone(), 16)
    heard = passage if found is None else torch.cat([passage, other[found[1] : found[1] + 16]])
    return Chorale(pitches=heard.numpy(), tempo=96.0)


EXERCISE = Exercise(
    id="copied-passage",
    notebook=5,
    place=3,
    title="A copied passage",
    kind="find the bug",
    difficulty=3,
    importance=4,
    minutes=15,
    why="It finds the leaks of sections 5.3 to 5.5, and later what a model knows by heart.",
    signature=(
        'copied_passage(piece: Int[Tensor, "frame voice"], other: '
        'Int[Tensor, "other_frame voice"], length: int) -> tuple[int, int] | None'
    ),
    statement=(
        "Two pieces, -1 for a rest. Find `length` frames of `piece` that also stand in `other`, "
        "perhaps in another key: all notes moved by one distance, rests in the same places. "
        "Return where the passage begins in both, the earliest in `piece`, and then the earliest "
        "in `other`; None if there is none. The function below has a bug: it finds copies where "
        "there are none. Find it and mend it."
    ),
    reference=_find,
    solution=solution,
    start=start,
    probes=probes,
    properties=(is_a_copy,),
    mistakes=(
        same_key_only,
        each_frame_moved_alone,
        octaves_folded,
        first_voice_only,
        last_voice_only,
        rests_match_anything,
        rests_are_notes,
        last_run_lost,
        places_swapped,
        latest_instead,
        earliest_in_the_other,
        same_place_only,
        one_frame_short,
        ends_returned,
        ups_and_downs_only,
        *BOTH,
    ),
    hints=(
        "Take a passage and move the alto alone up by a semitone, all along. It sounds awful. "
        "What does the function say?",
        "For each pair of places: same rests? Then moved = twin - run, only where someone sings: "
        "one long row over all frames and voices. All of it must be equal.",
        "Two lines become shorter: `moved = (twin - run)[...]`, then `if (moved == "
        "moved[...]).all():`.",
    ),
    explain="Why is it not enough that each voice by itself is the same tune? Say it briefly.",
    hear=hear,
)
