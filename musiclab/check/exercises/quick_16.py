"""The two quick ones of notebook 16: labels in order, and who asks whom in cross-attention."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-16",
    notebook=16,
    exercise="label-mask",
    header="def label_mask(target, mask, given):",
    lines=(
        "        labels[row, length:] = -100",
        "    labels[mask == 0] = -100",
        "    for row, length in enumerate(given.tolist()):",
        "    return labels",
        "    labels[mask == 1] = -100",
        "    labels = target.clone()",
        "        labels[row, :length] = -100",
        "        labels[:, :length] = -100",
    ),
    right=(6, 2, 3, 7, 4),
)

RECALL = Recall(
    id="recall-16",
    notebook=16,
    about="cross-attention",
    question=(
        "From notebook 8. The harmoniser writes the first bar, and the melody goes on for three "
        "more. In cross-attention, which mask hides the future?"
    ),
    choices={
        "a": (
            "The causal mask, as in self-attention",
            "The melody is given whole, so nothing of it has to be hidden. Only what is still to "
            "be written must be.",
        ),
        "b": (
            "None: the decoder may see all of the melody, and pads alone are hidden",
            "Yes. Queries come from the decoder, keys and values from the melody, which is known "
            "to its end.",
        ),
        "c": (
            "None, since it looks at the decoder's own past only",
            "That is self-attention. Here the keys come from the melody.",
        ),
        "d": (
            "A mask that lets each frame see its own note of the melody",
            "Then the harmony could not prepare what comes. It may look at every note.",
        ),
    },
    right="b",
)
