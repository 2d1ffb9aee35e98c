"""ear-distance: a distance between pieces that forgives what the ear forgives."""

from collections import Counter

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.music import Chorale
from musiclab.music.corpus import corpus

HARMLESS = ("itself", "a tone higher", "a little late")


def probes(rng):
    """Yield a piece and changed copies of it: some that a listener forgives, some that not."""
    for chords in (16, 24):
        steps = rng.choice([-2, -1, 1, 2], size=(chords, 4))
        pitches = np.array([72, 65, 57, 48]) + steps.cumsum(axis=0) % 9
        yield _copies(torch.from_numpy(np.repeat(pitches, 2, axis=0)), rng)


def _copies(pitches, rng):
    bars = pitches.reshape(-1, 8, pitches.shape[1])
    order = np.roll(np.arange(len(bars)), 1)[::-1].copy()
    rest = torch.full((2, 4), -1)
    return pitches, {
        "itself": pitches.clone(),
        "a tone higher": pitches + 2,
        "a little late": torch.cat([rest, pitches]),
        "the alto a semitone off": pitches + torch.tensor([0, 1, 0, 0]),
        "its bars shuffled": bars[order].reshape(pitches.shape),
        "other notes": torch.from_numpy(rng.integers(48, 76, size=pitches.shape)),
    }


def use(answer, pitches, copies):
    """Measure the distance to each of the copies."""
    return {name: float(answer(pitches.clone(), copy.clone())) for name, copy in copies.items()}


def solution(first, second):
    # Which changes of chord do they share, whatever the key and wherever they stand?
    changes = []
    for pitches in (first, second):
        rows = [row for row in pitches.tolist() if max(row) >= 0]
        chords = [row for n, row in enumerate(rows) if n == 0 or row != rows[n - 1]]
        seen = [
            tuple(pitch - before[3] for pitch in before + after)
            for before, after in zip(chords, chords[1:], strict=False)
        ]
        changes.append(Counter(seen))
    shared = (changes[0] & changes[1]).total()
    return 1 - shared / max(1, *(one.total() for one in changes))


def cell_by_cell(first, second):
    """You compare pitch with pitch in the same frame: a copy in another key, or late, is far.

    A listener hears distances between notes. Which of them survive?
    """
    size = min(len(first), len(second))
    return (first[:size] != second[:size]).double().mean().item()


def pitch_by_pitch(first, second):
    """You add up how far the pitches are apart: a tone higher throughout is then far.

    Nobody minds another key. What stays the same in it?
    """
    size = min(len(first), len(second))
    return (first[:size] - second[:size]).abs().double().mean().item()


def which_notes_only(first, second):
    """You count which notes occur, and not when: shuffled bars are no distance at all.

    Music runs in time. Count pairs of chords, or compare in order.
    """
    counts = [one[one >= 0].bincount(minlength=128).double() for one in (first, second)]
    return (counts[0] / counts[0].sum() - counts[1] / counts[1].sum()).abs().sum().item()


def which_chords_only(first, second):
    """You count which chords occur, in any key, and not when: shuffled bars come out close.

    Music runs in time. Count pairs of chords, or compare in order.
    """
    chords = [
        Counter(tuple(pitch - row[3] for pitch in row) for row in one.tolist() if max(row) >= 0)
        for one in (first, second)
    ]
    return 1 - (chords[0] & chords[1]).total() / max(len(first), len(second))


def key_forgiven_alone(first, second):
    """You forgive another key, but compare frame with frame: a little late is then far.

    How does your measure find out which frames belong together?
    """
    size = min(len(first), len(second))
    one, other = ((part[:size] - part[:size, 3:]) for part in (first, second))
    return (one != other).double().mean().item()


def soprano_alone(first, second):
    """You follow the soprano alone, and do not hear that the alto is off.

    A listener hears all four.
    """
    lines = [one[one[:, 0] >= 0, 0].unique_consecutive().diff().tolist() for one in (first, second)]
    size = min(map(len, lines))
    return sum(a != b for a, b in zip(lines[0][:size], lines[1][:size], strict=True)) / max(1, size)


def lines_alone(first, second):
    """You follow each voice by itself: an alto that is off by a semitone throughout is no distance.

    A listener hears voices together, too. Compare them with each other.
    """
    moves = [one[one.min(dim=1).values >= 0].diff(dim=0) for one in (first, second)]
    size = min(map(len, moves))
    return (moves[0][:size] != moves[1][:size]).double().mean().item()


def rhythm_alone(first, second):
    """You compare when notes change, and not which notes they are.

    Other notes in the same rhythm are other music.
    """
    moves = [(one[1:] != one[:-1]).double().mean() for one in (first, second)]
    return (moves[0] - moves[1]).abs().item()


def always_zero(first, second):
    """All is alike to your measure.

    Begin with one thing that a listener would mind.
    """
    return 0.0


def likeness(first, second):
    """You measure likeness; a distance is small where two pieces are alike.

    What should a piece and itself be apart?
    """
    return 1 - solution(first, second)


def is_a_distance(found, pitches, copies):
    """A distance is a number, and never below 0."""
    return all(one >= 0 for one in found.values())


def itself_is_nothing(found, pitches, copies):
    """A piece and itself are 0 apart."""
    return abs(found["itself"]) < 1e-6


def another_key_is_forgiven(found, pitches, copies):
    """All a tone higher must be nearer than the alto a semitone off, or shuffled bars."""
    return found["a tone higher"] < _nearest_wrong(found)


def late_is_forgiven(found, pitches, copies):
    """Two frames late must be nearer than the alto a semitone off, or shuffled bars."""
    return found["a little late"] < _nearest_wrong(found)


def _nearest_wrong(found):
    return min(far for name, far in found.items() if name not in HARMLESS)


def hear(answer):
    """Play Bach, and then the changed copy that the learner's measure finds nearest."""
    piece = corpus("train", progress=False)[48].pitches[4:36]  # BWV 66.6
    pitches, copies = _copies(torch.from_numpy(piece.copy()), np.random.default_rng(0))
    found = use(answer, pitches, copies)
    name = min(list(found)[1:], key=lambda one: found[one])
    return Chorale(pitches=torch.cat([pitches, copies[name]]).numpy(), tempo=132.0)


EXERCISE = Exercise(
    id="ear-distance",
    notebook=13,
    place=5,
    title="A distance for the ear",
    kind="open",
    difficulty=4,
    importance=3,
    minutes=30,
    why="A number is only as good as the question that it answers; here you choose the question.",
    signature=(
        'ear_distance(first: Int[Tensor, "frame voice"], second: Int[Tensor, "other_frame voice"]) '
        "-> float"
    ),
    statement=(
        "The mel-cepstral distance hears timbre. Write one that hears music. It takes two pieces "
        "in four voices, -1 for a rest. A piece and itself are 0 apart. A copy a tone higher, and "
        "a copy that begins two frames late, must be nearer than three others: the alto a "
        "semitone off throughout, the bars shuffled, and other notes. How you do it is up to you."
    ),
    reference=solution,
    solution=solution,
    probes=probes,
    use=use,
    exact=False,
    properties=(
        is_a_distance,
        itself_is_nothing,
        another_key_is_forgiven,
        late_is_forgiven,
    ),
    mistakes=(
        cell_by_cell,
        pitch_by_pitch,
        which_notes_only,
        which_chords_only,
        key_forgiven_alone,
        soprano_alone,
        lines_alone,
        rhythm_alone,
        always_zero,
        likeness,
    ),
    hints=(
        "Play a chord, and then the next. Now do it in another key, or a second later. What can "
        "you write down about these two chords that is the same each time?",
        "chords = rows without repeats and without silence. For each pair of neighbours: eight "
        "pitches, less the first chord's bass. Count them in both pieces. Distance = 1 - shared / "
        "all.",
        "`seen = [tuple(pitch - before[...] for pitch in before + after) for before, after in "
        "zip(chords, chords[...:])]`, then `(Counter(...) & Counter(...)).total()`.",
    ),
    explain="Which change would a listener mind that your measure does not? Name one.",
    hear=hear,
)
