"""The pinned environment is complete, is what pyproject.toml allows, and what is installed here."""

import re
import sys
import tomllib
from importlib.metadata import distribution

import environment
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((environment.ROOT / "pyproject.toml").read_text())["project"]
PINS = {canonicalize_name(pin.name): pin for pin in map(Requirement, environment.pins())}
HERE = sorted(name for name, pin in PINS.items() if not pin.marker or pin.marker.evaluate())
EXTRAS = PROJECT["optional-dependencies"]
RANGES = [Requirement(line) for line in PROJECT["dependencies"] + EXTRAS["lab"] + EXTRAS["dev"]]


def version(pin: Requirement) -> str:
    (specifier,) = pin.specifier
    assert specifier.operator == "=="
    return specifier.version


@pytest.mark.parametrize("wanted", RANGES, ids=lambda wanted: wanted.name)
def test_pin_is_in_the_range(wanted):
    pin = PINS[canonicalize_name(wanted.name)]
    assert wanted.specifier.contains(version(pin))
    assert str(pin.marker) == str(wanted.marker)


@pytest.mark.parametrize("name", HERE)
def test_pins_name_all_that_they_need(name):
    needed = map(Requirement, distribution(name).requires or ())
    needed = [need for need in needed if not need.marker or need.marker.evaluate({"extra": ""})]
    # The default build of torch for Linux brings GPU libraries, which are no part of the pins.
    needed = [need for need in needed if not re.match("nvidia|cuda|triton", need.name)]
    for need in needed:
        assert need.specifier.contains(version(PINS[canonicalize_name(need.name)]))


def test_no_gpu_library_is_pinned():
    assert not [name for name in PINS if re.match("nvidia|cuda|triton", name)]


def test_only_the_index_of_cpu_builds_is_named():
    text = environment.PINS.read_text()
    assert re.findall(r"https?://\S+", text) == [environment.CPU_INDEX]


def test_ready_only_while_nothing_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "PYTHON", tmp_path / "python")
    monkeypatch.setattr(environment, "STAMP", tmp_path / "ready.txt")
    monkeypatch.setattr(environment, "PINS", tmp_path / "pins.txt")
    environment.PINS.write_text("torch==2.13.0\n")
    assert not environment.is_ready()
    environment.STAMP.write_text(environment.wanted())
    assert not environment.is_ready()  # the stamp of an environment that is gone
    environment.PYTHON.touch()
    assert environment.is_ready()
    environment.PINS.write_text("torch==2.14.0\n")
    assert not environment.is_ready()


def test_cuda_is_needed_only_over_the_cpu_build(tmp_path, monkeypatch):
    monkeypatch.setattr(environment, "VENV", tmp_path)
    installed = tmp_path / "lib" / "python3.11" / "site-packages"
    (installed / "torch-2.13.0+cpu.dist-info").mkdir(parents=True)
    assert environment.needs_cuda("cuda")
    assert not environment.needs_cuda("cpu")
    (installed / "torch-2.13.0+cpu.dist-info").rename(installed / "torch-2.13.0.dist-info")
    assert not environment.needs_cuda("cuda")


def test_old_python_is_told_the_remedy(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 2))
    with pytest.raises(SystemExit, match=r"this is Python 3\.10\.2.*PYTHON=python3\.12"):
        environment.complain_about_old_python()
