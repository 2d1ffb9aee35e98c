"""How the ``musiclab`` command refuses: in one line, in the words of a terminal."""

import argparse
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

REFUSED = 2  # exit code
# What was got stands in quotes and stays; name=value and names of settings are Python.
_PYTHON = re.compile(
    r"(?<![\w=])(?:'[^']*'|\"[^\"]*\")"
    r'|\b(?P<set>[a-z]\w*)=(?:"(?P<text>[^"]*)"|(?P<value>\w(?:[\w.+/-]*\w)?)|\.\.\.)'
    r"|\b(?P<name>[a-z]+(?:_[a-z]+)+)\b"
)
_CALLS = {  # what the functions behind the commands say, and what one types for it
    r"replay\(recipe, given=\.\.\.\)": "--prompt FILE",
    r"replay\(recipe, checkpoint=\.\.\.\)": "--checkpoint FOLDER",
    r"harmonise\(melody, checkpoint=\.\.\.\)": "musiclab harmonise",
    r"[;.] [Rr]ead it with read_notes instead": "",
    r'write them like \["parallels"\], and \[\] for none': "put commas between them",
}


class Parser(argparse.ArgumentParser):
    """Refuse in one line that says where help is."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and where help is."""
        self.exit(REFUSED, f"{self.prog}: {message}; see {self.prog} --help\n")

    def refuse(self, unknown: Sequence[str]) -> NoReturn:
        """Say which of the words that were typed mean nothing here."""
        wrong = next((word for word in unknown if word.startswith("-")), unknown[0])
        name = wrong.partition("=")[0]
        if name.startswith("--"):
            self.error(f"there is no option {name}{did_you_mean(name, self.options)}")
        each = "; before every file write --out" if "--out" in self.options else ""
        self.error(f"{wrong!r:.60} is one word too many{each}")

    @property
    def options(self) -> set[str]:
        """The long names of all options."""
        return set(re.findall(r"--[\w-]+", self.format_help()))

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Suggest the nearest choice, which argparse itself learns in Python 3.14."""
        if action.choices is None or value in action.choices:
            return
        names = [str(choice) for choice in action.choices]
        what = "command" if isinstance(action.choices, dict) else "/".join(action.option_strings)
        remedy = did_you_mean(str(value), names) or f"; there are {', '.join(names)}"
        raise argparse.ArgumentError(None, f"there is no {what} {value!r:.60}{remedy}")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question that names what is spelt most like ``word``, or "".

    Example:
        >>> did_you_mean("harmonies", ["compose", "harmonise"])
        '; did you mean harmonise?'
    """
    names = {name.strip("-"): name for name in known}
    nearest = get_close_matches(word.strip("-"), names, n=1)
    return f"; did you mean {names[nearest[0]]}?" if nearest else ""


def as_typed(message: str, options: Iterable[str]) -> str:
    """Name settings as one types them in a terminal.

    Args:
        message: Of an error.
        options: Those that the command has.

    Example:
        >>> as_typed("temperature must be above 0, got 0; take top_k=1", ["--top-k"])
        'temperature must be above 0, got 0; take --top-k 1'
    """

    def typed(found: re.Match) -> str:
        name = found["set"] or found["name"]
        if name is None:  # what was got
            return found[0]
        value = found["text"] or found["value"] or ""
        option = f"--{name.replace('_', '-')}"
        if option not in options:
            return f"{name} {value}" if found["set"] else found[0]
        return option if value in ("", "True") else f"{option} {value}"

    for call, words in _CALLS.items():
        message = re.sub(call, words, message)
    message = _PYTHON.sub(typed, message)
    return re.sub(r"(--[\w-]+(?: \w+)?) \(\1\)", r"\1", message)  # what was said in both ways
