"""Right answers to the exercises of notebook 19, each written in another way."""

import numpy as np
import torch
import torch.nn.functional as F


def bytes_numpy(weight):
    values = weight.numpy()
    scale = np.abs(values).max(axis=1, keepdims=True) / np.float32(127)
    scale = np.where(scale == 0, np.float32(0.5), scale)
    return np.rint(values / scale).astype(np.int8), scale


def bytes_by_row(weight):
    whole, scales = torch.zeros(weight.shape, dtype=torch.int8), []
    for number, row in enumerate(weight):
        scale = float(row.abs().max()) / 127 or 1.0
        whole[number] = torch.round(row / scale).to(torch.int8)
        scales.append([scale])
    return whole, torch.tensor(scales)


def bytes_clamped(weight):
    low, high = weight.min(dim=1, keepdim=True).values, weight.max(dim=1, keepdim=True).values
    scale = (torch.maximum(-low, high) / 127).clamp(min=1e-12)
    return torch.clamp(torch.round(weight / scale), -127, 127).type(torch.int8), scale


def pruned_topk(weights, share):
    every = torch.cat([one.flatten() for one in weights.values()])
    many = round(share * len(every))
    gone = every.abs().topk(many, largest=False).indices
    kept = every.index_fill(0, gone, 0.0).split([one.numel() for one in weights.values()])
    return {n: part.view_as(weights[n]) for n, part in zip(weights, kept, strict=True)}


def pruned_numpy(weights, share):
    places = [
        (abs(float(v)), n, i) for n, one in weights.items() for i, v in enumerate(one.ravel())
    ]
    new = {name: one.numpy().copy() for name, one in weights.items()}
    for _, name, place in sorted(places)[: round(share * len(places))]:
        new[name].ravel()[place] = 0
    return new


def pruned_ranks(weights, share):
    every = torch.cat([one.reshape(-1) for one in weights.values()])
    ranks = every.abs().argsort().argsort()
    every = every * (ranks >= round(share * every.numel()))
    new, start = {}, 0
    for name, one in weights.items():
        new[name] = every[start : start + one.numel()].reshape(one.shape)
        start += one.numel()
    return new


def distilled_log_target(student, teacher, notes, temperature, weight):
    pair = (torch.log_softmax(one / temperature, dim=1) for one in (student, teacher.detach()))
    soft, wanted = pair
    apart = F.kl_div(soft, wanted, log_target=True, reduction="sum") / len(notes)
    return torch.lerp(F.cross_entropy(student, notes), apart * temperature * temperature, weight)


def distilled_by_hand(student, teacher, notes, temperature, weight):
    def chances(scores):
        raised = (scores - scores.max(dim=1, keepdim=True).values).exp()
        return raised / raised.sum(dim=1, keepdim=True)

    with torch.no_grad():
        wanted = chances(teacher / temperature)
    soft = chances(student / temperature)
    bach = -chances(student)[torch.arange(len(notes)), notes].log().mean()
    apart = (wanted * (wanted / soft).log()).sum() / len(student)
    return (1 - weight) * bach + weight * temperature**2 * apart


def distilled_entropies(student, teacher, notes, temperature, weight):
    wanted = torch.softmax(teacher.data / temperature, dim=-1)
    crossed = F.cross_entropy(student / temperature, wanted)
    own = torch.distributions.Categorical(probs=wanted).entropy().mean()
    bach = F.nll_loss(F.log_softmax(student, dim=-1), notes)
    return bach - weight * bach + weight * temperature**2 * (crossed - own)


def size_by_spread(weights):
    """Give a bit more where single weights stick out of their matrix."""
    out = {name: float(one.abs().max() / one.std()) for name, one in weights.items()}
    wide = sorted(out, key=out.get)[-3:]
    return {name: 4 if name in wide and weights[name].numel() < 50_000 else 3 for name in weights}


def size_by_kind(weights):
    kinds = {"to_qkv": 4, "to_out": 3, "feed_forward": 3, "to_logits": 3}
    return {name: next(b for kind, b in kinds.items() if kind in name) for name in weights}


def size_to_fit(weights, most=320_000):
    bits = dict.fromkeys(weights, 3)
    used = sum(3 * one.numel() / 8 + 2 * len(one) for one in weights.values())
    for name in reversed(bits):  # what stands last is read as it is
        if used + weights[name].numel() / 8 < most:
            bits[name], used = 4, used + weights[name].numel() / 8
    return bits


RIGHT = {
    "quantise-int8": [bytes_numpy, bytes_by_row, bytes_clamped],
    "prune-magnitude": [pruned_topk, pruned_numpy, pruned_ranks],
    "distillation-loss": [distilled_log_target, distilled_by_hand, distilled_entropies],
    "own-size": [size_by_spread, size_by_kind, size_to_fit],
}
