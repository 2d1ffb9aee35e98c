# %% [markdown]
# # 0 · Hear it first
#
# [1 · Scores →](01_scores.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/00_hear_it_first.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/00_hear_it_first.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - play music that a small Transformer composes while you wait,
# > - read it as a score and as a moving piano roll,
# > - steer it: temperature, seed, first bars, a melody of your own,
# > - guess three times: Bach or model?
# > - say in plain words what the model does, one note at a time.
# >
# > **You need** nothing: no music theory, no network, no GPU. It helps to have met Python.
# >
# > **Time:** about 35 minutes to read and listen, about 40 seconds to run on two processor cores.
# >
# > **You will hear** hymns for four voices: by the model, by Johann Sebastian Bach, and by both.
#
# Click into the first grey cell below, and press Shift+Enter: that runs the cell and moves on to the next. The first music comes with the third cell. (*Run > Run All Cells* runs everything at once, and leaves you at the music at the end; then scroll back up to here.)

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import numpy as np

from musiclab import (
    PianoRoll,
    Score,
    Sound,
    compose,
    corpus,
    harmonise,
    load_checkpoint,
    replay,
    write,
)
from musiclab.sampling import compose_many
from musiclab.show import BachOrModel, Studio

# %% [markdown]
# ## 0.1 A hymn that nobody has heard
#
# The next cell asks a model for eight *bars* (a bar is a group of beats, here four): two lines of a hymn, four bars each. A line ends on a *fermata*, a sign that tells the singers to linger for a moment. Press the play button, and follow the line that moves.

# %%
piece = compose(bars=8, seed=5, fermatas=4)
PianoRoll(piece)

# %% [markdown]
# What you see is a **piano roll**. Time runs to the right, pitch runs up. Every coloured bar is a note; the longer the bar, the longer the note. Four colours, four voices:
#
# | voice | who sings it | what it does |
# |---|---|---|
# | soprano | high women's or children's voices | has the melody |
# | alto | low women's voices | fills in the harmony |
# | tenor | high men's voices | fills in the harmony |
# | bass | low men's voices | is the ground on which the others stand |
#
# Such a hymn for four voices is called a **chorale**. About four hundred by Bach have come down to us. The model has studied 240 of them, and no other music. It does not know what a hymn is, or that music makes a sound: to the model, notes are numbers. It has learnt how likely each number is to come next, given the numbers before it and a few facts about the piece. (0.9 says which.)
#
# ## 0.2 The same music, as a score
#
# Musicians write the same thing on five lines. **Predict:** the soprano is mostly on top in the roll. Where will it be here?

# %%
Score(piece, bars=(1, 4))

# %% [markdown]
# The soprano is on top again: on the upper *staff* (the five lines), stems up. The alto shares its staff, stems down. Tenor and bass share the lower one. A notehead further up is a higher sound. A filled head with a stem lasts one beat, a hollow one two, and two heads joined by a beam half a beat each. You need not read scores in this course. It is enough to see that roll and score tell the same story.
#
# ## 0.3 A tune of your own
#
# The soprano can be yours. Type a tune by the names of its notes, and the model writes the other three voices under it. Each note is a letter and the number of its *octave*, the group of keys from one C to the next: C4 is the C in the middle of the piano, and after B4 comes C5. The number after the colon is the length in beats; it holds until another one stands. Here is a line of the *Ode to Joy*, from Beethoven's Ninth Symphony: its second line, the one that comes home at the end.

# %%
tune = "B4:1 B4 C5 D5 D5 C5 B4 A4 G4 G4 A4 B4 A4:1.5 G4:0.5 G4:2"
hymn = harmonise(tune, seed=2)
PianoRoll(hymn, title="Ode to Joy: Beethoven's tune, the model's harmony")

# %% [markdown]
# The soprano is exactly what you typed; alto, tenor and bass are new. Change a few notes, run the cell again, and listen to what the other voices make of it.
#
# The model has to know the *key* of a tune, that is, its home note and whether its scale is bright (*major*) or dark (*minor*). If you do not say it, `harmonise` looks at the notes, and asks you where they leave it open. Then add it: `harmonise(tune, key="D minor")`.
#
# Thousands of folk tunes stand on the web in *ABC*, which writes music with plain letters. **Predict:** what might `M`, `L` and `K` say in this one?

# %%
amazing_grace = """
T:Amazing Grace
M:3/4
L:1/4
K:G
D | G2 B/G/ | B2 A | G2 E | D2 D | G2 B/G/ | B2 A | G3- | G2 |]
"""
PianoRoll(harmonise(amazing_grace, seed=4))

# %% [markdown]
# `M` is the *metre*: three beats in a bar. `L` is the length of a plain letter, here one beat, and `K` is the key, G major. Small letters are an octave higher than capitals, a number makes a note longer, and a slash makes it shorter. The first note is a *pickup*: it comes before the first full bar. Paste a tune that you like, or give `harmonise` the name of a file: `harmonise("my_tune.abc")`, or a MIDI file.
#
# ## 0.4 One number for daring
#
# For each note, the model first gives every pitch a probability. Then it draws one of them at random, the likely ones more often. **Temperature** bends the probabilities before the draw: below 1 it favours the favourites, above 1 it gives outsiders a chance.
#
# One piece proves little. So the model writes eight, of four bars each, at temperature 0.5, 1.0 and 1.5. We count their notes, and of each eight we play one from the middle of the count.

# %%
middle = {}
for temperature in (0.5, 1.0, 1.5):
    many = compose_many(bars=4, seed=3, temperature=temperature, candidates=8)
    pieces = sorted((one.chorale for one in many), key=lambda one: one.attacks.sum())
    middle[temperature] = pieces[4]
    counts = [one.attacks.sum() for one in pieces]
    print(f"temperature {temperature}: {np.mean(counts):.0f} notes on average", end="")
    print(f", from {counts[0]} to {counts[-1]}")

# %% [markdown]
# **Predict:** which one will bore you? Which one will sound wrong?

# %%
PianoRoll(middle[0.5], title="temperature 0.5")

# %%
PianoRoll(middle[1.0], title="temperature 1.0")

# %%
PianoRoll(middle[1.5], title="temperature 1.5")

# %% [markdown]
# On average, the cooler, the fewer notes: to hold a note is usually the likeliest choice, and a cool model makes it again and again. At a high temperature the music wanders off: unlikely notes are drawn (or a silence, which then goes on), and whatever comes next has to make sense of them. The music lies in between. Notebook 12 will show how this knob and several others work.
#
# ## 0.5 The same again, please
#
# A computer's random numbers start from a number of our choice, the **seed**. On the same machine, the same seed and the same settings give the same piece, every time. So you can send a friend a piece as one line of text, its *recipe*. (Another machine rounds a little differently. Now and then a note will differ.)

# %% tags=["nbval-check-output"]
again = replay(piece.source)
print("The same piece:", again == piece)

# %%
piece.source

# %% [markdown]
# Change one digit of the seed, and everything changes. The model does not know one piece, or a hundred. It makes some pieces likely and others unlikely (a *distribution* over pieces), and the seed picks one.
#
# ## 0.6 Begin like Bach
#
# Now we give the model a beginning: the first two bars of a chorale that was kept out of its training. It goes on from there. First the model's way:

# %%
kept_out = [one for one in corpus("valid") if one.time_signature == "4/4"]
kept_out = [one for one in kept_out if one.beats[0] == 0 and len(one) > 128]  # no pickup, long
bach = kept_out[0]
continued = compose(prompt=bach, prompt_bars=2, bars=6, seed=8)
PianoRoll(continued, title=f"Two bars of {bach.title}, four by the model")

# %% [markdown]
# And here is what Bach wrote. For two bars, the two are the same.

# %%
Sound(bach.excerpt(0, 96), title=f"{bach.title}, by Bach")

# %% [markdown]
# **Explain:** does the model keep the pace of the first two bars? Does it keep to the key, that is, to the same home note? Is there a moment where it loses the thread? There is no right answer here, but notebook 13 will ask again, with numbers.
#
# ## 0.7 The studio
#
# Here is everything so far, with controls, on three tabs. *Compose* does what you did above. *Harmonise* takes a tune that you type, play on its keys or upload. *Rewrite* writes notes that you mark anew, and keeps the others. Move a slider, then press **Compose**: you hear the music while it is written. One thing is new: teachers of harmony strike out two voices that move in lockstep, in *parallel fifths or octaves*: tick the box to forbid that. *Another seed* keeps the settings and draws again. The *Save* buttons give you files: MIDI plays in any music program, MusicXML opens in any score editor, MP3 plays everywhere. *Recipe* unfolds the line that writes the piece again.

# %%
Studio(seed=11, bars=4, prompts={one.title: one for one in kept_out[:8]})

# %% [markdown]
# Files can be written from code, too. The MIDI file is tiny, since it holds notes, not sound.

# %%
for name in ("my_chorale.mid", "my_chorale.musicxml"):
    path = write(piece, name)
    print(name, path.stat().st_size, "bytes")

# %% [markdown]
# ## 0.8 Bach or model?
#
# Three times four bars. For each, a coin decided: either Bach wrote them, in a piece that was kept out of the training, or the model composed them just now. All are played on the same instrument at the same speed. Listen, then press a button.

# %%
BachOrModel(rounds=3, seed=4, pieces=kept_out)

# %% [markdown]
# Could you tell? What gave it away? Write it down in a few words before you read on. Was it the end of a line? Two voices in each other's way? Three guesses prove nothing: a coin gets all three right once in eight games. In notebook 13 you will run this test properly, with enough rounds to say how sure you can be.
#
# ## 0.9 What you just heard
#
# Time is cut into slices of a sixteenth note, sixteen to a bar of four beats; we call a slice a **frame**. For each frame, the model looks back at all frames before it and says how probable each pitch is for the soprano. One is drawn. Then, knowing the soprano, it does the same for the alto, then for the tenor, then for the bass. Then comes the next frame. That is all it ever does:
#
# 1. **Look back** at what there is. The part that decides *where* to look is called *attention* (notebook 6).
# 2. **Score** every possible next note. The numbers that do this were learnt from Bach's chorales (notebook 9).
# 3. **Draw** one note by its probability, and go back to 1 (notebook 12).
#
# So our eight bars took this many draws:

# %% tags=["nbval-check-output"]
frames, voices = piece.pitches.shape
print(f"{frames} frames x {voices} voices = {frames * voices} draws")

# %% [markdown]
# Beside the notes so far, what is the model told about each frame? A shipped model can say it itself:

# %%
print(load_checkpoint("bach-studio").conditions.names)

# %% [markdown]
# It is told where in the bar the frame is (*beat*), whether a line ends here (*fermata*), the *key*, and how much of the piece is still to come (*remaining*). All else it has to work out from the notes. And its training had one more teacher than Bach: it was penalised for leaning towards a few faults that textbooks of harmony forbid, such as parallel fifths. Notebook 10 builds the model, rung by rung.
#
# Is the model good, or does it only sound nice? Your ears have given a first answer. Notebook 4 builds a yardstick that anyone can use again: how *surprised* is a model by music that it has never seen? Notebook 13 holds the two answers against each other.
#
# ## 0.10 Where this goes
#
# The course builds this model by hand, piece by piece:
#
# - **Notes as data** (1 to 3): read a Bach score, turn it into MIDI, then into numbers for a model.
# - **A yardstick** (4 and 5): how far can one get by counting, and what is a fair test?
# - **The Transformer** (6 to 9): attention, position, the whole model, and how it learns.
# - **The model that sings** (10): from there to the model you just heard. At the end, your own class writes the same chorale as the library's, note for note.
# - **Faster, freer, better?** (11 to 13): a GPU, the studio from inside, and the question whether it worked.
#
# ## In three lines
#
# - A chorale has four voices; a computer can hold it as a table, with a row for each sixteenth and a column for each voice.
# - The model writes by drawing one note after another, each with a probability learnt from Bach.
# - Temperature, seed, first bars and a given melody steer the draw; the model stays the same.
#
# ## Check yourself
#
# **1.** You compose twice with the same seed and settings. What do you get?
#
# <details><summary>a) Two similar pieces</summary>No. Every draw comes from the same numbers, so nothing can differ.</details>
# <details><summary>b) The same piece twice</summary>Yes, on the same machine. The seed fixes every draw. We checked it in 0.5.</details>
# <details><summary>c) It depends on the temperature</summary>No. Another temperature gives another piece, but the same temperature gives the same piece.</details>
#
# **2.** At a temperature close to 0, what will the model do?
#
# <details><summary>a) Play almost nothing</summary>No. It still chooses one value for every frame and voice.</details>
# <details><summary>b) Nearly always take the likeliest note</summary>Yes. A low temperature makes the favourite win nearly every time. Often that means: hold the note.</details>
# <details><summary>c) Play more slowly</summary>No. Temperature changes which notes are drawn. The tempo is another setting.</details>
#
# **3.** Which voice is drawn last in each frame?
#
# <details><summary>a) The soprano</summary>No. It is drawn first; the others know it when their turn comes.</details>
# <details><summary>b) The bass</summary>Yes. It is chosen when the three voices above it are already known.</details>
# <details><summary>c) None: all four are drawn at once</summary>No. Then no voice could take the others into account.</details>
#
# **4.** When the model continues Bach's two bars, what does it know of the rest of his piece?
#
# <details><summary>a) Everything: it was trained on Bach</summary>No. It was trained on other chorales. This one was kept out.</details>
# <details><summary>b) Its key and its metre, but not a note</summary>Yes. It sees two bars and a few facts, and goes on as chorales usually do.</details>
# <details><summary>c) The melody</summary>No. Only `harmonise` is given a melody.</details>
#
# **5.** You got three riddles out of three right. What does that show?
#
# <details><summary>a) That you can tell Bach from the model</summary>Perhaps you can. But a coin does as well once in eight games.</details>
# <details><summary>b) That the model is bad</summary>No. Three lucky tosses of a coin would look the same.</details>
# <details><summary>c) Little: three rounds are too few</summary>Yes. Notebook 13 works out how many are enough.</details>
#
# ## Read on
#
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762): the paper that introduced the Transformer.
# - Huang and others (2018), [Music Transformer](https://arxiv.org/abs/1809.04281): a Transformer that learns to compose.
# - Hadjeres, Pachet and Nielsen (2017), [DeepBach](https://arxiv.org/abs/1612.01010): chorales by a neural network, and a listening test with more than a thousand people.
# - Cuthbert and Ariza (2010), [music21](https://www.music21.org): the toolkit, and the collection of scores, that all our chorales come from.
#
# **What you can do now that you could not do before:** make a computer compose a chorale, steer it, send it to a friend as one line, and say in plain words what the machine did.
#
# ## Once more
#
# The hymn of 0.1 again, to end with, or to begin with if you chose *Run All Cells*: press play, then scroll up and read how it was made.

# %%
PianoRoll(piece)

# %% [markdown]
# [1 · Scores →](01_scores.ipynb)
