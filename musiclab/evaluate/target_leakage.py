"""Target leakage: does a model know the answer before it gives it?

A loss does not tell: of an untrained model it is the same with the answer among its inputs and
without. What tells is to change a note, and look whether anything changes that came before it.
"""

from collections.abc import Callable, Sequence
from typing import Any, no_type_check

import numpy as np
from jaxtyping import Int

from musiclab.errors import SettingError
from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.chorale import VOICES

TOLERANCE = 1e-5  # of the largest score: what arithmetic in another order may change


@no_type_check  # arrays and tensors alike
def sees_the_answer(
    predict: Callable[[Any], Any], notes: Any, *, tries: int = 20, seed: int = 0
) -> bool:
    """Tell whether a model's scores for a note change with that note or a later one.

    It needs no training: weights that are drawn at random pass on what they see.

    Args:
        predict: Given all the notes, as ids or pitches, what the model says of each before it is
            told: natural-log scores or probabilities, a row of them per note. It makes the
            model's inputs from the notes itself, since that is where leaks are. Without dropout.
        notes: A whole-number array or tensor, in the order of writing: (note,), or (frame, voice);
            at least two values must occur.
        tries: How many notes to change, the first and the last among them.
        seed: Which notes, and what they are changed to.

    Raises:
        SettingError: If ``notes`` holds one value alone, or ``predict`` returns anything but one
            row per note.

    Example:
        >>> notes = np.array([3, 1, 2, 1, 3])
        >>> table = np.eye(4)
        >>> sees_the_answer(lambda ids: table[ids], notes)  # the answer itself
        True
        >>> sees_the_answer(lambda ids: table[np.append(0, ids[:-1])], notes)  # the note before
        False
    """
    values, places = np.unique(np.asarray(notes), return_inverse=True)
    if len(values) < 2:
        raise SettingError(f"at least two different notes are needed, got {values!s:.60} alone")
    generator, size = np.random.default_rng(seed), places.size
    honest = _rows(predict(notes), size)
    tolerance = TOLERANCE * float(np.abs(honest[np.isfinite(honest)]).max(initial=1.0))
    for first in {0, size - 1, *generator.integers(size, size=max(0, tries - 2)).tolist()}:
        # Every note from here on becomes another one that occurs in the music.
        others = places.reshape(-1).copy()
        others[first:] += generator.integers(1, len(values), size - first)
        changed = values[others % len(values)].reshape(np.shape(notes))
        scores = _rows(predict(_like(notes, changed)), size)[: first + 1]
        if not np.allclose(scores, honest[: first + 1], rtol=0, atol=tolerance):
            return True
    return False


def leaking_inputs(
    inputs: Callable[[Pitches, int], Int[np.ndarray, "_ input"]],
    piece: Any,
    *,
    voice: int,
    names: Sequence[str],
    tries: int = 50,
    seed: int = 0,
) -> list[str]:
    """Name the inputs of a model that change with the answer.

    Scrambles everything from one note on, that note included, and looks whether what the model is
    given for that note changes. Without a leak it cannot.

    Args:
        inputs: Given the pitches of a piece and the number of a voice, what the model sees before
            it writes each frame.
        piece: To try it on.
        voice: Whose notes.
        names: Of the inputs.
        tries: How many notes to try.
        seed: Which notes, and what they are changed to.

    Returns:
        Names of inputs that leak, in their order.

    Example:
        >>> piece = np.arange(60, 80).repeat(4).reshape(20, 4)
        >>> inputs = lambda pitches, voice: pitches[:, [voice, 0]]
        >>> leaking_inputs(inputs, piece, voice=2, names=["own pitch", "soprano"])
        ['own pitch']
    """
    (array,) = checked_pieces([piece])
    generator = np.random.default_rng(seed)
    honest, leaks = inputs(array, voice), set()
    for frame in generator.integers(len(array), size=tries):
        changed = array.copy().reshape(-1)
        first = frame * len(VOICES) + voice
        changed[first:] = generator.integers(36, 82, len(changed) - first)
        given = inputs(changed.reshape(array.shape), voice)
        leaks |= set(np.flatnonzero(given[frame] != honest[frame]))
    return [name for number, name in enumerate(names) if number in leaks]


def _rows(scores: Any, size: int) -> np.ndarray:
    """Lay scores out in one row per note, whatever their other axes are."""
    array = np.asarray(scores.detach() if hasattr(scores, "detach") else scores, dtype=float)
    if array.size % size or not array.size or array.ndim < 2:
        raise SettingError(
            f"predict must return one row of scores per note, got shape {array.shape} for {size}"
        )
    return array.reshape(size, -1)


def _like(notes: Any, changed: np.ndarray) -> Any:
    """Make a tensor where a tensor was given."""
    return notes.new_tensor(changed) if hasattr(notes, "new_tensor") else changed
