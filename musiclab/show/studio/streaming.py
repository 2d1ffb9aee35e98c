"""A piece while it is being written: what stands of it, and its sound bar by bar."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np

from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, Chorale
from musiclab.sampling.encoding import chorale_of
from musiclab.sampling.session import TEMPO, Session
from musiclab.show.sound import Sound

_EVERY = 2 * FRAMES_PER_QUARTER  # frames between two drafts
_LOUDEST = 0.6  # of full scale in the first stretch, since louder ones may follow


def drafts(session: Session) -> Generator[tuple[int, Chorale], None, Chorale]:
    """Write a piece.

    Yields:
        After the first frame, and then every half note, how many frames stand, and the piece so
        far, at its full length with rests.

    Returns:
        The finished piece, as ``compose`` gives it.
    """
    tokens: list[np.ndarray] = []
    for done, frame in enumerate(session.write(), start=1):
        tokens.append(frame.tokens.cpu().numpy())
        if done == 1 or done % _EVERY == 0:
            yield done, _draft(session, np.concatenate(tokens))
    return session.chorale(np.concatenate(tokens))


def _draft(session: Session, tokens: np.ndarray) -> Chorale:
    plan, written = session.plan, chorale_of(tokens, session.checkpoint.tokenizer)
    missing = ((0, plan.frames - len(written)), (0, 0))
    return Chorale(
        pitches=np.pad(written.pitches, missing, constant_values=REST),
        attacks=np.pad(written.attacks, missing),
        fermatas=plan.line_ends,
        beats=plan.beats,
        time_signature=plan.metre,
        tempo=TEMPO if plan.prompt is None else plan.prompt.tempo,
        title="Composing ...",
    )


class Stretches:
    """The sound of a piece, cut into stretches that may overlap and together make the whole.

    Args:
        **settings: Tempo, instruments and levels, as for ``Sound``.
    """

    def __init__(self, **settings: Any) -> None:
        self._settings = settings
        self._gain: float | None = None  # the same for all, or the loudness would jump

    def mp3(self, piece: Chorale, first: int, last: int) -> bytes:
        """Render the notes that start in frames ``first`` to ``last``, and ring as long as known.

        The stretch begins at frame ``first``.
        """
        wave = Sound(starting_within(piece, first, last), gain=1.0, **self._settings).samples
        peak = float(np.abs(wave).max(initial=0))
        if self._gain is None and peak > 0:
            self._gain = _LOUDEST / peak
        return Sound(wave * np.float32(self._gain or 1.0)).mp3


def starting_within(piece: Chorale, first: int, last: int) -> Chorale:
    """Keep the notes that start in frames ``first`` to ``last``, whole, and nothing else."""
    kept, end = np.zeros(piece.pitches.shape, dtype=bool), last
    for voice in range(kept.shape[1]):
        for start, length, _ in piece.notes(voice):
            if first <= start < last:
                kept[start : start + length, voice] = True
                end = max(end, start + length)
    alone = replace(
        piece, pitches=np.where(kept, piece.pitches, REST), attacks=piece.attacks & kept
    )
    return alone.excerpt(first, end)
