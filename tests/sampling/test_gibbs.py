"""Blocked Gibbs sampling: what is shown stays, and enough sweeps give the true distribution."""

import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.sampling import gibbs
from musiclab.sampling.gibbs import fill, nats_per_cell, share_hidden, struck
from musiclab.tokens import GridTokenizer

TOKENIZER = GridTokenizer(holds=True, lowest=60, highest=61)
REST, FIRST = TOKENIZER.rest_id, TOKENIZER.rest_id + 1  # 60 and 61 struck, 60 and 61 held
CHOICES = (REST, FIRST, FIRST + 1)


class Joint(torch.nn.Module):
    """A model that knows the true joint distribution of two voices in one frame."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(2)
        self.joint = torch.randn(3, 3).flatten().softmax(0).view(3, 3) ** 1.5
        self.joint /= self.joint.sum()

    def forward(self, shown, conditions):
        scores = torch.full((*shown.shape, TOKENIZER.vocab_size), -30.0)
        for row, cells in enumerate(shown[:, 0].tolist()):
            for voice in range(2):
                other = cells[1 - voice]
                table = self.joint if voice == 0 else self.joint.T
                if other == TOKENIZER.pad_id:
                    chances = table.sum(dim=1)
                else:
                    chances = table[:, CHOICES.index(other)]
                scores[row, 0, voice, list(CHOICES)] = (chances / chances.sum()).log()
        return scores


def filled(model, tokens, hidden, **options):
    options = {"generator": torch.Generator().manual_seed(0)} | options
    return list(fill(model, TOKENIZER, tokens, hidden, conditions=tokens[:, :0], **options))


def test_enough_sweeps_give_the_joint_distribution():
    """Guessed at once, two voices are drawn as if they did not know each other."""
    model, tokens = Joint(), torch.full((1, 2), REST)
    hidden = torch.ones(1, 2, dtype=torch.bool)
    counts, at_once = torch.zeros(3, 3), torch.zeros(3, 3)
    for seed in range(20):
        generator = torch.Generator().manual_seed(seed)
        sweeps = filled(model, tokens, hidden, count=64, generator=generator, sweeps=20)
        for table, pieces in ((at_once, sweeps[0]), (counts, sweeps[-1])):
            for row in (pieces[:, 0] - REST).tolist():
                table[tuple(row)] += 1
    alone = model.joint.sum(dim=1)[:, None] * model.joint.sum(dim=0)
    far = (alone - model.joint).abs().max()
    assert far > 0.05  # or the test could not tell the two apart
    assert_close(counts / counts.sum(), model.joint, atol=0.3 * float(far), rtol=0)
    assert_close(at_once / at_once.sum(), alone, atol=0.3 * float(far), rtol=0)


def test_what_is_shown_stays():
    tokens, hidden = torch.tensor([[FIRST, REST]]), torch.tensor([[False, True]])
    for pieces in filled(Joint(), tokens, hidden, count=5):
        assert (pieces[:, 0, 0] == FIRST).all() and (pieces[:, 0, 1] >= REST).all()


def test_no_guess_hears_the_note_that_it_replaces():
    tokens, model, seen = torch.full((1, 2), REST), Joint(), []
    model.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].clone()))
    hidden = torch.ones_like(tokens, dtype=torch.bool)
    sweeps = [torch.zeros(64, 1, 2).long(), *filled(model, tokens, hidden, count=64, sweeps=9)]
    for shown, before, after in zip(seen, sweeps[:-1], sweeps[1:], strict=True):
        assert ((before != after) & (shown != TOKENIZER.pad_id)).sum() == 0


def test_a_note_that_is_held_from_nothing_is_struck():
    held = FIRST + 2  # 60, held
    pieces = torch.tensor([[held], [held], [FIRST + 1], [held], [held]])[None]
    hidden = torch.tensor([[True], [True], [True], [True], [False]])
    expected = [FIRST, held, FIRST + 1, FIRST, held]
    assert struck(pieces, hidden, TOKENIZER).flatten().tolist() == expected


def test_ever_fewer_cells_are_guessed_anew():
    shares = [share_hidden(sweep, 20) for sweep in range(20)]
    assert shares[0] == 1 and shares == sorted(shares, reverse=True) and shares[-1] == gibbs.LEAST


def test_the_cost_in_random_orders_is_that_of_all_orders():
    model, tokens = Joint(), torch.tensor([[REST, FIRST]])
    joint, first, second = model.joint, model.joint.sum(dim=1), model.joint.sum(dim=0)
    both = -first[0].log() - (joint[0, 1] / first[0]).log()  # voice 0 first
    other = -second[1].log() - (joint[0, 1] / second[1]).log()
    assert_close(both, other)  # the joint is one: every order costs the same
    generator = torch.Generator().manual_seed(1)
    told = tokens[:, :0]
    costs = nats_per_cell(model, tokens, conditions=told, generator=generator, draws=4000)
    assert_close(costs.mean(), both / 2, atol=0.03, rtol=0)


@pytest.mark.parametrize(
    "options", [{"sweeps": 0}, {"count": 0}, {"hidden": torch.zeros(1, 2, dtype=torch.bool)}]
)
def test_what_cannot_be_is_refused(options):
    tokens = torch.full((1, 2), REST)
    hidden = options.pop("hidden", torch.ones(1, 2, dtype=torch.bool))
    with pytest.raises(SettingError):
        filled(Joint(), tokens, hidden, **options)
