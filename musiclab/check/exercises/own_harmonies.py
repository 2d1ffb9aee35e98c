"""own-harmonies: change a model's scores, so that it harmonises in a way of your own."""

import math

import numpy as np
import torch

from musiclab.check.exercise import Exercise, normal
from musiclab.music.chorale import REST, Chorale
from musiclab.music.corpus import corpus

OCTAVE, FEWEST = 12, 3  # semitones; notes that must stay possible where the rules allow as many
RANGES = ((55, 74), (48, 67), (40, 60))  # alto, tenor and bass, where a choir sings with ease


def probes(rng):
    """Yield scores of a rest and some pitches, the note above, and the note before or a rest."""
    for low, size in ((60, 6), (50, 21), (45, 33)):
        pitches = torch.tensor([REST, *range(low, low + size)])
        above, before = low + size - 3, low + 2
        yield normal(rng, size + 1), pitches, above, before
        yield normal(rng, size + 1), pitches, above, REST
        yield normal(rng, size + 1), pitches, REST, before
    far = torch.tensor([REST, *range(40, 75)])
    yield normal(rng, len(far)), far, 44, 70  # nothing but a rest is left


def use(answer, scores, pitches, above, before):
    """See what is still possible, and whether the rest has changed beyond the rules."""
    new = torch.as_tensor(answer(scores, pitches, above, before))
    if new.shape != scores.shape:
        return {"shape": tuple(new.shape)}
    crosses, leaps = broken(pitches, above, before)
    free, possible = ~(crosses | leaps), new > -math.inf
    kept = free & possible
    moved = (new - scores)[kept]
    return {
        "shape": tuple(scores.shape),
        "scores are numbers": bool((~new.isnan() & (new < math.inf)).all()),
        "cross and are possible": int((possible & crosses).sum()),
        "leap and are possible": int((possible & leaps).sum()),
        "forbidden and scored 0": int((possible & (crosses | leaps) & (new == 0)).sum()),
        "scores add up to 1": bool((new.sum() - 1).abs() < 1e-4),
        "possible": int(possible.sum()),
        "kept of those that the rules allow": int(kept.sum()),
        "the rules allow": int(free.sum()),
        "something of your own": bool(len(moved) != free.sum() or spread(moved) > 1e-3),
    }


def spread(moved):
    return float(moved.max() - moved.min()) if len(moved) else 0.0


def broken(pitches, above, before):
    """Mark what would cross the voice above, and what would leap by more than an octave."""
    sung = pitches != REST
    crosses = sung & (pitches > above) & (above != REST)
    leaps = sung & ((pitches - before).abs() > OCTAVE) & (before != REST)
    return crosses, leaps


def solution(scores, pitches, above, before):
    sung = pitches != -1
    new = scores.clone()
    if above != -1:
        new[sung & (pitches > above)] = -math.inf
        # A way of my own: thirds and sixths under the voice above sound warm.
        new[sung & torch.isin((above - pitches) % 12, torch.tensor([3, 4, 8, 9]))] += 1.5
    if before != -1:
        distance = (pitches - before).abs()
        new[sung & (distance > 12)] = -math.inf
        new[sung & (distance <= 2)] += 1.0  # and steps are easy to sing
    return new


def warm(scores, pitches, above, before):
    """Add the taste of the solution, without any rule."""
    new = solution(scores, pitches, above, before)
    return torch.where(new == -math.inf, scores, new)


def rules_alone(scores, pitches, above, before):
    """You keep the rules, and nothing else has changed: where is your own taste?

    Let some intervals or steps be likelier than the model says. Add to their scores.
    """
    crosses, leaps = broken(pitches, above, before)
    return scores.masked_fill(crosses | leaps, -math.inf)


def unchanged(scores, pitches, above, before):
    """You return the scores as they came.

    Begin with the two rules. Which pitches lie above `above`?
    """
    return scores.clone()


def voices_may_cross(scores, pitches, above, before):
    """Notes above the voice above stay possible, so voices may cross.

    Their scores should be -inf.
    """
    crosses, leaps = broken(pitches, above, before)
    return warm(scores, pitches, above, before).masked_fill(leaps, -math.inf)


def only_lower_ones_forbidden(scores, pitches, above, before):
    """You forbid what lies *below* the voice above, and allow what crosses it.

    Which way does your comparison point?
    """
    leaps = broken(pitches, above, before)[1]
    below = (pitches != REST) & (pitches <= above) & (above != REST)
    return warm(scores, pitches, above, before).masked_fill(below | leaps, -math.inf)


def leaps_allowed(scores, pitches, above, before):
    """Leaps of more than an octave stay possible.

    `before` is what this voice sang a quarter ago. How far is each pitch from it?
    """
    crosses, leaps = broken(pitches, above, before)
    return warm(scores, pitches, above, before).masked_fill(crosses, -math.inf)


def leaps_down_allowed(scores, pitches, above, before):
    """You forbid wide leaps up, but wide leaps down stay possible.

    A leap has a size in both directions. What does `abs` do?
    """
    crosses, leaps = broken(pitches, above, before)
    up = leaps & (pitches > before)
    return warm(scores, pitches, above, before).masked_fill(crosses | up, -math.inf)


def lowered_a_little(scores, pitches, above, before):
    """What breaks a rule gets a lower score, and stays possible.

    Sooner or later a sample takes it. Only -inf is never drawn.
    """
    crosses, leaps = broken(pitches, above, before)
    new = warm(scores, pitches, above, before)
    return torch.where(crosses | leaps, new - 5.0, new)


def set_to_0(scores, pitches, above, before):
    """What breaks a rule gets the score 0, and a score of 0 is quite likely.

    These are logarithms: a chance of 0 has the score -inf.
    """
    crosses, leaps = broken(pitches, above, before)
    return warm(scores, pitches, above, before).masked_fill(crosses | leaps, 0.0)


def chances_returned(scores, pitches, above, before):
    """You return chances, and not scores: what you forbade has 0, and as a score that is likely.

    Leave out the softmax. Whoever samples will take it.
    """
    return solution(scores, pitches, above, before).softmax(dim=0)


def best_one_alone(scores, pitches, above, before):
    """A single note is left each time: nothing remains to be drawn.

    Where the rules allow three notes or more, leave at least three possible.
    """
    new = solution(scores, pitches, above, before)
    return new.masked_fill(new < new.max(), -math.inf)


def nothing_left(scores, pitches, above, before):
    """At times nothing is possible any more, not even a rest.

    No rule speaks of rests. Does yours treat -1 as a pitch?
    """
    new = solution(scores, pitches, above, before)
    new[pitches == REST] = -math.inf
    return new


def a_rest_before_is_a_pitch(scores, pitches, above, before):
    """After a rest everything counts as a leap: you measured from -1.

    Where `before` is a rest, there is nothing to leap from.
    """
    crosses, leaps = broken(pitches, above, before)
    far = (pitches != REST) & ((pitches - before).abs() > OCTAVE)
    return warm(scores, pitches, above, before).masked_fill(crosses | far, -math.inf)


def a_rest_above_is_a_pitch(scores, pitches, above, before):
    """Under a rest nothing may sing any more: you compared with -1.

    Where `above` is a rest, there is nothing to cross.
    """
    crosses, leaps = broken(pitches, above, before)
    high = (pitches != REST) & (pitches > above)
    return warm(scores, pitches, above, before).masked_fill(high | leaps, -math.inf)


def rests_are_pitches(scores, pitches, above, before):
    """You treat rests as pitches: under a rest, or after one, hardly anything is possible.

    Where `above` or `before` is -1, its rule does not hold.
    """
    high = (pitches != REST) & (pitches > above)
    far = (pitches != REST) & ((pitches - before).abs() > OCTAVE)
    return warm(scores, pitches, above, before).masked_fill(high | far, -math.inf)


def a_rest_is_a_leap(scores, pitches, above, before):
    """You forbid rests: from a pitch to -1 is no leap.

    A voice may always fall silent. Leave -1 out of the rule.
    """
    new = solution(scores, pitches, above, before)
    if before != REST:
        new[pitches == REST] = -math.inf
    return new


def one_score_for_each_note(facts, *inputs):
    """Return one score for each pitch, in the same order."""
    return "possible" in facts


def no_gaps(facts, *inputs):
    """Each score must be a number, or -inf for what is forbidden."""
    return facts["scores are numbers"]


def no_crossing(facts, *inputs):
    """Nothing above the voice above may be possible."""
    return facts["cross and are possible"] == 0


def no_wide_leap(facts, *inputs):
    """No leap of more than an octave may be possible."""
    return facts["leap and are possible"] == 0


def something_is_left(facts, *inputs):
    """Something must stay possible; where the rules allow three notes, at least three."""
    return facts["kept of those that the rules allow"] >= min(FEWEST, facts["the rules allow"])


def a_taste_of_its_own(facts, scores, pitches, above, before):
    """Beyond the rules, some notes must be more or less likely than before."""
    alone = REST in (above, before) or facts["the rules allow"] <= FEWEST
    return alone or facts["something of your own"]


def hear(answer):
    """Let a counting model sing under a melody of Bach's, with scores as the answer changes them.

    It knows how often each voice of the training pieces sang each interval below the voice above
    it, and each step from its note before.
    """
    train, melody = corpus("train", progress=False), corpus("valid", progress=False)[3]
    quarters = [piece.pitches[::4] for piece in train]
    generator, rows = torch.Generator().manual_seed(4), []
    tables = [counted(quarters, voice) for voice in (1, 2, 3)]
    before = [REST] * 4
    for soprano in melody.pitches[:64:4, 0].tolist():
        row = [soprano]
        for voice, (low, high) in enumerate(RANGES, start=1):
            pitches = torch.arange(low, high + 1)
            below, steps = tables[voice - 1]
            scores = below[(row[-1] - pitches) % 128]
            if before[voice] != REST:
                scores = scores + steps[(pitches - before[voice]) % 128]
            # A rest may always be sung, but a model of chorales seldom does.
            offered = torch.cat([torch.tensor([REST]), pitches])
            scores = torch.cat([torch.tensor([-8.0]), scores])
            new = torch.as_tensor(answer(scores, offered, row[-1], before[voice]))
            drawn = torch.multinomial(new.softmax(dim=0), 1, generator=generator)
            row.append(int(offered[drawn]))
        rows.append(row)
        before = row
    return Chorale(pitches=np.repeat(rows, 4, axis=0))


def counted(pieces, voice):
    """Log chances of intervals below the voice above, and of steps from the note before."""
    tables = []
    for gaps in (
        [piece[:, voice - 1] - piece[:, voice] for piece in pieces],
        [np.diff(piece[:, voice]) for piece in pieces],
    ):
        counts = np.bincount(np.concatenate(gaps) % 128, minlength=128) + 0.1
        tables.append(torch.from_numpy(np.log(counts / counts.sum())).float())
    return tables


EXERCISE = Exercise(
    id="own-harmonies",
    notebook=16,
    place=4,
    title="Harmonies of your own",
    kind="open",
    difficulty=3,
    importance=2,
    minutes=20,
    why="Whoever may change the scores can give any model a style, without training it.",
    signature=(
        'own_harmonies(scores: Float[Tensor, "note"], pitches: Int[Tensor, "note"], '
        'above: int, before: int) -> Float[Tensor, "note"]'
    ),
    statement=(
        "Before each note is drawn, you may change its scores. `pitches` says for each score "
        "which pitch it belongs to, as a MIDI number, -1 for a rest. `above` is what the next "
        "higher voice sings now, `before` what this voice sang a quarter ago; both may be a rest, "
        "-1.\n\n"
        "Rules: nothing above `above`, and no leap of more than 12 semitones, may stay possible "
        "(-inf). Under or after a rest there is no such rule. Rests break none. Where the rules "
        "allow three notes or more, leave at least three. And add a taste of your own: some "
        "notes shall be likelier or less likely than they were. Ideas: thirds under the voice "
        "above; steps; open fifths; as low as can be. The check lets a simple counting model sing "
        "with your scores, and you can hear it."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    properties=(
        one_score_for_each_note,
        no_gaps,
        no_crossing,
        no_wide_leap,
        something_is_left,
        a_taste_of_its_own,
    ),
    mistakes=(
        unchanged,
        rules_alone,
        voices_may_cross,
        only_lower_ones_forbidden,
        leaps_allowed,
        leaps_down_allowed,
        lowered_a_little,
        set_to_0,
        chances_returned,
        best_one_alone,
        nothing_left,
        a_rest_before_is_a_pitch,
        a_rest_above_is_a_pitch,
        rests_are_pitches,
        a_rest_is_a_leap,
    ),
    hints=(
        "Which notes under a C sound warm to you? Name their distance in semitones. Which of them "
        "can this voice reach from where it is?",
        "1. A copy of the scores.\n2. If `above` is no rest: -inf for pitches above it.\n"
        "3. If `before` is no rest: -inf where the distance is more than 12.\n"
        "4. Leave the rest, -1, out of both.\n5. Add something to the scores of what you like.",
        "`sung = pitches != -1`, `new = scores.clone()`, then "
        "`if above != -1: new[sung & (pitches > ...)] = -math.inf`, likewise with "
        "`(pitches - before).abs() > ...`, then `new[...] += 1.0`.",
    ),
    explain="Your taste is not in any weight. Would you rather train the model to have it?",
    hear=hear,
)
