"""What notebooks 14, 15 and 17 say holds, by what their cells printed."""

import re

import pytest

COLUMNS = ("train", "valid", "spread", "gap", "copied")


def numbers(text):
    return [float(one.replace(",", "")) for one in re.findall(r"-?\d[\d,]*\.?\d*", text)]


@pytest.fixture
def cures(printed):
    """The table of notebook 14: a row of figures for each (pieces, cure)."""
    text = printed("14_too_much_memory", "'gap':>6")
    found = re.findall(r"^(\d+) +(\D+?) +(-?\d.*)$", text, re.MULTILINE)
    return {(int(n), cure): dict(zip(COLUMNS, numbers(row), strict=True)) for n, cure, row in found}


def test_14_the_piece_at_the_beginning_is_copied(printed):
    (changes, *_) = numbers(printed("14_too_much_memory", "memory.longest(parrot)"))
    (control, *_) = numbers(printed("14_too_much_memory", "control = ["))
    assert changes > 20 > 5 > control


def test_14_the_curve_on_new_pieces_turns(printed):
    *_, knows, best = numbers(printed("14_too_much_memory", '"Ten chorales, over and over"'))
    assert knows < 0.5 and 0 < best < 150


def test_14_l1_brings_weights_to_zero_and_l2_fewer(printed):
    text = printed("14_too_much_memory", "{near[name]:.0%} of")
    nothing, l1, l2 = map(int, re.findall(r"(\d+)% of", text))
    assert l1 > l2 > nothing


def test_14_more_music_helps_most_then_dropout_and_cures_add_up(cures):
    valid = {row: figures["valid"] for row, figures in cures.items()}
    assert max(loss for (pieces, _), loss in valid.items() if pieces > 10) < min(
        loss for (pieces, _), loss in valid.items() if pieces == 10
    )
    single = [cure for pieces, cure in cures if pieces == 10 and cure != "keys and dropout"]
    assert min(single, key=lambda cure: valid[10, cure]) == "dropout"
    assert valid[10, "keys and dropout"] < valid[10, "dropout"] - 0.05
    # "Why do other keys alone bring so little here?"
    gain = valid[10, "nothing"] - valid[10, "other keys"]
    assert 0 < gain < (valid[10, "nothing"] - valid[10, "dropout"]) / 2


def test_14_a_cure_costs_where_there_is_no_gap(cures):
    all_pieces = max(pieces for pieces, _ in cures)
    assert cures[all_pieces, "nothing"]["gap"] < 0.05 < 0.9 < cures[10, "nothing"]["gap"]
    costs = cures[all_pieces, "dropout"]["valid"] - cures[all_pieces, "nothing"]["valid"]
    assert costs > 5 * cures[all_pieces, "dropout"]["spread"]
    assert cures[10, "nothing"]["copied"] > 2 * cures[10, "keys and dropout"]["copied"]


def test_15_larger_is_better_at_equal_steps_by_less_and_less(printed):
    text = printed("15_how_big", "in final.items():\n    print")
    losses = [numbers(line)[1] for line in text.splitlines()]
    assert (
        losses == sorted(losses, reverse=True) and losses[0] - losses[1] > losses[-2] - losses[-1]
    )


def test_15_the_first_prediction_fails_and_the_second_is_nearer(printed):
    first = numbers(printed("15_how_big", "least, most ="))
    low, high, measured = first[-3:]
    assert measured > high > low
    predicted, again = numbers(printed("15_how_big", "large = ["))[-2:]
    assert again == measured and abs(predicted - measured) < abs(high - measured) / 3


def test_15_with_less_time_a_smaller_one_is_best(printed):
    text = printed("15_how_big", "slowest = max")
    widths = [int(one) for one in re.findall(r"width (\d+) is best", text)]
    assert widths == sorted(widths) and widths[0] < widths[-1]


def test_15_the_test_set_opens_once(printed):
    assert "refused" in printed("15_how_big", "except PermissionError")


def test_17_the_fewer_are_shown_the_harder_each_is_to_guess(printed):
    text = printed("17_fill_the_gaps", "shares, costs =")
    costs = [numbers(line)[-1] for line in text.splitlines()]
    assert costs == sorted(costs)


def test_17_sweeps_bring_agreement_though_not_bachs(printed):
    first, last, bach = numbers(printed("17_fill_the_gaps", '"Sweep by sweep'))[-3:]
    assert first > 5 > 2 > last > bach


def test_17_left_to_right_costs_less_than_random_orders(printed):
    random, forwards = numbers(printed("17_fill_the_gaps", "forwards = "))
    assert forwards < random / 1.5


def test_17_the_model_that_writes_forwards_meets_bach_more_often(printed):
    text = printed("17_fill_the_gaps", "poisson_interval(count)")
    rows = re.findall(r"(bach-infill|bach-studio|Bach) +(\d+)% +(\d+) ", text)
    assert len(rows) == 12
    for infill, studio, _ in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
        assert int(studio[1]) > int(infill[1]) and int(studio[2]) < int(infill[2]) / 5
