"""`import musiclab` costs nothing until something is used; checked in a fresh process."""

import importlib
import json
import pkgutil
import subprocess
import sys

import pytest

import musiclab

HEAVY = {
    *("torch", "music21", "pretty_midi", "matplotlib", "verovio", "ipywidgets", "anywidget"),
    *("soundfile", "midirenderer", "IPython", "scipy", "numpy", "jaxtyping", "einops", "mido"),
}


def loaded_by(statement: str) -> set[str]:
    """Return the top-level modules that a fresh Python holds after ``statement``."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(ran.stdout.splitlines()[-1])}


def test_importing_musiclab_imports_nothing_heavy():
    assert not loaded_by("import musiclab; dir(musiclab); musiclab.__version__") & HEAVY


@pytest.mark.parametrize(
    ("package", "unwanted"),
    [
        ("musiclab.music", {"torch", "music21", "pretty_midi", "matplotlib"}),
        ("musiclab.tokens", {"torch", "music21", "pretty_midi", "matplotlib"}),
        ("musiclab.model", {"torch", "music21", "matplotlib"}),
        ("musiclab.checkpoint", {"torch", "music21", "matplotlib"}),
        ("musiclab.training", {"torch", "music21", "matplotlib"}),
        ("musiclab.sampling", {"torch", "music21", "matplotlib"}),
        ("musiclab.evaluate", {"torch", "music21", "matplotlib"}),
        ("musiclab.show", {"torch", "music21", "matplotlib", "verovio", "anywidget"}),
        ("musiclab.cli", {"torch", "music21", "matplotlib", "verovio", "IPython"}),
        ("musiclab.music.chorale", {"torch", "music21", "pretty_midi", "matplotlib"}),
        ("musiclab.tokens.grid", {"torch", "music21", "pretty_midi", "matplotlib"}),
    ],
)
def test_a_package_loads_only_what_it_needs(package, unwanted):
    assert not loaded_by(f"import {package}") & unwanted


def test_an_unknown_name_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = musiclab.nonsense


def test_a_star_brings_the_public_names():
    found = {}
    exec("from musiclab import *", found)
    assert set(musiclab.__all__) <= set(found)


PACKAGES = ["musiclab"]
PACKAGES += [one.name for one in pkgutil.walk_packages(musiclab.__path__, "musiclab.") if one.ispkg]


@pytest.mark.parametrize("package", PACKAGES)
def test_no_public_name_is_that_of_a_module(package):
    """Python would put the module in its place as soon as somebody imports it."""
    imported = importlib.import_module(package)
    modules = {one.name for one in pkgutil.iter_modules(imported.__path__)}
    public = getattr(imported, "__all__", [])
    assert not modules & set(public)
    for name in public:
        assert getattr(imported, name) is not None
