"""What reads words, and what sings as they say: the two models of ``benchmarks.words``."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from einops import einsum, rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.captions import (
    COLUMNS,
    LONGEST,
    asked_for,
    caption,
    ids_of,
    moved,
    told_of,
)
from musiclab.model.config import TransformerConfig
from musiclab.model.stack import Stack, initialise
from musiclab.music.chorale import COMFORTABLE, REST, Chorale
from musiclab.sampling.decoding import generate
from musiclab.sampling.settings import Settings
from musiclab.singer.config import SingerConfig
from musiclab.singer.memories import N_INTERVALS
from musiclab.singer.singer import Singer
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.batches import Batch, ChoraleBatches, padded, shift_targets
from musiclab.training.config import TrainingConfig
from musiclab.training.loop import Trainer

PAD, UNKNOWN, TOLD = 0, 1, 0.7  # ids of words; how often an attribute is said
STREWN = 12  # fewer unknown words than this are strewn into a sentence
SILENT = 0.15  # how often nothing is said
# How often the whole past is hidden, so that a model must go by what is said; the most else.
DEAF, NOTE_DROPOUT = 0.15, 0.3
SIZES = {"d_model": 64, "n_layers": 2, "n_heads": 2, "max_seq": 128, "dropout": 0.1}
CLOCK = 96  # a frame is told its number, below this
TEMPERATURE = 0.9


class Reader(nn.Module):
    """Tell what a sentence says of each attribute.

    One block in which all words see all words; then each attribute looks for the words that matter
    to it, and chooses.
    """

    def __init__(self, n_words: int) -> None:
        super().__init__()
        sizes = {"d_model": 32, "n_layers": 1, "n_heads": 2, "max_seq": 128, "dropout": 0.0}
        config = TransformerConfig(vocab_size=n_words, **sizes)
        self.embed = nn.Embedding(n_words, config.d_model)
        self.stack = Stack(config, causal=False)
        self.seek = nn.Linear(config.d_model, len(COLUMNS), bias=False)
        self.choose = nn.ModuleList(nn.Linear(config.d_model, one) for one in COLUMNS)
        initialise(self, config.n_layers)

    def forward(self, words: Int[Tensor, "batch word"]) -> list[Float[Tensor, "batch value"]]:
        """Score the values of each attribute; the first of each is "not said"."""
        real = (words != PAD)[..., None]
        x = self.stack(self.embed(words), visible=rearrange(real, "batch word 1 -> batch 1 1 word"))
        weights = self.seek(x).masked_fill(~real, -torch.inf).softmax(dim=1)
        mix = "batch word attribute, batch word width -> attribute batch width"
        found = einsum(weights, x, mix)
        return [choose(one) for choose, one in zip(self.choose, found, strict=True)]


def encode(words: Sequence[str], vocabulary: dict[str, int]) -> Int[np.ndarray, " word"]:
    """Number the words; what was never read in training is unknown."""
    return np.array([vocabulary.get(word, UNKNOWN) for word in words])


def all_words() -> dict[str, int]:
    """Number every word that a training caption can have."""
    random, words = np.random.default_rng(0), set()
    for wish in asked_for(4000, random):
        words.update(caption(wish, random))
    return {word: number for number, word in enumerate(["<pad>", "<unknown>", *sorted(words)])}


def learn_to_read(vocabulary: dict[str, int], seed: int, steps: int = 400) -> Reader:
    """Train a reader on sentences alone, with unknown words strewn between the known ones."""
    torch.manual_seed(seed)
    random, reader = np.random.default_rng(seed), Reader(len(vocabulary))
    optimiser = torch.optim.AdamW(reader.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=steps)
    for _ in range(steps):
        wishes = [some_of(wish, random) for wish in asked_for(32, random)]
        words = [encode(caption(wish, random), vocabulary) for wish in wishes]
        many = random.integers(STREWN, size=len(words))
        places = [random.integers(len(one) + 1, size=n) for one, n in zip(words, many, strict=True)]
        words = [np.insert(one, at, UNKNOWN) for one, at in zip(words, places, strict=True)]
        targets = torch.from_numpy(np.stack([ids_of(wish) for wish in wishes]))
        scores = reader(padded(words, PAD))
        loss = sum(cross_entropy(one, ids) for one, ids in zip(scores, targets.T, strict=True))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return reader.eval()


def some_of(told: dict[str, str], random: np.random.Generator) -> dict[str, str]:
    """Keep some attributes, at least one; of a key sometimes the mode alone."""
    names = [name for name in told if random.random() < TOLD] or [random.choice(list(told))]
    return {name: told[name] for name in names}


class ToldBatches(ChoraleBatches):
    """Draw excerpts, each told some of its attributes, or those of another, or none."""

    def __init__(self, pieces: Sequence[Chorale], kind: str, **options: Any) -> None:
        super().__init__(pieces, GridTokenizer(), with_end=True, ranges=COMFORTABLE, **options)
        self.kind, self.told = kind, [told_of(piece) for piece in self.pieces]
        sopranos = (piece.pitches[:, 0] for piece in self.pieces)
        self.sopranos = [float(one[one != REST].mean()) for one in sopranos]

    def say(self, piece: int, semitones: int, random: np.random.Generator) -> np.ndarray:
        """Number what is said of a piece."""
        if self.kind == "none" or random.random() < SILENT * self.training:
            return ids_of({})
        if self.kind == "shuffled":
            piece = int(random.integers(len(self.pieces)))
        told = moved(self.told[piece], semitones, self.sopranos[piece] + semitones)
        return ids_of(some_of(told, random), apart=self.kind == "apart")

    def _draw(self, piece: int, random: np.random.Generator) -> tuple[np.ndarray, ...]:
        semitones = self._key(piece, random)
        previous, frames = shift_targets(self._ids(piece, semitones))
        share = 1.0 if random.random() < DEAF else random.uniform(0, NOTE_DROPOUT)
        hidden = random.random(previous.shape) < share * self.training
        said = np.tile(self.say(piece, semitones, random), (len(frames), 1))
        told = np.column_stack([np.arange(len(frames)), said])
        return np.where(hidden, self.pad_id, previous), told, frames

    def _collate(self, rows: list[tuple[np.ndarray, ...]]) -> Batch:
        inputs = tuple(padded(column, self.pad_id) for column in zip(*rows, strict=True))
        return Batch(inputs, inputs[-1])


def build(kind: str) -> Singer:
    """Build the untrained singer; one that is told the key in one piece remembers its tonic."""
    tokenizer = GridTokenizer()
    options = {"vocab_size": tokenizer.vocab_size, "n_relations": N_INTERVALS, "decays": (32,)}
    options |= {
        "condition_sizes": (CLOCK, *COLUMNS),
        # The others remember the tonic that they are told.
        "key_condition": None if kind in ("apart", "together") else 1,
    }
    tables = map(torch.from_numpy, (tokenizer.pitches(), tokenizer.held()))
    return Singer(SingerConfig(**options, **SIZES), *tables)


def learn_to_sing(
    kind: str, seed: int, steps: int, train: Sequence[Chorale], valid: Sequence[Chorale]
) -> tuple[Singer, float]:
    """Train a singer; give it, and nats per token on valid with what is said there."""
    torch.manual_seed(seed)
    options = {"batch_size": 8, "seed": seed}
    pace = {"peak": 3e-3, "warmup": 60, "weight_decay": 0.1, "validate_every": steps}
    trainer = Trainer(
        build(kind),
        ToldBatches(train, kind, **options),
        TrainingConfig(steps=steps, seed=seed, ema_decay=0.99, **pace),
        valid=ToldBatches(valid, kind, training=False, **options),
        show_progress=False,
    )
    loss = trainer.run().valid_losses[-1]
    return trainer.average, loss


class Guided(nn.Module):
    """Write with what is told and without, and exaggerate the difference.

    Source:
        Ho and Salimans (2022), "Classifier-Free Diffusion Guidance", arXiv:2207.12598.
    """

    def __init__(self, model: Singer, said: Int[Tensor, "batch attribute"], scale: float) -> None:
        super().__init__()
        self.model, self.config, self.scale = model, model.config, scale
        self.said = torch.cat([said, torch.zeros_like(said)])[:, None]  # all rows twice

    def told(self, conditions: Int[Tensor, "batch seq condition"]) -> Tensor:
        """Put beside each frame's number what is said, and for the second half nothing."""
        clock = twice(conditions[..., :1])
        return torch.cat([clock, self.said.expand(-1, clock.shape[1], -1)], dim=-1)

    def new_cache(self, batch: int, max_seq: int) -> Any:
        """Make a cache for both."""
        return self.model.new_cache(2 * batch, max_seq)

    def memories(self, previous: Tensor, conditions: Tensor, first: int = 0) -> Any:
        """Remember with and without."""
        return self.model.memories(twice(previous), self.told(conditions), first)

    def trunk(self, previous: Tensor, conditions: Tensor, cache: Any, memories: Any) -> Tensor:
        """Read the past with and without."""
        hidden = self.model.trunk(twice(previous), self.told(conditions), cache, memories)
        return torch.stack(hidden.chunk(2), dim=-1)

    def next_voice(self, hidden: Tensor, memories: Any, chosen: Tensor) -> Tensor:
        """Score the next voice: from without what is told, past with it."""
        both = torch.cat(hidden.unbind(dim=-1))
        told, untold = self.model.next_voice(both, memories, twice(chosen)).chunk(2)
        return untold + self.scale * (told - untold)


def twice(rows: Tensor) -> Tensor:
    """Stack a batch on itself."""
    return torch.cat([rows, rows])


@torch.inference_mode()
def write(model: Singer, said: Int[Tensor, "batch attribute"], scale: float, seed: int):
    """Write one piece for each row of what is said; it may end itself from 16 frames on."""
    model.eval()
    tokenizer = GridTokenizer()
    conditions = torch.zeros(LONGEST, 1 + len(COLUMNS), dtype=torch.int64)
    conditions[:, 0] = torch.arange(LONGEST)
    written = generate(
        Guided(model, said, scale),
        tokenizer,
        frames=LONGEST,
        conditions=conditions,
        generator=torch.Generator().manual_seed(seed),
        batch=len(said),
        settings=Settings(temperature=TEMPERATURE),
        may_end_after=16,
    )
    tokens = torch.stack([frame.tokens for frame in written], dim=1)  # piece frame voice
    return [tokenizer.decode(one.numpy()) for one in tokens]
