import numpy as np
import pytest

from benchmarks.rule_cost import rule_cost
from benchmarks.samples import Samples, write_samples
from musiclab.errors import SettingError
from musiclab.evaluate.voice_leading import voice_leading_counts
from musiclab.sampling.composing import compose_many
from musiclab.sampling.settings import RULES


def same(one: Samples, other: Samples) -> bool:
    return np.array_equal(one.tokens, other.tokens)


def test_samples_are_what_compose_writes(grid):
    """The first batch of seed 0 has seed 0; 67 pieces are a batch of 64 and one of 3."""
    told = []
    samples = write_samples(67, checkpoint=grid, bars=1, at_once=64, on_frames=told.append)
    expected = compose_many(checkpoint=grid, bars=1, seed=0, candidates=64)
    ours = sorted(
        zip(samples.log_likelihood[:64], samples.chorales[:64], strict=True), reverse=True
    )
    for (likely, piece), one in zip(ours, expected, strict=True):
        assert likely == pytest.approx(one.log_likelihood)
        assert np.array_equal(piece.pitches, one.chorale.pitches)
    assert len(samples.chorales) == 67 and sum(told) == 67 * 16
    assert not any(np.array_equal(samples.tokens[64], one) for one in samples.tokens[:64])


def test_each_batch_is_in_a_key_of_its_own(told_more):
    samples = write_samples(9, checkpoint=told_more, bars=1, at_once=2)
    column = told_more.conditions.names.index("key")
    keys = samples.conditions[:, 0, column]
    assert samples.conditions.shape[:2] == (9, 16) and (keys[0:8:2] == keys[1:8:2]).all()
    assert len(set(keys.tolist())) > 2
    assert np.array_equal(samples.choose([8, 0]).conditions, samples.conditions[[8, 0]])


def test_seeds_give_the_same_set_again_and_share_no_piece(grid):
    asked = {"checkpoint": grid, "bars": 1}
    one, again, other = (write_samples(3, **asked, seed=seed) for seed in (1, 1, 2))
    assert same(one, again) and not same(one, other)
    assert not same(one, write_samples(3, **asked, seed=1, rules=["ranges"]))


def test_the_best_of_each_group_is_kept_and_costs_the_time_of_the_group(grid):
    drafts = write_samples(6, checkpoint=grid, bars=1)
    best = drafts.best_of(3)
    for group in range(2):
        rows = drafts.log_likelihood[3 * group : 3 * group + 3]
        row = 3 * group + int(rows.argmax())
        assert best.log_likelihood[group] == rows.max()
        assert best.chorales[group] is drafts.chorales[row]
        assert np.array_equal(best.tokens[group], drafts.tokens[row])
    assert best.seconds == 3 * drafts.seconds > 0


@pytest.mark.parametrize(
    "asked", [{"pieces": 0}, {"pieces": 2, "seed": -1}, {"pieces": 2, "at_once": 65}]
)
def test_what_cannot_be_is_refused(grid, asked):
    with pytest.raises(SettingError, match=f"^{list(asked)[-1]} must be"):
        write_samples(**asked, checkpoint=grid)


# ---- What rules cost ------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [(), ("parallels",), RULES])
def test_reading_again_finds_what_writing_found(request, rules):
    """A note under the mask is likelier by just what the rules cost."""
    for name in ("holds", "grid", "flat"):
        checkpoint = request.getfixturevalue(name)
        samples = write_samples(11, checkpoint=checkpoint, bars=1, rules=rules)
        cost = rule_cost(checkpoint, samples.tokens, samples.conditions, rules)
        assert cost.notes.tolist() == [64] * 11
        under_rules = (cost.nats - cost.lost) / cost.notes
        assert under_rules == pytest.approx(-samples.log_likelihood, abs=1e-5)
        assert (cost.lost > 0).any() == bool(rules) and (cost.lost >= -1e-9).all()
        assert not cost.gave_way.any()


def test_what_a_rule_allows_costs_nothing_and_what_it_forbids_shows(grid):
    samples = write_samples(3, checkpoint=grid, bars=2, rules=["crossing"])
    alone = rule_cost(grid, samples.tokens, samples.conditions, ["crossing"])
    both = rule_cost(grid, samples.tokens, samples.conditions, ["crossing", "ranges"])
    assert (both.lost > alone.lost).all() and (both.nats == alone.nats).all()
    free = write_samples(3, checkpoint=grid, bars=2)
    assert voice_leading_counts(free.chorales).crossing
    assert np.isfinite(rule_cost(grid, free.tokens, free.conditions, ["crossing"]).lost).all()
