# %% [markdown]
# # 3 · Tokens
#
# [← 2 · From score to MIDI to sound](02_score_to_sound.ipynb) · [4 · Models that count →](04_models_that_count.ipynb) · [Exercises 3](../exercises/03_tokens.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/03_tokens.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/03_tokens.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - build a vocabulary for chorales, and count how often each word is used,
# > - turn a chorale into numbers and back, and prove by ear that nothing was lost,
# > - hear exactly what a careless tokeniser loses,
# > - build a second tokeniser, of events, for music without four voices,
# > - let a computer learn musical words by counting.
# >
# > **You need** notebook 2: the grid of 16th notes, and notes as data. No network, no GPU.
# >
# > **Time:** about 45 minutes to read and listen, about 20 seconds to run on two processor cores.
# >
# > **You will hear** a chorale, a silence that proves something, a rag by Scott Joplin, and the words of Bach's bass.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import warnings
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np

from musiclab import Chorale, PianoRoll, Sound, corpus, read_chorale, read_notes
from musiclab.errors import MusicLabError
from musiclab.music.notes import Note, NoteSequence
from musiclab.show.figure import Figure, empty_plot
from musiclab.show.plots import SERIES_COLOURS, plot_bars
from musiclab.show.roll_drawing import pitch_name
from musiclab.tokens import EventTokenizer, GridTokenizer

rng = np.random.default_rng(0)
warnings.simplefilter("ignore")  # what reading leaves out stands in left_out, too

# %% [markdown]
# ## 3.1 A name for every cell
#
# These are the first three lines of BWV 66.6, our chorale by Bach. The arches mark *fermatas*, the signs that end a line.

# %%
chorale = read_chorale("bach/bwv66.6").excerpt(0, 48)
PianoRoll(chorale)

# %% [markdown]
# The model will read this music as whole numbers. Each stands for a **token**: one symbol out of a fixed list, the **vocabulary**. What turns music into tokens, and tokens into music, is a **tokeniser**.
#
# Our music is already cut into *frames* of a 16th note, with four voices each. So the simplest idea is one token for each *cell*, that is, each voice in each frame. What must it say? Which pitch sounds; and whether the note *starts* here (an *attack*) or is *held* from the frame before. Pitches are MIDI numbers, 60 is middle C, and -1 is a *rest*, silence.


# %% tags=["nbval-check-output"]
def name(pitch, attack):
    """Say in one word what a voice does in one frame."""
    if pitch == -1:
        return "rest"
    return f"attack-{pitch}" if attack else f"held-{pitch}"


def name_cells(piece):
    """Name every cell: a row for each frame, in it the soprano, alto, tenor and bass."""
    cells = zip(piece.pitches, piece.attacks, strict=True)
    return [[name(p, a) for p, a in zip(*frame, strict=True)] for frame in cells]


for row in name_cells(chorale)[:6]:
    print("".join(f"{one:<12}" for one in row))

# %% [markdown]
# Read it downwards: soprano, alto, tenor, bass. After two frames, an eighth note, three voices move on; only the alto holds.
#
# ## 3.2 The vocabulary, and how often each word is used
#
# Which names are there? We ask the training pieces. (Only those: what a model is tested on stays unseen, even here.)

# %%
train = corpus("train", progress=False)
counts = Counter(one for piece in train for row in name_cells(piece) for one in row)
print(f"{len(train)} pieces, {counts.total()} cells, {len(counts)} different names")

# %% [markdown]
# **Predict:** of a hundred cells, how many start a note, how many hold one, how many are silent?

# %% tags=["nbval-check-output"]
for kind in ("attack", "held", "rest"):
    share = sum(n for one, n in counts.items() if one.startswith(kind)) / counts.total()
    print(f"{kind:<7}{share:6.1%}")

# %%
pitches = range(36, 82)
shares = {
    kind: [100 * counts[f"{kind}-{pitch}"] / counts.total() for pitch in pitches]
    for kind in ("held", "attack")
}
plot_bars(
    [pitch_name(pitch) for pitch in pitches],
    shares,
    title=f"What the cells of {len(train)} chorales say",
    x="pitch",
    y="percent of all cells",
    alt=f"Held {sum(shares['held']):.0f} and attack {sum(shares['attack']):.0f} percent in all; "
    f"the highest bar is {pitch_name(pitches[int(np.argmax(shares['held']))])}, held",
)

# %% [markdown]
# **Explain:** a quarter note fills four frames: one attack, then three holds. So nearly three cells in four are holds. Rests are rare: in a chorale all four voices sing nearly all the time. The bars are highest in the middle, where the ranges of several voices overlap.
#
# A model that always says "the same again" is right in most cells, and has no idea of music. This is why we do not measure *accuracy* here; notebook 4 has something better.
#
# Now every name gets a number. Four **special tokens** come first:
#
# | token | what it is for |
# |---|---|
# | `pad` | fills short pieces up, so that several fit into one table; never counted |
# | `start` | something to read before the first note |
# | `end` | says that the piece is over |
# | `rest` | silence: it is music, but it has no pitch |

# %% tags=["nbval-check-output"]
special = ["pad", "start", "end", "rest"]
seen = sorted(set(counts) - {"rest"})
vocabulary = {one: number for number, one in enumerate(special + seen)}
print(len(vocabulary), list(vocabulary.items())[:6])

# %% [markdown]
# `sorted` matters. The order of a Python set of strings changes from run to run; a model trained yesterday would read today's numbers as other notes, and nothing would warn you.
#
# > **Exercise** [build-vocabulary](../exercises/03_tokens.ipynb#build-vocabulary): number the names of any pieces, special tokens first, in the same way on every run.
#
# There is a second trap. What if a piece uses a note that no training piece has?

# %% tags=["nbval-check-output"]
higher = {one for row in name_cells(chorale.transpose(12)) for one in row}
sorted(higher - set(vocabulary))

# %% [markdown]
# *Transposed*, that is moved, up by an octave (12 semitones), our chorale has notes without a number. So the library does not ask the corpus. It gives a token to every pitch from 33 (a low A) to 84 (a high C), whether it occurs or not. We do the same.

# %% tags=["nbval-check-output"]
words = special + [f"{kind}-{pitch}" for kind in ("attack", "held") for pitch in range(33, 85)]
vocabulary = {one: number for number, one in enumerate(words)}
tokenizer = GridTokenizer(holds=True)
print(vocabulary == tokenizer.vocabulary.index)

# %% [markdown]
# ## 3.3 There and back by hand
#
# To *encode* is to look up the number of every name, with a row of `start` above and a row of `end` below. To *decode* is to turn numbers into names again, and names into notes.
#
# > **Exercise** [encode-frames](../exercises/03_tokens.ipynb#encode-frames): write it yourself before you read on; yours makes one list of ids, row by row, in the order soprano, alto, tenor, bass.
#
# > **Exercise** [decode-frames](../exercises/03_tokens.ipynb#decode-frames): find the bug in the way back.


# %% tags=["nbval-check-output"]
def encode(piece):
    """Turn a chorale into ids, one row a frame."""
    rows = [["start"] * 4, *name_cells(piece), ["end"] * 4]
    return np.array([[vocabulary[one] for one in row] for row in rows])


def decode(ids):
    """Turn ids into a chorale; the first and last row are start and end."""
    cells = np.array(words)[ids[1:-1]]
    pitches = [[-1 if one == "rest" else int(one.split("-")[1]) for one in row] for row in cells]
    return Chorale(pitches=np.array(pitches), attacks=np.char.startswith(cells, "attack"))


encode(chorale)[:4]

# %% [markdown]
# Is this what the library does? We ask about every training piece, both ways.

# %% tags=["nbval-check-output"]
ours = [encode(piece) for piece in train]
theirs = [tokenizer.encode(piece) for piece in train]
print("encode:", all(map(np.array_equal, ours, theirs)))
print("decode:", all(decode(ids) == tokenizer.decode(ids) for ids in theirs))

# %% [markdown]
# From here on we use the library's. It has two layouts. "frames" keeps the table, and a model reads a row at a time, like the one that composes in this course. "notes" writes one long row: S A T B of the first frame, S A T B of the second, and so on.

# %% tags=["nbval-check-output"]
in_a_row = GridTokenizer(holds=True, layout="notes").encode(chorale)
print(in_a_row[:10])
print(np.array_equal(in_a_row[1:-1], tokenizer.encode(chorale)[1:-1].ravel()))

# %% [markdown]
# ## 3.4 Does anything get lost? Listen to the difference
#
# A **round trip** is encode, then decode. To compare its sound with the original's, we subtract one from the other, sample by sample. What is equal cancels out; what differs stays, and can be heard.
#
# **Predict:** what will you hear?

# %% tags=["nbval-check-output"]
back = tokenizer.decode(tokenizer.encode(chorale))
original, returned = (Sound(piece, tempo=96, title="") for piece in (chorale, back))
difference = Sound.difference(original, returned, title="original minus round trip, with holds")
print("largest sample:", np.abs(difference.samples).max())

# %%
difference

# %% [markdown]
# Press play all the same. Not a whisper, not a click: nothing. The notes that went in came out again.
#
# ## 3.5 And without holds?
#
# Could we make do with half the vocabulary, one token for each pitch? By hand that is one line: every `held` gets the number of its `attack`. Then the two look alike, and decoding must guess: a note starts wherever the pitch changes.

# %% tags=["nbval-check-output"]
plain = GridTokenizer()
print(plain.vocab_size, "tokens instead of", tokenizer.vocab_size)
by_hand = [np.where(ids > 55, ids - 52, ids) for ids in theirs]  # held-33 is 56, attack-33 is 4
print("ours and theirs:", all(map(np.array_equal, by_hand, map(plain.encode, train))))
glued = plain.decode(plain.encode(chorale))
print(chorale.attacks.sum(), "notes went in,", glued.attacks.sum(), "came back")

# %% [markdown]
# **Predict:** which notes are gone? What will be left in the difference track, and in which voices?

# %%
lossy = Sound(glued, tempo=96, title="")
difference = Sound.difference(original, lossy, title="original minus round trip, without holds")
print(f"largest sample: {np.abs(difference.samples).max():.1f}")
difference

# %%
repeated = chorale.attacks[1:] & (chorale.pitches[1:] == chorale.pitches[:-1])
for frame, voice in np.argwhere(repeated) + [1, 0]:
    place = f"second {frame * 60 / 96 / 4:.1f}"
    print(f"{place}: {'SATB'[voice]} strikes {pitch_name(chorale.pitches[frame, voice])} again")

# %% [markdown]
# **Explain:** a **repeated note** is one pitch struck twice. Without holds both become one long note, so the second stroke is missing. The difference track plays just those strokes, at the moments listed. (The other notes may be heard faintly: each sound is scaled to its own loudest moment, so the two volumes differ a little.)
#
# How much music is that? Over all training pieces:

# %% tags=["nbval-check-output"]
struck = sum(piece.attacks.sum() for piece in train)
kept = sum(plain.decode(plain.encode(piece)).attacks.sum() for piece in train)
print(f"{struck - kept} of {struck} notes vanish, {1 - kept / struck:.0%}")

# %% [markdown]
# One note in seven or eight. Sometimes this price is paid on purpose: the benchmark of notebook 5 compares pitches only, so the model `bach-grid` has no holds. The model that composes, `bach-studio`, has them.
#
# And what do *both* forget? Everything that is not a cell:

# %%
for fact in ("key", "tempo", "time_signature", "title"):
    print(f"{fact:<16}{getattr(chorale, fact)!s:<12} -> {getattr(back, fact)!s}")
print("frames under a fermata:", chorale.fermatas.sum(), "->", back.fermatas.sum())

# %% [markdown]
# (4/4 came back by luck: `decode` assumes it.) Key, fermatas and beat can reach a model in another way, as *conditions* that it is told and need not predict. A round trip is only perfect for what you compare, so always say what that is.
#
# ## 3.6 A note without a token
#
# Two octaves up, our chorale leaves the range. A tokeniser could move such a note to the nearest pitch that it knows, and you would never find out. Ours refuses, and says what would help.

# %% tags=["nbval-check-output"]
try:
    tokenizer.encode(chorale.transpose(24))
except MusicLabError as error:
    print(error)
print("after the remedy:", tokenizer.encode(chorale.transpose(24 - 16)).shape)

# %% [markdown]
# > **Exercise** [transpose](../exercises/03_tokens.ipynb#transpose): move every pitch and no rest, and refuse to leave the MIDI range.
#
# The way back is the opposite: **strict in, forgiving out**. A model in its first minutes writes nonsense, and we still want to hear it. So any known ids decode to some music; a hold with nothing to hold becomes an attack.

# %%
nonsense = rng.integers(0, tokenizer.vocab_size, size=(24, 4))
Sound(tokenizer.decode(nonsense), title="24 frames of random ids")

# %% [markdown]
# ## 3.7 Music without four voices
#
# Now something else: the first eight bars of the *Maple Leaf Rag* for piano, by Scott Joplin (1899). Two hands, and notes that come and go. (The rag begins with a *pickup*, notes before the first full bar. We shift everything, so that the bar lines fall where bars begin.)

# %%
piano = read_notes("joplin/maple_leaf_rag")
notes = tuple(replace(one, onset=one.onset + 1.5) for one in piano.notes if one.onset < 16.5)
one_tempo = {"tempo": 120.0, "tempo_changes": ()}  # our tokens know of no change
rag = replace(piano, notes=notes, pickup=0.0, **one_tempo)
Sound(rag, title="Joplin, Maple Leaf Rag, bars 1 to 8")

# %% [markdown]
# A grid of four columns cannot hold this. The other great family of tokenisers does not ask of every cell what sounds there. It lists **events**: a new bar; a place in it; a note there. We build one in the manner of REMI (Huang and Yang, 2020). A note becomes four tokens. Lengths count in *steps*, twelve per quarter, so that 16ths (3) and triplets (4) both fit:


# %% tags=["nbval-check-output"]
def note_events(note):
    """Name one note: instrument (0 is a piano), pitch, loudness and length in steps."""
    numbers = (note.program, note.pitch, note.velocity, round(12 * note.duration))
    kinds = ("program", "pitch", "velocity", "duration")
    return [f"{kind}-{number}" for kind, number in zip(kinds, numbers, strict=True)]


note_events(rag.notes[0])

# %% [markdown]
# (A score does not state a velocity note by note, so all have 80.) A piece is its notes from left to right and from low to high, with a `bar` wherever one begins and a `position` wherever the next notes start.


# %%
def piece_events(music):
    """Name the events of a piece that keeps one metre."""
    metre = music.time_signatures[0][1]
    count, unit = metre.split("/")
    bar_steps = 12 * 4 * int(count) // int(unit)
    named, bar, place = ["start", f"tempo-{music.tempo:.0f}"], -1, None
    for note in sorted(music.notes, key=lambda one: (one.onset, one.program, one.pitch)):
        bar_here, place_here = divmod(round(12 * note.onset), bar_steps)
        while bar < bar_here:
            bar, place = bar + 1, None
            named += ["bar", f"metre-{metre}"] if bar == 0 else ["bar"]
        if place != place_here:
            place = place_here
            named.append(f"position-{place}")
        named += note_events(note)
    return [*named, "end"]


# %% tags=["nbval-check-output"]
events, whole = EventTokenizer(), read_notes("bach/bwv66.6")
for music in (rag, whole):
    ours = [events.vocabulary.index[one] for one in piece_events(music)]
    print(len(ours), "ids, the library's are the same:", ours == events.encode(music).tolist())
print(" ".join(piece_events(rag)[:20]))

# %% [markdown]
# A rag and a chorale, from one tokeniser. The way back collects what a note needs, and makes the note when its last token, the duration, is read.


# %% tags=["nbval-check-output"]
def notes_from_events(named, bar_quarters):
    """Turn names back into notes."""
    notes, bar, value_of = [], -1, {}
    for name in named:
        kind, _, value = name.partition("-")
        value_of[kind] = value
        if kind == "bar":
            bar += 1
        elif kind == "duration":
            onset = bar * bar_quarters + int(value_of["position"]) / 12
            facts = {kind: int(value_of[kind]) for kind in ("program", "pitch", "velocity")}
            notes.append(Note(onset=onset, duration=int(value) / 12, **facts))
    return tuple(sorted(notes))


ids = events.encode(rag)
back = notes_from_events(piece_events(rag), bar_quarters=2)
print("as the library's decode:", back == events.decode(ids).notes)
rest = Sound.difference(Sound(rag), Sound(NoteSequence(notes=back, tempo=rag.tempo))).samples
print("round trip: below a thousandth of full loudness:", np.abs(rest).max() < 0.001)

# %% [markdown]
# Silence again. (What remains is rounding: the two hands came back as one part.) The library's tokeniser does more: changes of metre, drums, and notes between the steps, which it refuses unless you say `quantise=True`.
#
# ## 3.8 How long is a row?
#
# So events can do everything that the grid can, and more. Why does this course use the grid?
#
# **Predict:** our whole chorale has nine bars in four voices. Which takes more tokens, one for *every cell* or events for the *notes that start*?

# %% tags=["nbval-check-output"]
grid = read_chorale("bach/bwv66.6")
rows = {  # tokens, bars, seconds, vocabulary
    "grid, one per frame": (len(grid), 9, grid.seconds, tokenizer.vocab_size),
    "grid, one per cell": (grid.pitches.size, 9, grid.seconds, tokenizer.vocab_size),
    "events, chorale": (len(events.encode(whole)), 9, grid.seconds, events.vocab_size),
    "events, rag": (len(ids), 9, rag.seconds, events.vocab_size),
}
print(f"{'':<20}{'positions':>10}{'per bar':>9}{'per second':>12}{'vocabulary':>12}")
for label, (n, bars, seconds, size) in rows.items():
    print(f"{label:<20}{n:>10}{n / bars:>9.1f}{n / seconds:>12.1f}{size:>12}")

# %% [markdown]
# **Explain:** a note costs four tokens and its share of a `position`. A cell costs one. So events win only where notes last more than four or five frames, and in a chorale most last four or two. The rag has no choice: four columns cannot hold it.
#
# Length matters because attention (notebook 6) compares every position with every earlier one: twice the length, four times the work. With one position for each frame, the model sees 16 in a bar. So the grid suits four singers, each of whom always does exactly one thing. And on a grid the beat follows from the place in the row; nobody has to predict it.
#
# ## 3.9 Can a computer learn the words?
#
# Most text models do not read letters. They read frequent pieces of words, often found by **byte pair encoding** (BPE): join the commonest pair of neighbours into a new token, and repeat. Two short functions are enough.
#
# > **Exercise** [shorter-tokens](../exercises/03_tokens.ipynb#shorter-tokens): invent one of your own.


# %%
def join(piece, pair):
    """Write each occurrence of a pair as one token."""
    joined = []
    for token in piece:
        if joined and (joined[-1], token) == pair:
            joined[-1] = pair[0] + pair[1]
        else:
            joined.append(token)
    return joined


def learn(pieces, n_merges):
    """Join the commonest pair of neighbours, again and again."""
    merges = []
    for _ in range(n_merges):
        pairs = Counter(pair for piece in pieces for pair in pairwise(piece))
        merges.append(pairs.most_common(1)[0])
        pieces = [join(piece, merges[-1][0]) for piece in pieces]
    return merges, pieces


# %% [markdown]
# A token is a tuple here, so that joined tokens remember their parts. What does BPE find first in the events of a dozen chorales?

# %%
sources = [piece.source for piece in train[:12]]
rows = [events.encode(read_notes(one), quantise=True) for one in sources]
spelt = [[(events.vocabulary.tokens[one],) for one in row] for row in rows]
merges, shorter = learn(spelt, 6)
for (left, right), count in merges:
    print(f"{count:>6}  {' '.join(left + right)}")

# %% [markdown]
# It finds that `velocity-80` tells us nothing. It only tidies up what our scheme writes in full though it never varies. The honest remedy is a better scheme.
#
# So let us give it something musical. We take the *bass*, and write each note as a **move**: how many semitones up or down from the note before, and how many frames it lasts. `-1(2)` means: a semitone down, for two frames. Moves are the same in every key.


# %%
def moves(piece, voice=3):
    """Write one voice as (semitones from the note before, length in frames)."""
    line = piece.notes(voice)
    return [((after[2] - before[2], after[1]),) for before, after in pairwise(line)]


basses = [moves(piece) for piece in train]
merges, shorter = learn(basses, 10)
for (left, right), count in merges:
    print(count, " ".join(f"{step:+d}({length})" for step, length in left + right))

# %% [markdown]
# Hear them: ten "words" of Bach's bass, each from the same note (F, which you hear first), with a rest between.

# %%
speech, time = [], 0.0
for (left, right), _ in merges:
    pitch = 53  # F
    for step, frames in ((0, 4), *left, *right):
        pitch += step
        speech.append(Note(onset=time, duration=frames / 4, pitch=pitch))
        time += frames / 4
    time += 1
Sound(NoteSequence(notes=tuple(speech), tempo=120), title="ten words of the bass, from F")

# %% [markdown]
# **Explain:** the commonest words are steps in eighth notes (2 frames), down and up: the bass *walks*. Steps in quarters follow. The last word is another kind: two semitones up, seven down. From F, that is F, G, C: in C major, the bass of a *cadence*, the formula with which a line comes to rest. Is that what it is here? Then its last note should be under a fermata.

# %%
word, under = ((2, 4), (-7, 4)), []
for piece, tokens in zip(train, shorter, strict=True):
    notes, place = piece.notes(3), 0
    for token in tokens:
        place += len(token)  # how many moves so far: the number of the note they lead to
        if token == word:
            under.append(piece.fermatas[notes[place][0]])
every = [piece.fermatas[note[0]] for piece in train for note in piece.notes(3)]
print(
    f"{sum(under)} of {len(under)} end under a fermata; of all bass notes {np.mean(every):.0%} do"
)

# %% [markdown]
# It mostly is. Nobody told the machine what a cadence is. It only counted.
#
# What is gained? We measure how much shorter the lines become, on the pieces that the merges were learnt from and on others.

# %%
valid = [moves(piece) for piece in corpus("valid", progress=False)]
merges, shorter = learn(basses, 60)
print("nothing lost:", all(sum(a, ()) == sum(b, ()) for a, b in zip(basses, shorter, strict=True)))
lengths = {"learnt from (train)": [basses], "others (valid)": [valid]}
for pair, _ in merges:
    for versions in lengths.values():
        versions.append([join(piece, pair) for piece in versions[-1]])

# %%
canvas, axes = empty_plot("A word at a time", "merges learnt", "tokens per bass note")
for (label, versions), colour, style in zip(lengths.items(), SERIES_COLOURS, "-:", strict=False):
    sizes = np.array([sum(map(len, pieces)) for pieces in versions])
    axes.plot(sizes / sizes[0], style, color=colour, linewidth=2.5, label=label)
    print(f"{label}: from 1 to {sizes[-1] / sizes[0]:.2f} tokens per bass note")
axes.set_ylim(0, 1.05)
axes.legend(frameon=False)
Figure(
    canvas,
    f"Tokens per bass note fall from 1 to {sizes[-1] / sizes[0]:.2f} over {len(merges)} merges",
)

# %% [markdown]
# So sixty new tokens save about a third of the length, on other pieces, too: these are words of a common language, not of single pieces. Each further merge saves less, as the curve shows.
#
# The price: every word needs examples, and the later ones are rare; four voices no longer line up in frames, and the beat no longer follows from the place. Fradet and others (2023) learnt such words from music events and found shorter rows, faster sampling and better results, on larger collections. We have a few hundred short pieces on a fixed grid, and stay with the grid.
#
# ## In three lines
#
# - A tokeniser is a vocabulary and two functions: strict on the way in, forgiving on the way out.
# - Subtract the sound of the round trip from the original: silence means that no note was lost, and what you hear is what was lost.
# - Grid tokens suit four singers; events suit any music; learnt tokens make shorter rows, but need more data.
#
# ## Check yourself
#
# **1.** Why are three cells in four held?
#
# <details><summary>a) Bach liked long notes</summary>No. Most notes are quarters or eighths.</details>
# <details><summary>b) A frame is much shorter than most notes</summary>Yes. A quarter note is one attack and three holds; the grid asks four times a beat.</details>
# <details><summary>c) Singers need time to breathe</summary>No. That would be rests, and there are hardly any.</details>
#
# **2.** The difference track of a round trip is silent. What does that prove?
#
# <details><summary>a) All that the score says has been kept</summary>No. Key, fermatas and title are not in the sound, and were lost.</details>
# <details><summary>b) Everything that sounds has been kept, for this piece</summary>Yes. For another piece, you have to try again, or to reason.</details>
# <details><summary>c) Both tracks were silent</summary>No. You heard the piece at the very beginning.</details>
#
# **3.** A piece holds a note that has no token. What should `encode` do?
#
# <details><summary>a) Take the nearest pitch that has one</summary>No. The piece would change, and nobody would know.</details>
# <details><summary>b) Leave the note out</summary>No. The piece would change here, too, and without a word.</details>
# <details><summary>c) Refuse, and say how to mend it</summary>Yes. An error costs a minute; wrong data can cost a week of training.</details>
#
# **4.** Why does the chorale take more event tokens than grid cells?
#
# <details><summary>a) The event vocabulary is larger</summary>No. How many tokens exist says nothing about how many a piece needs.</details>
# <details><summary>b) A note costs four tokens or more, and lasts hardly more than four frames</summary>Yes. With longer notes or fewer voices events would win.</details>
# <details><summary>c) Events store the loudness</summary>That is one token of the four. Without it the chorale would take about as many tokens as cells.</details>
#
# **5.** BPE joined `velocity` and `duration` first. What do you learn from that?
#
# <details><summary>a) Loudness and length belong together in music</summary>No. The velocity is 80 everywhere, because our scores do not state it.</details>
# <details><summary>b) The scheme writes something that never varies</summary>Yes. Merges show where a scheme wastes tokens.</details>
# <details><summary>c) BPE does not work for music</summary>No. On moves it found steps and a cadence.</details>
#
# ## Read on
#
# - Huang and Yang (2020), [Pop Music Transformer](https://arxiv.org/abs/2002.00212): REMI, events with bars and positions.
# - Oore and others (2018), [This Time with Feeling](https://arxiv.org/abs/1808.03715): events in real time, for piano playing with its rubato.
# - Hadjeres, Pachet and Nielsen (2017), [DeepBach](https://arxiv.org/abs/1612.01010): the chorale grid with one hold symbol.
# - Sennrich, Haddow and Birch (2016), [Neural Machine Translation of Rare Words with Subword Units](https://arxiv.org/abs/1508.07909): BPE for text.
# - Fradet and others (2023), [Byte Pair Encoding for Symbolic Music](https://arxiv.org/abs/2301.11975): BPE over music events, measured.
#
# **What you can do now that you could not do before:** turn a score into numbers that a model can read, prove by ear and by a number that the way back is exact, and say what your tokens cost.
#
# [← 2 · From score to MIDI to sound](02_score_to_sound.ipynb) · [4 · Models that count →](04_models_that_count.ipynb)
