"""perplexity: among how many equal choices does a model hesitate?"""

import math

import torch
from einops import reduce

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips


def probes(rng):
    """Yield what a model gave to the notes that came; frames and voices differ in number."""
    for frames, voices in ((1, 2), (3, 4), (7, 3)):
        yield (torch.from_numpy(rng.uniform(0.05, 1, size=(frames, voices)).astype("float32")),)


def solution(probabilities):
    # BEGIN SOLUTION
    nats = -probabilities.log()
    per_note = reduce(nats, "frame voice -> ", "mean")
    # END SOLUTION
    return math.exp(per_note)


def reference(probabilities):
    """Raise e to the mean surprise in nats."""
    return math.exp(-probabilities.log().mean())


def nats_returned(probabilities):
    """This is the mean surprise in nats; the perplexity is one step further.

    Section 4.2: e to the power of nats.
    """
    return math.log(reference(probabilities))


def bits_returned(probabilities):
    """This is the mean surprise in bits; the perplexity is one step further.

    Bits count yes-or-no questions. Among how many pitches do these choose?
    """
    return math.log2(reference(probabilities))


def bits_into_e(probabilities):
    """Bits went in where nats belong: e to the power of bits is too large.

    Take the logarithm and the power to the same base.
    """
    return math.exp(math.log2(reference(probabilities)))


def nats_into_two(probabilities):
    """Nats went in where bits belong: 2 to the power of nats is too small.

    Take the logarithm and the power to the same base.
    """
    return 2 ** math.log(reference(probabilities))


def tens_into_e(probabilities):
    """A logarithm to base 10 went into a power of e.

    Take the logarithm and the power to the same base.
    """
    return math.exp(math.log10(reference(probabilities)))


def below_one(probabilities):
    """Your result lies below 1, though nobody hesitates among less than one pitch.

    A minus sign is missing: surprise is never below 0.
    """
    return 1 / reference(probabilities)


def mean_before_log(probabilities):
    """You take the mean of the probabilities, and then ask how surprising that is.

    One unlikely note then hardly counts. First the logarithm, then the mean.
    """
    return 1 / probabilities.mean().item()


def mean_after_power(probabilities):
    """You turn each note into a number of choices first, and take their mean.

    One unlikely note then outweighs all. First the mean, then the power.
    """
    return (1 / probabilities).mean().item()


def mean_over_voices(probabilities):
    """You take each voice's perplexity, and then the mean of the voices.

    All notes together have one mean surprise. The power comes last.
    """
    return (-probabilities.log().mean(dim=0)).exp().mean().item()


def mean_over_frames(probabilities):
    """You take each frame's perplexity, and then the mean of the frames.

    All notes together have one mean surprise. The power comes last.
    """
    return (-probabilities.log().mean(dim=1)).exp().mean().item()


def each_frame(probabilities):
    """This is the perplexity of a whole frame: the nats of its voices are added up.

    Per note means: divide by all notes, and not by the frames alone.
    """
    return (-probabilities.log().sum(dim=1).mean()).exp().item()


def whole_piece(probabilities):
    """This is one over the probability of the whole piece; it grows with every note.

    Per note means: the surprise is a mean and no sum.
    """
    return (-probabilities.log().sum()).exp().item()


def one_number_each_voice(probabilities):
    """You keep one number for each voice; one for the whole piece is asked for.

    Take the mean over both axes.
    """
    return (-probabilities.log().mean(dim=0)).exp()


def one_number_each_note(probabilities):
    """You return a number for each note; one for the whole piece is asked for.

    Where is the mean?
    """
    return 1 / probabilities


def nats_into_ten(probabilities):
    """Nats went into a power of 10, which is far too large.

    Take the logarithm and the power to the same base.
    """
    return 10 ** math.log(reference(probabilities))


def weighed_by_the_model(probabilities):
    """You weigh each note's surprise by its probability; every note that came weighs the same.

    That sum is for all notes that might have come. Here you have only those that did.
    """
    return math.exp(-(probabilities * probabilities.log()).sum())


def middle_note(probabilities):
    """You take the median surprise; the rare dear notes then count for nothing.

    All notes together have one mean surprise.
    """
    return math.exp(-probabilities.log().median())


def _answer(mean=None, unit=None):
    def answer(probabilities):
        nats = (mean or torch.mean)(-probabilities.log())
        return (unit or torch.exp)(nats).item()

    return answer


BOTH = two_slips(
    _answer,
    mean={
        "over_frames": (lambda nats: nats.sum(dim=1).mean(), "You divide by the frames alone."),
        "over_voices": (lambda nats: nats.sum(dim=0).mean(), "You divide by the voices alone."),
        "not_divided": (torch.sum, "The surprise is a sum, where a mean is right."),
        "mean_first": (lambda nats: -(-nats).exp().mean().log(), "The mean comes too soon."),
    },
    unit={
        "below_one": (lambda nats: (-nats).exp(), "The sign is wrong."),
        "bits_into_e": (lambda nats: (nats / math.log(2)).exp(), "Bits go into a power of e."),
        "nats_into_two": (torch.exp2, "Nats go into a power of 2."),
        "nats_left": (lambda nats: nats, "The power is missing."),
        "bits_left": (lambda nats: nats / math.log(2), "You end with bits."),
    },
)


def divided_by_voices(probabilities):
    """You divide by the voices alone, as if there were one frame.

    Per note means: divide by all notes.
    """
    return (-probabilities.log().sum(dim=0).mean()).exp().item()


def no_less_than_one(result, probabilities):
    """Nobody hesitates among fewer than one pitch: a perplexity is at least 1."""
    return float(result) >= 1 - 1e-6


def between_best_and_worst(result, probabilities):
    """The result lies between the surest note's number of choices and the least sure one's."""
    choices = 1 / probabilities
    return bool(choices.min() - 1e-4 <= float(result) <= choices.max() + 1e-4)


EXERCISE = Exercise(
    id="perplexity",
    notebook=4,
    place=2,
    title="Among how many pitches?",
    kind="fill-in",
    difficulty=1,
    importance=3,
    minutes=5,
    why="Some papers give nats, some give perplexity, and you will want to compare them.",
    signature='perplexity(probabilities: Float[Tensor, "frame voice"]) -> float',
    statement=(
        "A model has read a piece. `probabilities` holds what it gave to each note that then came, "
        "in each frame and voice. Return its perplexity per note. A model that gives every note "
        "1/7 has a perplexity of 7."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(no_less_than_one, between_best_and_worst),
    mistakes=(
        nats_returned,
        bits_returned,
        bits_into_e,
        nats_into_two,
        tens_into_e,
        below_one,
        mean_before_log,
        mean_after_power,
        mean_over_voices,
        mean_over_frames,
        each_frame,
        whole_piece,
        one_number_each_voice,
        one_number_each_note,
        nats_into_ten,
        weighed_by_the_model,
        middle_note,
        divided_by_voices,
        *BOTH,
    ),
    hints=(
        "One note had probability 1/2, the next 1/8. The model chose among 2, then among 8. Is it "
        "fair to say 5? Or rather 4, as with two choices among 4?",
        "nats = minus the log of each probability: (frame, voice). Mean over all of them: one "
        "number. Then e to that power.",
        "`nats = -probabilities...()`, then `per_note = reduce(nats, 'frame voice -> ', ...)`.",
    ),
    explain="Why is 4, and not 5, the fair mean of 2 and 8 here? Say it in one sentence.",
)
