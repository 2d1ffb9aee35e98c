"""Notebook 00 in a real browser: what a learner would press does what it says."""

import re

import pytest

# Notes every word that the studio says, since some stand for a moment only.
LISTEN = """() => {
    window.said = [];
    const note = () => {
        for (const one of document.querySelectorAll('[role=status]'))
            if (window.said.at(-1) !== one.innerText) window.said.push(one.innerText);
    };
    new MutationObserver(note).observe(document.body, {subtree: true, childList: true});
}"""


@pytest.fixture(scope="module")
def opened(lab):
    with lab.open("00_hear_it_first.ipynb") as notebook:
        notebook.run_all()
        assert notebook.cell_errors() == [] and notebook.not_run() == []
        yield notebook


@pytest.fixture(autouse=True)
def nothing_went_wrong(opened):
    yield
    assert opened.console_errors == []
    assert opened.outside == []


def studio(page):
    return page.locator(".jp-OutputArea-child", has=page.get_by_role("tab", name="Rewrite"))


def said(page, words):
    """Wait until the studio says this."""
    studio(page).get_by_role("status").filter(has_text=words).first.wait_for(timeout=60_000)


def test_a_double_click_on_another_seed_gives_one_other_piece(opened):
    page = opened.page
    said(page, "seed 11")
    page.evaluate(LISTEN)
    another = studio(page).get_by_role("button", name="Another seed").first
    another.dblclick()
    said(page, "seed 12")
    page.wait_for_timeout(1500)  # ms: time for a second piece to begin
    assert studio(page).get_by_label("Seed").first.input_value() == "12"
    heard = page.evaluate("() => window.said")
    assert any("Composing: bar 1" in one for one in heard) and "Playing" in heard
    assert page.evaluate("document.activeElement.innerText").strip() == "Another seed"


def test_stop_stops_the_music_and_the_writing(opened):
    page = opened.page
    studio(page).get_by_label("Bars").select_option("16")
    studio(page).get_by_role("button", name="Compose", exact=True).click()
    said(page, re.compile("Composing: bar [1-9]"))
    studio(page).get_by_role("button", name="Stop").click()
    said(page, "Stopped.")
    assert studio(page).get_by_role("button", name="Play", exact=True).is_visible()
    studio(page).get_by_label("Bars").select_option("4")


def test_the_slider_sets_the_temperature(opened):
    page = opened.page
    studio(page).get_by_label("Play while").uncheck()
    slider = studio(page).get_by_role("slider", name="Temperature").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)  # ms: the kernel hears of it
    studio(page).get_by_role("button", name="Compose", exact=True).click()
    said(page, "temperature 1.05")


def test_every_choice_still_shows_what_is_chosen(opened):
    shown = r"lists => lists.map(list => list.selectedOptions[0]?.text.replace(/\s/g, ' '))"
    chosen = studio(opened.page).locator("select").evaluate_all(shown)
    assert chosen[:3] == 3 * ["all tokens"]  # top-k, top-p, min-p
    assert chosen[3:7] == ["4", "drawn by the seed", "let the model choose", "nothing"]


@pytest.mark.parametrize(
    ("label", "beginning", "suffix"),
    [
        ("Save MIDI", b"MThd", ".mid"),
        ("Save MusicXML", b"<?xml", ".musicxml"),
        ("Save MP3", b"", ".mp3"),
    ],
)
def test_the_piece_can_be_saved(opened, tmp_path, label, beginning, suffix):
    with opened.page.expect_download() as started:
        studio(opened.page).get_by_role("button", name=label).click()
    started.value.save_as(tmp_path / "saved")
    name = started.value.suggested_filename
    assert name.startswith("chorale-in-") and name.endswith(suffix)
    content = (tmp_path / "saved").read_bytes()
    assert content.startswith(beginning) and len(content) > 300


def test_a_bar_is_rewritten_in_three_ways(opened):
    page = opened.page
    studio(page).get_by_role("tab", name="Rewrite").click()
    studio(page).get_by_role("button", name="Mark these bars").click()
    studio(page).get_by_role("button", name="Rewrite what is marked").click()
    said(page, "alternative 1")
    studio(page).get_by_role("button", name="2", exact=True).click()
    said(page, "alternative 2")
    studio(page).get_by_role("button", name="Keep this one").click()
    page.get_by_role("option", name=re.compile("take [0-9]: rewritten")).first.wait_for(
        state="attached", timeout=30_000
    )


def test_only_one_player_is_heard(opened):
    page = opened.page
    roll = studio(page).get_by_role("button", name="Play", exact=True)
    roll.click()
    page.wait_for_function("() => /0:0[1-9] \\/ 0:/.test(document.body.innerText)", timeout=30_000)
    players = page.locator("audio:visible")
    if players.count() >= 2:
        start = "one => { one.muted = true; return one.play(); }"
        players.nth(0).evaluate(start)
        roll.wait_for(timeout=10_000)  # it says "Play" again, for it has paused
        players.nth(1).evaluate(start)
        page.wait_for_function("one => one.paused", arg=players.nth(0).element_handle())
        roll.click()
        page.wait_for_function("one => one.paused", arg=players.nth(1).element_handle())
    studio(page).get_by_role("button", name="Pause", exact=True).click()


def test_three_guesses_and_a_verdict(opened):
    page = opened.page
    for _ in range(3):
        page.locator("button:not([disabled])", has_text=re.compile("^Bach$")).first.click()
        page.wait_for_timeout(500)  # ms: the kernel answers
    page.get_by_text(re.compile("[0-3] of 3 right")).first.wait_for(timeout=30_000)
    assert page.get_by_text("This is Bach").count() + page.get_by_text("This is the model").count()
