"""What followed when the newest frames were heard before: a piece often repeats itself.

The newest frame is compared with every earlier one, and those before them with those before that,
as far back as they agree. Where the longest agreement ended, the frame after it is a good guess for
the next one. A Transformer can learn to look there (Olsson et al., 2022, "In-context Learning and
Induction Heads", arXiv:2209.11895). A small one that reads two hundred chorales does better if it
is shown: ``python -m benchmarks ablation`` measures by how much.
"""

import torch
from jaxtyping import Int
from torch import Tensor

LONGEST = 32  # frames; an agreement as long as this counts like a longer one
N_GRADES = 7  # grades of agreement: none, 1 frame, 2, 4, 8, 16, 32 or more


def agreement(
    tokens: Int[Tensor, "batch seq voice"], hidden_id: int, first: int = 0
) -> Int[Tensor, "batch unread seq"]:
    """Grade how far back the frames up to each moment agree with those up to an earlier one.

    Args:
        tokens: What each voice did in each frame.
        hidden_id: The token that stands for a note not shown; it agrees with any.
        first: The first moment of interest.

    Returns:
        For each moment from ``first`` on, a grade for each frame of the piece: 0 if the two frames
        differ, else 1 + log2 of how many frames agree, rounded down.

    Example:
        >>> tokens = torch.tensor([5, 6, 7, 5, 6]).view(1, 5, 1)
        >>> agreement(tokens, hidden_id=0)[0, 4].tolist()
        [0, 2, 0, 0, 3]
    """
    begin = max(0, first - LONGEST + 1)  # earlier moments cannot matter
    now, then = tokens[:, begin:, None], tokens[:, None]
    hidden = (now == hidden_id) | (then == hidden_id)
    agrees = ((now == then) | hidden).all(dim=-1)
    grade, length = agrees.long(), 1
    while length < LONGEST:
        # As long again: these frames agree, and so do as many before them.
        longer = torch.zeros_like(agrees)
        longer[:, length:, length:] = agrees[:, length:, length:] & agrees[:, :-length, :-length]
        agrees, length = longer, 2 * length
        grade = grade + agrees
    return grade[:, first - begin :]


def followed(
    tokens: Int[Tensor, "batch seq voice"],
    hidden_id: int,
    first: int = 0,
    heard: slice = slice(None),
) -> tuple[Int[Tensor, "batch unread voice"], Int[Tensor, "batch unread 1"]]:
    """Find the frame that followed the longest agreement; of equally long ones, the latest.

    Args:
        tokens: What each voice did in each frame.
        hidden_id: The token that stands for a note not shown; also "nothing followed".
        first: The first moment of interest.
        heard: The voices that have to agree; by default all.

    Returns:
        The frame that followed, and the grade of the agreement, for each moment from ``first`` on.

    Example:
        >>> tokens = torch.tensor([5, 6, 7, 5, 6]).view(1, 5, 1)
        >>> [found[0, 4].tolist() for found in followed(tokens, hidden_id=0)]
        [[7], [2]]
    """
    seq = tokens.shape[1]
    grade = agreement(tokens[..., heard], hidden_id, first)
    # A frame that follows is looked for at its own place, one after the agreement's.
    grade = torch.cat([torch.zeros_like(grade[..., :1]), grade[..., :-1]], dim=-1)
    places = torch.arange(seq, device=tokens.device)
    past = places < places[first:, None]  # the newest frame itself is nothing to look up
    best = torch.where(past, grade * seq + places, 0).amax(dim=-1, keepdim=True)
    found = tokens.gather(1, (best % seq).expand(-1, -1, tokens.shape[-1]))
    grade = best // seq
    return torch.where(grade > 0, found, hidden_id), grade
