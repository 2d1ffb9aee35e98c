"""Harmonisations of Bach's melodies, beside his own: the figures of the musical table."""

import os
from time import process_time
from typing import no_type_check

from tqdm.auto import tqdm

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.evaluate.memorisation import TrainingMemory
from musiclab.evaluate.musical_figures import measure
from musiclab.evaluate.musical_table import MusicalReport
from musiclab.music.corpus import corpus
from musiclab.sampling.harmonise import harmonise
from musiclab.sampling.settings import check_whole

BESIDE = "bach-studio"  # what ``harmonise`` takes by default


@no_type_check  # the checkpoint is checked where it is opened
def harmony_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-harmoniser",
    *,
    pieces: int | None = None,
    seed: int = 0,
    progress: bool = True,
) -> MusicalReport:
    """Harmonise the melodies of Bach's test pieces, and count in what was written.

    Beside it stand his own voices, and those that "bach-studio" writes under the same melodies.

    Args:
        checkpoint: A shipped name, a folder, or a loaded checkpoint.
        pieces: How many melodies; None for all.
        seed: Where the random numbers start; each melody has a seed of its own.
        progress: Show a bar.

    Returns:
        The figures; ``print(report)`` shows them.

    Raises:
        SettingError: If a value is out of range.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    bach = corpus("test", progress=progress)
    if pieces is not None:
        check_whole("pieces", pieces, lowest=1, highest=len(bach), remedy="there are so many")
        bach = bach[:pieces]
    opened, beside = open_checkpoint(checkpoint), open_checkpoint(BESIDE)
    named = isinstance(checkpoint, str | os.PathLike)
    name = f"{checkpoint if named else 'a model'}@{opened.fingerprint}"
    models = {"this model": opened}
    if beside.fingerprint != opened.fingerprint:
        models[BESIDE] = beside
    memory = TrainingMemory(corpus("train", extras=True, progress=progress))
    columns = [measure("Bach's test", bach, memory)]
    with tqdm(
        total=len(models) * len(bach), unit=" melodies", leave=False, disable=not progress
    ) as bar:
        for column, model in models.items():
            written, began = [], process_time()
            for number, melody in enumerate(bach):
                written.append(harmonise(melody, checkpoint=model, seed=seed + number))
                bar.update()
            seconds = (process_time() - began) / len(bach)
            columns.append(measure(column, written, memory, seconds=seconds))
    title = f"the melodies of {len(bach)} test pieces, harmonised by {name}, seed {seed}"
    return MusicalReport(title, tuple(columns))
