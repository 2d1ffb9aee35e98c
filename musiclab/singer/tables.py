"""What the tokens mean: pitches, and how any two are related."""

import torch
from jaxtyping import Bool, Int
from torch import Tensor, nn

from musiclab.singer.memories import OCTAVE, relation_table

N_PITCHES = 128  # MIDI numbers


class Tables(nn.Module):
    """Tables that a singer looks things up in; they are kept with its weights.

    Args:
        vocab_size: Number of tokens.
        pitches: MIDI number of each token, -1 if it has none; None: no token has one.
        held: True for tokens that hold a note which sounds already; None: none does.
    """

    pitches: Int[Tensor, " vocab"]
    token_of_pitch: Int[Tensor, " pitch"]  # the token that strikes it; 0 for none, and for -1
    pitch_class: Int[Tensor, " vocab"]  # 12 for tokens without a pitch
    relation: Int[Tensor, "note vocab"]

    def __init__(
        self,
        vocab_size: int,
        pitches: Int[Tensor, " vocab"] | None = None,
        held: Bool[Tensor, " vocab"] | None = None,
    ) -> None:
        super().__init__()
        pitches = torch.full((vocab_size,), -1) if pitches is None else pitches.clone()
        held = torch.zeros(vocab_size, dtype=torch.bool) if held is None else held
        # Without nonzero(), so that a checkpoint's shapes can be checked without memory.
        struck = torch.where((pitches >= 0) & ~held, pitches, N_PITCHES)
        token_of_pitch = torch.zeros(N_PITCHES + 1, dtype=torch.int64)
        token_of_pitch[struck] = torch.arange(vocab_size)
        token_of_pitch[N_PITCHES] = 0
        self.register_buffer("pitches", pitches)
        self.register_buffer("token_of_pitch", token_of_pitch)
        self.register_buffer("pitch_class", torch.where(pitches < 0, OCTAVE, pitches % OCTAVE))
        self.register_buffer("relation", relation_table(pitches, held))
