"""What the exercises about encoding share: the library's tokeniser, with numbers of another kind.

A vocabulary here is numbered in any order, so that an answer must look its numbers up.
"""

import numpy as np

from musiclab.music.chorale import REST
from musiclab.tokens import GridTokenizer

TOKENIZER = GridTokenizer(layout="notes")
NAMES = TOKENIZER.vocabulary.tokens
LOWEST, HIGHEST = TOKENIZER.lowest, TOKENIZER.highest


class KeyErrorOrValueError(KeyError, ValueError):
    """A pitch has no token; whoever refuses it with one or the other does it right."""


def shuffled_vocabulary(rng):
    """Number the library's tokens in any order."""
    return {
        NAMES[place]: number for number, place in enumerate(rng.permutation(len(NAMES)).tolist())
    }


def four_voices(rng, n_frames, n_rests=2):
    """Draw pitches that differ from cell to cell, with some rests."""
    cells = rng.permutation(np.arange(LOWEST + 3, HIGHEST - 2))[: 4 * n_frames]
    cells[rng.choice(4 * n_frames, size=n_rests, replace=False)] = REST
    return cells.reshape(n_frames, 4)


def ids_of(pitches, vocabulary):
    """Encode with the library, and exchange its numbers for those of the vocabulary.

    Raises:
        KeyErrorOrValueError: If a pitch has none.
    """
    pitches = np.asarray(pitches)
    outside = (pitches != REST) & ((pitches < LOWEST) | (pitches > HIGHEST))
    if outside.any():
        raise KeyErrorOrValueError(f"no token for pitch {pitches[outside][0]}")
    return [vocabulary[NAMES[number]] for number in TOKENIZER.encode_pitches(pitches).tolist()]


def pitches_of(ids, vocabulary):
    """Exchange the vocabulary's numbers for the library's, and decode with it."""
    names = {number: name for name, number in vocabulary.items()}
    own = [TOKENIZER.vocabulary.index[names[number]] for number in ids]
    return TOKENIZER.decode(own).pitches
