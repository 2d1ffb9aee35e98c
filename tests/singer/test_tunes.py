"""A memory of other tunes: equal to a plain search, alike in every key, blind to itself."""

import math

import numpy as np
import pytest
import torch
from small_singer import SIZES
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.singer import HarmoniserConfig, Singer, SingerConfig
from musiclab.singer.tunes import LONGEST, SAME_BEAT, WIDE, Tunes, hear, relative
from musiclab.tokens import Conditions, GridTokenizer
from musiclab.training import FrameBatches

TOKENIZER = GridTokenizer()


@pytest.fixture
def pieces():
    """Two notes a voice, so that much comes back; now and then a rest; one piece with a copy."""
    random = np.random.default_rng(7)
    lows = np.array([67, 60, 55, 43])
    made = [lows + 2 * random.integers(2, size=(length, 4)) for length in (41, 53, 67)]
    for piece in made:
        piece[np.arange(9, len(piece), 11), random.integers(4)] = -1
    return [*made, np.concatenate([moved(made[1], 5), made[1][:7]])]


def moved(piece, semitones):
    return np.where(piece < 0, -1, piece + semitones)


def plain_vote(pieces, piece, now, voices, least, above):
    """Search every place of every piece, and count votes in a dictionary."""
    votes, longest = {}, 0
    for other in pieces:
        for place in range(len(other) - 1):
            length = 0
            while length < LONGEST and length <= min(now, place):
                ours, theirs = piece[now - length], other[place - length]
                if (
                    min(ours[0], theirs[0]) < 0
                    or length
                    and (ours[0] - theirs[0] != piece[now, 0] - other[place, 0])
                ):
                    break
                shift = ours[0] - theirs[0]
                moved = np.where(theirs < 0, -1, theirs + shift)
                if (moved[voices] != ours[voices]).any():
                    break
                length += 1
            follows = relative(other[place + 1], other[place, :1])
            if length >= least and (follows[: len(above)] == above).all():
                beat = SAME_BEAT if (place - now) % 4 == 0 else 1
                note = follows[len(above)]
                votes[note] = votes.get(note, 0) + 2.0**length * beat
                longest = max(longest, length)
    return {note: vote / sum(votes.values()) for note, vote in votes.items()}, longest


def test_votes_equal_a_plain_search(pieces):
    piece = moved(pieces[1], -3)
    shares, lengths = Tunes(pieces).votes(piece)
    for now in range(len(piece) - 1):
        following = relative(piece[now + 1], piece[now, :1])
        for voice in range(4):
            for kind, (voices, least) in enumerate([(slice(None), 1), (slice(1), 8)]):
                above = following[:voice]
                expected, longest = plain_vote(pieces, piece, now, voices, least, above)
                found = np.zeros(WIDE)
                found[list(expected)] = list(expected.values())
                np.testing.assert_allclose(shares[now + 1, voice, kind], found, atol=1e-3)
                code = 1 + math.ceil(math.log2(longest)) if longest else 0
                assert lengths[now + 1, voice, kind] == code


def test_every_key_gives_the_same_votes(pieces):
    tunes = Tunes(pieces)
    here = tunes.votes(pieces[0])
    there = tunes.votes(moved(pieces[0], 4))
    assert all(np.array_equal(one, other) for one, other in zip(here, there, strict=True))


def test_nothing_is_heard_of_the_future(pieces):
    tunes, piece = Tunes(pieces), pieces[0].copy()
    before, _ = tunes.votes(piece)
    piece[20:] = moved(piece[20:], 1)
    after, _ = tunes.votes(piece)
    assert np.array_equal(before[:20], after[:20])
    assert np.array_equal(before[20, 0], after[20, 0])  # the first voice, before it is chosen
    assert not np.array_equal(before[21:], after[21:])


def test_a_piece_and_its_copy_are_twins_and_have_no_vote(pieces):
    tunes = Tunes(pieces)
    assert [tunes.twins(piece) for piece in range(4)] == [[0], [1, 3], [2], [1, 3]]
    _, with_them = tunes.votes(pieces[1])
    _, without = tunes.votes(pieces[1], tunes.twins(1))
    assert with_them[-1, 0, 0] == 6 and without.max() < 6
    alone = Tunes([pieces[0], pieces[2]]).votes(pieces[1])
    assert np.array_equal(alone[1], without)


def test_the_newest_frames_suffice(pieces):
    tunes, piece = Tunes(pieces), pieces[3]
    shares, lengths = tunes.votes(piece)
    end = piece[50 - LONGEST : 50]
    chosen = relative(piece[50, :3], piece[49, :1])
    vote = tunes.count(tunes.find(hear(end), number=49), chosen)
    assert np.array_equal(vote[0], shares[50]) and np.array_equal(vote[1], lengths[50])


def singer(pieces, **changes):
    torch.manual_seed(3)
    sizes = SIZES | {
        "vocab_size": TOKENIZER.vocab_size,
        "n_relations": 49,
        "tunes": True,
        "max_seq": 64,
    }
    model = Singer(SingerConfig(**sizes | changes), torch.from_numpy(TOKENIZER.pitches())).eval()
    model.tunes = Tunes(pieces)
    for layer in model.head.to_vote_scores:
        torch.nn.init.normal_(layer.weight, std=0.1)  # a new model would not listen
    return model


def test_written_step_by_step_it_hears_what_forward_hears(pieces):
    model, chorale = singer(pieces), Chorale(pitches=moved(pieces[1], -3))
    ids = torch.from_numpy(TOKENIZER.encode(chorale))[None]
    previous, frames, told = ids[:, :-2], ids[:, 1:-1], ids[:, :-2, :0]
    with torch.no_grad():
        scores, cache = model(previous, told, frames), model.new_cache()
        for end in range(1, previous.shape[1] + 1):
            memories = model.memories(previous[:, :end], told[:, :end], cache.length)
            hidden = model.trunk(previous[:, :end], told[:, :end], cache, memories)[:, -1]
            for voice in range(4):
                written = model.next_voice(hidden, memories, frames[:, end - 1, :voice])
                assert_close(written, scores[:, end - 1, voice])
        model.tunes = Tunes([piece[::-1] for piece in pieces])
        assert not torch.allclose(model(previous, told, frames), scores)


@pytest.mark.parametrize("training", [True, False])
def test_batches_bring_what_the_model_would_look_up(pieces, training):
    model, chorales = singer(pieces), [Chorale(pitches=piece) for piece in pieces]
    options = {"tunes": model.tunes, "tunes_dropout": 0.0, "training": training}
    batches = FrameBatches(chorales, TOKENIZER, Conditions(()), batch_size=1, **options)
    for number in range(4):
        piece = int(batches.chosen(number)[0])
        (previous, told, frames, *votes), _ = batches.batch(number)
        own = model.tunes.twins(piece) if training else ()
        model.other_tunes = lambda own=own: _Without(model.tunes, own)
        with torch.no_grad():
            assert_close(model(previous, told, frames, *votes), model(previous, told, frames))


class _Without:
    def __init__(self, tunes, own):
        self.votes, self.find = lambda frames: tunes.votes(frames, own), tunes.find


def test_dropout_takes_votes_of_whole_pieces(pieces):
    chorales = [Chorale(pitches=piece) for piece in pieces]
    options = {"tunes": Tunes(pieces), "tunes_dropout": 1.0}
    (*_, shares, lengths, _), _ = FrameBatches(chorales, TOKENIZER, **options).batch(0)
    assert not shares.any() and not lengths.any()


def test_what_cannot_be_is_refused(pieces):
    with pytest.raises(SettingError, match="harmoniser"):
        HarmoniserConfig(vocab_size=9, n_relations=49, tunes=True)
    with pytest.raises(SettingError, match="n_relations"):
        SingerConfig(vocab_size=9, tunes=True)
    with pytest.raises(SettingError, match="with_end"):
        FrameBatches([Chorale(pitches=pieces[0])], TOKENIZER, tunes=Tunes(pieces), with_end=True)


def test_no_piece_may_find_itself_in_training(pieces):
    model = singer(pieces).train()
    frames = torch.from_numpy(TOKENIZER.encode(Chorale(pitches=pieces[0])))[None, 1:-1]
    with pytest.raises(SettingError, match="tunes=False"):
        model(frames, frames[..., :0], frames)
