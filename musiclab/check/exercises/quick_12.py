"""The two quick exercises of notebook 12."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-12",
    notebook=12,
    exercise="top-p",
    header="def top_p(logits, p):",
    lines=(
        "    before = likely.cumsum(dim=-1) - likely",
        "    return torch.full_like(logits, -math.inf).scatter(-1, ids, kept)",
        "    ordered, ids = logits.sort(dim=-1)",
        "    likely = ordered.softmax(dim=-1)",
        "    before = likely.cumsum(dim=-1)",
        "    kept = ordered.masked_fill(before >= p, -math.inf)",
        "    return kept",
        "    ordered, ids = logits.sort(dim=-1, descending=True)",
    ),
    right=(8, 4, 1, 6, 2),
)

RECALL = Recall(
    id="recall-12",
    notebook=12,
    about="causal-mask",
    question=(
        "From notebook 6. In training a model reads a whole chorale at once, and no frame may see "
        "a later one. You forget that mask. What do you notice?"
    ),
    choices={
        "a": (
            "The loss stays high: too many notes confuse the model",
            "On the contrary. What it has to guess stands before its eyes.",
        ),
        "b": (
            "The loss gets very low, and the model writes nonsense",
            "Yes. It learns to copy the answer from the future. When it writes, there is no future "
            "to copy from.",
        ),
        "c": (
            "Nothing: when it writes, there is no future anyway",
            "Just then it shows. All that the model has learnt is to look where nothing stands "
            "now.",
        ),
        "d": (
            "Only that writing takes longer",
            "The time is much the same. What the model has learnt is not.",
        ),
    },
    right="b",
)
