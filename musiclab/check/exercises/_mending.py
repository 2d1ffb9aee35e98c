"""Hear a hole in a chorale filled: by a learner's step, or where a learner cut it."""

import torch

from musiclab.checkpoint import load_checkpoint
from musiclab.music import read_chorale
from musiclab.sampling.gibbs import share_hidden, struck

FRAMES, VOICES = 64, 4  # four bars
SWEEPS = 12


def mend(step, hidden):
    """Let "bach-infill" fill the cells of ``hidden``, (frame, voice), by a Gibbs step."""
    infill = load_checkpoint("bach-infill")
    tokenizer, chance = infill.tokenizer, torch.Generator().manual_seed(0)
    piece = read_chorale("bach/bwv66.6").excerpt(4, 4 + FRAMES)  # from the first barline
    tokens = torch.from_numpy(tokenizer.encode(piece)[1:-1])[None]
    told = torch.from_numpy(infill.conditions.encode(piece))[None]
    hidden = torch.as_tensor(hidden)[None]

    def model(shown):
        with torch.no_grad():
            logits = infill.model(shown, told)
        logits[..., [tokenizer.start_id, tokenizer.end_id]] = -torch.inf
        return logits

    for sweep in range(SWEEPS):
        share = share_hidden(sweep, SWEEPS)
        tokens = torch.as_tensor(step(model, tokens, hidden, share, chance, tokenizer.pad_id))
    return tokenizer.decode(struck(tokens, hidden, tokenizer)[0].numpy())
