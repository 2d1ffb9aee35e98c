"""How often each note of the scale has sounded lately, as seen from one note: where is home?

Seen from the tonic of any key, the past looks alike: its own pitch class often, the fifth above
it often, the semitone above it hardly ever. So what is learned of it in one key serves in all.

Source:
    Krumhansl and Kessler (1982), "Tracing the Dynamic Changes in Perceived Tonal Organization in a
    Spatial Representation of Musical Keys", Psychological Review 89: profiles of pitch classes.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.model.config import NEAR

OCTAVE = 12  # semitones; pitches that far apart are of one class


def pitch_class_profiles(
    pitches: Int[Tensor, "batch seq voice"], memories: tuple[int, ...], first: int = 0
) -> Float[Tensor, "batch unread memory 12"]:
    """Weigh the pitch classes of the past, recent ones more.

    Args:
        pitches: MIDI numbers, -1 where none sounds.
        memories: After so many frames a note weighs 1 / e of a new one; one profile each.
        first: The first moment of interest.

    Returns:
        For each moment from ``first`` on, share of each pitch class, C first, times 12 and less 1:
        0 is the share that it would have if all were alike, -1 is none.

    Example:
        >>> pitch_class_profiles(torch.tensor([[[60, 48, 67, -1]]]), (8,))[0, 0, 0].tolist()
        [7.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 3.0, -1.0, -1.0, -1.0, -1.0]
    """
    classes = torch.where(pitches < 0, OCTAVE, pitches % OCTAVE)
    sounding = torch.nn.functional.one_hot(classes, OCTAVE + 1)[..., :OCTAVE].sum(dim=-2).float()
    places = torch.arange(pitches.shape[1], device=pitches.device)
    age = (places[first:, None] - places).clamp(min=0)
    scale = torch.tensor(memories, device=pitches.device)[:, None, None]
    weight = torch.exp(-age / scale).tril(first)
    with torch.autocast(pitches.device.type, enabled=False):
        profile = torch.einsum("mts,bsc->btmc", weight, sounding)
    return OCTAVE * profile / profile.sum(dim=-1, keepdim=True).clamp(min=1e-6) - 1


def key_profiles(
    keys: Int[Tensor, "batch seq"], remaining: Int[Tensor, "batch seq"] | None = None
) -> Float[Tensor, "batch seq profile 12"]:
    """Show a key that is told as profiles, as if its tonic alone had sounded.

    A model that was told the key and, apart from it, how far the end is, ended 42 % of its pieces
    on the tonic. So the tonic is shown once more where the end is near.

    Args:
        keys: 0 where no key is told, 1 to 12 for C major and on upwards, 13 to 24 for the minor
            keys.
        remaining: 1 in the last quarter, 2 in the one before, and so on; 0 where it is not told.

    Returns:
        The profile of a major key, then that of a minor key; 0 throughout where it is not that.
        With ``remaining``, the tonic's once more for each distance of ``NEAR``, 0 except there.

    Example:
        >>> key_profiles(torch.tensor([[0, 13]]))[0, :, 1, :3].tolist()
        [[0.0, 0.0, 0.0], [11.0, -1.0, -1.0]]
    """
    tonics = torch.nn.functional.one_hot(keys, 1 + 2 * OCTAVE)[..., 1:].unflatten(-1, (2, OCTAVE))
    shown = (OCTAVE * tonics - tonics.sum(dim=-1, keepdim=True)).float()
    if remaining is None:
        return shown
    near = [(first <= remaining) & (remaining <= last) for first, last in NEAR]
    at_home = torch.stack(near, dim=-1)[..., None] * shown.sum(dim=-2, keepdim=True)
    return torch.cat([shown, at_home], dim=-2)


def seen_from_every_class(
    profiles: Float[Tensor, "batch seq memory 12"],
) -> Float[Tensor, "batch seq 12 memory 12"]:
    """Turn each profile so that it begins with each pitch class in turn.

    Example:
        >>> profile = torch.arange(12.0).view(1, 1, 1, 12)
        >>> seen_from_every_class(profile)[0, 0, 7, 0].tolist()
        [7.0, 8.0, 9.0, 10.0, 11.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    """
    steps = torch.arange(OCTAVE, device=profiles.device)
    return profiles[..., (steps[:, None] + steps) % OCTAVE].transpose(-3, -2)
