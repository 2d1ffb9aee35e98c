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
# In the order in which a plot takes them; yellow is left out, too pale for lines on white.
SERIES_COLOURS = tuple(
    OKABE_ITO[name] for name in ("blue", "vermilion", "green", "purple", "orange", "sky blue")
)
