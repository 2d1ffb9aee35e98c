"""Harmonise a melody: the soprano is given, alto, tenor and bass are written under it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import no_type_check

import numpy as np
import torch
from jaxtyping import Bool

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_choice, check_number, check_whole
from musiclab.music.chorale import REST, VOICES, Chorale
from musiclab.music.keys import (
    find_key,
    is_tonic_chord,
    sharps_of,
    spoken_key,
    tonic_pitch_class,
)
from musiclab.music.notes import NoteSequence
from musiclab.sampling.decoding import FREE, write_frames
from musiclab.sampling.encoding import (
    NEEDED,
    check_conditions,
    chorale_of,
    melody_source,
    tokens_of,
)
from musiclab.sampling.expectation import conditions_of
from musiclab.sampling.fitting import in_metre, sung
from musiclab.sampling.key_choice import check_key_and_mode, choose_key, clear_key, read_key
from musiclab.sampling.melody import as_melody, melody_text
from musiclab.sampling.particles import Particles
from musiclab.sampling.plan import check_fermatas
from musiclab.sampling.recipe import Recipe, music_hash, runs_of
from musiclab.sampling.session import TEMPERATURE
from musiclab.sampling.settings import Settings, check_seed
from musiclab.sampling.steps import steps_for

PARTICLES, FEWER_PARTICLES, MOST_PARTICLES = 16, 8, 4096


@no_type_check  # it checks its arguments itself
def harmonise(
    melody: str | os.PathLike[str] | Chorale | NoteSequence | Sequence[int],
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    seed: int = 0,
    temperature: float = TEMPERATURE,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    rules: Sequence[str] = (),
    particles: int | None = None,
    transpose: str | int | None = None,
    time_signature: str | None = None,
    pickup: int | None = None,
    tempo: float | int | None = None,
    key: str | None = None,
    mode: str | None = None,
    fermatas: Sequence[bool] | Bool[np.ndarray, " frame"] | None = None,
    ending: bool = True,
    on_frame: Callable[[int, int], None] | None = None,
) -> Chorale:
    """Write three voices under a melody; the same arguments give the same voices.

    Several harmonisations (particles) are written at once, and one of them is drawn; if the melody
    comes to its end, from those that end on the tonic chord. "bach-harmoniser" has read the melody
    to its end before it writes the first chord. The other models write forwards and do not know
    which melody note comes next; ``musiclab.sampling.particles`` says how they follow it.

    Args:
        melody: The path of a file (ABC, MIDI, MusicXML, kern); text, note names such as
            "G4:1 A4:0.5" (quarters) or ABC such as "K:G G2 A B c2", as for ``read_tune``; a
            chorale, whose soprano is taken; notes, of which the highest are taken; or one MIDI
            number for each frame (a 16th note), -1 for a rest.
        checkpoint: A shipped model ("bach-harmoniser", "bach-studio", "bach-grid"), a folder, or a
            loaded one.
        seed: Where the random numbers start.
        temperature: Of the three voices; above 1 is more daring, below 1 more cautious.
        top_k: Choose only among the ``top_k`` likeliest tokens.
        top_p: Choose only among the fewest likeliest tokens that reach this probability.
        min_p: Choose only among tokens at least this likely, as a share of the likeliest one's.
        rules: Rules of voice leading for the three voices, as for ``compose``; none by default.
        particles: How many harmonisations to write at once; None for 8 with a model that has
            read the melody, else 16. There, more follow the melody better and take longer.
        transpose: None leaves the melody where it is. "octave" moves it by octaves to where
            sopranos sing, "fit" by as few semitones as possible, a number by so many semitones.
        time_signature: Such as "3/4"; None for the melody's own, or "4/4".
        pickup: Length in 16th notes of what comes before the first barline; None for the melody's
            own.
        tempo: Quarters a minute; None for the melody's own.
        key: Such as "D minor", that of the melody before it is transposed; None for the melody's
            own, or the one that its notes make clear.
        mode: "major" or "minor": the melody's own key or its relative; None for that of the key.
        fermatas: True in each frame under a fermata; None for the melody's own.
        ending: Whether the melody comes to its end with the last frame.
        on_frame: Called with (frames done, frames in all) after each frame.

    Returns:
        The melody, note for note, with three voices under it. Its ``source`` is its recipe:
        ``replay(source)`` writes it again. A key found from the notes is told in ``left_out``.

    Raises:
        SettingError: If a value is out of range, the melody does not suit the checkpoint, or its
            key is not clear.
        ScoreError: If the file or the ABC cannot be read.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    settings = Settings(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p, rules=rules)
    check_seed(seed)
    if particles is not None:
        limits = {"lowest": 1, "highest": MOST_PARTICLES}
        check_whole("particles", particles, **limits, remedy="16 follow a melody well")
    if tempo is not None:
        check_number("tempo", tempo, above=0, remedy="it counts quarters a minute")
    key = None if key is None else read_key(key)
    check_key_and_mode(key, mode)
    check_choice("ending", ending, (True, False))
    tune = as_melody(melody)
    if fermatas is not None:
        fermatas = check_fermatas(fermatas, len(tune))
    opened = open_checkpoint(checkpoint)
    check_conditions(opened.conditions, key=key, mode=mode, fermatas=fermatas)
    told = {"melody": melody_text(tune), "melody_hash": music_hash(tune)}
    tune = in_metre(tune, time_signature, pickup)
    settled, found = _settled_key(tune, key, mode, opened)
    tune = replace(
        tune,
        fermatas=tune.fermatas if fermatas is None else fermatas,
        key=settled,
        left_out=(*tune.left_out, *found),
    )
    if tempo is not None:
        tune = replace(tune, tempo=tempo, tempo_changes=())
    tune, shift = sung(tune, transpose)
    recipe = Recipe(
        checkpoint=os.fspath(checkpoint) if isinstance(checkpoint, str | os.PathLike) else "",
        fingerprint=opened.fingerprint,
        seed=seed,
        settings=settings,
        **told,
        transpose=shift,
        particles=particles,
        time_signature=time_signature,
        pickup=pickup,
        tempo=tempo,
        key=settled if found else key,
        mode=mode,
        fermatas=None if fermatas is None else runs_of(fermatas),
        ending=ending,
    )
    written = _write_under(tune, opened, recipe, on_frame)
    return replace(
        tune,
        pitches=np.column_stack([tune.pitches[:, 0], written.pitches[:, 1:]]),
        attacks=np.column_stack([tune.attacks[:, 0], written.attacks[:, 1:]]),
        key=tune.key or find_key(written.pitches),
        title=f"{tune.title}, harmonised" if tune.title else "Harmonised melody",
        source=str(recipe),
    )


@no_type_check
def _write_under(tune, checkpoint, recipe, on_frame) -> Chorale:
    """Write all four voices, of which the soprano is the melody."""
    model, tokenizer = checkpoint.model, checkpoint.tokenizer
    reads_ahead = hasattr(model, "encode")
    melody = tokens_of(tune, tokenizer, "the melody")[:, 0].tolist()
    steps = steps_for(
        model,
        tokenizer,
        frames=len(tune),
        conditions=torch.from_numpy(conditions_of(tune, checkpoint, ending=recipe.ending)),
        source=melody_source(tune, tokenizer) if reads_ahead else None,
        batch=recipe.particles or (FEWER_PARTICLES if reads_ahead else PARTICLES),
    )
    generator = torch.Generator().manual_seed(recipe.seed)
    particles = Particles(steps, generator)
    frames = write_frames(
        steps,
        tokenizer,
        given=[[note, *[FREE] * (len(VOICES) - 1)] for note in melody],
        generator=generator,
        settings=recipe.settings,
        score_given=not reads_ahead,
    )
    for done, frame in enumerate(frames, start=1):
        if not reads_ahead:
            particles.weigh(frame.log_probabilities[:, 0])
        if on_frame is not None:
            on_frame(done, len(tune))
    wanted = None
    if recipe.ending and sharps_of(tune.key) is not None:
        wanted = _end_on_tonic(steps.written, tune, tokenizer)
    row = particles.draw(wanted)
    return chorale_of(steps.written[row].cpu().numpy(), tokenizer)


@no_type_check
def _end_on_tonic(written, tune, tokenizer) -> Bool[torch.Tensor, " particle"]:
    """Tell which of the pieces end on the tonic chord, under the melody's last note."""
    last = int(np.flatnonzero(tune.pitches[:, 0] != REST)[-1])
    tonic, _, mode = tune.key.partition(" ")
    chords = tokenizer.pitches()[written[:, last].cpu().numpy()]
    ends = [is_tonic_chord(chord, tonic_pitch_class(tonic), mode) for chord in chords]
    return torch.tensor(ends, device=written.device)


def _settled_key(
    tune: Chorale, key: str | None, mode: str | None, checkpoint: Checkpoint
) -> tuple[str, list[str]]:
    """Settle the key: as asked, the melody's own, or found, which is told; "" if none is needed."""
    own = tune.key
    if key or sharps_of(own) is not None or not NEEDED["key"] & set(checkpoint.conditions.names):
        return choose_key(key, mode, own, 0) or own, []
    found = clear_key(tune, mode)
    return found, [f"the melody's key was not given; from its notes, {spoken_key(found)} was taken"]
