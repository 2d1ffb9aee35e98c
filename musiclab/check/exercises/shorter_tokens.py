"""shorter-tokens: invent a tokeniser of your own that loses nothing and needs fewer ids."""

from types import SimpleNamespace

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import bwv_66_6, in_frames
from musiclab.music.chorale import REST

HIGHEST_ID = 999


def probes(rng):
    """Yield lines with repeated notes, rests in all places, short notes and very long ones."""
    p = rng.permutation(range(45, 85)).tolist()
    yield painted([(p[0], 4), (p[0], 4), (p[1], 8)])
    yield painted([(REST, 4), (p[2], 2), (p[3], 12), (REST, 6), (p[3], 4), (p[4], 2), (p[4], 6)])
    yield painted([(p[5], 1), (p[6], 9), (REST, 2), (p[7], 40), (p[8], 5), (p[8], 3), (REST, 4)])
    lengths = rng.permutation([2, 3, 4, 6, 8, 16, 12, 5]).tolist()
    pitches = [*p[9:14], REST, p[14], p[14]]
    yield painted(list(zip(pitches, lengths, strict=True)))


def painted(notes):
    """Paint (pitch, length) on the grid, one after the other."""
    pitches = np.repeat([pitch for pitch, _ in notes], [length for _, length in notes])
    attacks = np.concatenate([np.arange(length) == 0 for _, length in notes])
    return pitches, attacks & (pitches != REST)


class solution:
    """Write each note and each rest as two ids: its pitch plus one, and its length."""

    def encode(self, pitches, attacks):
        """Turn a voice into ids."""
        ids, before = [], None
        for pitch, is_struck in zip(pitches.tolist(), attacks.tolist(), strict=True):
            if is_struck or pitch != before:
                ids += [pitch + 1, 0]
            ids[-1] += 1
            before = pitch
        return ids

    def decode(self, ids):
        """Turn ids into a voice."""
        pitches, attacks = [], []
        for number, length in zip(ids[::2], ids[1::2], strict=True):
            pitches += [number - 1] * length
            attacks += [number > 0] + [False] * (length - 1)
        return np.array(pitches), np.array(attacks)


def use(answer, pitches, attacks):
    """Encode, then decode with a new tokeniser, which cannot remember the music."""
    ids = [int(one) for one in answer().encode(pitches.copy(), attacks.copy())]
    back = answer().decode(list(ids))
    return {
        "pitches": torch.as_tensor(np.asarray(back[0])),
        "attacks": torch.as_tensor(np.asarray(back[1])).bool(),
        "short": len(ids) <= len(pitches) / 2,
        "ids in range": all(0 <= one <= HIGHEST_ID for one in ids),
    }


def the_pitches_come_back(result, pitches, attacks):
    """Decoding what you encoded must give back every pitch and every rest, frame by frame."""
    return np.array_equal(result["pitches"], pitches)


def the_attacks_come_back(result, pitches, attacks):
    """Decoding what you encoded must give back where each note is struck."""
    return np.array_equal(result["attacks"], attacks)


def the_row_is_short(result, pitches, attacks):
    """There may be at most half as many ids as there are frames."""
    return result["short"]


def ids_are_in_range(result, pitches, attacks):
    """Every id must be a whole number from 0 to 999: that is how large the vocabulary may be."""
    return result["ids in range"]


def tokeniser(notes_of=lambda notes: notes, frames_of=lambda *frames: frames):
    """Make a tokeniser that changes the (pitch, length) it writes, or the frames it reads."""

    def encode(pitches, attacks):
        ids = solution().encode(pitches, attacks)
        notes = [(number - 1, length) for number, length in zip(ids[::2], ids[1::2], strict=True)]
        return [number for pitch, length in notes_of(notes) for number in (pitch + 1, length)]

    return SimpleNamespace(encode=encode, decode=lambda ids: frames_of(*solution().decode(ids)))


def joined(notes, belongs):
    """Let a note last longer where what comes next belongs to it."""
    kept = []
    for pitch, length in notes:
        if kept and belongs(kept[-1][0], pitch):
            kept[-1] = (kept[-1][0], kept[-1][1] + length)
        else:
            kept.append((pitch, length))
    return kept


def repeats_glued():
    """A note struck twice comes back as one long note: you write only where the pitch changes.

    Listen to section 3.5. What does the second table tell you?
    """
    return tokeniser(lambda notes: joined(notes, lambda one, other: one == other))


def rests_closed_up():
    """Rests are lost, and the music closes up: all that follows comes too early.

    Silence lasts, too. How could your row say how long?
    """
    return tokeniser(lambda notes: [one for one in notes if one[0] != REST])


def first_rest_lost():
    """A rest at the beginning is lost, so the whole voice comes in too early.

    What does your row say before the first note is struck?
    """
    return tokeniser(lambda notes: notes[1:] if notes[0][0] == REST else notes)


def last_rest_lost():
    """A rest at the end is lost, so the table comes back shorter than it was.

    The piece is over when the last frame is over, not when the last note is.
    """
    return tokeniser(lambda notes: notes[:-1] if notes[-1][0] == REST else notes)


def last_note_lost():
    """The last note, or rest, does not come back.

    If a note is written when the next one begins, who writes the last?
    """
    return tokeniser(lambda notes: notes[:-1])


def rests_filled():
    """A note goes on through the rest after it: silence is not written.

    A note ends when another begins, or when? What does your row say about that?
    """
    return tokeniser(lambda notes: joined(notes, lambda one, other: other == REST))


def long_notes_cut():
    """Notes longer than a bar are cut off after 16 frames.

    What is the longest length that your vocabulary can say? How could it say more?
    """
    return tokeniser(lambda notes: [(pitch, min(length, 16)) for pitch, length in notes])


def long_notes_struck_again():
    """A note longer than a bar is struck again every 16 frames: it comes back as several notes.

    If one token cannot hold such a length, how can the next one say "go on" and not "strike"?
    """

    def chopped(notes):
        for pitch, length in notes:
            for begin in range(0, length, 16):
                yield pitch, min(16, length - begin)

    return tokeniser(chopped)


def rests_struck():
    """Rests come back with an attack, as if silence were struck.

    Where may `attacks` be True? Look at a rest in both tables.
    """
    return tokeniser(frames_of=lambda *frames: (frames[0], begins(*frames)))


def rest_as_zero():
    """Rests come back as 0, the lowest note of MIDI.

    Which number stands for silence on the grid?
    """
    return tokeniser(frames_of=lambda *frames: (np.maximum(frames[0], 0), frames[1]))


def every_frame_struck():
    """Every frame comes back as a note of its own, struck anew.

    A note is struck once, and then held. Which frames should be True?
    """
    return tokeniser(frames_of=lambda *frames: (frames[0], frames[0] != REST))


def not_shorter():
    """Nothing is lost, but the row is too long: at most half as many ids as frames are allowed.

    Most frames say "the same again". How could one id say that for many frames?
    """
    return SimpleNamespace(
        encode=lambda pitches, attacks: (2 * (pitches + 1) + attacks).tolist(),
        decode=lambda ids: (np.array(ids) // 2 - 1, np.array(ids) % 2 == 1),
    )


def ids_too_large():
    """Nothing is lost, but your numbers are too large: a vocabulary may have 1000 tokens at most.

    Each token must be learnt from examples. How often would each of yours occur?
    """

    def encode(pitches, attacks):
        ids = solution().encode(pitches, attacks)
        return [1000 * number + length for number, length in zip(ids[::2], ids[1::2], strict=True)]

    def decode(ids):
        return solution().decode([part for one in ids for part in divmod(one, 1000)])

    return SimpleNamespace(encode=encode, decode=decode)


def begins(pitches, attacks):
    """Mark where a note is struck, and where a rest begins."""
    return attacks | (np.diff(pitches, prepend=-2) != 0)


def hear(answer):
    """Send three lines of a chorale through the answer, a voice at a time."""
    voices = []
    for line in bwv_66_6():
        notes = [(pitch, length) for _, length, pitch in line]
        notes[0], notes[5] = (REST, notes[0][1]), (REST, notes[5][1])
        result = use(answer, *painted(notes))
        pitches, attacks = result["pitches"].numpy(), result["attacks"].numpy()
        starts = np.flatnonzero(begins(pitches, attacks)).tolist()
        ends = [*starts[1:], len(pitches)]
        voices.append([(a, b - a, pitches[a]) for a, b in zip(starts, ends, strict=True)])
    return in_frames(voices)


EXERCISE = Exercise(
    id="shorter-tokens",
    notebook=3,
    place=5,
    title="Fewer tokens, nothing lost",
    kind="open",
    difficulty=4,
    importance=2,
    minutes=25,
    why="Attention compares every position with all before it, so a row half as long saves much.",
    signature=(
        "ShorterTokens(), a class with "
        'encode(pitches: Int[np.ndarray, "frame"], attacks: Bool[np.ndarray, "frame"]) '
        "-> list[int] and decode(ids: list[int]) -> the two arrays"
    ),
    statement=(
        "Invent a tokeniser for one voice. `encode` turns its pitches (-1 is a rest) and its "
        "attacks, a number and a truth value for each frame, into a list of ids from 0 to 999. "
        "`decode` turns such a list back into both. Nothing may be lost, and there may be at most "
        "half as many ids as frames. The lines have rests, repeated notes, and some notes of more "
        "than two bars. A new tokeniser decodes, so nothing may be remembered. How you do it is "
        "up to you."
    ),
    exact=False,
    reference=solution,
    solution=solution,
    probes=probes,
    use=use,
    properties=(
        the_pitches_come_back,
        the_attacks_come_back,
        the_row_is_short,
        ids_are_in_range,
    ),
    mistakes=(
        repeats_glued,
        rests_closed_up,
        first_rest_lost,
        last_rest_lost,
        last_note_lost,
        rests_filled,
        long_notes_cut,
        long_notes_struck_again,
        rests_struck,
        rest_as_zero,
        every_frame_struck,
        not_shorter,
        ids_too_large,
    ),
    hints=(
        "Read a voice aloud to a friend who writes it down, without saying every frame. What do "
        "you say for a long note? For a rest? For the same note, struck again?",
        "One way: two ids for each note or rest, first the pitch, moved up by one so that a rest "
        "is 0, then the length in frames. A new note begins at an attack, or where the pitch "
        "changes. To decode: write each pitch as often as its length says.",
        "encode: `if is_struck or pitch != before: ids += [pitch + ..., 0]`, then "
        "`ids[-1] += ...`. decode: for each pair, `pitches += [number - ...] * length` and "
        "`attacks += [number > 0] + [...] * (length - 1)`.",
    ),
    explain="Your row is shorter. What does it make harder for a model that writes four voices?",
    hear=hear,
)
