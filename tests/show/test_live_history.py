"""The picture that grows while a model trains: in one place, not too often, never stale."""

from copy import deepcopy
from types import SimpleNamespace

import numpy as np
import pytest

from musiclab.show import live_history
from musiclab.show.live_history import LiveHistory


@pytest.fixture
def page(monkeypatch):
    """Stands in for a notebook's page: every picture it was given, and how many places it has."""
    seen = SimpleNamespace(pictures=[], places=0)

    def display(figure, display_id):
        assert display_id is True
        seen.places += 1
        seen.pictures.append(figure)
        return SimpleNamespace(update=seen.pictures.append)

    monkeypatch.setattr("IPython.display.display", display)
    return seen


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(seconds=0.0)  # as on a machine just switched on
    monkeypatch.setattr(live_history.time, "monotonic", lambda: now.seconds)
    return now


def trainer(step, steps=11):
    losses = [(n, 4.0 - n / 7) for n in range(1, step + 1)]
    history = SimpleNamespace(training=losses, validation=[])
    return SimpleNamespace(step=step, config=SimpleNamespace(steps=steps), history=history)


def steps_drawn(page):
    return [int(one.alt.split("step ")[1].split()[0]) for one in page.pictures]


def test_one_place_and_a_picture_every_few_seconds(page, clock):
    live = LiveHistory(title="Lesson")
    for step in range(1, 12):
        live(trainer(step))
        clock.seconds += 1
    assert steps_drawn(page) == [1, 4, 7, 10, 11]  # the last one always
    assert page.places == 1
    assert live.figure is page.pictures[-1]


def test_the_end_is_drawn_again_with_what_came_last(page, clock):
    """A training validates after its last step: the picture of that step is not the last word."""
    live, last = LiveHistory(), trainer(11)
    live(last)
    last.history.validation = [(11, 2.125)]
    live(last)
    assert "validation from 2.125" in live.figure.alt
    assert steps_drawn(page) == [11, 11]


def test_floors_and_losses_are_in_the_picture(page):
    live = LiveHistory(floors={"counting": 0.5})
    live(trainer(7))
    axes = live.figure.canvas.axes[0]
    assert axes.get_title(loc="left") == "Training, step 7 of 11"
    assert [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"] == [0.5]
    assert len(axes.lines[0].get_xdata()) == 7


def test_two_trainings_have_two_places(page):
    for live in (LiveHistory(), LiveHistory()):
        live(trainer(1))
    assert page.places == 2


def test_a_real_training_is_drawn_to_its_end(page, model):
    from musiclab.music.chorale import Chorale
    from musiclab.tokens.grid import GridTokenizer
    from musiclab.training import FrameBatches, Trainer, TrainingConfig

    piece = Chorale(pitches=np.array([[72, 67, 64, 48], [71, 67, 62, 43], [72, 67, 64, 48]]))
    batches = FrameBatches([piece], GridTokenizer(holds=True), model.conditions, training=False)
    config = TrainingConfig(steps=3, validate_every=3, log_every=1)
    live = LiveHistory()
    options = {"on_step": live, "on_validate": live, "device": "cpu", "show_progress": False}
    running = Trainer(deepcopy(model.model), batches, config, valid=batches, **options)
    history = running.run()
    assert f"training from {history.losses[0]:.3f} to {history.losses[-1]:.3f}" in live.figure.alt
    assert f"validation from {history.valid_losses[0]:.3f}" in live.figure.alt
    assert page.places == 1
