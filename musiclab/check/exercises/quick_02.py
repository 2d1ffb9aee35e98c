"""The two quick ones of notebook 2: from frames to notes in order, and ties that can be heard."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-02",
    notebook=2,
    exercise="grid-to-notes",
    header="def grid_to_notes(pitches, attacks):",
    lines=(
        "            first, length, pitch = notes.pop()",
        "            notes.append((frame, 1, pitch))",
        "        if frame == 0 or pitch != pitches[frame - 1]:",
        "    for frame, (pitch, is_struck) in enumerate(zip(pitches.tolist(), attacks)):",
        "            notes.append((first, length + 1, pitch))",
        "        elif pitch != -1:",
        "    notes = []",
        "        else:",
        "        if is_struck:",
        "    return notes",
        "            notes.append((first, frame, pitch))",
    ),
    right=(7, 4, 9, 2, 6, 1, 5, 10),
)

RECALL = Recall(
    id="recall-02",
    notebook=2,
    about="merge-ties",
    question=(
        "You write a MIDI file straight from the heads of a score, and forget to merge the ties. "
        "What does a listener notice?"
    ),
    choices={
        "a": (
            "Nothing: a tie is only ink",
            "The arc is ink. But without it, each head becomes a key that is pressed once more.",
        ),
        "b": (
            "Long notes are struck again, often at a bar line",
            "Yes. Each head became a note of its own, and a piano strikes it anew.",
        ),
        "c": (
            "Long notes stop too early",
            "That would be so if the second heads were left out. Here they are all played.",
        ),
        "d": (
            "Everything after the first tie comes too late",
            "Each head still has its own onset, so nothing moves.",
        ),
    },
    right="b",
)
