"""The two quick ones of notebook 4: lines of the bigram in order, and seconds from notebook 2."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-04",
    notebook=4,
    exercise="bigram-probabilities",
    header="def bigram_probabilities(ids, vocab_size, alpha=1.0):",
    lines=(
        "    counts = counts + alpha",
        "    return counts / counts.sum(dim=0, keepdim=True)",
        "    for before, now in zip(ids[:-1], ids[1:]):",
        "        counts[before, now] += 1",
        "    counts = torch.zeros(vocab_size, vocab_size)",
        "        counts[now, before] += 1",
        "    return counts / counts.sum(dim=1, keepdim=True)",
        "    return counts / counts.sum()",
    ),
    right=(5, 3, 4, 1, 7),
)

RECALL = Recall(
    id="recall-04",
    notebook=4,
    about="seconds-to-frames",
    question=(
        "From notebook 2: a note starts after 1.4 seconds, at 90 quarter notes a minute. A frame "
        "is a 16th note. In which frame, counted from 0, does it start?"
    ),
    choices={
        "a": (
            "Frame 2",
            "That counts quarters: 2.1 of them have gone by. Each quarter has four frames.",
        ),
        "b": (
            "Frame 4",
            "The tempo is upside down. At 90 a minute, a second holds 1.5 quarters, and not 0.67.",
        ),
        "c": (
            "Frame 8",
            "Yes. 1.4 seconds are 2.1 quarters, or 8.4 frames. The nearest frame is 8.",
        ),
        "d": (
            "Frame 9",
            "That rounds 8.4 up. A note goes to the nearest frame.",
        ),
    },
    right="c",
)
