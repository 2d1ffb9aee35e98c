"""Notebooks in a real JupyterLab and browser: Run All works, and nothing leaves the machine.

Three of them, those with the most widgets: the first one in test_hear_it_first.py, where its
buttons are pressed, too. nbval runs every cell of all.
"""

import pytest
from lab_in_browser import save

HELLO = "from IPython.display import HTML, Javascript\nHTML('<b id=hello>hello</b>')"


LONG = pytest.param("13_did_it_work", marks=pytest.mark.soak)


@pytest.mark.parametrize("name", ["12_sampling_studio", LONG])
def test_run_all(name, lab):
    with lab.open(f"{name}.ipynb") as opened:
        opened.run_all()
        assert opened.cell_errors() == []
        assert opened.not_run() == []
        assert opened.outside == []
        assert opened.console_errors == []


# The harness itself: it must pass a good notebook and see every kind of fault in a bad one.
DOWNLOAD = "import urllib.request; urllib.request.urlopen('http://music.invalid', timeout=5)"
FAULTS = {
    "picture": 'HTML(\'<img src="http://music.invalid/picture" alt="a note">\')',
    "sound": "HTML('<audio src=\"http://music.invalid/sound\" preload=auto></audio>')",
    "fetch": "Javascript('fetch(\"http://music.invalid/fetch\").catch(() => {})')",
    "socket": "Javascript('new WebSocket(\"ws://music.invalid/socket\")')",
}
WRONG_NOTE = "Javascript('console.error(\"a wrong note\")')"


def test_harness_passes_a_good_notebook(lab):
    with lab.open(save(lab, HELLO)) as opened:
        assert opened.not_run() == [HELLO]
        opened.run_all()
        assert opened.page.locator("#hello").inner_text() == "hello"
        faults = (opened.not_run(), opened.cell_errors(), opened.outside, opened.console_errors)
        assert faults == ([], [], [], [])


def test_harness_sees_every_fault(lab):
    with lab.open(save(lab, HELLO, *FAULTS.values(), WRONG_NOTE, DOWNLOAD, "'never'")) as opened:
        opened.run_all()
        asked = {address.rpartition("/")[2] for address in opened.outside}
        assert asked == set(FAULTS)
        assert any("a wrong note" in error for error in opened.console_errors)
        (error,) = opened.cell_errors()  # the kernel reaches no network either
        assert "refused" in error  # by the closed door, before any name was looked up
        assert opened.not_run() == ["'never'"]
