"""Grammar of the grid, against loops over the tokens' names."""

import numpy as np
import pytest

from musiclab.errors import TokenError
from musiclab.tokens.grid import GridTokenizer

# 53 pitches: intervals beyond two octaves occur, and have to be clipped
GRIDS = [GridTokenizer(holds=holds, lowest=31, highest=83) for holds in (False, True)]
every_grid = pytest.mark.parametrize("grid", GRIDS, ids=["plain", "holds"])


def may_follow(previous: str, following: str) -> bool:
    """The grammar in words."""
    if previous == "end":
        return following == "end"
    if following in ("pad", "start"):
        return False
    kind, _, pitch = following.partition("-")
    return kind != "held" or previous in (f"attack-{pitch}", f"held-{pitch}")


@every_grid
def test_allowed_next_equals_the_grammar_in_words(grid):
    tokens = grid.vocabulary.tokens
    for number, previous in enumerate(tokens):
        expected = [may_follow(previous, following) for following in tokens]
        assert grid.allowed_next(number).tolist() == expected, previous
        assert any(expected)


@every_grid
@pytest.mark.parametrize("layout", ["frames", "notes"])
def test_what_encode_writes_obeys_the_grammar(grid, layout, make_chorale):
    grid = GridTokenizer(holds=grid.holds, layout=layout)
    for seed in range(11):
        ids = grid.encode(make_chorale(seed))
        if layout == "notes":  # a start and an end for each voice, as in layout "frames"
            ids = np.concatenate(([1, 1, 1], ids, [2, 2, 2])).reshape(-1, 4)
        for before, after in zip(ids[:-1], ids[1:], strict=True):
            for voice in range(4):
                assert grid.allowed_next(before[voice])[after[voice]]


def test_music_drawn_by_the_grammar_decodes_to_itself(make_chorale):
    """With holds, every stream that obeys the grammar is what encode would have written."""
    grid, rng = GridTokenizer(holds=True, lowest=60, highest=66), np.random.default_rng(0)
    rows = [np.full(4, grid.start_id)]
    for _ in range(101):
        allowed = [np.flatnonzero(grid.allowed_next(one)) for one in rows[-1]]
        rows.append(np.array([rng.choice(one[one != grid.end_id]) for one in allowed]))
    rows.append(np.full(4, grid.end_id))
    assert np.array_equal(grid.encode(grid.decode(rows)), rows)


@pytest.mark.parametrize("unknown", [-1, 56])
def test_allowed_next_refuses_unknown_ids(unknown):
    with pytest.raises(TokenError):
        GridTokenizer().allowed_next(unknown)


@every_grid
def test_held_and_pitches_are_what_the_names_say(grid):
    for token, held, pitch in zip(grid.vocabulary.tokens, grid.held(), grid.pitches(), strict=True):
        kind, _, number = token.partition("-")
        assert held == (kind == "held")
        assert pitch == (int(number) if number else -1)


def test_tables_handed_out_are_copies():
    grid = GridTokenizer(holds=True)
    grid.allowed_next(5)[:] = False
    grid.pitches()[:] = 7
    grid.held()[:] = True
    assert grid.allowed_next(5).any() and grid.pitches()[0] == -1 and not grid.held()[0]
