"""Ten tunes that everybody knows, harmonised: do they end at home, in their key, without parallels?

The tunes are in the public domain, and none of them is a chorale of Bach's.
"""

import os
from collections.abc import Iterator, Mapping
from time import process_time

from musiclab.checkpoint.load import Checkpoint, open_checkpoint
from musiclab.checks import check_whole
from musiclab.evaluate.voice_leading import VoiceLeading, voice_leading_counts
from musiclab.music.corpus import corpus
from musiclab.music.corpus.table import SPLITS
from musiclab.music.keys import find_key, is_tonic_chord, tonic_pitch_class
from musiclab.sampling.harmonising import harmonise
from musiclab.sampling.melody import as_melody

COPIES = 20  # of each tune

TUNES = {
    "Ode to Joy": """M:4/4
L:1/4
K:G
B B c d | d c B A | G G A B | B>A A2 | B B c d | d c B A | G G A B | A>G G2 |
A A B G | A B/c/ B G | A B/c/ B A | G A D2 | B B c d | d c B A | G G A B | A>G G2 |]""",
    "Greensleeves": """M:6/8
L:1/8
K:Am
A | c2 d e>f e | d2 B G>A B | c2 A A>^G A | B2 ^G E2 A |
c2 d e>f e | d2 B G>A B | c>B A ^G>^F ^G | A3 A2 |]""",
    "Amazing Grace": """M:3/4
L:1/4
K:G
D | G2 B/G/ | B2 A | G2 E | D2 D | G2 B/G/ | B2 A | d3- | d2 B |
d2 B/G/ | B2 A | G2 E | D2 D | G2 B/G/ | B2 A | G3- | G2 |]""",
    "Twinkle, Twinkle": """M:4/4
L:1/4
K:F
F F c c | d d c2 | B B A A | G G F2 | c c B B | A A G2 |
c c B B | A A G2 | F F c c | d d c2 | B B A A | G G F2 |]""",
    "Auld Lang Syne": """M:4/4
L:1/4
K:F
C | F>F F A | G>F G A | F>F A c | d3 d | c>A A F | G>F G A | F>D D C | F3 d |
c>A A F | G>F G d | c>A A c | d3 f | c>A A F | G>F G A | F>D D C | F3 |]""",
    "God Save the King": """M:3/4
L:1/4
K:G
G G A | F>G A | B B c | B>A G | A G F | G3 |
d d d | d>c B | c c c | c>B A | B c/B/ A/G/ | B>c d | e/c/ B A | G3 |]""",
    "Silent Night": """M:6/8
L:1/8
K:D
A>B A F3 | A>B A F3 | e2 e c3 | d2 d A3 | B2 B d>c B | A>B A F3 |
B2 B d>c B | A>B A F3 | e2 e g>e c | d3 f3 | d>A F A>G E | D6 |]""",
    "We Three Kings": """M:3/4
L:1/4
K:Em
B2 A | G2 E | F G F | E3 | B2 A | G2 E | F G F | E3 |
G2 G | A2 A | B2 B | d c B | A B A | G2 F | E3 |]""",
    "God Rest Ye Merry": """M:4/4
L:1/4
K:Em
E | E B B A | G F E D | E F G A | B3 E | E B B A | G F E D | E F G A | B3 B |
c A B c | d e B A | G E F G | A2 G A | B2 c B | B A G F |
E2 G/F/ E | A2 G A | B c d e | B A G F | E3 |]""",
    "Joy to the World": """M:2/4
L:1/8
K:D
d2 c>B | A3 G | F2 E2 | D3 A | B3 B | c3 c | d3 d | dc BA | A>G F d | dc BA | A>G F F |
FF F F/G/ | A3 G/F/ | EE E E/F/ | G3 F/E/ | D d2 B | A>G F G | F2 E2 | D4 |]""",
}

HEAD = "{:18} {:8} {:>8} {:>7} {:>7} {:>8} {:>8}".format(
    "", "key", "on tonic", "in key", "fifths", "octaves", "seconds"
)


def run(**asked) -> Iterator[str]:
    """Measure, and hand out the lines of the table; see ``tunes_report``."""
    return tunes_report(**asked)


def tunes_report(
    checkpoint: str | os.PathLike[str] | Checkpoint = "bach-studio",
    *,
    copies: int = COPIES,
    seed: int = 0,
    tunes: Mapping[str, str] = TUNES,
) -> Iterator[str]:
    """Harmonise each tune several times, and count: a line for each tune, one for all.

    "on tonic" is the share that ends on the tonic chord, "in key" the share whose notes are in the
    tune's key. Parallels are counted in 1,000 chords, in all of Bach's chorales too.

    Args:
        checkpoint: A shipped name, a folder, or a loaded checkpoint.
        copies: Harmonisations of each tune.
        seed: Of the first one; each of a tune has a seed of its own.
        tunes: ABC by title.

    Raises:
        SettingError: If a value is out of range.
        CheckpointError: If the checkpoint is missing or damaged.
    """
    check_whole("copies", copies, lowest=1, highest=1000, remedy=f"{COPIES} are usual")
    opened = open_checkpoint(checkpoint)
    yield HEAD
    on_tonic, in_key, counted, spent = 0, 0, [], 0.0
    for title, abc in tunes.items():
        tune = as_melody(f"X:1\nT:{title}\n{abc}")
        began = process_time()
        pieces = [harmonise(tune, checkpoint=opened, seed=seed + one) for one in range(copies)]
        seconds = (process_time() - began) / copies
        tonic, _, mode = tune.key.partition(" ")
        ends = [is_tonic_chord(one.pitches[-1], tonic_pitch_class(tonic), mode) for one in pieces]
        keys = [find_key(one.pitches) == tune.key for one in pieces]
        counts = voice_leading_counts(pieces)
        yield _line(title, tune.key, sum(ends) / copies, sum(keys) / copies, counts, seconds)
        on_tonic, in_key, spent = on_tonic + sum(ends), in_key + sum(keys), spent + seconds
        counted.append(counts)
    written, total = len(tunes) * copies, sum(counted[1:], start=counted[0])
    yield _line("all", "", on_tonic / written, in_key / written, total, spent / len(tunes))
    chorales = [piece for split in SPLITS for piece in corpus(split, progress=False)]
    yield _rates("Bach", " " * 25, voice_leading_counts(chorales))


def _line(
    title: str, key: str, on_tonic: float, in_key: float, counts: VoiceLeading, seconds: float
) -> str:
    middle = f"{key:8} {on_tonic:8.0%} {in_key:7.0%}"
    return f"{_rates(title, middle, counts)} {seconds:8.1f}"


def _rates(title: str, middle: str, counts: VoiceLeading) -> str:
    rates = counts.rates
    return f"{title:18} {middle} {rates['parallel_fifths']:7.1f} {rates['parallel_octaves']:8.1f}"
