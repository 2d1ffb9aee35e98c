import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.evaluate.baseline import N_COLUMNS, columns_of
from musiclab.evaluate.contexts import features_from
from musiclab.evaluate.kneser_ney import KneserNey, in_every_key
from musiclab.evaluate.kneser_ney_table import KneserNeyTable
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import LADDER


@pytest.fixture(scope="module")
def bach():
    return {
        split: [piece for _, piece in benchmark_pieces(split, progress=False)]
        for split in ("train", "valid", "test")
    }


def test_in_stream_is_an_n_gram_model_of_one_melody(pieces):
    """The same table, made without frames and voices."""
    order, model = 4, KneserNey.in_stream(pieces, order=4)
    rows, notes = [], []
    for stream in (columns_of(piece).reshape(-1) for piece in pieces):
        padded = [N_COLUMNS] * (order - 1) + stream.tolist()
        for place, note in enumerate(stream):
            rows.append(padded[place : place + order - 1][::-1])
            notes.append(note)
    table = KneserNeyTable(np.array(rows), np.array(notes), N_COLUMNS)
    expected = table.probabilities(np.array(rows), np.array(notes), model.base)
    found = np.concatenate([np.exp(-one).reshape(-1) for one in model.nats_of_pieces(pieces)])
    np.testing.assert_allclose(found, expected)


def test_each_voice_has_a_table_of_its_own_by_relevance(pieces):
    """Changing what the bass sang changes nothing for the alto that does not look at it."""
    features = [features_from(text, v) for v, text in enumerate(("S1", "A1 S0", "T1 A0", "B1 T0"))]
    other = [np.where([False, False, False, True], 40, piece) for piece in pieces]
    alto = [KneserNey(one, features).nats_of_pieces(one)[0][:, 1] for one in (pieces, other)]
    one_table = [
        KneserNey(one, [list_[:1] for list_ in features], one_table=True).nats_of_pieces(one)[0][
            :, 1
        ]
        for one in (pieces, other)
    ]
    assert np.allclose(*alto) and not np.allclose(*one_table)


def test_no_voice_looks_at_what_is_not_drawn_yet(pieces):
    for voice, text in ((0, "A0"), (1, "T0"), (2, "T0"), (3, "B0")):
        features = [features_from(text if v == voice else "S1", v) for v in range(4)]
        with pytest.raises(SettingError, match="drawn later"):
            KneserNey(pieces, features)


@pytest.mark.parametrize(
    "features", [[()], [features_from("S1", 0), (), (), ()], [features_from("S1 T1", 0), *[()] * 3]]
)
def test_wrong_lists_of_features_are_refused(pieces, features):
    with pytest.raises(SettingError, match="features"):
        KneserNey(pieces, features, one_table=True)


@pytest.mark.parametrize("order", [0, 66, -3])
def test_wrong_orders_are_refused(pieces, order):
    with pytest.raises(SettingError, match="order"):
        KneserNey.in_stream(pieces, order=order)


def test_every_key_keeps_each_voice_in_its_range():
    rng = np.random.default_rng(3)
    pieces = [rng.integers(low, low + 11, (frames, 4)) for low, frames in ((50, 3), (61, 5))]
    pieces[1][2, 1] = -1
    everywhere = in_every_key(pieces)
    assert len(everywhere) > len(pieces)
    for piece in everywhere:
        for voice in range(4):
            own = np.concatenate([p[:, voice][p[:, voice] >= 0] for p in pieces])
            sung = piece[:, voice][piece[:, voice] >= 0]
            assert own.min() <= sung.min() and sung.max() <= own.max()
    rests = [piece for piece in everywhere if len(piece) == 5]
    assert all(piece[2, 1] == -1 for piece in rests)
    for piece in pieces:
        assert sum(np.array_equal(piece, one) for one in everywhere) == 1


def test_on_the_benchmark_it_is_where_the_ladder_has_it(bach):
    """The ladder was measured on the canonical data, with one discount instead of three."""
    rungs = {rung.model: rung for rung in LADDER}
    everywhere = in_every_key(bach["train"])
    flat = KneserNey.in_stream(everywhere)
    expected = rungs["Kneser-Ney, order 8, transposed"]
    assert flat.nats_per_note(bach["valid"]) == pytest.approx(expected.valid, abs=0.02)
    assert flat.nats_per_note(bach["test"]) == pytest.approx(expected.test, abs=0.02)
    del flat
    model = KneserNey(everywhere)
    expected = rungs["Kneser-Ney, contexts by relevance"]
    assert 0.40 < model.nats_per_note(bach["valid"]) < expected.valid
    assert 0.40 < model.nats_per_note(bach["test"]) < expected.test


def test_other_keys_help(bach):
    some = bach["train"][:40]
    alone, everywhere = KneserNey.in_stream(some), KneserNey.in_stream(in_every_key(some))
    assert everywhere.nats_per_note(bach["valid"]) < alone.nats_per_note(bach["valid"]) - 0.1
