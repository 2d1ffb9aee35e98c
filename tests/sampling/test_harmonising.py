from dataclasses import replace

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.evaluate.voice_leading import OCTAVE, parallels
from musiclab.music.chorale import Chorale
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.settings import RULES


@pytest.fixture(params=["harmoniser", "studio", "grid", "flat"])
def checkpoint(request):
    return request.getfixturevalue(request.param)


def few(checkpoint, count):
    """Write few harmonisations at once; one will do for a model that reads ahead."""
    return {"particles": 1 if hasattr(checkpoint.model, "encode") else count}


def test_the_melody_stays_note_for_note(checkpoint, hymn):
    five = few(checkpoint, 5)
    sung = harmonise(hymn, checkpoint=checkpoint, seed=3, **five)
    assert np.array_equal(sung.pitches[:, 0], hymn.pitches[:, 0])
    assert np.array_equal(sung.attacks[:, 0], hymn.attacks[:, 0])
    assert np.array_equal(sung.fermatas, hymn.fermatas)
    assert np.array_equal(sung.beats, hymn.beats)
    assert (sung.key, sung.time_signature, sung.tempo) == ("G minor", "3/4", 71.0)
    assert not np.array_equal(sung.pitches[:, 1:], hymn.pitches[:, 1:])
    assert sung == harmonise(hymn, checkpoint=checkpoint, seed=3, **five)
    other = harmonise(hymn, checkpoint=checkpoint, seed=4, **five)
    assert not np.array_equal(sung.pitches, other.pitches)


@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio"], indirect=True)
def test_only_the_soprano_is_heard(checkpoint, hymn):
    lower = np.where(hymn.pitches[:, 1:] > 0, hymn.pitches[:, 1:] - 1, -1)
    changed = Chorale(
        pitches=np.column_stack([hymn.pitches[:, 0], lower]),
        attacks=hymn.attacks,
        fermatas=hymn.fermatas,
        beats=hymn.beats,
        key=hymn.key,
        time_signature=hymn.time_signature,
    )
    three = few(checkpoint, 3)
    pieces = [harmonise(one, checkpoint=checkpoint, **three) for one in (hymn, changed)]
    assert np.array_equal(pieces[0].pitches, pieces[1].pitches)


CHANGES = [
    {"mode": "major"},
    {"ending": False},
    {"temperature": 0.3},
    {"rules": ["spacing", "crossing"]},
    {"fermatas": np.arange(48) % 12 < 10},
]


@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio"], indirect=True)
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_every_setting_is_heard(checkpoint, hymn, change):
    two = few(checkpoint, 2)
    plain = harmonise(hymn, checkpoint=checkpoint, **two)
    changed = harmonise(hymn, checkpoint=checkpoint, **two, **change)
    assert not np.array_equal(plain.pitches, changed.pitches)
    assert np.array_equal(changed.fermatas, change.get("fermatas", hymn.fermatas))


def test_a_key_is_told_and_named(harmoniser, hymn):
    one = few(harmoniser, 1)
    keys = (None, "B-flat major")
    pieces = [harmonise(hymn, checkpoint=harmoniser, **one, key=key) for key in keys]
    assert [piece.key for piece in pieces] == ["G minor", "B- major"]
    assert not np.array_equal(pieces[0].pitches, pieces[1].pitches)
    relative = harmonise(hymn, checkpoint=harmoniser, **one, mode="major")
    assert replace(relative, source=pieces[1].source) == pieces[1]


@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio", "grid"], indirect=True)
def test_rules_bind_the_three_voices_and_never_the_melody(checkpoint, hymn):
    high = hymn.pitches.copy()
    high[:, 0] = np.where(np.arange(48) // 6 % 2, 81, 57)  # beyond any rule's range
    tune = replace(hymn, pitches=high)
    sung = harmonise(tune, checkpoint=checkpoint, rules=RULES, **few(checkpoint, 3))
    assert np.array_equal(sung.pitches[:, 0], high[:, 0])
    assert not parallels(sung.pitches) and not parallels(sung.pitches, OCTAVE)


@pytest.mark.parametrize("checkpoint", ["harmoniser", "grid"], indirect=True)
def test_progress_is_told(checkpoint):
    told, two = [], few(checkpoint, 2)
    on_frame = lambda done, total: told.append((done, total))  # noqa: E731
    key = "C major" if "key" in checkpoint.conditions.names else None
    harmonise([60] * 7, checkpoint=checkpoint, **two, key=key, on_frame=on_frame)
    assert told == [(done, 7) for done in range(1, 8)]


@pytest.mark.parametrize(
    ("melody", "asked", "message"),
    [
        ([-1, -1], {}, "no notes"),
        ([], {}, "0 numbers"),
        ([60, 128], {}, "the number 128"),
        ([60, -2], {}, "the number -2"),
        ([60.0], {}, "one MIDI number a frame"),
        (7, {}, "one MIDI number a frame"),
        ([60] * 332, {"key": "C major"}, "of 1 to 331 frames"),
        ([60], {"particles": 0}, "^particles must be"),
        ([60], {"mode": "locrian"}, "^mode must be"),
        ([60], {"temperature": -1}, "^temperature must be"),
        ([60], {"seed": 1.5}, "^seed must be"),
        ([60], {"fermatas": [True, True]}, "^fermatas must be"),
        ([60], {"rules": ["parallel"]}, "^rules must be"),
        ([60], {"key": "H major"}, "^key must be"),
        ([60], {"key": "D minor", "mode": "major"}, "leave the mode out"),
    ],
)
@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio"], indirect=True)
def test_what_cannot_be_is_refused(checkpoint, melody, asked, message):
    with pytest.raises(SettingError, match=message):
        harmonise(melody, checkpoint=checkpoint, **asked)


def test_a_model_that_was_never_told_the_mode_or_key_says_so(grid):
    with pytest.raises(SettingError, match="trained without the mode"):
        harmonise([60], checkpoint=grid, mode="minor")
    with pytest.raises(SettingError, match="trained without the fermatas"):
        harmonise([67] * 8, checkpoint=grid, fermatas=[True] * 8)
    with pytest.raises(SettingError, match="ending must be True or False, got 'no'"):
        harmonise([67] * 8, checkpoint=grid, ending="no")
    with pytest.raises(SettingError, match="trained without the key"):
        harmonise([60], checkpoint=grid, key="D minor")


@pytest.mark.parametrize("checkpoint", ["harmoniser", "studio"], indirect=True)
def test_of_several_harmonisations_one_that_ends_on_the_tonic_is_taken(
    checkpoint, hymn, monkeypatch
):
    asked = []

    def ends_even(chord, tonic, mode):
        asked.append((tonic, mode, *chord.tolist()))
        return chord[3] % 2 == 0

    monkeypatch.setattr("musiclab.sampling.harmonising.is_tonic_chord", ends_even)
    choices = []
    for seed in range(6):
        asked.clear()
        sung = harmonise(hymn, seed=seed, checkpoint=checkpoint, particles=12)
        assert len(asked) == 12 and (7, "minor", *sung.pitches[-1].tolist()) in asked
        even = [chord[-1] % 2 == 0 for chord in asked]
        assert sung.pitches[-1, 3] % 2 == 0 or not any(even)
        choices.append(any(even) and not all(even))
        asked.clear()
        harmonise(hymn, seed=seed, checkpoint=checkpoint, particles=12, ending=False)
        assert not asked
    assert any(choices)


def test_where_none_ends_on_the_tonic_one_is_taken_all_the_same(harmoniser, hymn, monkeypatch):
    monkeypatch.setattr("musiclab.sampling.harmonising.is_tonic_chord", lambda *_: False)
    options = {"checkpoint": harmoniser, "particles": 3, "seed": 2}
    assert harmonise(hymn, **options).pitches.shape == hymn.pitches.shape


TUNE = "M:3/4 Q:66 K:D minor D4:1 | F4 G4 A4 | B-4:2 A4:1 | [M:2/4] G4 E4 | D4:2"


def test_pickup_metres_tempo_and_key_of_a_tune_are_kept(studio):
    sung = harmonise(TUNE, checkpoint=studio, particles=2)
    assert sung.beats.tolist() == [*range(8, 12), *range(12), *range(12), *range(8), *range(8)]
    assert (sung.time_signature, sung.metre_changes) == ("3/4", ((28, "2/4"),))
    assert (sung.key, sung.tempo) == ("D minor", 66.0)


def test_what_is_asked_for_goes_before_what_the_tune_says(studio):
    asked = {"pickup": 0, "time_signature": "2/4", "tempo": 99, "key": "F major"}
    sung = harmonise(TUNE, checkpoint=studio, particles=2, transpose=2, **asked)
    assert sung.beats.tolist() == [*range(8)] * 5 + [*range(4)]
    assert (sung.time_signature, sung.metre_changes) == ("2/4", ())
    assert (sung.key, sung.tempo, sung.pitches[0, 0]) == ("G major", 99, 64)


def test_a_key_found_is_told_and_an_unclear_one_asked_for(studio, grid):
    clear = "G4:1 A4 B4 C5 D5 C5 B4 A4 F#4 G4:2"
    sung = harmonise(clear, checkpoint=studio, particles=2)
    assert sung.key == "G major" and "G major was taken" in sung.left_out[-1]
    assert " key=G%20major " in f"{sung.source} "
    unclear = "G4:1 A4 G4 A4"
    with pytest.raises(SettingError, match=r'may be in .* or .*; say which .*key="'):
        harmonise(unclear, checkpoint=studio)
    told = harmonise(unclear, checkpoint=studio, particles=2, key="D major")
    assert told.key == "D major" and not told.left_out
    harmonise(unclear, checkpoint=grid, particles=2)  # it could not be told
