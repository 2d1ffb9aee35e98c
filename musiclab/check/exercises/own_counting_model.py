"""own-counting-model: any model that counts, as long as it beats the unigram."""

from collections import Counter

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.music import Chorale
from musiclab.music.corpus import corpus

VOCAB = 6


def probes(rng):
    """Yield melodies in which each number has two favourite successors, and one not to count."""
    for length in (12, 16):
        table = np.full((VOCAB, VOCAB), 0.02)
        for share in (0.6, 0.28):
            table[np.arange(VOCAB), rng.permutation(VOCAB)] += share
        yield [_sing(table, length, rng) for _ in range(24)], _sing(table, 60, rng), VOCAB


def _sing(table, length, rng):
    melody = [int(rng.integers(VOCAB))]
    while len(melody) < length:
        melody.append(int(rng.choice(VOCAB, p=table[melody[-1]])))
    return melody


def use(answer, pieces, unheard, vocab_size):
    """Ask for the next number at every place of a melody that was not counted."""
    rows = [answer(pieces, unheard[:place], vocab_size) for place in range(1, len(unheard))]
    return torch.stack([torch.as_tensor(row).double() for row in rows])


def solution(pieces, past, vocab_size):
    # A bigram that leans on the unigram: five imagined notes, spread as it says.
    sung = Counter(number for piece in pieces for number in piece)
    after = Counter(
        now
        for piece in pieces
        for before, now in zip(piece, piece[1:], strict=False)
        if before == past[-1]
    )
    unigram = [(sung[n] + 1) / (sung.total() + vocab_size) for n in range(vocab_size)]
    return [(after[n] + 5 * unigram[n]) / (after.total() + 5) for n in range(vocab_size)]


def unigram(pieces, past, vocab_size):
    """Your model is the unigram itself: it never looks at what came before.

    What tells you most about the next note of a melody?
    """
    counts = np.bincount(np.concatenate(pieces), minlength=vocab_size) + 1
    return counts / counts.sum()


def uniform(pieces, past, vocab_size):
    """All notes are alike to your model; it has counted nothing.

    Start from how often each number occurs in `pieces`.
    """
    return np.full(vocab_size, 1 / vocab_size)


def _bigram(pieces, past, vocab_size, alpha):
    counts = np.full((vocab_size, vocab_size), float(alpha))
    for piece in pieces:
        np.add.at(counts, (piece[:-1], piece[1:]), 1)
    return counts


def never_heard_is_impossible(pieces, past, vocab_size):
    """A step that was never heard gets probability 0: one such step, and the mean is infinite.

    Section 4.3 has the cure.
    """
    row = _bigram(pieces, past, vocab_size, 0)[past[-1]]
    return row / max(1, row.sum())


def counts_only(pieces, past, vocab_size):
    """You return counts; probabilities sum to 1.

    One division is missing.
    """
    return _bigram(pieces, past, vocab_size, 1)[past[-1]]


def sure_of_its_favourite(pieces, past, vocab_size):
    """All the probability goes to the favourite: right most of the time, and ruined by one miss.

    Section 4.5 shows what accuracy hides. Leave some for the others.
    """
    row = _bigram(pieces, past, vocab_size, 0)[past[-1]]
    return np.eye(vocab_size)[row.argmax()]


def always_holds(pieces, past, vocab_size):
    """Your model holds the last note and is certain of it. That is the drone of section 4.5.

    How often is a note really held in `pieces`? Count it.
    """
    return np.eye(vocab_size)[past[-1]]


def asks_the_first_note(pieces, past, vocab_size):
    """Your model looks at the first note of the past; the newest tells most.

    Which end of `past` is now?
    """
    row = _bigram(pieces, past, vocab_size, 1)[past[0]]
    return row / row.sum()


def counts_backwards(pieces, past, vocab_size):
    """Your model knows what comes before a note, and is asked what comes after it.

    Which of the two numbers of a pair is the earlier one?
    """
    row = _bigram(pieces, past, vocab_size, 1)[:, past[-1]]
    return row / row.sum()


def learns_from_the_past_alone(pieces, past, vocab_size):
    """Your model counts only what has been sung in this melody so far, and not in `pieces`.

    A few notes tell little. The other melodies are there to learn from.
    """
    counts = np.bincount(past, minlength=vocab_size) + 1
    return counts / counts.sum()


def one_row_a_note(table, pieces, unheard, vocab_size):
    """For every past there must be one probability for each of the `vocab_size` numbers."""
    return table.shape == (len(unheard) - 1, vocab_size)


def every_row_sums_to_one(table, pieces, unheard, vocab_size):
    """Something must come next: the probabilities sum to 1."""
    return torch.allclose(table.sum(dim=1), torch.ones(len(table)).double(), atol=1e-4)


def nothing_is_impossible(table, pieces, unheard, vocab_size):
    """Music may always surprise: every probability lies above 0."""
    return bool((table > 0).all())


def beats_the_unigram(table, pieces, unheard, vocab_size):
    """On a melody that it never heard, the model must be less surprised than the unigram."""
    plain = torch.as_tensor(unigram(pieces, unheard, vocab_size))
    notes = torch.as_tensor(unheard[1:])
    theirs = -plain[notes].log().mean()
    return bool(-table[torch.arange(len(notes)), notes].log().mean() < theirs)


def hear(answer):
    """Let the model sing a soprano, learnt from Bach's."""
    pieces = [one.pitches[::2, 0] for one in corpus("train", progress=False)[:40]]
    lines = [np.maximum(one - 59, 0).tolist() for one in pieces]  # 0 is a rest, 1 is middle C
    rng, sung = np.random.default_rng(3), [lines[0][0]]
    for _ in range(31):
        ladder = np.asarray(answer(lines, sung, 24), dtype=float).cumsum()
        sung.append(min(int(np.searchsorted(ladder, rng.random() * ladder[-1])), 23))
    pitches = np.full((64, 4), -1)
    pitches[:, 0] = np.repeat([one + 59 if one else -1 for one in sung], 2)
    return Chorale(pitches=pitches, tempo=120.0)


EXERCISE = Exercise(
    id="own-counting-model",
    notebook=4,
    place=5,
    title="A model of your own",
    kind="open",
    difficulty=3,
    importance=3,
    minutes=25,
    why="Nobody says where a model has to look; finding out is the craft.",
    signature=(
        "own_counting_model(pieces: list[list[int]], past: list[int], vocab_size: int) "
        '-> Float[Tensor, "vocab"]'
    ),
    statement=(
        "Write any model that counts. `pieces` are melodies to learn from, in numbers below "
        "`vocab_size`. `past` is the beginning of another melody, at least one note long. Return "
        "a probability for each number that may come next. The check asks three things. The "
        "probabilities sum to 1. None of them is 0. And on melodies that it never heard, your "
        "model is less surprised than the unigram."
    ),
    reference=solution,
    solution=solution,
    probes=probes,
    use=use,
    exact=False,
    properties=(one_row_a_note, every_row_sums_to_one, nothing_is_impossible, beats_the_unigram),
    mistakes=(
        unigram,
        uniform,
        never_heard_is_impossible,
        counts_only,
        sure_of_its_favourite,
        always_holds,
        asks_the_first_note,
        counts_backwards,
        learns_from_the_past_alone,
    ),
    hints=(
        "You know the last note. Which notes followed it in `pieces`, and how often? What if it "
        "was never heard there?",
        "Count what followed `past[-1]` in all pieces: (vocab,). Add a little to each count, "
        "better where the unigram is high. Divide by the sum.",
        "`after = Counter(now for piece in pieces for before, now in zip(piece, ...) if before == "
        "...)`, then `[(after[n] + ...) / (after.total() + ...) for n in range(vocab_size)]`.",
    ),
    explain="Where does your model look, and what would it need more pieces for?",
    hear=hear,
)
