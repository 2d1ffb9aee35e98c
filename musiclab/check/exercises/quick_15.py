"""The two quick ones of notebook 15: the rule in order, and how many guesses prove something."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-15",
    notebook=15,
    exercise="one-standard-error",
    header="def one_standard_error(results):",
    lines=(
        "    within = [size for size in results if results[size].mean() <= limit]",
        "    error = results[best].std(ddof=1)",
        "    limit = results[best].mean() + error",
        "    return max(within)",
        "    best = min(results, key=lambda size: results[size].mean())",
        "    return min(within)",
        "    best = min(results, key=lambda size: results[size].min())",
        "    error = results[best].std(ddof=1) / math.sqrt(len(results[best]))",
    ),
    right=(5, 8, 3, 1, 6),
)

RECALL = Recall(
    id="recall-15",
    notebook=15,
    about="wilson-interval",
    question=(
        "From notebook 13. You play eight pairs to a friend: the model of width 96 and that of "
        "width 8. She takes the large one for the better in six of them. Wilson's interval of 95 % "
        "goes from 0.41 to 0.93. What may you say?"
    ),
    choices={
        "a": (
            "The large one sounds better, in 75 % of all pairs",
            "That is the share that you saw. What lies behind it may be as low as 0.41.",
        ),
        "b": (
            "The two sound alike, since one half is in the interval",
            "One half is possible, but so is 0.9. A wide interval proves neither.",
        ),
        "c": (
            "It may be chance: more pairs are needed to tell",
            "Yes. One half is in the interval, so she may have guessed. Four times as many pairs "
            "make it about half as wide.",
        ),
        "d": (
            "Nothing, since a friend is no expert",
            "She is the one who listens. The trouble is that eight answers are few.",
        ),
    },
    right="c",
)
