"""Right answers to the exercises of notebook 16, each written in another way."""

import math

import numpy as np
import torch
import torch.nn.functional as F


def shift_roll(labels, start_id, pad_id):
    late = labels.roll(1, dims=1)
    late[:, 0] = start_id
    return torch.where(late == -100, pad_id, late)


def shift_numpy(labels, start_id, pad_id):
    rows = np.where(labels.numpy() == -100, pad_id, labels.numpy())
    return np.insert(rows, 0, start_id, axis=1)[:, :-1]


def shift_pad(labels, start_id, pad_id):
    return F.pad(labels.masked_fill(labels < 0, pad_id), (1, -1), value=start_id)


def mask_where(target, mask, given):
    place = torch.arange(target.shape[1]).expand_as(target)
    asked = (place >= given.unsqueeze(1)) & mask.bool()
    return torch.where(asked, target, -100)


def mask_numpy(target, mask, given):
    labels = np.full(target.shape, -100)
    lengths = mask.sum(dim=1).tolist()
    for row, (first, last) in enumerate(zip(given.tolist(), lengths, strict=True)):
        labels[row, first:last] = target[row, first:last]
    return labels


def mask_counted(target, mask, given):
    counted = mask.cumsum(dim=1)  # 1, 2, 3 ... and the same number again on pads
    return target.masked_fill((counted <= given[:, None]) | (mask != 1), -100)


def settings_by_name(vocabulary, d_model, n_heads, n_layers):
    pad = vocabulary["<pad>"]
    sizes = dict(d_model=d_model, num_heads=n_heads, num_layers=n_layers, d_ff=d_model * 4)
    ids = dict(pad_token_id=pad, decoder_start_token_id=pad, eos_token_id=vocabulary["</s>"])
    return sizes | ids | {"d_kv": d_model // n_heads, "vocab_size": max(vocabulary.values()) + 1}


def settings_with_both_depths(vocabulary, d_model, n_heads, n_layers):
    return {
        **{"vocab_size": len(set(vocabulary.values())), "d_model": d_model, "d_ff": 4 * d_model},
        **{"num_hidden_layers": n_layers, "num_decoder_layers": n_layers},
        **{
            "num_attention_heads": n_heads,
            "head_dim": int(d_model / n_heads),
            "dropout_rate": 0.0,
            "tie_word_embeddings": True,
        },
        **{name: vocabulary["<pad>"] for name in ("pad_token_id", "decoder_start_token_id")},
        "eos_token_id": vocabulary["</s>"],
    }


class LikeAConfig:
    """Has what the check asks of a T5Config: to be turned into a dict."""

    def __init__(self, **settings):
        self.settings = {"num_decoder_layers": None} | settings

    def to_dict(self):
        return self.settings


def a_config(vocabulary, d_model, n_heads, n_layers):
    return LikeAConfig(**settings_by_name(vocabulary, d_model, n_heads, n_layers))


def forbidden(pitches, above, before):
    sung = pitches >= 0
    crosses = sung & (pitches > (above if above >= 0 else math.inf))
    return crosses | (sung & ((pitches - before).abs() > 12) if before >= 0 else crosses)


def deep(scores, pitches, above, before):
    out = forbidden(pitches, above, before)
    return torch.where(out, -math.inf, scores - 0.1 * pitches)


def hollow(scores, pitches, above, before):
    new = scores.numpy().copy()
    for place, pitch in enumerate(pitches.tolist()):
        if pitch < 0:
            continue
        if above >= 0 and (above - pitch) % 12 in (0, 7):
            new[place] += 2
        if (above >= 0 and pitch > above) or (before >= 0 and abs(pitch - before) > 12):
            new[place] = -np.inf
    return new


def bold(scores, pitches, above, before):
    return (2.0 * scores).masked_fill(forbidden(pitches, above, before), -math.inf)


RIGHT = {
    "shift-right": [shift_roll, shift_numpy, shift_pad],
    "label-mask": [mask_where, mask_numpy, mask_counted],
    "build-t5": [settings_by_name, settings_with_both_depths, a_config],
    "own-harmonies": [deep, hollow, bold],
}
