# %% [markdown]
# # 5 · A fair test
#
# [← 4 · Models that count](04_models_that_count.ipynb) · [6 · Attention →](06_attention.ipynb) · [Exercises 5](../exercises/05_fair_test.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/05_fair_test.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/05_fair_test.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - break a world record, hear what it is worth, and find out why,
# > - split a corpus by piece, and plant four leaks that make a bad model look great,
# > - build two detectors that catch them: fingerprints, and a scrambled answer,
# > - know the faults of the benchmark, and read a published figure with care,
# > - put train, validation and test into one honest table.
# >
# > **You need** notebook 4: nats per note, and what Kneser-Ney does. No network, no GPU.
# >
# > **Time:** about 40 minutes to read and listen, about 80 seconds to run on two processor cores.
# >
# > **You will hear** a record-breaking model that has nothing to say, one chorale under two names, and one whose bass comes in too early.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
from functools import partial

import numpy as np
from IPython.display import display

from musiclab import Chorale, Sound, corpus, read_chorale
from musiclab.checkpoint.load import shipped_names
from musiclab.evaluate import BigramBaseline, KneserNey, UnigramBaseline, in_every_key
from musiclab.evaluate.baseline import columns_of
from musiclab.evaluate.kneser_ney_table import KneserNeyTable
from musiclab.evaluate.leaks import shared_passages, split_pieces
from musiclab.evaluate.likelihood import nats_of_pieces
from musiclab.evaluate.target_leakage import leaking_inputs
from musiclab.music.corpus.table import FAULTY_VALID, LADDER, WHY_FAULTY, benchmark_table
from musiclab.show import plot_bars

rng = np.random.default_rng(0)

# %% [markdown]
# ## 5.1 The best model in the world
#
# Notebook 4 ended with a good model that only counts: Kneser-Ney, with contexts in order of relevance. Let us help it with harmony. Before each frame it is told the *chord*, that is, which note names sound. Then it predicts the four notes. (Voices come in columns of numbers: 0 is a rest, 1 + MIDI number a pitch.)


# %%
def chord_label(columns):
    """Which of the 12 note names sound in each frame, as one number of 12 bits."""
    names = (columns[:, :, None] - 1) % 12 == np.arange(12)  # frame, voice, name
    sounding = (names & (columns > 0)[:, :, None]).any(axis=1)
    return sounding @ (1 << np.arange(12))


class ToldTheChord(KneserNey):
    """Looks at the chord first, then at all that the honest model looks at."""

    def look(self, columns, voice):
        return np.column_stack([chord_label(columns), super().look(columns, voice)])


# %%
train, valid = corpus("train", progress=False), corpus("valid", progress=False)
everywhere = in_every_key(train)
honest, record = KneserNey(everywhere), ToldTheChord(everywhere)
fair, told = honest.nats_per_note(valid), record.nats_per_note(valid)
lowest = min(LADDER, key=lambda rung: rung.valid)
print(f"without the chord {fair:.3f}, told the chord {told:.3f} nats per note")
print(f"the lowest published figure that we list: {lowest.valid}, {lowest.source}")

# %% [markdown]
# A record, by a wide margin, on pieces that are not in training. **Predict:** how does the record-breaker compose?

# %%
song = record.sample(64, seed=1)
print(song.attacks.sum(), "struck notes in", len(song), "frames")
display(Sound(song, title="The best model in the world"))
display(Sound(honest.sample(64, seed=1), title="The honest one"))

# %% [markdown]
# Silence, or nearly. No piece is on both sides, no note was changed, every number is computed correctly. So what went wrong? Keep the question. By 5.6 you will have a test that finds it without listening.
#
# ## 5.2 Split by piece
#
# All figures rest on one promise: the model has never seen the validation pieces. The rule is short. **Split by piece, first of all.** Then cut, then transpose, each side by itself.
#
# > **Exercise** [split-by-piece](../exercises/05_fair_test.ipynb#split-by-piece): write it yourself first: three parts, reproducible, nothing lost or doubled.


# %% tags=["nbval-check-output"]
def split_by_piece(pieces, fractions, seed):
    """Deal whole pieces out to training, validation and test."""
    order = np.random.default_rng(seed).permutation(len(pieces))
    ends = np.round(np.cumsum(fractions) * len(pieces)).astype(int)
    return [[pieces[number] for number in part] for part in np.split(order, ends[:-1])]


parts = split_by_piece(range(100), (0.8, 0.1, 0.1), seed=0)
print([len(part) for part in parts], "all there:", sorted(sum(parts, [])) == list(range(100)))
print("the same again:", parts == split_by_piece(range(100), (0.8, 0.1, 0.1), seed=0))

# %% [markdown]
# So easy, and so often got wrong. Now we break the promise in four ways. Each time: measure fairly, plant the leak, measure again *on the same music*, then catch it with a detector that we build.
#
# ## 5.3 Cut, then split
#
# Training wants short windows. Somebody cuts all pieces into windows of 64 frames that overlap by half, shuffles them, and splits *those*. So windows of a validation piece stray into training.


# %%
def windows(pieces, first):
    """Cut windows of 64 frames, one after another; return each with its piece and first frame."""
    starts = [(n, i) for n, p in enumerate(pieces) for i in range(first, len(p) - 63, 64)]
    return starts, [pieces[n].excerpt(i, i + 64) for n, i in starts]


(at, checked), (stray_at, strayed) = windows(valid, 0), windows(valid, 32)
clean, leaky = KneserNey(train), KneserNey([*train, *strayed])
lab = {"cut, then split": (clean.nats_per_note(checked), leaky.nats_per_note(checked))}
print("fair {:.2f}, leaking {:.2f}".format(*lab["cut, then split"]))

# %% [markdown]
# A large gain, and no note is better composed. To catch it, we need to recognise music that stands on both sides. The names will not help, since windows have none. The notes will: a **fingerprint** is a run of 12 *chords* (a new chord begins wherever some voice moves), written as distances in semitones from its first bass note.


# %%
def fingerprints(piece, length=12, relative=True):
    """Give each run of so many chords as bytes, and the frame in which it begins."""
    new = np.append(True, (piece.pitches[1:] != piece.pitches[:-1]).any(axis=1))
    chords, frames = piece.pitches[new], np.flatnonzero(new)
    for first in range(len(chords) - length + 1):
        run = chords[first : first + length]
        yield (run - relative * run[0, 3]).tobytes(), int(frames[first])


def shared(left, right, **how):
    """For each pair of pieces with a run in common: where it begins in one, and in the other."""
    places, found = {}, {}
    for number, piece in enumerate(right):
        for mark, frame in fingerprints(piece, **how):
            places.setdefault(mark, []).append((number, frame))
    for number, piece in enumerate(left):
        for mark, frame in fingerprints(piece, **how):
            for other, there in places.get(mark, ()):
                found.setdefault((number, other), []).append((frame, there))
    return found


# %% [markdown]
# **Predict:** a checked window and its neighbour in training overlap by 32 frames. Will the detector also find windows that do *not* overlap?

# %%
found = shared(checked, strayed)
overlap, repeats = set(), set()
for (one, other), runs in found.items():
    for frame, there in runs:
        same_bar = at[one][1] + frame == stray_at[other][1] + there
        (overlap if at[one][0] == stray_at[other][0] and same_bar else repeats).add(one)
print(f"of {len(checked)} checked windows, {len({one for one, _ in found})} are recognised:")
print(f"{len(overlap)} by the bars in which two windows overlap,")
print(f"{len(repeats)} by music that comes again in another place")
print(f"control, against the fair training set: {len({one for one, _ in shared(checked, train)})}")

# %% [markdown]
# First the overlap itself, from frame to frame; then a window that overlaps no other in 12 chords, and is recognised by a line that the chorale repeats:

# %%
for wanted in (overlap, repeats - overlap):
    (one, other), runs = next(item for item in found.items() if item[0][0] in wanted)
    name, (frame, there) = valid[at[one][0]].title, runs[0]
    print(f"{name}: checked from frame {at[one][1] + frame}, trained on from frame", end=" ")
    print(f"{stray_at[other][1] + there} of {valid[stray_at[other][0]].title}")

# %% [markdown]
# So windows without overlap are not fair either: Bach's chorales repeat whole lines. The library's detector finds the same pairs, and it names the pieces that were cut, even where no two parts overlap:

# %% tags=["nbval-check-output"]
numbers = [str(n) for n in range(len(checked))], [str(n) for n in range(len(strayed))]
library = shared_passages(checked, strayed, names=numbers)
print("equal pairs:", {(int(one.left), int(one.right)) for one in library} == set(found))
print(len(split_pieces(checked, strayed, valid)), "pieces have parts on both sides")

# %% [markdown]
# ## 5.4 Transpose, then split
#
# Somebody adds a copy of every piece, a whole tone (two semitones) higher, *before* splitting. It looks like different data. **Predict:** does it help a model that counts in all keys?

# %%
copies = [piece.transpose(2) for piece in valid]
leaky = KneserNey(in_every_key([*train, *copies]))
lab["transpose, then split"] = fair, leaky.nats_per_note(valid)
print("fair {:.2f}, leaking {:.2f}".format(*lab["transpose, then split"]))

# %% [markdown]
# Copies of the validation pieces are in training, and counting in all keys brings them home. Now you see why the fingerprint is written as distances:
#
# > **Exercise** [same-tune](../exercises/05_fair_test.ipynb#same-tune): tell whether two tunes are the same, in any key.

# %%
for relative in (False, True):
    pairs = shared(valid, copies, relative=relative)
    caught = sum((n, n) in pairs for n in range(len(valid)))
    print(f"{'distances' if relative else 'pitches'}: {caught} of {len(valid)} copies found")

# %% [markdown]
# (One chorale slips through: its voices rest together for long, and a rest has no distance. The library counts from the chord before the silence, and finds all 75.) If you beat the world in an afternoon, look for the leak first.
#
# > **Exercise** [copied-passage](../exercises/05_fair_test.ipynb#copied-passage): find the passage that two pieces share, and the bug in a finder.
#
# ## 5.5 The benchmark and its traps
#
# These leaks were ours. The next one sits in the benchmark that everybody used: 382 chorales on a grid of 16ths, split by Boulanger-Lewandowski and others in 2012 into 229 for training, 76 for validation and 77 for the test. Listen.

# %%
one = next(piece for piece in valid if piece.source == "bach/bwv253.mxl")
twin = read_chorale("bach/bwv414")
display(Sound(one.excerpt(0, 48), title="BWV 253: piece 74 of the validation set"))
display(Sound(twin.excerpt(0, 48), title="BWV 414: piece 224 of the training set"))

# %%
with_twin = KneserNey(in_every_key([*train, twin]))
lab["the twin"] = honest.nats_per_note([one]), with_twin.nats_per_note([one])
print("BWV 253: fair {:.2f}, leaking {:.2f}".format(*lab["the twin"]))
alike = (one.pitches[: len(twin)] == twin.transpose(2).pitches).mean()
print(f"{alike:.1%} of all notes are alike; caught: {bool(shared([one], [twin]))}")

# %% [markdown]
# The same chorale, catalogued twice. Our `corpus("train")` leaves BWV 414 out. Are there more? All of validation against all of training:

# %%
print(*shared_passages(valid, train), sep="\n")

# %% [markdown]
# The first pair is two settings of one hymn tune. It is known and stays, as in the original. The second is short, a formula that Bach used again. The length of 12 chords is a choice: so that formulas pass and copies do not.
#
# The benchmark has more faults. Here are those of its validation set:

# %%
rows = [row for row in benchmark_table() if row.split == "valid"]
for row in rows:
    if row.index in FAULTY_VALID:
        print(row.index, WHY_FAULTY[row.index])
    elif not row.corpus_path:
        print(row.index, "is missing here: music21 has no file of it")
print(f"so {len(rows)} pieces there, {len(valid)} rebuilt here")

# %% [markdown]
# Piece 35 is BWV 378 with its bass three beats before the other voices. Our pieces are rebuilt from music21, where it is sound. We break it in the same way. **Predict:** what does a fault in the *data* cost a good model?

# %%
sound = next(piece for piece in valid if piece.source == "bach/bwv378.mxl")
late = np.roll(sound.pitches, 12, axis=0)  # three beats late ...
late[:, 3] = sound.pitches[:, 3]  # ... all but the bass
corrupt = Chorale(pitches=late, title="BWV 378, the bass three beats early")

# %%
display(Sound(corrupt.excerpt(12, 60)))
nats = [honest.nats_per_note([piece]) for piece in (sound, corrupt)]
print("sound {:.2f}, corrupt {:.2f} nats per note".format(*nats))

# %% [markdown]
# So the same model gets other figures on the original file and on ours. A figure of the one must never be set beside a figure of the other as if they were equal.
#
# > **Exercise** [fool-the-detector](../exercises/05_fair_test.ipynb#fool-the-detector): change a piece a little, so that fingerprints no longer find it.
#
# ## 5.6 The scrambled answer
#
# Back to the world record. Fingerprints cannot see it: no piece is on both sides. What the model is *told* depends on what it is to predict. This can be tested directly. Choose a note. **Scramble the answer**, that note and everything after it, and look at what the model is given before it sings. Nothing may change, for at that moment nobody can know what comes.


# %%
def change_a_later_note(inputs, pitches, voice, names, tries=50):
    """Which inputs change when the note to be predicted, and all later ones, are scrambled?"""
    before, leaking = inputs(pitches, voice), set()
    for frame in rng.integers(len(pitches), size=tries):
        changed = pitches.copy()
        changed[frame, voice:] = rng.integers(36, 82, size=4 - voice)
        changed[frame + 1 :] = rng.integers(36, 82, size=changed[frame + 1 :].shape)
        leaking |= set(np.flatnonzero(inputs(changed, voice)[frame] != before[frame]))
    return [names[number] for number in sorted(leaking)]


# %%
def given(pitches, voice):
    return record.look(columns_of(pitches), voice)


names = ["chord label", *map(str, honest.features[0])]

# %% tags=["nbval-check-output"]
print("ours:   ", change_a_later_note(given, valid[0].pitches, 0, names))
print("library:", leaking_inputs(given, valid[0], voice=0, names=names))

# %% [markdown]
# Caught, and now the silence is explained. When the model composes, its frame is still empty. The chord of an empty frame is silence, so it sings silence, with great confidence. It never learnt to compose; it learnt to read the answer.
#
# This test asks nothing of the loss. It works on a model that has not been trained at all, where a leak does not show in the figures yet; notebook 6 does exactly that.
#
# ## 5.7 Charge for every token
#
# May a model use chords at all? Yes, if it predicts the chord *first*, and pays for it. We count which chord follows the chord before and the soprano's context:


# %%
def chords_in(pieces):
    """For each frame: what may be known before the chord, and the chord."""
    features, labels = [], []
    for columns in map(columns_of, pieces):
        label = chord_label(columns)
        features.append(np.column_stack([np.append(0, label[:-1]), honest.look(columns, 0)]))
        labels.append(label)
    return np.concatenate(features), np.concatenate(labels)


chords = KneserNeyTable(*chords_in(everywhere), 4096)
features, labels = chords_in([piece.pitches for piece in valid])
price = -np.log(chords.probabilities(features, labels, np.full(4096, 1 / 4096))).mean()

# %% [markdown]
# **Predict:** four notes and one chord make a frame. How are the two costs added, in nats per note?
#
# > **Exercise** [honest-nats](../exercises/05_fair_test.ipynb#honest-nats): write the sum yourself, for any number of labels.

# %%
lab["chord label"] = fair, told
print(f"notes {told:.3f} + chord {price:.3f} / 4 voices = {told + price / 4:.3f} nats per note")
print(f"without any label: {fair:.3f}")

# %% [markdown]
# The record is gone: charged, it does worse than without labels.
#
# This is no invention of ours. TonicNet (Peracha 2019) predicts a chord and then four notes, in each frame, and its paper gives 0.220: the loss over the notes alone, each told the true chord, as its author explains in the first issue of its repository. The checkpoint published there has the loss over *all* tokens in its file name: 0.317. Five tokens per frame, paid by four notes:

# %% tags=["nbval-check-output"]
loss_per_token, tokens, notes = 0.317, 5, 4  # from the name of the published checkpoint
print(f"TonicNet, with its chords charged: {loss_per_token * tokens / notes:.3f} nats per note")

# %%
pairs = {name: [pair[n] for pair in lab.values()] for n, name in enumerate(("fair", "leaking"))}
told_as = ", ".join(f"{name} {a:.2f} to {b:.2f}" for name, (a, b) in lab.items())
words = {"x": "leak", "y": "nats per note", "alt": f"Nats per note, fair and leaking: {told_as}"}
plot_bars(list(lab), pairs, title="Four ways to fool yourself", **words)

# %% [markdown]
# **Explain:** every orange-red bar is lower, yet no music got better. A leak does not look like a fault. It looks like success.
#
# ## 5.8 One honest table
#
# Three parts, three uses. The model learns from *train*. Every choice that somebody makes by looking (how many notes of context, which training step to keep) uses *valid*, and so valid flatters, the more choices the more. *Test* is for the end, when nothing is left to choose: here the models are finished, and nobody will go back and change them because of what the table says.
#
# **Predict:** which column will be the lowest, and for which model by how much?

# %%
test = corpus("test", progress=False)
splits = {"train": train[:40], "valid": valid, "test": test}
chosen_by_valid = {
    "unigram": "nothing",
    "bigram": "nothing",
    "Kneser-Ney": "nothing, but valid and test had been looked at",
    "bach-plain": "settings, step",
    "bach-grid": "settings, step, calibration",
}

# %%
models = {"unigram": UnigramBaseline(train), "bigram": BigramBaseline(train), "Kneser-Ney": honest}
measures = {name: model.nats_of_pieces for name, model in models.items()}
for name in sorted(set(chosen_by_valid) & set(shipped_names()), reverse=True):
    measures[name] = partial(nats_of_pieces, checkpoint=name)
faulty = "bach/bwv378.mxl", "bach/bwv253.mxl"  # pieces 35 and 74
print(f"{'':10}   train   valid    test  valid*   chosen by valid")
for name, measure in measures.items():
    nats = {split: measure(pieces) for split, pieces in splits.items()}
    pairs = zip(valid, nats["valid"], strict=True)
    nats["valid*"] = [one for piece, one in pairs if piece.source not in faulty]
    row = [np.concatenate(one).mean() for one in nats.values()]
    print(f"{name:10}", *(f"{mean:7.3f}" for mean in row), f"  {chosen_by_valid[name]}")

# %% [markdown]
# (*valid\** leaves out pieces 35 and 74. Train is measured on its first 40 pieces.)
#
# Read the train column with suspicion: what a model reaches on pieces that it learnt from says how well it remembers. (`bach-grid` even looks up what followed in the training pieces, so there it finds the very piece; notebook 10 has more.) And 75 pieces are few. Draw 75 pieces from them at random, with repetition, a thousand times: how much does the mean move by luck alone?

# %%
per_piece = honest.nats_of_pieces(valid)
sums, sizes = (np.array([f(one) for one in per_piece]) for f in (np.sum, np.size))
draws = rng.integers(len(valid), size=(1000, len(valid)))
means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)

# %%
low, high = np.percentile(means, [2.5, 97.5])
print(f"Kneser-Ney on valid: {fair:.3f}, 95 % of the draws between {low:.3f} and {high:.3f}")

# %% [markdown]
# Two models that are measured on the *same* pieces can be told apart more finely than that, piece by piece, but the last digit of a leaderboard may well be luck.
#
# Last, the figures that others published, with their sources:

# %%
for rung in LADDER:
    if "measured" not in rung.source:
        print(f"{rung.valid:.3f}  {rung.model}: {rung.source}")

# %% [markdown]
# They are of the *original* file, with all 76 pieces and their faults. So the table above cannot say who is ahead of whom. The card of each checkpoint has its figure on that file, which is only measured on and never trained on.
#
# ## In three lines
#
# - Split by piece before anything else; then look for fingerprints that stand on both sides, in any key.
# - Scramble the answer: no input of an honest model may change. And charge for every token that is predicted.
# - Train tells what is remembered, valid flatters whoever chose by it, test comes last; figures compare only on the same notes of the same file.
#
# ## Check yourself
#
# **1.** You cut pieces into windows that do *not* overlap, and split the windows. Is that fair?
#
# <details><summary>a) Yes: no note is on both sides</summary>No. Chorales repeat whole lines, so neighbours still help.</details>
# <details><summary>b) No: parts of one piece are on both sides</summary>Yes. The detector recognised windows that share no bar, only repeated music.</details>
# <details><summary>c) Only if they are shuffled</summary>No. Shuffling is what spreads a piece over both sides.</details>
#
# **2.** Why are fingerprints written as distances from a bass note?
#
# <details><summary>a) To make them shorter</summary>No. They are as long as before; each note is still one number.</details>
# <details><summary>b) So that a transposed copy has the same ones</summary>Yes. With plain pitches, none of the copies was found.</details>
# <details><summary>c) Because the bass is the most important voice</summary>No. Any note would do, as long as both sides take the same.</details>
#
# **3.** May a model be told the place in the beat?
#
# <details><summary>a) No: any help is a leak</summary>No. Only help that depends on the answer is a leak. Scramble the notes, and the beat stays.</details>
# <details><summary>b) Yes: it follows from the frame's number</summary>Yes. It is known before any note is, also when the model composes.</details>
# <details><summary>c) Yes, if it is charged as a token</summary>Not needed. It can be predicted without a doubt, so it would cost nothing.</details>
#
# **4.** A paper reports 0.30 on validation. You get 0.31 on your own copy of the data, where one piece is missing. Who is better?
#
# <details><summary>a) The paper, by 0.01</summary>No. The figures are of different notes, and a missing or mended piece can move the mean by that much.</details>
# <details><summary>b) Nobody can tell yet</summary>Yes. Measure both on the same file, piece by piece, and ask what was chosen by looking at it.</details>
# <details><summary>c) You, since your data is harder</summary>No. Perhaps it is, perhaps not: that is a guess until it is measured.</details>
#
# **5.** From notebook 4: a model costs 0.69 nats per note. What is that in bits per frame?
#
# <details><summary>a) About 1</summary>No. That is bits per *note*; a frame has four notes.</details>
# <details><summary>b) About 4</summary>Yes. 0.69 nats are one bit, and four voices make a frame.</details>
# <details><summary>c) About 2.8</summary>No. That is nats per frame; divide by log 2 to get bits.</details>
#
# ## Read on
#
# - Boulanger-Lewandowski, Bengio and Vincent (2012), [Modeling Temporal Dependencies in High-Dimensional Sequences](https://arxiv.org/abs/1206.6392): the chorales and their split.
# - Huang and others (2018), [Music Transformer](https://arxiv.org/abs/1809.04281): the lower end of the published figures.
# - Peracha (2019), [Improving Polyphonic Music Models with Feature-Rich Encoding](https://arxiv.org/abs/1911.11775): TonicNet, and [what its figure counts](https://github.com/omarperacha/TonicNet/issues/1).
# - Kapoor and Narayanan (2022), [Leakage and the Reproducibility Crisis in ML-based Science](https://arxiv.org/abs/2207.07048): eight kinds of leakage, found in 17 fields.
#
# **What you can do now that you could not do before:** tell a good model from a leak, build the tests that do it for you, and read a leaderboard without being fooled.
#
# [← 4 · Models that count](04_models_that_count.ipynb) · [6 · Attention →](06_attention.ipynb)
