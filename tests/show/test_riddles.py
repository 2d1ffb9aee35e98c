"""Riddles: the coin is fair to both, and nothing but the notes tells."""

import pytest

from musiclab.errors import SettingError
from musiclab.show.riddles import BARS, TEMPO, make_riddles

FRAMES = 16 * BARS


def test_a_riddle_by_bach_is_the_beginning_of_a_piece(model, pieces):
    for riddle in make_riddles(9, 2, checkpoint=model, pieces=pieces):
        origin = [one for one in pieces if one.pitches[0, 0] == riddle.chorale.pitches[0, 0]]
        same = any((one.pitches[:FRAMES] == riddle.chorale.pitches).all() for one in origin)
        assert riddle.by_bach == same
        assert ("BWV" in riddle.answer) == riddle.by_bach
        assert ("the model" in riddle.answer) != riddle.by_bach
        assert "musiclab" not in riddle.answer  # a recipe says nothing to a listener


def test_nothing_but_the_notes_tells(model, pieces):
    riddles = make_riddles(9, 2, checkpoint=model, pieces=pieces)
    assert {riddle.by_bach for riddle in riddles} == {True, False}
    for one in (riddle.chorale for riddle in riddles):
        names = (one.title, one.key, one.source, one.tempo, len(one), one.fermatas.any())
        assert names == ("", "", "", TEMPO, FRAMES, False)


def test_the_coin_is_fair_and_follows_the_seed(model, pieces, monkeypatch):
    monkeypatch.setattr("musiclab.show.riddles.compose", lambda **_: pieces[0])  # not to wait

    def coins(seed):
        return [r.by_bach for r in make_riddles(4, seed, checkpoint=model, pieces=pieces)]

    many = [coin for seed in range(40) for coin in coins(seed)]
    assert 50 < sum(many) < 110  # of 160; outside by chance in fewer than one in 10,000
    assert coins(7) == coins(7)
    assert len({tuple(coins(seed)) for seed in range(20)}) > 5


def test_no_chorale_stands_behind_two_riddles(model, pieces):
    riddles = make_riddles(9, 0, checkpoint=model, pieces=pieces)
    answers = [riddle.answer for riddle in riddles]
    assert len(set(answers)) == 9


@pytest.mark.parametrize("rounds", [0, 10])
def test_too_many_or_no_rounds_are_refused(model, pieces, rounds):
    with pytest.raises(SettingError, match="rounds must be .* 1 and at most 9"):
        make_riddles(rounds, checkpoint=model, pieces=pieces)


def test_the_benchmark_has_enough_riddles(model):
    riddles = make_riddles(5, 1, checkpoint=model)
    assert all(len(riddle.chorale) == FRAMES for riddle in riddles)
