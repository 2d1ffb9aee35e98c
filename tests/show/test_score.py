import base64
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.music.chorale import Chorale
from musiclab.show.score import Score

SVG = "{http://www.w3.org/2000/svg}"


def count(svg, name):
    groups = ElementTree.fromstring(svg).iter(f"{SVG}g")
    return sum(name in group.get("class", "").split() for group in groups)


def note_heads(chorale):
    """Count heads: one a note, and one more for each bar line or odd length that cuts it."""
    from musiclab.music.to_score import score_from_chorale

    return len(score_from_chorale(chorale).flatten().notes)


@pytest.mark.parametrize("staves", [2, 4])
def test_the_drawing_has_every_note_head(chorale, staves):
    svg = Score(chorale, staves=staves).svg
    assert count(svg, "notehead") == note_heads(chorale)
    assert count(svg, "staff") == staves * count(svg, "measure")
    assert count(svg, "clef") == staves * count(svg, "system")


@pytest.mark.parametrize("staves", [2, 4])
def test_heads_are_the_chorales_notes_where_no_tie_is_needed(staves):
    pitches = np.repeat(np.arange(60, 67), 4)[:, None] - np.array([0, 4, 12, 16])
    chorale = Chorale(pitches=pitches)
    svg = Score(chorale, staves=staves).svg
    assert count(svg, "notehead") == sum(len(chorale.notes(voice)) for voice in range(4)) == 28
    assert count(svg, "tie") == 0


def test_two_staves_have_two_layers_with_stems_apart(chorale):
    layers = [
        group
        for group in ElementTree.fromstring(Score(chorale).svg).iter(f"{SVG}g")
        if "layer" in group.get("class", "").split()
    ]
    assert len(layers) == 3 * 2 * 2  # bars, staves, voices
    for number, layer in enumerate(layers):
        for group in layer.iter(f"{SVG}g"):
            if group.get("class") != "stem" or group.find(f"{SVG}path") is None:
                continue
            start, end = re.findall(r"[ML]\S+ (-?\d+)", group.find(f"{SVG}path").get("d"))
            assert (int(end) < int(start)) == (number % 2 == 0)  # y grows downwards


def test_fermatas_are_drawn_once_a_chord(chorale):
    assert count(Score(chorale).svg, "fermata") >= 1
    without = replace(chorale, fermatas=np.zeros(len(chorale), dtype=bool))
    assert count(Score(without).svg, "fermata") == 0


def test_the_same_music_gives_the_same_drawing(chorale):
    assert Score(chorale).svg == Score(chorale).svg


def test_key_signature_and_pickup(chorale):
    svg = Score(chorale).svg
    assert count(svg, "keyAccid") == 2 * count(svg, "system")  # one sharp a staff
    assert count(svg, "measure") == 3


def test_the_page_ends_below_the_last_system(chorale):
    root = ElementTree.fromstring(Score(chorale).svg)
    assert int(root.get("height").removesuffix("px")) < 300


def test_long_pieces_flow_in_systems_of_one_width(chorale):
    pitches = np.repeat(np.arange(60, 76), 2).repeat(4)[:, None] - np.array([0, 4, 12, 16])
    root = ElementTree.fromstring(Score(Chorale(pitches=np.tile(pitches, (2, 1)))).svg)
    assert root.get("width") == "900px"
    assert count(ElementTree.tostring(root), "system") >= 2


def test_sixteen_bars_stay_small():
    random = np.random.default_rng(7)
    pitches = random.integers(60, 72, size=(128, 1)).repeat(2, axis=0) - np.array([0, 4, 12, 16])
    assert len(Score(Chorale(pitches=pitches)).svg) < 300_000  # 512 eighth notes: dense


def test_bars_are_cut_with_the_pickup_as_bar_0(chorale):
    assert count(Score(chorale, bars=(0, 1)).svg, "measure") == 2
    assert Score(chorale, bars=(1, 2)).chorale == chorale.excerpt(4, 23)
    with pytest.raises(SettingError, match="within 0 and 2"):
        Score(chorale, bars=(1, 3))


@pytest.mark.parametrize("staves", [0, 3, True])
def test_other_numbers_of_staves_are_refused(chorale, staves):
    with pytest.raises(SettingError, match="staves must be 2 or 4"):
        Score(chorale, staves=staves)


def test_nothing_to_draw_is_refused():
    with pytest.raises(SettingError, match="no frames"):
        Score(Chorale(pitches=np.zeros((0, 4), dtype=int)))


def test_html_is_an_image_on_white_with_its_facts(chorale):
    score = Score(chorale)
    page = score._repr_html_()
    assert not re.search(r"<(script|svg|object|iframe)|\son\w+=|https?:", page)
    (data,) = re.findall(r'<img [^>]*src="data:image/svg\+xml;base64,([^"]+)"[^>]*white', page)
    assert base64.b64decode(data).decode() == score.svg
    assert "<b>" not in page and "Seven &lt;b&gt;bars&lt;/b&gt; &amp; more" in page
    assert "G major" in score.alt and "3 bars" in score.alt


def test_image_loads_nothing_and_runs_nothing(chorale):
    hostile = replace(chorale, title='"/><script>alert(1)</script>')
    svg = Score(hostile).svg
    assert "<script" not in svg and "base64" not in svg
    addresses = re.findall(r'(?:href|src)="([^"]*)"', svg)
    assert addresses and all(address.startswith("#") for address in addresses)


def test_saved_svg_is_the_drawing(chorale, tmp_path):
    score = Score(chorale)
    assert score.save(tmp_path / "a.svg").read_text() == score.svg
    with pytest.raises(SettingError, match="svg"):
        score.save(tmp_path / "a.png")


def test_a_callback_in_another_thread_engraves_the_same(chorale):
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(lambda: Score(chorale).svg).result() == Score(chorale).svg
