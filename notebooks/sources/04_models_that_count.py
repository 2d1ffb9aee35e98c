# %% [markdown]
# # 4 · Models that count
#
# [← 3 · Tokens](03_tokens.ipynb) · [5 · A fair test →](05_fair_test.ipynb) · [Exercises 4](../exercises/04_models_that_count.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/04_models_that_count.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/04_models_that_count.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - build models that do nothing but count, and hear each one compose,
# > - measure surprise in nats, bits and perplexity, and see why accuracy flatters,
# > - learn a bigram by gradient descent, and meet the numbers that you counted,
# > - write Kneser-Ney smoothing in a dozen lines, equal to the library's.
# >
# > **You need** notebook 3: pieces as a table of frames and voices. No network, no GPU.
# >
# > **Time:** about 40 minutes to read and listen, about 45 seconds to run on two processor cores.
# >
# > **You will hear** six ways to imitate Bach by counting, from noise to nearly a chorale, and a Transformer beside them.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import math

import numpy as np
import torch
from IPython.display import display

from musiclab import Chorale, PianoRoll, Sound, compose, corpus, nats_per_note
from musiclab.evaluate import (
    BigramBaseline,
    KneserNey,
    RepeatBaseline,
    UniformBaseline,
    UnigramBaseline,
    in_every_key,
)
from musiclab.evaluate.kneser_ney_table import KneserNeyTable
from musiclab.music.chorale import VOICES
from musiclab.show import OKABE_ITO, Figure, empty_plot, plot_bars, plot_keyboard

# %% [markdown]
# ## 4.1 Markov's Bach
#
# In 1913 Andrei Markov counted vowels and consonants in Pushkin's *Eugene Onegin*: how often does one follow the other? We do the same with Bach's chorales. For each voice, count how often each pitch follows each pitch. Then draw at random by these counts, one 16th note (a *frame*) after another. That is a **bigram** model, the smallest composer that deserves the name.
#
# **Predict:** each voice will move like one of Bach's. What will be missing?

# %%
train, valid = corpus("train", progress=False), corpus("valid", progress=False)
markov = BigramBaseline(train)
PianoRoll(markov.sample(64, seed=5), title="Markov's Bach")

# %% [markdown]
# Each voice alone is nearly believable: small steps, long notes. Together they are strangers. They move whenever they like, and no chord is meant. The model cannot do better, because no voice hears another, and nobody counts beats.
#
# How bad is that, in a number? And what would be good? That is the subject of this notebook. First, one word has to be made precise.
#
# **From here on, a *note* is one cell of the table: what one voice does in one frame, a pitch or a rest.** A pitch held for a quarter is four such notes. The benchmark that we shall use counts in this way, and whoever counts struck notes gets other numbers:

# %%
piece = valid[0]
print(f"{piece.pitches.size} notes (cells), but only {piece.attacks.sum()} struck notes")

# %% [markdown]
# ## 4.2 Surprise
#
# Let a model look at music that it has never seen, one note at a time. Before each note it gives every pitch a probability. The note comes, and had probability $p$. We charge the model $-\log p$: nothing if it was certain, a lot if it thought the note nearly impossible. The mean over all $N$ notes is the **negative log-likelihood**, NLL, the one number of this course:
#
# $$\mathrm{NLL} = -\frac{1}{N}\sum_{i=1}^{N}\log p(x_i \mid x_1, \ldots, x_{i-1})$$
#
# The simplest model looks at nothing and only knows how often each pitch occurs: a **unigram** model. Here is one for the soprano, by hand. All voices of the corpus together sing 46 different pitches. With the rest, that makes 47 things that a voice can do; we number them from 0, the rest first.


# %%
def soprano(pieces):
    """Number what the soprano does: 0 is a rest, 1 the lowest pitch of all (MIDI 36)."""
    return [np.maximum(piece.pitches[:, 0] - 35, 0) for piece in pieces]


names = np.append(-1, np.arange(36, 82))  # what each number stands for
counts = np.bincount(np.concatenate(soprano(train)), minlength=47) + 0.1
unigram = counts / counts.sum()
held_out = np.concatenate(soprano(valid))
print(f"soprano, unigram:         {-np.log(unigram[held_out]).mean():.2f} nats per note")
print(f"soprano, all 47 alike:    {math.log(47):.2f} nats per note")
plot_keyboard(names, unigram, title="How often does the soprano sing each pitch?")

# %% [markdown]
# (The 0.1 keeps a pitch that the soprano never sang from being impossible.) The natural logarithm gives **nats**. Three other units say the same thing:
#
# - **bits**: nats / log 2. One bit is the answer to one yes-or-no question.
# - **perplexity**: $e$ to the power of nats. A model with perplexity 7 is as unsure as somebody who guesses among 7 pitches that are all alike.
# - **bits per frame**: four voices make a frame, so four times the bits per note.
#
# **Predict:** the bigram model of 4.1 costs about 0.95 nats per note. Among how many pitches does it hesitate?
#
# > **Exercise** [perplexity](../exercises/04_models_that_count.ipynb#perplexity): work it out from the probabilities that a model gave.

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
# From 47 candidates to under three, by knowing a single note. These are means over all four voices of the 75 chorales kept aside, the *validation set*. Now hear the two lowest rungs. The unigram knows how high each voice sings, and nothing else.

# %%
display(Sound(UniformBaseline(train).sample(24, seed=1), title="uniform"))
display(Sound(UnigramBaseline(train).sample(24, seed=1), title="unigram"))

# %% [markdown]
# ## 4.3 The bigram, counted
#
# A row for the pitch before, a column for the pitch now. Count, then divide each row by its sum.
#
# > **Exercise** [bigram-probabilities](../exercises/04_models_that_count.ipynb#bigram-probabilities): write it yourself first, for any ids, smoothed with `alpha`.

# %%
pairs = np.zeros((47, 47), dtype=int)
for line in soprano(train):
    np.add.at(pairs, (line[:-1], line[1:]), 1)
raw = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1)

# %% [markdown]
# **Predict:** the soprano has just sung B4 (MIDI 71). What comes in the next 16th?

# %%
after_b = {"anywhere": unigram, "after B4": raw[71 - 35]}
plot_keyboard(names, after_b, title="Which pitch comes next?", smallest=0.01)

# %% [markdown]
# B4 again, most of the time: notes are longer than a 16th. The rest goes to the neighbours. Now the trap. Some steps of the validation pieces never occur in training.

# %%
new_steps = sum(int((raw[line[:-1], line[1:]] == 0).sum()) for line in soprano(valid))
print(new_steps, "steps were never heard: probability 0, infinite surprise")

# %% [markdown]
# One such step, and the mean is infinite. So we **smooth**: imagine that after every pitch we had heard one note more, spread over all pitches as the unigram has them. (The textbook's way, adding 1 to every count, is the exercise.) The library's bigram for the soprano is exactly this:

# %% tags=["nbval-check-output"]
counted = (pairs + unigram) / (pairs.sum(axis=1, keepdims=True) + 1)
columns = np.append(0, np.arange(1 + 36, 1 + 82))  # the library has a column for each MIDI number
print("equal to the library:", np.allclose(counted, markov.probabilities[0][columns][:, columns]))

# %% [markdown]
# And NLL is what PyTorch calls cross-entropy, computed from *logits*: numbers that become probabilities by exponentials divided by their sum, the **softmax**. The logarithm of a probability is such a number.
#
# > **Exercise** [mean-nll](../exercises/04_models_that_count.ipynb#mean-nll): write the loss yourself first, from logits of a batch, and do not charge for padding.

# %% tags=["nbval-check-output"]
line = soprano(valid)[0]
ours = -np.log(counted[line[:-1], line[1:]]).mean()
logits, targets = torch.from_numpy(np.log(counted[line[:-1]])), torch.from_numpy(line[1:])
theirs = torch.nn.functional.cross_entropy(logits, targets).item()
print("equal to PyTorch:", np.allclose(ours, theirs))

# %% [markdown]
# ## 4.4 The same bigram, learned
#
# From notebook 6 on, our models *learn*. Here is the bridge. Forget the counts. Take a table of 47 × 47 numbers $W$, all zero, and let the softmax of a row be the probabilities after that pitch. Then change the numbers, a little at a time, so that the NLL on the training pieces falls. That is **gradient descent**, and everything after this notebook is trained by it.
#
# **Predict:** will the learned table end up better than the counted one, worse, or equal?

# %%
weights = torch.from_numpy(pairs + unigram)  # every pair of training, and the imagined notes
table = torch.zeros(47, 47, dtype=torch.float64, requires_grad=True)
optimiser = torch.optim.Adam([table], lr=0.3)  # a refined gradient descent, built in notebook 9
losses = []
for _ in range(300):
    loss = -(weights * table.log_softmax(dim=1)).sum() / weights.sum()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    losses.append(loss.item())

# %%
learned = table.softmax(dim=1).detach().numpy()
floor = -(weights.numpy() * np.log(counted)).sum() / weights.sum().item()
canvas, axes = empty_plot("A table learns to count", "training step", "nats per note, training")
axes.plot(losses, label="learned", color=OKABE_ITO["blue"])
axes.axhline(floor, label="counted", color=OKABE_ITO["vermilion"], linestyle="--")
axes.legend(frameon=False)
ends = f"learned {losses[-1]:.3f}, counted {floor:.3f}"
Figure(canvas, f"Loss of the soprano's bigram over {len(losses)} steps; at the end {ends}")

# %%
for name, model in {"counted": counted, "learned": learned}.items():
    nats = np.concatenate([-np.log(model[line[:-1], line[1:]]) for line in soprano(valid)])
    print(f"{name}: {nats.mean():.3f} nats per note on the validation pieces")
print(f"largest difference of two probabilities: {abs(counted - learned).max():.4f}")

# %% [markdown]
# The same numbers. Why? Ask for the slope of the loss at each number of the table. Where row $i$ occurs $n_i$ times among $N$, it is
#
# $$\frac{\partial\,\mathrm{NLL}}{\partial W_{ij}} = \frac{n_i}{N}\,(\text{predicted}_{ij} - \text{counted}_{ij})$$
#
# PyTorch finds the same, at the start, where every prediction is 1/47:

# %% tags=["nbval-check-output"]
start = torch.zeros(47, 47, dtype=torch.float64, requires_grad=True)
(-(weights * start.log_softmax(dim=1)).sum() / weights.sum()).backward()
often = weights.sum(dim=1, keepdim=True) / weights.sum()
formula = often * (1 / 47 - torch.from_numpy(counted))
print("slope equal to the formula:", torch.allclose(start.grad, formula))

# %% [markdown]
# What is predicted too often goes down, what is predicted too rarely goes up, and it rests where prediction and count agree. So a table with a number for every case can do no better than count. Its weakness is the *table*: for a bar of four voices it would need a row for each of $47^{64}$ pasts. A network replaces the table and shares its numbers among pasts that are alike. The loss and the way down stay the same.
#
# ## 4.5 Why accuracy flatters
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
# Yet holding is worth knowing, if we also know *when*:

# %%
repeat = RepeatBaseline(train)
print(f"bigram {guesses['bigram']:.3f}, hold by the beat {repeat.nats_per_note(valid):.3f}")
display(Sound(repeat.sample(48, seed=1), title="Hold by the beat"))
places = dict(zip(("on the beat", "2nd 16th", "half-way", "4th 16th"), repeat.stays.T, strict=True))
rarest = f"on the beat {repeat.stays[:, 0].mean():.0%}, later {repeat.stays[:, 1:].mean():.0%}"
labels = {"x": "voice", "y": "share", "alt": f"How often a pitch is held: {rarest}"}
chart = plot_bars(VOICES, places, title="How often is the pitch held?", **labels)
chart.canvas.axes[0].set(ylim=(0, 1.6), yticks=(0, 0.5, 1))  # space for the legend
chart

# %% [markdown]
# Voices move on the beat more than between beats. A model that knows the *time* but not the *melody* (when it moves, it moves by the unigram) beats the bigram.
#
# ## 4.6 Longer memory
#
# Now write the four voices as one stream: S A T B S A T B ... The next note is guessed from the last $n - 1$ notes: an **n-gram**. (How it is counted comes in 4.7.) **Predict:** more memory must be better. Always?

# %%
orders = (2, 3, 5, 8, 12)
in_stream = [KneserNey.in_stream(train, order).nats_per_note(valid) for order in orders]
told = ", ".join(f"{n}: {nats:.2f}" for n, nats in zip(orders, in_stream, strict=True))
print(told)
words = {"x": "notes in an n-gram", "y": "nats per note", "alt": f"Nats per note by n: {told}"}
plot_bars(orders, in_stream, title="Memory in one stream", **words)

# %% [markdown]
# The great leap comes at 5: only with four notes back does a note see *its own voice* one frame before. Then the curve goes flat. A longer context tells more, but fewer of them were ever heard:


# %%
def contexts(pieces, n):
    streams = [piece.pitches.reshape(-1) for piece in pieces]
    return [tuple(s[i : i + n].tolist()) for s in streams for i in range(len(s) - n)]


for n in (1, 4, 7, 11):
    known = set(contexts(train, n))
    heard = [context in known for context in contexts(valid, n)]
    print(f"{n:2} notes before: {np.mean(heard):.0%} were heard in training")

# %% [markdown]
# ## 4.7 Kneser and Ney
#
# So a good model uses the long context where it knows it, and otherwise **backs off** to a shorter one. The best recipe for counts is by Kneser and Ney (1995). It has two ideas.
#
# 1. **Discount.** Take a little off every count, since what was seen once was partly luck. What was saved goes to the shorter context's guess.
# 2. **In the shorter context, count company, not occurrences.** We back off when a context is new. So the question is not how often a pitch was sung, but after how many *different* things.
#
# C sharp 5 and the rest show the second idea. **Predict:** after a pitch from which the soprano was never heard to move, which of the two would you rather expect?

# %%
moves = pairs * (1 - np.eye(47, dtype=int))  # without the notes that are held
for name, number in {"C sharp 5": 73 - 35, "rest": 0}.items():
    often, company = moves[:, number].sum(), (moves[:, number] > 0).sum()
    print(f"{name:9}: moved to {often:3} times, from {company:2} different pitches")

# %% [markdown]
# C sharp is common, but only among its neighbours. A rest is rare, but may follow nearly anything: for a place never met before, it is the better guess.
#
# Now by hand, from the discount upwards. How much to take off is read from the counts themselves (Chen and Goodman 1999): where many things were seen only once, much was luck. With $n_k$ the number of counts that are exactly $k$:
#
# $$Y = \frac{n_1}{n_1 + 2 n_2},\qquad D_k = k - (k+1)\,Y\,\frac{n_{k+1}}{n_k}\quad\text{for } k = 1, 2, 3$$
#
# and $D_3$ is used for all larger counts, too.
#
# > **Exercise** [back-off](../exercises/04_models_that_count.ipynb#back-off): with one discount for all counts it takes five lines; mend ours.


# %%
def take_off(counts):
    """What each count loses: nothing, or the discount for 1, for 2, or for 3 and more."""
    n1, n2, n3, n4 = (max(1, (counts == k).sum()) for k in (1, 2, 3, 4))
    luck = n1 / (n1 + 2 * n2)
    found = [1 - 2 * luck * n2 / n1, 2 - 3 * luck * n3 / n2, 3 - 4 * luck * n4 / n3]
    once, twice, more = np.clip(found, 0.05, (1, 2, 3))  # never nothing, never more than there is
    return np.select([counts == 0, counts == 1, counts == 2], [0, once, twice], default=more)


def refine(counts, shorter):
    """Discount the counts of each context; what was saved goes to the shorter context's guess."""
    taken, total = take_off(counts), counts.sum(axis=-1, keepdims=True)
    better = counts - taken + taken.sum(axis=-1, keepdims=True) * shorter
    return np.where(total > 0, better / np.maximum(total, 1), shorter)


# %% [markdown]
# That was one context length. The whole recipe calls it for every length. `counts` has an axis for each note, the newest last. "In how much company" is a count of the entries above zero along the oldest axis.


# %%
def kneser_ney(counts):
    """From counts (oldest note, ..., newest) to the newest's probability after the others."""
    company = (counts > 0).sum(axis=0)  # the same table with one note of context less
    shorter = kneser_ney(company) if counts.ndim > 1 else np.full(47, 1 / 47)
    return refine(counts, shorter)


def stretches(line, n):
    """All runs of n notes: one array for the first notes, one for the second ..."""
    return tuple(line[i : len(line) - n + 1 + i] for i in range(n))


# %% [markdown]
# Each table is held against the library's, which takes the contexts row by row, the newest note first.

# %%
for n in (1, 2, 3, 4):
    counts = np.zeros((47,) * n, dtype=int)
    runs, unseen = (
        np.concatenate([stretches(line, n) for line in soprano(pieces)], axis=1)
        for pieces in (train, valid)
    )
    np.add.at(counts, tuple(runs), 1)
    ours = kneser_ney(counts)[tuple(unseen)]
    library = KneserNeyTable(runs[:-1][::-1].T, runs[-1], 47)
    theirs = library.probabilities(unseen[:-1][::-1].T, unseen[-1], np.full(47, 1 / 47))
    nats, equal = -np.log(ours).mean(), np.allclose(ours, theirs)
    print(f"{n - 1} notes back: {nats:.3f} nats per note, equal to the library: {equal}")

# %% [markdown]
# Equal to the library, at every length, and each note of context helps. The library keeps only the contexts that occurred, so that it can go further back. One trick more: chords relate in the same way in every *key*, whichever note is home. So each training piece is counted in all keys that its voices can sing. Now all four voices again, in one stream:

# %%
everywhere = in_every_key(train)
flat = KneserNey.in_stream(everywhere, order=8)
flat_nats = flat.nats_per_note(valid)
print(f"{len(everywhere)} pieces: {flat_nats:.3f} nats per note, {in_stream[3]:.3f} in one key")
Sound(flat.sample(64, seed=2), title="Kneser-Ney in one stream: chords, but no beat")

# %% [markdown]
# The voices hear each other: there are *chords*, notes that fit. But memory ends after two 16ths, and nobody counts beats.
#
# ## 4.8 Choose what to look at
#
# Nothing says that the *latest* notes matter most. Ask a singer: what did I sing just now? Where in the beat are we? What does the voice above sing now? What did the bass do? The same Kneser-Ney, with contexts ordered by **relevance** for each voice:

# %%
best = KneserNey(everywhere)
print(*(" > ".join(map(str, asked[:6])) for asked in best.features), sep="\n")
best_nats = best.nats_per_note(valid)
print(f"{best_nats:.3f} nats per note, {1 - best_nats / flat_nats:.0%} less than in one stream")
PianoRoll(best.sample(64, seed=4), title="Kneser-Ney by relevance")

# %% [markdown]
# The same pieces and the same recipe; only the places where it looks are better. We found this order by trying, on 45 training pieces that were set aside. **Attention**, the subject of notebook 6, *learns* where to look, anew for every note.
#
# > **Exercise** [own-counting-model](../exercises/04_models_that_count.ipynb#own-counting-model): count in a way of your own, and beat the unigram.
#
# ## 4.9 What a nat sounds like
#
# Everything that we counted on one scale, and with it `bach-grid`, a Transformer that ships with this course.

# %%
rungs = guesses | {"hold by the beat": repeat.nats_per_note(valid)}
rungs |= {"Kneser-Ney, in one stream": flat_nats, "Kneser-Ney, by relevance": best_nats}
rungs["bach-grid, a Transformer"] = nats_per_note(valid)
canvas, axes = empty_plot("How surprised is it by a chorale it never saw?", "nats per note", "")
for place, (name, nats) in enumerate(rungs.items()):
    axes.barh(-place, nats, color=OKABE_ITO["vermilion" if "bach" in name else "blue"])
    axes.text(nats + 0.03, -place, f"{nats:.2f}", va="center", fontsize=9)
axes.set_yticks([-place for place in range(len(rungs))], list(rungs))
alt = ", ".join(f"{name} {nats:.2f}" for name, nats in rungs.items())
Figure(canvas, f"Nats per note on the validation set: {alt}")

# %%
transformer = compose(checkpoint="bach-grid", bars=4, seed=3, temperature=1.0)
display(Sound(markov.sample(64, seed=8), title="the bigram"))
display(Sound(best.sample(64, seed=8), title="Kneser-Ney by relevance"))
display(Sound(transformer, title="bach-grid"))

# %% [markdown]
# The last steps of the ladder look small. **Predict:** how many times more probable is four bars of Bach to the Transformer than to the bigram?

# %%
per_note = rungs["bigram"] - rungs["bach-grid, a Transformer"]
print(f"{per_note:.2f} nats per note x 256 notes = {256 * per_note:.0f} nats")
print(f"e to that power: about 10 to the power of {256 * per_note / math.log(10):.0f} times")

# %% [markdown]
# Nats add up, so probabilities multiply. That you can hear. But all these numbers rest on one promise: that the model has never seen the validation pieces. The next notebook breaks it, on purpose.
#
# ## In three lines
#
# - NLL is the mean surprise per note, where a note is a voice in a frame: 3.85 nats for a pure guess, under 1 for a bigram; accuracy hides all of this.
# - Gradient descent on NLL finds the counts again; what a network adds is sharing between contexts, not another goal.
# - Kneser-Ney backs off from long contexts to short ones; what it looks at first matters more than how far it looks back.
#
# ## Check yourself
#
# **1.** A model has a perplexity of 2 per note. What does that mean?
#
# <details><summary>a) It is right every second time</summary>No. Perplexity says how unsure it is, not how often its favourite wins.</details>
# <details><summary>b) It hesitates as between two equal pitches</summary>Yes. It pays one bit, or 0.69 nats, for each note.</details>
# <details><summary>c) It costs 2 nats per note</summary>No. Perplexity is e to the power of nats; 2 nats would be a perplexity of 7.4.</details>
#
# **2.** Why does a bigram without smoothing score infinity?
#
# <details><summary>a) One step that it never heard is enough</summary>Yes. It gave that step probability 0, and the logarithm of 0 is minus infinity.</details>
# <details><summary>b) Bach uses too many pitches</summary>No. The number of pitches is small; the trouble is a pair that training happens to lack.</details>
# <details><summary>c) The rows do not sum to 1</summary>No. They do sum to 1, but nothing is left for what was not heard.</details>
#
# **3.** What does Kneser-Ney count in a shorter context?
#
# <details><summary>a) How often the pitch was sung</summary>No. That would favour a pitch that is sung often, but always after the same few others.</details>
# <details><summary>b) After how many different things it was sung</summary>Yes. A pitch in much company is a good guess in a new place.</details>
# <details><summary>c) How long the pitch was held</summary>No. Length plays no part in it.</details>
#
# **4.** You train the table of 4.4 for a million steps more. What happens to its loss on the *training* pieces?
#
# <details><summary>a) It goes on falling, slowly, for ever</summary>No. The counted table is the lowest point there is; nothing lies below it.</details>
# <details><summary>b) It stays where it is, at the counted table's</summary>Yes. There the slope is zero: prediction and count agree.</details>
# <details><summary>c) It rises again, because it overfits</summary>No. Overfitting shows on other pieces; on the training pieces, the counted table is the best there is.</details>
#
# **5.** From notebook 2: a quarter at 60 quarters per minute is recorded on a grid of 16ths. How many *notes* in the sense of this notebook is it?
#
# <details><summary>a) One</summary>No. It is struck once, but it fills several cells of the table.</details>
# <details><summary>b) Four</summary>Yes. A quarter lasts four frames of a 16th, whatever the tempo, and one voice fills one cell in each.</details>
# <details><summary>c) It depends on the tempo</summary>No. The grid counts 16ths of the score, not seconds.</details>
#
# ## Read on
#
# - Kneser and Ney (1995), Improved backing-off for m-gram language modeling; Chen and Goodman (1999), [An empirical study of smoothing techniques for language modeling](https://doi.org/10.1006/csla.1999.0128).
# - Shannon (1948), [A Mathematical Theory of Communication](https://doi.org/10.1002/j.1538-7305.1948.tb01338.x): surprise, bits, and Markov's chains.
# - Karpathy (2022), [makemore](https://github.com/karpathy/makemore): the same bridge from counting to learning, with names of people.
#
# **What you can do now that you could not do before:** build a baseline that a Transformer has to beat, say what a nat sounds like, and explain what gradient descent on the NLL is after.
#
# [← 3 · Tokens](03_tokens.ipynb) · [5 · A fair test →](05_fair_test.ipynb)
