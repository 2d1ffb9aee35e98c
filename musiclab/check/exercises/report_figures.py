"""report-figures: choose by valid, report by test, and pay by the note."""

import math

import numpy as np

from musiclab.check.exercise import Exercise

# Nats per note of five models on (long tunes, short tunes, the last tune). On valid the first is
# best, and the second where each tune weighs alike. On test it is the third, and the fourth. The
# fifth has the least median.
ON_VALID = ((1.6, 3.2, 3.2), (2.2, 1.7, 1.7), (2.4,) * 3, (2.8,) * 3, (2.5, 1.5, 6.0))
ON_TEST = ((2.4, 2.3, 2.3), (2.6,) * 3, (1.7, 3.2, 3.2), (2.3, 1.8, 1.8), (2.5,) * 3)


def probes(rng):
    """Yield nats of each tune under a rival and five models; at last a rival that is best."""
    for rival in (2.9, 2.9, 1.0):
        order, parts = rng.permutation(5), []
        for table in (ON_VALID, ON_TEST):
            notes = rng.integers(20, 60, size=int(rng.integers(6, 8)))
            notes[:2] *= 9
            column = np.full(len(notes), 1)
            column[:2], column[-1] = 0, 2
            models = np.array(table)[order][:, column]
            per_note = np.vstack([np.full(len(notes), rival), models])
            per_note += rng.uniform(-0.03, 0.03, size=per_note.shape)
            parts += [(per_note * notes).round(3), notes]
        yield tuple(parts)


def use(answer, valid, valid_notes, test, test_notes):
    """Read the three figures as plain numbers."""
    told = answer(valid, valid_notes, test, test_notes)
    if not isinstance(told, dict):
        return told
    return {str(name): float(value) for name, value in sorted(told.items())}


def start(valid, valid_notes, test, test_notes):
    figures = (test / test_notes).mean(axis=1)
    chosen = 1 + figures[1:].argmin()
    return {"chosen": chosen, "test": figures[chosen], "gain": figures[0] - figures[chosen]}


def solution(valid, valid_notes, test, test_notes):
    chosen = 1 + valid[1:].sum(axis=1).argmin()
    figures = test.sum(axis=1) / test_notes.sum()
    return {"chosen": chosen, "test": figures[chosen], "gain": figures[0] - figures[chosen]}


def reference(*inputs):
    return build()(*inputs)


def by_notes(nats, notes):
    return nats.sum(axis=1) / notes.sum()


def by_tunes(nats, notes):
    return (nats / notes).mean(axis=1)


def build(choose=by_notes, tell=by_notes, choose_from=0, tell_from=2, first=1, gain=None):
    """Make a report that chooses or tells by other figures.

    Args:
        choose: Gives the figures to choose by, of each model.
        tell: Gives the figures to be told.
        choose_from: Which part chooses: 0 for valid, 2 for test.
        tell_from: Which part is told.
        first: The first model that may be chosen.
        gain: Takes the told figures and the chosen model.
    """

    def report(*inputs):
        figures = tell(*inputs[tell_from : tell_from + 2])
        chosen = first + int(choose(*inputs[choose_from : choose_from + 2])[first:].argmin())
        ahead = gain(figures, chosen) if gain else figures[0] - figures[chosen]
        return {"chosen": chosen, "test": figures[chosen], "gain": ahead}

    return report


def chosen_by_test(*inputs):
    """You choose the model by the test tunes, which then measure nothing any more.

    The luckiest of several looks better than it is. Which tunes are there to choose by?
    """
    return build(choose_from=2)(*inputs)


def mean_of_tune_means(*inputs):
    """You take the figure of each tune first, and then the mean: a short tune weighs as a long one.

    Add up all nats, add up all notes, divide once.
    """
    return build(by_tunes, by_tunes)(*inputs)


def told_by_tunes(*inputs):
    """You choose well, but what you report is a mean of tune means.

    Add up all nats, add up all notes, divide once.
    """
    return build(tell=by_tunes)(*inputs)


def chosen_by_tunes(*inputs):
    """You report well, but choose by a mean of tune means.

    On valid, too, every note weighs the same.
    """
    return build(choose=by_tunes)(*inputs)


def chosen_by_the_median(*inputs):
    """You choose by a median, which does not see how much the other tunes cost.

    Add up all nats on valid.
    """
    return build(choose=lambda nats, notes: np.median(nats, axis=1))(*inputs)


def valid_reported(*inputs):
    """You report the validation figures. They have chosen the model, so they flatter it.

    What has chosen nothing?
    """
    return build(tell_from=0)(*inputs)


def best_test_reported(*inputs):
    """You name the model that valid chose, but report the best test figure of any.

    One model, its own figure.
    """
    told = reference(*inputs)
    best = by_notes(*inputs[2:])[1:].min()
    return told | {"test": best, "gain": told["gain"] + told["test"] - best}


def rival_may_win(*inputs):
    """You let the rival compete: where it is best on valid, your report compares it with itself.

    Row 0 is what the model is held against. From which row on may you choose?
    """
    return build(first=0)(*inputs)


def off_by_one(*inputs):
    """You name the wrong model: you choose among the rows from 1 on, but count them from 0.

    The place in `valid[1:]` is one less than the row.
    """
    told = reference(*inputs)
    return told | {"chosen": told["chosen"] - 1}


def off_by_one_throughout(*inputs):
    """You choose among the rows from 1 on, but then take the row before.

    The place in `valid[1:]` is one less than the row.
    """
    figures, chosen = by_notes(*inputs[2:]), reference(*inputs)["chosen"] - 1
    return {"chosen": chosen, "test": figures[chosen], "gain": figures[0] - figures[chosen]}


def worst_chosen(*inputs):
    """You choose the model with the most nats, which is the worst.

    Nats are what a note costs. Fewer are better.
    """
    return build(choose=lambda nats, notes: -by_notes(nats, notes))(*inputs)


def gain_upside_down(*inputs):
    """The sign of your gain is wrong: a better model seems to lose.

    The rival needs more nats. What is taken from what?
    """
    return build(gain=lambda figures, chosen: figures[chosen] - figures[0])(*inputs)


def gain_as_a_share(*inputs):
    """Your gain is a share of the rival's figure; nats per note are asked for.

    A difference of two costs is a cost, too.
    """
    return build(gain=lambda figures, chosen: 1 - figures[chosen] / figures[0])(*inputs)


def gain_on_valid(*inputs):
    """Your gain comes from valid, where the chosen model was lucky.

    Both parts of the gain come from the test.
    """
    chosen = reference(*inputs)["chosen"]
    figures = by_notes(*inputs[:2])
    return reference(*inputs) | {"gain": figures[0] - figures[chosen]}


def per_tune(*inputs):
    """You divide by the number of tunes, not of notes.

    What unit does the report promise?
    """
    return build(tell=lambda nats, notes: nats.mean(axis=1))(*inputs)


def in_bits(*inputs):
    """These are the right figures in bits; the report promises nats.

    Where does a 2 come in?
    """
    return build(tell=lambda nats, notes: by_notes(nats, notes) / math.log(2))(*inputs)


def notes_of_valid(valid, valid_notes, test, test_notes):
    """You divide the nats of the test by the notes of valid.

    Each part has notes of its own.
    """
    return reference(valid, valid_notes, test, valid_notes)


def parts_pooled(valid, valid_notes, test, test_notes):
    """You report valid and test together. Half of that has chosen the model.

    What has chosen nothing?
    """
    both = np.hstack([valid, test]), np.append(valid_notes, test_notes)
    return build()(valid, valid_notes, *both)


def three_figures(told, *inputs):
    """The report must have "chosen", "test" and "gain"."""
    return isinstance(told, dict) and set(told) == {"chosen", "test", "gain"}


def a_model(told, valid, *inputs):
    """What is chosen must be a model: a row from 1 on."""
    return told["chosen"] in range(1, len(valid))


EXERCISE = Exercise(
    id="report-figures",
    notebook=21,
    place=3,
    title="A report that is too good",
    kind="find the bug",
    difficulty=2,
    importance=5,
    minutes=12,
    why="Most false records are not lies; they are one line like these.",
    signature=(
        'report_figures(valid: Float[np.ndarray, "model tune"], '
        'valid_notes: Int[np.ndarray, "tune"], test: Float[np.ndarray, "model other_tune"], '
        'test_notes: Int[np.ndarray, "other_tune"]) -> dict[str, float]'
    ),
    statement=(
        "Each row holds the nats that a model needs for each tune, whole. Row 0 is the rival "
        "that only counts; the models to choose among begin at row 1.\n\n"
        "The report should say which row was `chosen` (by all nats on valid), its nats per note on "
        "`test`, and its `gain`: how many nats per note the rival needs more there. It gives fine "
        "figures: too fine. There is more than one bug. Mend it."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    use=use,
    properties=(three_figures, a_model),
    mistakes=(
        chosen_by_test,
        mean_of_tune_means,
        told_by_tunes,
        chosen_by_tunes,
        chosen_by_the_median,
        valid_reported,
        best_test_reported,
        rival_may_win,
        off_by_one,
        off_by_one_throughout,
        worst_chosen,
        gain_upside_down,
        gain_as_a_share,
        gain_on_valid,
        per_tune,
        in_bits,
        notes_of_valid,
        parts_pooled,
    ),
    hints=(
        "Which tunes may choose a model? Which may measure it? And if one tune has 40 notes and "
        "another 400, which should weigh more?",
        "chosen: the row from 1 on with the fewest nats on valid, all tunes added up. figures: one "
        "number a row, its nats on test added up, over all test notes. gain: the rival's figure "
        "less the chosen one's.",
        "`chosen = 1 + valid[1:].sum(axis=1).argmin()`, then `figures = test.sum(axis=...) / ...`.",
    ),
    explain="Why may you still look at the test figures of the models that were not chosen?",
)
