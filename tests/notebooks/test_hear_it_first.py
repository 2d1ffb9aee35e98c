"""Notebook 00 in a real browser: what a learner would press does what it says."""

import re

import pytest


@pytest.fixture(scope="module")
def opened(lab):
    with lab.open("00_hear_it_first.ipynb") as notebook:
        notebook.run_all()
        yield notebook


@pytest.fixture(autouse=True)
def nothing_went_wrong(opened):
    yield
    assert opened.console_errors == []
    assert opened.outside == []


def recipe(page):
    return page.locator("code", has_text="musiclab bach-studio@").first


def test_a_new_seed_gives_another_piece(opened):
    page = opened.page
    assert "seed=11 " in recipe(page).inner_text()
    page.get_by_role("button", name="Another seed").click()
    page.locator("code", has_text="seed=12 ").first.wait_for(timeout=60_000)


def test_the_slider_sets_the_temperature(opened):
    page = opened.page
    page.wait_for_timeout(1500)  # ms: a slider's value is sent only once the kernel is idle
    page.locator(".noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Compose").click()
    page.locator("code", has_text="temperature=1.05").first.wait_for(timeout=60_000)


def test_every_choice_still_shows_what_is_chosen(opened):
    shown = r"lists => lists.map(list => list.selectedOptions[0]?.text.replace(/\s/g, ' '))"
    chosen = opened.page.locator(".widget-dropdown select").evaluate_all(shown)
    assert chosen[:3] == 3 * ["all tokens"]  # top-k, top-p, min-p
    assert chosen[3:] == ["4", "drawn by the seed", "let the model choose", "nothing"]


@pytest.mark.parametrize(
    ("label", "beginning", "suffix"),
    [("Save MIDI", b"MThd", ".mid"), ("Save MusicXML", b"<?xml", ".musicxml")],
)
def test_the_piece_can_be_saved(opened, tmp_path, label, beginning, suffix):
    with opened.page.expect_download() as started:
        opened.page.get_by_role("button", name=label).click()
    started.value.save_as(tmp_path / "saved")
    assert started.value.suggested_filename.endswith(suffix)
    assert (tmp_path / "saved").read_bytes().startswith(beginning)


def test_the_line_moves_when_it_plays(opened):
    page = opened.page
    page.get_by_role("button", name=re.compile("^Play")).first.click()
    page.wait_for_function("() => /0:0[1-9] \\/ 0:/.test(document.body.innerText)", timeout=30_000)
    page.get_by_role("button", name=re.compile("^Pause")).first.click()


def test_three_guesses_and_a_verdict(opened):
    page = opened.page
    for _ in range(3):
        page.locator("button:not([disabled])", has_text=re.compile("^Bach$")).first.click()
        page.wait_for_timeout(500)  # ms: the kernel answers
    page.get_by_text(re.compile("[0-3] of 3 right")).wait_for(timeout=30_000)
    assert page.get_by_text("This is Bach").count() + page.get_by_text("This is the model").count()
