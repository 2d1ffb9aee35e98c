"""Move music onto the grid of note events: the nearest step, duration, velocity, tempo, metre."""

from dataclasses import replace
from math import floor

from musiclab.errors import TokenError
from musiclab.music.notes import Note, NoteSequence
from musiclab.tokens.event_values import (
    METRES,
    TEMPOS,
    VELOCITIES,
    durations,
    nearest,
    nearest_metre,
)

SAME = 1e-6  # quarters; what lies closer than this is the same moment
Changes = tuple[tuple[float, str], ...]


def quantise(music: NoteSequence, steps_per_quarter: int) -> NoteSequence:
    """Move every value to the nearest that has a token, and keep only what tokens can say.

    Args:
        music: Any music.
        steps_per_quarter: How many places a quarter note has.

    Returns:
        New music: one part for each instrument, in the order of their programs, drums last;
        changes of metre at the nearest barline; no title and no names.

    Raises:
        TokenError: If a time signature cannot be read.
    """
    table = durations(steps_per_quarter)
    notes = [quantise_note(note, steps_per_quarter, table) for note in music.notes]
    return NoteSequence(
        notes=one_part_an_instrument(notes),
        tempo=float(nearest(TEMPOS, music.tempo)),
        time_signatures=metres_on_barlines(music.time_signatures, steps_per_quarter),
    )


def quantise_note(note: Note, steps_per_quarter: int, table: tuple[int, ...]) -> Note:
    """Move a note to the nearest place, velocity, and duration in ``table``.

    Drums lose their program, since the pitch alone tells one drum from another.
    """
    steps = nearest(table, note.duration * steps_per_quarter)
    return replace(
        note,
        onset=floor(note.onset * steps_per_quarter + 0.5) / steps_per_quarter,
        duration=steps / steps_per_quarter,
        velocity=nearest(VELOCITIES, note.velocity),
        program=0 if note.is_drum else note.program,
    )


def one_part_an_instrument(notes: list[Note]) -> tuple[Note, ...]:
    """Number the parts by instrument: programs in order, then the drums."""
    instruments = sorted({(note.is_drum, note.program) for note in notes})
    part_of = {instrument: part for part, instrument in enumerate(instruments)}
    return tuple(replace(note, part=part_of[note.is_drum, note.program]) for note in notes)


def metres_on_barlines(changes: Changes, steps_per_quarter: int) -> Changes:
    """Move each change of metre to the nearest barline of the metre before it."""
    kept = [(0, "4/4")]  # the onset in steps, the metre
    for onset, time_signature in sorted(changes, key=lambda change: change[0]):
        metre = nearest_metre(time_signature)
        start, before = kept[-1]
        bar = round(METRES[before] * steps_per_quarter)
        step = start + bar * floor((onset * steps_per_quarter - start) / bar + 0.5)
        if step <= start:  # the metre before lasts less than half a bar: it never was
            kept.pop()
            step = start
        if not kept or kept[-1][1] != metre:
            kept.append((step, metre))
    return tuple((step / steps_per_quarter, metre) for step, metre in kept)


def refuse_changes(music: NoteSequence, steps_per_quarter: int) -> None:
    """Refuse music that lies off the grid.

    Raises:
        TokenError: Naming the first value that has no token, and the remedy.
    """
    remedy = "encode with quantise=True to move it to the nearest"
    table = durations(steps_per_quarter)
    for note in music.notes:
        moved = quantise_note(note, steps_per_quarter, table)
        for name in ("onset", "duration", "velocity", "program"):
            value, close = getattr(note, name), getattr(moved, name)
            if abs(value - close) > SAME:
                raise TokenError(f"no token for the {name} of {note}; {remedy}, {close}")
    if abs(music.tempo - nearest(TEMPOS, music.tempo)) > SAME:
        raise TokenError(
            f"no token for a tempo of {music.tempo}; {remedy}, {nearest(TEMPOS, music.tempo)}"
        )
    moved = set(metres_on_barlines(music.time_signatures, steps_per_quarter))
    before = ""
    for onset, metre in sorted(music.time_signatures, key=lambda change: change[0]):
        step = round(onset * steps_per_quarter)
        on_step = abs(onset * steps_per_quarter - step) <= SAME
        # A metre given twice in a row changes nothing.
        if metre != before and not (on_step and (step / steps_per_quarter, metre) in moved):
            raise TokenError(
                f"no token for a change to {metre} at quarter {onset}: "
                f"the metre is unknown or no barline stands there; {remedy}"
            )
        before = metre
