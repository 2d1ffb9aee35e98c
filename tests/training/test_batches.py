"""Batches: every piece once an epoch, in keys that a choir can sing, the same whenever asked."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.music.chorale import REST, Chorale
from musiclab.music.transposition import semitones_within, voice_ranges
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer
from musiclab.training.frame_batches import FrameBatches
from musiclab.training.token_batches import TokenBatches

NAMES = ("phase", "beat", "mode", "remaining")
LENGTHS = (23, 5, 47, 31, 29, 13, 41, 7, 19, 11, 37)  # frames; all different


def piece(length: int) -> Chorale:
    random = np.random.default_rng(length)
    middle = np.array([70, 64, 58, 50])
    width = 2 + length % 4  # the narrower, the more keys it can be sung in
    pitches = middle + random.integers(-width, width + 1, (length, 4))
    pitches[random.random((length, 4)) < 0.1] = REST
    return Chorale(pitches=pitches, key="G minor", time_signature="3/4")


def coming_home(chorale: Chorale) -> np.ndarray:
    """End on a chord of G."""
    return np.vstack([chorale.pitches[:-1], [70, 67, 62, 55]])


PIECES = [piece(length) for length in LENGTHS]
FRAMES, NOTES = GridTokenizer(holds=True), GridTokenizer(holds=True, layout="notes")


def frame_batches(**options) -> FrameBatches:
    return FrameBatches(PIECES, FRAMES, Conditions(NAMES), **{"batch_size": 3} | options)


def epoch(batches, number: int) -> list[int]:
    first = number * len(batches)
    return [int(p) for n in range(first, first + len(batches)) for p in batches.chosen(n)]


@pytest.mark.parametrize("number", [0, 1, 7])
def test_an_epoch_visits_every_piece_once(number):
    visited = epoch(frame_batches(), number)
    assert sorted(visited) == list(range(len(PIECES)))
    assert visited != epoch(frame_batches(), number + 1)


def test_pieces_of_a_batch_have_similar_lengths():
    batches = frame_batches(batch_size=4)
    spread = [np.ptp(batches.lengths[batches.chosen(n)]) for n in range(30)]
    shuffled = [np.ptp(np.random.permutation(LENGTHS)[:4]) for _ in range(30)]
    assert np.mean(spread) < 0.6 * np.mean(shuffled)


def test_a_batch_follows_from_seed_and_number():
    one, other = frame_batches(seed=5), frame_batches(seed=5)
    expected = [other.batch(n) for n in range(9)]
    for number in (8, 3, 0, 3):  # in any order, after any others
        batch = one.batch(number)
        assert_close(batch, expected[number], rtol=0, atol=0)
    seeds = [frame_batches(seed=seed).batch(0).targets.tolist() for seed in (5, 6)]
    assert seeds[0] != seeds[1]


def test_the_past_is_the_targets_one_step_late():
    for batch in frame_batches(with_end=True):
        previous, _, frames = batch.inputs
        assert torch.equal(frames, batch.targets)
        assert (previous[:, 0] == FRAMES.start_id).all()
        inside = batch.targets[:, :-1] != FRAMES.end_id
        late = previous[:, 1:]
        assert_close(late[inside], batch.targets[:, :-1][inside], rtol=0, atol=0)


def test_validation_gives_every_piece_whole_in_order_in_its_key():
    batches = frame_batches(training=False, crop=7, condition_dropout=1.0, seed=3)
    found = [row for batch in batches for row in batch.targets]
    assert len(found) == len(PIECES)
    for row, chorale in zip(found, PIECES, strict=True):
        expected = torch.from_numpy(FRAMES.encode(chorale)[1:-1])
        assert_close(row[: len(chorale)], expected, rtol=0, atol=0)
        assert (row[len(chorale) :] == FRAMES.pad_id).all()
    told = torch.cat([batch.inputs[1].flatten(0, 1) for batch in list(batches)[:1]])
    assert (told[: len(PIECES[0]), 1] > 0).all()  # nothing is kept from it


def test_transposing_stays_in_range_and_happens():
    batches, ranges = frame_batches(batch_size=11), voice_ranges(PIECES)
    shifts = set()
    for number in range(40):
        for row, chosen in zip(batches.batch(number).targets, batches.chosen(number), strict=True):
            original = PIECES[chosen]
            played = FRAMES.decode(row[: len(original)].numpy())
            for voice, (low, high) in enumerate(ranges):
                sounding = played.pitches[:, voice][played.pitches[:, voice] != REST]
                assert low <= sounding.min(initial=127) and sounding.max(initial=0) <= high
            sounds = original.pitches != REST
            moved = (played.pitches - original.pitches)[: len(played)][sounds[: len(played)]]
            assert len(set(moved.tolist())) == 1  # every voice by as much
            shifts.add((int(chosen), int(moved[0])))
    # All that is allowed occurs, and nothing else.
    possible = {(n, s) for n, p in enumerate(PIECES) for s in batches.shifts[n] if len(p)}
    assert shifts <= possible
    assert len(shifts) > 0.9 * len(possible) > 2 * len(PIECES)


def test_without_transposing_the_key_stays():
    assert all(list(one) == [0] for one in frame_batches(transpose=False).shifts)


def test_the_vocabulary_limits_transposing():
    high = Chorale(pitches=np.array([[84, 70, 60, 50]]))
    wide = ((0, 127),) * 4
    assert list(semitones_within(high, wide, (48, 85))) == [-2, -1, 0, 1]
    assert list(semitones_within(high, wide, (50, 84))) == [0]


def test_a_silent_voice_does_not_limit_transposing():
    silent = Chorale(pitches=np.array([[72, REST, 60, 50]]))
    ranges = ((70, 74), (60, 60), (58, 62), (48, 52))
    assert list(semitones_within(silent, ranges, (0, 127))) == [-2, -1, 0, 1, 2]


def test_a_crop_is_a_true_stretch_with_its_true_conditions():
    conditions = Conditions(NAMES)
    batches = frame_batches(crop=6, transpose=False, batch_size=11)
    starts = set()
    for number in range(20):
        batch = batches.batch(number)
        previous, told, _ = batch.inputs
        assert batch.targets.shape[1] == 6
        for row, chosen in enumerate(batches.chosen(number)):
            ids, given = FRAMES.encode(PIECES[chosen]), conditions.encode(PIECES[chosen])
            length = min(6, len(PIECES[chosen]))
            fits = [
                first
                for first in range(len(PIECES[chosen]) - length + 1)
                if np.array_equal(ids[first : first + length], previous[row, :length])
                and np.array_equal(ids[first + 1 : first + 1 + length], batch.targets[row, :length])
                and np.array_equal(given[first : first + length], told[row, :length])
            ]
            assert fits
            starts.add((int(chosen), fits[0]))
    assert len(starts) > 60


def test_condition_dropout_keeps_the_phase_and_drops_columns_one_by_one():
    batches = frame_batches(condition_dropout=0.5, batch_size=11, transpose=False)
    seen = set()
    for number in range(40):
        told = batches.batch(number).inputs[1]
        for row, chosen in enumerate(batches.chosen(number)):
            full = Conditions(NAMES).encode(PIECES[chosen])
            given = told[row, : len(full)].numpy()
            kept = [np.array_equal(given[:, c], full[:, c]) for c in range(len(NAMES))]
            gone = [(given[:, c] == 0).all() for c in range(len(NAMES))]
            assert all(k or g for k, g in zip(kept, gone, strict=True))
            assert kept[0]
            seen.add(tuple(kept[1:]))
    assert len(seen) == 8  # every combination of the three that may be dropped


def test_note_dropout_hides_past_notes_and_nothing_else():
    plain = frame_batches(batch_size=11, transpose=False)
    batches = frame_batches(batch_size=11, transpose=False, note_dropout=0.8)
    shares = []
    for number in range(20):
        previous, *others = batches.batch(number).inputs
        full, *same = plain.batch(number).inputs
        assert_close(others[1], same[1])  # the targets
        hidden = previous != full
        assert (previous[hidden] == batches.pad_id).all()
        lengths = (same[1] != batches.pad_id).any(dim=2).sum(dim=1)
        shares += [float(h[:n].float().mean()) for h, n in zip(hidden, lengths, strict=True)]
    assert 0.3 < np.mean(shares) < 0.5  # uniform between 0 and 0.8
    assert min(shares) < 0.1 and 0.65 < max(shares) < 0.95
    valid = frame_batches(training=False, note_dropout=0.8)
    assert_close(valid.batch(0), frame_batches(training=False).batch(0))


def test_the_end_is_told_like_any_other_frame():
    chorale = piece(17)
    batches = FrameBatches([chorale], FRAMES, Conditions(NAMES), with_end=True, training=False)
    batch = batches.batch(0)
    told = batch.inputs[1][0]
    assert (batch.targets[0, -1] == FRAMES.end_id).all() and batch.targets.shape[1] == 18
    longer = Conditions(NAMES).encode(piece(18))
    assert told[-1, :3].tolist() == longer[-1, :3].tolist()  # phase, beat and mode go on
    assert told[-1, 3] == told[-2, 3]  # nothing remains
    assert_close(told[:-1], torch.from_numpy(Conditions(NAMES).encode(chorale)))


@pytest.mark.parametrize("with_end", [False, True])
def test_the_key_moves_with_the_piece(with_end):
    """A piece that is sung a tone higher is told to be in a key a tone higher."""
    names, moved = ("phase", "key"), set()
    homes = [replace(one, pitches=coming_home(one)) for one in PIECES]
    batches = FrameBatches(homes, FRAMES, Conditions(names), batch_size=11, with_end=with_end)
    for number in range(10):
        _, told, targets = batches.batch(number).inputs
        for row, chosen in enumerate(batches.chosen(number)):
            length = len(homes[chosen])
            sung = FRAMES.decode(targets[row, :length].numpy()).pitches
            shift = int(sung[-1, 3] - homes[chosen].pitches[-1, 3])
            keys = told[row, : length + with_end, 1].unique().tolist()
            assert keys == [13 + (7 + shift) % 12]  # G minor, moved
            moved.add(shift)
    assert len(moved) > 2


@pytest.mark.parametrize("change", ["another ending", "no bass", "no key"])
def test_a_key_that_a_piece_does_not_come_home_to_is_not_told(change):
    pitches = coming_home(piece(13))
    key = "" if change == "no key" else "G minor"
    if change == "no bass":
        pitches[:, 3] = REST
    elif change == "another ending":
        pitches[-1, 3] += 7
    changed = replace(piece(13), pitches=pitches, key=key)
    names = ("phase", "key", "mode")
    told = [
        FrameBatches([one], FRAMES, Conditions(names), training=False).batch(0).inputs[1][0]
        for one in (changed, replace(piece(13), pitches=coming_home(piece(13))))
    ]
    assert (told[0][:, 1] == 0).all() and (told[1][:, 1] == 20).all()
    assert (told[0][:, 2] == (0 if change == "no key" else 2)).all()  # the mode is still told


@pytest.mark.parametrize("with_end", [False, True])
def test_flat_tokens_predict_the_next_id(with_end):
    batches = TokenBatches(PIECES, NOTES, with_end=with_end, training=False, batch_size=4)
    rows = [pair for batch in batches for pair in zip(batch.inputs[0], batch.targets, strict=True)]
    for (ids, targets), chorale in zip(rows, PIECES, strict=True):
        whole = torch.from_numpy(NOTES.encode(chorale))
        whole = whole if with_end else whole[:-1]
        n = len(whole) - 1
        assert_close(ids[:n], whole[:-1], rtol=0, atol=0)
        assert_close(targets[:n], whole[1:], rtol=0, atol=0)
        assert (targets[n:] == NOTES.pad_id).all()


def test_a_flat_crop_starts_with_a_soprano():
    batches = TokenBatches(PIECES, NOTES, crop=5, transpose=False, batch_size=11)
    batch = batches.batch(0)
    assert batch.targets.shape[1] == 20
    for row, chosen in enumerate(batches.chosen(0)):
        whole = NOTES.encode(PIECES[chosen])
        firsts = range(0, len(whole) - 20, 4)
        assert any(
            np.array_equal(whole[f : f + 20], batch.inputs[0][row])
            and np.array_equal(whole[f + 1 : f + 21], batch.targets[row])
            for f in firsts
        )


def test_the_fingerprint_changes_with_data_and_settings():
    changed = PIECES[:-1] + [PIECES[-1].transpose(1)]
    conditions = Conditions(NAMES)
    prints = {
        frame_batches().fingerprint,
        frame_batches(seed=1).fingerprint,
        frame_batches(crop=5).fingerprint,
        frame_batches(condition_dropout=0.1).fingerprint,
        frame_batches(note_dropout=0.1).fingerprint,
        FrameBatches(changed, FRAMES, conditions, batch_size=3).fingerprint,
        FrameBatches(PIECES, FRAMES, batch_size=3).fingerprint,
    }
    assert len(prints) == 7
    assert frame_batches().fingerprint in prints


@pytest.mark.parametrize(
    "options", [{"batch_size": 0}, {"crop": 0}, {"condition_dropout": 1.5}, {"note_dropout": -1.0}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(SettingError, match=next(iter(options))):
        frame_batches(**options)


def test_wrong_layouts_and_no_pieces_are_refused():
    with pytest.raises(SettingError, match="layout"):
        FrameBatches(PIECES, NOTES)
    with pytest.raises(SettingError, match="layout"):
        TokenBatches(PIECES, FRAMES)
    with pytest.raises(SettingError, match="no piece"):
        TokenBatches([], NOTES)
