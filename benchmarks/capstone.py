"""A model of another collection: Ryan's Mammoth Collection of fiddle tunes, from files to figures.

A small Transformer over note events learns the tunes from three seeds; and again from three seeds
with relatives of some validation tunes among the training tunes, in place of as many others. So
does Kneser-Ney, which only counts. One model, trained for five times as long, is kept: it plays the
concert of notebook 21, which builds the same parts by hand.

    python -m benchmarks capstone --out musiclab/checkpoints/experiments
"""

import csv
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from numpy.lib.stride_tricks import sliding_window_view
from torch import nn

from musiclab.checkpoint.save import save_checkpoint
from musiclab.evaluate.kneser_ney_table import KneserNeyTable
from musiclab.inference import predicting
from musiclab.model.attention import fused_attention
from musiclab.model.config import TransformerConfig
from musiclab.model.transformer import Transformer
from musiclab.music.notes import NoteSequence
from musiclab.music.parse import parse
from musiclab.tokens.events import EventTokenizer
from musiclab.tokens.vocabulary import fingerprint
from musiclab.training.batches import Batch, padded, shift_targets
from musiclab.training.config import TrainingConfig
from musiclab.training.loop import Trainer

COLLECTION, SHARES = "ryansMammoth", (0.6, 0.2, 0.2)
STEPS, LONGER, SEEDS, MEASURED = 300, 5, (0, 1, 2), 6  # times as long; times on the way
WINDOW, RELATED = 8, 0.25  # intervals; share of the shorter tune's windows
LONGEST, TUNES, BACK = 384, 8, 10  # tokens read of a tune; tunes in a batch; tokens counted
SIZES = {"d_model": 64, "n_layers": 2, "n_heads": 4, "dropout": 0.1, "max_seq": 2048}

TOKENS = EventTokenizer()
INDEX = TOKENS.vocabulary.index
LOWEST = INDEX["pitch-0"]
SILENT = [INDEX["program-0"], INDEX["velocity-80"]]  # the same for every note: left out
Row = tuple[Any, ...]


def run(steps: int = STEPS, out: Path | None = None) -> Iterator[str]:
    """Train both arms from every seed."""
    tunes = read_collection()
    ids, related = [tokens_of(tune) for tune in tunes], families(tunes)
    train, valid, test = split(related)
    judges, moved = judges_of(valid, related)
    alone = [one for one in train if related.count(related[one]) == 1]
    arms = {"clean": train, "leaky": sorted({*train, *moved} - {*alone[: len(moved)]})}
    kinds = {one: "judge" for one in judges} | {one: "moved" for one in moved}
    others = [one for one in valid if one not in kinds]
    asked = {"valid": valid, "judges": judges, "others": others}
    notes = {one: len(tunes[one].notes) for one in valid}
    curves: list[Row] = []
    each: list[Row] = []
    found = defaultdict(list)
    for arm, pieces in arms.items():
        counted = counting([ids[one] for one in pieces], [ids[one] for one in valid])
        nats = dict(zip(valid, counted, strict=True))
        each += [(f"counting {arm}", 0, n, kinds.get(n, "other"), notes[n], nats[n]) for n in valid]
    for seed in SEEDS:
        for arm, pieces in arms.items():
            model, curve = train_one(ids, tunes, pieces, valid, steps, seed)
            curves += [(arm, seed, *point) for point in curve]
            nats = dict(zip(valid, nats_of(model, [ids[one] for one in valid]), strict=True))
            each += [(arm, seed, n, kinds.get(n, "other"), notes[n], nats[n]) for n in valid]
            means = {name: per_note(nats, tunes, some) for name, some in asked.items()}
            found[arm].append((*means.values(), curve[-1][-1]))
    yield f"Capstone: {len(tunes)} tunes, {len(train)} / {len(valid)} / {len(test)}; {steps} steps"
    yield f"  nats per note, seeds {SEEDS} (standard deviation); {len(judges)} judges"
    yield f"  {'arm':<8}" + "".join(f"{one:>16}" for one in asked) + f"{'CPU s':>8}"
    for arm, results in found.items():
        *means, seconds = zip(*results, strict=True)
        told = "".join(f"{mean(one):>9.3f} ({stdev(one):.3f})" for one in means)
        yield f"  {arm:<8}{told}{mean(seconds):>8.0f}"
    model, curve = train_one(ids, tunes, train, valid, LONGER * steps, SEEDS[0])
    nats = dict(zip(valid, nats_of(model, [ids[one] for one in valid]), strict=True))
    figures = {"valid": per_note(nats, tunes, valid), "cpu_seconds": curve[-1][-1]}
    yield f"  {'long':<8}{figures['valid']:>9.3f}{'':>39}{figures['cpu_seconds']:>8.0f}"
    curves += [("long", SEEDS[0], *point) for point in curve]
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        keep(out / "capstone.csv", ("arm", "seed", "step", "valid", "cpu_seconds"), curves)
        keep(out / "capstone_tunes.csv", ("arm", "seed", "tune", "kind", "notes", "nats"), each)
        about = {"step": LONGER * steps, "figures": figures, "half": True}
        data = fingerprint([ids[one].tolist() for one in train])
        notes = f"Notebook 21: {COLLECTION}; nats per note, of all tokens."
        save_checkpoint(out / "capstone", model, tokenizer=TOKENS, data=data, notes=notes, **about)


def keep(path: Path, head: Row, rows: list[Row]) -> None:
    """Write a table."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def read_collection(name: str = COLLECTION) -> list[NoteSequence]:
    """Read every tune of one of music21's collections of single files."""
    from music21 import corpus

    files = sorted(corpus.getComposer(name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [parse(one.read_bytes(), "abc", "notes", name=one.name) for one in files]


def steps_of(tune: NoteSequence) -> str:
    """Write the intervals of the top line as letters, so that a passage is a piece of text."""
    top = {note.onset: note.pitch for note in sorted(tune.notes, key=lambda note: note.pitch)}
    return "".join(chr(500 + step) for step in np.diff([top[onset] for onset in sorted(top)]))


def families(tunes: Sequence[NoteSequence]) -> list[int]:
    """Give tunes that share a quarter of their windows of intervals the same number."""
    lines = [steps_of(tune) for tune in tunes]
    windows = [{one[at : at + WINDOW] for at in range(len(one) - WINDOW + 1)} for one in lines]
    homes = defaultdict(list)
    for number, own in enumerate(windows):
        for window in own:
            homes[window].append(number)
    telling = [home for home in homes.values() if len(home) < 50]  # the others are everybody's
    shared = Counter((a, b) for home in telling for a in home for b in home if a < b)
    family = list(range(len(tunes)))
    for (a, b), count in sorted(shared.items()):
        if count >= RELATED * min(len(windows[a]), len(windows[b])):
            family = [family[a] if one == family[b] else one for one in family]
    return family


def split(family: Sequence[int], seed: int = 0) -> list[list[int]]:
    """Deal whole families out to train, valid and test."""
    order = np.random.default_rng(seed).permutation(sorted(set(family))).tolist()
    rank = np.array([order.index(one) for one in family])
    dealt = np.cumsum(np.bincount(rank))  # tunes, when each family has been dealt out
    part = np.searchsorted(np.cumsum(SHARES[:2]) * len(family), dealt)[rank]
    return [np.flatnonzero(part == number).tolist() for number in range(3)]


def judges_of(valid: list[int], family: Sequence[int]) -> tuple[list[int], list[int]]:
    """Choose the first of each family in valid to be asked; its relatives may be moved."""
    homes = defaultdict(list)
    for one in valid:
        homes[family[one]].append(one)
    judges = [members[0] for members in homes.values() if len(members) > 1]
    return judges, [one for members in homes.values() for one in members[1:]]


def tokens_of(tune: NoteSequence) -> Int[np.ndarray, " seq"]:
    """Encode a tune, each pitch as the step from the note before, the first from A.

    A step of 0 is "pitch-64". So a tune reads the same in every key. Tokens that never differ are
    left out; reading the others back puts them in.
    """
    ids = TOKENS.encode(tune, quantise=True)
    ids = ids[~np.isin(ids, SILENT)]
    at = np.flatnonzero((ids >= LOWEST) & (ids <= INDEX["pitch-127"]))
    ids[at] = LOWEST + np.clip(64 + np.diff(ids[at] - LOWEST, prepend=69), 0, 127)
    return ids


class TuneBatches:
    """Tunes as rows of tokens; ``Trainer`` asks for no more."""

    pad_id = TOKENS.pad_id

    def __init__(self, rows: list[np.ndarray], seed: int) -> None:
        self.rows, self.seed = rows, seed

    def batch(self, number: int) -> Batch:
        """Draw some tunes; a long one is cut anywhere."""
        random, drawn = np.random.default_rng([self.seed, number]), []
        for tune in random.choice(len(self.rows), size=TUNES, replace=False):
            row = self.rows[tune]
            first = random.integers(max(1, len(row) - LONGEST))
            drawn.append(shift_targets(row[first : first + LONGEST + 1]))
        inputs, targets = (padded(side, self.pad_id) for side in zip(*drawn, strict=True))
        return Batch((inputs,), targets)


def train_one(
    ids: list[np.ndarray],
    tunes: Sequence[NoteSequence],
    pieces: list[int],
    valid: list[int],
    steps: int,
    seed: int,
) -> tuple[nn.Module, list[tuple[int, float, float]]]:
    """Train one model.

    Returns:
        The model; and on the way its step, nats per note on every sixth validation tune, and
        seconds of processor time.
    """
    torch.manual_seed(seed)
    model = Transformer(TransformerConfig(vocab_size=TOKENS.vocab_size, **SIZES))
    pace = {"peak": 3e-3, "warmup": 50, "ema_decay": 0.98, "seed": seed}
    config = TrainingConfig(steps=steps, validate_every=max(1, steps // MEASURED), **pace)
    seconds, curve, some = [time.process_time(), 0.0], [], valid[::6]

    def charge(_: Trainer) -> None:
        now = time.process_time()
        seconds[:] = [now, seconds[1] + now - seconds[0]]

    def note(trainer: Trainer) -> None:
        nats = dict(zip(some, nats_of(trainer.average, [ids[one] for one in some]), strict=True))
        curve.append((trainer.step, per_note(nats, tunes, some), round(seconds[1], 1)))
        seconds[0] = time.process_time()  # measuring is not charged

    batches = TuneBatches([ids[one] for one in pieces], seed)
    calls = {"on_step": charge, "on_validate": note, "show_progress": False}
    trainer = Trainer(model, batches, config, **calls)
    trainer.run()
    return trainer.average, curve


def nats_of(model: nn.Module, rows: Sequence[np.ndarray]) -> list[float]:
    """Measure each tune, whole: the nats of all its tokens, the end among them."""
    found = []
    with predicting(model), fused_attention(model):
        for row in rows:
            ids = torch.from_numpy(row)[None]
            chances = model(ids[:, :-1]).log_softmax(dim=-1)
            found.append(round(-chances.gather(-1, ids[:, 1:, None]).sum().item(), 2))
    return found


def counting(train: Sequence[np.ndarray], rows: Sequence[np.ndarray]) -> list[float]:
    """Measure each tune by Kneser-Ney, which reads the last ten tokens."""

    def contexts(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        long = np.append(np.zeros(BACK, dtype=np.int64), row)
        return sliding_window_view(long, BACK)[1 : len(row), ::-1], row[1:]

    known = map(np.concatenate, zip(*map(contexts, train), strict=True))
    table = KneserNeyTable(*known, TOKENS.vocab_size)
    uniform = np.full(TOKENS.vocab_size, 1 / TOKENS.vocab_size)
    chances = (table.probabilities(*contexts(row), uniform) for row in rows)
    return [round(-float(np.log(one).sum()), 2) for one in chances]


def per_note(nats: dict[int, float], tunes: Sequence[NoteSequence], chosen: list[int]) -> float:
    """Divide all nats of some tunes by all their notes."""
    notes = sum(len(tunes[one].notes) for one in chosen)
    return round(sum(nats[one] for one in chosen) / notes, 4)
