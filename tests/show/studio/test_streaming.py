"""Drafts and stretches of sound together make the finished piece, and nothing else."""

import io

import numpy as np
import pytest
import soundfile

from musiclab.music.chorale import REST, Chorale
from musiclab.sampling.composing import compose
from musiclab.sampling.session import Session
from musiclab.show.sound import Sound
from musiclab.show.studio.streaming import Stretches, drafts, starting_within


def collect(generator):
    found = []
    try:
        while True:
            found.append(next(generator))
    except StopIteration as finished:
        return found, finished.value


def test_drafts_grow_into_the_piece_that_compose_writes(model, bach):
    asked = {"bars": 4, "seed": 5, "prompt": bach, "prompt_bars": 1}
    found, piece = collect(drafts(Session(checkpoint=model, **asked)))
    assert piece == compose(checkpoint=model, **asked)
    assert [done for done, _ in found] == [1, *range(8, 65, 8)]
    for done, draft in found:
        assert len(draft) == len(piece) and (draft.pitches[done:] == REST).all()
        assert np.array_equal(draft.pitches[:done], piece.pitches[:done])
        assert np.array_equal(draft.beats, piece.beats) and draft.tempo == piece.tempo


def test_every_note_sounds_in_one_stretch_whole(chorale):
    rows = [(first, min(first + 7, 23)) for first in range(0, 23, 7)]
    parts = [starting_within(chorale, *row) for row in rows]
    together = []
    for (first, _), part in zip(rows, parts, strict=True):
        for voice in range(4):
            together += [(voice, first + a, b, c) for a, b, c in part.notes(voice)]
    expected = [(voice, *note) for voice in range(4) for note in chorale.notes(voice)]
    assert sorted(together) == sorted(expected)


def wave(mp3):
    return soundfile.read(io.BytesIO(mp3), dtype="float32")[0]


def test_the_stretches_add_up_to_the_whole_sound(chorale):
    stretches, rate = Stretches(tempo=97.0), 24_000
    whole = Sound(chorale, tempo=97.0, gain=1.0).samples
    added = np.zeros(len(whole) + rate, dtype=np.float32)
    for first in range(0, 23, 8):
        part = wave(stretches.mp3(chorale, first, min(first + 8, 23)))
        start = round(first * 60 / (97.0 * 4) * rate)
        added[start : start + len(part)] += part[: len(added) - start]
    added, whole = added[: len(whole)], whole * stretches._gain
    # A synthesiser places notes on blocks of samples: loudness is the same, the waves are not.
    window = rate // 50
    loudness = [
        np.square(one[: len(one) // window * window].reshape(-1, window)).mean(axis=1) ** 0.5
        for one in (added, whole)
    ]
    assert np.corrcoef(*loudness)[0, 1] > 0.97
    assert loudness[0].max() == pytest.approx(loudness[1].max(), rel=0.15)


def test_silence_first_is_no_reason_to_be_loud_later():
    pitches = np.full((32, 4), REST)
    pitches[16:] = 60
    stretches = Stretches()
    assert not wave(stretches.mp3(Chorale(pitches=pitches), 0, 16)).any()
    assert 0.3 < np.abs(wave(stretches.mp3(Chorale(pitches=pitches), 16, 32))).max() < 0.8
