"""Notebooks that nobody runs: exported to HTML, or open and not trusted; they sound and show."""

import nbformat
import pytest
from lab_in_browser import OpenNotebook, listen
from nbconvert import HTMLExporter

READ = ["00_hear_it_first", "06_attention", "13_did_it_work"]

# Each element once it has loaded; a sound is played until it has moved on, for 20 s at most.
LOADED = """async () => {
    const pictures = [...document.querySelectorAll('img')];
    const sounds = [...document.querySelectorAll('audio')];
    for (const picture of pictures) await picture.decode().catch(() => {});
    const played = [];
    for (const sound of sounds) {
        sound.muted = true;
        await sound.play().catch(() => {});
        for (let waited = 0; sound.currentTime === 0 && waited < 20000; waited += 100)
            await new Promise(done => setTimeout(done, 100));
        sound.pause();
        played.push([sound.duration, sound.currentTime]);
    }
    return {pictures: pictures.map(one => one.naturalWidth), played};
}"""


def check(page, notebook):
    """Look whether all pictures of a saved notebook show, and all its sounds can be heard."""
    found = page.evaluate(LOADED)
    cells = nbformat.read(notebook, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    saved = str([output.get("data", {}).get("text/html", "") for output in outputs])
    assert len(found["pictures"]) == saved.count("<img ") > 0
    assert all(width > 0 for width in found["pictures"])
    assert len(found["played"]) == saved.count("<audio ") > 0
    for seconds, heard in found["played"]:
        assert seconds > 1
        assert heard > 0


@pytest.fixture
def saved(request, notebook_folder):
    return notebook_folder / f"{request.param}.ipynb"


@pytest.mark.parametrize("saved", READ, indirect=True)
def test_exported(saved, lab, tmp_path):
    page_of_html, _ = HTMLExporter().from_filename(str(saved))
    (tmp_path / "page.html").write_text(page_of_html, encoding="utf-8")
    context = lab.browser.new_context(offline=True)
    opened = OpenNotebook(context.new_page())
    listen(opened)
    opened.page.goto((tmp_path / "page.html").as_uri())
    check(opened.page, saved)
    # nbconvert puts two scripts of its own on every page: without a network they do not load,
    # and the notebook does without them.
    theirs = [one for one in opened.outside if "require" in one or "mathjax" in one.lower()]
    assert opened.outside == theirs
    assert all("ERR_INTERNET_DISCONNECTED" in error for error in opened.console_errors)
    assert len(opened.console_errors) == len(theirs)
    context.close()


@pytest.mark.parametrize("saved", READ, indirect=True)
def test_not_trusted(saved, lab):
    with lab.open(saved.name) as opened:  # Jupyter trusts only what it has run itself
        opened.page.wait_for_timeout(1000)  # ms: outputs arrive one after another
        check(opened.page, saved)
        assert opened.outside == []
        assert opened.console_errors == []
