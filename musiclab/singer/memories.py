"""What a singer remembers: notes, each with a weight, to be heard relative to another note.

A voice's newest note, the notes before it, what the other voices sing, what followed when these
chords were heard before, the tonic that it was told, how often each pitch class sounded: all of
these are notes of the past. None is looked at as such. What counts is its *interval* to the note
that is to be judged, so that what is learned in one key serves in all.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import one_hot, pad

from musiclab.singer.config import NEAR_THE_END, SingerConfig
from musiclab.singer.tunes import Found

HIDDEN = 0  # the token of a note that is not shown; it has no pitch
OCTAVE, WIDEST = 12, 24  # semitones; wider intervals count as two octaves
N_INTERVALS = 2 * WIDEST + 1
N_RELATIONS = N_INTERVALS + OCTAVE + 1  # with tokens that hold a note
LONGEST_REPEAT = 32  # frames; an agreement as long as this counts like a longer one


class Votes(NamedTuple):
    """What followed in other tunes: of each voice, where the voices above it went on alike."""

    shares: Float[Tensor, "batch seq voice kind wide"]  # of all votes; 0 where there are none
    lengths: Int[Tensor, "batch seq voice kind"]  # the longest agreement, below ``N_LENGTHS``
    soprano: Int[Tensor, "batch seq"]  # MIDI number from which the shares count


class Memories(NamedTuple):
    """What is remembered before each frame.

    Args:
        notes: For each voice the same kinds of notes in the same order, as tokens; ``vocab_size``
            and the eleven ids after it stand for the pitch classes from C.
        weights: How much each counts, from 0 to 1.
        histograms: For each pitch class, as a possible next note, how often the classes that
            lie 0, 1, ... 11 semitones below it have sounded; one histogram for each decay.
        found: For each piece, where other tunes went as it does up to its newest frame.
        votes: What followed there; it depends on the voices that are chosen.
    """

    notes: Int[Tensor, "batch seq voice note"]
    weights: Float[Tensor, "batch seq voice note"]
    histograms: Float[Tensor, "batch seq class step"]
    found: Sequence[Sequence[Found]] = ()
    votes: Votes | None = None

    def newest(self, voices: int) -> Int[Tensor, "batch seq voice"]:
        """Give the newest note of each of the first ``voices`` voices."""
        return self.notes[:, :, :voices, 0]

    def last(self) -> "Memories":
        """Keep the newest frame alone."""
        return Memories(*(one[:, -1:] for one in self[:3]), self.found)


def relation_table(
    pitches: Int[Tensor, " vocab"], held: Bool[Tensor, " vocab"]
) -> Int[Tensor, "note vocab"]:
    """Number the relation of every token, and then every pitch class, to every token.

    Args:
        pitches: MIDI number of each token, -1 if it has none.
        held: True for tokens that hold a note which sounds already.

    Returns:
        0 where one has no pitch, else 25 + the interval up to the second, clipped to two octaves;
        to a held one, 50 + the interval within the octave, or 62 from that very token.

    Example:
        >>> relation_table(torch.tensor([-1, 60, 67]), torch.tensor([False] * 3))[:3].tolist()
        [[0, 0, 0], [0, 25, 32], [0, 18, 25]]
    """
    interval = pitches - pitches[:, None]  # note vocab
    table = 1 + WIDEST + interval.clamp(-WIDEST, WIDEST)
    table = torch.where(held, 1 + N_INTERVALS + interval % OCTAVE, table)
    same = torch.eye(len(pitches), dtype=torch.bool) & held
    table = torch.where(same, 1 + N_INTERVALS + OCTAVE, table)
    table = torch.where(pitches[:, None] < 0, 0, table)
    from_class = 1 + WIDEST + (pitches - torch.arange(OCTAVE)[:, None]) % OCTAVE
    return torch.where(pitches < 0, 0, torch.cat([table, from_class]))


def pitch_class_profile(
    pitches: Int[Tensor, "batch seq voice"], decay: float | int, first: int = 0
) -> Float[Tensor, "batch unread 12"]:
    """Count how often each pitch class has sounded, recent notes more.

    Args:
        pitches: MIDI numbers, -1 where none sounds.
        decay: After so many frames a note weighs 1 / e of a new one.
        first: The first frame of interest.

    Returns:
        The share of each class, C first, times 12 and less 1: 0 is the share that it would have
        if all were alike, -1 is none.

    Source:
        Krumhansl and Kessler (1982), Psychological Review 89: keys as profiles of pitch classes.

    Example:
        >>> pitch_class_profile(torch.tensor([[[60, 48, 67, -1]]]), 8)[0, 0, :8].tolist()
        [7.0, -1.0, -1.0, -1.0, -1.0, -1.0, -1.0, 3.0]
    """
    classes = torch.where(pitches < 0, OCTAVE, pitches % OCTAVE)
    sounding = one_hot(classes, OCTAVE + 1)[..., :OCTAVE].sum(dim=-2).float()  # batch seq 12
    places = torch.arange(pitches.shape[1], device=pitches.device)
    age = places[first:, None] - places  # unread seq
    weight = torch.exp(-age.clamp(min=0) / decay).tril(first)
    with torch.autocast(pitches.device.type, enabled=False):
        heard = weight @ sounding
    return OCTAVE * heard / heard.sum(dim=-1, keepdim=True).clamp(min=1e-6) - 1


def seen_from_every_class(
    profile: Float[Tensor, "batch seq 12"],
) -> Float[Tensor, "batch seq class 12"]:
    """Turn a profile so that it is counted down from each pitch class.

    Example:
        >>> seen_from_every_class(torch.arange(12.0).view(1, 1, 12))[0, 0, 2].tolist()
        [2.0, 1.0, 0.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0]
    """
    classes = torch.arange(OCTAVE, device=profile.device)
    return profile[..., (classes[:, None] - classes) % OCTAVE]


def notes_before(
    tokens: Int[Tensor, "batch seq voice"], pitches: Int[Tensor, "batch seq voice"], count: int
) -> Int[Tensor, "batch seq voice count"]:
    """Look up which notes each voice sang before the one that it sings, the last of them first.

    Where there were not so many, the first one is repeated.

    Example:
        >>> tokens = torch.tensor([60, 60, 62, 62, 64]).view(1, 5, 1)
        >>> notes_before(tokens, tokens, 2)[0, :, 0].tolist()
        [[60, 60], [60, 60], [60, 60], [60, 60], [62, 60]]
    """
    now = torch.arange(tokens.shape[1], device=tokens.device)[None, 1:, None]
    begins = torch.where(pitches[:, 1:] != pitches[:, :-1], now, 0).cummax(dim=1).values
    end_of_the_one_before = pad((begins - 1).clamp(min=0), (0, 0, 1, 0))
    found = [tokens]
    for _ in range(count):
        found.append(found[-1].gather(1, end_of_the_one_before))
    return torch.stack(found[1:], dim=-1)


def longest_repeat(
    tokens: Int[Tensor, "batch seq voice"], first: int = 0
) -> tuple[Int[Tensor, "batch unread"], Int[Tensor, "batch unread"]]:
    """Find where the newest frames were heard before, and for how many frames back they agree.

    A Transformer can learn to look there by itself (Olsson et al., 2022, "In-context Learning and
    Induction Heads", arXiv:2209.11895). A small one that reads two hundred chorales does not.

    Args:
        tokens: What each voice did in each frame; hidden ones agree with any.
        first: The first frame of interest.

    Returns:
        How many frames ago the longest agreement ended, the latest of equal ones, and its length,
        up to ``LONGEST_REPEAT``; 0 if the newest frame was never heard.

    Example:
        >>> tokens = torch.tensor([5, 6, 7, 5, 6]).view(1, 5, 1)
        >>> [found[0, 4].item() for found in longest_repeat(tokens)]
        [3, 2]
    """
    seq, device = tokens.shape[1], tokens.device
    begin = max(0, first - LONGEST_REPEAT + 1)  # earlier frames cannot matter
    now = torch.arange(begin, seq, device=device)[:, None]
    lag = torch.arange(1, max(seq, 2), device=device)
    then = now - lag  # now lag
    old, new = tokens[:, then.clamp(min=0)], tokens[:, begin:, None]  # batch now lag voice
    agree = ((old == new) | (old == HIDDEN) | (new == HIDDEN)).all(dim=-1) & (then >= 0)
    last_break = torch.where(agree, begin - 1, now).cummax(dim=1).values
    length = (now - last_break)[:, first - begin :].clamp(max=LONGEST_REPEAT)
    best = (length * seq - lag).argmax(dim=-1)  # batch unread
    return lag[best], length.gather(-1, best[..., None])[..., 0]


def what_followed(
    tokens: Int[Tensor, "batch seq voice"], first: int, heard: slice
) -> tuple[Int[Tensor, "batch unread voice"], Float[Tensor, "batch unread voice"]]:
    """Give the frame after the longest repeat of the voices ``heard``, and how far to trust it."""
    lag, length = longest_repeat(tokens[..., heard], first)
    places = torch.arange(first, tokens.shape[1], device=tokens.device) + 1 - lag
    weight = torch.log2(1 + length) / math.log2(1 + LONGEST_REPEAT)
    followed = tokens.gather(1, places.clamp(min=0)[..., None].expand(-1, -1, tokens.shape[-1]))
    return followed, weight[..., None].expand(-1, -1, tokens.shape[-1])


@torch.no_grad()
def remember(
    previous: Int[Tensor, "batch seq voice"],
    conditions: Int[Tensor, "batch seq condition"],
    config: SingerConfig,
    pitches: Int[Tensor, " vocab"],
    first: int = 0,
) -> Memories:
    """Collect what each voice remembers before each frame from ``first`` on.

    Args:
        previous: The frames one step late: a frame of start tokens, then the piece.
        conditions: What is told about the frame to be written.
        config: What to remember.
        pitches: MIDI number of each token, -1 if it has none.
        first: The first frame of interest.
    """
    voices, sounding = previous.shape[-1], pitches[previous]
    newest = previous[:, first:]
    notes, weights = [], []

    def add(more: Int[Tensor, "batch unread voice note"], weight: Tensor | None = None) -> None:
        notes.append(more)
        weights.append(torch.ones_like(more, dtype=torch.float32) if weight is None else weight)

    if config.n_relations:
        # Each voice's own newest note, then those of the voices above and below it, in turn.
        turn = torch.arange(voices, device=previous.device)
        add(newest[..., (turn[:, None] + turn) % voices])
    if config.earlier:
        add(notes_before(previous, sounding, config.earlier)[:, first:])
    if config.repeats:
        for heard in (slice(None), slice(1)):  # all voices agree, or the highest alone
            followed, weight = what_followed(previous, first, heard)
            add(followed[..., None], weight[..., None])
    if config.key_condition is not None:
        tonics, weight = _tonics(conditions[:, first:], config)
        add(*(one[:, :, None].expand(-1, -1, voices, -1) for one in (tonics, weight)))
    profiles = [pitch_class_profile(sounding, decay, first) for decay in config.decays]
    seen = [seen_from_every_class(profile) for profile in profiles]
    nothing = newest.new_empty(*newest.shape[:2], OCTAVE, 0)
    return Memories(
        torch.cat(notes, dim=-1) if notes else newest[..., None][..., :0],
        torch.cat(weights, dim=-1) if notes else newest[..., None][..., :0].float(),
        torch.cat(seen, dim=-1) if seen else nothing.float(),
    )


def _tonics(
    conditions: Int[Tensor, "batch seq condition"], config: SingerConfig
) -> tuple[Int[Tensor, "batch seq note"], Float[Tensor, "batch seq note"]]:
    """Give the tonic that is told as a note: of a major key, of a minor key, near the end."""
    key = conditions[..., config.key_condition]
    counts = [(key > 0) & (key <= OCTAVE), key > OCTAVE]
    if config.end_condition is not None:
        remaining = conditions[..., config.end_condition]
        counts += [
            (key > 0) & (low <= remaining) & (remaining <= high) for low, high in NEAR_THE_END
        ]
    tonic = config.vocab_size + (key - 1) % OCTAVE
    weight = torch.stack(counts, dim=-1).float()
    return tonic[..., None].expand(weight.shape), weight
