"""Kinds of mistakes are told by the results alone, and nothing is told that is not so."""

import math

import numpy as np
import pytest
import torch
from plain_words import GRADE, LINE, grade
from toy_exercises import checked, toy

from musiclab.check.exercise import normal

# ---- What is right: some functions of different results -----------------------------------------


def matrices(rng):
    for rows, columns in ((2, 3), (3, 5), (4, 7)):
        yield normal(rng, rows, columns), normal(rng, columns)


def scaled(x, gain):
    return x * gain


def mean(x, gain):
    return (x * gain).mean()


def total(x, gain):
    return (x * gain).sum()


def flags(x, gain):
    return x > gain


def lines(rng):
    for length in (5, 7, 11):
        pitches = torch.from_numpy(rng.integers(50, 70, length))
        pitches[[1, 3]] = -1
        yield (pitches,)


def lines_and_rests(rng):
    for (pitches,) in lines(rng):
        yield (pitches,)
        yield (pitches.clamp(min=50),)


def higher(pitches):
    return torch.where(pitches < 0, pitches, pitches + 2)


def highest(pitches):
    return int(pitches.max())


def lowest(pitches):
    return int(pitches[pitches >= 0].min())


def notes(pitches):
    return [(place, 2, int(pitch)) for place, pitch in enumerate(pitches) if pitch >= 0]


def names(pitches):
    return [f"note {int(pitch)}" for pitch in pitches]


def roots(rng):
    for number in (2, 3, 5, 8, 10):
        yield (number + float(rng.uniform(0.3, 0.7)),)
        yield (number + float(rng.uniform(0.1, 0.4)),)


def rounded(number):
    return round(number)


def heads(rng):
    for batch, seq, head, dim in ((1, 2, 3, 4), (2, 3, 5, 4)):
        yield (normal(rng, batch, seq, head * dim), head)


def split(x, n_heads):
    return x.unflatten(-1, (n_heads, -1)).transpose(1, 2)


AXES = 'f(x: Float[Tensor, "row col"], gain: Float[Tensor, "col"]) -> Float[Tensor, "row col"]'


def masked(rng):
    for rows, columns in ((2, 3), (3, 5), (4, 7)):
        mask = torch.from_numpy(rng.random((rows, columns)) < 0.5)
        mask[0, 0], mask[0, 1] = True, False
        yield normal(rng, rows, columns), mask


def silenced(x, mask):
    return x.masked_fill(~mask, -5)


def options(rng):
    for number in (3.0, 4.0, None, 5.0, None):
        yield normal(rng, 4), number


def shifted_by(x, by):
    return x if by is None else x + by


SCALED = toy(scaled, matrices, signature=AXES)
MEAN = toy(mean, matrices, signature="mean(x, gain)")
TOTAL = toy(total, matrices, signature="total(x, gain)")
FLAGS = toy(flags, matrices, signature="flags(x, gain)")
HIGHER = toy(higher, lines, signature="higher(pitches)")
LOWEST = toy(lowest, lines_and_rests, signature="lowest(pitches)")
HIGHEST = toy(highest, lines, signature="highest(pitches)")
NOTES = toy(notes, lines, signature="notes(pitches)")
NAMES = toy(names, lines, signature="names(pitches)")
ROUNDED = toy(rounded, roots, signature="rounded(number)")
SILENCED = toy(silenced, masked, signature="silenced(x, mask)")
SHIFTED = toy(shifted_by, options, signature="shifted_by(x, by)")
SPLIT = toy(split, heads, signature="split(x, n_heads)")


def prints(x, gain):
    print(x * gain)


def forgets(x, gain):
    x * gain


def forgets_at_times(x, gain):
    if len(x) > 2:
        return x * gain


def draws(x, gain):
    return x * gain + torch.rand(1)


def remembers(x, gain, seen=[]):  # noqa: B006 (that is the mistake)
    seen.append(1)
    return x * gain + len(seen)


PLANTED = {
    "no-return": (SCALED, forgets, "returns nothing"),
    "no-return, but a print": (SCALED, prints, "prints its result"),
    "no-return at times": (SCALED, forgets_at_times, "For some inputs"),
    "wrong-container": (SCALED, lambda x, g: {"result": x * g}, "a dictionary"),
    "wrong-container of one": (SCALED, lambda x, g: (x * g, None), "a tuple"),
    "wrong-container unfinished": (NOTES, lambda p: (one for one in notes(p)), "list(...)"),
    "wrong-container a method": (SCALED, lambda x, g: (x * g).sum, "parentheses"),
    "axes-swapped": (SCALED, lambda x, g: (x * g).T, "row and col"),
    "axes-swapped of four": (
        SPLIT,
        lambda x, n: split(x, n).transpose(1, 2),
        "1 and number 2",
    ),
    "reshaped": (SPLIT, lambda x, n: x.reshape(len(x), n, x.shape[1], -1), "wrong places"),
    "axis-of-one": (SCALED, lambda x, g: (x * g)[None], "too many"),
    "axis-of-one lost": (TOTAL, lambda x, g: total(x, g)[None], "too many"),
    "wrong-shape": (SCALED, lambda x, g: (x * g)[:, 1:], "off by 1"),
    "wrong-shape of a number": (MEAN, lambda x, g: (x * g).mean(-1), "a single one"),
    "number-type": (FLAGS, lambda x, g: (x > g).int(), "bool is asked for"),
    "number-type of one": (HIGHEST, lambda p: float(p.max()), "int is asked for"),
    "not-a-number": (SCALED, lambda x, g: (x * g) / (x > 0) * (x > 0), "NaN"),
    "not-reproducible": (SCALED, draws, "Two calls"),
    "not-reproducible as it remembers": (SCALED, remembers, "Two calls"),
    "turned-round": (FLAGS, lambda x, g: x <= g, "wrong way round"),
    "sign": (SCALED, lambda x, g: -x * g, "sign"),
    "factor": (MEAN, lambda x, g: mean(x, g) / math.log(2), "bits"),
    "factor of three": (SCALED, lambda x, g: 3 * x * g, "times 3"),
    "size-factor": (MEAN, total, "how many numbers x holds"),
    "size-factor the other way": (TOTAL, mean, "divided by how many numbers x holds"),
    "size-factor of one axis": (SCALED, lambda x, g: x * g * len(g), "col of x"),
    "size-factor under a root": (SCALED, lambda x, g: x * g / len(g) ** 0.5, "square root"),
    "off-by-one": (HIGHEST, lambda p: int(p.max()) + 1, "one too large"),
    "off-by-one by an octave": (HIGHEST, lambda p: int(p.max()) - 12, "octave"),
    "off-by-one by something": (MEAN, lambda x, g: mean(x, g) + 0.5, "plus 0.5"),
    "off-by-one in a column": (NOTES, lambda p: [(a, b + 1, c) for a, b, c in notes(p)], "second"),
    "shifted": (SCALED, lambda x, g: (x * g).roll(1, -1), "too late"),
    "shifted with zeros": (
        SCALED,
        lambda x, g: torch.cat([(x * g)[:, 1:], torch.zeros(len(x), 1)], 1),
        "too early",
    ),
    "backwards": (SCALED, lambda x, g: (x * g).flip(1), "in reverse, along the axis col"),
    "function-of-right": (MEAN, lambda x, g: mean(x, g).exp(), "e to the power"),
    "only-at-rests": (HIGHER, lambda p: p + 2, "rests (-1)"),
    "edge": (SCALED, lambda x, g: torch.cat([x[:, :1], (x * g)[:, 1:]], 1), "the first element"),
    "cut-off": (ROUNDED, int, "one too small"),
    "order": (NAMES, lambda p: sorted(names(p))[::-1], "another order"),
    "doubled": (NOTES, lambda p: notes(p) + notes(p)[:1], "more than once"),
    "missing": (NOTES, lambda p: notes(p)[:-1], "The last element"),
    "missing at the start": (NOTES, lambda p: notes(p)[1:], "The first element"),
    "missing somewhere": (NOTES, lambda p: notes(p)[:1] + notes(p)[2:], "such as"),
    "too-many": (NOTES, lambda p: [*notes(p), (99, 2, -1)], "(99, 2, -1)"),
    "some-inputs": (LOWEST, lambda p: int(p.min()), "wherever there is a rest"),
    "some-inputs of one value": (
        SHIFTED,
        lambda x, by: x.exp() if by is None else x + by,
        "`by` is None",
    ),
    "only-where": (SILENCED, lambda x, m: x * m, "`mask` is False"),
    "only-where the other way": (SILENCED, lambda x, m: (x * 2 * m).masked_fill(~m, -5), "is True"),
    "ignored-input": (SCALED, lambda x, g: x.sin(), "`gain`"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_each_kind_is_told(name):
    exercise, wrong, words = PLANTED[name]
    said = checked(exercise, wrong)
    assert said.mistake == "kind-" + name.split()[0].rstrip(","), said
    assert words in f"{said.what} {said.cause}", said
    assert said.example and "\n" not in said.what
    assert len(said.what) <= LINE and grade(f"{said.what} {said.cause}") <= GRADE


RIGHT = [
    (SCALED, lambda x, g: x.numpy() * g.numpy()),
    (SCALED, lambda x, g: [[a * b for a, b in zip(r, g, strict=True)] for r in x]),
    (SCALED, lambda x, g: torch.einsum("ij,j->ij", x.double(), g.double())),
    (SCALED, lambda x, g: x.clone().mul_(g).T.contiguous().T),
    (MEAN, lambda x, g: float((x * g).mean())),
    (MEAN, lambda x, g: np.mean((x * g).numpy())),
    (FLAGS, lambda x, g: (x > g).numpy()),
    (NOTES, lambda p: tuple([a, b, np.int64(c)] for a, b, c in notes(p))),
    (HIGHER, lambda p: [int(one) + 2 * (one >= 0) for one in p.tolist()]),
    (HIGHEST, lambda p: p.max()),
    (SPLIT, lambda x, n: torch.stack(x.chunk(n, -1), 1)),
]


@pytest.mark.parametrize("exercise, answer", RIGHT)
def test_right_answers_pass_however_they_are_written(exercise, answer):
    assert checked(exercise, answer).passed


OTHER = [
    (SCALED, lambda x, g: x * g.sin() + x.cos()),
    (SCALED, lambda x, g: x.sin() + (g.sum() if len(x) > 3 else 0)),
    (MEAN, lambda x, g: (x * g).sin().mean()),
    (NAMES, lambda p: [f"pitch {int(one)}" for one in p]),
    (HIGHEST, lambda p: int(p[0]) * 2 + len(p)),
]


@pytest.mark.parametrize("exercise, wrong", OTHER)
def test_what_is_of_no_kind_gets_no_name(exercise, wrong):
    said = checked(exercise, wrong)
    assert said.mistake == "different"
    assert "ours" in said.example and "ight" in said.example


def test_bad_inputs_must_be_refused():
    def probes(rng):
        yield 3, 4
        yield 2, int(rng.integers(5, 9))
        yield 1, 0

    def share(one, whole):
        if whole == 0:
            raise ValueError("nothing to share")
        return one / whole

    exercise = toy(share, probes, signature="share(one, whole)")
    said = checked(exercise, lambda one, whole: one / whole if whole else math.inf)
    assert said.mistake == "kind-not-refused" and "ValueError" in said.cause
    said = checked(exercise, lambda one, whole: one / whole)
    assert said.mistake == "raised-ZeroDivisionError" and "ValueError" in said.cause
