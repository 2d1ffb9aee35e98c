"""Which notes would run parallel with a voice above: a fifth, or an octave, moved as a block.

Four notes make a parallel: two voices before, and the same two after. A head that adds up relations
of its next note to one other note at a time cannot see it, so it is shown. What it thinks of
parallels it learns from the music: Bach hardly ever writes one.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

FIFTH, UNISON = 7, 0  # semitones, after whole octaves are taken away
KINDS = 2  # parallel fifths, parallel octaves


def apart(pitches: Int[Tensor, " vocab"]) -> Int[Tensor, "vocab other"]:
    """Name the interval of every two tokens: 1 a fifth, 2 an octave or unison, 0 any other.

    Example:
        >>> apart(torch.tensor([-1, 48, 55, 60]))[1].tolist()
        [0, 2, 1, 2]
    """
    semitones = (pitches[:, None] - pitches).abs() % 12
    sounding = (pitches[:, None] >= 0) & (pitches >= 0)
    kinds = (semitones == FIFTH).long() + 2 * (semitones == UNISON).long()
    return kinds * sounding


def motion(pitches: Int[Tensor, " vocab"]) -> Int[Tensor, "vocab other"]:
    """Say which way a voice goes from one token to another: 1 up, -1 down, 0 nowhere or a rest.

    Example:
        >>> motion(torch.tensor([-1, 48, 55]))[1].tolist()
        [0, 0, 1]
    """
    sounding = (pitches[:, None] >= 0) & (pitches >= 0)
    return (pitches - pitches[:, None]).sign() * sounding


@torch.no_grad()
def parallels_of(
    before: Int[Tensor, "batch seq voice"],
    above: Int[Tensor, "batch seq n_above"],
    pitches: Int[Tensor, " vocab"],
) -> Float[Tensor, "batch seq vocab 2"]:
    """Count with how many of the voices above each token would run parallel.

    Args:
        before: The newest tokens of the voices above and, last, of the voice itself.
        above: The tokens of the voices above in the frame that is being written.
        pitches: Pitch of each token, -1 if it has none.

    Returns:
        For each token how many parallel fifths it would make, and how many parallel octaves.

    Example:
        >>> pitches = torch.arange(128)
        >>> from_c_and_f = torch.tensor([[[60, 53]]])
        >>> parallels_of(from_c_and_f, torch.tensor([[[62]]]), pitches)[0, 0, 55].tolist()
        [1.0, 0.0]
    """
    intervals, ways = apart(pitches), motion(pitches)
    own = before[..., -1]
    counts = torch.zeros(*own.shape, len(pitches), KINDS, device=own.device)
    for voice in range(above.shape[-1]):
        then, now = before[..., voice], above[..., voice]
        was, went = intervals[then, own][..., None], ways[then, now][..., None]
        runs = (went != 0) & (ways[own] == went) & (intervals[now] == was)
        for kind in range(KINDS):
            counts[..., kind] += runs & (was == 1 + kind)
    return counts
