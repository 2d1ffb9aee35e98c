"""One palette for the whole course: colours that colour-blind readers can tell apart."""

from types import MappingProxyType

# Source: Okabe and Ito (2008), "Color Universal Design".
OKABE_ITO = MappingProxyType(
    {
        "black": "#000000",
        "orange": "#E69F00",
        "sky blue": "#56B4E9",
        "green": "#009E73",
        "yellow": "#F0E442",
        "blue": "#0072B2",
        "vermilion": "#D55E00",
        "purple": "#CC79A7",
    }
)

# Of the eight, these four keep a contrast of 3 to 1 against white and against a dark page alike.
VOICE_COLOURS = MappingProxyType(
    {
        "soprano": OKABE_ITO["vermilion"],
        "alto": OKABE_ITO["purple"],
        "tenor": OKABE_ITO["green"],
        "bass": OKABE_ITO["blue"],
    }
)


def contrast(colour: str, background: str) -> float:
    """Measure how well a colour stands out, from 1 (not at all) to 21 (black on white).

    Args:
        colour: As ``"#RRGGBB"``.
        background: As ``"#RRGGBB"``.

    Returns:
        The ratio of the two luminances; drawings need at least 3.

    Source:
        Web Content Accessibility Guidelines 2.2, "contrast ratio".

    Example:
        >>> round(contrast("#000000", "#FFFFFF"))
        21
    """
    darker, lighter = sorted((_luminance(colour), _luminance(background)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Weigh red, green and blue as the eye does, after undoing the screen's gamma."""
    levels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [
        level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels
    ]
    return sum(
        weight * level for weight, level in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )
