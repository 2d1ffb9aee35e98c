"""The benchmarks' own arithmetic and rows, on tiny sizes; no test asserts how fast anything is."""

import sys

import pytest
import torch
from torch import nn

from benchmarks import __main__ as door
from benchmarks import (
    gpu,
    one_step,
    peers,
    sampling_parts,
    scaling,
    timing,
    training,
)
from benchmarks.plain_gpt import PlainGPT


@pytest.fixture
def tiny(monkeypatch):
    """Sizes that take no time."""
    monkeypatch.setattr(
        peers,
        "SIZES",
        {"d_model": 8, "n_heads": 2, "n_layers": 1, "max_seq": 16, "dropout": 0.1},
    )
    for name, value in {"BATCH": 2, "SEQ": 5, "STEPS": 1}.items():
        monkeypatch.setattr(training, name, value)


def rows(told):
    return [line.strip() for line in told.splitlines()]


def test_rivals_take_turns_after_a_warm_up():
    turns = []
    calls = {name: lambda name=name: turns.append(name) or 1.0 for name in "ab"}
    timing.take_turns(calls, rounds=3)
    assert turns == ["a", "b"] * 4


def test_speed_is_the_median(monkeypatch):
    clock = iter([0, 0, 1, 0, 2, 0, 100])  # seconds: the warm-up is not timed, then 1, 2 and 100
    monkeypatch.setattr(timing.time, "perf_counter", lambda: next(clock))
    assert timing.take_turns({"a": lambda: 10.0}, rounds=3) == {"a": 5.0}


def test_ratio_says_how_many_times_as_fast_we_are():
    lines = timing.table("Sampling", "notes a second", {"ours": 300.0, "peer": 100.0}, "ours")
    assert "peer" in lines and "3.00 x" in lines.splitlines()[2]


def test_the_rivals_have_one_size():
    ours, torch_layers, plain = peers.ours_flat(), peers.TorchLayers(), peers.plain_gpt()
    blocks = sum(p.numel() for p in ours.stack.blocks.parameters())
    ours_matrices = sum(p.numel() for p in ours.stack.blocks.parameters() if p.ndim > 1)
    for theirs in (torch_layers.layers, plain.blocks):
        assert sum(p.numel() for p in theirs.parameters() if p.ndim > 1) == ours_matrices
    assert 4 * 12 * 128**2 <= blocks < 4.1 * 12 * 128**2


def test_plain_gpt_has_the_parameters_of_its_architecture():
    vocab, max_seq, d_model, layers = 53, 17, 12, 3
    model = PlainGPT(vocab, max_seq, d_model, n_heads=2, n_layers=layers, dropout=0.1)
    tables = (vocab + max_seq) * d_model  # the first also writes tokens
    each = 12 * d_model**2 + 2 * d_model  # matrices and two norms, no biases
    assert sum(p.numel() for p in model.parameters()) == tables + layers * each + d_model


@pytest.mark.parametrize("build", [peers.plain_gpt, peers.TorchLayers, peers.ours_flat])
def test_rivals_hide_the_future(build):
    model, ids = build().eval(), torch.randint(4, 50, (1, 7))
    before = model(ids)
    ids[0, 5] = 3
    assert torch.allclose(model(ids)[:, :5], before[:, :5], atol=1e-5)
    assert not torch.allclose(model(ids)[:, 5:], before[:, 5:], atol=1e-5)


def test_plain_gpt_drops_inside_attention_in_training_only():
    model, x = peers.plain_gpt().eval(), torch.randn(1, 9, 128)
    block = model.blocks[0]
    assert block.inside == 0.1 and torch.equal(block.attend(x), block.attend(x))
    block.train()
    assert not torch.equal(block.attend(x), block.attend(x))
    block.inside = peers.plain_gpt(0.0).blocks[0].inside
    assert torch.equal(block.attend(x), block.attend(x))


def test_every_rival_of_training_is_in_the_table(tiny, monkeypatch):
    for name in ("hugging_face_gpt2", "x_transformers"):  # CI installs neither
        monkeypatch.setattr(peers, name, lambda inside=0.0: peers.plain_gpt(inside))
    told = training.run(rounds=1)
    assert len(rows(told)) == 1 + 9 + 1
    assert "2 x 5 positions" in told and f"{training.OURS}" in told and "1.00 x" in told


def test_training_moves_the_weights_unless_told_not_to(tiny):
    ids = training.some_notes()
    for moves in (True, False):
        model = peers.ours_flat()
        before = model.to_logits.weight.clone()
        notes = training.trainer(model, training.next_note(ids), moves=moves)()
        assert notes == 2 * 5
        assert torch.equal(before, model.to_logits.weight) == (not moves)


@pytest.mark.parametrize("exponent", [0.0, 1.0, 1.7])
def test_growth_is_the_exponent(exponent):
    pairs = [(size, 3 * size**exponent) for size in (2, 4, 8, 16)]
    assert scaling.growth(pairs) == pytest.approx(exponent, abs=1e-5)


def test_scaling_tells_what_breaks_the_law(tmp_path):
    def cost(**sizes):
        ((name, value),) = sizes.items()
        time = value**2 if name == "batch" else value
        return float(time), 2.0 * value

    told = scaling.run(tmp_path, measure=cost)
    assert told.count("NOT as stated") == 1
    assert "time grows like n^2.00, NOT as stated" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "scaling_batch.png",
        "scaling_d_model.png",
        "scaling_n_layers.png",
        "scaling_seq.png",
    ]


def test_one_step_is_measured_in_its_own_process():
    milliseconds, megabytes = one_step.measure(seq=64, batch=8, d_model=64, n_layers=2)
    assert milliseconds > 0 and 1 < megabytes < 1000


def test_gpu_is_skipped_with_what_to_do(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    told = gpu.run(rounds=1)
    assert "skipped" in told and "python -m benchmarks gpu" in told


def test_gpu_ways_are_a_table(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(gpu, "device_name", lambda device: "Some GPU")
    ways = {"eager": 10.0, "compiled": 20.0}
    monkeypatch.setattr(gpu, "ways", lambda device, times: ways)
    assert "Some GPU" in gpu.run(1) and "0.50 x" in gpu.run(1)


def test_door_runs_what_is_named(monkeypatch, capsys):
    monkeypatch.setattr(torch, "set_num_threads", lambda threads: None)
    monkeypatch.setattr(gpu, "run", lambda rounds: f"rounds {rounds}")
    door.main(["gpu", "--rounds", "3"])
    assert "rounds 3" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        door.main(["nonsense"])
    assert "no benchmark is called 'nonsense'" in capsys.readouterr().err
    assert "benchmarks.gpu" in sys.modules


@pytest.mark.parametrize("build", [sampling_parts.flat, sampling_parts.by_frames])
def test_a_step_of_writing_is_taken_apart(monkeypatch, build):
    monkeypatch.setattr(sampling_parts, "FRAMES", 3)
    told = sampling_parts.where_time_goes("a model", build, rounds=1)
    named = ("calls", "arithmetic", "all else", "the whole", "limit of memory")
    assert [any(row.startswith(name) for row in rows(told)) for name in named] == [True] * 5
    shares = [int(row.split()[-1].rstrip("%")) for row in rows(told)[1:5]]
    assert sum(shares[:3]) == pytest.approx(100, abs=2) and shares[3] == 100


def test_the_products_of_a_step_are_those_of_the_weights():
    model = sampling_parts.flat(16)
    seen = sampling_parts.matrix_products(model)
    layers = [one.weight for one in model.modules() if isinstance(one, nn.Linear)]
    assert sorted(w.shape for _, w in seen) == sorted(one.shape for one in layers)
    assert all(x.shape == (1, w.shape[1]) for x, w in seen)
    # By frames a head runs four times, with weights that the voices partly share.
    model = sampling_parts.by_frames(16)
    layers = [one.weight for one in model.modules() if isinstance(one, nn.Linear)]
    by_frames = sampling_parts.matrix_products(model)
    assert {w.data_ptr() for _, w in by_frames} == {one.data_ptr() for one in layers}
    assert len(by_frames) > len(layers)


def test_whole_chorales_and_first_frames_are_compared(monkeypatch):
    monkeypatch.setattr(sampling_parts, "hugging_face", lambda batch, notes: lambda: float(notes))
    for name, value in {"BARS": 1, "FRAMES": 16, "NOTES": 64, "CLICKS": 1}.items():
        monkeypatch.setattr(sampling_parts, name, value)
    told = sampling_parts.whole_chorales(1) + sampling_parts.first_frames(1)
    assert "bach-studio, 1 bars" in told and "the wait:" in told and "Hugging Face" in told
