"""Chorales as words for an encoder-decoder: a soprano to read, alto, tenor and bass to write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Int
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from musiclab.music.chorale import REST

FRAMES, LENGTH, SHORTEST = 4, 16, 8  # 16th notes in a quarter; quarters in a window
SPECIAL = ("<pad>", "</s>", "<unk>")  # T5's ids 0, 1 and 2; the pad also starts a target
PAD, END, UNKNOWN, IGNORED = 0, 1, 2, -100
NAMES = "SATB"
PLACES = tuple(f"<{quarter}>" for quarter in range(LENGTH))  # as T5's "<extra_id_0>"
Window = Int[np.ndarray, "quarter voice"]  # MIDI numbers, -1 for a rest


@dataclass(frozen=True)
class Words:
    """The vocabulary: one word for each pitch of each voice, such as "A67", and "A-" for a rest.

    With ``places``, each quarter of source and target begins with its number, "<0>", "<1>" ...
    """

    words: tuple[str, ...]  # without the places, whose ids are the last ones
    lowest: Int[np.ndarray, " voice"]
    highest: Int[np.ndarray, " voice"]
    places: bool = False

    @classmethod
    def of(cls, pieces: Sequence[Window], *, places: bool = False) -> "Words":
        """Collect the range of each voice; between its ends every pitch has a word."""
        notes = np.concatenate(pieces)
        highest = notes.max(axis=0)
        lowest = np.where(notes == REST, 127, notes).min(axis=0)
        ranges = zip(NAMES, lowest, highest, strict=True)
        sung = [
            f"{name}{one}" for name, low, high in ranges for one in ("-", *range(low, high + 1))
        ]
        return cls((*SPECIAL, *sung), lowest, highest, places)

    def __len__(self) -> int:
        return len(self.words) + len(PLACES) * self.places

    def ids(self, window: Window) -> Int[Tensor, "quarter voice"]:
        """Look every note up."""
        rows = [zip(NAMES, row, strict=True) for row in window.tolist()]
        return torch.tensor([[self.place.get(one, UNKNOWN) for one in row] for row in rows])

    @cached_property
    def place(self) -> Mapping[tuple[str, int], int]:
        """Map (name of the voice, pitch) to an id."""
        words = enumerate(self.words[len(SPECIAL) :], start=len(SPECIAL))
        return {(word[0], REST if word[1:] == "-" else int(word[1:])): n for n, word in words}

    def of_voice(self, voice: int) -> Int[Tensor, " word"]:
        """Give the ids that one voice may sing."""
        return torch.tensor([n for n, word in enumerate(self.words) if word[0] == NAMES[voice]])

    def turns(self) -> list[Int[Tensor, " word"]]:
        """List which words may be written, one after another: each quarter alto, tenor, bass."""
        sung = [self.of_voice(voice) for voice in (1, 2, 3)]
        numbers = torch.arange(len(self.words), len(self.words) + LENGTH)
        return [turn for one in numbers for turn in ([one[None], *sung] if self.places else sung)]

    def keys(self, window: Window) -> list[int]:
        """List the shifts, in semitones, that every voice can sing; with a rest in it, none."""
        if (window == REST).any():
            return [0]
        low, high = (self.lowest - window).max(), (self.highest - window).min()
        return list(range(max(low, -6), min(high, 6) + 1))


def cut(piece: Window) -> list[Window]:
    """Cut a piece into windows; what is left over counts if it is half as long."""
    starts = range(0, len(piece) - SHORTEST + 1, LENGTH)
    return [piece[start : start + LENGTH] for start in starts]


def opening(pieces: Sequence[Window]) -> list[Window]:
    """Take the first sixteen quarters of each piece."""
    return [piece[:LENGTH] for piece in pieces]


def draw(pieces: Sequence[Window], words: Words, random: np.random.Generator) -> Window:
    """Take a window from anywhere, in any key that the voices can sing."""
    piece = pieces[random.integers(len(pieces))]
    start = random.integers(len(piece) - SHORTEST + 1)
    window = piece[start : start + LENGTH]
    return window + random.choice(words.keys(window))


def collate(
    windows: Sequence[Window], words: Words
) -> tuple[Int[Tensor, "batch source"], Int[Tensor, "batch target"]]:
    """Make sources, filled up with pads, and labels, filled up with -100."""
    ids, end = [words.ids(one) for one in windows], torch.tensor([END])
    if words.places:
        numbers = torch.arange(len(words.words), len(words))[:, None]
        told = [numbers[: len(one)] for one in ids]
    else:
        told = [one[:, :0] for one in ids]
    pairs = list(zip(told, ids, strict=True))
    source = [torch.cat([torch.cat([n, one[:, :1]], 1).flatten(), end]) for n, one in pairs]
    labels = [torch.cat([torch.cat([n, one[:, 1:]], 1).flatten(), end]) for n, one in pairs]
    return pad_sequence(source, True, PAD), pad_sequence(labels, True, IGNORED)


def decoded(ids: Int[Tensor, " word"], words: Words, given: Window) -> Window:
    """Put the written voices under the soprano."""
    spoken = [words.words[one][1:] for one in ids.tolist() if one < len(words.words)]
    notes = np.array([REST if one == "-" else int(one) for one in spoken]).reshape(-1, 3)
    return np.column_stack([given[:, 0], notes])


def tokenizer(words: Words) -> Any:
    """Build a tokeniser of Hugging Face's that knows these words and ends every text."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    ids = {word: number for number, word in enumerate(words.words)}
    core = Tokenizer(models.WordLevel(ids, unk_token=SPECIAL[UNKNOWN]))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", END)]
    )
    names = dict(zip(("pad_token", "eos_token", "unk_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=core, **names)
