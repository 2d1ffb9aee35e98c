"""The table of tunes: what is written is counted, and the tunes are what they should be."""

from dataclasses import replace

import pytest

from benchmarks import tunes
from benchmarks.tunes import TUNES, tunes_report
from musiclab.errors import SettingError
from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.music.chorale import COMFORTABLE
from musiclab.music.keys import find_key
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.melody import as_melody

TUNE = "M:2/4\nL:1/8\nK:D\nA | d2 c2 | d3 |]"


def test_a_line_counts_what_was_written(told_more, monkeypatch):
    pieces = [harmonise(TUNE, checkpoint=told_more, seed=3 + one) for one in range(2)]
    monkeypatch.setattr(tunes, "corpus", lambda split, **_: pieces[:1])
    ended = [piece for piece in pieces if set(piece.pitches[-1] % 12) <= {2, 6, 9}]
    expected = [
        f"{len(ended) / 2:.0%}",
        f"{sum(find_key(piece.pitches) == 'D major' for piece in pieces) / 2:.0%}",
    ]
    rates = voice_leading_counts(pieces).rates
    expected += [f"{rates[f'parallel_{what}']:.1f}" for what in ("fifths", "octaves")]
    head, line, every, bach = tunes_report(told_more, copies=2, seed=3, tunes={"A tune": TUNE})
    assert line.split()[:-1] == ["A", "tune", "D", "major", *expected]
    assert every.split()[1:-1] == expected
    assert bach.split() == ["Bach", *expected[2:]] or len(set(map(str, pieces))) > 1
    assert head.split()[-1] == "seconds"


def test_no_copies_are_refused(told_more):
    with pytest.raises(SettingError, match="^copies must be"):
        next(tunes_report(replace(told_more), copies=0))


@pytest.mark.parametrize("title", TUNES)
def test_the_tunes_are_sung_in_whole_bars_and_end_at_home(title):
    tune = as_melody(TUNES[title])
    notes = [pitch for *_, pitch in tune.notes(0)]
    lowest, highest = COMFORTABLE[0]
    assert lowest <= min(notes) and max(notes) <= highest
    assert find_key(tune.pitches[:, :1]) == tune.key
    last_bar = int(tune.beats[-1]) + 1
    pickup = -int(tune.beats[0]) % tune.frames_per_bar
    assert (last_bar + pickup) % tune.frames_per_bar == 0 and not tune.left_out
