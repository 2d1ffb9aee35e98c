"""Find inputs of a model that know the answer."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int

from musiclab.evaluate.pieces import Pitches, checked_pieces
from musiclab.music.chorale import VOICES


def inputs_that_know(
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
    given for that note changes. An honest model cannot notice.

    Args:
        inputs: Given the pitches of a piece and the number of a voice, what the model sees before
            it sings each frame.
        piece: To try it on.
        voice: Whose notes.
        names: Of the inputs.
        tries: How many notes to try.
        seed: Which notes, and what they are changed to.

    Returns:
        Names of inputs that leak, in their order; none is what one hopes for.

    Example:
        >>> piece = np.arange(60, 80).repeat(4).reshape(20, 4)
        >>> inputs = lambda pitches, voice: pitches[:, [voice, 0]]
        >>> inputs_that_know(inputs, piece, voice=2, names=["own pitch", "soprano"])
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
