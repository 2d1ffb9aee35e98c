"""How plain a text is: short enough, and readable at school."""

import re

import textstat

LINE, WORDS, GRADE = 160, 160, 9.0  # characters of a headline; words and US grade of a text
# Words that the course explains, which a longer text would outweigh.
TERMS = r"\b(?:probability|probabilities|perplexity|temperature)\b"


def grade(text: str) -> float:
    """Return the US school grade that a text needs (Flesch and Kincaid), code left out."""
    prose = re.sub(rf"```.*?```|`[^`]*`|{TERMS}", "it", text, flags=re.DOTALL)
    return textstat.flesch_kincaid_grade(prose)
