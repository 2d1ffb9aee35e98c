"""Make the music of a recipe again: find its model and what was given, and write."""

import os
from collections.abc import Callable
from dataclasses import asdict, replace
from itertools import chain

import numpy as np

from musiclab.checkpoint.load import Checkpoint, load_checkpoint, open_checkpoint, shipped_names
from musiclab.errors import CheckpointError, MusicLabError, SettingError
from musiclab.music.chorale import Chorale
from musiclab.music.read import read_chorale
from musiclab.sampling.composing import compose_many
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.melody import as_melody
from musiclab.sampling.plan import Plan
from musiclab.sampling.recipe import HARMONISED, PLANNED, Recipe, Runs, music_hash

Fits = Callable[[Chorale], bool]
OnFrame = Callable[[int, int], None]


def replay(
    recipe: Recipe | str,
    *,
    checkpoint: str | os.PathLike[str] | Checkpoint | None = None,
    given: Chorale | None = None,
    on_frame: OnFrame | None = None,
) -> Chorale:
    """Write the same music again.

    Args:
        recipe: The line that ``compose`` or ``harmonise`` left as the piece's source.
        checkpoint: Where the model is, if it cannot be found by its name or fingerprint.
        given: The prompt or the melody, if it cannot be read from where it was.
        on_frame: Called with (frames done, frames in all).

    Returns:
        The piece.

    Raises:
        CheckpointError: If the model is not the one that the recipe was made with.
        SettingError: If what is given is not what was given, or cannot be found.
    """
    if not isinstance(recipe, Recipe):
        recipe = Recipe.parse(recipe)
    write = _compose if recipe.melody is None else _harmonise
    piece = write(recipe, _find_checkpoint(recipe, checkpoint), given, on_frame)
    return replace(piece, source=str(recipe))


def _compose(
    recipe: Recipe, checkpoint: Checkpoint, prompt: Chorale | None, on_frame: OnFrame | None
) -> Chorale:
    asked = {name: getattr(recipe, name) for name in PLANNED}
    if recipe.prompt is not None:
        asked["prompt_bars"] = recipe.prompt_bars

        def fits(piece: Chorale) -> bool:
            try:
                return music_hash(Plan(**asked, prompt=piece).first_bars) == recipe.prompt_hash
            except SettingError:  # it is too long, or too short
                return False

        asked["prompt"] = _find_music(recipe.prompt, prompt, fits, "prompt", read_chorale)
    fermatas = recipe.fermatas
    if isinstance(fermatas, tuple):
        fermatas = _frames_of(fermatas, Plan(**asked).frames)
    pieces = compose_many(
        checkpoint=checkpoint,
        seed=recipe.seed,
        fermatas=fermatas,
        candidates=recipe.candidates,
        on_frame=on_frame,
        **asked,
        **asdict(recipe.settings),
    )
    if not 0 <= recipe.rank < len(pieces):
        raise SettingError(f"rank must lie in 0 to {len(pieces) - 1}, got {recipe.rank}")
    return pieces[recipe.rank].chorale


def _harmonise(
    recipe: Recipe, checkpoint: Checkpoint, melody: Chorale | None, on_frame: OnFrame | None
) -> Chorale:
    def fits(piece: Chorale) -> bool:
        return music_hash(as_melody(piece)) == recipe.melody_hash

    melody = as_melody(_find_music(recipe.melody, melody, fits, "melody", as_melody))
    fermatas = recipe.fermatas
    return harmonise(
        melody,
        checkpoint=checkpoint,
        seed=recipe.seed,
        fermatas=None if fermatas is None else _frames_of(fermatas, len(melody)),
        on_frame=on_frame,
        **{name: getattr(recipe, name) for name in HARMONISED},
        **asdict(recipe.settings),
    )


def _frames_of(runs: Runs, frames: int) -> np.ndarray:
    """Mark the frames of the runs with True."""
    marks = np.zeros(frames, dtype=bool)
    for first, last in runs:
        marks[first : last + 1] = True
    return marks


def _find_checkpoint(recipe: Recipe, checkpoint: object) -> Checkpoint:
    """Load the model, and see that it is the same."""
    remedy = "give the first one: replay(recipe, checkpoint=...)"
    if checkpoint is None and not recipe.checkpoint:
        for loaded in map(load_checkpoint, shipped_names()):
            if loaded.fingerprint == recipe.fingerprint:
                return loaded
        raise CheckpointError(
            f"the recipe does not say where its model {recipe.fingerprint} is; {remedy}"
        )
    found = open_checkpoint(recipe.checkpoint if checkpoint is None else checkpoint)
    if found.fingerprint != recipe.fingerprint:
        raise CheckpointError(
            f"the recipe was made with {recipe.checkpoint or 'a model'} {recipe.fingerprint}, but "
            f"this one is {found.fingerprint} and would write other notes; {remedy}"
        )
    return found


def _find_music(
    source: str, given: Chorale | None, fits: Fits, what: str, read: Callable[[str], Chorale]
) -> Chorale:
    """Return the prompt or the melody: as given, or read from where it was."""
    remedy = "give the chorale itself: replay(recipe, given=...)"
    found = given
    if given is None:
        if not source:
            raise SettingError(f"the recipe's {what} was not read from anywhere; {remedy}")
        try:
            found = _read_again(source, fits, read)
        except MusicLabError as error:
            raise SettingError(f"the recipe's {what} cannot be read ({error}); {remedy}") from None
    if not fits(found):
        raise SettingError(
            f"the {what} from {source or 'this chorale'!r:.80} is not the one that the recipe was "
            f"made with; {remedy}"
        )
    return found


def _read_again(source: str, fits: Fits, read: Callable[[str], Chorale]) -> Chorale:
    """Read music from its file or text, or find it in the corpus.

    The corpus has some chorales with other repeats than their files, under the same name.
    """
    from musiclab.music.corpus import corpus
    from musiclab.music.corpus.table import SPLITS

    written = read(source)
    pieces = (one for split in SPLITS for one in corpus(split, progress=False))
    found = chain([written], (one for one in pieces if one.source == source))
    return next(filter(fits, found), written)
