"""build-vocabulary: number the names of any pieces, the same way on every run."""

from collections import Counter

from musiclab.check.exercise import Exercise

SPECIAL = ["pad", "start", "end", "rest"]
OTHER_ORDER = "another order in another run"


class Name(str):
    """A text whose place in a set is another in each run, as when Python starts anew."""

    def __new__(cls, text, run):
        """Note which run it is."""
        name = super().__new__(cls, text)
        name.run = run
        return name

    def __hash__(self):
        return hash((self.run, str(self)))


def probes(rng):
    """Yield pieces as rows of names; some names occur in one piece only, and rests among them."""
    for sizes in ((2,), (2, 1), (3, 2, 4)):
        names = [f"{kind}-{pitch}" for kind in ("attack", "held") for pitch in range(48, 72)]
        names = rng.permutation(names)[: 4 * sum(sizes)].tolist()
        pieces = []
        for size in sizes:
            rows = [[names.pop() for _ in range(4)] for _ in range(size)]
            rows[-1][int(rng.integers(1, 4))] = "rest"
            pieces.append([*rows, list(rows[0]), list(rows[0])])  # repeated, as music is
        yield (pieces,)


def use(answer, pieces):
    """Number the names as in two runs of Python; say so where the runs disagree."""
    first, second = (answer(in_run(pieces, run)) for run in (1, 2))
    if not isinstance(first, dict) or not isinstance(second, dict):
        return first
    return first if sorted_texts(first) == sorted_texts(second) else OTHER_ORDER


def in_run(pieces, run):
    """Write all names but the special ones so that sets hold them in this run's order."""
    return [
        [[one if one in SPECIAL else Name(one, run) for one in row] for row in piece]
        for piece in pieces
    ]


def sorted_texts(vocabulary):
    return sorted((str(name), str(number)) for name, number in vocabulary.items())


def solution(pieces):
    # BEGIN SOLUTION
    names = {name for piece in pieces for row in piece for name in row}
    special = ["pad", "start", "end", "rest"]
    ordered = special + sorted(names - {"rest"})
    # END SOLUTION
    return {name: number for number, name in enumerate(ordered)}


def numbered(names, first=0):
    return {name: number for number, name in enumerate(names, first)}


def listed(pieces):
    """List every name as often as it occurs, in the order of the music."""
    return [name for piece in pieces for row in piece for name in row]


def known(pieces):
    """Sort the names, without the rest."""
    return sorted(set(listed(pieces)) - {"rest"})


def order_of_a_set(pieces):
    """The numbers change from run to run: the order is that of a Python set.

    A model trained yesterday would read today's numbers as other notes. What fixes an order?
    """
    return numbered(SPECIAL + list(set(listed(pieces)) - {"rest"}))


def order_of_appearance(pieces):
    """The names are numbered in the order in which they are first met; they should be sorted.

    One more piece at the front would change every number. Which order depends on the names alone?
    """
    return numbered(dict.fromkeys(SPECIAL + listed(pieces)))


def order_of_frequency(pieces):
    """The commonest name comes first; the names should be sorted.

    One more piece could change every number. Which order depends on the names alone?
    """
    counts = Counter(one for one in listed(pieces) if one != "rest")
    return numbered(SPECIAL + [name for name, _ in counts.most_common()])


def special_missing(pieces):
    """The special tokens are missing: nothing says where a piece begins or ends.

    Four names come first, whether they occur in the music or not. See the table in section 3.2.
    """
    return numbered(sorted(set(listed(pieces))))


def special_missing_but_rest(pieces):
    """Of the special tokens only the rest is there: it occurs in the music, the others do not.

    `pad`, `start` and `end` are no music, and need numbers all the same.
    """
    return numbered(["rest", *known(pieces)])


def special_last(pieces):
    """The special tokens come last; they should be the numbers 0 to 3.

    With more pieces their numbers would change. Which place never does?
    """
    return numbered(known(pieces) + SPECIAL)


def special_sorted_in(pieces):
    """The special tokens are sorted in among the others; they should be the numbers 0 to 3.

    What has to be sorted, and what has a fixed place?
    """
    return numbered(sorted(set(SPECIAL + listed(pieces))))


def special_in_another_order(pieces):
    """The four special tokens are sorted, too; their order is fixed: pad, start, end, rest.

    Look at the table in section 3.2 once more.
    """
    return numbered(sorted(SPECIAL) + known(pieces))


def rest_numbered_twice(pieces):
    """The rest is numbered twice: as a special token, and again as a name in the music.

    A name has one number. Which of the two is left in your dictionary?
    """
    return numbered(SPECIAL + sorted(set(listed(pieces))))


def every_cell_numbered(pieces):
    """Names that occur more than once use up more than one number, and there are gaps.

    A vocabulary holds each name once, however often it is used.
    """
    return numbered(SPECIAL + sorted(one for one in listed(pieces) if one != "rest"))


def rest_lost(pieces):
    """The rest is missing: it was taken out of the names and not put back.

    Silence is music, too, and has a number among the special tokens.
    """
    return numbered(SPECIAL[:3] + known(pieces))


def counted_from_one(pieces):
    """The numbers begin at 1; the first name should have 0.

    A number is the row of a table in the model. Which is the first row?
    """
    return numbered(SPECIAL + known(pieces), 1)


def each_special_from_zero(pieces):
    """The other names begin at 0 again, so that two names share one number.

    How many numbers are taken when the first of the sorted names gets its own?
    """
    return numbered(SPECIAL) | numbered(known(pieces))


def upside_down(pieces):
    """Your dictionary leads from numbers to names; it should lead from names to numbers.

    Read the signature: what is the key, and what is the value?
    """
    return dict(enumerate(SPECIAL + known(pieces)))


def a_list(pieces):
    """You return the names in the right order, but as a list; each name needs its number.

    Read the signature: what should come back?
    """
    return SPECIAL + known(pieces)


def counts_for_numbers(pieces):
    """You return how often each name occurs; it should be the number that stands for it.

    Section 3.2 counts first, then numbers. Which of the two is a vocabulary?
    """
    return dict.fromkeys(SPECIAL, 0) | dict(Counter(listed(pieces)))


def first_piece_only(pieces):
    """Only the first piece is looked at; the names of the others have no number.

    How many loops does it take to get from pieces to names?
    """
    return solution(pieces[:1])


def last_piece_only(pieces):
    """Only the last piece counts; the names of those before it were forgotten.

    Is something in your loop begun anew for each piece?
    """
    return solution(pieces[-1:])


def soprano_only(pieces):
    """Only the first voice is looked at; a row has four names.

    How many loops does it take to get from pieces to names?
    """
    return solution([[row[:1] for row in piece] for piece in pieces])


def numbers_of_appearance(pieces):
    """Each name keeps the last number that it was given, and numbers in between are missing.

    A name that has a number needs no other. What happens when it comes again?
    """
    vocabulary = numbered(SPECIAL)
    for name in listed(pieces):
        vocabulary[name] = len(vocabulary)
    return vocabulary


def pad_missing(pieces):
    """The pad token is missing, so nothing can fill up a short piece in a table.

    It occurs in no piece, and needs a number all the same. See the table in section 3.2.
    """
    return numbered(SPECIAL[1:] + known(pieces))


def start_and_end_missing(pieces):
    """The start and the end token are missing: nothing says where a piece begins or is over.

    They occur in no piece, and need numbers all the same. See the table in section 3.2.
    """
    return numbered(["pad", "rest", *known(pieces)])


def sorted_backwards(pieces):
    """The names are sorted from the last to the first.

    What does Python's `sorted` do by itself?
    """
    return numbered(SPECIAL + known(pieces)[::-1])


def sorted_by_pitch(pieces):
    """The names are sorted by their pitch; they should be sorted as texts, `attack` before `held`.

    What does Python's `sorted` do with texts?
    """
    return numbered(SPECIAL + sorted(known(pieces), key=lambda name: name.split("-")[1]))


def sorted_piece_by_piece(pieces):
    """Each piece is sorted by itself, so its names stand after those of the piece before.

    When must you sort: as you go, or once you have all the names?
    """
    names = [name for piece in pieces for name in known([piece])]
    return numbered(dict.fromkeys(SPECIAL + names))


def first_rows_only(pieces):
    """Only the first row of each piece is looked at.

    How many loops does it take to get from pieces to names?
    """
    return solution([piece[:1] for piece in pieces])


def letters_for_names(pieces):
    """You number letters, not names: a loop went one step too deep.

    A text can be looped over, too. What do you get from a loop over one name?
    """
    return numbered(SPECIAL + sorted(set("".join(listed(pieces)))))


def the_same_in_every_run(result, pieces):
    """The numbers change from run to run, since a set comes into play somewhere.

    Does your order depend on the names alone, also where two of them seem equal?
    """
    return result != OTHER_ORDER


def every_name_has_a_number(result, pieces):
    """Some name of the pieces, or a special token, has no number.

    Look for the missing ones: do they stand in a certain piece, row or voice?
    """
    return set(listed(pieces)) | set(SPECIAL) <= set(result)


def no_other_name_has_one(result, pieces):
    """Something has a number that is no name in the pieces.

    Look at the names in your dictionary that are not expected. Where do they come from?
    """
    return set(result) <= set(listed(pieces)) | set(SPECIAL)


def special_come_first(result, pieces):
    """The special tokens must have the numbers 0 to 3: pad, start, end, rest.

    Look at the table in section 3.2.
    """
    return [result[name] for name in SPECIAL] == [0, 1, 2, 3]


def no_number_is_left_out(result, pieces):
    """Some number is left out, or stands for two names.

    Count your names. Then every number below that should be used once.
    """
    return sorted(result.values()) == list(range(len(result)))


def the_others_are_sorted(result, pieces):
    """The names after the special tokens are not sorted as Python's `sorted` does it.

    Write your names in the order of their numbers. Where does the order break?
    """
    names = sorted(set(result) - set(SPECIAL), key=result.get)
    return names == sorted(names)


EXERCISE = Exercise(
    id="build-vocabulary",
    notebook=3,
    place=1,
    title="A number for every name",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=10,
    why="If the numbers change, a trained model reads other notes, and nothing warns you.",
    signature="build_vocabulary(pieces: list[list[list[str]]]) -> dict[str, int]",
    statement=(
        "Give each name a number, from 0. The special tokens come first, in the order pad, start, "
        "end, rest, whether they occur or not. All other names follow, sorted as Python's "
        "`sorted` does it. A piece is a list of rows, and a row has four names, such as "
        '`"attack-60"` or `"rest"`. The same pieces must give the same numbers in every run.'
    ),
    reference=lambda pieces: numbered(SPECIAL + known(pieces)),
    solution=solution,
    probes=probes,
    use=use,
    properties=(
        the_same_in_every_run,
        every_name_has_a_number,
        no_other_name_has_one,
        special_come_first,
        no_number_is_left_out,
        the_others_are_sorted,
    ),
    mistakes=(
        order_of_a_set,
        order_of_appearance,
        order_of_frequency,
        special_missing,
        special_missing_but_rest,
        special_last,
        special_sorted_in,
        special_in_another_order,
        rest_numbered_twice,
        every_cell_numbered,
        rest_lost,
        counted_from_one,
        each_special_from_zero,
        upside_down,
        a_list,
        counts_for_numbers,
        first_piece_only,
        last_piece_only,
        soprano_only,
        numbers_of_appearance,
        pad_missing,
        start_and_end_missing,
        sorted_backwards,
        sorted_by_pitch,
        sorted_piece_by_piece,
        first_rows_only,
        letters_for_names,
    ),
    hints=(
        "Write the names of one bar on slips of paper, and throw away the doubles. In which order "
        "would you lay them down, so that a friend who does the same gets the same row?",
        "names = the set of all names in all rows of all pieces. ordered = the four special "
        "tokens, then the other names, sorted. The rest is among the special ones already: take "
        "it out of the names.",
        "`names = {name for piece in ... for row in ... for name in ...}`, then "
        "`ordered = special + sorted(names - {...})`.",
    ),
    explain="Why is a set good for collecting the names, and bad for numbering them?",
)
