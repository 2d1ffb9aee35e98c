"""A notebook that is opened again without its kernel: pictures with sound, and what to do."""

import pytest
from lab_in_browser import save

SAVE = "() => window.jupyterapp.commands.execute('docmanager:save')"
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
DEAD = "Error displaying widget"
CELLS = (
    "from musiclab import Chorale, PianoRoll\nfrom musiclab.show import Studio",
    "PianoRoll(Chorale(pitches=[[60, 55, 52, 48]] * 16, title='Hum'))",
    "Studio(bars=4)",
)


def seen(page, selector):
    return sum(one.is_visible() for one in page.locator(selector).all())


@pytest.fixture(scope="module")
def name(lab):
    """A notebook that was run and saved; its kernel is gone."""
    name = save(lab, *CELLS)
    with lab.open(name) as opened:
        opened.run_all()
        page = opened.page
        assert opened.cell_errors() == [] and opened.console_errors == []
        live = (seen(page, "audio"), page.get_by_role("tab", name="Compose").count())
        assert live == (0, 1)  # the still version waits unseen behind the live one
        page.evaluate(SAVE)
        page.wait_for_timeout(500)  # ms
        page.evaluate(RESTART)
        words = "content => content.includes('run the cell again')"
        said = "el => getComputedStyle(el, '::before').content"
        warning = page.locator(".jp-OutputArea-output > .jupyter-widgets-disconnected").last
        warning.wait_for(timeout=30_000)
        assert page.evaluate(words, warning.evaluate(said))
    return name


def test_pictures_and_sound_are_there(lab, name):
    with lab.open(name) as opened:
        page = opened.page
        page.get_by_text("For the controls, run this cell").first.wait_for(timeout=60_000)
        page.wait_for_timeout(1500)  # ms: until the page has given the widgets up
        assert page.get_by_text(DEAD).filter(visible=True).count() == 0
        assert seen(page, "audio") == 2 and seen(page, ".jp-OutputArea img") == 3
        loaded = (
            "() => [...document.querySelectorAll('.jp-OutputArea img')].every(i => i.naturalWidth)"
        )
        assert page.evaluate(loaded)
        assert opened.outside == []
