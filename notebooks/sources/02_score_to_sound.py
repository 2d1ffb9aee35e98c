# %% [markdown]
# # 2 · From score to MIDI to sound
#
# [← 1 · Scores](01_scores.ipynb) · [3 · Tokens →](03_tokens.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/02_score_to_sound.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/02_score_to_sound.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - write one bar in four ways: as a page, as MIDI events, in seconds, in frames,
# > - read a MIDI file byte by byte, and convert ticks to seconds to frames by hand,
# > - hear what four grids leave of a Mozart adagio,
# > - keep a ledger of what each grid destroys in all of Bach's chorales,
# > - change instrument, tempo and loudness by changing a few bytes.
# >
# > **You need** notebook 1: parts, bars, ties, the grid. No network, no GPU.
# >
# > **Time:** about 40 minutes to read and listen, about 20 seconds to run on two processor cores.
# >
# > **You will hear** a bar by Bach on several instruments, two bars by Mozart through four sieves, and a player with feeling.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    print("Installing musiclab ...")
    # %pip install --quiet "musiclab @ git+https://github.com/musiclab-course/musiclab"

# %%
import io
import struct
import warnings
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import mido
import numpy as np
from music21 import corpus as scores
from pretty_midi import PrettyMIDI

from musiclab import Score, Sound, corpus, read_chorale, read_notes
from musiclab.music import REST, VOICES, NoteSequence, notes_from_midi
from musiclab.music.midi import midi_bytes, midi_from_chorale
from musiclab.show import VOICE_COLOURS, plot_bars
from musiclab.show.figure import Figure, empty_plot

rng = np.random.default_rng(0)

# %% [markdown]
# ## 2.1 One bar
#
# We take bar 3 of our chorale, and follow its soprano, the upper voice with stems up, through four forms. First the page:

# %%
chorale = read_chorale("bach/bwv66.6")
bar = chorale.excerpt(36, 52)
Score(bar, title="BWV 66.6, bar 3")

# %% [markdown]
# And the last form, the sound:

# %%
Sound(bar, title="BWV 66.6, bar 3")

# %% [markdown]
# What lies between? In the score file, the bar is text. Here is its first note in full, and the five notes in short. Each has a name and a *type*: a quarter, or half of it, an eighth. The page says nothing about seconds.


# %% tags=["nbval-check-output"]
def written(note):
    """Say what the page shows of a note."""
    sharp = "#" if note.findtext("pitch/alter") == "1" else ""
    name = note.findtext("pitch/step") + sharp + note.findtext("pitch/octave")
    return f"{name} {note.findtext('type')}"


file = zipfile.ZipFile(scores.getWork("bach/bwv66.6"))
root = ElementTree.fromstring(file.read("bwv66.6.xml"))
notes = root.findall("part[@id='P1']/measure[@number='3']/note")
ElementTree.indent(notes[0])
print(ElementTree.tostring(notes[0], encoding="unicode").strip())
page = [written(note) for note in notes]
print(page)

# %% [markdown]
# ## 2.2 As MIDI: a list of events
#
# **MIDI** was made in 1983, so that a keyboard could play the synthesiser of another maker. It does not store sound. It stores what fingers do: press this key now, release it then. **Predict:** how many bytes will our bar take, with all four voices?

# %% tags=["nbval-check-output"]
data = midi_bytes(midi_from_chorale(bar))
print(len(data), "bytes, which begin with:")
print(data[:14].hex(" "))
print(struct.unpack(">4sIHHH", data[:14]))

# %% [markdown]
# The first fourteen bytes are the header: the letters `MThd`; the length of what follows, 6; format 1, several tracks side by side; five tracks, one for the tempo and one for each voice; and 480, the **resolution**. MIDI counts time in *ticks*, and here a quarter has 480 of them.
#
# The package `mido` reads the events of a track. Here is the soprano:

# %% tags=["nbval-check-output"]
soprano = mido.MidiFile(file=io.BytesIO(data)).tracks[1]
for event in soprano:
    print(event)

# %% [markdown]
# *note_on* presses a key. Key 69 is the A above middle C. *velocity* is how hard, from 1 to 127; a velocity of 0 means: let go. *time* is the number of ticks *since the event before*. So moments must be added up:

# %% tags=["nbval-check-output"]
ticks = np.cumsum([event.time for event in soprano])
pressed = [
    (int(tick), event.note)
    for tick, event in zip(ticks, soprano, strict=True)
    if event.type == "note_on" and event.velocity > 0
]
print(pressed)


# %% [markdown]
# ## 2.3 Ticks, seconds, frames
#
# A tick is no time yet. It becomes one through the **tempo**: here 96 quarters (beats) a minute. And from seconds to frames, the sixteenths of notebook 1, the same in reverse. **Predict:** at which second does tick 960 sound?


# %% tags=["nbval-check-output"]
def ticks_to_seconds(ticks, bpm, resolution=480):
    """Convert ticks from the beginning to seconds, at one tempo throughout."""
    return ticks / resolution * 60 / bpm


def nearest(moment):
    """Round to a whole number; halves go up, even if rounding errors made them a little less."""
    return int(moment + 0.5 + 1e-9)


def seconds_to_frames(seconds, bpm, frames_per_quarter=4):
    """Name the frame that lies nearest."""
    return nearest(seconds * bpm / 60 * frames_per_quarter)


print(ticks_to_seconds(960, bpm=96))

# %% [markdown]
# (Why not Python's `round`? It rounds 0.5 to 0 but 1.5 to 2. A row of equal notes would limp.)
#
# We hold both against pretty_midi, which reads the same bytes, and against the chorale's own frames: for all notes of all voices in the piece. A frame is 480 / 4 = 120 ticks.

# %% tags=["nbval-check-output"]
whole = PrettyMIDI(io.BytesIO(midi_bytes(midi_from_chorale(chorale))))
played = [note.start for voice in whole.instruments for note in voice.notes]
frames = [first for voice in range(4) for first, _, _ in chorale.notes(voice)]
ours = [ticks_to_seconds(120 * frame, bpm=96) for frame in frames]
print("same seconds:", np.allclose(ours, played))
back = [seconds_to_frames(second, bpm=96) for second in played]
print("same frames:", back == frames)

# %% [markdown]
# > **Exercise** [seconds-to-frames](../exercises/README.md#seconds-to-frames): write `seconds_to_frames` so that it survives any tempo and any grid.
#
# Now the whole journey in one picture. Each row holds the same five notes; read it from top to bottom.

# %%
canvas, axes = empty_plot("One bar, four ways: the soprano of bar 3", "quarters", "", (9, 4.6))
look = {"height": 0.6, "color": VOICE_COLOURS["soprano"], "edgecolor": "white"}
for (first, length, pitch), text in zip(bar.notes(0), page, strict=True):
    x, tick = first / 4 + 0.04, first * 120
    axes.text(x, 3, text.replace(" ", "\n"), va="center", fontsize=11)
    axes.plot([first / 4] * 2, [1.7, 2.3], color=look["color"], linewidth=3)
    axes.text(x, 2, f"tick {tick}\nkey {pitch} on", va="center")
    axes.barh(1, length / 4, left=first / 4, **look)
    axes.text(x, 1, f"{ticks_to_seconds(tick, bpm=96):.2f} s", va="center", color="white")
    for frame in range(first, first + length):
        strength = 1 if frame == first else 0.35  # struck, or only held
        axes.barh(0, 0.25, left=frame / 4, alpha=strength, **look)
        axes.text(frame / 4 + 0.125, 0, str(pitch), ha="center", va="center", fontsize=9)
rows = ["frames\n(a table)", "seconds\n(a performance)", "MIDI\n(events)", "MusicXML\n(a page)"]
axes.set(yticks=range(4), yticklabels=rows, xticks=range(5), xlim=(0, 4), ylim=(-0.5, 3.5))
Figure(canvas, "Five notes as names, as MIDI events with ticks, as bars in seconds, as 16 frames")

# %% [markdown]
# Each row knows something that the others do not:
#
# | form | unit of time | it knows | it does not know |
# |---|---|---|---|
# | MusicXML | the quarter, and fractions of it | names, bars, ties, words | when a player really plays |
# | MIDI | the tick | keys, velocity, tempo, instrument | whether a key is C sharp or D flat |
# | seconds | the second | when it sounds | where the beat is |
# | frames | the sixteenth | a table, ready for a model | anything finer than a sixteenth |
#
# A way back exists, too: from frames to notes. A note begins at an attack, and grows as long as its pitch is held.


# %%
def grid_to_notes(pitches, attacks):
    """List one voice's notes: first frame, length in frames, pitch."""
    notes = []
    for frame, (pitch, is_struck) in enumerate(zip(pitches.tolist(), attacks, strict=True)):
        if is_struck:
            notes.append((frame, 1, pitch))
        elif pitch != REST:
            first, length, pitch = notes.pop()
            notes.append((first, length + 1, pitch))
    return notes


# %% tags=["nbval-check-output"]
everything = corpus(None, progress=False)
same = [
    grid_to_notes(one.pitches[:, voice], one.attacks[:, voice]) == one.notes(voice)
    for one in everything
    for voice in range(4)
]
print("as the library's, in all chorales:", all(same))

# %% [markdown]
# > **Exercise** [grid-to-notes](../exercises/README.md#grid-to-notes): write it without a loop over frames.
#
# ## 2.4 Four sieves
#
# To **quantise** is to move every start and every end to the nearest line of a grid. Bach's chorales are calm, so we borrow faster music to hear what that does: two bars from the slow movement of Mozart's string quartet K. 458. (It has tiny ornaments, *grace notes*, which `read_notes` leaves out with a warning. We silence it.)


# %%
def quantise(notes, grid, tempo=44):
    """Move notes to a grid of so many frames a quarter; what has no length left vanishes."""
    kept = []
    for note in notes:
        first, last = nearest(note.onset * grid), nearest((note.onset + note.duration) * grid)
        if last > first:
            kept.append(replace(note, onset=first / grid, duration=(last - first) / grid))
    return NoteSequence(notes=tuple(kept), tempo=tempo)


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    quartet = read_notes("mozart/k458/movement3")
mozart = [replace(note, onset=note.onset - 84) for note in quartet.notes if 84 <= note.onset < 92]
Sound(NoteSequence(notes=tuple(mozart), tempo=44), title="Mozart, as written")

# %% [markdown]
# **Predict:** four grids follow, from coarse to fine: quarters, eighths, sixteenths, thirty-seconds. From which one on will you no longer hear a difference?

# %%
Sound(quantise(mozart, 1), title="Grid of quarters")

# %%
Sound(quantise(mozart, 2), title="Grid of eighths")

# %%
Sound(quantise(mozart, 4), title="Grid of sixteenths")

# %%
Sound(quantise(mozart, 8), title="Grid of thirty-seconds")

# %%
for grid in (1, 2, 4, 8):
    left = quantise(mozart, grid).notes
    same = len(set(left) & set(mozart))
    print(f"{grid} a quarter: {len(left)} of {len(mozart)} notes are left, {same} as they were")

# %% [markdown]
# On quarters, a skeleton. On eighths, a hymn. On sixteenths you recognise the piece, but every second note of the fast runs is gone: two notes want the same frame, and one of them gets no length. On thirty-seconds every note is still there, and only three are not as they were: a *triplet*, three notes in the time of two.
#
# So is our grid of sixteenths good enough for Bach?
#
# ## 2.5 The loss ledger
#
# We need the notes *before* quantising, in all chorales. Where the library moved nothing, its grid holds them exactly. Where it did move something, it says so in `notices`, and we go back to the file.


# %%
def exact_voices(piece):
    """List a chorale's voices as tables; a row is a note: onset and end in quarters, pitch."""
    if any("moved" in notice for notice in piece.notices):
        notes = read_notes(piece.source)
        numbers = [notes.part_names.index(name.capitalize()) for name in VOICES]
        parts = [[one for one in notes.notes if one.part == number] for number in numbers]
        voices = [[(one.onset, one.onset + one.duration, one.pitch) for one in p] for p in parts]
    else:
        lists = [piece.notes(voice) for voice in range(4)]
        voices = [[(a / 4, (a + length) / 4, p) for a, length, p in one] for one in lists]
    return [np.array(voice) for voice in voices]


moved = [one.title for one in everything if any("moved" in notice for notice in one.notices)]
bach = np.concatenate([voice for one in everything for voice in exact_voices(one)])
print(f"{len(bach):,} notes; {len(moved)} pieces are not on the grid: {', '.join(moved)}")


# %% [markdown]
# The ledger has five columns. A note can *vanish*; begin at another moment (*moved*, and how many quarters at the *furthest*); or keep its beginning but change its *length*. And if one stores only pitches, without attacks, two equal notes in a row are *glued* into one.


# %%
def ledger(notes, grid):
    """Count what a grid of so many frames a quarter does to notes."""
    first, last = np.floor(notes[:, :2].T * grid + 0.5 + 1e-9)
    kept = last > first
    distance = np.abs(first / grid - notes[:, 0])[kept]
    change = np.abs((last - first) / grid - (notes[:, 1] - notes[:, 0]))[kept]
    pitch = notes[kept, 2]
    meets = (last[kept][:-1] == first[kept][1:]) & (pitch[:-1] == pitch[1:])
    return {
        "vanished": int((~kept).sum()),
        "moved": int((distance > 1e-6).sum()),
        "furthest": float(distance.max()),
        "length": int((change > 1e-6).sum()),
        "glued": int(meets.sum()),
    }


# %% [markdown]
# **Predict:** about half of all notes in the chorales are quarters, a third are eighths, and few are sixteenths. How many notes vanish on a grid of quarters? Of eighths?

# %%
names = {1: "quarters", 2: "eighths", 4: "sixteenths", 8: "32nds"}
losses = {name: ledger(bach, grid) for grid, name in names.items()}
print("grid        " + "".join(f"{column:>10}" for column in losses["quarters"]))
for name, row in losses.items():
    print(f"{name:<12}" + "".join(f"{value:>10g}" for value in row.values()))

# %%
shares = {
    what: [100 * losses[name][what] / len(bach) for name in names.values()]
    for what in ("vanished", "length", "moved", "glued")
}
figure = plot_bars(
    list(names.values()),
    shares,
    title=f"What four grids do to {len(bach):,} notes",
    x="grid",
    y="percent of all notes",
    alt="Quarters lose a fifth of the notes, eighths one percent, finer grids nothing one can see",
)
figure.canvas.axes[0].set_ylim(0, 27)  # room for the legend
figure

# %% [markdown]
# - **Quarters** lose a fifth. Each pair of eighths becomes one quarter: one note vanishes, its neighbour doubles.
# - **Eighths** lose about one note in eighty.
# - **Sixteenths** lose nine notes in nearly a hundred thousand: those nine are thirty-seconds, in five pieces.
# - **Thirty-seconds** lose nothing. But every piece becomes a table twice as long, to save nine notes.
#
# That is why this course uses sixteenths. It is a decision about *these* pieces, made with numbers. The largest loss is another one: without attacks, one note in seven would be glued, at any grid. The public benchmark of these chorales stores pitches only, and loses just that.
#
# Do the library's notices tell the same? For one of the five pieces:

# %% tags=["nbval-check-output"]
odd = next(one for one in everything if one.title == "BWV 432")
print(ledger(np.concatenate(exact_voices(odd)), 4))
print(odd.notices)

# %% [markdown]
# Two vanished, and two neighbours grew into their place. The library counts all four as "not on the grid", and two of them as left out.
#
# No grid fits all music. A mazurka by Chopin has triplets. **Predict:** which grid will hold it: 4, 8, 6, or 12 to a quarter?

# %%
mazurka = read_notes("chopin/mazurka06-2").notes
rows = np.array([(one.onset, one.onset + one.duration, one.pitch) for one in mazurka])
for grid in (4, 8, 6, 12):
    counted = ledger(rows, grid)
    print(f"{grid:>2} a quarter: {counted['vanished']} vanished, {counted['moved']} moved")

# %% [markdown]
# Finer is not always better: 8 does no better than 4, since thirds fall between the lines. Only 12, which both 3 and 4 divide, holds everything.
#
# ## 2.6 A player with feeling
#
# Scores are exact. People are not: they lean on a note, hurry, wait (*rubato*). We have no recording here, so we **simulate** a player: the beat sways to and fro by up to 0.15 seconds, every note is a few hundredths of a second early or late, and each is struck differently.

# %%
line = chorale.excerpt(0, 48)
human = midi_from_chorale(line)
for note in [note for voice in human.instruments for note in voice.notes]:
    sway = [0.15 * np.sin(2 * np.pi * time / 5) for time in (note.start, note.end)]
    note.start = max(0, note.start + sway[0] + rng.normal(0, 0.02))
    note.end = max(note.start + 0.1, note.end + sway[1])
    note.velocity = int(rng.integers(60, 100))
Sound(human, title="Simulated: with feeling")

# %% [markdown]
# A little free, as people play. Now we quantise it, trusting the tempo of 96 that stands in the file. **Predict:** will it sound better, or worse?

# %%
frames = [
    [seconds_to_frames(note.start, bpm=96) for note in voice.notes] for voice in human.instruments
]
right = [[first for first, _, _ in line.notes(voice)] for voice in range(4)]
wrong = np.concatenate(frames) != np.concatenate(right)
print(f"{wrong.sum()} of {len(wrong)} notes begin in the wrong frame")

# %%
stiff = quantise(notes_from_midi(human).notes, 4, tempo=96)
Sound(stiff, title="The same, quantised without knowing the beat")

# %% [markdown]
# Worse: it stumbles. Half a frame is 0.08 seconds. The errors of the fingers, 0.02 seconds, are smaller, and were mended. The sway of the beat, up to 0.15 seconds, is larger, and was taken for other rhythms. The grid is right only if one knows where the beat *is*, and a recorded MIDI file seldom says. So performances need another scheme, such as events in seconds, or a beat tracker first. Scores, as ours, bring their beat along.
#
# ## 2.7 Instrument and tempo are data, too
#
# Where in the file is the sound? **Predict:** we write our bar again, for a choir instead of a piano. How many of the 294 bytes change?

# %% tags=["nbval-check-output"]
choir = midi_bytes(midi_from_chorale(bar, programs=[52] * 4))
for place in range(len(data)):
    if data[place] != choir[place]:
        print(f"byte {place}: {data[place]} becomes {choir[place]}")

# %% [markdown]
# Four: one *program number* for each voice, 0 for the piano, 52 for "choir aahs". That is all that a MIDI file knows of timbre, the colour of a sound. The rest is up to the synthesiser that reads the file. Here are organ (19), strings (48) and choir (52), one after the other; then the same notes from the simplest synthesiser there is, which knows only sine waves.

# %%
takes = [Sound(bar, instruments=name).samples for name in ("organ", "strings", "choir")]
Sound(np.concatenate(takes), title="Organ, strings, choir")

# %%
sines = midi_from_chorale(bar).synthesize(fs=24_000)
Sound(sines, sample_rate=24_000, title="Sine waves")

# %% [markdown]
# Now the tempo. **Predict:** at 48 instead of 96 quarters a minute everything lasts twice as long. How many bytes change this time?

# %% tags=["nbval-check-output"]
slow = midi_bytes(midi_from_chorale(bar, tempo=48))
places = [place for place in range(len(data)) if data[place] != slow[place]]
before, after = (int.from_bytes(one[places[0] : places[-1] + 1]) for one in (data, slow))
print(f"bytes {places}: {before} becomes {after}")

# %% [markdown]
# Three bytes: one number, the microseconds of a quarter. All ticks stay as they are. So tempo can be left to the player, and a model that writes frames need not learn it.
#
# Last, the *velocity*. Scores hardly mention it, and so our chorales have the same value everywhere, 80. A simple rule brings some life: grow towards the middle, then fade.

# %%
swell = midi_from_chorale(line)
middle = swell.get_end_time() / 2
for note in [note for voice in swell.instruments for note in voice.notes]:
    note.velocity = round(115 - 85 * abs(note.start - middle) / middle)
Sound(swell, title="Soft, loud, soft")

# %% [markdown]
# And how large is the sound itself? Compare the whole chorale as MIDI, as MP3, and as plain samples, two bytes each:

# %%
size = len(midi_bytes(midi_from_chorale(chorale)))
heard = Sound(chorale)
print(f"MIDI {size} bytes, MP3 {len(heard.mp3)}, samples {2 * len(heard.samples)}")

# %% [markdown]
# MIDI is almost a thousand times smaller than the samples. It is the recipe, not the meal. A model that writes recipes can be small, and run on a laptop: that is the bargain of this course.
#
# ## In three lines
#
# - Page, events, seconds, frames: four forms of one bar. Tempo and resolution convert between them.
# - A grid destroys what is finer than its lines. Sixteenths cost nine notes in all of Bach's chorales, and two of every five in a fast bar by Mozart.
# - Instrument, tempo and loudness are a few bytes of data; the synthesiser makes the sound.
#
# ## Check yourself
#
# **1.** The resolution is 480 ticks a quarter, the tempo 120 quarters a minute. When does tick 960 sound?
#
# <details><summary>a) After 1 second</summary>Yes. 960 ticks are two quarters, and a quarter lasts half a second.</details>
# <details><summary>b) After 2 seconds</summary>No. That would be so at 60 quarters a minute.</details>
# <details><summary>c) After 8 seconds</summary>No. You may have divided by 120 twice. Ticks by resolution first, then times 60 by tempo.</details>
#
# **2.** Two thirty-seconds in a row begin on a line of the sixteenth grid. What does `quantise` do?
#
# <details><summary>a) It keeps both</summary>No. Together they last one frame, and a frame has room for one.</details>
# <details><summary>b) One takes the whole frame, the other vanishes</summary>Yes. The first one's end goes up to the next line, where the second one begins and also ends.</details>
# <details><summary>c) Both vanish</summary>No. The first one begins on a line, and its end is moved to the next.</details>
#
# **3.** Somebody stores the pitches of a chorale on a grid of thirty-seconds, but no attacks. What is lost?
#
# <details><summary>a) Nothing: the grid is fine enough</summary>No. How fine it is does not help: held and struck look alike.</details>
# <details><summary>b) The fastest notes</summary>No. On this grid not one of them vanished.</details>
# <details><summary>c) Where a note is struck again</summary>Yes. About one note in seven melts into the one before.</details>
#
# **4.** On your computer a MIDI file sounds like a choir, on your friend's like a cheap organ. Why?
#
# <details><summary>a) The file was damaged on the way</summary>No. A damaged file would hardly play at all.</details>
# <details><summary>b) The synthesisers differ</summary>Yes. The file says "program 52"; each synthesiser has its own idea of it.</details>
# <details><summary>c) The ticks differ</summary>No. They say when a note sounds, not how.</details>
#
# **5.** You quantise the recording of a pianist at the tempo that the file states. Many notes land in wrong frames. What is the most likely cause?
#
# <details><summary>a) The grid is too coarse</summary>No. A finer grid would write the wandering beat down even more faithfully.</details>
# <details><summary>b) The beat is not where the file says</summary>Yes. One has to find the beat first.</details>
# <details><summary>c) The velocities vary</summary>No. Velocity is how hard a key is struck, and moves nothing in time.</details>
#
# ## Read on
#
# - [The MIDI 1.0 specification](https://midi.org/specs), by the MIDI Association.
# - Raffel and Ellis (2014), [Intuitive Analysis, Creation and Manipulation of MIDI Data with pretty_midi](https://github.com/craffel/pretty-midi), at ISMIR.
# - Oore and others (2018), [This Time with Feeling](https://arxiv.org/abs/1808.03715): a model that plays with rubato, in seconds instead of frames.
# - Hawthorne and others (2019), [the MAESTRO dataset](https://arxiv.org/abs/1810.12247): 172 hours of real playing as MIDI.
# - Gillick and others (2019), [Learning to Groove with Inverse Sequence Transformations](https://arxiv.org/abs/1905.06118): a model that puts back what quantising took away.
#
# **What you can do now that you could not do before:** follow a note from the page to the loudspeaker, choose a grid by counting what it destroys, and tell what is in a MIDI file from what is not.
#
# [← 1 · Scores](01_scores.ipynb) · [3 · Tokens →](03_tokens.ipynb)
