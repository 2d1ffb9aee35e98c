"""One step: AdamW by hand, gradients of parts, the average of weights."""

import copy

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.training.batches import Batch
from musiclab.training.config import TrainingConfig
from musiclab.training.loss import mean_nll, summed_nll
from musiclab.training.optimiser import build_optimiser, gradient_norm, update_average
from musiclab.training.step import add_gradients, step_seed, take_step

VOCAB, PAD = 7, 0


class Tiny(nn.Module):
    """A language model of one token's memory, with every sort of weight."""

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.embed = nn.Embedding(VOCAB, 5)
        self.norm = nn.LayerNorm(5)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(5, VOCAB)

    def forward(self, ids):
        return self.out(self.dropout(self.norm(self.embed(ids))))


def uneven_batch() -> Batch:
    """Pieces of very different lengths, so that a mean of means would show."""
    targets = torch.randint(1, VOCAB, (6, 13))
    for row, length in enumerate((13, 1, 11, 2, 3, 7)):
        targets[row, length:] = PAD
    return Batch((torch.randint(1, VOCAB, (6, 13)),), targets)


def config(**values) -> TrainingConfig:
    return TrainingConfig(**{"steps": 100, "peak": 0.01, "warmup": 3} | values)


def gradients(model: nn.Module) -> list[torch.Tensor]:
    return [p.grad.clone() for p in model.parameters()]


@pytest.mark.parametrize("accumulate", [2, 4, 5, 99])
def test_parts_add_up_to_the_whole(accumulate):
    model, batch = Tiny(), uneven_batch()
    loss = add_gradients(model, batch, PAD, config())
    expected = gradients(model)
    model.zero_grad()
    of_parts = add_gradients(model, batch, PAD, config(accumulate=accumulate))
    assert loss == pytest.approx(of_parts, rel=1e-6)
    assert_close(gradients(model), expected)


def test_loss_is_the_mean_over_targets_not_over_pieces():
    model, batch = Tiny(), uneven_batch()
    loss = add_gradients(model, batch, PAD, config())
    log_p = model(*batch.inputs).log_softmax(-1)
    cells = [
        -log_p[b, s, batch.targets[b, s]].item()
        for b in range(6)
        for s in range(13)
        if batch.targets[b, s] != PAD
    ]
    assert loss == pytest.approx(sum(cells) / len(cells), rel=1e-5)
    assert mean_nll(
        model, [batch.rows(slice(0, 1)), batch.rows(slice(1, 6))], PAD
    ) == pytest.approx(sum(cells) / len(cells), rel=1e-5)


def test_measuring_uses_no_dropout_and_leaves_the_mode():
    model, batch = Tiny(dropout=0.5).train(), uneven_batch()
    assert mean_nll(model, [batch], PAD) == mean_nll(model, [batch], PAD)
    assert model.training


def test_summed_nll_of_any_shape():
    logits, targets = torch.randn(2, 3, 4, 5), torch.randint(1, 5, (2, 3, 4))
    expected = -logits.log_softmax(-1).gather(-1, targets[..., None]).sum()
    assert_close(summed_nll(logits, targets, PAD), expected)


def test_adamw_equals_the_formula():
    """Three steps of AdamW written out, with clipping and the schedule."""
    settings = config(clip=0.05, weight_decay=0.3, betas=(0.8, 0.95))
    model = Tiny()
    twin = copy.deepcopy(model)
    optimiser = build_optimiser(model, settings)
    means = [torch.zeros_like(p) for p in twin.parameters()]
    squares = [torch.zeros_like(p) for p in twin.parameters()]
    for step in range(3):
        batch = uneven_batch()
        figures = take_step(model, optimiser, batch, PAD, step, settings)
        twin.zero_grad()
        add_gradients(twin, batch, PAD, settings)
        norm = torch.sqrt(sum((p.grad**2).sum() for p in twin.parameters())).item()
        assert figures.gradient_norm == pytest.approx(norm, rel=1e-5)
        assert norm > settings.clip  # so that clipping is tried
        rate = 0.01 * (step + 1) / 4
        assert figures.learning_rate == pytest.approx(rate)
        for (name, p), mean, square in zip(twin.named_parameters(), means, squares, strict=True):
            grad = p.grad * (0.05 / (norm + 1e-6))
            mean.mul_(0.8).add_(0.2 * grad)
            square.mul_(0.95).add_(0.05 * grad**2)
            unbiased = mean / (1 - 0.8 ** (step + 1))
            size = (square / (1 - 0.95 ** (step + 1))).sqrt() + 1e-8
            decay = 0.3 if name == "out.weight" else 0.0  # the only matrix that multiplies
            p.data = p.data * (1 - rate * decay) - rate * unbiased / size
        assert_close(list(model.parameters()), list(twin.parameters()), rtol=1e-4, atol=1e-6)


def test_a_short_gradient_is_not_lengthened():
    model = Tiny()
    add_gradients(model, uneven_batch(), PAD, config())
    before = gradients(model)
    norm = gradient_norm(model.parameters(), clip=1e9)
    assert 0 < norm < 1e9
    assert_close(gradients(model), before)


def test_average_equals_a_loop():
    average, model = Tiny(), Tiny()
    expected = [p.detach().clone() for p in average.parameters()]
    for step in range(40):
        for p in model.parameters():
            p.data = torch.randn_like(p)
        update_average(average, model, step, decay=0.7)
        keep = min(0.7, (step + 1) / (step + 10))
        expected = [
            keep * e + (1 - keep) * p.data
            for e, p in zip(expected, model.parameters(), strict=True)
        ]
    assert_close([p.data for p in average.parameters()], expected)


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_nan_changes_nothing_and_is_told(broken):
    model = Tiny()
    optimiser = build_optimiser(model, config())
    if broken == "loss":
        model.out.bias.data[3] = float("nan")
    else:
        model.norm.weight.register_hook(lambda grad: grad * float("inf"))
    before = copy.deepcopy(model.state_dict())
    told = rf"the {broken} became \w+ after step 12, learning rate.*smaller peak.*--warmup"
    with pytest.raises(SettingError, match=told):
        take_step(model, optimiser, uneven_batch(), PAD, 12, config())
    assert_close(model.state_dict(), before, rtol=0, atol=0, equal_nan=True)


def test_dropout_follows_from_the_step_alone():
    batch, results = uneven_batch(), []
    torch.manual_seed(1)
    model = Tiny(dropout=0.5)
    for disturbance in range(2):
        twin = copy.deepcopy(model)
        torch.rand(disturbance)
        take_step(twin, build_optimiser(twin, config()), batch, PAD, 4, config())
        results.append(gradients(twin))
    assert_close(results[0], results[1], rtol=0, atol=0)
    take_step(
        twin := copy.deepcopy(model), build_optimiser(twin, config()), batch, PAD, 5, config()
    )
    assert not torch.allclose(results[0][0], gradients(twin)[0])


def test_seeds_differ_by_every_part():
    seeds = {step_seed(*numbers) for numbers in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]}
    assert len(seeds) == 4


def test_bf16_is_close_to_fp32():
    model, batch = Tiny(), uneven_batch()
    exact = add_gradients(model, batch, PAD, config())
    rough = add_gradients(model, batch, PAD, config(precision="bf16"))
    assert rough != exact
    assert rough == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", 0),
        ("steps", True),
        ("steps", 2.5),
        ("peak", float("nan")),
        ("peak", -1.0),
        ("floor", 1.0),
        ("clip", 0.0),
        ("ema_decay", 1.0),
        ("betas", (0.9, 1.0)),
        ("betas", (0.9,)),
        ("precision", "fp8"),
        ("clip", "x"),
        ("ema_decay", None),
        ("betas", 0.9),
        ("betas", ("a", 0.9)),
        ("minutes", 0.0),
        ("minutes", "5"),
        ("minutes", True),
        ("threads", 0),
        ("threads", 100_000_000),
        ("warmup", -1),
    ],
)
def test_wrong_settings_are_refused_by_name(name, value):
    with pytest.raises(SettingError, match=name):
        config(**{name: value})
