"""Write a chorale as Humdrum's **kern, which verovio engraves: a column a voice, a row a moment."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from musiclab.music.chorale import REST, VOICES, Chorale
from musiclab.music.keys import sharps_of, spell
from musiclab.music.metre import bar_edges, bar_metres
from musiclab.music.to_score import notes_and_rests, tied_pieces, voice_of_fermatas

_LENGTHS = {1: "16", 2: "8", 3: "8.", 4: "4", 6: "4.", 8: "2", 12: "2.", 16: "1", 24: "1.", 32: "0"}
_CLEFS = ("G2", "G2", "Gv2", "F4")  # a voice's own staff; the tenor's sounds an octave lower
_SHARPS, _FLATS = "f#c#g#d#a#e#b#", "b-e-a-d-g-c-f-"
_BRACKET_AND_BEAMS = "!!!system-decoration: [(*)]\n!!!filter: autobeam\n"


def kern_from_chorale(chorale: Chorale, staves: int = 2) -> str:
    """Write a chorale on 2 staves, as in a hymn book, or on 4, one a voice.

    On two staves soprano and tenor have their stems up, alto and bass down. Which accidentals the
    reader needs is left to verovio, which knows both voices of a staff.

    Source:
        Huron (1997), "Humdrum and Kern: Selective Feature Encoding"; www.humdrum.org/rep/kern.
    """
    # Columns go from the lowest staff to the highest, and on a staff from the upper voice down.
    if staves == 2:
        voices, stems, clefs, names = (2, 3, 0, 1), "/\\/\\", ("F4", "G2"), ("T B", "S A")
    else:
        voices, stems, clefs = (3, 2, 1, 0), ("", "", "", ""), _CLEFS[::-1]
        names = [name.capitalize() for name in VOICES[::-1]]
    sharps = _sharps(chorale)
    signs = _SHARPS[: 2 * sharps] if sharps >= 0 else _FLATS[: -2 * sharps]
    rows = [["**kern"] * staves, [f'*I"{name}' for name in names]]
    rows += [[f"*clef{clef}" for clef in clefs], [f"*k[{signs}]"] * staves]
    rows += [["*^"] * staves] if staves == 2 else []
    edges = bar_edges(chorale)
    columns = [
        dict(_tokens(chorale, voice, edges, stem))
        for voice, stem in zip(voices, stems, strict=True)
    ]
    number, before = (0 if chorale.beats[0] > 0 else 1), ""
    for (first, last), metre in zip(pairwise(edges), bar_metres(chorale, edges), strict=True):
        rows += [[f"={number}" + "-" * (first == 0)] * len(VOICES)] if number > 0 else []
        rows += [[f"*M{metre}"] * len(VOICES)] if metre != before else []
        for frame in range(first, last):
            row = [column.get(frame, ".") for column in columns]
            rows += [row] if set(row) != {"."} else []
        number, before = number + 1, metre
    rows += [["=="] * len(VOICES), ["*-"] * len(VOICES)]
    return "\n".join("\t".join(row) for row in rows) + "\n" + _BRACKET_AND_BEAMS


def _tokens(
    chorale: Chorale, voice: int, edges: Sequence[int], stem: str
) -> Iterator[tuple[int, str]]:
    """Write the notes and rests of a voice, each with its first frame."""
    has_fermatas = voice == voice_of_fermatas(chorale)
    for first, length, pitch in notes_and_rests(chorale, voice):
        pieces = list(tied_pieces(chorale, edges, first, first + length))
        for number, (_, frame, frames) in enumerate(pieces, start=1):
            if pitch == REST:
                yield frame, f"{_LENGTHS[frames]}r"
                continue
            is_first, is_last = number == 1, number == len(pieces)
            opens = "[" if is_first and not is_last else ""
            closes = "" if is_first else "]" if is_last else "_"
            is_held = has_fermatas and is_last and chorale.fermatas[first : first + length].all()
            note = f"{opens}{_LENGTHS[frames]}{_letters(pitch, _sharps(chorale))}{closes}{stem}"
            yield frame, note + ";" * int(is_held)


def _sharps(chorale: Chorale) -> int:
    """Count the sharps of the key signature, negative for flats; 0 where it cannot be written."""
    sharps = sharps_of(chorale.key) or 0
    return sharps if abs(sharps) <= 7 else 0


def _letters(pitch: int, sharps: int) -> str:
    """Spell a pitch: c is middle C, cc an octave higher, C and CC lower."""
    name, octave = spell(pitch, sharps)
    letter = name[0].lower() * (octave - 3) if octave >= 4 else name[0] * (4 - octave)
    return letter + name[1:]
