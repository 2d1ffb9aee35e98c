"""Harmonising word by word: Hugging Face's T5 beside our own encoder-decoder of the same size.

Both read the soprano of up to sixteen quarter notes, a word for each, and write alto, tenor and
bass, quarter after quarter. They see the same batches, for the same number of steps, from each of
three seeds. Ours uses sinusoids, which say where a word stands, or rotary positions, which like
T5's say only how far two words are apart; T5 once more with a word for the number of each quarter,
on both sides. Then each harmonises the beginnings of the validation pieces, and the voice leading
is counted, beside that of ``bach-harmoniser`` and of Bach. Notebook 16 shows the tables, builds
the T5 anew, trains it for a moment, and plays what the shipped one writes.

    python -m benchmarks t5_harmony --out musiclab/checkpoints/experiments

It needs Hugging Face's transformers: ``pip install "musiclab[hf]"``.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch
from torch import nn

from benchmarks.harmony_models import build_ours, build_t5, cost, size, sung, trained
from benchmarks.harmony_words import FRAMES, LENGTH, Window, Words, cut, opening, tokenizer
from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.music.corpus import corpus
from musiclab.sampling.harmonising import harmonise

STEPS, SEEDS = 800, (0, 1, 2)
KINDS: Mapping[str, Mapping[str, Any]] = {
    "T5": {},
    "T5, places told": {"places": True},
    "ours": {"positions": "sinusoidal"},
    "ours, rotary": {"positions": "rotary"},  # knows distances alone, like T5
}
COUNTS = ("parallel_fifths", "parallel_octaves", "crossing", "out_of_range")


def run(
    steps: int = STEPS, out: Path | None = None, kinds: Sequence[str] = tuple(KINDS)
) -> Iterator[str]:
    """Train each kind from every seed, measure, and let them harmonise."""
    train, valid = (
        [one.pitches[::FRAMES] for one in corpus(split, progress=False)]
        for split in ("train", "valid")
    )
    yield f"T5 and ours: {steps} steps, seeds {SEEDS}, nats per note of alto, tenor and bass (sd)"
    yield f"  {'':<16}{'parameters':>11}{'valid':>16}{'other soprano':>16}{'CPU s':>7}"
    curves: list[tuple[Any, ...]] = []
    written: list[tuple[Any, ...]] = []
    for kind in kinds:
        words = Words.of(train, places="places" in KINDS[kind])
        finals = []
        for seed in SEEDS:
            model, rows = learnt(kind, words, train, valid, steps, seed)
            curves += [(kind, seed, *row) for row in rows]
            finals.append(rows[-1])
            written += [
                (kind, seed, *row) for row in judged(sung(model, words, valid, seed), valid)
            ]
            if out is not None and (kind, seed) == ("T5", SEEDS[0]):
                keep(model, words, out / "t5-music")
        _, told, seconds, _, others = zip(*finals, strict=True)
        shown = "".join(f"{mean(one):>9.3f} ({stdev(one):.3f})" for one in (told, others))
        yield f"  {kind:<16}{size(model):>11,}{shown}{mean(seconds):>7.0f}"
    written += [("bach-harmoniser", 0, *row) for row in judged(shipped(), valid)]
    written += [("Bach", 0, *row) for row in judged(opening(valid), valid)]
    yield from table(written)
    if out is not None:
        head = ("model", "seed", "step", "valid", "cpu_seconds", "parameters", "other_soprano")
        save(out / "t5_harmony.csv", head, curves)
        head = ("by", "seed", "piece", "as_bach", "chords", *COUNTS)
        save(out / "t5_voices.csv", head, written)


def learnt(
    kind: str,
    words: Words,
    train: Sequence[Window],
    valid: Sequence[Window],
    steps: int,
    seed: int,
) -> tuple[nn.Module, list[tuple[Any, ...]]]:
    """Train one model.

    Returns:
        The model; and for each time that it was measured the step, nats per note on ``valid``,
        seconds of processor time, parameters, and at the end the cost with another's soprano.
    """
    torch.manual_seed(seed)
    build, options = build_t5 if kind.startswith("T5") else build_ours, dict(KINDS[kind])
    options.pop("places", None)
    model, held_out = build(words, **options), [window for piece in valid for window in cut(piece)]
    rows: list[tuple[Any, ...]] = [
        (step, round(loss, 4), round(seconds, 1), size(model), "")
        for step, loss, seconds in trained(model, words, train, held_out, steps, seed)
    ]
    other = round(cost(model, words, held_out, swap=True), 4)
    return model, [*rows[:-1], (*rows[-1][:-1], other)]


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
