"""Small singers in which every weight matters, and pieces for them, with what they are told."""

import torch
from torch import nn

from musiclab.singer.config import SingerConfig
from musiclab.singer.harmoniser import Harmoniser, HarmoniserConfig
from musiclab.singer.memories import N_RELATIONS
from musiclab.singer.singer import Singer

BATCH, SEQ, VOICES = 2, 17, 3
TOLD, COLUMNS = (4, 25, 10), (4, 6)  # ids of the conditions, and of the columns of a melody
# Ids 0 to 3 have no pitch; then come 14 that strike a pitch, and 3 that hold one.
PITCHES = torch.cat([torch.full((4,), -1), torch.arange(55, 69), torch.arange(60, 63)])
HELD = torch.arange(len(PITCHES)) >= 18
VOCAB = len(PITCHES)
EVERYTHING = {"n_relations": N_RELATIONS, "earlier": 2, "repeats": True, "decays": (2, 7)}
EVERYTHING |= {"parallels": True, "key_condition": 1, "end_condition": 2}
SIZES = {"d_model": 12, "n_heads": 3, "n_layers": 2, "max_seq": 23, "dropout": 0.3}


def random_singer(kind=Singer, **changes):
    """Build a singer, or a harmoniser, whose weights are all large."""
    settings = {"vocab_size": VOCAB, "n_voices": VOICES, "condition_sizes": TOLD}
    settings |= SIZES | changes
    if kind is Harmoniser:
        config = HarmoniserConfig(**settings, source_sizes=COLUMNS)
    else:
        config = SingerConfig(**settings)
    model = kind(config, PITCHES, HELD)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.3)
    return model.eval()


def random_piece(seq=SEQ, batch=BATCH):
    """Draw frames, of which some return, the same frames one step late, and conditions."""
    frames = torch.randint(3, VOCAB, (batch, seq, VOICES))
    frames[:, 9:15] = frames[:, 1:7]
    previous = torch.cat([torch.ones_like(frames[:, :1]), frames[:, :-1]], dim=1)
    told = [torch.randint(size, (batch, seq)) for size in TOLD]
    return previous, torch.stack(told, dim=-1), frames
