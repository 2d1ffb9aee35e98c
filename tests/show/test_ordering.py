"""Lines are taken, moved and left out with buttons; the numbers below follow."""

from types import SimpleNamespace

import pytest
from ipywidgets import Button

from musiclab.show import OrderLines

LINES = ("    c = a < b", "    b = 2", "    a = 1", "    return c")


@pytest.fixture
def widget():
    return OrderLines(SimpleNamespace(id="order-00", header="def f():", lines=LINES))


def press(widget, number, description):
    (button,) = [
        one
        for one in widget._rows[number].children
        if isinstance(one, Button) and one.description == description
    ]
    assert not button.disabled
    button.click()


def shown(box):
    return [row.children[-1].value for row in box.children]


def test_buttons_bring_lines_into_order(widget):
    for number in (1, 3, 2):
        press(widget, number, "in")
    press(widget, 1, "down")
    press(widget, 1, "down")
    press(widget, 2, "up")
    assert widget.numbers == [2, 3, 1]
    press(widget, 4, "in")
    press(widget, 3, "out")
    assert widget.numbers == [2, 1, 4]
    assert "check(&quot;order-00&quot;, [2, 1, 4])" in widget._says.value
    assert [text.count("b = 2") for text in shown(widget._chosen)] == [1, 0, 0]
    assert len(shown(widget._left)) == 1 and "a = 1" in shown(widget._left)[0]


def test_the_ends_are_the_ends(widget):
    for number in (1, 2):
        widget.take(number)
    for number, here in ((1, (True, False)), (2, (False, True)), (3, (True, True))):
        up, down, *_ = widget._rows[number].children
        assert (up.disabled, down.disabled) == here
    widget.move(1, -1)
    widget.move(2, 1)
    assert widget.numbers == [1, 2]


def test_every_button_says_what_it_does_and_to_which_line(widget):
    widget.take(2)
    for number, row in widget._rows.items():
        for button in row.children[:3]:
            assert f"line {number}" in button.tooltip
    assert widget._rows[2].children[2].tooltip == "Leave out line 2"


def test_without_widgets_the_lines_are_there(widget):
    text = repr(widget)
    assert "def f():" in text and 'check("order-00", [...])' in text
    for number, line in enumerate(LINES, 1):
        assert f"{number:2} | {line}" in text
    assert "numbers of the lines" in widget.static_html()
