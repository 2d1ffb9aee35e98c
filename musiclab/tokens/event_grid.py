"""The grid of note events: which values have a token, and how music is moved onto it."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from math import floor

from musiclab.errors import TokenError
from musiclab.music.metre import bar_as_pickup, pickup_as_bar
from musiclab.music.notes import Note, NoteSequence

STEPS_PER_QUARTER = (12, 24)
DRUMS = "drums"  # stands where a program would: the pitch of such a note names a drum
LONGEST_BAR = 8  # quarters

VELOCITIES = (*range(4, 128, 4), 127)

# The marks of a metronome, which grow by about 4 % each, as far as anybody plays.
TEMPOS = (
    *range(20, 60, 2),
    *range(60, 72, 3),
    *range(72, 120, 4),
    *range(120, 144, 6),
    *range(144, 241, 8),
)

# Name -> length of a bar in quarters.
METRES = {
    f"{count}/{unit}": count * 4 / unit
    for unit in (2, 4, 8, 16)
    for count in range(1, 17)
    if count * 4 <= LONGEST_BAR * unit
}

SAME = 1e-6  # quarters; what lies closer than this is the same moment
Changes = tuple[tuple[float, str], ...]


def durations(steps_per_quarter: int) -> tuple[int, ...]:
    """List the durations that have a token, in steps.

    The longer a note, the coarser the choice, as the ear has it: every step up to a quarter, every
    16th and triplet up to a whole note, then halves of a quarter up to 16 and quarters up to 32.

    Example:
        >>> durations(12)[10:20]
        (11, 12, 15, 16, 18, 20, 21, 24, 27, 28)
        >>> len(durations(12)), durations(12)[-1] / 12
        (70, 32.0)
    """
    quarter = steps_per_quarter
    # (unit, longest), both in steps
    rules = [
        (1, quarter),
        (quarter // 4, 4 * quarter),
        (quarter // 3, 4 * quarter),
        (quarter // 2, 16 * quarter),
        (quarter, 32 * quarter),
    ]
    return tuple(sorted({step for unit, last in rules for step in range(unit, last + 1, unit)}))


def nearest(table: Sequence[int], value: int | float) -> int:
    """Find the entry of a rising ``table`` closest to ``value``; of two equally close, the smaller.

    Example:
        >>> nearest(VELOCITIES, 79), nearest(VELOCITIES, 78), nearest(TEMPOS, 1000)
        (80, 76, 240)
    """
    place = bisect_left(table, value)
    around = table[max(place - 1, 0) : place + 1]
    return min(around, key=lambda entry: abs(entry - value))


def nearest_metre(time_signature: str) -> str:
    """Find the metre with a token whose bar is closest in length, of those the closest in kind.

    Raises:
        TokenError: If the text is no time signature.

    Example:
        >>> nearest_metre("3/4"), nearest_metre("12/32"), nearest_metre("9/4")
        ('3/4', '6/16', '8/4')
    """
    if time_signature in METRES:
        return time_signature
    try:
        count, unit = (int(part) for part in time_signature.split("/"))
        quarters = count * 4 / unit
    except (ValueError, ZeroDivisionError):
        count = unit = quarters = 0
    if count < 1 or unit < 1:
        raise TokenError(f'write a time signature like "4/4", got {time_signature!r}')

    def distance(metre: str) -> tuple[float, int, int]:
        other_count, other_unit = (int(part) for part in metre.split("/"))
        return abs(METRES[metre] - quarters), abs(other_unit - unit), abs(other_count - count)

    return min(METRES, key=distance)


def quantise(music: NoteSequence, steps_per_quarter: int) -> NoteSequence:
    """Move every value to the nearest that has a token, and keep only what tokens can say.

    Returns:
        New music: one part for each instrument, in the order of their programs, drums last;
        changes of metre at the nearest barline; the first tempo alone; no key, title or names.

    Raises:
        TokenError: If a time signature cannot be read.
    """
    table = durations(steps_per_quarter)
    notes = [quantise_note(note, steps_per_quarter, table) for note in music.notes]
    bars = pickup_as_bar(music.time_signatures, music.pickup)
    metres, pickup = bar_as_pickup(metres_on_barlines(bars, steps_per_quarter))
    return NoteSequence(
        notes=one_part_an_instrument(notes),
        tempo=float(nearest(TEMPOS, music.tempo)),
        time_signatures=metres,
        pickup=pickup,
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
    return tuple(replace(note, part=part_of[note.is_drum, note.program], voice=0) for note in notes)


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
    if music.tempo_changes:
        raise TokenError("no token for a change of tempo; encode with quantise=True to keep one")
    bars = pickup_as_bar(music.time_signatures, music.pickup)
    moved = set(metres_on_barlines(bars, steps_per_quarter))
    before = ""
    for onset, metre in sorted(bars, key=lambda change: change[0]):
        step = round(onset * steps_per_quarter)
        on_step = abs(onset * steps_per_quarter - step) <= SAME
        # A metre given twice in a row changes nothing.
        if metre != before and not (on_step and (step / steps_per_quarter, metre) in moved):
            raise TokenError(
                f"no token for a change to {metre} at quarter {onset}: "
                f"the metre is unknown or no barline stands there; {remedy}"
            )
        before = metre
