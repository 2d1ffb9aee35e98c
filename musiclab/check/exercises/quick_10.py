"""The two quick exercises of notebook 10."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-10",
    notebook=10,
    exercise="interval-scores",
    header="def interval_scores(weights, heard, candidates):",
    lines=(
        "    scores = weights.gather(-1, interval + widest)",
        "    interval = heard[:, None] - candidates",
        "    widest = weights.shape[-1] // 2",
        "    return scores.masked_fill((heard[:, None] < 0) | (candidates < 0), 0)",
        "    interval = candidates - heard[:, None]",
        "    return scores",
        "    interval = interval.clamp(-widest, widest)",
        "    interval = interval % 12",
    ),
    right=(3, 5, 7, 1, 4),
)

RECALL = Recall(
    id="recall-10",
    notebook=10,
    about="rotate",
    question=(
        "From notebook 7. Rotary positions turn queries and keys by an angle that grows with the "
        "place. You put ten frames of silence in front of a piece. What happens to the attention "
        "scores between the frames of the piece?"
    ),
    choices={
        "a": (
            "They shrink, since all angles are larger now",
            "A turn changes no length. And what counts between two frames is the difference of "
            "their angles.",
        ),
        "b": (
            "They stay: both frames of a pair are turned by the same angle more",
            "Yes. Only the distance of two frames counts. In this notebook the same is true of "
            "pitch.",
        ),
        "c": (
            "They move by ten places, so each frame looks at another one",
            "Each frame still meets the frame that it met before: both have moved together.",
        ),
        "d": (
            "They change, because the model has learnt each place by heart",
            "That would be so with learned positions, a vector for each place. Rotary ones have "
            "nothing to learn.",
        ),
    },
    right="b",
)
