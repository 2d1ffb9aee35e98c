"""What notebooks 00 to 03 say in prose and no cell prints, computed with the library."""

import warnings
from collections import Counter

import numpy as np
import pytest
from music21 import analysis
from music21 import corpus as scores

from musiclab import compose, corpus, load_checkpoint, read_chorale, read_notes
from musiclab.music import REST, midi_bytes, midi_from_chorale
from musiclab.music.keys import tonic_pitch_class
from musiclab.sampling import compose_many
from musiclab.tokens import EventTokenizer
from musiclab.training.presets import PRESETS


@pytest.fixture(scope="module")
def everything():
    return corpus(None, progress=False)


@pytest.fixture(scope="module")
def train():
    return corpus("train", progress=False)


@pytest.fixture(scope="module")
def bwv66():
    return read_chorale("bach/bwv66.6")


@pytest.fixture(scope="module")
def notes(everything):
    """All notes of all chorales, voice after voice: first frame, end, pitch."""
    lines = [one.notes(voice) for one in everything for voice in range(4)]
    return np.array([(a, a + length, pitch) for line in lines for a, length, pitch in line])


def silent(piece):
    return (piece.pitches == REST).all(axis=1).mean()


# ---- 00: hear it first -------------------------------------------------------------------------


def test_the_studio_model_studied_240_chorales():
    assert len(corpus("train", extras=True, progress=False)) == 240


def test_the_studio_model_is_told_what_the_text_lists():
    names = load_checkpoint("bach-studio").conditions.names
    assert {"beat", "fermata", "key", "remaining"} <= set(names)


def test_the_studio_model_was_penalised_for_faults():
    assert PRESETS["bach-studio"].training.unlikelihood > 0


def test_the_cooler_the_fewer_notes():
    means = []
    for temperature in (0.5, 1.0, 1.5):
        pieces = compose_many(bars=4, seed=3, temperature=temperature, candidates=8)
        means.append(np.mean([one.chorale.attacks.sum() for one in pieces]))
    assert means[0] < means[1] < means[2]


def test_pieces_to_begin_with_were_kept_out_of_training():
    studied = {one.source for one in corpus("train", extras=True, progress=False)}
    assert studied.isdisjoint(one.source for one in corpus("valid", progress=False))


def test_the_model_goes_on_from_what_bach_wrote():
    bach = next(one for one in corpus("valid", progress=False) if one.beats[0] == 0)
    continued = compose(prompt=bach, prompt_bars=2, bars=3, seed=8)
    first = 2 * bach.frames_per_bar
    assert np.array_equal(continued.pitches[:first], bach.pitches[:first])


# ---- 01: scores --------------------------------------------------------------------------------


def test_the_profiles_are_those_of_aarden():
    method = analysis.discrete.analysisClassFromMethodName("key")
    assert method is analysis.discrete.AardenEssen


def test_one_key_is_far_ahead_and_two_are_level():
    key = scores.parse("bach/bwv66.6").analyze("key")
    first, second, third = [key, *key.alternateInterpretations[:2]]
    names = [f"{one.tonic.name} {one.mode}" for one in (first, second, third)]
    assert names == ["F# minor", "A major", "B minor"]
    correlations = [one.correlationCoefficient for one in (first, second, third)]
    assert correlations[0] - correlations[1] > 5 * (correlations[1] - correlations[2])


def test_the_last_chord_has_a_picardy_third(bwv66):
    assert set(bwv66.pitches[-1] % 12) == {6, 10, 1}  # F sharp, A sharp, C sharp


def test_the_picardy_third_was_a_convention(everything):
    minor = [one for one in everything if one.key.endswith("minor")]
    thirds = [(tonic_pitch_class(one.key.split()[0]) + 4) % 12 for one in minor]
    ends = sum(third in one.pitches[-1] % 12 for third, one in zip(thirds, minor, strict=True))
    assert ends > len(minor) / 2


def test_the_soprano_of_bwv_121_6_holds_its_last_note_through_four_bars():
    piece = read_chorale("bach/bwv121.6")
    first, length, _ = piece.notes(0)[-1]
    assert (piece.beats[first + 1 : first + length] == 0).sum() == 3  # barlines inside it


def test_the_bass_has_by_far_the_widest_range(bwv66):
    spans = [int(np.ptp(bwv66.pitches[:, voice])) for voice in range(4)]
    assert spans[3] >= max(spans[:3]) + 5
    assert all(11 <= span <= 15 for span in spans[:3])  # an octave or a little more


def test_most_chorales_begin_with_a_pickup(everything):
    assert sum(one.beats[0] > 0 for one in everything) > len(everything) / 2


def test_a_flat_major_stands_alone(everything):
    assert Counter(one.key for one in everything)["A- major"] == 1


def test_white_keys_stand_out_and_neighbours_overlap(everything):
    sung = np.concatenate([one.pitches for one in everything])
    sounding = [column[column != REST] for column in sung.T]
    for voice in sounding:
        assert np.isin(voice % 12, (0, 2, 4, 5, 7, 9, 11)).mean() > 0.7
    for upper, lower in zip(sounding, sounding[1:], strict=False):
        assert lower.max() > upper.min()


def test_a_typical_chorale_lasts_about_fifty_quarters(everything):
    assert 45 <= np.median([len(one) / 4 for one in everything]) <= 55


def test_of_the_longest_some_have_an_orchestra_and_some_do_not(everything):
    shares = [silent(one) for one in sorted(everything, key=len)[-5:]]
    assert sum(share > 0.4 for share in shares) == 2
    assert sum(share < 0.2 for share in shares) == 3


# ---- 02: from score to MIDI to sound -----------------------------------------------------------


def test_few_bytes_change_the_instrument_and_the_tempo(bwv66):
    bar = bwv66.excerpt(36, 52)
    data = midi_bytes(midi_from_chorale(bar))
    for changed, n_bytes in (({"programs": [52] * 4}, 4), ({"tempo": 48.0}, 3)):
        other = midi_bytes(midi_from_chorale(bar, **changed))
        assert len(other) == len(data)
        assert sum(a != b for a, b in zip(data, other, strict=True)) == n_bytes


def test_about_half_of_the_notes_are_quarters_a_third_are_eighths(notes):
    lengths = notes[:, 1] - notes[:, 0]
    assert 0.45 < (lengths == 4).mean() < 0.55
    assert 0.30 < (lengths == 2).mean() < 0.36
    assert (lengths == 1).mean() < 0.03


@pytest.mark.parametrize(("grid", "one_in"), [(4, 5), (2, 80)])  # frames a line of the grid
def test_coarse_grids_lose_notes(notes, grid, one_in):
    first, last = np.floor(notes[:, :2].T / grid + 0.5)
    assert 1 / (last <= first).mean() == pytest.approx(one_in, rel=0.05)


def test_without_attacks_one_note_in_seven_is_glued(everything):
    glued = sum(
        (one.attacks[1:] & (one.pitches[1:] == one.pitches[:-1])).sum() for one in everything
    )
    assert sum(one.attacks.sum() for one in everything) / glued == pytest.approx(7.3, rel=0.05)


def test_five_pieces_are_off_the_grid(everything):
    moved = [one for one in everything if any("moved" in notice for notice in one.left_out)]
    assert len(moved) == 5


def test_two_bars_by_mozart():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quartet = read_notes("mozart/k458/movement3")
    bars = [note for note in quartet.notes if 84 <= note.onset < 92]
    grids = {4: [], 8: []}
    for grid, left in grids.items():
        for note in bars:
            ends = note.onset * grid, (note.onset + note.duration) * grid
            first, last = (int(end + 0.5 + 1e-9) for end in ends)
            left.append(last > first)
    fastest = [note.duration <= 1 / 8 for note in bars]
    lost = [fast and not kept for fast, kept in zip(fastest, grids[4], strict=True)]
    assert 1 - np.mean(grids[4]) == pytest.approx(2 / 5, abs=0.02)
    assert sum(lost) / sum(fastest) == pytest.approx(1 / 2, abs=0.07)
    assert all(grids[8])
    assert sum(note.duration == pytest.approx(1 / 6) for note in bars) == 3  # the triplet


# ---- 03: tokens --------------------------------------------------------------------------------


def test_the_same_again_is_right_in_most_cells(train):
    held = sum((~one.attacks & (one.pitches != REST)).sum() for one in train)
    assert 0.7 < held / sum(one.pitches.size for one in train) < 0.75


def test_the_commonest_pitch_lies_where_voices_overlap(train):
    sung = np.concatenate([one.pitches for one in train])
    commonest = np.bincount(sung[sung != REST]).argmax()
    singing = [voice for voice in range(4) if (sung[:, voice] == commonest).mean() > 0.02]
    assert len(singing) > 1


def test_most_notes_last_four_frames_or_two(notes):
    assert np.isin(notes[:, 1] - notes[:, 0], (2, 4)).mean() > 0.8


def test_without_velocities_events_would_be_about_as_many_as_cells(bwv66):
    events = EventTokenizer()
    names = [events.vocabulary.tokens[one] for one in events.encode(read_notes("bach/bwv66.6"))]
    without = [name for name in names if not name.startswith("velocity")]
    assert len(names) > 1.2 * bwv66.pitches.size
    assert len(without) == pytest.approx(bwv66.pitches.size, rel=0.05)


def test_the_word_that_ends_lines_ends_lines(train):
    under, every = [], []
    for piece in train:
        line = piece.notes(3)
        every += [piece.fermatas[first] for first, _, _ in line]
        for before, middle, after in zip(line, line[1:], line[2:], strict=False):
            steps = middle[2] - before[2], after[2] - middle[2]
            if steps == (2, -7) and middle[1] == after[1] == 4:
                under.append(piece.fermatas[after[0]])
    assert np.mean(under) > 5 * np.mean(every)
