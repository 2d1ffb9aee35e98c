# %% [markdown]
# # 6 · Attention
#
# [← 5 · A fair test](05_fair_test.ipynb) · [7 · Position →](07_position.ipynb) · [Exercises 6](../exercises/06_attention.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/06_attention.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/06_attention.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - ask of a real cadence which earlier notes matter, and measure the answer,
# > - weigh four notes by hand, turn the loops into two lines, and see the weights as a picture,
# > - build scores, scale, mask and heads, equal to the library's and to PyTorch's,
# > - train a small model with a mask and without, and hear why it needs one,
# > - see where the heads of our trained model look, beside a control that does not choose.
# >
# > **You need** notebook 3 (tokens) and the word *nats* from notebook 4; vectors and dot products.
# >
# > **Time:** about 45 minutes to read and listen, about 65 seconds to run on two processor cores.
# >
# > **You will hear** a phrase that stops one chord too early, and two models that go on after Bach: one that learnt, and one that cheated.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import math
import time

import numpy as np
import torch
from einops import einsum, rearrange
from IPython.display import display
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from musiclab import PianoRoll, Sound, corpus, load_checkpoint, read_chorale
from musiclab.evaluate import sees_the_answer
from musiclab.model import MultiHeadAttention, Transformer, TransformerConfig
from musiclab.model.attention import attention_weights, causal_mask
from musiclab.sampling import Settings, generate
from musiclab.show import OKABE_ITO, VOICE_COLOURS, Figure, empty_plot, plot_bars
from musiclab.show.attention import attention_of, attention_roll
from musiclab.tokens import GridTokenizer
from musiclab.training import TokenBatches, TrainingConfig, mean_nll, train

# %%
_ = torch.manual_seed(0)
torch.set_num_threads(1)  # models as small as ours gain nothing from a second core

# %% [markdown]
# ## 6.1 Which earlier notes matter for this one?
#
# A line of the chorale BWV 66.6, cut off one chord before its end. **Predict:** hum the note that the *soprano* (the highest voice) has to sing next.

# %%
bach = read_chorale("bach/bwv66.6")
Sound(bach.excerpt(16, 44), title="One chord is missing")

# %%
PianoRoll(bach.excerpt(16, 48), title="The chord was this")

# %% [markdown]
# Did you hum F sharp, the home note of this piece? Then something in the past told you. Which notes? We ask the trained model of this course, which met this chorale in training. We hide one *beat* of the past (four frames) and see how much less likely the right note becomes, in nats. A hidden beat is unusual for the model, so compare beats with each other rather than with zero.

# %%
checkpoint = load_checkpoint("bach-studio")
model, tokenizer = checkpoint.model.eval(), checkpoint.tokenizer
rows = torch.from_numpy(tokenizer.encode(bach))  # row 0 says "start", row 1 is frame 0
told = torch.from_numpy(checkpoint.conditions.encode(bach))


@torch.inference_mode()
def nats_lost(moment, beats=8, voices=slice(None)):
    """Hide each of the last beats; how much less likely does the soprano's true note become?"""
    past = rows[: moment + 1].repeat(beats + 1, 1, 1)
    for beat in range(beats):
        end = moment + 1 - 4 * beat
        past[beat + 1, end - 4 : end, voices] = tokenizer.pad_id
    conditions, frames = told[: moment + 1], rows[1 : moment + 2]  # the soprano reads no frame
    scores = model(past, conditions.expand(beats + 1, -1, -1), frames.expand_as(past))[:, -1, 0]
    chance = scores.log_softmax(dim=-1)[:, rows[moment + 1, 0]]
    return (chance[0] - chance[1:]).tolist()


# %% [markdown]
# **Predict:** which beat matters most for the last chord of the line (frame 44)? Will it be the same at the start of bar 7 (frame 100)? And over all of the soprano's notes in between together?

# %%
lost = {"last chord of the line": nats_lost(44), "first beat of bar 7": nats_lost(100)}
struck = [first for first, *_ in bach.notes(0) if 36 <= first < 100]  # the soprano's notes
many = torch.tensor([nats_lost(moment) for moment in struck])
lost[f"mean of {len(many)} notes"] = many.mean(dim=0).tolist()
most = [f"{name}: beat {1 + max(range(8), key=row.__getitem__)}" for name, row in lost.items()]
print("costs most to hide:", *most, sep="\n  ")
title, beats = "What the soprano's next note depends on", "the beat that was hidden, counted back"
alt = f"{title}: nats lost by hiding one of the last 8 beats; most for {', '.join(most)}"
plot_bars(range(1, 9), lost, title=title, x=beats, y="nats lost", alt=alt)

# %% [markdown]
# One moment is an anecdote; the mean shows the habit. (Below zero: hiding that beat made the true note *more* likely.)
#
# In the beat just before the chord, the alto holds E sharp, a step below home: the *leading note*, so called because it leads there. **Predict:** is it the alto that tells the model? We hide one voice of that beat at a time.

# %%
for voice, name in enumerate(("soprano", "alto", "tenor", "bass")):
    print(f"{name:8} {nats_lost(44, beats=1, voices=voice)[0]:5.2f} nats lost")
print(f"all four {nats_lost(44, beats=1)[0]:5.2f}")

# %% [markdown]
# If the voices told different things, the four would add up to the last line. Where they do not, several voices say the same, or something that they only say together.
#
# So the past must be **weighed**, and the weights must depend on what is there. A bigram cannot do that: it always looks one step back. *Attention* can.
#
# ## 6.2 Four notes, by hand
#
# Think of asking a group of people. I have a question (my **query**). Everybody wears a badge that says what they know about (their **key**). The better a badge matches my question, the more I listen to what that person says (their **value**).
#
# Here are the last four notes of the soprano. Each has a key of three numbers: is it a step from home? On the beat? Just sung? The question is asked by the **newest note that was read**, the G sharp, which has to predict what follows. It asks: "a step from home, above all", and may look at itself, too. A value is what a note *reports*: does it pull to F sharp, does it pull to A? We made all these numbers up; in a real model they are learnt.

# %%
names = ["C sharp", "A", "B", "G sharp"]
keys = [[0, 1, 0], [0, 1, 0], [0, 0, 0.5], [1, 1, 1]]
values = [[0, 0], [0, 0], [0, 1], [1, 0]]  # pull to F sharp, pull to A
query = [3, 1, 1]  # of the newest note read, the G sharp


# %% tags=["nbval-check-output"]
def attend_by_loops(query, keys, values):
    """Weigh every key by its match with the query, then mix the values."""
    scores = []
    for key in keys:
        match = sum(q * k for q, k in zip(query, key, strict=True))
        scores.append(match / math.sqrt(len(query)))
    total = sum(math.exp(score) for score in scores)
    weights = [math.exp(score) / total for score in scores]
    width = range(len(values[0]))
    mixed = [sum(w * v[i] for w, v in zip(weights, values, strict=True)) for i in width]
    return weights, mixed


weights, mixed = attend_by_loops(query, keys, values)
for name, weight in zip(names, weights, strict=True):
    print(f"{name:8} {weight:.2f}")
print(f"mixture: pull to F sharp {mixed[0]:.2f}, to A {mixed[1]:.2f}")

# %% [markdown]
# Three steps: a **score** for each key (a *dot product*: multiply number by number, add up), a **softmax** (exponentials, divided by their sum, so that the weights are positive and add up to 1), a **weighted mean** of the values. The G sharp gets most of the weight, so the mixture says: F sharp. What is averaged are reports, not pitches: the mean of two pitches would be a note that nobody sang.
#
# **Predict:** with a query of three zeros, what will the weights be?

# %% tags=["nbval-check-output"]
weights, _ = attend_by_loops([0, 0, 0], keys, values)
[round(weight, 2) for weight in weights]

# %% [markdown]
# A query of zeros matches every key equally, so the result is a plain mean.
#
# ## 6.3 All at once
#
# Every position asks, so there are as many queries as keys. Put the queries in the rows of a matrix $Q$, keys and values in $K$ and $V$, and the three steps become the best-known formula of the field:
#
# $$\mathrm{attention}(Q, K, V) = \mathrm{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# Here $d$ is the length of a query, called `head_dim`. With `einsum` we write the same with *words* for axes: an axis that is missing after the arrow is summed over.
#
# > **Exercise** [attention-weights](../exercises/06_attention.ipynb#attention-weights): write them yourself first, scaled and masked.
#
# **Predict** the shape of `scores`, for 2 pieces, 3 heads (later), 7 positions and vectors of 5 numbers.

# %% tags=["nbval-check-output"]
query, key, value = torch.randn(3, 2, 3, 7, 5)  # batch heads seq head_dim
match = "batch heads q_seq head_dim, batch heads k_seq head_dim -> batch heads q_seq k_seq"
scores = einsum(query, key, match)  # Q K^T
scores.shape

# %%
weights = (scores / math.sqrt(query.shape[-1])).softmax(dim=-1)  # softmax of it over sqrt(d)
mix = "batch heads q_seq k_seq, batch heads k_seq head_dim -> batch heads q_seq head_dim"
mixed = einsum(weights, value, mix)  # times V

# %% [markdown]
# Is it the same as the loops? And as PyTorch's own function?

# %% tags=["nbval-check-output"]
ours, theirs = key[0, 0].tolist(), value[0, 0].tolist()
loops = [attend_by_loops(one, ours, theirs)[1] for one in query[0, 0].tolist()]
fused = scaled_dot_product_attention(query, key, value)
print("loops equal einsum:", torch.allclose(torch.tensor(loops), mixed[0, 0], atol=1e-5))
print("einsum equals PyTorch:", torch.allclose(mixed, fused, atol=1e-5))

# %% [markdown]
# (PyTorch's is *fused*: its fast versions never store the weights, which we want to look at.)
#
# ## 6.4 Why the square root?
#
# A dot product is a sum of `head_dim` terms. If each term varies by about 1, the sum varies more, the more terms there are. Measured on random vectors:

# %%
for size in (4, 16, 64, 256):
    raw = torch.randn(1000, size) @ torch.randn(size, 1000)
    divided = raw / math.sqrt(size)
    print(f"head_dim {size:3}: variance {raw.var():6.1f}, after dividing {divided.var():.2f}")

# %% [markdown]
# The variance is `head_dim`, so the typical size is its root. Why is that bad? **Predict:** 16 random keys compete. How large is the largest weight, without the division, when vectors have 256 numbers?

# %%
sizes, tops = (1, 4, 16, 64, 256, 1024), {"not divided": [], "divided by the root": []}
for size in sizes:
    products = torch.randn(2000, 1, size) @ torch.randn(2000, size, 16)
    for name, divisor in zip(tops, (1, math.sqrt(size)), strict=True):
        largest = (products / divisor).softmax(dim=-1).amax(dim=-1)
        tops[name].append(float(largest.mean()))
told_as = "; ".join(f"{name} {row[0]:.2f} to {row[-1]:.2f}" for name, row in tops.items())
alt = f"The largest of 16 weights for head_dim from {sizes[0]} to {sizes[-1]}: {told_as}"
labels = {"x": "head_dim", "y": "largest of 16 weights, mean"}
plot_bars(sizes, tops, title="Who gets heard?", **labels, alt=alt)

# %% [markdown]
# Undivided, large vectors let one key take nearly everything, at random, before anything is learnt. Worse, it stays so: the slope of the softmax at a weight $w$ is $w (1 - w)$, close to zero at both ends, and without a slope nothing is learnt.
#
# ## 6.5 The mask
#
# Music goes forward. At position 3 the model has read note 3 and is to predict note 4: it must not see note 4. Who sees whom is a table, one row for each query, one column for each key: row 0 sees only itself, row 3 sees keys 0 to 3. Scores of the future are set to minus infinity *before* the softmax; `exp(-inf)` is 0, and the rest still add up to 1.
#
# > **Exercise** [causal-mask](../exercises/06_attention.ipynb#causal-mask): write the table yourself first, also when some keys are older than the first query.
#
# **Predict** the first row of the masked weights.

# %% tags=["nbval-check-output"]
visible = torch.ones(7, 7, dtype=torch.bool).tril()  # the lower triangle
masked = scores / math.sqrt(query.shape[-1])
masked = masked.masked_fill(~visible, -math.inf).softmax(dim=-1)
print("mask equal to the library:", torch.equal(visible, causal_mask(7, 7, query.device)))
print([round(weight, 2) for weight in masked[0, 0, 0].tolist()])

# %% tags=["nbval-check-output"]
library = attention_weights(query, key, causal_mask(7, 7, query.device))
fused = scaled_dot_product_attention(query, key, value, is_causal=True)
print("weights equal to the library:", torch.allclose(masked, library, atol=1e-6))
same = torch.allclose(masked @ value, fused, atol=1e-5)
print("mixture equal to PyTorch:", same)

# %% [markdown]
# Now a picture. In the soprano's first twelve notes, let every note look for notes of its *own name*: query and key are zero but for a 3 at the note's place among the 12 names.

# %%
tune = [pitch for _, _, pitch in bach.notes(0)[:12]]
name_vectors = 3 * torch.eye(12)[torch.tensor(tune) % 12]  # seq head_dim
scores = name_vectors @ name_vectors.T / math.sqrt(12)
masked = scores.masked_fill(~causal_mask(12, 12, scores.device), -math.inf)
steps = {"1. scores": scores, "2. masked": masked, "3. weights": masked.softmax(dim=-1)}

# %% [markdown]
# **Predict:** the tune sings some notes more than once. Where will they show?

# %%
canvas, axes = empty_plot("From scores to weights", "", "", size=(9.5, 3.7))
axes.remove()
called = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "G♯", "A", "B♭", "B"]
labels = [called[pitch % 12] for pitch in tune]
for panel, (name, table) in zip(canvas.subplots(1, 3), steps.items(), strict=True):
    panel.imshow(table.masked_fill(table.isinf(), math.nan), cmap="Blues", vmin=0)
    panel.set_facecolor("lightgrey")  # shows where the table has no number
    panel.set(title=name, xlabel="note that is looked at")
    panel.set_xticks(range(12), labels)
    panel.set_yticks(range(12), labels)
canvas.axes[0].set_ylabel("newest note that was read")
last = steps["3. weights"][-1]
alt = f"the last row gives {last.max():.2f} to each {labels[-1]}, {last.min():.2f} to other notes"
Figure(canvas, f"Three heat maps, scores, masked scores and weights: {alt}")

# %% [markdown]
# Read it by rows: in the third picture each adds up to 1. Dark cells off the diagonal are notes that come again. In the second the future is gone, the grey half. In the third, the first row gives all to itself, and a note that comes again shares between its places.
#
# > **Exercise** [own-mask](../exercises/06_attention.ipynb#own-mask): invent a mask, and hear it.
#
# ## 6.6 Heads
#
# One softmax has one focus. But a note may care about the bass *and* about the bar before. So the vector is cut into **heads**, each with queries, keys and values of its own; they look separately, and their findings are put side by side again. It takes no more weights: four heads of 32 are cut from the same matrices as one of 128.
#
# Two frames of four numbers, cut into two heads. **Predict:** which numbers should head 0 get?

# %% tags=["nbval-check-output"]
frames = torch.arange(8).view(1, 2, 4)  # frame 0: 0 1 2 3; frame 1: 4 5 6 7
split = "batch seq (heads head_dim) -> batch heads seq head_dim"
print("rearrange:", rearrange(frames, split, heads=2)[0, 0].tolist())
print("reshape:  ", frames.reshape(1, 2, 2, 2)[0, 0].tolist())

# %% [markdown]
# Head 0 wants the first half of *every* frame: 0 1 and 4 5. A bare `reshape` has the right shape and the wrong content: its head 0 knows frame 0 only. No error is raised. Words as axes are our insurance.
#
# > **Exercise** [split-heads](../exercises/06_attention.ipynb#split-heads): cut the width into heads.
#
# > **Exercise** [merge-heads](../exercises/06_attention.ipynb#merge-heads): find the bug.
#
# Now the whole layer. Three learnt matrices, side by side in one, make queries, keys and values from each position's vector; a fourth mixes what the heads found.


# %%
class Attention(nn.Module):
    """Let every position gather from itself and the past, with several heads."""

    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.to_qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x):
        parts = "batch seq (part heads head_dim) -> part batch heads seq head_dim"
        query, key, value = rearrange(self.to_qkv(x), parts, part=3, heads=self.n_heads)
        visible = causal_mask(x.shape[1], x.shape[1], x.device)
        mixed = einsum(attention_weights(query, key, visible), value, mix)
        return self.to_out(
            rearrange(mixed, "batch heads seq head_dim -> batch seq (heads head_dim)")
        )


# %% [markdown]
# With equal weights, the library's layer and PyTorch's must give equal numbers. (PyTorch's mask says True where one must *not* look.)

# %% tags=["nbval-check-output"]
ours, library = Attention(15, n_heads=3), MultiHeadAttention(15, n_heads=3)
library.load_state_dict(ours.state_dict())
theirs = nn.MultiheadAttention(15, num_heads=3, bias=False, batch_first=True)
theirs.in_proj_weight.data, theirs.out_proj.weight.data = ours.to_qkv.weight, ours.to_out.weight
x = torch.randn(2, 7, 15)
from_torch, _ = theirs(x, x, x, attn_mask=~causal_mask(7, 7, x.device))
print("equal to the library:", torch.allclose(ours(x), library(x), atol=1e-5))
print("equal to PyTorch:", torch.allclose(ours(x), from_torch, atol=1e-5))

# %% [markdown]
# > **Exercise** [multi-head-attention](../exercises/06_attention.ipynb#multi-head-attention): write this layer from memory.
#
# ## 6.7 No mask: perfect loss
#
# Is the mask really needed? Take two small models, equal in everything, with tokens in one long row (soprano, alto, tenor, bass, soprano ...). Both predict the *next* token. One has the mask; the other may look anywhere.

# %%
flat = GridTokenizer(layout="notes")
config = TransformerConfig(vocab_size=flat.vocab_size, d_model=64, n_layers=2, dropout=0.0)
batches = TokenBatches(corpus("train"), flat, batch_size=4, crop=64, transpose=False)
plan = TrainingConfig(steps=400, peak=5e-3, warmup=20)


def new_small(causal):
    """Make a small model, always with the same weights, with the mask or without."""
    torch.manual_seed(0)
    small = Transformer(config)
    for block in small.stack.blocks:
        block.attention.causal = causal
    return small


with_mask, without_mask = new_small(causal=True), new_small(causal=False)

# %% [markdown]
# **Predict:** which of the two reaches the lower loss? (Guessing costs about 4 nats per note.)

# %%
honest = train(with_mask, batches, plan, show_progress=False)
cheating = train(without_mask, batches, plan, show_progress=False)
canvas, axes = empty_plot("The better student?", "training step", "nats per note")
for name, history, colour in (("with", honest, "blue"), ("without", cheating, "vermilion")):
    points = zip(*history.training, strict=True)
    axes.plot(*points, label=f"{name} the mask", color=OKABE_ITO[colour])
axes.legend(frameon=False)
ends = f"with the mask {honest.losses[-1]:.3f}, without {cheating.losses[-1]:.3f}"
print("last loss:", ends)
Figure(canvas, f"Training loss of two models; at the end {ends} nats per note")

# %% [markdown]
# Without the mask, the loss falls almost to zero, far below every figure in notebook 5. A triumph? Let them sing. Both get two bars by Bach, from a piece that they never saw, and go on for two.

# %%
unseen = [one for one in corpus("valid") if len(one) >= 64 and one.beats[0] == 0]


def go_on(small, piece):
    """Two bars by Bach, two by the model."""
    opening = torch.from_numpy(flat.encode(piece.excerpt(0, 32))[1:-1]).view(32, 4)
    chance, settings = torch.Generator().manual_seed(0), Settings(temperature=0.8)
    options = {"frames": 64, "generator": chance, "settings": settings}
    # No cache: without the mask, each new note changes what all earlier positions see.
    written = generate(small, flat, given=opening, cached=False, **options)
    return flat.decode(torch.cat([frame.tokens for frame in written]).flatten())


# %% [markdown]
# **Predict:** what will the model with the perfect loss sing in bar 3?

# %%
written = {"Bach": unseen[:4]}
written["mask"] = [go_on(with_mask, piece) for piece in written["Bach"]]
written["no mask"] = [go_on(without_mask, piece) for piece in written["Bach"]]
display(PianoRoll(written["no mask"][0], title="Trained without the mask"))
display(PianoRoll(written["mask"][0], title="Trained with the mask"))

# %% [markdown]
# **Listen:** the model with the mask is a beginner, but there are four voices, each in its place. The other falls apart the moment Bach stops. In numbers, over four pieces: how many moves are leaps of more than a fifth (seven semitones), and how many different notes sound at a time?

# %%
for name, pieces in written.items():
    steps = np.concatenate([abs(np.diff(p.pitches[31:64], axis=0)).ravel() for p in pieces])
    leaps = (steps > 7).sum() / (steps > 0).sum()
    notes = np.mean([len(set(chord)) for p in pieces for chord in p.pitches[32:64].tolist()])
    print(f"{name:8} {leaps:4.0%} of the moves are leaps, {notes:.1f} different notes at a time")

# %% [markdown]
# **Explain.** In training, the answer at each position *is the next token*. Without a mask, the model may simply look one place to the right. Does it? For each head, the mean share of attention that goes there:

# %%
ids = torch.from_numpy(flat.encode(unseen[0].excerpt(0, 32)))[None]
for name, small in {"mask": with_mask, "no mask": without_mask}.items():
    for layer, weights in enumerate(attention_of(lambda small=small: small(ids))):
        to_the_right = weights[0].diagonal(1, dim1=-2, dim2=-1).mean(dim=-1)
        print(f"{name:8} layer {layer}:", [round(share, 2) for share in to_the_right.tolist()])

# %% [markdown]
# It learnt to copy, not to compose; when it sings, there is no next token to copy. Now the exam: both models on unseen pieces, both *with* the mask.

# %%
exam = list(TokenBatches([one.excerpt(0, 64) for one in unseen[:40]], flat, training=False))
for block in without_mask.stack.blocks:
    block.attention.causal = True
for name, small in {"mask": with_mask, "no mask": without_mask}.items():
    print(f"{name:8} {mean_nll(small, exam, flat.pad_id):.2f} nats per note")

# %% [markdown]
# Must you train first, and be fooled, to find such a leak? Take both models untrained. **Predict:** do their losses differ? And what does the test of notebook 5 say: change a later note, and see whether earlier scores move?


# %%
def earlier_scores_move(small, place=40):
    """Change one later token by a semitone: do the scores before it move?"""
    changed = ids.clone()
    changed[0, place] += 1
    return not torch.allclose(small(ids)[0, :place], small(changed)[0, :place], atol=1e-5)


def scores_for(small):
    """What the model says of each note before it is told, as the library's test asks for it."""
    return lambda notes: small(torch.cat([ids[0, :1], notes[:-1]])[None])[0]


for causal in (True, False):
    small = new_small(causal)
    loss = mean_nll(small, exam, flat.pad_id)
    caught = earlier_scores_move(small), sees_the_answer(scores_for(small), ids[0, 1:])
    print(f"mask {causal!s:5}  {loss:.2f} nats per note, ours and the library's test: {caught}")

# %% [markdown]
# The losses are alike: an untrained model makes no use of what it sees, so the leak is invisible. The test finds it at once.
#
# ## 6.8 Where the heads look
#
# Back to our finished model and to the chord from the beginning. First all heads, each a mean over 64 moments: how much goes to the newest beat, how much to the bar before that, how much further back? And a **control**, which does not choose at all: equal weights for all that it can see.

# %%
seen = attention_of(lambda: model.trunk(rows[None, :-2], told[None]))
heads = torch.cat([layer[0] for layer in seen])[:, :128, :128]  # heads q_seq k_seq
equal = causal_mask(128, 128, heads.device).float()
heads = torch.cat([heads, (equal / equal.sum(dim=-1, keepdim=True))[None]])  # the control is last
back = torch.arange(128)[:, None] - torch.arange(128)  # how far back each key stands
spans = {"newest beat": (0, 4), "the bar before it": (4, 20), "older": (20, 128)}
shares = {}
for name, (first, last) in spans.items():
    inside = (first <= back) & (back < last)
    shares[name] = (heads * inside)[:, 64:].sum(dim=-1).mean(dim=-1)

# %%
labels = [f"{n}.{head}" for n, layer in enumerate(seen) for head in range(layer.shape[1])]
labels.append("control")
canvas, axes = empty_plot("Where each head looks", "layer.head", "share of attention")
below = torch.zeros(len(labels))
for (name, share), colour in zip(shares.items(), ("blue", "sky blue", "orange"), strict=True):
    axes.bar(labels, share, bottom=below, label=name, color=OKABE_ITO[colour])
    below = below + share
canvas.legend(loc="outside right upper", frameon=False)
apart = sum((share[:-1] - share[-1]).abs() for share in shares.values()) / 2  # moved elsewhere
print(f"{(apart > 0.1).sum()} of {len(apart)} heads put over 10 % elsewhere than the control does")
most = [f"{labels[share[:-1].argmax()]} looks most at {name}" for name, share in shares.items()]
Figure(canvas, f"Share of attention by distance, for each head and a control: {', '.join(most)}")

# %% [markdown]
# A head that looks like the control does not choose by *distance*; it may still choose by what stands there.
#
# Now three heads on the roll: the one that looks most at the newest beat, the one for the bar before it, and the one for older music. The black line is the moment to be predicted; the darker a frame, the more weight it gets.

# %%
chosen = {name: int(share[:-1].argmax()) for name, share in shares.items()}
panels = {f"{name}: head {labels[head]}": heads[head, 44, 1:45] for name, head in chosen.items()}
roll = attention_roll(bach, panels, title="Three heads, asked before the last chord of the line")
for voice, colour in VOICE_COLOURS.items():
    roll.canvas.axes[0].plot([], [], color=colour, linewidth=5, label=voice)
roll.canvas.legend(loc="outside lower center", ncols=4, frameon=False)
roll

# %% [markdown]
# Careful: this shows where a head *looks*, not why the model *decides*. What is fetched there may be changed or ignored by later layers. Compare 6.1, where we measured the consequence.
#
# ## 6.9 The price
#
# Every query meets every key, so the work grows with the square of the length. **Predict:** twice as long takes how many times as long?

# %%
print("positions      pairs MB per head   seconds")
for seq in (256, 512, 1024, 2048):
    query = key = value = torch.randn(1, 4, seq, 32)
    start = time.perf_counter()
    attention_weights(query, key, causal_mask(seq, seq, query.device)) @ value
    seconds = time.perf_counter() - start
    print(f"{seq:9} {seq**2:10,} {4 * seq**2 / 1e6:11.1f} {seconds:9.3f}")

# %% [markdown]
# About four times, in pairs and in memory. (The seconds are those of one run, and less regular.) So it matters what a *position* is: a chorale of 15 bars has 240 frames, but 960 tokens in one row, that is 16 times the pairs. It is one reason why our finished model reads frames.
#
# ## In three lines
#
# - Attention is a weighted mean of values; the weights are a softmax of how well each key matches the query.
# - Dividing by the root of `head_dim` keeps the softmax soft; heads let it have several focuses at once.
# - The mask hides the future; without it, training rewards copying the answer, and the loss means nothing.
#
# ## Check yourself
#
# **1.** Why do the weights of a query add up to 1?
#
# <details><summary>a) The keys are normalised</summary>No. Keys may have any length; a long one gets larger scores.</details>
# <details><summary>b) The softmax divides by the sum</summary>Yes. Exponentials, divided by their sum, over the keys that may be seen.</details>
# <details><summary>c) The mask sees to it</summary>No. Without any mask they add up to 1, too.</details>
#
# **2.** You forget to divide by the root of `head_dim`, with heads of 64 numbers. What happens at the start of training?
#
# <details><summary>a) Nothing, the softmax undoes it</summary>No. A softmax undoes adding a number to all scores, not multiplying them.</details>
# <details><summary>b) Each query listens to nearly one key, at random</summary>Yes. The scores are eight times too large, and the slope of the softmax is nearly zero there.</details>
# <details><summary>c) All weights become equal</summary>No. That would happen with scores near 0, so when dividing by too much.</details>
#
# **3.** You set the future's *weights* to 0 after the softmax, instead of its scores to minus infinity before. What is wrong?
#
# <details><summary>a) Nothing</summary>No. Add up a row: less than 1 is left, and how much is lost depends on the future.</details>
# <details><summary>b) The rows no longer add up to 1, and the future still has an influence</summary>Yes. The future was in the sum that the softmax divided by.</details>
# <details><summary>c) It is slower</summary>Perhaps, but it is also wrong: the rows no longer add up to 1.</details>
#
# **4.** Your first model reaches 0.02 nats per note after a minute. What do you do?
#
# <details><summary>a) Publish</summary>No. The best published model that we know of needs more than ten times that.</details>
# <details><summary>b) Train longer, to be sure</summary>No. It would only get better at copying.</details>
# <details><summary>c) Change a later note, and see whether earlier predictions move</summary>Yes. If they do, the model sees the future. It is the cheapest test there is.</details>
#
# **5.** From notebook 4: in one stream S A T B S A T B, an n-gram gains most when n reaches 5, where a note sees its own voice one frame before. How far before its query must a head look for that note?
#
# <details><summary>a) At the query itself</summary>No. The query is the newest note read, which is the voice above, or the last frame's bass.</details>
# <details><summary>b) Three positions before it</summary>Yes. That is four before the note to be predicted, and the query stands one before that.</details>
# <details><summary>c) One position before it</summary>No. Two notes before the one to be predicted sings another voice.</details>
#
# ## Read on
#
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762): section 3.2 is this notebook.
# - Bahdanau, Cho and Bengio (2014), [Neural Machine Translation by Jointly Learning to Align and Translate](https://arxiv.org/abs/1409.0473): where attention came from.
# - Huang and others (2018), [Music Transformer](https://arxiv.org/abs/1809.04281): heads of a music model, drawn on its own compositions.
# - Jain and Wallace (2019), [Attention is not Explanation](https://arxiv.org/abs/1902.10186): why looking is not deciding.
#
# **What you can do now that you could not do before:** build attention from nothing, prove it equal to PyTorch's, look into the heads of a trained model, and tell a model that has learnt from one that has seen the answer.
#
# [← 5 · A fair test](05_fair_test.ipynb) · [7 · Position →](07_position.ipynb)
