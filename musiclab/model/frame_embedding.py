"""What a frame model reads at each position: a row of small numbers, embedded and summed."""

from itertools import accumulate

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import embedding_bag

OLDEST = 31  # frames; whatever has sounded longer counts as this old


class ColumnEmbedding(nn.Module):
    """Embed a row of ids, each column by its own table, and sum: one vector a row.

    Args:
        sizes: How many ids each column has.
        d_model: Width of the sum.
    """

    def __init__(self, sizes: tuple[int, ...], d_model: int) -> None:
        super().__init__()
        self.table = nn.Embedding(sum(sizes), d_model)  # the columns' tables, one below another
        first = torch.tensor([0, *accumulate(sizes)][:-1])
        self.register_buffer("first", first, persistent=False)

    def forward(self, ids: Int[Tensor, "batch seq column"]) -> Float[Tensor, "batch seq d_model"]:
        """Sum the vectors of each row's ids; the row may stop early."""
        if ids.shape[-1] == 0:
            return self.table.weight.new_zeros(*ids.shape[:2], self.table.embedding_dim)
        rows = (ids + self.first[: ids.shape[-1]]).flatten(0, 1)
        # Looked up and summed in one call: dozens of vectors a row are never written down.
        return embedding_bag(rows, self.table.weight, mode="sum").unflatten(0, ids.shape[:2])


def frames_held(tokens: Int[Tensor, "batch seq voice"]) -> Int[Tensor, "batch seq voice"]:
    """Count for how many frames each voice has kept its token, up to ``OLDEST``.

    Example:
        >>> frames_held(torch.tensor([[[60], [60], [60], [62], [62]]])).flatten().tolist()
        [0, 1, 2, 0, 1]
    """
    now = torch.arange(tokens.shape[1], device=tokens.device)[None, :, None]
    changed = torch.ones_like(tokens, dtype=torch.bool)
    changed[:, 1:] = tokens[:, 1:] != tokens[:, :-1]
    since = torch.where(changed, now, 0).cummax(dim=1).values
    return (now - since).clamp(max=OLDEST)


def relation_columns(
    tokens: Int[Tensor, "batch seq voice"], relations: Int[Tensor, "vocab vocab"]
) -> Int[Tensor, "batch seq column"]:
    """Name each voice's step from its last token, and the gap between every two voices.

    Args:
        tokens: What each voice did in each frame.
        relations: Relation of every two tokens, [earlier or upper, later or lower].

    Returns:
        A column for each voice, then one for each pair of voices: 4 + 6 for four.
    """
    before = torch.cat([tokens[:, :1], tokens[:, :-1]], dim=1)
    upper, lower = torch.triu_indices(tokens.shape[-1], tokens.shape[-1], offset=1)
    steps = relations[before, tokens]
    gaps = relations[tokens[..., upper], tokens[..., lower]]
    return torch.cat([steps, gaps], dim=-1)


def earlier_tokens(
    tokens: Int[Tensor, "batch seq voice"], pitches: Int[Tensor, " vocab"], count: int
) -> Int[Tensor, "batch seq voice earlier"]:
    """Look up which notes each voice sang before the one that it sings; the last of them first.

    Args:
        tokens: What each voice did in each frame.
        pitches: Pitch of each token, -1 if it has none; a new note is a change of pitch.
        count: How many; where there were not so many, the first one is repeated.

    Example:
        >>> tokens = torch.tensor([60, 60, 62, 62, 64]).view(1, 5, 1)
        >>> earlier_tokens(tokens, torch.arange(99), 2)[0, :, 0].tolist()
        [[60, 60], [60, 60], [60, 60], [60, 60], [62, 60]]
    """
    sung = pitches[tokens]
    now = torch.arange(tokens.shape[1], device=tokens.device)[None, :, None]
    begins = torch.ones_like(tokens, dtype=torch.bool)
    begins[:, 1:] = sung[:, 1:] != sung[:, :-1]
    last_of_the_note_before = (torch.where(begins, now, 0).cummax(dim=1).values - 1).clamp(min=0)
    found = [tokens]
    for _ in range(count):
        found.append(found[-1].gather(1, last_of_the_note_before))
    return torch.stack(found[1:], dim=-1)
