"""Five ways to tell a Transformer the order of its tokens; without one it sees only a set.

Two are added to the token embeddings (sinusoidal, learned), two work inside attention (rotary,
relative), and "none" leaves the causal mask as the only clue. Rotary, sinusoidal and none go on
beyond ``max_seq``; relative lets all farther distances share one vector; learned has no vector for
a later position and refuses it.
"""

import math

import torch
from einops import einsum, rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from musiclab.errors import SettingError

LONGEST_WAVE = 10_000.0  # Vaswani et al. 2017; Su et al. 2021 keep it


def sinusoidal(seq: int, d_model: int, *, start: int = 0) -> Float[Tensor, "seq d_model"]:
    """Write each position as sines (even columns) and cosines (odd columns) of many speeds.

    The first pair of columns turns fastest, like a second hand; the last like an hour hand.

    Args:
        seq: Number of positions.
        d_model: Number of columns; if it is odd, the last cosine is left out.
        start: The first position.

    Source:
        Vaswani et al. (2017), "Attention Is All You Need", section 3.5, arXiv:1706.03762.

    Example:
        >>> sinusoidal(2, 4)
        tensor([[0.0000, 1.0000, 0.0000, 1.0000],
                [0.8415, 0.5403, 0.0100, 0.9999]])
    """
    speed = LONGEST_WAVE ** (-torch.arange(0, d_model, 2) / d_model)  # radians a position
    turn = einsum(torch.arange(start, start + seq), speed, "seq, pair -> seq pair")
    waves = torch.stack([turn.sin(), turn.cos()], dim=-1)
    return rearrange(waves, "seq pair wave -> seq (pair wave)")[:, :d_model]


def rotate(
    x: Float[Tensor, "*heads seq head_dim"], positions: Int[Tensor, " seq"]
) -> Float[Tensor, "*heads seq head_dim"]:
    """Turn each pair of neighbouring coordinates by an angle that grows with the position.

    Turning query and key makes their dot product depend on how far apart they stand, not on where.

    Args:
        x: Queries or keys (never values); ``head_dim`` must be even.
        positions: Where each row of ``x`` stands, counted from 0.

    Source:
        Su et al. (2021), "RoFormer: Enhanced Transformer with Rotary Position Embedding",
        arXiv:2104.09864.

    Example:
        >>> rotate(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.arange(2))
        tensor([[1.0000, 0.0000],
                [0.5403, 0.8415]])
    """
    return turn_pairs(x, *turns(positions, x.shape[-1]))


def turns(
    positions: Int[Tensor, " seq"], head_dim: int
) -> tuple[Float[Tensor, "seq head_dim"], Float[Tensor, "seq head_dim"]]:
    """Give what each coordinate, and what the other one of its pair, is multiplied by."""
    pair = torch.arange(0, head_dim, 2, device=positions.device)
    angle = positions[:, None] * LONGEST_WAVE ** (-pair / head_dim)  # radians
    cos, sin = angle.cos(), angle.sin()
    own, other = torch.stack([cos, cos], dim=-1), torch.stack([-sin, sin], dim=-1)
    return own.flatten(-2), other.flatten(-2)


def turn_pairs(
    x: Float[Tensor, "*heads seq head_dim"],
    own: Float[Tensor, "seq head_dim"],
    other: Float[Tensor, "seq head_dim"],
) -> Float[Tensor, "*heads seq head_dim"]:
    """Rotate the points (x0, x1) of the plane to (x0 cos - x1 sin, x1 cos + x0 sin)."""
    swapped = x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)  # x1, x0, x3, x2, ...
    return (x * own + swapped * other).to(x.dtype)


def skew(
    by_distance: Float[Tensor, "*heads q_seq distance"],
) -> Float[Tensor, "*heads q_seq distance"]:
    """Shift every row so that columns mean keys rather than distances, without any gather.

    The last query's row already lines up with the keys; the row before it must move left by one,
    and so on. A column of padding and a reshape do all of these moves at once.

    Args:
        by_distance: Column ``j`` scores the key ``distance - 1 - j`` steps back.

    Returns:
        Column ``k`` scores key ``k``. What falls on keys of the future is meaningless: mask it.

    Source:
        Huang et al. (2018), "Music Transformer", section 3.4.1, arXiv:1809.04281; dropping
        ``q_seq`` numbers after the padding lets it serve a cached step too.

    Example:
        >>> skew(torch.tensor([[2.0, 1.0, 0.0]] * 3)).tril()
        tensor([[0., 0., 0.],
                [1., 0., 0.],
                [2., 1., 0.]])
    """
    q_seq, distance = by_distance.shape[-2:]
    padded = F.pad(by_distance, (1, 0)).flatten(-2)
    return padded[..., q_seq:].unflatten(-1, (q_seq, distance))


class Sinusoidal(nn.Module):
    """Add fixed waves to the embeddings, which are first scaled up to the waves' size."""

    def __init__(self, d_model: int, max_seq: int) -> None:
        super().__init__()
        # A buffer, not a weight: it follows the model to its device but stays out of checkpoints.
        self.register_buffer("waves", sinusoidal(max_seq, d_model), persistent=False)

    def forward(
        self, x: Float[Tensor, "batch seq d_model"], start: int = 0
    ) -> Float[Tensor, "batch seq d_model"]:
        """Add the waves of positions ``start``, ``start + 1``, ..."""
        seq, d_model = x.shape[1:]
        waves = self.waves[start : start + seq]
        if len(waves) < seq:  # beyond the table
            waves = sinusoidal(seq, d_model, start=start).to(x)
        return x * math.sqrt(d_model) + waves


class LearnedPositions(nn.Module):
    """Add a learned vector for each of ``max_seq`` positions (as in GPT-2)."""

    def __init__(self, max_seq: int, d_model: int) -> None:
        super().__init__()
        self.table = nn.Embedding(max_seq, d_model)

    def forward(
        self, x: Float[Tensor, "batch seq d_model"], start: int = 0
    ) -> Float[Tensor, "batch seq d_model"]:
        """Add the vectors of positions ``start``, ``start + 1``, ...

        Raises:
            SettingError: If a position lies beyond ``max_seq``.
        """
        end, max_seq = start + x.shape[1], self.table.num_embeddings
        if end > max_seq:
            raise SettingError(
                f"learned positions end at max_seq={max_seq}, got {end} positions; "
                "shorten the piece or train with rotary positions"
            )
        return x + self.table.weight[start:end]


class NoPositions(nn.Module):
    """Add nothing: attention knows the order by itself, or is not to know it."""

    def forward(
        self, x: Float[Tensor, "batch seq d_model"], start: int = 0
    ) -> Float[Tensor, "batch seq d_model"]:
        """Return ``x``."""
        return x


class Rotary(nn.Module):
    """Turn queries and keys by their positions, from a table made once for ``max_seq``."""

    def __init__(self, head_dim: int, max_seq: int) -> None:
        super().__init__()
        if head_dim % 2:
            raise SettingError(
                f"rotary positions turn pairs, head_dim must be even: got {head_dim}"
            )
        own, other = turns(torch.arange(max_seq), head_dim)
        self.register_buffer("own", own, persistent=False)
        self.register_buffer("other", other, persistent=False)

    def forward(
        self, x: Float[Tensor, "*heads seq head_dim"], start: int = 0
    ) -> Float[Tensor, "*heads seq head_dim"]:
        """Turn ``x``, whose rows stand at positions ``start``, ``start + 1``, ..."""
        end = start + x.shape[-2]
        if end > len(self.own):  # beyond the table
            return rotate(x, torch.arange(start, end, device=x.device))
        return turn_pairs(x, self.own[start:end], self.other[start:end])


class RelativePositions(nn.Module):
    """Score how much a query cares for each *distance*, with a learned vector a distance and head.

    Distances of ``max_seq`` and more share the farthest vector.

    Source:
        Shaw et al. (2018), arXiv:1803.02155; Huang et al. (2018), "Music Transformer",
        arXiv:1809.04281.
    """

    def __init__(self, n_heads: int, head_dim: int, max_seq: int, *, causal: bool = True) -> None:
        super().__init__()
        self.causal = causal
        self.farthest = max_seq - 1
        n_distances = max_seq if causal else 2 * max_seq - 1  # the past, or both directions
        self.table = nn.Parameter(torch.empty(n_heads, n_distances, head_dim).normal_(std=0.02))

    def forward(
        self, query: Float[Tensor, "batch heads q_seq head_dim"], k_seq: int
    ) -> Float[Tensor, "batch heads q_seq k_seq"]:
        """Score every pair, to be added to the dot products; the last query meets the last key."""
        newest = 0 if self.causal else query.shape[-2] - 1
        distances = torch.arange(1 - k_seq, newest + 1, device=query.device)  # key minus query
        row = distances.clamp(-self.farthest, self.farthest) + self.farthest
        match = "batch heads q_seq head_dim, heads distance head_dim -> batch heads q_seq distance"
        return skew(einsum(query, self.table[:, row], match))[..., :k_seq]


def input_positions(scheme: str, d_model: int, max_seq: int) -> nn.Module:
    """Build the layer that marks positions on the embeddings; called as ``layer(x, start)``."""
    if scheme == "sinusoidal":
        return Sinusoidal(d_model, max_seq)
    return LearnedPositions(max_seq, d_model) if scheme == "learned" else NoPositions()
