"""Bring lines of code into order: with the mouse, or with Tab and Enter."""

from html import escape
from typing import Any

from ipywidgets import HTML, Button, HBox, Layout, VBox

from musiclab.show.html import status
from musiclab.show.widgets import WithPicture

_NARROW = Layout(width="4.5em")


class OrderLines(WithPicture, VBox):
    """A list of lines to choose from and to move; below it stand the numbers chosen so far.

    Args:
        order: What is to be ordered, with an ``id``, a ``header`` and ``lines``.

    Example:
        >>> from types import SimpleNamespace
        >>> lines = ("    return x + y", "    y = 2")
        >>> widget = OrderLines(SimpleNamespace(id="order-00", header="def f(x):", lines=lines))
        >>> widget.take(2), widget.take(1), widget.numbers
        (None, None, [2, 1])
        >>> widget.move(1, -1)
        >>> widget.numbers
        [1, 2]
    """

    def __init__(self, order: Any) -> None:
        self._order = order
        self.numbers: list[int] = []  # of the lines chosen, in order
        self._rows = {n: _row(self, n, line) for n, line in enumerate(order.lines, 1)}
        self._chosen, self._left, self._says = VBox(), VBox(), HTML()
        header = HTML(_code(order.header))
        aside = HTML("<p>Lines that you have not taken:</p>")
        super().__init__([header, self._chosen, aside, self._left, self._says])
        self._show()

    def take(self, number: int) -> None:
        """Put a line at the end of those chosen, or back if it is among them."""
        if number in self.numbers:
            self.numbers.remove(number)
        else:
            self.numbers.append(number)
        self._show()
        _focus(self._rows[number].children[2])

    def move(self, number: int, step: int) -> None:
        """Move a chosen line up (step -1) or down (step 1)."""
        here = self.numbers.index(number)
        there = min(max(here + step, 0), len(self.numbers) - 1)
        self.numbers.insert(there, self.numbers.pop(here))
        self._show()
        _focus(self._rows[number].children[0 if step < 0 else 1])

    def static_html(self) -> str:
        """Say how it goes without buttons; the sheet has the lines just above."""
        return "<p>Give the numbers of the lines as a list, in the order in which they belong.</p>"

    def __repr__(self) -> str:
        """Return the lines with their numbers, for where nothing stands above."""
        numbered = [f"{n:2} | {line}" for n, line in enumerate(self._order.lines, 1)]
        ask = f'Which lines, in which order? check("{self._order.id}", [...]) takes their numbers.'
        return "\n".join([f"{'':2} | {self._order.header}", *numbered, ask])

    def _show(self) -> None:
        for number, row in self._rows.items():
            up, down, take, _ = row.children
            taken = number in self.numbers
            up.disabled = not taken or number == self.numbers[0]
            down.disabled = not taken or number == self.numbers[-1]
            take.description = "out" if taken else "in"
            take.tooltip = f"{'Leave out' if taken else 'Take'} line {number}"
        self._chosen.children = [self._rows[n] for n in self.numbers]
        self._left.children = [row for n, row in self._rows.items() if n not in self.numbers]
        call = f'check("{self._order.id}", {self.numbers})'
        self._says.value = status(f"<code>{escape(call)}</code>")


def _row(widget: OrderLines, number: int, line: str) -> HBox:
    up = Button(description="up", tooltip=f"Move line {number} up", layout=_NARROW)
    down = Button(description="down", tooltip=f"Move line {number} down", layout=_NARROW)
    take = Button(layout=_NARROW)
    up.on_click(lambda _: widget.move(number, -1))
    down.on_click(lambda _: widget.move(number, 1))
    take.on_click(lambda _: widget.take(number))
    return HBox([up, down, take, HTML(_code(f"{number:2} | {line}"))])


def _code(text: str) -> str:
    return f'<pre style="margin: 0">{escape(text)}</pre>'


def _focus(button: Button) -> None:
    """Keep the keyboard on the button pressed, though its row has moved; ipywidgets 8 can."""
    if hasattr(button, "focus"):
        button.focus()
