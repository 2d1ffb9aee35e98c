"""The values that note events can take: steps, durations, velocities, tempos and metres."""

from bisect import bisect_left
from collections.abc import Sequence

from musiclab.errors import TokenError

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
