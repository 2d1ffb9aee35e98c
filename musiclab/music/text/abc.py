"""ABC: a tune as letters. Fields say who and how; a tunebook holds many tunes, a tune many voices.

Source:
    Walshaw and others (2011), "The ABC Music Standard 2.1", abcnotation.com.
"""

import re
from dataclasses import replace
from typing import Any

from musiclab.music.guards.limits import check_size
from musiclab.music.text.abc_setting import Setting
from musiclab.music.text.abc_voice import Voice
from musiclab.music.text.bars import part_from_bars

_NUMBER = re.compile(r"^X:\s*(\S*).*$", re.MULTILINE)
_FIELD = re.compile(r"([A-Za-z]):(.*)")
_VOICE = re.compile(r"\s*(\S+)\s*(.*)")
_VOICE_SIGN = re.compile(r"\[V:([^\]]*)\]")
_NAME = re.compile(r'\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))')


def split_abc(text: str) -> list[str]:
    """Cut a tunebook into its tunes; what stands before the first belongs to them all."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    head, *tunes = re.split(r"^(?=X:)", text, flags=re.MULTILINE)
    fields = "\n".join(line for line in head.splitlines() if line[:2] in ("M:", "L:", "Q:"))
    return [tune.replace("\n", f"\n{fields}\n", 1) for tune in tunes] or [text]


def number_and_title(tune: str) -> tuple[str, str]:
    """Read what a tunebook calls a tune: "3" and "The Blackbird"."""
    number, title = _NUMBER.search(tune), re.search(r"^T:\s*(.*?)\s*$", tune, re.MULTILINE)
    return number[1] if number else "", title[1] if title else ""


def score_from_abc(text: str, name: str) -> tuple[Any, list[str]]:
    r"""Read one tune; a header is not needed.

    Returns:
        A music21 score, a part a voice; and what was not understood, in sentences.

    Raises:
        ScoreError: If a note is longer or higher than any real one. It calls the file ``name``.

    Example:
        >>> score, _ = score_from_abc("L:1/4\nK:G\nG A B c|d4|", "'tune'")
        >>> [note.nameWithOctave for note in score.recurse().notes]
        ['G4', 'A4', 'B4', 'C5', 'D5']
    """
    from music21 import metadata, stream

    music = re.sub(r'(?m)^[A-Za-z]:.*|%.*|"[^"\n]*"', "", text)
    check_size(name, notes=len(re.findall("[A-Ga-g]", music)))
    reader = _Reader(name)
    for line in text.splitlines():
        reader.read_line(line)
    voices = [voice for voice in reader.voices.values() if voice.close()]
    score = stream.Score()
    score.metadata = metadata.Metadata()
    score.metadata.title = number_and_title(text)[1] or None
    for voice in voices or [Voice(name, "", Setting())]:  # even without a note there is a part
        score.insert(0, part_from_bars(voice.bars, voice.name, name))
    return score, _sentences(voices, reader.order)


class _Reader:
    """Deal the lines of a tune to its voices."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.start = Setting()  # what every voice begins with
        self.voices: dict[str, Voice] = {}
        self.current: Voice | None = None
        self.in_header = True
        self.order = ""  # of the parts of the tune, "" where the text says none

    def read_line(self, line: str) -> None:
        """Read a field, a comment or music."""
        line = re.sub(r"(?<!\\)%.*", "", line).rstrip().removesuffix("\\")
        field = _FIELD.match(line)
        if field:
            self._read_field(field[1], field[2].strip())
        elif line.strip():
            self.in_header = False
            for number, piece in enumerate(_VOICE_SIGN.split(line)):
                if number % 2:
                    self._enter(piece)
                elif piece.strip():
                    self._voice().read(piece)

    def _read_field(self, letter: str, value: str) -> None:
        if letter == "V":
            self._enter(value)
        elif letter == "P" and self.in_header:
            self.order = value
        elif self.in_header:
            self.start = self.start.changed(letter, value)
            for voice in self.voices.values():  # named before the key
                voice.setting = replace(self.start, shift=voice.setting.shift)
            self.in_header = letter != "K"
        elif letter in "KMLQ":
            self._voice().change(letter, value)

    def _enter(self, value: str) -> None:
        """Go to a voice, which its first mention makes."""
        found = _VOICE.match(value)
        if not found or found[1] == "*":
            return
        if found[1] not in self.voices:
            named = _NAME.search(found[2])
            name = (named[1] or named[2]) if named else "" if found[1].isdecimal() else found[1]
            self.voices[found[1]] = Voice(self.file, name, self.start.changed("V", found[2]))
        self.current = self.voices[found[1]]

    def _voice(self) -> Voice:
        """Return the voice that is being written; one without a name where none was mentioned."""
        if self.current is None:
            self._enter("1")
        assert self.current
        return self.current


def _sentences(voices: list[Voice], order: str) -> list[str]:
    """Tell what was passed over."""
    fields = dict.fromkeys(sign for voice in voices for sign in voice.setting.unread)
    unread = [*fields, *(sign for voice in voices for sign in voice.unread)]
    told = []
    if len(order) > 1 and len(set(order)) < len(order):
        told.append(f"the order of parts {order:.60} is not played")
    if unread:
        words = "sign was" if len(unread) == 1 else "signs were"
        told.append(
            f"{len(unread)} ABC {words} not understood and left out; the first is {unread[0]!r:.22}"
        )
    return told
