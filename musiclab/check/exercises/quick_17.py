"""The two quick ones of notebook 17: a sweep in order, and what positions are for."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-17",
    notebook=17,
    exercise="gibbs-step",
    header="def gibbs_step(model, piece, hidden, share, generator, mask_id):",
    lines=(
        "    logits = model(piece)",
        "    return piece.masked_scatter(again, drawn)",
        "    again = hidden & (torch.rand(piece.shape, generator=generator) < share)",
        "    chances = logits[again].softmax(dim=-1)",
        "    logits[..., mask_id] = -torch.inf",
        "    return torch.where(again, mask_id, piece)",
        "    logits = model(torch.where(again, mask_id, piece))",
        "    drawn = torch.multinomial(chances, 1, generator=generator)[:, 0]",
        "    again = torch.rand(piece.shape, generator=generator) < share",
    ),
    right=(3, 7, 5, 4, 8, 2),
)

RECALL = Recall(
    id="recall-17",
    notebook=17,
    about="sinusoidal",
    question=(
        "From notebook 7. You build the model of this notebook, without a causal mask, and forget "
        "to tell it where each frame stands. Then you read it a chorale with its frames shuffled. "
        "What does it say about each frame?"
    ),
    choices={
        "a": (
            "The same as before: only the order of its answers is shuffled, too",
            "Yes. Attention sees a heap of frames. Without positions, and without a mask that "
            "hides the future, before and after are the same to it.",
        ),
        "b": (
            "Nonsense, since it has learnt the right order",
            "It never knew the order. Nothing in what it reads tells one place from another.",
        ),
        "c": (
            "The same, but only for the first and the last frame",
            "Nothing tells it which frames these are.",
        ),
        "d": (
            "Something else, since each frame has other neighbours now",
            "Attention has no neighbours. How far away a frame is, only positions can say.",
        ),
    },
    right="a",
)
