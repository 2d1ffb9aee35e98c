"""Unpack compressed MusicXML (.mxl): follow its table of contents, count every byte."""

import io
import zipfile
from contextlib import suppress

from musiclab.errors import ScoreError
from musiclab.music.guards.limits import MAX_PACKING_RATIO, MAX_UNPACKED_BYTES

_CONTAINER = "META-INF/container.xml"
_MAX_ENTRIES = 1_000
_PIECE = 65_536  # bytes read at a time


def unpack_mxl(data: bytes, name: str) -> bytes:
    """Take the score out of an .mxl file; other files in it are not looked at.

    Args:
        data: The file's content.
        name: What an error shall call the file.

    Raises:
        ScoreError: If the container is damaged, names no score, or unpacks to too much.

    Source:
        W3C Music Notation Community Group (2021), MusicXML 4.0, "Compressed .mxl files".
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > _MAX_ENTRIES:
                raise ScoreError(f"{name} holds too many files for a score; export it again")
            return _read_entry(archive, _score_entry(archive, name), name)
    except ScoreError:
        raise
    except Exception:
        # zipfile raises a dozen kinds of error on damaged input; all mean the same to the user.
        raise ScoreError(f"{name} is damaged or cut short; download or export it again") from None


def _score_entry(archive: zipfile.ZipFile, name: str) -> str:
    """Ask the container which of its files is the score."""
    from defusedxml import ElementTree

    names = {}
    for one in archive.infolist():
        names[one.filename] = one.filename
        with suppress(UnicodeError):  # most programs write UTF-8, also those that do not say so
            names[one.filename.encode("cp437").decode()] = one.filename
    if _CONTAINER not in names:
        scores = [
            entry
            for entry in archive.namelist()
            if entry.endswith((".xml", ".musicxml"))
            and not entry.startswith(("META-INF/", "__MACOSX/"))
        ]
        if len(scores) == 1:  # some programs forget the container; one score leaves no doubt
            return scores[0]
        raise ScoreError(f"{name} does not say which of its files is the score; export it again")
    contents = ElementTree.fromstring(_read_entry(archive, _CONTAINER, name))
    for element in contents.iter():
        if element.tag.rpartition("}")[2] == "rootfile":
            entry = element.get("full-path", "")
            if entry not in names:
                raise ScoreError(f"{name} lacks the score {entry[:80]!r} it names; export it again")
            return names[entry]
    raise ScoreError(f"{name} names no score inside; export it again")


def _read_entry(archive: zipfile.ZipFile, entry: str, name: str) -> bytes:
    """Unpack one file piece by piece, and stop as soon as it grows beyond the limits."""
    found = archive.getinfo(entry)
    if found.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or found.flag_bits & 1:
        raise ScoreError(f"{name} is packed in a way that no .mxl uses; export it again")
    # The size that the archive promises may be a lie, so count what comes out. A false packed
    # size helps nobody: zipfile reads no more than it.
    packed = max(1, found.compress_size)
    pieces, size = [], 0
    with archive.open(found) as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            if size > MAX_UNPACKED_BYTES or size > MAX_PACKING_RATIO * packed:
                raise ScoreError(f"{name} unpacks to far more than any real score; export it again")
            pieces.append(piece)
    return b"".join(pieces)
