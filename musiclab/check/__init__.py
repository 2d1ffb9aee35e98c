"""Exercises that say what went wrong: check an answer, take a hint, see how far you are."""
