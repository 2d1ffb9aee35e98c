"""What notebook 18 says holds, by what its cells printed."""

import csv
import re

import pytest

from musiclab.checkpoint.load import SHIPPED

NAME = "18_inside_the_model"


def numbers(text):
    return [float(one.replace(",", "")) for one in re.findall(r"[-+]?\d[\d,]*\.?\d*", text)]


@pytest.fixture
def looks(printed):
    """For each question: the best head, its share, that of equal weights, of untrained heads."""
    text = printed(NAME, "best untrained head")
    found = re.findall(r"^(.+?) +most: head (\d\.\d) +(.*)$", text, re.MULTILINE)
    return {name: (head, *numbers(rest)) for name, head, rest in found}


@pytest.fixture
def read(printed):
    """For each label: shares read right by majority, notes, untrained and trained models."""
    text = printed(NAME, '"inside_probes"')
    return {line.split()[0]: numbers(line.partition(" ")[2]) for line in text.splitlines()}


@pytest.fixture
def silenced(printed):
    """For each layer: its dearest head, and what its silencings cost."""
    rows = [numbers(one) for one in printed(NAME, '"inside_heads"').splitlines()]
    names = ("head", "mean", "zero", "random", "all", "low", "high", "added")
    return [dict(zip(names, [*one[:3], *one[4:]], strict=True)) for one in rows]


def test_heads_are_found_in_layer_2_and_none_for_bars_and_repeats(looks):
    head, share, equal, untrained = looks["own voice, 1 ago"]
    assert head.startswith("2.") and share == 77 and equal == 0.4 and untrained < 2
    assert looks["this sixteenth"][0] == "2.2" and looks["this sixteenth"][1] > 50
    assert looks["other voices, 1 ago"][0].startswith("1.")
    for question in ("a bar ago", "looks up a repeat"):
        _, share, equal, _ = looks[question]
        assert share < equal


def test_a_passage_helps_as_much_backwards(printed):
    rows = [numbers(one) for one in printed(NAME, '"inside_repeats"').splitlines()]
    nothing, itself, backwards, another = rows
    assert itself[2] < 0 and itself[0] < nothing[0] < another[0]
    assert abs(itself[0] - backwards[0]) < 0.003


def test_the_lab_needs_two_layers_unless_all_melodies_have_one_length(printed):
    text = printed(NAME, '"inside_lab"')
    rows = re.findall(r"(\d) layer\(s\), (\w+) lengths? +(.*) \(", text)
    ends = {(layers, kind): numbers(found) for layers, kind, found in rows}
    assert all(len(found) == 3 for found in ends.values())
    assert max(ends["1", "one"] + ends["2", "one"]) < 0.1
    assert min(ends["1", "many"]) > 2 > 0.5 > max(ends["2", "many"])
    *_, last = numbers(printed(NAME, "two, costs ="))
    assert last < 0.5


def test_the_third_layer_makes_the_largest_step_and_a_translator_helps_before_it(printed):
    rows = [numbers(one)[1:] for one in printed(NAME, "to_last").splitlines()]
    steps = [before[0] - after[0] for before, after in zip(rows, rows[1:], strict=False)]
    assert steps.index(max(steps)) == 2  # from two layers to three: layer 2
    plain, translated = rows[2]
    assert plain - translated > 0.5 and translated - rows[3][1] > 0.5


def test_a_split_by_sixteenths_flatters(printed):
    sixteenths, pieces = numbers(printed(NAME, '"sixteenths":'))
    assert sixteenths > 1.5 * pieces


def test_the_key_probe_proves_nothing(read):
    majority, notes, untrained, low, high, trained, *_ = read["key"]
    assert majority == 0 and low < trained < high and notes > max(untrained, trained) + 5


def test_training_makes_chord_and_sixteenth_readable_but_the_notes_say_more(read):
    for label in ("chord", "sixteenth"):
        majority, notes, _, _, high, trained, low, _, *layers = read[label]
        assert notes > trained >= low > high > majority - 3
    assert layers == sorted(layers)  # the sixteenth: layer after layer


def test_the_quarter_is_hardly_read(read):
    majority, notes, untrained, _, _, trained, *_ = read["quarter"]
    assert trained - majority < 6 and trained - untrained < 6 and notes > trained + 10


def test_the_bass_misses_head_2_1(printed):
    text = printed(NAME, "misses head")
    assert text.startswith("the bass misses head 2.1 most, by 0.31")


def test_heads_that_look_alike_cost_unlike_amounts():
    table = SHIPPED / "experiments" / "inside_heads.csv"
    cost = dict.fromkeys("0123", 0.0)
    for row in csv.DictReader(table.read_text().splitlines()):
        if row["layer"] == "2" and row["fill"] == "mean" and row["what"] in cost:
            cost[row["what"]] += int(row["frames"]) * sum(float(row[one]) for one in "SATB")
    assert cost["1"] > 1.4 * cost["0"] > 1.4 * 1.4 * cost["3"]


def test_heads_are_units_and_stand_in_for_each_other(silenced):
    assert all(one["random"] < one["mean"] for one in silenced)
    two = silenced[2]
    assert two["head"] == 2.1 and 4.8 < two["all"] / two["added"] < 5.2
    assert [one["head"] for one in silenced if one["zero"] < one["mean"]] == [2.1, 3.0]


def test_without_head_2_1_the_bass_moves_more(printed):
    lines = printed(NAME, "moves = np.array").splitlines()
    _, usual, most = numbers(lines[2])[-3:]
    cheap, (share, least, _) = numbers(lines[3])[-3:], numbers(lines[4])[-3:]
    assert least > most and share > 1.2 * usual
    assert cheap[0] < share
    (_, cost, before), (_, dear, _) = (numbers(line) for line in lines[:2])
    assert abs(cost - before) < 0.02 < 0.05 < dear - before
