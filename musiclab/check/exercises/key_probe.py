"""key-probe: a probe that is measured in pieces of which it knows nothing."""

import inspect

import torch
from torch.nn.functional import normalize

from musiclab.check.exercise import Exercise, normal


def nearest(known, truth, asked):
    """Guess for each row of ``asked`` the key whose mean lies in the most similar direction."""
    names = truth.unique()
    means = torch.stack([known[truth == name].mean(dim=0) for name in names])
    return names[(normalize(asked, dim=1) @ normalize(means, dim=1).mT).argmax(dim=1)]


def probes(rng):
    """Yield streams, keys, pieces and which pieces are held out; every piece has a tint."""
    for each, d_model, classes, total in ((12, 8, 3, 10), (18, 10, 4, 14), (15, 12, 4, 13)):
        keys = torch.arange(total) % classes
        order = torch.from_numpy(rng.permutation(total))
        keys = keys[order]
        held_out = torch.stack([(keys == one).nonzero()[-1, 0] for one in range(classes)])
        scale = normal(rng, d_model).exp()
        by_key, tint = normal(rng, classes, d_model), 1.5 * normal(rng, total, d_model)
        tint[held_out] = 2 * tint[held_out] + 1.5
        pieces = torch.arange(total).repeat_interleave(each)
        streams = by_key[keys[pieces]] + tint[pieces] + 1.5 * normal(rng, len(pieces), d_model)
        yield 3 * normal(rng, d_model) + scale * streams, keys[pieces], pieces, held_out


def start(streams, keys, pieces, held_out):
    streams = (streams - streams.mean(dim=0)) / streams.std(dim=0)
    asked = torch.arange(len(keys)) % 3 == 0
    guess = nearest(streams[~asked], keys[~asked], streams[asked])
    return guess == keys[asked]


def solution(streams, keys, pieces, held_out):
    asked = torch.isin(pieces, held_out)
    known = streams[~asked]
    streams = (streams - known.mean(dim=0)) / known.std(dim=0)
    guess = nearest(streams[~asked], keys[~asked], streams[asked])
    return guess == keys[asked]


def held(pieces, held_out):
    return torch.isin(pieces, held_out)


def by_known(streams, asked):
    known = streams[~asked]
    return (streams - known.mean(dim=0)) / known.std(dim=0)


def by_all(streams, asked):
    return (streams - streams.mean(dim=0)) / streams.std(dim=0)


def build(split=held, scale=by_known, fit=lambda asked: ~asked, measure=lambda asked: asked):
    """Make a probe that splits, scales, fits or measures in another way."""

    def probe(streams, keys, pieces, held_out):
        asked = split(pieces, held_out)
        scaled, learn, tell = scale(streams, asked), fit(asked), measure(asked)
        return nearest(scaled[learn], keys[learn], scaled[tell]) == keys[tell]

    return probe


def reference(*inputs):
    return build()(*inputs)


def split_by_sixteenths(*inputs):
    """You still split by sixteenths: every piece stands in both halves.

    Its neighbours tell the answer away. Which argument says to which piece a sixteenth belongs?
    """
    return build(lambda pieces, held_out: torch.arange(len(pieces)) % 3 == 0)(*inputs)


def split_at_random(streams, keys, pieces, held_out):
    """You hold out as many sixteenths as were asked for, but from all pieces.

    Then each piece stands in both halves. `held_out` says which *pieces* to hold out.
    """
    many = int(held(pieces, held_out).sum())
    order = torch.randperm(len(pieces), generator=torch.Generator().manual_seed(0))
    asked = torch.zeros(len(pieces), dtype=torch.bool)
    asked[order[:many]] = True
    return build(lambda *_: asked)(streams, keys, pieces, held_out)


def scaled_by_all(*inputs):
    """The pieces are split well, but mean and deviation still come from all of them.

    So the held-out pieces have a say in how they are measured. Take both from the others alone.
    """
    return build(scale=by_all)(*inputs)


def mean_from_all(*inputs):
    """The deviation comes from the right pieces, but the mean still from all.

    Every number that is fitted comes from the pieces that are not held out.
    """
    return build(scale=lambda s, asked: (s - s.mean(dim=0)) / s[~asked].std(dim=0))(*inputs)


def each_half_by_itself(*inputs):
    """Each half is scaled by a mean and deviation of its own.

    Then the held-out pieces take part in their own measuring. One mean, from the others, for both.
    """

    def scale(streams, asked):
        return torch.where(asked[:, None], by_known(streams, ~asked), by_known(streams, asked))

    return build(scale=scale)(*inputs)


def each_row_by_itself(*inputs):
    """You scale each sixteenth by the mean of its own numbers.

    Each *number* has a mean over the known sixteenths. Which axis goes?
    """
    return build(
        scale=lambda s, asked: (s - s.mean(dim=1, keepdim=True)) / s.std(dim=1, keepdim=True)
    )(*inputs)


def not_scaled(*inputs):
    """You do not scale at all, so the loudest numbers decide.

    Scaling was no fault. Only where mean and deviation came from.
    """
    return build(scale=lambda streams, asked: streams)(*inputs)


def fitted_on_all(*inputs):
    """You fit on all pieces, the held-out ones among them.

    What has been fitted on cannot be a test.
    """
    return build(fit=lambda asked: torch.ones_like(asked))(*inputs)


def fitted_and_measured_on_known(*inputs):
    """You measure in the very pieces that you fitted on.

    That says how well it remembers. Measure in the held-out ones.
    """
    return build(measure=lambda asked: ~asked)(*inputs)


def halves_exchanged(*inputs):
    """You fit on the held-out pieces, and measure in the others.

    `held_out` names what is to be measured in.
    """
    return build(lambda pieces, held_out: ~held(pieces, held_out))(*inputs)


def first_pieces(*inputs):
    """You hold out as many pieces as asked for, but not those that were named.

    `torch.isin` tells which rows belong to one of several pieces.
    """
    return build(lambda pieces, held_out: pieces < len(held_out))(*inputs)


def only_the_first_named(*inputs):
    """You hold out one of the named pieces, and fit on the others.

    All of them are to be kept away from the fit.
    """
    return build(lambda pieces, held_out: pieces == held_out[0])(*inputs)


def rows_by_number(*inputs):
    """You take `held_out` as numbers of rows; they are numbers of pieces.

    One piece has many rows. Where does it say which?
    """

    def split(pieces, held_out):
        return torch.isin(torch.arange(len(pieces)), held_out)

    return build(split)(*inputs)


def one_piece_at_a_time(streams, keys, pieces, held_out):
    """For each held-out piece you fit on all others, and among these are held-out ones.

    That is a fair way to measure, too, but not the one asked for: keep all of them away at once.
    """
    right = torch.zeros(len(keys), dtype=torch.bool)
    for piece in held_out:
        right[pieces == piece] = build(lambda pieces, _, one=piece: pieces == one)(
            streams, keys, pieces, held_out
        )
    return right[held(pieces, held_out)]


def in_another_order(streams, keys, pieces, held_out):
    """Your answers stand in the order of `held_out`; asked for is the order of the sixteenths.

    A table of True and False picks rows without changing their order.
    """
    right = torch.zeros(len(keys), dtype=torch.bool)
    right[held(pieces, held_out)] = build()(streams, keys, pieces, held_out)
    return torch.cat([right[pieces == piece] for piece in held_out])


def guesses_returned(streams, keys, pieces, held_out):
    """You return the keys that were guessed; asked for is whether each guess was right.

    Compare them with the true ones.
    """
    asked = held(pieces, held_out)
    scaled = by_known(streams, asked)
    return nearest(scaled[~asked], keys[~asked], scaled[asked])


def the_share_alone(*inputs):
    """You return one number; asked for is True or False for each held-out sixteenth.

    Who has them all can still take the mean.
    """
    return build()(*inputs).float().mean()


def an_answer_for_each(result, streams, keys, pieces, held_out):
    """There must be one answer, True or False, for each sixteenth of the held-out pieces."""
    rows = int(held(pieces, held_out).sum())
    return tuple(result.shape) == (rows,) and result.dtype == torch.bool


EXERCISE = Exercise(
    id="key-probe",
    notebook=18,
    place=2,
    title="A probe that knew too much",
    kind="find the bug",
    difficulty=3,
    importance=5,
    minutes=15,
    why="A probe that has seen other moments of the same piece tells pieces apart, not keys.",
    signature=(
        'key_probe(streams: Float[Tensor, "sixteenth d_model"], keys: Int[Tensor, "sixteenth"], '
        'pieces: Int[Tensor, "sixteenth"], held_out: Int[Tensor, "held"]) -> '
        'Bool[Tensor, "asked"]'
    ),
    statement=(
        "This probe says for each sixteenth that is kept back whether its key was guessed right. "
        "`pieces` has the number of the piece to which each sixteenth belongs. It makes the model "
        "look as if it knew the key well. Two things are wrong: what is kept back, and what is "
        "fitted on what is kept back.\n\n"
        "Mend it: fit on all pieces but those in `held_out`, and answer for each sixteenth of "
        "these, in their order. `nearest`, a very simple classifier, is right as it is, and "
        "scaling each number by its mean and deviation (`std`) is a good idea."
    ),
    reference=reference,
    solution=solution,
    start=start,
    given=(
        "import torch\nfrom torch.nn.functional import normalize\n\n\n" + inspect.getsource(nearest)
    ),
    probes=probes,
    properties=(an_answer_for_each,),
    mistakes=(
        split_by_sixteenths,
        split_at_random,
        scaled_by_all,
        mean_from_all,
        each_half_by_itself,
        each_row_by_itself,
        not_scaled,
        fitted_on_all,
        fitted_and_measured_on_known,
        halves_exchanged,
        first_pieces,
        only_the_first_named,
        rows_by_number,
        one_piece_at_a_time,
        in_another_order,
        guesses_returned,
        the_share_alone,
    ),
    hints=(
        "Sixteenths 40 and 41 of a piece are nearly the same. The probe has seen 41. How hard is "
        "40? And which numbers does it know before `nearest` is called?",
        "asked: True for each sixteenth whose piece is one of held_out. mean and deviation: of the "
        "rows that are not asked, shape (d_model,). Scale all rows by these. Fit on the rows that "
        "are not asked, guess the others.",
        "`asked = torch.isin(pieces, ...)`, `known = streams[~asked]`, "
        "`streams = (streams - known....) / known....`; the last two lines stay.",
    ),
    explain="Split by piece, the figure falls. Which of the two figures is about the model?",
)
