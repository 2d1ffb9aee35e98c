"""Fit a melody to a choir and to its metre: transpose it, count its bars anew."""

from dataclasses import replace
from typing import no_type_check

import numpy as np

from musiclab.checks import check_whole
from musiclab.errors import ScoreError, SettingError
from musiclab.music.chorale import COMFORTABLE, REST, Chorale, frames_per_bar
from musiclab.music.keys import spell

LOWEST, HIGHEST = 57, 81  # the lowest and the highest note of Bach's 376 melodies
WAYS = {"octave": 12, "fit": 1}  # of transposing, in semitones a step


@no_type_check  # it checks its argument itself
def sung(tune: Chorale, transpose: str | int | None) -> tuple[Chorale, int]:
    """Move a melody to where sopranos sing.

    Args:
        tune: The melody.
        transpose: "octave" moves it by as few octaves as possible, "fit" by as few semitones; a
            number of semitones moves it by so many; None leaves it where it is.

    Returns:
        The melody, and by how many semitones it was moved.

    Raises:
        SettingError: If it is out of reach all the same.

    Example:
        >>> low = Chorale(pitches=np.array([[52, -1, -1, -1]]))
        >>> sung(low, "octave")[1], sung(low, "fit")[1]
        (12, 8)
    """
    notes = tune.pitches[tune.pitches != REST]
    lowest, highest = int(notes.min()), int(notes.max())
    shift = transpose or 0
    if isinstance(transpose, str):
        if transpose not in WAYS:
            raise SettingError(
                f'transpose must be "octave", "fit" or a number of semitones, got {transpose!r:.60}'
            )
        step = WAYS[transpose]
        shifts = sorted(range(-120, 121, step), key=abs)
        within = [
            shift
            for low, high in (COMFORTABLE[0], (LOWEST, HIGHEST))
            for shift in shifts
            if low <= lowest + shift and highest + shift <= high
        ]
        shift = within[0] if within else 0
    else:
        check_whole("transpose", shift, lowest=-120, highest=120, remedy="it counts semitones")
    if not LOWEST <= lowest + shift <= highest + shift <= HIGHEST:
        names = ["".join(map(str, spell(one, 0))) for one in (lowest, highest, LOWEST, HIGHEST)]
        ways = "" if transpose == "octave" else 'transpose="octave", '
        remedy = f'say {ways}transpose="fit" or a number of semitones'
        if highest - lowest > HIGHEST - LOWEST:
            remedy = "give a part of it that spans two octaves at most"
        moved = f", moved by {shift} semitones," if shift else ""
        raise SettingError(
            f"the melody goes from {names[0]} to {names[1]}{moved} and sopranos sing from "
            f"{names[2]} to {names[3]}; {remedy}"
        )
    return tune.transpose(shift), shift


def in_metre(tune: Chorale, time_signature: str | None, pickup: int | None) -> Chorale:
    """Count a melody's bars anew: in another metre, or after another pickup (in frames)."""
    if time_signature is None and pickup is None:
        return tune
    metre = tune.time_signature if time_signature is None else time_signature
    try:
        bar = frames_per_bar(metre)
    except ScoreError as error:
        raise SettingError(str(error)) from None
    if pickup is None:
        pickup = int(-tune.beats[0] % tune.frames_per_bar) % bar
    limits = {"lowest": 0, "highest": bar - 1}
    check_whole("pickup", pickup, **limits, remedy="it is counted in 16th notes")
    beats = (np.arange(len(tune)) - pickup) % bar
    return replace(tune, time_signature=metre, metre_changes=(), beats=beats)
