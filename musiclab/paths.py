"""Where musiclab keeps what it can rebuild: one cache folder, never anything precious."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """Return the folder for rebuildable data; it need not exist, nor be writable.

    The environment variable ``MUSICLAB_CACHE`` names another folder.
    """
    chosen = os.environ.get("MUSICLAB_CACHE")
    return Path(chosen) if chosen else user_cache_path("musiclab", appauthor=False)
