"""The two encoder-decoders of notebook 16, of one size: built, trained, charged, and let sing."""

import time
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from benchmarks.harmony_words import (
    END,
    IGNORED,
    LENGTH,
    PAD,
    Window,
    Words,
    collate,
    decoded,
    draw,
    opening,
)
from musiclab.model.config import TransformerConfig
from musiclab.model.encoder_decoder import EncoderDecoder
from musiclab.training.schedule import learning_rate

BATCH, PEAK = 16, 4e-3  # windows, learning rate
MEASURED = 4  # times on the way
D_MODEL, HEADS, LAYERS, DROPOUT = 64, 4, 2, 0.1
D_FF_OF_T5 = 4 * D_MODEL + 16  # its table of words is tied and its norms have no bias: spent here


def build_t5(words: Words) -> nn.Module:
    """Build the model of Hugging Face; nothing is downloaded."""
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        vocab_size=len(words),
        d_model=D_MODEL,
        d_kv=D_MODEL // HEADS,
        num_heads=HEADS,
        num_layers=LAYERS,
        d_ff=D_FF_OF_T5,
        dropout_rate=DROPOUT,
        pad_token_id=PAD,
        eos_token_id=END,
        decoder_start_token_id=PAD,
    )
    return T5ForConditionalGeneration(config)


def build_ours(words: Words, positions: str = "sinusoidal") -> EncoderDecoder:
    """Build the encoder-decoder of notebook 8."""
    sizes = {"d_model": D_MODEL, "n_heads": HEADS, "n_layers": LAYERS, "dropout": DROPOUT}
    places = {"positions": positions, "max_seq": 4 * LENGTH + 1}
    return EncoderDecoder(TransformerConfig(vocab_size=len(words), **sizes, **places))


def size(model: nn.Module) -> int:
    """Count the parameters."""
    return sum(one.numel() for one in model.parameters())


def scores(
    model: nn.Module, source: Int[Tensor, "batch source"], labels: Int[Tensor, "batch target"]
) -> Tensor:
    """Score every word of the target after Bach's own words before it."""
    if not isinstance(model, EncoderDecoder):
        return model(input_ids=source, attention_mask=(source != PAD).long(), labels=labels).logits
    late = labels.roll(1, dims=1).masked_fill(labels.roll(1, dims=1) == IGNORED, PAD)
    late[:, 0] = PAD  # the start
    return model(source, late, source != PAD)


def trained(
    model: nn.Module,
    words: Words,
    train: Sequence[Window],
    valid: Sequence[Window],
    steps: int,
    seed: int,
) -> Iterator[tuple[int, float, float]]:
    """Train, and hand out the step, the cost on ``valid`` and the seconds of processor time."""
    random, seconds = np.random.default_rng(seed), 0.0
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=0.01)
    for step in range(steps):
        began = time.process_time()
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, peak=PEAK, warmup=100, total=steps, floor=PEAK / 100)
        source, labels = collate([draw(train, words, random) for _ in range(BATCH)], words)
        model.train()
        logits = scores(model, source, labels)
        loss = cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)
        optimiser.zero_grad()
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        seconds += time.process_time() - began  # measuring is not charged
        if (step + 1) % max(1, steps // MEASURED) == 0:
            yield step + 1, cost(model, words, valid), seconds


@torch.no_grad()
def cost(model: nn.Module, words: Words, windows: Sequence[Window], *, swap: bool = False) -> float:
    """Charge for alto, tenor and bass, in nats per note; ends and places are not counted.

    Args:
        model: Put into eval mode.
        words: The vocabulary.
        windows: What to write.
        swap: Give each the soprano of another window of the same length.
    """
    model.eval()
    nats = notes = 0.0
    for length in sorted({len(one) for one in windows}):
        alike = [one for one in windows if len(one) == length]
        source, labels = collate(alike, words)
        if swap:
            if len(alike) == 1:
                continue
            source = source.roll(1, dims=0)
        logits = scores(model, source, labels)
        sung = (labels != END) & (labels < len(words.words))
        nats += cross_entropy(logits[sung], labels[sung], reduction="sum").item()
        notes += sung.sum().item()
    return nats / notes


@torch.no_grad()
def sung(model: nn.Module, words: Words, pieces: Sequence[Window], seed: int) -> list[Window]:
    """Harmonise the beginning of each piece, each word drawn as the model would have it.

    Whose turn it is, is given: at each draw only the words of one voice are left.
    """
    given = opening(pieces)
    source, _ = collate(given, words)
    turns = words.turns()
    model.eval()
    if isinstance(model, EncoderDecoder):
        generator = torch.Generator().manual_seed(seed)
        memory, cache = model.encode(source), model.new_cache(len(source))
        ids = torch.full((len(source), 1), PAD)
        for turn in turns:
            chances = model.decode(ids[:, -1:], memory, cache=cache)[:, -1, turn].softmax(dim=-1)
            drawn = torch.multinomial(chances, 1, generator=generator)
            ids = torch.cat([ids, turn[drawn]], dim=1)
    else:
        torch.manual_seed(seed)  # ``generate`` takes no generator of its own
        allowed = [turn.tolist() for turn in turns] + [[END]]
        ids = model.generate(
            source,
            do_sample=True,
            top_k=0,  # it would keep 50 words by default
            max_new_tokens=len(allowed),
            prefix_allowed_tokens_fn=lambda _, so_far: allowed[len(so_far) - 1],
        )
    written = ids[:, 1 : len(turns) + 1]
    return [decoded(row, words, one) for row, one in zip(written, given, strict=True)]
