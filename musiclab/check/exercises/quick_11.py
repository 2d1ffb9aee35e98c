"""The two quick exercises of notebook 11."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-11",
    notebook=11,
    exercise="accumulate",
    header="def accumulate(model, parts, pad_id):",
    lines=(
        "    for inputs, targets in parts:",
        "        model.zero_grad()",
        "        logits = model(inputs).flatten(0, 1)",
        "        (loss / notes).backward()",
        "    model.zero_grad()",
        '        loss = F.cross_entropy(logits, targets.flatten(), ignore_index=pad_id, reduction="'
        'sum")',
        "        (loss / len(parts)).backward()",
        "    notes = sum((targets != pad_id).sum() for _, targets in parts)",
        "        loss = F.cross_entropy(logits, targets.flatten(), ignore_index=pad_id)",
    ),
    right=(8, 5, 1, 3, 6, 4),
)

RECALL = Recall(
    id="recall-11",
    notebook=11,
    about="learning-rate",
    question=(
        "From notebook 9. Why does the learning rate climb from near 0 in the first steps, and "
        "not start at its peak?"
    ),
    choices={
        "a": (
            "The processor has to warm up",
            "A device does get quicker after the first step, as this notebook shows. But the "
            "learning rate knows nothing of that.",
        ),
        "b": (
            "Adam's averages are young, and its first steps would be long and blind",
            "Yes. After few steps the averages rest on few gradients, so the direction is a guess. "
            "Small steps do little harm.",
        ),
        "c": (
            "So that the first pieces count less",
            "They do count less, but that is not the aim. The batches come in a random order "
            "anyway.",
        ),
        "d": (
            "Without it the loss could not fall at all",
            "It mostly falls without it, too. But it may jump first, and large models sometimes "
            "never recover.",
        ),
    },
    right="b",
)
