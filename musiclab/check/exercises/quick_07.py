"""The two quick exercises of notebook 7."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-07",
    notebook=7,
    exercise="rotate",
    header="def rotate(x, positions):",
    lines=(
        "    x0, x1 = x.chunk(2, dim=-1)",
        "    cos, sin = angle.cos(), angle.sin()",
        "    turned = torch.stack([x0 * cos - x1 * sin, x0 * sin + x1 * cos], dim=-1)",
        "    angle = positions[:, None] * speed",
        "    turned = torch.stack([x0 * cos + x1 * sin, x1 * cos - x0 * sin], dim=-1)",
        "    return turned.flatten(-2)",
        "    speed = 10_000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])",
        "    angle = torch.arange(x.shape[-2])[:, None] * speed",
        "    x0, x1 = x[..., 0::2], x[..., 1::2]",
    ),
    right=(7, 4, 2, 9, 3, 6),
)

RECALL = Recall(
    id="recall-07",
    notebook=7,
    about="same-tune",
    question=(
        "From notebook 5. No scheme of positions knows a tune again when it comes two semitones "
        "higher. What do you compare to find that two tunes are the same, at whatever height?"
    ),
    choices={
        "a": (
            "The pitches, note by note",
            "A tune two semitones higher shares none of its pitches, note by note. Compare what "
            "does not change when all notes move together.",
        ),
        "b": (
            "The names of the notes, whatever the octave",
            "C, D, E turns into D, E, F sharp: other names. And a leap up of seven semitones "
            "would look like a leap down of five.",
        ),
        "c": (
            "The steps from each note to the next, and how many there are",
            "Yes. All notes move by the same amount, so the steps between them stay the same.",
        ),
        "d": (
            "The distance between the first two notes",
            "It stays the same, that is true. But many tunes begin with the same step; the rest "
            "counts, too.",
        ),
    },
    right="c",
)
