"""Harmonise a melody: the soprano is given, alto, tenor and bass are written under it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, no_type_check

import numpy as np
import torch
from jaxtyping import Bool, Int

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.notes import NoteSequence
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.key_guess import guess_key
from musiclab.sampling.melody import as_melody
from musiclab.sampling.opening import open_checkpoint, tokens_of
from musiclab.sampling.particles import follow
from musiclab.sampling.settings import Settings, check_seed, check_whole
from musiclab.sampling.steps import steps_for
from musiclab.tokens.conditions import MODES
from musiclab.training.checkpoint import Checkpoint

MOST_PARTICLES = 4096


@no_type_check  # the settings check themselves, in better words than a checker's
def harmonise(
    melody: Chorale | NoteSequence | Sequence[int] | Int[np.ndarray, " frame"],
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    seed: int = 0,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    particles: int = 16,
    mode: str | None = None,
    fermatas: Sequence[bool] | Bool[np.ndarray, " frame"] | None = None,
    ending: bool = True,
    on_frame: Callable[[int, int], None] | None = None,
) -> Chorale:
    """Write three voices under a melody; the same arguments give the same voices.

    Several harmonisations are followed at once (``musiclab.sampling.particles`` says how), since
    a model that writes forwards does not know which melody note comes next.

    Args:
        melody: A chorale, whose soprano is taken; notes, of which the highest are taken; or one
            MIDI number for each frame (a 16th note), -1 for a rest.
        checkpoint: A shipped model ("bach-studio", "bach-grid"), a folder, or a loaded one.
        seed: Where the random numbers start.
        temperature: Of the three voices; above 1 is more daring, below 1 more cautious.
        top_k: Choose only among the ``top_k`` likeliest tokens.
        top_p: Choose only among the fewest likeliest tokens that reach this probability.
        min_p: Choose only among tokens at least this likely, as a share of the likeliest one's.
        particles: How many harmonisations to follow; more follow the melody better and take longer.
        mode: "major" or "minor": a wish, which the shipped model follows weakly; None for that of
            the melody's key, or to let the model choose.
        fermatas: True in each frame under a fermata; None for the melody's own.
        ending: Whether the melody comes to its end with the last frame.
        on_frame: Called with (frames done, frames in all) after each frame.

    Returns:
        The melody, note for note, with three voices under it.

    Raises:
        SettingError: If a value is out of range, or the melody does not suit the checkpoint.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    settings = Settings(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p)
    check_seed(seed)
    limits = {"lowest": 1, "highest": MOST_PARTICLES}
    check_whole("particles", particles, **limits, remedy="16 follow a melody well")
    tune = as_melody(melody)
    if fermatas is not None:
        tune = replace(tune, fermatas=_checked_fermatas(fermatas, len(tune)))
    opened = open_checkpoint(checkpoint)
    tokens = tokens_of(tune, opened.tokenizer, "the melody")
    steps = steps_for(
        opened.model,
        opened.tokenizer,
        frames=len(tune),
        conditions=torch.from_numpy(_told(opened, tune, mode, ending)),
        batch=particles,
    )
    generator = torch.Generator().manual_seed(seed)
    clouds = follow(
        steps,
        Grammar(opened.tokenizer, steps.previous.device),
        torch.from_numpy(tokens[:, 0]),
        settings=settings,
        generator=generator,
    )
    last = next(clouds)
    for done in range(1, len(tune) + 1):
        if on_frame is not None:
            on_frame(done, len(tune))
        last = next(clouds, last)
    chosen = torch.multinomial(last.log_weights.exp().cpu(), 1, generator=generator)
    written = last.tokens[chosen.to(last.tokens.device)][0].cpu().numpy()
    name = checkpoint if isinstance(checkpoint, str | os.PathLike) else "a model"
    how = f"harmonised by {name} {opened.fingerprint}, seed {seed}, {particles} particles"
    return _under(tune, written, opened.tokenizer, how)


def _under(
    tune: Chorale,
    tokens: Int[np.ndarray, "frame voice"],
    tokenizer: Any,
    how: str,
) -> Chorale:
    """Put the written voices under the melody, which stays as it was."""
    written = tokenizer.decode(tokens.ravel() if tokenizer.layout == "notes" else tokens)
    pitches, attacks = written.pitches.copy(), written.attacks.copy()
    pitches[:, 0], attacks[:, 0] = tune.pitches[:, 0], tune.attacks[:, 0]
    key = tune.key or guess_key(pitches)
    title = f"{tune.title}, harmonised" if tune.title else "Harmonised melody"
    source = f"{tune.source}, {how}" if tune.source else how
    return replace(tune, pitches=pitches, attacks=attacks, key=key, title=title, source=source)


def _told(
    checkpoint: Any, tune: Chorale, mode: str | None, ending: bool
) -> Int[np.ndarray, "frame condition"]:
    """Number what the model is told about each frame of the melody."""
    if mode not in (None, *MODES):
        raise SettingError(f'mode must be "major", "minor" or None, got {mode!r:.60}')
    conditions = checkpoint.conditions
    if mode is not None and "mode" not in conditions.names:
        raise SettingError(
            "this checkpoint was never told the mode of a piece, so it cannot obey; "
            'leave it out or use checkpoint="bach-studio"'
        )
    ids = conditions.encode(replace(tune, key=f"C {mode}") if mode else tune)
    unknown = {"remaining": not ending, "fermata": not tune.fermatas.any()}
    for column, name in enumerate(conditions.names):
        if unknown.get(name):
            ids[:, column] = 0  # not told
    return ids


def _checked_fermatas(fermatas: Any, frames: int) -> Bool[np.ndarray, " frame"]:
    told = np.asarray(fermatas)
    if told.dtype != bool or told.shape != (frames,):
        raise SettingError(
            f"fermatas must be True or False for each of the {frames} frames of the melody, "
            f"got {fermatas!r:.60}"
        )
    return told
