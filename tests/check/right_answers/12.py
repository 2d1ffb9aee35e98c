"""Right answers to the exercises of notebook 12, each written in another way."""

import math

import numpy as np
import torch


def temperature_by_powers(logits, temperature):
    if temperature == 0:
        best = torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
        return best.log()
    return (logits.softmax(dim=-1) ** (1 / temperature)).log()


def temperature_by_numpy(logits, temperature):
    scores = logits.double().numpy()
    scores = scores - scores.max(axis=1, keepdims=True)
    if temperature == 0:
        return np.where(scores == 0, 0.0, -np.inf)
    return scores / temperature


def temperature_by_rows(logits, temperature):
    rows = []
    for row in logits:
        if temperature == 0:
            favourite = int(row.argmax())
            rows.append([0.0 if n == favourite else -math.inf for n in range(len(row))])
        else:
            rows.append([float(score) / temperature for score in row])
    return rows


def top_k_by_python(logits, k):
    rows = []
    for row in logits.tolist():
        order = sorted(range(len(row)), key=lambda token: (-row[token], token))[:k]
        rows.append([score if n in order else -math.inf for n, score in enumerate(row)])
    return torch.tensor(rows)


def top_k_by_numpy(logits, k):
    scores = logits.numpy()
    ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return np.where(ranks < k, scores, -np.inf)


def top_k_one_by_one(logits, k):
    left, kept = logits.clone(), torch.zeros_like(logits, dtype=torch.bool)
    for _ in range(k):
        favourite = (left == left.amax(dim=-1, keepdim=True)).int().argmax(dim=-1, keepdim=True)
        kept.scatter_(-1, favourite, True)
        left.scatter_(-1, favourite, -math.inf)
    return torch.where(kept, logits, -math.inf)


def top_p_by_python(logits, p):
    rows = []
    for row, likely in zip(logits.tolist(), logits.softmax(-1).tolist(), strict=True):
        kept, reached = set(), 0.0
        for token in sorted(range(len(row)), key=lambda token: -row[token]):
            if reached >= p:
                break
            kept.add(token)
            reached += likely[token]
        rows.append([score if n in kept else -math.inf for n, score in enumerate(row)])
    return torch.tensor(rows)


def top_p_by_numpy(logits, p):
    likely = np.exp(logits.double().numpy())
    likely /= likely.sum(axis=1, keepdims=True)
    # What all likelier tokens have together, without any sorting.
    before = (likely[:, None] * (likely[:, None] > likely[..., None])).sum(axis=-1)
    return np.where(before < p, np.log(likely), -np.inf)


def top_p_shifted(logits, p):
    ordered, ids = torch.sort(logits, descending=True)
    over = ordered.softmax(dim=-1).cumsum(dim=-1) >= p
    over[:, 1:] = over[:, :-1].clone()
    over[:, 0] = False
    return logits.masked_fill(over.gather(-1, ids.argsort(dim=-1)), -math.inf)


def draw_by_multinomial(logits, generator):
    return torch.multinomial(logits.softmax(dim=-1), 1, generator=generator).squeeze(1)


def draw_by_gumbel(logits, generator):
    noise = -torch.log(-torch.log(torch.rand(logits.shape, generator=generator)))
    return (logits + noise).argmax(dim=-1)


def draw_by_counting(logits, generator):
    ends = logits.softmax(dim=-1).cumsum(dim=-1)
    darts = torch.rand(len(logits), 1, generator=generator)
    return (darts >= ends[:, :-1]).sum(dim=-1).tolist()


def mask_by_rows(logits, previous, allowed, draw):
    masked = logits.clone()
    for row, token in enumerate(previous.tolist()):
        if allowed[token].any():
            masked[row, ~allowed[token]] = -math.inf
    return draw(masked)


def mask_by_log(logits, previous, allowed, draw):
    weight = allowed[previous].float()
    weight[weight.sum(dim=-1) == 0] = 1
    return draw(logits + weight.log())


def mask_by_numpy(logits, previous, allowed, draw):
    may = allowed.numpy()[previous.numpy()]
    may = may | ~may.any(axis=1, keepdims=True)
    return draw(torch.from_numpy(np.where(may, logits.numpy(), -np.inf))).tolist()


def cached_by_slices(model, prompt, n_new):
    cache = model.new_cache(len(prompt))
    ids = prompt.clone()
    while ids.shape[1] < prompt.shape[1] + n_new:
        logits = model(ids[:, cache.length :], cache)
        ids = torch.hstack([ids, logits[:, -1].argmax(dim=-1, keepdim=True)])
    return ids


def cached_in_place(model, prompt, n_new):
    batch, seq = prompt.shape
    ids = torch.zeros(batch, seq + n_new, dtype=torch.int64)
    ids[:, :seq] = prompt
    cache, first = model.new_cache(batch, seq + n_new), 0
    for now in range(seq, seq + n_new):
        ids[:, now] = model(ids[:, first:now], cache)[:, -1].max(dim=-1).indices
        first = now
    return ids


def cached_token_by_token(model, prompt, n_new):
    cache = model.new_cache(batch=len(prompt), max_seq=prompt.shape[1] + n_new)
    piece = list(prompt.unbind(dim=1))
    for place in range(prompt.shape[1] + n_new - 1):
        scores = model(piece[place][:, None], cache)[:, 0]
        if place >= prompt.shape[1] - 1:
            piece.append(scores.argmax(dim=-1))
    return torch.stack(piece, dim=1).numpy()


def cut_by_entropy(logits):
    likely = logits.softmax(dim=-1)
    entropy = -(likely * likely.clamp(min=1e-12).log()).sum(dim=-1)
    rows = []
    for row, doubt in zip(logits, entropy, strict=True):
        k = max(1, round(float(doubt.exp())))
        rows.append(row.masked_fill(row < row.topk(k).values[-1], -math.inf))
    return torch.stack(rows)


def cut_by_top_p(logits):
    return top_p_shifted(logits, 0.8)


def cut_by_square(logits):
    likely = np.exp(logits.double().numpy())
    likely /= likely.sum(axis=1, keepdims=True)
    return np.where(likely >= likely.max(axis=1, keepdims=True) ** 2 / 2, np.log(likely), -np.inf)


RIGHT = {
    "apply-temperature": [temperature_by_powers, temperature_by_numpy, temperature_by_rows],
    "top-k": [top_k_by_python, top_k_by_numpy, top_k_one_by_one],
    "top-p": [top_p_by_python, top_p_by_numpy, top_p_shifted],
    "sample-next": [draw_by_multinomial, draw_by_gumbel, draw_by_counting],
    "grammar-mask": [mask_by_rows, mask_by_log, mask_by_numpy],
    "generate-cached": [cached_by_slices, cached_in_place, cached_token_by_token],
    "my-cut": [cut_by_entropy, cut_by_top_p, cut_by_square],
}
