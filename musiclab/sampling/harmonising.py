"""Harmonise a melody: the soprano is given, alto, tenor and bass are written under it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import no_type_check

import numpy as np
import torch
from jaxtyping import Bool, Int

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_choice, check_whole
from musiclab.errors import SettingError
from musiclab.music.chorale import VOICES, Chorale
from musiclab.music.keys import find_key, sharps_of
from musiclab.music.notes import NoteSequence
from musiclab.sampling.decoding import FREE, write_frames
from musiclab.sampling.encoding import check_conditions, chorale_of, melody_source, tokens_of
from musiclab.sampling.key_choice import check_key_and_mode, choose_key, read_key
from musiclab.sampling.melody import as_melody
from musiclab.sampling.particles import Particles
from musiclab.sampling.plan import check_fermatas
from musiclab.sampling.recipe import Recipe, music_hash, runs_of, source_to_read
from musiclab.sampling.session import TEMPERATURE
from musiclab.sampling.settings import Settings, check_seed
from musiclab.sampling.steps import steps_for
from musiclab.tokens.conditions import UNKNOWN

PARTICLES, MOST_PARTICLES = 16, 4096


@no_type_check  # it checks its arguments itself
def harmonise(
    melody: Chorale | NoteSequence | Sequence[int] | Int[np.ndarray, " frame"],
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    seed: int = 0,
    temperature: float = TEMPERATURE,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    rules: Sequence[str] = (),
    particles: int | None = None,
    key: str | None = None,
    mode: str | None = None,
    fermatas: Sequence[bool] | Bool[np.ndarray, " frame"] | None = None,
    ending: bool = True,
    on_frame: Callable[[int, int], None] | None = None,
) -> Chorale:
    """Write three voices under a melody; the same arguments give the same voices.

    "bach-harmoniser" has read the melody to its end before it writes the first chord. The other
    models write forwards and do not know which melody note comes next; with them, several
    harmonisations are written at once (``musiclab.sampling.particles`` says how).

    Args:
        melody: A chorale, whose soprano is taken; notes, of which the highest are taken; or one
            MIDI number for each frame (a 16th note), -1 for a rest.
        checkpoint: A shipped model ("bach-harmoniser", "bach-studio", "bach-grid"), a folder, or a
            loaded one.
        seed: Where the random numbers start.
        temperature: Of the three voices; above 1 is more daring, below 1 more cautious.
        top_k: Choose only among the ``top_k`` likeliest tokens.
        top_p: Choose only among the fewest likeliest tokens that reach this probability.
        min_p: Choose only among tokens at least this likely, as a share of the likeliest one's.
        rules: Rules of voice leading for the three voices, as for ``compose``; none by default.
        particles: How many harmonisations to write at once with a model that writes forwards; None
            for 16. More follow the melody better and take longer.
        key: Such as "D minor"; None for the melody's own, or to let the model choose.
        mode: "major" or "minor": the melody's own key or its relative; None for that of the key.
        fermatas: True in each frame under a fermata; None for the melody's own.
        ending: Whether the melody comes to its end with the last frame.
        on_frame: Called with (frames done, frames in all) after each frame.

    Returns:
        The melody, note for note, with three voices under it. Its ``source`` is its recipe:
        ``replay(source)`` writes it again.

    Raises:
        SettingError: If a value is out of range, or the melody does not suit the checkpoint.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    settings = Settings(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, rules=rules)
    check_seed(seed)
    if particles is not None:
        limits = {"lowest": 1, "highest": MOST_PARTICLES}
        check_whole("particles", particles, **limits, remedy="16 follow a melody well")
    key = None if key is None else read_key(key)
    check_key_and_mode(key, mode)
    check_choice("ending", ending, (True, False))
    tune = as_melody(melody)
    if fermatas is not None:
        fermatas = check_fermatas(fermatas, len(tune))
    opened = open_checkpoint(checkpoint)
    recipe = Recipe(
        checkpoint=os.fspath(checkpoint) if isinstance(checkpoint, str | os.PathLike) else "",
        fingerprint=opened.fingerprint,
        seed=seed,
        settings=settings,
        melody=source_to_read(tune),
        melody_hash=music_hash(tune),
        particles=particles,
        key=key,
        mode=mode,
        fermatas=None if fermatas is None else runs_of(fermatas),
        ending=ending,
    )
    check_conditions(opened.conditions, key=key, mode=mode, fermatas=fermatas)
    if fermatas is not None:
        tune = replace(tune, fermatas=fermatas)
    tune = replace(tune, key=_settled_key(tune, key, mode, seed))
    tokens = _write_under(tune, opened, recipe, on_frame)
    written = chorale_of(tokens, opened.tokenizer)
    return replace(
        tune,
        pitches=np.column_stack([tune.pitches[:, 0], written.pitches[:, 1:]]),
        attacks=np.column_stack([tune.attacks[:, 0], written.attacks[:, 1:]]),
        key=tune.key or find_key(written.pitches),
        title=f"{tune.title}, harmonised" if tune.title else "Harmonised melody",
        source=str(recipe),
    )


@no_type_check
def _write_under(tune, checkpoint, recipe, on_frame) -> Int[np.ndarray, "frame voice"]:
    """Write the three voices, and return the tokens of all four."""
    model, tokenizer, count = checkpoint.model, checkpoint.tokenizer, recipe.particles
    source, reads_ahead = None, hasattr(model, "encode")
    if reads_ahead:
        source = melody_source(tune, tokenizer)
        if count is not None:
            raise SettingError(
                f"this checkpoint reads the melody before it writes and needs no particles, got "
                f"{count}; leave them out"
            )
    melody = tokens_of(tune, tokenizer, "the melody")[:, 0].tolist()
    steps = steps_for(
        model,
        tokenizer,
        frames=len(tune),
        conditions=torch.from_numpy(_conditions(checkpoint, tune, recipe.ending)),
        source=source,
        batch=1 if reads_ahead else count or PARTICLES,
    )
    generator = torch.Generator().manual_seed(recipe.seed)
    particles = None if reads_ahead else Particles(steps, generator)
    frames = write_frames(
        steps,
        tokenizer,
        given=[[note, *[FREE] * (len(VOICES) - 1)] for note in melody],
        generator=generator,
        settings=recipe.settings,
        score_given=not reads_ahead,
    )
    for done, frame in enumerate(frames, start=1):
        if particles is not None:
            particles.weigh(frame.log_probabilities[:, 0])
        if on_frame is not None:
            on_frame(done, len(tune))
    row = 0 if particles is None else particles.draw()
    return steps.written[row].cpu().numpy()


def _settled_key(tune: Chorale, key: str | None, mode: str | None, seed: int) -> str:
    """Settle the key: as asked, else the melody's own; "" leaves it to the model."""
    own = tune.key
    if mode and sharps_of(own) is None:
        own = find_key(tune.pitches)
    return choose_key(key, mode, own, seed) or tune.key


def _conditions(
    checkpoint: Checkpoint, tune: Chorale, ending: bool
) -> Int[np.ndarray, "frame condition"]:
    """Number the conditions of each frame of the melody."""
    ids = checkpoint.conditions.encode(tune)
    unknown = {"remaining": not ending, "fermata": not tune.fermatas.any()}
    for column, name in enumerate(checkpoint.conditions.names):
        if unknown.get(name):
            ids[:, column] = UNKNOWN
    return ids
