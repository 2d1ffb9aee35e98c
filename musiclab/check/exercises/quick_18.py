"""The two quick ones of notebook 18: a silenced head in order, and why a lens needs the norm."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-18",
    notebook=18,
    exercise="ablate-head",
    header="def ablate_head(mixed, to_out, head, n_heads):",
    lines=(
        "    changed[..., mine] = mixed[..., mine].mean(dim=(0, 1))",
        "    mine = slice(head * n_heads, (head + 1) * n_heads)",
        "    return to_out(mixed)",
        "    width = mixed.shape[-1] // n_heads",
        "    changed[..., mine] = mixed[..., mine].mean(dim=1, keepdim=True)",
        "    return to_out(changed)",
        "    changed = mixed.clone()",
        "    mine = slice(head * width, (head + 1) * width)",
    ),
    right=(4, 8, 7, 1, 6),
)

RECALL = Recall(
    id="recall-18",
    notebook=18,
    about="block",
    question=(
        "From notebook 8. In a *pre-norm* block, what is added to the residual stream is "
        "normalised before it goes into attention, and the stream itself never is. What does that "
        "mean for a reader who stops after layer 2 and wants to score notes?"
    ),
    choices={
        "a": (
            "The stream must be normalised first, as the model does once at its very end",
            "Yes. The table of scores has only ever read what came out of that last norm. The raw "
            "stream has another size after each layer.",
        ),
        "b": (
            "Nothing: the stream after each layer is ready to be scored",
            "It is a sum that grows from layer to layer. The model itself normalises it before it "
            "scores.",
        ),
        "c": (
            "The norms of all earlier layers must be applied again",
            "They stand on the way into each sublayer, not in the stream. What they gave is in "
            "there already.",
        ),
        "d": (
            "It cannot be done: only the last layer writes into the stream",
            "Every layer adds to it. That is what makes it a running sum.",
        ),
    },
    right="a",
)
