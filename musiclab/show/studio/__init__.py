"""The studio: compose, harmonise and rewrite, and hear and see the music at once."""

from musiclab.show.studio.studio import Studio

__all__ = ["Studio"]
