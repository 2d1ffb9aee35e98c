"""The ``musiclab`` command: it calls the functions that a notebook would call.

Only options that were given are passed on, so that the defaults live in one place. What is heavy
is imported by the command that needs it.
"""

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from musiclab.cli_files import SOUNDS, check_outputs, save, stem_of, usual_files
from musiclab.cli_options import PROMPT_BARS, parser_of
from musiclab.cli_parser import REFUSED, as_typed
from musiclab.errors import MusicLabError, SettingError

INTERRUPTED = 130  # exit code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: What follows "musiclab" on the command line; None for what was typed.

    Returns:
        The exit code: 0 done, 1 ``doctor`` found that something is missing, 2 refused, with one
        line on stderr that says why, 130 interrupted.
    """
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
    except SystemExit as end:  # argparse leaves so
        code = int(end.code or 0)
    except KeyboardInterrupt:
        _complain("interrupted")
        code = INTERRUPTED
    return _flush(code)


def _run(arguments: list[str]) -> int:
    """Understand one command and do it."""
    parser, parsers = parser_of(COMMANDS)
    given, unknown = parser.parse_known_args(arguments)
    command = vars(given).pop("command", None)
    asked = parsers[command.__name__] if command else parser
    if unknown:
        asked.refuse(unknown)
    if command is None:
        parser.print_help()
        return 0
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _note
            return command(**vars(given))
    except MusicLabError as error:
        _complain(as_typed(str(error), asked.options))
    except BrokenPipeError:  # as after `| head`: nobody wants the rest
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or error}")
    return REFUSED


def compose(
    out: Sequence[str] = (),
    recipe: str | None = None,
    prompt: str | None = None,
    **asked: Any,
) -> int:
    """Write a piece, and print the recipe that writes it again."""
    check_outputs(out, prompt)
    with _loading():
        from musiclab.sampling.composing import compose
        from musiclab.sampling.replaying import replay
    given = {}
    if prompt is not None:
        from musiclab.music.read import read_chorale

        given = {"prompt": read_chorale(prompt)}
    with _progress() as on_frame:
        if recipe is None:
            bars = {"prompt_bars": PROMPT_BARS} if given else {}
            piece = compose(**bars | asked | given, on_frame=on_frame)
        elif set(asked) - {"checkpoint"}:
            raise SettingError("a recipe says everything; leave out the other options or --recipe")
        else:
            piece = replay(recipe, given=given.get("prompt"), **asked, on_frame=on_frame)
    print(piece.source)
    save(piece, out or usual_files("chorale"))
    return 0


def harmonise(melody: str, out: Sequence[str] = (), **asked: Any) -> int:
    """Write three voices under a tune."""
    check_outputs(out, melody)
    with _loading():
        from musiclab.sampling.harmonising import harmonise
    with _progress() as on_frame:
        piece = harmonise(melody, **asked, on_frame=on_frame)
    for words in piece.left_out:
        _note(words)
    print(piece.source)
    save(piece, out or usual_files(f"{stem_of(melody)}-harmonised"))
    return 0


def play(music: str, out: str | None = None, **asked: Any) -> int:
    """Play a file, or write how it sounds."""
    check_outputs([] if out is None else [out], music, SOUNDS)
    with _loading():
        from musiclab.music.read import read_notes
        from musiclab.show.aloud import play_aloud
        from musiclab.show.sound import Sound
    instruments = asked.pop("instruments", [])
    if instruments:
        asked["instruments"] = instruments[0] if len(instruments) == 1 else instruments
    sound = Sound(read_notes(music), **asked)
    if out is None:
        play_aloud(sound)
    else:
        print(sound.save(out))
    return 0


def train(name: str, folder: str, **asked: Any) -> int:
    """Train as a shipped checkpoint was trained."""
    with _loading():
        from musiclab.training.presets import train_preset
    history = train_preset(name, folder, **asked)
    return INTERRUPTED if history.interrupted else 0


def evaluate(benchmark: str, **asked: Any) -> int:
    """Measure a checkpoint on a benchmark."""
    with _loading():
        from musiclab.evaluate.benchmark import jsb_report
    print(jsb_report(**asked))
    return 0


def grade(folder: str, out: str, layout: str = "plain", **asked: Any) -> int:
    """Mark a folder of exercise sheets, with a reason for every lost point."""
    if not Path(out).absolute().parent.is_dir():
        raise SettingError(f"there is no folder for {out!r:.120}; make it first")
    with _loading():
        from musiclab.check.grade import grade, room
        from musiclab.check.marks import as_csv, as_table

    if not room():
        _note("this system cannot close submissions off: grade only what you would run yourself")
    every = grade(folder, **asked)
    numbers = sorted({id.rpartition("-")[2] for id in every[0].marks if id.startswith("recall-")})
    title = f"Exercises {', '.join(numbers)}"
    Path(out).write_text(as_csv(every, layout, title), encoding="utf-8", newline="\n")
    print(as_table(every))
    print(out)
    return 0


def doctor() -> int:
    """Say what is there and what is missing."""
    with _loading():
        from musiclab.doctor import examine

    works = True
    for finding in examine():
        print(finding)
        works &= not finding.fatal
    print("musiclab composes and sounds." if works else "musiclab cannot do everything yet.")
    return 0 if works else 1


@contextmanager
def _loading() -> Iterator[None]:
    """End at once on Ctrl-C while libraries are loaded: not all of them survive it."""

    def end(*_: Any) -> NoReturn:
        os.write(2, b"musiclab: interrupted\n")
        os._exit(INTERRUPTED)

    if threading.current_thread() is not threading.main_thread():  # which alone hears of it
        yield
        return
    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Lend a callback that draws a bar, where somebody is watching."""
    from tqdm import tqdm

    with tqdm(unit=" frames", leave=False, disable=None) as bar:

        def on_frame(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield on_frame


def _flush(code: int) -> int:
    """Hand over what was printed: only now it shows whether it finds room."""
    try:
        sys.stdout.flush()
    except OSError as error:
        # Or Python would try again at its very end, and complain in many lines.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return code
        _complain(f"what was to be printed finds no room ({error.strerror}); free some space")
        return REFUSED
    return code


def _note(message: Warning | str, *_: Any) -> None:
    print(f"note: {_one_line(str(message))}", file=sys.stderr)


def _complain(message: str) -> None:
    print(f"musiclab: {_one_line(message)}", file=sys.stderr)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


COMMANDS = (compose, harmonise, play, train, evaluate, grade, doctor)
