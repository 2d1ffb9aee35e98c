"""The two quick ones of notebook 14: stopping in order, and two losses that do not compare."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-14",
    notebook=14,
    exercise="early-stopping",
    header="def early_stopping(losses, patience, margin):",
    lines=(
        "        if number - best >= patience:",
        "    return len(losses) - 1, best",
        "        if loss < losses[best] - margin:",
        "        if number >= patience:",
        "            best = number",
        "    best = 0",
        "        if loss < losses[number - 1] - margin:",
        "            return number, best",
        "    for number, loss in enumerate(losses):",
    ),
    right=(6, 9, 3, 5, 1, 8, 2),
)

RECALL = Recall(
    id="recall-14",
    notebook=14,
    about="validation-loss",
    question=(
        "From notebook 9. A model has a lot of dropout. You note its loss on each training batch "
        "as it learns, and its loss on new pieces in evaluation. The loss on new pieces is the "
        "*smaller* of the two. Has it understood more than it knows?"
    ),
    choices={
        "a": (
            "Yes: dropout has turned the gap round",
            "No. It only looks so. The two were not measured in the same way.",
        ),
        "b": (
            "No: the new pieces must have leaked into training",
            "A leak makes the two alike. What else differs between them?",
        ),
        "c": (
            "Nobody can tell: measure both in evaluation",
            "Yes. While it learned, parts of it were switched off, and its loss was that of a "
            "crippled model. Measure its own pieces with `model.eval()`, too.",
        ),
        "d": (
            "Nobody can tell: measure both in training",
            "Then both are those of a crippled model, and other ones each time. You want to know "
            "about the model that will sing.",
        ),
    },
    right="c",
)
