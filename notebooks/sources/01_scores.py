# %% [markdown]
# # 1 · Scores
#
# [← 0 · Hear it first](00_hear_it_first.ipynb) · [2 · From score to MIDI to sound →](02_score_to_sound.ipynb) · [Exercises 1](../exercises/01_scores.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/01_scores.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/01_scores.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - open a score file and find a voice, a pickup and a tie in its text,
# > - take a chorale apart with music21: parts, bars, notes, key, metre, fermatas,
# > - put it on a grid by hand, until it equals what the library reads,
# > - merge tied notes, and hear what happens if you forget to,
# > - look at all of Bach's chorales at once: keys, voice ranges, lengths.
# >
# > **You need** notebook 0, and Python. No music theory, no network, no GPU.
# >
# > **Time:** about 40 minutes to read and listen, about 20 seconds to run on two processor cores.
# >
# > **You will hear** a chorale that we take apart, and the end of another one, read wrongly and rightly.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import zipfile
from collections import Counter
from dataclasses import replace
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
from music21 import analysis, expressions
from music21 import corpus as scores

from musiclab import Chorale, PianoRoll, Score, Sound, corpus, read_chorale
from musiclab.music.chorale import REST, VOICES
from musiclab.music.keys import tonic_name, tonic_pitch_class
from musiclab.show import OKABE_ITO, VOICE_COLOURS, plot_bars
from musiclab.show.figure import Figure, empty_plot
from musiclab.show.roll_drawing import pitch_name

# %% [markdown]
# ## 1.1 One line of code
#
# With this chorale Bach closed a cantata for Easter Monday. It is short, and it will stay with us through the whole course. Its name, *BWV 66.6*, is its number in the list of Bach's works.

# %%
chorale = read_chorale("bach/bwv66.6")
Sound(chorale, instruments="choir", title="BWV 66.6, Bach")

# %% [markdown]
# And this is the page that the singers see, soprano and alto above, tenor and bass below. The upright lines are *bar lines*; between two of them is a *bar* of four beats. The arches with a dot are *fermatas*: a line of the hymn ends there.

# %%
Score(chorale)

# %% [markdown]
# `read_chorale` turned a file into this in one line. What did it have to do? In this notebook we do its work by hand, step by step. At the end, our result will be *equal* to its result.
#
# ## 1.2 What is in the file
#
# Scores are exchanged as **MusicXML**: text with tags, like a web page. Nearly every notation program can write it. The package music21 carries a whole library of scores, among them nearly all of Bach's chorales. A file that ends in `.mxl` is MusicXML, zipped.

# %%
path = scores.getWork("bach/bwv66.6")
text = zipfile.ZipFile(path).read("bwv66.6.xml")
root = ElementTree.fromstring(text)
n_heads = len(root.findall(".//note/pitch"))
print(f"{path.stat().st_size} bytes in the file, {len(text)} bytes unzipped")
print(f"{n_heads} noteheads, {len(text) / n_heads:.0f} bytes for each")


# %% [markdown]
# Many of these bytes only say how a notehead looks: which way its stem points, which beam it shares. We leave those out, and look at the rest.
#
# First, a **voice**. In MusicXML it is a *part*: a name at the top, and further down all of its notes.


# %% tags=["nbval-check-output"]
def show(path, looks=("voice", "type", "stem", "beam", "notations")):
    """Print the elements at one place of the file, without what concerns only their looks."""
    for element in root.findall(path):
        for child in [one for one in element if one.tag in looks]:
            element.remove(child)
        ElementTree.indent(element)
        print(ElementTree.tostring(element, encoding="unicode").strip())


show("part-list/score-part/part-name")

# %% [markdown]
# Now the first bar of the first part. **Predict:** the piece counts four beats to a bar. Look at the score above: how long is its very first bar?

# %% tags=["nbval-check-output"]
print(root.find("part[@id='P1']/measure").attrib)
show("part[@id='P1']/measure[@number='0']/attributes/divisions")
show("part[@id='P1']/measure[@number='0']/note[1]")

# %% [markdown]
# The bar has the number 0 and is *implicit*, that is, not counted. Such an incomplete first bar is a **pickup** (or anacrusis): the melody takes a short run-up to the first strong beat, as in "hap-py *birth*-day". Here it lasts one beat.
#
# The note is a C, altered by +1 to C sharp, in octave 5. Its duration is 1. One what? The unit of this course is the *quarter note*: here, one beat. This file cuts a quarter into 2 *divisions*. So a duration of 1 is half a quarter, an *eighth*.
#
# Last, a **tie**. On paper, no notehead lasts beyond its bar. For a note that does, the composer writes a second head after the bar line, and joins the two by an arc: one sound, two heads. There is one in the soprano, from the last bar but one into the last.

# %% tags=["nbval-check-output"]
show("part[@id='P1']/measure/note[tie]")

# %% [markdown]
# Two complete notes, and in each a small word, `start` or `stop`. It is easy to overlook, and we are about to.
#
# ## 1.3 Parts, bars, notes
#
# Nobody wants to read XML. **music21** turns it into Python objects that are nested like the page: a score contains parts, a part contains *measures* (its word for bars), a measure contains notes.

# %%
score = scores.parse("bach/bwv66.6")
for part in score.parts:
    bars = part.getElementsByClass("Measure")
    print(f"{part.partName:<8} {len(bars)} bars, {len(part.flatten().notes)} noteheads")

# %% tags=["nbval-check-output"]
soprano = score.parts[0]
bars = list(soprano.getElementsByClass("Measure"))
for bar in bars[:3]:
    notes = [f"{one.nameWithOctave} at {one.offset}" for one in bar.notes]
    print(f"bar {bar.number}, begins at {bar.offset}:", ", ".join(notes))

# %% [markdown]
# An *offset* is a moment, in quarters. Careful: the offset of a note counts from the beginning of *its bar*. Every bar begins again at 0.
#
# **Predict:** what is the offset of the first note of bar 1, counted from the beginning of the piece? To find out, we **flatten** the part: take the notes out of their bars, and add up the offsets on the way.

# %% tags=["nbval-check-output"]
for note in soprano.flatten().notes[:4]:
    print(f"{note.nameWithOctave} at {note.offset} for {note.quarterLength}")

# %% [markdown]
# It is 1.0, since the pickup lasts one quarter. If you forget to flatten, all bars sound at once: a common mistake, and a loud one.
#
# > **Exercise** [flatten-bars](../exercises/01_scores.ipynb#flatten-bars): mend a flattener with a bug.
#
# ## 1.4 Metre, key, fermatas
#
# Some things are said once, at the beginning, and hold for all that follows. The **metre** is one of them: 4/4 says four quarters to a bar.

# %% tags=["nbval-check-output"]
metre = score.recurse().getElementsByClass("TimeSignature").first()
print(f"{metre.ratioString}; bar 0 lacks {bars[0].paddingLeft} quarters")
print(f"the last bar lasts {bars[-1].quarterLength} quarters")

# %% [markdown]
# By custom the pickup and the last bar add up to one full bar: 1 + 3 = 4. So a hymn can be sung verse after verse without a gap.
#
# The **key** names the home note of a piece, its *tonic*, and its scale, *major* (bright) or *minor* (dark). At the left of every staff the page shows three sharps (♯). But three sharps can mean two keys, A major or F sharp minor. Which one? music21 adds up how long each of the twelve notes of the octave sounds, and compares the twelve sums with a *profile* of each of the 24 keys: how much each note is usually heard in it. (These profiles, Aarden's, were counted in a collection of folk songs.) The comparison is a *correlation*. With $s_i$ for the sums, $p_i$ for the profile, $\bar s$ and $\bar p$ for their means:
#
# $$r = \frac{\sum_{i=1}^{12} (s_i - \bar s)(p_i - \bar p)}{\sqrt{\sum_i (s_i - \bar s)^2} \; \sqrt{\sum_i (p_i - \bar p)^2}}$$

# %%
key = score.analyze("key")
sounding = np.zeros(12)
for note in score.flatten().notes:
    sounding[note.pitch.pitchClass] += note.quarterLength
for one in [key, *key.alternateInterpretations[:3]]:
    weights = analysis.discrete.AardenEssen().getWeights(one.mode)
    r = np.corrcoef(sounding, np.roll(weights, one.tonic.pitchClass))[0, 1]
    shared = len({pitch.name for pitch in one.pitches} & {pitch.name for pitch in key.pitches})
    print(f"{one.tonic.name} {one.mode}: {r:.2f}, music21 {one.correlationCoefficient:.2f}", end="")
    print(f"; {shared} notes in common with {key.tonic.name} {key.mode}")

# %% [markdown]
# F sharp minor is far ahead. Behind it A major, with the very same notes, and B minor, with one fewer in common, are practically level: how long the notes sound counts, too. (The very last chord is F sharp *major*. To end a piece in minor with a major chord was a convention, old even in Bach's day: the *Picardy third*.)
#
# **Fermatas** belong to notes, and are kept in a list called `expressions`.


# %% tags=["nbval-check-output"]
def has_fermata(note):
    """Tell whether the sign stands over a note."""
    return any(isinstance(one, expressions.Fermata) for one in note.expressions)


ends = [one for one in soprano.flatten().notes if has_fermata(one)]
print([f"bar {one.measureNumber} beat {one.beat:g}" for one in ends])

# %% [markdown]
# Six fermatas, six lines of the hymn. For a model they are precious: they say where a musical sentence ends.
#
# ## 1.5 Onto the grid
#
# A model needs a table of numbers. So we cut time into **frames** of a sixteenth note, four to a quarter, and write down for every frame and voice which pitch sounds. Pitches become *MIDI numbers*: 60 is the C in the middle of the piano, and each key further up, black ones too, is one more.


# %%
class Note(NamedTuple):
    """One notehead; onset and duration in quarters, counted from the beginning of the piece."""

    onset: float
    duration: float
    pitch: int
    tie: str | None  # None, "start", "continue" or "stop"


def noteheads(part):
    """List the noteheads of a part in time order."""
    return [
        Note(float(one.offset), float(one.quarterLength), one.pitch.midi, one.tie and one.tie.type)
        for one in part.flatten().notes
    ]


heads = [noteheads(part) for part in score.parts]
heads[0][:3]

# %% [markdown]
# But a voice that sings the same pitch twice now looks like one that holds it. So a second table says where each note is *struck*: the **attacks**.


# %% tags=["nbval-check-output"]
def to_grid(voices, n_frames):
    """Write the notes of four voices into two tables with a row for each frame."""
    pitches = np.full((n_frames, 4), REST)  # REST is -1: silence
    attacks = np.zeros((n_frames, 4), dtype=bool)
    for voice, notes in enumerate(voices):
        for note in notes:
            first = round(4 * note.onset)
            last = round(4 * (note.onset + note.duration))
            pitches[first:last, voice] = note.pitch
            attacks[first, voice] = True
    return pitches, attacks


n_frames = round(4 * score.highestTime)
pitches, attacks = to_grid(heads, n_frames)
print(pitches[:8])

# %% [markdown]
# Eight frames, half a bar: the soprano goes from 73 to 71 to 69, the first three notes of the tune. Now we compare with the library. **Predict:** will both tables agree?

# %% tags=["nbval-check-output"]
print(f"{pitches.size} pitches, all equal:", np.array_equal(pitches, chorale.pitches))
print("attacks equal:", np.array_equal(attacks, chorale.attacks))
for frame, voice in np.argwhere(attacks != chorale.attacks):
    print(f"they differ in the {VOICES[voice]}, quarter {frame / 4:g}")

# %% [markdown]
# The pitches agree, but two attacks do not. We strike two notes that the library holds. What is special about quarter 33 in the soprano?
#
# ## 1.6 Ties: two heads, one sound

# %% tags=["nbval-check-output"]
for note in heads[0]:
    if 29 <= note.onset <= 34:
        print(note)

# %% [markdown]
# There it is: the tie from the file. Here are the last two bars, with a staff for each voice. The soprano has the same note again and again. The arc joins two of the heads; the others are sung anew.

# %%
Score(chorale, bars=(8, 9), staves=4)

# %% [markdown]
# So the same pitch twice in a row proves nothing. Only the tie tells. To merge ties, then: where a head continues the one before, lengthen that one instead of adding another.
#
# > **Exercise** [merge-ties](../exercises/01_scores.ipynb#merge-ties): write `merge_ties` yourself first. Yours refuses a tie between two pitches, and leaves its input alone.


# %%
def merge_ties(notes):
    """Make one note of all heads that are tied; the notes of one voice, in time order."""
    merged = []
    for note in notes:
        if note.tie in ("continue", "stop"):
            begun = merged.pop()
            note = begun._replace(duration=begun.duration + note.duration)
        merged.append(note._replace(tie=None))
    return merged


# %% [markdown]
# music21 has a method for it, `stripTies`. Do we agree? We try it on this chorale, and on BWV 121.6, where a note runs through four bars.

# %% tags=["nbval-check-output"]
other = scores.parse("bach/bwv121.6")
for part in [*score.parts, *other.parts]:
    ours, theirs = merge_ties(noteheads(part)), noteheads(part.stripTies())
    same = [one[:3] for one in ours] == [one[:3] for one in theirs]
    print(f"{len(noteheads(part))} heads, {len(ours)} notes, same: {same}")

# %% [markdown]
# In BWV 66.6 you would hardly hear it: only two notes change. At the end of BWV 121.6 you will. There the soprano stays on one note while the other voices move below her.

# %%
ending = read_chorale("bach/bwv121.6").excerpt(180, 260)
Score(ending)

# %% [markdown]
# **Predict:** you will hear these five bars twice. Where will the wrong version give itself away? First with every head struck, and the soprano a little louder than the rest:

# %%
_, split = to_grid([noteheads(part) for part in other.parts], 260)
wrong = replace(ending, attacks=split[180:])
Sound(wrong, title="Every head struck", levels=[1, 0.6, 0.6, 0.6])

# %% [markdown]
# Now with the ties merged:

# %%
Sound(ending, title="Ties merged", levels=[1, 0.6, 0.6, 0.6])

# %%
canvas, axes = empty_plot("Soprano, last five bars", "quarters; a bar has four", "", size=(8, 2))
for row, music in enumerate([ending, wrong]):
    for first, length, _ in music.notes(0):
        look = {"color": VOICE_COLOURS["soprano"], "edgecolor": "white", "linewidth": 3}
        axes.barh(row, length / 4, left=first / 4, **look)
counts = [f"{len(music.notes(0))} notes" for music in (ending, wrong)]
axes.set_yticks([0, 1], [f"as sung: {counts[0]}", f"every head: {counts[1]}"])
axes.set_xticks(range(0, 21, 4))
Figure(canvas, f"The soprano's notes as bars: {counts[1]} with every head, {counts[0]} as sung")

# %% [markdown]
# In the wrong version the soprano hammers at each bar line. In the right one her note is struck once, and fades. (That is the piano; a singer would hold it.)
#
# A model trained on the wrong version would learn to strike notes again at bar lines. Nothing would crash, and the loss would look normal. Only an ear, or a comparison like ours, finds such a fault.
#
# ## 1.7 Equal
#
# With ties merged, and the metre, key and fermatas of 1.4, we can build the whole chorale. `beats` says where in its bar each frame is; because of the pickup it starts at 12 of 16.

# %%
voices = [merge_ties(noteheads(part)) for part in score.parts]
pitches, attacks = to_grid(voices, n_frames)
fermatas = np.zeros(n_frames, dtype=bool)
for note in ends:
    fermatas[round(4 * note.offset) : round(4 * (note.offset + note.quarterLength))] = True
beats = (np.arange(n_frames) + round(4 * bars[0].paddingLeft)) % 16

# %% tags=["nbval-check-output"]
ours = Chorale(
    pitches=pitches,
    attacks=attacks,
    fermatas=fermatas,
    beats=beats,
    key=f"{key.tonic.name} {key.mode}",
    time_signature=metre.ratioString,
    tempo=score.recurse().getElementsByClass("MetronomeMark").first().getQuarterBPM(),
    title="BWV 66.6",
    source="bach/bwv66.6.mxl",
)
print("Equal to the library's:", ours == chorale)

# %% [markdown]
# And this is how it looks as a piano roll. From here on, we use `read_chorale`. It does the same, and copes with what else real files hold: grace notes, repeats, voices that share a staff, parts in the wrong order.
#
# > **Exercise** [split-at-bars](../exercises/01_scores.ipynb#split-at-bars): now the way back.

# %%
PianoRoll(ours, sound=False)

# %% [markdown]
# ## 1.8 How high, how low
#
# Each voice has a *range*: from its lowest to its highest note. **Predict:** which voice has the widest? One trap: silence is stored as -1, and -1 is lower than any note.
#
# > **Exercise** [voice-range](../exercises/01_scores.ipynb#voice-range): write it yourself first, with rests or without.


# %%
def voice_range(pitches):
    """Find the lowest and the highest pitch of a voice; rests do not count."""
    sounding = pitches[pitches != REST]
    return int(sounding.min()), int(sounding.max())


for voice, part in enumerate(score.parts):
    lowest, highest = voice_range(ours.pitches[:, voice])
    span = analysis.discrete.Ambitus().getPitchSpan(part)
    same = [one.midi for one in span] == [lowest, highest]
    names = f"{pitch_name(lowest)} to {pitch_name(highest)}"
    print(f"{VOICES[voice]:<8} {names:<11} {highest - lowest} semitones; music21 agrees: {same}")

# %% [markdown]
# A *semitone* is one step on the piano, black keys counted; twelve make an octave. The bass has by far the widest range. It carries the harmony, and to do so it has to leap. The others stay within an octave or a little more, which most people can sing.
#
# ## 1.9 All chorales at once
#
# `corpus(None)` reads every chorale for four voices by Bach that music21 carries. The first time on a computer it parses them all; allow it a minute. It keeps the result, so that from then on it takes a moment.

# %%
everything = corpus(None, progress=False)
frames = sum(len(one) for one in everything)
notes = sum(int(one.attacks.sum()) for one in everything)
pickups = sum(one.beats[0] > 0 for one in everything)
lines = [np.sum(np.diff(one.fermatas.astype(int), prepend=0) == 1) for one in everything]
print(f"{len(everything)} files, {frames:,} frames, {notes:,} notes")
print(f"{pickups} begin with a pickup; half of all have {np.median(lines):g} fermatas or fewer")
print(Counter(one.time_signature for one in everything))
minor = [one for one in everything if one.key.endswith("minor")]
thirds = [(tonic_pitch_class(one.key.split()[0]) + 4) % 12 in one.pitches[-1] % 12 for one in minor]
print(f"{len(minor)} in minor, {sum(thirds)} of them end with the third of major")

# %% [markdown]
# That is all. A language model reads billions of words; all of Bach's chorales are about a hundred thousand notes. (Some chorales are in there twice, under two numbers. That will matter in notebook 5.) The last line counts the Picardy thirds.
#
# **First plot: keys.** Each pair of bars is one key signature, from five flats on the left to four sharps on the right; a small *m* is minor, *b* is flat. **Predict:** which will be rare?

# %%
signatures = range(-5, 5)
counts = Counter(one.key for one in everything)
rows = {
    mode: [counts[f"{tonic_name(sharps, mode)} {mode}"] for sharps in signatures]
    for mode in ("major", "minor")
}
names = [f"{tonic_name(n, 'major')} {tonic_name(n, 'minor')}m" for n in signatures]
told = ", ".join(f"{key} {count}" for key, count in counts.most_common()).replace("-", " flat")
plot_bars(
    [name.replace("-", "b") for name in names],
    rows,
    title=f"Keys of {len(everything)} chorales",
    x="major key and minor key with the same signature",
    y="chorales",
    alt=f"Chorales in each key: {told}",
)

# %% [markdown]
# Keys with many sharps or flats are rare. In A flat major, a model would be lost: there is a single such piece. The cure is to *transpose*, to move every piece to other keys; notebook 3 shows how.
#
# **Second plot: voices.** For each voice, how much of its time does it spend on each pitch? The grey stripes are the black keys of the piano.

# %%
canvas, axes = empty_plot("Where the four voices sing", "pitch", "share of the voice's time")
tops = []
for pitch in range(35, 83):
    if pitch % 12 in (1, 3, 6, 8, 10):
        axes.axvspan(pitch - 0.5, pitch + 0.5, color="#eeeeee", linewidth=0)
for voice, name in enumerate(VOICES):
    sung = np.concatenate([one.pitches[:, voice] for one in everything])
    share = np.bincount(sung[sung != REST], minlength=128) / (sung != REST).sum()
    axes.step(range(128), share, where="mid", color=VOICE_COLOURS[name], linewidth=2)
    axes.fill_between(range(128), share, step="mid", color=VOICE_COLOURS[name], alpha=0.3)
    middle, top = np.median(sung[sung != REST]), share.max()
    axes.text(middle, top + 0.004, name, color=VOICE_COLOURS[name], ha="center", weight="bold")
    tops.append(f"{name} {pitch_name(share.argmax())}")
named = [36, 43, 48, 55, 60, 67, 72, 79]
axes.set_xticks(named, [pitch_name(one) for one in named])
axes.set(xlim=(35.5, 82.5), ylim=(0, 0.185))
Figure(canvas, f"One hill for each voice, overlapping; commonest pitches: {', '.join(tops)}")

# %% [markdown]
# Four hills, side by side, and each overlaps its neighbours. So a pitch alone narrows down the voice, but does not settle it. And the hills are rough: the white keys stand out, since keys with many sharps or flats are rare. The numbers:

# %%
for voice, name in enumerate(VOICES):
    sung = np.concatenate([one.pitches[:, voice] for one in everything])
    lowest, highest = voice_range(sung)
    rests = (sung == REST).mean()
    print(f"{name:<8} {pitch_name(lowest)} to {pitch_name(highest)}, silent {rests:.1%}")

# %% [markdown]
# **Third plot: lengths,** in quarters. **Predict:** how long is a typical chorale: ten, fifty, or two hundred quarters?

# %%
quarters = np.array([len(one) / 4 for one in everything])
canvas, axes = empty_plot("How long chorales are", "length in quarter notes", "chorales")
axes.hist(quarters, bins=range(0, 281, 8), color=OKABE_ITO["sky blue"])
middle = np.median(quarters)
axes.axvline(middle, color="black", linestyle="--", linewidth=1)
axes.text(middle + 12, 120, f"half of them last {middle:g} quarters or less")
axes.annotate("BWV 66.6", (36, 45), (2, 80), arrowprops={"arrowstyle": "->"})
longest = max(everything, key=len)
axes.annotate(longest.title, (len(longest) / 4, 2), (215, 30), arrowprops={"arrowstyle": "->"})
around = f"half of them up to {middle:g}"
Figure(canvas, f"Histogram: {quarters.min():g} to {quarters.max():g} quarters, {around}")

# %% [markdown]
# About fifty: twelve bars, six lines of two bars each. And the long ones on the right? We look at the five longest.

# %%
for one in sorted(everything, key=len)[-5:]:
    silent = (one.pitches == REST).all(axis=1).mean()
    print(f"{one.title}: {len(one) / 4:g} quarters, everybody silent in {silent:.0%} of them")

# %% [markdown]
# Some are long because the hymn is long. In others the singers wait through much of the piece: there an orchestra plays between the lines.
#
# ## In three lines
#
# - A score file is text about a page: parts, bars, noteheads. Music is what you get after flattening, and after merging ties.
# - On the grid a chorale is a table with a row for each sixteenth and a column for each voice, of pitches and of attacks.
# - Bach's chorales are few and short, and mostly in a handful of keys; each voice has its own range, and overlaps its neighbours.
#
# ## Check yourself
#
# **1.** A piece in 3/4 begins with a bar of one quarter. What is that bar?
#
# <details><summary>a) A mistake in the file</summary>No. Most chorales begin so; we counted them.</details>
# <details><summary>b) A pickup</summary>Yes. Its frames have the places 8 to 11 (counted from 0) of 12, so that the first full bar starts at 0.</details>
# <details><summary>c) A bar in 1/4</summary>No. The metre stays 3/4. The bar is only incomplete.</details>
#
# **2.** A note lasts three beats and begins on the third beat of a bar in 4/4. How is it written?
#
# <details><summary>a) One head, which crosses the bar line</summary>No. On paper no head reaches over a bar line.</details>
# <details><summary>b) Two heads with a tie</summary>Yes. Two beats in this bar, one in the next, joined by an arc.</details>
# <details><summary>c) Two heads without a tie</summary>No. Then the singer would begin a new note.</details>
#
# **3.** You skip `merge_ties` and look only at the *pitches* on the grid. What goes wrong?
#
# <details><summary>a) Nothing; the fault is in the attacks</summary>Yes. All pitches agreed with the library's. That is why the fault is easy to miss.</details>
# <details><summary>b) Tied notes are too short</summary>No. Both heads are painted, so the pitch fills all the frames.</details>
# <details><summary>c) Tied notes are missing</summary>No. The second head is painted as well as the first.</details>
#
# **4.** A score shows three sharps. What is its key?
#
# <details><summary>a) A major</summary>Perhaps. F sharp minor has the same signature, and our chorale is in it.</details>
# <details><summary>b) F sharp minor</summary>Perhaps. But A major has the same signature.</details>
# <details><summary>c) The signature alone cannot say</summary>Yes. You must look at how long the notes sound, or on which one the piece ends.</details>
#
# **5.** Somebody's `voice_range` says that the alto of BWV 248.64-6 goes down to -1. Why?
#
# <details><summary>a) The alto sings below the bass</summary>No. Even the lowest pitch that MIDI knows is 0.</details>
# <details><summary>b) It took silence for a pitch</summary>Yes. There are rests in that piece, stored as -1, and they must be left out.</details>
# <details><summary>c) The file is broken</summary>No. Silence is a part of music.</details>
#
# ## Read on
#
# - Cuthbert and Ariza (2010), [music21: A Toolkit for Computer-Aided Musicology and Symbolic Music Data](https://www.music21.org), at the ISMIR conference.
# - Good (2001), MusicXML: An Internet-Friendly Format for Sheet Music, at the XML conference; today the [W3C Music Notation Community Group](https://www.w3.org/2021/06/musicxml40/) looks after the format.
# - Krumhansl and Kessler (1982), [Tracing the Dynamic Changes in Perceived Tonal Organization in a Spatial Representation of Musical Keys](https://doi.org/10.1037/0033-295X.89.4.334): the first profiles of keys, measured on listeners. Those of 1.4 are from Aarden (2003), Dynamic Melodic Expectancy, a thesis at the Ohio State University.
# - Boulanger-Lewandowski, Bengio and Vincent (2012), [Modeling Temporal Dependencies in High-Dimensional Sequences](https://arxiv.org/abs/1206.6392): the paper that made these chorales a benchmark.
#
# **What you can do now that you could not do before:** open any score in Python, know what is a note and what is only ink, and turn it into a table that you can trust, because you checked it.
#
# [← 0 · Hear it first](00_hear_it_first.ipynb) · [2 · From score to MIDI to sound →](02_score_to_sound.ipynb)
