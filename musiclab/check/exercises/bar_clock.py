"""bar-clock: invent positions that know the bar."""

import math

import torch

from musiclab.check.exercise import Exercise
from musiclab.model.positions import sinusoidal

BARS = 3  # in each probe


def probes(rng):
    """Yield three bars each: of 3/8, of 3/4, of 4/4, and of a length that nobody knows."""
    for frames_per_bar in (6, 12, 16, int(rng.integers(7, 12))):
        yield BARS * frames_per_bar, frames_per_bar


def solution(frames, frames_per_bar):
    frame = torch.arange(frames)
    bar, place = frame // frames_per_bar, frame % frames_per_bar
    angle = 2 * math.pi * place / frames_per_bar  # once round in a bar
    which_bar = 0.01 * bar  # a slow hand tells bars apart
    return torch.stack([angle.sin(), angle.cos(), which_bar], dim=-1)


def hand(frames, frames_per_bar):
    angle = 2 * math.pi * torch.arange(frames) / frames_per_bar
    return angle.sin(), angle.cos()


def no_bar_at_all(frames, frames_per_bar):
    """Your clocks know nothing of the bar: no hand goes round once in a bar.

    These are the clocks of section 7.3. How many frames does the bar have, and where do you use it?
    """
    return sinusoidal(frames, 4)


def always_sixteen(frames, frames_per_bar):
    """Your bars always have 16 frames, whatever `frames_per_bar` says.

    A bar of three beats has 12. Where does 16 stand in your code?
    """
    return solution(frames, 16)


def bars_alike(frames, frames_per_bar):
    """Your clock goes round once in a bar, but all bars look the same.

    Add something that tells bar 1 from bar 2, small enough to keep equal places close.
    """
    return torch.stack(hand(frames, frames_per_bar), dim=-1)


def sine_alone(frames, frames_per_bar):
    """A sine alone does not say where the hand points: two frames of a bar look alike.

    Sine *and* cosine give a direction. See the clocks of section 7.3.
    """
    sine, _ = hand(frames, frames_per_bar)
    return torch.stack([sine, 0.01 * (torch.arange(frames) // frames_per_bar)], dim=-1)


def cosine_alone(frames, frames_per_bar):
    """A cosine alone does not say where the hand points: two frames of a bar look alike.

    Sine *and* cosine give a direction. See the clocks of section 7.3.
    """
    _, cosine = hand(frames, frames_per_bar)
    return torch.stack([cosine, 0.01 * (torch.arange(frames) // frames_per_bar)], dim=-1)


def radians_forgotten(frames, frames_per_bar):
    """Your hand does not come back after a bar: it turns by 1 radian, not by a whole turn.

    A whole turn is 2 pi radians. See how long a turn takes in section 7.3.
    """
    angle = torch.arange(frames) / frames_per_bar
    bar = 0.01 * (torch.arange(frames) // frames_per_bar)
    return torch.stack([angle.sin(), angle.cos(), bar], dim=-1)


def half_a_turn(frames, frames_per_bar):
    """Your hand makes half a turn in a bar, so it points the other way in the next one.

    A whole turn is 2 pi radians. See how long a turn takes in section 7.3.
    """
    angle = math.pi * torch.arange(frames) / frames_per_bar
    bar = 0.01 * (torch.arange(frames) // frames_per_bar)
    return torch.stack([angle.sin(), angle.cos(), bar], dim=-1)


def bar_number_too_loud(frames, frames_per_bar):
    """The number of the bar is so large that it drowns the place in the bar.

    Numbers should stay between -1 and 1, and the same place in two bars should be close.
    """
    bar = torch.arange(frames) // frames_per_bar
    return torch.stack([*hand(frames, frames_per_bar), bar.float()], dim=-1)


def place_as_a_number(frames, frames_per_bar):
    """You give the place as one number that grows, so the end of a bar is far from its start.

    The last frame of a bar stands right before the next bar. Which shape has no end?
    """
    frame = torch.arange(frames)
    bar, place = frame // frames_per_bar, frame % frames_per_bar
    return torch.stack([place / frames_per_bar, 0.01 * bar], dim=-1)


def a_vector_for_each_frame(clock, frames, frames_per_bar):
    """There must be one row for each frame, and numbers between -1 and 1."""
    clock = torch.as_tensor(clock)
    return clock.ndim == 2 and len(clock) == frames and bool((clock.abs() <= 1 + 1e-4).all())


def apart(clock):
    clock = torch.as_tensor(clock).double()
    return torch.cdist(clock, clock)


def no_two_frames_alike(clock, frames, frames_per_bar):
    """No two frames of the piece may have the same vector, in one bar or in two."""
    others = apart(clock) + torch.eye(frames)
    return float(others.min()) > 1e-5


def the_bar_comes_round(clock, frames, frames_per_bar):
    """The same place in the next bar must be closer than any other place of that bar."""
    to_next = apart(clock)[:frames_per_bar, frames_per_bar : 2 * frames_per_bar]
    return bool((to_next.argmin(dim=-1) == torch.arange(frames_per_bar)).all())


def the_barline_is_no_wall(clock, frames, frames_per_bar):
    """The last frame of a bar must be closer to the next bar's first than to its middle."""
    last = apart(clock)[frames_per_bar - 1]
    return bool(last[frames_per_bar] < last[frames_per_bar + frames_per_bar // 2])


EXERCISE = Exercise(
    id="bar-clock",
    notebook=7,
    place=5,
    title="A clock that knows the bar",
    kind="open",
    difficulty=3,
    importance=2,
    minutes=15,
    why="Music comes round: the first beat of a bar has more to do with the next first beat.",
    signature='bar_clock(frames: int, frames_per_bar: int) -> Float[Tensor, "frames width"]',
    statement=(
        "None of the clocks of section 7.3 goes round once in a bar. Invent positions that know "
        "the bar: a vector for each frame, of any width that you like. A bar has `frames_per_bar` "
        "frames: 16 in a metre of four beats, 12 in one of three.\n\n"
        "Four rules. The numbers lie between -1 and 1. No two frames have the same vector. The "
        "same place in the next bar is closer than any other place of that bar. And the last "
        "frame of a bar is closer to the first of the next than to its middle: time does not jump "
        "at a barline. *Close* means a short distance between the two vectors. There are three "
        "bars at most."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    properties=(
        a_vector_for_each_frame,
        no_two_frames_alike,
        the_bar_comes_round,
        the_barline_is_no_wall,
    ),
    mistakes=(
        no_bar_at_all,
        always_sixteen,
        bars_alike,
        sine_alone,
        cosine_alone,
        radians_forgotten,
        half_a_turn,
        bar_number_too_loud,
        place_as_a_number,
    ),
    hints=(
        "Think of a clock whose hand goes round once in a bar. Where does it point at the first "
        "beat of every bar? What would tell bar 1 from bar 2?",
        "1. `place`: where each frame stands in its bar. `bar`: in which bar. Shape (frames,).\n"
        "2. An angle: a whole turn for a bar. Its sine and its cosine are two columns.\n"
        "3. One more column, small, that grows from bar to bar. Or a second, much slower clock.",
        "`angle = 2 * math.pi * ... / frames_per_bar`, then `bar = torch.arange(frames) // ...`, "
        "then `torch.stack([angle.sin(), ..., 0.01 * ...], dim=-1)`.",
    ),
    explain="What could a model learn sooner with your clock than with those of section 7.3?",
)
