"""Right answers to the exercises of notebook 7, written in different ways."""

import math

import numpy as np
import torch
from torch.nn import functional as F

from musiclab.model.attention import attention_weights, causal_mask
from musiclab.model.positions import rotate


def waves_by_loops(seq, d_model):
    table = []
    for position in range(seq):
        row = []
        for pair in range(d_model // 2):
            angle = position / 10_000 ** (2 * pair / d_model)
            row += [math.sin(angle), math.cos(angle)]
        table.append(row)
    return table


def waves_in_numpy(seq, d_model):
    column = np.arange(d_model)
    angle = np.arange(seq)[:, None] / np.power(10_000, 2 * (column // 2) / d_model)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def waves_written_into_slices(seq, d_model):
    table = torch.zeros(seq, d_model)
    speed = torch.exp(torch.arange(0, d_model, 2).float() * (-math.log(10000.0) / d_model))
    position = torch.arange(seq, dtype=torch.float).unsqueeze(1)
    table[:, 0::2] = torch.sin(position * speed)
    table[:, 1::2] = torch.cos(position * speed)
    return table


def rotated_as_complex_numbers(x, positions):
    pairs = torch.view_as_complex(x.double().unflatten(-1, (-1, 2)).contiguous())
    speed = 10_000.0 ** (-torch.arange(x.shape[-1] // 2, dtype=torch.float64) * 2 / x.shape[-1])
    turn = torch.polar(torch.ones(len(positions), len(speed)).double(), positions[:, None] * speed)
    return torch.view_as_real(pairs * turn).flatten(-2)


def rotated_by_loops(x, positions):
    result = torch.empty_like(x)
    for row, position in enumerate(positions.tolist()):
        for pair in range(x.shape[-1] // 2):
            angle = position * 10_000 ** (-2 * pair / x.shape[-1])
            x0, x1 = x[:, :, row, 2 * pair], x[:, :, row, 2 * pair + 1]
            result[:, :, row, 2 * pair] = x0 * math.cos(angle) - x1 * math.sin(angle)
            result[:, :, row, 2 * pair + 1] = x0 * math.sin(angle) + x1 * math.cos(angle)
    return result


def rotated_in_numpy(x, positions):
    x, positions = x.numpy().copy(), positions.numpy()
    angle = positions[:, None] / 10_000 ** (np.arange(0, x.shape[-1], 2) / x.shape[-1])
    first, second = x[..., ::2].copy(), x[..., 1::2].copy()
    x[..., ::2] = first * np.cos(angle) - second * np.sin(angle)
    x[..., 1::2] = first * np.sin(angle) + second * np.cos(angle)
    return x


def rotated_by_repeated_angles(x, positions):
    angle = positions[:, None] * 10_000 ** (-torch.arange(0, x.size(-1), 2) / x.size(-1))
    angle = angle.repeat_interleave(2, dim=-1)
    partner = torch.stack([-x[..., 1::2], x[..., ::2]], dim=-1).reshape(x.shape)
    return x * angle.cos() + partner * angle.sin()


def skewed_by_loops(by_distance):
    q_seq, distance = by_distance.shape[-2:]
    result = torch.zeros_like(by_distance)
    for q in range(q_seq):
        for k in range(q + distance - q_seq + 1):
            back = q + distance - q_seq - k
            result[..., q, k] = by_distance[..., q, distance - 1 - back]
    return result


def skewed_by_gather(by_distance):
    q_seq, distance = by_distance.shape[-2:]
    back = torch.arange(q_seq)[:, None] + distance - q_seq - torch.arange(distance)
    column = (distance - 1 - back).clamp(max=distance - 1).expand(by_distance.shape)
    return by_distance.gather(-1, column) * (back >= 0)


def skewed_as_in_the_paper(by_distance):
    *heads, q_seq, distance = by_distance.shape
    padded = F.pad(by_distance, (1, 0))
    moved = padded.reshape(*heads, distance + 1, q_seq)[..., 1:, :].reshape(by_distance.shape)
    return torch.tril(moved, diagonal=distance - q_seq)


def skewed_in_numpy(by_distance):
    rows = by_distance.numpy()
    q_seq, distance = rows.shape[-2:]
    result = np.zeros_like(rows)
    for q in range(q_seq):
        move = q_seq - 1 - q
        result[..., q, : distance - move] = rows[..., q, move:]
    return result


def attention_turned_in_one_go(query, key, value, positions):
    query, key = rotate(torch.stack([query, key]), positions)
    return F.scaled_dot_product_attention(query, key, value, is_causal=True)


def attention_by_distance(query, key, value, positions):
    key = rotate(key, positions - positions[0])
    query = rotate(query, positions - positions[0])
    visible = causal_mask(len(positions), len(positions), query.device)
    return torch.einsum("bhqk,bhkd->bhqd", attention_weights(query, key, visible), value)


def attention_row_by_row(query, key, value, positions):
    rows = []
    for q in range(len(positions)):
        turned = rotate(query[:, :, q : q + 1], positions[q : q + 1])
        weights = attention_weights(turned, rotate(key, positions)[:, :, : q + 1], None)
        rows.append(weights @ value[:, :, : q + 1])
    return torch.cat(rows, dim=2)


def clock_with_a_slow_hand(frames, frames_per_bar):
    frame = torch.arange(frames)
    fast, slow = (2 * math.pi * frame / turn for turn in (frames_per_bar, 100 * frames_per_bar))
    return 0.5 * torch.stack([fast.sin(), fast.cos(), slow.sin(), slow.cos()], dim=-1)


def clock_in_lists(frames, frames_per_bar):
    table = []
    for frame in range(frames):
        angle = 2 * math.pi * (frame % frames_per_bar) / frames_per_bar
        table.append([math.cos(angle), math.sin(angle), frame / 10_000])
    return table


def clock_of_tents(frames, frames_per_bar):
    """Each place has a column of its own, which neighbours share a little."""
    place = np.arange(frames) % frames_per_bar
    far = np.abs(place[:, None] - np.arange(frames_per_bar))
    far = np.minimum(far, frames_per_bar - far)
    bar = np.arange(frames)[:, None] // frames_per_bar
    return np.concatenate([np.maximum(0, 1 - far / 2), 0.02 * bar], axis=1)


RIGHT = {
    "sinusoidal": [waves_by_loops, waves_in_numpy, waves_written_into_slices],
    "rotate": [
        rotated_as_complex_numbers,
        rotated_by_loops,
        rotated_in_numpy,
        rotated_by_repeated_angles,
    ],
    "skew": [skewed_by_loops, skewed_by_gather, skewed_as_in_the_paper, skewed_in_numpy],
    "rotary-attention": [
        attention_turned_in_one_go,
        attention_by_distance,
        attention_row_by_row,
    ],
    "bar-clock": [clock_with_a_slow_hand, clock_in_lists, clock_of_tents],
}
