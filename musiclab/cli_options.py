"""What the ``musiclab`` command understands: every command's options, and the words of its help.

An option that was not given is not passed on, so that the defaults live in one place: with the
functions that the commands call. What the help says in brackets is tested against them.
"""

import argparse
from collections.abc import Callable, Sequence

from musiclab import __version__
from musiclab.cli_files import SCORES, SOUNDS
from musiclab.cli_parser import Parser

PROMPT_BARS = 2


def parser_of(commands: Sequence[Callable[..., int]]) -> tuple[Parser, dict[str, Parser]]:
    """Build the parser of the command line, and that of each command.

    Args:
        commands: Each called like its command; its docstring is its help.
    """
    parser = Parser(prog="musiclab", description="Compose and study chorales with Transformers.")
    parser.add_argument("--version", action="version", version=f"musiclab {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", parser_class=Parser)
    for run in commands:
        one = subparsers.add_parser(
            run.__name__,
            help=run.__doc__,
            description=run.__doc__,
            epilog="What stands in brackets holds where an option is left out.",
            argument_default=argparse.SUPPRESS,  # what was not given is not passed on
        )
        one.set_defaults(command=run)
        if add_options := globals().get(f"_{run.__name__}"):
            add_options(one)
    return parser, subparsers.choices


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a whole number, got {text!r:.60}") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r:.60}") from None


def _words(text: str) -> list[str]:
    return text.split(",")


def _wholes(text: str) -> list[int]:
    return [_whole(word) for word in _words(text)]


def _shift(text: str) -> str | int:
    return text if text.isalpha() else _whole(text)


def _named(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError(f"must name something, got {text!r}")
    return text


def _compose(one: Parser) -> None:
    _files(one, "chorale.mid and chorale.musicxml")
    one.add_argument("--bars", type=_whole, help="length of the whole piece (8)")
    one.add_argument(
        "--prompt", type=_named, help="begin with this chorale: a file or a name like bwv66.6"
    )
    one.add_argument(
        "--prompt-bars", type=_whole, help=f"how many of its bars to take ({PROMPT_BARS})"
    )
    one.add_argument("--time-signature", help="such as 3/4 (4/4, or the prompt's)")
    one.add_argument("--fermatas", type=_whole, help="bars in a line of the hymn")
    one.add_argument("--candidates", type=_whole, help="write so many, keep the likeliest (1)")
    one.add_argument("--recipe", help="the line that an earlier run printed, in quotes")
    _sampling(one, "the prompt's, or drawn by the seed")


def _harmonise(one: Parser) -> None:
    one.add_argument(
        "melody",
        metavar="TUNE",
        type=_named,
        help='a file, a corpus name like bwv66.6, or notes in quotes: "K:G G2 A B c2" (ABC)',
    )
    _files(one, "TUNE-harmonised.mid and .musicxml, beside the tune")
    several = "harmonisations to follow at once (16; 8 with a harmoniser)"
    one.add_argument("--particles", type=_whole, help=several)
    one.add_argument(
        "--transpose",
        type=_shift,
        help="octave, fit (to where sopranos sing), or so many semitones (0)",
    )
    one.add_argument("--time-signature", help="such as 3/4 (the tune's own)")
    one.add_argument("--tempo", type=_number, help="quarter notes per minute (the tune's own)")
    _sampling(one, "the tune's")


def _play(one: Parser) -> None:
    one.add_argument(
        "music", metavar="FILE", type=_named, help="a file, or a corpus name like bwv66.6"
    )
    one.add_argument(
        "--out", type=_named, metavar="FILE", help=f"write instead: {' '.join(SOUNDS)}"
    )
    one.add_argument("--tempo", type=_number, help="quarter notes per minute (the music's own)")
    one.add_argument(
        "--instruments", type=_words, help="such as choir, or one per voice with commas between"
    )


def _train(one: Parser) -> None:
    one.add_argument("name", help="such as bach-grid or bach-studio")
    one.add_argument("--folder", type=_named, required=True, help="where the training is kept")
    one.add_argument("--resume", action="store_true", help="go on with what is in the folder")
    one.add_argument("--minutes", type=_number, help="stop after so long, saved (no limit)")
    own = "(what the model was shipped with)"
    one.add_argument("--steps", type=_whole, help=f"how long in all {own}")
    one.add_argument("--peak", type=_number, help=f"the highest learning rate {own}")
    one.add_argument("--warmup", type=_whole, help=f"steps until it is reached {own}")
    one.add_argument("--device", type=_named, help="cpu, cuda, or a GPU if there is one (auto)")
    one.add_argument("--threads", type=_whole, help="cores to use (all)")


def _evaluate(one: Parser) -> None:
    one.add_argument(
        "--benchmark", choices=("jsb",), required=True, help="nats per note, beside other models"
    )
    one.add_argument("--checkpoint", type=_named, help="name or folder (bach-grid)")
    one.add_argument(
        "--data", type=_named, help="measure on this file too: the public Jsb16thSeparated.json"
    )
    one.add_argument("--floors", action="store_true", help="measure the Kneser-Ney models too")


def _grade(one: Parser) -> None:
    one.add_argument("folder", type=_named, help="notebooks as handed in, also in subfolders")
    one.add_argument(
        "--out", type=_named, required=True, help="a file for the marks, such as marks.csv"
    )
    one.add_argument(
        "--format",
        dest="layout",
        choices=("plain", "canvas", "moodle"),
        help="columns of the file (plain)",
    )
    one.add_argument(
        "--sheets", type=_wholes, help="which were set, such as 5,6 (the one that most handed in)"
    )
    one.add_argument(
        "--workers", type=_whole, help="how many to grade at once (one per core, at most 4)"
    )


def _files(one: Parser, usual: str) -> None:
    known = " ".join(SCORES + SOUNDS)
    one.add_argument(
        "--out",
        action="append",
        type=_named,
        metavar="FILE",
        help=f"a file to write, {known}; --out may come again for another ({usual})",
    )


def _sampling(one: Parser, key: str) -> None:
    one.add_argument("--checkpoint", type=_named, help="name or folder (bach-studio)")
    one.add_argument("--seed", type=_whole, help="another seed gives another piece (0)")
    one.add_argument(
        "--temperature", type=_number, help="above 1 more daring, below more cautious (1.0)"
    )
    one.add_argument("--top-k", type=_whole, help="choose among so many tokens (all)")
    one.add_argument(
        "--top-p", type=_number, help="choose among tokens of this probability in all (1: all)"
    )
    one.add_argument(
        "--min-p", type=_number, help="drop tokens below this share of the likeliest (0: none)"
    )
    one.add_argument(
        "--rules",
        type=_words,
        help="obey some of parallels,crossing,spacing,ranges, commas between (none)",
    )
    one.add_argument("--key", help=f'in quotes, such as "D minor" or "B-flat major" ({key})')
    one.add_argument("--mode", choices=("major", "minor"), help="major or minor (the key's)")
    one.add_argument("--pickup", type=_whole, help="16th notes before the first barline")
    one.add_argument("--no-ending", dest="ending", action="store_false", help="stop midway")
