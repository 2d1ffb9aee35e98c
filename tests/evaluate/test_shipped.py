"""The shipped benchmark model against the best classical model of the ladder."""

from musiclab.checkpoint.load import load_checkpoint
from musiclab.evaluate.likelihood import nats_per_note
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import LADDER


def test_bach_grid_beats_the_classical_floor():
    floor = next(rung for rung in LADDER if rung.model == "the same, copying from the piece")
    pieces = [piece for _, piece in benchmark_pieces("valid", progress=False)]
    assert nats_per_note(pieces, load_checkpoint("bach-grid")) < floor.valid
