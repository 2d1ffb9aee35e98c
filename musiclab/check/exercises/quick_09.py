"""The two quick ones of notebook 9: the lines of a step in order, and what rotary scores see."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-09",
    notebook=9,
    exercise="training-step",
    header="def training_step(model, optimiser, inputs, targets, pad_id, clip=1.0):",
    lines=(
        "    loss.backward()",
        "    logits = model(inputs).flatten(0, 1)",
        "    loss = F.cross_entropy(logits, targets.flatten())",
        "    optimiser.step()",
        "    model.train()",
        "    nn.utils.clip_grad_value_(model.parameters(), clip)",
        "    loss = F.cross_entropy(logits, targets.flatten(), ignore_index=pad_id)",
        "    return loss.item()",
        "    nn.utils.clip_grad_norm_(model.parameters(), clip)",
        "    optimiser.zero_grad()",
        "    model.eval()",
    ),
    right=(5, 10, 2, 7, 1, 9, 4, 8),
)

RECALL = Recall(
    id="recall-09",
    notebook=9,
    about="rotate",
    question=(
        "A query at place 20 looks at a key at place 17, with rotary positions. The whole piece is "
        "moved on: now they stand at 30 and 27, with the same vectors before the turn. What "
        "happens to the score?"
    ),
    choices={
        "a": (
            "It stays the same",
            "Yes. Both are turned further by the same angle, so the angle between them stays. Only "
            "the distance counts.",
        ),
        "b": (
            "It grows, since both are turned further",
            "A turn changes no length. And both are turned alike, so the angle between them stays.",
        ),
        "c": (
            "It shrinks, since the places are larger",
            "What shrinks or grows a score is the angle between the two, and that comes from their "
            "distance. It is still 3.",
        ),
        "d": (
            "One cannot know without the values",
            "Values are not turned, and take no part in the score. They are mixed afterwards.",
        ),
    },
    right="a",
)
