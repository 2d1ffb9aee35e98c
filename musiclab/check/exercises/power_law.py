"""power-law: a straight line through the logarithms of sizes and losses."""

import math

import numpy as np

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._slips import two_slips


def probes(rng):
    """Yield losses that fall nearly as a power of the size, or not at all, in any order."""
    for many, b in ((3, 0.2), (5, 0.07), (7, 0.5), (2, 0.3), (6, -0.1)):
        sizes = rng.permutation(1000 * np.cumprod(rng.uniform(1.5, 4, size=many))).round()
        losses = rng.uniform(3, 20) * sizes**-b * np.exp(0.05 * rng.standard_normal(many))
        yield sizes, losses.round(4)


def solution(sizes, losses):
    # BEGIN SOLUTION
    slope, height = np.polyfit(np.log(sizes), np.log(losses), 1)
    a, b = math.exp(height), -slope
    # END SOLUTION
    return a, b


def build(logs=(np.log, np.log), read=lambda slope, height: (math.exp(height), -slope)):
    """Make a fit that takes other logarithms, or reads its line in another way."""

    def fit(sizes, losses):
        slope, height = np.polyfit(logs[0](sizes), logs[1](losses), 1)
        return read(slope, height)

    return fit


def reference(sizes, losses):
    return build()(sizes, losses)


def same(numbers):
    return numbers


def only_losses_logged(sizes, losses):
    """You take the logarithm of the losses alone: that is a curve that halves at equal steps.

    A power law is straight when both axes are logarithms.
    """
    return build((same, np.log))(sizes, losses)


def only_sizes_logged(sizes, losses):
    """You take the logarithm of the sizes alone, and the losses stay as they are.

    A power law is straight when both axes are logarithms.
    """
    return build((np.log, same), lambda slope, height: (height, -slope))(sizes, losses)


def only_sizes_logged_then_raised(sizes, losses):
    """You raise e to the height of the line, but the losses that it was drawn through are no logs.

    Take the logarithm on both sides of the law. What becomes of the loss?
    """
    return build((np.log, same))(sizes, losses)


def nothing_logged(sizes, losses):
    """You fit a straight line to the numbers as they are. A power law is bent there.

    Take logarithms first, on both axes.
    """
    return build((same, same), lambda slope, height: (height, -slope))(sizes, losses)


def height_not_raised(sizes, losses):
    """You return the logarithm of a, where a itself is asked for.

    The line meets the axis at ln a. What undoes a logarithm?
    """
    return build(read=lambda slope, height: (height, -slope))(sizes, losses)


def sign_of_the_exponent(sizes, losses):
    """Your b has the wrong sign, so a larger model would have a larger loss.

    The line falls, and the minus stands in the law already.
    """
    return build(read=lambda slope, height: (math.exp(height), slope))(sizes, losses)


def exponent_raised(sizes, losses):
    """You raise e to the slope. But b is the slope itself, with its sign turned.

    Which of the two numbers is a logarithm: the height or the slope?
    """
    return build(read=lambda slope, height: (math.exp(height), math.exp(-slope)))(sizes, losses)


def axes_swapped(sizes, losses):
    """You ask which size belongs to a loss, but the law says which loss belongs to a size.

    What goes along, and what goes up? The first argument of `np.polyfit` goes along.
    """
    return build()(losses, sizes)


def axes_swapped_and_turned_back(sizes, losses):
    """You fit sizes to losses, and turn that line round: close, but another line.

    It makes the errors in size small. Those in the loss are the ones that count.
    """
    slope, height = np.polyfit(np.log(losses), np.log(sizes), 1)
    return math.exp(-height / slope), -1 / slope


def bases_mixed(sizes, losses):
    """Your logarithm has base 10, but you raise e to the height.

    Go back by the base that you came with.
    """
    return build((np.log10, np.log10))(sizes, losses)


def bases_mixed_the_other_way(sizes, losses):
    """Your logarithm has base e, but you raise 10 to the height.

    Go back by the base that you came with.
    """
    return build(read=lambda slope, height: (10**height, -slope))(sizes, losses)


def base_two_and_e(sizes, losses):
    """Your logarithm has base 2, but you raise e to the height.

    Go back by the base that you came with.
    """
    return build((np.log2, np.log2))(sizes, losses)


def two_bases(sizes, losses):
    """Sizes and losses have logarithms of two bases, so the slope is in mixed units.

    Take the same logarithm on both axes.
    """
    return build((np.log10, np.log))(sizes, losses)


def b_before_a(sizes, losses):
    """You return b first, and a second.

    Look at the order in the signature.
    """
    return build()(sizes, losses)[::-1]


def slope_and_height_swapped(sizes, losses):
    """You take the height for the slope. `np.polyfit` gives the highest power first.

    For a line that is the slope, and then the height.
    """
    return build(read=lambda height, slope: (math.exp(height), -slope))(sizes, losses)


def two_points_alone(sizes, losses):
    """You lay the line through the smallest and the largest size; the others have no say.

    One unlucky training at an end then bends all. Let every size count.
    """
    ends = [np.argmin(sizes), np.argmax(sizes)]
    return build()(sizes[ends], losses[ends])


def first_and_last_in_the_list(sizes, losses):
    """You lay the line through the first and the last point of the list.

    Let every point count; and sizes may come in any order.
    """
    return build()(sizes[[0, -1]], losses[[0, -1]])


def height_at_zero_left_out(sizes, losses):
    """Your line has no height of its own: it starts at 0, as if a were 1.

    A line through the logarithms has two numbers, a slope and a height.
    """
    x, y = np.log(sizes), np.log(losses)
    return 1.0, -(x @ y) / (x @ x)


def curve_of_second_degree(sizes, losses):
    """You fit a curve with a bend and keep two of its three numbers.

    The last argument of `np.polyfit` is the degree. A line has degree 1.
    """
    _, slope, height = np.polyfit(np.log(sizes), np.log(losses), 2)
    return math.exp(height), -slope


BOTH = two_slips(
    build,
    logs={
        "sizes_as_they_are": ((same, np.log), "The sizes have no logarithm."),
        "losses_as_they_are": ((np.log, same), "The losses have no logarithm."),
        "base_ten": ((np.log10, np.log10), "The logarithm has base 10, and e is raised."),
    },
    read={
        "sign_turned": (lambda slope, height: (math.exp(height), slope), "The sign is turned."),
        "b_first": (lambda slope, height: (-slope, math.exp(height)), "The two are swapped."),
        "both_slips": (lambda slope, height: (height, slope), "The line is returned as it is."),
    },
)


def a_is_positive(result, sizes, losses):
    """A loss is above 0, so a must be, too."""
    return float(result[0]) > 0


def goes_through_the_middle(result, sizes, losses):
    """The line must go through the middle of the points, in logarithms."""
    a, b = (float(one) for one in result)
    return abs(math.log(a) - b * np.log(sizes).mean() - np.log(losses).mean()) < 1e-3


EXERCISE = Exercise(
    id="power-law",
    notebook=15,
    place=1,
    title="A line through logarithms",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=10,
    why="From a few small models it says what a larger one may reach, before you pay for it.",
    signature=(
        'power_law(sizes: Float[np.ndarray, "size"], losses: Float[np.ndarray, "size"]) -> '
        "tuple[float, float]"
    ),
    statement=(
        "Find the a and the b of the law that comes closest to some sizes and their losses:\n\n"
        r"$$\text{loss}(N) \approx a\,N^{-b} \qquad\Leftrightarrow\qquad "
        r"\ln \text{loss} = \ln a - b \ln N$$"
        "\n\nClosest means: least squares between the *logarithms*. `np.polyfit(x, y, 1)` fits a "
        "line, and gives its slope and its height at x = 0. The sizes come in any order."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(a_is_positive, goes_through_the_middle),
    mistakes=(
        only_losses_logged,
        only_sizes_logged,
        only_sizes_logged_then_raised,
        nothing_logged,
        height_not_raised,
        sign_of_the_exponent,
        exponent_raised,
        axes_swapped,
        axes_swapped_and_turned_back,
        bases_mixed,
        bases_mixed_the_other_way,
        base_two_and_e,
        two_bases,
        b_before_a,
        slope_and_height_swapped,
        two_points_alone,
        first_and_last_in_the_list,
        height_at_zero_left_out,
        curve_of_second_degree,
        *BOTH,
    ),
    hints=(
        "Draw the losses 8, 4, 2 at the sizes 1, 10, 100. Then draw the logarithms of both. Which "
        "picture shows a line? Where do you see b in it?",
        "x = ln of sizes. y = ln of losses. Fit a line through x and y: a slope and a height. The "
        "height is ln a. The slope is minus b.",
        "`slope, height = np.polyfit(np.log(...), np.log(...), 1)`, then `a = math.exp(...)`, and "
        "b is the slope with its sign turned.",
    ),
    explain="A size ten times as large: by which factor does the loss fall, if b is 0.3?",
)
