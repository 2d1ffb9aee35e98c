"""The mask against the counter: what the one forbids is what the other would count."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some

from musiclab.errors import SettingError
from musiclab.evaluate.voice_leading import OCTAVE, parallels, voice_leading_counts
from musiclab.music.chorale import REST
from musiclab.sampling.composing import compose, compose_many
from musiclab.sampling.decoding import generate
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.settings import RULES, Settings
from musiclab.sampling.voice_leading_rules import COMFORTABLE, VoiceLeadingRules
from musiclab.tokens.grid import GridTokenizer

TOKENIZER = GridTokenizer(holds=True, lowest=53, highest=69)
PITCHES = VoiceLeadingRules(TOKENIZER, RULES).pitches
FAULTS = {
    "parallels": ("parallel_fifths", "parallel_octaves"),
    "crossing": ("crossing",),
    "spacing": ("wide_soprano_alto", "wide_alto_tenor"),
    "ranges": ("out_of_range",),
}


def left_by(rule, before, chosen):
    """Tell of every token whether a rule leaves it to the next voice, after so many chosen."""
    everything = torch.ones(1, TOKENIZER.vocab_size, dtype=torch.bool)
    rules = VoiceLeadingRules(TOKENIZER, [rule])
    return rules.narrow(
        everything, torch.tensor([before]), torch.tensor(chosen, dtype=torch.int64)[None]
    )


def faults(rule, chord):
    """Count what is wrong with one chord."""
    counts = voice_leading_counts([np.array([chord])])
    return sum(getattr(counts, name) for name in FAULTS[rule])


tokens = some.integers(TOKENIZER.end_id + 1, TOKENIZER.vocab_size - 1)


@settings(max_examples=20)
@given(some.lists(tokens, min_size=4, max_size=4), some.lists(tokens, max_size=3))
def test_no_parallels_is_what_the_counter_finds(before, chosen):
    kept, gave_way = left_by("parallels", before, chosen)
    silent = [REST] * (3 - len(chosen))
    for token in range(TOKENIZER.vocab_size):
        now = [*PITCHES[chosen], PITCHES[token], *silent]
        piece = np.array([PITCHES[before].tolist(), [int(one) for one in now]])
        found = parallels(piece) + parallels(piece, OCTAVE)
        assert bool(kept[0, token]) == (not any(lower == len(chosen) for _, _, lower in found))
    assert not gave_way.any()


@pytest.mark.parametrize("rule", ["crossing", "spacing", "ranges"])
@settings(max_examples=10)
@given(chosen=some.lists(tokens, max_size=3))
def test_what_else_is_forbidden_is_what_the_counter_finds(rule, chosen):
    kept, gave_way = left_by(rule, [TOKENIZER.rest_id] * 4, chosen)
    silent = [REST] * (3 - len(chosen))
    upper = [int(one) for one in PITCHES[chosen]]
    alone = faults(rule, [*upper, REST, *silent])
    breaks = [faults(rule, [*upper, int(one), *silent]) > alone for one in PITCHES]
    if rule == "crossing":  # one that crosses already is counted once
        breaks = [bool(upper) and upper[-1] != REST and int(one) > upper[-1] for one in PITCHES]
    if gave_way.any():
        sounding = PITCHES != REST
        assert all(np.array(breaks)[sounding]) and kept.all()
    else:
        assert [not one for one in kept[0].tolist()] == breaks


def test_rows_are_judged_each_for_itself():
    before = torch.tensor([[15, 12, 9, 5], [15, 8, 9, 5], [3, 3, 3, 3]])
    chosen = torch.tensor([[17], [17], [17]])  # the second row's alto is a fifth below
    everything = torch.ones(3, TOKENIZER.vocab_size, dtype=torch.bool)
    rules = VoiceLeadingRules(TOKENIZER, RULES)
    together, _ = rules.narrow(everything, before, chosen)
    for row in range(3):
        one = slice(row, row + 1)
        alone, _ = rules.narrow(everything[one], before[one], chosen[one])
        assert torch.equal(alone, together[one])


def test_rests_starts_and_ends_break_no_rule():
    everything = torch.ones(1, TOKENIZER.vocab_size, dtype=torch.bool)
    before, chosen = torch.tensor([[15, 8, 9, 5]]), torch.tensor([[17, 10]])
    kept, _ = VoiceLeadingRules(TOKENIZER, RULES).narrow(everything, before, chosen)
    assert kept[0, : TOKENIZER.rest_id + 1].all()


def test_a_rule_that_would_silence_a_voice_gives_way_and_the_others_hold():
    low = TOKENIZER.vocabulary.index["attack-54"]  # a melody may be as low as that
    before, chosen = torch.tensor([[low] * 4]), torch.tensor([[low]])
    everything = torch.ones(1, TOKENIZER.vocab_size, dtype=torch.bool)
    kept, gave_way = VoiceLeadingRules(TOKENIZER, RULES).narrow(everything, before, chosen)
    sung = PITCHES[kept[0]].tolist()
    assert gave_way.tolist() == [True]  # no alto up to 54 is in range
    assert set(sung) == {REST, 53, 54}
    # Nobody gives way who had nothing to sing anyway.
    nothing = PITCHES[None] == REST
    kept, gave_way = VoiceLeadingRules(TOKENIZER, RULES).narrow(nothing, before, chosen)
    assert torch.equal(kept, nothing) and not gave_way.any()


@pytest.mark.parametrize("rule", RULES)
def test_music_under_a_rule_never_breaks_it(checkpoint, rule):
    asked = {"checkpoint": checkpoint, "bars": 1, "candidates": 4, "seed": 3}
    free, bound = (
        voice_leading_counts([one.chorale for one in compose_many(**asked, rules=rules)])
        for rules in ([], [rule])
    )
    for name in FAULTS[rule]:
        assert getattr(bound, name) == 0, name
    assert sum(getattr(free, name) for name in FAULTS[rule]) > 0


def test_all_rules_together(studio):
    piece = compose(checkpoint=studio, bars=4, rules=RULES, top_k=3)
    counts = voice_leading_counts([piece])
    assert not any(getattr(counts, name) for names in FAULTS.values() for name in names)
    low, high = np.array(COMFORTABLE).T
    sounding = piece.pitches != REST
    assert ((low <= piece.pitches) & (piece.pitches <= high))[sounding].all()


def test_cached_music_under_rules_is_that_without_a_cache(studio):
    both = [
        [
            frame.tokens
            for frame in generate(
                studio.model,
                studio.tokenizer,
                frames=23,
                conditions=torch.zeros(23, 5, dtype=torch.int64),
                batch=3,
                settings=Settings(rules=RULES),
                generator=torch.Generator().manual_seed(4),
                cached=cached,
            )
        ]
        for cached in (True, False)
    ]
    assert torch.equal(torch.stack(both[0]), torch.stack(both[1]))


def test_the_grammar_holds_under_rules():
    grammar = Grammar(TOKENIZER, rules=["parallels"])
    before, chosen = torch.tensor([[15, 8, 9, 5]]), torch.tensor([[17]])
    allowed = grammar.allowed(before, chosen, may_end=True)
    plain = Grammar(TOKENIZER).allowed(before, chosen, may_end=True)
    assert (plain | ~allowed).all()
    assert (plain & ~allowed).nonzero()[:, 1].tolist() == [10]  # the fifth, struck
    assert torch.equal(grammar.allowed(before, chosen, may_end=True, rules=False), plain)


@pytest.mark.parametrize("rules", ["parallels", ["fifths"], [1], None, 3])
def test_what_is_no_rule_is_refused(rules):
    with pytest.raises(SettingError, match="rules must be some of parallels, crossing"):
        Settings(rules=rules)
