"""Check a MIDI file byte by byte, and pack anew what musiclab can use of it.

pretty_midi trusts what a file says of itself and asks for memory accordingly. So this walk comes
first; it stops at the first lie.
"""

import struct
from collections import Counter
from dataclasses import dataclass, field

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import MAX_NOTES, MAX_PARTS, check_size

END_MARK = b"end"  # a text event with which musiclab's own files say where the last rest ends
MAX_EVENTS = 3 * MAX_NOTES  # starts, ends, and changes of instrument or tempo
_DATA_BYTES = {0x8: 2, 0x9: 2, 0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}  # by kind of message
_TEXT, _NAME, _END, _TEMPO, _METRE, _KEY = 0x01, 0x03, 0x2F, 0x51, 0x58, 0x59
_Event = tuple[int, bytes]  # when, in ticks; and what


class _Damage(Exception):
    """The bytes break the MIDI format; the message says how."""


@dataclass
class _Track:
    """What one track holds that musiclab can use."""

    notes: list[_Event] = field(default_factory=list)  # also changes of instrument
    conductor: list[_Event] = field(default_factory=list)  # tempo, metre, key
    name: bytes = b""
    unused: Counter[str] = field(default_factory=Counter)  # what has no place in our music
    starts: int = 0  # notes that start
    ticks: int = 0  # when the track ends


def checked_midi(data: bytes, name: str) -> tuple[bytes, int, tuple[str, ...]]:
    """Keep notes, instruments, names, tempo, metre and key of a MIDI file.

    Returns:
        A sound MIDI file, with tempo, metre and key in a first track of their own, and each channel
        of a track in tracks named "number:name", on none of which a key is struck while it is
        down; how many notes start in it; and in words what was left out.

    Raises:
        ScoreError: If the file is damaged, holds no note, or is beyond the limits.
    """
    try:
        division, chunks = _split_tracks(data)
        tracks = [_walk(chunk) for chunk in chunks]
    except _Damage as damage:
        raise ScoreError(
            f"{name} cannot be read as MIDI: {damage}; download or export it again"
        ) from None
    starts = sum(track.starts for track in tracks)
    quarters, seconds = _length(division, tracks)
    check_size(name, notes=starts, quarters=quarters, seconds=seconds)
    if sum(len(track.notes) + len(track.conductor) for track in tracks) > MAX_EVENTS:
        raise ScoreError(f"{name} has more events than any real piece; cut it into pieces")
    unused = sum((track.unused for track in tracks), Counter())
    told = tuple(f"{count} {what} left out" for what, count in sorted(unused.items()))
    return _pack(division, tracks), starts, told


def _split_tracks(data: bytes) -> tuple[int, list[bytes]]:
    """Return the ticks per quarter note, and each track's bytes."""
    if len(data) < 14:
        raise _Damage("it is cut short")
    header, form, promised, division = struct.unpack(">4xLHHH", data[:14])
    if form == 2:
        raise _Damage("it holds separate songs (MIDI type 2)")
    if form > 2 or header < 6:
        raise _Damage("its header is wrong")
    if division & 0x8000 or not division:
        raise _Damage("it counts film frames instead of beats")
    tracks, position = [], 8 + header
    # Some programs write more tracks than they promise; they are music all the same.
    while position + 8 <= len(data):
        kind, length = struct.unpack_from(">4sL", data, position)
        if len(tracks) >= promised and kind != b"MTrk":
            break  # padding after the last track
        position += 8
        if position + length > len(data):
            raise _Damage("it is cut short")
        if kind == b"MTrk":
            tracks.append(data[position : position + length])
        position += length
        if len(tracks) > MAX_PARTS:
            raise _Damage(f"it has more than {MAX_PARTS} tracks")
    if len(tracks) < promised:
        raise _Damage(f"it promises {promised} tracks and has {len(tracks)}")
    return division, tracks


def _walk(chunk: bytes) -> _Track:
    """Read one track's events, keeping what is of use."""
    track, position, status = _Track(), 0, 0
    try:
        while position < len(chunk):
            delta, position = _variable_length(chunk, position)
            track.ticks += delta
            if chunk[position] & 0x80:
                first, position = chunk[position], position + 1
            else:
                first = status  # "running status": the same kind of message again
            if first == 0xFF:
                kind = chunk[position]
                length, position = _variable_length(chunk, position + 1)
                body = chunk[position : position + length]
                position += length
                if kind == _END:
                    break
                _keep_meta(track, kind, body)
            elif first in (0xF0, 0xF7):  # for one maker's synthesiser only
                length, position = _variable_length(chunk, position)
                position += length
            elif first >> 4 in _DATA_BYTES:
                status, length = first, _DATA_BYTES[first >> 4]
                body = chunk[position : position + length]
                position += length
                if any(byte > 127 for byte in body):
                    raise _Damage("it holds a byte that no MIDI message allows")
                if first >> 4 in (0x8, 0x9, 0xC):
                    track.notes.append((track.ticks, bytes([first]) + body))
                    track.starts += first >> 4 == 0x9 and body[-1:] > b"\0"
                elif what := _unused(first >> 4, body, track.ticks):
                    track.unused[what] += 1
            else:
                raise _Damage("it holds a byte that no MIDI file allows")
            if track.starts > MAX_NOTES:
                raise _Damage(f"it has more than {MAX_NOTES:,} notes")
            if len(track.conductor) > MAX_NOTES or len(track.notes) > MAX_EVENTS:
                raise _Damage("it has more events than any real piece")
    except IndexError:
        position = len(chunk) + 1
    if position > len(chunk):
        raise _Damage("a track is cut short")
    return track


def _variable_length(chunk: bytes, position: int) -> tuple[int, int]:
    """Read a number of one to four bytes, seven bits each; return it and where it ends."""
    value = 0
    for position in range(position, position + 4):  # noqa: B020 (it goes on from where it was)
        value = value << 7 | chunk[position] & 0x7F
        if chunk[position] < 0x80:
            return value, position + 1
    raise _Damage("it holds a number that is too long")


def _unused(kind: int, body: bytes, tick: int) -> str:
    """Name a message that would change how notes sound; "" for one that would not."""
    if kind == 0xE:
        return "" if body == b"\x00\x40" else "pitch bends"  # the wheel in its middle bends nothing
    if kind in (0xA, 0xD):
        return "changes of pressure"
    if body[0] in (64, 66, 67):
        return "uses of the pedal" if body[1] >= 64 else ""
    return "changes of loudness" if body[0] in (7, 11) and tick else ""


def _keep_meta(track: _Track, kind: int, body: bytes) -> None:
    """Keep a meta event if it is of use and makes sense."""
    if kind == _NAME:
        track.name = track.name or body[:200]
        return
    sound = {
        _TEXT: body == END_MARK,
        _TEMPO: len(body) == 3 and any(body),
        _METRE: len(body) == 4 and body[0] > 0 and body[1] <= 6,
        _KEY: len(body) == 2 and (body[0] <= 7 or body[0] >= 249) and body[1] <= 1,
    }
    if sound.get(kind, False):
        track.conductor.append((track.ticks, bytes([0xFF, kind, len(body)]) + body))
    elif kind in (_TEMPO, _METRE, _KEY):
        track.unused["impossible tempos, metres or keys"] += 1


def _pack(division: int, tracks: list[_Track]) -> bytes:
    conductor = sorted(
        (event for track in tracks for event in track.conductor), key=lambda event: event[0]
    )
    chunks = [_pack_track(conductor)]
    number = 0
    for track in tracks:
        for channel in sorted({event[0] & 0x0F for _, event in track.notes}):
            events = [one for one in track.notes if one[1][0] & 0x0F == channel]
            name = b"%d:%s" % (number, track.name)
            title = (0, b"\xff\x03" + _as_variable_length(len(name)) + name)
            chunks += [_pack_track([title, *lane]) for lane in _lanes(events, division)]
            number += 1
    return struct.pack(">4sLHHH", b"MThd", 6, 1, len(chunks), division) + b"".join(chunks)


def _lanes(events: list[_Event], division: int) -> list[list[_Event]]:
    """Spread one channel's events over lanes so that none strikes a key while it is down.

    Where two notes on one key overlap, MIDI does not say which of them ends first. Here it is the
    later one, as of two voices in unison, unless it has only just begun: then a player struck the
    key anew before he had let it go.
    """
    lanes: list[list[_Event | None]] = [[]]
    down: dict[int, list[tuple[int, int]]] = {}  # key -> (lane, place in it) of what is down
    program: list[_Event] = []
    for tick, event in events:
        if event[0] >> 4 == 0xC:
            program = [(tick, event)]
            for lane in lanes:
                lane += program
            continue
        held = down.setdefault(event[1], [])
        if event[0] >> 4 == 0x9 and event[2]:
            taken = {lane for lane, _ in held}
            free = min(set(range(MAX_PARTS)) - taken, default=0)
            while len(lanes) <= free:
                lanes.append([*program])
            held.append((free, len(lanes[free])))
            lanes[free].append((tick, event))
        elif held:
            began = lanes[held[-1][0]][held[-1][1]][0]
            lane, place = held.pop(0 if tick - began < division / 8 else -1)
            if lanes[lane][place][0] == tick:
                lanes[lane][place] = None  # it has no length
            else:
                lanes[lane].append((tick, event))
    return [[event for event in lane if event is not None] for lane in lanes]


def _pack_track(events: list[_Event]) -> bytes:
    parts, before = [], 0
    for tick, event in events:
        parts += [_as_variable_length(tick - before), event]
        before = tick
    body = b"".join([*parts, b"\0\xff\x2f\0"])
    return struct.pack(">4sL", b"MTrk", len(body)) + body


def _as_variable_length(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


def _length(division: int, tracks: list[_Track]) -> tuple[float, float]:
    """Measure the longest track in quarters and seconds, following every change of tempo."""
    last = max((track.ticks for track in tracks), default=0)
    changes = sorted(
        (tick, int.from_bytes(event[3:], "big"))
        for track in tracks
        for tick, event in track.conductor
        if event[1] == _TEMPO
    )
    seconds, before, microseconds = 0.0, 0, 500_000
    for tick, tempo in [*changes, (last, 0)]:
        seconds += (tick - before) * microseconds / division / 1e6
        before, microseconds = tick, tempo
    return last / division, seconds
