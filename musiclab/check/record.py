"""What a learner has done, kept in a small file that two notebooks may share."""

import json
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from filelock import FileLock
from platformdirs import user_data_path

from musiclab.files import write_atomically

_Data = dict[str, dict[str, Any]]
_EMPTY: Mapping[str, dict[str, Any]] = MappingProxyType({"passed": {}, "hints": {}})
_WAIT = 2.0  # seconds for another notebook that is writing


class Record:
    """The exercises passed and recalled, and the last hint that was given for each.

    It is never in the way: where the file cannot be read or written, the record lasts as long as
    the kernel, and says so once.

    Args:
        path: The file; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unsaved: _Data = dict(_EMPTY)  # what could not be written
        self._told = False

    def passed(self) -> set[str]:
        """Return the ids of all exercises passed, quick ones included."""
        return set(self._read()["passed"])

    def note_passed(self, id: str) -> None:
        """Write down that an exercise has been passed; the first time counts."""
        if id not in self.passed():
            self._change(lambda data: data["passed"].setdefault(id, time.time()))

    def last_hint(self, id: str) -> tuple[int, float]:
        """Return which hint was given last, from 1, and when; (0, 0.0) if none."""
        rung, when = self._read()["hints"].get(id, (0, 0.0))
        return int(rung), float(when)

    def note_hint(self, id: str, rung: int) -> None:
        """Write down which hint was given, and that it was now."""
        self._change(lambda data: data["hints"].update({id: (rung, time.time())}))

    def _read(self) -> _Data:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            saved = {part: dict(data[part]) for part in _EMPTY}
            [(float(when), int(rung)) for rung, when in saved["hints"].values()]
        except FileNotFoundError:
            saved = _EMPTY
        except OSError as error:
            saved = _EMPTY
            self._tell(error)
        except (ValueError, KeyError, TypeError):
            saved = _EMPTY
            with suppress(OSError):  # something else wrote there: keep it, but out of the way
                self.path.replace(self.path.with_suffix(".damaged.json"))
        return {part: saved[part] | self._unsaved[part] for part in _EMPTY}

    def _change(self, change: Callable[[_Data], object]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock", timeout=_WAIT):
                data = self._read()
                change(data)
                write_atomically(self.path, json.dumps(data).encode())
                self._unsaved = dict(_EMPTY)
        except (OSError, NotImplementedError) as error:  # some file systems have no locks
            self._unsaved = {part: dict(known) for part, known in self._unsaved.items()}
            change(self._unsaved)
            self._tell(error)

    def _tell(self, error: Exception) -> None:
        if not self._told:
            self._told = True
            print(f"Your progress is kept only until the kernel stops: {error}")


def record() -> Record:
    """Return the learner's record.

    The environment variable ``MUSICLAB_PROGRESS`` names another file for it.
    """
    chosen = os.environ.get("MUSICLAB_PROGRESS")
    return _record(Path(chosen) if chosen else user_data_path("musiclab", False) / "progress.json")


@cache
def _record(path: Path) -> Record:
    return Record(path)
