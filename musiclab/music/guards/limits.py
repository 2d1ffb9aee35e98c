"""How large a piece may be: none of some 1,200 real files measured comes near these limits."""

from musiclab.errors import ScoreError

MAX_FILE_BYTES = 10_000_000
MAX_UNPACKED_BYTES = 32_000_000  # of a compressed .mxl
MAX_PACKING_RATIO = 200  # unpacked over packed; real files stay below 55
MAX_NOTES = 50_000  # the longest piano performance measured has 20,450
MAX_QUARTERS = 20_000.0  # five hours at a walking pace
MAX_SECONDS = 7_200.0  # two hours
MAX_BEATS = 255  # of a bar, which MIDI can say
SLOWEST, FASTEST = 3.58, 10_000.0  # quarters a minute that MIDI can say
MAX_PARTS = 256  # or tracks
MAX_REPEAT_TIMES = 16  # of one repeat sign
MAX_REPEAT_GROWTH = 4.0  # played length over written length
MAX_SCORE_SECONDS = 10.0  # of computing, to understand one score
MAX_SCORE_WAIT = 60.0  # seconds by the clock, for the same on a busy machine
PATIENT_BYTES = 250_000  # for so many of a file, both once more
MAX_PATIENCE = 6.0  # times the two
MAX_SCORE_MEMORY = 1_000_000_000  # bytes, for the same


def check_size(
    name: str, *, notes: int = 0, quarters: float = 0.0, seconds: float = 0.0, parts: int = 0
) -> None:
    """Refuse a piece that is far larger than any real one.

    Raises:
        ScoreError: If a number is above its limit (or not a number at all).

    Example:
        >>> check_size("'b'", parts=300)
        Traceback (most recent call last):
        musiclab.errors.ScoreError: 'b' has 300 parts, more than the limit of 256; cut it smaller
    """
    for got, limit, unit in (
        (notes, MAX_NOTES, "notes"),
        (quarters, MAX_QUARTERS, "quarter notes"),
        (seconds, MAX_SECONDS, "seconds"),
        (parts, MAX_PARTS, "parts"),
    ):
        if not got <= limit:  # this way round, "not a number" is refused too
            raise ScoreError(
                f"{name} has {got:,.0f} {unit}, more than the limit of {limit:,.0f}; cut it smaller"
            )
