"""Writing under a melody: cached or not, one or many, always the model's own probabilities."""

import pytest
import torch
from torch.testing import assert_close

from musiclab.errors import SettingError
from musiclab.inference import predicting
from musiclab.sampling.decoding import FREE, generate
from musiclab.sampling.encoding import melody_source
from musiclab.sampling.grammar import Grammar
from musiclab.sampling.settings import Settings
from musiclab.sampling.steps import steps_for
from musiclab.tokens.grid import GridTokenizer


def parts_of(checkpoint, tune):
    """Everything that ``steps_for`` needs."""
    conditions = torch.from_numpy(checkpoint.conditions.encode(tune))
    source = melody_source(tune, checkpoint.tokenizer)
    return {"frames": len(tune), "conditions": conditions, "source": source}


def write(checkpoint, tune, seed=0, settings=None, **options):
    """Return the tokens, and the log-probability of each."""
    parts = parts_of(checkpoint, tune)
    given = torch.full((len(tune), 4), FREE)
    given[:, 0] = parts["source"][:, 0]
    frames = generate(
        checkpoint.model,
        checkpoint.tokenizer,
        given=given,
        settings=settings,
        generator=torch.Generator().manual_seed(seed),
        **parts,
        **options,
    )
    tokens, likely = zip(*frames, strict=True)
    return torch.stack(tokens, dim=1), torch.stack(likely, dim=1)


def test_cached_equals_uncached(harmoniser, hymn):
    tokens, likely = write(harmoniser, hymn)
    again, as_likely = write(harmoniser, hymn, cached=False)
    assert torch.equal(tokens, again)
    assert_close(likely, as_likely, rtol=1e-4, atol=1e-4)


def test_what_is_written_is_as_likely_as_the_model_says(harmoniser, hymn):
    tokens, likely = write(harmoniser, hymn, batch=3)
    tokenizer = harmoniser.tokenizer
    source = melody_source(hymn, tokenizer)
    told = torch.from_numpy(harmoniser.conditions.encode(hymn))
    start = torch.full_like(tokens[:, :1], tokenizer.start_id)
    previous = torch.cat([start, tokens[:, :-1]], dim=1)
    with torch.no_grad():
        logits = harmoniser.model(
            source.expand(3, -1, -1), told.expand(3, -1, -1), previous, tokens
        )
    may = Grammar(tokenizer).without_end[previous[..., 1:]]
    may[..., tokenizer.end_id] = False
    scores = logits.masked_fill(~may, -torch.inf).log_softmax(dim=-1)
    expected = scores.gather(-1, tokens[..., 1:, None])[..., 0]
    assert_close(likely[..., 1:], expected, rtol=1e-3, atol=1e-3)
    assert (likely[..., 0] == 0).all()  # given


def test_each_of_a_batch_has_the_melody_and_voices_of_its_own(harmoniser, hymn):
    tokens, _ = write(harmoniser, hymn, batch=3)
    melody = melody_source(hymn, harmoniser.tokenizer)[:, 0]
    assert (tokens[..., 0] == melody).all()
    assert not torch.equal(tokens[0], tokens[1]) and not torch.equal(tokens[1], tokens[2])


def test_the_first_chord_knows_the_last_note(harmoniser, hymn):
    pitches = hymn.pitches.copy()
    pitches[-1, 0] = 71 if pitches[-1, 0] != 71 else 72
    other = hymn.__class__(
        pitches=pitches,
        attacks=hymn.attacks,
        fermatas=hymn.fermatas,
        beats=hymn.beats,
        key=hymn.key,
        time_signature=hymn.time_signature,
    )
    given = melody_source(hymn, harmoniser.tokenizer)[None, 0, :1]
    scores = []
    for tune in (hymn, other):
        with predicting(harmoniser.model):
            steps = steps_for(harmoniser.model, harmoniser.tokenizer, **parts_of(harmoniser, tune))
            scores.append(steps.score(given))
    assert not torch.allclose(*scores, atol=1e-3)


def test_the_filters_act(harmoniser, hymn):
    likeliest = [write(harmoniser, hymn, seed, Settings(top_k=1), batch=2)[0] for seed in (0, 1)]
    assert torch.equal(*likeliest) and torch.equal(likeliest[0][0], likeliest[0][1])


def test_a_model_in_training_is_left_in_training(harmoniser, hymn):
    expected = write(harmoniser, hymn)[0]
    harmoniser.model.train()
    try:
        assert torch.equal(write(harmoniser, hymn)[0], expected)  # and writes without dropout
        assert harmoniser.model.training
    finally:
        harmoniser.model.eval()


def test_what_does_not_fit_is_refused(harmoniser, studio, hymn, monkeypatch):
    model, tokenizer, parts = harmoniser.model, harmoniser.tokenizer, parts_of(harmoniser, hymn)
    for other in (GridTokenizer(lowest=41, highest=83), GridTokenizer(layout="notes", holds=True)):
        with pytest.raises(SettingError, match="the model was trained with"):
            steps_for(model, other, **parts)
    with pytest.raises(SettingError, match="needs 5 conditions of each of 48"):
        steps_for(model, tokenizer, **parts | {"conditions": parts["conditions"][:, 1:]})
    with pytest.raises(SettingError, match="pieces of 1 to 331 frames"):
        steps_for(model, tokenizer, **parts | {"frames": 9 * 48})
    with pytest.raises(SettingError, match="give it a melody of 48 frames as source, got None"):
        steps_for(model, tokenizer, **parts | {"source": None})
    with pytest.raises(SettingError, match="give it a melody of 48 frames as source, got 47"):
        steps_for(model, tokenizer, **parts | {"source": parts["source"][1:]})
    with pytest.raises(SettingError, match="reads no melody"):
        steps_for(studio.model, studio.tokenizer, **parts)
    monkeypatch.setattr("musiclab.sampling.steps.MELODY_SIZES", (1, 2))
    with pytest.raises(SettingError, match="use the release that trained it"):
        steps_for(model, tokenizer, **parts)
