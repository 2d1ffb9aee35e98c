"""merge-ties: make one note of all heads that are tied."""

from collections import namedtuple

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import bwv_121_6, in_quarters

NOTE = """from collections import namedtuple

Note = namedtuple("Note", "onset duration pitch tie")"""
Note = namedtuple("Note", "onset duration pitch tie")
HELD = ("continue", "stop")


def probes(rng):
    """Yield one voice after another: chains of two to four heads, repeats, rests, and a bad tie."""
    pitch = rng.permutation(range(48, 80)).tolist()
    yield (heads(rng, pitch[:2], (2, 1)),)
    yield (heads(rng, [pitch[2], pitch[3], pitch[3], pitch[4]], (1, 3, 1, 2)),)
    yield (heads(rng, [pitch[5], pitch[5], pitch[6], pitch[7], pitch[7]], (2, 4, 1, 3, 2)),)
    torn = heads(rng, pitch[8:12], (2, 2, 1, 2))
    torn[3] = torn[3]._replace(pitch=torn[3].pitch + 2)
    yield (torn,)


def heads(rng, pitches, lengths):
    """Write notes as so many tied heads each, no two heads equally long; rests between pitches."""
    written, onset = [], float(rng.integers(0, 3))
    durations = iter(rng.permutation(range(1, 16)) / 4)
    for before, pitch, length in zip([None, *pitches], pitches, lengths, strict=False):
        onset += 0.5 * (before != pitch)  # repeated notes follow each other without a rest
        ties = ["start", *["continue"] * (length - 2), "stop"] if length > 1 else [None]
        for tie in ties:
            written.append(Note(onset, float(next(durations)), pitch, tie))
            onset += written[-1].duration
    return written


def use(answer, notes):
    """Merge; of a list that should be refused it only matters whether it is."""
    torn = any(
        one.tie in HELD and one.pitch != before.pitch
        for before, one in zip(notes, notes[1:], strict=False)
    )
    merged = answer(notes)
    return "no error" if torn else merged


def solution(notes):
    merged = []
    for note in notes:
        if note.tie in ("continue", "stop"):
            begun = merged.pop()
            if note.pitch != begun.pitch:
                raise ValueError(f"a tie leads from pitch {begun.pitch} to {note.pitch}")
            note = begun._replace(duration=begun.duration + note.duration)
        merged.append(note._replace(tie=None))
    return merged


def join(notes, joined, held=HELD):
    """Merge with one thing done otherwise: how two heads are joined, or which heads are held."""
    merged = []
    for note in notes:
        if note.tie in held:
            begun = merged.pop()
            if note.pitch != begun.pitch:
                raise ValueError("a tie between two pitches")
            note = joined(begun, note)
        merged.append(note)
    return merged


def added(begun, note):
    return begun._replace(duration=begun.duration + note.duration)


def untied(notes):
    return [note._replace(tie=None) for note in notes]


def ties_ignored(notes):
    """Every head became a note of its own: the ties are not looked at.

    Listen at the bar lines: the note is struck again there. See section 1.6.
    """
    return untied(notes)


def continue_dropped(notes):
    """A head in the middle of a chain is dropped, so a note over three bars comes out too short.

    A tie can say "continue", too. What happens to such a head in your code?
    """
    return untied(join([one for one in notes if one.tie != "continue"], added))


def continue_starts_anew(notes):
    """A head with "continue" begins a new note; only "stop" is joined to the head before it.

    There are three words for a tie besides None. Which of them say that the note began earlier?
    """
    return untied(join(notes, added, held=("stop",)))


def stop_starts_anew(notes):
    """The last head of a chain, with "stop", becomes a note of its own.

    Does "stop" mark a head that no longer belongs to the note, or the last one that does?
    """
    return untied(join(notes, added, held=("continue",)))


def held_heads_dropped(notes):
    """The tied heads are gone, and so is their time: each note is as short as its first head.

    The second head is no second note, but its duration still sounds. Where should it go?
    """
    return untied(join(notes, lambda begun, note: begun))


def duration_overwritten(notes):
    """A merged note lasts as long as its last head alone: the duration is replaced.

    How long do two tied quarters sound together?
    """
    return untied(join(notes, lambda begun, note: begun._replace(duration=note.duration)))


def end_for_duration(notes):
    """The duration of a merged note is the moment at which it ends, counted from the beginning.

    Onset and end are moments, a duration is the time between them.
    """
    return untied(
        join(notes, lambda begun, note: begun._replace(duration=note.onset + note.duration))
    )


def onset_of_the_last_head(notes):
    """A merged note begins where its last head begins, so it sounds too late.

    When does a singer begin a note that is written with two heads?
    """
    return untied(join(notes, lambda begun, note: added(begun, note)._replace(onset=note.onset)))


def merged_across_pitches(notes):
    """A tie that leads to another pitch is accepted without a word, and a note comes out wrong.

    Such a tie is a fault in the score. The statement says what to do with it.
    """
    try:
        return solution(notes)
    except ValueError:
        return []


def repeats_merged(notes):
    """Notes of the same pitch are merged even without a tie: a repeated note is sung only once.

    The same pitch twice in a row proves nothing, says section 1.6. What does tell?
    """
    merged = []
    for note in notes:
        repeats = merged and note.pitch == merged[-1].pitch
        merged.append(added(merged.pop(), note) if repeats else note)
    return untied(merged)


def only_pairs(notes):
    """Only two heads are ever joined; a chain of three or more leaves some of them over.

    Follow your code by hand through "start", "continue", "stop".
    """
    merged, place = [], 0
    while place < len(notes):
        pair = notes[place : place + 2]
        if pair[0].tie == "start":
            merged.append(join(pair, added)[0])
        else:
            merged.append(pair[0])
        place += 2 if pair[0].tie == "start" else 1
    return untied(merged)


def tie_left_on(notes):
    """The merged notes still carry "start", although nothing is tied to them any more.

    What should the tie of a whole note be?
    """
    return join(notes, added)


def stop_left_on(notes):
    """The merged notes still carry "stop", although nothing is tied to them any more.

    What should the tie of a whole note be?
    """
    return join(notes, lambda begun, note: added(begun, note)._replace(tie=note.tie))


def last_note_lost(notes):
    """The last note is missing.

    If you add a note once the next one begins, who adds the last?
    """
    return solution(notes)[:-1]


def untied_notes_lost(notes):
    """Only notes with a tie are returned; those with a single head are lost.

    Most notes of a chorale have no tie at all. Where does your code add them?
    """
    kept = [one for one in notes if one.tie]
    return solution(kept)


def input_changed(notes):
    """The result is right, but the list that you were given is no longer what it was.

    Somebody may still need the heads as they were written. Build a list of your own.
    """
    merged = solution(notes)
    notes[:] = merged
    return notes


def last_head_not_added(notes):
    """The time of a chain's last head is missing, so each tied note ends too early.

    "stop" says that the tie ends there. Does the head itself sound, too?
    """

    def joined(begun, note):
        return begun if note.tie == "stop" else added(begun, note)

    return untied(join(notes, joined))


def longest_head_alone(notes):
    """A merged note lasts as long as its longest head; the others add nothing.

    How long do two tied quarters sound together?
    """
    return untied(
        join(notes, lambda begun, note: begun._replace(duration=max(begun[1], note.duration)))
    )


def first_heads_dropped(notes):
    """Of each chain only the last head is left; where the note begins is lost.

    When does a singer begin a note that is written with two heads?
    """
    return untied([one for one in notes if one.tie in (None, "stop")])


def repeats_merged_bad_ties_refused(notes):
    """Notes of the same pitch are merged even without a tie: a repeated note is sung only once.

    The same pitch twice in a row proves nothing, says section 1.6. What does tell?
    """
    solution(notes)
    return repeats_merged(notes)


def careless(mistake):
    """Make the same mistake and, on top of it, refuse nothing."""

    def both(notes):
        try:
            return mistake(notes)
        except ValueError:
            return []

    both.__name__ = f"{mistake.__name__}_nothing_refused"
    both.__doc__ = f"{mistake.__doc__.rstrip()} And what if a tie leads to another pitch?\n"
    return both


def no_tie_is_left(result, notes):
    """A note that you return still carries a tie, though nothing is tied to it any more.

    What should the tie of a whole note be?
    """
    return all(one[3] is None for one in result)


def a_note_for_each_stroke(result, notes):
    """You return too many notes, or too few: one for each head that begins something.

    Count the heads that do not go on with another. Which of yours is one too many, or missing?
    """
    return len(result) == sum(one.tie not in HELD for one in notes)


def notes_begin_with_their_first_head(result, notes):
    """A note begins at another moment than its first head, or they are out of order.

    Which head of a chain says when the singer begins?
    """
    return [one[0] for one in result] == [one.onset for one in notes if one.tie not in HELD]


def no_time_is_lost(result, notes):
    """All your notes together last longer or shorter than the heads that you were given.

    Merging must neither add time nor lose any. Which duration is not what you expect?
    """
    return abs(sum(one[1] for one in result) - sum(one.duration for one in notes)) < 1e-6


def hear(answer):
    """Write three bars with a head in each bar, and play what the answer makes of them."""
    voices = []
    for line in bwv_121_6():
        written = []
        for first, length, pitch in line:
            cuts = [first, *[bar for bar in (16, 32) if first < bar < first + length]]
            ends = [*cuts[1:], first + length]
            ties = ["start", *["continue"] * (len(cuts) - 2), "stop"] if cuts[1:] else [None]
            for begin, end, tie in zip(cuts, ends, ties, strict=True):
                written.append(Note(begin / 4, (end - begin) / 4, pitch, tie))
        voices.append([note[:3] for note in answer(written)])
    return in_quarters(voices)


EXERCISE = Exercise(
    id="merge-ties",
    notebook=1,
    place=2,
    title="Two heads, one sound",
    kind="implement",
    difficulty=2,
    importance=5,
    minutes=15,
    why="A model that reads every head as a note learns to strike notes again at the bar lines.",
    signature="merge_ties(notes: list[Note]) -> list[Note]",
    statement=(
        "Make one note of all heads that are tied. `notes` are the heads of one voice in time "
        'order; onset and duration count in quarters, and `tie` is None, `"start"`, '
        '`"continue"` or `"stop"`. A merged note lasts as long as its heads together, and no note '
        "that you return carries a tie. Raise a `ValueError` where a tie leads to another pitch. "
        "Leave the list that you were given as it is."
    ),
    given=NOTE,
    reference=solution,
    solution=solution,
    probes=probes,
    use=use,
    properties=(
        no_tie_is_left,
        a_note_for_each_stroke,
        notes_begin_with_their_first_head,
        no_time_is_lost,
    ),
    mistakes=(
        ties_ignored,
        continue_dropped,
        continue_starts_anew,
        stop_starts_anew,
        held_heads_dropped,
        duration_overwritten,
        end_for_duration,
        onset_of_the_last_head,
        merged_across_pitches,
        repeats_merged,
        only_pairs,
        tie_left_on,
        stop_left_on,
        last_note_lost,
        untied_notes_lost,
        input_changed,
        last_head_not_added,
        longest_head_alone,
        first_heads_dropped,
        repeats_merged_bad_ties_refused,
        *map(
            careless,
            (
                continue_dropped,
                continue_starts_anew,
                held_heads_dropped,
                duration_overwritten,
                end_for_duration,
                onset_of_the_last_head,
                only_pairs,
                tie_left_on,
                stop_left_on,
                last_head_not_added,
                longest_head_alone,
            ),
        ),
    ),
    hints=(
        "Draw a note that runs through three bars. How many heads do you draw, and which word of "
        "the tie stands at each? Now draw how it sounds.",
        "Go through the heads, and keep a list of the notes so far. A head that only goes on with "
        "a note: take the last note off your list, make it longer, put it back. Any other head: "
        "add it. Check the two pitches before you join them.",
        "`if note.tie in (..., ...):` then `begun = merged.pop()`, compare the pitches, and "
        "`note = begun._replace(duration=...)`. In every case "
        "`merged.append(note._replace(tie=...))`.",
    ),
    explain="Why is the pitch alone not enough to find out which heads belong together?",
    hear=hear,
)
