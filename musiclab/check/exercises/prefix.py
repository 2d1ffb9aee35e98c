"""prefix: put the words before the music, and ask for the music alone."""

import torch

from musiclab.check.exercise import Exercise


def probes(rng):
    """Yield sentences and pieces of different lengths, with pads behind each."""
    for rows, words, notes in ((1, 2, 3), (3, 4, 6), (2, 6, 5)):
        pad_id, *ids = rng.permutation(40).tolist()
        said = torch.from_numpy(rng.choice(ids[:15], size=(rows, words)))
        sung = torch.from_numpy(rng.choice(ids[15:], size=(rows, notes)))
        if rows > 1:
            said[1, words - 2 :] = pad_id
            sung[0, notes - 2 :] = sung[1, notes - 1 :] = pad_id
        yield said, sung, pad_id


def use(answer, words, music, pad_id):
    """Collect both tensors."""
    inputs, targets = answer(words.clone(), music.clone(), pad_id)
    return {"inputs": torch.as_tensor(inputs), "targets": torch.as_tensor(targets)}


def solution(words, music, pad_id):
    longest = words.shape[1] + music.shape[1]
    inputs = torch.full((len(words), longest - 1), pad_id)
    targets = torch.full((len(words), longest - 1), pad_id)
    for row in range(len(words)):
        said = words[row][words[row] != pad_id]
        sung = music[row][music[row] != pad_id]
        # BEGIN SOLUTION
        whole = torch.cat([said, sung])
        inputs[row, : len(whole) - 1] = whole[:-1]
        targets[row, len(said) - 1 : len(whole) - 1] = sung
        # END SOLUTION
    return inputs, targets


def real(row, pad_id):
    return row[row != pad_id]


def build(
    join=lambda said, sung, pad_id: (real(said, pad_id), real(sung, pad_id)),
    read=lambda said, sung: torch.cat([said, sung])[:-1],
    ask=lambda said, sung, pad_id: torch.cat([torch.full_like(said, pad_id), sung])[1:],
    fill=None,
):
    """Make a function that joins, reads or asks in another way."""

    def prefix(words, music, pad_id):
        shape = (len(words), words.shape[1] + music.shape[1] - 1)
        inputs, targets = torch.full(shape, pad_id), torch.full(shape, pad_id)
        for row in range(len(words)):
            said, sung = join(words[row], music[row], pad_id)
            for table, line in ((inputs, read(said, sung)), (targets, ask(said, sung, pad_id))):
                line = line[: shape[1]]
                table[row, : len(line)] = line
        return inputs, targets

    return prefix


reference = build()


def words_asked_for(*inputs):
    """Your targets ask for the words as well, so the model spends itself on writing sentences.

    The sentence is given. Where the target would be a word, `pad_id` keeps the loss away.
    """
    return build(ask=lambda said, sung, pad_id: torch.cat([said, sung])[1:])(*inputs)


def last_word_asked_for(*inputs):
    """Your targets also ask for the last word; only notes should be asked for.

    At which place does the model read the last word? What comes next there?
    """

    def ask(said, sung, pad_id):
        given = torch.full_like(said, pad_id)
        given[-1] = said[-1]
        return torch.cat([given, sung])[1:] if len(said) > 1 else torch.cat([given, sung])

    return build(ask=ask)(*inputs)


def first_note_not_asked_for(*inputs):
    """Nobody asks for the first note, so the model learns to go on, but not to begin.

    The last word is read at the place before the first note. What should come next there?
    """

    def ask(said, sung, pad_id):
        line = torch.cat([torch.full_like(said, pad_id), sung])
        line[len(said)] = pad_id
        return line[1:]

    return build(ask=ask)(*inputs)


def not_shifted(*inputs):
    """Your targets are what the model reads at the same place: it need only copy.

    At each place it is asked for what comes *next*.
    """
    return build(ask=lambda said, sung, pad_id: torch.cat([torch.full_like(said, pad_id), sung]))(
        *inputs
    )


def shifted_twice(*inputs):
    """Your targets stand two places too early: the model must guess the note after the next.

    Shift once.
    """
    return build(
        ask=lambda said, sung, pad_id: torch.cat([torch.full_like(said, pad_id), sung])[2:]
    )(*inputs)


def pads_between(*inputs):
    """You leave the sentence's pads between the words and the music, and the model reads them.

    After short sentences the music begins late. Take the pads out first: they belong at the end.
    """

    def whole(said, sung, pad_id):
        return said, sung

    def ask(said, sung, pad_id):
        return torch.cat([torch.full_like(said, pad_id), sung])[1:]

    return build(join=whole, ask=ask)(*inputs)


def words_behind(*inputs):
    """You put the words behind the music, where the model reads them when all is written.

    A prefix stands before.
    """
    return build(
        read=lambda said, sung: torch.cat([sung, said])[:-1],
        ask=lambda said, sung, pad_id: sung[1:],
    )(*inputs)


def words_not_read(*inputs):
    """The model reads `pad_id` in place of the words: it is told nothing.

    Words are hidden from the *loss*, not from the model.
    """

    def prefix(words, music, pad_id):
        read, asked = reference(words, music, pad_id)
        for row, said in enumerate(words):
            read[row, : int((said != pad_id).sum())] = pad_id
        return read, asked

    return prefix(*inputs)


def music_not_asked_for(*inputs):
    """Your targets ask for the words, and not for the music: it is the wrong way round.

    The words are given. The music is to be learnt.
    """

    def ask(said, sung, pad_id):
        return torch.cat([said, torch.full_like(sung, pad_id)])[1:]

    return build(ask=ask)(*inputs)


def swapped(*inputs):
    """You return the targets first, and what is read second.

    Look at the order in the signature.
    """
    return reference(*inputs)[::-1]


def targets_moved_to_the_front(*inputs):
    """Your targets begin at the first place, but the music begins only after the words.

    Where does the model stand when it has read the last word?
    """
    return build(ask=lambda said, sung, pad_id: sung)(*inputs)


def last_note_read_too(*inputs):
    """The model reads the last note too, though nothing comes after it.

    Leave out the last of the whole sequence in `inputs`.
    """

    def prefix(words, music, pad_id):
        read, asked = reference(words, music, pad_id)
        for row in range(len(words)):
            whole = torch.cat([real(words[row], pad_id), real(music[row], pad_id)])
            read[row, : len(whole)] = whole[: read.shape[1]]
        return read, asked

    return prefix(*inputs)


def of_one_shape(result, words, music, pad_id):
    """Both must have one row a piece, and one place fewer than words and music together."""
    shape = (len(words), words.shape[1] + music.shape[1] - 1)
    return tuple(result["inputs"].shape) == tuple(result["targets"].shape) == shape


def asks_for_every_note(result, words, music, pad_id):
    """The targets must hold each note once, and nothing else but pads."""
    asked = result["targets"][result["targets"] != pad_id]
    return asked.tolist() == music[music != pad_id].tolist()


EXERCISE = Exercise(
    id="prefix",
    notebook=20,
    place=2,
    title="Words before the music",
    kind="fill-in",
    difficulty=3,
    importance=4,
    minutes=15,
    why="Any model that continues can be told something: it stands before what is to be continued.",
    signature=(
        'prefix(words: Int[Tensor, "batch word"], music: Int[Tensor, "batch note"], pad_id: int) '
        '-> tuple[Int[Tensor, "batch seq"], Int[Tensor, "batch seq"]]'
    ),
    statement=(
        "Build one sequence for each piece: its words, then its notes, then pads. Words and notes "
        "have different ids. Both come with pads (`pad_id`) at their ends, which differ from row "
        "to row; no pad may stand between the words and the music.\n\n"
        "Return what the model reads (all but the last note) and what it is asked for at "
        "each place: the note that comes *next*, or `pad_id` where the next is a word or nothing. "
        "Both have the shape (batch, words + notes - 1). The first note is asked for, too, at the "
        "last word."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(of_one_shape, asks_for_every_note),
    mistakes=(
        words_asked_for,
        last_word_asked_for,
        first_note_not_asked_for,
        not_shifted,
        shifted_twice,
        pads_between,
        words_behind,
        words_not_read,
        music_not_asked_for,
        swapped,
        targets_moved_to_the_front,
        last_note_read_too,
    ),
    hints=(
        "Write three words and four notes in a row. Under each, write what comes next. Which of "
        "the lower row should the loss count, and how many are they?",
        "said: the words without pads; sung: the notes without pads; whole: one behind the other. "
        "inputs: whole without its last, from place 0. targets: the first note stands where the "
        "last word is read, at place len(said) - 1; then the others.",
        "`whole = torch.cat([...])`, `inputs[row, : len(whole) - 1] = ...`, "
        "`targets[row, len(said) - 1 : ...] = sung`.",
    ),
    explain="What would the model learn if the loss counted the words as well?",
)
