# %% [markdown]
# # 7 · Position
#
# [← 6 · Attention](06_attention.ipynb) · [8 · The Transformer →](08_transformer.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/07_position.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/07_position.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - show that attention cannot tell a melody from its shuffled notes,
# > - build four ways to mark positions, each in a few lines, and hold them against the library,
# > - see them drawn, and find the four voices in a table that nobody told about voices,
# > - check what moving a tune in time changes, and what moving it in pitch changes,
# > - push small models beyond the length they were trained on, measure it and hear it.
# >
# > **You need** notebook 6 (queries, keys, heads, the mask); sine and cosine.
# >
# > **Time:** about 40 minutes to read and listen, about 60 seconds to run on two processor cores.
# >
# > **You will hear** a tune, its shuffle, and models that lose their way after one bar.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    print("Installing musiclab ...")
    # %pip install --quiet "musiclab @ git+https://github.com/musiclab-course/musiclab"

# %%
import torch
from torch import nn
from torch.nn.functional import cosine_similarity, cross_entropy, pad

from musiclab import PianoRoll, Sound, corpus, read_chorale
from musiclab.errors import SettingError
from musiclab.model import Stack, Transformer, TransformerConfig
from musiclab.model.positions import LearnedPositions, RelativePositions, rotate, sinusoidal, skew
from musiclab.music.notes import Note, NoteSequence
from musiclab.sampling import Settings, generate
from musiclab.show import OKABE_ITO, Figure, empty_plot, plot_bars
from musiclab.tokens import GridTokenizer
from musiclab.training import TokenBatches, TrainingConfig, train

_ = torch.manual_seed(0)
torch.set_num_threads(1)  # models as small as ours gain nothing from a second core

# %% [markdown]
# ## 7.1 A tune and its shuffle
#
# The first ten notes of the soprano (the highest voice) of BWV 66.6, all made equally long; then the same notes in another order.

# %%
bach = read_chorale("bach/bwv66.6")
tune = torch.tensor([pitch for _, _, pitch in bach.notes(0)[:10]])
order = torch.tensor([5, 2, 7, 0, 9, 4, 1, 8, 3, 6])


def hear(pitches, title):
    """Play one note a beat."""
    notes = [Note(onset=i, duration=1, pitch=int(one)) for i, one in enumerate(pitches)]
    return Sound(NoteSequence(notes=tuple(notes)), tempo=120, title=title)


hear(tune, "the tune")

# %%
hear(tune[order], "shuffled")

# %% [markdown]
# You hear at once that they differ. Now two layers of attention, new and without a mask, read both. **Predict:** the shuffled notes come out as ten vectors. How do they relate to the ten vectors of the tune?

# %%
embed = nn.Embedding(128, 16)  # a random vector for each pitch
sizes = {"vocab_size": 128, "d_model": 16, "n_heads": 2, "dropout": 0.0, "positions": "none"}
layers = Stack(TransformerConfig(**sizes, n_layers=2), causal=False)
of_tune, of_shuffle = (layers(embed(notes)[None])[0] for notes in (tune, tune[order]))

# %% tags=["nbval-check-output"]
same_vectors = torch.allclose(of_tune[order], of_shuffle, atol=1e-5)
same_mean = torch.allclose(of_tune.mean(dim=0), of_shuffle.mean(dim=0), atol=1e-5)
print("the same vectors, shuffled:", same_vectors)
print("the same verdict on the whole:", same_mean)

# %% [markdown]
# Exactly the same vectors, in the other order. A weighted mean does not care in which order its terms come. To attention alone, a piece is a bag of notes: the model *cannot* tell the melody from the shuffle, however long we train it.
#
# ## 7.2 What the mask gives away
#
# With the causal mask, the first position sees one note, the second two: a trace of order. We shuffle all notes but the last, and look at the last position. **Predict:** does it give the same vector as before?

# %% tags=["nbval-check-output"]
early = torch.cat([order[order < 9], torch.tensor([9])])
for n in (1, 2):
    masked = Stack(TransformerConfig(**sizes, n_layers=n))
    last, other = (masked(embed(notes)[None])[0, -1] for notes in (tune, tune[early]))
    print(n, "layer(s):", torch.allclose(last, other, atol=1e-5))

# %% [markdown]
# One layer notices nothing: its last query still meets a bag. From the second layer on, the keys themselves know which notes stood before them, and order leaks in. That is a weak clue. Let us give a strong one.
#
# ## 7.3 Sinusoidal: hands of many clocks
#
# The first Transformer *adds* a vector to each embedding that says where it stands. Each pair of numbers is the hand of a clock, written as sine and cosine. The first hand turns fast, each following one more slowly.


# %% tags=["nbval-check-output"]
def waves_by_loops(seq, d_model):
    """Follow the paper, number by number."""
    table = torch.zeros(seq, d_model)
    for pair in range(d_model // 2):
        speed = 10_000 ** (-2 * pair / d_model)  # radians a position
        for position in range(seq):
            table[position, 2 * pair] = torch.tensor(position * speed).sin()
            table[position, 2 * pair + 1] = torch.tensor(position * speed).cos()
    return table


waves = waves_by_loops(64, 16)
same = torch.allclose(waves, sinusoidal(64, 16), atol=1e-5)
print("equal to the library:", same)


# %%
def heat(axes, table, title, y):
    """Draw a table: purple above 0, orange below, white 0; a line at every 16th column."""
    largest = float(table.abs().max())
    axes.imshow(table, aspect="auto", cmap="PuOr", vmin=-largest, vmax=largest)
    axes.set_title(title, loc="left")
    axes.set(ylabel=y, xticks=range(0, table.shape[1], 4))
    for bar in range(16, table.shape[1], 16):
        axes.axvline(bar - 0.5, color="black", linewidth=1)


# %%
canvas, axes = empty_plot("", "frame (a tick each beat, a line each bar)", "", size=(8, 4))
heat(axes, waves.T, "Sinusoidal positions: four bars of music", "column of the embedding")
Figure(canvas, "Heat map of sinusoidal positions: the top columns wave fast, the lower ones slowly")

# %% [markdown]
# (Purple is above 0, orange below.) Read it from top to bottom: second hand, minute hand, hour hand; the slowest hands hardly move in four bars. How long is one turn, in musical terms?

# %%
for pair in range(5):
    turn = 2 * torch.pi * 10_000 ** (2 * pair / 16)  # in frames
    print(f"pair {pair}: {turn:4.0f} frames, {turn / 4:6.1f} beats, {turn / 16:5.1f} bars")

# %% [markdown]
# The clocks know nothing of beats and bars; the model has to read them off. And what do two such vectors say about each other? **Predict:** is the dot product of positions 3 and 7 the same as that of 43 and 47?

# %% tags=["nbval-check-output"]
pairs = waves @ waves.T
print("positions 3, 7 and 43, 47:", torch.allclose(pairs[3, 7], pairs[43, 47], atol=1e-4))
along = torch.allclose(pairs[1:, 1:], pairs[:-1, :-1], atol=1e-4)
print("the same for every distance:", along)

# %% [markdown]
# The product depends on the *distance* alone: the angle between two hands of a clock does not say what time it is. (In a model, learnt matrices stand in between and may spoil this.)
#
# > **Exercise** [sinusoidal](../exercises/README.md#sinusoidal): write the table without a loop.
#
# ## 7.4 Learned: a table
#
# The simplest idea: a table with one vector for each position, learnt like all other weights. By hand it is one addition.

# %% tags=["nbval-check-output"]
x, library = torch.randn(2, 7, 16), LearnedPositions(64, 16)
same = torch.equal(x + library.table.weight[:7], library(x))
print("equal to the library:", same)

# %% [markdown]
# What does such a table learn? We train a small model for a few seconds on crops of **one bar**: 16 frames of four voices in one row, 64 tokens. (Its table has 512 rows. Keep in mind that only 64 are ever used.)

# %%
tokenizer = GridTokenizer(layout="notes")
batches = TokenBatches(corpus("train"), tokenizer, batch_size=16, crop=16, transpose=False)
plan = TrainingConfig(steps=350, peak=5e-3, warmup=20)


def train_small(scheme):
    """Train a small model on single bars; everything but the positions is the same."""
    torch.manual_seed(0)
    config = TransformerConfig(
        vocab_size=tokenizer.vocab_size, d_model=64, n_layers=2, dropout=0.0, positions=scheme
    )
    model = Transformer(config)
    train(model, batches, plan, show_progress=False)
    return model.eval()


models = {"learned": train_small("learned")}

# %% [markdown]
# **Predict:** tokens come in the order soprano, alto, tenor, bass, soprano ... Nobody told the model. Which positions will get similar vectors?

# %%
table = models["learned"].stack.positions.table.weight[:64].detach()
table = table - table.mean(dim=0)
alike = cosine_similarity(table[:, None], table[None], dim=-1)
canvas, axes = empty_plot("", "position in the row of tokens (a line each beat)", "", (6, 4.8))
heat(axes, alike, "How alike are two learned positions?", "position")
Figure(canvas, "Similarity of learned positions: a pattern of stripes, four apart")

# %%
means = [float(alike.diagonal(distance).mean()) for distance in range(1, 17)]
alt = "Mean similarity by distance: highest at 4, 8, 12 and 16 tokens, lowest halfway between"
labels = {"x": "distance in tokens", "y": "mean similarity"}
plot_bars(range(1, 17), means, title="A rhythm of four", **labels, alt=alt)

# %% [markdown]
# Positions four apart resemble each other: soprano and soprano, bass and bass. From nothing but the wish to predict, the table has discovered that there are four voices.
#
# And the price? A table ends somewhere.

# %% tags=["nbval-check-output"]
try:
    library(torch.zeros(1, 65, 16))
except SettingError as error:
    print(error)

# %% [markdown]
# ## 7.5 Rotary: turn the query, turn the key
#
# We want distance, so why not build it in? **Rotary** positions add nothing. They take each query and each key two numbers at a time, as points of a plane, and *turn* them by an angle that grows with the position: again the hands of clocks. Values are not turned.


# %%
def turn(x, positions):
    """Turn the points (x0, x1), (x2, x3), ... each by its own speed times the position."""
    speed = 10_000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    angle = positions[:, None] * speed
    first, second = x[..., 0::2], x[..., 1::2]
    turned = [
        first * angle.cos() - second * angle.sin(),
        first * angle.sin() + second * angle.cos(),
    ]
    return torch.stack(turned, dim=-1).flatten(-2)


# %% [markdown]
# Checked against the library, and against school geometry: one rotation matrix for each pair.

# %% tags=["nbval-check-output"]
x, positions = torch.randn(2, 3, 7, 8), torch.arange(7)
same = torch.allclose(turn(x, positions), rotate(x, positions), atol=1e-5)
print("equal to the library:", same)

# %% tags=["nbval-check-output"]
angles = 5 * 10_000 ** (-torch.arange(0, 8, 2) / 8)  # those of position 5
corners = [torch.stack([a.cos(), -a.sin(), a.sin(), a.cos()]).view(2, 2) for a in angles]
by_matrix = x[:, :, 5] @ torch.block_diag(*corners).T
same = torch.allclose(turn(x, positions)[:, :, 5], by_matrix, atol=1e-5)
print("equal to matrices:", same)

# %% [markdown]
# **Predict:** one query and one key, put at positions 3 and 7, then at 1003 and 1007. What happens to their score?

# %%
query, key = torch.randn(2, 1, 8)
for pair in ([3], [7]), ([1003], [1007]), ([3], [8]):
    q, k = (torch.tensor(position) for position in pair)
    score = float((rotate(query, q) * rotate(key, k)).sum())
    print(f"positions {int(q):4} and {int(k):4}: score {score:.3f}")

# %% [markdown]
# Only the distance counts: if both hands turn by the same angle, the angle between them stays. Drawn for one query and one key, both all ones, at every pair of positions, each diagonal has one colour:

# %%
ones = rotate(torch.ones(64, 32), torch.arange(64))
canvas, axes = empty_plot("", "frame of the key (a tick each beat, a line each bar)", "", (6, 4.8))
heat(axes, ones @ ones.T, "Rotary: score of equal vectors", "frame of the query")
Figure(canvas, "Heat map of rotary scores: constant along diagonals, highest at distance 0, fading")

# %% [markdown]
# > **Exercise** [rotate](../exercises/README.md#rotate): write it, and see that scores depend on distance only.
#
# ## 7.6 Relative: a vector for each distance
#
# Shaw and others say it outright: learn one vector for each *distance*. The query's dot product with it is added to the score: "how much do I care for something four steps back?"

# %% tags=["nbval-check-output"]
library = RelativePositions(n_heads=3, head_dim=5, max_seq=7)
query = torch.randn(2, 3, 7, 5)
by_hand = torch.zeros(2, 3, 7, 7)
for q in range(7):
    for k in range(q + 1):  # the past only
        vector = library.table[:, 6 - (q - k)]  # the last row is distance 0
        by_hand[:, :, q, k] = (query[:, :, q] * vector).sum(dim=-1)
same = torch.allclose(by_hand, library(query, 7).tril(), atol=1e-5)
print("equal to the library:", same)

# %% [markdown]
# The loops are slow. Doing it in one go with a copy of the right vector for each pair would need, for 2,048 positions and heads of 64 numbers, 1 GB a head. Music Transformer found a trick, the **skew**. All queries times all distances is one small matrix product; but then the columns mean distances, and we want keys. Each row must slide to its place: pad one column, and read the numbers again in rows of another length.

# %% tags=["nbval-check-output"]
distances = torch.tensor([[2, 1, 0]] * 3)  # every query scores "2 back, 1 back, 0 back"
padded = pad(distances, (1, 0), value=-1)
ours = padded.flatten()[3:].view(3, 3)
same = torch.equal(ours.tril(), skew(distances).tril())
print(f"{padded.tolist()} ->\n{ours.tolist()}\nequal to the library: {same}")

# %% [markdown]
# In the lower triangle each number now says how far back its key stands: 0 on the diagonal, 1 beside it. What stands above belongs to the future, and the mask covers it.
#
# > **Exercise** [skew](../exercises/README.md#skew): slide the rows without a copy for each pair.
#
# Here the learnt vectors can be looked at directly: a long one can say much. **Predict:** the model has just read a bass note and must predict the next soprano. Which earlier token would it like to see most, and how many steps back does that stand?

# %%
models["relative"] = train_small("relative")
tables = [block.attention.relative.table.detach() for block in models["relative"].stack.blocks]
lengths = [one[:, -16:].flip(1).norm(dim=-1).mean(dim=0) for one in tables]  # mean over the heads
layers = dict(zip(("first layer", "second layer"), lengths, strict=True))
labels = {"x": "distance in tokens, 0 is the token just read", "y": "mean length of the vectors"}
alt = "Length of the learnt vectors by distance in two layers: the longest stand at distance 3"
plot_bars(range(16), layers, title="Which distances matter?", **labels, alt=alt)

# %% [markdown]
# Three steps back: there the voice whose turn it is sang last. (Soprano, alto, tenor, *bass*: from the bass, three steps back stands the soprano.) The rule "hold your note or move by a step" needs just this token. (A smaller peak at 15 is the same voice, one beat ago.)
#
# ## 7.7 Later, or higher?
#
# To a musician, a tune stays the same tune when it comes a bar later, and also when it comes two semitones higher (a *transposition*). And to attention? We compare the scores of the ten notes with themselves: at the start, 16 positions (a bar of frames) later, and two semitones up. **Predict** the table: two columns, four rows.

# %%
hear(tune + 2, "the tune, two semitones higher")

# %%
to_query, to_key = torch.randn(2, 16, 16) / 4
table, far = torch.randn(64, 16), torch.arange(10)
by_distance = torch.randn(10, 16)[(far[:, None] - far).abs()]


@torch.no_grad()
def scores_of(notes, scheme, start=0):
    """Score every pair of notes, as one head would with fresh weights."""
    place = torch.arange(start, start + 10)
    x, added = embed(notes), {"sinusoidal": sinusoidal(64, 16), "learned": table}
    x = x + added[scheme][place] if scheme in added else x
    query, key = x @ to_query, x @ to_key
    if scheme == "rotary":
        query, key = rotate(query, place), rotate(key, place)
    scores = query @ key.T
    return scores + (query[:, None] * by_distance).sum(-1) if scheme == "relative" else scores


# %% tags=["nbval-check-output"]
print("same scores?   a bar later   two semitones up")
for scheme in ("sinusoidal", "learned", "rotary", "relative"):
    changed = scores_of(tune, scheme, start=16), scores_of(tune + 2, scheme)
    same = [torch.allclose(scores_of(tune, scheme), one, atol=1e-4) for one in changed]
    print(f"{scheme:12}   {same[0]!s:10}   {same[1]}")

# %% [markdown]
# Rotary and relative scores stay the same when the tune comes later. That is all that *position* can do: **none of the four helps with transposition**, for that changes the tokens, not their places. Whoever wants it must show the model all keys in training, or tell it intervals. Our finished model gets both; Music Transformer adds relative *pitch* to its attention.
#
# ## 7.8 Beyond the trained length
#
# All our small models learn from single bars. What will they do in bar 2? We train the other two and let all four read the first eight bars (of 16 frames each) of chorales that they never saw. (Guessing costs 4 nats.)

# %%
for scheme in ("sinusoidal", "rotary"):
    models[scheme] = train_small(scheme)
long_enough = [one for one in corpus("valid") if len(one) >= 128][:40]
ids = torch.stack([torch.from_numpy(tokenizer.encode(one)[:513]) for one in long_enough])


@torch.inference_mode()
def nats(model, ids):
    """How surprised is the model by each token? A row a piece."""
    scores = model(ids[:, :-1]).transpose(1, 2)  # cross_entropy wants the vocabulary second
    return cross_entropy(scores, ids[:, 1:], reduction="none")


# %% [markdown]
# As a control, the rotary model also reads through a *window*: never more than one bar at once, with the positions starting anew. If bar 5 is simply harder music, the window will suffer, too. **Predict:** draw the five curves.

# %%
curves = {scheme: nats(model, ids) for scheme, model in models.items()}
starts = range(32, 512 - 32, 32)  # half a bar on each time
window = [nats(models["rotary"], ids[:, start : start + 65])[:, 32:] for start in starts]
window = [nats(models["rotary"], ids[:, :65]), *window]
curves["rotary, in a window"] = torch.cat(window, dim=1)[:, :512]

# %%
canvas, axes = empty_plot("Trained on one bar, asked for eight", "bar", "nats a note")
colours = dict(zip(curves, ("purple", "green", "orange", "blue", "sky blue"), strict=True))
ends = []
for name, surprise in curves.items():
    by_half_bar = surprise.mean(dim=0).view(16, 32).mean(dim=1)
    style = "--" if "window" in name else "-"
    middles = torch.arange(16) / 2 + 1.25
    axes.plot(middles, by_half_bar, style, color=OKABE_ITO[colours[name]], label=name)
    ends.append(f"{name} from {by_half_bar[:2].mean():.2f} to {by_half_bar[-2:].mean():.2f}")
axes.axvspan(1, 2, color="#dddddd", zorder=0)
axes.text(1.1, 0.3, "trained")
axes.set_ylim(0)
canvas.legend(loc="outside right upper", frameon=False)
print("\n".join(ends))
Figure(canvas, "Nats a note, means over bar 1 and bar 8: " + ", ".join(ends))

# %% [markdown]
# **Explain.** In the grey bar all four are students of similar skill. Then:
#
# - *Learned* falls off a cliff. Its rows from 64 on were never trained: they still hold the random numbers they began with.
# - *Sinusoidal* has vectors for every position, but has never seen these: a cliff, too.
# - *Rotary* knows nearly all distances at the beginning of bar 2, and gets worse as more and more tokens stand farther back than any did in training.
# - *Relative* suffers least here. Vectors of far distances were never trained either, but they began small, so they say little.
# - Through the window, rotary stays good. So the music is not harder; the *length* is.
#
# One small model each and a few seconds of training: trust the shape, not the ranking. The lesson is the same for all: **train on the lengths that you will use.** Our finished model is rotary, and learnt from whole pieces.
#
# What does it sound like? Each gets one bar by Bach and writes three, sixteen times; we play the first. **Predict:** from which bar on will you hear it?

# %%
prompt = next(one for one in corpus("test") if len(one) > 128 and one.beats[0] == 0)
opening = torch.from_numpy(tokenizer.encode(prompt.excerpt(0, 16))[1:-1]).view(16, 4)


def go_on(scheme):
    """Sixteen times the same bar by Bach, then three by the model."""
    chance, settings = torch.Generator().manual_seed(0), Settings(temperature=0.6)
    options = {"frames": 64, "batch": 16, "generator": chance, "settings": settings}
    written = generate(models[scheme], tokenizer, given=opening, **options)
    return torch.stack([frame.tokens for frame in written], dim=1)  # batch frame voice


written = {scheme: go_on(scheme) for scheme in models}
pieces = {scheme: tokenizer.decode(ids[0].flatten()) for scheme, ids in written.items()}
Sound(pieces["learned"], title="learned positions")

# %%
PianoRoll(pieces["rotary"], title="rotary positions")

# %%
PianoRoll(pieces["relative"], title="relative positions")

# %% [markdown]
# One piece is one draw of lots. In all sixteen, bar by bar: in how many of the frames does some voice *not* stand below its upper neighbour?

# %%
for name, ids in written.items():
    muddled = (ids[..., 1:] >= ids[..., :-1]).any(dim=-1).float()  # higher pitches have higher ids
    shares = muddled.view(16, 4, 16).mean(dim=(0, 2)).tolist()
    print(f"{name:10}", *(f"  bar {bar}: {share:4.0%}" for bar, share in enumerate(shares, 1)))

# %% [markdown]
# Bar 1 is Bach's. What follows tells the story of the curves again, for the ear: a model that has lost its sense of *where* forgets which voice it is singing.
#
# ## In three lines
#
# - Attention reads a bag of notes; positions must be marked, by adding to the embeddings or by changing the scores.
# - Sinusoidal and learned mark *where*; rotary and relative mark *how far apart*, so a tune may come later and stay the same.
# - Here all four got worse beyond the trained length, some at once; and none knows what a transposition is.
#
# ## Check yourself
#
# **1.** You shuffle a piece and feed it to attention layers without positions and without a mask. What comes out?
#
# <details><summary>a) The same vectors in shuffled order</summary>Yes. We checked it in 6.1; no training can change that.</details>
# <details><summary>b) Other vectors</summary>No. Each query meets the same keys and values, so each mixture is the same.</details>
# <details><summary>c) An error</summary>No. The layers do not notice anything; that is the trouble.</details>
#
# **2.** Rotary turns queries and keys. Why not the values?
#
# <details><summary>a) It would be too slow</summary>No. It would cost half as much again, no more.</details>
# <details><summary>b) Only scores need to know the distance</summary>Yes. A turned value would arrive twisted by its absolute position, which nothing undoes.</details>
# <details><summary>c) Values have an odd length</summary>No. They are as long as queries and keys here.</details>
#
# **3.** The same motif comes again eight bars later, and two semitones higher. What do rotary scores make of it?
#
# <details><summary>a) They are the same as before</summary>No. Later would not matter, but higher means other tokens, so other queries and keys.</details>
# <details><summary>b) The time does not matter, the pitch does</summary>Yes. Within the motif the distances are the same, but the tokens are others.</details>
# <details><summary>c) The pitch does not matter, the time does</summary>No. It is the other way round.</details>
#
# **4.** A model with a learned table of 512 rows was trained on 64 tokens at a time. It is asked for 128. What happens?
#
# <details><summary>a) It raises an error</summary>No. The table has enough rows, so nothing is refused. That makes it dangerous.</details>
# <details><summary>b) It works, the rows are there</summary>No. They are there, but they still hold random numbers.</details>
# <details><summary>c) It runs, and gets much worse after 64</summary>Yes. That was the cliff in 6.8, without any warning.</details>
#
# **5.** What was the window in 6.8 good for?
#
# <details><summary>a) It shows that later bars are not harder to predict</summary>Yes. Same model, same notes, only the length differs. Such a control belongs to every claim.</details>
# <details><summary>b) It makes the model faster</summary>It may, but here it was a control: same model, same notes, another length.</details>
# <details><summary>c) It trains the model on later bars</summary>No. Nothing was trained there; the model only read.</details>
#
# ## Read on
#
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762): section 3.5, sinusoidal positions.
# - Shaw, Uszkoreit and Vaswani (2018), [Self-Attention with Relative Position Representations](https://arxiv.org/abs/1803.02155).
# - Huang and others (2018), [Music Transformer](https://arxiv.org/abs/1809.04281): the skew, and what it did for music.
# - Su and others (2021), [RoFormer: Enhanced Transformer with Rotary Position Embedding](https://arxiv.org/abs/2104.09864).
# - Press, Smith and Lewis (2021), [Train Short, Test Long](https://arxiv.org/abs/2108.12409): positions made for longer pieces than those trained on.
#
# **What you can do now that you could not do before:** give attention a sense of time in four ways, prove what each can and cannot know, and find out how far beyond its training a model can be trusted.
#
# [← 6 · Attention](06_attention.ipynb) · [8 · The Transformer →](08_transformer.ipynb)
