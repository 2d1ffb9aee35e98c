"""The two quick ones of notebook 5: the lines of a fair split, and units from notebook 4."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-05",
    notebook=5,
    exercise="split-by-piece",
    header="def split_by_piece(pieces, fractions, seed):",
    lines=(
        "    second = round((fractions[0] + fractions[1]) * len(pieces))",
        "    parts = order[: first + 1], order[first : second + 1], order[second:]",
        "    order = np.random.default_rng(seed).permutation(len(pieces))",
        "    return tuple([pieces[number] for number in part] for part in parts)",
        "    second = round(fractions[1] * len(pieces))",
        "    first = round(fractions[0] * len(pieces))",
        "    parts = order[:first], order[first:second], order[second:]",
        "    order = np.random.default_rng().permutation(len(pieces))",
    ),
    right=(3, 6, 1, 7, 4),
)

RECALL = Recall(
    id="recall-05",
    notebook=5,
    about="encode-frames",
    question=(
        "From notebook 3: a chorale of four voices becomes one row of tokens, frame by frame. "
        "After the start token, what stands at the sixth place?"
    ),
    choices={
        "a": (
            "The alto's note in the second frame",
            "Yes. The first frame takes four tokens, S A T B; the fifth is the next soprano.",
        ),
        "b": (
            "The soprano's note in the sixth frame",
            "That would be one voice after another, each from beginning to end. Our tokens go "
            "frame by frame.",
        ),
        "c": (
            "The soprano's note in the second frame",
            "That is the fifth place. Count S, A, T, B, and then one more.",
        ),
        "d": (
            "The sixth chord",
            "A chord is four tokens here. One token is one voice in one frame.",
        ),
    },
    right="a",
)
