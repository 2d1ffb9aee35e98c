"""Save to a file what a notebook shows, whole or not at all."""

import os
from pathlib import Path
from typing import ClassVar

from musiclab.errors import ScoreError, SettingError
from musiclab.files import write_atomically


class Savable:
    """Something that can be written to a file; the suffix chooses the format."""

    suffixes: ClassVar[tuple[str, ...]]  # in lower case, such as (".png",)

    def encoded(self, suffix: str) -> bytes:
        """Return the whole file in the format of ``suffix``, one of ``suffixes``."""
        raise NotImplementedError

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write to a file, and return its path.

        Raises:
            SettingError: If the path ends in no suffix of ``suffixes``.
            ScoreError: If the file cannot be written; an older one is then untouched.
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in self.suffixes:
            known = ", ".join(self.suffixes)
            raise SettingError(
                f"a {type(self).__name__} cannot be saved as {path.name[:80]!r}; choose a path "
                f"that ends in one of {known} (musiclab.write saves notes as MIDI or MusicXML)"
            )
        try:
            return write_atomically(path, self.encoded(suffix))
        except OSError as error:
            raise ScoreError(
                f"{path} cannot be written ({error.strerror}); choose a folder that exists, is "
                "yours and has space"
            ) from None
