"""Which token may come next, so that whatever a model draws can be played."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.sampling.voice_leading_rules import VoiceLeadingRules
from musiclab.tokens.grid import GridTokenizer


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
        >>> start, nobody = torch.tensor([1]), torch.empty(1, 0, dtype=torch.int64)
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
        self.rules = VoiceLeadingRules(tokenizer, rules, device) if rules else None

    def allowed(
        self,
        previous: Int[Tensor, " batch"],
        chosen: Int[Tensor, "batch n_chosen"],
        *,
        may_end: bool,
        before: Int[Tensor, "batch voice"] | None = None,
    ) -> Bool[Tensor, "batch vocab"]:
        """Tell which tokens the next voice may take.

        Args:
            previous: The same voice's token in the frame before; start before the first frame.
            chosen: The voices of this frame already written, soprano first; may be none.
            may_end: Whether the piece may end here.
            before: All voices of the frame before; the rules of voice leading need them.

        Returns:
            True for each token allowed; at least one a row.
        """
        allowed = self._can_be_played(previous, chosen, may_end=may_end)
        if self.rules is None:
            return allowed
        if before is None:
            raise SettingError("rules of voice leading compare frames; give the frame before")
        return self.rules.narrow(allowed, before, chosen)[0]

    def _can_be_played(
        self,
        previous: Int[Tensor, " batch"],
        chosen: Int[Tensor, "batch n_chosen"],
        *,
        may_end: bool,
    ) -> Bool[Tensor, "batch vocab"]:
        if not chosen.shape[1]:
            return (self.with_end if may_end else self.without_end)[previous]
        allowed = self.without_end[previous]
        ends = chosen[:, :1] == self.end_id
        return torch.where(ends, self.end_only, allowed)
