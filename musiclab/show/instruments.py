"""Friendly names for General MIDI instruments, and settings that each voice may have its own of."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from musiclab.errors import SettingError

_KEYS = {"piano": 0, "harpsichord": 6, "organ": 19, "accordion": 21}
_BARS_AND_PLUCKED = {"celesta": 8, "vibraphone": 11, "marimba": 12, "guitar": 24, "harp": 46}
_BOWED = {"violin": 40, "viola": 41, "cello": 42, "double bass": 43, "strings": 48}
_VOICES = {"choir": 52, "voice": 53}
_BRASS = {"trumpet": 56, "trombone": 57, "tuba": 58, "horn": 60, "brass": 61}
_WINDS = {"saxophone": 65, "oboe": 68, "bassoon": 70, "clarinet": 71, "flute": 73, "recorder": 74}
# Program numbers from 0, as in a MIDI file; printed lists often count from 1.
INSTRUMENTS = MappingProxyType(_KEYS | _BARS_AND_PLUCKED | _BOWED | _VOICES | _BRASS | _WINDS)


def program_number(instrument: Any) -> int:
    """Turn an instrument's name from ``INSTRUMENTS``, or its number, into its program number.

    Raises:
        SettingError: If there is no such instrument.

    Example:
        >>> program_number("choir"), program_number(19)
        (52, 19)
    """
    if isinstance(instrument, str):
        program = INSTRUMENTS.get(instrument.strip().lower())
        if program is None:
            raise SettingError(
                f"no instrument is called {instrument[:40]!r}; choose one of "
                f"{', '.join(INSTRUMENTS)}, or a General MIDI number from 0 to 127"
            )
        return program
    if isinstance(instrument, bool) or not hasattr(instrument, "__index__"):
        raise SettingError(f"an instrument is a name or a number, got {instrument!r}")
    number = instrument.__index__()
    if not 0 <= number <= 127:
        raise SettingError(f"a General MIDI instrument has a number from 0 to 127, got {number}")
    return number


def one_each(
    what: str, setting: Any, voices: Sequence[str], default: float | None = None
) -> list[Any]:
    """Give each voice its own value of a setting.

    Args:
        what: What errors call the setting.
        setting: None, one value for every voice, one value a voice in their order, or a mapping
            from the names of some voices to values.
        voices: The names of the voices.
        default: The value where nothing was asked for.

    Raises:
        SettingError: If the number of values or a name does not fit the voices.

    Example:
        >>> one_each("levels", {"alto": 0.5}, ("soprano", "alto"))
        [None, 0.5]
    """
    if isinstance(setting, Mapping):
        unknown = [name for name in setting if name not in voices]
        if unknown:
            raise SettingError(
                f"{what} names {str(unknown[0])[:40]!r}; the voices are {', '.join(voices)}"
            )
        return [setting.get(name, default) for name in voices]
    if isinstance(setting, str) or not isinstance(setting, Sequence):
        return [default if setting is None else setting] * len(voices)
    if len(setting) != len(voices):
        raise SettingError(
            f"{what} has {len(setting)} values for {len(voices)} voices ({', '.join(voices)}); "
            "give one a voice, or one for all"
        )
    return list(setting)
