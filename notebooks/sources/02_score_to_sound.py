# %% [markdown]
# # 2 · From score to MIDI to sound
#
# [← 1 · Scores](01_scores.ipynb) · [3 · Tokens →](03_tokens.ipynb) · [Exercises 2](../exercises/02_score_to_sound.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/02_score_to_sound.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/02_score_to_sound.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - follow one bar through four forms: a page, MIDI events, seconds, frames,
# > - build a MIDI file by hand, byte for byte the library's, and read it back,
# > - turn ticks into seconds, seconds into frames, and pitches into hertz,
# > - keep a ledger of what four grids destroy in Mozart and in Bach,
# > - change instrument, tempo and loudness by changing a few bytes.
# >
# > **You need** notebook 1: parts, bars, ties, the grid. No network, no GPU.
# >
# > **Time:** about 40 minutes to read and listen, about 20 seconds to run on two processor cores.
# >
# > **You will hear** a bar by Bach on several instruments and on bare sine waves, two bars by Mozart through four sieves, and a player with feeling.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import io
import struct
import warnings
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import mido
import numpy as np
import pretty_midi
from music21 import corpus as scores

from musiclab import Score, Sound, corpus, read_chorale, read_notes
from musiclab.music import REST, VOICES, NoteSequence, notes_from_midi
from musiclab.music.to_midi import midi_bytes, midi_from_chorale
from musiclab.show import VOICE_COLOURS, plot_bars
from musiclab.show.figure import Figure, empty_plot

rng = np.random.default_rng(0)
warnings.simplefilter("ignore")  # what reading leaves out stands in left_out, too

# %% [markdown]
# ## 2.1 One bar
#
# We take bar 3 of our chorale, and follow its soprano, the upper voice with stems up, on its way from the page to the loudspeaker. Here is the page:

# %%
chorale = read_chorale("bach/bwv66.6")
bar = chorale.excerpt(36, 52)
Score(bar, title="BWV 66.6, bar 3")

# %% [markdown]
# And here is the end of the way, the sound:

# %%
Sound(bar, title="BWV 66.6, bar 3")

# %% [markdown]
# What lies between? In the score file, the bar is text. Here is its first note in full, and all five in short. Each has a name and a *type*: a quarter, or half of it, an eighth. How many seconds it lasts, a note does not say.


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
# ## 2.2 A MIDI file by hand
#
# **MIDI** was made in 1983, so that one maker's keyboard could play another maker's synthesiser. It does not store sound. It stores what fingers do: press this key now, release it then. It counts time in *ticks*; the **resolution** says how many there are in a quarter, often 480. A tick has no fixed length. How long it lasts depends on the **tempo**, here 96 quarters (beats) per minute:
#
# $$\text{seconds} = \frac{\text{ticks}}{\text{resolution}} \cdot \frac{60}{\text{tempo}}$$
#
# **Predict:** at which second does tick 960 sound?


# %% tags=["nbval-check-output"]
def ticks_to_seconds(ticks, tempo, resolution=480):
    """Convert ticks from the beginning to seconds, at one tempo throughout."""
    return ticks / resolution * 60 / tempo


print(ticks_to_seconds(960, tempo=96))

# %% [markdown]
# The package pretty_midi takes notes in seconds, and writes the ticks for us. It needs four numbers for a note: the key that is pressed, the *velocity* (how hard it is struck, 1 to 127), the start and the end. A track has a name and a *program*, its instrument; 0 is a piano. A frame, the sixteenth of notebook 1, is 480 / 4 = 120 ticks. **Predict:** how many bytes will our bar take, with all four voices?


# %% tags=["nbval-check-output"]
def midi_by_hand(piece):
    """Give each voice a track: every note with its velocity, key, start and end in seconds."""
    midi = pretty_midi.PrettyMIDI(resolution=480, initial_tempo=piece.tempo, charset="utf-8")
    for voice, name in enumerate(VOICES):
        track = pretty_midi.Instrument(program=0, name=name)
        for first, length, pitch in piece.notes(voice):
            start = ticks_to_seconds(120 * first, piece.tempo)
            end = ticks_to_seconds(120 * (first + length), piece.tempo)
            track.notes.append(pretty_midi.Note(velocity=80, pitch=pitch, start=start, end=end))
        midi.instruments.append(track)
    return midi


midi = midi_by_hand(bar)
midi.time_signature_changes.append(pretty_midi.TimeSignature(4, 4, time=0))
number = pretty_midi.key_name_to_key_number(bar.key)
midi.key_signature_changes.append(pretty_midi.KeySignature(number, time=0))
data = midi_bytes(midi)
print(len(data), "bytes; the library's are the same:", data == midi_bytes(midi_from_chorale(bar)))

# %% [markdown]
# Byte for byte. (`midi_bytes` only calls pretty_midi's `write`.) A file of your own is one line away. We raise the last note of the soprano, write the file, and read it back:

# %%
mine = midi_by_hand(bar)
mine.instruments[0].notes[-1].pitch += 4  # change whatever you like
mine.write("my_bar.mid")
Sound(read_notes("my_bar.mid"), title="my_bar.mid: the tune ends higher")

# %% [markdown]
# ## 2.3 What is in the file
#
# The first fourteen bytes are the header.

# %% tags=["nbval-check-output"]
print(data[:14].hex(" "))
print(struct.unpack(">4sIHHH", data[:14]))

# %% [markdown]
# The letters `MThd`; the length of what follows, 6; format 1, several tracks side by side; five tracks, one for the tempo and one for each voice; and the resolution, 480.
#
# The package `mido` reads the events of a track. Each counts its ticks from the event *before*, so we add them up. Here is the soprano:

# %% tags=["nbval-check-output"]
tick = 0
for event in mido.MidiFile(file=io.BytesIO(data)).tracks[1]:
    tick += event.time
    print(f"tick {tick:>4}: {event}")

# %% [markdown]
# *note_on* presses a key. Key 69 is the A above middle C. A velocity of 0 means: let go.
#
# ## 2.4 Seconds to frames
#
# From seconds to frames we go the same way in reverse, to the nearest frame:
#
# $$\text{frame} = \Big\lfloor \text{seconds} \cdot \frac{\text{tempo}}{60} \cdot \text{frames per quarter} + \tfrac{1}{2} \Big\rfloor$$
#
# > **Exercise** [seconds-to-frames](../exercises/02_score_to_sound.ipynb#seconds-to-frames): write `seconds_to_frames` yourself before you read on. Yours should work for any tempo and any grid.


# %%
def nearest(moment):
    """Round to a whole number; halves go up, even if rounding errors made them a little less."""
    return int(moment + 0.5 + 1e-9)


def seconds_to_frames(seconds, bpm, frames_per_quarter=4):
    """Name the frame that lies nearest."""
    return nearest(seconds * bpm / 60 * frames_per_quarter)


# %% [markdown]
# (Why not Python's `round`? It rounds 0.5 to 0 but 1.5 to 2. A row of equal notes would limp.)
#
# We test both ways on all notes of the piece: against what pretty_midi reads from the library's file, and against the chorale's own frames.

# %% tags=["nbval-check-output"]
whole = pretty_midi.PrettyMIDI(io.BytesIO(midi_bytes(midi_from_chorale(chorale))))
played = [note.start for voice in whole.instruments for note in voice.notes]
frames = [first for voice in range(4) for first, _, _ in chorale.notes(voice)]
ours = [ticks_to_seconds(120 * frame, tempo=96) for frame in frames]
print("same seconds:", np.allclose(ours, played))
back = [seconds_to_frames(second, bpm=96) for second in played]
print("same frames:", back == frames)

# %% [markdown]
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
    axes.text(x, 1, f"{ticks_to_seconds(tick, tempo=96):g} s", va="center", color="white")
    for frame in range(first, first + length):
        strength = 1 if frame == first else 0.35  # struck, or only held
        axes.barh(0, 0.25, left=frame / 4, alpha=strength, **look)
        axes.text(frame / 4 + 0.125, 0, str(pitch), ha="center", va="center", fontsize=9)
rows = ["frames\n(a table)", "seconds\n(a performance)", "MIDI\n(events)", "MusicXML\n(a page)"]
axes.set(yticks=range(4), yticklabels=rows, xticks=range(5), xlim=(0, 4), ylim=(-0.5, 3.5))
ticks = ", ".join(str(first * 120) for first, _, _ in bar.notes(0))
Figure(canvas, f"{', '.join(page)}; at ticks {ticks}; bars in seconds; {len(bar)} frames")

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
# There is a way back, too, from frames to notes. A note begins at an attack, and grows as long as its pitch is held.
#
# > **Exercise** [grid-to-notes](../exercises/02_score_to_sound.ipynb#grid-to-notes): write `grid_to_notes` yourself before you read on. Can you do it without a loop over frames?


# %% tags=["nbval-check-output"]
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


everything = corpus(None, progress=False)
same = [
    grid_to_notes(one.pitches[:, voice], one.attacks[:, voice]) == one.notes(voice)
    for one in everything
    for voice in range(4)
]
print("as the library's, in all chorales:", all(same))

# %% [markdown]
# ## 2.5 Pitch to hertz, and to sound
#
# One step is left, from numbers to air. A tone is an oscillation, and its pitch is how often it repeats in a second, in *hertz* (Hz). By convention the A above middle C, key 69, has 440 Hz. An octave, twelve keys, doubles the frequency, so each single key multiplies it by the twelfth root of two. For a MIDI number $p$,
#
# $$f = 440 \cdot 2^{(p-69)/12}$$
#
# **Predict:** how many hertz has the A one octave below? Then listen to A4 as a *sine*, the simplest oscillation there is.
#
# > **Exercise** [pitch-to-hz](../exercises/02_score_to_sound.ipynb#pitch-to-hz): write it yourself first, for a whole voice with rests, in any tuning.


# %%
def pitch_to_hz(pitch):
    """Convert a MIDI number to oscillations per second."""
    return 440 * 2 ** ((pitch - 69) / 12)


def sine(hz, seconds, rate=24_000):
    """Oscillate at one frequency, in so many samples per second."""
    time = np.arange(round(seconds * rate)) / rate
    return np.sin(2 * np.pi * hz * time)


print([f"key {pitch}: {pitch_to_hz(pitch):.1f} Hz" for pitch in (57, 60, 69, 81)])
theirs = [pretty_midi.note_number_to_hz(pitch) for pitch in range(128)]
print("as pretty_midi's:", np.allclose([pitch_to_hz(pitch) for pitch in range(128)], theirs))
Sound(sine(pitch_to_hz(69), seconds=2), sample_rate=24_000, title="A4, a sine of 440 Hz")

# %% [markdown]
# Seconds, hertz, a sine for each note, and all of them added: that is already a synthesiser. Each note fades away, so that it ends without a click.

# %%
wave = np.zeros(round(midi.get_end_time() * 24_000) + 1)
for note in [note for track in midi.instruments for note in track.notes]:
    tone, first = sine(pitch_to_hz(note.pitch), note.end - note.start), round(note.start * 24_000)
    wave[first : first + len(tone)] += tone * np.linspace(0.2, 0, len(tone))
Sound(wave, sample_rate=24_000, title="The bar, as sine waves by hand")

# %% [markdown]
# The synthesiser that plays elsewhere in this course does better: it imitates real instruments.
#
# ## 2.6 Four sieves
#
# To **quantise** is to move every start and every end to the nearest line of a grid. Bach's chorales are calm. To hear what a grid can destroy, we borrow two bars from the adagio of Mozart's string quartet K. 458: the pulse is slow, but the notes are short. (It has tiny ornaments, *grace notes*, which `read_notes` leaves out with a warning. We silence the warning.)
#
# > **Exercise** [quantise](../exercises/02_score_to_sound.ipynb#quantise): before you read ours, mend one that tears notes apart.


# %%
def quantise(notes, grid, tempo=44):
    """Move notes to a grid of so many frames per quarter; what has no length left vanishes."""
    kept = []
    for note in notes:
        first, last = nearest(note.onset * grid), nearest((note.onset + note.duration) * grid)
        if last > first:
            kept.append(replace(note, onset=first / grid, duration=(last - first) / grid))
    return NoteSequence(notes=tuple(kept), tempo=tempo)


quartet = read_notes("mozart/k458/movement3")
mozart = [replace(note, onset=note.onset - 84) for note in quartet.notes if 84 <= note.onset < 92]
Sound(NoteSequence(notes=tuple(mozart), tempo=44), title="Mozart, as written")

# %% [markdown]
# **Predict:** four grids follow, from coarse to fine: quarters, eighths, sixteenths, thirty-seconds. At which one will you stop hearing a difference?

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
    print(f"{grid} per quarter: {len(left)} of {len(mozart)} notes are left, {same} as they were")

# %% [markdown]
# On quarters, a skeleton. On eighths, a hymn. On sixteenths you recognise the piece, but of the fastest notes about every second is gone: two notes want the same frame, and one of them gets no length. On thirty-seconds every note is still there, and only three are not as they were: a *triplet*, three notes in the time of two.
#
# So is our grid of sixteenths good enough for Bach?
#
# ## 2.7 The loss ledger
#
# We need the notes *before* quantising, in all chorales. Where the library moved nothing, its grid holds them exactly. Where it did move something, it says so in `left_out`, and we go back to the file.


# %%
def exact_voices(piece):
    """List a chorale's voices as tables; a row is a note: onset and end in quarters, pitch."""
    if any("moved" in notice for notice in piece.left_out):
        notes = read_notes(piece.source)
        numbers = [notes.part_names.index(name.capitalize()) for name in VOICES]
        parts = [[one for one in notes.notes if one.part == number] for number in numbers]
        voices = [[(one.onset, one.onset + one.duration, one.pitch) for one in p] for p in parts]
    else:
        lists = [piece.notes(voice) for voice in range(4)]
        voices = [[(a / 4, (a + length) / 4, p) for a, length, p in one] for one in lists]
    return [np.array(voice) for voice in voices]


moved = [one.title for one in everything if any("moved" in notice for notice in one.left_out)]
bach = np.concatenate([voice for one in everything for voice in exact_voices(one)])
print(f"{len(bach):,} notes; {len(moved)} pieces are not on the grid: {', '.join(moved)}")


# %% [markdown]
# The ledger has five columns. A note can *vanish*; begin at another moment (*moved*, and how many quarters at the *furthest*); or keep its beginning but change its *length*. And if one stores only pitches, without attacks, two equal notes in a row are *glued* into one.


# %%
def ledger(notes, grid):
    """Count what a grid of so many frames per quarter does to notes."""
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
gone = ", ".join(f"{name} {100 * row['vanished'] / len(bach):.2g}" for name, row in losses.items())
figure = plot_bars(
    list(names.values()),
    shares,
    title=f"What four grids do to {len(bach):,} notes",
    x="grid",
    y="percent of all notes",
    alt=f"Percent of notes that vanish on each grid: {gone}",
)
figure.canvas.axes[0].set_ylim(0, 27)  # room for the legend
figure

# %% [markdown]
# - **Quarters** lose a fifth. A pair of eighths becomes one quarter: one note vanishes, its neighbour doubles.
# - **Eighths** lose about one note in eighty.
# - **Sixteenths** lose nine notes out of nearly a hundred thousand: thirty-seconds, in five pieces.
# - **Thirty-seconds** lose nothing. But every table becomes twice as long, to save nine notes.
#
# That is why this course uses sixteenths. It is a decision about *these* pieces, made with numbers. And the largest loss is another one: without attacks, one note in seven would be glued, on any grid. The public benchmark of these chorales stores pitches only, and loses just that.
#
# Does the library's `left_out` tell the same? For one of the five pieces:

# %% tags=["nbval-check-output"]
odd = next(one for one in everything if one.title == "BWV 432")
print(ledger(np.concatenate(exact_voices(odd)), 4))
print(odd.left_out)

# %% [markdown]
# They do. Two notes vanished, and two neighbours grew into their place. The library counts all four as off the grid, and two of them as left out.
#
# No grid fits all music. A mazurka by Chopin has triplets. **Predict:** which grid will hold it: 4, 8, 6, or 12 to a quarter?

# %%
mazurka = read_notes("chopin/mazurka06-2").notes
rows = np.array([(one.onset, one.onset + one.duration, one.pitch) for one in mazurka])
for grid in (4, 8, 6, 12):
    counted = ledger(rows, grid)
    print(f"{grid:>2} per quarter: {counted['vanished']} vanished, {counted['moved']} moved")

# %% [markdown]
# Finer is not always better: 8 does no better than 4, since thirds of a quarter fall between the lines. Only 12, which both 3 and 4 divide, holds everything.
#
# ## 2.8 A player with feeling
#
# Scores are exact. People are not: they lean on a note, hurry, wait (*rubato*). We have no recording here, so we **simulate** a player: the beat sways to and fro by up to 0.15 seconds, every note is a few hundredths of a second early or late, and each is struck differently.
#
# > **Exercise** [play-with-feeling](../exercises/02_score_to_sound.ipynb#play-with-feeling): play a line in your own way, and hear it.

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
# A little free, as people play. Now we quantise it, and trust the tempo of 96 that the file states. **Predict:** will it sound better, or worse?

# %%
frames = [
    [seconds_to_frames(note.start, bpm=96) for note in voice.notes] for voice in human.instruments
]
right = [[first for first, _, _ in line.notes(voice)] for voice in range(4)]
wrong = np.concatenate(frames) != np.concatenate(right)
print(f"{wrong.sum()} of {len(wrong)} notes begin in the wrong frame")
stiff = quantise(notes_from_midi(human).notes, 4, tempo=96)
Sound(stiff, title="The same, quantised without knowing the beat")

# %% [markdown]
# Worse: it stumbles. Half a frame is 0.08 seconds. The errors of the fingers, some 0.02 seconds, are smaller, and were mended. The sway of the beat, up to 0.15 seconds, is larger, and was mistaken for other rhythms. A grid is of use only if you know where the beat *is*, and a recorded MIDI file seldom says. So performances need another scheme, such as events in seconds, or a program that finds the beat first. Scores like ours say where the beat is.
#
# ## 2.9 Instrument and tempo are data, too
#
# Where in the file is the sound? **Predict:** we write our bar again, for a choir instead of a piano. How many of its bytes change?

# %% tags=["nbval-check-output"]
choir = midi_bytes(midi_from_chorale(bar, programs=[52] * 4))
for place in range(len(data)):
    if data[place] != choir[place]:
        print(f"byte {place}: {data[place]} becomes {choir[place]}")

# %% [markdown]
# Four bytes for a choir: one *program number* for each voice, 0 for the piano, 52 for "choir aahs". That is all that our file says of *timbre*, the colour of a sound. The rest is up to the synthesiser that reads it. Here are organ (19), strings (48) and choir (52), one after the other.

# %%
takes = [Sound(bar, instruments=name).samples for name in ("organ", "strings", "choir")]
Sound(np.concatenate(takes), title="Organ, strings, choir")

# %% [markdown]
# Now the tempo. **Predict:** at 48 instead of 96 quarters per minute everything lasts twice as long. How many bytes change this time?

# %% tags=["nbval-check-output"]
slow = midi_bytes(midi_from_chorale(bar, tempo=48))
places = [place for place in range(len(data)) if data[place] != slow[place]]
before, after = (int.from_bytes(one[places[0] : places[-1] + 1]) for one in (data, slow))
print(f"bytes {places}: {before} becomes {after}")

# %% [markdown]
# Three bytes, which hold one number: the microseconds in a quarter. All ticks stay as they are. So tempo can be left to the player, and a model that writes frames need not learn it.
#
# Last, the *velocity*. Our chorales say nothing about loudness, so every note has the same, 80. A simple rule brings some life: grow louder towards the middle, then fade.

# %%
swell = midi_from_chorale(line)
middle = swell.get_end_time() / 2
for note in [note for voice in swell.instruments for note in voice.notes]:
    note.velocity = round(115 - 85 * abs(note.start - middle) / middle)
Sound(swell, title="Soft, loud, soft")

# %% [markdown]
# And how large is the sound itself? Compare the whole chorale as MIDI, as MP3, and as plain samples, two bytes each:

# %%
size, heard = len(midi_bytes(midi_from_chorale(chorale))), Sound(chorale)
samples = 2 * len(heard.samples)
print(f"MIDI {size:,} bytes, MP3 {len(heard.mp3):,}, samples {samples:,}")
print(f"the samples are {samples / size:.0f} times the size of the MIDI file")

# %% [markdown]
# MIDI is the recipe, not the meal. A model that writes recipes can be small, and run on a laptop: that is the bargain of this course.
#
# ## In three lines
#
# - Page, events, seconds, frames: four forms of one bar. Tempo and resolution lead from one to the next; from pitch to hertz leads a power of two.
# - A grid destroys what is finer than its lines. Sixteenths cost nine notes in all of Bach's chorales, and two out of five in two bars by Mozart.
# - Instrument, tempo and loudness are a few bytes of data; the synthesiser makes the sound.
#
# ## Check yourself
#
# **1.** The resolution is 480 ticks per quarter, the tempo 120 quarters per minute. When does tick 960 sound?
#
# <details><summary>a) After 1 second</summary>Yes. 960 ticks are two quarters, and a quarter lasts half a second.</details>
# <details><summary>b) After 2 seconds</summary>No. That would be so at 60 quarters per minute.</details>
# <details><summary>c) After 8 seconds</summary>No. You may have divided by 120 twice. Ticks by resolution first, then times 60 by tempo.</details>
#
# **2.** Two thirty-seconds in a row begin on a line of the sixteenth grid. What does `quantise` do?
#
# <details><summary>a) It keeps both</summary>No. Together they last one frame, and a frame holds one note of a voice.</details>
# <details><summary>b) One takes the whole frame, the other vanishes</summary>Yes. The first one's end goes up to the next line, where the second one begins and also ends.</details>
# <details><summary>c) Both vanish</summary>No. The first one begins on a line, and its end is moved to the next.</details>
#
# **3.** Somebody stores the pitches of a chorale on a grid of thirty-seconds, but no attacks. What is lost?
#
# <details><summary>a) Nothing: the grid is fine enough</summary>No. However fine it is, held and struck look alike.</details>
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
# <details><summary>b) The beat is not where the file says</summary>Yes. You have to find the beat first.</details>
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
