"""From MusicXML to a drawing of it."""

from pathlib import Path

from musiclab.errors import SettingError

_ZOOM = 40  # percent of verovio's size at which staves look like a hymn book on a screen


def engrave(musicxml: bytes, *, width: int = 900, scale: float | int = 1.0) -> str:
    """Draw a score as one SVG image, with as many systems below each other as it takes.

    Args:
        musicxml: The score.
        width: Of the image, in pixels.
        scale: Size of the notes; 1 suits a notebook.

    Returns:
        The SVG, always the same for the same score.

    Raises:
        SettingError: If the score is too long for one image.
    """
    import verovio

    verovio.enableLog(verovio.LOG_OFF)
    toolkit = verovio.toolkit(False)
    # By itself verovio finds its fonts in the main thread only, but JupyterLab may press a
    # button's callback in another one.
    toolkit.setResourcePath(str(Path(verovio.__file__).parent / "data"))
    zoom = round(_ZOOM * scale)
    options = {
        "scale": zoom,
        "pageWidth": round(width * 100 / zoom),
        "pageHeight": 60_000,
        "adjustPageHeight": True,
        "header": "none",
        "footer": "none",
        "breaks": "auto",
        "svgFormatRaw": True,
        "svgRemoveXlink": True,
        "removeIds": True,
        "xmlIdChecksum": True,  # otherwise every drawing would differ
    }
    toolkit.setOptions(options)
    if not toolkit.loadData(musicxml.decode("utf-8")):
        raise SettingError("the score cannot be engraved; write it as MIDI instead")
    if toolkit.getPageCount() > 1:
        raise SettingError(
            "the score is too long for one image; draw a part of it, such as bars=(1, 16)"
        )
    return toolkit.renderToSVG(1)
