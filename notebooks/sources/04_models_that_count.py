# %% [markdown]
# # 4 · Baselines and a fair split
#
# [← 3 · Tokens](03_tokens.ipynb) · [6 · Attention →](06_attention.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/04_models_that_count.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/04_models_that_count.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - build models that do nothing but count, and hear each one compose,
# > - measure surprise in nats, bits and perplexity, and know why accuracy flatters,
# > - climb a ladder of models, and see where a Transformer stands on it,
# > - plant four leaks that make a bad model look great, and catch every one.
# >
# > **You need** notebook 3: pieces as a table of frames and voices. No network, no GPU.
# >
# > **Time:** about 45 minutes to read and listen, about 40 seconds to run on two processor cores.
# >
# > **You will hear** six ways to imitate Bach by counting, one chorale under two names, and a record-breaking model that has nothing to say.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    print("Installing musiclab ...")
    # %pip install --quiet "musiclab @ git+https://github.com/musiclab-course/musiclab"

# %%
import math

import numpy as np
import torch
from IPython.display import display

from musiclab import Chorale, PianoRoll, Sound, compose, corpus, nats_per_note, read_chorale
from musiclab.evaluate import KneserNey, RepeatBaseline, in_every_key, inputs_that_know
from musiclab.evaluate.baseline import columns_of
from musiclab.evaluate.baselines import BigramBaseline, UniformBaseline, UnigramBaseline
from musiclab.evaluate.kneser_ney_table import KneserNeyTable, discounts
from musiclab.evaluate.leaks import shared_passages, split_pieces
from musiclab.music.benchmark import LADDER
from musiclab.music.chorale import VOICES
from musiclab.show.figure import Figure, empty_plot
from musiclab.show.plots import SERIES_COLOURS, plot_bars, plot_distribution

rng = np.random.default_rng(0)

# %% [markdown]
# ## 4.1 Markov's Bach
#
# In 1913 Andrei Markov counted vowels and consonants in Pushkin's *Eugene Onegin*: how often does one follow the other? We do the same with Bach's chorales. For each voice, count how often each pitch follows each pitch. Then draw lots by these counts, one 16th note (a *frame*) after another. That is a **bigram** model, the smallest composer that deserves the name.
#
# **Predict:** each voice will move like one of Bach's. What will be missing?

# %%
train, valid = corpus("train", progress=False), corpus("valid", progress=False)
markov = BigramBaseline(train)
PianoRoll(markov.sample(64, seed=5), title="Markov's Bach")

# %% [markdown]
# Each voice alone is nearly believable: small steps, long notes. Together they are strangers in one room. They move whenever they like, and no chord is meant. The model cannot do better, because no voice hears another, and nobody counts beats.
#
# How bad is that, in a number? And what would be good? That is the subject of this notebook.
#
# ## 4.2 Surprise
#
# Let a model look at music that it has never seen, one note at a time. Before each note it gives every pitch a probability. The note comes, and had probability `p`. We charge the model `-log p`: nothing if it was certain, a lot if it thought the note impossible. This is the **negative log-likelihood**, NLL. Averaged over all notes it is the one number of this course.
#
# The simplest model looks at nothing and only knows how often each pitch occurs: a **unigram** model. Let us make one for the soprano, by hand. (Pitches become columns of a table: 0 is a rest, 1 + MIDI number a pitch.)


# %%
def soprano(pieces):
    return [columns_of(piece.pitches)[:, 0] for piece in pieces]


counts = np.bincount(np.concatenate(soprano(train)), minlength=129) + 1e-3
unigram = counts / counts.sum()
held_out = np.concatenate(soprano(valid))
print(f"soprano, unigram: {-np.log(unigram[held_out]).mean():.2f} nats a note")
print(f"soprano, 47 values alike: {math.log(47):.2f} nats a note")
plot_distribution(np.arange(129) - 1, unigram, title="How often does the soprano sing each pitch?")

# %% [markdown]
# 47 is what the voices can do in this corpus: 46 pitches and the rest. A pure guess costs `log 47` = 3.85. The natural logarithm gives **nats**; three other units say the same thing:
#
# - **bits**: nats / log 2. One bit is the answer to one yes-or-no question.
# - **perplexity**: e to the power of nats. A model with perplexity 7 is as unsure as somebody who guesses among 7 pitches that are all alike.
# - **bits a frame**: four voices make a frame, so four times the bits a note.
#
# **Predict:** the bigram model of 4.1 costs about 0.95 nats a note. Among how many pitches does it hesitate?

# %%
guesses = {
    "uniform": UniformBaseline(train).nats_per_note(valid),
    "unigram": UnigramBaseline(train).nats_per_note(valid),
    "bigram": markov.nats_per_note(valid),
}
print("model     nats/note  bits/note  perplexity  bits/frame")
for name, nats in guesses.items():
    bits = nats / math.log(2)
    print(f"{name:9} {nats:9.2f}  {bits:9.2f}  {math.exp(nats):10.1f}  {4 * bits:10.1f}")

# %% [markdown]
# From 47 candidates to under three, by knowing a single note. These are means over all four voices of 75 chorales kept aside: the *validation set*. Now hear the two lowest rungs. The unigram knows how high each voice sings, and nothing else.

# %%
display(Sound(UniformBaseline(train).sample(24, seed=1), title="3.9 nats: uniform"))
display(Sound(UnigramBaseline(train).sample(24, seed=1), title="2.7 nats: unigram"))

# %% [markdown]
# ## 4.3 The bigram by hand
#
# Row: the pitch before. Column: the pitch now. Count, then divide each row by its sum.

# %%
pairs = np.zeros((129, 129))
for line in soprano(train):
    np.add.at(pairs, (line[:-1], line[1:]), 1)
raw = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)

# %% [markdown]
# **Predict:** the soprano has just sung B4 (MIDI 71). What comes in the next 16th?

# %%
after_b = {"anywhere": unigram, "after B4": raw[1 + 71]}
plot_distribution(np.arange(129) - 1, after_b, title="Which pitch comes next?", smallest=0.01)

# %% [markdown]
# B4 again, most of the time: notes are longer than a 16th. The rest goes to the neighbours. Now the trap. Some steps of the validation pieces never occur in training.

# %%
new_steps = sum(int((raw[line[:-1], line[1:]] == 0).sum()) for line in soprano(valid))
print(new_steps, "steps were never heard: probability 0, infinite surprise")

# %% [markdown]
# One such step, and the mean is infinite. So we **smooth**: imagine that after every pitch we had heard one note more, spread over all pitches as the unigram has them. The textbook's way, adding 1 to every count, is the exercise.

# %% tags=["nbval-check-output"]
smooth = (pairs + markov.unigram.probabilities[0]) / (pairs.sum(axis=1, keepdims=True) + 1)
np.allclose(smooth, markov.probabilities[0])

# %% [markdown]
# The library's bigram for the soprano is exactly this. And NLL is what PyTorch calls cross-entropy:

# %% tags=["nbval-check-output"]
line = soprano(valid)[0]
ours = -np.log(smooth[line[:-1], line[1:]]).mean()
logits, targets = torch.from_numpy(np.log(smooth[line[:-1]])), torch.from_numpy(line[1:])
np.allclose(ours, torch.nn.functional.cross_entropy(logits, targets).item())

# %% [markdown]
# > **Exercise** [bigram-probabilities](../exercises/README.md#bigram-probabilities): count pairs of ids and smooth them with `alpha`.
#
# > **Exercise** [mean-nll](../exercises/README.md#mean-nll): compute the loss from logits, and do not charge for padding.
#
# ## 4.4 Why accuracy flatters
#
# Why not simply count how often the favourite was right? **Predict:** a "model" repeats the last pitch, always. How often is it right?

# %%
stays = np.concatenate([piece.pitches[1:] == piece.pitches[:-1] for piece in valid])
print(f"right in {stays.mean():.0%} of all notes")
drone = np.tile(valid[0].pitches[:1], (32, 1))
Sound(Chorale(pitches=drone), title="How it composes")

# %% [markdown]
# More than three quarters right, and that is its music. Accuracy asks only for the favourite. All music lies in the moments when the favourite, "hold", is wrong, and there this composer is *certain* of the wrong thing: its NLL is infinite. NLL charges for misplaced confidence; accuracy does not see it.
#
# Yet holding is worth knowing, if we also know *when*. Voices move on the beat more than between beats:

# %%
repeat = RepeatBaseline(train)
print(f"bigram {guesses['bigram']:.3f}, hold by the beat {repeat.nats_per_note(valid):.3f}")
display(Sound(repeat.sample(48, seed=1), title="Hold by the beat"))
places = dict(zip(("on the beat", "2nd 16th", "half-way", "4th 16th"), repeat.stays.T, strict=True))
chart = plot_bars(VOICES, places, title="How often is the pitch held?", x="voice", y="share")
chart.canvas.axes[0].set(ylim=(0, 1.6), yticks=(0, 0.5, 1))  # room for the legend
chart

# %% [markdown]
# A model that knows the *time* but not the *melody* (when it moves, it moves by the unigram) beats the bigram.
#
# ## 4.5 Longer memory
#
# Now write the four voices as one stream: S A T B S A T B ... The next note is guessed from the last `n - 1` notes: an **n-gram**. **Predict:** more memory must be better. Always?

# %%
orders = (2, 3, 5, 8, 12)
in_stream = [KneserNey.in_stream(train, order).nats_per_note(valid) for order in orders]
plot_bars(orders, in_stream, title="Memory in one stream", x="notes in an n-gram", y="nats a note")

# %% [markdown]
# The great leap comes at 5: only with four notes back does a note see *its own voice* one frame before. Then it gets flat. A longer context tells more, but more of them were never heard:


# %%
def contexts(pieces, n):
    streams = [piece.pitches.reshape(-1) for piece in pieces]
    return [tuple(s[i : i + n].tolist()) for s in streams for i in range(len(s) - n)]


for n in (1, 4, 7, 11):
    known = set(contexts(train, n))
    heard = [context in known for context in contexts(valid, n)]
    print(f"{n:2} notes before: {np.mean(heard):.0%} were heard in training")

# %% [markdown]
# So a good model uses the long context where it knows it, and otherwise **backs off** to a shorter one. The best recipe for counts is by Kneser and Ney (1995). It has two ideas.
#
# 1. **Discount.** Take a little off every count. What was seen once was partly luck. The savings go to the shorter context.
# 2. **In the shorter context, count company, not occurrences.** A pitch that follows many different pitches is a good guess in a new situation; a pitch that is sung often, but always in the same turn, is not.
#
# C#5 and E-flat 5 show the second idea. One is sung far more often. But after how many different pitches?

# %%
steps = pairs * (1 - np.eye(129))  # only where the soprano moves
for name, pitch in (("C#5", 73), ("E-flat 5", 75)):
    column = steps[:, 1 + pitch]
    print(f"{name:8}: sung {column.sum():.0f} times, after {(column > 0).sum()} pitches")

# %% [markdown]
# Both ideas by hand, for one note of context. `company` takes the place of the unigram's counts; `left` times the shorter context fills what the discount left.


# %%
def shares(counts):
    """What is left after the discount, and what is left over; each row sums to 1."""
    taken = discounts(counts[counts > 0])[np.minimum(counts, 3)]
    total = np.maximum(counts.sum(-1, keepdims=True), 1)
    return (counts - taken) / total, taken.sum(-1, keepdims=True) / total


company = (pairs > 0).sum(axis=0)
own, left = shares(company)
alone = own + left / 129
own, left = shares(pairs.astype(int))
by_hand = own + left * alone

# %% tags=["nbval-check-output"]
before, now = (
    np.concatenate([line[a:b] for line in soprano(train)]) for a, b in ((0, -1), (1, None))
)
table = KneserNeyTable(before[:, None], now, 129)
rows = [table.distribution(np.array([pitch]), np.full(129, 1 / 129)) for pitch in (68, 72, 75)]
np.allclose(by_hand[[68, 72, 75]], rows)

# %% [markdown]
# The library applies this at every length, with three sizes of discount (Chen and Goodman 1999). One trick more: chords relate in the same way in every *key*, whichever note is home. So each training piece is counted in all keys that its voices can sing.

# %%
everywhere = in_every_key(train)
flat = KneserNey.in_stream(everywhere, order=8)
print(len(train), "pieces become", len(everywhere))
print(f"order 8: {in_stream[3]:.3f} nats in one key, {flat.nats_per_note(valid):.3f} in all keys")
Sound(flat.sample(64, seed=2), title="Kneser-Ney in one stream: chords, but no beat")

# %% [markdown]
# Now the voices hear each other: there are *chords*, notes that fit. But memory ends after two 16ths, and nobody counts beats.
#
# ## 4.6 Choose what to look at
#
# Nothing says that the *latest* notes matter most. Ask a singer: what did I sing just now? Where in the beat are we? What does the voice above sing now? What did the bass do? The same Kneser-Ney, with contexts ordered by **relevance** for each voice:

# %%
best = KneserNey(everywhere)
for clues in best.clues:
    print(" > ".join(str(clue) for clue in clues[:6]), "...")
print(f"{best.nats_per_note(valid):.3f} nats a note")
PianoRoll(best.sample(64, seed=4), title="Kneser-Ney by relevance")

# %% [markdown]
# The same pieces, the same recipe, and more than a third of the surprise is gone, only because it looks in the right places. We found this order by trying, on training pieces set aside (the first three drafts had met validation and test, a small sin). **Attention**, in the next notebook, *learns* where to look, anew for every note.
#
# ## 4.7 The ladder
#
# Everything on one scale. Blue: counted above. Orange-red: the Transformer that ships with this course, measured now on the same pieces. White: published results, quoted.

# %%
counted = {
    "uniform": guesses["uniform"],
    "unigram": guesses["unigram"],
    "bigram": guesses["bigram"],
    "hold by the beat": repeat.nats_per_note(valid),
    "Kneser-Ney, in one stream": flat.nats_per_note(valid),
    "Kneser-Ney, by relevance": best.nats_per_note(valid),
}
quoted = {rung.model: rung.valid for rung in LADDER if "Huang" in rung.source}
quoted["relative, with pitch and time"] = quoted.pop("the same, with pitch and time")
ours = {"bach-grid, our Transformer": nats_per_note(valid)}

# %%
ladder = sorted((counted | quoted | ours).items(), key=lambda rung: -rung[1])
canvas, axes = empty_plot("How surprised is it by a chorale it never saw?", "nats a note", "")
for place, (name, nats) in enumerate(ladder):
    colour = "white" if name in quoted else SERIES_COLOURS[name in ours]
    axes.barh(-place, nats, color=colour, edgecolor="#444444")
    axes.text(nats + 0.03, -place, f"{nats:.3f}", va="center", fontsize=9)
axes.set_yticks([-place for place in range(len(ladder))], [name for name, _ in ladder])
alt = ", ".join(f"{name} {nats:.2f}" for name, nats in ladder)
Figure(canvas, f"The ladder of models, nats a note on the validation set: {alt}")

# %% [markdown]
# (Quoted: Huang and others 2018, Music Transformer; the upper two on absolute and plain relative positions. They used the original files; our pieces are rebuilt from music21, one of 76 is missing.)
#
# Equal steps are not equally hard. Looking at one note takes us from 3.85 to under 1. For the last tenth, people built Transformers. What does 0.9 against 0.4 sound like?

# %%
transformer = compose(checkpoint="bach-grid", bars=4, seed=3, temperature=1.0)
display(Sound(markov.sample(64, seed=8), title="0.9 nats: the bigram"))
display(Sound(transformer, title="0.33 nats: bach-grid"))

# %% [markdown]
# Half a nat a note is two nats a frame, and more than a hundred over four bars: to real Bach, the Transformer gives a probability more than `e` to the power of 100 times higher. That you can hear.
#
# ## 4.8 A fair split
#
# All these numbers rest on one promise: the model has never seen the validation pieces. The rule is short. **Split by piece, first of all.** Then cut, then transpose, each side by itself.

# %% tags=["nbval-check-output"]
order = rng.permutation(len(train))
for_valid, for_train = order[:50], order[50:]
fair_train = [train[number] for number in for_train]  # only now cut, only now transpose
set(for_valid) & set(for_train)

# %% [markdown]
# > **Exercise** [split-by-piece](../exercises/README.md#split-by-piece): three parts, reproducible, nothing lost or doubled.
#
# So easy, and so often got wrong. In the leakage lab we break the promise in four ways, on purpose. Each time: measure fairly, plant the leak, measure again *on the same music*, then catch it.
#
# ### Leak 1: cut, then split
#
# Training wants short windows. Somebody cuts all pieces into windows of 64 frames that overlap by half, shuffles them, and splits *those*. Then windows of a validation piece stray into training.


# %%
def windows(pieces, first):
    return [p.excerpt(i, i + 64) for p in pieces for i in range(first, len(p) - 63, 64)]


checked, strayed = windows(valid, 0), windows(valid, 32)
lab = {
    "cut, then split": (
        KneserNey(train).nats_per_note(checked),
        KneserNey([*train, *strayed]).nats_per_note(checked),
    )
}
print("fair {:.2f}, leaking {:.2f}".format(*lab["cut, then split"]))

# %% [markdown]
# "Almost twice as good", and no note is better composed. We catch it by **fingerprints**: runs of chords, written as distances from their first bass note. They survive when a piece is transposed, slowed down, or cut. Which runs of 12 chords or more stand on both sides?

# %%
found, clean = shared_passages(checked, strayed), shared_passages(checked, train)
print(len(found), "shared passages;", len(clean), "with the fair training set")
print(*found[:2], sep="\n")
print(len(split_pieces(checked, strayed, valid)), "pieces have parts on both sides")

# %% [markdown]
# ### Leak 2: transpose, then split
#
# Somebody adds a copy of every piece, a whole tone (two semitones) higher, *before* splitting. It looks like different data. **Predict:** does it help a model that counts in all keys?

# %%
copies = [piece.transpose(2) for piece in valid]
leaking = KneserNey(in_every_key([*train, *copies]))
lab["transpose, then split"] = best.nats_per_note(valid), leaking.nats_per_note(valid)
print("fair {:.2f}, leaking {:.2f}".format(*lab["transpose, then split"]))
print(shared_passages(valid, copies)[0])

# %% [markdown]
# Far below every honest published result. Copies of the validation pieces are in training, and counting in all keys brings them home. If you beat the world in an afternoon, look for the leak first.
#
# ### Leak 3: the twin
#
# This one was not planted by us. It sits in the benchmark that everybody used. Listen.

# %%
one = next(piece for piece in valid if piece.source == "bach/bwv253.mxl")
twin = read_chorale("bach/bwv414")
display(Sound(one.excerpt(0, 48), title="BWV 253, from the validation set"))
display(Sound(twin.excerpt(0, 48), title="BWV 414, from the original training set"))

# %%
with_twin = KneserNey(in_every_key([*train, twin]))
lab["the twin"] = best.nats_per_note([one]), with_twin.nats_per_note([one])
print("BWV 253: fair {:.2f}, leaking {:.2f}".format(*lab["the twin"]))
alike = one.pitches[: len(twin)] == twin.transpose(2).pitches
print(shared_passages([one], [twin])[0], f"; {alike.mean():.1%} of all notes are alike", sep="")

# %% [markdown]
# The same chorale, a tone apart, catalogued twice. (One soprano note differs in music21's files, and cuts the passage in two.) Our `corpus("train")` leaves BWV 414 out. Are there more? All of validation against all of training:

# %%
print(*shared_passages(valid, train, shortest=10), sep="\n")

# %% [markdown]
# One pair shares a long passage: two settings of one hymn tune. It is known, and stays, as in the original. The short ones are formulas that Bach used again. Choose the threshold so that formulas pass and copies do not.
#
# ### Leak 4: the chord label
#
# The subtlest. Somebody helps the model with harmony: before each frame it is told the chord, here the set of note names. Then it predicts the four notes.


# %%
def chord_label(columns):
    return np.bitwise_or.reduce(np.where(columns > 0, 1 << (columns - 1) % 12, 0), axis=1)


class ToldTheChord(KneserNey):
    def look(self, columns, voice):
        return np.column_stack([chord_label(columns), super().look(columns, voice)])


cheat = ToldTheChord(everywhere)
print(f"{cheat.nats_per_note(valid):.3f} nats a note!")

# %% [markdown]
# Far better than any honest published result. **Predict:** how does this record-breaker compose?

# %%
record = cheat.sample(64, seed=1)
display(Sound(record, title="The best model in the world"))
print(record.attacks.sum(), "notes in", len(record), "frames")

# %% [markdown]
# Silence, or nearly. When it writes by itself, the frame is still empty. The chord of an empty frame is silence, and so it sings silence, with great confidence. It never learnt to compose; it learnt to read the answer.
#
# Fingerprints cannot see this: no piece is on both sides. Two other tests can. First, **scramble the answer**: change the note to be predicted, and all that follow. No input may notice.


# %% tags=["nbval-check-output"]
def given(pitches, voice):
    return cheat.look(columns_of(pitches), voice)


names = ["chord label", *map(str, cheat.clues[0])]
inputs_that_know(given, valid[0], voice=0, names=names)

# %% [markdown]
# Second, **charge for every token**. If a model needs the chord first, let it predict the chord first, and pay for it. The chord before and the soprano's clues may help.


# %%
def told(piece):
    label = chord_label(columns_of(piece))
    past = best.look(columns_of(piece), 0)
    return np.column_stack([np.append(0, label[:-1]), past]), label


rows, labels = (np.concatenate(part) for part in zip(*map(told, everywhere), strict=True))
chords = KneserNeyTable(rows, labels, 4096)
rows, labels = (
    np.concatenate(part) for part in zip(*(told(p.pitches) for p in valid), strict=True)
)
price = -np.log(chords.probabilities(rows, labels, np.full(4096, 1 / 4096))).mean()
lab["chord label"] = best.nats_per_note(valid), (notes := cheat.nats_per_note(valid))
print(f"notes {notes:.3f} + chord {price:.3f} / 4 voices = {notes + price / 4:.3f} nats a note")
print(f"without labels: {lab['chord label'][0]:.3f}")

# %% [markdown]
# The record is gone: charged, it does worse than without labels. A published model, TonicNet, reported 0.220 in this way; with its chords charged it needs about 0.396.

# %%
pairs_of = {
    "fair": [pair[0] for pair in lab.values()],
    "leaking": [pair[1] for pair in lab.values()],
}
plot_bars(list(lab), pairs_of, title="Four ways to fool yourself", x="leak", y="nats a note")

# %% [markdown]
# **Explain:** every orange bar is lower, yet no music got better. Why? A leak does not look like a fault. It looks like success.
#
# ## In three lines
#
# - NLL is the mean surprise a note: 3.85 nats for a pure guess, under 1 for a bigram, about 0.4 for counting in the right places; accuracy hides all of this.
# - Kneser-Ney backs off from long contexts to short ones; what it looks at first matters more than how far it looks back.
# - Split by piece before anything else, look for shared fingerprints, scramble the answer, and charge for every token.
#
# ## Check yourself
#
# **1.** A model has a perplexity of 2 a note. What does that mean?
#
# <details><summary>a) It is right every second time</summary>No. Perplexity says how unsure it is, not how often its favourite wins.</details>
# <details><summary>b) It hesitates as between two equal pitches</summary>Yes. It pays one bit, or 0.69 nats, for each note.</details>
# <details><summary>c) It costs 2 nats a note</summary>No. Perplexity is e to the power of nats; 2 nats would be a perplexity of 7.4.</details>
#
# **2.** Why does a bigram without smoothing score infinity?
#
# <details><summary>a) One step that it never heard is enough</summary>Yes. It gave that step probability 0, and the logarithm of 0 is minus infinity.</details>
# <details><summary>b) Bach uses too many pitches</summary>No. The number of pitches is small; the trouble is a pair that training happens to lack.</details>
# <details><summary>c) The rows do not sum to 1</summary>No. They do sum to 1, but nothing is left for what was not heard.</details>
#
# **3.** What does Kneser-Ney count in a shorter context?
#
# <details><summary>a) How often the pitch was sung</summary>No. That would favour a pitch that is sung often, but always in the same turn.</details>
# <details><summary>b) After how many different things it was sung</summary>Yes. A pitch in much company is a good guess in a new place.</details>
# <details><summary>c) How long the pitch was held</summary>No. Length plays no part in it, though holding is one of our clues.</details>
#
# **4.** You cut pieces into windows that do *not* overlap, and split the windows. Is that fair?
#
# <details><summary>a) Yes: no note is on both sides</summary>No. Chorales repeat whole lines, so neighbours still help.</details>
# <details><summary>b) No: parts of one piece are on both sides</summary>Yes. `split_pieces` finds them, even where no windows overlap.</details>
# <details><summary>c) Only if they are shuffled</summary>No. Shuffling is what spreads a piece over both sides.</details>
#
# **5.** May a model be told the place in the beat?
#
# <details><summary>a) No: any help is a leak</summary>No. Only help that depends on the answer is a leak. Scramble the notes, and the beat stays.</details>
# <details><summary>b) Yes: it follows from the frame's number</summary>Yes. It is known before any note is, also when the model composes.</details>
# <details><summary>c) Yes, if it is charged as a token</summary>Not needed. It can be predicted without a doubt, so it would cost nothing.</details>
#
# ## Read on
#
# - Kneser and Ney (1995), Improved backing-off for m-gram language modeling; Chen and Goodman (1999), [An empirical study of smoothing techniques for language modeling](https://doi.org/10.1006/csla.1999.0128).
# - Shannon (1948), [A Mathematical Theory of Communication](https://doi.org/10.1002/j.1538-7305.1948.tb01338.x): surprise, bits, and Markov's chains.
# - Boulanger-Lewandowski, Bengio and Vincent (2012), [Modeling Temporal Dependencies in High-Dimensional Sequences](https://arxiv.org/abs/1206.6392): the chorales and their split.
# - Huang and others (2018), [Music Transformer](https://arxiv.org/abs/1809.04281): the upper end of the ladder. Peracha (2019), [Improving Polyphonic Music Models with Feature-Rich Encoding](https://arxiv.org/abs/1911.11775): TonicNet.
#
# **What you can do now that you could not do before:** build a baseline that a Transformer has to beat, say what a nat sounds like, and tell a good model from a leak.
#
# [← 3 · Tokens](03_tokens.ipynb) · [6 · Attention →](06_attention.ipynb)
