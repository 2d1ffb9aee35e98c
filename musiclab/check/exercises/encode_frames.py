"""encode-frames: from pitches to ids, soprano, alto, tenor, bass of one frame after another."""

import numpy as np
from torch import Tensor

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._music import bwv_66_6, in_frames
from musiclab.check.exercises._pitch_tokens import (
    HIGHEST,
    LOWEST,
    four_voices,
    ids_of,
    pitches_of,
    shuffled_vocabulary,
)
from musiclab.music.chorale import REST, Chorale


def probes(rng):
    """Yield pitches of two, three and five frames with rests, and one note without a token."""
    for n_frames in (2, 3, 5):
        yield four_voices(rng, n_frames), shuffled_vocabulary(rng)
    outside = four_voices(rng, 3)
    outside[1, 2], outside[2, 0] = HIGHEST + 3, LOWEST - 2
    yield outside, shuffled_vocabulary(rng)


def use(answer, pitches, vocabulary):
    """Let an array of ids do as well as a list."""
    ids = answer(pitches, vocabulary)
    return ids.tolist() if isinstance(ids, (np.ndarray, Tensor)) else ids


def solution(pitches, vocabulary):
    ids = [vocabulary["start"]]
    for frame in pitches.tolist():
        for pitch in frame:
            name = "rest" if pitch == -1 else f"pitch-{pitch}"
            ids.append(vocabulary[name])
    return [*ids, vocabulary["end"]]


def name_of(pitch):
    return "rest" if pitch == REST else f"pitch-{pitch}"


def look_up(cells, vocabulary, name_of=name_of):
    """Encode a row of cells, with start and end; cells named None are left out."""
    names = [name_of(int(pitch)) for pitch in np.ravel(cells)]
    names = ["start", *[one for one in names if one], "end"]
    return [vocabulary[name] for name in names]


def nearest(pitch):
    return f"pitch-{min(max(pitch, LOWEST), HIGHEST)}"


def voice_by_voice(pitches, vocabulary):
    """All of the soprano comes first, then all of the alto; the frames should follow each other.

    A model reads from left to right. Which notes sound together? Section 3.3 shows the row.
    """
    return look_up(pitches.T, vocabulary)


def bass_first(pitches, vocabulary):
    """Within a frame you begin with the bass; the order is soprano, alto, tenor, bass.

    Which column of the table is which voice?
    """
    return look_up(pitches[:, ::-1], vocabulary)


def no_start(pitches, vocabulary):
    """The start token is missing: a model has nothing to read before the first note.

    Look at the table of special tokens in section 3.2.
    """
    return look_up(pitches, vocabulary)[1:]


def no_end(pitches, vocabulary):
    """The end token is missing: a model would never learn when a piece is over.

    Look at the table of special tokens in section 3.2.
    """
    return look_up(pitches, vocabulary)[:-1]


def no_start_and_no_end(pitches, vocabulary):
    """The notes are right, but start and end are both missing.

    Look at the table of special tokens in section 3.2.
    """
    return look_up(pitches, vocabulary)[1:-1]


def start_and_end_exchanged(pitches, vocabulary):
    """The row begins with the end token and ends with the start token.

    Which one should a model read before the first note?
    """
    row = look_up(pitches, vocabulary)
    return [row[-1], *row[1:-1], row[0]]


def start_at_every_frame(pitches, vocabulary):
    """There is a start token before every frame; a piece starts only once.

    Which lines belong into the loop, and which before it?
    """
    rows = [[vocabulary["start"], *look_up(frame, vocabulary)[1:-1]] for frame in pitches]
    return [*sum(rows, []), vocabulary["end"]]


def start_and_end_at_every_frame(pitches, vocabulary):
    """Every frame has a start and an end of its own; a piece has one of each.

    Which lines belong into the loop, and which outside?
    """
    return sum([look_up(frame, vocabulary) for frame in pitches], [])


def four_starts_and_ends(pitches, vocabulary):
    """There are four start and four end tokens, one for each voice; in one long row one is enough.

    Section 3.3 has two layouts. A row of start belongs to the table, not to the list.
    """
    row = look_up(pitches, vocabulary)
    return [*row[:1] * 4, *row[1:-1], *row[-1:] * 4]


def rows_kept(pitches, vocabulary):
    """The ids come in rows of four; one flat list is asked for.

    Should your loop add a row to the list, or the ids in it?
    """
    rows = [look_up(frame, vocabulary)[1:-1] for frame in pitches]
    return [vocabulary["start"], *rows, vocabulary["end"]]


def rest_left_out(pitches, vocabulary):
    """Rests are left out, so all cells after them move up, and voices are exchanged.

    With one cell missing, which voice does the next id belong to?
    """
    return look_up(pitches, vocabulary, lambda one: None if one == REST else name_of(one))


def rest_as_a_pitch(pitches, vocabulary):
    """You look for a pitch called -1, and there is none: a rest has a token of its own.

    What is the name of silence? See the table in section 3.2.
    """
    return look_up(pitches, vocabulary, lambda one: f"pitch-{one}")


def rest_as_pad(pitches, vocabulary):
    """A rest becomes the pad token, which is never counted; but silence is music.

    What is the difference between `rest` and `pad`? See the table in section 3.2.
    """
    return look_up(pitches, vocabulary, lambda one: "pad" if one == REST else name_of(one))


def everything_clipped(pitches, vocabulary):
    """Rests and foreign pitches become the nearest pitch with a token: wrong notes, silently.

    Does a rest lie near the lowest note? And who would find out about the others?
    """
    return look_up(pitches, vocabulary, nearest)


def out_of_range_clipped(pitches, vocabulary):
    """A pitch without a token becomes the nearest one that has a token, and nobody finds out.

    Section 3.6 says what a tokeniser should do instead.
    """
    return look_up(pitches, vocabulary, lambda one: "rest" if one == REST else nearest(one))


def out_of_range_silent(pitches, vocabulary):
    """A pitch without a token becomes a rest, and nobody finds out that a note is gone.

    Section 3.6 says what a tokeniser should do instead.
    """
    return look_up(pitches, vocabulary, lambda one: name_of(one) if known(one) else "rest")


def out_of_range_padded(pitches, vocabulary):
    """A pitch without a token becomes the pad token, and nobody finds out that a note is gone.

    Section 3.6 says what a tokeniser should do instead.
    """
    return look_up(pitches, vocabulary, lambda one: name_of(one) if known(one) else "pad")


def out_of_range_left_out(pitches, vocabulary):
    """A pitch without a token is left out, so the cells after it move up to other voices.

    Section 3.6 says what a tokeniser should do instead.
    """
    return look_up(pitches, vocabulary, lambda one: name_of(one) if known(one) else None)


def known(pitch):
    return pitch == REST or LOWEST <= pitch <= HIGHEST


def library_numbers_assumed(pitches, vocabulary):
    """You compute the ids as the library numbers them; this vocabulary has other numbers.

    Look every name up. Then your function works with any vocabulary.
    """
    return [1, *[3 if one == REST else int(one) - LOWEST + 4 for one in pitches.ravel()], 2]


def end_at_every_frame(pitches, vocabulary):
    """There is an end token after every frame; a piece ends only once.

    Which lines belong into the loop, and which after it?
    """
    rows = [[*look_up(frame, vocabulary)[1:-1], vocabulary["end"]] for frame in pitches]
    return [vocabulary["start"], *sum(rows, [])]


def from_the_last_frame(pitches, vocabulary):
    """The frames come in the wrong order: the last one first.

    In which direction does time run in the table?
    """
    return look_up(pitches[::-1], vocabulary)


def rest_as_the_lowest_pitch(pitches, vocabulary):
    """A rest becomes the lowest pitch: where nobody sings, a bass hums.

    What is the name of silence? See the table in section 3.2.
    """
    return look_up(
        pitches, vocabulary, lambda one: f"pitch-{LOWEST}" if one == REST else name_of(one)
    )


def looked_up_or(instead, pitches, vocabulary):
    """Encode, with something in the place of pitches that have no token."""
    cells = [vocabulary.get(name_of(one), instead) for one in np.ravel(pitches).tolist()]
    return [vocabulary["start"], *cells, vocabulary["end"]]


def unknown_as_none(pitches, vocabulary):
    """A pitch without a token becomes None in your list; no model can read that.

    Section 3.6 says what a tokeniser should do instead.
    """
    return looked_up_or(None, pitches, vocabulary)


def unknown_as_0(pitches, vocabulary):
    """A pitch without a token gets the number 0, which belongs to some other name.

    Section 3.6 says what a tokeniser should do instead.
    """
    return looked_up_or(0, pitches, vocabulary)


def unknown_as_minus_1(pitches, vocabulary):
    """A pitch without a token gets the number -1, which stands for no token at all.

    Section 3.6 says what a tokeniser should do instead.
    """
    return looked_up_or(-1, pitches, vocabulary)


def names_for_ids(pitches, vocabulary):
    """Your row holds names; a model reads numbers.

    What is the vocabulary for?
    """
    return ["start", *[name_of(one) for one in pitches.ravel().tolist()], "end"]


def pitches_for_ids(pitches, vocabulary):
    """Your row holds the pitches themselves; each should be exchanged for its id.

    What is the vocabulary for?
    """
    return [vocabulary["start"], *pitches.ravel().tolist(), vocabulary["end"]]


def soprano_only(pitches, vocabulary):
    """Only the soprano is written; a frame has four voices.

    How many loops does it take to get from the table to its cells?
    """
    return look_up(pitches[:, 0], vocabulary)


def begins_with_start(result, pitches, vocabulary):
    """The row must begin with the start token.

    What does a model read before the first note?
    """
    return result[0] == vocabulary["start"]


def ends_with_end(result, pitches, vocabulary):
    """The row must end with the end token.

    How does a model learn when a piece is over?
    """
    return result[-1] == vocabulary["end"]


def an_id_for_each_cell(result, pitches, vocabulary):
    """There must be one id for each voice in each frame, one for start and one for end.

    Count them. Is something left out, or written twice?
    """
    return len(result) == pitches.size + 2


def only_ids_of_the_music(result, pitches, vocabulary):
    """Your row holds an id that stands for nothing in this music.

    Look the wrong id up in the vocabulary. Which cell did it come from?
    """
    return set(result) <= {
        vocabulary[name] for name in ("start", "end", *map(name_of, pitches.ravel()))
    }


def frame_after_frame(result, pitches, vocabulary):
    """The ids are those of the music, but some stand in a wrong place.

    Write the cells of the first frame in your order. Which voice is where?
    """
    return result == ids_of(pitches, vocabulary)


def hear(answer):
    """Encode three lines of a chorale with the answer, and decode them with the library."""
    vocabulary = shuffled_vocabulary(np.random.default_rng(0))
    lines = [np.repeat([p for *_, p in line], [n for _, n, _ in line]) for line in bwv_66_6()]
    lines[1][20:24] = REST
    chorale = Chorale(
        pitches=pitches_of(use(answer, np.stack(lines, axis=1), vocabulary), vocabulary)
    )
    return in_frames(chorale.notes(voice) for voice in range(4))


EXERCISE = Exercise(
    id="encode-frames",
    notebook=3,
    place=2,
    title="From pitches to one long row",
    kind="implement",
    difficulty=2,
    importance=5,
    minutes=15,
    why="All that a model ever sees of the music is this row of numbers.",
    signature=(
        'encode_frames(pitches: Int[np.ndarray, "frame voice"], vocabulary: dict[str, int]) '
        "-> list[int]"
    ),
    statement=(
        "Turn a chorale into one list of ids: start, then soprano, alto, tenor and bass of the "
        "first frame, of the second frame, and so on, then end. `vocabulary` leads from names to "
        'numbers, in any order; its names are `"start"`, `"end"`, `"pad"`, `"rest"`, and '
        '`"pitch-60"` and the like. -1 is a rest. A pitch without a token must raise a `KeyError` '
        "or a `ValueError`."
    ),
    reference=ids_of,
    solution=solution,
    probes=probes,
    use=use,
    properties=(
        begins_with_start,
        ends_with_end,
        an_id_for_each_cell,
        only_ids_of_the_music,
        frame_after_frame,
    ),
    mistakes=(
        voice_by_voice,
        bass_first,
        no_start,
        no_end,
        no_start_and_no_end,
        start_and_end_exchanged,
        start_at_every_frame,
        start_and_end_at_every_frame,
        four_starts_and_ends,
        rows_kept,
        rest_left_out,
        rest_as_a_pitch,
        rest_as_pad,
        everything_clipped,
        out_of_range_clipped,
        out_of_range_silent,
        out_of_range_padded,
        out_of_range_left_out,
        library_numbers_assumed,
        end_at_every_frame,
        from_the_last_frame,
        rest_as_the_lowest_pitch,
        unknown_as_none,
        unknown_as_0,
        unknown_as_minus_1,
        names_for_ids,
        pitches_for_ids,
        soprano_only,
    ),
    hints=(
        "Write down a table of two frames and four voices. With a pencil, in which order do you "
        "go through the cells? What do you write before the first, and after the last?",
        "ids = [number of start]. For each frame, for each pitch in it: its name is rest or "
        "pitch-number; add the number of that name. At the end add the number of end. There are "
        "4 * frames + 2 ids.",
        '`for frame in pitches.tolist():` and `for pitch in frame:` with `name = "rest" if ... '
        'else f"pitch-{...}"` and `ids.append(vocabulary[...])`. Before: `["start"]`, after: '
        "the end.",
    ),
    explain="Why is an error better here than the nearest note?",
    hear=hear,
)
