"""Chorales as ids: one token for each voice in each frame of a 16th note."""

from dataclasses import dataclass
from functools import cached_property
from operator import index

import numpy as np
from jaxtyping import Bool, Int
from numpy.typing import ArrayLike

from musiclab.errors import SettingError, TokenError
from musiclab.music.chorale import REST, VOICES, Chorale, attacks_from_pitches
from musiclab.tokens.grid_rules import grammar
from musiclab.tokens.vocabulary import Tokenizer, Vocabulary, check_ids

LAYOUTS = ("frames", "notes")
SPECIAL = ("pad", "start", "end", "rest")  # ids 0 to 3, whatever the settings


@dataclass(frozen=True, kw_only=True)
class GridTokenizer(Tokenizer):
    """Turn a chorale into ids and back.

    Without holds, a token says which pitch a voice sounds, so that a note struck twice looks like
    one long note. With holds, each pitch has two tokens, "attack-60" and "held-60": one frame then
    says by itself what sounds *and* what starts.

    Raises:
        SettingError: If the layout is unknown or the range is empty.

    Example:
        >>> chorale = Chorale(pitches=np.array([[72, 67, 64, 48], [72, 65, 62, -1]]))
        >>> tokenizer = GridTokenizer()
        >>> tokenizer.encode(chorale)
        array([[ 1,  1,  1,  1],
               [43, 38, 35, 19],
               [43, 36, 33,  3],
               [ 2,  2,  2,  2]])
        >>> tokenizer.decode(tokenizer.encode(chorale)) == chorale
        True
    """

    holds: bool = False  # whether to tell starting notes from sounding ones
    layout: str = "frames"  # one row a frame; or "notes", one long sequence S A T B S A T B ...
    lowest: int = 33  # the lowest pitch with a token, as a MIDI number
    highest: int = 84  # the highest

    kind = "grid"
    pad_id = SPECIAL.index("pad")
    start_id = SPECIAL.index("start")
    end_id = SPECIAL.index("end")
    rest_id = SPECIAL.index("rest")

    def __post_init__(self) -> None:
        if self.layout not in LAYOUTS:
            raise SettingError(f'layout must be "frames" or "notes", got {self.layout!r}')
        if not 0 <= self.lowest <= self.highest <= 127:
            raise SettingError(
                "lowest and highest must be MIDI numbers in order, 0 <= lowest <= highest <= 127, "
                f"got {self.lowest} and {self.highest}"
            )

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Every token by name: the special ones, the pitches (or attacks), then the held ones."""
        kinds = ("attack", "held") if self.holds else ("pitch",)
        pitches = range(self.lowest, self.highest + 1)
        return Vocabulary(SPECIAL + tuple(f"{kind}-{pitch}" for kind in kinds for pitch in pitches))

    def encode(self, chorale: Chorale) -> Int[np.ndarray, "rows voice"] | Int[np.ndarray, " seq"]:
        """Turn a chorale into ids, with a start before it and an end after it.

        Its fermatas, beats and names are not encoded; see ``Conditions``.

        Returns:
            Ids: (frame + 2, voice) in layout "frames", (4 * frame + 2,) in layout "notes".

        Raises:
            TokenError: If a pitch has no token; the message names the note and the remedy.
        """
        ids = self._id_of_pitch[chorale.pitches]
        if ids.size and ids.min() < 0:
            raise TokenError(_out_of_range(chorale.pitches, self.lowest, self.highest))
        if self.holds:
            held = (chorale.pitches != REST) & ~chorale.attacks
            ids += held * self._n_pitches  # "held-60" stands that far after "attack-60"
        if self.layout == "notes":
            return np.concatenate(([self.start_id], ids.ravel(), [self.end_id]))
        edges = np.full_like(ids, self.start_id, shape=(1, len(VOICES)))
        return np.concatenate((edges, ids, edges + (self.end_id - self.start_id)))

    def encode_pitches(
        self, pitches: Int[np.ndarray, "frame voice"]
    ) -> Int[np.ndarray, "rows voice"] | Int[np.ndarray, " seq"]:
        """Turn bare pitches into ids; a note is taken to start wherever the pitch changes.

        Raises:
            ScoreError: If the array has not four voices of MIDI numbers.
            TokenError: If a pitch has no token.
        """
        return self.encode(Chorale(pitches=pitches))

    def decode(self, ids: ArrayLike) -> Chorale:
        """Turn ids into a chorale; any known ids will do, in any order.

        Starts and pads around the music are stripped; inside it they count as rests. The music
        stops at the first end (in layout "frames": at the first row that holds one). A held pitch
        that was not sounding starts there. An incomplete last frame is filled with rests.

        Args:
            ids: (row, voice) in layout "frames", (seq,) in layout "notes".

        Raises:
            TokenError: If an id is unknown or the array has the wrong shape.
        """
        rows = self._rows(ids)
        ended = (rows == self.end_id).any(axis=1)
        rows = rows[: ended.argmax()] if ended.any() else rows
        music = (rows > self.start_id).any(axis=1).nonzero()[0]
        rows = rows[music[0] : music[-1] + 1] if music.size else rows[:0]
        missing = np.full(-rows.size % len(VOICES), self.rest_id)
        cells = np.concatenate((rows.ravel(), missing)).reshape(-1, len(VOICES))
        pitches = self._pitch_of_id[cells]
        # Chorale itself turns a held pitch that was not sounding into an attack.
        attacks = ~self._held[cells] if self.holds else attacks_from_pitches(pitches)
        return Chorale(pitches=pitches, attacks=attacks)

    def allowed_next(self, previous_id: int | np.integer) -> Bool[np.ndarray, " vocab"]:
        """Tell which tokens may follow an id, one frame later in the same voice; at least one may.

        Never pad or start; a held pitch only where that pitch sounds; after the end only the end.
        Before the first frame stands a start or a pad.

        Raises:
            TokenError: If ``previous_id`` is unknown.

        Example:
            >>> tokenizer = GridTokenizer(holds=True, lowest=60, highest=61)
            >>> names = np.array(tokenizer.vocabulary.tokens)
            >>> names[tokenizer.allowed_next(tokenizer.vocabulary.index["attack-60"])].tolist()
            ['end', 'rest', 'attack-60', 'attack-61', 'held-60']
        """
        (known,) = check_ids([index(previous_id)], self.vocab_size)
        return self._grammar[known].copy()

    def pitches(self) -> Int[np.ndarray, " vocab"]:
        """Give each token's pitch as a MIDI number, -1 for the rest and the special tokens."""
        return self._pitch_of_id.copy()

    def held(self) -> Bool[np.ndarray, " vocab"]:
        """Tell which tokens hold a pitch that sounds already."""
        return self._held.copy()

    @property
    def _n_pitches(self) -> int:
        return self.highest - self.lowest + 1

    @cached_property
    def _id_of_pitch(self) -> Int[np.ndarray, " pitch"]:
        """MIDI number -> id of its attack, -1 where it has none; the last entry is the rest's."""
        table = np.full(128 + 1, -1)
        table[self.lowest : self.highest + 1] = len(SPECIAL) + np.arange(self._n_pitches)
        table[REST] = self.rest_id  # -1 reads an array's last entry
        return table

    @cached_property
    def _pitch_of_id(self) -> Int[np.ndarray, " vocab"]:
        """Id -> MIDI number, -1 for the special tokens."""
        pitches = np.arange(self.lowest, self.highest + 1)
        return np.concatenate([np.full(len(SPECIAL), REST), *[pitches] * (1 + self.holds)])

    @cached_property
    def _held(self) -> Bool[np.ndarray, " vocab"]:
        return np.arange(self.vocab_size) >= len(SPECIAL) + self._n_pitches

    @cached_property
    def _grammar(self) -> Bool[np.ndarray, "vocab vocab"]:
        ends = {"start_id": self.start_id, "end_id": self.end_id}
        return grammar(self._pitch_of_id, self._held, **ends)

    def _rows(self, ids: ArrayLike) -> Int[np.ndarray, "rows voice"] | Int[np.ndarray, "seq one"]:
        """Check ids, and stack them so that time runs down: a row a frame, or a row a note."""
        rows = check_ids(ids, self.vocab_size)
        width = len(VOICES) if self.layout == "frames" else 1
        if self.layout == "notes" and rows.ndim == 1 or not rows.size:
            return rows.reshape(-1, width)
        if rows.ndim != 2 or rows.shape[1] != width or self.layout == "notes":
            shape = "(row, 4)" if self.layout == "frames" else "(seq,)"
            raise TokenError(
                f'layout "{self.layout}" decodes one piece of shape {shape}, got {rows.shape}'
            )
        return rows


def _out_of_range(pitches: Int[np.ndarray, "frame voice"], lowest: int, highest: int) -> str:
    """Name the first note outside a tokeniser's range, and the remedy."""
    sounding = pitches != REST
    frame, voice = np.argwhere(sounding & ((pitches < lowest) | (pitches > highest)))[0]
    low, high = pitches[sounding].min(), pitches[sounding].max()
    too_low, too_high = low < lowest, high > highest
    bounds = {f"lowest={low}": too_low, f"highest={high}": too_high}
    remedy = f"build the tokeniser with {', '.join(one for one in bounds if bounds[one])}"
    if high - low <= highest - lowest:
        shift = lowest - low if too_low else highest - high
        remedy = f"transpose it by {shift} semitones, or {remedy}"
    return (
        f"no token for pitch {pitches[frame, voice]} ({VOICES[voice]}, frame {frame}): "
        f"this tokeniser has {lowest} to {highest}; {remedy}"
    )
