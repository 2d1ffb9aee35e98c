"""The shipped cards agree with their checkpoints, and a card that does not is found out."""

import shutil

import model_cards
import pytest

from musiclab.checkpoint.load import SHIPPED, Checkpoint, shipped_names
from musiclab.training.presets import PRESETS


@pytest.mark.parametrize("name", shipped_names())
def test_the_shipped_cards_say_what_the_checkpoints_say(name):
    assert model_cards.faults_of(SHIPPED / name) == []


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of a shipped checkpoint, with its card and its log, whose facts are in order."""
    monkeypatch.setattr(model_cards, "SHIPPED", tmp_path)
    folder = shutil.copytree(SHIPPED / "bach-grid", tmp_path / "bach-grid")
    model_cards.main([])
    return folder


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("| parameters | ", "| parameters | 2", "the facts are not those"),
        ("| trained for | ", "| trained for | 9", "the facts are not those"),
        ("| valid, all 75 | 0.", "| valid, all 75 | 1.", "states 1."),
        ("train bach-grid ", "train bach-other ", "does not say `musiclab train bach-grid`"),
        ("## Limits", "## Bounds", "has no heading 'Limits'"),
        (
            "## Data",
            "<!-- music, --> old <!-- end of music -->\n\n## Data",
            "table is of other weights",
        ),
    ],
)
def test_a_card_that_is_wrong_is_found_out(folder, old, new, fault):
    card, before = folder / "README.md", set(model_cards.faults_of(folder))
    text = card.read_text()
    assert old in text
    card.write_text(text.replace(old, new))
    (found,) = set(model_cards.faults_of(folder)) - before
    assert found.startswith("bach-grid: ") and fault in found


def test_a_log_of_another_training_is_found_out(folder):
    shutil.copy(SHIPPED / "bach-studio" / "log.csv", folder / "log.csv")
    assert any("is not what the log has" in one for one in model_cards.faults_of(folder))


def test_a_training_that_makes_another_model_is_found_out():
    preset = PRESETS["bach-grid"]
    steps = preset.training.steps
    assert model_cards.differences("bach-grid", of(preset), steps) == []
    (other,) = model_cards.differences("bach-grid", of(preset), steps + 1)
    assert other == f"steps {steps}, here {steps + 1}"
    (other,) = model_cards.differences("bach-grid", of(preset.change(d_model=8)), steps)
    assert other.startswith("d_model ") and other.endswith(", here 8")
    found = model_cards.differences("bach-studio", of(preset), preset.training.steps)
    assert any(one.startswith("tokenizer ") for one in found)
    assert model_cards.differences("bach-other", of(preset), 1) == ["there is no such training"]


def of(preset):
    """Build what the training of a preset would save, untrained."""
    return Checkpoint(preset.build_model(), preset.tokenizer, preset.conditions, {}, "")


def test_writing_mends_the_facts_and_nothing_else(folder):
    card = folder / "README.md"
    right = card.read_text()
    card.write_text(right.replace("| fingerprint |", "| finger |") + "Words.\n")
    assert model_cards.main(["--check"]) == 1
    assert model_cards.main([]) == 0
    assert card.read_text() == right + "Words.\n"


def test_the_musical_table_is_put_where_the_card_has_room(folder, monkeypatch):
    monkeypatch.setattr(model_cards, "music_of", lambda folder: "a table")
    card = folder / "README.md"
    before = card.read_text()
    model_cards.main(["--musical", "bach-grid"])
    assert card.read_text() == before  # no room
    card.write_text(before + model_cards.BLOCK.format(name="music", text="old") + "\nWords.\n")
    model_cards.main(["--musical", "bach-grid"])
    assert card.read_text().endswith("-->\na table\n<!-- end of music -->\nWords.\n")
