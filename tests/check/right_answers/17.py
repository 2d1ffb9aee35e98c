"""Right answers to the exercises of notebook 17, each written in another way."""

import numpy as np
import torch
import torch.nn.functional as F


def cells_numpy(tokens, given, share, generator, mask_id, pad_id):
    chance = torch.rand(tokens.shape, generator=generator, dtype=torch.float64).numpy()
    notes, spared = tokens.numpy(), given.numpy() | (tokens.numpy() == pad_id)
    hidden = (chance <= share) & ~spared
    return np.where(hidden, mask_id, notes), np.where(hidden, notes, pad_id)


def cells_by_number(tokens, given, share, generator, mask_id, pad_id):
    shown, targets = tokens.clone(), torch.full_like(tokens, pad_id)
    for piece in range(len(tokens)):
        free = ((tokens[piece] != pad_id) & ~given[piece]).nonzero()
        many = round(share * len(free))
        chosen = free[torch.randperm(len(free), generator=generator)[:many]]
        at = (piece, chosen[:, 0], chosen[:, 1])
        targets[at] = tokens[at]
        shown[at] = mask_id
    return shown, targets


def cells_bernoulli(tokens, given, share, generator, mask_id, pad_id):
    chances = torch.full(tokens.shape, share)
    chances[given | (tokens == pad_id)] = 0
    hidden = torch.bernoulli(chances, generator=generator).long()
    return tokens * (1 - hidden) + mask_id * hidden, tokens * hidden + pad_id * (1 - hidden)


def nll_ignoring(logits, tokens, hidden, pad_id):
    targets = torch.where(hidden & (tokens != pad_id), tokens, -100)
    total = F.cross_entropy(logits.movedim(-1, 1), targets, reduction="sum")
    return total / max((targets != -100).sum().item(), 1)


def nll_numpy(logits, tokens, hidden, pad_id):
    scores, notes = logits.numpy().astype(float), tokens.numpy()
    logs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
    own = np.take_along_axis(logs, notes[..., None], -1)[..., 0]
    counted = hidden.numpy() & (notes != pad_id)
    return -own[counted].mean() if counted.any() else 0.0


def nll_loops(logits, tokens, hidden, pad_id):
    costs = []
    for place in hidden.nonzero().tolist():
        note, scores = int(tokens[tuple(place)]), logits[tuple(place)]
        if note != pad_id:
            costs.append(float(scores.logsumexp(0) - scores[note]))
    return sum(costs) / len(costs) if costs else 0.0


def step_gumbel(model, piece, hidden, share, generator, mask_id):
    again = (torch.rand(piece.shape, generator=generator) < share) & hidden
    logits = model(piece.masked_fill(again, mask_id)).clone()
    noise = -torch.empty_like(logits).exponential_(generator=generator).log()
    logits[..., mask_id] = -float("inf")
    return torch.where(again, (logits + noise).argmax(dim=-1), piece)


def step_by_number(model, piece, hidden, share, generator, mask_id):
    places = hidden.flatten().nonzero()[:, 0]
    many = round(share * len(places))
    chosen = places[torch.randperm(len(places), generator=generator)[:many]]
    shown = piece.flatten().clone()
    shown[chosen] = mask_id
    rows = model(shown.view_as(piece)).flatten(0, 2)[chosen].softmax(dim=-1)
    rows[:, mask_id] = 0  # `multinomial` does not mind what a row adds up to
    shown[chosen] = torch.multinomial(rows, 1, generator=generator).flatten()
    return shown.view_as(piece)


def step_with_ruler(model, piece, hidden, share, generator, mask_id):
    again = torch.bernoulli(torch.full(piece.shape, share), generator=generator).bool() & hidden
    new = piece.clone()
    new[again] = mask_id
    chances = model(new).exp()
    chances[..., mask_id] = 0
    ruler = chances[again].cumsum(dim=-1)
    darts = torch.rand(len(ruler), 1, generator=generator) * ruler[:, -1:]
    new[again] = (darts >= ruler).sum(dim=-1).clamp(max=ruler.shape[-1] - 1)
    return new


def some_share(frames, voices, generator):
    hidden = torch.rand(frames, voices, generator=generator) < torch.rand(1, generator=generator)
    hidden[int(torch.randint(frames, (1,), generator=generator)), 0] |= not hidden.any()
    return hidden


def all_but_a_block(frames, voices, generator):
    first = int(torch.randint(frames, (1,), generator=generator))
    length = int(torch.randint(1, frames + 1, (1,), generator=generator))
    voice = int(torch.randint(voices, (1,), generator=generator))
    hidden = torch.zeros(frames, voices, dtype=torch.bool)
    hidden[first : first + length, voice] = True
    turned = torch.rand(1, generator=generator) < 0.5 and voices > 1
    return ~hidden if turned else hidden


def bars_numpy(frames, voices, generator):
    random = np.random.default_rng(int(torch.randint(2**31, (1,), generator=generator)))
    hidden = np.zeros((frames, voices), dtype=bool)
    first, last = sorted(random.integers(0, frames + 1, size=2))
    hidden[min(first, frames - 1) : max(last, first + 1)] = True
    voice = random.integers(voices + 1)
    if voice < voices:
        hidden[:, np.arange(voices) != voice] = False
    return hidden


RIGHT = {
    "mask-cells": [cells_numpy, cells_by_number, cells_bernoulli],
    "masked-nll": [nll_ignoring, nll_numpy, nll_loops],
    "gibbs-step": [step_gumbel, step_by_number, step_with_ruler],
    "own-hole": [some_share, all_but_a_block, bars_numpy],
}
