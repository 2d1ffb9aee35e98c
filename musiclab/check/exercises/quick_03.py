"""The two quick ones of notebook 3: the lines of encoding in order, and ties among the tokens."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-03",
    notebook=3,
    exercise="encode-frames",
    header="def encode_frames(pitches, vocabulary):",
    lines=(
        "    for frame in pitches.T.tolist():",
        '            name = "rest" if pitch == -1 else f"pitch-{pitch}"',
        '    return [*ids, vocabulary["end"]]',
        "    for frame in pitches.tolist():",
        '            name = "pad" if pitch == -1 else f"pitch-{pitch}"',
        "            ids.append(vocabulary[name])",
        '    ids = [vocabulary["start"]]',
        "        for pitch in frame:",
        "    ids = []",
    ),
    right=(7, 4, 8, 2, 6, 3),
)

RECALL = Recall(
    id="recall-03",
    notebook=3,
    about="merge-ties",
    question=(
        "Someone forgets to merge ties (notebook 1), and then encodes the chorale with tokens such "
        "as `attack-60` and `held-60`. What is wrong with the tokens?"
    ),
    choices={
        "a": (
            "Some say `attack` that should say `held`",
            "Yes. Each second head looks like a new note, and the model learns to strike it.",
        ),
        "b": (
            "Some say `held` that should say `attack`",
            "The other way round. An extra head adds a stroke; it takes none away.",
        ),
        "c": (
            "Some have a wrong pitch",
            "Both heads of a tie have the same pitch, so all pitches are right. That is why the "
            "fault is easy to miss.",
        ),
        "d": (
            "Some are missing, so the row is too short",
            "There is one token for each voice in each frame, ties or no ties.",
        ),
    },
    right="a",
)
