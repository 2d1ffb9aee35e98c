"""The two quick ones of notebook 8: lines of layer norm in order, and how heads share a vector."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-08",
    notebook=8,
    exercise="layer-norm",
    header="def layer_norm(x, gain=None, bias=None, epsilon=1e-5):",
    lines=(
        "    if bias is not None:",
        "    normed = centred / (variance + epsilon).sqrt()",
        "    variance = x.var(dim=-1, keepdim=True)",
        "        normed = normed * gain",
        "    return normed",
        "    centred = x - x.mean(dim=-1, keepdim=True)",
        "    normed = centred / (variance.sqrt() + epsilon)",
        "    variance = centred.square().mean(dim=-1, keepdim=True)",
        "        normed = normed + bias",
        "    if gain is not None:",
        "    normed = x / (variance + epsilon).sqrt()",
    ),
    right=(6, 8, 2, 10, 4, 1, 9, 5),
)

RECALL = Recall(
    id="recall-08",
    notebook=8,
    about="attention-weights",
    question=(
        "Four heads share a vector of 64 numbers. By what does each head divide the product of a "
        "query and a key, before the softmax?"
    ),
    choices={
        "a": (
            "8, the root of 64",
            "That would be right for one wide head. Here a score adds up fewer than 64 products.",
        ),
        "b": (
            "4, the root of 16",
            "Yes. Each head has 16 numbers of its own, so its score is a sum of 16 products, and "
            "such a sum grows like the root of 16.",
        ),
        "c": (
            "2, the root of 4",
            "The number of heads says how the vector is shared out. How many products does one "
            "score add up?",
        ),
        "d": (
            "16, the numbers of one head",
            "That is how many products are added up. But they partly cancel out, so the sum grows "
            "with the root.",
        ),
    },
    right="b",
)
