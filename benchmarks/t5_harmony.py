"""Harmonising word by word: Hugging Face's T5 beside our own encoder-decoder of the same size.

Both read the soprano of up to sixteen quarter notes, a word for each, and write alto, tenor and
bass, quarter after quarter. They see the same batches, for the same number of steps, from each of
three seeds; ours once with sinusoids, which say where a word stands, and once with rotary
positions, which like T5's say only how far two words are apart. Then each harmonises the
beginnings of the validation pieces, and the voice leading is counted, beside that of
``bach-harmoniser`` and of Bach. Notebook 16 shows the tables, builds the T5 anew, trains it for a
moment, and plays what the shipped one writes.

    python -m benchmarks t5_harmony --out musiclab/checkpoints/experiments

It needs Hugging Face's transformers: ``pip install "musiclab[hf]"``.
"""

import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from benchmarks.harmony_words import (
    END,
    FRAMES,
    IGNORED,
    LENGTH,
    PAD,
    Window,
    Words,
    collate,
    cut,
    decoded,
    draw,
    opening,
    tokenizer,
)
from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.model.config import TransformerConfig
from musiclab.model.encoder_decoder import EncoderDecoder
from musiclab.music.corpus import corpus
from musiclab.sampling.harmonising import harmonise
from musiclab.training.schedule import learning_rate

STEPS, SEEDS, MEASURED = 800, (0, 1, 2), 4  # times on the way
BATCH, PEAK = 16, 4e-3  # windows, learning rate
D_MODEL, HEADS, LAYERS, DROPOUT = 64, 4, 2, 0.1
D_FF_OF_T5 = 4 * D_MODEL + 16  # its table of words is tied and its norms have no bias: spent here

COUNTS = ("parallel_fifths", "parallel_octaves", "crossing", "out_of_range")


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train both from every seed, measure, and let them harmonise."""
    train, valid = (
        [one.pitches[::FRAMES] for one in corpus(split, progress=False)]
        for split in ("train", "valid")
    )
    words = Words.of(train)
    held_out = [w for piece in valid for w in cut(piece)]
    yield f"T5 and ours: {steps} steps, seeds {SEEDS}, nats per note of alto, tenor and bass (sd)"
    yield f"  {'':<16}{'parameters':>11}{'valid':>16}{'other soprano':>16}{'CPU s':>7}"
    curves: list[tuple[Any, ...]] = []
    written: list[tuple[Any, ...]] = []
    for kind, build in BUILDERS.items():
        finals = []
        for seed in SEEDS:
            torch.manual_seed(seed)
            model, curve = build(words), []
            for step, loss, seconds in trained(model, words, train, held_out, steps, seed):
                curve.append((kind, seed, step, round(loss, 4), round(seconds, 1)))
            other = cost(model, words, held_out, swap=True)
            curves += [(*row, size(model), "") for row in curve[:-1]]
            curves.append((*curve[-1], size(model), round(other, 4)))
            finals.append((curve[-1][3], other, curve[-1][4]))
            written += [
                (kind, seed, *row) for row in judged(sung(model, words, valid, seed), valid)
            ]
            if out is not None and kind == "T5" and seed == SEEDS[0]:
                keep(model, words, out / "t5-music")
        told, others, seconds = zip(*finals, strict=True)
        figures = (
            f"{mean(told):>9.3f} ({stdev(told):.3f}){mean(others):>9.3f} ({stdev(others):.3f})"
        )
        yield f"  {kind:<16}{size(model):>11,}{figures}{mean(seconds):>7.0f}"
    written += [("bach-harmoniser", 0, *row) for row in judged(shipped(), valid)]
    written += [("Bach", 0, *row) for row in judged(opening(valid), valid)]
    yield from table(written)
    if out is not None:
        head = ("model", "seed", "step", "valid", "cpu_seconds", "parameters", "other_soprano")
        save(out / "t5_harmony.csv", head, curves)
        head = ("by", "seed", "piece", "as_bach", "chords", *COUNTS)
        save(out / "t5_voices.csv", head, written)


def build_t5(words: Words) -> nn.Module:
    """Build the model of Hugging Face; nothing is downloaded."""
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        vocab_size=len(words.words),
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
    places = {"positions": positions, "max_seq": 3 * LENGTH + 1}
    return EncoderDecoder(TransformerConfig(vocab_size=len(words.words), **sizes, **places))


BUILDERS: Mapping[str, Callable[[Words], nn.Module]] = {
    "T5": build_t5,
    "ours": build_ours,
    "ours, rotary": partial(build_ours, positions="rotary"),  # knows distances alone, like T5
}


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
    """Charge for alto, tenor and bass, in nats per note; the end of a target is not counted.

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
        logits, labels = scores(model, source, labels)[:, :-1], labels[:, :-1]
        nats += cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="sum").item()
        notes += labels.numel()
    return nats / notes


@torch.no_grad()
def sung(model: nn.Module, words: Words, pieces: Sequence[Window], seed: int) -> list[Window]:
    """Harmonise the beginning of each piece, each word drawn as the model would have it.

    Whose turn it is, is given: at each draw only the words of one voice are left.
    """
    given = opening(pieces)
    source, _ = collate(given, words)
    turns = [words.of_voice(1 + turn % 3) for turn in range(3 * LENGTH)]
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


def shipped() -> list[Window]:
    """Let ``bach-harmoniser`` write under the same melodies; keep what sounds on each quarter."""
    options = {"checkpoint": "bach-harmoniser", "ending": False, "particles": 1, "transpose": 0}
    return [
        harmonise(one.excerpt(0, FRAMES * LENGTH), seed=number, temperature=1.0, **options).pitches[
            ::FRAMES
        ]
        for number, one in enumerate(corpus("valid", progress=False))
    ]


def judged(written: Sequence[Window], pieces: Sequence[Window]) -> Iterator[tuple[Any, ...]]:
    """Count in each window: its number, the share of Bach's own notes, chords and faults."""
    for number, (new, own) in enumerate(zip(written, opening(pieces), strict=True)):
        counts = voice_leading_counts([new])
        same = round(float((new == own)[:, 1:].mean()), 4)
        yield number, same, counts.chords, *(getattr(counts, one) for one in COUNTS)


def table(rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """Print the counts of each, over all its windows."""
    yield f"Faults in the beginnings of the validation pieces, by quarters: {', '.join(COUNTS)}"
    yield f"  {'by':<16}{'windows':>8}{'as Bach':>8}{'chords':>8}" + "".join(
        f"{one:>8}" for one in ("5ths", "8ves", "cross", "range")
    )
    for who in dict.fromkeys(row[0] for row in rows):
        mine = [row[3:] for row in rows if row[0] == who]
        same, *counts = zip(*mine, strict=True)
        told = "".join(f"{sum(one):>8}" for one in counts)
        yield f"  {who:<16}{len(mine):>8}{mean(same):>8.0%}{told}"


def keep(model: Any, words: Words, folder: Path) -> None:
    """Write weights in 16 bits, settings, and a tokeniser that knows the words."""
    tokenizer(words).save_pretrained(folder)
    model.half().save_pretrained(folder)
    model.float()  # rounded, as it will be loaded


def save(path: Path, head: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write a table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
