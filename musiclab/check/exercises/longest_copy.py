"""longest-copy: how many chord changes in a row does a piece share with its training pieces?"""

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.evaluate import TrainingMemory


def probes(rng):
    """Yield pieces with a short copy, and with what only looks like a longer one."""
    yield _planted(rng, chords=5, pieces=1)
    yield _planted(rng, semitones=0)
    yield _planted(rng, number=0, at=(6, 6))  # at both ends
    yield _planted(rng, number=2, at=(0, 6))
    yield _planted(rng, number=2, decoy=_two_chords)
    piece, training = _planted(rng)
    yield piece, training[:1] + training[2:]  # nothing is copied
    for decoy in DECOYS:
        yield _planted(rng, decoy=decoy)
    yield _planted(rng, rest=True)
    yield _planted(rng, rest=True, decoy=_rest_for_a_note)
    yield _over_the_border(rng)


def _planted(rng, chords=9, pieces=3, number=1, at=(4, 2), semitones=3, decoy=None, rest=False):
    """Copy three or four chords into a training piece, and something like five into the next."""
    piece, *training = _chords(rng, pieces + 1, chords)
    number, length = number % pieces, int(rng.integers(3, 5))
    here, there = min(at[0], len(piece) - length), min(at[1], len(training[number]) - length)
    if rest:
        piece[here + 1, 0] = piece[here + 2, 1] = -1
    training[number][there : there + length] = _moved(piece[here : here + length], semitones)
    if decoy:
        training[(number + 1) % pieces][2:7] = decoy(piece[:5], rng)
    return _held(rng, piece), [_held(rng, one) for one in training]


def _over_the_border(rng):
    """Let a passage begin at the end of a training piece, and go on in the next."""
    piece, *training = _chords(rng, 4, 9)
    training[0][-2:], training[1][:2] = _moved(piece[2:4], 2), _moved(piece[4:6], 2)
    return _held(rng, piece), [_held(rng, one) for one in training]


def _chords(rng, many, chords):
    return [rng.integers(45, 70, size=(chords - n % 3, 4)) for n in range(many)]


def _held(rng, chords):
    """Hold each chord for some frames."""
    return torch.from_numpy(np.repeat(chords, rng.integers(1, 4, size=len(chords)), axis=0))


def _moved(passage, semitones):
    return np.where(passage == -1, -1, passage + semitones)


def _voices_apart(passage, rng):
    return _moved(passage, np.array([3, 4, 3, 6]))


def _chords_apart(passage, rng):
    return _moved(passage, np.array([[3], [5], [1], [6], [2]]))


def _octave_off(passage, rng):
    moved = _moved(passage, 3)
    moved[::2, 1] += 12
    return moved


def _soprano(passage, rng):
    moved = rng.integers(45, 70, size=passage.shape)
    moved[:, 0] = _moved(passage[:, 0], 3)
    return moved


def _bass(passage, rng):
    return np.roll(_soprano(np.roll(passage, 1, axis=1), rng), -1, axis=1)


def _rest_for_a_note(passage, rng):
    moved = _moved(passage, 3)
    moved[::2, 2] = -1
    return moved


def _interrupted(passage, rng):
    moved = rng.integers(45, 70, size=passage.shape)
    moved[:2], moved[3:] = _moved(passage[:2], 3), _moved(passage[3:], 3)
    return moved


def _two_chords(passage, rng):
    moved = rng.integers(45, 70, size=passage.shape)
    moved[1:3] = _moved(passage[1:3], 1)
    return moved


def _backwards(passage, rng):
    return _moved(passage[::-1], 3)


DECOYS = (
    _voices_apart,
    _chords_apart,
    _octave_off,
    _soprano,
    _bass,
    _rest_for_a_note,
    _interrupted,
    _backwards,
)


def reference(piece, training):
    return TrainingMemory([one.numpy() for one in training]).longest(piece.numpy()).changes


def solution(piece, training):
    def alike(run, twin):
        moved = (twin - run)[run != -1]
        return torch.equal(run == -1, twin == -1) and bool((moved == moved[0]).all())

    own, longest = piece.unique_consecutive(dim=0), 0
    for other in training:
        theirs = other.unique_consecutive(dim=0)
        for here in range(len(own)):
            for there in range(len(theirs)):
                chords = longest + 2  # one change more than found before
                while here + chords <= len(own) and there + chords <= len(theirs):
                    if not alike(own[here : here + chords], theirs[there : there + chords]):
                        break
                    longest, chords = chords - 1, chords + 1
    return longest


def chords_of(piece):
    """Write a piece as its chords, each a tuple of pitches, whatever they last."""
    rows = [tuple(row) for row in piece.tolist()]
    return [row for place, row in enumerate(rows) if place == 0 or row != rows[place - 1]]


def rests(run):
    return [pitch == -1 for row in run for pitch in row]


def distances(run, twin):
    """How far the notes of two passages lie apart, wherever both have one."""
    rows = zip(run, twin, strict=True)
    pairs = ((a, b) for one, two in rows for a, b in zip(one, two, strict=True))
    return [b - a for a, b in pairs if -1 not in (a, b)]


def together(run, twin):
    return rests(run) == rests(twin) and len(set(distances(run, twin))) == 1


def build(
    alike=together,
    chords=chords_of,
    pieces=lambda training: training,
    says=lambda found, own: max((changes for _, _, changes in found), default=0),
    past_the_end=0,
):
    """Make a search that compares, cuts or counts in another way."""

    def longest(piece, training):
        own, found = chords(piece), []
        for other in pieces([chords(one) for one in training]):
            for here in range(len(own)):
                for there in range(len(other)):
                    most, last = min(len(own) - here, len(other) - there) - past_the_end, 1
                    for length in range(2, most + 1):
                        if not alike(own[here : here + length], other[there : there + length]):
                            break
                        last = length
                    if last > 1:
                        found.append((here, there, last - 1))
        return says(found, own)

    return longest


def one_key_only(*inputs):
    """You compare only one key: the same passage, sung a tone higher, is not found.

    A chorale that is transposed is still copied. What stays when all notes move together?
    """
    return build(lambda run, twin: run == twin)(*inputs)


def each_chord_moved_alone(*inputs):
    """You compare each chord by itself, in whatever key: the way from one to the next is free.

    All notes of a passage must have moved by *one* distance.
    """

    def alike(run, twin):
        return all(together([one], [two]) for one, two in zip(run, twin, strict=True))

    return build(alike)(*inputs)


def each_voice_moved_alone(*inputs):
    """You compare each voice by itself: how far it lies from the others is free.

    The same tunes at other distances are other chords. All notes move by *one* distance.
    """

    def alike(run, twin):
        voices = zip(zip(*run, strict=True), zip(*twin, strict=True), strict=True)
        moved = [set(distances([one], [two])) for one, two in voices]
        return rests(run) == rests(twin) and all(len(each) < 2 for each in moved)

    return build(alike)(*inputs)


def octaves_folded(*inputs):
    """You fold octaves away, so that a voice may leap to another octave and still count.

    The distance must be the same in semitones, not only on the clock of twelve.
    """

    def alike(run, twin):
        moved = {one % 12 for one in distances(run, twin)}
        return rests(run) == rests(twin) and len(moved) == 1

    return build(alike)(*inputs)


def soprano_only(*inputs):
    """You compare the soprano only: another harmony under the same tune is not copied.

    Compare all voices.
    """

    def alike(run, twin):
        return together([row[:1] for row in run], [row[:1] for row in twin])

    return build(alike)(*inputs)


def bass_only(*inputs):
    """You compare the bass only.

    Compare all voices.
    """

    def alike(run, twin):
        return together([row[-1:] for row in run], [row[-1:] for row in twin])

    return build(alike)(*inputs)


def rests_match_anything(*inputs):
    """You let a rest pass for any note.

    Where one voice is silent, the copy must be silent, too.
    """
    return build(lambda run, twin: len(set(distances(run, twin))) == 1)(*inputs)


def rests_are_notes(*inputs):
    """You take a rest for a very low note, but -1 does not move with the others.

    Compare only the notes, and see that the rests stand in the same places.
    """

    def alike(run, twin):
        up = [[tuple(pitch + 1000 for pitch in row) for row in one] for one in (run, twin)]
        return len(set(distances(*up))) == 1

    return build(alike)(*inputs)


def all_frames(piece):
    return [tuple(row) for row in piece.tolist()]


def lengths_count(*inputs):
    """You compare frame by frame, so a passage that is sung at another speed is not found.

    How long a chord lasts does not count. Write each chord down once, then compare.
    """

    def says(found, own):
        return max(
            (
                sum(own[k] != own[k + 1] for k in range(here, here + frames))
                for here, _, frames in found
            ),
            default=0,
        )

    return build(chords=all_frames, says=says)(*inputs)


def frames_counted(*inputs):
    """You count frames, and compare frame by frame.

    How long a chord lasts does not count. Write each chord down once, then compare.
    """
    return build(chords=all_frames)(*inputs)


def equal_chords_dropped(*inputs):
    """You write each chord down once in the whole piece, and put them in the order of pitch.

    `unique` sorts. Drop only a row that equals the one *just before* it.
    """
    return build(chords=lambda piece: sorted(set(chords_of(piece))))(*inputs)


def chords_counted(*inputs):
    """You count chords; changes are asked for.

    Three chords in a row are two changes. And a single chord is no passage.
    """

    def says(found, own):
        return max((changes + 1 for _, _, changes in found), default=0)

    return build(says=says)(*inputs)


def first_piece_only(*inputs):
    """You look into the first training piece only.

    Where does your `return` stand? Does it wait until all pieces are done?
    """
    return build(pieces=lambda training: training[:1])(*inputs)


def last_piece_only(*inputs):
    """Only the last training piece counts.

    Do you begin anew with each piece? Keep the longest of all.
    """
    return build(pieces=lambda training: training[-1:])(*inputs)


def pieces_joined(*inputs):
    """You join the training pieces, so a passage may run from one into the next.

    Nobody has ever heard that one. Look into each by itself.
    """
    return build(pieces=lambda training: [sum(training, [])])(*inputs)


def same_place_only(*inputs):
    """You compare only what stands at the same place in both pieces.

    A copy may begin anywhere. You need two places that move by themselves.
    """

    def says(found, own):
        return max((changes for here, there, changes in found if here == there), default=0)

    return build(says=says)(*inputs)


def first_copy_found(*inputs):
    """You return the first copy, but another one is longer.

    Does your loop go on after it has found one?
    """
    return build(says=lambda found, own: found[0][2] if found else 0)(*inputs)


def not_in_a_row(*inputs):
    """You count all changes that are copied from somewhere, also if they do not follow each other.

    The longest *passage* is asked for: changes in a row, from one place.
    """

    def says(found, own):
        return len({here + k for here, _, changes in found for k in range(changes)})

    return build(says=says)(*inputs)


def last_chord_lost(*inputs):
    """A passage that goes on to the very end is cut short.

    Look at where your loops end: does a slice hold its end?
    """
    return build(past_the_end=1)(*inputs)


def as_a_share(*inputs):
    """You return a share of the piece's changes; their number is asked for.

    Do not divide.
    """

    def says(found, own):
        return max((changes for *_, changes in found), default=0) / (len(own) - 1)

    return build(says=says)(*inputs)


def not_longer_than_the_piece(changes, piece, training):
    """No passage has more changes than the piece, or fewer than none."""
    return 0 <= changes < len(chords_of(piece))


EXERCISE = Exercise(
    id="longest-copy",
    notebook=14,
    place=4,
    title="The longest copy",
    kind="implement",
    difficulty=4,
    importance=4,
    minutes=25,
    why="Before you say that a model composes, ask from whom.",
    signature=(
        'longest_copy(piece: Int[Tensor, "frame voice"], '
        'training: list[Int[Tensor, "other_frame voice"]]) -> int'
    ),
    statement=(
        "Return how many chord changes in a row `piece` shares with a training piece; 0 if none. "
        "That is the number that `TrainingMemory` gave in section 14.1; now write it yourself.\n\n"
        "A *chord* is a run of frames in which no pitch changes; how long it lasts does not count. "
        "A passage of three chords has two changes. It is the same passage if all its notes have "
        "moved by one distance, in semitones, and the rests (-1) stand in the same places. It may "
        "begin anywhere in both pieces, and never runs from one training piece into the next. In "
        "each chord somebody sings."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(not_longer_than_the_piece,),
    mistakes=(
        one_key_only,
        each_chord_moved_alone,
        each_voice_moved_alone,
        octaves_folded,
        soprano_only,
        bass_only,
        rests_match_anything,
        rests_are_notes,
        lengths_count,
        frames_counted,
        equal_chords_dropped,
        chords_counted,
        first_piece_only,
        last_piece_only,
        pieces_joined,
        same_place_only,
        first_copy_found,
        not_in_a_row,
        last_chord_lost,
        as_a_share,
    ),
    hints=(
        "Sing the first three chords of a chorale; then sing them a tone higher, and slower. What "
        "has changed, and what has not? Which numbers could you write down that stay the same?",
        "Drop each frame that equals the one before. For each training piece, each chord here and "
        "each chord there: begin with two chords. While the two passages are alike, take one more. "
        "Alike: rests in the same places, and twin - run is one number over all notes. Keep the "
        "longest.",
        "`own = piece.unique_consecutive(dim=0)`, and likewise `theirs`. Alike: "
        "`moved = (twin - run)[run != -1]`, then `torch.equal(run == -1, twin == -1) and "
        "(moved == moved[...]).all()`. Return the most chords, minus ....",
    ),
    explain="Why is a long copy no proof by itself, and which number would you put beside it?",
)
