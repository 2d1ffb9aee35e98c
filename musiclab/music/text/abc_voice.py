"""One voice of an ABC tune: its letters become bars of notes."""

import re
from fractions import Fraction
from typing import Any

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import check_size
from musiclab.music.text.abc_setting import ALTERS, Setting
from musiclab.music.text.bars import Bar

_LENGTH = r"\d*/*\d*"
_NOTE = re.compile(rf"(\^\^?|__?|=|)([A-Ga-g])([',]*)({_LENGTH})(-?)")
_SIGN = re.compile(
    rf"""\[(?P<field>[A-Za-z]):(?P<value>[^\]]*)\]
    |(?P<bar>::+|:*(?:\[\||\|)[|:\]]*|:+\])\s*(?:\[(?=\d))?(?P<number>(?:\d[\d,-]*)?)
    |\[(?P<ending>\d[\d,-]*)
    |\{{(?P<grace>[^}}]*)\}}
    |\[(?P<chord>[^\]|]*)\](?P<times>{_LENGTH})
    |(?P<note>(?:\^\^?|__?|=)?[A-Ga-g][',]*{_LENGTH})
    |(?P<rest>[zxZX])(?P<silence>{_LENGTH})
    |\((?P<tuplet>[2-9])(?::(?P<into>\d?))?(?::(?P<count>\d?))?
    |(?P<dotted>>+|<+)
    |(?P<tie>-)
    |(?P<overlay>&)
    |!(?P<word>[^!\s|]+)!
    |\+(?P<old_word>[a-z.]+)\+
    |(?P<fermata>H)
    |"[\^_<>@]?(?P<text>[^"]*)"
    |y\d*|[\s()~.`*$\\I-WO-Wh-w]  # layout, slurs, ornaments
    |(?P<unread>.)""",
    re.VERBOSE,
)
_TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}  # so many notes in the time of so many
_DYNAMICS = ("pppp", "ppp", "pp", "p", "mp", "mf", "f", "ff", "fff", "ffff", "sfz")
_JUMPS = {"segno": "Segno", "coda": "Coda", "dacoda": "Coda", "fine": "Fine"}
_Place = tuple[str, int]  # a letter and its octave
_JUMPS |= {"D.C.": "DaCapo", "dacapo": "DaCapo", "D.S.": "DalSegno"}


class Voice:
    """Bars as they are written; ``read`` takes the music letter by letter."""

    def __init__(self, file: str, name: str, setting: Setting) -> None:
        self.file, self.name, self.setting = file, name, setting
        self.bars = [Bar()]
        self.unread: list[str] = []
        self._time = Fraction(0)  # from the last barline
        self._lane = 0  # which layer of the bar
        self._heads: list[tuple[_Place, Any]] = []  # of the note or chord before
        self._stretch = Fraction(1)  # of the next note, after > or <
        self._tuplet = (Fraction(1), 0)  # how much shorter, for how many notes more
        self._accidentals: dict[str, int] = {}  # in this bar, by the letter
        self._tied: dict[_Place, int] = {}  # notes held into what follows, as altered
        self._is_held = False  # whether a fermata waits for its note
        self._n_notes = 0

    def change(self, letter: str, value: str) -> None:
        """Obey a field among the notes."""
        self.setting = self.setting.changed(letter, value)
        if self._n_notes:  # else the first note says all that holds
            self._sign(*self.setting.signs(letter))

    def read(self, text: str) -> None:
        """Read a line of music.

        Raises:
            ScoreError: If a note is longer or higher than any real one.
        """
        for sign in _SIGN.finditer(text):
            found = {name: value for name, value in sign.groupdict().items() if value is not None}
            for kind in list(found)[:1]:  # the groups come in the order of the pattern
                getattr(self, f"_read_{kind}")(**found)

    def close(self) -> bool:
        """End the last bar; tell whether there was any note or rest."""
        self._read_bar("|")
        return self._n_notes > 0

    def _read_field(self, field: str, value: str) -> None:
        if field in "KMLQ":
            self.change(field, value.strip())

    def _read_bar(self, bar: str, number: str = "") -> None:
        """End a bar, and perhaps a repeat or an ending; ``number`` begins an ending."""
        if self.bars[-1].length:
            self.bars.append(Bar(self.bars[-1].begin + self.bars[-1].length))
        ends = re.match(r":*(?!$)|:", bar)  # of "::", one each way
        if len(self.bars) > 1:
            before = self.bars[-2]
            before.plays = max(before.plays, 1 + len(ends[0]))
            before.ends_ending |= len(bar) > 1
        self.bars[-1].starts_repeat |= bar.endswith(":")
        self.bars[-1].ending = number or self.bars[-1].ending
        self._time, self._lane, self._accidentals = Fraction(0), 0, {}

    def _read_ending(self, ending: str) -> None:
        self.bars[-1].ending = ending

    def _read_grace(self, grace: str) -> None:
        for found in _NOTE.finditer(grace):
            self._insert(self._note(found, {}).getGrace())

    def _read_note(self, note: str) -> None:
        self._add([_NOTE.fullmatch(note)], note)

    def _read_chord(self, chord: str, times: str) -> None:
        """Read notes struck together; the first says how long they are."""
        heads = list(_NOTE.finditer(re.sub(r'"[^"]*"|![^!]*!', "", chord)))
        self._add(heads, f"[{chord}]", _length(times, self.file))

    def _read_rest(self, rest: str, silence: str) -> None:
        """Read a rest: z and x of some length, Z and X of whole bars."""
        from music21 import note

        count = _length(silence, self.file)
        self._heads, self._tied = [], {}
        if rest in "zx":
            self._insert(note.Rest(), self._shortened(count * self.setting.quarters))
            return
        check_size(self.file, quarters=float(count * self.setting.bar))
        for number in range(int(count)):
            if number:
                self._read_bar("|")
            self._insert(note.Rest(), self.setting.bar)

    def _read_tuplet(self, tuplet: str, into: str = "", count: str = "") -> None:
        """Read "(3", which makes three notes as long as two, or "(p:q:r"."""
        is_compound = self.setting.metre in ("6/8", "9/8", "12/8")
        many = int(tuplet)
        usual = _TUPLETS.get(many, 3 if is_compound else 2)
        self._tuplet = Fraction(int(into or 0) or usual, many), int(count or 0) or many

    def _read_dotted(self, dotted: str) -> None:
        """Read > and <, which lend time from one note to the other."""
        if not self._heads:
            self.unread.append(dotted)
            return
        part = Fraction(1, 2 ** min(len(dotted), 4))
        first, self._stretch = (2 - part, part) if dotted[0] == ">" else (part, 2 - part)
        _, start, element = self.bars[-1].notes[-1]
        quarters = Fraction(element.duration.quarterLength) * first
        element.duration.quarterLength = quarters
        self._time = start
        self._advance(quarters)

    def _read_tie(self, tie: str) -> None:
        """Hold the last note, or all of the last chord."""
        for place, head in self._heads:
            self._hold(place, head)

    def _read_overlay(self, overlay: str) -> None:
        self._time, self._lane = Fraction(0), self._lane + 1

    def _read_word(self, word: str) -> None:
        """Read a sign that is spelled out, such as !fermata! or !D.C.!."""
        from music21 import dynamics, repeat

        if "fermata" in word:
            self._is_held = True
        elif word in _DYNAMICS:
            self._sign(dynamics.Dynamic(word))
        elif word in _JUMPS:
            self._sign(getattr(repeat, _JUMPS[word])())

    def _read_old_word(self, old_word: str) -> None:
        self._read_word(old_word)

    def _read_fermata(self, fermata: str) -> None:
        self._is_held = True

    def _read_text(self, text: str) -> None:
        """Look whether words at the staff are a jump, such as "D.C. al Fine"."""
        from music21 import expressions

        jump = expressions.TextExpression(text).getRepeatExpression() if text else None
        if jump is not None:
            self._sign(jump)

    def _read_unread(self, unread: str) -> None:
        self.unread.append(unread)

    def _add(self, found: list[Any], text: str, times: Fraction = Fraction(1)) -> None:
        """Write a note, or several as a chord."""
        from music21 import chord, expressions, tie

        length = _length(found[0][4], self.file) * times if found else 0
        quarters = self._shortened(length * self.setting.quarters) if length else 0
        if not quarters:
            self.unread.append(text)
            return
        held, self._tied = self._tied, {}
        self._heads = [(self._place(one), self._note(one, held)) for one in found]
        for (place, head), one in zip(self._heads, found, strict=True):
            if place in held:
                head.tie = tie.Tie("stop")
            if one[5]:
                self._hold(place, head)
        notes = [head for _, head in self._heads]
        element = notes[0] if len(notes) == 1 else chord.Chord(notes)
        if self._is_held:
            element.expressions.append(expressions.Fermata())
        self._is_held = False
        self._insert(element, quarters)

    def _insert(self, element: Any, quarters: Fraction = Fraction(0)) -> None:
        """Put a note or rest where the voice is; a grace note takes no time."""
        if not self._n_notes:
            self._sign(*(sign for letter in "MKQ" for sign in self.setting.signs(letter)))
        if quarters:
            element.duration.quarterLength = quarters
        self._n_notes += 1
        self.bars[-1].notes.append((self._lane, self._time, element))
        self._advance(quarters)

    def _advance(self, quarters: Fraction) -> None:
        self._time += quarters
        bar = self.bars[-1]
        bar.length = max(self._time, bar.length if self._lane else Fraction(0))
        check_size(self.file, quarters=float(bar.begin + bar.length))

    def _sign(self, *signs: Any) -> None:
        self.bars[-1].signs += [(self._time, sign) for sign in signs]

    def _shortened(self, quarters: Fraction) -> Fraction:
        """Let a tuplet, and > or < before it, change the length of a note."""
        part, left = self._tuplet
        quarters *= self._stretch * (part if left else 1)
        self._stretch, self._tuplet = Fraction(1), (part, max(0, left - 1))
        return quarters

    def _place(self, found: re.Match) -> _Place:
        _, letter, marks, _, _ = found.groups()
        return letter.upper(), 4 + letter.islower() + marks.count("'") - marks.count(",")

    def _note(self, found: re.Match, held: dict[_Place, int]) -> Any:
        """Make a music21 note; its accidental is its own, or the bar's, or the key's."""
        from music21 import note, pitch

        step, octave = self._place(found)
        if found[1]:
            self._accidentals[step] = ALTERS[found[1]]
        alter = self._accidentals.get(step, self.setting.alters.get(step, 0))
        if not found[1]:
            alter = held.get((step, octave), alter)
        octaves, semitones = divmod(self.setting.shift, 12)
        sounding = pitch.Pitch(step=step, octave=octave + octaves, accidental=alter)
        return note.Note(sounding.transpose(semitones) if semitones else sounding)

    def _hold(self, place: _Place, head: Any) -> None:
        """Tie a note to the next of its pitch."""
        from music21 import tie

        head.tie = tie.Tie("continue" if head.tie else "start")
        alter = head.pitch.accidental
        self._tied[place] = 0 if alter is None else int(alter.alter)


def _length(text: str, file: str) -> Fraction:
    """Read "3", "/2", "3/2" or "//"; a bare letter has 1.

    Raises:
        ScoreError: If it is beyond any real one.
    """
    count, slashes, unit = re.fullmatch(r"(\d*)(/*)(\d*)", text).groups()
    if len(count) < 6 and len(unit) < 6 and len(slashes) < 6:
        return Fraction(int(count or 1), int(unit or 2 ** len(slashes)) or 1)
    raise ScoreError(f"{file} has a note with the length {text:.20}, beyond any real one; mend it")
