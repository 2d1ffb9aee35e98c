"""notes-before: what a voice sang before its newest note, the last of it first."""

import torch

from musiclab.check.exercise import Exercise
from musiclab.singer.memories import notes_before as library


def probes(rng):
    """Yield lines with held notes, notes that come back, rests, and too few notes."""
    a, b, c, d = rng.permutation(range(60, 72))[:4].tolist()
    yield [a, a, b, b, c], 2
    yield [a, b, b, a, c, c, -1, c, d, d], 5
    yield [b, b, b, a, a], 3
    yield [d, d], 2
    yield [a, b, b, c], 5
    yield rng.choice([a, b, c, -1], size=40).tolist(), 6


def reference(line, count):
    tokens = torch.tensor(line).view(1, -1, 1)
    return library(tokens, tokens, count)[0, -1, 0].tolist()


def solution(line, count):
    sung = [line[0]]
    for pitch in line[1:]:
        if pitch != sung[-1]:
            sung.append(pitch)
    before = sung[:-1][::-1] + [sung[0]] * count
    return before[:count]


def start(line, count):
    sung = []
    for pitch in line:
        if pitch not in sung:
            sung.append(pitch)
    before = sung[:-1][::-1] + [sung[0]] * count
    return before[:count]


def merged(line):
    """Return the line without repetitions, one entry for each note."""
    return [now for before, now in zip([None, *line], line, strict=False) if before != now]


def filled(before, first, count):
    return ([*before] + [first] * count)[:count]


def each_pitch_once_where_it_was_last(line, count):
    """Each pitch stands once in your list, where it came last; earlier returns are lost.

    A melody may come back to a note. With what should a frame be compared?
    """
    sung = list(dict.fromkeys(line[::-1]))[::-1]
    return filled(sung[:-1][::-1], line[0], count)


def held_notes_repeated(line, count):
    """You list frames, not notes: a held note fills your list with itself.

    In the grid a long note fills many frames. Take the repetitions out first.
    """
    return filled(line[:-1][::-1], line[0], count)


def newest_included(line, count):
    """Your list begins with the note that is being sung; only the notes before it are asked for.

    The newest note is a memory of its own. Where does your slice end?
    """
    return filled(merged(line)[::-1], line[0], count)


def newest_included_and_too_few(line, count):
    """Your list begins with the note that is being sung, and is too short where few notes came.

    Only the notes before it are asked for, and always `count` of them.
    """
    return merged(line)[-count:][::-1]


def one_too_many(line, count):
    """Your list is one note too long.

    How many notes does `count` ask for? Where does your slice end?
    """
    return reference(line, count + 1)


def oldest_first(line, count):
    """Your notes come in the order of time; the last of them should come first.

    The nearest note should always stand at the same place. Is a reversal missing?
    """
    before = filled(merged(line)[:-1][::-1], line[0], count)
    return before[::-1]


def from_the_beginning(line, count):
    """You return the first notes of the line, in the order of time; the latest are asked for.

    Turn the list round before you cut it, not after.
    """
    return filled(merged(line)[:-1], line[0], count)


def too_few_left_short(line, count):
    """Your list is too short where there were not so many notes; repeat the first one there.

    The model needs the same number of memories in every frame. Fill up at the end.
    """
    return merged(line)[:-1][::-1][:count]


def filled_with_rests(line, count):
    """You fill up with rests where there were not so many notes; repeat the first note there.

    A rest would look like something that was sung, or not sung. Which note is always there?
    """
    return filled(merged(line)[:-1][::-1], -1, count)


def filled_with_the_newest(line, count):
    """Where there were not so many notes, you repeat the newest note; it should be the first.

    Time runs backwards in your list. Which note stands at its far end?
    """
    return filled(merged(line)[:-1][::-1], line[-1], count)


def filled_in_front(line, count):
    """You fill up in front, so the notes that were sung move to other places.

    The note before the newest must always come first. Where do the repetitions belong?
    """
    before = merged(line)[:-1][::-1][:count]
    return [line[0]] * (count - len(before)) + before


def rests_left_out(line, count):
    """You leave rests out; a rest stands between two notes like a note.

    Here a silence is part of what a voice did. Only repetitions are taken out.
    """
    sung = merged([pitch for pitch in line if pitch >= 0])
    return filled(sung[:-1][::-1], line[0], count)


def one_note_skipped(line, count):
    """You skip the note right before the newest one.

    Is the end cut off twice? Try a line of two notes.
    """
    return filled(merged(line)[:-2][::-1], line[0], count)


def first_note_lost(line, count):
    """The first note of the line is never listed as sung.

    It has nothing before it to be compared with, but it was sung. Where does your loop begin?
    """
    sung = merged(line)[1:] or line[:1]
    return filled(sung[:-1][::-1], sung[0], count)


def as_many_as_asked_for(result, line, count):
    """The list must hold exactly `count` notes, in every frame."""
    return len(result) == count


EXERCISE = Exercise(
    id="notes-before",
    notebook=10,
    place=3,
    title="The melody so far",
    kind="find the bug",
    difficulty=2,
    importance=3,
    minutes=10,
    why="A melody is a row of notes, not of frames; this is how the model gets to see it.",
    signature="notes_before(line: list[int], count: int) -> list[int]",
    statement=(
        "The function should return the `count` notes that a voice sang before the newest one, the "
        "last of them first. A pitch that is held over several frames is one note; a rest (-1) "
        "counts like a note. Where there were not so many, the first note of the line is repeated. "
        "On most lines it is right. Find the line where it is not, and mend it."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    properties=(as_many_as_asked_for,),
    mistakes=(
        each_pitch_once_where_it_was_last,
        held_notes_repeated,
        newest_included,
        newest_included_and_too_few,
        one_too_many,
        oldest_first,
        from_the_beginning,
        too_few_left_short,
        filled_with_rests,
        filled_with_the_newest,
        filled_in_front,
        rests_left_out,
        one_note_skipped,
        first_note_lost,
    ),
    hints=(
        "Sing C, D, C, E. Which three notes came before the E? What does the function say?",
        "Walk through the line. Keep a pitch if it differs from the one kept last. Take the newest "
        "off, turn the list round, add the first note often enough, and cut at `count`.",
        "`for pitch in line[1:]:` `if pitch != sung[...]:` `sung.append(...)`. The last two lines "
        "are right as they stand.",
    ),
    explain="Which kind of melody hides this bug, and which one shows it?",
)
