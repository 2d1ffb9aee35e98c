"""What notebooks 7, 8 and 9 say holds: by what their cells printed, or by a small proof."""

import math
import re

import nbformat
import pytest
import torch

from musiclab import corpus
from musiclab.model import Transformer, TransformerConfig, parameter_count
from musiclab.model.block import Block, PostNormBlock
from musiclab.model.positions import sinusoidal
from musiclab.show.plots import benchmark_floors
from musiclab.tokens import GridTokenizer

TOKENIZER = GridTokenizer(layout="notes")


@pytest.fixture
def printed(notebook_folder):
    """Give what the cells that hold ``words`` printed, and the descriptions of their plots."""

    def find(name, words):
        cells = nbformat.read(notebook_folder / f"{name}.ipynb", as_version=4).cells
        chosen = [cell for cell in cells if cell.cell_type == "code" and words in cell.source]
        assert len(chosen) == 1, f"{len(chosen)} cells of {name} hold {words!r}"
        outputs = chosen[0].outputs
        return "\n".join(one.get("text") or one.data["text/plain"] for one in outputs)

    return find


def rows(text):
    """Read a printed table: the numbers of each row, by the words that it begins with."""
    table = {}
    for line in text.splitlines():
        name, *numbers = re.split(r"\s(?=\d+\.\d)", re.sub(r"\s+", " ", line))
        if numbers:
            table[name.strip()] = [float(re.match(r"[\d.]+", one)[0]) for one in numbers]
    return table


def small(**sizes):
    torch.manual_seed(0)
    sizes = {"d_model": 32, "n_layers": 2, "dropout": 0.0} | sizes
    return Transformer(TransformerConfig(vocab_size=TOKENIZER.vocab_size, **sizes)).eval()


def test_07_the_slowest_hand_hardly_moves_in_four_bars():
    angles = torch.atan2(*sinusoidal(64, 16)[:, -2:].T)
    assert angles[-1] - angles[0] < 0.01 * 2 * math.pi


def test_07_no_turn_is_a_whole_number_of_bars():
    turns = [2 * math.pi * 10_000 ** (2 * pair / 16) / 16 for pair in range(8)]
    assert all(abs(turn - round(turn)) > 0.05 for turn in turns)


def test_07_a_vector_for_each_pair_takes_a_gigabyte_per_head():
    assert 2048**2 * 64 * 4 / 1e9 == pytest.approx(1, abs=0.1)


def test_07_stripes_are_faint_at_first_and_clear_later(printed):
    text = printed("07_position", "How alike are two learned positions?")
    early, late = map(float, re.findall(r"(-?\d\.\d+) in the", text))
    assert late > 0.2 and late > 2 * early


def test_07_beyond_the_trained_length(printed):
    table = rows(printed("07_position", "print(f\"{'':16} bar 1"))
    first, second, last = ({k: sum(v[i : i + 2]) / 2 for k, v in table.items()} for i in (0, 2, 4))
    rise = {name: last[name] - first[name] for name in table}
    for cliff in ("learned", "sinusoidal"):
        assert second[cliff] > first[cliff] + 1
    assert second["rotary"] - first["rotary"] < 0.5 < rise["rotary"]
    assert min(rise, key=lambda name: rise[name] if "window" not in name else 9) == "relative"
    assert abs(rise["rotary, window"]) < 0.15
    others = [first[name] for name in ("learned", "relative", "rotary")]
    assert first["sinusoidal"] > max(others)


def test_07_voices_cross_where_a_model_has_lost_its_place(printed):
    lines = printed("07_position", "crossed = ").splitlines()
    table = {line.split()[0]: [int(one) for one in re.findall(r"(\d+)%", line)] for line in lines}
    for name in ("learned", "sinusoidal"):
        assert sum(table[name][1:]) > 2 * sum(table["relative"][1:])
    assert len({shares[0] for shares in table.values()}) == 1  # the bar by Bach


def test_08_without_blocks_only_the_last_token_counts():
    model = small()
    model.stack.blocks = model.stack.blocks[:0]
    ids = torch.randint(4, TOKENIZER.vocab_size, (1, 9))
    other = torch.cat([torch.randint(4, TOKENIZER.vocab_size, (1, 8)), ids[:, 8:]], dim=1)
    torch.testing.assert_close(model(ids)[:, -1], model(other)[:, -1])


def test_08_pre_norm_leaves_the_stream_alone():
    x = torch.randn(1, 5, 16)
    for kind, kept in ((Block, True), (PostNormBlock, False)):
        block = kind(16, 4)
        for layer in (block.attention.to_out, block.feed_forward[2]):
            torch.nn.init.zeros_(layer.weight)  # it adds nothing
        assert torch.allclose(block.eval()(x), x, atol=1e-4) is kept


def test_08_every_block_helps_the_last_guess(printed):
    text = printed("08_transformer", "mean_nll(stop_after(n)")
    nats = [float(one) for one in re.findall(r"([\d.]+) nats", text)]
    assert min(nats) == nats[-1] < nats[0] - 1


def test_08_without_rotary_positions_the_music_suffers(printed):
    text = printed("08_transformer", "mean_nll(stop_after(n)")
    whole = float(re.findall(r"([\d.]+) nats", text)[-1])
    lost = float(re.search(r"([\d.]+) nats", printed("08_transformer", "lost = mean_nll"))[1])
    assert lost > whole + 0.3


def test_08_a_triangle_and_a_melody_heard_whole(printed):
    text = printed("08_transformer", "Who hears whom")
    assert f"{8 * 9 // 2} of 64 pairs in the decoder-only model" in text
    assert f"{4 * 4 + 4 * 5 // 2} of 32 pairs in the encoder-decoder model" in text


def test_08_twice_as_wide_is_four_times_as_many():
    blocks = [
        parameter_count(TransformerConfig(vocab_size=56, d_model=d, n_layers=9))
        - parameter_count(TransformerConfig(vocab_size=56, d_model=d, n_layers=8))
        for d in (128, 256)
    ]
    assert blocks[1] / blocks[0] == pytest.approx(4, abs=0.02)


def test_09_the_prompt_is_of_the_validation_set():
    assert "bach/bwv115.6.mxl" in {piece.source for piece in corpus("valid")}


def test_09_a_leak_does_not_show_in_the_first_loss_but_soon(printed):
    text = printed("09_training", "seen, adam = peeks")
    found = re.findall(r"first loss ([\d.]+)   peeks: (\w+) +after 50: ([\d.]+)", text)
    firsts, peeks, lasts = zip(*found, strict=True)
    assert all(abs(float(one) - math.log(56)) < 0.15 for one in firsts)
    assert peeks == ("False", "True", "True")
    honest, no_mask, unshifted = map(float, lasts)
    assert unshifted < 0.3 < no_mask
    assert abs(no_mask - honest) < 0.7


def test_09_the_whole_piece_is_recited(printed):
    text = printed("09_training", "recited = sing(")
    assert "256 of 256 pitches" in text


def test_09_weights_that_are_too_large_show_inside(printed):
    lines = printed("09_training", "def by_block").splitlines()
    numbers = [[float(one) for one in re.findall(r"\d\.\d+", line)] for line in lines]
    spread, gradient, large, uneven = numbers
    assert 5 < sum(large) / sum(spread) < 20
    assert spread == sorted(spread) and large == sorted(large)
    assert uneven[0] / uneven[-1] > max(3, 1.5 * gradient[0] / gradient[-1])


def test_09_who_gets_over_a_bad_batch(printed):
    text = printed("09_training", "One bad batch at step 20")
    found = re.findall(r"(\w+, [\w ]+): ([\d.]+) before, ([\d.]+) at the end", text)[:4]
    before, end = ({name: float(f[i]) for name, *f in found} for i in (0, 1))
    assert end["SGD, not clipped"] > before["SGD, not clipped"] + 1
    for name in ("SGD", "Adam"):
        assert end[f"{name}, clipped at 1"] < before[f"{name}, clipped at 1"]
        assert end[f"{name}, not clipped"] > end[f"{name}, clipped at 1"] + 0.2


def test_09_warm_up_saves_deep_post_norm(printed):
    text = printed("09_training", "Eight blocks, two seeds each")
    ends = [
        re.findall(r"[\d.]+", one.split(":")[1]) for one in re.findall(r"warm-up: [^;']+", text)
    ]
    pre, post, warmed = ([float(x) for x in one] for one in ends)
    assert min(post) > max(warmed) and min(post) > max(pre)


def test_09_the_lesson_beats_the_bigram_and_bach_plain_beats_the_lesson(printed):
    text = printed("09_training", "axes.loglog(history.steps")
    yours, shipped = map(
        float, re.search(r"yours ([\d.]+) after .* bach-plain ([\d.]+)", text).groups()
    )
    assert shipped < yours < benchmark_floors()["bigram"]
