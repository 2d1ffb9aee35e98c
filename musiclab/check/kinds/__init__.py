"""Kinds of mistakes that occur everywhere, tried where no known mistake fits.

Each is a function that looks at all calls and says what it sees, first what is wrong in one line,
then where to look; or None. It says nothing that the results do not show. The first to speak is
heard.
"""

from collections.abc import Callable

from musiclab.check.kinds import lists, numbers, places, results, shapes
from musiclab.check.kinds.case import Case

KINDS: tuple[Callable[[Case], str | None], ...] = (
    results.no_return,
    results.not_refused,
    results.wrong_container,
    shapes.axes_swapped,
    shapes.reshaped,
    shapes.axis_of_one,
    shapes.wrong_shape,
    results.number_type,
    numbers.not_a_number,
    results.not_reproducible,
    numbers.turned_round,
    places.only_at_rests,
    places.only_where,
    numbers.sign,
    numbers.factor,
    numbers.size_factor,
    numbers.off_by_one,
    numbers.shifted,
    numbers.backwards,
    numbers.function_of_right,
    places.edge,
    numbers.cut_off,
    lists.order,
    lists.doubled,
    lists.missing,
    lists.too_many,
    places.some_inputs,
    results.ignored_input,
)
