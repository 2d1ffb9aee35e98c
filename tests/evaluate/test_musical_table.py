import math

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.evaluate.memorisation import CopiedPassage, TrainingMemory
from musiclab.evaluate.musical_figures import FIGURES, Column, measure
from musiclab.evaluate.musical_table import MusicalReport, musical_report
from musiclab.evaluate.voice_leading import FAULTS, VoiceLeading, voice_leading_counts
from musiclab.music.chorale import Chorale


@pytest.fixture(scope="module")
def report(grid) -> MusicalReport:
    return musical_report(grid, pieces=3, bars=1, best_of=2, progress=False)


def test_the_columns_are_counted_and_named(report):
    names = [one.name for one in report.columns]
    assert names == ["Bach's test", "model alone", "best of 2", "no parallels", "all rules"]
    assert [len(one.counts) for one in report.columns] == [77, 3, 3, 3, 3]
    bach, alone, best, careful, ruled = report.columns
    rates = {row.count: row for row in FIGURES}
    assert set(FAULTS) < set(rates)
    for name in ("parallel_fifths", "parallel_octaves"):
        assert careful.rate(rates[name]) == ruled.rate(rates[name]) == 0 < bach.rate(rates[name])
    for name in ("crossing", "wide_soprano_alto", "wide_alto_tenor", "out_of_range"):
        assert ruled.rate(rates[name]) == 0 < alone.rate(rates[name])
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
    assert "3 pieces of 1 bars by a model@000000000000, seed 0, beside 77 by Bach" in text
    for word in ("parallel fifths", "the maximum of Bach's test: bwv", "S 60-79"):
        assert word in text
    assert all(len(line) <= 110 for line in text.splitlines())


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
    assert ours.rate(fifths) == pytest.approx(20) and theirs.rate(fifths) == pytest.approx(5)
    assert ours.ratio_to(theirs, fifths)[0] == pytest.approx(4)
    assert math.isnan(ours.rate(next(row for row in FIGURES if row.among == "leading_notes")))
    assert ours.copied_changes() == (4, pytest.approx(8), 9)


def test_the_control_is_searched_no_further_than_the_samples():
    pitches = np.random.default_rng(1).integers(50, 75, (40, 4))
    piece = Chorale(pitches=pitches, source="bach/bwv1.mxl")
    whole = measure("", [piece], TrainingMemory([piece]))
    part = measure("", [piece], TrainingMemory([piece]), cut=16)
    assert (whole.copied[0].changes, part.copied[0].changes) == (39, 15)
    assert (whole.nearest, part.nearest) == ("bwv1, bars 1-3", "bwv1, bar 1")
    assert part.counts == (voice_leading_counts([piece]),)  # the rest is measured whole


@pytest.mark.parametrize("asked", [{"pieces": 1}, {"best_of": 0}, {"bars": 0}, {"seed": -1}])
def test_what_cannot_be_is_refused(grid, asked):
    with pytest.raises(SettingError, match=f"^{next(iter(asked))} must be"):
        musical_report(grid, progress=False, **asked)
