"""The two quick ones of notebook 21: a report in order, and what must not be split."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-21",
    notebook=21,
    exercise="report-figures",
    header="def report_figures(valid, valid_notes, test, test_notes):",
    lines=(
        "    figures = (test / test_notes).mean(axis=1)",
        '    told = {"chosen": chosen, "test": figures[chosen]}',
        "    chosen = 1 + valid[1:].sum(axis=1).argmin()",
        '    return told | {"gain": ahead}',
        "    chosen = 1 + test[1:].sum(axis=1).argmin()",
        "    figures = test.sum(axis=1) / test_notes.sum()",
        "    ahead = figures[0] - figures[chosen]",
        "    ahead = figures[chosen] - figures[0]",
    ),
    right=(3, 6, 2, 7, 4),
)

RECALL = Recall(
    id="recall-21",
    notebook=21,
    about="split-by-piece",
    question=(
        "From notebook 5. A friend moves each tune of this notebook to all twelve keys, shuffles "
        "the lot, and deals it out to train, valid and test. Family by family, he says: the "
        "copies of a tune have the same steps, so they are one family. Is the split fair?"
    ),
    choices={
        "a": (
            "No: one must split before one transposes",
            "That is the rule, and a good one. But ask why it is there: to keep copies together. "
            "Here something else does that.",
        ),
        "b": (
            "Yes: whatever key, all copies of a tune are on one side",
            "Yes. The families hold all keys of a tune, and are dealt out whole. Still, test "
            "figures are then a mean over keys in which nobody wrote the tune.",
        ),
        "c": (
            "No: each key is a piece of its own",
            "A model that has learnt the steps of a tune knows it in each key. So they belong "
            "together.",
        ),
        "d": (
            "Yes: after shuffling, anything is fair",
            "Shuffling alone spreads the copies over all parts: that is the leak of section 5.4.",
        ),
    },
    right="b",
)
