"""What the ``musiclab`` command understands: every command's options, and the words of its help.

An option that was not given is not passed on, so that the defaults live in one place: with the
functions that the commands call.
"""

import argparse
import re
from collections.abc import Callable, Sequence
from typing import NoReturn

from musiclab import __version__

PROMPT_BARS = 2
SCORES = (".mid", ".midi", ".musicxml", ".xml")
SOUNDS = (".mp3", ".wav", ".flac")
REFUSED = 2  # exit code
# Settings that errors call by their Python name.
_SETTING = re.compile(
    r"\b(top_k|top_p|min_p|prompt_bars|time_signature|(?:resume|checkpoint)(?==))"
    r"(?:=\"?(\w[\w./-]*)\"?)?(?![\w./])"
    r"(?: \(--resume\))?"
)


class Parser(argparse.ArgumentParser):
    """Refuse in one line."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where help is."""
        self.exit(REFUSED, f"{self.prog}: {message}; see {self.prog} --help\n")


def as_typed(message: str) -> str:
    """Name settings as one types them in a terminal.

    Example:
        >>> as_typed("temperature must be above 0, got 0; take top_k=1")
        'temperature must be above 0, got 0; take --top-k 1'
    """

    def option(found: re.Match) -> str:
        name, value = found.groups()
        words = f"--{name.replace('_', '-')}"
        return words if value in (None, "True") else f"{words} {value}"

    return _SETTING.sub(option, message)


def parser_of(commands: Sequence[Callable[..., int]]) -> Parser:
    """Build the parser.

    Args:
        commands: Each called like its command; its docstring is its help.
    """
    parser = Parser(prog="musiclab", description="Compose and study chorales with Transformers.")
    parser.add_argument("--version", action="version", version=f"musiclab {__version__}")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    options = {
        "compose": _compose,
        "harmonise": _harmonise,
        "train": _train,
        "evaluate": _evaluate,
        "grade": _grade,
    }
    for run in commands:
        one = subparsers.add_parser(
            run.__name__,
            help=run.__doc__,
            description=run.__doc__,
            argument_default=argparse.SUPPRESS,  # what was not given is not passed on
        )
        one.set_defaults(command=run)
        if run.__name__ in options:
            options[run.__name__](one)
    return parser


def _compose(one: argparse.ArgumentParser) -> None:
    _sampling(one)
    one.add_argument("--bars", type=int, help="length of the whole piece")
    one.add_argument("--prompt", help="begin with this chorale: a file or a name like bwv66.6")
    one.add_argument("--prompt-bars", type=int, help=f"how many of its bars ({PROMPT_BARS})")
    one.add_argument("--time-signature", help="such as 3/4")
    one.add_argument("--pickup", type=int, help="16th notes before the first barline")
    one.add_argument("--fermatas", type=int, help="bars in a line of the hymn")
    one.add_argument("--candidates", type=int, help="write so many, keep the likeliest")
    one.add_argument(
        "--rules", nargs="+", action="extend", help="obey: parallels crossing spacing ranges"
    )
    one.add_argument("--recipe", help="the line that an earlier run printed, in quotes")


def _harmonise(one: argparse.ArgumentParser) -> None:
    one.add_argument("melody", help="a file, or a corpus name like bwv66.6")
    _sampling(one)
    one.add_argument("--particles", type=int, help="harmonisations to follow at once")


def _train(one: argparse.ArgumentParser) -> None:
    one.add_argument("name", help="such as bach-grid or bach-studio")
    one.add_argument("--folder", required=True, help="where the training is kept")
    one.add_argument("--resume", action="store_true", help="go on with what is in the folder")
    one.add_argument("--minutes", type=float, help="stop after so long, saved")
    one.add_argument("--steps", type=int, help="how long in all")
    one.add_argument("--peak", type=float, help="the highest learning rate")
    one.add_argument("--warmup", type=int, help="steps until it is reached")
    one.add_argument("--device", help="auto (a GPU if there is one), cpu or cuda")
    one.add_argument("--threads", type=int, help="cores to use")


def _evaluate(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--benchmark", choices=("jsb",), required=True, help="nats per note, beside other models"
    )
    one.add_argument("--checkpoint", help="name or folder")
    one.add_argument("--data", help="measure on this file too: the public Jsb16thSeparated.json")
    one.add_argument("--floors", action="store_true", help="measure the Kneser-Ney models too")


def _grade(one: argparse.ArgumentParser) -> None:
    one.add_argument("folder", help="notebooks as handed in, also in subfolders")
    one.add_argument("--out", required=True, help="a file for the marks, such as marks.csv")
    one.add_argument(
        "--format",
        dest="layout",
        choices=("plain", "canvas", "moodle"),
        help="columns of the file (plain)",
    )
    one.add_argument(
        "--sheets", type=int, nargs="+", help="which were set (the one that most handed in)"
    )
    one.add_argument("--workers", type=int, help="how many to grade at once")


def _sampling(one: argparse.ArgumentParser) -> None:
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
    one.add_argument("--key", help='in quotes, such as "D minor" or "B-flat major"')
    one.add_argument("--mode", choices=("major", "minor"))
    one.add_argument("--no-ending", dest="ending", action="store_false", help="stop midway")
