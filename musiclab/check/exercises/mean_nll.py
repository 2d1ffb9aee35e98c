"""mean-nll: the loss of a batch in nats per note, padding not charged."""

import math

import torch
from torch.nn import functional as F

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._slips import two_slips
from musiclab.training.loss import summed_nll


def probes(rng):
    """Yield one row without padding, then batches whose rows end in padding of unequal length."""
    for batch, seq, vocab, pads in ((1, 2, 3, (0,)), (3, 5, 4, (1, 3, 0)), (2, 7, 6, (5, 2))):
        pad_id = int(rng.integers(1, vocab))
        targets = rng.integers(vocab - 1, size=(batch, seq))
        targets += targets >= pad_id  # any number but pad_id
        for row, count in enumerate(pads):
            targets[row, seq - count :] = pad_id
        yield 2 * normal(rng, batch, seq, vocab), torch.from_numpy(targets), pad_id


def solution(logits, targets, pad_id):
    log_p = logits.log_softmax(dim=-1)
    nats = -log_p.gather(-1, targets[..., None])[..., 0]
    return nats[targets != pad_id].mean()


def reference(logits, targets, pad_id):
    """Divide the sum over all notes by how many there are."""
    return summed_nll(logits, targets, pad_id) / (targets != pad_id).sum()


def _nats(logits, targets):
    """Give the surprise at every position, padding included."""
    return -logits.log_softmax(dim=-1).gather(-1, targets[..., None])[..., 0]


def _over_notes(numbers, targets, pad_id):
    return numbers[targets != pad_id].mean()


def in_bits(logits, targets, pad_id):
    """This is the right loss in bits; it should be in nats.

    Which base does your logarithm have?
    """
    return reference(logits, targets, pad_id) / math.log(2)


def sum_over_notes(logits, targets, pad_id):
    """This is the sum over all notes; a long piece then costs more than a short one.

    Per note means: divide by how many notes there are.
    """
    return summed_nll(logits, targets, pad_id)


def padding_counted(logits, targets, pad_id):
    """Padding is charged like notes, so short pieces are judged by what nobody sang.

    What should happen where `targets` equals `pad_id`?
    """
    return _nats(logits, targets).mean()


def divided_by_all_positions(logits, targets, pad_id):
    """Padding costs nothing, but you still divide by it: the loss comes out too small.

    Count only the notes that were charged.
    """
    return summed_nll(logits, targets, pad_id) / targets.numel()


def sign_wrong(logits, targets, pad_id):
    """The sign is wrong: this is the mean log probability, which is never above 0.

    A loss falls when the model gets better. Does yours?
    """
    return -reference(logits, targets, pad_id)


def mean_of_row_means(logits, targets, pad_id):
    """A mean of means: notes in a short row weigh more than notes in a long one.

    Every note should count the same, whichever row it stands in.
    """
    kept = (targets != pad_id).float()
    return ((_nats(logits, targets) * kept).sum(dim=1) / kept.sum(dim=1)).mean()


def sum_of_row_means(logits, targets, pad_id):
    """You add up the means of the rows; the loss then grows with the batch.

    Take one mean over all notes of the batch.
    """
    return mean_of_row_means(logits, targets, pad_id) * len(targets)


def divided_by_rows(logits, targets, pad_id):
    """You divide by the rows of the batch: nats a piece, not nats a note.

    How many notes were charged, in all rows together?
    """
    return summed_nll(logits, targets, pad_id) / len(targets)


def log_of_mean(logits, targets, pad_id):
    """You take the mean of the probabilities first and its logarithm after.

    Surprise is the logarithm. Which comes first, by the formula in section 4.2?
    """
    return -_over_notes((-_nats(logits, targets)).exp(), targets, pad_id).log()


def logits_not_normalised(logits, targets, pad_id):
    """The logits are taken as log probabilities, but they need not sum to 1 yet.

    Which step turns logits into probabilities?
    """
    return -_over_notes(logits.gather(-1, targets[..., None])[..., 0], targets, pad_id)


def softmax_twice(logits, targets, pad_id):
    """The softmax is taken twice, so all losses are pressed together.

    `cross_entropy` and `log_softmax` take logits. What do you give them?
    """
    return reference(logits.softmax(dim=-1), targets, pad_id)


def softmax_over_time(logits, targets, pad_id):
    """The softmax runs along the sequence: one pitch's scores at all times sum to 1.

    Which axis holds the pitches among which the model chooses?
    """
    log_p = logits.log_softmax(dim=1)
    return -_over_notes(log_p.gather(-1, targets[..., None])[..., 0], targets, pad_id)


def no_logarithm(logits, targets, pad_id):
    """This is the mean probability of the notes, without a logarithm.

    A certain and wrong model must be charged a lot. Look at section 4.2.
    """
    return _over_notes((-_nats(logits, targets)).exp(), targets, pad_id)


def perplexity_returned(logits, targets, pad_id):
    """This is the perplexity, e to the power of the loss. The loss itself is asked for.

    Leave out the last step.
    """
    return reference(logits, targets, pad_id).exp()


def pads_found_by_zero(logits, targets, pad_id):
    """You leave out the targets that are 0, but padding is marked by pad_id.

    Here `pad_id` is another number, and 0 is a note.
    """
    return reference(logits, targets, 0)


def only_padding_charged(logits, targets, pad_id):
    """The mask is upside down: you charge the padding and leave out the notes.

    Print your mask beside `targets`.
    """
    return _nats(logits, targets)[targets == pad_id].mean()


def targets_shifted_again(logits, targets, pad_id):
    """Each position is charged for the note after next.

    The targets are shifted already: `targets[:, 0]` is what `logits[:, 0]` should predict.
    """
    return reference(logits[:, :-1], targets[:, 1:], pad_id)


def expected_surprise(logits, targets, pad_id):
    """This is how unsure the model is, not how surprised: the targets do not matter.

    Take the log probability of the note that came, and of no other.
    """
    log_p = logits.log_softmax(dim=-1)
    return _over_notes(-(log_p.exp() * log_p).sum(dim=-1), targets, pad_id)


def summed_in_rows(logits, targets, pad_id):
    """You keep one number for each row; one number for the whole batch is asked for.

    Take the mean over both axes at once.
    """
    kept = (targets != pad_id).float()
    return (_nats(logits, targets) * kept).sum(dim=1) / kept.sum(dim=1)


def one_number_for_each_note(logits, targets, pad_id):
    """You return the surprise of every position; the mean over the notes is missing.

    What should be left of the axes batch and seq?
    """
    return _nats(logits, targets)


def softmax_over_batch(logits, targets, pad_id):
    """The softmax runs over the batch: one pitch's scores in all pieces sum to 1.

    Which axis holds the pitches among which the model chooses?
    """
    return _over_notes(_picked(logits.log_softmax(dim=0), targets), targets, pad_id)


def surest_note_charged(logits, targets, pad_id):
    """You charge the model for its favourite, whatever came.

    Take the log probability of the note that came.
    """
    return -_over_notes(logits.log_softmax(dim=-1).max(dim=-1).values, targets, pad_id)


def accuracy(logits, targets, pad_id):
    """This is how often the favourite was right. Section 4.5 shows what that hides.

    Take the log probability of the note that came.
    """
    return _over_notes((logits.argmax(dim=-1) == targets).float(), targets, pad_id)


def divided_by_length(logits, targets, pad_id):
    """You divide by the length of a row; a batch of more rows then costs more.

    How many notes were charged, in all rows together?
    """
    return summed_nll(logits, targets, pad_id) / targets.shape[1]


def last_place_lost(logits, targets, pad_id):
    """You leave the last place of each row out.

    `targets` are shifted already, so each place has a logit and a target.
    """
    return reference(logits[:, :-1], targets[:, :-1], pad_id)


def pad_id_ruled_out(logits, targets, pad_id):
    """You forbid the model to say pad_id, and so make all other choices cheaper.

    Leave the logits alone. Only the places where padding stands are not charged.
    """
    ruled = logits.clone()
    ruled[..., pad_id] = -math.inf
    return reference(ruled, targets, pad_id)


def median_of_notes(logits, targets, pad_id):
    """You take the median; the rare dear notes then count for nothing.

    The loss is a mean.
    """
    return _nats(logits, targets)[targets != pad_id].median()


def axes_mixed(logits, targets, pad_id):
    """A reshape has mixed the axes vocab and seq: scores of different places stand in one row.

    `reshape` does not move an axis. Only the first two axes may be joined.
    """
    mixed = logits.transpose(1, 2).reshape(logits.shape)
    return reference(mixed, targets, pad_id)


def _picked(log_p, targets):
    return -log_p.gather(-1, targets[..., None])[..., 0]


def _answer(surprise=None, mean=None, unit=None):
    def answer(logits, targets, pad_id):
        nats = _picked((surprise or _log_softmax)(logits), targets)
        figure = (mean or _masked_mean)(nats, targets != pad_id)
        return unit(figure) if unit else figure

    return answer


def _log_softmax(logits):
    return logits.log_softmax(dim=-1)


def _masked_mean(nats, kept):
    return nats[kept].mean()


def _row_means(nats, kept):
    return ((nats * kept).sum(dim=1) / kept.sum(dim=1)).mean()


BOTH = two_slips(
    _answer,
    surprise={
        "over_time": (lambda one: one.log_softmax(dim=1), "The softmax runs along the sequence."),
        "over_batch": (lambda one: one.log_softmax(dim=0), "The softmax runs over the batch."),
        "raw_logits": (lambda one: one, "The softmax is missing."),
        "softmax_twice": (lambda one: one.softmax(-1).log_softmax(-1), "The softmax comes twice."),
        "no_log": (lambda one: one.softmax(dim=-1), "The logarithm is missing."),
    },
    mean={
        "pads_charged": (lambda nats, kept: nats.mean(), "Padding is charged."),
        "pads_divide": (lambda nats, kept: (nats * kept).mean(), "You divide by padding, too."),
        "row_means": (_row_means, "You take a mean of the rows' means."),
        "summed": (lambda nats, kept: nats[kept].sum(), "The notes are added up, not averaged."),
        "all_summed": (lambda nats, kept: nats.sum(), "All is added up, padding as well."),
        "by_rows": (lambda nats, kept: (nats * kept).sum(1).mean(), "You divide by the rows."),
    },
    unit={
        "in_bits": (lambda nats: nats / math.log(2), "The unit is bits."),
        "negative": (lambda nats: -nats, "The sign is wrong."),
        "exponential": (torch.exp, "You return a perplexity."),
    },
    without=("no_log_and_negative",),
)


def everything_summed(logits, targets, pad_id):
    """You add up the surprise of all places, padding as well.

    Per note means two things: leave padding out, and divide by how many notes there are.
    """
    return _nats(logits, targets).sum()


def minus_forgotten_with_no_log(logits, targets, pad_id):
    """This is minus the mean probability of the notes: the logarithm is missing.

    `nll_loss` takes log probabilities. What do you give it?
    """
    return -no_logarithm(logits, targets, pad_id)


def is_above_zero(loss, logits, targets, pad_id):
    """No probability is above 1, so a loss is never below 0."""
    return float(torch.as_tensor(loss)) >= 0


def padding_may_hold_anything(loss, logits, targets, pad_id):
    """The loss lies between the smallest and the largest surprise of a note."""
    nats = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")[targets != pad_id]
    return bool(nats.min() - 1e-4 <= float(torch.as_tensor(loss)) <= nats.max() + 1e-4)


EXERCISE = Exercise(
    id="mean-nll",
    notebook=4,
    place=3,
    title="The loss, without padding",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=15,
    why="This one number trains every model of the course and ranks them all.",
    signature=(
        'mean_nll(logits: Float[Tensor, "batch seq vocab"], targets: Int[Tensor, "batch seq"], '
        'pad_id: int) -> Float[Tensor, ""]'
    ),
    statement=(
        "Return the mean negative log-likelihood in nats per note. `logits[b, s]` scores all that "
        "may stand at that place, and `targets[b, s]` is what stands there. Short pieces are "
        "filled up with `pad_id`. That padding must cost nothing and count for nothing. Every "
        "note of the batch weighs the same."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(is_above_zero, padding_may_hold_anything),
    mistakes=(
        in_bits,
        sum_over_notes,
        padding_counted,
        divided_by_all_positions,
        sign_wrong,
        mean_of_row_means,
        sum_of_row_means,
        divided_by_rows,
        log_of_mean,
        logits_not_normalised,
        softmax_twice,
        softmax_over_time,
        no_logarithm,
        perplexity_returned,
        pads_found_by_zero,
        only_padding_charged,
        targets_shifted_again,
        expected_surprise,
        summed_in_rows,
        one_number_for_each_note,
        softmax_over_batch,
        surest_note_charged,
        accuracy,
        divided_by_length,
        last_place_lost,
        pad_id_ruled_out,
        median_of_notes,
        axes_mixed,
        everything_summed,
        minus_forgotten_with_no_log,
        *BOTH,
    ),
    hints=(
        "Two pieces: one has four notes, the other two notes and two pads. By how many notes do "
        "you divide?",
        "log_p = log softmax over vocab: (batch, seq, vocab). Pick the target's: (batch, seq). "
        "Keep the places that are notes. Mean, with a minus.",
        "`log_p = logits.log_softmax(dim=...)`, then `picked = log_p.gather(-1, targets[..., "
        "None])[..., 0]`, then `-picked[targets != ...].mean()`.",
    ),
    explain="Why not take the mean of each row, and then of these? Say it in one sentence.",
)
