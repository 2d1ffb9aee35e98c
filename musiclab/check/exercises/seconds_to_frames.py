"""seconds-to-frames: which frame lies nearest to a moment."""

import math

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import TEMPO, bwv_66_6, in_frames


def probes(rng):
    """Yield moments, tempos and grids; halves are exact only where every way to compute is."""
    yield 1.5, 60, 4
    yield 0.375, 60, 4  # 1.5 frames
    yield 1.125, 60, 4  # 4.5 frames, which rounds to another number than 3.5 or 5.5 do
    yield 3.25, 120, 2  # 13 frames
    yield 1.25, 120, 1  # 2.5 frames
    for frames_per_quarter in (4, 6, 2, 12, 8):
        bpm = int(rng.choice([50, 72, 90, 96, 110, 132]))
        frame = int(rng.integers(20, 90))
        beside = float(rng.uniform(0.1, 0.4) * rng.choice([-1, 1]))
        yield (frame + beside) * 60 / bpm / frames_per_quarter, bpm, frames_per_quarter


def use(answer, seconds, bpm, frames_per_quarter):
    """Leave out the grid where it is the usual one, so that its default is used."""
    if frames_per_quarter == 4:
        return answer(seconds, bpm)
    return answer(seconds, bpm, frames_per_quarter)


def nearest(frames):
    """Round to a whole number; halves go up."""
    return math.floor(frames + 0.5 + 1e-9)


def reference(seconds, bpm, frames_per_quarter=4):
    """Do as section 2.4 does."""
    return nearest(seconds * bpm / 60 * frames_per_quarter)


def solution(seconds, bpm, frames_per_quarter=4):
    quarters = seconds * bpm / 60
    return math.floor(quarters * frames_per_quarter + 0.5)


def truncated(seconds, bpm, frames_per_quarter=4):
    """The frame is cut off, not rounded: a note that comes a little early lands a frame too soon.

    Which whole number lies nearest to 4.9?
    """
    return int(seconds * bpm / 60 * frames_per_quarter)


def rounded_up(seconds, bpm, frames_per_quarter=4):
    """The frame is always rounded up: a note that comes a little late lands a frame too late.

    Which whole number lies nearest to 4.1?
    """
    return math.ceil(seconds * bpm / 60 * frames_per_quarter)


def halves_to_even(seconds, bpm, frames_per_quarter=4):
    """Halves go to the next even frame: 0.5 to 0, but 1.5 to 2.

    This is how Python's own rounding works. Section 2.4 says why a row of notes would limp.
    """
    return round(seconds * bpm / 60 * frames_per_quarter)


def halves_down(seconds, bpm, frames_per_quarter=4):
    """A moment halfway between two frames goes to the earlier one; it should go to the later.

    Look at the formula of section 2.4. What does it do with a half?
    """
    return math.ceil(seconds * bpm / 60 * frames_per_quarter - 0.5)


def tempo_upside_down(seconds, bpm, frames_per_quarter=4, rounded=nearest):
    """A faster tempo gives you fewer frames: seconds are divided by the tempo.

    At 120 quarters a minute, how many quarters fit into a second? And at 60?
    """
    return rounded(seconds * 60 / bpm * frames_per_quarter)


def minute_forgotten(seconds, bpm, frames_per_quarter=4, rounded=nearest):
    """Your frames are sixty times too many: the tempo counts quarters in a minute, not a second.

    Check the units: seconds times quarters a minute does not give quarters.
    """
    return rounded(seconds * bpm * frames_per_quarter)


def tempo_ignored(seconds, bpm, frames_per_quarter=4, rounded=nearest):
    """The tempo makes no difference: a quarter always lasts one second in your version.

    How long is a quarter at 120 quarters a minute?
    """
    return rounded(seconds * frames_per_quarter)


def grid_ignored(seconds, bpm, frames_per_quarter=4, rounded=nearest):
    """There are always four frames to a quarter, whatever `frames_per_quarter` says.

    Which number in your code should be the argument?
    """
    return rounded(seconds * bpm / 60 * 4)


def quarters_for_frames(seconds, bpm, frames_per_quarter=4, rounded=nearest):
    """You return quarters: the frames within a quarter are not counted.

    A quarter has several frames. How many, says the third argument.
    """
    return rounded(seconds * bpm / 60)


def divided_by_the_grid(seconds, bpm, frames_per_quarter=4, rounded=nearest):
    """A finer grid gives you fewer frames: you divide by the frames of a quarter.

    If each quarter has four frames, are there more frames than quarters, or fewer?
    """
    return rounded(seconds * bpm / 60 / frames_per_quarter)


def quarters_rounded_first(seconds, bpm, frames_per_quarter=4):
    """The quarters are rounded before they become frames, so all notes land on a beat.

    When is the right moment to round: before the last step, or after it?
    """
    return nearest(seconds * bpm / 60) * frames_per_quarter


def frame_length_rounded(seconds, bpm, frames_per_quarter=4):
    """The number of frames in a second is rounded first, and the error grows from bar to bar.

    Round once, at the very end.
    """
    return nearest(seconds * nearest(bpm / 60 * frames_per_quarter))


def not_rounded(seconds, bpm, frames_per_quarter=4):
    """Your frame is not a whole number: the last step is missing.

    A frame is a row of a table. Which row is nearest?
    """
    return seconds * bpm / 60 * frames_per_quarter


def counted_from_one(seconds, bpm, frames_per_quarter=4):
    """Every frame is one too late: you count from 1.

    Which frame does a note have that begins with the piece?
    """
    return reference(seconds, bpm, frames_per_quarter) + 1


def grid_counted_twice(seconds, bpm, frames_per_quarter=4, rounded=nearest):
    """Your frames are four times too many: you multiply by 4 and by `frames_per_quarter`.

    Four frames to a quarter is what the third argument says, unless it is given.
    """
    return rounded(seconds * bpm / 60 * 4 * frames_per_quarter)


def divided_by_the_tempo(seconds, bpm, frames_per_quarter=4, rounded=nearest):
    """A faster tempo gives you fewer frames, and nearly all are 0: you divide by the tempo.

    Check the units: how many quarters are there in a second?
    """
    return rounded(seconds / bpm * frames_per_quarter)


def default_of_one(seconds, bpm, frames_per_quarter=1):
    """With the grid left out, you take one frame to a quarter; the signature says four.

    What stands behind the name of your third argument?
    """
    return nearest(seconds * bpm / 60 * frames_per_quarter)


# Those that are sometimes halfway between two frames, and those that never are.
HALFWAY = (
    tempo_upside_down,
    tempo_ignored,
    grid_ignored,
    quarters_for_frames,
    divided_by_the_grid,
)
NEVER_HALFWAY = (minute_forgotten, grid_counted_twice, divided_by_the_tempo)


def careless(mistake, rounded):
    """Make the same mistake and, on top of it, round in another way."""

    def both(seconds, bpm, frames_per_quarter=4):
        return mistake(seconds, bpm, frames_per_quarter, rounded)

    both.__name__ = f"{mistake.__name__}_and_{rounded.__name__}"
    both.__doc__ = f"{mistake.__doc__.rstrip()} Look at your rounding, too.\n"
    return both


def a_whole_number(result, seconds, bpm, frames_per_quarter):
    """The frame must be a whole number.

    A frame is a row of a table. Which row is nearest?
    """
    return isinstance(result, int)


def less_than_a_frame_away(result, seconds, bpm, frames_per_quarter):
    """Your frame is a whole frame or more away from the moment, so it is not the rounding.

    Take the numbers of the example, and count first the quarters, then the frames by hand.
    """
    return abs(result - seconds * bpm / 60 * frames_per_quarter) < 1


def the_nearest_of_two(result, seconds, bpm, frames_per_quarter):
    """The moment lies between two frames, and you take the one that is further away.

    How do you round, and what happens to a half?
    """
    return result == nearest(seconds * bpm / 60 * frames_per_quarter)


def hear(answer):
    """Quantise three lines that are played a little unevenly."""
    voices = []
    for part, line in enumerate(bwv_66_6()):
        notes = []
        for number, (first, length, pitch) in enumerate(line):
            early = 0.05 * math.sin(5 * number + part)  # seconds; a third of a frame
            begin, end = (frame * 15 / TEMPO for frame in (first, first + length))
            frames = [answer(max(0.0, moment + early), TEMPO) for moment in (begin, end)]
            notes.append((frames[0], frames[1] - frames[0], pitch))
        voices.append(notes)
    return in_frames(voices)


EXERCISE = Exercise(
    id="seconds-to-frames",
    notebook=2,
    place=2,
    title="The nearest frame",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=10,
    why="Each recording and each MIDI file must pass through this line to become a table.",
    signature="seconds_to_frames(seconds: float, bpm: float, frames_per_quarter: int = 4) -> int",
    statement=(
        "Return the number of the frame that lies nearest to a moment, given in seconds from the "
        "beginning. `bpm` is the tempo in quarters a minute. A moment halfway between two frames "
        "goes to the later one."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    properties=(a_whole_number, less_than_a_frame_away, the_nearest_of_two),
    mistakes=(
        truncated,
        rounded_up,
        halves_to_even,
        halves_down,
        tempo_upside_down,
        minute_forgotten,
        tempo_ignored,
        grid_ignored,
        quarters_for_frames,
        divided_by_the_grid,
        quarters_rounded_first,
        frame_length_rounded,
        not_rounded,
        counted_from_one,
        grid_counted_twice,
        divided_by_the_tempo,
        default_of_one,
        *[careless(one, round) for one in HALFWAY],
        *[careless(one, int) for one in HALFWAY + NEVER_HALFWAY],
    ),
    hints=(
        "At 120 quarters a minute, how many quarters have passed after 3 seconds? And how many "
        "frames, if each quarter has four?",
        "quarters = seconds times quarters a second. frames = quarters times frames a quarter. "
        "Round at the end, and only there; think of what a half should do.",
        "`quarters = seconds * bpm / ...`, then `return math.floor(quarters * ... + ...)`. "
        "Section 2.4 has the formula.",
    ),
    explain="Why would a row of equal notes limp if halves went to the next even frame?",
    hear=hear,
)
