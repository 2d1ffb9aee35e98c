"""The two quick exercises of notebook 6."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-06",
    notebook=6,
    exercise="attention-weights",
    header="def attention_weights(query, key, visible):",
    lines=(
        "    scores = scores.masked_fill(visible, -math.inf)",
        "    weights = scores.softmax(dim=-1)",
        "    scores = scores.masked_fill(~visible, -math.inf)",
        "    scores = query @ key.mT",
        "    weights = scores.softmax(dim=-2)",
        "    return weights",
        "    scores = scores / math.sqrt(query.shape[-1])",
        "    scores = scores.masked_fill(~visible, 0)",
    ),
    right=(4, 7, 3, 2, 6),
)

RECALL = Recall(
    id="recall-06",
    notebook=6,
    about="mean-nll",
    question=(
        "From notebook 4. The pieces of a batch are not equally long, so the short ones are "
        "filled up with pads. You set the loss at every pad to 0 and take `loss.mean()`. What do "
        "you report?"
    ),
    choices={
        "a": (
            "The right figure: a loss of 0 adds nothing",
            "It adds nothing to the sum, that is true. But the mean also divides, and it counts "
            "every pad.",
        ),
        "b": (
            "Too low a figure: the pads are still counted",
            "Yes. The sum is right, but it is divided by all positions. Divide by the number of "
            "real notes.",
        ),
        "c": (
            "Too high a figure: pads are hard to predict",
            "They may be, but their loss was set to 0. What does the mean divide by?",
        ),
        "d": (
            "nan, because pads have no probability",
            "The model gives a probability to every token, pads too. The figure looks quite "
            "normal, and that makes it dangerous.",
        ),
    },
    right="b",
)
