"""How long and how differently tests that draw at random shall try; ``make soak`` sets it."""

import os
import secrets

SOAK = int(os.environ.get("MUSICLAB_SOAK", "1"))  # how many times the ordinary trouble to take


def draw_seed() -> int:
    """The same in every ordinary run; a new one in every soak. Print it, so that it can be told."""
    return 0 if SOAK == 1 else secrets.randbits(32)
