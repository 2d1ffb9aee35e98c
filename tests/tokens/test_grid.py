"""The grid tokeniser: exact round trips, strict encoding, forgiving decoding."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from musiclab.errors import ScoreError, SettingError, TokenError
from musiclab.music.chorale import VOICES, Chorale, attacks_from_pitches
from musiclab.tokens.grid import GridTokenizer

TOKENIZERS = [
    GridTokenizer(holds=holds, layout=layout)
    for holds, layout in product([False, True], ["frames", "notes"])
]
every_tokenizer = pytest.mark.parametrize(
    "tokenizer", TOKENIZERS, ids=lambda one: f"{one.layout}-{'holds' if one.holds else 'plain'}"
)
# Few pitches, so that repeats, unisons, crossings and rests are common.
PITCHES = st.sampled_from([-1, 33, 57, 58, 60, 84])


LINES = st.integers(0, 13).flatmap(
    lambda frames: st.tuples(
        arrays(np.int64, (frames, 4), elements=PITCHES), arrays(np.bool_, (frames, 4))
    )
)


def heard(chorale, tokenizer):
    """What of a chorale the tokeniser promises to keep."""
    if tokenizer.holds:
        return Chorale(pitches=chorale.pitches, attacks=chorale.attacks)
    return Chorale(pitches=chorale.pitches)


def by_name(tokenizer, chorale):
    """Encode one cell at a time, through the tokens' names."""
    rows = [["start"] * 4]
    for pitches, attacks in zip(chorale.pitches, chorale.attacks, strict=True):
        row = []
        for pitch, attack in zip(pitches, attacks, strict=True):
            kind = "pitch" if not tokenizer.holds else "attack" if attack else "held"
            row.append("rest" if pitch == -1 else f"{kind}-{pitch}")
        rows.append(row)
    rows.append(["end"] * 4)
    ids = np.array([[tokenizer.vocabulary.index[name] for name in row] for row in rows])
    return ids if tokenizer.layout == "frames" else ids.ravel()[3:-3]


@every_tokenizer
@given(lines=LINES)
def test_encode_equals_the_names_looked_up_one_by_one(tokenizer, lines):
    chorale = Chorale(pitches=lines[0], attacks=lines[1])
    ids = tokenizer.encode(chorale)
    assert np.array_equal(ids, by_name(tokenizer, chorale))
    frames = len(chorale)
    assert ids.shape == ((frames + 2, 4) if tokenizer.layout == "frames" else (4 * frames + 2,))


@every_tokenizer
@given(lines=LINES)
def test_round_trip(tokenizer, lines):
    chorale = Chorale(pitches=lines[0], attacks=lines[1])
    assert tokenizer.decode(tokenizer.encode(chorale)) == heard(chorale, tokenizer)


@every_tokenizer
def test_round_trip_of_the_whole_corpus(tokenizer, chorales):
    wide = GridTokenizer(holds=tokenizer.holds, layout=tokenizer.layout, lowest=0, highest=127)
    assert len(chorales) > 300
    for chorale in chorales:
        ids = wide.encode(chorale)
        assert wide.decode(ids) == heard(chorale, wide), chorale.source
        inside = chorale.pitches[chorale.pitches >= 0]
        if 33 <= inside.min() and inside.max() <= 84:
            assert tokenizer.decode(tokenizer.encode(chorale)) == heard(chorale, tokenizer)


def test_default_range_holds_the_corpus(chorales):
    for chorale in chorales:
        GridTokenizer().encode(chorale)


@pytest.mark.parametrize("semitones", [-7, -1, 5])
@every_tokenizer
def test_transposing_commutes_with_encoding(tokenizer, semitones, make_chorale):
    chorale = make_chorale(seed=3)
    ids = tokenizer.encode(chorale)
    moved = np.where(ids > tokenizer.rest_id, ids + semitones, ids)
    assert np.array_equal(moved, tokenizer.encode(chorale.transpose(semitones)))


@every_tokenizer
def test_bare_pitches_encode_like_a_chorale(tokenizer, make_chorale):
    pitches = make_chorale(seed=5).pitches
    guessed = Chorale(pitches=pitches, attacks=attacks_from_pitches(pitches))
    assert np.array_equal(tokenizer.encode_pitches(pitches), tokenizer.encode(guessed))
    with pytest.raises(ScoreError):
        tokenizer.encode_pitches(pitches[:, :3])


def test_encode_names_the_note_and_a_remedy_that_works(make_chorale):
    chorale, tokenizer = make_chorale(seed=7, lowest=40, highest=79), GridTokenizer(highest=71)
    frame, voice = np.argwhere(chorale.pitches > 71)[0]
    with pytest.raises(TokenError) as error:
        tokenizer.encode(chorale)
    message = str(error.value)
    assert f"pitch {chorale.pitches[frame, voice]} ({VOICES[voice]}, frame {frame})" in message
    shift = 71 - chorale.pitches.max()
    assert f"transpose it by {shift} semitones" in message
    assert f"highest={chorale.pitches.max()}" in message and "lowest=" not in message
    tokenizer.encode(chorale.transpose(int(shift)))


def test_encode_offers_no_transposition_where_none_helps():
    wide = Chorale(pitches=np.array([[127, 60, -1, 0]]))
    with pytest.raises(TokenError, match="lowest=0, highest=127") as error:
        GridTokenizer().encode(wide)
    assert "transpose" not in str(error.value)
    assert GridTokenizer(lowest=0, highest=127).encode(wide).shape == (3, 4)


@pytest.mark.parametrize("pitch", [32, 85, 0, 127])
@pytest.mark.parametrize("holds", [False, True])
def test_encode_refuses_each_pitch_outside(pitch, holds):
    with pytest.raises(TokenError, match=f"no token for pitch {pitch} "):
        GridTokenizer(holds=holds).encode_pitches(np.array([[60, -1, pitch, 60]]))


@every_tokenizer
def test_decode_forgives_any_known_ids(tokenizer):
    for seed in range(250):  # four tokenisers: 1,000 streams
        rng = np.random.default_rng(seed)
        shape = (rng.integers(0, 29), 4) if tokenizer.layout == "frames" else rng.integers(0, 97)
        ids = rng.integers(0, tokenizer.vocab_size, shape)
        # half the streams without the end token, which would leave little to decode
        ids[(ids == tokenizer.end_id) & (seed % 2 == 0)] = tokenizer.rest_id
        chorale = tokenizer.decode(ids)
        assert len(chorale) <= -(-ids.size // 4)
        # what was decoded is music like any other
        assert tokenizer.decode(tokenizer.encode(chorale)) == chorale


def test_decode_accepts_lists_and_nothing_at_all():
    for tokenizer in TOKENIZERS:
        assert len(tokenizer.decode([])) == len(tokenizer.decode(np.empty((0, 4)))) == 0
    assert TOKENIZERS[0].decode([[30, 31, 32, 33]]).pitches.tolist() == [[59, 60, 61, 62]]


def test_decode_stops_at_the_end_and_strips_starts_and_pads():
    tokenizer = GridTokenizer(layout="notes", lowest=60, highest=71)
    pad, start, end, rest = range(4)
    ids = [pad, pad, start, 4, pad, start, 7, 8, 9, end, 10, 10, pad]
    assert tokenizer.decode(ids).pitches.tolist() == [[60, -1, -1, 63], [64, 65, -1, -1]]
    assert tokenizer.decode([*ids[:9], pad, pad, pad, pad]) == tokenizer.decode(ids)
    frames = GridTokenizer(lowest=60, highest=71)
    rows = [[pad] * 4, [start] * 4, [4, pad, start, 7], [pad] * 4, [5, 5, 5, 5], [rest, end, 4, 4]]
    assert frames.decode(rows).pitches.tolist() == [[60, -1, -1, 63], [-1] * 4, [61] * 4]


def test_decode_counts_a_held_pitch_that_was_not_sounding_as_an_attack():
    tokenizer = GridTokenizer(holds=True)
    held = [tokenizer.vocabulary.index[f"held-{pitch}"] for pitch in (72, 67, 64, 48)]
    chorale = tokenizer.decode([held, held, [3, 3, 3, 3], held])
    assert chorale.attacks.all(axis=1).tolist() == [True, False, False, True]


@pytest.mark.parametrize("layout", ["frames", "notes"])
@pytest.mark.parametrize("wrong", [-1, 56, 10**9])
def test_decode_refuses_unknown_ids(layout, wrong):
    ids = np.full((2, 4), 5)
    ids[1, 2] = wrong
    with pytest.raises(TokenError, match=f"no token has id {wrong}"):
        GridTokenizer(layout=layout).decode(ids if layout == "frames" else ids.ravel())


def test_decode_refuses_wrong_shapes_and_types():
    frames, notes = GridTokenizer(), GridTokenizer(layout="notes")
    for ids in (np.full(8, 5), np.full((2, 3), 5), np.full((2, 2, 4), 5), [[5, 5], [5]]):
        with pytest.raises(TokenError):
            frames.decode(ids)
    for ids in (np.full((2, 4), 5), np.full((8, 1), 5), np.full(8, 5.0), ["5"], [None]):
        with pytest.raises(TokenError):
            notes.decode(ids)


@every_tokenizer
def test_settings_survive_a_checkpoint(tokenizer):
    import json

    again = GridTokenizer.from_dict(json.loads(json.dumps(tokenizer.to_dict())))
    assert again == tokenizer and again.fingerprint == tokenizer.fingerprint


def test_fingerprints_differ_with_every_setting():
    others = [
        GridTokenizer(lowest=34),
        GridTokenizer(highest=83),
        GridTokenizer(lowest=34, highest=85),
    ]
    fingerprints = {one.fingerprint for one in [*TOKENIZERS, *others]}
    assert len(fingerprints) == len(TOKENIZERS) + len(others)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "events"},
        {"holds": 1},
        {"lowest": True},
        {"lowest": 33.0},
        {"layout": "bars"},
        {"lowest": 85},
        {"highest": 128},
        {"lowest": -1},
        {"voices": 4},
    ],
)
def test_from_dict_refuses_what_to_dict_never_wrote(change):
    with pytest.raises((TokenError, SettingError)):
        GridTokenizer.from_dict(GridTokenizer().to_dict() | change)
    with pytest.raises(TokenError):
        GridTokenizer.from_dict({})


def test_vocabulary_is_as_the_contract_says():
    plain, holds = GridTokenizer(), GridTokenizer(holds=True)
    assert plain.vocabulary.tokens[:5] == ("pad", "start", "end", "rest", "pitch-33")
    assert plain.vocabulary.tokens[-1] == "pitch-84" and plain.vocab_size == 4 + 52
    assert holds.vocabulary.tokens[4 + 52 :][:2] == ("held-33", "held-34")
    assert holds.vocab_size == 4 + 2 * 52
    ids = (plain.pad_id, plain.start_id, plain.end_id, plain.rest_id)
    assert ids == (0, 1, 2, 3)
