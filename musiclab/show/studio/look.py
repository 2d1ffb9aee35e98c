"""How the controls of the studio look: narrow enough for a phone, with the name before each."""

from typing import Any

import ipywidgets as ui


def wide(width: str = "300px") -> dict[str, Any]:
    """Return the style and the layout of a control with its name before it."""
    layout = ui.Layout(width=width, max_width="100%")
    return {"style": {"description_width": "initial"}, "layout": layout}


def note(html: str) -> ui.HTML:
    """Make a line of explanation."""
    return ui.HTML(f'<div style="line-height: 1.4; font-size: 12px">{html}</div>')


def menu(description: str, options: Any, **settings: Any) -> ui.Dropdown:
    """Make a menu; a mapping gives each choice its name."""
    return ui.Dropdown(options=options, description=description, **settings, **wide())


def number(description: str, value: int, lowest: int, highest: int) -> ui.BoundedIntText:
    """Make a box for a whole number."""
    return ui.BoundedIntText(value, min=lowest, max=highest, description=description, **wide())


def tick(description: str, value: bool = False) -> ui.Checkbox:
    """Make a box to tick."""
    layout = ui.Layout(width="auto", max_width="100%")
    return ui.Checkbox(value, description=description, indent=False, layout=layout)


def text(description: str, hint: str) -> ui.Text:
    """Make a line to write in."""
    return ui.Text(description=description, placeholder=hint, continuous_update=False, **wide())


def button(description: str, act: Any, **settings: Any) -> ui.Button:
    """Make a button; ``act`` is called without arguments."""
    one = ui.Button(description=description, layout=ui.Layout(width="auto"), **settings)
    one.on_click(lambda _: act())
    return one


def row(*children: Any) -> ui.HBox:
    """Put controls side by side, and below each other where there is no room."""
    return ui.HBox(children, layout=ui.Layout(flex_flow="row wrap", align_items="center"))


def shown(control: Any) -> Any:
    """Return a control's value as the learner sees it."""
    if isinstance(control, ui.Checkbox):
        return "yes" if control.value else "no"
    return control.label if isinstance(control, ui.Dropdown) else control.value
