"""A sequence of notes, of at most four at once, becomes voices on the grid of 16th notes."""

from collections import Counter, defaultdict

import numpy as np

from musiclab.errors import ScoreError
from musiclab.music.chorale import REST, VOICES, Chorale
from musiclab.music.heads import Head, mean_pitch
from musiclab.music.metre import nearest_frame, on_frames, places_in_metres
from musiclab.music.notes import Note, NoteSequence
from musiclab.music.score_facts import sentences
from musiclab.music.voice_line import paint

# Where one, two, three or four lines stand: the highest is the soprano, the last of several the
# bass.
_PLACES = ((), (0,), (0, 3), (0, 1, 3), (0, 1, 2, 3))
_SAME = 1e-6  # quarters


def chorale_from_notes(music: NoteSequence) -> Chorale:
    """Lay notes out as four voices: each voice of each part a line, else by height.

    Returns:
        The chorale. Voices that are not needed rest; ``left_out`` tells what was moved.

    Raises:
        ScoreError: If more than four notes sound at once.

    Example:
        >>> notes = (Note(onset=0, duration=1, pitch=72), Note(onset=1, duration=1, pitch=74))
        >>> chorale_from_notes(NoteSequence(notes=notes, pickup=1)).beats.tolist()
        [12, 13, 14, 15, 0, 1, 2, 3]
    """
    told: Counter[str] = Counter()
    tuned = [note for note in music.notes if not note.is_drum]
    told["unpitched"] = len(music.notes) - len(tuned)
    lines = _by_voice(tuned) or _by_height(tuned)
    lines.sort(key=lambda line: mean_pitch(line) or 0.0, reverse=True)
    columns = dict(zip(_PLACES[len(lines)], lines, strict=True))
    painted = {
        voice: paint(line, lowest=voice == len(VOICES) - 1, told=told)
        for voice, line in columns.items()
    }
    n_frames = max((len(line.pitches) for line in painted.values()), default=0)
    pitches = np.full((n_frames, len(VOICES)), REST)
    attacks = np.zeros(pitches.shape, dtype=bool)
    for voice, line in painted.items():
        pitches[: len(line.pitches), voice] = line.pitches
        attacks[: len(line.attacks), voice] = line.attacks
    (_, metre), *metre_changes = music.time_signatures
    changes = on_frames(metre_changes, n_frames)
    return Chorale(
        pitches=pitches,
        attacks=attacks,
        beats=places_in_metres(n_frames, nearest_frame(music.pickup), metre, changes),
        key=music.key,
        time_signature=metre,
        metre_changes=changes,
        title=music.title,
        tempo=music.tempo,
        tempo_changes=on_frames(music.tempo_changes, n_frames),
        source=music.source,
        left_out=(*music.left_out, *sentences(told)),
    )


def _by_voice(notes: list[Note]) -> list[list[Head]]:
    """Take each voice of each part as a line; none if they are too many or one has chords."""
    lines: dict[tuple[int, int], list[Head]] = defaultdict(list)
    for note in notes:
        line = lines[note.part, note.voice]
        if line and line[-1].end > note.onset + _SAME:
            return []
        line.append(Head(float(note.onset), float(note.onset + note.duration), note.pitch))
    return list(lines.values()) if len(lines) <= len(VOICES) else []


def _by_height(notes: list[Note]) -> list[list[Head]]:
    """Give each note to the first line that is free, the highest of a chord first."""
    lines: list[list[Head]] = [[] for _ in VOICES]
    for note in sorted(notes, key=lambda note: (note.onset, -note.pitch)):
        free = [line for line in lines if not line or line[-1].end <= note.onset + _SAME]
        if not free:
            raise ScoreError(
                f"at quarter {note.onset:g} more than {len(VOICES)} notes sound at once, and only "
                f"{len(VOICES)} can be written or drawn; hear it with Sound, or choose some parts"
            )
        free[0].append(Head(float(note.onset), float(note.onset + note.duration), note.pitch))
    return [line for line in lines if line]
