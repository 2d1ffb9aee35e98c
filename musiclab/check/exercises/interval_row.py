"""interval-row: invent the scores of all intervals, and hear the melody that they make."""

import torch

from musiclab.check.exercise import Exercise
from musiclab.music.notes import Note, NoteSequence

LOWEST, HIGHEST = 57, 79  # the melody stays between these pitches


def probes(rng):
    """Yield how wide a leap may be, in semitones."""
    yield from ((width,) for width in (7, 12, int(rng.integers(8, 12))))


def use(answer, widest):
    """Say what a melody would do if its steps were drawn from these scores."""
    scores = answer(widest)
    row = torch.as_tensor(scores if scores is not None else [])
    if row.shape != (2 * widest + 1,) or not row.isfinite().all():
        return scores
    interval = torch.arange(-widest, widest + 1)
    share = row.double().softmax(dim=-1)
    step, leap = (
        share[(interval.abs() < 3) & (interval != 0)].sum(),
        share[interval.abs() > 4].sum(),
    )
    fifth, tritone = (row[widest + size] + row[widest - size] for size in (7, 6))
    return {
        "scores, not probabilities": abs(float(row.sum()) - 1) > 1e-3,
        "moves on": bool(share[widest] < 0.5),
        "mostly by step": bool(step > 0.4),
        "leaps now and then": bool(leap > 0.02),
        "does not leap about": bool(leap < 0.3),
        "does not climb": bool((share * interval).sum() < 1),
        "does not sink": bool((share * interval).sum() > -1),
        "likes a fifth better than a tritone": bool(fifth > tritone),
    }


def hear(answer):
    """Draw a melody of 24 quavers."""
    scores, chance = torch.as_tensor(answer(12)).float(), torch.Generator().manual_seed(1)
    melody = [67]
    for _ in range(23):
        places = melody[-1] + torch.arange(-12, 13)
        singable = scores.masked_fill((places < LOWEST) | (places > HIGHEST), -torch.inf)
        drawn = torch.multinomial(singable.softmax(dim=-1), 1, generator=chance)
        melody.append(int(places[drawn]))
    notes = (Note(onset=n / 2, duration=0.5, pitch=pitch) for n, pitch in enumerate(melody))
    return NoteSequence(notes=tuple(notes), tempo=100.0)


def solution(widest):
    interval = torch.arange(-widest, widest + 1)
    scores = -interval.abs().float()
    scores[interval == 0] = -2  # to repeat a note is allowed, but no habit
    scores[interval.abs() == 2] = 0  # a whole tone is as good as a semitone
    scores[(interval.abs() == 5) | (interval.abs() == 7)] = -2.5  # a fourth or fifth: a surprise
    return scores


def reference(widest):
    return solution(widest)


def all_alike(widest):
    """All your intervals score the same: the melody leaps about like dice.

    In section 10.3, which bars are high and which are low?
    """
    return torch.zeros(2 * widest + 1)


def wide_leaps_first(widest):
    """Your widest leaps score highest: the melody jumps from one end of the voice to the other.

    Voices walk more than they jump. Should a score rise or fall with the size of an interval?
    """
    return torch.arange(-widest, widest + 1).abs().float()


def stands_still(widest):
    """Your unison scores far above all else: the melody repeats one note.

    A melody that never moves is none. Lower the score of the middle.
    """
    return -5.0 * torch.arange(-widest, widest + 1).abs()


def stands_still_now_and_then_leaps(widest):
    """Your unison takes more than half of all chances, so the melody hardly moves.

    Steps should come most often. Compare the score of the middle with its neighbours.
    """
    row = solution(widest)
    row[widest] = 3
    return row


def climbs(widest):
    """Your melody only climbs: rising intervals score much higher than falling ones.

    It soon hits the ceiling of the voice. What should the two halves of the row have in common?
    """
    row = solution(widest)
    row[:widest] -= 3
    return row


def sinks(widest):
    """Your melody only sinks: falling intervals score much higher than rising ones.

    It soon lies at the bottom of the voice. What should the two halves of the row have in common?
    """
    return climbs(widest).flip(0)


def steps_alone(widest):
    """Your melody never leaps: wide intervals have next to no chance.

    A leap now and then is what one remembers of a melody. Raise a few scores.
    """
    return -2.0 * (torch.arange(-widest, widest + 1).abs() - 1.5).abs() - 1


def tritone_preferred(widest):
    """Your tritone (6 semitones) is likelier than a fifth (7): the leap that is hard to sing.

    Six semitones were long avoided in melodies, fourths and fifths were not. Treat 6 and 7 apart.
    """
    row = solution(widest)
    row[[widest - 6, widest + 6]] = -2
    return row


def probabilities_returned(widest):
    """Your numbers add up to 1: they are probabilities, but scores are asked for.

    The softmax comes later, and it makes small numbers nearly alike. Leave yours out.
    """
    return solution(widest).softmax(dim=-1)


def fact(name):
    """Look a fact up; a result that is no row of scores has none."""
    return lambda result: isinstance(result, dict) and result[name]


def a_score_for_each_interval(result, widest):
    """There must be 2 * widest + 1 finite scores, from the widest fall to the widest rise."""
    return isinstance(result, dict)


def scores_not_probabilities(result, widest):
    """The row must hold scores; the softmax comes later."""
    return fact("scores, not probabilities")(result)


def moves_on(result, widest):
    """Fewer than half of all notes may be repetitions."""
    return fact("moves on")(result)


def mostly_by_step(result, widest):
    """One or two semitones up or down must take at least 40 percent of all chances."""
    return fact("mostly by step")(result)


def leaps_now_and_then(result, widest):
    """Leaps of more than four semitones must come at least once in fifty notes."""
    return fact("leaps now and then")(result)


def does_not_leap_about(result, widest):
    """Leaps of more than four semitones must take less than 30 percent of all chances."""
    return fact("does not leap about")(result)


def stays_in_place(result, widest):
    """On average a step must rise or fall by less than one semitone, or the melody runs away."""
    return fact("does not climb")(result) and fact("does not sink")(result)


def fifth_before_tritone(result, widest):
    """A fifth (7 semitones) must be likelier than a tritone (6), up and down taken together."""
    return fact("likes a fifth better than a tritone")(result)


EXERCISE = Exercise(
    id="interval-row",
    notebook=10,
    place=5,
    title="A melody's taste",
    kind="open",
    difficulty=2,
    importance=2,
    minutes=15,
    why="What the model learns from 230 chorales you put into one row by ear.",
    signature='interval_row(widest: int) -> Float[Tensor, "interval"]',
    statement=(
        "Invent a row of scores like that of section 10.3: one for each interval from -`widest` "
        "to +`widest` semitones, the unison in the middle. A melody is drawn from the softmax of "
        "your row, note by note. It should move mostly by step (one or two semitones), leap now "
        "and then, repeat fewer than half of its notes, rise about as much as it falls, and like a "
        "fifth (7) better than a tritone (6). `widest` is at least 7. Listen, then make it yours."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    exact=False,
    properties=(
        a_score_for_each_interval,
        scores_not_probabilities,
        moves_on,
        does_not_leap_about,
        mostly_by_step,
        stays_in_place,
        leaps_now_and_then,
        fifth_before_tritone,
    ),
    mistakes=(
        all_alike,
        wide_leaps_first,
        stands_still,
        stands_still_now_and_then_leaps,
        climbs,
        sinks,
        steps_alone,
        tritone_preferred,
        probabilities_returned,
    ),
    hints=(
        "Sing the beginning of a song that you like. How many steps, how many leaps? Which notes "
        "are repeated? Draw a bar for each interval.",
        "interval: all numbers from -widest to +widest, (interval,). scores: high where the size "
        "is small, falling with size. Then correct by hand: the middle a little lower, 5 and 7 a "
        "little higher, 6 not.",
        "`interval = torch.arange(..., ... + 1)`, `scores = -interval.abs()...`, "
        "`scores[interval == 0] = ...`, `scores[interval.abs() == 7] = ...`.",
    ),
    explain="Which score did you change last, and what did you hear?",
    hear=hear,
)
