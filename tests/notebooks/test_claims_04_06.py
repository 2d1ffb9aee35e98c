"""What notebooks 4 to 6 say in words, held against what they print and against the music."""

import re

import nbformat
import numpy as np
import pytest
from notebook_facts import NOTEBOOKS

from musiclab import corpus, read_chorale
from musiclab.evaluate import shared_passages
from musiclab.music.corpus.table import LADDER


@pytest.fixture(scope="module")
def train():
    return corpus("train", progress=False)


@pytest.fixture(scope="module")
def valid():
    return corpus("valid", progress=False)


def printed(name):
    """Return all that the saved notebook printed."""
    cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join(output.text for output in outputs if output.output_type == "stream")


def numbers(text, pattern):
    """Return the numbers in every place where ``pattern`` matches, # being one number."""
    found = re.findall(re.escape(pattern).replace(r"\#", r" *(-?[\d.]*\d)"), text)
    assert found, pattern
    return [tuple(map(float, one)) if isinstance(one, tuple) else float(one) for one in found]


# Notebook 4


@pytest.fixture(scope="module")
def counting():
    return printed("04_models_that_count")


def test_a_voice_does_47_things(train, valid):
    values = np.unique(np.concatenate([piece.pitches.ravel() for piece in train + valid]))
    assert values.tolist() == [-1, *range(36, 82)]


def test_bigram_costs_about_0_95_and_hesitates_among_fewer_than_three(counting):
    bigram = re.search(r"^bigram +([\d.]+) +[\d.]+ +([\d.]+)", counting, flags=re.MULTILINE)
    assert abs(float(bigram[1]) - 0.95) < 0.01 and float(bigram[2]) < 3


def test_learned_table_is_the_counted_one(counting):
    counted, learned = numbers(counting, "ed: # nats per note on the validation pieces")
    assert counted == learned
    assert numbers(counting, "largest difference of two probabilities: #")[0] < 0.001


def test_more_than_three_quarters_are_held_and_time_beats_melody(counting):
    assert numbers(counting, "right in #% of all notes")[0] > 75
    bigram, by_the_beat = numbers(counting, "bigram #, hold by the beat #")[0]
    assert by_the_beat < bigram


def test_a_longer_memory_leaps_at_five_then_goes_flat(counting):
    two, three, five, eight, twelve = numbers(counting, "2: #, 3: #, 5: #, 8: #, 12: #")[0]
    assert three - five > 2 * max(two - three, five - eight)
    assert abs(five - eight) < 0.05 and abs(eight - twelve) < 0.05


def test_longer_contexts_were_heard_more_rarely(counting):
    heard = numbers(counting, "notes before: #% were heard in training")
    assert heard == sorted(heard, reverse=True) and heard[-1] < heard[0]


def test_a_rest_keeps_more_company_than_c_sharp(counting):
    (often, few), (rare, many) = numbers(counting, "moved to # times, from # different")
    assert often > 5 * rare and few < many


def test_c_sharp_and_rest_as_counted_here(train):
    before, now = np.concatenate(
        [np.stack([p.pitches[:-1, 0], p.pitches[1:, 0]]) for p in train], axis=1
    )
    moves = {pitch: before[(now == pitch) & (before != pitch)] for pitch in (73, -1)}
    assert [(len(found), len(set(found))) for found in moves.values()] == [(533, 10), (96, 14)]


def test_each_note_of_context_helps_and_equals_the_library(counting):
    nats = numbers(counting, "back: # nats per note, equal to the library: True")
    assert len(nats) == 4 and nats == sorted(nats, reverse=True)


def test_keys_help_and_relevance_helps_more(counting):
    everywhere, at_home = numbers(counting, "pieces: # nats per note, # in one key")[0]
    assert everywhere < at_home
    assert numbers(counting, "nats per note, #% less than in one stream")[0] > 20


# Notebook 5


@pytest.fixture(scope="module")
def testing():
    return printed("05_fair_test")


def test_the_cheat_breaks_every_record_and_is_nearly_silent(testing):
    without, told = numbers(testing, "without the chord #, told the chord #")[0]
    assert told < min(rung.valid for rung in LADDER) < without
    struck, frames = numbers(testing, "# struck notes in # frames")[0]
    assert struck < frames / 4


def test_every_leak_makes_the_figure_better(testing):
    pairs = numbers(testing, "fair #, leaking #")
    assert len(pairs) == 3 and all(leaking < 0.8 * fair for fair, leaking in pairs)


def test_windows_are_found_by_overlap_and_by_repeats(testing):
    overlap = numbers(testing, "# by the bars in which two windows overlap")[0]
    repeats = numbers(testing, "# by music that comes again")[0]
    control = numbers(testing, "against the fair training set: #")[0]
    assert overlap > repeats > 5 * control
    assert "equal pairs: True" in testing


def test_only_distances_find_transposed_copies(testing, valid):
    assert numbers(testing, "pitches: # of")[0] == 0
    assert numbers(testing, "distances: # of")[0] == 74  # "one chorale slips through"
    copies = [piece.transpose(2) for piece in valid]
    names = [str(number) for number in range(len(valid))]
    found = shared_passages(valid, copies, names=(names, names))
    assert sum(one.left == one.right for one in found) == 75


def test_the_twin_is_a_tone_apart(valid):
    one = next(piece for piece in valid if piece.source == "bach/bwv253.mxl")
    twin = read_chorale("bach/bwv414")
    assert (one.pitches[: len(twin)] == twin.transpose(2).pitches).mean() > 0.99


def test_validation_shares_one_long_passage_and_one_short_with_training(valid, train):
    long, short = shared_passages(valid, train)
    assert (long.left, short.left) == ("BWV 280", "BWV 329")
    assert long.chords > 30 and short.chords == 12


def test_a_corrupt_piece_costs_half_as_much_again(testing):
    sound, corrupt = numbers(testing, "sound #, corrupt # nats per note")[0]
    assert corrupt > 1.5 * sound


def test_both_detectors_name_the_chord_label(testing):
    assert re.search(r"ours: +\['chord label'\]\nlibrary: \['chord label'\]", testing)


def test_charged_the_record_is_worse_than_honesty(testing):
    charged = numbers(testing, "/ 4 voices = # nats per note")[0]
    assert charged > numbers(testing, "without any label: #")[0]


def test_the_last_digit_is_luck(testing):
    low, high = numbers(testing, "95 % of the draws between # and #")[0]
    assert high - low > 0.02


# Notebook 6


@pytest.fixture(scope="module")
def attending():
    return printed("06_attention")


def test_without_the_mask_the_loss_is_far_below_every_figure(attending):
    honest, cheating = numbers(attending, "last loss: with the mask #, without #")[0]
    assert cheating < min(rung.valid for rung in LADDER) / 4 < honest


def test_the_cheat_leaps_and_its_voices_collapse(attending):
    bach, mask, no_mask = numbers(attending, "#% of the moves are leaps, # different notes")
    assert max(bach[0], mask[0]) < no_mask[0] / 2
    assert min(bach[1], mask[1]) > no_mask[1] + 1


def test_the_cheat_copies_from_the_right(attending):
    shares = re.findall(r"^(mask|no mask) +layer \d: \[(.+)\]", attending, flags=re.MULTILINE)
    largest = {"mask": 0.0, "no mask": 0.0}
    for name, row in shares:
        largest[name] = max(largest[name], *map(float, row.split(", ")))
    assert largest["mask"] == 0 and largest["no mask"] > 0.5


def test_the_cheat_fails_the_exam(attending):
    mask, no_mask = re.findall(r"^(?:no )?mask +([\d.]+) nats per note", attending, re.MULTILINE)
    assert float(no_mask) > 2 * float(mask)


def test_a_leak_is_invisible_before_training_and_found_at_once(attending):
    pattern = r"^mask (\w+) +([\d.]+) nats per note.*\((\w+), (\w+)\)"
    honest, leaking = re.findall(pattern, attending, flags=re.MULTILINE)
    assert abs(float(honest[1]) - float(leaking[1])) < 0.05
    assert (honest[0], *honest[2:]) == ("True", "False", "False")
    assert (leaking[0], *leaking[2:]) == ("False", "True", "True")
