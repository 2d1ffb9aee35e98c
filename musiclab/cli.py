"""The ``musiclab`` command: a thin door to the functions that a notebook would call.

Only options that were given are passed on, so that the defaults live in one place. What is heavy
is imported by the command that needs it.
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from musiclab import __version__
from musiclab.errors import MusicLabError, SettingError

if TYPE_CHECKING:
    from musiclab.music.chorale import Chorale

PROMPT_BARS = 2
SCORES = (".mid", ".midi", ".musicxml", ".xml")
SOUNDS = (".mp3", ".wav", ".flac")
REFUSED, INTERRUPTED = 2, 130  # exit codes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: What follows "musiclab" on the command line; None for what was typed.

    Returns:
        The exit code: 0 done, 1 ``doctor`` found that something is missing, 2 refused, with one
        line on stderr that says why, 130 interrupted.
    """
    try:
        given = vars(_parser().parse_args(arguments))
        command = given.pop("command")
        with warnings.catch_warnings():
            warnings.showwarning = _tell
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
    from musiclab.sampling.compose import compose
    from musiclab.sampling.recipe import Recipe

    if recipe is not None:
        if asked or prompt is not None:
            raise SettingError("a recipe says everything; leave out the other options or --recipe")
        write: Callable[..., Chorale] = Recipe.parse(recipe).compose
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
    from musiclab.sampling.harmonise import harmonise

    tune = _read_melody(melody)
    with _progress() as on_frame:
        piece = harmonise(tune, **asked, on_frame=on_frame)
    print(piece.source)
    return _save(piece, out)


def train(name: str, folder: str, **asked) -> int:
    """Train as a shipped checkpoint was trained."""
    from musiclab.training.presets import train_preset

    train_preset(name, folder, **asked)
    return 0


def evaluate(benchmark: str, **asked) -> int:
    """Measure a checkpoint on a benchmark."""
    from musiclab.evaluate.benchmark_report import jsb_report

    print({"jsb": jsb_report}[benchmark](**asked))
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


class _Parser(argparse.ArgumentParser):
    """Refuse in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where help is."""
        self.exit(REFUSED, f"{self.prog}: {message}; see {self.prog} --help\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="musiclab", description="Compose and study chorales with Transformers.")
    parser.add_argument("--version", action="version", version=f"musiclab {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(run: Callable[..., int]) -> argparse.ArgumentParser:
        one = commands.add_parser(
            run.__name__,
            help=run.__doc__,
            description=run.__doc__,
            argument_default=argparse.SUPPRESS,  # what was not given is not passed on
        )
        one.set_defaults(command=run)
        return one

    add(doctor)
    _compose_options(add(compose))
    _harmonise_options(add(harmonise))
    one = add(train)
    one.add_argument("name", help="such as bach-grid or bach-studio")
    one.add_argument("--folder", required=True, help="where the training is kept")
    one.add_argument("--resume", action="store_true", help="go on with what is in the folder")
    one.add_argument("--minutes", type=float, help="stop after so long, saved")
    one.add_argument("--steps", type=int, help="how long in all")
    one.add_argument("--threads", type=int, help="cores to use")
    one = add(evaluate)
    one.add_argument("--benchmark", required=True, choices=("jsb",))
    one.add_argument("--checkpoint", help="name or folder")
    one.add_argument("--floors", action="store_true", help="measure the Kneser-Ney models too")
    return parser


def _compose_options(one: argparse.ArgumentParser) -> None:
    _sampling_options(one)
    one.add_argument("--bars", type=int, help="length of the whole piece")
    one.add_argument("--prompt", help="begin with this chorale: a file or a name like bwv66.6")
    one.add_argument("--prompt-bars", type=int, help=f"how many of its bars ({PROMPT_BARS})")
    one.add_argument("--time-signature", help="such as 3/4")
    one.add_argument("--pickup", type=int, help="16th notes before the first barline")
    one.add_argument("--fermatas", type=int, help="bars in a line of the hymn")
    one.add_argument("--candidates", type=int, help="write so many, keep the likeliest")
    one.add_argument("--recipe", help="the line that an earlier run printed, in quotes")


def _harmonise_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("melody", help="a file, or a corpus name like bwv66.6")
    _sampling_options(one)
    one.add_argument("--particles", type=int, help="harmonisations to follow at once")


def _sampling_options(one: argparse.ArgumentParser) -> None:
    known = " ".join(SCORES + SOUNDS)
    one.add_argument(
        "--out", required=True, nargs="+", action="extend", help=f"files to write: {known}"
    )
    one.add_argument("--checkpoint", help="name or folder")
    one.add_argument("--seed", type=int, help="another seed gives another piece")
    one.add_argument("--temperature", type=float, help="above 1 more daring, below more cautious")
    one.add_argument("--top-k", type=int, help="choose among so many tokens")
    one.add_argument("--top-p", type=float, help="choose among tokens of this probability in all")
    one.add_argument("--min-p", type=float, help="drop tokens below this share of the likeliest")
    one.add_argument("--mode", choices=("major", "minor"))
    one.add_argument("--no-ending", dest="ending", action="store_false", help="stop midway")


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
            from musiclab.music.write import write

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


def _tell(message: Warning | str, *_: Any) -> None:
    print(f"note: {_one_line(str(message))}", file=sys.stderr)


def _complain(message: str) -> None:
    print(f"musiclab: {_one_line(message)}", file=sys.stderr)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
