"""What notebook 20 says holds, by what its cells printed."""

import re

import pytest

NAME = "20_words_to_music"


def shares(text):
    return [int(one) for one in re.findall(r"(\d+)%", text)]


@pytest.fixture
def table(printed):
    """For each attribute: obeyed, the interval, dealt anew, untold, shuffled, synonyms, in %."""
    lines = printed(NAME, "'dealt anew'").splitlines()[1:]
    return {line.split()[0]: shares(line) for line in lines}


def test_the_reader_knows_new_wordings_but_no_new_words(printed):
    lines = printed(NAME, "'read rightly'").splitlines()
    known, held_out, synonyms = map(shares, lines[1:])
    assert min(known) > 95 and min(held_out) > 75
    assert sum(held_out) / len(held_out) > 93
    assert synonyms[4] < 10 < 90 < min(synonyms[:4])  # only the density has synonyms


def test_its_own_caption_is_worth_something_and_a_wrong_one_less_than_none(printed):
    text = printed(NAME, "offered = {")
    own, another, none = (float(one) for one in re.findall(r": (\d\.\d+) nats", text))
    assert own < none < another


def test_what_is_obeyed(table):
    obeyed = {name: row[0] for name, row in table.items()}
    assert obeyed["key"] > 90
    for name in ("density", "range", "length"):
        assert 1.7 * table[name][3] < obeyed[name] < 2.4 * table[name][3], name


def test_what_is_hardly_obeyed_or_not(table):
    _, low, _, dealt, *_ = table["cadence"]
    assert dealt < low < dealt + 15
    for name in ("metre", "mode"):
        assert table[name][1] <= table[name][3], name


def test_controls_stay_near_chance(table):
    for name in ("key", "length", "density", "range"):
        *_, untold, shuffled, _ = table[name]
        assert abs(untold - table[name][3]) < 12 and abs(shuffled - table[name][3]) < 12, name
    assert table["density"][-1] < table["density"][0] - 20


def test_guidance_is_what_makes_it_obey(printed):
    (once,) = shares(printed(NAME, '"The louder it is said"'))
    assert 25 < once < 85


def test_the_ends_obey_and_the_middle_gets_lost(printed):
    rows = [shares(line) for line in printed(NAME, "scale=one, value=value").splitlines()]
    for low, middle, high in (rows[:3], rows[3:6], rows[6:]):
        assert middle[1] < 34 < 79 < min(low[1], high[1])
    assert rows[4] == sorted(rows[4], reverse=True)


def test_the_tonic_remembered_finds_the_key_and_vectors_alone_do_not(printed):
    rows = [shares(line) for line in printed(NAME, '"d and minor apart"').splitlines()]
    (remembered, *_), (together, low, _), (apart, lowest, _) = rows
    chance = 100 / 24
    assert remembered > 90
    assert together < 12 and low <= chance and apart < 12 and lowest <= chance


def test_the_soprano_follows_its_own_curve(printed):
    text = printed(NAME, "for strength in (0.0")
    rows = [[float(n) for n in re.findall(r"-?\d+\.\d+", line)] for line in text.splitlines()]
    own, other, nats = ([row[place] for row in rows] for place in (1, 4, 5))
    assert own == sorted(own) and own[-1] > 0.8 and abs(own[0]) < 0.3
    assert max(other[1:]) < 0.2
    assert nats[-1] > nats[0] + 0.05 and abs(nats[1] - nats[0]) < 0.06


def test_silence_was_the_way_out(printed):
    free, charged = shares(printed(NAME, "for silence in"))
    assert free > 3 > charged
