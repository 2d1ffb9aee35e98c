"""The table of harmonisations: whose they are, and what was counted."""

from dataclasses import replace

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.evaluate import harmony_table
from musiclab.evaluate.harmony_table import harmony_report
from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.music.corpus import corpus
from musiclab.sampling.harmonise import harmonise

BEGINNING = 12  # frames


@pytest.fixture
def melodies(monkeypatch, grid):
    """The first three quarters of three chorales, and two to have learnt from."""
    pieces = {
        split: [one.excerpt(0, BEGINNING) for one in corpus(split)[:count]]
        for split, count in (("test", 3), ("train", 2))
    }
    monkeypatch.setattr(harmony_table, "corpus", lambda split, **_: pieces[split])
    true_open = harmony_table.open_checkpoint
    monkeypatch.setattr(
        harmony_table,
        "open_checkpoint",
        lambda one: grid if one == "bach-studio" else true_open(one),
    )
    return pieces["test"]


def test_columns_are_bach_the_model_and_the_default(melodies, told_more):
    told_more = replace(told_more, fingerprint="3" * 12)
    report = harmony_report(told_more, pieces=2, seed=5, progress=False)
    assert [one.name for one in report.columns] == ["Bach's test", "this model", "bach-studio"]
    bach, ours, _ = report.columns
    assert bach.counts == tuple(voice_leading_counts([one]) for one in melodies[:2])
    again = [harmonise(one, checkpoint=told_more, seed=5 + n) for n, one in enumerate(melodies[:2])]
    assert ours.counts == tuple(voice_leading_counts([one]) for one in again)
    assert (again[1].pitches[:, 0] == melodies[1].pitches[:, 0]).all()
    assert not np.array_equal(again[0].pitches, melodies[0].pitches)
    text = str(report)
    assert "the melodies of 2 test pieces, harmonised by a model@333333333333, seed 5" in text
    assert "processor seconds a piece" in text and "rules cost  " not in text


def test_the_default_is_not_compared_with_itself(melodies, grid):
    report = harmony_report(grid, progress=False)
    assert [one.name for one in report.columns] == ["Bach's test", "this model"]
    assert [len(one.counts) for one in report.columns] == [3, 3]


def test_more_melodies_than_there_are_are_refused(melodies, grid):
    with pytest.raises(SettingError, match="pieces must be a whole number from 1 to 3, got 4"):
        harmony_report(grid, pieces=4, progress=False)
