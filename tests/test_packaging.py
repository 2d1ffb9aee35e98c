"""The wheel holds the library with its data and checkpoints, and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "musiclab"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Build a wheel from a copy, so that no old build folder can leak into it."""
    copy = tmp_path_factory.mktemp("copy") / "musiclab"
    junk = shutil.ignore_patterns(".*", "build", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=junk)
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(copy.parent)]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", *options, str(copy)]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return next(copy.parent.glob("*.whl"))


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


def in_checkout(pattern: str) -> set[str]:
    """Return the package's files that match, as the wheel should name them."""
    found = (path for path in PACKAGE.glob(pattern) if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


@pytest.mark.parametrize("pattern", ["**/*.py", "music/data/*", "checkpoints/**/*", "show/*.js"])
def test_wheel_has(pattern, names):
    assert in_checkout(pattern) <= names


def test_checkout_has_data_and_checkpoints():
    assert in_checkout("music/data/split.csv")
    assert {Path(name).parts[2] for name in in_checkout("checkpoints/*/model.safetensors")} == {
        "bach-grid",
        "bach-harmoniser",
        "bach-infill",
        "bach-plain",
        "bach-studio",
    }


def test_wheel_has_nothing_else(names):
    ours = {name for name in names if ".dist-info/" not in name}
    assert ours == in_checkout("**/*")


def test_wheel_runs_outside_the_checkout(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import musiclab, musiclab.music.corpus.table;"
        "print(musiclab.__file__); print(musiclab.load_checkpoint('bach-grid').fingerprint)"
    )
    command = [sys.executable, "-I", "-c", code, str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(str(tmp_path))


def test_command_is_declared(wheel, names):
    entry_points = next(name for name in names if name.endswith("entry_points.txt"))
    assert "musiclab = musiclab.cli:main" in zipfile.ZipFile(wheel).read(entry_points).decode()
