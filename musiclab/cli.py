"""The ``musiclab`` command: it calls the functions that a notebook would call.

Only options that were given are passed on, so that the defaults live in one place. What is heavy
is imported by the command that needs it.
"""

import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from musiclab.cli_options import PROMPT_BARS, REFUSED, SCORES, SOUNDS, as_typed, parser_of
from musiclab.errors import MusicLabError, SettingError

if TYPE_CHECKING:
    from musiclab.music.chorale import Chorale

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
        commands = (doctor, compose, harmonise, train, evaluate, grade)
        given = vars(parser_of(commands).parse_args(arguments))
        command = given.pop("command")
        with warnings.catch_warnings():
            warnings.showwarning = _note
            return command(**given)
    except (MusicLabError, OSError) as error:
        _complain(str(error))
        return REFUSED
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED


def compose(out: list[str], recipe: str | None = None, prompt: str | None = None, **asked) -> int:
    """Write a piece, and print the recipe that writes it again."""
    _check_suffixes(out)
    from musiclab.sampling.composing import compose
    from musiclab.sampling.replaying import replay

    if recipe is not None:
        if asked or prompt is not None:
            raise SettingError("a recipe says everything; leave out the other options or --recipe")
        write: Callable[..., Chorale] = partial(replay, recipe)
    else:
        write = compose
    if prompt is not None:
        from musiclab.music.read import read_chorale

        asked = {"prompt_bars": PROMPT_BARS, **asked, "prompt": read_chorale(prompt)}
    with _progress() as on_frame:
        piece = write(**asked, on_frame=on_frame)
    print(piece.source)
    return _save(piece, out)


def harmonise(melody: str, out: list[str], **asked) -> int:
    """Write three voices under the melody of a file."""
    _check_suffixes(out)
    from musiclab.sampling.harmonising import harmonise

    tune = _read_melody(melody)
    with _progress() as on_frame:
        piece = harmonise(tune, **asked, on_frame=on_frame)
    print(piece.source)
    return _save(piece, out)


def train(name: str, folder: str, **asked) -> int:
    """Train as a shipped checkpoint was trained."""
    from musiclab.training.presets import train_preset

    history = train_preset(name, folder, **asked)
    return INTERRUPTED if history.interrupted else 0


def evaluate(benchmark: str, **asked) -> int:
    """Measure a checkpoint on a benchmark."""
    from musiclab.evaluate.benchmark import jsb_report

    print(jsb_report(**asked))
    return 0


def grade(folder: str, out: str, layout: str = "plain", **asked) -> int:
    """Mark a folder of exercise sheets, with a reason for every lost point."""
    if not Path(out).absolute().parent.is_dir():
        raise SettingError(f"there is no folder for {out!r:.120}; make it first")
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
    from musiclab.doctor import examine

    works = True
    for finding in examine():
        print(finding)
        works &= not finding.fatal
    print("musiclab composes and sounds." if works else "musiclab cannot do everything yet.")
    return 0 if works else 1


def _check_suffixes(paths: list[str]) -> None:
    """Refuse a file of unknown kind, or in no folder, before the work rather than after it."""
    for path in map(Path, paths):
        if path.suffix.lower() not in SCORES + SOUNDS:
            raise SettingError(
                f"{str(path)!r:.120} ends in no known suffix; choose {', '.join(SCORES + SOUNDS)}"
            )
        if not path.parent.is_dir():
            raise SettingError(f"there is no folder {str(path.parent)!r:.120}; make it first")


def _save(piece: "Chorale", paths: list[str]) -> int:
    for path in paths:
        if Path(path).suffix.lower() in SOUNDS:
            from musiclab.show.sound import Sound

            Sound(piece).save(path)
        else:
            from musiclab.music.export import write

            write(piece, path)
        print(path)
    return 0


def _read_melody(path: str) -> Any:
    """Read a chorale; of anything else, the notes."""
    from musiclab.music.read import read_chorale, read_notes

    try:
        return read_chorale(path)
    except MusicLabError:
        return read_notes(path)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Lend a callback that draws a bar, where somebody is watching."""
    from tqdm import tqdm

    with tqdm(unit=" frames", leave=False, disable=None) as bar:

        def on_frame(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield on_frame


def _note(message: Warning | str, *_: Any) -> None:
    print(f"note: {_one_line(str(message))}", file=sys.stderr)


def _complain(message: str) -> None:
    print(f"musiclab: {_one_line(as_typed(message))}", file=sys.stderr)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
