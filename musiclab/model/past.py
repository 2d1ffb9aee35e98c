"""What a frame model is shown of the past, besides what its attention finds there by itself.

Each part can be left out (``FrameConfig``), and each is a function of earlier frames alone, but for
the key and the end, which are told.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from musiclab.errors import SettingError
from musiclab.model.config import FrameConfig
from musiclab.model.frame_embedding import earlier_tokens, frames_held, relation_columns
from musiclab.model.profiles import key_profiles, pitch_class_profiles, seen_from_every_class
from musiclab.model.recall import followed

HIDDEN = 0  # the token of a note that is not shown


class Past(NamedTuple):
    """The past before each frame, made ready.

    Args:
        columns: Small numbers to be embedded and summed: the newest frame, for how long it has
            been held, its intervals, the notes before it, and what followed it earlier.
        anchors: Tokens that each voice's next one is related to: its own newest, those before
            that, the other voices' newest, and what followed earlier.
        profiles: How often each pitch class sounded, and what key is told, seen from every pitch
            class.
        seen_by_voices: The same but for the end, seen from each voice's newest note.
    """

    columns: Int[Tensor, "batch seq column"]
    anchors: Int[Tensor, "batch seq voice anchor"]
    profiles: Float[Tensor, "batch seq class profile 12"] | None = None
    seen_by_voices: Float[Tensor, "batch seq voice read 12"] | None = None

    def last(self) -> "Past":
        """Keep the last frame alone."""
        return Past(*(None if one is None else one[:, -1:] for one in self))

    def select(self, rows: Int[Tensor, " new_batch"]) -> "Past":
        """Keep these pieces of the batch."""
        return Past(*(None if one is None else one[rows] for one in self))


@torch.no_grad()
def look_back(
    previous: Int[Tensor, "batch seq voice"],
    config: FrameConfig,
    relations: Int[Tensor, "vocab candidate"],
    pitches: Int[Tensor, " vocab"] | None,
    first: int = 0,
    conditions: Int[Tensor, "batch seq condition"] | None = None,
) -> Past:
    """Collect what the config asks for, for every frame from ``first`` on.

    Args:
        previous: The frames one step late: a frame of start tokens, then the piece.
        config: What to show.
        relations: Relation of every two tokens, [earlier or upper, later or lower].
        pitches: Pitch of each token, -1 if it has none; needed for earlier notes and profiles.
        first: The first frame of interest.
        conditions: What is told about the frame to be written; needed if the key is shown.

    Raises:
        SettingError: If the key is to be shown and ``conditions`` is missing.
    """
    newest = previous[:, first:]
    columns, anchors = [newest, frames_held(previous)[:, first:]], [newest[..., None]]
    if config.n_relations:
        columns.append(relation_columns(previous, relations)[:, first:])
    if config.n_earlier:
        earlier = earlier_tokens(previous, pitches, config.n_earlier)[:, first:]
        later = newest
        for token in earlier.unbind(dim=-1):
            columns += [token, relations[token, later]]
            later = token
        anchors.append(earlier)
    if config.neighbours:
        anchors.append(_others(newest))
    if config.recall:
        for heard in (slice(None), slice(1)):  # all voices, or the highest alone
            found, grade = followed(previous, HIDDEN, first, heard)
            columns += [found, grade]
            anchors.append(found[..., None])
    past = torch.cat(columns, dim=-1), torch.cat(anchors, dim=-1)
    if not config.n_profiles:
        return Past(*past)
    if config.key_condition is not None and conditions is None:
        raise SettingError("this model is shown the key; give look_back the conditions, too")
    sounding, profiles = pitches[previous], []
    if config.memories:
        profiles.append(pitch_class_profiles(sounding, config.memories, first))
    if config.key_condition is not None:
        profiles.append(profiles_of_key(conditions[:, first:], config))
    profiles = seen_from_every_class(torch.cat(profiles, dim=2))
    read = profiles[:, :, :, : config.n_profiles_read]
    return Past(*past, profiles, _seen_from(read, sounding[:, first:]))


def _others(
    newest: Int[Tensor, "batch seq voice"],
) -> Int[Tensor, "batch seq voice other"]:
    """Give each voice the tokens of the other voices, highest first."""
    voices = range(newest.shape[-1])
    others = [[other for other in voices if other != voice] for voice in voices]
    return newest[..., torch.tensor(others, dtype=torch.int64, device=newest.device)]


def profiles_of_key(
    conditions: Int[Tensor, "batch seq condition"], config: FrameConfig
) -> Float[Tensor, "batch seq profile 12"]:
    """Show the key that is told, and where the end is near, as the config says."""
    end = config.end_condition
    remaining = None if end is None else conditions[..., end]
    return key_profiles(conditions[..., config.key_condition], remaining)


def _seen_from(
    profiles: Float[Tensor, "batch seq class memory 12"],
    sounding: Int[Tensor, "batch seq voice"],
) -> Float[Tensor, "batch seq voice memory 12"]:
    """Look at the profiles from each voice's note; from C where it has none."""
    classes = sounding.clamp(min=0) % profiles.shape[2]
    return torch.take_along_dim(profiles, classes[..., None, None], dim=2)
