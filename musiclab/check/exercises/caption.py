"""caption: say in a sentence what was measured."""

from musiclab.check.exercise import Exercise

CALM, LIVELY = 3.5, 4.15  # notes in a quarter
QUARTER = 4  # frames
WAYS = (
    {"density": "{} movement", "mode": "in {}"},
    {"mode": "a chorale in {}", "density": "the voices are {}"},
    {"mode": "{} music"},
    {"density": "everything {}"},
)


def probes(rng):
    """Yield modes of lines, with ties and with none, and densities at and around the thresholds."""
    yield ["minor"], 6, 8, WAYS[0]
    yield ["minor"], 16, 4, WAYS[0]
    yield ["major"], 5, 32, WAYS[0]
    yield ["major", "minor", "minor"], 28, 32, WAYS[0]  # exactly 3.5
    yield ["minor", "major", "minor", "major", "major"], 83, 80, WAYS[1]  # exactly 4.15
    yield ["major", "minor"], 40, 32, WAYS[1]
    yield ["minor", "minor", "major"], 63, 64, WAYS[1]
    yield ["minor", "major"], 10, 32, WAYS[0]
    yield ["major", "major", "minor", "minor", "major", "minor"], 39, 32, WAYS[2]
    for wording in WAYS:
        lines = rng.choice(["major", "minor"], size=int(rng.integers(1, 7))).tolist()
        quarters = int(rng.integers(8, 21))
        yield lines, int(rng.integers(2 * quarters, 6 * quarters)), 4 * quarters, wording


def solution(modes, notes, frames, wording):
    density = notes / (frames / 4)
    words = {"density": "calm" if density < 3.5 else "flowing" if density < 4.15 else "lively"}
    minor, major = modes.count("minor"), modes.count("major")
    words["mode"] = modes[-1] if minor == major else "minor" if minor > major else "major"
    return " , ".join(phrase.format(words[name]) for name, phrase in wording.items())


def mode_of(modes):
    """Take the mode that most lines have; where none has, the last line's."""
    many = {mode: modes.count(mode) for mode in ("major", "minor")}
    return modes[-1] if many["major"] == many["minor"] else max(many, key=many.get)


def density_of(notes, frames):
    """Name the density."""
    pace = notes * QUARTER / frames
    return ("calm", "flowing", "lively")[(pace >= CALM) + (pace >= LIVELY)]


def say(words, wording):
    """Fill the phrases in their order."""
    return " , ".join(phrase.format(words[name]) for name, phrase in wording.items())


def build(mode=mode_of, density=density_of, say=say):
    """Make a function that hears the mode or the density, or says it, in another way."""

    def caption(modes, notes, frames, wording):
        words = {"mode": mode(modes), "density": density(notes, frames)}
        return say(words, wording)

    return caption


reference = build()


def threshold(pace, low=CALM, high=LIVELY):
    return ("calm", "flowing", "lively")[(pace >= low) + (pace >= high)]


def last_line_decides(*inputs):
    """You say the mode of the last line, though most lines may be in the other.

    The last line decides only where there are as many in major as in minor.
    """
    return build(mode=lambda modes: modes[-1])(*inputs)


def one_line_in_minor_is_enough(*inputs):
    """You say minor as soon as one line is in minor.

    Chorales in major often have such a line. Which mode do *most* lines have?
    """
    return build(mode=lambda modes: "minor" if "minor" in modes else "major")(*inputs)


def minority_said(*inputs):
    """You say the mode that the fewest lines have.

    Which way does your comparison of the two counts point?
    """

    def fewest(modes):
        own = mode_of(modes)
        tied = modes.count("major") == modes.count("minor")
        return own if tied else {"major": "minor", "minor": "major"}[own]

    return build(mode=fewest)(*inputs)


def tie_is_major(*inputs):
    """Where as many lines are in major as in minor, you always say major.

    Then the last line decides.
    """
    return build(mode=lambda m: "minor" if m.count("minor") > m.count("major") else "major")(
        *inputs
    )


def tie_is_the_first(*inputs):
    """Where as many lines are in major as in minor, you say the mode of the first line.

    The last line decides: it is what one still hears. (`max` takes the first of equals.)
    """
    return build(mode=lambda modes: max(modes, key=modes.count))(*inputs)


def per_frame(*inputs):
    """You count notes per frame. All music is calm so.

    The thresholds are for notes in a quarter. How many frames has a quarter?
    """
    return build(density=lambda notes, frames: threshold(notes / frames))(*inputs)


def upside_down(*inputs):
    """You divide the quarters by the notes: calm and lively have changed places.

    How many notes are there in *one* quarter?
    """
    return build(density=lambda notes, frames: threshold(frames / 4 / notes))(*inputs)


def whole_numbers(*inputs):
    """You cut the density to a whole number, so 3.9 is no more than 3.

    Likely cause: `//` where `/` should stand.
    """
    return build(density=lambda notes, frames: threshold(notes // (frames / 4)))(*inputs)


def at_the_threshold_below(*inputs):
    """Exactly at a threshold you give the calmer word.

    Calm is *below* 3.5, flowing *below* 4.15. Is yours `<=`?
    """

    def density(notes, frames):
        pace = notes * QUARTER / frames
        return ("calm", "flowing", "lively")[(pace > CALM) + (pace > LIVELY)]

    return build(density=density)(*inputs)


def words_swapped(*inputs):
    """You say lively where the music is calm, and calm where it is lively.

    Few notes are calm. Which way do your comparisons point?
    """
    swap = {"calm": "lively", "lively": "calm", "flowing": "flowing"}
    return build(density=lambda *heard: swap[density_of(*heard)])(*inputs)


def order_of_your_own(*inputs):
    """You always say the attributes in the same order, but a wording has an order of its own.

    Go through the wording's phrases, and not through your words.
    """
    return build(say=lambda words, way: say(words, {n: way[n] for n in words if n in way}))(*inputs)


def wrong_phrase(*inputs):
    """You put the words into the wrong phrases, such as "in calm".

    Likely cause: the words are filled in one after another. Look each up by its name.
    """

    def in_turn(words, wording):
        return " , ".join(
            p.format(w) for p, w in zip(wording.values(), words.values(), strict=False)
        )

    return build(say=in_turn)(*inputs)


def phrases_not_filled(*inputs):
    """Your sentence still has {} in it.

    `phrase.format(word)` puts the word there.
    """
    return build(say=lambda words, wording: " , ".join(wording.values()))(*inputs)


def no_comma(*inputs):
    """You join the phrases without a comma.

    Between two phrases stand a space, a comma and a space, so that the comma is a word, too.
    """
    return build(say=lambda words, way: say(words, way).replace(" , ", " "))(*inputs)


def comma_sticks(*inputs):
    """Your comma sticks to the word before it, so "minor," becomes a word that nobody knows.

    Between two phrases stand a space, a comma and a space.
    """
    return build(say=lambda words, way: say(words, way).replace(" , ", ", "))(*inputs)


def can_be_read_back(sentence, modes, notes, frames, wording):
    """Each attribute of the wording must be said, in one of its words."""
    if not isinstance(sentence, str):
        return False
    words = sentence.split()
    known = {"mode": ("major", "minor"), "density": ("calm", "flowing", "lively")}
    return all(any(word in words for word in known[name]) for name in wording)


EXERCISE = Exercise(
    id="caption",
    notebook=20,
    place=1,
    title="Say what you measure",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=15,
    why="Nobody has written captions for Bach. Whoever can measure can write as many as they like.",
    signature="caption(modes: list[str], notes: int, frames: int, wording: dict[str, str]) -> str",
    statement=(
        "`modes` has the mode of each line of a piece, such as "
        '`["major", "minor", "minor"]`. The *mode* of the piece is that of most lines; if there '
        "are as many in major as in minor, that of the last line. The *density* is how many "
        "`notes` there are in a quarter, which has 4 `frames`: below 3.5 the word is *calm*, "
        "below 4.15 *flowing*, otherwise *lively*.\n\n"
        "`wording` has a phrase for each attribute that is to be said, such as "
        '`{"density": "{} movement", "mode": "in {}"}`. Fill the phrases, in the order of the '
        'wording, and put " , " between them: "flowing movement , in minor".'
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(can_be_read_back,),
    mistakes=(
        last_line_decides,
        one_line_in_minor_is_enough,
        minority_said,
        tie_is_major,
        tie_is_the_first,
        per_frame,
        upside_down,
        whole_numbers,
        at_the_threshold_below,
        words_swapped,
        order_of_your_own,
        wrong_phrase,
        phrases_not_filled,
        no_comma,
        comma_sticks,
    ),
    hints=(
        "A piece has 28 notes in 32 frames. How many quarters are that? How many notes in one? "
        "And which word is it: calm or flowing?",
        "density = notes / quarters; one of three words by two comparisons. Count the lines in "
        "minor and in major; where the counts are equal, take the last of `modes`. Then go through "
        "the wording: each phrase is filled with the word of its own attribute.",
        "`words = {'density': ..., 'mode': ...}`, then "
        "`' , '.join(phrase.format(words[...]) for name, phrase in wording.items())`.",
    ),
    explain="Why are several wordings better than one, though they all say the same?",
)
