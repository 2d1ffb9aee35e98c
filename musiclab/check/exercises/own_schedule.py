"""own-schedule: any learning rate that begins carefully, strides, and settles."""

import math

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._curve import as_tune
from musiclab.training import learning_rate


def probes(rng):
    """Yield the sizes of three trainings."""
    for warmup, total in ((4, 40), (8, 64), (12, 200)):
        yield round(1 + float(rng.random()), 3), warmup, total


def use(answer, peak, warmup, total):
    """Draw the curve and find out what it does; in shares of the peak."""
    curve = [float(answer(step, peak, warmup, total)) / peak for step in range(total)]
    jumps = [abs(after - before) for before, after in zip(curve, curve[1:], strict=False)]
    return {
        "always above 0": all(rate > 0 for rate in curve),
        "never above the peak": all(rate <= 1.0001 for rate in curve),
        "begins at half the peak or less": curve[0] <= 0.5,
        "comes near the peak": max(curve[: total // 2]) >= 0.9,
        "ends at a tenth of the peak or less": curve[-1] <= 0.1,
        "never leaps by a third of the peak": max(jumps) < 1 / 3,
        "is not the cosine of section 9.9": not is_the_lesson(curve, warmup, total),
    }


def is_the_lesson(curve, warmup, total):
    """Tell whether a curve is the library's, whatever its floor."""
    floor = max(0.0, min(curve[-1], 1.0))
    plan = {"peak": 1.0, "warmup": warmup, "total": total, "floor": floor}
    lesson = [learning_rate(step, **plan) for step in range(total)]
    return all(abs(a - b) < 0.03 for a, b in zip(curve, lesson, strict=True))


def solution(step, peak, warmup, total):
    rise = min(1, (step + 1) / (warmup + 1))
    progress = max(0, step - warmup) / (total - warmup)
    fall = 0.02 + 0.98 * (1 - progress) ** 2
    breath = 0.85 + 0.15 * math.cos(2 * math.pi * 3 * progress)  # in and out, three times
    return peak * rise * fall * breath


def as_in_the_lesson(step, peak, warmup, total):
    """That is the schedule of section 9.9, or very near to it.

    It is a good one. Now invent another: more waves, a long plateau, a stair with small steps?
    """
    return learning_rate(step, peak=peak, warmup=warmup, total=total, floor=0.0)


def begins_too_fast(step, peak, warmup, total):
    """Your first step is more than half the peak.

    At the beginning Adam's averages know little. Rise over `warmup` steps.
    """
    return solution(max(step, warmup), peak, warmup, total)


def never_settles(step, peak, warmup, total):
    """At the end your rate is still more than a tenth of the peak.

    Small steps at the end let the weights settle. Which step is the last? It is `total - 1`.
    """
    return 0.2 * peak * min(1, (step + 1) / (warmup + 1)) + 0.8 * solution(
        step, peak, warmup, total
    )


def always_the_same(step, peak, warmup, total):
    """Your rate is about the same from beginning to end.

    Does `step` come into it? Begin carefully, and settle at the end.
    """
    return peak


def rises_to_the_end(step, peak, warmup, total):
    """Your rate only comes up at the end, and never settles.

    Rise over `warmup` steps; after that it should fall, in whatever way.
    """
    return peak * (step + 1) / total


def never_near_the_peak(step, peak, warmup, total):
    """In the first half, your rate never comes near the peak.

    Somewhere it should take long strides: 0.9 of the peak at least. Is your curve multiplied by
    the peak?
    """
    return 0.6 * solution(step, peak, warmup, total)


def above_the_peak(step, peak, warmup, total):
    """Your rate rises above the peak.

    Does a wave go up as well as down? The peak is the highest rate that is safe.
    """
    return 1.3 * solution(step, peak, warmup, total)


def not_above_zero(step, peak, warmup, total):
    """Some of your rates are 0 or less.

    With 0 a step is wasted; below 0 the loss goes up. Look at the first step and at the last.
    """
    return solution(step, peak, warmup, total) - 0.03 * peak


def leaps(step, peak, warmup, total):
    """Your rate leaps: from one step to the next by a third of the peak or more.

    Put something between: a slope, or smaller steps.
    """
    return solution(step, peak, warmup, total) * (0.3 if (step // 5) % 2 and step > warmup else 1)


def leaps_up_and_settles(step, peak, warmup, total):
    """Your rate leaps up from one step to the next, where it should rise step by step.

    And is it above 0 from the first step on?
    """
    if step < warmup:
        return 0.0
    return solution(step, peak, warmup, total)


def safe(facts, peak, warmup, total):
    """The rate must always lie above 0, and never above the peak."""
    return facts["always above 0"] and facts["never above the peak"]


def careful(facts, peak, warmup, total):
    """The first step must be at most half the peak."""
    return facts["begins at half the peak or less"]


def striding(facts, peak, warmup, total):
    """In the first half, some step must come near the peak: 0.9 of it, or more."""
    return facts["comes near the peak"]


def settling(facts, peak, warmup, total):
    """The last step, `total - 1`, must be at most a tenth of the peak."""
    return facts["ends at a tenth of the peak or less"]


def smooth(facts, peak, warmup, total):
    """From one step to the next, the rate must change by less than a third of the peak."""
    return facts["never leaps by a third of the peak"]


def your_own(facts, peak, warmup, total):
    """The curve must not be the one of section 9.9."""
    return facts["is not the cosine of section 9.9"]


def hear(answer):
    """Play the schedule: the higher the rate, the higher the note."""
    return as_tune([float(answer(step, 1.0, 6, 40)) for step in range(40)])


EXERCISE = Exercise(
    id="own-schedule",
    notebook=9,
    place=7,
    title="A schedule of your own, and its tune",
    kind="open",
    difficulty=2,
    importance=2,
    minutes=15,
    why="Schedules are found by trying; the cosine was somebody's idea, too.",
    signature="own_schedule(step: int, peak: float, warmup: int, total: int) -> float",
    statement=(
        "Invent a learning rate, for the steps 0 to `total - 1`. It is always above 0 and never "
        "above the peak. It begins at half the peak or less, comes near the peak in the first half "
        "(0.9 of it, or more), and ends at a tenth of the peak or less. From one step to the next "
        "it changes by less than a third of the peak. And it is not the cosine of section 9.9. The "
        "check can play it: the higher the rate, the higher the note."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    hear=hear,
    properties=(safe, careful, striding, settling, smooth, your_own),
    mistakes=(
        as_in_the_lesson,
        begins_too_fast,
        never_settles,
        always_the_same,
        rises_to_the_end,
        never_near_the_peak,
        above_the_peak,
        not_above_zero,
        leaps,
        leaps_up_and_settles,
    ),
    hints=(
        "Hum a tune that begins low, rises, plays about, and comes to rest. Draw it. Where is the "
        "peak?",
        "rise: from 1 / (warmup + 1) to 1, then 1. progress: 0 at `warmup`, 1 at `total`. fall: "
        "any curve from 1 to nearly 0, over progress. A wave, if you like, that never passes 1. "
        "The rate is the peak times all of these.",
        "`rise = min(1, (step + 1) / ...)`, then "
        "`progress = max(0, step - ...) / (total - ...)`, then `fall = 0.02 + 0.98 * (...)`, then "
        "`return peak * ... * ...`.",
    ),
    explain="What might go wrong in a training that used your curve, and when?",
)
