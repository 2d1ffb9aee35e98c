"""Captions and their rulers, the report on obedience, and guidance, by hand and by property."""

import numpy as np
import pytest
import torch

from benchmarks.captions import (
    ATTRIBUTES,
    HELD_OUT,
    KNOWN,
    WORDS,
    asked_for,
    caption,
    excerpts,
    ids_of,
    measure,
    moved,
)
from benchmarks.word_models import Guided, Reader, all_words, build, encode
from benchmarks.words import obeyed, read, tried_with
from musiclab.music.chorale import Chorale
from musiclab.training.batches import padded

CHORDS = {"I": (72, 67, 64, 48), "V": (71, 67, 62, 43), "i": (72, 67, 63, 48)}


def piece(*chords, quarters=1, **options):
    pitches = np.repeat([CHORDS[one] for one in chords], 4 * quarters, axis=0)
    return Chorale(pitches=pitches, **options)


def test_rulers_hear_key_and_cadence():
    closed, half = measure(piece("I", "V", "I", "I")), measure(piece("I", "V", "I", "V"))
    assert closed["key"] == half["key"] == "C major"
    assert (closed["cadence"], half["cadence"]) == ("home", "half")
    assert measure(piece("i", "V", "i", "i"))["mode"] == "minor"
    assert measure(Chorale(pitches=np.full((32, 4), -1))) == {}


@pytest.mark.parametrize(("bar", "expected"), [("IVV", "three"), ("IVVV", "four")])
def test_ruler_hears_the_metre(bar, expected):
    long_first = np.concatenate(
        [np.repeat([CHORDS[one]], 4, axis=0) + 2 * (n % len(bar)) for n, one in enumerate(bar * 6)]
    )
    assert measure(Chorale(pitches=long_first))["metre"] == expected
    assert "metre" not in measure(Chorale(pitches=long_first[:40]))


def test_a_piece_moved_is_measured_as_it_was_told():
    tune = piece("I", "V", "I", "I", quarters=2)
    told = measure(tune)
    soprano = float(tune.pitches[:, 0].mean())
    for semitones in (-3, 1, 5):
        there = measure(tune.transpose(semitones))
        assert moved(told, semitones, soprano + semitones) == there


def test_lines_end_at_fermatas():
    fermatas = np.arange(80) % 20 >= 16  # the last of every five quarters
    tune = piece(*["I", "V"] * 10, fermatas=fermatas)
    assert sorted(map(len, excerpts([tune]))) == [20] * 4 + [40] * 3 + [60] * 2  # at most three


def test_every_value_that_is_told_is_said_in_its_words():
    random = np.random.default_rng(3)
    for wish in asked_for(40, random):
        for wording in (KNOWN, HELD_OUT):
            said = caption(wish, random, wording)
            for name in set(wish) - {"key", "mode"}:
                assert set(said) & set(WORDS[name][wish[name]][:-1]), name
            strange = caption(wish, random, wording, strange=True)
            assert {WORDS[n][wish[n]][-1] for n in wish if n != "key"} <= set(strange)


def test_the_key_is_numbered_in_one_or_apart():
    minor, major = ids_of({"key": "D minor"}), ids_of({"key": "D major"})
    assert minor[0] == 1 + 2 + 12 and major[0] == 1 + 2 and (minor[1], major[1]) == (2, 1)
    assert ids_of({"key": "D minor"}, apart=True)[0] == ids_of({"key": "D major"}, apart=True)[0]


def test_the_reader_does_not_mind_pads():
    vocabulary = all_words()
    reader, words = Reader(len(vocabulary)).eval(), encode(["calm", ",", "nobody"], vocabulary)
    alone, beside = padded([words], 0), padded([words, np.tile(words, 3)], 0)
    for one, two in zip(reader(alone), reader(beside), strict=True):
        torch.testing.assert_close(one[0], two[0])
    assert read(reader, vocabulary, [["calm"]], apart=False).shape == (1, len(ATTRIBUTES))


def test_chance_is_every_wish_dealt_to_every_piece():
    low, high = piece("I", "V", "I", "I"), piece("I", "V", "I", "I").transpose(5)
    wishes = [{"range": "middle"}, {"range": "high"}, {"range": "high"}]
    rows = {row[1]: row[2:] for row in obeyed(wishes, [low, high, low])}
    heard = [measure(one)["range"] for one in (low, high)]
    assert heard == ["middle", "high"]
    assert rows == {"middle": (1, 1, 0.67), "high": (2, 1, 0.67)}


def test_guidance_at_0_is_untold_and_at_1_as_told():
    torch.manual_seed(0)
    model = build("words").eval()
    said = torch.tensor([ids_of({"key": "D minor", "range": "high"}).tolist()])
    frames = torch.zeros(1, 3, 1 + said.shape[1], dtype=torch.int64)
    frames[..., 0] = torch.arange(3)
    told = torch.cat([frames[..., :1], said[:, None].expand(-1, 3, -1)], dim=-1)
    previous, nobody = torch.tensor([[[1] * 4, [40, 36, 33, 20], [40, 36, 33, 20]]]), said[:, :0]

    def score(model, conditions):
        memories = model.memories(previous, conditions)
        hidden = model.trunk(previous, conditions, None, memories)[:, -1]
        return model.next_voice(hidden, memories, nobody)

    with torch.no_grad():
        expected = {0.0: score(model, frames), 1.0: score(model, told)}
        assert not torch.allclose(expected[0.0], expected[1.0])
        for scale, scores in expected.items():
            torch.testing.assert_close(score(Guided(model, said, scale), frames), scores)
        once, twice = expected[1.0] - expected[0.0], score(Guided(model, said, 2.0), frames)
        torch.testing.assert_close(twice, expected[0.0] + 2 * once)


def test_only_the_main_singer_is_tried_in_every_way():
    assert len(list(tried_with("words"))) > len(list(tried_with("none"))) == 1
