import math

import numpy as np
import pytest

from benchmarks.musical import MusicalReport, musical_report
from benchmarks.musical_figures import FIGURES, Column, measure, where
from musiclab.errors import SettingError
from musiclab.evaluate.intervals import wilson_interval
from musiclab.evaluate.memorisation import CopiedPassage, TrainingMemory
from musiclab.evaluate.poisson import poisson_interval, poisson_ratio
from musiclab.evaluate.voice_leading import FAULTS, VoiceLeading, voice_leading_counts
from musiclab.music.chorale import Chorale
from musiclab.music.corpus import corpus


@pytest.fixture(scope="module")
def report(grid) -> MusicalReport:
    return musical_report(grid, pieces=3, bars=1, best_of=2, progress=False)


def test_the_columns_are_counted_and_named(report):
    names = [one.name for one in report.columns]
    assert names == ["Bach", "model alone", "best of 2", "no parallels", "all rules"]
    everything = sum(len(corpus(split)) for split in ("train", "valid", "test"))
    assert [len(one.counts) for one in report.columns] == [everything, 3, 3, 3, 3]
    assert [len(one.copied) for one in report.columns] == [77, 3, 3, 3, 3]
    bach, alone, best, careful, ruled = report.columns
    rates = {row.count: row for row in FIGURES}
    assert set(FAULTS) < set(rates)
    for name in ("parallel_fifths", "parallel_octaves"):
        assert careful.rate(rates[name])[0] == ruled.rate(rates[name])[0] == 0
        assert bach.rate(rates[name])[0] > 0
    for name in ("crossing", "wide_soprano_alto", "wide_alto_tenor", "out_of_range"):
        value, low, high = ruled.rate(rates[name])
        assert value == low == 0 < high  # none in so few chords: not yet none at all
        assert alone.rate(rates[name])[0] > 0
    assert best.nats < alone.nats and best.seconds == 2 * alone.seconds
    assert alone.lost is best.lost is None and 0 < careful.lost < ruled.lost
    assert bach.nats is None and ruled.gave_way == 0


def test_the_same_seed_prints_the_same_table(report, grid):
    again = musical_report(grid, pieces=3, bars=1, best_of=2, progress=False)
    assert _untimed(again) == _untimed(report)
    other = musical_report(grid, pieces=3, bars=1, best_of=2, seed=1, progress=False)
    assert _untimed(other) != _untimed(report)


def _untimed(report: MusicalReport) -> str:
    lines = str(report).splitlines()
    assert sum("seconds" in line for line in lines) == 1
    return "\n".join(line for line in lines if "seconds" not in line)


def test_the_table_says_what_it_is(report):
    text = str(report)
    assert "3 pieces of 1 bars by a model@000000000000, seed 0, beside " in text
    for word in ("parallel fifths", "the maximum of Bach: bwv", "S 60-79"):
        assert word in text
    assert all(len(line) <= 32 + 5 * 18 for line in text.splitlines())


def test_rates_and_ratios_come_from_the_counts():
    def column(*rows: tuple[int, int]) -> Column:
        counts = [
            VoiceLeading(**{name: 0 for name in VoiceLeading.__dataclass_fields__} | one)
            for one in ({"pieces": 1, "chords": c, "parallel_fifths": f} for c, f in rows)
        ]
        copied = (CopiedPassage(3), CopiedPassage(9), CopiedPassage(4))
        return Column(name="", counts=tuple(counts), copied=copied, nearest="")

    fifths = FIGURES[0]
    ours, theirs = column((100, 1), (300, 7)), column((50, 1), (150, 0))
    bounds = 8 / 0.4, *poisson_interval(8, 0.4)
    assert ours.rate(fifths) == pytest.approx(bounds) and theirs.rate(fifths)[0] == 5
    assert ours.ratio_to(theirs, fifths) == pytest.approx(poisson_ratio((8, 400), (1, 200)))
    assert math.isnan(ours.rate(next(row for row in FIGURES if row.among == "leading_notes"))[0])
    clustered = fifths._replace(kind="clustered")
    assert ours.rate(clustered)[1:] == pytest.approx((10, 70 / 3))  # of one piece, of the other
    ends = FIGURES[-1]
    assert ours.rate(ends) == pytest.approx([100 * one for one in (0, *wilson_interval(0, 2))])
    assert ours.copied_changes() == (4, pytest.approx(8), 9)


def test_the_control_is_searched_no_further_than_the_samples():
    pitches = np.random.default_rng(1).integers(50, 75, (40, 4))
    piece = Chorale(pitches=pitches, source="bach/bwv1.mxl")
    whole = measure("", [piece], TrainingMemory([piece]))
    part = measure("", [piece], TrainingMemory([piece]), cut=16)
    assert (whole.copied[0].changes, part.copied[0].changes) == (39, 15)
    assert (whole.nearest, part.nearest) == ("bwv1, bars 1-3", "bwv1, bar 1")
    assert part.counts == (voice_leading_counts([piece]),)  # the rest is measured whole
    other = measure("", [piece], TrainingMemory([piece]), compared=[piece, piece.excerpt(0, 4)])
    assert [one.changes for one in other.copied] == [39, 3]


@pytest.mark.parametrize("asked", [{"pieces": 1}, {"best_of": 0}, {"bars": 0}, {"seed": -1}])
def test_what_cannot_be_is_refused(grid, asked):
    with pytest.raises(SettingError, match=f"^{next(iter(asked))} must be"):
        musical_report(grid, progress=False, **asked)


@pytest.mark.parametrize(
    ("frames", "expected"),
    [((0, 4), "bwv1, bar 0"), ((4, 20), "bwv1, bar 1"), ((0, 5), "bwv1, bars 0-1")]
    + [((19, 37), "bwv1, bars 1-3")],
)
def test_it_says_which_bars(frames, expected):
    rng = np.random.default_rng(5)
    pitches = rng.integers(45, 76, (44, 4))
    hymn = Chorale(pitches=pitches, beats=(np.arange(44) + 12) % 16, source="bach/bwv1.mxl")
    memory = TrainingMemory([rng.integers(45, 76, (9, 4)), hymn])
    copied = CopiedPassage(3, number=1, training_frames=frames)
    assert where(copied, memory) == expected


def test_it_says_where_without_names_and_bars():
    memory = TrainingMemory([np.full((9, 4), pitch) for pitch in (60, 62, 64)])
    copied = CopiedPassage(3, number=2, training_frames=(4, 8))
    assert where(copied, memory) == "training piece 2, frames 4-7"
    assert where(CopiedPassage(0), memory) == ""
