"""training-step: clear, measure, ask which way is down, clip, go; return the loss from before."""

import math

import torch
import torch.nn.functional as F
from torch import nn

from musiclab.check.exercise import Exercise, normal
from musiclab.training import Batch, TrainingConfig
from musiclab.training.step import take_step

VOCABULARY = 5
RATE = 0.1


def probes(rng):
    """Yield batches with pads at the end of some pieces, and limits that clip or do not."""
    for batch, seq, pads, clip in (
        (1, 3, (0,), 100.0),
        (2, 4, (0, 2), 100.0),
        (3, 5, (1, 0, 3), 0.05),
        (2, 3, (2, 1), 100.0),
    ):
        ids = torch.from_numpy(rng.integers(1, VOCABULARY, size=(batch, seq + 1)))
        inputs, targets = ids[:, :-1].clone(), ids[:, 1:].clone()
        for row, count in enumerate(pads):
            inputs[row, seq - count :] = targets[row, seq - count :] = 0
        yield normal(rng, VOCABULARY, VOCABULARY), inputs, targets, 0, clip


class Downhill(torch.optim.Optimizer):
    """Gradient descent and no more; torch's own takes seconds to load when it is first used."""

    def __init__(self, weights):
        self.param_groups = [{"params": list(weights), "lr": RATE}]

    def zero_grad(self, set_to_none=True):
        """Forget every gradient."""
        for weight in self.param_groups[0]["params"]:
            weight.grad = None

    @torch.no_grad()
    def step(self, closure=None):
        """Move every weight that has a gradient."""
        for weight in self.param_groups[0]["params"]:
            if weight.grad is not None:
                weight -= RATE * weight.grad


class Table(nn.Module):
    """A bigram model: a row of scores for each token. It notes in which mode it is called."""

    def __init__(self, scores):
        super().__init__()
        self.scores = nn.Parameter(scores.clone())
        self.shift = nn.Parameter(scores[0].clone())
        self.modes = []

    def forward(self, ids):
        """Score what may follow each token."""
        self.modes.append(self.training)
        return self.scores[ids] + 4 * self.shift


def use(answer, scores, inputs, targets, pad_id, clip):
    """Let it take two steps, from evaluation and with an old gradient; tell what has changed."""
    model = Table(scores).eval()
    optimiser = Downhill(model.parameters())
    for weight in model.parameters():
        weight.grad = torch.linspace(-0.5, 1, weight.numel()).view_as(weight)
    losses = [answer(model, optimiser, inputs, targets, pad_id, clip) for _ in range(2)]
    return {
        "losses of two steps": losses,
        "scores afterwards": model.scores,
        "shift afterwards": model.shift,
        "in training": bool(model.modes) and model.modes[0],
    }


def reference(model, optimiser, inputs, targets, pad_id, clip=1.0):
    rate = optimiser.param_groups[0]["lr"]
    config = TrainingConfig(steps=9, peak=rate, floor=rate, warmup=0, clip=clip)
    return take_step(model, optimiser, Batch((inputs,), targets), pad_id, 0, config).loss


def solution(model, optimiser, inputs, targets, pad_id, clip=1.0):
    model.train()
    optimiser.zero_grad()
    logits = model(inputs).flatten(0, 1)
    loss = F.cross_entropy(logits, targets.flatten(), ignore_index=pad_id)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimiser.step()
    return loss.item()


def loss_of(logits, targets, pad_id, reduction="mean"):
    return F.cross_entropy(
        logits.flatten(0, 1), targets.flatten(), ignore_index=pad_id, reduction=reduction
    )


def shorten(model, clip):
    nn.utils.clip_grad_norm_(model.parameters(), clip)


def build(
    loss_of=loss_of,
    begin=lambda model, optimiser: optimiser.zero_grad(),
    clipped=shorten,
    mode=True,
    tell=lambda loss, again: loss,
    sign=1,
    end=lambda model, optimiser: None,
):
    """Make a step in which some part is done differently."""

    def step(model, optimiser, inputs, targets, pad_id, clip=1.0):
        if mode is not None:
            model.train(mode)
        begin(model, optimiser)
        loss = loss_of(model(inputs), targets, pad_id)
        (sign * loss).backward()
        clipped(model, clip)
        optimiser.step()
        end(model, optimiser)
        return tell(loss, lambda: loss_of(model(inputs), targets, pad_id))

    return step


def gradients_not_cleared(*given):
    """The old gradient is still there, and the new one is added to it.

    `backward` adds; it never clears. What must happen before it?
    """
    return build(begin=lambda *_: None)(*given)


def cleared_at_the_end(*given):
    """You clear after the step: what was in the gradient before the first one is still counted.

    Somebody may have looked at a gradient before. Clear first, and it does no harm.
    """
    return build(begin=lambda *_: None, end=lambda _, optimiser: optimiser.zero_grad())(*given)


def nothing_moves(*given):
    """No weight moves: the gradient is cleared too late, or `backward` or `step` is missing.

    Four things must happen in this order: clear, `backward`, clip, `step`.
    """
    return build(clipped=lambda model, clip: model.zero_grad())(*given)


def stepped_before_asking(model, optimiser, inputs, targets, pad_id, clip=1.0):
    """You take the step before you ask which way is down: it follows the gradient of last time.

    First `backward`, then `step`. And when is the old gradient cleared?
    """
    model.train()
    loss = loss_of(model(inputs), targets, pad_id)
    optimiser.step()
    optimiser.zero_grad()
    loss.backward()
    shorten(model, clip)
    return loss.item()


def not_clipped(*given):
    """The gradient is not clipped, or only once the step is done.

    Clip after `backward` has made the gradient, and before `step` uses it.
    """
    return build(clipped=lambda *_: None)(*given)


def clipped_tensor_by_tensor(*given):
    """You clip each tensor by itself, which turns the step in another direction.

    One length for all weights together: give all of them in one call.
    """

    def clipped(model, clip):
        for weight in model.parameters():
            nn.utils.clip_grad_norm_([weight], clip)

    return build(clipped=clipped)(*given)


def clipped_number_by_number(*given):
    """You clip by value: each number is cut off by itself.

    Section 9.8 shortens the gradient as a whole. The function for that has `norm` in its name.
    """

    def clipped(model, clip):
        nn.utils.clip_grad_value_(model.parameters(), clip)

    return build(clipped=clipped)(*given)


def always_clipped_at_one(*given):
    """You clip at 1, whatever `clip` says.

    It is an argument: pass it on.
    """
    return build(clipped=lambda model, clip: shorten(model, 1.0))(*given)


def loss_of_the_next_step(*given):
    """You return the loss after the step: it has been measured once more.

    Return the loss that the gradient came from. It costs nothing.
    """
    return build(tell=lambda loss, again: again())(*given)


def left_in_evaluation(*given):
    """The model learns in evaluation mode: nothing is dropped.

    It may have been measured just before. How is it switched back to training?
    """
    return build(mode=None)(*given)


def two_things_forgotten(*given):
    """The model learns in evaluation mode, and the old gradient is still there.

    Two lines are missing at the beginning of the step.
    """
    return build(mode=None, begin=lambda *_: None)(*given)


def pads_are_counted(*given):
    """Your loss counts the padding: the model learns to predict silence that nobody wrote.

    How does the loss know which targets are none?
    """
    return build(lambda logits, targets, pad_id: loss_of(logits, targets, -100))(*given)


def pads_in_the_denominator(*given):
    """You leave the padding out of the sum, but divide by all targets.

    A mean over N targets is divided by N. How many are no padding?
    """

    def mean(logits, targets, pad_id):
        return loss_of(logits, targets, pad_id, "sum") / targets.numel()

    return build(mean)(*given)


def sum_of_losses(*given):
    """Your loss is a sum: a large batch would take larger steps.

    Take the mean over all targets that are no padding.
    """
    return build(lambda *of: loss_of(*of, "sum"))(*given)


def mean_of_piece_means(*given):
    """You average each piece, then the pieces: in a short piece every note weighs more.

    Take one mean over all targets of the batch.
    """

    def mean(logits, targets, pad_id):
        pairs = zip(logits, targets, strict=True)
        rows = [F.cross_entropy(*pair, ignore_index=pad_id) for pair in pairs]
        return torch.stack(rows).mean()

    return build(mean)(*given)


def softmax_twice(*given):
    """You take a softmax, and `cross_entropy` takes another: the model can never be sure.

    `cross_entropy` wants the plain scores.
    """
    return build(lambda logits, *rest: loss_of(logits.softmax(dim=-1), *rest))(*given)


def shifted_once_more(*given):
    """You shift the targets once more: each score is held against the token after next.

    They were shifted when the batch was built.
    """
    return build(lambda logits, targets, pad: loss_of(logits[:, :-1], targets[:, 1:], pad))(*given)


def rows_and_columns_mixed(*given):
    """Scores and targets are flattened in different orders: they no longer belong together.

    Swap no axes before you flatten, or swap them in both.
    """
    return build(lambda logits, targets, pad: loss_of(logits.transpose(0, 1), targets, pad))(*given)


def returns_nothing(*given):
    """Your function returns nothing; the loss is asked for.

    Does it end with `return`?
    """
    solution(*given)


def last_token_alone(*given):
    """Your loss looks at the last place of each piece, and no other.

    The model learns at every place at once.
    """
    return build(lambda logits, targets, pad: loss_of(logits[:, -1:], targets[:, -1:], pad))(*given)


def first_piece_alone(*given):
    """Your loss looks at the first piece of the batch, and no other.

    Flatten batch and seq into one long row of targets.
    """
    return build(lambda logits, targets, pad: loss_of(logits[:1], targets[:1], pad))(*given)


def uphill(*given):
    """You go uphill: with every step the loss grows.

    `step` goes against the gradient by itself. Is there a minus sign too many?
    """
    return build(sign=-1)(*given)


def negative_loss(*given):
    """Your loss has the wrong sign, so the model learns to avoid what Bach wrote.

    Surprise is minus the logarithm; `cross_entropy` has that minus inside.
    """
    return build(lambda *of: -loss_of(*of))(*given)


def loss_in_bits(*given):
    """Your loss is in bits; nats are asked for.

    `cross_entropy` measures in nats, the loss of section 9.4. Leave it so.
    """
    return build(lambda *of: loss_of(*of) / math.log(2))(*given)


def two_steps(*given):
    """You take two steps where one is asked for.

    Is `step` called twice?
    """
    return build(end=lambda _, optimiser: optimiser.step())(*given)


def starts_near(result, scores, inputs, targets, pad_id, clip):
    """The first loss must be that of the scores as they came, in nats per target."""
    expected = loss_of(Table(scores)(inputs).detach(), targets, pad_id)
    return abs(float(result["losses of two steps"][0]) - float(expected)) < 1e-3


def in_training_mode(result, scores, inputs, targets, pad_id, clip):
    """The model must be in training mode when it is called, whatever it was before."""
    return result["in training"]


EXERCISE = Exercise(
    id="training-step",
    notebook=9,
    place=5,
    title="One step of training",
    kind="implement",
    difficulty=2,
    importance=5,
    minutes=15,
    why="A training is this step, some thousand times.",
    signature=(
        "training_step(model: nn.Module, optimiser: torch.optim.Optimizer, "
        'inputs: Int[Tensor, "batch seq"], targets: Int[Tensor, "batch seq"], pad_id: int, '
        "clip: float = 1.0) -> float"
    ),
    statement=(
        "Change the model's weights once, in the order of section 9.5, and return the loss: nats "
        "per target, as it was before the step. Targets that are `pad_id` do not count. The model "
        "may come in evaluation mode, and with an old gradient that somebody has left there. Clip "
        "the gradient's length at `clip`."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(starts_near, in_training_mode),
    mistakes=(
        gradients_not_cleared,
        cleared_at_the_end,
        nothing_moves,
        stepped_before_asking,
        not_clipped,
        clipped_tensor_by_tensor,
        clipped_number_by_number,
        always_clipped_at_one,
        loss_of_the_next_step,
        left_in_evaluation,
        two_things_forgotten,
        pads_are_counted,
        pads_in_the_denominator,
        sum_of_losses,
        mean_of_piece_means,
        softmax_twice,
        shifted_once_more,
        rows_and_columns_mixed,
        returns_nothing,
        last_token_alone,
        first_piece_alone,
        uphill,
        negative_loss,
        loss_in_bits,
        two_steps,
    ),
    hints=(
        "Think of a walk in the fog, downhill. What must you forget, what must you feel, and when "
        "do you move your foot?",
        "1. Switch to training, clear the old gradients. 2. logits: (batch, seq, vocab). Flatten "
        "batch and seq, in logits and targets. 3. Cross entropy, without the pads. 4. backward, "
        "clip, step. 5. Return the loss from 3 as a number.",
        "`model.train()`, `optimiser...`, `logits = model(inputs).flatten(0, 1)`, "
        "`loss = F.cross_entropy(logits, ..., ignore_index=...)`, `loss...`, "
        "`nn.utils.clip_grad_norm_(..., clip)`, `optimiser...`, `return loss.item()`.",
    ),
    explain="What would happen in step 2 if nobody cleared the gradients of step 1?",
)
