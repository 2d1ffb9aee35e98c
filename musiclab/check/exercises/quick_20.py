"""The two quick ones of notebook 20: a prefix in order, and what a caption costs."""

from musiclab.check.exercise import Order, Recall

ORDER = Order(
    id="order-20",
    notebook=20,
    exercise="prefix",
    header="def prefix(words, music, pad_id):",
    lines=(
        "        targets[row, len(said) - 1 : len(whole) - 1] = sung",
        "        whole = torch.cat([said, sung])",
        "        said = words[row][words[row] != pad_id]",
        "    return inputs, targets",
        "        whole = torch.cat([sung, said])",
        "    inputs = torch.full((len(words), words.shape[1] + music.shape[1] - 1), pad_id)",
        "        targets[row, : len(whole) - 1] = whole[1:]",
        "    targets = inputs.clone()",
        "        sung = music[row][music[row] != pad_id]",
        "    for row in range(len(words)):",
        "        inputs[row, : len(whole) - 1] = whole[:-1]",
        "        targets[row, len(said) : len(whole)] = sung",
    ),
    right=(6, 8, 10, 3, 9, 2, 11, 1, 4),
)

RECALL = Recall(
    id="recall-20",
    notebook=20,
    about="honest-nats",
    question=(
        "From notebook 5. Somebody measures every validation piece, writes a caption of what was "
        "measured, and gives it to the model before each piece. With the captions it needs fewer "
        "nats per note than `bach-grid`. Is it the better model of Bach?"
    ),
    choices={
        "a": (
            "Yes: fewer nats on the same pieces",
            "The captions were written from the answers. Part of each piece was told for nothing.",
        ),
        "b": (
            "One cannot say: the captions must be paid for first",
            "Yes. Whoever is told something about a piece must add what it costs to guess that, "
            "and only then divide by the notes.",
        ),
        "c": (
            "No: captions make any model worse",
            "The right captions make Bach's notes likelier, as section 20.5 shows.",
        ),
        "d": (
            "Yes, if the wordings were held out",
            "It is not the wording that gives the piece away, but what it says.",
        ),
    },
    right="b",
)
