"""One step with its past as an argument, in the graph that is exported."""

import torch

from benchmarks.quicker import OneStep, by_torch, read
from musiclab.model import Transformer, TransformerConfig


def test_a_step_with_its_past_scores_as_the_whole_model_does():
    torch.manual_seed(0)
    model = Transformer(TransformerConfig(vocab_size=11, d_model=24, n_heads=3, n_layers=2)).eval()
    ids, step = torch.randint(11, (1, 7)), OneStep(model)
    past = torch.zeros(2, 2, 1, 3, 0, 8)
    with torch.no_grad():
        for place in range(7):
            scores, past = step(ids[:, place : place + 1], past)
            assert torch.allclose(scores, model(ids[:, : place + 1])[:, -1], atol=1e-5)
    assert past.shape == (2, 2, 1, 3, 7, 8)


def test_reading_step_by_step_costs_what_reading_at_once_does():
    torch.manual_seed(0)
    model = Transformer(TransformerConfig(vocab_size=11, d_model=16, n_heads=2, n_layers=1)).eval()
    ids = torch.randint(11, (2, 6))
    with torch.no_grad():
        logits = model(ids[:, :-1]).flatten(0, 1)
        whole = torch.nn.functional.cross_entropy(logits, ids[:, 1:].flatten())
        assert abs(read(by_torch(model), ids.tolist()) - whole.item()) < 1e-5
