"""Which token may come next, so that whatever a model draws can be played."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from musiclab.tokens.grid import GridTokenizer


class Grammar:
    """Allow only tokens that make sense where they stand.

    A held pitch continues one that sounds. The voices end together: the soprano, who chooses
    first, ends the piece for all or for nobody; after the end comes nothing but the end.

    Args:
        tokenizer: Says which token may follow which in one voice.
        device: Where the model computes.

    Example:
        >>> grammar = Grammar(GridTokenizer(holds=True, lowest=60, highest=61))
        >>> start, nobody = torch.tensor([1]), torch.empty(1, 0, dtype=torch.int64)
        >>> grammar.allowed(start, nobody, may_end=False).int()
        tensor([[0, 0, 0, 1, 1, 1, 0, 0]], dtype=torch.int32)
    """

    def __init__(self, tokenizer: GridTokenizer, device: torch.device | str = "cpu") -> None:
        rows = [torch.from_numpy(tokenizer.allowed_next(id)) for id in range(tokenizer.vocab_size)]
        self.end_id = tokenizer.end_id
        self.with_end = torch.stack(rows).to(device)  # [previous, next]
        self.without_end = self.with_end.clone()
        self.without_end[:, self.end_id] = False
        self.without_end[self.end_id] = self.with_end[self.end_id]  # the end goes on

    def allowed(
        self,
        previous: Int[Tensor, " batch"],
        chosen: Int[Tensor, "batch n_chosen"],
        *,
        may_end: bool,
    ) -> Bool[Tensor, "batch vocab"]:
        """Tell which tokens the next voice may take.

        Args:
            previous: The same voice's token in the frame before; start before the first frame.
            chosen: The voices of this frame already written, soprano first; may be none.
            may_end: Whether the piece may end here.

        Returns:
            True for each token allowed; at least one a row.
        """
        if not chosen.shape[1]:
            return (self.with_end if may_end else self.without_end)[previous]
        allowed = self.without_end[previous]
        ends = chosen[:, :1] == self.end_id
        end_only = torch.arange(allowed.shape[1], device=allowed.device) == self.end_id
        return torch.where(ends, end_only, allowed)
