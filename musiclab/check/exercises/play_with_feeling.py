"""play-with-feeling: play a voice as people do, and as a grid can still understand."""

import math

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import TEMPO, bwv_66_6
from musiclab.music.notes import Note, NoteSequence

GOOD = {
    "notes": "all, in order",
    "starts": "near their frames",
    "ends": "about as long as written",
    "velocities": "loud and soft",
    "timing": "free",
}


def probes(rng):
    """Yield voices of at least six notes, at several tempos; some notes repeat, some rests."""
    for count, bpm in ((6, 60), (8, 96), (11, 132)):
        notes, frame = [], int(rng.integers(0, 5))
        for number in range(count):
            length = int(rng.choice([2, 4, 6]))
            notes.append((frame, length, int(rng.integers(55, 75))))
            frame += length + 2 * (number == 3)
        yield notes, bpm


def solution(notes, bpm):
    played = []
    for number, (first, length, pitch) in enumerate(notes):
        late = 0.02 * (1 + math.sin(first))  # seconds
        start = first * 15 / bpm + late
        end = (first + length) * 15 / bpm
        arch = math.sin(math.pi * number / len(notes))
        played.append((start, end, pitch, round(60 + 40 * arch)))
    return played


def use(answer, notes, bpm):
    """Say in words what can be heard, since everybody plays in their own way."""
    played = [tuple(one) for one in answer(list(notes), bpm)]
    if [one[2] for one in played] != [one[2] for one in notes]:
        return GOOD | {"notes": "not all, or in another order"}
    starts, ends, _, velocities = zip(*played, strict=True)
    written = [first * 15 / bpm for first, _, _ in notes]
    lengths = [length * 15 / bpm for _, length, _ in notes]
    heard = {"starts": _starts(starts, notes, bpm), "velocities": _velocities(velocities)}
    if heard["starts"] == GOOD["starts"]:
        lasts = [end - begin for begin, end in zip(starts, ends, strict=True)]
        heard["ends"] = _ends(lasts, ends, lengths)
        moved = sum(abs(a - b) > 0.008 for a, b in zip(starts, written, strict=True))
        heard["timing"] = GOOD["timing"] if moved >= len(notes) / 4 else "stiff"
    return GOOD | heard


def _starts(starts, notes, bpm):
    frame = 15 / bpm
    for unit, size in ((GOOD["starts"], frame), ("in frames", 1.0), ("in quarters", 0.25)):
        pairs = zip(starts, notes, strict=True)
        if all(abs(begin - first * size) < size / 2 for begin, (first, _, _) in pairs):
            return unit if min(starts) >= 0 else "before the beginning"
    return "half a frame away, or more"


def _ends(lasts, ends, lengths):
    if all(length / 3 < one < 2 * length for one, length in zip(lasts, lengths, strict=True)):
        return GOOD["ends"]
    alike = zip(ends, lengths, strict=True)
    return "lengths" if all(one < 2 * length for one, length in alike) else "too early, or too late"


def _velocities(velocities):
    if all(0 < one <= 1 for one in velocities):
        return "shares of 1"
    if not all(int(one) == one and 1 <= one <= 127 for one in velocities):
        return "not whole numbers from 1 to 127"
    return GOOD["velocities"] if len(set(velocities)) > 2 else "nearly all the same"


def every_note_is_played(result, notes, bpm):
    """Every note must be played once, in the order given, on its own pitch."""
    return result["notes"] == GOOD["notes"]


def starts_stay_near(result, notes, bpm):
    """Each note must begin less than half a frame from where it is written, counted in seconds."""
    return result["starts"] == GOOD["starts"]


def lengths_stay_near(result, notes, bpm):
    """Each note must end after it begins, and last about as long as it is written."""
    return result["ends"] == GOOD["ends"]


def loud_and_soft(result, notes, bpm):
    """Velocities must be whole numbers from 1 to 127, and there must be at least three of them."""
    return result["velocities"] == GOOD["velocities"]


def time_breathes(result, notes, bpm):
    """At least one note in four must begin a hundredth of a second early or late."""
    return result["timing"] == GOOD["timing"]


def in_frames(notes, bpm):
    """Your times are frames; a player needs seconds.

    A quarter has four frames. How many seconds does it last at this tempo?
    """
    seconds = solution(notes, bpm)
    return [(a * bpm / 15, b * bpm / 15, pitch, velocity) for a, b, pitch, velocity in seconds]


def in_quarters(notes, bpm):
    """Your times are quarters; a player needs seconds.

    How many seconds does a quarter last at this tempo?
    """
    seconds = solution(notes, bpm)
    return [(a * bpm / 60, b * bpm / 60, pitch, velocity) for a, b, pitch, velocity in seconds]


def too_free(notes, bpm):
    """Some notes begin half a frame away from where they are written, or more.

    Quantised again, they would land in wrong frames. How long is a frame at this tempo?
    """
    played = solution(notes, bpm)
    return [(a + 10 / bpm, b + 10 / bpm, pitch, velocity) for a, b, pitch, velocity in played]


def stiff(notes, bpm):
    """Every note begins exactly on time: a machine plays, not a person.

    Let some notes begin early or late, by a few hundredths of a second.
    """
    played = zip(solution(notes, bpm), notes, strict=True)
    return [(first * 15 / bpm, *one[1:]) for one, (first, _, _) in played]


def one_loudness(notes, bpm):
    """All notes are equally loud, or nearly so.

    Where does your line want to grow, and where to fade? Section 2.9 has a simple rule.
    """
    return [(*one[:3], 80) for one in solution(notes, bpm)]


def loudness_as_a_share(notes, bpm):
    """Your velocities lie between 0 and 1, but MIDI counts from 1 to 127, in whole numbers.

    Section 2.2 says what a velocity is.
    """
    return [(*one[:3], one[3] / 127) for one in solution(notes, bpm)]


def velocity_out_of_range(notes, bpm):
    """Some velocities are no whole numbers from 1 to 127, so no MIDI file can hold them.

    Round them, and look at your loudest and your softest note.
    """
    return [(*one[:3], one[3] + 60) for one in solution(notes, bpm)]


def lengths_for_ends(notes, bpm):
    """Your second number is how long a note lasts; it should be the moment at which it ends.

    Look at what pretty_midi asks for in section 2.2.
    """
    return [(one[0], one[1] - one[0], *one[2:]) for one in solution(notes, bpm)]


def notes_lost(notes, bpm):
    """Some notes are missing, doubled, out of order, or on another pitch.

    A player may be free with time and loudness, but not with the notes.
    """
    return solution(notes, bpm)[:-1]


def ends_far_off(notes, bpm):
    """Some notes are far too short or far too long.

    Freedom in length is fine, but a note should last about as long as it is written.
    """
    return [(one[0], one[0] + 0.01, *one[2:]) for one in solution(notes, bpm)]


def hear(answer):
    """Play the tune of three lines by Bach with the answer's feeling."""
    played = answer(bwv_66_6()[0], TEMPO)
    quarter = 60 / TEMPO
    notes = [
        Note(
            onset=a / quarter, duration=(b - a) / quarter, pitch=int(pitch), velocity=int(velocity)
        )
        for a, b, pitch, velocity in played
        if 0 <= a < b <= 10
    ]
    return NoteSequence(notes=tuple(notes), tempo=TEMPO)


EXERCISE = Exercise(
    id="play-with-feeling",
    notebook=2,
    place=5,
    title="A player with feeling",
    kind="open",
    difficulty=2,
    importance=2,
    minutes=15,
    why="What makes music sound played is small, and it is what a grid cannot hold.",
    signature=(
        "play_with_feeling(notes: list[tuple[int, int, int]], bpm: float) "
        "-> list[tuple[float, float, int, int]]"
    ),
    statement=(
        "Play a voice in your own way. `notes` are (first frame, length in frames, pitch), four "
        "frames to a quarter; `bpm` is the tempo in quarters a minute. Return each note as (start, "
        "end, pitch, velocity), with times in seconds and velocities from 1 to 127. Let the time "
        "breathe: some notes a little early or late, but always less than half a frame, so that a "
        "grid can mend it. Let the line grow and fade: use at least three velocities. Play the "
        "same each time: no random numbers. Then listen."
    ),
    exact=False,
    reference=solution,
    solution=solution,
    probes=probes,
    use=use,
    properties=(
        every_note_is_played,
        starts_stay_near,
        lengths_stay_near,
        loud_and_soft,
        time_breathes,
    ),
    mistakes=(
        in_frames,
        in_quarters,
        too_free,
        stiff,
        one_loudness,
        loudness_as_a_share,
        velocity_out_of_range,
        lengths_for_ends,
        notes_lost,
        ends_far_off,
    ),
    hints=(
        "Sing the tune. Where do you lean on a note, and where do you hurry? Which note is the "
        "loudest? Write one word above each note.",
        "For each note: start = first frame in seconds, plus a little; end = last frame in "
        "seconds. The little may be a sine of the frame. The velocity may grow up to the middle "
        "of the line and fade after it.",
        "`late = 0.02 * (1 + math.sin(...))`, `start = first * 15 / bpm + ...`, "
        "`arch = math.sin(math.pi * number / len(notes))`, "
        "`played.append((start, ..., pitch, round(60 + ... * arch)))`.",
    ),
    explain="Which of your freedoms would be gone after quantising, and which would stay?",
    hear=hear,
)
