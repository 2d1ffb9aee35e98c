"""What notebooks 10 to 13 say holds: by what their cells printed, or by a small proof."""

import re

import pytest
import torch

from musiclab import corpus, load_checkpoint
from musiclab.evaluate.intervals import wilson_interval


def numbers(text):
    """Read the numbers of a text, in order."""
    return [float(one.replace(",", "")) for one in re.findall(r"-?\d[\d,]*\.?\d*", text)]


def rows(text):
    """Read the first number of every line, by the words that it begins with."""
    found = (re.match(r"(.+?) +(-?\d+\.\d+)", line) for line in text.splitlines())
    return {one[1].strip(): float(one[2]) for one in found if one}


def test_10_the_singer_is_less_surprised_than_the_plain_model(printed):
    table = rows(printed("10_singing_model", 'for name in ("bach-plain", "bach-grid")'))
    assert table["bach-grid"] < table["bach-plain"] - 0.05


def test_10_only_the_voices_below_hear_a_change(printed):
    told = printed("10_singing_model", "differs = (model(")
    assert told.split() == ["S", "stays", "A", "stays", "T", "changes", "B", "changes"]


def test_10_small_steps_score_high_and_wide_leaps_low():
    studio, piece = load_checkpoint("bach-studio"), corpus("valid", progress=False)[0]
    tokens = torch.from_numpy(studio.tokenizer.encode(piece)[None])[:, :65]
    told, head = torch.from_numpy(studio.conditions.encode(piece)[None, :64]), studio.model.head
    with torch.no_grad():
        x = head.starts[0](studio.model.trunk(tokens[:, :64], told))
        x = head.norm(x + head.feed_forward(head.feed_forward_norm(x)))
        worth = head.to_interval_scores[0](x).mean(dim=(0, 1))[24 - 12 : 24 + 13].tolist()
    steps, leaps = (worth[10], worth[11], worth[13], worth[14]), (*worth[:5], *worth[20:])
    assert min(steps) > max(leaps)


@pytest.mark.parametrize(
    "words",
    [
        "mine = my_interval_scores(",
        "theirs = notes_before(",
        "theirs = pitch_class_profile(",
        "found = [my_longest_repeat(",
        "ours, theirs = written_by(mine)",
    ],
)
def test_10_what_is_built_by_hand_equals_the_library(printed, words):
    told = printed("10_singing_model", words)
    assert ": True" in told and "False" not in told


def test_10_intervals_are_the_largest_step_of_the_ladder(printed):
    table = rows(printed("10_singing_model", "recorded = list(csv.DictReader"))
    names = list(table)
    gains = {new: table[old] - table[new] for old, new in zip(names, names[1:], strict=False)}
    assert max(gains, key=gains.get) == "intervals" and gains["intervals"] > 1
    assert table["parallels"] == min(table.values())


def test_10_most_lies_in_the_intervals_and_attention_adds_to_it(printed):
    table = rows(printed("10_singing_model", "print(f\"{'whole':<24}"))
    table |= rows(printed("10_singing_model", '("no interval scores", grid'))
    assert max(table, key=table.get) == "no interval scores"
    assert table["no attention"] > table["whole"] + 0.005
    assert all(table[name] > table["whole"] for name in table if name != "whole")


def test_11_bf16_costs_no_quality(printed):
    (_, full), (_, half) = rows(printed("11_gpu", "for enabled in (False, True)")).items()
    assert half == pytest.approx(full, abs=0.001)


def test_11_only_the_branch_is_in_bf16(printed):
    told = dict(
        line.rsplit(maxsplit=1) for line in printed("11_gpu", "branch = layer(x)").splitlines()
    )
    halves = [name for name, kind in told.items() if kind == "torch.bfloat16"]
    assert halves == ["linear"] and len(told) == 6


def test_11_the_fused_kernel_is_faster_but_not_with_dropout(printed):
    *_, readable, fused, dropped = numbers(printed("11_gpu", 'measure("attention")'))
    assert fused < readable and dropped > 1.5 * fused


def test_11_a_mean_of_means_is_another_gradient(printed):
    told = printed("11_gpu", "by_notes, by_means =")
    by_notes, by_means = (int(one) for one in re.findall(r"off by (\d+)%", told))
    assert by_notes == 0 and by_means > 10


def test_11_the_formula_for_memory_nearly_holds(printed):
    formula = [float(one) for one in re.findall(r": ([\d.]+) mega", printed("11_gpu", "def kept("))]
    measured = numbers(printed("11_gpu", 'measured = measure("memory")'))[-4:]
    assert measured == pytest.approx(formula, rel=0.15)


def test_12_cuts_tame_what_heat_made_wild(printed):
    table = rows(printed("12_sampling_studio", "How surprising is it?"))
    names = ["greedy", "0.5", "1.0", "1.5"]
    assert sorted(names, key=table.get) == names
    for cut in ("top-k", "top-p", "min-p"):
        assert table[f"1.5, {cut}"] < table["1.5"]


def test_12_training_teaches_the_grammar_and_the_mask_is_never_broken(printed):
    told = printed("12_sampling_studio", "untrained = Singer(")
    counts = dict(re.findall(r"(\w+ +mask \w+) +(\d+) forbidden", told))
    trained, safe, untrained, also_safe = (int(one) for one in counts.values())
    assert safe == also_safe == 0 and trained < 10 < untrained


def test_12_a_cache_changes_no_note_and_saves_time(printed):
    assert "True" in printed("12_sampling_studio", "with_cache, quick = write(")
    told = printed("12_sampling_studio", "frames read without cache")
    assert 1.2 < numbers(told)[-1] < 128
    first, last = numbers(printed("12_sampling_studio", "The past gets longer"))[-2:]
    assert last > 1.5 * first


def test_12_the_model_writes_faster_than_the_choir_sings(printed):
    told = printed("12_sampling_studio", "compose_stream(bars=4, seed=6)")
    assert float(re.findall(r"after ([\d.]+) s", told)[-1]) < 12


def test_13_told_the_chord_counting_seems_good_and_pays_for_it(printed):
    honest, leaky, charged, singer = numbers(printed("13_did_it_work", "def chords(pairs)"))
    assert leaky < honest - 0.3 and abs(leaky - singer) < 0.1
    assert charged == pytest.approx(honest, abs=0.1)


def test_13_the_planted_fifths_are_found(printed):
    assert printed("13_did_it_work", '"fifths in Bach,"').startswith("0 fifths in Bach, 4 planted")
    assert ": True" in printed("13_did_it_work", '"fifths in Bach,"')


def test_13_bach_resolves_his_outer_leading_notes_and_few_of_the_inner(printed):
    told = printed("13_did_it_work", "inner = one.leading_notes")
    _, outer, outer_all, inner, inner_all = numbers(told.splitlines()[0])
    assert outer == 0 < outer_all and inner > 0.8 * inner_all


def test_13_controls_of_copying(printed):
    told = printed("13_did_it_work", "memory = TrainingMemory(train)")
    found = {
        name.strip(): (int(a), int(b))
        for name, a, b in re.findall(r"([\w ,]+?) +median +(\d+), longest (\d+)", told)
    }
    assert found["model"][1] <= found["unseen Bach"][1] < found["training, moved"][1]
    assert found["training, moved"][0] > 3 * found["model"][0]


def test_13_the_distance_disagrees_with_the_ears(printed):
    told = printed("13_did_it_work", "def random_chords()")
    (low, high), (other_low, other_high) = (
        map(float, pair) for pair in re.findall(r"([\d.]+) to ([\d.]+) decibels", told)
    )
    assert low < other_high and other_low < high  # the ranges overlap


def test_13_ten_right_of_twelve_are_needed():
    assert [wilson_interval(right, 12)[0] > 0.5 for right in (9, 10)] == [False, True]
