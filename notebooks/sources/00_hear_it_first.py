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
# > **Time:** about 30 minutes to read and listen, about 30 seconds to run on two processor cores.
# >
# > **You will hear** hymns for four voices: by the model, by Johann Sebastian Bach, and by both.
#
# Press *Run > Run All Cells*, then scroll down and listen. Or run cell by cell with Shift+Enter.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    print("Installing musiclab ...")
    # %pip install --quiet "musiclab @ git+https://github.com/musiclab-course/musiclab"

# %%
from musiclab import PianoRoll, Recipe, Score, Sound, compose, corpus, harmonise, write
from musiclab.music.notes import Note, NoteSequence
from musiclab.show import BachOrModel, Studio

# %% [markdown]
# ## 0.1 A hymn that nobody has heard
#
# The next cell asks a model for eight *bars* (a bar is a group of beats, here four): two lines of a hymn, four bars each. A line ends on a *fermata*, a sign that says: rest here for a moment. Press the play button, and follow the line that moves.

# %%
piece = compose(bars=8, seed=5, fermatas=4)
PianoRoll(piece)

# %% [markdown]
# What you see is a **piano roll**. Time runs to the right, pitch runs up. Every coloured bar is a note; the longer the bar, the longer the note. Four colours, four voices:
#
# | voice | who sings it | what it does |
# |---|---|---|
# | soprano | high women's or children's voices | has the melody |
# | alto | low women's voices | fills in, close below |
# | tenor | high men's voices | fills in |
# | bass | low men's voices | carries the others |
#
# Such a hymn for four voices is called a **chorale**. About four hundred by Bach have come down to us. The model has studied 240 of them, and nothing else. It does not know what a hymn is, or that music makes a sound. It has only learnt which notes tend to follow which.
#
# ## 0.2 The same music, as a score
#
# Musicians write the same thing with five lines. **Predict:** the soprano stands highest in the roll. Where will it stand here?

# %%
Score(piece, bars=(1, 4))

# %% [markdown]
# The soprano is on top again: upper *staff* (the five lines), stems up. The alto shares its staff, stems down. Tenor and bass share the lower one. A notehead further up is a higher sound; a filled head lasts one beat, a hollow one two, and heads joined by a beam share a beat. You need not read scores in this course. It is enough to see that roll and score tell the same story.
#
# ## 0.3 One number for daring
#
# For each next note, the model gives every pitch a probability. Then it draws lots. **Temperature** bends these probabilities before the draw: below 1 it favours the favourites, above 1 it gives outsiders a chance.
#
# **Predict:** below, the model writes four bars three times, from the same seed, at temperature 0.5, 1.0 and 1.5. Which one will bore you? Which one will sound wrong?

# %%
Sound(compose(bars=4, seed=3, temperature=0.5), title="temperature 0.5")

# %%
Sound(compose(bars=4, seed=3, temperature=1.0), title="temperature 1.0")

# %%
Sound(compose(bars=4, seed=3, temperature=1.5), title="temperature 1.5")

# %% [markdown]
# How busy are they? Let us count the notes that are struck.

# %%
for temperature in (0.5, 1.0, 1.5):
    bars = compose(bars=4, seed=3, temperature=temperature)
    print(f"temperature {temperature}: {bars.attacks.sum()} notes")

# %% [markdown]
# The first is safe, and holds its notes longest. The last one wanders off: unlikely notes are chosen, and the next choice has to make sense of them. Between them lies the music. Notebook 12 will open up this knob and several others.
#
# ## 0.4 The same again, please
#
# Chance inside a computer starts from a number, the **seed**. The same seed and the same settings give the same piece, every time. So a piece can be sent to a friend as one line of text.

# %% tags=["nbval-check-output"]
again = Recipe.parse(piece.source).compose()
print("The same piece:", again == piece)

# %%
piece.source

# %% [markdown]
# Change one digit of the seed, and everything changes. The model has no favourite piece: it has a *distribution* over pieces, and a seed picks one.
#
# ## 0.5 Begin like Bach
#
# Now we give the model a beginning: the first two bars of a chorale from the *test set*, pieces that it has never seen. It goes on from there. First the model's way:

# %%
bach = next(one for one in corpus("test") if len(one) > 128 and one.beats[0] == 0)
continued = compose(prompt=bach, prompt_bars=2, bars=6, seed=8)
PianoRoll(continued, title=f"Two bars of {bach.title}, four by the model")

# %% [markdown]
# And here is what Bach wrote. Both begin alike, for two bars.

# %%
Sound(bach.excerpt(0, 96), title=f"{bach.title}, by Bach")

# %% [markdown]
# **Explain:** does the model keep the pace of the first two bars? Does it stay in the key, that is, on the same home note? Is there a moment where it loses the thread? There is no right answer here, but notebook 13 will ask it again, with numbers.
#
# ## 0.6 Harmonise a tune
#
# The soprano can be yours. Below is the beginning of a melody by Beethoven that you may know. Letters would do for a singer; the model wants MIDI numbers, where 60 is the C in the middle of the piano and each step up is one key further, black keys counted. (We add 7 to move the tune up to where sopranos sing.)

# %%
tune = [64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64, 62, 60, 60]
quarters = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2]
onsets = [sum(quarters[:place]) for place in range(len(quarters))]
notes = [
    Note(onset=onset, duration=length, pitch=pitch + 7)
    for onset, length, pitch in zip(onsets, quarters, tune, strict=True)
]

# %%
hymn = harmonise(NoteSequence(notes=tuple(notes)), seed=2)
PianoRoll(hymn, title="Beethoven's tune, the model's harmony")

# %% [markdown]
# The soprano is exactly what you typed; alto, tenor and bass are new. Change a number in `tune`, run the two cells again, and listen to what the other voices make of it.
#
# ## 0.7 The studio
#
# Everything so far, with controls. Move a slider, press **Compose**. Two things are new. *Key* names the home note of the piece and its scale, bright (*major*) or dark (*minor*). And two voices that move in lockstep, in *parallel fifths or octaves*, are what teachers of harmony mark first: a tick forbids it. *Another seed* keeps the settings and draws again. The two *Save* buttons give you files: MIDI plays in any music program, MusicXML opens in any score editor.

# %%
openings = {one.title: one for one in corpus("test")[:8] if one.time_signature == "4/4"}
studio = Studio(seed=11, bars=4, prompts=openings)
studio

# %% [markdown]
# Files can be written from code, too. The MIDI file is tiny, about one kilobyte: it holds notes, not sound.

# %%
for name in ("my_chorale.mid", "my_chorale.musicxml"):
    write(piece, name)

# %% [markdown]
# ## 0.8 Bach or model?
#
# Three times four bars. Each was either written by Bach, in a piece that the model never saw, or composed by the model just now. A coin decided. All are played on the same instrument at the same speed. Listen, then press a button.

# %%
BachOrModel(rounds=3, seed=4)

# %% [markdown]
# Could you tell? What gave it away? Write it down in a few words, before you read on. Listeners often name the *ending* of a phrase, or a moment when two voices get in each other's way. Three guesses prove nothing: a coin gets all three right once in eight games. In notebook 13 you will run this test properly, with enough rounds to measure how sure you can be.
#
# ## 0.9 What you just heard
#
# Time is cut into slices of a sixteenth note, sixteen to a bar; we call a slice a **frame**. For each frame, the model looks back at all frames before it and says how probable each pitch is for the soprano. One is drawn. Then, knowing the soprano, it does the same for the alto, then for the tenor, then for the bass. Then the next frame. That is all it ever does:
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
# Is the model good, or does it only sound nice? We can ask it how *surprised* it is by music that it never saw. Unlike an ear, this test can be repeated by anyone:
#
# - Knowing nothing, a guess among 47 possible values costs 3.85 *nats* a note. (A nat is a unit of surprise; less is better. Notebook 4 builds it from scratch.)
# - Knowing only which note each voice just sang, one gets down to about 0.94 on Bach's chorales.
# - The sister of the model that plays here, `bach-grid`, needs 0.333 on pieces that it never saw. The best published model that we know of, Music Transformer, needs 0.335.
#
# `musiclab evaluate --benchmark jsb`, in a terminal, measures ours again and prints it beside the others. It takes a quarter of a minute.
#
# ## 0.10 Where this goes
#
# The course builds this model by hand, piece by piece, and the code that you build *is* the library that played to you:
#
# - **Notes as data** (1 to 4): read a Bach score, turn it into MIDI, into tokens; find out how far one gets by counting.
# - **The Transformer** (5 to 7): attention, position, the whole thing; equal to PyTorch's own, number by number.
# - **Training and sampling** (8 to 10): teach it, on a laptop or a GPU; then make it sing.
# - **Did it work?** (11): measures, and why ears and measures disagree.
#
# ## In three lines
#
# - A chorale is four voices; a computer can hold it as a table, one row a sixteenth, one column a voice.
# - The model writes by drawing one note after another, each by a probability learnt from Bach.
# - Temperature, seed, first bars and a given melody steer the draw; the model stays the same.
#
# ## Check yourself
#
# **1.** You compose twice with the same seed and settings. What do you get?
#
# <details><summary>a) Two similar pieces</summary>No. Every draw comes from the same numbers, so nothing can differ.</details>
# <details><summary>b) The same piece twice</summary>Yes. The seed fixes every draw. We checked it in 0.4.</details>
# <details><summary>c) It depends on the temperature</summary>No. The temperature changes the piece, but the same temperature gives the same piece.</details>
#
# **2.** At a temperature close to 0, what will the model do?
#
# <details><summary>a) Play almost nothing</summary>No. It still chooses one value for every frame and voice.</details>
# <details><summary>b) Always take the likeliest note</summary>Yes. Low temperature makes the favourite win nearly every time. Often that means: hold the note.</details>
# <details><summary>c) Play more slowly</summary>No. Temperature changes which notes are drawn. The tempo is another setting.</details>
#
# **3.** Which voice is drawn last in each frame?
#
# <details><summary>a) The soprano</summary>No. It is drawn first; the others know it when their turn comes.</details>
# <details><summary>b) The bass</summary>Yes. It is chosen when the three voices above it are already known.</details>
# <details><summary>c) All at once</summary>No. Then two voices could not take care of each other.</details>
#
# **4.** When the model continues Bach's two bars, what does it know of the rest of his piece?
#
# <details><summary>a) Everything: it was trained on Bach</summary>No. It was trained on other chorales. This one is from the test set.</details>
# <details><summary>b) Nothing</summary>Yes. It sees two bars, and goes on as chorales usually do.</details>
# <details><summary>c) The melody</summary>No. Only `harmonise` is given a melody.</details>
#
# **5.** You guessed three riddles out of three. What does that show?
#
# <details><summary>a) That you can tell Bach from the model</summary>Perhaps you can, but a coin does as well once in eight games.</details>
# <details><summary>b) That the model is bad</summary>No. It shows nothing about the model that three coin tosses could not.</details>
# <details><summary>c) Little: three rounds are too few</summary>Yes. Notebook 13 works out how many would do.</details>
#
# ## Read on
#
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762): the Transformer.
# - Huang and others (2018), [Music Transformer](https://arxiv.org/abs/1809.04281): the Transformer learns to compose.
# - Hadjeres, Pachet and Nielsen (2017), [DeepBach](https://arxiv.org/abs/1612.01010): chorales by a neural network, and a listening test with more than a thousand people.
# - Cuthbert and Ariza (2010), [music21](https://www.music21.org): the toolkit, and the collection of scores, that all our chorales come from.
#
# **What you can do now that you could not do before:** make a computer compose a chorale, steer it, send it to a friend as one line, and say what the machine did.
#
# [1 · Scores →](01_scores.ipynb)
