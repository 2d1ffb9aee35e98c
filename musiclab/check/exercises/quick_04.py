"""The two quick ones of notebook 4: lines of the bigram in order, and what a note is there."""

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
    about="bigram-probabilities",
    question=(
        "A whole note lasts four quarters. On our grid of 16ths, one voice sings a whole note. As "
        "how many notes does the benchmark count it, when it says nats *per note*?"
    ),
    choices={
        "a": (
            "1",
            "That is what a musician would say. The benchmark counts cells of the table: what a "
            "voice does in a frame.",
        ),
        "b": (
            "4",
            "That counts quarters. A frame is a 16th note, and each quarter has four of them.",
        ),
        "c": ("16", "Yes. Four quarters of four frames each, and every frame is a note here."),
        "d": (
            "64",
            "That would be all four voices. Only one of them sings here.",
        ),
    },
    right="c",
)
