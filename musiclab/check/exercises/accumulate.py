"""accumulate: the same gradient from several small batches as from one large."""

import torch
from torch import nn
from torch.nn import functional as F

from musiclab.check.exercise import Exercise, normal
from musiclab.training.loss import count_targets, summed_nll


def probes(rng):
    """Yield a model, parts with unequally many targets, and the pad."""
    for vocab, width, shapes in ((3, 2, [(1, 2), (1, 4)]), (7, 5, [(2, 3), (1, 9), (4, 5)])):
        model = nn.Sequential(nn.Embedding(vocab, width), nn.Linear(width, vocab))
        for weight in model.parameters():
            weight.data = normal(rng, *weight.shape)
        yield model, [part(rng, vocab, *shape) for shape in shapes], 0


def part(rng, vocab, pieces, seq):
    """Draw inputs and targets; each piece but the first ends in pads, and so does a long first."""
    inputs = torch.from_numpy(rng.integers(1, vocab, size=(pieces, seq)))
    targets = torch.from_numpy(rng.integers(1, vocab, size=(pieces, seq)))
    for piece in range(pieces):
        n_pads = (piece + seq) % 3 if pieces > 1 else seq // 4
        targets[piece, seq - n_pads :] = 0
    return inputs, targets


def use(answer, model, parts, pad_id):
    """Return the whole gradient in a row; that the weights stay is seen to by the check."""
    for weight in model.parameters():
        weight.grad = torch.full_like(weight, 0.5)  # of the step before
    answer(model, parts, pad_id)
    found = [weight.grad for weight in model.parameters() if weight.grad is not None]
    return torch.cat([one.flatten() for one in found]) if found else torch.zeros(0)


def reference(model, parts, pad_id):
    whole = sum(count_targets(targets, pad_id) for _, targets in parts)
    model.zero_grad()
    for inputs, targets in parts:
        (summed_nll(model(inputs), targets, pad_id) / whole).backward()


def solution(model, parts, pad_id):
    notes = sum((targets != pad_id).sum() for _, targets in parts)
    model.zero_grad()
    for inputs, targets in parts:
        logits = model(inputs).flatten(0, 1)  # (batch seq) vocab
        summed = F.cross_entropy(logits, targets.flatten(), ignore_index=pad_id, reduction="sum")
        (summed / notes).backward()


def with_divisors(model, parts, pad_id, divisors, *, clear=True):
    """Add up the gradients of summed losses, each divided by a number of its own."""
    if clear:
        model.zero_grad()
    for (inputs, targets), divisor in zip(parts, divisors, strict=True):
        (summed_nll(model(inputs), targets, pad_id) / divisor).backward()


def notes_in(parts, pad_id):
    return [count_targets(targets, pad_id) for _, targets in parts]


def mean_of_means(model, parts, pad_id):
    """You average the means of the parts: a note in a short part then weighs too much.

    Section 11.6 shows how far off that is. What must each part's sum be divided by?
    """
    with_divisors(model, parts, pad_id, [len(parts) * n for n in notes_in(parts, pad_id)])


def sum_of_means(model, parts, pad_id):
    """You add up the means of the parts and never divide: the gradient grows with their number.

    Each part takes its own mean. Together they should make one mean over all notes.
    """
    with_divisors(model, parts, pad_id, notes_in(parts, pad_id))


def divided_twice(model, parts, pad_id):
    """You divide by all notes, and then by the number of parts as well.

    A sum over all notes, divided by all notes, is a mean already.
    """
    notes = sum(notes_in(parts, pad_id))
    with_divisors(model, parts, pad_id, [len(parts) * notes] * len(parts))


def never_divided(model, parts, pad_id):
    """You add up sums and never divide: a large batch then takes a larger step than a small one.

    A mean was asked for. By how many notes is the sum to be divided?
    """
    with_divisors(model, parts, pad_id, [1] * len(parts))


def divided_by_the_parts(model, parts, pad_id):
    """You divide sums by the number of parts; the number of notes is what counts.

    How you cut a batch must not change its gradient. Does your divisor depend on the cut?
    """
    with_divisors(model, parts, pad_id, [len(parts)] * len(parts))


def divided_by_the_pieces(model, parts, pad_id):
    """You divide by the number of pieces, but a mean over notes is asked for.

    Pieces differ in length. Count targets, not rows.
    """
    pieces = sum(len(targets) for _, targets in parts)
    with_divisors(model, parts, pad_id, [pieces] * len(parts))


def pads_counted(model, parts, pad_id):
    """You count the pads among the notes, so the divisor is too large and the gradient too short.

    Pads predict nothing. They belong neither to the sum nor to the count.
    """
    whole = sum(targets.numel() for _, targets in parts)
    with_divisors(model, parts, pad_id, [whole] * len(parts))


def pads_counted_in_each_part(model, parts, pad_id):
    """You divide each part by its own cells, pads among them, and then average: two slips in one.

    Pads predict nothing, so they do not count. And all parts share one divisor.
    """
    with_divisors(model, parts, pad_id, [len(parts) * t.numel() for _, t in parts])


def pads_learnt(model, parts, pad_id):
    """The pads are learnt like notes: your loss does not leave them out.

    `cross_entropy` can ignore one target. Which argument names it?
    """
    with_divisors(model, parts, -100, [sum(notes_in(parts, -100))] * len(parts))


def pads_learnt_but_not_counted(model, parts, pad_id):
    """The pads are in your sum, but not in your count: they add a gradient of their own.

    `cross_entropy` can ignore one target. Which argument names it?
    """
    with_divisors(model, parts, -100, [sum(notes_in(parts, pad_id))] * len(parts))


def pads_learnt_and_mean_of_means(model, parts, pad_id):
    """You average the parts' means over all cells, pads among them.

    The plain `cross_entropy` takes a mean, and it takes pads for notes. Mend both.
    """
    with_divisors(model, parts, -100, [len(parts) * n for n in notes_in(parts, -100)])


def cleared_in_between(model, parts, pad_id):
    """You clear the gradient before each part, so only the last part is left of the batch.

    `backward` adds to what is there. When should the old gradient go?
    """
    notes = sum(notes_in(parts, pad_id))
    with_divisors(model, parts[-1:], pad_id, [notes])


def only_the_last_mean(model, parts, pad_id):
    """What is left is the mean of the last part alone: the others are cleared away.

    `backward` adds to what is there. When should the old gradient go, and what is the divisor?
    """
    with_divisors(model, parts[-1:], pad_id, notes_in(parts[-1:], pad_id))


def only_the_first(model, parts, pad_id):
    """Only the first part reaches the gradient.

    Does your function return, or break, inside the loop?
    """
    with_divisors(model, parts[:1], pad_id, [sum(notes_in(parts, pad_id))])


def old_gradient_kept(model, parts, pad_id):
    """The gradient of the step before is still there, and yours is added to it.

    `backward` adds to what it finds. What has to happen before the first part?
    """
    notes = sum(notes_in(parts, pad_id))
    with_divisors(model, parts, pad_id, [notes] * len(parts), clear=False)


def old_gradient_kept_and_mean_of_means(model, parts, pad_id):
    """You average the means of the parts, and add that to the gradient of the step before.

    Two things to mend: a note in a short part weighs too much, and the old gradient must go first.
    """
    divisors = [len(parts) * n for n in notes_in(parts, pad_id)]
    with_divisors(model, parts, pad_id, divisors, clear=False)


def old_gradient_kept_and_sum_of_means(model, parts, pad_id):
    """You add up the means of the parts, on top of the gradient of the step before.

    Two things to mend: all parts share one divisor, and the old gradient must go first.
    """
    with_divisors(model, parts, pad_id, notes_in(parts, pad_id), clear=False)


def step_taken(model, parts, pad_id):
    """You change the weights between the parts, so later parts see another model.

    Only the gradient is asked for. The optimiser steps once, when all parts are added up.
    """
    notes = sum(notes_in(parts, pad_id))
    for inputs, targets in parts:
        model.zero_grad()
        (summed_nll(model(inputs), targets, pad_id) / notes).backward()
        with torch.no_grad():
            for weight in model.parameters():
                weight -= 0.1 * weight.grad


def climbing(model, parts, pad_id):
    """Your gradient has the wrong sign: a step along it would make the loss larger.

    The loss is minus the logarithm of the probability. Is a minus too many?
    """
    notes = sum(notes_in(parts, pad_id))
    with_divisors(model, parts, pad_id, [-notes] * len(parts))


def no_gradient(model, parts, pad_id):
    """There is no gradient afterwards: nothing was carried back to the weights, or it was cleared.

    Is `backward` called? And is anything cleared after it?
    """
    model.zero_grad()


def there_is_a_gradient(result, model, parts, pad_id):
    """In the end every weight must have a gradient."""
    return len(result) == sum(weight.numel() for weight in model.parameters())


EXERCISE = Exercise(
    id="accumulate",
    notebook=11,
    place=1,
    title="Large batches, small memory",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=15,
    why="A model trains as on a large machine, while only a small part is in memory at a time.",
    signature=(
        "accumulate(model: nn.Module, parts: list[tuple[Tensor, Tensor]], pad_id: int) -> None"
    ),
    statement=(
        "A batch is cut into `parts`, each a pair of inputs and targets of shape (batch, seq). "
        "Leave in the weights the gradient of the mean loss over *all* notes, in nats, as if the "
        "batch had been whole: run one part after another. `model(inputs)` returns logits, (batch, "
        "seq, vocab). Targets equal to `pad_id` are no notes. The parts differ in length, and the "
        "weights still hold the gradient of the step before. Do not step."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(there_is_a_gradient,),
    mistakes=(
        mean_of_means,
        sum_of_means,
        divided_twice,
        never_divided,
        divided_by_the_parts,
        divided_by_the_pieces,
        pads_counted,
        pads_counted_in_each_part,
        pads_learnt,
        pads_learnt_but_not_counted,
        pads_learnt_and_mean_of_means,
        cleared_in_between,
        only_the_last_mean,
        only_the_first,
        old_gradient_kept,
        old_gradient_kept_and_mean_of_means,
        old_gradient_kept_and_sum_of_means,
        step_taken,
        climbing,
        no_gradient,
    ),
    hints=(
        "One part has 2 notes, another 8. All ten should weigh the same. If you take the mean of "
        "each part, how much does a note of the short one weigh?",
        "notes = targets that are no pad, counted over all parts. Clear the old gradient, once. "
        "For each part: logits, (batch seq, vocab); the *sum* of the losses, pads left out; divide "
        "by notes; backward.",
        '`F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=..., reduction="'
        '...")`, then `(summed / ...).backward()`. `model.zero_grad()` stands ...',
    ),
    explain="Why may the loss be divided before backward, and the parts added up by it?",
)
