"""masked-nll: the loss of hidden cells, and of nothing else."""

import math

import torch
from torch.nn.functional import cross_entropy

from musiclab.check.exercise import Exercise, normal
from musiclab.training.loss import summed_nll


def probes(rng):
    """Yield pieces with pads, and holes of other sizes that reach into them; one has no hole."""
    for shape, vocab in (((1, 1, 2), 3), ((2, 3, 2), 4), ((3, 6, 4), 7)):
        pad_id, *notes = rng.permutation(vocab).tolist()
        tokens = torch.from_numpy(rng.choice(notes, size=shape))
        hidden = torch.from_numpy(rng.random(shape) < 0.4)
        hidden[0, 0] = torch.tensor([True, False] + [False] * (shape[2] - 2))
        if len(tokens) > 1:
            hidden[1, :2] = True
            tokens[1, -1] = pad_id
            hidden[1, -1] = torch.arange(shape[2]) < 1
        yield 2 * normal(rng, *shape, vocab), tokens, hidden, pad_id
    yield 2 * normal(rng, *shape, vocab), tokens, torch.zeros_like(hidden), pad_id


def reference(logits, tokens, hidden, pad_id):
    """Divide the sum over all hidden notes by how many there are."""
    targets = tokens.masked_fill(~hidden, pad_id)
    return summed_nll(logits, targets, pad_id) / max(int((targets != pad_id).sum()), 1)


def start(logits, tokens, hidden, pad_id):
    log_p = logits.log_softmax(dim=-1)
    nats = -log_p.gather(-1, tokens[..., None])[..., 0]
    return (nats * hidden).mean()


def solution(logits, tokens, hidden, pad_id):
    log_p = logits.log_softmax(dim=-1)
    nats = -log_p.gather(-1, tokens[..., None])[..., 0]
    counted = hidden & (tokens != pad_id)
    return nats[counted].sum() / counted.sum().clamp(min=1)


def build(
    counted=lambda tokens, hidden, pad_id: hidden & (tokens != pad_id),
    divide=lambda total, counted, real: total / counted.sum().clamp(min=1),
    dim=-1,
):
    """Make a loss that counts other cells, divides by another number, or normalises elsewhere."""

    def loss(logits, tokens, hidden, pad_id):
        nats = -logits.log_softmax(dim=dim).gather(-1, tokens[..., None])[..., 0]
        cells = counted(tokens, hidden, pad_id)
        return divide(nats[cells].sum(), cells, tokens != pad_id)

    return loss


def everything_counted(*inputs):
    """You count cells that the model was shown, where it only has to copy.

    A model that copies well then looks good, and cannot fill a hole. Which cells are asked for?
    """
    return build(lambda tokens, hidden, pad_id: tokens != pad_id)(*inputs)


def everything_and_pads_counted(*inputs):
    """You count all cells: those that were shown, and even pads.

    Only notes that were hidden are asked for. Which two tables say so?
    """
    return build(lambda tokens, hidden, pad_id: torch.ones_like(hidden))(*inputs)


def shown_counted(*inputs):
    """You count what was shown, and leave out what was hidden.

    In `hidden`, True means that the model had to guess.
    """
    return build(lambda tokens, hidden, pad_id: ~hidden & (tokens != pad_id))(*inputs)


def hidden_pads_counted(*inputs):
    """You charge for pads where a hole reaches beyond the end of a piece.

    Nobody sings there. What stands in `tokens` at such a cell?
    """
    return build(lambda tokens, hidden, pad_id: hidden)(*inputs)


def divided_by_all_cells(*inputs):
    """Only hidden cells are charged, but you divide by all: the larger the piece, the better.

    Divide by as many cells as you charged.
    """
    return build(divide=lambda total, counted, real: total / counted.numel())(*inputs)


def divided_by_all_notes(*inputs):
    """Only hidden cells are charged, but you divide by all notes, shown ones among them.

    Divide by as many cells as you charged.
    """
    return build(divide=lambda total, counted, real: total / real.sum())(*inputs)


def pads_in_the_divisor(logits, tokens, hidden, pad_id):
    """You charge the right cells, but count hidden pads when you divide.

    Divide by as many cells as you charged.
    """
    nats = cross_entropy(logits.flatten(0, 2), tokens.flatten(), reduction="none")
    counted = hidden & (tokens != pad_id)
    return nats[counted.flatten()].sum() / hidden.sum().clamp(min=1)


def sum_over_cells(*inputs):
    """This is the sum over the hidden cells: a large hole costs more than a small one.

    Per cell means: divide by how many there are.
    """
    return build(divide=lambda total, counted, real: total)(*inputs)


def no_hole_is_nan(*inputs):
    """Where nothing is hidden, your loss is not a number, and one such step ruins all weights.

    You divide 0 by 0. Nothing was asked for, so the loss is 0.
    """
    return build(divide=lambda total, counted, real: total / counted.sum())(*inputs)


def mean_of_piece_means(logits, tokens, hidden, pad_id):
    """You take the mean of each piece, and then of these: a small hole weighs as much as a large.

    Every hidden cell of the batch weighs the same. Add up first, divide once.
    """
    parts = zip(logits, tokens, hidden, strict=True)
    means = [reference(*(each[None] for each in part), pad_id) for part in parts]
    return torch.stack(means).mean()


def others_become_pads(logits, tokens, hidden, pad_id):
    """You put `pad_id` where nothing is asked for, and then charge for it as for a note.

    The loss must be told which id to leave out.
    """
    targets = tokens.masked_fill(~hidden, pad_id)
    return cross_entropy(logits.flatten(0, 2), targets.flatten())


def tokens_times_hidden(logits, tokens, hidden, pad_id):
    """You set shown tokens to 0 and leave out all zeros, but `pad_id` need not be 0.

    A note may have the id 0. Choose cells by the tables, not by a product.
    """
    counted = hidden & (tokens != 0)
    nats = cross_entropy(logits.flatten(0, 2), tokens.flatten(), reduction="none")
    return nats[counted.flatten()].sum() / counted.sum().clamp(min=1)


def in_bits(*inputs):
    """This is the right loss in bits; it should be in nats.

    Which base does your logarithm have?
    """
    return reference(*inputs) / math.log(2)


def sign_wrong(*inputs):
    """The sign is wrong: the better the model guesses, the larger is your loss.

    The logarithm of a probability is below 0. What turns it into a cost?
    """
    return -reference(*inputs)


def perplexity_returned(*inputs):
    """You return a perplexity, e to the power of the loss.

    Training wants the loss itself, in nats.
    """
    return reference(*inputs).exp()


def softmax_over_voices(*inputs):
    """Your softmax runs over the voices, so the soprano competes with the bass.

    Which axis of logits holds the notes that may stand in one cell?
    """
    return build(dim=-2)(*inputs)


def never_below_zero(loss, *inputs):
    """No probability is above 1, so a loss is never below 0."""
    return float(torch.as_tensor(loss)) >= 0


def shown_cells_do_not_matter(loss, logits, tokens, hidden, pad_id):
    """The loss lies between the smallest and the largest cost of a hidden note."""
    nats = cross_entropy(logits.flatten(0, 2), tokens.flatten(), reduction="none")
    nats = nats[(hidden & (tokens != pad_id)).flatten()]
    low, high = (nats.min(), nats.max()) if len(nats) else (0, 0)
    return bool(low - 1e-4 <= float(torch.as_tensor(loss)) <= high + 1e-4)


EXERCISE = Exercise(
    id="masked-nll",
    notebook=17,
    place=2,
    title="The cost of what was hidden",
    kind="find the bug",
    difficulty=2,
    importance=4,
    minutes=12,
    why="If what is shown counts too, a model that only copies looks like a composer.",
    signature=(
        'masked_nll(logits: Float[Tensor, "batch frame voice vocab"], '
        'tokens: Int[Tensor, "batch frame voice"], hidden: Bool[Tensor, "batch frame voice"], '
        'pad_id: int) -> Float[Tensor, ""]'
    ),
    statement=(
        "This should return the mean cost of the hidden notes, in nats: the formula of section "
        "17.3, for a batch. It looks right, and its numbers look good: too good. Mend it.\n\n"
        "`tokens` are the whole pieces. A hole may reach into the pads behind a short "
        "piece: pads cost nothing and are not counted. Every hidden note of the batch weighs the "
        "same. Where nothing is hidden at all, the loss is 0."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    properties=(never_below_zero, shown_cells_do_not_matter),
    mistakes=(
        everything_counted,
        everything_and_pads_counted,
        shown_counted,
        hidden_pads_counted,
        divided_by_all_cells,
        divided_by_all_notes,
        pads_in_the_divisor,
        sum_over_cells,
        no_hole_is_nan,
        mean_of_piece_means,
        others_become_pads,
        tokens_times_hidden,
        in_bits,
        sign_wrong,
        perplexity_returned,
        softmax_over_voices,
    ),
    hints=(
        "A batch has two pieces. In one, a single cell is hidden; in the other, nine, and three of "
        "them are pads. By how many do you divide?",
        "log_p = log softmax over vocab: (batch, frame, voice, vocab). Pick the token's: (batch, "
        "frame, voice). Keep the cells that are hidden and no pads. Their sum, with a minus, "
        "divided by their number, or by 1 if there are none.",
        "`nats = -log_p.gather(-1, tokens[..., None])[..., 0]`, then `counted = hidden & ...`, "
        "then `nats[counted].sum() / counted.sum().clamp(min=...)`.",
    ),
    explain="Two models have a loss of 0.3, with one cell hidden and with all. Which is better?",
)
