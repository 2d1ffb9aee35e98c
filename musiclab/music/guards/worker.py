"""Understand strangers' scores in a process of their own, with little time and memory.

A hostile score can then neither hang a notebook nor eat its memory. The process is a plain
``python -m``, which works alike from a notebook, a script and a test. It answers in JSON.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from musiclab.errors import ScoreError
from musiclab.music.chorale import Chorale
from musiclab.music.guards.file_checks import Kind
from musiclab.music.guards.limits import MAX_SCORE_MEMORY, MAX_SCORE_SECONDS, MAX_SCORE_WAIT
from musiclab.music.notes import NoteSequence
from musiclab.music.parse import Wanted, parse
from musiclab.music.serialise import from_json, to_json

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def parse_apart(
    data: bytes,
    kind: Kind,
    wanted: Wanted,
    *,
    name: str,
    source: str = "",
    repeats: str = "written",
) -> Chorale | NoteSequence:
    """Do what ``parse`` does, in a process of its own with limited time and memory.

    Args:
        data: The file's content.
        kind: What it is.
        wanted: "chorale" or "notes".
        name: What an error shall call the file.
        source: Where the piece comes from.
        repeats: For a chorale, "written" or "expanded".

    Returns:
        The chorale or the notes.

    Raises:
        ScoreError: Whatever is wrong with the score, or if it takes too long or too much memory.
    """
    order = {"kind": kind, "wanted": wanted, "name": name, "source": source, "repeats": repeats}
    limits = {"seconds": int(MAX_SCORE_SECONDS), "memory": MAX_SCORE_MEMORY}
    try:
        with TemporaryDirectory(prefix="musiclab-", ignore_cleanup_errors=True) as folder:
            Path(folder, "score").write_bytes(data)
            Path(folder, "order.json").write_text(json.dumps({"order": order, "limits": limits}))
            _run(folder, name)
            answer = Path(folder, "answer.json")
            if not answer.exists():
                raise ScoreError(
                    f"{name} needs too much memory or time; cut it into smaller pieces"
                )
            kind_of_answer, _, text = answer.read_text(encoding="utf-8").partition("\n")
    except OSError as error:
        raise ScoreError(
            f"{name} cannot be read: no process or scratch folder for it ({error}); free some space"
        ) from None
    if kind_of_answer == "refused":
        raise ScoreError(text)
    return from_json(text)


def _run(folder: str, name: str) -> None:
    """Start the process and wait for it, but not for ever."""
    # -P: the worker must not import a file called random.py from the folder it is started in.
    command = [sys.executable, "-P", "-m", "musiclab.music.guards.worker", folder]
    paths = [str(Path(__file__).parents[2]), *(path for path in sys.path if path)]
    settings = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "TMPDIR": folder}
    settings |= dict.fromkeys(_ONE_THREAD, "1") | {"PYTHONWARNINGS": "ignore"}
    try:
        subprocess.run(
            command,
            timeout=MAX_SCORE_WAIT,
            env=settings,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise ScoreError(
            f"{name} takes longer than {MAX_SCORE_WAIT:g} seconds to understand; "
            "cut it into smaller pieces"
        ) from None


def _limit(seconds: int, memory: int) -> None:
    """Let the operating system stop this process at its limits; some systems cannot."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        # Computing time, not the clock: a busy machine must not refuse good scores. It also holds
        # should the process that waits for us be killed.
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(folder: str) -> None:
    """Be the process: read the order in ``folder``, leave the answer there."""
    import music21.converter  # noqa: F401 (before the limits, which are for the score)

    told = json.loads(Path(folder, "order.json").read_text())
    _limit(**told["limits"])
    try:
        answer = "read\n" + to_json(parse(Path(folder, "score").read_bytes(), **told["order"]))
    except ScoreError as error:
        answer = f"refused\n{error}"
    # Renamed when complete, so that a killed process leaves no half answer.
    Path(folder, "answer.part").write_text(answer, encoding="utf-8")
    Path(folder, "answer.part").rename(Path(folder, "answer.json"))


if __name__ == "__main__":
    main(sys.argv[1])
