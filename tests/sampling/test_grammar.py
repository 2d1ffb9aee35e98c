import itertools

import pytest
import torch

from musiclab.sampling.grammar import Grammar
from musiclab.tokens.grid import GridTokenizer


@pytest.fixture(params=[False, True], ids=["pitches", "holds"])
def tokenizer(request):
    return GridTokenizer(holds=request.param, lowest=60, highest=62)


@pytest.mark.parametrize("may_end", [False, True])
def test_something_is_always_allowed(tokenizer, may_end):
    grammar, ids = Grammar(tokenizer), range(tokenizer.vocab_size)
    for previous, soprano in itertools.product(ids, repeat=2):
        ended = previous == tokenizer.end_id
        for chosen in ([], [soprano], [soprano, tokenizer.rest_id]):
            if chosen and ended != (soprano == tokenizer.end_id) and not may_end:
                continue  # after the end the soprano can only go on ending
            if ended and chosen and soprano != tokenizer.end_id:
                continue
            rows = torch.tensor([chosen], dtype=torch.int64).view(1, -1)
            allowed = grammar.allowed(torch.tensor([[previous] * 4]), rows, may_end=may_end)
            logits = torch.randn(1, tokenizer.vocab_size)
            expected = logits.masked_fill(~allowed, -torch.inf)
            before = torch.tensor([[previous] * 4])
            assert torch.equal(grammar.mask(logits, before, rows, may_end=may_end), expected)
            assert allowed.any()
            assert not allowed[:, : tokenizer.start_id + 1].any()


def test_without_leave_nobody_ends(tokenizer):
    nobody = torch.empty(tokenizer.vocab_size, 0, dtype=torch.int64)
    previous = torch.arange(tokenizer.vocab_size)[:, None].expand(-1, 4)
    allowed = Grammar(tokenizer).allowed(previous, nobody, may_end=False)[:, tokenizer.end_id]
    assert allowed.nonzero().flatten().tolist() == [tokenizer.end_id]


def test_the_voices_end_with_the_soprano_and_only_with_her(tokenizer):
    grammar, end, rest = Grammar(tokenizer), tokenizer.end_id, tokenizer.rest_id
    chosen = torch.tensor([[end, end], [rest, rest]])
    allowed = grammar.allowed(torch.full((2, 4), rest), chosen, may_end=True)
    assert allowed[0].nonzero().flatten().tolist() == [end]
    assert not allowed[1, end] and allowed[1, rest]


def test_it_is_the_tokenizers_own_rule(tokenizer):
    nobody = torch.empty(1, 0, dtype=torch.int64)
    for previous in range(tokenizer.vocab_size):
        allowed = Grammar(tokenizer).allowed(torch.tensor([[previous] * 4]), nobody, may_end=True)
        assert allowed[0].tolist() == tokenizer.allowed_next(previous).tolist()
