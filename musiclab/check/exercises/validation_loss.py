"""validation-loss: nats per note on music that the model did not learn from."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from musiclab.check.exercise import Exercise, normal
from musiclab.training import Batch, mean_nll

VOCABULARY = 5


def probes(rng):
    """Yield batches of very different sizes, with pads; models in training and in evaluation."""
    for in_training, *sizes in (
        (True, (1, 2, (0,)), (1, 4, (1,))),
        (True, (2, 3, (0, 2)), (1, 6, (0,)), (3, 2, (1, 0, 1))),
        (False, (2, 5, (3, 0)), (3, 3, (0, 1, 2))),
        (True, (3, 4, (1, 0, 2))),
    ):
        batches = []
        for pieces, seq, pads in sizes:
            ids = torch.from_numpy(rng.integers(1, VOCABULARY, size=(pieces, seq + 1)))
            inputs, targets = ids[:, :-1].clone(), ids[:, 1:].clone()
            for row, count in enumerate(pads):
                inputs[row, seq - count :] = targets[row, seq - count :] = 0
            batches.append((inputs, targets))
        yield 2 * normal(rng, VOCABULARY, VOCABULARY), batches, 0, in_training


class Table(nn.Module):
    """A bigram model that notes in which mode it is called."""

    def __init__(self, scores):
        super().__init__()
        self.scores = nn.Parameter(scores.clone())
        self.modes = []

    def forward(self, ids):
        """Score what may follow each token."""
        self.modes.append(self.training)
        return self.scores[ids]


def use(answer, scores, batches, pad_id, in_training):
    """Have a model measured; tell in which mode it was, and in which it is left."""
    model = Table(scores).train(in_training)
    loss = answer(model, batches, pad_id)
    return {
        "loss": loss,
        "measured in evaluation": bool(model.modes) and not any(model.modes),
        "left in training": model.training,
        "weights": model.scores,
    }


def reference(model, batches, pad_id):
    return mean_nll(model, [Batch((inputs,), targets) for inputs, targets in batches], pad_id)


def start(model, batches, pad_id):
    was_training, losses = model.training, []
    model.eval()
    with torch.no_grad():
        for inputs, targets in batches:
            logits = model(inputs).flatten(0, 1)
            loss = F.cross_entropy(logits, targets.flatten(), ignore_index=pad_id)
            losses.append(loss.item())
    model.train(was_training)
    return sum(losses) / len(losses)


def solution(model, batches, pad_id):
    was_training, total, count = model.training, 0.0, 0
    model.eval()
    with torch.no_grad():
        for inputs, targets in batches:
            logits, targets = model(inputs).flatten(0, 1), targets.flatten()
            loss = F.cross_entropy(logits, targets, ignore_index=pad_id, reduction="sum")
            total += loss.item()
            count += (targets != pad_id).sum().item()
    model.train(was_training)
    return total / count


def surprise(logits, targets, pad_id):
    """Return the surprise of every target; 0 for pads."""
    flat = F.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=pad_id, reduction="none"
    )
    return flat.view_as(targets)


@torch.no_grad()
def measured(model, batches, pad_id, mean, before=False, after=None, pads=True):
    """Measure with another mean over the surprises, or in another mode."""
    was_training = model.training
    model.train(was_training if before is None else before)
    pad = pad_id if pads else -100
    pairs = [(surprise(model(one), other, pad), other != pad) for one, other in batches]
    model.train(was_training if after is None else after)
    return float(mean(pairs))


def right_mean(pairs):
    return total(pairs) / sum(real.sum() for _, real in pairs)


def total(pairs):
    return sum(one.sum() for one, _ in pairs)


def weighted(pairs, weigh):
    means = [one.sum() / real.sum() * weigh(real) for one, real in pairs]
    return sum(means) / sum(weigh(real) for _, real in pairs)


def weighted_by_pieces(*given):
    """You weigh each batch by its pieces, but pieces differ in length.

    What is counted should be notes: targets that are no padding.
    """
    return measured(*given, lambda pairs: weighted(pairs, len))


def weighted_by_all_places(*given):
    """You weigh each batch by all its places, also by those that are padding.

    What is counted should be notes: targets that are no padding.
    """
    return measured(*given, lambda pairs: weighted(pairs, lambda real: real.numel()))


def weighted_by_all_divided_by_notes(*given):
    """You multiply each batch's mean by all its places, and divide by the notes alone.

    `cross_entropy` took its mean over the notes that are no padding. Multiply by their number.
    """

    def mean(pairs):
        sums = [one.sum() / real.sum() * real.numel() for one, real in pairs]
        return sum(sums) / sum(real.sum() for _, real in pairs)

    return measured(*given, mean)


def all_places_and_left_in_evaluation(*given):
    """Two things: you divide by all places, pads too, and the model is left in evaluation mode.

    Count the targets that are no padding, and give the mode back.
    """

    def mean(pairs):
        return total(pairs) / sum(real.numel() for _, real in pairs)

    return measured(*given, mean, after=False)


def divided_by_all_places(*given):
    """You divide the sum by all places, also by those that are padding: the loss looks too good.

    Count the targets that are no padding.
    """
    return measured(*given, lambda pairs: total(pairs) / sum(real.numel() for _, real in pairs))


def divided_by_pieces(*given):
    """You divide the sum by the number of pieces: long pieces look worse.

    Asked for is the loss of a note, not of a piece.
    """
    return measured(*given, lambda pairs: total(pairs) / sum(len(real) for _, real in pairs))


def divided_by_batches(*given):
    """You divide the sum by the number of batches, so the loss depends on their size.

    Asked for is the loss of a note.
    """
    return measured(*given, lambda pairs: total(pairs) / len(pairs))


def never_divided(*given):
    """You return the sum over all notes; asked for is the loss of one note.

    How many targets are no padding?
    """
    return measured(*given, total)


def mean_of_piece_means(*given):
    """You average each piece, then the pieces: in a short piece every note weighs more.

    Add up the surprise of all notes, and divide once, at the end.
    """

    def mean(pairs):
        rows = [one.sum(dim=1) / real.sum(dim=1) for one, real in pairs]
        return torch.cat(rows).mean()

    return measured(*given, mean)


def means_divided_by_notes(*given):
    """You add up the means of the batches, and divide by all notes.

    Add up sums, not means. `cross_entropy` takes the mean unless it is told otherwise.
    """

    def mean(pairs):
        means = sum(one.sum() / real.sum() for one, real in pairs)
        return means / sum(real.sum() for _, real in pairs)

    return measured(*given, mean)


def last_batch_alone(*given):
    """You return the loss of the last batch alone.

    Is something set anew in the loop, where it should be added up?
    """
    return measured(*given, lambda pairs: right_mean(pairs[-1:]))


def first_batch_alone(*given):
    """You return the loss of the first batch alone.

    Does the function return from inside the loop?
    """
    return measured(*given, lambda pairs: right_mean(pairs[:1]))


def pads_counted(*given):
    """You count the padding: the model is measured on silence that nobody wrote.

    How does the loss know which targets are none?
    """
    return measured(*given, right_mean, pads=False)


def in_bits(*given):
    """Your loss is in bits; nats are asked for.

    `cross_entropy` measures in nats. Leave it so.
    """
    return measured(*given, lambda pairs: right_mean(pairs) / math.log(2))


def perplexity(*given):
    """You return the perplexity: e raised to the loss.

    Asked for is the loss itself, in nats.
    """
    return measured(*given, lambda pairs: right_mean(pairs).exp())


def measured_in_training(*given):
    """The model is measured as it came: in training mode it still drops at random.

    Switch it to evaluation before you measure.
    """
    return measured(*given, right_mean, before=None)


def left_in_evaluation(*given):
    """Your function leaves the model in evaluation mode: the training goes on without dropout.

    Leave the model in the mode in which it came.
    """
    return measured(*given, right_mean, after=False)


def always_left_in_training(*given):
    """Your function leaves every model in training mode, also one that came in evaluation.

    Leave the model in the mode in which it came.
    """
    return measured(*given, right_mean, after=True)


def mean_of_means_left_in_evaluation(*given):
    """The mean of the batches' means is still there, and now the model is left in evaluation mode.

    Only the mean was wrong. Which line of the start gave the mode back?
    """

    def mean(pairs):
        return weighted(pairs, lambda real: 1)

    return measured(*given, mean, after=False)


def a_loss_of_real_notes(result, scores, batches, pad_id, in_training):
    """The loss must lie between that of the easiest and of the hardest note."""
    model = Table(scores)
    every = [surprise(model(one), other, pad_id)[other != pad_id] for one, other in batches]
    notes = torch.cat(every).detach()
    return bool(notes.min() - 1e-4 <= float(result["loss"]) <= notes.max() + 1e-4)


EXERCISE = Exercise(
    id="validation-loss",
    notebook=9,
    place=6,
    title="A loss that depends on the batches",
    kind="find the bug",
    difficulty=2,
    importance=4,
    minutes=10,
    why="A number that depends on how pieces were packed cannot be compared with any other.",
    signature=(
        "validation_loss(model: nn.Module, batches: list[tuple[Tensor, Tensor]], pad_id: int) "
        "-> float"
    ),
    statement=(
        "This function measures a model on the validation set, in nats per note. Each batch is a "
        "pair of inputs and targets; targets that are `pad_id` do not count. The function runs, "
        "and its number looks sensible. But pack the same pieces into batches of another size, and "
        "it changes. Find the bug."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    use=use,
    properties=(a_loss_of_real_notes,),
    mistakes=(
        weighted_by_pieces,
        weighted_by_all_places,
        weighted_by_all_divided_by_notes,
        all_places_and_left_in_evaluation,
        divided_by_all_places,
        divided_by_pieces,
        divided_by_batches,
        never_divided,
        mean_of_piece_means,
        means_divided_by_notes,
        last_batch_alone,
        first_batch_alone,
        pads_counted,
        in_bits,
        perplexity,
        measured_in_training,
        left_in_evaluation,
        always_left_in_training,
        mean_of_means_left_in_evaluation,
    ),
    hints=(
        "One batch has two notes, with a loss of 1 each. Another has eight notes, with a loss of 2 "
        "each. What is the loss of a note, over all ten? And what does the function say?",
        "total: the sum of the surprise of all real targets, over all batches. count: how many "
        "there are. Divide once, after the loop.",
        '`loss = F.cross_entropy(..., reduction="...")`, then `total += ...` and '
        "`count += (targets != ...).sum().item()`, and at the end `return ... / ...`.",
    ),
    explain="When would the mean of the means be right after all?",
)
