"""Chorales and notes as plain JSON, so that two processes can pass music without pickles."""

import json
from dataclasses import astuple, fields

import numpy as np

from musiclab.music.chorale import Chorale
from musiclab.music.notes import Note, NoteSequence


def to_json(music: Chorale | NoteSequence) -> str:
    """Write music as JSON.

    Example:
        >>> chorale = Chorale(pitches=np.full((3, 4), 60), title="Nun danket")
        >>> from_json(to_json(chorale)) == chorale
        True
    """
    values = {one.name: getattr(music, one.name) for one in fields(music)}
    if isinstance(music, Chorale):
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()}
        return json.dumps({"type": "chorale", **plain})
    values["notes"] = [astuple(note) for note in music.notes]
    return json.dumps({"type": "notes", **values})


def from_json(text: str) -> Chorale | NoteSequence:
    """Read music back from JSON; everything is checked anew."""
    values = json.loads(text)
    kind = values.pop("type")
    values["notices"] = tuple(values["notices"])
    if kind == "chorale":
        values["pitches"] = np.array(values["pitches"], dtype=np.int64).reshape(-1, 4)
        values["attacks"] = np.array(values["attacks"], dtype=bool).reshape(-1, 4)
        values["fermatas"] = np.array(values["fermatas"], dtype=bool)
        values["beats"] = np.array(values["beats"], dtype=np.int64)
        return Chorale(**values)
    names = [one.name for one in fields(Note)]
    values["notes"] = tuple(Note(**dict(zip(names, v, strict=True))) for v in values["notes"])
    values["time_signatures"] = tuple((onset, text) for onset, text in values["time_signatures"])
    values["part_names"] = tuple(values["part_names"])
    return NoteSequence(**values)
