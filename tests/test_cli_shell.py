"""What the machine does to a command: Ctrl-C, a full disk, a reader that goes away, a player."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from musiclab import cli
from musiclab.show import aloud


def shell(*words, **streams):
    """Start the command in a process of its own, its output kept back as in a shell."""
    environment = {key: text for key, text in os.environ.items() if key != "PYTHONUNBUFFERED"}
    command = [sys.executable, "-m", "musiclab", *words]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, **streams)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_for_what_is_printed_is_one_line():
    with open("/dev/full", "w") as full, shell("--version", stdout=full) as process:
        _, err = process.communicate()
    assert process.returncode == 2
    assert err.startswith("musiclab: what was to be printed finds no room") and err.count("\n") == 1


def test_a_reader_that_goes_away_is_no_error():
    read, write = os.pipe()
    os.close(read)
    with shell("--help", stdout=write) as process:
        os.close(write)
        assert process.communicate() == (None, "") and process.returncode == 0


def test_ctrl_c_while_libraries_are_loaded_ends_at_once(capfd):
    code = "import signal\nfrom musiclab.cli import _loading\n"
    code += "with _loading():\n    try:\n        signal.raise_signal(signal.SIGINT)\n"
    code += "    except BaseException:\n        pass  # as a library does that cannot stop"
    ran = subprocess.run([sys.executable, "-c", code])
    assert ran.returncode == 130 and capfd.readouterr().err == "musiclab: interrupted\n"


def test_after_loading_ctrl_c_is_as_before():
    before = signal.getsignal(signal.SIGINT)
    with cli._loading():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_play_hands_the_sound_to_a_player(capsys, tmp_path, monkeypatch):
    def run(*words):
        code = cli.main([str(word) for word in words])
        return code, *capsys.readouterr()

    player = tmp_path / "aplay"
    player.write_text(f'#!/bin/sh\ncp "$2" {tmp_path}/heard.wav\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    monkeypatch.setattr(aloud, "PLAYERS", (("nobody-has-this",), ("aplay", "-q")))
    asked = ("play", "bwv66.6", "--tempo", 300, "--instruments", "flute")
    assert run(*asked)[:2] == (0, "")
    assert run(*asked, "--out", tmp_path / "kept.wav")[1] == f"{tmp_path}/kept.wav\n"
    assert (tmp_path / "heard.wav").read_bytes() == (tmp_path / "kept.wav").read_bytes()
    player.write_text("#!/bin/sh\nexit 1\n")
    assert "aplay finds no loudspeaker here; write a file instead" in run(*asked)[2]
    monkeypatch.setattr(aloud, "PLAYERS", ())
    assert "no player of sounds is installed here" in run(*asked)[2]
