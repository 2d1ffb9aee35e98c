"""The benchmark that looks inside a model, on a tiny one."""

import numpy as np
import pytest
import torch

from benchmarks import inside, inside_lab, inside_probes
from musiclab.checkpoint.load import Checkpoint
from musiclab.evaluate.likelihood import nats_of_pieces
from musiclab.model import Transformer, TransformerConfig
from musiclab.music.chorale import Chorale
from musiclab.tokens.conditions import Conditions
from musiclab.tokens.grid import GridTokenizer

SIZES = {"d_model": 12, "n_heads": 3, "n_layers": 2, "max_seq": 128, "dropout": 0.0}


@pytest.fixture
def tiny():
    torch.manual_seed(0)
    tokenizer = GridTokenizer(layout="notes")
    model = Transformer(TransformerConfig(vocab_size=tokenizer.vocab_size, **SIZES)).eval()
    torch.nn.init.normal_(model.to_logits.weight)  # so that scores depend on what is read
    return Checkpoint(model, tokenizer, Conditions(names=()), {}, "")


def a_piece(seed, frames=23):
    pitches = np.random.default_rng(seed).integers(45, 75, size=(frames, 4))
    return Chorale(pitches=pitches, key="C major")


def test_replaced_changes_its_columns_and_only_while_it_holds(tiny):
    piece, columns = a_piece(1), torch.tensor([1, 5])
    values, seen = torch.full((12,), 7.0), []
    to_out = tiny.model.stack.blocks[1].attention.to_out

    def outputs():
        seen.clear()
        handle = to_out.register_forward_pre_hook(lambda _, given: seen.append(given[0].clone()))
        nats = nats_of_pieces([piece.pitches], tiny)
        handle.remove()
        return seen[0], nats[0]

    before, nats = outputs()
    with inside.replaced(tiny, 1, columns, values):
        during, changed = outputs()
    assert (during[..., columns] == 7).all()
    rest = [column for column in range(12) if column not in (1, 5)]
    assert torch.equal(during[..., rest], before[..., rest])
    assert not np.allclose(changed, nats)
    assert np.array_equal(outputs()[1], nats)


def test_the_mean_is_over_all_notes_and_leaves_the_model_alone(tiny):
    pieces, seen = [a_piece(1, 5), a_piece(2, 9)], []
    to_out = tiny.model.stack.blocks[1].attention.to_out
    handle = to_out.register_forward_pre_hook(lambda _, given: seen.append(given[0][0]))
    before = nats_of_pieces([one.pitches for one in pieces], tiny)
    seen.clear()
    for one in pieces:
        nats_of_pieces([one.pitches], tiny)
    handle.remove()
    means = inside.mean_outputs(tiny, pieces)
    torch.testing.assert_close(means[1], torch.cat(seen).mean(dim=0))
    after = nats_of_pieces([one.pitches for one in pieces], tiny)
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))


def test_a_silenced_layer_of_its_own_mean_costs_something(tiny):
    found = list(inside.silenced(tiny, [a_piece(1)], [a_piece(2), a_piece(3)]))
    names = [what for layer, what, fill, _ in found if layer == 1 and fill == "mean"]
    assert names == ["0", "1", "2", "layer", "random 0", "random 1", "random 2"]
    assert all(len(rows) == 2 and rows[0][0] == 23 for *_, rows in found)


def test_streams_stand_where_the_bass_has_just_been_read(tiny):
    piece = a_piece(4)
    streams = inside_probes.streams_of(tiny.model, tiny, piece)
    frames = inside_probes.taken(piece)
    assert streams.shape == (3, len(frames), 12)
    for frame, voice, changes in ((frames[1], 3, True), (frames[1] + 1, 0, False)):
        pitches = piece.pitches.copy()
        pitches[frame, voice] += 1
        other = inside_probes.streams_of(tiny.model, tiny, Chorale(pitches=pitches))
        assert torch.equal(other[:, 1], streams[:, 1]) != changes


def test_a_probe_reads_what_is_there_and_nothing_from_noise():
    torch.manual_seed(0)
    truths = [torch.randint(3, (n,)) for n in (300, 80, 80)]
    told = [torch.nn.functional.one_hot(one, 3) + 0.1 * torch.randn(len(one), 3) for one in truths]
    noise = [torch.randn(len(one), 3) for one in truths]
    right = [
        (inside_probes.probe(one, truths) == truths[2]).float().mean() for one in (told, noise)
    ]
    assert right[0] > 0.95 and right[1] < 0.6


def test_the_control_for_the_metre_sees_no_future():
    pitches = np.full((23, 4), 60)
    piece = Chorale(pitches=pitches.copy())
    pitches[11:] += 1  # every voice moves at 11, which only later frames may know of
    known = [inside_probes.control(one, "quarter") for one in (piece, Chorale(pitches=pitches))]
    early = inside_probes.taken(piece) < 11
    assert torch.equal(known[0][early], known[1][early])
    assert not torch.equal(known[0], known[1])


def test_melodies_come_twice():
    ids, again = inside_lab.melodies_twice((3, 5), torch.Generator().manual_seed(0))
    for row, repeated in zip(ids.tolist(), again.tolist(), strict=True):
        length = repeated.index(True)
        assert 3 <= length <= 5 and all(repeated[length:])
        assert row[length:] == row[:-length]
