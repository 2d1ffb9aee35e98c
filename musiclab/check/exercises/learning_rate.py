"""learning-rate: rise in a straight line, hold, then fall along half a cosine."""

import math

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._curve import as_tune
from musiclab.training import learning_rate


def probes(rng):
    """Yield every step of a few schedules, and some steps after the end."""
    for peak, warmup, total, floor, hold in (
        (1.0, 3, 9, 0.2, 0),
        (2.0, 4, 15, 0.5, 5),
        (3.0, 0, 7, 0.0, 0),
        (0.5, 2, 12, 0.1, 1),
    ):
        scale = 1 + float(rng.random())
        for step in range(total + 4):
            yield step, peak * scale, warmup, total, floor * scale, hold


def reference(step, peak, warmup, total, floor, hold=0):
    if warmup <= step < warmup + hold:
        return peak
    held = hold if step >= warmup else 0
    plan = {"peak": peak, "warmup": warmup, "total": total - hold, "floor": floor}
    return learning_rate(step - held, **plan)


def solution(step, peak, warmup, total, floor, hold=0):
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    if step < warmup + hold:
        return peak
    start = warmup + hold
    progress = min(1, (step - start) / (total - start))
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2


def half_cosine(peak, floor, progress):
    return floor + (peak - floor) * (1 + math.cos(math.pi * progress)) / 2


def rising(step, peak, warmup, total, floor, hold):
    return peak * (step + 1) / (warmup + 1)


def falling(step, peak, warmup, total, floor, hold):
    return solution(max(step, warmup), peak, warmup, total, floor, hold)


def build(rise=rising, fall=falling):
    """Make a schedule that rises or falls in another way."""

    def rate(step, peak, warmup, total, floor, hold=0):
        given = step, peak, warmup, total, floor, hold
        if step < warmup:
            return rise(*given)
        return peak if step < warmup + hold else fall(*given)

    return rate


def progressing(progress):
    """Make a schedule whose fall counts its progress in another way."""

    def fall(step, peak, warmup, total, floor, hold):
        return half_cosine(peak, floor, progress(step, warmup, total, hold))

    return build(fall=fall)


def no_warm_up(*plan):
    """Your step 0 takes the full rate: there is no warm-up.

    At the beginning Adam's averages know little. Which steps come before `warmup`?
    """
    return build(rise=lambda step, peak, *rest: peak)(*plan)


def first_step_wasted(*plan):
    """Your step 0 has the rate 0: one whole step, and nothing moves.

    Steps count from 0, and the first should already move a little. Look at the + 1 in section 9.9.
    """
    return build(rise=lambda step, peak, warmup, *rest: peak * step / warmup)(*plan)


def first_step_wasted_and_low(*plan):
    """Your step 0 has the rate 0, and the last step of the warm-up is too low.

    One + 1 is missing. Look at the top of the fraction in section 9.9.
    """
    return build(rise=lambda step, peak, warmup, *rest: peak * step / (warmup + 1))(*plan)


def peak_too_early(*plan):
    """Your warm-up reaches the peak one step too early.

    The peak belongs to step `warmup`, the first one after the rise. Look at the bottom of the
    fraction in section 9.9.
    """
    return build(rise=lambda step, peak, warmup, *rest: peak * (step + 1) / warmup)(*plan)


def rises_from_the_floor(*plan):
    """Your warm-up rises from the floor; it should rise from nothing.

    The floor belongs to the end alone.
    """

    def rise(step, peak, warmup, total, floor, hold):
        return floor + (peak - floor) * (step + 1) / (warmup + 1)

    return build(rise)(*plan)


def rises_along_a_cosine(*plan):
    """Your warm-up rises along a cosine; a straight line is asked for.

    Only the fall is a cosine.
    """

    def rise(step, peak, warmup, *rest):
        return half_cosine(0, peak, (step + 1) / (warmup + 1))

    return build(rise)(*plan)


def a_warm_up_must_be_there(step, peak, warmup, total, floor, hold=0):
    """Your step 0 has the rate 0, and without a warm-up you divide by zero.

    The first step should already move a little, and `warmup` may be 0. Look at both + 1 in section
    9.9.
    """
    if step <= warmup:
        return peak * step / warmup
    return solution(step, peak, warmup, total, floor, hold)


def falls_from_step_zero(*plan):
    """Your cosine begins at step 0, so the rate jumps down as the warm-up ends.

    Its progress is 0 at the end of the warm-up (and of the hold), and 1 at `total`.
    """
    return progressing(lambda step, warmup, total, hold: min(1, step / total))(*plan)


def never_at_the_floor(*plan):
    """Your cosine is stretched too far: at `total` it has not reached the floor.

    How many steps lie between the end of the warm-up (and of the hold) and `total`?
    """
    return progressing(lambda step, warmup, total, hold: min(1, (step - warmup - hold) / total))(
        *plan
    )


def floor_one_step_early(*plan):
    """Your cosine reaches the floor one step too early.

    The floor belongs to step `total`, not to the one before.
    """

    def progress(step, warmup, total, hold):
        return min(1, (step - warmup - hold) / (total - warmup - hold - 1))

    return progressing(progress)(*plan)


def begins_one_step_on(*plan):
    """Your fall is one step ahead: step `warmup` is already below the peak.

    There, the progress is 0.
    """

    def progress(step, warmup, total, hold):
        return min(1, (step - warmup - hold + 1) / (total - warmup - hold))

    return progressing(progress)(*plan)


def falls_one_step_late(*plan):
    """Your fall begins one step late, so at `total` the floor is not reached.

    Step `warmup + hold` is still at the peak, but its progress is 0 already.
    """

    def progress(step, warmup, total, hold):
        return max(0, min(1, (step - warmup - hold - 1) / (total - warmup - hold)))

    return progressing(progress)(*plan)


def falls_during_the_hold(*plan):
    """Your cosine counts from the end of the warm-up: when the hold ends, the rate jumps down.

    The fall begins after the hold.
    """

    def progress(step, warmup, total, hold):
        return min(1, (step - warmup) / (total - warmup))

    return progressing(progress)(*plan)


def hold_put_on_top(*plan):
    """Your schedule is longer than `total`: the hold is put on top.

    At `total` the rate must be at the floor. The hold takes steps from the fall.
    """

    def progress(step, warmup, total, hold):
        return min(1, (step - warmup - hold) / (total - warmup))

    return progressing(progress)(*plan)


def hold_ignored(step, peak, warmup, total, floor, hold=0):
    """Your schedule does not hold: it falls as soon as the warm-up is over.

    For `hold` steps after the warm-up, the rate stays at the peak.
    """
    return solution(step, peak, warmup, total, floor)


def hold_ignored_and_falls_from_step_zero(step, peak, warmup, total, floor, hold=0):
    """Your cosine begins at step 0, so the rate jumps as the warm-up ends; and it never holds.

    Its progress is 0 at the end of the warm-up and of the hold, and 1 at `total`.
    """
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    return half_cosine(peak, floor, min(1, step / total))


def holds_from_the_beginning(step, peak, warmup, total, floor, hold=0):
    """Your hold counts from step 0, so the warm-up uses it up.

    It begins when the warm-up is over.
    """
    return solution(step, peak, warmup, total, floor, max(0, hold - warmup))


def rises_again(*plan):
    """After `total`, your rate rises again: a cosine goes on for ever.

    From `total` on, the rate stays at the floor. What keeps the progress from passing 1?
    """

    def progress(step, warmup, total, hold):
        return (step - warmup - hold) / (total - warmup - hold)

    return progressing(progress)(*plan)


def zero_after_the_end(step, peak, warmup, total, floor, hold=0):
    """After the end your rate is 0.

    From `total` on, it stays at the floor.
    """
    return 0.0 if step > total else solution(step, peak, warmup, total, floor, hold)


def zero_from_the_end(step, peak, warmup, total, floor, hold=0):
    """From `total` on your rate is 0.

    From there on, it stays at the floor.
    """
    return 0.0 if step >= total else solution(step, peak, warmup, total, floor, hold)


def floor_ignored(step, peak, warmup, total, floor, hold=0):
    """Your rate falls to 0, whatever the floor is.

    At `total` it should be `floor`.
    """
    return solution(step, peak, warmup, total, 0.0, hold)


def floor_cuts_off(step, peak, warmup, total, floor, hold=0):
    """Your cosine falls towards 0, and the floor cuts it off before.

    It should glide down to the floor: the cosine lies between peak and floor.
    """
    low = solution(step, peak, warmup, total, 0.0, hold)
    return low if step < warmup else max(floor, low)


def floor_added(*plan):
    """You add the floor to a cosine that is already as high as the peak: it starts too high.

    How high is the cosine itself, from top to bottom, if it stands on the floor?
    """

    def fall(step, peak, warmup, total, floor, hold):
        return floor + falling(step, peak, warmup, total, 0.0, hold)

    return build(fall=fall)(*plan)


def never_halved(*plan):
    """Your cosine is not halved: it starts at twice its height.

    1 + cosine lies between 0 and 2.
    """

    def fall(step, peak, warmup, total, floor, hold):
        return floor + 2 * (falling(step, peak, warmup, total, floor, hold) - floor)

    return build(fall=fall)(*plan)


def one_forgotten(*plan):
    """Your cosine lies between -1 and 1, so the rate becomes negative.

    Add 1 to the cosine before you halve it.
    """

    def fall(step, peak, warmup, total, floor, hold):
        progress = min(1, (step - warmup - hold) / (total - warmup - hold))
        return floor + (peak - floor) * math.cos(math.pi * progress)

    return build(fall=fall)(*plan)


def upside_down(*plan):
    """Your cosine is upside down: the rate drops to the floor at once, then rises.

    It is 1 at the beginning and -1 at the end.
    """

    def fall(step, peak, warmup, total, floor, hold):
        return peak + floor - falling(step, peak, warmup, total, floor, hold)

    return build(fall=fall)(*plan)


def quarter_of_a_cosine(*plan):
    """You use a quarter of a cosine: the rate falls fastest at the very end.

    From top to bottom it takes half a turn, which is pi.
    """

    def fall(step, peak, warmup, total, floor, hold):
        progress = min(1, (step - warmup - hold) / (total - warmup - hold))
        return floor + (peak - floor) * math.cos(math.pi / 2 * progress)

    return build(fall=fall)(*plan)


def whole_cosine(*plan):
    """You use a whole cosine: the rate falls, and climbs back to the peak.

    From top to bottom it takes half a turn, which is pi.
    """

    def progress(step, warmup, total, hold):
        return 2 * min(1, (step - warmup - hold) / (total - warmup - hold))

    return progressing(progress)(*plan)


def no_pi(*plan):
    """Your cosine gets no further than an angle of 1: the rate never comes down.

    `math.cos` counts a half turn as pi.
    """

    def progress(step, warmup, total, hold):
        return min(1, (step - warmup - hold) / (total - warmup - hold)) / math.pi

    return progressing(progress)(*plan)


def degrees(*plan):
    """Your angle is in degrees, but `math.cos` takes radians: the rate jumps about.

    A half turn is pi, not 180.
    """

    def progress(step, warmup, total, hold):
        return 180 / math.pi * min(1, (step - warmup - hold) / (total - warmup - hold))

    return progressing(progress)(*plan)


def straight_down(*plan):
    """Your rate falls in a straight line; half a cosine is asked for.

    It should leave the peak slowly, and settle slowly.
    """

    def fall(step, peak, warmup, total, floor, hold):
        return peak + (floor - peak) * min(1, (step - warmup - hold) / (total - warmup - hold))

    return build(fall=fall)(*plan)


def never_falls(*plan):
    """After the warm-up your rate stays at the peak.

    Towards the end it should fall, so that the weights settle.
    """
    return build(fall=lambda step, peak, *rest: peak)(*plan)


def within_bounds(rate, step, peak, warmup, total, floor, hold):
    """The rate must lie above 0 in a warm-up, between floor and peak after it, and never beyond."""
    return (0 if step < warmup else floor - 1e-6) < rate < peak + 1e-6


def settles_at_the_floor(rate, step, peak, warmup, total, floor, hold):
    """From step `total` on, the rate must be the floor."""
    return step < total or abs(rate - floor) < 1e-6


def hear(answer):
    """Play the schedule: the higher the rate, the higher the note."""
    return as_tune([float(answer(step, 1.0, 8, 36, 0.2, 4)) for step in range(40)])


EXERCISE = Exercise(
    id="learning-rate",
    notebook=9,
    place=4,
    title="A schedule for the learning rate",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=15,
    further=True,
    why="Step carefully at first, stride in the middle, settle at the end.",
    signature=(
        "learning_rate(step: int, peak: float, warmup: int, total: int, floor: float, "
        "hold: int = 0) -> float"
    ),
    statement=(
        "Return the learning rate of a step, counted from 0. It rises in a straight line and "
        "reaches `peak` at step `warmup`, stays there for `hold` steps, then falls along half a "
        "cosine and reaches `floor` at step `total`, where it stays. With `hold=0` it is the "
        "formula of section 9.9. The first step of a warm-up already moves."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    hear=hear,
    properties=(within_bounds, settles_at_the_floor),
    mistakes=(
        no_warm_up,
        first_step_wasted,
        first_step_wasted_and_low,
        peak_too_early,
        rises_from_the_floor,
        rises_along_a_cosine,
        a_warm_up_must_be_there,
        falls_from_step_zero,
        never_at_the_floor,
        floor_one_step_early,
        begins_one_step_on,
        falls_one_step_late,
        falls_during_the_hold,
        hold_put_on_top,
        hold_ignored,
        hold_ignored_and_falls_from_step_zero,
        holds_from_the_beginning,
        rises_again,
        zero_after_the_end,
        zero_from_the_end,
        floor_ignored,
        floor_cuts_off,
        floor_added,
        never_halved,
        one_forgotten,
        upside_down,
        quarter_of_a_cosine,
        whole_cosine,
        no_pi,
        degrees,
        straight_down,
        never_falls,
    ),
    hints=(
        "Draw the curve: steps to the right, rate upwards. Mark the steps 0, `warmup`, "
        "`warmup + hold` and `total`. How high is the curve at each of them?",
        "Below `warmup`: peak times a fraction that is not 0 in step 0 and would be 1 in step "
        "`warmup`. Then for `hold` steps: peak. Then progress runs from 0 to 1 until `total` and "
        "stays there; the cosine of pi times progress runs from 1 to -1.",
        "`if step < warmup: return peak * (... + 1) / (... + 1)`, then "
        "`if step < ...: return peak`, then `progress = min(1, (step - ...) / (total - ...))`, "
        "then `return floor + (...) * (1 + math.cos(...)) / 2`.",
    ),
    explain="Why should the rate not jump where two parts of the curve meet?",
)
