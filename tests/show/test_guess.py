"""Bach or model: guesses are taken, judged truly, and told when they should be."""

import re
from dataclasses import replace

import numpy as np
import pytest

from musiclab.errors import SettingError
from musiclab.evaluate.intervals import wilson_interval
from musiclab.music.chorale import Chorale
from musiclab.show.guess import BachOrModel
from musiclab.show.riddles import BARS

FRAMES = 16 * BARS


def game(model, pieces, **options):
    return BachOrModel(checkpoint=model, pieces=pieces, **options)


@pytest.mark.parametrize("guess", [True, False])
def test_the_verdict_is_true(model, pieces, guess):
    played = game(model, pieces, rounds=5, seed=1)
    for number, riddle in enumerate(played.riddles):
        assert played.verdicts[number].value == ""
        played.guess(number, by_bach=guess)
        right = riddle.by_bach == guess
        assert ("Right." in played.verdicts[number].value) == right
        assert ("No." in played.verdicts[number].value) != right
    assert played.right == sum(riddle.by_bach == guess for riddle in played.riddles)
    assert f"{played.right} of 5 right" in played.result.value
    assert "once in 32 games" in played.result.value


def test_the_buttons_guess_for_their_own_riddle(model, pieces):
    played = game(model, pieces, rounds=3, seed=1)
    played.buttons[1][0].click()
    played.buttons[2][1].click()
    assert played.guesses == [None, True, False]
    assert "2 of 3 guessed" in played.result.value
    assert [one.disabled for one in played.buttons[1]] == [True, True]
    assert [one.disabled for one in played.buttons[0]] == [False, False]


def test_once_the_truth_is_told_the_first_guess_counts(model, pieces):
    played = game(model, pieces, rounds=1)
    played.guess(0, by_bach=True)
    played.guess(0, by_bach=False)
    assert played.guesses == [True]


def test_before_the_truth_is_told_a_guess_can_be_changed(model, pieces):
    played = game(model, pieces, rounds=2, tell="at the end")
    played.guess(0, by_bach=True)
    assert not any(button.disabled for button in played.buttons[0])
    played.guess(0, by_bach=False)
    assert played.guesses == [False, None] and "the model" in played.verdicts[0].value
    played.guess(1, by_bach=True)
    played.guess(0, by_bach=True)
    assert played.guesses == [False, True]


def test_a_new_game_has_other_riddles_and_no_guesses(model, pieces):
    played = game(model, pieces, rounds=2)
    before, shown = played.riddles, played.children
    played.guess(0, by_bach=True)
    played.again.click()
    assert played.riddles != before and played.children != shown
    assert played.guesses == [None, None] and "None of 2" in played.result.value
    assert not any(button.disabled for pair in played.buttons for button in pair)


def test_the_still_version_folds_the_answers_away(model, pieces):
    evil = [replace(one, title="<script>x</script>") for one in pieces]
    html = game(model, evil, rounds=9)._repr_mimebundle_()[0]["text/html"]
    assert html.count("<audio") == html.count("<details>") == 9
    assert "<script>" not in html


@pytest.fixture
def no_waiting(monkeypatch):
    """Riddles by "the model" that are there at once."""

    def made(*, seed, **_):
        notes = 50 + np.random.default_rng(seed).integers(9, size=(FRAMES, 4))
        return Chorale(pitches=notes, source="musiclab tiny")

    monkeypatch.setattr("musiclab.show.riddles.compose", made)


@pytest.fixture
def silence(no_waiting, monkeypatch):
    """Such riddles, and nothing to be heard."""
    quiet = np.zeros(4000, dtype=np.float32)
    monkeypatch.setattr("musiclab.show.sound.render", lambda *_, **__: quiet)


def long_game(model, pieces, **options):
    return game(model, pieces, rounds=9, seed=2, player="sound", **options)


def truth(played):
    return "".join("B" if riddle.by_bach else "M" for riddle in played.riddles)


def test_at_the_end_no_answer_comes_before_the_last_guess(model, pieces, silence):
    played = long_game(model, pieces, tell="at the end")
    for number in range(8):
        played.guess(number, by_bach=True)
        for verdict in played.verdicts:
            assert "Right." not in verdict.value and "No." not in verdict.value
        assert "Noted: Bach." in played.verdicts[number].value
        assert "guessed" in played.result.value and "right" not in played.result.value
    played.guess(8, by_bach=False)
    for number, riddle in enumerate(played.riddles):
        right = riddle.by_bach == (number < 8)
        assert ("Right." in played.verdicts[number].value) == right
    assert f"{played.right} of 9 right" in played.result.value


def test_guesses_may_be_typed(model, pieces, silence):
    played = long_game(model, pieces)
    played.guess(1, by_bach=False)
    played.guess_all("bbb mmm BMB")
    assert played.guesses == [True, False, True, False, False, False, True, False, True]
    assert played.finished


@pytest.mark.parametrize("wrong", ["", "BMB", "BMBMBMBMX", "BMBMBMBMBM"])
def test_other_letters_or_numbers_of_them_are_refused(model, pieces, silence, wrong):
    played = long_game(model, pieces)
    for take in (played.guess_all, played.fooled_by):
        with pytest.raises(SettingError, match="guesses must be 9 letters"):
            take(wrong)
    assert played.guesses == [None] * 9


def test_who_is_fooled_is_who_guesses_wrong(model, pieces, silence):
    played = long_game(model, pieces)
    right = truth(played)
    wrong = "".join("M" if sign == "B" else "B" for sign in right)
    assert played.fooled_by(right) == [False] * 9
    assert played.fooled_by(wrong[0] + right[1:7] + wrong[7:]) == [True, *[False] * 6, True, True]
    played.guess_all(right[:8] + wrong[8])
    assert played.fooled == [False] * 8 + [True]
    assert played.right == 8


def test_another_listeners_guesses_give_nothing_away(model, pieces, silence):
    played = long_game(model, pieces)
    played.fooled_by("B" * 9)
    assert played.guesses == [None] * 9
    assert not any(one.value for one in played.verdicts)
    assert "None of" in played.result.value


def test_before_the_last_guess_there_is_nothing_to_judge(model, pieces, silence):
    played = long_game(model, pieces)
    played.guess(3, by_bach=True)
    assert not played.finished
    with pytest.raises(SettingError, match="8 of 9 riddles have no guess"):
        _ = played.fooled


@pytest.mark.parametrize(
    ("wrong", "verdict"), [(0, "you can tell"), (4, "do not show"), (9, "misread")]
)
def test_the_summary_says_what_the_interval_says(model, pieces, silence, wrong, verdict):
    played = long_game(model, pieces)
    other = {"B": "M", "M": "B"}
    right = truth(played)
    played.guess_all("".join(other[sign] for sign in right[:wrong]) + right[wrong:])
    low, high = wilson_interval(9 - wrong, 9)
    assert verdict in played.summary()
    assert f"{low:.0%} to {high:.0%}" in played.result.value


def test_sounds_are_light_and_show_no_notes(model, pieces, no_waiting):
    light = long_game(model, pieces).static_html()
    heavy = game(model, pieces, rounds=9, seed=2).static_html()
    assert light.count("<audio") == light.count("<details>") == 9
    assert "<img" not in light and "<img" in heavy
    assert len(light) < len(heavy) / 2
    assert len(light) < 9 * 40_000  # bytes


@pytest.mark.parametrize("player", ["roll", "sound"])
def test_nothing_outside_the_folds_tells(model, pieces, no_waiting, player):
    """Pieces by Bach and by the model leave the same words behind, but for the folded ones."""
    played = game(model, pieces, rounds=9, seed=2, player=player)
    html = re.sub(r"<details>.*?</details>", "", played._repr_mimebundle_()[0]["text/html"])
    visible = re.sub(r'src="[^"]*"', "", html)
    assert "BWV" not in visible and "musiclab" not in visible
    assert "Bach" not in visible and "model" not in visible


@pytest.mark.parametrize("options", [{"player": "video"}, {"tell": "never"}])
def test_there_are_two_players_and_two_times(model, pieces, no_waiting, options):
    with pytest.raises(SettingError, match="must be '(roll|at once)' or"):
        game(model, pieces, **options)
