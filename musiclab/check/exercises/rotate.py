"""rotate: turn each pair of numbers by an angle that grows with the position."""

import math

import torch
from einops import einsum

from musiclab.check.exercise import Exercise, normal
from musiclab.check.heard import play_with
from musiclab.model.positions import Rotary
from musiclab.model.positions import rotate as reference


def probes(rng):
    """Yield positions that do not start at 0, have gaps, and run backwards."""
    yield torch.tensor([[[[1.0, 0.0, 1.0, 0.0], [1.0, 2.0, 3.0, 4.0]]]]), torch.tensor([0, 1])
    for batch, heads, seq, head_dim in ((1, 2, 3, 4), (2, 3, 5, 8), (3, 2, 4, 6)):
        places = torch.from_numpy(rng.permutation(40)[:seq])
        yield normal(rng, batch, heads, seq, head_dim), places


def solution(x, positions):
    even = torch.arange(0, x.shape[-1], 2)
    speed = 10_000 ** (-even / x.shape[-1])
    angle = einsum(positions, speed, "seq, pair -> seq pair")
    cos, sin = angle.cos(), angle.sin()
    x0, x1 = x[..., 0::2], x[..., 1::2]
    turned = torch.stack([x0 * cos - x1 * sin, x0 * sin + x1 * cos], dim=-1)
    return turned.flatten(-2)


def angles(x, positions, exponent=None, base=10_000.0):
    if exponent is None:
        exponent = -torch.arange(0, x.shape[-1], 2) / x.shape[-1]
    angle = positions[:, None] * base**exponent
    return angle.cos(), angle.sin()


def turned(x, cos, sin):
    x0, x1 = x[..., 0::2], x[..., 1::2]
    return x0 * cos - x1 * sin, x0 * sin + x1 * cos


def paired(first, second):
    return torch.stack([first, second], dim=-1).flatten(-2)


def halves_paired(x, positions):
    """You pair each number with one half the width away; its partner is its neighbour.

    Many models pair like this. Here the points are (x0, x1), (x2, x3): see section 7.5.
    """
    first, second = x.chunk(2, dim=-1)
    cos, sin = angles(x, positions)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


def halves_put_back_as_neighbours(x, positions):
    """You take pairs from two halves, but put them back as neighbours, so all are out of place.

    The points are (x0, x1), (x2, x3) and so on, when you take them and when you put them back.
    """
    first, second = x.chunk(2, dim=-1)
    cos, sin = angles(x, positions)
    return paired(first * cos - second * sin, first * sin + second * cos)


def halves_paired_backwards(x, positions):
    """Two slips: you pair numbers half the width apart, and you turn by minus the angle.

    The points are (x0, x1), (x2, x3) and so on. For the signs, see section 7.5.
    """
    return halves_paired(x, -positions)


def angles_as_halves(x, positions):
    """Your angles stand in another order than your pairs, so partners turn by two angles.

    Each angle is needed twice, at two neighbours: 0 0 1 1, not 0 1 0 1.
    """
    cos, sin = (torch.cat([one, one], dim=-1) for one in angles(x, positions))
    return x * cos + paired(-x[..., 1::2], x[..., 0::2]) * sin


def put_back_as_halves(x, positions):
    """You turn the right pairs, but put all first numbers in front and all second ones behind.

    The turned points belong where they came from: side by side. See the end of `turn` in 7.5.
    """
    return torch.cat(turned(x, *angles(x, positions)), dim=-1)


def turned_backwards(x, positions):
    """You turn the wrong way round: by minus the angle.

    Compare the two signs with section 7.5. Scores would still depend on the distance alone.
    """
    cos, sin = angles(x, positions)
    return paired(*turned(x, cos, -sin))


def plus_twice(x, positions):
    """You add in both rows of the formula, so points are pressed and not turned.

    A turn keeps every length. Section 7.5 has one minus: where?
    """
    cos, sin = angles(x, positions)
    x0, x1 = x[..., 0::2], x[..., 1::2]
    return paired(x0 * cos + x1 * sin, x0 * sin + x1 * cos)


def minus_twice(x, positions):
    """You subtract in both rows of the formula, so points are pressed and not turned.

    A turn keeps every length. Section 7.5 has one minus: where?
    """
    cos, sin = angles(x, positions)
    x0, x1 = x[..., 0::2], x[..., 1::2]
    return paired(x0 * cos - x1 * sin, x1 * cos - x0 * sin)


def mirrored(x, positions):
    """You mirror the points instead of turning them: at position 0 they should stay in place.

    Likely cause: a sign in the second row. Try one point, (0, 1), at position 0.
    """
    cos, sin = angles(x, positions)
    x0, x1 = x[..., 0::2], x[..., 1::2]
    return paired(x0 * cos + x1 * sin, x0 * sin - x1 * cos)


def cosine_and_sine_exchanged(x, positions):
    """Sine and cosine are exchanged: at position 0 the points have made a quarter turn already.

    At position 0 nothing should move. What are the sine and the cosine of 0?
    """
    cos, sin = angles(x, positions)
    return paired(*turned(x, sin, cos))


def pair_exchanged(x, positions):
    """You turn the right pairs, but put the two numbers of each back in the wrong order.

    At position 0 nothing should move. Which of the two new numbers comes first?
    """
    first, second = turned(x, *angles(x, positions))
    return paired(second, first)


def second_uses_the_new_first(x, positions):
    """The second number of a pair is made from the first one *after* it was turned.

    Keep the old pair until both new numbers are there.
    """
    cos, sin = angles(x, positions)
    x0, x1 = x[..., 0::2], x[..., 1::2]
    x0 = x0 * cos - x1 * sin
    return paired(x0, x0 * sin + x1 * cos)


def written_into_the_input(x, positions):
    """You write into `x`: the caller's numbers change, and the second of a pair uses the new first.

    A slice such as `x[..., 0::2]` is a window into `x`, not a copy. Build a new tensor.
    """
    cos, sin = angles(x, positions)
    x0, x1 = x[..., 0::2], x[..., 1::2]
    x[..., 0::2] = x0 * cos - x1 * sin
    x[..., 1::2] = x0 * sin + x1 * cos
    return x


def no_partner(x, positions):
    """Your numbers meet only themselves: each is multiplied, but none mixes with its partner.

    In a turn the new x0 needs the old x1, and the new x1 the old x0. See section 7.5.
    """
    cos, sin = angles(x, positions)
    return paired(x[..., 0::2] * (cos - sin), x[..., 1::2] * (sin + cos))


def partner_without_sign(x, positions):
    """You add each number's *own* sine part; in the sine part the partner should stand.

    In a turn the new x0 needs the old x1, and the new x1 the old x0. See section 7.5.
    """
    cos, sin = angles(x, positions)
    return paired(x[..., 0::2] * (cos + sin), x[..., 1::2] * (cos + sin))


def cosine_only(x, positions):
    """You multiply by the cosine and leave the sine out, so points shrink and do not turn.

    A turn keeps every length. See the two rows of section 7.5.
    """
    cos, _ = angles(x, positions)
    return paired(x[..., 0::2] * cos, x[..., 1::2] * cos)


def clocks_added(x, positions):
    """You add clocks to `x`, so scores depend on where notes stand, not on their distance.

    That is section 7.3. Rotary adds nothing: it turns what is there. See section 7.5.
    """
    cos, sin = angles(x, positions)
    return x + paired(sin, cos)


def positions_ignored(x, positions):
    """You count the positions yourself, from 0, and do not use those that are given.

    With a cache there is one new note, and it stands far from 0. The angle needs `positions`.
    """
    return paired(*turned(x, *angles(x, torch.arange(x.shape[-2]))))


def positions_from_one(x, positions):
    """You turn every point one position too far.

    `positions` are counted from 0 already. At position 0 nothing should move.
    """
    return paired(*turned(x, *angles(x, positions + 1)))


def positions_from_the_first(x, positions):
    """You count from the first position that is given, which need not be 0.

    Keys may have been turned in an earlier step. Take the positions as they are.
    """
    return paired(*turned(x, *angles(x, positions - positions[0])))


def in_degrees(x, positions):
    """You turn the angles into other units first; sine and cosine want them as they are.

    The first pair turns by one radian from position to position, not by one degree.
    """
    cos, sin = angles(x, torch.deg2rad(positions.float()))
    return paired(*turned(x, cos, sin))


def exponent_twice(x, positions):
    """Your later pairs turn too slowly: the exponent counts the pairs twice.

    The 2i in the formula is the number of the even column. Is it doubled once more in your code?
    """
    exponent = -2 * torch.arange(0, x.shape[-1], 2) / x.shape[-1]
    return paired(*turned(x, *angles(x, positions, exponent)))


def exponent_half(x, positions):
    """Your later pairs turn too fast: the exponent counts the pairs by i, not by 2i.

    Half as many pairs as numbers: how far does the exponent get in the last pair?
    """
    exponent = -torch.arange(x.shape[-1] // 2) / x.shape[-1]
    return paired(*turned(x, *angles(x, positions, exponent)))


def sign_of_exponent(x, positions):
    """Your pairs turn faster and faster; each should turn more slowly than the one before.

    Look at the sign of the exponent in sections 7.3 and 7.5.
    """
    exponent = torch.arange(0, x.shape[-1], 2) / x.shape[-1]
    return paired(*turned(x, *angles(x, positions, exponent)))


def one_speed(x, positions):
    """All your pairs turn equally fast; each should have its own speed.

    Likely cause: the exponent is 0 everywhere, or missing. See `speed` in section 7.5.
    """
    exponent = torch.zeros(x.shape[-1] // 2)
    return paired(*turned(x, *angles(x, positions, exponent)))


def base_e(x, positions):
    """The number 10,000 is missing: you raise e to the exponent, so later pairs turn too fast.

    Likely cause: `exp` without the logarithm of 10,000. See `speed` in section 7.5.
    """
    return paired(*turned(x, *angles(x, positions, base=math.e)))


def base_too_small(x, positions):
    """Your later pairs turn too fast: the base is 1,000, not 10,000.

    Count the zeros in section 7.5.
    """
    return paired(*turned(x, *angles(x, positions, base=1000.0)))


def not_turned(x, positions):
    """You return `x` as it came: nothing is turned.

    Is the turned tensor what you return?
    """
    return x


def lengths_are_kept(result, x, positions):
    """A turn keeps the length of every pair (x0, x1): only its direction changes."""
    pairs, before = (torch.as_tensor(one).double().unflatten(-1, (-1, 2)) for one in (result, x))
    return torch.allclose(pairs.norm(dim=-1), before.norm(dim=-1), atol=1e-3)


def position_0_stays(result, x, positions):
    """At position 0 the angle is 0, so the numbers there must stay as they are."""
    still = positions == 0
    return torch.allclose(torch.as_tensor(result).to(x)[..., still, :], x[..., still, :], atol=1e-4)


def hear(answer):
    """Let the model write with queries and keys turned like this."""

    def turn(self, x, start=0):
        positions = torch.arange(start, start + x.shape[-2])
        return torch.as_tensor(answer(x.flatten(0, 1), positions)).to(x).view_as(x)

    return play_with(Rotary, "forward", turn)


EXERCISE = Exercise(
    id="rotate",
    notebook=7,
    place=2,
    title="Turn the query, turn the key",
    kind="implement",
    difficulty=4,
    importance=5,
    minutes=20,
    why="Nearly all language models of today mark positions like this, and so do ours.",
    signature=(
        'rotate(x: Float[Tensor, "batch heads seq head_dim"], positions: Int[Tensor, "seq"])'
        ' -> Float[Tensor, "batch heads seq head_dim"]'
    ),
    statement=(
        "Turn each pair of neighbouring numbers, $(x_0, x_1)$, $(x_2, x_3)$ and so on, by the "
        "angle $t\\,\\omega_i$: $t$ is the position of the row, $i$ the number of the pair, and "
        "$\\omega_i = 10\\,000^{-2i/d}$ with $d$ = `head_dim`, as in section 7.5.\n\n"
        "The positions are given. They need not start at 0, may have gaps, and may run backwards. "
        "`x` itself must stay as it is."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    tolerance=1e-4,
    properties=(lengths_are_kept, position_0_stays),
    mistakes=(
        halves_paired,
        halves_put_back_as_neighbours,
        halves_paired_backwards,
        angles_as_halves,
        put_back_as_halves,
        turned_backwards,
        plus_twice,
        minus_twice,
        mirrored,
        cosine_and_sine_exchanged,
        pair_exchanged,
        second_uses_the_new_first,
        written_into_the_input,
        no_partner,
        partner_without_sign,
        cosine_only,
        clocks_added,
        positions_ignored,
        positions_from_one,
        positions_from_the_first,
        in_degrees,
        exponent_twice,
        exponent_half,
        sign_of_exponent,
        one_speed,
        base_e,
        base_too_small,
        not_turned,
    ),
    hints=(
        "Draw the point (1, 0) and turn it by a quarter. Where is it now? Which formula of section "
        "7.5 says so? Which two numbers of a vector make one point?",
        "1. A speed for each pair: shape (pair,). An angle for each row and pair: (seq, pair).\n"
        "2. `x0` holds the first number of each pair, `x1` the second: (batch, heads, seq, pair).\n"
        "3. The two rows of the formula give two tensors of that shape.\n"
        "4. Put them side by side, pair by pair: (batch, heads, seq, head_dim).",
        "`speed = 10_000 ** (-torch.arange(0, ..., 2) / ...)`, then "
        "`angle = positions[:, None] * ...`, then `x0, x1 = x[..., 0::2], x[..., ...]`, then "
        "`torch.stack([x0 * ... - x1 * ..., x0 * ... + x1 * ...], dim=-1).flatten(-2)`.",
    ),
    explain="Two notes move four bars later together. Why does their score stay the same?",
    hear=hear,
)
