"""What a harmony teacher would strike out, marked among the choices of every note of a batch.

A model trained on likelihood alone gives every fault a little chance, and over a piece the chances
add up. ``musiclab.training.loss.summed_unlikelihood`` lowers those of what is marked here.
"""

import torch
from jaxtyping import Bool, Int
from torch import Tensor
from torch.nn.functional import pad

from musiclab.model.parallels import apart, motion, parallels_of
from musiclab.music.chorale import COMFORTABLE

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
    before = pad(frames[:, :-1], (0, 0, 1, 0))  # token 0 has no pitch
    for voice in range(frames.shape[-1]):
        runs = parallels_of(before[..., : voice + 1], frames[..., :voice], pitches)
        lowest, highest = COMFORTABLE[voice]
        strained = (pitches >= 0) & ((pitches < lowest) | (pitches > highest))
        marked[..., voice, :] = runs.any(dim=-1) | strained
    marked[..., -1, :] |= _hidden(before[..., 0], frames[..., 0], before[..., -1], pitches)
    return marked


def _hidden(
    then: Int[Tensor, "batch seq"],
    now: Int[Tensor, "batch seq"],
    own: Int[Tensor, "batch seq"],
    pitches: Int[Tensor, " vocab"],
) -> Bool[Tensor, "batch seq vocab"]:
    """Find where the lowest voice would reach a fifth or an octave together with the highest.

    Those that run parallel are among them.
    """
    intervals, ways = apart(pitches), motion(pitches)
    leaps = (pitches[now] - pitches[then]).abs() > WHOLE_TONE
    together = (ways[own] == ways[then, now][..., None]) & (ways[then, now] != 0)[..., None]
    return leaps[..., None] & together & (intervals[now] != 0)
