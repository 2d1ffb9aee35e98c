"""Play a sound outside the notebook, with whatever player the system has."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from musiclab.errors import SettingError
from musiclab.show.sound import Sound

PLAYERS = (  # the first comes with macOS, the next three with Linux desktops
    ("afplay",),
    ("pw-play",),
    ("paplay",),
    ("aplay", "-q"),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("mpv", "--really-quiet"),
)


def play_aloud(sound: Sound) -> None:
    """Play to the end.

    Raises:
        SettingError: If nothing on this machine plays sound.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = sound.save(Path(folder, "music.wav"))
        if os.name == "nt":
            import winsound

            winsound.PlaySound(str(path), winsound.SND_FILENAME)
            return
        player = next((one for one in PLAYERS if shutil.which(one[0])), None)
        if player is None:
            raise SettingError("no player of sounds is installed here; write a file instead")
        if subprocess.run([*player, str(path)], stderr=subprocess.DEVNULL).returncode:
            raise SettingError(f"{player[0]} finds no loudspeaker here; write a file instead")
