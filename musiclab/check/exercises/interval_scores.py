"""interval-scores: score every candidate by its interval to a note that was heard."""

from unittest.mock import patch

import numpy as np
import torch
from einops import rearrange

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._singing import sing_with
from musiclab.singer import head
from musiclab.singer.head import interval_scores as library
from musiclab.singer.memories import N_INTERVALS, WIDEST

SUNG = 10  # the first of the notes remembered: the newest of each voice, and those before


def probes(rng):
    """Yield rows of scores, notes heard and candidates; rests and wide leaps among both."""
    for batch, widest, leaps in ((1, 2, [0, 1, 5]), (3, 6, [0, 1, 4, 9]), (5, 12, [0, 2, 7, 14])):
        weights = normal(rng, batch, 2 * widest + 1)
        pitches = 60 + rng.permutation([*leaps, *(-3 * leap // 2 - 1 for leap in leaps[1:])])
        candidates = rng.permutation([-1, *pitches])
        # The first example is the smallest; then one of the notes heard is a rest.
        heard = rng.permutation([-1, *pitches[: batch - 1]]) if batch > 1 else np.array([60])
        yield weights, torch.from_numpy(heard), torch.from_numpy(candidates)


def reference(weights, heard, candidates):
    widest = weights.shape[-1] // 2
    sounds = (heard[:, None] >= 0) & (candidates >= 0)
    interval = (candidates - heard[:, None]).clamp(-widest, widest)
    relation = torch.where(sounds, 1 + widest + interval, 0)  # 0: none
    ones = torch.ones(len(weights), 1)
    return library(weights[:, None], ones, relation[:, None])


def solution(weights, heard, candidates):
    widest = weights.shape[-1] // 2
    heard = rearrange(heard, "batch -> batch 1")
    interval = (candidates - heard).clamp(-widest, widest)  # batch candidate
    scores = weights.gather(-1, interval + widest)
    return scores.masked_fill((heard < 0) | (candidates < 0), 0)


def hear(answer):
    """Let the singer of this notebook use the answer for the notes that each voice sang last."""

    def worth_of(scores, relation):
        """Score all tokens by one note; those that hold a note have no interval of their own."""
        interval = torch.where(relation > N_INTERVALS, 0, relation) - 1 - WIDEST
        pitches = torch.where(interval < -WIDEST, -1, 60 + interval)
        heard = torch.tensor([60 if (relation > 0).any() else -1])
        worth = torch.as_tensor(answer(scores[None, :N_INTERVALS], heard, pitches))
        return worth[0].masked_fill(pitches < 0, 0)

    def by_answer(scores, weights, relation):
        theirs = relation.clone()
        theirs[:, :, :SUNG][theirs[:, :, :SUNG] <= N_INTERVALS] = 0
        mine = [worth_of(scores[0, 0, note], relation[0, 0, note]) for note in range(SUNG)]
        return library(scores, weights, theirs) + sum(mine)

    with patch.object(head, "interval_scores", by_answer):
        return sing_with()


def look_up(weights, interval, silent, value=0.0):
    """Read a score for each interval, and give ``value`` to rests."""
    widest = weights.shape[-1] // 2
    scores = weights.gather(-1, interval.clamp(-widest, widest) + widest)
    return scores.masked_fill(silent, value)


def rests(heard, candidates):
    return (heard[:, None] < 0) | (candidates < 0)


def sign_turned(weights, heard, candidates):
    """Your interval runs from the candidate down to the note heard: up and down are exchanged.

    In section 10.3 an interval is pitch(c) minus pitch(n). Which of the two do you subtract?
    """
    return look_up(weights, heard[:, None] - candidates, rests(heard, candidates))


def sign_turned_and_rests_scored(weights, heard, candidates):
    """Up and down are exchanged, and a rest is scored as if -1 were a pitch.

    An interval is pitch(c) minus pitch(n). Then look at what you do where one of them is a rest.
    """
    interval = heard[:, None] - candidates
    return look_up(weights, interval, torch.zeros_like(interval, dtype=torch.bool))


def rests_scored(weights, heard, candidates):
    """A rest is scored as if -1 were a pitch; it has no interval to anything, so it scores 0.

    Look at both sides: the note heard may be a rest, and so may the candidate.
    """
    interval = candidates - heard[:, None]
    return look_up(weights, interval, torch.zeros_like(interval, dtype=torch.bool))


def heard_rest_scored(weights, heard, candidates):
    """After a rest your candidates are scored by their interval to -1; they should all score 0.

    You thought of candidates that are rests. What if the note heard is one?
    """
    return look_up(weights, candidates - heard[:, None], (candidates < 0).expand(len(heard), -1))


def candidate_rest_scored(weights, heard, candidates):
    """A candidate that is a rest is scored by its interval from -1; it should score 0.

    You thought of a rest that was heard. What if a candidate is one?
    """
    interval = candidates - heard[:, None]
    return look_up(weights, interval, (heard[:, None] < 0).expand_as(interval))


def rests_forbidden(weights, heard, candidates):
    """A rest gets minus infinity, so it can never be sung; no interval means a score of 0.

    A score of 0 adds nothing. Whether a rest is likely is said elsewhere in the model.
    """
    interval = candidates - heard[:, None]
    return look_up(weights, interval, rests(heard, candidates), -torch.inf)


def rests_as_unison(weights, heard, candidates):
    """A rest is scored like a repeated note; it has no interval at all, so it scores 0.

    Setting the interval to 0 is not the same as setting the score to 0.
    """
    silent = rests(heard, candidates)
    return look_up(weights, (candidates - heard[:, None]).masked_fill(silent, 0), silent & False)


def octaves_folded(weights, heard, candidates):
    """You fold octaves away: a step up and a leap of a ninth score the same, and no interval falls.

    Here direction and octave count. Look for a remainder by 12.
    """
    interval = (candidates - heard[:, None]) % 12
    return look_up(weights, interval, rests(heard, candidates))


def pitch_classes_compared(weights, heard, candidates):
    """You compare pitch classes: both notes lose their octave before you subtract.

    From B up to C is one semitone, but from class 11 to class 0 it looks like eleven down.
    """
    interval = candidates % 12 - heard[:, None] % 12
    return look_up(weights, interval, rests(heard, candidates))


def absolute_pitch(weights, heard, candidates):
    """You score the candidate's own pitch; the note that was heard plays no part.

    Then every key must be learnt by itself again. What should stay the same if both notes move up?
    """
    places = (candidates % weights.shape[-1]).expand(len(heard), -1)
    return weights.gather(-1, places).masked_fill(rests(heard, candidates), 0)


def direction_lost(weights, heard, candidates):
    """You look up the size of the interval alone: a step down scores like a step up.

    A melody that rises is another melody. Where does the sign get lost?
    """
    return look_up(weights, (candidates - heard[:, None]).abs(), rests(heard, candidates))


def middle_forgotten(weights, heard, candidates):
    """You count the places from 0, but the middle of the row is the unison: falling comes first.

    A negative place reads from the end of the row, so no error warns you.
    """
    n, silent = weights.shape[-1], rests(heard, candidates)
    interval = (candidates - heard[:, None]).clamp(-(n // 2), n // 2)
    return weights.gather(-1, interval % n).masked_fill(silent, 0)


def one_semitone_up(weights, heard, candidates):
    """Your places are one too high: each interval gets the score of the next larger one.

    A row of 5 has its middle at place 2, since we count from 0.
    """
    return look_up(weights, candidates - heard[:, None] + 1, rests(heard, candidates))


def one_semitone_down(weights, heard, candidates):
    """Your places are one too low: each interval gets the score of the next smaller one.

    A row of 5 has its middle at place 2, since we count from 0.
    """
    return look_up(weights, candidates - heard[:, None] - 1, rests(heard, candidates))


def wide_leaps_wrap(weights, heard, candidates):
    """A leap wider than the row comes in again at its other end: up becomes down.

    A wider leap counts like the widest one that the row knows, in the same direction.
    """
    n = weights.shape[-1]
    places = (candidates - heard[:, None] + n // 2) % n
    return weights.gather(-1, places).masked_fill(rests(heard, candidates), 0)


def wide_leaps_unscored(weights, heard, candidates):
    """A leap wider than the row scores 0; it should count like the widest one.

    The score 0 may be high in a row of negative numbers. Hold the interval at the edge instead.
    """
    interval = candidates - heard[:, None]
    wide = interval.abs() > weights.shape[-1] // 2
    return look_up(weights, interval, rests(heard, candidates) | wide)


def first_row_for_all(weights, heard, candidates):
    """You read all scores from the first row of weights; each note heard has a row of its own.

    Keep the axis of the batch: row b of the weights belongs to note b.
    """
    return reference(weights[:1].expand_as(weights), heard, candidates)


def first_note_for_all(weights, heard, candidates):
    """You measure every interval from the first note heard; each row has a note of its own.

    Which shape must `heard` have, to be subtracted row by row?
    """
    return reference(weights, heard[:1].expand_as(heard), candidates)


def rests_score_nothing(scores, weights, heard, candidates):
    """A rest has no interval: where either note is -1, the score must be 0."""
    return bool((torch.as_tensor(scores)[rests(heard, candidates)] == 0).all())


def each_score_is_from_its_row(scores, weights, heard, candidates):
    """Every score must be one of the numbers in its own row of weights, or 0."""
    scores = torch.as_tensor(scores)[..., None]
    same = ((scores - weights[:, None]).abs() < 1e-4).any(dim=-1) | (scores[..., 0] == 0)
    return bool(same.all())


EXERCISE = Exercise(
    id="interval-scores",
    notebook=10,
    place=1,
    title="Heard by their interval",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=15,
    why="This is what makes the model sing: what it learns in one key serves in all.",
    signature=(
        'interval_scores(weights: Float[Tensor, "batch interval"], heard: Int[Tensor, "batch"], '
        'candidates: Int[Tensor, "candidate"]) -> Float[Tensor, "batch candidate"]'
    ),
    statement=(
        "Score each candidate by its interval to the note heard, in semitones. Row b of `weights` "
        "holds the scores for note `heard[b]`: the unison in the middle, rising intervals after "
        "it, falling ones before it. So a row of 5 knows -2, -1, 0, +1, +2. A wider leap counts "
        "like the widest in its direction. Pitches are MIDI numbers and -1 is a rest: where "
        "either note is a rest, the score is 0."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(rests_score_nothing, each_score_is_from_its_row),
    mistakes=(
        sign_turned,
        sign_turned_and_rests_scored,
        rests_scored,
        heard_rest_scored,
        candidate_rest_scored,
        rests_forbidden,
        rests_as_unison,
        octaves_folded,
        pitch_classes_compared,
        absolute_pitch,
        direction_lost,
        middle_forgotten,
        one_semitone_up,
        one_semitone_down,
        wide_leaps_wrap,
        wide_leaps_unscored,
        first_row_for_all,
        first_note_for_all,
    ),
    hints=(
        "C is heard, and D, a whole tone above, is a candidate. Put your finger on the row of "
        "scores. Where does it start for a repeated C, and how far does it move for D?",
        "interval = candidates minus heard, (batch, candidate). Hold it between the widest fall "
        "and the widest rise. place = interval + middle of the row. Read the weights at these "
        "places, row by row. Set the score to 0 where a rest is involved.",
        "`interval = (candidates - heard[:, ...]).clamp(..., ...)`, then "
        "`weights.gather(-1, interval + ...)`, then `.masked_fill(... | ..., 0)`.",
    ),
    explain="Both notes move up by a third. Why does no score change, and why is that a gain?",
    hear=hear,
)
