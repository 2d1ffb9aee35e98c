"""The JSB Chorales benchmark: which piece is which, its faults, and what models reach on it."""

import csv
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

from musiclab.errors import SettingError

SPLITS = ("train", "valid", "test")

# Facts about the canonical data, measured on it when the table was made.
FAULTY_VALID = (35, 74)
WHY_FAULTY = {
    35: "BWV 378; in the canonical data its bass comes in three beats before the other voices",
    74: "BWV 253; it is train 224 (BWV 414) a whole tone apart, so that training gives it away",
}
LEAKED_TRAIN = (224,)  # the other half of valid 74; musiclab leaves it out of train
NEAR_DUPLICATES = (  # of two splits, and the share of cells they have in common; both are kept
    (("test", 49), ("train", 197), 0.87),
    (("valid", 58), ("train", 142), 0.86),
    (("valid", 3), ("test", 71), 0.78),
)
# Pieces whose canonical notes last twice as long as the file's, and the file's frame where that
# begins: BWV 27.6 from its section in 3/2 on, BWV 140.7 from the start.
STRETCHED = {("valid", 29): 224, ("valid", 39): 0}


@dataclass(frozen=True, kw_only=True)
class BenchmarkPiece:
    """One of the 382 pieces of the canonical benchmark, and where music21 has its music."""

    split: str  # "train", "valid" or "test"
    index: int  # the piece's position in its canonical split
    corpus_path: str  # the music21 corpus file of the same music; "" where there is none
    parts: str  # how to find the voices, as in ``musiclab.music.voices.find_voices``
    # "as_written", "expanded", or "AABB": both halves are played twice, although the file marks
    # the first alone.
    repeats: str
    first_frame: int  # of the file's grid, at which the canonical piece starts
    canonical_frames: int  # length of the canonical piece
    agreement: float  # share of (frame, voice) cells that have the same pitch in both
    status: str  # "exact", "over_0.95", "over_0.80", "identified" or "unmatched"
    note: str  # known faults


class ExtraPiece(NamedTuple):
    """A Bach file of music21 outside the benchmark."""

    corpus_path: str
    kind: str  # "duplicate", "new harmonisation" or "not a chorale"


@dataclass(frozen=True, kw_only=True)
class Rung:
    """What one model reaches on the benchmark, in nats a note; None where not published."""

    model: str
    valid: float
    test: float | None
    source: str


_MEASURED = "measured with the benchmark's rules on the canonical data"
_HUANG = "Huang et al. (2018), Music Transformer, arXiv:1809.04281, table for JSB Chorales"
LADDER = (
    Rung(model="uniform over 47 symbols", valid=3.850, test=3.850, source=_MEASURED),
    Rung(model="how often each voice sings each pitch", valid=2.611, test=2.639, source=_MEASURED),
    Rung(model="bigram within each voice", valid=0.935, test=0.983, source=_MEASURED),
    Rung(model="repeat the pitch, aware of the beat", valid=0.841, test=0.896, source=_MEASURED),
    Rung(model="Kneser-Ney, order 8, transposed", valid=0.696, test=0.691, source=_MEASURED),
    Rung(model="Kneser-Ney, contexts by relevance", valid=0.469, test=0.474, source=_MEASURED),
    Rung(model="the same, copying from the piece", valid=0.428, test=0.431, source=_MEASURED),
    Rung(model="Transformer, absolute positions", valid=0.417, test=None, source=_HUANG),
    Rung(
        model="TonicNet, its chords charged",
        valid=0.396,
        test=None,
        source="computed from the loss reported with Peracha (2019), arXiv:1911.11775",
    ),
    Rung(model="Transformer, relative attention", valid=0.357, test=None, source=_HUANG),
    Rung(model="the same, with pitch and time", valid=0.335, test=None, source=_HUANG),
)


def benchmark_table() -> list[BenchmarkPiece]:
    """Read the table of the 382 canonical pieces, in canonical order.

    Source:
        Boulanger-Lewandowski, Bengio and Vincent (2012), "Modeling Temporal Dependencies in
        High-Dimensional Sequences", arXiv:1206.6392; frames as in Huang et al. (2017),
        "Counterpoint by Convolution".

    Example:
        >>> piece = benchmark_table()[3]
        >>> piece.corpus_path, piece.repeats, piece.canonical_frames
        ('bach/bwv19.7.mxl', 'expanded', 432)
    """
    numbers = {"index": int, "first_frame": int, "canonical_frames": int, "agreement": float}
    return [
        BenchmarkPiece(**row | {name: of(row[name] or 0) for name, of in numbers.items()})
        for row in _read("split.csv")
    ]


def extras_table() -> list[ExtraPiece]:
    """Read the table of the Bach files of music21 that the benchmark does not use."""
    return [
        ExtraPiece(row["corpus_path"], row["kind"].split(" (")[0].split("/")[0])
        for row in _read("extras.csv")
    ]


def _read(name: str) -> list[dict[str, str]]:
    text = (resources.files("musiclab.music") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def check_split(split: str) -> str:
    """Return ``split``, or raise a ``SettingError`` if there is none of that name."""
    if split not in SPLITS:
        raise SettingError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    return split


def rows_of(split: str) -> list[BenchmarkPiece]:
    """List the rows of a split that music21 has, without what leaks from valid into train."""
    check_split(split)
    left_out = LEAKED_TRAIN if split == "train" else ()
    return [
        row
        for row in benchmark_table()
        if row.split == split and row.corpus_path and row.index not in left_out
    ]
