"""What rules of voice leading cost: how far they pull the music away from the model's own.

Bach's music has no likelihood under a mask: where he breaks a rule, the masked model says
"impossible", infinitely many nats. So the cost is measured on what was written under the rules. At
each note, the model without rules gives a probability to all the notes that they leave: the
*allowed mass*. Where the rules take nothing away it is 1, and costs nothing; where they take away
just what the model wanted, it is small. Its negative logarithm, averaged over the notes, is what
the rules cost. (A note that was written is more likely under the mask than without by just that.)
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.checkpoint.load import Checkpoint
from musiclab.inference import predicting
from musiclab.music.chorale import VOICES
from musiclab.sampling.grammar import Grammar

AT_ONCE = 8  # pieces scored side by side


class RuleCost(NamedTuple):
    """Sums over the notes of each piece; a note is a voice in a frame."""

    nats: Float[np.ndarray, " piece"]  # surprise of the model without the rules
    lost: Float[np.ndarray, " piece"]  # -log of the allowed mass: what the rules cost
    gave_way: Int[np.ndarray, " piece"]  # where a rule would have left nothing to sing
    notes: Int[np.ndarray, " piece"]


def rule_cost(
    checkpoint: Checkpoint,
    tokens: Int[np.ndarray, "piece frame voice"],
    conditions: Int[np.ndarray, "*piece frame condition"],
    rules: Sequence[str],
) -> RuleCost:
    """Read pieces again with the model that wrote them, with and without the rules.

    Args:
        checkpoint: The model.
        tokens: Pieces of one length, as it wrote them.
        conditions: What it was told, of all pieces alike or of each.
        rules: Rules of voice leading; without any, nothing is lost.

    Returns:
        The sums of each piece; nats at temperature 1, among the tokens that can be played.
    """
    sums: list[list[Tensor]] = []
    model = checkpoint.model
    told = torch.from_numpy(conditions).expand(len(tokens), *conditions.shape[-2:])
    device = next(model.parameters()).device
    free = Grammar(checkpoint.tokenizer, device)
    bound = Grammar(checkpoint.tokenizer, device, rules)
    with predicting(model):
        for rows, of_rows in zip(
            torch.from_numpy(tokens).split(AT_ONCE), told.split(AT_ONCE), strict=True
        ):
            logits = _logits(checkpoint, rows.to(device), of_rows.to(device))
            sums.append(_sums(logits, rows.to(device), free, bound, checkpoint.tokenizer.start_id))
    nats, lost, gave_way = (torch.cat(column).cpu().numpy() for column in zip(*sums, strict=True))
    notes = np.full(len(tokens), tokens[0].size)
    return RuleCost(nats, lost, gave_way.astype(np.int64), notes)


def _logits(
    checkpoint: Checkpoint, rows: Int[Tensor, "piece frame voice"], told: Tensor
) -> Float[Tensor, "piece frame voice vocab"]:
    start = checkpoint.tokenizer.start_id
    if checkpoint.tokenizer.layout == "notes":  # over one row of notes
        line = torch.nn.functional.pad(rows.flatten(1), (1, 0), value=start)
        return checkpoint.model(line[:, :-1]).unflatten(1, rows.shape[1:])
    before = torch.nn.functional.pad(rows, (0, 0, 1, 0), value=start)[:, :-1]
    return checkpoint.model(before, told, rows)


def _sums(
    logits: Float[Tensor, "piece frame voice vocab"],
    rows: Int[Tensor, "piece frame voice"],
    free: Grammar,
    bound: Grammar,
    start_id: int,
) -> list[Float[Tensor, " piece"]]:
    """Add up surprise, lost mass and exceptions of each piece, voice by voice."""
    pieces = len(rows)
    before = torch.nn.functional.pad(rows, (0, 0, 1, 0), value=start_id)[:, :-1].flatten(0, 1)
    now, scores = rows.flatten(0, 1), logits.double().flatten(0, 1)
    nats, lost, gave_way = torch.zeros(3, len(now), dtype=torch.float64, device=rows.device)
    for voice in range(len(VOICES)):
        chosen = now[:, :voice]
        allowed = free.allowed(before, chosen, may_end=False)
        likely = scores[:, voice].masked_fill(~allowed, -torch.inf).log_softmax(dim=-1)
        nats -= likely.gather(-1, now[:, voice, None])[:, 0]
        if bound.rules is not None:
            left, exception = bound.rules.narrow(allowed, before, chosen)
            lost -= likely.masked_fill(~left, -torch.inf).logsumexp(dim=-1)
            gave_way += exception
    return [one.unflatten(0, (pieces, -1)).sum(dim=1) for one in (nats, lost, gave_way)]
