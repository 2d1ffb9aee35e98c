"""Rewrite some notes of a piece and keep the others: what the model would write, given the rest."""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, no_type_check

import numpy as np
import torch
from jaxtyping import Bool, Int
from torch import Tensor

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_whole
from musiclab.errors import SettingError
from musiclab.music.chorale import VOICES, Chorale
from musiclab.sampling.decoding import FREE, write_frames
from musiclab.sampling.encoding import chorale_of, tokens_of
from musiclab.sampling.expectation import conditions_of
from musiclab.sampling.gibbs import SWEEPS, fill
from musiclab.sampling.particles import Particles
from musiclab.sampling.settings import Settings, check_seed
from musiclab.sampling.steps import Steps, steps_for

PARTICLES, MOST_PARTICLES = 32, 4096
MOST_ALTERNATIVES = 16
AHEAD = 32  # frames of kept music after the last new note that still decide which notes fit
_APART = 1_000_003  # between the seeds of two alternatives
_TRIES = 3  # for each alternative, to find one that differs


@no_type_check  # it checks its arguments itself
def rewrite(
    chorale: Chorale,
    cells: Bool[np.ndarray, "frame voice"] | Iterable[tuple[int, int]],
    *,
    count: int = 3,
    seed: int = 0,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    particles: int = PARTICLES,
    on_frame: Callable[[int, int], None] | None = None,
    **settings: Any,
) -> list[Chorale]:
    """Write the chosen cells anew, several times; every other note stays.

    "bach-infill" reads both sides of the new notes (``musiclab.sampling.gibbs``). The other models
    write forwards; so many versions are written at once, and those are kept under which the notes
    that stay are likely, before and up to two bars after the new ones
    (``musiclab.sampling.particles``).

    Args:
        chorale: The piece.
        cells: Which (frame, voice) cells to write anew: an array that is True there, or pairs.
        count: How many alternatives to find, 1 to 16.
        seed: Where the random numbers start.
        checkpoint: A shipped model but "bach-harmoniser", a folder, or a loaded one.
        particles: How many versions to write at once for each alternative, with a model that
            writes forwards. More follow the kept notes better and take longer.
        on_frame: Called with (frames done, frames in all), or with sweeps.
        **settings: Temperature, filters and rules, as for ``Settings``.

    Returns:
        The alternatives. Each differs from the piece and from the others; there are fewer than
        ``count`` where the kept notes leave no more. A kept note that was held over from a
        rewritten cell is struck. Their ``source`` is empty: no recipe makes them again.

    Raises:
        SettingError: If a value is out of range, no cell is chosen, or the piece does not suit the
            checkpoint.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    options = Settings(**settings)
    check_seed(seed)
    check_whole("count", count, lowest=1, highest=MOST_ALTERNATIVES, remedy="3 can be compared")
    check_whole("particles", particles, lowest=1, highest=MOST_PARTICLES, remedy="32 do well")
    chosen = check_cells(cells, len(chorale))
    opened = open_checkpoint(checkpoint, may_fill=True)
    if hasattr(opened.model, "encode"):
        raise SettingError(
            "this checkpoint writes voices under a whole melody and cannot rewrite single notes; "
            'use checkpoint="bach-studio"'
        )
    attacks = chorale.attacks.copy()
    attacks[1:] |= chosen[:-1] & ~chosen[1:]  # nothing holds it any more
    kept = replace(chorale, attacks=attacks, source="")
    tokens = torch.from_numpy(tokens_of(kept, opened.tokenizer, "the piece"))
    told = torch.from_numpy(conditions_of(kept, opened))
    found: list[Chorale] = []
    for turn in range(_TRIES * count):
        generator = torch.Generator().manual_seed((seed + turn * _APART) % 2**63)
        tell = partial(_tell, on_frame, len(found), count)
        hole = _Hole(opened, tokens, told, torch.from_numpy(chosen), options, generator, tell)
        write = _fill if hasattr(opened.model, "fills_gaps") else _write_forwards
        written = write(hole, particles)
        piece = _merge(kept, chorale_of(written.numpy(), opened.tokenizer), chosen)
        if not any(_same_music(piece, other) for other in (kept, *found)):
            found.append(piece)
        if len(found) == count:
            break
    return found


class _Hole(NamedTuple):
    """What is to be written, with which model, and who is told how far it is."""

    checkpoint: Checkpoint
    tokens: Int[Tensor, "frame voice"]
    told: Int[Tensor, "frame condition"]
    chosen: Bool[Tensor, "frame voice"]
    settings: Settings
    generator: torch.Generator
    tell: Callable[[int, int], None]


def _write_forwards(hole: _Hole, particles: int) -> Int[Tensor, "frame voice"]:
    """Draw one version among many that were written at once."""
    model, tokens = hole.checkpoint.model, hole.tokens
    parts = {"frames": len(tokens), "conditions": hole.told, "batch": particles}
    steps = steps_for(model, hole.checkpoint.tokenizer, **parts)
    cloud = Particles(steps, hole.generator)
    for done in follow(cloud, hole.checkpoint, tokens, hole.chosen, hole.settings):
        hole.tell(*done)
    written = tokens.clone()
    written[: steps.frame] = steps.written[cloud.draw()].cpu()
    return written


def _fill(hole: _Hole, particles: int) -> Int[Tensor, "frame voice"]:
    """Guess all cells at once, and mend the guesses until they agree."""
    model, tokenizer, written = hole.checkpoint.model, hole.checkpoint.tokenizer, hole.tokens
    parts = {"conditions": hole.told, "generator": hole.generator, "settings": hole.settings}
    sweeps = fill(model, tokenizer, hole.tokens, hole.chosen, **parts)
    for done, pieces in enumerate(sweeps, start=1):
        written = pieces[0]
        hole.tell(done, SWEEPS)
    return written


def _tell(
    on_frame: Callable[[int, int], None] | None, found: int, count: int, done: int, total: int
) -> None:
    """Count the frames, or sweeps, of all alternatives."""
    if on_frame is not None:
        on_frame(found * total + done, count * total)


def follow(
    cloud: Particles,
    checkpoint: Checkpoint,
    tokens: Int[Tensor, "frame voice"],
    chosen: Bool[Tensor, "frame voice"],
    settings: Settings,
) -> Iterable[tuple[int, int]]:
    """Write the chosen cells with every particle, and weigh each by the notes that are kept.

    Args:
        cloud: Particles that stand at the first frame.
        checkpoint: The model and its tokeniser.
        tokens: The piece; what is chosen does not matter.
        chosen: True for the cells to write.
        settings: Temperature, filters and rules.

    Yields:
        (frames done, frames in all); what lies ``AHEAD`` frames after the last chosen cell is
        neither read nor written.
    """
    steps: Steps = cloud.steps
    rows = chosen.any(dim=1).nonzero()[:, 0].tolist()
    first, stop = rows[0], min(len(tokens), rows[-1] + 1 + AHEAD)
    steps.rows[:, 1 : first + 1] = tokens[:first]  # read in one go, at the first score
    steps.frame = first
    given = tokens.masked_fill(chosen, FREE)[first:stop]
    frames = write_frames(
        steps,
        checkpoint.tokenizer,
        given=given.tolist(),
        generator=cloud.generator,
        settings=settings,
        score_given=True,
    )
    for done, frame in enumerate(frames, start=1):
        is_kept = ~chosen[first + done - 1]
        cloud.weigh(frame.log_probabilities[:, is_kept].sum(dim=1))
        yield done, stop - first


@no_type_check
def check_cells(cells: Any, frames: int) -> Bool[np.ndarray, "frame voice"]:
    """Return cells as an array that is True for each, or refuse what chooses none.

    Example:
        >>> check_cells([(1, 3)], 2).astype(int)
        array([[0, 0, 0, 0],
               [0, 0, 0, 1]])
    """
    shape = (frames, len(VOICES))
    if isinstance(cells, np.ndarray) and cells.dtype == bool and cells.shape == shape:
        chosen = cells
    else:
        chosen = np.zeros(shape, dtype=bool)
        try:
            for frame, voice in cells:
                if not (0 <= frame < frames and 0 <= voice < len(VOICES)):
                    raise ValueError
                chosen[frame, voice] = True
        except (TypeError, ValueError, IndexError):
            raise SettingError(
                f"cells must be (frame, voice) pairs within {frames} frames and {len(VOICES)} "
                f"voices, or an array of True and False of shape {shape}, got {cells!r:.60}"
            ) from None
    if not chosen.any():
        raise SettingError("no cell is chosen; mark at least one note to rewrite")
    return chosen


def _merge(kept: Chorale, written: Chorale, chosen: Bool[np.ndarray, "frame voice"]) -> Chorale:
    """Put the new cells into the piece."""
    return replace(
        kept,
        pitches=np.where(chosen, written.pitches, kept.pitches),
        attacks=np.where(chosen, written.attacks, kept.attacks),
    )


def _same_music(one: Chorale, other: Chorale) -> bool:
    arrays = ("pitches", "attacks")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)
