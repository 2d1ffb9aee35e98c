"""Named trainings: everything that made a shipped checkpoint, so that anyone can make it again."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from musiclab.checkpoint.registry import classes_of
from musiclab.errors import SettingError
from musiclab.music.chorale import COMFORTABLE, Chorale
from musiclab.music.corpus import corpus
from musiclab.singer.memories import N_INTERVALS, N_RELATIONS
from musiclab.singer.tunes import Tunes
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.tokens.melody import MELODY_SIZES
from musiclab.training.batches import ChoraleBatches
from musiclab.training.config import TrainingConfig
from musiclab.training.frame_batches import FrameBatches
from musiclab.training.harmony_batches import HarmonyBatches
from musiclab.training.history import History
from musiclab.training.infill_batches import InfillBatches
from musiclab.training.loop import Trainer
from musiclab.training.token_batches import TokenBatches


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A model over frames, what it learns from, and how.

    Args:
        tokenizer: How the chorales are numbered.
        conditions: What the model is told about each frame.
        kind: Which model, by the name in ``musiclab.checkpoint.registry``.
        batches: What draws its batches.
        model: Settings of the model's config but those that follow from the above.
        data: Options of the batches, such as ``batch_size``.
        training: How it is trained.
        extras: Whether to learn also from the harmonisations that the benchmark does not have.
        notes: Words for the checkpoint.
    """

    tokenizer: GridTokenizer
    conditions: Conditions
    training: TrainingConfig
    kind: str = "singer"
    batches: type[ChoraleBatches] = FrameBatches
    model: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    extras: bool = False
    notes: str = ""

    def change(self, **overrides: Any) -> "Preset":
        """Copy the preset with other settings of the training, the data or the model.

        Raises:
            SettingError: If a setting is unknown.

        Example:
            >>> PRESETS["bach-grid"].change(steps=5, batch_size=2, d_model=8).training.steps
            5
        """
        homes = {"training": _names(TrainingConfig)}
        homes["model"] = _names(classes_of(self.kind)[0]) - {"vocab_size", "condition_sizes"}
        homes["data"] = {"batch_size", "crop", "transpose", "with_end"}
        homes["data"] |= {"condition_dropout", "note_dropout", "repeat", "ranges", "tunes_dropout"}
        chosen: dict[str, dict[str, Any]] = {home: {} for home in homes}
        for name, value in overrides.items():
            places = [home for home, names in homes.items() if name in names]
            if not places:
                known = ", ".join(sorted(set().union(*homes.values())))
                raise SettingError(f"a training has no setting {name!r}; there are {known}")
            chosen[places[0]][name] = value
        return replace(
            self,
            training=replace(self.training, **chosen["training"]),
            model={**self.model, **chosen["model"]},
            data={**self.data, **chosen["data"]},
        )

    def build_model(self) -> nn.Module:
        """Build the untrained model; its weights follow from the training's seed."""
        with torch.random.fork_rng([]):
            torch.manual_seed(self.training.seed)
            config_class, model_class = classes_of(self.kind)
            if self.kind == "transformer":
                return model_class(config_class(vocab_size=self.tokenizer.vocab_size, **self.model))
            config = config_class(
                vocab_size=self.tokenizer.vocab_size,
                condition_sizes=self.conditions.sizes,
                **{"n_relations": N_RELATIONS if self.tokenizer.holds else N_INTERVALS}
                | dict(self.model),
            )
            tables = (self.tokenizer.pitches(), self.tokenizer.held())
            return model_class(config, *map(torch.from_numpy, tables))

    def build_tunes(self, pieces: list[Chorale]) -> Tunes | None:
        """Index the training pieces, for a model that looks up what followed in them."""
        return Tunes([one.pitches for one in pieces]) if self.model.get("tunes") else None

    def build_batches(
        self, pieces: list[Chorale], *, training: bool, tunes: Tunes | None = None
    ) -> ChoraleBatches:
        """Build the batches to learn from, or those to be measured on."""
        options = {**self.data, "training": training, "seed": self.training.seed}
        if self.kind == "transformer":
            return self.batches(pieces, self.tokenizer, **options)
        if tunes is not None:
            options["tunes"] = tunes
        return self.batches(pieces, self.tokenizer, self.conditions, **options)


_SIZES = {"d_model": 128, "n_layers": 2, "n_heads": 4, "max_seq": 1024, "dropout": 0.4}
# What a model that small, from pieces that few, does not find by itself.
_MEMORIES = {"earlier": 6, "repeats": True, "decays": (8, 32, 128), "parallels": True}
_TOLD = {"key_condition": 3, "end_condition": 4}
# So few pieces are soon learnt by heart: hence all this dropout and decay.
_DATA = {"batch_size": 4, "note_dropout": 0.3}
_PACE = {"peak": 1e-3, "warmup": 100, "weight_decay": 0.5, "validate_every": 250}

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "bach-plain": Preset(
            tokenizer=GridTokenizer(layout="notes"),
            conditions=Conditions(()),
            kind="transformer",
            batches=TokenBatches,
            model=_SIZES | {"n_layers": 4, "dropout": 0.2},
            data={"batch_size": 4},
            training=TrainingConfig(steps=2_000, **_PACE),
            extras=True,
            notes="The plain Transformer of notebooks 8 and 9: one note after another, no more.",
        ),
        "bach-grid": Preset(
            tokenizer=GridTokenizer(),
            conditions=Conditions(("phase",)),
            model=_SIZES | _MEMORIES | {"tunes": True},
            data=_DATA | {"repeat": 0.6, "tunes_dropout": 0.3},
            training=TrainingConfig(steps=4_000, **_PACE),
            extras=True,
            notes="For the benchmark: pitches alone, nothing told but the index of the frame.",
        ),
        "bach-studio": Preset(
            tokenizer=GridTokenizer(holds=True),
            conditions=Conditions(("phase", "beat", "fermata", "key", "remaining")),
            model=_SIZES | _MEMORIES | _TOLD,
            # Transposed no farther than a choir sings with ease, or it would write out of range.
            data=_DATA | {"condition_dropout": 0.2, "with_end": True, "ranges": COMFORTABLE},
            training=TrainingConfig(steps=2_800, unlikelihood=10.0, **_PACE),
            extras=True,
            notes="For the ear: knows which notes are struck, and may be told metre and cadences.",
        ),
        "bach-harmoniser": Preset(
            tokenizer=GridTokenizer(holds=True),
            conditions=Conditions(("phase", "beat", "fermata", "key", "remaining")),
            kind="harmoniser",
            batches=HarmonyBatches,
            # Two blocks to read the melody and two to write.
            model=_SIZES | _MEMORIES | _TOLD | {"earlier": 1, "source_sizes": MELODY_SIZES},
            data=_DATA | {"condition_dropout": 0.2, "ranges": COMFORTABLE},
            training=TrainingConfig(steps=1_600, unlikelihood=10.0, **_PACE),
            extras=True,
            notes="For harmonising: reads a whole melody, then writes three voices under it.",
        ),
        "bach-infill": Preset(
            tokenizer=GridTokenizer(holds=True),
            conditions=Conditions(("phase", "beat", "fermata")),
            kind="infiller",
            batches=InfillBatches,
            model=_SIZES | {"n_layers": 3, "dropout": 0.3},
            data={"batch_size": 4, "condition_dropout": 0.2, "ranges": COMFORTABLE},
            training=TrainingConfig(steps=3_000, **_PACE),
            extras=True,
            notes="For filling gaps: reads a piece from both sides, and guesses what is hidden.",
        ),
    }
)


def train_preset(
    name: str,
    folder: str | os.PathLike[str],
    *,
    resume: bool = False,
    progress: bool = True,
    device: str = "auto",
    **overrides: Any,
) -> History:
    """Train a checkpoint as the shipped one of this name was trained.

    Args:
        name: Such as "bach-grid".
        folder: Where the state, the checkpoint and the log go.
        resume: Go on with what ``folder`` holds.
        progress: Show a bar.
        device: "auto" takes a GPU if there is one.
        **overrides: Other settings, such as ``steps`` or ``d_model``; see ``Preset.change``.

    Returns:
        What happened.

    Raises:
        SettingError: If the name or a setting is unknown, or the loss becomes NaN.
        CheckpointError: If saving fails, or there is nothing fitting to go on with.
    """
    if name not in PRESETS:
        raise SettingError(f"no training is called {name!r}; there are {', '.join(PRESETS)}")
    preset = PRESETS[name].change(**overrides)
    pieces = corpus("train", extras=preset.extras, progress=progress)
    tunes = preset.build_tunes(pieces)
    valid = corpus("valid", progress=progress)
    trainer = Trainer(
        preset.build_model(),
        preset.build_batches(pieces, training=True, tunes=tunes),
        preset.training,
        valid=preset.build_batches(valid, training=False, tunes=tunes),
        folder=folder,
        device=device,
        show_progress=progress,
        notes=preset.notes,
    )
    return trainer.run(resume=resume)


def _names(config: type) -> set[str]:
    return {one.name for one in fields(config)}
