"""Right answers to the exercises of notebook 11, each written in another way."""

import heapq

import numpy as np
import torch
from torch.nn import functional as F


def accumulate_then_divide(model, parts, pad_id):
    model.zero_grad()
    notes = 0
    for inputs, targets in parts:
        keep = targets != pad_id
        logits = model(inputs)[keep]
        F.cross_entropy(logits, targets[keep], reduction="sum").backward()
        notes += int(keep.sum())
    for weight in model.parameters():
        weight.grad /= notes


def accumulate_by_means(model, parts, pad_id):
    counts = [(targets != pad_id).sum().item() for _, targets in parts]
    for weight in model.parameters():
        weight.grad = None
    for (inputs, targets), count in zip(parts, counts, strict=True):
        logits = model(inputs).transpose(1, 2)
        loss = F.cross_entropy(logits, targets, ignore_index=pad_id)
        (loss * count / sum(counts)).backward()


def accumulate_by_autograd(model, parts, pad_id):
    weights = list(model.parameters())
    sums = [torch.zeros_like(weight) for weight in weights]
    notes = sum((targets != pad_id).sum() for _, targets in parts)
    for inputs, targets in parts:
        likely = model(inputs).log_softmax(dim=-1)
        own = likely.gather(-1, targets[..., None])[..., 0]
        loss = -(own * (targets != pad_id)).sum()
        for total, one in zip(sums, torch.autograd.grad(loss, weights), strict=True):
            total += one / notes
    for weight, total in zip(weights, sums, strict=True):
        weight.grad = total
    return None


def reduce_notes_first(loss, count, add_up):
    notes = add_up(count)
    return add_up(loss / notes)


def reduce_in_one_message(loss, count, add_up):
    both = add_up(torch.tensor([loss, count], dtype=torch.float64))
    return both[0] / both[1]


def reduce_by_numpy(loss, count, add_up):
    total, notes = np.asarray(add_up(np.array([loss, count])))
    return float(total / notes)


def clock_by_generator(step, tokens, wait, clock, times):
    def run():
        wait()
        began = clock()
        step()
        wait()
        return clock() - began

    step()
    return tokens / min(run() for _ in range(times))


def clock_by_rates(step, tokens, wait, clock, times):
    step()
    wait()
    best = 0.0
    for _ in range(times):
        began = clock()
        step()
        wait()
        best = max(best, tokens / (clock() - began))
    return best


def clock_by_marks(step, tokens, wait, clock, times):
    step()
    wait()
    marks = [clock()]
    for _ in range(times):
        step()
        wait()
        marks.append(clock())
    return tokens / np.diff(marks).min()


def share_by_heap(lengths, processes):
    heap = [(0, n, []) for n in range(processes)]
    for length, piece in sorted(((one, n) for n, one in enumerate(lengths)), reverse=True):
        frames, n, share = heapq.heappop(heap)
        heapq.heappush(heap, (frames + length, n, [*share, piece]))
    return [share for _, _, share in sorted(heap, key=lambda one: one[1])]


def share_like_cards(lengths, processes):
    order = np.argsort(lengths)
    return [order[n::processes].tolist() for n in range(processes)]


def share_as_they_come(lengths, processes):
    shares = {n: [] for n in range(processes)}
    for piece in range(len(lengths)):
        idlest = min(shares, key=lambda n: sum(lengths[one] for one in shares[n]))
        shares[idlest].append(piece)
    return [tuple(share) for share in shares.values()]


RIGHT = {
    "accumulate": [accumulate_then_divide, accumulate_by_means, accumulate_by_autograd],
    "reduce-by-count": [reduce_notes_first, reduce_in_one_message, reduce_by_numpy],
    "tokens-per-second": [clock_by_generator, clock_by_rates, clock_by_marks],
    "share-pieces": [share_by_heap, share_like_cards, share_as_they_come],
}
