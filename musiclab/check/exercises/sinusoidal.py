"""sinusoidal: write each position as the hands of many clocks, without a loop."""

import math

import torch
from einops import rearrange

from musiclab.check.exercise import Exercise
from musiclab.model.positions import sinusoidal as reference


def probes(rng):
    """Yield small tables first, then lengths and widths that nobody knows beforehand."""
    yield 2, 4
    yield 3, 6
    yield 1, 8
    for _ in range(2):
        yield int(rng.integers(5, 20)), 2 * int(rng.integers(4, 12))


def solution(seq, d_model):
    even = torch.arange(0, d_model, 2)  # the even columns: 2i
    speed = 10_000 ** (-even / d_model)  # radians per position
    angle = torch.arange(seq)[:, None] * speed
    waves = torch.stack([angle.sin(), angle.cos()], dim=-1)
    return rearrange(waves, "seq pair wave -> seq (pair wave)")


def table(seq, d_model, exponent=None, base=10_000.0, first=0):
    """Write the table with another exponent of each pair, another base or another start."""
    if exponent is None:
        exponent = -torch.arange(0, d_model, 2) / d_model
    angle = torch.arange(first, first + seq)[:, None] * base**exponent
    return interleaved(angle.sin(), angle.cos())


def interleaved(even, odd):
    return torch.stack([even, odd], dim=-1).flatten(-2)


def exponent_twice(seq, d_model):
    """Your clocks slow down too fast: the exponent counts the pairs twice.

    The 2i in the formula is the number of the even column. Is it doubled once more in your code?
    """
    return table(seq, d_model, -2 * torch.arange(0, d_model, 2) / d_model)


def exponent_half(seq, d_model):
    """Your clocks slow down too little: the exponent counts the pairs by i, not by 2i.

    Half as many pairs as columns: how far does the exponent get in the last pair? See 7.3.
    """
    return table(seq, d_model, -torch.arange(d_model // 2) / d_model)


def sign_of_exponent(seq, d_model):
    """Your clocks turn faster from pair to pair; they should turn more slowly.

    Look at the sign of the exponent in section 7.3. The first hand is the second hand.
    """
    return table(seq, d_model, torch.arange(0, d_model, 2) / d_model)


def last_clock_slowest(seq, d_model):
    """You stretch the speeds so that the last clock reaches 10,000 in full; here it stays below.

    You divide by one pair too few, as some libraries do. The formula in 7.3 divides by d.
    """
    return table(seq, d_model, -torch.arange(d_model // 2) / (d_model // 2 - 1))


def exponent_from_one(seq, d_model):
    """You count the pairs from 1, so the first clock is too slow already.

    The first hand turns by one radian from position to position. What is i there?
    """
    return table(seq, d_model, -torch.arange(2, d_model + 1, 2) / d_model)


def base_e(seq, d_model):
    """The number 10,000 is missing: you raise e to the exponent, so all clocks turn fast.

    Likely cause: `exp` without the logarithm of 10,000. How slow is the last clock in 7.3?
    """
    return table(seq, d_model, base=math.e)


def base_too_small(seq, d_model):
    """Your clocks do not slow down enough: the base is 1,000, not 10,000.

    Count the zeros in section 7.3.
    """
    return table(seq, d_model, base=1000.0)


def base_too_large(seq, d_model):
    """Your clocks slow down too much: the base is 100,000, not 10,000.

    Count the zeros in section 7.3.
    """
    return table(seq, d_model, base=100_000.0)


def one_speed(seq, d_model):
    """All your clocks turn equally fast, so all pairs of columns are the same.

    Likely cause: the exponent is 0 everywhere. A division with // drops all that is below 1.
    """
    return table(seq, d_model, torch.zeros(d_model // 2))


def each_column_its_own_speed(seq, d_model):
    """Sine and cosine of a pair have two speeds; they should be the two sides of one hand.

    Likely cause: the column number is in the exponent. Columns 2i and 2i + 1 share a clock.
    """
    column = torch.arange(d_model)
    angle = torch.arange(seq)[:, None] * 10_000 ** (-column / d_model)
    return torch.where(column % 2 == 0, angle.sin(), angle.cos())


def cosine_of_next_pair(seq, d_model):
    """Each of your cosines takes the speed of the next pair, not of its own.

    Sine and cosine of a pair are the two sides of one hand. Is an index shifted by one pair?
    """
    even = torch.arange(0, d_model, 2)
    angle, after = (
        torch.arange(seq)[:, None] * 10_000 ** (-one / d_model) for one in (even, even + 2)
    )
    return interleaved(angle.sin(), after.cos())


def halves(seq, d_model):
    """You write all sines first, then all cosines; they should take turns.

    Many models do it your way. Here even columns hold sines, odd ones cosines: see 7.3.
    """
    waves = table(seq, d_model)
    return torch.cat([waves[:, 0::2], waves[:, 1::2]], dim=-1)


def halves_cosine_first(seq, d_model):
    """You write all cosines first, then all sines; they should take turns, sine first.

    Even columns hold sines, odd ones cosines: see section 7.3.
    """
    waves = table(seq, d_model)
    return torch.cat([waves[:, 1::2], waves[:, 0::2]], dim=-1)


def halves_and_exponent_half(seq, d_model):
    """Two slips: sines and cosines do not take turns, and the exponent counts by i, not by 2i.

    Compare the columns and the exponent with section 7.3.
    """
    waves = exponent_half(seq, d_model)
    return torch.cat([waves[:, 0::2], waves[:, 1::2]], dim=-1)


def halves_from_one(seq, d_model):
    """Two slips: sines and cosines do not take turns, and you count positions from 1.

    The first note stands at position 0. For the columns, see section 7.3.
    """
    waves = table(seq, d_model, first=1)
    return torch.cat([waves[:, 0::2], waves[:, 1::2]], dim=-1)


def cosine_first(seq, d_model):
    """Your cosines stand in the even columns and your sines in the odd ones: they are exchanged.

    At position 0 every hand points the same way. What is the sine of 0?
    """
    waves = table(seq, d_model)
    return interleaved(waves[:, 1::2], waves[:, 0::2])


def sine_everywhere(seq, d_model):
    """Your odd columns hold sines, too; they should hold cosines.

    A sine alone does not say where a hand points: two directions share it.
    """
    waves = table(seq, d_model)
    return interleaved(waves[:, 0::2], waves[:, 0::2])


def cosine_everywhere(seq, d_model):
    """Your even columns hold cosines, too; they should hold sines.

    A cosine alone does not say where a hand points: two directions share it.
    """
    waves = table(seq, d_model)
    return interleaved(waves[:, 1::2], waves[:, 1::2])


def positions_from_one(seq, d_model):
    """You count positions from 1: the first row is that of the second position.

    The first note stands at position 0, where every sine is 0 and every cosine 1.
    """
    return table(seq, d_model, first=1)


def positions_as_shares(seq, d_model):
    """You divide the positions by their number, so a clock runs slower in a longer piece.

    The same distance should always mean the same turn. Take the positions as they are.
    """
    even = torch.arange(0, d_model, 2)
    angle = torch.arange(seq)[:, None] / seq * 10_000 ** (-even / d_model)
    return interleaved(angle.sin(), angle.cos())


def in_degrees(seq, d_model):
    """You turn the angles into other units first; sine and cosine want them as they are.

    The first hand turns by one radian from position to position, not by one degree.
    """
    angle = torch.deg2rad(
        torch.arange(seq)[:, None] * 10_000 ** (-torch.arange(0, d_model, 2) / d_model)
    )
    return interleaved(angle.sin(), angle.cos())


def whole_turns(seq, d_model):
    """Your clocks turn too fast: you take the speed in whole turns, where it is in radians.

    A whole turn is 2 pi radians. The formula in 7.3 has no pi.
    """
    even = torch.arange(0, d_model, 2)
    angle = 2 * math.pi * torch.arange(seq)[:, None] * 10_000 ** (-even / d_model)
    return interleaved(angle.sin(), angle.cos())


def angles_only(seq, d_model):
    """You return the angles: sine and cosine are missing.

    A clock is told by where its hand points, not by how often it went round.
    """
    angle = torch.arange(seq)[:, None] * 10_000 ** (-torch.arange(0, d_model, 2) / d_model)
    return interleaved(angle, angle)


def position_0_points_up(waves, seq, d_model):
    """In row 0 each sine is 0 (even columns) and each cosine is 1 (odd columns)."""
    first = torch.as_tensor(waves)[0]
    return bool((first[0::2].abs() < 1e-4).all() and ((first[1::2] - 1).abs() < 1e-4).all())


def each_pair_is_a_hand(waves, seq, d_model):
    """In each pair of columns, sine squared plus cosine squared is 1: a hand has one length."""
    waves = torch.as_tensor(waves)
    length = waves[:, 0::2] ** 2 + waves[:, 1::2] ** 2
    return bool(((length - 1).abs() < 1e-3).all())


EXERCISE = Exercise(
    id="sinusoidal",
    notebook=7,
    place=1,
    title="Many clocks",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=12,
    why="Without positions attention reads a bag of notes; this is the first remedy ever used.",
    signature='sinusoidal(seq: int, d_model: int) -> Float[Tensor, "seq d_model"]',
    statement=(
        "Write the table of section 7.3 without a loop: one row for each position, counted from "
        "0. Columns come in pairs. In pair $i$ the even column $2i$ holds the sine and the odd "
        "column $2i + 1$ the cosine of $t\\,\\omega_i$, with $\\omega_i = 10\\,000^{-2i/d}$. The "
        "width `d_model` is even."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(position_0_points_up, each_pair_is_a_hand),
    mistakes=(
        exponent_twice,
        exponent_half,
        sign_of_exponent,
        last_clock_slowest,
        exponent_from_one,
        base_e,
        base_too_small,
        base_too_large,
        one_speed,
        each_column_its_own_speed,
        cosine_of_next_pair,
        halves,
        halves_cosine_first,
        halves_and_exponent_half,
        halves_from_one,
        cosine_first,
        sine_everywhere,
        cosine_everywhere,
        positions_from_one,
        positions_as_shares,
        in_degrees,
        whole_turns,
        angles_only,
    ),
    hints=(
        "Two clocks, four columns. What stands in row 0? And how far has each hand turned in row "
        "1? The first one by one radian; the second by how much?",
        "1. One speed for each pair: shape (pair,). The exponent takes the even columns 0, 2, 4 "
        "and so on, divided by d_model, with a minus.\n"
        "2. Angles: each position times each speed, shape (seq, pair).\n"
        "3. Sine and cosine of each angle, side by side in pairs: (seq, pair, 2), then "
        "(seq, d_model).",
        "`speed = 10_000 ** (-torch.arange(0, d_model, ...) / ...)`, then "
        "`angle = torch.arange(seq)[:, None] * ...`, then "
        "`waves = torch.stack([..., ...], dim=-1)`, then `return waves.flatten(...)`.",
    ),
    explain="Why are there many clocks, and not one? Say it in one sentence.",
)
