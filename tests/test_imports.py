"""`import musiclab` costs nothing until something is used; checked in a fresh process."""

import json
import subprocess
import sys

import pytest

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


def public_names() -> list[str]:
    import musiclab

    return [name for name in dir(musiclab) if not name.startswith("_")]


@pytest.mark.parametrize("name", public_names())
def test_every_public_name_is_there(name):
    import musiclab

    assert getattr(musiclab, name) is not None


def test_an_unknown_name_is_refused():
    import musiclab

    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = musiclab.nonsense


PACKAGES = ("music", "tokens", "model", "training", "sampling", "evaluate", "show")


@pytest.mark.parametrize("package", PACKAGES)
def test_public_functions_win_over_modules_of_their_name(package):
    """Once their modules are imported: Python would otherwise put the module in their place."""
    statement = (
        f"import musiclab.{package} as package, pkgutil, importlib, types\n"
        "names = [one.name for one in pkgutil.iter_modules(package.__path__)]\n"
        "for name in names: importlib.import_module(f'{package.__name__}.{name}')\n"
        "for name in dir(package): assert not isinstance(getattr(package, name), types.ModuleType)"
    )
    loaded_by(statement)
