"""A tune as text: note names with lengths, or ABC; and written so that it can be read again."""

import re
from dataclasses import replace

import numpy as np

from musiclab.errors import SettingError
from musiclab.music.chorale import FRAMES_PER_QUARTER, REST, VOICES, Chorale, frames_per_bar
from musiclab.music.keys import spell, tonic_pitch_class
from musiclab.music.metre import places_in_metres
from musiclab.music.notes import NoteSequence
from musiclab.music.parse import parse_apart
from musiclab.sampling.key_choice import read_key

MOST_CHARACTERS, MOST_FRAMES = 100_000, 20_000
TEMPO = 80.0  # quarters a minute, where nothing is said
FORMS = (
    'note names with lengths in quarters, "G4:1 A4:0.5 rest:1", ABC, "K:G G2 A B c2", or the path '
    "of a file"
)

_FIELD = re.compile(r"([A-Za-z]):\s*(.*)")
_SHORT = re.compile(  # a field that more may follow on its line
    r"([MLQK]):\s*(\S+(?:\s+(?:maj|min|ion|dor|phr|lyd|mix|aeo|loc)\w*)?)\s*", re.IGNORECASE
)
_NAME = re.compile(r"(~?)(?:([A-Ga-g])([#b-]?)([0-9])|rest)(?::(\d{1,4}(?:\.\d{1,6})?))?(!?)")
_CHANGE = re.compile(r"\[([MQ]):([^\s\]]{1,30})\]")
_BARLINE = re.compile(r"\|[|\]]?")
# What ABC may hold beside its notes: comments, chord symbols, decorations, fields, lines of words.
_ASIDE = re.compile(r'%.*|"[^"]*"|![^!]*!|\[[A-Za-z]:[^\]]*\]|^[A-Za-z]:.*$', re.MULTILINE)
_ABC = re.compile(r"[A-Ga-gxyzXZHLMOPSTuv0-9/',^_=|:()<>\[\]{}~.\-\s\\]*")


def read_tune(text: str) -> Chorale | NoteSequence | None:
    """Read a tune from text.

    Note names are a letter, "#" or "b", the octave (4 from middle C on) and, after a colon, the
    length in quarters; a length holds until another one stands. "rest" is silent, "~A4" goes on
    with the A4 before it, "A4!" is under a fermata, "|" is a barline; what comes before the first
    one may be shorter than a bar. Without any length, names in octaves 4 to 6 are quarters, and
    the rest is ABC. Before either may stand a metre, a tempo and a key: "M:3/4 Q:90 K:D minor".

    Args:
        text: Note names or ABC, with its header or without.

    Returns:
        Names as a chorale whose lower voices rest, ABC as notes; None if it is neither.

    Raises:
        SettingError: If a length, a metre or a key cannot be.
        ScoreError: If the ABC cannot be read.

    Example:
        >>> read_tune("K:G major G4:0.5 rest:0.25 A4").pitches[:, 0]
        array([67, 67, -1, 69])
    """
    if len(text) > MOST_CHARACTERS:
        raise SettingError(f"a tune is at most {MOST_CHARACTERS} characters, got {len(text)}")
    fields, body = _split(text)
    tokens = body.replace(",", " ").split()
    if _are_names(tokens) and not {"X", "L"} & {name for name, _ in fields}:
        return _from_names(dict(fields), tokens)
    notes = _ASIDE.sub("", body)
    if _ABC.fullmatch(notes) and re.search("[A-Ga-g]", notes):
        return _from_abc(fields, body)
    return None


def _split(text: str) -> tuple[list[tuple[str, str]], str]:
    """Part the fields at the head, such as "K:G", from the music after them."""
    fields, lines = [], text.strip().splitlines()
    is_one_line = len(lines) == 1
    while lines and (found := _FIELD.fullmatch(lines[0].strip())):
        name, value = found.groups()
        if "K" in dict(fields) and name not in "MLQT":  # a header ends with its key
            break
        short, rest = _SHORT.match(lines[0].strip()), ""
        if short and (is_one_line or _SHORT.match(found[0][short.end() :])):
            value, rest = short[2], found[0][short.end() :]
        fields.append((name, value))
        lines[:1] = [rest] if rest else []
    return fields, "\n".join(lines)


def _are_names(tokens: list[str]) -> bool:
    names = [found for token in tokens if (found := _NAME.fullmatch(token))]
    others = sum(bool(_BARLINE.fullmatch(one) or _CHANGE.fullmatch(one)) for one in tokens)
    if not names or len(names) + others < len(tokens):
        return False
    # "G4 A4" could also be ABC for two half notes, "G2 A2" names only for a bass.
    return any(name[5] for name in names) or all(
        not name[2] or (name[2].isupper() and name[4] in "456") for name in names
    )


def _from_names(fields: dict[str, str], tokens: list[str]) -> Chorale:
    metre = _metre(fields.get("M", "4/4"))
    barline, length = None, FRAMES_PER_QUARTER
    pitches, attacks, fermatas, metres, tempos = [], [], [], {}, {}
    for token in tokens:
        if changed := _CHANGE.fullmatch(token):
            if changed[1] == "Q":
                tempos[len(pitches)] = _tempo(changed[2])
            else:
                metres[len(pitches)] = _metre(changed[2])
        elif found := _NAME.fullmatch(token):
            tied, letter, sign, octave, asked, under = found.groups()
            length = _frames(token, asked) if asked else length
            if len(pitches) + length > MOST_FRAMES:
                raise SettingError(
                    f"a tune is at most {MOST_FRAMES} 16th notes long; give a part of it"
                )
            pitches += [_pitch(letter, sign, octave) if letter else REST] * length
            attacks += [not tied] + [False] * (length - 1)
            fermatas += [under == "!"] * length
        elif barline is None:
            barline = len(pitches)
    rows = np.full((len(pitches), len(VOICES)), REST)
    struck = np.zeros(rows.shape, dtype=bool)
    rows[:, 0], struck[:, 0] = pitches, attacks
    metre = metres.pop(0, metre)
    tempo = tempos.pop(0, _tempo(fields["Q"]) if "Q" in fields else TEMPO)
    pickup = barline if barline and barline < frames_per_bar(metre) else 0
    return Chorale(
        pitches=rows,
        attacks=struck,
        fermatas=np.array(fermatas),
        beats=places_in_metres(len(rows), pickup, metre, tuple(metres.items())),
        key=_key(fields["K"]) if "K" in fields else "",
        time_signature=metre,
        metre_changes=tuple(metres.items()),
        tempo=tempo,
        tempo_changes=tuple(tempos.items()),
        title=fields.get("T", ""),
    )


def _frames(token: str, quarters: str) -> int:
    length = float(quarters) * FRAMES_PER_QUARTER
    if length % 1 or not length:
        raise SettingError(
            f"{token!r:.40} does not last a whole number of 16th notes; lengths are in quarters, "
            "such as 1, 0.5, 0.25 or 1.5"
        )
    return int(length)


def _pitch(letter: str, sign: str, octave: str) -> int:
    # B# belongs to the octave of its letter, so that the sign is added last.
    alteration = {"#": 1, "b": -1, "-": -1, "": 0}[sign]
    return tonic_pitch_class(letter.upper()) + alteration + 12 * (int(octave) + 1)


def _metre(text: str) -> str:
    return {"C": "4/4", "C|": "2/2"}.get(text, text)


def _tempo(text: str) -> float:
    """Read "90" or "1/4=90"."""
    try:
        return float(text.removeprefix("1/4="))
    except ValueError:
        raise SettingError(
            f"a tempo is quarters a minute, such as Q:90, got {text!r:.60}"
        ) from None


def _key(text: str) -> str:
    """Read a key as ``read_key`` does, or as in ABC: "G", "Em"."""
    if re.fullmatch(r"[A-G][#b]?m?", text):
        text = text.removesuffix("m") + (" minor" if text.endswith("m") else " major")
    return read_key(text)


def _from_abc(fields: list[tuple[str, str]], body: str) -> NoteSequence:
    """Let the reader of files read it, with a header that says what ABC takes for granted."""
    known = {name for name, _ in fields}
    taken = [("X", "1"), ("M", "4/4"), ("K", "C")]
    head = [*fields, *(field for field in taken if field[0] not in known)]
    head.sort(key=lambda field: {"X": 0, "K": 2}.get(field[0], 1))
    text = "\n".join([*(f"{name}:{value}" for name, value in head), body, ""])
    notes = parse_apart(text.encode(), "abc", "notes", name="the tune")
    return notes if "K" in known else replace(notes, key="")


def write_tune(tune: Chorale) -> str:
    """Write a melody as note names that ``read_tune`` reads.

    Example:
        >>> print(write_tune(read_tune("M:3/4 K:G D4:1 | G4:2 B4:0.5 G4")))
        M:3/4
        Q:80
        K:G major
        D4:1 | G4:2 B4:0.5 G4
    """
    head = [f"T:{tune.title}"] if tune.title else []
    head += [f"M:{tune.time_signature}", f"Q:{_plain(tune.tempo)}"]
    head += [f"K:{tune.key}"] if tune.key else []
    changes = [(frame, f"[M:{metre}]") for frame, metre in tune.metre_changes]
    changes += [(frame, f"[Q:{_plain(tempo)}]") for frame, tempo in tune.tempo_changes]
    if len(tune) and tune.beats[0]:
        changes += [(int(tune.frames_per_bar - tune.beats[0]), "|")]
    pitches, attacks = tune.pitches[:, 0], tune.attacks[:, 0]
    begins = attacks | np.append(True, np.diff(pitches) != 0)
    # A note is cut in two where something changes under it.
    begins[[frame for frame, _ in changes if frame < len(tune)]] = True
    starts = np.flatnonzero(begins)
    tokens, before = changes, None
    for first, last in zip(starts, [*starts[1:], len(tune)], strict=True):
        name = "rest"
        if pitches[first] != REST:
            letter, octave = spell(int(pitches[first]), 0)
            name = f"{'' if attacks[first] else '~'}{letter}{octave}"
        length = f":{(last - first) / FRAMES_PER_QUARTER:g}"
        under = "!" if tune.fermatas[first] else ""
        tokens.append((int(first), f"{name}{length if length != before else ''}{under}"))
        before = length
    tokens.sort(key=lambda one: one[0])  # a change stands before the note that begins with it
    return "\n".join([*head, " ".join(token for _, token in tokens)])


def _plain(tempo: float | int) -> str:
    return repr(tempo).removesuffix(".0")
