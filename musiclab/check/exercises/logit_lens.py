"""logit-lens: let the model speak after every layer, with its own last norm and its own table."""

import torch
from torch import nn

from musiclab.check.exercise import Exercise, normal


def probes(rng):
    """Yield where the stream begins, what each layer adds, the last norm and the table."""
    for n_layers, seq, d_model, vocab in ((2, 2, 3, 4), (3, 5, 4, 7), (4, 3, 6, 5)):
        norm, to_logits = nn.LayerNorm(d_model), nn.Linear(d_model, vocab, bias=False)
        norm.weight.data, norm.bias.data = 1 + normal(rng, d_model), normal(rng, d_model)
        to_logits.weight.data = normal(rng, vocab, d_model)
        yield 2 * normal(rng, seq, d_model), normal(rng, n_layers, seq, d_model), norm, to_logits


def use(answer, start, added, norm, to_logits):
    """Call it without keeping gradients."""
    with torch.no_grad():
        return answer(start, added, norm, to_logits)


def solution(start, added, norm, to_logits):
    steps = torch.cat([start[None], added])
    # BEGIN SOLUTION
    streams = steps.cumsum(dim=0)
    return to_logits(norm(streams))
    # END SOLUTION


def running(start, added):
    return torch.cat([start[None], start + added.cumsum(dim=0)])


def build(streams=running, speak=lambda streams, norm, to_logits: to_logits(norm(streams))):
    """Make a lens that takes other streams, or reads them in another way."""
    return lambda start, added, norm, to_logits: speak(streams(start, added), norm, to_logits)


def reference(*inputs):
    return build()(*inputs)


def no_norm(*inputs):
    """You skip the last norm, but the table has only ever read normalised streams.

    Early streams are small, late ones large. What does the model do before `to_logits`?
    """
    return build(speak=lambda streams, norm, to_logits: to_logits(streams))(*inputs)


def norm_without_its_weights(*inputs):
    """You normalise, but without the gain and the shift that the model has learnt.

    The last norm is handed to you: use it, not a new one.
    """

    def speak(streams, norm, to_logits):
        return to_logits(nn.functional.layer_norm(streams, streams.shape[-1:]))

    return build(speak=speak)(*inputs)


def norm_twice(*inputs):
    """You normalise twice.

    The model does it once, after the last layer. So does the lens, after any layer.
    """
    return build(speak=lambda streams, norm, to_logits: to_logits(norm(norm(streams))))(*inputs)


def only_what_was_added(*inputs):
    """You read what each layer added, and not the stream that it was added to.

    The stream carries everything so far: the start and what all layers up to here have added.
    """
    return build(lambda start, added: torch.cat([start[None], added]))(*inputs)


def without_the_start(*inputs):
    """After the first row, your streams lack the start: the embedding of the note.

    It runs through the whole model. Begin the sum with it.
    """
    return build(lambda start, added: torch.cat([start[None], added.cumsum(dim=0)]))(*inputs)


def one_layer_each(*inputs):
    """You add each layer to the start alone, as if the layers before it had never been.

    The stream grows: after layer 2 it holds what layer 0 and layer 1 have added, too.
    """
    return build(lambda start, added: torch.cat([start[None], start + added]))(*inputs)


def start_left_out(*inputs):
    """The row for the start is missing: what can the model say before any layer?

    There is one row more than there are layers.
    """
    return build(lambda start, added: start + added.cumsum(dim=0))(*inputs)


def last_left_out(*inputs):
    """The row after the last layer is missing, and that one is the model itself.

    There is one row more than there are layers.
    """
    return build(lambda start, added: running(start, added)[:-1])(*inputs)


def last_alone(*inputs):
    """You give only what the whole model says.

    That is the last row. The others are what the lens is for.
    """
    return build(lambda start, added: running(start, added)[-1])(*inputs)


def from_behind(*inputs):
    """Your rows stand in the wrong order: the last layer comes first.

    Row 0 is the start, the last row is the model itself.
    """
    return build(lambda start, added: running(start, added).flip(0))(*inputs)


def summed_over_notes(*inputs):
    """You add up along the notes, and not along the layers.

    Which axis of `steps` counts the layers?
    """
    return build(lambda start, added: torch.cat([start[None], added]).cumsum(dim=1))(*inputs)


def normalised_before_adding(start, added, norm, to_logits):
    """You normalise each part, and add up afterwards.

    The norm of a sum is not the sum of norms. Add up first.
    """
    return to_logits(running(norm(start), norm(added)))


def additions_normalised(start, added, norm, to_logits):
    """You normalise what each layer adds, and leave the stream as it is.

    The stream itself goes through the norm, after everything has been added.
    """
    return to_logits(running(start, norm(added)))


def start_twice(*inputs):
    """Your streams hold the start twice.

    Is it in `steps` already when you add it?
    """
    return build(lambda start, added: running(start, added) + start)(*inputs)


def logarithms_instead(*inputs):
    """You return log probabilities; asked for are the scores (logits) themselves.

    Leave the softmax to whoever needs it.
    """
    return build(speak=lambda s, norm, to_logits: to_logits(norm(s)).log_softmax(dim=-1))(*inputs)


def chances_instead(*inputs):
    """You return probabilities; asked for are the scores (logits) themselves.

    Leave the softmax to whoever needs it.
    """
    return build(speak=lambda s, norm, to_logits: to_logits(norm(s)).softmax(dim=-1))(*inputs)


def stream_instead(*inputs):
    """You return the normalised stream: the table that scores notes is missing.

    Which of the four things that you are given turns a stream into scores?
    """
    return build(speak=lambda streams, norm, to_logits: norm(streams))(*inputs)


def a_row_for_each(result, start, added, norm, to_logits):
    """There must be a row for the start and one after each layer: (layer + 1, seq, vocab)."""
    return tuple(result.shape) == (len(added) + 1, len(start), to_logits.out_features)


def ends_as_the_model(result, start, added, norm, to_logits):
    """The last row must be what the whole model says."""
    with torch.no_grad():
        return torch.allclose(result[-1], to_logits(norm(start + added.sum(dim=0))), atol=1e-4)


def begins_before_any_layer(result, start, added, norm, to_logits):
    """The first row must be what the model says of the start alone."""
    with torch.no_grad():
        return torch.allclose(result[0], to_logits(norm(start)), atol=1e-4)


EXERCISE = Exercise(
    id="logit-lens",
    notebook=18,
    place=1,
    title="Let it speak early",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=10,
    why="The residual stream is a running sum, so the model can be asked after any layer.",
    signature=(
        'logit_lens(start: Float[Tensor, "seq d_model"], '
        'added: Float[Tensor, "layer seq d_model"], norm: nn.LayerNorm, to_logits: nn.Linear) -> '
        'Float[Tensor, "layer_or_start seq vocab"]'
    ),
    statement=(
        "In the notebook, hooks gave you the streams. Here you have their parts: `start` is the "
        "embedding of each note, and `added[l]` is what layer `l` adds to it (its attention "
        "and its feed-forward together). Score the next note as if the model ended here: before "
        "any layer, after the first, and so on. One row more than there are layers. `norm` and "
        "`to_logits` are the model's own, from its very end."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    tolerance=1e-4,
    properties=(a_row_for_each, ends_as_the_model, begins_before_any_layer),
    mistakes=(
        no_norm,
        norm_without_its_weights,
        norm_twice,
        only_what_was_added,
        without_the_start,
        one_layer_each,
        start_left_out,
        last_left_out,
        last_alone,
        from_behind,
        summed_over_notes,
        normalised_before_adding,
        additions_normalised,
        start_twice,
        logarithms_instead,
        chances_instead,
        stream_instead,
    ),
    hints=(
        "Think of a bank account. `start` is what you had, each row of `added` is a payment in. "
        "What is the balance after each payment?",
        "steps: the start, then what each layer adds, (layer + 1, seq, d_model). Its running sum "
        "along the layers gives the streams, in the same shape. Then the norm, then the table.",
        "`streams = steps.cumsum(dim=...)`, then `to_logits(...(streams))`.",
    ),
    explain="Why is a high cost after an early layer no proof that the layer knows little?",
)
