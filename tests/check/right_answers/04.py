"""Right answers to the exercises of notebook 4, each written in another way."""

import math
from collections import Counter

import numpy as np
import torch
from torch.nn import functional as F


def bigram_by_loops(ids, vocab_size, alpha=1.0):
    counts = torch.zeros(vocab_size, vocab_size) + alpha
    for place in range(1, len(ids)):
        counts[ids[place - 1], ids[place]] += 1
    return counts / counts.sum(dim=-1, keepdim=True)


def bigram_by_numpy(ids, vocab_size, alpha=1.0):
    line = np.asarray(ids)
    counts = np.full((vocab_size, vocab_size), alpha, dtype=float)
    np.add.at(counts, (line[:-1], line[1:]), 1)
    return counts / counts.sum(axis=1)[:, None]


def bigram_by_bincount(ids, vocab_size, alpha=1.0):
    pairs = ids[:-1] * vocab_size + ids[1:]
    counts = torch.bincount(pairs, minlength=vocab_size**2).view(vocab_size, vocab_size)
    return (counts + alpha) / (counts.sum(1, keepdim=True) + alpha * vocab_size)


def bigram_by_counter(ids, vocab_size, alpha=1.0):
    line = ids.tolist()
    pairs, sung = Counter(zip(line, line[1:], strict=False)), Counter(line[:-1])
    return torch.tensor(
        [
            [(pairs[a, b] + alpha) / (sung[a] + alpha * vocab_size) for b in range(vocab_size)]
            for a in range(vocab_size)
        ]
    )


def nll_by_cross_entropy(logits, targets, pad_id):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=pad_id)


def nll_by_loops(logits, targets, pad_id):
    nats = []
    for scores, row in zip(logits.tolist(), targets.tolist(), strict=True):
        for choices, target in zip(scores, row, strict=True):
            if target != pad_id:
                total = sum(math.exp(one) for one in choices)
                nats.append(-math.log(math.exp(choices[target]) / total))
    return sum(nats) / len(nats)


def nll_by_numpy(logits, targets, pad_id):
    scores, notes = logits.numpy().astype(np.float64), targets.numpy()
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    picked = np.take_along_axis(shares, notes[..., None], axis=-1)[..., 0]
    return -np.log(picked[notes != pad_id]).mean()


def nll_by_one_hot(logits, targets, pad_id):
    chosen = F.one_hot(targets, logits.shape[-1])
    nats = logits.logsumexp(-1) - (logits * chosen).sum(-1)
    kept = (targets != pad_id).float()
    return (nats * kept).sum() / kept.sum()


def perplexity_by_product(probabilities):
    return float(torch.prod(probabilities.double()) ** (-1 / probabilities.numel()))


def perplexity_by_bits(probabilities):
    return 2 ** (-np.log2(np.asarray(probabilities))).mean()


def perplexity_by_loops(probabilities):
    nats = [-math.log(one) for row in probabilities.tolist() for one in row]
    return math.exp(sum(nats) / len(nats))


def back_off_by_loops(counts, shorter, discount):
    rows = []
    for row in counts.tolist():
        total, guess = sum(row), shorter.tolist()
        if total:
            saved = discount * sum(one > 0 for one in row)
            pairs = zip(row, guess, strict=True)
            guess = [(max(one - discount, 0) + saved * much) / total for one, much in pairs]
        rows.append(guess)
    return rows


def back_off_by_numpy(counts, shorter, discount):
    table, guess = np.array(counts, dtype=np.float64), np.array(shorter)
    heard = table > 0
    total = table.sum(1, keepdims=True)
    saved = discount * heard.sum(1, keepdims=True)
    better = np.where(heard, table - discount, 0) + saved * guess
    return np.where(total > 0, better / np.maximum(total, 1), guess)


def back_off_by_shares(counts, shorter, discount):
    kept = torch.relu(counts - discount)
    total = counts.sum(-1, keepdim=True)
    left = torch.where(total > 0, kept / total, torch.zeros_like(kept))
    return left + (1 - left.sum(-1, keepdim=True)) * shorter


def model_by_torch(pieces, past, vocab_size):
    counts = torch.full((vocab_size, vocab_size), 0.3)
    for piece in pieces:
        line = torch.as_tensor(piece)
        ones = torch.ones(len(line) - 1)
        counts.index_put_((line[:-1], line[1:]), ones, accumulate=True)
    return counts[past[-1]] / counts[past[-1]].sum()


def model_by_mixing(pieces, past, vocab_size):
    alone, after = np.ones(vocab_size), np.zeros(vocab_size)
    for piece in pieces:
        for place, number in enumerate(piece):
            alone[number] += 1
            if place and piece[place - 1] == past[-1]:
                after[number] += 1
    alone /= alone.sum()
    return 0.2 * alone + 0.8 * (after + alone) / (after.sum() + 1)


def model_of_three_notes(pieces, past, vocab_size):
    guess = [1 / vocab_size] * vocab_size
    for length in range(min(2, len(past)) + 1):
        context = past[len(past) - length :]
        seen = Counter(
            piece[place]
            for piece in pieces
            for place in range(length, len(piece))
            if piece[place - length : place] == context
        )
        guess = [(seen[n] + 3 * guess[n]) / (seen.total() + 3) for n in range(vocab_size)]
    return guess


RIGHT = {
    "bigram-probabilities": [
        bigram_by_loops,
        bigram_by_numpy,
        bigram_by_bincount,
        bigram_by_counter,
    ],
    "perplexity": [perplexity_by_product, perplexity_by_bits, perplexity_by_loops],
    "mean-nll": [nll_by_cross_entropy, nll_by_loops, nll_by_numpy, nll_by_one_hot],
    "back-off": [back_off_by_loops, back_off_by_numpy, back_off_by_shares],
    "own-counting-model": [model_by_torch, model_by_mixing, model_of_three_notes],
}
