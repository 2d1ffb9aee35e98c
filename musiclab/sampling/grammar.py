"""Which token may come next, so that whatever a model draws can be played."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from musiclab.sampling.voice_leading_rules import VoiceLeadingRules
from musiclab.tokens.grid import GridTokenizer

Frame = Int[Tensor, "batch voice"]
Chosen = Int[Tensor, "batch n_chosen"]


class Grammar:
    """Allow only tokens that make sense where they stand.

    A held pitch continues one that sounds. The voices end together: the soprano, who chooses
    first, ends the piece for all or for nobody; after the end comes nothing but the end.

    Args:
        tokenizer: Says which token may follow which in one voice.
        device: Where the model computes.
        rules: Rules of voice leading to obey as well; see ``VoiceLeadingRules``.

    Example:
        >>> grammar = Grammar(GridTokenizer(holds=True, lowest=60, highest=61))
        >>> start, nobody = torch.ones(1, 4, dtype=torch.int64), torch.empty(1, 0).long()
        >>> grammar.allowed(start, nobody, may_end=False).int()
        tensor([[0, 0, 0, 1, 1, 1, 0, 0]], dtype=torch.int32)
    """

    def __init__(
        self,
        tokenizer: GridTokenizer,
        device: torch.device | str = "cpu",
        rules: Sequence[str] = (),
    ) -> None:
        rows = [torch.from_numpy(tokenizer.allowed_next(id)) for id in range(tokenizer.vocab_size)]
        self.end_id = tokenizer.end_id
        self.with_end = torch.stack(rows).to(device)  # [previous, next]
        self.without_end = self.with_end.clone()
        self.without_end[:, self.end_id] = False
        self.without_end[self.end_id] = self.with_end[self.end_id]  # the end goes on
        self.end_only = torch.arange(tokenizer.vocab_size, device=device) == self.end_id
        self.penalties = torch.where(self.without_end, 0.0, -math.inf)
        self.rules = VoiceLeadingRules(tokenizer, rules, device) if rules else None

    def allowed(
        self, before: Frame, chosen: Chosen, *, may_end: bool, rules: bool = True
    ) -> Bool[Tensor, "batch vocab"]:
        """Tell which tokens the next voice may take.

        Args:
            before: The frame before; start tokens before the first one.
            chosen: The voices of this frame already written, soprano first; may be none.
            may_end: Whether the piece may end here.
            rules: Whether to obey the rules of voice leading.

        Returns:
            True for each token allowed; at least one a row.
        """
        voice = chosen.shape[1]
        table = self.with_end if may_end and not voice else self.without_end
        allowed = table[before[:, voice]]
        if voice:
            allowed = torch.where(chosen[:, :1] == self.end_id, self.end_only, allowed)
        if rules and self.rules is not None:
            allowed, _ = self.rules.narrow(allowed, before, chosen)
        return allowed

    def mask(
        self,
        logits: Float[Tensor, "batch vocab"],
        before: Frame,
        chosen: Chosen,
        *,
        may_end: bool,
        rules: bool = True,
    ) -> Float[Tensor, "batch vocab"]:
        """Set the scores of what is not ``allowed`` to -inf."""
        if may_end or (rules and self.rules is not None):
            allowed = self.allowed(before, chosen, may_end=may_end, rules=rules)
            return logits.masked_fill(~allowed, -math.inf)
        # The same for most frames, but quicker: one row looked up, one sum.
        return logits + self.penalties.index_select(0, before[:, chosen.shape[1]])
