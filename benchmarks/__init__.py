"""Speed, always next to other libraries in the same run: ``make bench``."""
