"""Harmonise a melody: the soprano is given, alto, tenor and bass are written under it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, no_type_check

import numpy as np
import torch
from jaxtyping import Bool, Int

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.errors import SettingError
from musiclab.model.frame_encoder_decoder import FrameEncoderDecoder
from musiclab.music.chorale import Chorale
from musiclab.music.keys import sharps_of
from musiclab.music.notes import NoteSequence
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.harmony_steps import HarmonySteps, melody_source, write_under
from musiclab.sampling.key_choice import check_key_and_mode, choose_key, read_key
from musiclab.sampling.key_guess import guess_key
from musiclab.sampling.melody import as_melody
from musiclab.sampling.opening import tokens_of
from musiclab.sampling.particles import follow
from musiclab.sampling.settings import Settings, check_seed, check_whole
from musiclab.sampling.steps import steps_for
from musiclab.tokens.conditions import UNKNOWN

PARTICLES, MOST_PARTICLES = 16, 4096

OnFrame = Callable[[int, int], None]


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
    rules: Sequence[str] = (),
    particles: int | None = None,
    key: str | None = None,
    mode: str | None = None,
    fermatas: Sequence[bool] | Bool[np.ndarray, " frame"] | None = None,
    ending: bool = True,
    on_frame: OnFrame | None = None,
) -> Chorale:
    """Write three voices under a melody; the same arguments give the same voices.

    "bach-harmoniser" has read the melody to its end before it writes the first chord. The other
    models write forwards and do not know which melody note comes next; with them, several
    harmonisations are followed at once (``musiclab.sampling.particles`` says how).

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
        particles: How many harmonisations to follow with a model that writes forwards; None for
            16. More follow the melody better and take longer.
        key: Such as "D minor"; None for the melody's own, or to let the model choose.
        mode: "major" or "minor": the melody's own key or its relative; None for that of the key.
        fermatas: True in each frame under a fermata; None for the melody's own.
        ending: Whether the melody comes to its end with the last frame.
        on_frame: Called with (frames done, frames in all) after each frame.

    Returns:
        The melody, note for note, with three voices under it.

    Raises:
        SettingError: If a value is out of range, or the melody does not suit the checkpoint.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    knobs = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    settings = Settings(**knobs, rules=rules)
    check_seed(seed)
    if particles is not None:
        limits = {"lowest": 1, "highest": MOST_PARTICLES}
        check_whole("particles", particles, **limits, remedy="16 follow a melody well")
    key = None if key is None else read_key(key)
    check_key_and_mode(key, mode)
    if not isinstance(ending, bool):
        raise SettingError(f"ending must be True or False, got {ending!r:.60}")
    tune = as_melody(melody)
    if fermatas is not None:
        tune = replace(tune, fermatas=_checked_fermatas(fermatas, len(tune)))
    opened = open_checkpoint(checkpoint)
    _check_can_say(opened, key=key, mode=mode, fermatas=fermatas)
    tune = replace(tune, key=_known_key(tune, key, mode, seed))
    told = torch.from_numpy(_told(opened, tune, ending))
    generator = torch.Generator().manual_seed(seed)
    name = checkpoint if isinstance(checkpoint, str | os.PathLike) else "a model"
    how = f"harmonised by {name} {opened.fingerprint}, seed {seed}"
    if isinstance(opened.model, FrameEncoderDecoder):
        if particles is not None:
            raise SettingError(
                f"this checkpoint reads the melody before it writes, so particles={particles} have "
                "nothing to follow; leave them out"
            )
        tokens = _after_reading(opened, tune, told, settings, generator, on_frame)
    else:
        count = particles or PARTICLES
        tokens = _by_particles(opened, tune, told, settings, generator, on_frame, count)
        how += f", {count} particles"
    return _under(tune, tokens, opened.tokenizer, how)


@no_type_check
def _after_reading(
    checkpoint, tune, told, settings, generator, on_frame
) -> Int[np.ndarray, "frame voice"]:
    """Write with a model that reads the melody first."""
    tokenizer = checkpoint.tokenizer
    steps = HarmonySteps(checkpoint.model, tokenizer, melody_source(tune, tokenizer), told)
    grammar = Grammar(tokenizer, steps.previous.device, settings.rules)
    frames = write_under(steps, grammar, settings=settings, generator=generator)
    for done, _ in enumerate(frames, start=1):
        if on_frame is not None:
            on_frame(done, len(tune))
    return steps.rows[0, 1:].cpu().numpy()


@no_type_check
def _by_particles(
    checkpoint, tune, told, settings, generator, on_frame, particles
) -> Int[np.ndarray, "frame voice"]:
    """Write with a model that only writes forwards; draw one of what was followed."""
    model, tokenizer = checkpoint.model, checkpoint.tokenizer
    tokens = tokens_of(tune, tokenizer, "the melody")
    steps = steps_for(model, tokenizer, frames=len(tune), conditions=told, batch=particles)
    clouds = follow(
        steps,
        Grammar(tokenizer, steps.previous.device, settings.rules),
        torch.from_numpy(tokens[:, 0]),
        settings=settings,
        generator=generator,
        melody_grammar=Grammar(tokenizer, steps.previous.device),
    )
    last = next(clouds)
    for done in range(1, len(tune) + 1):
        if on_frame is not None:
            on_frame(done, len(tune))
        last = next(clouds, last)
    chosen = torch.multinomial(last.log_weights.exp().cpu(), 1, generator=generator)
    return last.tokens[chosen.to(last.tokens.device)][0].cpu().numpy()


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


def _check_can_say(checkpoint: Checkpoint, **wishes: Any) -> None:
    """Refuse a wish that the checkpoint has no words for."""
    columns = {"key": {"key"}, "mode": {"key", "mode"}, "fermatas": {"fermata"}}
    for name, asked in wishes.items():
        if asked is not None and not columns[name] & set(checkpoint.conditions.names):
            raise SettingError(
                f"this checkpoint was never told the {name} of a piece, so it cannot obey; "
                'leave it out or use checkpoint="bach-studio"'
            )


def _known_key(tune: Chorale, key: str | None, mode: str | None, seed: int) -> str:
    """Settle the key: as asked, else the melody's own; "" leaves it to the model."""
    own = tune.key
    if mode and sharps_of(own) is None:
        own = guess_key(tune.pitches)
    return choose_key(key, mode, own, seed) or tune.key


def _told(
    checkpoint: Checkpoint, tune: Chorale, ending: bool
) -> Int[np.ndarray, "frame condition"]:
    """Number what the model is told about each frame of the melody."""
    ids = checkpoint.conditions.encode(tune)
    unknown = {"remaining": not ending, "fermata": not tune.fermatas.any()}
    for column, name in enumerate(checkpoint.conditions.names):
        if unknown.get(name):
            ids[:, column] = UNKNOWN
    return ids


def _checked_fermatas(fermatas: Any, frames: int) -> Bool[np.ndarray, " frame"]:
    told = np.asarray(fermatas)
    if told.dtype != bool or told.shape != (frames,):
        raise SettingError(
            f"fermatas must be True or False for each of the {frames} frames of the melody, "
            f"got {fermatas!r:.60}"
        )
    return told
