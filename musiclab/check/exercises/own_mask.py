"""own-mask: invent what each note may hear of the past, and listen to it."""

import torch
from torch.nn.functional import pad

from musiclab.check.exercise import Exercise
from musiclab.check.heard import play_with
from musiclab.model import attention


def probes(rng):
    """Yield lengths: whole frames of four notes, and rows that stop in the middle of one."""
    yield (8,)
    yield (1,)
    yield (int(rng.integers(17, 24)),)
    yield (int(rng.integers(40, 64)),)


def solution(seq):
    note = torch.arange(seq)
    back = note[:, None] - note  # how far back each note stands
    same_voice = back % 4 == 0
    last_frame = back < 4
    return (back >= 0) & (same_voice | last_frame)


def hides_nothing(seq):
    """Your mask shows all of the past, as the causal mask of section 6.5 does. Hide some of it.

    What could one head do without: other voices, old bars, weak beats?
    """
    return torch.ones(seq, seq, dtype=torch.bool).tril()


def hears_nobody(seq):
    """In your mask each note hears only itself, so no music can come of it.

    Let it hear some earlier notes: its own voice, the bass, the last beat?
    """
    return torch.eye(seq, dtype=torch.bool)


def sees_everything(seq):
    """In your mask each note sees all others, also those that come after it.

    Nobody can hear what was not sung yet. See section 6.5.
    """
    return torch.ones(seq, seq, dtype=torch.bool)


def looks_both_ways(seq):
    """Your window reaches as far into the future as into the past.

    Likely cause: a distance without its sign. Section 6.5 keeps one side only.
    """
    note = torch.arange(seq)
    return (note[:, None] - note).abs() < 4


def own_voice_both_ways(seq):
    """In your mask a note hears its own voice, but also what that voice sings later.

    Keep the notes of this voice that came before, and the note itself.
    """
    note = torch.arange(seq)
    return (note[:, None] - note) % 4 == 0


def not_itself(seq):
    """In your mask a note does not see itself, and the first one sees nothing at all.

    The newest note has been sung when it asks. A row without any True turns into nan.
    """
    note = torch.arange(seq)
    back = note[:, None] - note
    return (back > 0) & (back % 4 == 0)


def upside_down(seq):
    """Your table is upside down: True stands where a note may *not* look.

    Turn it round, or build it anew: True where the note may look.
    """
    return ~torch.ones(seq, seq, dtype=torch.bool).tril()


def true_or_false(mask, seq):
    """The table must hold True and False, in as many rows and columns as there are notes."""
    mask = torch.as_tensor(mask)
    return mask.dtype == torch.bool and mask.shape == (seq, seq)


def nothing_of_the_future(mask, seq):
    """A note may not see any note that comes after it: above the diagonal all must be False."""
    return not torch.as_tensor(mask).triu(1).any()


def every_note_sees_itself(mask, seq):
    """Each note must see itself: on the diagonal all must be True."""
    return bool(torch.as_tensor(mask).diagonal().all())


def some_past_is_heard(mask, seq):
    """In a long row, at least half of the notes must see some earlier note."""
    return seq < 8 or int((torch.as_tensor(mask).sum(dim=-1) > 1).sum()) >= seq // 2


def some_past_is_hidden(mask, seq):
    """In a row of 16 notes or more, some of the past must be hidden from the last note."""
    return seq < 16 or not torch.as_tensor(mask)[-1].all()


def hear(answer):
    """Let the model write while each note hears only what the mask shows, and the start."""

    def mask(q_seq, k_seq, device):
        shown = pad(torch.as_tensor(answer(k_seq - 1)), (1, 0, 1, 0), value=False)
        shown[:, 0] = True  # the token before the music is never hidden
        return shown[k_seq - q_seq :]

    return play_with(attention, "causal_mask", mask)


EXERCISE = Exercise(
    id="own-mask",
    notebook=6,
    place=6,
    title="A mask of your own",
    kind="open",
    difficulty=2,
    importance=2,
    minutes=15,
    why="What a model may look at decides what it can say: here you choose, and hear it.",
    signature='own_mask(seq: int) -> Bool[Tensor, "seq seq"]',
    statement=(
        "The notes come in one row: soprano, alto, tenor, bass, then the soprano of the next "
        "frame, and so on. Note 0 is a soprano, note 3 a bass, note 4 a soprano again. Invent a "
        "mask: who should hear whom? Some ideas: only its own voice; only the last beat, which "
        "is 16 notes; only the bass and itself; anything that you want to hear.\n\n"
        "Three rules. No note sees the future. Each sees itself. Some of the past is heard, and "
        "some is hidden: in a row of 16 notes or more, the last note does not see all. The row may "
        "stop in the middle of a frame."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    properties=(
        true_or_false,
        nothing_of_the_future,
        every_note_sees_itself,
        some_past_is_heard,
        some_past_is_hidden,
    ),
    mistakes=(
        hides_nothing,
        hears_nobody,
        sees_everything,
        looks_both_ways,
        own_voice_both_ways,
        not_itself,
        upside_down,
    ),
    hints=(
        "Take note 9: which voice sings it, and in which frame? Which of the notes 0 to 8 would "
        "you like it to hear?",
        "1. Number the notes: `note`, of shape (seq,).\n"
        "2. How far back does each key stand? A column of numbers minus a row of numbers gives a "
        "table of shape (seq, seq).\n"
        "3. The past is where this is 0 or more. Your own rule is a second table. Keep what both "
        "allow.",
        "`note = torch.arange(seq)`, then `back = note[:, None] - ...`, then "
        "`return (back >= ...) & (...)`. Its own voice: `back % 4 == ...`. A key of the bass: "
        "`note % 4 == ...`.",
    ),
    explain="What did your mask take from the music, and what did it leave?",
    hear=hear,
)
