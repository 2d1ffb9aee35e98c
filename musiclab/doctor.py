"""Look at an installation: what is there, what is missing, and what to do about it."""

import os
import platform
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from musiclab.errors import MusicLabError

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Args:
        what: In a few words.
        remedy: What to do; "" where all is well.
        fatal: Whether musiclab cannot compose or sound because of it.
    """

    what: str
    remedy: str = ""
    fatal: bool = False

    def __str__(self) -> str:
        """One line, and one more for the remedy.

        Example:
            >>> print(Finding("no GPU", "none is needed"))
            note   no GPU
                   -> none is needed
        """
        mark = "FAULT" if self.fatal else "note" if self.remedy else "ok"
        return f"{mark:<7}{self.what}" + (f"\n       -> {self.remedy}" if self.remedy else "")


def examine() -> Iterator[Finding]:
    """Look at everything, cheap things first."""
    yield check_python()
    for line in needed():
        yield check_dependency(line)
    for check in (check_gpu, check_synthesiser, check_cache_folder, check_corpus, check_widgets):
        yield _guarded(check)
    yield from check_checkpoints()
    yield _guarded(check_music)


def check_python() -> Finding:
    """Is this Python new enough?"""
    name = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < OLDEST_PYTHON:
        return Finding(name, "install Python 3.11 or newer", fatal=True)
    return Finding(name)


def needed() -> list[str]:
    """List the dependencies of this machine as pyproject.toml has them, with their ranges."""
    from packaging.requirements import Requirement

    def applies(line: str) -> bool:
        marker = Requirement(line).marker
        return marker is None or marker.evaluate({"extra": ""})

    pyproject = Path(__file__).parent.parent / "pyproject.toml"
    if pyproject.is_file():  # a checkout knows better than what was once installed
        project = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == "musiclab":
            return list(filter(applies, project["dependencies"]))
    try:
        return list(filter(applies, metadata.requires("musiclab") or []))
    except metadata.PackageNotFoundError:
        return []


def check_dependency(line: str) -> Finding:
    """Is a package there, in a version that will do?

    Example:
        >>> check_dependency("numpy>=9999").remedy
        "pip install 'numpy>=9999'"
    """
    from packaging.requirements import Requirement

    wanted = Requirement(line)
    name, bounds = wanted.name, wanted.specifier
    remedy = f"pip install '{name}{bounds}'"
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        # One with a marker does not exist for every machine; something plainer stands in for it.
        return Finding(f"{name} is not installed", remedy, fatal=not wanted.marker)
    if not bounds.contains(version, prereleases=True):
        return Finding(f"{name} {version} is outside {bounds}", remedy, fatal=True)
    return Finding(f"{name} {version}")


def check_gpu() -> Finding:
    """Is there an accelerator?"""
    import torch

    if torch.cuda.is_available():
        return Finding(f"GPU: {torch.cuda.get_device_name()}")
    if torch.backends.mps.is_available():
        return Finding("GPU: Apple's")
    return Finding(f"no GPU, {torch.get_num_threads()} threads of the processor; that is enough")


def check_synthesiser() -> Finding:
    """What plays the notes?"""
    from musiclab.show.synthesis import which_synthesiser

    name = which_synthesiser()
    if name == "sine":
        return Finding("sound by plain sine tones", "pip install midirenderer, for instruments")
    return Finding(f"sound by {name}")


def check_cache_folder() -> Finding:
    """May we keep what we rebuild?"""
    from musiclab.paths import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        remedy = "name a folder that you may write to in the environment variable MUSICLAB_CACHE"
        return Finding(f"cache folder {folder} cannot be written ({error.strerror})", remedy)
    return Finding(f"cache folder {folder}")


def check_corpus() -> Finding:
    """Are Bach's chorales parsed already?"""
    from musiclab.music.corpus import cache

    if cache.load(cache.cache_path()) is None:
        remedy = 'python -c "import musiclab; musiclab.corpus()"; or wait when it is first used'
        return Finding("the corpus of chorales is not in the cache yet", remedy)
    return Finding("the corpus of chorales is in the cache")


def check_widgets() -> Finding:
    """Can notebooks show controls?"""
    import anywidget  # noqa: F401  (that it can be imported is the question)
    import ipywidgets

    for lab in ("jupyterlab", "notebook", "google-colab"):
        try:
            return Finding(f"notebooks: {lab} {metadata.version(lab)}, widgets work")
        except metadata.PackageNotFoundError:
            continue
    remedy = "pip install 'musiclab[lab]', or open the notebooks where Jupyter is"
    return Finding(f"ipywidgets {ipywidgets.__version__}, but no JupyterLab here", remedy)


def check_checkpoints() -> Iterator[Finding]:
    """Can the models that come with musiclab be read?"""
    from musiclab.checkpoint.load import load_checkpoint, shipped_names

    names = shipped_names()
    if not names:
        yield Finding("no checkpoint came with musiclab", "install musiclab again", fatal=True)
    for name in names:
        try:
            loaded = load_checkpoint(name)
        except MusicLabError as error:
            yield Finding(f"checkpoint {name}: {error}", "install musiclab again", fatal=True)
            continue
        count = sum(weights.numel() for weights in loaded.model.parameters())
        yield Finding(f"checkpoint {name} {loaded.fingerprint}, {count / 1e6:.1f} M parameters")


def check_music() -> Finding:
    """Does it compose, and does that sound?"""
    from musiclab.sampling.composing import compose
    from musiclab.show.sound import Sound

    wave = Sound(compose(bars=1)).samples
    if not wave.any():
        return Finding("a bar was composed, but it is silent", "please report this", fatal=True)
    return Finding("a bar was composed and sounded")


def _guarded(check) -> Finding:
    """Run a check that must not end the examination, whatever it meets."""
    try:
        return check()
    except Exception as error:  # a broken package can raise anything
        what = f"{check.__name__.removeprefix('check_')} failed: {error!r:.300}"
        remedy = "install musiclab again in a fresh environment"
        return Finding(what.replace(os.linesep, " "), remedy, fatal=True)
