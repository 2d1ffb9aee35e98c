"""The two quick ones of notebook 1: the lines of merging ties in order, and what silence is."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-01",
    notebook=1,
    exercise="merge-ties",
    header="def merge_ties(notes):",
    lines=(
        '        if note.tie in ("continue", "stop"):',
        "            note = begun._replace(duration=note.duration)",
        "    merged = []",
        "        merged.append(note._replace(tie=None))",
        '        if note.tie == "stop":',
        "            if note.pitch != begun.pitch:",
        "    for note in notes:",
        "            note = begun._replace(duration=begun.duration + note.duration)",
        "    return merged",
        "            begun = merged.pop()",
        "            note = note._replace(duration=begun.duration + note.duration)",
        '                raise ValueError("a tie leads to another pitch")',
    ),
    right=(3, 7, 1, 10, 6, 12, 8, 4, 9),
)

RECALL = Recall(
    id="recall-01",
    notebook=1,
    about="voice-range",
    question=(
        "Somebody takes the plain average of an alto's pitches, straight from the grid. The alto "
        "has some rests. How does the average come out?"
    ),
    choices={
        "a": (
            "Right: rests are left out by themselves",
            "Nothing leaves them out. A rest is stored as -1, and -1 is a number like any other.",
        ),
        "b": (
            "Too low",
            "Yes. Each rest counts as -1, far below any note, and pulls the average down.",
        ),
        "c": (
            "Too high, since fewer notes share it",
            "Fewer notes would be right here. But the rests are counted, too, each as -1.",
        ),
        "d": (
            "There is an error: a rest has no pitch",
            "It would be kind to warn. But to the computer -1 is a number, and it says nothing.",
        ),
    },
    right="b",
)
