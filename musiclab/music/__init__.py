"""Scores, chorales and MIDI: the only part of musiclab that knows music21 and pretty_midi."""

from musiclab._lazy import lazy

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Chorale": ".chorale",
        "REST": ".chorale",
        "VOICES": ".chorale",
        "Note": ".notes",
        "NoteSequence": ".notes",
        "chorale_from_score": ".from_score",
        "midi_bytes": ".to_midi",
        "midi_from_chorale": ".to_midi",
        "midi_from_notes": ".to_midi",
        "notes_from_midi": ".from_midi",
        "read_chorale": ".read",
        "read_notes": ".read",
        "score_from_chorale": ".to_score",
        "write": ".export",
    },
)
