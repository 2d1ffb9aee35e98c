"""Harmonisations of Bach's melodies, beside his own voices: the figures of the musical table."""

import os
from time import process_time

from tqdm.auto import tqdm

from benchmarks.musical import MusicalReport, bach_and_memory, name_of
from benchmarks.musical_figures import measure
from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_whole
from musiclab.music.corpus import corpus
from musiclab.sampling.harmonising import harmonise

BESIDE = "bach-studio"  # what ``harmonise`` takes by default
COPIES = 6  # of each of 77 melodies: more than 400 pieces


def run(**asked) -> str:
    """Measure and print; see ``harmony_report``."""
    return str(harmony_report(**asked))


def harmony_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-harmoniser",
    *,
    pieces: int | None = None,
    copies: int = COPIES,
    seed: int = 0,
    progress: bool = True,
) -> MusicalReport:
    """Harmonise the melodies of Bach's test pieces, and count in what was written.

    Beside it stand his own pieces, and what "bach-studio" writes under the same melodies.

    Args:
        checkpoint: A shipped name, a folder, or a loaded checkpoint.
        pieces: How many melodies; None for all.
        copies: Harmonisations of each melody.
        seed: Where the random numbers start; each harmonisation has a seed of its own.
        progress: Show a bar.

    Raises:
        SettingError: If a value is out of range.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    melodies = corpus("test", progress=progress)
    if pieces is not None:
        check_whole("pieces", pieces, lowest=1, highest=len(melodies), remedy="there are so many")
        melodies = melodies[:pieces]
    check_whole("copies", copies, lowest=1, highest=100, remedy=f"{COPIES} are usual")
    opened, beside = open_checkpoint(checkpoint), open_checkpoint(BESIDE)
    models = {"this model": opened}
    if beside.fingerprint != opened.fingerprint:
        models[BESIDE] = beside
    bach, memory = bach_and_memory(progress=progress)
    columns, each = [bach], len(melodies) * copies
    with tqdm(total=len(models) * each, unit=" pieces", leave=False, disable=not progress) as bar:
        for column, model in models.items():
            written, began = [], process_time()
            for number, melody in enumerate(melodies * copies):
                written.append(harmonise(melody, checkpoint=model, seed=seed + number))
                bar.update()
            seconds = (process_time() - began) / each
            columns.append(measure(column, written, memory, seconds=seconds))
    name = name_of(checkpoint, opened)
    title = f"{len(melodies)} test melodies, harmonised {copies} times each by {name}, seed {seed}"
    return MusicalReport(title, tuple(columns))
