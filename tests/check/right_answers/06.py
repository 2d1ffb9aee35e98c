"""Right answers to the exercises of notebook 6, written in different ways."""

import math

import numpy as np
import torch
from einops import rearrange
from torch import nn
from torch.nn import functional as F

from musiclab.model.attention import attention_weights


def weights_by_loops(query, key, visible):
    batch, heads, q_seq, head_dim = query.shape
    weights = torch.zeros(batch, heads, q_seq, key.shape[2])
    for b in range(batch):
        for h in range(heads):
            for q in range(q_seq):
                powers = {}
                for k in range(key.shape[2]):
                    if visible[q, k]:
                        pair = query[b, h, q].tolist(), key[b, h, k].tolist()
                        match = sum(x * y for x, y in zip(*pair, strict=True))
                        powers[k] = math.exp(match / head_dim**0.5)
                for k, power in powers.items():
                    weights[b, h, q, k] = power / sum(powers.values())
    return weights


def weights_in_numpy(query, key, visible):
    query, key, visible = query.numpy(), key.numpy(), visible.numpy()
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(query.shape[-1])
    scores = np.where(visible, scores, -1e9)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def weights_masked_after_but_divided_again(query, key, visible):
    scores = torch.einsum("bhqd,bhkd->bhqk", query / math.sqrt(query.size(-1)), key)
    weights = F.softmax(scores, dim=-1) * visible
    return weights / weights.sum(-1, keepdim=True)


def weights_by_added_mask(query, key, visible):
    bias = torch.zeros(visible.shape, dtype=torch.float64)
    bias[~visible] = float("-inf")
    scores = torch.matmul(query.double(), key.double().transpose(2, 3)) * query.shape[3] ** -0.5
    return torch.softmax(scores + bias, 3)


def mask_by_tril(q_seq, k_seq):
    return torch.ones(q_seq, k_seq, dtype=torch.bool).tril(diagonal=k_seq - q_seq)


def mask_last_rows(q_seq, k_seq):
    return np.tri(k_seq, dtype=bool)[k_seq - q_seq :]


def mask_in_lists(q_seq, k_seq):
    return [[k - (k_seq - q_seq) <= q for k in range(k_seq)] for q in range(q_seq)]


def mask_by_not_triu(q_seq, k_seq):
    return ~torch.triu(torch.ones(q_seq, k_seq), diagonal=k_seq - q_seq + 1).bool()


def split_by_view(x, heads):
    batch, seq, d_model = x.shape
    return x.view(batch, seq, heads, d_model // heads).transpose(1, 2)


def split_by_chunks(x, heads):
    return torch.stack(x.chunk(heads, dim=-1), dim=1)


def split_by_loops(x, heads):
    batch, seq, d_model = x.shape
    width = d_model // heads
    cut = np.zeros((batch, heads, seq, width), dtype=np.float32)
    for head in range(heads):
        cut[:, head] = x[:, :, head * width : (head + 1) * width]
    return cut


def merge_by_reshape(x):
    batch, heads, seq, head_dim = x.shape
    return x.transpose(1, 2).reshape(batch, seq, heads * head_dim)


def merge_by_cat(x):
    return torch.cat(list(x.unbind(1)), -1)


def merge_in_numpy(x):
    return np.concatenate([np.asarray(x)[:, head] for head in range(x.shape[1])], axis=-1)


class LayerInViews(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.h = n_heads
        self.to_qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, visible):
        b, s, d = x.shape
        q, k, v = self.to_qkv(x).chunk(3, dim=-1)
        q, k, v = (one.view(b, s, self.h, d // self.h).transpose(1, 2) for one in (q, k, v))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=visible)
        return self.to_out(mixed.transpose(1, 2).reshape(b, s, d))


class LayerHeadByHead(nn.Module):
    def __init__(self, d_model, n_heads, dropout=0.1):
        super().__init__()
        self.n_heads, self.head_dim = n_heads, d_model // n_heads
        self.to_qkv = nn.Linear(d_model, d_model * 3, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, visible):
        qkv, found = self.to_qkv(x), []
        d_model = x.shape[-1]
        for head in range(self.n_heads):
            own = slice(head * self.head_dim, (head + 1) * self.head_dim)
            query, key, value = (
                qkv[..., part * d_model : (part + 1) * d_model][..., own] for part in range(3)
            )
            scores = query @ key.transpose(-1, -2) / self.head_dim**0.5
            scores = scores.masked_fill(visible.logical_not(), float("-inf"))
            found.append(scores.softmax(-1) @ value)
        return self.dropout(self.to_out(torch.cat(found, dim=-1)))


class LayerFromTheLibrary(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.to_qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, visible):
        split = "b s (h d) -> b h s d"
        thirds = torch.split(self.to_qkv(x), x.shape[-1], dim=2)
        query, key, value = (rearrange(third, split, h=self.n_heads) for third in thirds)
        mixed = torch.einsum("bhqk,bhkd->bqhd", attention_weights(query, key, visible), value)
        return self.to_out(mixed.flatten(2))


def last_two_beats(seq):
    back = torch.arange(seq)[:, None] - torch.arange(seq)
    return (back >= 0) & (back < 8)


def bass_and_itself(seq):
    mask = torch.zeros(seq, seq, dtype=torch.bool)
    for note in range(seq):
        for earlier in range(note + 1):
            mask[note, earlier] = earlier % 4 == 3 or earlier == note
    return mask


def strong_beats_in_numpy(seq):
    place = np.arange(seq)
    strong = place[None] // 4 % 4 == 0
    return np.tri(seq, dtype=bool) & (strong | np.eye(seq, dtype=bool))


RIGHT = {
    "attention-weights": [
        weights_by_loops,
        weights_in_numpy,
        weights_masked_after_but_divided_again,
        weights_by_added_mask,
    ],
    "causal-mask": [mask_by_tril, mask_last_rows, mask_in_lists, mask_by_not_triu],
    "split-heads": [split_by_view, split_by_chunks, split_by_loops],
    "merge-heads": [merge_by_reshape, merge_by_cat, merge_in_numpy],
    "multi-head-attention": [LayerInViews, LayerHeadByHead, LayerFromTheLibrary],
    "own-mask": [last_two_beats, bass_and_itself, strong_beats_in_numpy],
}
