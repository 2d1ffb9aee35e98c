"""The table of harmonisations: whose they are, and what was counted."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import harmony, musical
from benchmarks.harmony import harmony_report
from musiclab.errors import SettingError
from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.music.corpus import corpus
from musiclab.sampling.harmonising import harmonise

BEGINNING = 12  # frames


@pytest.fixture
def melodies(monkeypatch, grid):
    """The first three quarters of three chorales, and two to have learnt from."""
    pieces = {
        split: [one.excerpt(0, BEGINNING) for one in corpus(split)[:count]]
        for split, count in (("test", 3), ("train", 2), ("valid", 1))
    }
    for module in (harmony, musical):
        monkeypatch.setattr(module, "corpus", lambda split, **_: pieces[split])
    true_open = harmony.open_checkpoint
    monkeypatch.setattr(
        harmony,
        "open_checkpoint",
        lambda one: grid if one == "bach-studio" else true_open(one),
    )
    return pieces


def test_columns_are_bach_the_model_and_the_default(melodies, told_more):
    told_more = replace(told_more, fingerprint="3" * 12)
    report = harmony_report(told_more, pieces=2, copies=2, seed=5, progress=False)
    assert [one.name for one in report.columns] == ["Bach", "this model", "bach-studio"]
    bach, ours, _ = report.columns
    everything = [one for split in ("train", "valid", "test") for one in melodies[split]]
    assert bach.counts == tuple(voice_leading_counts([one]) for one in everything)
    tunes = melodies["test"][:2] * 2
    again = [harmonise(one, checkpoint=told_more, seed=5 + n) for n, one in enumerate(tunes)]
    assert ours.counts == tuple(voice_leading_counts([one]) for one in again)
    assert (again[1].pitches[:, 0] == tunes[1].pitches[:, 0]).all()
    assert not np.array_equal(again[0].pitches, tunes[0].pitches)
    assert not np.array_equal(again[0].pitches, again[2].pitches)
    text = str(report)
    assert "2 test melodies, harmonised 2 times each by a model@333333333333, seed 5" in text
    assert "processor seconds per piece" in text and "rules cost  " not in text


def test_the_default_is_not_compared_with_itself(melodies, grid):
    report = harmony_report(grid, copies=1, progress=False)
    assert [one.name for one in report.columns] == ["Bach", "this model"]
    assert [len(one.counts) for one in report.columns] == [6, 3]


def test_more_melodies_than_there_are_are_refused(melodies, grid):
    with pytest.raises(SettingError, match="pieces must be .* at most 3, got 4"):
        harmony_report(grid, pieces=4, progress=False)
