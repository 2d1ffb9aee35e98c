# %% [markdown]
# # 13 · Did it work?
#
# [← 12 · The sampling studio](12_sampling_studio.ipynb) · [14 · Too much memory →](14_too_much_memory.ipynb) · [Exercises 13](../exercises/13_did_it_work.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/13_did_it_work.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/13_did_it_work.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - measure a model on held-out music, with an interval, and expose a figure that cheats,
# > - count what a harmony teacher would mark, in Bach, in the model and in chance,
# > - find the longest passage that the model knows by heart,
# > - build a distance between sounds, and catch it contradicting your ears,
# > - test your own ears, and say how sure the result is.
# >
# > **You need** notebooks 4 and 12: nats, the split by piece, sampling.
# >
# > **Time:** about 50 minutes to read and listen, about 85 seconds to run on two processor cores.
# >
# > **You will hear** Bach, the model and a bigram; forbidden fifths; two sounds that a measure finds far apart though nothing is wrong, and two that it finds close though everything is.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
from collections import Counter, defaultdict
from importlib.resources import files
from time import perf_counter

import numpy as np
import torch
from IPython.display import display

from musiclab import Chorale, Sound, corpus, load_checkpoint, read_chorale
from musiclab.evaluate import BigramBaseline, bits_per_frame, likelihood
from musiclab.evaluate.intervals import bootstrap_interval, spearman, wilson_interval
from musiclab.evaluate.mel_cepstral import mel_cepstral_distance
from musiclab.evaluate.memorisation import TrainingMemory
from musiclab.evaluate.poisson import poisson_interval, poisson_ratio
from musiclab.evaluate.voice_leading import FAULTS, parallels, voice_leading_counts
from musiclab.music.corpus import benchmark_pieces
from musiclab.music.corpus.table import FAULTY_VALID
from musiclab.sampling import compose_many
from musiclab.show import OKABE_ITO, BachOrModel, Figure, empty_plot, plot_bars

# %% [markdown]
# ## 13.1 Three composers
#
# Three composers are on trial. **Bach**, in the chorales of valid and test, which no model here has learnt from. **The model**, `bach-studio`: 400 pieces of eight bars, written now and none left out. And a **bigram** (notebook 4), which draws each voice's next note from what followed its last one in training, deaf to the other voices. (This is the notebook that opens the test set. Nothing was chosen by it.)

# %%
train, bach = corpus("train"), corpus("valid") + corpus("test")
drafts = (one for seed in range(8) for one in compose_many(bars=8, seed=seed, candidates=50))
model, counted = [one.chorale for one in drafts], BigramBaseline([one.pitches for one in train])
bigram = [counted.sample(128, seed) for seed in range(64)]
composers = {"Bach": bach, "model": model, "bigram": bigram}

# %% [markdown]
# **Predict:** which of the three will you recognise within two seconds?

# %%
for name, pieces in composers.items():
    display(Sound(pieces[36].excerpt(0, 32), title=name, tempo=96))  # number 36, not chosen

# %% [markdown]
# Who was easy, and who took longer? "It sounds nice" is no measurement, so we now take five: surprise, faults, copying, sound, and your own ears. Each has a trap.
#
# ## 13.2 Surprise, and how sure we are of it
#
# The benchmark asks `bach-grid` how surprised it is by every note of the valid chorales, in nats per note (notebook 4). Other chorales would have given another number. How different? Draw as many pieces as there are, with replacement, so that some come twice; take the mean; do it 2,000 times. The middle 95 % of these means is the **bootstrap interval**. We draw *pieces*, not notes, because notes of one piece resemble each other.

# %%
numbers, valid = zip(*benchmark_pieces("valid"), strict=True)
nats = likelihood.nats_of_pieces(valid, "bach-grid")
sums, sizes = np.array([[one.sum(), one.size] for one in nats]).T
mean, (low, high) = sums.sum() / sizes.sum(), bootstrap_interval(sums, sizes)
print(
    f"valid {mean:.3f} nats per note, {low:.3f} to {high:.3f}; {bits_per_frame(mean):.2f} bits per frame"
)
test = likelihood.nats_of_pieces([one.pitches for one in corpus("test")], "bach-grid")
of_test = np.array([[one.sum(), one.size] for one in test]).T
low, high = bootstrap_interval(*of_test)
print(f"test  {of_test[0].sum() / of_test[1].sum():.3f} nats per note, {low:.3f} to {high:.3f}")

# %% [markdown]
# > **Exercise** [bits-per-frame](../exercises/13_did_it_work.ipynb#bits-per-frame): mend a conversion; papers use both.
#
# Valid chose when to stop training and by how much to temper the scores, so its figure is a little too good; test chose nothing. Two models whose figures differ by less than such an interval may still differ reliably: both read the *same* pieces, so compare them piece by piece.
#
# **Trap 1: faulty pieces.** In the data that everybody uses, valid 35 has its bass three beats early, and valid 74 is a training piece in another key. In our rebuilt corpus the bass is right, and training leaves the twin out, so little should change here. A report says which pieces it used.
#
# **Trap 2: accuracy flatters.** "78 % of all notes guessed right" sounds splendid. It is what you get by never moving, since most notes last longer than a 16th:

# %%
kept = ~np.isin(numbers, FAULTY_VALID)
(low, high), sound = bootstrap_interval(sums[kept], sizes[kept]), sums[kept] / sizes[kept].sum()
print(f"valid without 35 and 74: {sound.sum():.3f}, {low:.3f} to {high:.3f}")
same = np.concatenate([one[1:] == one[:-1] for one in valid]).mean()
print(f"the last note again: {same:.1%} right")

# %% [markdown]
# ## 13.3 The chord leak
#
# **Trap 3** is in print. Suppose a model reads the name of the chord before it writes the chord's four notes. Its notes become wonderfully cheap. But the name *was computed from these notes*: it is part of the answer.
#
# We prove it by counting. `learn` counts what follows each context, long and short; `cost` asks what the true outcome costs, leaning on shorter contexts where a long one is rare.


# %%
def learn(rows):
    counts = defaultdict(Counter)
    for context, outcome in ((row[:n], row[-1]) for row in rows for n in range(len(row))):
        counts[context][outcome] += 1
    return counts


# %%
def cost(counts, rows, symbols):
    totals, nats = {key: seen.total() for key, seen in counts.items()}, []
    for *context, outcome in rows:
        share = 1 / symbols
        for length in range(len(context) + 1):
            key = tuple(context[:length])
            if key in counts:  # one imagined outcome, spread as the shorter context says
                share = (counts[key][outcome] + share) / (totals[key] + 1)
        nats.append(-np.log(share))
    return np.mean(nats)


# %% [markdown]
# A note's context: its voice, that voice's last note, and the note just written above it. With the leak, also the chord: the set of pitch classes (note names without their octave) that sound in this frame.


# %%
def chord(frame):
    return frozenset(pitch % 12 for pitch in frame if pitch >= 0)


def steps(pieces):  # each frame with the one before it
    lists = [one.tolist() for one in pieces]
    return [pair for one in lists for pair in zip(one[:-1], one[1:], strict=True)]


def notes(pairs, told_chord):
    for old, new in pairs:
        known = (chord(new),) if told_chord else ()
        for voice in range(4):
            yield (voice, old[voice], *known, new[voice - 1] if voice else None, new[voice])


# %%
old, new = steps([one.pitches for one in train]), steps(valid)
honest = cost(learn(notes(old, told_chord=False)), notes(new, told_chord=False), symbols=47)
leaky = cost(learn(notes(old, told_chord=True)), notes(new, told_chord=True), symbols=47)

# %% [markdown]
# **Predict:** `honest` pays for everything. `leaky` is told the chord. How far below will it be?
#
# Then we send the bill. The chord must be predicted too, from the chord before it. Its nats belong to a frame, so a quarter of them to each note.


# %%
def chords(pairs):
    return [(chord(before), chord(after)) for before, after in pairs]


bill = cost(learn(chords(old)), chords(new), symbols=2**12) / 4
heights = [honest, leaky, leaky + bill, sums.sum() / sizes.sum()]
names = ["counting,\nhonest", "told the chord", "the same,\nchord charged", "Transformer,\nhonest"]
alt = "nats per note: " + ", ".join(f"{n} {h:.2f}" for n, h in zip(names, heights, strict=True))
title = "The chord leak: cheap notes, and the bill"
plot_bars(names, heights, title=title, x="model", y="nats per note, valid", alt=alt)

# %% [markdown]
# Compare the second bar with the fourth: a few lines of counting, told the chord, against a Transformer that is told nothing. Then charge the chord, and look at the third. It must come back to about the first: whoever knows the notes knows the chord, so whatever model gives both their probabilities, the chord and the notes *together* cost what the notes cost. Predicting chords first is a fine idea. Not paying for them is the trap. (The figure published with TonicNet, Peracha 2019, is of this kind; notebook 5 has the arithmetic.)
#
# ## 13.4 What a harmony teacher would mark
#
# Nats cannot say *what* is wrong. Teachers of harmony can: for centuries they have kept a list. At its top stand **parallel fifths**: two voices seven semitones apart move on in one direction and are seven apart again. Here are two bars of Bach, then the same chords with tenor and bass in parallel fifths. Not one wrong note: all belong to Bach's chords.

# %%
tune = read_chorale("bach/bwv66.6")
original = tune.excerpt(4, 36)
planted = original.pitches.copy()
planted[:20, 3] = np.repeat([54, 52, 57, 52, 57], 4)
planted[:20, 2] = planted[:20, 3] + 7

# %%
in_fifths = Chorale(pitches=planted, attacks=original.attacks, tempo=96)
display(Sound(original, title="Bach, BWV 66.6"))
display(Sound(in_fifths, title="the same chords, in fifths"))

# %% [markdown]
# **Listen** to the low voices. In Bach they are two people. In the second they are one person with a hollow echo. Four voices should be four. Below, the rule as plain loops. Octaves are folded away (`% 12`), and a voice that stays put makes no parallel.


# %%
def count_fifths(pitches):
    chords = [row for i, row in enumerate(pitches) if i == 0 or any(row != pitches[i - 1])]
    found = 0
    for before, after in zip(chords[:-1], chords[1:], strict=True):
        for a in range(4):
            for b in range(a + 1, 4):
                if -1 in (before[a], before[b], after[a], after[b]):
                    continue  # a rest sings no fifth
                rise, other = after[a] - before[a], after[b] - before[b]
                fifth = abs(before[a] - before[b]) % 12 == abs(after[a] - after[b]) % 12 == 7
                found += bool(fifth and rise * other > 0)
    return found


# %% tags=["nbval-check-output"]
print(count_fifths(original.pitches), "fifths in Bach,", count_fifths(planted), "planted")
agree = [count_fifths(one.pitches) == len(parallels(one.pitches)) for one in bach[:40]]
print("The library finds the same in 40 chorales:", all(agree))

# %% [markdown]
# > **Exercise** [parallel-fifths](../exercises/13_did_it_work.ipynb#parallel-fifths): write it without the loops.
#
# The library counts ten such faults. The others, in a line each: *parallel octaves*, the same at twelve semitones; *hidden*, soprano and bass arrive at a fifth or octave moving in one direction, the soprano by a leap; *crossing*, a voice below its lower neighbour; *overlap*, a voice passes where its neighbour just was; *wide*, two upper neighbours over an octave apart; *out of range*, no comfortable note for that voice; and two *leaps* that are hard to sing. A chord is a run of frames without a change.
#
# How sure is a count? Fifths are rare, and three of them in one set of pieces might have been one or six in another. If they come independently of each other, their number follows Poisson's law, and that gives an exact interval, even for a count of 0.
#
# **Predict:** will the model write parallel fifths less often than Bach, about as often, or more?

# %%
counts = {name: [voice_leading_counts([one]) for one in made] for name, made in composers.items()}
totals = {name: sum(each[1:], start=each[0]) for name, each in counts.items()}
for fault in ("parallel_fifths", "parallel_octaves"):
    for name, one in totals.items():
        found, thousands = getattr(one, fault), one.chords / 1000
        low, high = poisson_interval(found, thousands)
        print(f"{fault:17} {name:7}{found:4} = {found / thousands:5.2f} in 1,000 chords", end=" ")
        print(f"({low:.2f} to {high:.2f})")
fair = ("parallel_fifths", "parallel_octaves", "tritone_leaps", "seventh_leaps")
for fault in fair:
    ours, bachs = ((getattr(totals[n], fault), totals[n].chords) for n in ("model", "Bach"))
    ratio, low, high = poisson_ratio(ours, bachs)
    print(f"{fault:17} {ratio:5.2f} times Bach's rate ({low:.2f} to {high:.2f})")

# %% [markdown]
# If an interval holds 1, these pieces cannot tell the model from Bach in that respect. Now all ten faults. The common ones come in clusters, one crossing seldom alone, so Poisson's interval would be too narrow for them; we draw whole pieces anew, as in 13.2.


# %%
def interval(name, fault):
    found, chords = np.array([(getattr(one, fault), one.chords) for one in counts[name]]).T
    ends = poisson_interval(int(found.sum()), int(chords.sum())) if fault in fair else None
    low, high = ends or bootstrap_interval(found, chords)
    return 1000 * low, 1000 * found.sum() / chords.sum(), 1000 * high


# %%
canvas, axes = empty_plot(
    "What a teacher would mark", "faults in 1,000 chords (95 % interval)", "", size=(8.0, 4.6)
)
styles = {"Bach": ("o", "blue"), "model": ("s", "vermilion"), "bigram": ("^", "green")}
for row, (name, (marker, colour)) in enumerate(styles.items()):
    for place, fault in enumerate(FAULTS):
        low, rate, high = interval(name, fault)
        height, label = -place - 0.22 * (row - 1), name if place == 0 else None
        axes.plot([max(low, 0.1), high], [height] * 2, color=OKABE_ITO[colour])
        if rate >= 0.1:  # a rate of 0 has no place on this axis, only an upper end
            axes.plot(rate, height, marker, ls="", color=OKABE_ITO[colour], label=label)
axes.set_xscale("log")
axes.set_yticks(-np.arange(len(FAULTS)), [one.replace("_", " ") for one in FAULTS])
axes.legend(frameon=False, loc="lower right")
alt = ", ".join(
    f"{f} {interval('model', f)[1]:.1f} and {interval('Bach', f)[1]:.1f}" for f in FAULTS
)
Figure(canvas, f"In 1,000 chords, the model and Bach: {alt}.")

# %% [markdown]
# **Trap 4: Goodhart's law.** "When a measure becomes a target, it ceases to be a good measure." In training, `bach-studio` paid for every chance that it gave to parallel and hidden fifths and octaves and to notes out of range, unless Bach wrote them (`musiclab/training/faults.py`). So these rows can no longer tell how good it is: they show that the cost worked. Crossing, overlap, width and leaps were not charged; look at those. And look at `bach-grid`, trained by likelihood alone, the least surprised of our models:

# %%
drafts = compose_many(checkpoint="bach-grid", bars=8, seed=0, candidates=16)
uncharged = voice_leading_counts([one.chorale for one in drafts])
for fault in ("parallel_fifths", "parallel_octaves"):
    low, high = poisson_interval(getattr(uncharged, fault), uncharged.chords / 1000)
    print(f"{fault:17}{uncharged.rates[fault]:5.1f} in 1,000 chords ({low:.1f} to {high:.1f})")

# %% [markdown]
# A low surprise does not keep a model from parallels. No row is zero for Bach, so zero is not the aim. His own rate is.
#
# **Trap 5: the denominator.** Compare the bigram's fifths with Bach's above. Is it only so many times as careless? Its voices seldom move at the same moment, so it has few occasions. Count only the moments when two voices move in one direction, and it looks like what it is. And look at the grid: had we kept the beats alone and dropped the 16ths between them, Bach himself would seem a sinner.

# %%
on_beats = voice_leading_counts([one.pitches[one.beats % 4 == 0] for one in bach])
for name, one in {**totals, "Bach, beats only": on_beats}.items():
    share = (one.parallel_fifths + one.parallel_octaves) / one.similar_motion
    print(f"{name:16} {share:6.1%} of moves in one direction are parallel,", end=" ")
    print(f"{one.rates['parallel_fifths']:4.1f} fifths in 1,000 chords")

# %% [markdown]
# Hear the model write parallel octaves, if it did in these pieces: two voices sing like one. They arrive in the middle of each clip.

# %%
places = [(one, found[0][0]) for one in model if (found := parallels(one.pitches, 0))]
for number, (piece, frame) in enumerate(places[:2], start=1):
    first = min(max(0, frame - 8), len(piece) - 20)
    display(Sound(piece.excerpt(first, first + 20), title=f"octaves by the model, {number}"))

# %% [markdown]
# **Trap 6: a rule with small print.** "The *leading note*, a semitone below the home note, must rise to it at the end." Ask Bach:

# %%
for name, one in totals.items():
    inner = one.leading_notes - one.outer_leading_notes
    outer = f"{one.outer_unresolved} of {one.outer_leading_notes} in soprano and bass"
    print(f"{name:6} {one.share_on_tonic:4.0%} end on home; leading notes left hanging:", end=" ")
    print(f"{outer}, {one.unresolved - one.outer_unresolved} of {inner} in alto and tenor")

# %% [markdown]
# Compare Bach's two rows. In the outer voices he keeps the rule; in the inner voices the leading note mostly falls by a third, and so fills the last chord. A count that ignores who sings would have called Bach careless. Calibrate every rule on Bach first.
#
# ## 13.5 Learnt by heart?
#
# A model that copies would score well so far. So look for the longest passage, counted in chord changes and in any key, that a piece shares with training. A count alone says little: it needs **controls**. Negative: Bach's own unseen pieces, cut to eight bars. Positive: training pieces moved to another key.

# %%
memory = TrainingMemory(train)
groups = {
    "model": model[:64],
    "unseen Bach": [one.excerpt(0, min(len(one), 128)) for one in bach],
    "training, moved": [one.excerpt(0, 64).transpose(1) for one in train[:20]],
}
found = {name: [memory.longest(one) for one in made] for name, made in groups.items()}
for name, each in found.items():
    changes, nearest = [one.changes for one in each], max(each, key=lambda one: one.changes)
    print(f"{name:15} median {np.median(changes):2.0f}, longest {max(changes)}: {nearest.name}")

# %% [markdown]
# The positive control is found, whole. Compare the model with unseen Bach: what Bach shares with himself is formulas, such as endings. (Bach's longest is a chorale that he set twice, much alike; one stands in training.) Here is the model's nearest passage, then its twin in training, moved to the same key.

# %%
near, copy = max(zip(found["model"], model[:64], strict=True), key=lambda pair: pair[0].changes)
twin = train[near.number].excerpt(*near.training_frames).transpose(near.semitones)
display(Sound(copy.excerpt(*near.frames), title="the model", tempo=80))
display(Sound(twin, title=f"{near.name}, in training", tempo=80))

# %% [markdown]
# ## 13.6 A distance between sounds
#
# Speech research compares recordings by **mel-cepstral distance**. Cut the sound into windows; measure the energy in bands that are spaced as the ear hears (*mel*: narrow below, wide above); take logarithms; describe the row of 40 logarithms by 13 slow waves (the *cepstrum*) and drop the constant one, which is only loudness. Distance: straight line between two such descriptions, in decibels, averaged over time.


# %%
def mel_bands(rate=24_000, bands=40, window=1024):
    highest = 2595 * np.log10(1 + rate / 2 / 700)
    corners = 700 * (10 ** (torch.linspace(0, highest, bands + 2, dtype=torch.float64) / 2595) - 1)
    hertz = torch.fft.rfftfreq(window, 1 / rate).double()
    left, peak, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    return torch.minimum((hertz - left) / (peak - left), (right - hertz) / (right - peak)).clip(0)


def cepstrum(wave, window=1024, hop=512):
    shape = torch.hann_window(window, periodic=False).double()
    wave = torch.tensor(wave).double()
    waves = torch.stft(wave, window, hop, window=shape, center=False, return_complex=True)
    power = mel_bands() @ waves.abs() ** 2
    logs = (power / power.max()).clip(1e-6).log()
    angles = torch.outer(torch.arange(1, 14), torch.arange(40) + 0.5) * np.pi / 40
    return angles.cos().double() @ logs / 40


# %% tags=["nbval-check-output"]
def distance(first, second):
    difference = cepstrum(first) - cepstrum(second)
    return (10 / np.log(10) * np.sqrt(2) * difference.norm(dim=0)).mean().item()


song = tune.excerpt(4, 68)
base = Sound(song, title="the original").samples
flute = Sound(song, instruments="flute").samples
same = np.isclose(distance(base, flute), mel_cepstral_distance(base, flute))
print("Ours, by torch.stft, equals the library's, by numpy:", same)

# %% [markdown]
# > **Exercise** [mel-cepstral-distance](../exercises/13_did_it_work.ipynb#mel-cepstral-distance): write it, with alignment in time.
#
# Now the controls: one piece against eight changed copies. **Predict:** which copy will be furthest from the original? Which one *should* be?

# %% tags=["nbval-check-output"]
rng = np.random.default_rng(0)
wrong_alto = Chorale(pitches=song.pitches + [0, 1, 0, 0], attacks=song.attacks, tempo=96)
shuffled = song.pitches.reshape(4, 16, 4)[[2, 0, 3, 1]].reshape(64, 4)
limits = zip((60, 55, 48, 40), (80, 75, 68, 61), strict=True)
random = np.stack([np.repeat(rng.integers(low, high, 16), 4) for low, high in limits], axis=1)
late = np.concatenate([np.zeros(1200, np.float32), base[:-1200]])  # 1,200 samples: 0.05 s
copies = {
    "itself": base,
    "alto a semitone off": Sound(wrong_alto).samples,
    "all a semitone up": Sound(song.transpose(1)).samples,
    "0.05 s late": late,
    "bars shuffled": Sound(Chorale(pitches=shuffled, tempo=96)).samples,
    "random notes": Sound(Chorale(pitches=random, tempo=96)).samples,
    "another chorale": Sound(bach[0].excerpt(0, 64), tempo=96).samples,
    "on a flute": flute,
    "on a harpsichord": Sound(song, instruments="harpsichord").samples,
}
apart = {name: mel_cepstral_distance(base, wave) for name, wave in copies.items()}
print("To itself:", apart["itself"])

# %%
canvas, axes = empty_plot("Far from the original?", "mel-cepstral distance in decibels", "")
harmless = ("itself", "0.05 s late", "all a semitone up", "on a flute", "on a harpsichord")
for name in sorted(apart, key=apart.get, reverse=True):
    colour, hatch = ("blue", "") if name in harmless else ("vermilion", "//")
    axes.barh(name, apart[name], color=OKABE_ITO[colour], hatch=hatch, edgecolor="white")
    axes.text(apart[name] + 0.1, name, f"{apart[name]:.1f}", va="center")
Figure(canvas, "Distances; blue: the ear hears the same music; hatched red: it does not")

# %% [markdown]
# Blue is what a listener would forgive, hatched red what nobody would. Were this a measure of *music*, every red bar would be longer than every blue one. Now hear two pairs. First: which of these is further from Bach?

# %%
for name in ("itself", "alto a semitone off", "on a harpsichord"):
    display(Sound(copies[name][: 5 * 24_000], title=f"{name}: {apart[name]:.1f} decibels"))

# %% [markdown]
# And these two, are they equally far from it?

# %%
for name in ("random notes", "another chorale"):
    display(Sound(copies[name][: 5 * 24_000], title=f"{name}: {apart[name]:.1f} decibels"))


def random_chords():
    limits = zip((60, 55, 48, 40), (80, 75, 68, 61), strict=True)
    return np.stack([np.repeat(rng.integers(low, high, 16), 4) for low, high in limits], axis=1)


several = {
    "random notes": [random_chords() for _ in range(4)],
    "other chorales": [one.pitches[:64] for one in bach[1:5]],
}
for name, made in several.items():
    waves = [Sound(Chorale(pitches=one), tempo=96).samples for one in made]
    far = [mel_cepstral_distance(base, wave) for wave in waves]
    print(f"{name:15} {min(far):.2f} to {max(far):.2f} decibels")

# %% [markdown]
# **The metric and your ears disagree.** One singer who is a semitone off ruins every chord, and moves the spectrum's rough shape little. A harpsichord spoils nothing, and moves it far. Four draws of random notes and four other chorales by Bach lie in much the same range. The measure is not broken: it was made to ask "does this *voice* sound like that voice?", and it measures timbre. A number is only as good as the question that it answers.
#
# > **Exercise** [ear-distance](../exercises/13_did_it_work.ipynb#ear-distance): invent one that hears music.
#
# ## 13.7 Your own ears
#
# So ask a listener. Twelve riddles, as in notebook 0, by the rules of a fair test: a coin decides each one, the sound is the same for all, you see no notes, and the truth is told only at the end.

# %%
game = BachOrModel(rounds=12, seed=11, player="sound", tell="at the end")
music = [riddle.chorale for riddle in game.riddles]
game

# %% [markdown]
# Press the buttons, then run the cells of this section again from here on. Or type twelve letters into the next cell, B for Bach and M for the model. Until you do, a coin stands in for you; only its score is told, so nothing is given away.

# %%
# game.guess_all("BMMB BMBM MBMB")  # yours
coin = "".join(rng.choice(["B", "M"], 12))
fooled = game.fooled if game.finished else game.fooled_by(coin)
low, high = wilson_interval(fooled.count(False), 12)
print(f"{fooled.count(False)} of 12 right, 95 % interval {low:.0%} to {high:.0%}")

# %% [markdown]
# The **Wilson interval** bounds the share that you would reach in an endless game. With twelve rounds it is wide. How many right are needed before it leaves the coin's 50 % behind?

# %%
for right in range(6, 13):
    low, high = wilson_interval(right, 12)
    print(f"{right:2} of 12: {low:.0%} to {high:.0%}", "<- more than a coin" * (low > 0.5))

# %% [markdown]
# > **Exercise** [wilson-interval](../exercises/13_did_it_work.ipynb#wilson-interval): write it yourself.
#
# Ten. And "I could not tell" does not show that they are equal: even 6 of 12 leaves 70 % possible. Do your errors go with anything that we measured? Rank correlation: high if you are fooled just where the measure is high, 0 for no relation. (Since you are fooled or not, with nothing between, it cannot reach 1; the last line says how far it could go.)

# %%
measures = {
    "surprise": [one.mean() for one in likelihood.nats_of_pieces(music, "bach-grid")],
    "faults": [sum(voice_leading_counts([one]).rates.values()) for one in music],
    "passage known by heart": [memory.longest(one).changes for one in music],
}
for name, values in measures.items():
    print(f"fooled, and {name:22}: {spearman(fooled, values):+.2f}")
chance = [abs(spearman(rng.permutation(fooled), measures["surprise"])) for _ in range(1000)]
most = spearman(sorted(fooled), range(12))
print(
    f"by chance it goes beyond {np.quantile(chance, 0.95):.2f} once in twenty times; at most {most:.2f}"
)

# %% [markdown]
# With twelve rounds, a correlation nearer to 0 than the last number says nothing. The coin has no ears at all, and still its column is not zero.
#
# ## 13.8 Speed and memory
#
# Measured here, now.

# %%
checkpoint = load_checkpoint("bach-studio")
weights = sum(one.numel() for one in checkpoint.model.parameters())
file = files("musiclab") / "checkpoints" / "bach-studio" / "model.safetensors"
config = checkpoint.model.config
print(f"{weights / 1e6:.2f} million numbers, {len(file.read_bytes()) / 1e6:.1f} MB on disk")
for at_once in (1, 8, 64):
    start = perf_counter()
    compose_many(checkpoint=checkpoint, bars=4, seed=1, candidates=at_once)
    speed = at_once * 4 * 64 / (perf_counter() - start)  # 64 notes a bar: 16 frames, 4 voices
    cache = 2 * config.n_layers * config.d_model * at_once * 64 * 4 / 1e6  # keys, values; 4 bytes
    print(f"{at_once:2} at once: {speed:6,.0f} notes a second, {cache:5.1f} MB of cache")

# %% [markdown]
# The speed of *one* piece and of *many* are two figures; say which.
#
# ## In three lines
#
# - Every measure needs its unit, its interval, its controls, and somebody who tries to cheat.
# - Low surprise does not mean few faults, and a fault that was trained against no longer measures quality.
# - Ears have the last word, but twelve guesses prove little: report the interval.
#
# ## Check yourself
#
# **1.** A model is given each frame's true chord name, then predicts the notes at 0.2 nats. What is wrong?
#
# <details><summary>a) Nothing, chords are a legitimate input</summary>Only if the model predicts them itself, and pays. At composing time nobody hands it the true chord.</details>
# <details><summary>b) The chord is computed from the notes, so part of the answer was free</summary>Yes. Charged, the total cannot be cheaper than the notes alone.</details>
# <details><summary>c) 0.2 is too small to be measured</summary>No. It is measured well; it answers another question.</details>
#
# **2.** Why does the bootstrap draw pieces and not notes?
#
# <details><summary>a) It is faster</summary>A little, but that is not the reason.</details>
# <details><summary>b) Notes of one piece are alike</summary>Yes. Treated as independent, they would pretend to far more evidence than there is.</details>
# <details><summary>c) Pieces have different lengths</summary>They do, and the sums over sizes take care of it. The reason is dependence.</details>
#
# **3.** Bach writes about two parallel fifths in 1,000 chords. What should a model aim at?
#
# <details><summary>a) None</summary>No. That would be stricter than Bach, and easily had by forbidding them.</details>
# <details><summary>b) As few as Bach</summary>Yes. The master's own rate is the anchor of every rule here.</details>
# <details><summary>c) It does not matter</summary>It is what one hears: two voices melt into one.</details>
#
# **4.** The mel-cepstral distance of two recordings is small. What do you know?
#
# <details><summary>a) The notes are nearly right</summary>No. A wrong alto hardly moved it.</details>
# <details><summary>b) They have a similar timbre over time</summary>Yes. That is what it was made for.</details>
# <details><summary>c) A listener will like both</summary>No. Ask a listener.</details>
#
# **5.** (Looking back to notebook 10.) `bach-studio` knows which notes would run parallel. How?
#
# <details><summary>a) They are masked before the draw</summary>No. That is an option (`rules=["parallels"]`), and it is off by default.</details>
# <details><summary>b) They are among the notes that it remembers, and it learns what they are worth</summary>Yes. A note that keeps its fifth to a moving voice is read by its interval like any other.</details>
# <details><summary>c) Attention compares all pairs of notes</summary>No. A parallel takes four notes, not two.</details>
#
# ## Read on
#
# - Boulanger-Lewandowski, Bengio and Vincent (2012), [Modeling Temporal Dependencies in High-Dimensional Sequences](https://arxiv.org/abs/1206.6392): the benchmark.
# - Huang and others (2018), [Music Transformer](https://arxiv.org/abs/1809.04281): the figures to reach.
# - Peracha (2019), [Improving Polyphonic Music Models with Feature-Rich Encoding](https://arxiv.org/abs/1911.11775): TonicNet.
# - Kubichek (1993), "Mel-cepstral distance measure for objective speech quality assessment", IEEE Pacific Rim Conference.
# - Wilson (1927), "Probable Inference, the Law of Succession, and Statistical Inference", Journal of the American Statistical Association 22.
#
# **What you can do now that you could not do before:** say how good a music model is, how sure you are, and which figures in the next paper not to believe.
#
# [← 12 · The sampling studio](12_sampling_studio.ipynb) · [14 · Too much memory →](14_too_much_memory.ipynb)
