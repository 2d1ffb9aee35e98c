"""Right answers to the exercises of notebook 9, each written in another way."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

BETAS = 0.9, 0.98


def shift_numpy(ids):
    rows = ids.numpy()
    return rows[:, : rows.shape[1] - 1], rows[:, 1 : rows.shape[1]]


def shift_loops(ids):
    inputs, targets = [], []
    for row in ids.tolist():
        pairs = list(zip(row, row[1:], strict=False))
        inputs.append([one for one, _ in pairs])
        targets.append([other for _, other in pairs])
    return torch.tensor(inputs), torch.tensor(targets)


def shift_unfold(ids):
    pairs = ids.unfold(1, 2, 1)
    return [pairs[..., 0], pairs[..., 1]]


def adam_numpy(weight, gradient, mean, square, step, lr=1e-3, betas=BETAS, eps=1e-8, decay=0.0):
    w, g, m, v = (one.numpy().astype(np.float64) for one in (weight, gradient, mean, square))
    m = betas[0] * m + (1 - betas[0]) * g
    v = betas[1] * v + (1 - betas[1]) * g * g
    now = m / (1 - betas[0] ** step) / (np.sqrt(v / (1 - betas[1] ** step)) + eps)
    return w * (1 - lr * decay) - lr * now, m, v


def adam_in_place(weight, gradient, mean, square, step, lr=1e-3, betas=BETAS, eps=1e-8, decay=0.0):
    weight, mean, square = weight.clone(), mean.clone(), square.clone()
    mean.lerp_(gradient, 1 - betas[0])
    square.mul_(betas[1]).addcmul_(gradient, gradient, value=1 - betas[1])
    root = square.sqrt() / math.sqrt(1 - betas[1] ** step)
    weight.mul_(1 - lr * decay)
    weight.addcdiv_(mean, root.add_(eps), value=-lr / (1 - betas[0] ** step))
    return weight, mean, square


def adam_loops(weight, gradient, mean, square, step, lr=1e-3, betas=BETAS, eps=1e-8, decay=0.0):
    result = []
    for w, g, m, v in zip(*map(torch.Tensor.tolist, (weight, gradient, mean, square)), strict=True):
        m, v = betas[0] * m + (1 - betas[0]) * g, betas[1] * v + (1 - betas[1]) * g**2
        move = (m / (1 - betas[0] ** step)) / ((v / (1 - betas[1] ** step)) ** 0.5 + eps)
        result.append((w - lr * decay * w - lr * move, m, v))
    return tuple(torch.tensor(column) for column in zip(*result, strict=True))


def clip_one_row(gradients, longest):
    row = torch.cat([one.flatten() for one in gradients if one is not None])
    norm = float(row.square().sum()) ** 0.5
    factor = longest / norm if norm > longest else 1.0
    return [None if one is None else factor * one for one in gradients], norm


def clip_numpy(gradients, longest):
    squares = sum(float((one.numpy() ** 2).sum()) for one in gradients if one is not None)
    norm = np.sqrt(squares)
    factor = 1.0 if norm <= longest else longest / norm
    return [None if one is None else one.numpy() * factor for one in gradients], norm


def clip_loops(gradients, longest):
    total = 0.0
    for one in gradients:
        if one is None:
            continue
        for number in one.flatten().tolist():
            total += number * number
    norm, result = math.sqrt(total), []
    for one in gradients:
        if one is None or norm <= longest:
            result.append(one)
        else:
            result.append(one / norm * longest)
    return result, norm


def rate_numpy(step, peak, warmup, total, floor, hold=0):
    rise = np.linspace(0, peak, warmup + 2)[1:-1]
    cosine = np.cos(np.linspace(0, np.pi, total - warmup - hold + 1))
    fall = floor + (peak - floor) * (cosine + 1) / 2
    curve = np.concatenate([rise, np.full(hold, peak), fall])
    return curve[min(step, len(curve) - 1)]


def rate_min(step, peak, warmup, total, floor, hold=0):
    done = min(max(step - warmup - hold, 0) / (total - warmup - hold), 1)
    fall = floor + (peak - floor) * math.cos(math.pi / 2 * done) ** 2
    return min(fall, peak * (step + 1) / (warmup + 1))


def rate_torch(step, peak, warmup, total, floor, hold=0):
    if step >= total:
        return torch.tensor(floor)
    if step < warmup:
        return torch.tensor(peak * (1 + step) / (1 + warmup))
    if step - warmup < hold:
        return torch.tensor(peak)
    turn = torch.tensor(math.pi * (step - warmup - hold) / (total - warmup - hold))
    return peak - (peak - floor) * (1 - turn.cos()) / 2


def step_by_hand(model, optimiser, inputs, targets, pad_id, clip=1.0):
    model.train()
    for weight in model.parameters():
        weight.grad = None
    real = targets != pad_id
    chances = model(inputs).log_softmax(dim=-1)[real]
    loss = -chances[torch.arange(len(chances)), targets[real]].mean()
    loss.backward()
    norm = sum(one.grad.square().sum() for one in model.parameters()).sqrt()
    for weight in model.parameters():
        weight.grad *= min(1.0, clip / float(norm))
    optimiser.step()
    return float(loss)


def step_transposed(model, optimiser, inputs, targets, pad_id, clip=1.0):
    optimiser.zero_grad(set_to_none=False)
    model = model.train()
    criterion = nn.CrossEntropyLoss(ignore_index=pad_id)
    loss = criterion(model(inputs).transpose(1, 2), targets)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=clip)
    optimiser.step()
    optimiser.zero_grad()
    return loss.detach()


def step_with_autograd(model, optimiser, inputs, targets, pad_id, clip=1.0):
    model.train(True)
    weights = list(model.parameters())
    logits = model(inputs).reshape(-1, model(inputs).shape[-1])
    losses = F.cross_entropy(logits, targets.reshape(-1), ignore_index=pad_id, reduction="none")
    loss = losses.sum() / (targets != pad_id).sum()
    gradients = torch.autograd.grad(loss, weights)
    norm = torch.cat([one.flatten() for one in gradients]).norm()
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient * (clip / norm).clamp(max=1)
    optimiser.step()
    return loss.item()


def measured_by_hand(model, batches, pad_id):
    was, notes = model.training, []
    model.eval()
    for inputs, targets in batches:
        chances = model(inputs).detach().log_softmax(-1)
        for row, wanted in zip(chances, targets, strict=True):
            notes += [-row[n, one].item() for n, one in enumerate(wanted) if one != pad_id]
    model.train(was)
    return sum(notes) / len(notes)


@torch.no_grad()
def measured_with_weights(model, batches, pad_id):
    was = model.training
    model.train(False)
    means, counts = [], []
    for inputs, targets in batches:
        means.append(F.cross_entropy(model(inputs).mT, targets, ignore_index=pad_id))
        counts.append((targets != pad_id).sum())
    model.train(was)
    means, counts = torch.stack(means), torch.stack(counts)
    return (means * counts).sum() / counts.sum()


def measured_numpy(model, batches, pad_id):
    was = model.training
    model.eval()
    try:
        with torch.inference_mode():
            pairs = [(model(one).numpy().astype(float), two.numpy()) for one, two in batches]
    finally:
        model.train(was)
    every = []
    for scores, targets in pairs:
        logs = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
        own = np.take_along_axis(logs, targets[..., None], -1)[..., 0]
        every.append(-own[targets != pad_id])
    return np.concatenate(every).mean()


def triangle(step, peak, warmup, total):
    up, down = (step + 1) / (warmup + 1), (total - step) / (total - warmup)
    return peak * min(up, down, 1)


def plateau(step, peak, warmup, total):
    last = total // 3
    return peak * min(1, (step + 1) / (warmup + 1), (total - step) / (last + 1))


def as_in_2017(step, peak, warmup, total):
    root = math.sqrt((warmup + 1) / (step + 1))
    end = min(1.0, 2 * (total - step) / total)
    return np.float64(peak * min((step + 1) / (warmup + 1), root) * end)


RIGHT = {
    "shift-targets": [shift_numpy, shift_loops, shift_unfold],
    "adam-step": [adam_numpy, adam_in_place, adam_loops],
    "clip-gradients": [clip_one_row, clip_numpy, clip_loops],
    "learning-rate": [rate_numpy, rate_min, rate_torch],
    "training-step": [step_by_hand, step_transposed, step_with_autograd],
    "validation-loss": [measured_by_hand, measured_with_weights, measured_numpy],
    "own-schedule": [triangle, plateau, as_in_2017],
}
