"""A few bars by Bach in which mistakes can be heard, written out here so that nothing is parsed."""

from collections.abc import Iterable, Sequence

from musiclab.music.notes import Note, NoteSequence

Line = list[tuple[int, int, int]]  # notes as (first frame, length in frames, pitch)

# "pitch:frames" of soprano, alto, tenor and bass.
_BWV_66_6 = (  # the first three lines
    "73:2 71:2 69:4 71:4 73:4 76:4 73:4 71:4 69:4 73:4 69:2 71:2 68:4 66:4",
    "64:4 66:4 64:4 64:4 64:4 64:2 69:2 68:4 64:4 68:4 66:2 68:2 65:4 61:4",
    "57:2 59:2 61:4 59:4 57:4 59:4 57:2 64:2 64:2 62:2 61:4 61:4 61:2 62:2 61:2 59:2 57:4",
    "57:2 56:2 54:4 56:4 57:4 56:4 57:2 49:2 52:4 45:4 53:4 54:2 47:2 49:4 42:4",
)
_BWV_121_6 = (  # the last three bars; the soprano holds one note
    "66:48",
    "62:2 64:2 66:8 68:2 70:2 71:20 70:2 68:2 70:8",
    "59:2 54:2 59:6 58:2 59:2 61:2 62:20 61:2 59:2 61:8",
    "47:2 49:2 50:2 52:2 54:6 52:2 50:2 49:2 47:2 46:2 47:2 50:2 49:2 47:2 54:8 42:8",
)
TEMPO = 96.0  # quarters a minute
_MAX_QUARTERS = 16  # 10 seconds


def bwv_66_6() -> list[Line]:
    """The first three lines of the chorale, as a list of notes for each voice."""
    return [_line(text) for text in _BWV_66_6]


def bwv_121_6() -> list[Line]:
    """The last three bars of the chorale, as a list of notes for each voice."""
    return [_line(text) for text in _BWV_121_6]


def _line(text: str) -> Line:
    notes, frame = [], 0
    for word in text.split():
        pitch, length = map(int, word.split(":"))
        notes.append((frame, length, pitch))
        frame += length
    return notes


def in_quarters(voices: Iterable[Iterable[Sequence[float]]], tempo: float = TEMPO) -> NoteSequence:
    """Make music of each voice's (onset, duration, pitch) in quarters; leave out what cannot sound.

    A learner's notes may be wrong in any way, and should be heard all the same.
    """
    notes = [
        Note(
            onset=onset, duration=min(duration, _MAX_QUARTERS - onset), pitch=int(pitch), part=part
        )
        for part, voice in enumerate(voices)
        for onset, duration, pitch in voice
        if 0 <= onset < _MAX_QUARTERS and duration > 0 and 0 <= pitch <= 127
    ]
    return NoteSequence(notes=tuple(notes), tempo=tempo)


def in_frames(voices: Iterable[Iterable[Sequence[float]]]) -> NoteSequence:
    """Make music of each voice's (first frame, length, pitch)."""
    return in_quarters([[(a / 4, length / 4, p) for a, length, p in voice] for voice in voices])
