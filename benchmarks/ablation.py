"""What each part of ``bach-grid`` is worth: trained without it for as many steps as with it.

Short trainings, each with a schedule of its own, so the figures are not those of the shipped model:
only their differences count. ``python -m benchmarks ablation``, about three quarters of an hour.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from benchmarks.peers import SIZES
from musiclab.model import Transformer, TransformerConfig
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus
from musiclab.tokens import GridTokenizer
from musiclab.training.loop import Trainer
from musiclab.training.presets import PRESETS, Preset
from musiclab.training.token_batches import TokenBatches

STEPS = 400
NO_PAST = {"n_earlier": 0, "neighbours": False, "recall": False, "memories": ()}
NO_PAST["parallels"] = False
PLAIN = {**NO_PAST, "n_relations": 0, "repeat": 0.0, "note_dropout": 0.0}
ROWS: Mapping[str, Mapping[str, Any]] = {
    "bach-grid": {},
    "without the profile of pitch classes": {"memories": ()},
    "without what followed earlier": {"recall": False},
    "without the notes before the newest": {"n_earlier": 0},
    "without relations to the other voices' past": {"neighbours": False},
    "without what would run parallel": {"parallels": False},
    "without any of these five": NO_PAST,
    "without relations at all": {**NO_PAST, "n_relations": 0},
    "without repeated passages in the data": {"repeat": 0.0},
    "without other keys": {"transpose": False},
    "without dropout": {"dropout": 0.0},
    "without hidden notes": {"note_dropout": 0.0},
    "half as wide": {"d_model": 64},
    "two layers for four": {"n_layers": 2},
    "plain: none of the above, nor hidden notes": PLAIN,
}
FLAT = "plain, and one position a note"


def run(steps: int = STEPS, names: list[str] | None = None) -> Iterator[str]:
    """Train every row, and say how it does on the validation pieces."""
    yield f"Ablation: {steps} steps each, one seed, nats a note on the validation pieces"
    yield f"  {'':<46}{'valid':>8}{'worse by':>10}{'CPU s':>8}"
    whole = None
    for name in names or [*ROWS, FLAT]:
        began = time.process_time()
        trainer = flat_trainer(steps) if name == FLAT else trainer_without(ROWS[name], steps)
        valid = trainer.run().valid_losses[-1]
        whole = valid if whole is None else whole
        seconds = time.process_time() - began
        yield f"  {name:<46}{valid:>8.4f}{valid - whole:>+10.4f}{seconds:>8.0f}"


def trainer_without(changes: Mapping[str, Any], steps: int) -> Trainer:
    """Make the training of ``bach-grid`` with some settings changed."""
    preset = PRESETS["bach-grid"].change(**{"steps": steps, "validate_every": steps, **changes})
    return Trainer(
        preset.build_model(),
        preset.build_batches(_train(preset), training=True),
        preset.training,
        valid=preset.build_batches(corpus("valid", progress=False), training=False),
        show_progress=False,
    )


def flat_trainer(steps: int) -> Trainer:
    """Make the training of a plain ``Transformer`` over single notes, as large and as long."""
    preset = PRESETS["bach-grid"].change(steps=steps, validate_every=steps)
    tokenizer = GridTokenizer(layout="notes")
    sizes = {**SIZES, "max_seq": 4 * preset.model["max_seq"], "dropout": preset.model["dropout"]}
    batches = [
        TokenBatches(
            pieces,
            tokenizer,
            batch_size=preset.data["batch_size"],
            training=training,
            seed=preset.training.seed,
        )
        for pieces, training in ((_train(preset), True), (corpus("valid", progress=False), False))
    ]
    with torch.random.fork_rng([]):
        torch.manual_seed(preset.training.seed)
        model = Transformer(TransformerConfig(vocab_size=tokenizer.vocab_size, **sizes))
    return Trainer(model, batches[0], preset.training, valid=batches[1], show_progress=False)


def _train(preset: Preset) -> list[Chorale]:
    return corpus("train", extras=preset.extras, progress=False)
