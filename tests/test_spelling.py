"""Prose and code are spelt right, in British English; the checker's words are in pyproject.toml."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TYPOS = Path(sys.executable).with_name("typos")


def misspelt(*paths):
    """Return what the checker has to say about some files."""
    command = [TYPOS, "--config", ROOT / "pyproject.toml", "--format", "brief", *paths]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert found.returncode in (0, 2), found.stderr  # 2: there are misspelt words
    return found.stdout.splitlines()


def test_everything_is_spelt_right():
    assert misspelt(".") == []


@pytest.mark.parametrize("word", ["recieve", "harmonize", "neighbor", "quantization"])
def test_wrong_words_are_found(tmp_path, word):  # the last three are right in another country
    page = tmp_path / "page.md"
    page.write_text(f"The {word} of music.\n")
    assert len(misspelt(page)) == 1
