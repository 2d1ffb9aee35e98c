"""parallel-fifths: where do two voices move along, a fifth apart before and after?"""

from contextlib import suppress
from itertools import combinations

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips
from musiclab.evaluate.voice_leading import parallels
from musiclab.music import Chorale
from musiclab.music.corpus import corpus

PAIRS = tuple(combinations(range(4), 2))
# What two voices do from one chord to the next: (upper, lower) before and after. Parallels, and
# what only looks like them.
MOVES = (
    ((67, 60), (69, 62)),  # a fifth up
    ((79, 60), (77, 58)),  # a twelfth (an octave and a fifth) down
    ((67, 60), (81, 62)),  # a fifth into a twelfth, both up
    ((60, 67), (62, 69)),  # a fifth, the voices crossed
    ((60, 65), (62, 67)),  # a fourth, crossed
    ((65, 60), (67, 62)),  # a fourth
    ((66, 60), (68, 62)),  # six semitones
    ((72, 60), (74, 62)),  # an octave
    ((64, 60), (66, 62)),  # a third
    ((67, 60), (74, 55)),  # apart
    ((67, 60), (67, 60)),  # nobody moves
    ((67, 60), (79, 60)),  # one voice moves
    ((64, 60), (69, 62)),  # a fifth is only reached
    ((67, 60), (69, 65)),  # a fifth is only left
    ((66, -1), (72, 65)),  # a rest, seven semitones off if it were a pitch
    ((72, 65), (66, -1)),
)


def probes(rng):
    """Yield one move of two chords; two in a row; then all moves in any voices, notes held."""
    yield (torch.tensor([[67, 64, 62, 60], [69, 64, 62, 62]]),)
    yield (torch.tensor([[67, 65, 62, 60], [69, 64, 62, 62], [69, 64, 62, 62], [71, 65, 60, 64]]),)
    for longest in (2, 4):
        rows = []
        for number in rng.permutation(len(MOVES)):
            upper, lower = PAIRS[rng.integers(6)]
            for pair in MOVES[number]:
                row = rng.integers(48, 76, size=4)
                row[[upper, lower]] = pair
                rows += [row] * int(rng.integers(1, longest))
        yield (torch.from_numpy(np.array(rows)),)


def use(answer, pitches):
    """Put what is found in order, since any order will do."""
    found = answer(pitches)
    with suppress(TypeError, ValueError):
        return sorted(tuple(int(one) for one in place) for place in found)
    return found


def reference(pitches):
    """Ask the library."""
    return parallels(np.asarray(pitches))


def solution(pitches):
    found = []
    for frame in range(1, len(pitches)):
        before, after = pitches[frame - 1], pitches[frame]
        sings = (before != -1) & (after != -1)
        moves = (after - before).sign()
        for upper in range(4):
            for lower in range(upper + 1, 4):
                both = sings[upper] and sings[lower]
                along = moves[upper] == moves[lower] != 0
                fifths = [abs(chord[upper] - chord[lower]) % 12 == 7 for chord in (before, after)]
                if both and along and all(fifths):
                    found.append((frame, upper, lower))
    return found


def _fifth(upper, lower):
    return abs(upper - lower) % 12 == 7


def _along(rise, other):
    return rise * other > 0


def _find(
    pitches, *, fifth=_fifth, arrives=None, moves=_along, pairs=PAIRS, rests=False, frames=False
):
    """Find parallels by rules of your own; from chord to chord, or from frame to frame."""
    rows, found = pitches.tolist(), []
    for frame in range(1, len(rows)):
        before, after = rows[frame - 1], rows[frame]
        if before == after and not frames:
            continue
        for a, b in pairs:
            four = before[a], before[b], after[a], after[b]
            sings = rests(four) if callable(rests) else rests or -1 not in four
            both = fifth(before[a], before[b]) and (arrives or fifth)(after[a], after[b])
            if sings and both and moves(after[a] - before[a], after[b] - before[b]):
                found.append((frame, a, b))
    return found


def held_chords_counted(pitches):
    """A fifth that is held counts again in every frame, though nobody moves.

    A parallel is a movement. What must both voices do between two frames?
    """
    return _find(pitches, moves=lambda *_: True, frames=True)


def standing_voices_counted(pitches):
    """Two voices that stay on their fifth count whenever another voice moves.

    A parallel is a movement. What must these two voices do?
    """
    return _find(pitches, moves=lambda *_: True)


def one_voice_is_enough(pitches):
    """You count it when only one of the two voices moves; both must.

    `or`, or `and`?
    """
    return _find(pitches, moves=lambda rise, other: rise or other)


def contrary_motion_counted(pitches):
    """You count voices that move apart or towards each other; both must rise, or both fall.

    Compare the directions of the two movements.
    """
    return _find(pitches, moves=lambda rise, other: rise and other)


def rising_only(pitches):
    """You find only fifths that rise; those that fall sound as hollow.

    Which sign do the two movements have in common?
    """
    return _find(pitches, moves=lambda rise, other: rise > 0 and other > 0)


def by_the_same_step_only(pitches):
    """You ask both voices to move by the same distance: a fifth that becomes a twelfth is lost.

    They must move in one direction. How far does not matter, once octaves are folded away.
    """
    return _find(pitches, moves=lambda rise, other: rise == other != 0)


def rests_counted(pitches):
    """A rest is taken for a pitch: -1 can lie a fifth below a note by accident.

    Nobody sings a fifth with a voice that rests, before or after.
    """
    return _find(pitches, rests=True)


def octaves_not_folded(pitches):
    """You find fifths of seven semitones only; with an octave between, it is still a fifth.

    What does `% 12` do in section 13.4?
    """
    return _find(pitches, fifth=lambda upper, lower: abs(upper - lower) == 7)


def crossed_voices_wrong(pitches):
    """Where voices cross, you take a fourth for a fifth.

    -7 % 12 is 5. Take the size of the distance first.
    """
    return _find(pitches, fifth=lambda upper, lower: (upper - lower) % 12 == 7)


def lower_minus_upper(pitches):
    """You find fourths: you subtract the upper note from the lower one, and -7 % 12 is 5.

    Take the size of the distance first.
    """
    return _find(pitches, fifth=lambda upper, lower: (lower - upper) % 12 == 7)


def fourths_counted(pitches):
    """You count fourths as well; turned round, a fourth is a fifth, but it is not forbidden.

    Which distances do you let pass?
    """
    return _find(pitches, fifth=lambda upper, lower: abs(upper - lower) % 12 in (5, 7))


def octaves_counted(pitches):
    """You count parallel octaves, too. They are the next rule; here fifths are asked for.

    Which distances do you let pass?
    """
    return _find(pitches, fifth=lambda upper, lower: abs(upper - lower) % 12 in (0, 7))


def five_semitones(pitches):
    """You look for five semitones. A fifth is five notes of the scale, and seven semitones.

    Count them on a keyboard, from C up to G.
    """
    return _find(pitches, fifth=lambda upper, lower: abs(upper - lower) % 12 == 5)


def six_semitones(pitches):
    """You look for six semitones; a fifth has seven.

    Count them on a keyboard, from C up to G, and do not count C itself.
    """
    return _find(pitches, fifth=lambda upper, lower: abs(upper - lower) % 12 == 6)


def arrival_is_enough(pitches):
    """You ask for a fifth after the move alone. That is a hidden fifth, and another rule.

    How far apart must the voices be before they move?
    """
    return _find(pitches, fifth=lambda *_: True, arrives=_fifth)


def departure_is_enough(pitches):
    """You ask for a fifth before the move alone.

    How far apart must the voices be when they arrive?
    """
    return _find(pitches, arrives=lambda *_: True)


def neighbours_only(pitches):
    """You compare only voices next to each other, such as soprano and alto.

    Four voices make six pairs.
    """
    return _find(pitches, pairs=((0, 1), (1, 2), (2, 3)))


def outer_voices_only(pitches):
    """You compare only soprano and bass.

    Four voices make six pairs.
    """
    return _find(pitches, pairs=((0, 3),))


def one_for_each_chord(pitches):
    """You find one pair at most for each new chord, but several may move in fifths at once.

    Does something stop your inner loop?
    """
    return list({frame: (frame, a, b) for frame, a, b in reversed(_find(pitches))}.values())


def frame_before(pitches):
    """You name the frame before the move; the first frame of the new chord is asked for.

    Which of your two chords does the number stand for?
    """
    return [(frame - 1, a, b) for frame, a, b in _find(pitches)]


def first_chord_named(pitches):
    """You name the frame where the first chord begins; the second chord's is asked for.

    Which of your two chords does the number stand for?
    """
    starts = _starts(pitches)
    return [(starts[starts.index(frame) - 1], a, b) for frame, a, b in _find(pitches)]


def chords_numbered(pitches):
    """You number the chords; the frame in which the chord begins is asked for.

    A chord may last for several frames. Keep each chord's first frame.
    """
    starts = _starts(pitches)
    return [(starts.index(frame), a, b) for frame, a, b in _find(pitches)]


def _starts(pitches):
    rows = pitches.tolist()
    return [n for n, row in enumerate(rows) if n == 0 or row != rows[n - 1]]


def lower_voice_first(pitches):
    """The two voices are named the wrong way round.

    The upper voice, with the smaller number, comes first.
    """
    return [(frame, b, a) for frame, a, b in _find(pitches)]


def each_pair_twice(pitches):
    """Each parallel is found twice, once from either voice.

    Let the second voice begin after the first.
    """
    return [place for frame, a, b in _find(pitches) for place in ((frame, a, b), (frame, b, a))]


def last_chord_lost(pitches):
    """The last chord is never looked at.

    Look at where your loop ends.
    """
    return _find(pitches[: _starts(pitches)[-1]])


def only_a_number(pitches):
    """You return how many there are; where they are is asked for.

    Keep the frame and the two voices each time.
    """
    return len(_find(pitches))


def seven_above_only(pitches):
    """You find a fifth only where the upper voice is seven above the lower: not wide, not crossed.

    A fifth may have octaves between, and voices may cross.
    """
    return _find(pitches, fifth=lambda upper, lower: upper - lower == 7)


def note_names_apart(pitches):
    """You fold each pitch before you subtract, so that a fifth across the next C is lost.

    D above G is 2 - 7. First the distance, then the folding.
    """
    return _find(pitches, fifth=lambda upper, lower: abs(upper % 12 - lower % 12) == 7)


def note_names_apart_signed(pitches):
    """You fold each pitch before you subtract, and take no care of the sign.

    D above G is 2 - 7. First the distance without its sign, then the folding.
    """
    return _find(pitches, fifth=lambda upper, lower: upper % 12 - lower % 12 == 7)


def one_may_stand(pitches):
    """You let pass what moves in no opposite directions; one voice, or both, may then stand still.

    Is 0 one of the directions?
    """
    return _find(pitches, moves=lambda rise, other: rise * other >= 0, frames=True)


def against_each_other(pitches):
    """You find voices that move against each other; parallels move in one direction.

    What is the sign of the product of two falls?
    """
    return _find(pitches, moves=lambda rise, other: rise * other < 0)


def falling_only(pitches):
    """You find only fifths that fall; those that rise sound as hollow.

    Which sign do the two movements have in common?
    """
    return _find(pitches, moves=lambda rise, other: rise < 0 and other < 0)


def same_step_or_none(pitches):
    """You ask that both voices move by the same distance, and 0 is the same as 0.

    A parallel is a movement; how far each voice goes does not matter, but it must go.
    """
    return _find(pitches, moves=lambda rise, other: rise == other, frames=True)


def rests_asked_before_only(pitches):
    """You ask for rests before the move alone; a voice may also fall silent after it.

    All four notes must sound.
    """
    return _find(pitches, rests=lambda four: -1 not in four[:2])


def rests_asked_after_only(pitches):
    """You ask for rests after the move alone; a voice may also come in from silence.

    All four notes must sound.
    """
    return _find(pitches, rests=lambda four: -1 not in four[2:])


def every_fifth_found(pitches):
    """You find every fifth that sounds, wherever it comes from.

    It takes two fifths in a row, and a movement between them.
    """
    return _find(
        pitches,
        fifth=lambda *_: True,
        arrives=_fifth,
        moves=lambda *_: True,
        rests=lambda four: -1 not in four[2:],
        frames=True,
    )


def only_the_first(pitches):
    """You stop at the first one.

    Does your function return inside a loop?
    """
    return _find(pitches)[:1]


def _answer(**changes):
    settings = {name: value for change in changes.values() for name, value in change.items()}
    return lambda pitches: _find(pitches, **settings)


APART = {
    "unfolded": (
        {"fifth": lambda upper, lower: abs(upper - lower) == 7},
        "Octaves are not folded away.",
    ),
    "signed": (
        {"fifth": lambda upper, lower: (upper - lower) % 12 == 7},
        "Crossed voices are measured wrongly.",
    ),
    "names_apart": (
        {"fifth": lambda upper, lower: abs(upper % 12 - lower % 12) == 7},
        "You fold before you subtract.",
    ),
    "with_fourths": (
        {"fifth": lambda upper, lower: abs(upper - lower) % 12 in (5, 7)},
        "Fourths count as well.",
    ),
    "arrival": ({"fifth": lambda *_: True, "arrives": _fifth}, "Only the arrival is asked for."),
}
MOVING = {
    "held": ({"moves": lambda *_: True, "frames": True}, "Held fifths count."),
    "standing": ({"moves": lambda *_: True}, "Voices that stand still count."),
    "one_moves": ({"moves": lambda rise, other: rise or other}, "One moving voice is enough."),
    "any_way": ({"moves": lambda rise, other: rise and other}, "Contrary motion counts."),
}
RESTING = {
    "with_rests": ({"rests": True}, "Rests are taken for pitches."),
    "rests_before": (
        {"rests": lambda four: -1 not in four[:2]},
        "Rests after the move are forgotten.",
    ),
    "rests_after": (
        {"rests": lambda four: -1 not in four[2:]},
        "Rests before the move are forgotten.",
    ),
}
BOTH = (
    *two_slips(_answer, apart=APART, moving=MOVING, without=["unfolded_and_any_way"]),
    *two_slips(_answer, moving=MOVING, resting=RESTING),
)


def are_fifths(found, pitches):
    """In every place that you name, both voices must sound a fifth, octaves more or less."""
    rows = pitches.tolist()
    return all(_fifth(rows[frame][a], rows[frame][b]) for frame, a, b in found)


def hear(answer):
    """Play the first place that is found: two bars of Bach, and then the same in fifths."""
    piece = corpus("train", progress=False)[48].pitches[4:36]  # BWV 66.6
    planted = piece[:20].copy()
    planted[:, 3] = np.repeat([54, 52, 57, 52, 57], 4)
    planted[:, 2] = planted[:, 3] + 7
    music = np.concatenate([piece, planted])
    found = sorted(answer(torch.from_numpy(music.copy())))
    first = max(0, int(found[0][0]) - 8) if found else 0
    return Chorale(pitches=music[first : first + 24], tempo=72.0)


EXERCISE = Exercise(
    id="parallel-fifths",
    notebook=13,
    place=2,
    title="Parallel fifths",
    kind="implement",
    difficulty=3,
    importance=4,
    minutes=20,
    why="It is the first thing that a harmony teacher marks, and a model cannot talk its way out.",
    signature=(
        'parallel_fifths(pitches: Int[Tensor, "frame voice"]) -> list[tuple[int, int, int]]'
    ),
    statement=(
        "Four voices, -1 for a rest. Find all places where two voices are a fifth apart (seven "
        "semitones, or octaves more), both rise or both fall, and are a fifth apart again. Return "
        "(frame, upper voice, lower voice) for each, in any order. The frame is the first one of "
        "the second chord. Voices count from 0, the soprano, and the upper one has the smaller "
        "number. Voices may cross."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(are_fifths,),
    mistakes=(
        held_chords_counted,
        standing_voices_counted,
        one_voice_is_enough,
        contrary_motion_counted,
        rising_only,
        by_the_same_step_only,
        rests_counted,
        octaves_not_folded,
        crossed_voices_wrong,
        lower_minus_upper,
        fourths_counted,
        octaves_counted,
        five_semitones,
        six_semitones,
        arrival_is_enough,
        departure_is_enough,
        neighbours_only,
        outer_voices_only,
        one_for_each_chord,
        frame_before,
        first_chord_named,
        chords_numbered,
        lower_voice_first,
        each_pair_twice,
        last_chord_lost,
        only_a_number,
        seven_above_only,
        note_names_apart,
        note_names_apart_signed,
        one_may_stand,
        against_each_other,
        falling_only,
        same_step_or_none,
        rests_asked_before_only,
        rests_asked_after_only,
        every_fifth_found,
        only_the_first,
        *BOTH,
    ),
    hints=(
        "Draw two chords side by side and one pair of voices in each: four notes. Write down the "
        "four questions that you must ask of them.",
        "For each frame but the first, and each of six pairs: do all four notes sing? Does each "
        "voice move, both in one direction? Is the distance, without its sign and modulo 12, 7 "
        "before, and 7 after? Then keep (frame, upper, lower).",
        "`rise = after[a] - before[a]`, `other = after[b] - before[b]`; both in one direction if "
        "`rise * other > ...`. A fifth if `abs(... - ...) % 12 == ...`, for `before` and for "
        "`after`.",
    ),
    explain="Why does a voice that stays put make no parallel? Say it in one sentence.",
    hear=hear,
)
