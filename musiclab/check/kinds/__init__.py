"""Kinds of mistakes that occur everywhere, tried where no known mistake fits.

Each is a function that looks at all calls and says what it sees, first what is wrong in one line,
then where to look; or None. It says nothing that the results do not show. The first to speak is
heard.
"""

from collections.abc import Callable

from musiclab.check.kinds import lists, numbers, results, shapes
from musiclab.check.kinds.case import Case

KINDS: tuple[Callable[[Case], str | None], ...] = (
    results.no_return,
    results.wrong_container,
    shapes.axes_swapped,
    shapes.reshaped,
    shapes.axis_of_one,
    shapes.wrong_shape,
    results.number_type,
    numbers.not_a_number,
    results.not_reproducible,
    numbers.turned_round,
    lists.only_at_rests,
    numbers.sign,
    numbers.factor,
    numbers.size_factor,
    numbers.off_by_one,
    numbers.shifted,
    numbers.backwards,
    numbers.function_of_right,
    numbers.edge,
    numbers.cut_off,
    lists.order,
    lists.doubled,
    lists.missing,
    lists.too_many,
    lists.some_inputs,
    results.ignored_input,
    results.not_refused,
)
