"""What notebook 19 says holds, by what its cells printed and by the tables that it reads."""

import csv
import re
from statistics import mean, median, stdev

import pytest

from musiclab.checkpoint.load import SHIPPED

NAME = "19_smaller_and_faster"


def numbers(text):
    return [float(one.replace(",", "")) for one in re.findall(r"-?\d[\d,]*\.?\d*", text)]


def table(name):
    with (SHIPPED / "experiments" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def recorded():
    """Nats per note and bytes on all validation pieces, by family and setting."""
    rows = table("smaller")
    return {(r["family"], r["setting"]): (float(r["valid"]), int(r["bytes"])) for r in rows}


@pytest.fixture
def original(recorded):
    return recorded["original", "16 bits"][0]


def live(printed, words):
    """A table of the notebook: each row's first number, then its columns."""
    return {row[0]: row[1:] for row in map(numbers, printed(NAME, words).splitlines()) if row}


def test_sixteen_bits_lose_nothing_and_halve_the_bytes(recorded):
    valid, size = recorded["original", "32 bits"]
    assert recorded["original", "16 bits"] == (valid, pytest.approx(size / 2, rel=0.01))
    assert 1.55e6 < recorded["original", "16 bits"][1] < 1.65e6 and 3.15e6 < size < 3.25e6


def test_eight_bits_write_the_piece_that_is_heard_and_lose_nothing(printed):
    text = printed(NAME, "for seed in range(4)")
    same = {int(one[0]): one[1:3] for one in map(numbers, text.splitlines()[:4])}
    assert same[2][0] == same[2][1]
    assert any(first < all_ for first, all_ in same.values())  # "they may part"
    whole, eight = re.findall(r"(\d\.\d{4})", text)
    assert abs(float(whole) - float(eight)) < 0.0005


def test_a_quarter_of_the_bytes_of_32_bits(printed):
    _, before, _, after = numbers(printed(NAME, "file |= {"))
    assert before / 4 < after < 1.05 * before / 4


def test_bits_the_scale_matters_more_the_fewer_they_are(printed, recorded, original):
    found = live(printed, "for bits in (8, 4, 3, 2)")
    kept = {
        bits: [
            recorded["quantised", f"{bits} bits by {per}"][0] for per in ("tensor", "row", "group")
        ]
        for bits in (8, 4, 3, 2)
    }
    start = found[8][1]
    for rows, base in ((found, start), (kept, original)):  # "it says the same"
        assert all(abs(one - base) < 0.0015 for one in rows[8])
        assert rows[4][0] - base > 3 * (rows[4][1] - base) > 0
        assert rows[3][0] > 1.1 * rows[3][1] > rows[3][2]
        assert min(rows[2]) > base + 0.3
        assert max(rows[4]) < base + 0.03


def test_pruning_size_tells_what_matters_up_to_a_point(printed):
    found = live(printed, 'for how in ("of all", "per matrix", "random")]')
    base = float(re.search(r"32 bits: (\d\.\d+)", printed(NAME, "for seed in range(4)"))[1])
    for all_, each, chance in (found[20], found[40], found[60]):
        assert all_ < each < chance
    assert found[20][0] < base + 0.005 and found[20][2] > base + 0.2
    assert found[60][0] > base + 0.05 and found[80][0] > 2
    assert found[80][0] > found[80][1] > 2  # "to our surprise"


def test_pruning_loses_to_rounding(recorded, original):
    pruned, rounded = recorded["pruned", "40% global"], recorded["quantised", "4 bits by row"]
    assert round(pruned[0] - original, 3) == 0.011 and round(pruned[1] / 1e6, 2) == 1.08
    assert round(rounded[0] - original, 3) == 0.003 and round(rounded[1] / 1e6, 2) == 0.43


def test_half_of_the_numbers_cost_more_than_three_bits_and_save_less(printed, recorded):
    half, three = recorded["low rank", "50% of the numbers"], recorded["quantised", "3 bits by row"]
    assert half[0] > three[0] and half[1] > three[1]
    found = live(printed, "def thin")
    assert found[75][0] < found[50][0] < found[25][0]
    assert found[50][0] > live(printed, "for bits in (8, 4, 3, 2)")[3][1]


def test_training_again_helps_the_pruned_and_harms_the_healthy(printed, recorded, original):
    rows = table("retraining")
    valid = {
        share: mean(float(row["valid"]) for row in rows if row["pruned"] == share)
        for share in ("0.0", "0.8")
    }
    assert round(recorded["pruned", "80% global"][0], 2) == 3.04 and valid["0.8"] < 1
    assert round(original, 3) == 0.484 and valid["0.0"] > original + 0.03
    assert len(rows) == 6 and f"{valid['0.8']:.3f}" in printed(NAME, "again = table")


@pytest.fixture
def ratios():
    """How many times as fast each way was, the median of its rounds."""
    found = {}
    for row in table("quicker"):
        found.setdefault(row["way"], []).append(float(row["ratio"]))
    return {way: median(rounds) for way, rounds in found.items()}


def test_three_ways_are_faster_and_whole_numbers_and_zeros_are_not(ratios):
    assert len(ratios) == 10
    faster = sorted(ratios, key=ratios.get)[-3:]
    assert faster == ["student, half the size", "ONNX Runtime", "ONNX Runtime, 8 bits"]
    assert ratios["student, half the size"] > 1.7 and ratios["ONNX Runtime"] > 3
    assert ratios["ONNX Runtime, 8 bits"] > ratios["ONNX Runtime"]
    assert 0.95 < ratios["torch, again"] < 1.05  # what chance does
    slower = ("8 bits, widened at each step", "8 bits, torch's int8 product", "80% pruned, sparse")
    assert all(0.75 < ratios[way] < 1 for way in slower)
    assert 0.95 < ratios["80% pruned, as zeros"] < 1.05
    assert 1 < ratios["low rank, half the numbers"] < 1.2


def test_the_exported_model_is_the_same_and_faster(printed):
    (told,) = re.findall(r"0\.0001: (\w+)", printed(NAME, "stepwise = torch.stack"))
    assert told == "True"
    race = printed(NAME, "rounds = [(seconds(by_torch)")
    assert "same notes: True" in race and numbers(race)[0] > 1.5


def test_only_rounded_files_are_smaller_and_as_good(printed, recorded, original):
    better = {
        family
        for (family, _), (valid, size) in recorded.items()
        if valid < original + 0.01 and size < 0.75 * recorded["original", "16 bits"][1]
    }
    assert better == {"quantised"}
    four = recorded["quantised", "4 bits by row"]
    assert 0.25 < four[1] / recorded["original", "16 bits"][1] < 0.28
    assert 0.125 < four[1] / recorded["original", "32 bits"][1] < 0.14
    assert "430,488 bytes (quantised)" in printed(NAME, "good = min(")


def test_half_the_model_in_four_bits_does_better_than_the_whole_in_two(recorded):
    half, two = (
        recorded["student-half", "4 bits by group"],
        recorded["quantised", "2 bits by group"],
    )
    assert half[0] < two[0] - 0.05 and half[1] < two[1]
    assert 230_000 < half[1] < 260_000


@pytest.fixture
def studied():
    """Nats per note of each student, by where it began and how it was trained."""
    found = {}
    for row in table("distilling"):
        found.setdefault((row["begins_from"], row["trained"]), []).append(row)
    return found


def losses(rows):
    return [float(row["valid"]) for row in rows]


def test_the_teachers_blocks_are_worth_most(studied):
    assert len(studied) == 6 and all(len(rows) == 3 for rows in studied.values())
    best_from_chance = min(min(losses(studied[way])) for way in studied if way[0] == "chance")
    assert max(max(losses(studied[way])) for way in studied if way[0] != "chance") < (
        best_from_chance - 0.1
    )
    sizes = {int(row["parameters"]) for rows in studied.values() for row in rows}
    assert len(sizes) == 1 and 0.45 < sizes.pop() / 803_072 < 0.55  # half the size


def test_the_teacher_helps_at_equal_steps_and_not_at_equal_time(studied):
    def ways(begin):
        names = ("plainly", "by the teacher", "plainly for longer")
        return (losses(studied[begin, name]) for name in names)

    plain, taught, longer = ways("two blocks")
    assert max(taught) < min(plain) and abs(mean(taught) - mean(longer)) < 0.004
    plain, taught, longer = ways("chance")
    assert abs(mean(plain) - mean(taught)) < stdev(plain) and max(longer) < min(taught) - 0.05


def test_equal_time_is_nearly_equal(studied):
    for begin in ("chance", "two blocks"):
        taught, longer = (
            mean(float(row["cpu_seconds"]) for row in studied[begin, way])
            for way in ("by the teacher", "plainly for longer")
        )
        assert 0.8 < longer / taught < 1.1
