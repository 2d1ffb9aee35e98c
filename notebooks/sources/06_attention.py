# %% [markdown]
# # 6 · Attention
#
# [← 4 · Baselines and a fair split](04_models_that_count.ipynb) · [7 · Position →](07_position.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/06_attention.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/06_attention.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - ask of a real cadence which earlier notes matter, and measure the answer,
# > - weigh four notes by hand, and turn the loops into two lines,
# > - build scores, scale, mask and heads, equal to the library's and to PyTorch's,
# > - train a small model with a mask and without, and hear why it needs one,
# > - see on the piano roll where the heads of our trained model look.
# >
# > **You need** notebook 3 (tokens) and the word *nats* from notebook 4; vectors and dot products.
# >
# > **Time:** about 40 minutes to read and listen, about 50 seconds to run on two processor cores.
# >
# > **You will hear** a phrase that stops one chord too early, and two models that go on after Bach: one that learnt, and one that cheated.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    print("Installing musiclab ...")
    # %pip install --quiet "musiclab @ git+https://github.com/musiclab-course/musiclab"

# %%
import math
import time

import torch
from einops import einsum, rearrange
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

from musiclab import PianoRoll, Sound, corpus, load_checkpoint, read_chorale
from musiclab.model import MultiHeadAttention, Transformer, TransformerConfig
from musiclab.model.attention import attention_weights, causal_mask
from musiclab.sampling import Settings, generate
from musiclab.show import OKABE_ITO, Figure, attention_of, attention_roll, empty_plot, plot_bars
from musiclab.tokens import GridTokenizer
from musiclab.training import TokenBatches, TrainingConfig, mean_nll, train

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
# Did you hum F sharp, the home note of this piece? Then something in the past told you. Which notes? We ask the trained model of this course. It gives the right note a probability; we hide one *beat* of the past (four frames of a sixteenth) and look how much of that probability is lost, in nats. In training it had to live with hidden notes, so it can cope.

# %%
checkpoint = load_checkpoint("bach-grid")
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
    hidden = model.trunk(past, told[: moment + 1].expand(beats + 1, -1, -1))[:, -1]
    scores = model.next_voice(hidden, model.look_back(past), past[:, -1, :0])
    chance = scores.log_softmax(dim=-1)[:, rows[moment + 1, 0]]
    return (chance[0] - chance[1:]).tolist()


# %% [markdown]
# **Predict:** which beat matters most for the last chord of the line (frame 44)? And will it be the same for another moment, the first beat of bar 7 (frame 100)?

# %%
lost = {"last chord of the line": nats_lost(44), "first beat of bar 7": nats_lost(100)}
title, beats = "What the next soprano note hangs on", "the beat that was hidden, counted back"
alt = f"{title}: nats lost by hiding each of the last 8 beats; hiding the last one costs most"
plot_bars(range(1, 9), lost, title=title, x=beats, y="nats lost", alt=alt)

# %% [markdown]
# For the last chord, one beat has nearly all the say; at the other moment several have. (Below zero: hiding that beat made the true note *more* likely.) In the one beat, the alto holds E sharp, a step below home: the *leading note*, so called because it leads there. **Predict:** is it the alto, then? We hide one voice of that beat at a time.

# %%
for voice, name in enumerate(("soprano", "alto", "tenor", "bass")):
    print(f"{name:8} {nats_lost(44, beats=1, voices=voice)[0]:5.2f} nats lost")

# %% [markdown]
# No single voice costs what all four cost together: where one is hidden, the others tell nearly as much. Music says things more than once.
#
# So the past must be **weighed**, and the weights must depend on what is there. A bigram cannot do that: it always looks one step back. *Attention* can.
#
# ## 6.2 Four notes, by hand
#
# Attention works like asking a room full of people. I ask a question (my **query**). Everybody wears a badge that says what they know about (their **key**). The better a badge matches my question, the more I listen to what that person says (their **value**).
#
# Here are the last four notes of the soprano. We make up three numbers for each key: is it one step from home? On the beat? Just sung? The next note asks: "a step from home, above all". In a real model these numbers are learnt, and nobody tells us what they mean.

# %%
names = ["C sharp", "A", "B", "G sharp"]
keys = [[0, 1, 0], [0, 1, 0], [0, 0, 0.5], [1, 1, 1]]
values = [[73], [69], [71], [68]]  # each gives its pitch
query = [3, 1, 1]


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
print(f"mixture  {mixed[0]:.1f}")

# %% [markdown]
# Three steps: a **score** for each key (a *dot product*: multiply number by number, add up), a **softmax** (exponentials, divided by their sum, so that the weights are positive and add up to 1), a **weighted mean** of the values. The G sharp gets most of the weight, so the mixture lies near its pitch, 68. The division by a square root will have a section of its own.
#
# **Predict:** with a query of three zeros, what will the weights be?

# %% tags=["nbval-check-output"]
weights, _ = attend_by_loops([0, 0, 0], keys, values)
[round(weight, 2) for weight in weights]

# %% [markdown]
# Who asks for nothing in particular listens to all alike. That is a plain mean.
#
# ## 6.3 All at once
#
# Every position asks, so there are as many queries as keys. Written for matrices, one query a row, the three steps become the formula that this course turns around:
#
# `attention(Q, K, V) = softmax(Q Kᵀ / √d) V`
#
# Here `d` is the length of a query, called `head_dim`. With `einsum` we write the same with *words* for axes: an axis that is missing after the arrow is summed over. **Predict** the shape of `scores`, for 2 pieces, 3 heads (later), 7 positions and vectors of 5 numbers.

# %% tags=["nbval-check-output"]
query, key, value = torch.randn(3, 2, 3, 7, 5)  # batch heads seq head_dim
match = "batch heads q_seq head_dim, batch heads k_seq head_dim -> batch heads q_seq k_seq"
scores = einsum(query, key, match)
scores.shape

# %%
weights = (scores / math.sqrt(query.shape[-1])).softmax(dim=-1)
mix = "batch heads q_seq k_seq, batch heads k_seq head_dim -> batch heads q_seq head_dim"
mixed = einsum(weights, value, mix)

# %% [markdown]
# Is it the same as the loops? And as PyTorch's own function?

# %% tags=["nbval-check-output"]
ours, theirs = key[0, 0].tolist(), value[0, 0].tolist()
loops = [attend_by_loops(one, ours, theirs)[1] for one in query[0, 0].tolist()]
fused = scaled_dot_product_attention(query, key, value)
print("loops equal einsum:", torch.allclose(torch.tensor(loops), mixed[0, 0], atol=1e-5))
print("einsum equals PyTorch:", torch.allclose(mixed, fused, atol=1e-5))

# %% [markdown]
# PyTorch's function is called *fused*: its fast versions never store the weights. We keep ours, because we want to look at them.
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
alt = "The largest of 16 weights grows with head_dim, unless divided by the root: then it stays low"
labels = {"x": "head_dim", "y": "largest of 16 weights, mean"}
plot_bars(sizes, tops, title="Who gets heard?", **labels, alt=alt)

# %% [markdown]
# Undivided, large vectors let one key take nearly everything, at random, before anything is learnt. Worse, it stays so: the slope of the softmax at a weight `w` is `w (1 - w)`, close to zero at both ends, and without a slope there is no learning. Divided, the weights start out soft at every size.
#
# > **Exercise** [attention-weights](../exercises/README.md#attention-weights): write the weights, scaled and masked, as one function.
#
# ## 6.5 The mask
#
# Music goes forward. At position 3 the model has read note 3 and is to predict note 4: it must not see note 4. Who sees whom is a table: one row a query, one column a key.

# %% tags=["nbval-check-output"]
torch.ones(4, 4, dtype=torch.int).tril()

# %% [markdown]
# Row 0 sees only itself, row 3 sees all four. Scores of the future are set to minus infinity *before* the softmax; `exp(-inf)` is 0, and the rest still add up to 1. **Predict** the first row of the masked weights.

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
# > **Exercise** [causal-mask](../exercises/README.md#causal-mask): write the table for any two lengths, also when some keys are older than the first query.
#
# ## 6.6 Heads
#
# One softmax has one focus. But a note may care about the bass *and* about the bar before. So the vector is cut into **heads**, each with queries, keys and values of its own; they look separately, and their findings are put side by side again. It takes no more weights: four heads of 32 numbers are cut from the same matrices as one of 128.
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
# > **Exercise** [split-heads](../exercises/README.md#split-heads): cut the width into heads.
#
# > **Exercise** [merge-heads](../exercises/README.md#merge-heads): put the heads side by side again.
#
# Now the whole layer. Three learnt matrices make queries, keys and values from each position's vector (one matrix of three times the width does it at once); a fourth mixes what the heads found.


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
# > **Exercise** [multi-head-attention](../exercises/README.md#multi-head-attention): write this layer from memory.
#
# From here on we use the library's.
#
# ## 6.7 No mask: perfect loss
#
# Is the mask really needed? Try it. Two small models, equal in everything, from the same seed, on the same batches of Bach: two blocks of attention, tokens in one long row (soprano, alto, tenor, bass, soprano ...). At each position the model predicts the *next* token. One model has the mask. The other may look anywhere.

# %%
flat = GridTokenizer(layout="notes")
config = TransformerConfig(vocab_size=flat.vocab_size, d_model=64, n_layers=2, dropout=0.0)
batches = TokenBatches(corpus("train"), flat, batch_size=4, crop=64, transpose=False)
plan = TrainingConfig(steps=400, peak=5e-3, warmup=20)


def train_small(causal):
    """Train a small model for a few seconds, with the mask or without."""
    torch.manual_seed(0)
    small = Transformer(config)
    for block in small.stack.blocks:
        block.attention.causal = causal
    return small, train(small, batches, plan, show_progress=False)


# %% [markdown]
# **Predict:** which of the two reaches the lower loss? (Guessing costs about 4 nats a note. Our finished model needs about 0.33.)

# %%
with_mask, honest = train_small(causal=True)
without_mask, cheating = train_small(causal=False)
canvas, axes = empty_plot("The better student?", "training step", "nats a note")
for name, history, colour in (("with", honest, "blue"), ("without", cheating, "vermilion")):
    points = zip(*history.training, strict=True)
    axes.plot(*points, label=f"{name} the mask", color=OKABE_ITO[colour])
axes.legend(frameon=False)
ends = f"with the mask {honest.losses[-1]:.2f}, without {cheating.losses[-1]:.2f}"
print("last loss:", ends)
Figure(canvas, f"Training loss of two models; at the end {ends} nats a note")

# %% [markdown]
# Without the mask, the loss falls almost to zero: far below our finished model, and below any published one that we know of. A triumph? Let them sing. Both get two bars by Bach, from a piece that they never saw, and go on for two.

# %%
prompt = next(one for one in corpus("test") if len(one) > 128 and one.beats[0] == 0)
opening = torch.from_numpy(flat.encode(prompt.excerpt(0, 32))[1:-1]).view(32, 4)


def go_on(small):
    """Two bars by Bach, two by the model."""
    chance, settings = torch.Generator().manual_seed(0), Settings(temperature=0.8)
    options = {"frames": 64, "generator": chance, "settings": settings}
    # No cache: without the mask, each new note changes what all earlier positions see.
    written = generate(small, flat, given=opening, cached=False, **options)
    return flat.decode(torch.cat([frame.tokens for frame in written]).flatten())


# %% [markdown]
# **Predict:** what will the model with the perfect loss sing in bar 3?

# %%
honest_piece, cheating_piece = go_on(with_mask), go_on(without_mask)
PianoRoll(cheating_piece, title="Trained without the mask")

# %%
PianoRoll(honest_piece, title="Trained with the mask")

# %% [markdown]
# **Listen:** the model with the mask is a beginner after a few seconds of practice, but there are four voices, each in its place. The other falls apart in the very moment when Bach stops. In numbers: in how many of the frames after Bach is some voice *not* below its upper neighbour, but on the same note or above?

# %%
for name, piece in {"Bach": prompt, "mask": honest_piece, "no mask": cheating_piece}.items():
    voices = piece.pitches[32:64]
    muddled = (voices[:, 1:] >= voices[:, :-1]).any(axis=1).mean()
    print(f"{name:8} {muddled:.0%} of the frames")

# %% [markdown]
# **Explain.** During training the whole piece lies on the table, and the answer at each position *is the next token*. Without a mask, the model may simply look one place to the right. Does it? For each head, the mean share of attention that goes there:

# %%
ids = torch.from_numpy(flat.encode(prompt.excerpt(0, 32)))[None]
looks = {"mask": attention_of(with_mask, lambda: with_mask(ids))}
looks["no mask"] = attention_of(without_mask, lambda: without_mask(ids))
for name, layers in looks.items():
    for layer, weights in enumerate(layers):
        to_the_right = weights[0].diagonal(1, dim1=-2, dim2=-1).mean(dim=-1)
        print(f"{name:8} layer {layer}:", [round(share, 2) for share in to_the_right.tolist()])

# %% [markdown]
# Some of its heads give it most of their attention. It learnt to copy, not to compose; when it sings, there is no next token to copy. Now the exam: both models on unseen pieces, both *with* the mask. (Guessing would still cost about 4.)

# %%
unseen = [one.excerpt(0, 64) for one in corpus("valid")[:40]]
exam = list(TokenBatches(unseen, flat, training=False))
for block in without_mask.stack.blocks:
    block.attention.causal = True
for name, small in {"mask": with_mask, "no mask": without_mask}.items():
    print(f"{name:8} {mean_nll(small, exam, flat.pad_id):.2f} nats a note")

# %% [markdown]
# Remember this picture whenever a loss looks too good. A leak in the model is as easy to miss as the leaks in the data of notebook 4, and both are found in the same way: hide what must not be known, and ask again.
#
# ## 6.8 Where the heads look
#
# Back to our finished model and to the chord from the beginning. It has four layers of four heads. First all of them, each a mean over 64 moments in the middle of the piece: how much goes to the newest beat, how much to the bar before that, how much further back?

# %%
seen = attention_of(model, lambda: model.trunk(rows[None, :-2], told[None]))
heads = torch.cat([layer[0] for layer in seen])  # 16 heads, q_seq, k_seq
back = torch.arange(128)[:, None] - torch.arange(128)  # how far back each key stands
spans = {"newest beat": (0, 4), "the bar before it": (4, 20), "older": (20, 128)}
shares = {}
for name, (first, last) in spans.items():
    inside = (first <= back) & (back < last)
    shares[name] = (heads[:, :128, :128] * inside)[:, 64:].sum(dim=-1).mean(dim=-1)

# %%
labels = [f"{layer}.{head}" for layer in range(4) for head in range(4)]
canvas, axes = empty_plot("Where each head looks", "layer.head", "share of attention")
below = torch.zeros(16)
for (name, share), colour in zip(shares.items(), ("blue", "sky blue", "orange"), strict=True):
    axes.bar(labels, share, bottom=below, label=name, color=OKABE_ITO[colour])
    below = below + share
canvas.legend(loc="outside right upper", frameon=False)
most = [f"{labels[share.argmax()]} looks most at {name}" for name, share in shares.items()]
Figure(canvas, f"Share of attention of 16 heads by distance: {', '.join(most)}")

# %% [markdown]
# A division of labour that nobody asked for. Now three of them on the roll: the head that looks most at the newest beat, the one for the bar before it, and the one for older music. The black line is the moment to be predicted; the darker a frame, the more weight it gets.

# %%
chosen = {name: int(share.argmax()) for name, share in shares.items()}
panels = {f"{name}: head {labels[head]}": heads[head, 44, 1:45] for name, head in chosen.items()}
attention_roll(bach, panels, title="Three heads, asked before the last chord of the line")

# %% [markdown]
# Careful: this shows where a head *looks*, not why the model *decides*. What is fetched there may be changed or ignored by later layers. Compare 5.1, where we hid notes and measured the consequence; notebook 15 will silence heads.
#
# ## 6.9 The price
#
# Every query meets every key, so the work grows with the square of the length. **Predict:** twice as long takes how many times as long?

# %%
print("positions      pairs   MB a head   seconds")
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
# **4.** Your first model reaches 0.02 nats a note after a minute. What do you do?
#
# <details><summary>a) Publish</summary>No. The best published model that we know of needs more than ten times that.</details>
# <details><summary>b) Train longer, to be sure</summary>No. It would only get better at copying.</details>
# <details><summary>c) Change a later note, and see whether earlier predictions move</summary>Yes. If they do, the model sees the future. It is the cheapest test there is.</details>
#
# **5.** Eight heads of 16 numbers instead of four of 32: how does the number of weights in the layer change?
#
# <details><summary>a) Not at all</summary>Yes. The width is 128 in both cases; only the way in which it is cut differs.</details>
# <details><summary>b) It doubles</summary>No. Each head is half as wide.</details>
# <details><summary>c) It halves</summary>No. Each head is half as wide, but there are twice as many.</details>
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
# [← 4 · Baselines and a fair split](04_models_that_count.ipynb) · [7 · Position →](07_position.ipynb)
