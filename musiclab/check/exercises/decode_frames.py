"""decode-frames: from ids back to pitches; find the bug that mixes up the voices."""

import numpy as np

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import bwv_66_6, in_frames
from musiclab.check.exercises._pitch_tokens import (
    LOWEST,
    four_voices,
    ids_of,
    pitches_of,
    shuffled_vocabulary,
)
from musiclab.music.chorale import REST, Chorale


def probes(rng):
    """Yield ids of two to six frames, with as many pads after the end as a batch may need."""
    for n_frames, n_rests, n_pads in ((2, 2, 0), (3, 4, 4), (5, 4, 2), (6, 4, 4)):
        vocabulary = shuffled_vocabulary(rng)
        ids = ids_of(four_voices(rng, n_frames, n_rests), vocabulary)
        yield [*ids, *[vocabulary["pad"]] * n_pads], vocabulary


def solution(ids, vocabulary):
    name_of = {number: name for name, number in vocabulary.items()}
    music = ids[1 : ids.index(vocabulary["end"])]
    names = [name_of[one] for one in music]
    pitches = [-1 if name == "rest" else int(name.split("-")[1]) for name in names]
    return np.array(pitches).reshape(-1, 4)


def start(ids, vocabulary):
    name_of = {number: name for name, number in vocabulary.items()}
    music = ids[1 : ids.index(vocabulary["end"])]
    names = [name_of[one] for one in music]
    pitches = [-1 if name == "rest" else int(name.split("-")[1]) for name in names]
    return np.array(pitches).reshape(4, -1).T


def in_rows(ids, vocabulary, silence=REST):
    """Turn ids into pitches, and those into rows of four; whatever is no pitch is silent."""
    name_of = {number: name for name, number in vocabulary.items()}
    names = [name_of[one] for one in ids]
    cells = [int(one.split("-")[1]) if "pitch" in one else silence for one in names]
    return np.array(cells).reshape(-1, 4)


def music_in(ids, vocabulary):
    return ids[1 : ids.index(vocabulary["end"])]


def voices_in_rows(ids, vocabulary):
    """Time runs from left to right in your table; there should be a row for each frame.

    Which axis is the frame, and which the voice? The signature says so.
    """
    return solution(ids, vocabulary).T


def voices_read_in_rows(ids, vocabulary):
    """A row of your table is one voice, and it holds cells of all voices: four rows, not columns.

    The first four ids sound together. Where should they stand in the table?
    """
    return solution(ids, vocabulary).reshape(4, -1)


def bass_first(ids, vocabulary):
    """The voices stand in the wrong order: the bass is in the first column.

    In which order does the row of ids have them? Section 3.3 says it.
    """
    return solution(ids, vocabulary)[:, ::-1]


def rest_as_zero(ids, vocabulary):
    """A rest comes back as 0, the lowest note of MIDI.

    Which number stands for silence on the grid?
    """
    return in_rows(music_in(ids, vocabulary), vocabulary, silence=0)


def rest_as_lowest_pitch(ids, vocabulary):
    """A rest comes back as the lowest pitch of the vocabulary: where nobody sings, a bass hums.

    Which number stands for silence on the grid?
    """
    return in_rows(music_in(ids, vocabulary), vocabulary, silence=LOWEST)


def rests_left_out(ids, vocabulary):
    """Rests are left out, so the cells after them move up to other voices, or the table is ragged.

    A silent cell keeps its place. What does the grid write there?
    """
    silent = {vocabulary["rest"], REST}
    return in_rows([one for one in music_in(ids, vocabulary) if one not in silent], vocabulary)


def pads_decoded(ids, vocabulary):
    """You decode what stands after the end: pads fill the row, they are no music.

    Where does the piece stop, and is that always the last place of the list?
    """
    return in_rows(ids[1:-1], vocabulary)


def start_or_end_decoded(ids, vocabulary):
    """The start or the end token is decoded as a cell, and the cells do not fit into rows of four.

    Which ids are music? There are four for each frame. Look at both ends of your slice.
    """
    return in_rows(ids[: ids.index(vocabulary["end"])], vocabulary)


def nothing_cut_off(ids, vocabulary):
    """You decode the whole row: start, end and pads became cells, and all notes moved.

    Which ids are music? Look at the table of special tokens in section 3.2.
    """
    return in_rows(ids, vocabulary)


def moved_by_the_start(ids, vocabulary):
    """The start token takes the soprano's first cell, so every pitch moves to the next voice.

    Which id is the first that is music?
    """
    music = ids[: ids.index(vocabulary["end"])]
    return in_rows(music[: len(music) // 4 * 4], vocabulary)


def ids_returned(ids, vocabulary):
    """The table is in order, but it holds ids, not pitches.

    An id says which token it is. What does the token say?
    """
    return np.array(music_in(ids, vocabulary)).reshape(-1, 4)


def names_returned(ids, vocabulary):
    """The table holds names; the pitch is still inside the text.

    How do you get the number out of "pitch-60"?
    """
    name_of = {number: name for name, number in vocabulary.items()}
    return np.array([name_of[one] for one in music_in(ids, vocabulary)]).reshape(-1, 4)


def library_numbers_assumed(ids, vocabulary):
    """You compute the pitches as the library numbers them; this vocabulary has other numbers.

    Turn the vocabulary round: from numbers to names. Then any vocabulary will do.
    """
    cells = [REST if one == vocabulary["rest"] else one - 4 + LOWEST for one in ids]
    return np.array(cells[1 : ids.index(vocabulary["end"])]).reshape(-1, 4)


def one_long_row(ids, vocabulary):
    """The pitches are right, but they still stand in one long row.

    How many voices are there in a frame?
    """
    return solution(ids, vocabulary).ravel()


def last_frame_lost(ids, vocabulary):
    """The last frame is missing.

    Up to which place does your slice, or your loop, go?
    """
    return solution(ids, vocabulary)[:-1]


def pads_read_as_pitches(ids, vocabulary):
    """You read the end and the pads as if they were pitches, and they have none.

    Where does the piece stop, and is that always the last place of the list?
    """
    return strictly(ids[1:-1], vocabulary)


def start_read_as_a_pitch(ids, vocabulary):
    """You read the start token as if it were a pitch, and it has none.

    Which ids are music? Look at both ends of your slice.
    """
    return strictly(ids, vocabulary)


def strictly(ids, vocabulary):
    """Read all as pitches or rests; an IndexError where a name has no number in it."""
    name_of = {number: name for name, number in vocabulary.items()}
    names = [name_of[one] for one in ids]
    cells = [REST if name == "rest" else int(name.split("-")[1]) for name in names]
    return np.array(cells).reshape(-1, 4)


def one_cell_late(ids, vocabulary):
    """The first cell of the music is cut off, so every voice has the pitch of its neighbour.

    How many ids stand before the first note?
    """
    music = [*ids[2 : ids.index(vocabulary["end"])], vocabulary["rest"]]
    return in_rows(music, vocabulary)


def from_the_last_frame(ids, vocabulary):
    """The frames come in the wrong order: the last one first.

    In which direction does time run in the row of ids?
    """
    return solution(ids, vocabulary)[::-1]


def first_frame_lost(ids, vocabulary):
    """The first frame is missing.

    How many ids stand before the first note: one, or one for each voice?
    """
    return solution(ids, vocabulary)[1:]


def a_row_for_each_frame(result, ids, vocabulary):
    """The table must have a row for each frame, and four columns.

    How many ids are music? Divide by the number of voices.
    """
    return result.shape == (ids.index(vocabulary["end"]) // 4, 4)


def rests_where_they_were(result, ids, vocabulary):
    """There must be a -1 for each rest in the row, and nowhere else.

    Count them in your table.
    """
    return int((result == REST).sum()) == ids.count(vocabulary["rest"])


def only_pitches_of_the_row(result, ids, vocabulary):
    """Your table holds a number that is no pitch of this row.

    Look it up: which id did it come from, and what is the name of that id?
    """
    return set(result.flatten().tolist()) <= set(pitches_of(ids, vocabulary).ravel().tolist())


def four_that_sound_together(result, ids, vocabulary):
    """The pitches are right, but they stand in wrong cells.

    The first four ids after start sound together. Where are they in your table?
    """
    return np.array_equal(result, pitches_of(ids, vocabulary))


def hear(answer):
    """Encode three lines of a chorale with the library, and decode them with the answer."""
    vocabulary = shuffled_vocabulary(np.random.default_rng(0))
    lines = [np.repeat([p for *_, p in line], [n for _, n, _ in line]) for line in bwv_66_6()]
    lines[1][20:24] = REST
    pitches = np.asarray(answer(ids_of(np.stack(lines, axis=1), vocabulary), vocabulary))
    return in_frames(Chorale(pitches=pitches).notes(voice) for voice in range(4))


EXERCISE = Exercise(
    id="decode-frames",
    notebook=3,
    place=3,
    title="The way back",
    kind="find the bug",
    difficulty=2,
    importance=4,
    minutes=10,
    why="When a model sounds like noise, the fault is often on the way back, not in the model.",
    signature=(
        "decode_frames(ids: list[int], vocabulary: dict[str, int]) "
        '-> Int[np.ndarray, "frame voice"]'
    ),
    statement=(
        "The function below turns a row of ids back into pitches. What comes out has the right "
        "shape and the right notes, and is no music. Find the bug and mend it. The row is start, "
        "then soprano, alto, tenor and bass of one frame after another, then end; pads may follow. "
        "`vocabulary` leads from names to numbers. The result has a row for each frame and a "
        "column for each voice, and -1 for a rest."
    ),
    reference=pitches_of,
    solution=solution,
    start=start,
    probes=probes,
    properties=(
        a_row_for_each_frame,
        rests_where_they_were,
        only_pitches_of_the_row,
        four_that_sound_together,
    ),
    mistakes=(
        voices_in_rows,
        voices_read_in_rows,
        bass_first,
        rest_as_zero,
        rest_as_lowest_pitch,
        rests_left_out,
        pads_decoded,
        start_or_end_decoded,
        nothing_cut_off,
        moved_by_the_start,
        ids_returned,
        names_returned,
        library_numbers_assumed,
        one_long_row,
        last_frame_lost,
        pads_read_as_pitches,
        start_read_as_a_pitch,
        one_cell_late,
        from_the_last_frame,
        first_frame_lost,
    ),
    hints=(
        "Take two frames, and write the eight ids in a row. Draw a circle around those that sound "
        "together. Where do they stand in the table that comes out?",
        "Names from numbers: turn the vocabulary round. Cut out what lies between start and end. "
        "Make pitches of the names: (4 * frames,). Then rows of four: (frames, 4).",
        "Only the last line is wrong. `np.array(pitches).reshape(..., ...)`: how many columns, "
        "and does it need a `.T`?",
    ),
    explain="All shapes were right. How could a round trip have found this bug at once?",
    hear=hear,
)
