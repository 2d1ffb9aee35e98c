"""Chorales and notes as plain data, so that two processes can pass music without pickles."""

from dataclasses import astuple, fields
from typing import Any

import numpy as np

from musiclab.music.chorale import VOICES, Chorale
from musiclab.music.notes import Note, NoteSequence


def to_dict(music: Chorale | NoteSequence) -> dict[str, Any]:
    """Write music as lists, numbers and texts that JSON can hold.

    Example:
        >>> chorale = Chorale(pitches=np.full((3, 4), 60), title="Nun danket")
        >>> from_dict(to_dict(chorale)) == chorale
        True
    """
    values = {one.name: getattr(music, one.name) for one in fields(music)}
    if isinstance(music, Chorale):
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()}
        return {"type": "chorale", **plain}
    return {"type": "notes", **values, "notes": [astuple(note) for note in music.notes]}


def from_dict(values: dict[str, Any]) -> Chorale | NoteSequence:
    """Read music back; everything is checked anew."""
    kind, values = values["type"], {k: v for k, v in values.items() if k != "type"}
    for name in ("left_out", "time_signatures", "metre_changes", "tempo_changes", "part_names"):
        if name in values:
            values[name] = tuples(values[name])
    if kind == "chorale":
        types = {"pitches": np.int64, "attacks": bool, "fermatas": bool, "beats": np.int64}
        arrays = {name: np.array(values[name], dtype=type_) for name, type_ in types.items()}
        for name in ("pitches", "attacks"):  # a piece without frames has four voices, too
            arrays[name] = arrays[name].reshape(-1, len(VOICES))
        return Chorale(**values | arrays)
    names = [one.name for one in fields(Note)]
    values["notes"] = tuple(Note(**dict(zip(names, v, strict=True))) for v in values["notes"])
    return NoteSequence(**values)


def tuples(rows: list[Any] | tuple[Any, ...]) -> tuple[Any, ...]:
    """Turn a list, and the lists in it, into tuples again."""
    return tuple(tuple(row) if isinstance(row, list) else row for row in rows)
