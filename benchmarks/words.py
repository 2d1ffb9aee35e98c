"""Words to music: does a model do what a sentence asks?

A reader turns a sentence into a choice for each attribute that it names; a small singer, trained
on one to three lines of Bach at a time, is told the choices (``benchmarks.word_models``). Controls:
a singer that was told the attributes of other pieces, and one that was told nothing. Two more are
told a key without remembering its tonic: as one word, and with tonic and mode apart. Each is asked
for the same, in wordings that no training had.
Notebook 20 shows the table, trains the reader and plays with the first singer.

    python -m benchmarks words --out musiclab/checkpoints/experiments
"""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from safetensors.torch import save_file
from torch import Tensor

from benchmarks.captions import (
    ATTRIBUTES,
    HELD_OUT,
    KNOWN,
    asked_for,
    caption,
    excerpts,
    measure,
)
from benchmarks.word_models import (
    PAD,
    Reader,
    all_words,
    encode,
    learn_to_read,
    learn_to_sing,
    write,
)
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.training.batches import padded

STEPS = 900
RUNS = (  # how a singer is told in training, and its seed
    ("words", 0),
    ("apart", 0),
    ("together", 0),
    ("shuffled", 0),
    ("none", 0),
    ("words", 1),
    ("words", 2),
)
PIECES, SCALE, SCALES = 144, 3.0, (0.0, 1.0, 2.0, 5.0)  # wishes; how much each is exaggerated
Row = tuple[str, str, int, int, float]


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train every singer, ask each for the same, and say how often it obeys."""
    train, valid = (excerpts(corpus(split, progress=False)) for split in ("train", "valid"))
    train += 2 * [one for one in train if one.time_signature[0] == "3"]  # rare, so three times
    vocabulary = all_words()
    rows: list[tuple[Any, ...]] = [("Bach", 0, "", 0.0, *row) for row in unasked(valid)]
    yield f"Words: {steps} steps, {PIECES} wishes, share obeyed (and if wishes were dealt anew)"
    columns = "".join(f"{name:>12}" for name in ATTRIBUTES)
    yield f"  {'singer':<9}{'seed':>4}{'wording':>10}{'scale':>6}{columns}"
    for kind, seed in RUNS:
        singer, loss = learn_to_sing(kind, seed, steps, train, valid)
        reader = learn_to_read(vocabulary, seed)
        if out is not None and (kind, seed) == RUNS[0]:
            weights = {name: one.half() for name, one in singer.named_parameters()}
            (out / "words").mkdir(parents=True, exist_ok=True)
            told = {"steps": str(steps), "valid": f"{loss:.4f}"}
            save_file(weights, out / "words" / "singer.safetensors", told)
        for wording, scale in tried_with(kind):
            sentences, wishes = ask(wording)
            said = read(reader, vocabulary, sentences, apart=kind == "apart")
            judged = list(obeyed(wishes, write(singer, said, scale, seed)))
            rows += [(kind, seed, wording, scale, *row) for row in judged]
            yield f"  {kind:<9}{seed:>4}{wording:>10}{scale:>6.1f}{shares(judged)}"
        if out is not None:
            with (out / "words.csv").open("w", newline="", encoding="utf-8") as file:
                head = ("singer", "seed", "wording", "scale", "attribute", "value", "asked", "hits")
                csv.writer(file, lineterminator="\n").writerows([(*head, "dealt"), *rows])


def tried_with(kind: str) -> Iterator[tuple[str, float]]:
    """List the wordings and scales that a singer is tried with."""
    yield "held-out", SCALE
    if kind == "words":
        yield from (("known", SCALE), ("strange", SCALE), *(("held-out", one) for one in SCALES))


def ask(wording: str) -> tuple[list[list[str]], list[dict[str, str]]]:
    """Write the sentences, and give what they ask for: every attribute at once."""
    random = np.random.default_rng(7)  # the same wishes for every singer
    wishes = asked_for(PIECES, random)
    ways = HELD_OUT if wording == "held-out" else KNOWN
    return [caption(one, random, ways, strange=wording == "strange") for one in wishes], wishes


@torch.inference_mode()
def read(
    reader: Reader, vocabulary: dict[str, int], sentences: Sequence[Sequence[str]], *, apart: bool
) -> Int[Tensor, "sentence attribute"]:
    """Choose the likeliest value of each attribute, or that it was not said."""
    words = padded([encode(one, vocabulary) for one in sentences], PAD)
    said = torch.stack([scores.argmax(dim=-1) for scores in reader(words)], dim=1)
    if apart:
        said[:, 0] = torch.where(said[:, 0] > 0, 1 + (said[:, 0] - 1) % 12, 0)
    return said


def obeyed(wishes: Sequence[dict[str, str]], pieces: Sequence[Chorale]) -> Iterator[Row]:
    """Judge what was written.

    Yields:
        For each attribute and value: how often it was asked and could be judged; how often it was
        heard then; and how often it would be heard if the wishes were dealt anew among the pieces.
    """
    heard = [measure(piece) for piece in pieces]
    for name in ATTRIBUTES:
        pairs = [
            (wish[name], there[name])
            for wish, there in zip(wishes, heard, strict=True)
            if name in wish and name in there
        ]
        for value in sorted({wish for wish, _ in pairs}):
            asked = sum(wish == value for wish, _ in pairs)
            hits = sum(wish == there == value for wish, there in pairs)
            dealt = asked * sum(there == value for _, there in pairs) / len(pairs)
            yield name, value, asked, hits, round(dealt, 2)


def shares(judged: Sequence[Row]) -> str:
    """Write the share obeyed of each attribute, and in brackets by dealing anew."""
    told = ""
    for name in ATTRIBUTES:
        mine = [row for row in judged if row[0] == name]
        asked, hits, dealt = (sum(row[place] for row in mine) for place in (2, 3, 4))
        told += f"{hits / asked:>6.0%} ({dealt / asked:>3.0%})"
    return told


def unasked(pieces: Sequence[Chorale]) -> Iterator[Row]:
    """Count how often Bach does each thing; nobody asked him."""
    heard = [measure(piece) for piece in pieces]
    for name in ATTRIBUTES:
        there = [one[name] for one in heard if name in one]
        for value in sorted(set(there)):
            yield name, value, len(there), there.count(value), float(there.count(value))
