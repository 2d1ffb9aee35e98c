"""A memory of other tunes: what followed in other pieces, where they went like this one.

Chorales share melodies, cadences and turns. So every place in the training pieces that the music so
far agrees with, in whichever key, votes for the note that followed there. Each further frame of
agreement doubles its vote.

Source:
    Khandelwal et al. (2020), arXiv:1911.00172; Borgeaud et al. (2022), "Improving Language Models
    by Retrieving from Trillions of Tokens", arXiv:2112.04426. Both look up what is near; this, what
    is equal.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

REST = -1  # in place of a pitch, as in a chorale
# Which voices must agree, and for how many frames at least: all, or the soprano alone, whose last
# note says little by itself.
KINDS = ((slice(None), 1), (slice(1), 8))
LONGEST = 32  # frames; who agrees for longer has the same vote
DOUBLED = 2.0 ** np.arange(LONGEST + 1)  # the vote for each length of agreement
SAME_BEAT = 4  # times the vote, for a place on the same 16th of a quarter
N_LENGTHS = 7  # agreements of no, 1, 2, up to 4, 8, 16 and 32 frames
SIDES = ("left", "right")
SOPRANO, WIDE = 64, 128  # a note is counted from the newest soprano note, which is 64; 0 is a rest
TWINS = 12  # contexts of 16 frames that a piece may not share with one it learns from


class Heard(NamedTuple):
    """Music as it is looked up: alike in every key, NaN where there is nothing to compare."""

    contexts: Float[np.ndarray, "kind frame"]  # a number for what must agree at least
    steps: Float[np.ndarray, " frame"]  # semitones that the soprano has moved


Agreeing = tuple[Int[np.ndarray, " place"], Int[np.ndarray, " place"]]  # where, for how many frames


class Found(NamedTuple):
    """Places that the music so far agrees with."""

    places: Int[np.ndarray, " place"]
    lengths: Int[np.ndarray, " place"]  # for how many frames
    weights: Float[np.ndarray, " place"]  # of their votes


class Tunes:
    """Pieces to look up in.

    Args:
        pieces: Each an Int (frame, voice) array of MIDI numbers, the highest voice first.

    Example:
        >>> rise = np.array([[60, 55, 52, 48], [62, 55, 53, 47], [64, 55, 52, 48]])
        >>> shares, lengths = Tunes([rise]).votes(rise + 3)  # the same in another key
        >>> int(shares[2, 0, 0].argmax()) - SOPRANO, lengths[2, 0].tolist()
        (2, [2, 0])
    """

    def __init__(self, pieces: Sequence[Int[np.ndarray, "_ voice"]]) -> None:
        notes = np.concatenate(pieces)
        self.pieces, self.heard = list(pieces), [hear(piece) for piece in pieces]
        contexts, steps = zip(*self.heard, strict=True)
        self.contexts, self.steps = np.concatenate(contexts, axis=1), np.concatenate(steps)
        self.piece = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
        frame = np.concatenate([np.arange(len(piece)) for piece in pieces])
        self.beat = frame % 4
        self.followed = relative(np.roll(notes, -1, axis=0), notes[:, :1]).T  # voice place
        # Sorted, so that equal contexts are neighbours; places that nothing follows are left out.
        ends = np.roll(frame, -1) == 0
        keys = np.where(ends, np.nan, self.contexts)
        self.index = [np.argsort(one)[: np.isfinite(one).sum()] for one in keys]
        self.sorted = [one[places] for one, places in zip(keys, self.index, strict=True)]

    def agreements(self, music: Heard, kind: int) -> Iterator[Agreeing]:
        """Find, after each frame of the music, the places that agree with it, and for how long."""
        shortest, places = KINDS[kind][1], np.zeros(0, dtype=int)
        before = np.zeros(len(self.piece), dtype=int)  # how long each agreed a frame ago
        for context, step in zip(music.contexts[kind], music.steps, strict=True):
            newest = self._places(kind, context)
            # The first step of a piece is NaN, so that nothing goes on from the piece before it.
            goes_on = (before[newest - 1] > 0) & (self.steps[newest] == step)
            longer = np.minimum(before[newest - 1] + 1, LONGEST)
            before[places], places = 0, newest
            before[places] = np.where(goes_on, longer, shortest)
            yield places, before[places]

    def _places(self, kind: int, context: float) -> Int[np.ndarray, " place"]:
        first, last = (np.searchsorted(self.sorted[kind], context, side) for side in SIDES)
        return self.index[kind][first:last]

    def twins(self, piece: int) -> list[int]:
        """List the pieces that are too like this one to learn from, itself among them."""
        shared = np.zeros(len(self.pieces), dtype=int)
        for places, lengths in self.agreements(self.heard[piece], 0):
            shared[np.unique(self.piece[places[lengths >= 16]])] += 1
        return np.flatnonzero(shared >= TWINS).tolist()

    def find(self, music: Heard, number: int) -> list[Found]:
        """Find, for each kind of context, the places that agree with all of the music.

        Args:
            music: The piece so far, or its last ``LONGEST`` frames.
            number: Of its newest frame in the whole piece.
        """
        kinds = range(len(KINDS))
        return [self._weigh(list(self.agreements(music, kind))[-1], number) for kind in kinds]

    def _weigh(self, agreeing: Agreeing, number: int, without: Collection[int] = ()) -> Found:
        places, lengths = agreeing
        if without:
            may = ~np.isin(self.piece[places], list(without))
            places, lengths = places[may], lengths[may]
        weights = DOUBLED[lengths]
        weights[self.beat[places] == number % 4] *= SAME_BEAT
        return Found(places, lengths, weights)

    def count(
        self, found: Sequence[Found], chosen: Int[np.ndarray, " n_chosen"]
    ) -> tuple[Float[np.ndarray, "voice kind wide"], Int[np.ndarray, "voice kind"]]:
        """Let what follows each place vote for what follows now.

        Args:
            found: The places, by ``find``.
            chosen: The highest voices of the frame that follows, as by ``relative``.

        Returns:
            For each voice chosen, and the one after, the shares of all votes of places where the
            voices above went on alike, 0 where there are none; and the longest agreement as a
            number below ``N_LENGTHS``.
        """
        size = (len(chosen) + 1, len(KINDS))
        shares, longest = np.zeros((*size, WIDE), np.float16), np.zeros(size, np.int8)
        for kind, (places, lengths, weights) in enumerate(found):
            for voice in range(size[0]):
                if not len(places):
                    break
                followed = self.followed[voice, places]
                counts = np.bincount(followed, weights, WIDE)
                shares[voice, kind] = counts / counts.sum()
                longest[voice, kind] = 1 + np.ceil(np.log2(lengths.max()))
                if voice < len(chosen):
                    alike = followed == chosen[voice]
                    places, lengths, weights = places[alike], lengths[alike], weights[alike]
        return shares, longest

    def votes(
        self, frames: Int[np.ndarray, "frame voice"], without: Collection[int] = ()
    ) -> tuple[Float[np.ndarray, "frame voice kind wide"], Int[np.ndarray, "frame voice kind"]]:
        """Look up before each frame of a piece; before the first, nothing was heard."""
        music, size = hear(frames), (*frames.shape, len(KINDS))
        shares, lengths = np.zeros((*size, WIDE), np.float16), np.zeros(size, np.int8)
        following = relative(frames[1:], frames[:-1, :1])
        kinds = (self.agreements(music, kind) for kind in range(len(KINDS)))
        for now, (chosen, *agreeing) in enumerate(zip(following, *kinds, strict=False)):
            found = [self._weigh(one, now, without) for one in agreeing]
            shares[now + 1], lengths[now + 1] = self.count(found, chosen[:-1])
        return shares, lengths


def relative(
    notes: Int[np.ndarray, "*note"], soprano: Int[np.ndarray, "*#note"]
) -> Int[np.ndarray, "*note"]:
    """Count notes from the soprano's newest one, so that every key looks alike."""
    return np.where(notes == REST, 0, (SOPRANO + notes - soprano).clip(1, WIDE - 1))


def hear(frames: Int[np.ndarray, "frame voice"]) -> Heard:
    """Describe a piece, or the end of one."""
    soprano = np.where(frames[:, 0] == REST, np.nan, frames[:, 0])
    steps = np.diff(soprano, prepend=np.nan)
    contexts = []
    for voices, shortest in KINDS:
        chords = relative(frames[:, voices], frames[:, :1])
        numbers = chords @ float(WIDE) ** np.arange(chords.shape[1]) + 0 * soprano
        for back in range(shortest - 1):  # append the last steps, digit by digit
            numbers = WIDE / 2 * numbers + np.roll(steps, back)
        contexts.append(numbers)
    return Heard(np.stack(contexts), steps)
