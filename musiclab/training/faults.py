"""What a harmony teacher would strike out, marked among the choices of every note of a batch.

A model trained on likelihood alone gives every such rule violation a little chance, and over a
piece the chances add up. ``musiclab.training.loss.summed_unlikelihood`` lowers those of what is
marked here.
"""

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn.functional import pad

from musiclab.music.chorale import COMFORTABLE

FIFTH, UNISON, OCTAVE = 7, 0, 12  # semitones
WHOLE_TONE = 2  # semitones


@torch.no_grad()
def mark_faults(
    frames: Int[Tensor, "batch seq voice"], pitches: Int[Tensor, " vocab"]
) -> Bool[Tensor, "batch seq voice vocab"]:
    """Tell of each token whether, sung there by that voice, it would break a rule.

    The rules are three: no fifths and octaves parallel with a voice above; none that the outer
    voices reach moving one way while the highest leaps (hidden ones); and no note outside
    ``COMFORTABLE``. The first frame breaks only the last, since nothing is known before it.

    Args:
        frames: The pieces; the voices above and the frame before are taken from them.
        pitches: Pitch of each token, -1 if it has none: silence breaks no rule.

    Example:
        >>> frames = torch.tensor([[[67, 60], [69, 62]]])
        >>> marked = mark_faults(frames, torch.arange(128))
        >>> marked[0, :, 1, [57, 62, 75]].int().tolist()  # under G A: A, D and a high E flat
        [[0, 0, 1], [0, 1, 1]]
    """
    marked = torch.zeros(*frames.shape, len(pitches), dtype=torch.bool, device=frames.device)
    now = pitches[frames]  # batch seq voice
    then = pad(now[:, :-1], (0, 0, 1, 0), value=-1)
    lowest_voice = frames.shape[-1] - 1
    for voice in range(frames.shape[-1]):
        lowest, highest = COMFORTABLE[voice]
        marked[..., voice, :] = (pitches >= 0) & ((pitches < lowest) | (pitches > highest))
        for above in range(voice):
            upper = then[..., above, None], now[..., above, None]
            together = _moves_together(*upper, then[..., voice, None], pitches)
            before = _perfect(upper[0], then[..., voice, None])
            after = _perfect(upper[1], pitches)
            marked[..., voice, :] |= together & (after >= 0) & (before == after)
            if above == 0 and voice == lowest_voice:
                leaps = (upper[1] - upper[0]).abs() > WHOLE_TONE
                marked[..., voice, :] |= together & (after >= 0) & leaps
    return marked


def _perfect(
    upper: Int[Tensor, "*batch one"], lower: Int[Tensor, "*#batch note"]
) -> Int[Tensor, "*batch note"]:
    """Give a fifth as 7, an octave or unison as 0, and anything else as -1."""
    apart = (upper - lower).abs() % OCTAVE
    perfect = (apart == FIFTH) | (apart == UNISON)
    return torch.where(perfect & (upper >= 0) & (lower >= 0), apart, -1)


def _moves_together(
    upper_then: Int[Tensor, "*batch one"],
    upper_now: Int[Tensor, "*batch one"],
    lower_then: Int[Tensor, "*batch one"],
    lower_now: Int[Tensor, " vocab"],
) -> Bool[Tensor, "*batch vocab"]:
    """Tell where both voices move, and the same way; a voice that rests does not move."""
    upper = (upper_now - upper_then).sign() * (upper_now >= 0) * (upper_then >= 0)
    lower = (lower_now - lower_then).sign() * (lower_now >= 0) * (lower_then >= 0)
    return (upper != 0) & (upper == lower)
