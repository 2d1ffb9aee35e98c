"""Whoever edits a part of the model hears the edit: nothing else writes in its place."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from small_singer import EVERYTHING, SIZES

import musiclab
from musiclab.model import attention, block, positions
from musiclab.model.config import TransformerConfig
from musiclab.model.transformer import Transformer
from musiclab.sampling import generate
from musiclab.singer import head, memories
from musiclab.singer.config import SingerConfig
from musiclab.singer.singer import Singer
from musiclab.tokens import GridTokenizer

FRAMES = 40


def build(flat):
    """Build a model with large weights, so that any change shows in what it writes."""
    torch.manual_seed(0)
    tokenizer = GridTokenizer(layout="notes" if flat else "frames", holds=not flat)
    sizes = SIZES | {"vocab_size": tokenizer.vocab_size, "max_seq": 4 * FRAMES}
    if flat:
        model = Transformer(TransformerConfig(**sizes))
    else:
        config = SingerConfig(**sizes | EVERYTHING, condition_sizes=(4, 25, 10))
        tables = map(torch.from_numpy, (tokenizer.pitches(), tokenizer.held()))
        model = Singer(config, *tables)
    for name, parameter in model.named_parameters():
        # Scores that differ little, so that the draws are close and many.
        torch.nn.init.normal_(parameter, std=0.25 if "head.to_" in name else 0.5)
    return model, tokenizer


def notes(flat=False):
    """Write a piece that begins with a passage and its repeat."""
    model, tokenizer = build(flat)
    told = None if flat else torch.ones(FRAMES, 3, dtype=torch.int64)
    passage = torch.randint(4, 50, (4, 4), generator=torch.Generator().manual_seed(1))
    written = generate(
        model,
        tokenizer,
        frames=FRAMES,
        conditions=told,
        given=passage.repeat(2, 1),
        generator=torch.Generator().manual_seed(2),
    )
    return torch.cat([frame.tokens for frame in written])


def half(function):
    return lambda *given, **named: function(*given, **named) / 2


def never(function):
    return lambda *given: (function(*given)[0], 0 * function(*given)[1])


EDITS = {  # where, which function or method, what becomes of it
    "block": (block.Block, "forward", lambda old: lambda self, x, **_: x),
    "feed-forward": (block.FeedForward, "forward", half),
    "attention": (attention.MultiHeadAttention, "forward", half),
    "attention weights": (attention, "attention_weights", lambda old: half(old)),
    "positions": (positions.Rotary, "forward", lambda old: lambda self, x, start=0: x),
    "normalisation": (torch.nn.LayerNorm, "forward", lambda old: lambda self, x: x),
}
OF_THE_SINGER = {
    "head": (head.VoiceHead, "next_voice", half),
    "interval scores": (head, "interval_scores", half),
    "parallels": (head, "parallel_notes", lambda old: lambda *given: old(*given) * 0),
    "repeats": (memories, "longest_repeat", never),
    "histograms": (memories, "pitch_class_profile", half),
    "notes before": (memories, "notes_before", lambda old: lambda *given: old(*given) * 0 + 9),
    "reading": (Singer, "read", half),
}


@pytest.mark.parametrize("edit", [*EDITS, *OF_THE_SINGER])
def test_an_edit_of_the_singer_is_heard(edit, monkeypatch):
    before = notes()
    assert torch.equal(notes(), before)
    home, name, change = (EDITS | OF_THE_SINGER)[edit]
    monkeypatch.setattr(home, name, change(getattr(home, name)))
    assert not torch.equal(notes(), before)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_the_flat_transformer_is_heard(edit, monkeypatch):
    before = notes(flat=True)
    home, name, change = EDITS[edit]
    monkeypatch.setattr(home, name, change(getattr(home, name)))
    assert not torch.equal(notes(flat=True), before)


def test_an_edit_in_the_file_is_heard(tmp_path):
    """As a student does it: in a copy of the package, with an editor."""
    package = Path(musiclab.__file__).parent
    copy = tmp_path / "musiclab"
    copy.mkdir()
    for part in package.iterdir():
        if part.name not in ("model", "__pycache__"):
            (copy / part.name).symlink_to(part)
    (copy / "model").mkdir()
    for file in (package / "model").glob("*.py"):
        (copy / "model" / file.name).write_bytes(file.read_bytes())
    said = "import test_edits; print(test_edits.notes().tolist())"
    helpers = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "helpers")]

    def run():
        path = [str(tmp_path), *helpers]
        code = f"import sys; sys.path[:0] = {path!r}; {said}"
        made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        return made.stdout

    before = run()
    edited = copy / "model" / "block.py"
    text = edited.read_text(encoding="utf-8")
    line = "return x + drop(self.feed_forward(self.feed_forward_norm(x)))"
    assert text.count(line) == 1
    edited.write_text(text.replace(line, line.replace("x + drop", "x / 2 + drop")), "utf-8")
    assert run() != before
