"""The two quick ones of notebook 13: Wilson's formula in order, and the bill of notebook 5."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-13",
    notebook=13,
    exercise="wilson-interval",
    header="def wilson_interval(successes, trials, z=1.96):",
    lines=(
        "    half = z * math.sqrt(spread) / (1 + pull)",
        "    pull = z / trials",
        "    share = successes / trials",
        "    return middle, half",
        "    middle = (share + pull / 2) / (1 + pull)",
        "    spread = share * (1 - share) / trials + pull / (4 * trials)",
        "    middle = share",
        "    pull = z**2 / trials",
        "    return middle - half, middle + half",
    ),
    right=(3, 8, 5, 6, 1, 9),
)

RECALL = Recall(
    id="recall-13",
    notebook=13,
    about="honest-nats",
    question=(
        "From notebook 5: a model names a chord for each frame and then writes its four notes. A "
        "chord costs 0.60 nats, and a note, told the chord, 0.20. What is the honest figure in "
        "nats per note?"
    ),
    choices={
        "a": ("0.20", "That leaves the chords out. The model had to guess them, too."),
        "b": (
            "0.28",
            "That divides by all five tokens. Five tokens are paid for, but only four are notes.",
        ),
        "c": ("0.35", "Yes. A frame costs 4 x 0.20 + 0.60 = 1.40, and it has four notes."),
        "d": (
            "0.80",
            "That charges each note with a whole chord. Four notes share one.",
        ),
    },
    right="c",
)
