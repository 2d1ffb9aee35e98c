# %% [markdown]
# # 7 · Position
#
# [← 6 · Attention](06_attention.ipynb) · [8 · The Transformer →](08_transformer.ipynb) · [Exercises 7](../exercises/07_position.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/07_position.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/07_position.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - show that attention cannot tell a melody from its shuffled notes,
# > - build four ways to mark positions, each in a few lines, and hold them against the library,
# > - see them drawn, and find the four voices in a learned table that was never told of voices,
# > - check what moving a tune in time changes, and what moving it in pitch changes,
# > - push small models beyond the length they were trained on, measure it and hear it.
# >
# > **You need** notebook 6 (queries, keys, heads, the mask); sine and cosine.
# >
# > **Time:** about 40 minutes to read and listen, about 85 seconds to run on two processor cores.
# >
# > **You will hear** a tune, its shuffle, and models that lose their way after one bar.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import torch
from einops import einsum
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
# Here are the first ten notes of the soprano (the highest voice) of BWV 66.6, all made equally long; then the same notes in another order.

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
# You hear at once that they differ. Now two untrained layers of attention, without a mask, read both. **Predict:** the shuffled notes come out as ten vectors. How do they relate to the ten vectors of the tune?

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
# They are the same vectors, in the other order. Notebook 6's formula shows why: for a query $q$, attention is a sum over the notes,
#
# $$\text{attention}(q) = \sum_{n} w_n\, v_n, \qquad w_n = \frac{e^{q \cdot k_n / \sqrt d}}{\sum_m e^{q \cdot k_m / \sqrt d}},$$
#
# and a sum does not depend on the order of its terms. To attention alone, a piece is a bag of notes: the model *cannot* tell the melody from the shuffle, however long we train it.
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
# One layer notices nothing: its last query still meets a bag. From the second layer on, each key already depends on the notes before it, and some order gets through. That is a weak clue. Let us give a strong one.
#
# ## 7.3 Sinusoidal: many clocks
#
# The first Transformer *adds* to each embedding a vector that says where it stands. Think of many clocks: each pair of numbers is the tip of one clock's hand, given by a sine and a cosine. The first hand turns fast, each of the following ones more slowly. For position $t$ and pair $i$, with $d$ numbers in all:
#
# $$p_{t,\,2i} = \sin(t\,\omega_i), \qquad p_{t,\,2i+1} = \cos(t\,\omega_i), \qquad \omega_i = 10\,000^{-2i/d}$$
#
# > **Exercise** [sinusoidal](../exercises/07_position.ipynb#sinusoidal): write the table yourself first, without a loop.


# %% tags=["nbval-check-output"]
def waves_by_loops(seq, d_model):
    """Follow the formula, number by number."""
    table = torch.zeros(seq, d_model)
    for pair in range(d_model // 2):
        speed = 10_000 ** (-2 * pair / d_model)  # radians per position
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


canvas, axes = empty_plot("", "frame (a tick each beat, a line each bar)", "", size=(8, 4))
heat(axes, waves.T, "Sinusoidal positions: four bars of music", "column of the embedding")
Figure(canvas, "Heat map of sinusoidal positions: the top columns wave fast, the lower ones slowly")

# %% [markdown]
# (Purple is above 0, orange below.) Read it from top to bottom: second hand, minute hand, hour hand. The slowest hands hardly move in four bars. How long does a full turn take, in musical terms?

# %%
for pair in range(5):
    turn = 2 * torch.pi * 10_000 ** (2 * pair / 16)  # in frames
    print(f"pair {pair}: {turn:4.0f} frames, {turn / 4:6.1f} beats, {turn / 16:5.1f} bars")

# %% [markdown]
# No turn is a whole number of bars: the clocks know nothing of the metre, and the model has to work it out. What do two such vectors say about each other? **Predict:** is the dot product of positions 3 and 7 the same as that of 43 and 47?

# %% tags=["nbval-check-output"]
pairs = waves @ waves.T
print("positions 3, 7 and 43, 47:", torch.allclose(pairs[3, 7], pairs[43, 47], atol=1e-4))
along = torch.allclose(pairs[1:, 1:], pairs[:-1, :-1], atol=1e-4)
print("the same for every distance:", along)

# %% [markdown]
# The product depends on the *distance* alone, because $\sin a \sin b + \cos a \cos b = \cos(a - b)$ in every pair:
#
# $$p_s \cdot p_t = \sum_i \cos\big((s - t)\,\omega_i\big)$$
#
# (In a model, learned matrices stand in between and may spoil this.)
#
# > **Exercise** [bar-clock](../exercises/07_position.ipynb#bar-clock): invent a clock that knows the bar.
#
# ## 7.4 Learned: a table
#
# The simplest idea is a table with one vector for each position, learned like all other weights. By hand it is one addition.

# %% tags=["nbval-check-output"]
x, library = torch.randn(2, 7, 16), LearnedPositions(64, 16)
same = torch.equal(x + library.table.weight[:7], library(x))
print("equal to the library:", same)

# %% [markdown]
# What does such a table learn? We train small models for a few seconds on crops of **one bar**: 16 frames of four voices in one row, 64 tokens. (The table has 512 rows, of which only 64 are ever used.) Every model of this notebook is trained twice, from two seeds, so that we can tell a pattern from an accident.

# %%
tokenizer = GridTokenizer(layout="notes")
batches = TokenBatches(corpus("train"), tokenizer, batch_size=16, crop=16, transpose=False)
plan = TrainingConfig(steps=180, peak=5e-3, warmup=20)


def train_small(scheme, seed):
    """Train a small model on single bars; everything but the positions is the same."""
    torch.manual_seed(seed)
    config = TransformerConfig(
        vocab_size=tokenizer.vocab_size, d_model=64, n_layers=2, dropout=0.0, positions=scheme
    )
    model = Transformer(config)
    train(model, batches, plan, show_progress=False)
    return model.eval()


models = {"learned": [train_small("learned", seed) for seed in (0, 1)]}

# %% [markdown]
# **Predict:** tokens come in the order soprano, alto, tenor, bass, soprano ... Nobody told the model. Which positions will get similar vectors?


# %%
def similarity(model):
    """Compare the vectors of all pairs of positions: 1 is the same direction, -1 the opposite."""
    table = model.stack.positions.table.weight[:64].detach()
    table = table - table.mean(dim=0)
    return cosine_similarity(table[:, None], table[None], dim=-1)


alike = [similarity(model) for model in models["learned"]]
by_distance = [[float(one.diagonal(far).mean()) for far in range(1, 17)] for one in alike]
canvas, axes = empty_plot("", "position in the row of tokens (a line each beat)", "", (6, 4.8))
heat(axes, alike[0], "How alike are two learned positions? (first seed)", "position")
early, late = (float(half.diagonal(4).mean()) for half in (alike[0][:32, :32], alike[0][32:, 32:]))
alt = f"Similarity at distance 4: {early:.2f} in the first two beats, {late:.2f} in the last two"
Figure(canvas, alt)

# %%
seeds = {f"seed {seed}": row for seed, row in enumerate(by_distance)}
tops = [1 + max(range(7), key=row.__getitem__) for row in by_distance]
alt = f"Mean similarity by distance; within 7 tokens the highest stands at {tops[0]} and {tops[1]}"
labels = {"x": "distance in tokens", "y": "mean similarity"}
plot_bars(range(1, 17), seeds, title="Which distances are alike?", **labels, alt=alt)

# %% tags=["nbval-check-output"]
for row in by_distance:
    four, others = sum(row[3::4]) / 4, (sum(row) - sum(row[3::4])) / 12
    print("more alike at 4, 8, 12, 16 than elsewhere:", four > others + 0.03)

# %% [markdown]
# Positions four apart resemble each other: soprano and soprano, bass and bass. In the map these are diagonal stripes, faint for the first two beats and clear for the last two (lower right). Merely by learning to predict, the table has discovered that there are four voices.
#
# The price: a table ends somewhere.

# %% tags=["nbval-check-output"]
try:
    library(torch.zeros(1, 65, 16))
except SettingError as error:
    print(error)

# %% [markdown]
# ## 7.5 Rotary: turn the query, turn the key
#
# What matters is distance, so why not build it in? **Rotary** positions add nothing. They take each query and each key two numbers at a time, as points of a plane, and *turn* each point by an angle that grows with the position. Values are not turned. In school geometry, a turn by the angle $t\,\omega_i$ is
#
# $$x'_0 = x_0 \cos t\omega_i - x_1 \sin t\omega_i, \qquad x'_1 = x_0 \sin t\omega_i + x_1 \cos t\omega_i.$$
#
# > **Exercise** [rotate](../exercises/07_position.ipynb#rotate): write it yourself first, and see that scores depend on the distance only.


# %%
def turn(x, positions):
    """Turn the points (x0, x1), (x2, x3), ... each by its own speed times the position."""
    speed = 10_000 ** (-torch.arange(0, x.shape[-1], 2) / x.shape[-1])
    angle = einsum(positions, speed, "seq, pair -> seq pair")
    cos, sin = angle.cos(), angle.sin()
    x0, x1 = x[..., 0::2], x[..., 1::2]
    turned = torch.stack([x0 * cos - x1 * sin, x0 * sin + x1 * cos], dim=-1)
    return turned.flatten(-2)


# %% [markdown]
# We check it against the library, and against one rotation matrix for each pair.

# %% tags=["nbval-check-output"]
x, positions = torch.randn(2, 3, 7, 8), torch.arange(7)
same = torch.allclose(turn(x, positions), rotate(x, positions), atol=1e-5)
print("equal to the library:", same)
angles = 5 * 10_000 ** (-torch.arange(0, 8, 2) / 8)  # those of position 5
corners = [torch.stack([a.cos(), -a.sin(), a.sin(), a.cos()]).view(2, 2) for a in angles]
by_matrix = x[:, :, 5] @ torch.block_diag(*corners).T
print("equal to matrices:", torch.allclose(turn(x, positions)[:, :, 5], by_matrix, atol=1e-5))

# %% [markdown]
# **Predict:** one query and one key, put at positions 3 and 7, then at 1003 and 1007. What happens to their score?

# %%
query, key = torch.randn(2, 1, 8)
for pair in ([3], [7]), ([1003], [1007]), ([3], [8]):
    q, k = (torch.tensor(position) for position in pair)
    score = float((rotate(query, q) * rotate(key, k)).sum())
    print(f"positions {int(q):4} and {int(k):4}: score {score:.3f}")

# %% [markdown]
# Only the distance counts. If both points turn by the same angle, the angle between them stays: with $R_t$ for the turn at position $t$, $(R_s q) \cdot (R_t k) = q \cdot (R_{t-s} k)$. Here is the score of a query and a key, both all ones, at every pair of positions. Each diagonal has one colour:
#
# > **Exercise** [rotary-attention](../exercises/07_position.ipynb#rotary-attention): mend an attention that hears where the whole tune stands.

# %%
ones = rotate(torch.ones(64, 32), torch.arange(64))
canvas, axes = empty_plot("", "frame of the key (a tick each beat, a line each bar)", "", (6, 4.8))
heat(axes, ones @ ones.T, "Rotary: score of equal vectors", "frame of the query")
Figure(canvas, "Heat map of rotary scores: constant along diagonals, highest at distance 0, fading")

# %% [markdown]
# ## 7.6 Relative: a vector for each distance
#
# Shaw and others say it outright: learn one vector $r$ for each *distance*. Its dot product with the query is added to the score: "how much does this query care about something four steps back?"
#
# $$\text{score}_{t,s} = \frac{q_t \cdot k_s + q_t \cdot r_{t-s}}{\sqrt d}$$

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
# The loops are slow. To do it in one go with a copy of the right vector for each pair would take, for 2,048 positions and heads of 64 numbers, 1 GB per head. Music Transformer found a trick, the **skew**. All queries times all distances is one small matrix product; but then the columns stand for distances, and we want keys. Each row must slide to its place: pad one column, then read the same numbers in rows of the old length.
#
# > **Exercise** [skew](../exercises/07_position.ipynb#skew): slide the rows yourself first, without a copy for each pair.

# %% tags=["nbval-check-output"]
distances = torch.tensor([[2, 1, 0]] * 3)  # every query scores "2 back, 1 back, 0 back"
padded = pad(distances, (1, 0), value=-1)
ours = padded.flatten()[3:].view(3, 3)
same = torch.equal(ours.tril(), skew(distances).tril())
print(f"{padded.tolist()} ->\n{ours.tolist()}\nequal to the library: {same}")

# %% [markdown]
# In the lower triangle each number now says how far back its key stands: 0 on the diagonal, 1 beside it. What stands above belongs to the future, and the mask covers it.
#
# The learned vectors can be looked at directly: a long one can change a score by much. **Predict:** the model has just read a bass note and must predict the next soprano. Which earlier token would help most, and how many steps back does it stand?

# %%
models["relative"] = [train_small("relative", seed) for seed in (0, 1)]
lengths = {}
for seed, model in enumerate(models["relative"]):
    tables = [block.attention.relative.table.detach() for block in model.stack.blocks]
    both = torch.stack(tables)[:, :, -16:].flip(2)  # layer head distance head_dim
    lengths[f"seed {seed}"] = both.norm(dim=-1).mean(dim=(0, 1))
longest = [int(row.argmax()) for row in lengths.values()]
labels = {"x": "distance in tokens, 0 is the token just read", "y": "mean length of the vectors"}
alt = (
    f"Length of the learned vectors by distance; the longest stand at {longest[0]} and {longest[1]}"
)
plot_bars(range(16), lengths, title="Which distances matter?", **labels, alt=alt)

# %% tags=["nbval-check-output"]
print("the longest vectors stand at distances", *longest)

# %% [markdown]
# Three steps back: there the voice whose turn it is sang last. (In soprano, alto, tenor, *bass* the soprano stands three steps before the bass.) The rule "hold your note or move by a step" needs just this token.
#
# ## 7.7 Later, or higher?
#
# To a musician, a tune stays the same tune when it comes a bar later, and also when it comes two semitones higher (a *transposition*). What is it to attention? We compute the scores among the ten notes three times: at the start, 16 positions (a bar of frames) later, and two semitones up. **Predict** the table: two columns, four rows.

# %%
hear(tune + 2, "the tune, two semitones higher")

# %%
to_query, to_key = torch.randn(2, 16, 16) / 4
table, far = torch.randn(64, 16), torch.arange(10)
apart = torch.randn(10, 16)[(far[:, None] - far).abs()]


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
    return scores + (query[:, None] * apart).sum(-1) if scheme == "relative" else scores


# %% tags=["nbval-check-output"]
print("same scores?   a bar later   two semitones up")
for scheme in ("sinusoidal", "learned", "rotary", "relative"):
    changed = scores_of(tune, scheme, start=16), scores_of(tune + 2, scheme)
    same = [torch.allclose(scores_of(tune, scheme), one, atol=1e-4) for one in changed]
    print(f"{scheme:12}   {same[0]!s:10}   {same[1]}")

# %% [markdown]
# Rotary and relative scores stay the same when the tune comes later. That is all that *position* can do: **none of the four helps with transposition**, which changes the tokens, not their places. There are two remedies: show the model all keys in training (notebook 9), or tell it intervals (notebook 10; Music Transformer adds relative *pitch* to its attention).
#
# ## 7.8 Beyond the trained length
#
# All our small models learn from single bars. What will they do in bar 2? We train the other two schemes and let all models read the first eight bars (of 16 frames each) of chorales that they never saw. (Pure guessing costs about 4 nats per note, as notebook 4 found.)

# %%
for scheme in ("sinusoidal", "rotary"):
    models[scheme] = [train_small(scheme, seed) for seed in (0, 1)]
long_enough = [one for one in corpus("valid") if len(one) >= 128][:20]
ids = torch.stack([torch.from_numpy(tokenizer.encode(one)[:513]) for one in long_enough])


@torch.inference_mode()
def nats(model, ids):
    """How surprised is the model by each token? One row per piece."""
    scores = model(ids[:, :-1]).transpose(1, 2)  # cross_entropy wants the vocabulary second
    return cross_entropy(scores, ids[:, 1:], reduction="none")


# %% [markdown]
# As a control, the rotary model also reads through a *window*: never more than one bar at once, with the positions starting anew. If later bars are simply harder music, the window will suffer, too. **Predict:** draw the five curves.


# %%
def nats_in_a_window(model, ids):
    """The same, but the model never sees more than 64 tokens; half a bar further each time."""
    starts = range(32, 512 - 32, 32)
    later = [nats(model, ids[:, start : start + 65])[:, 32:] for start in starts]
    return torch.cat([nats(model, ids[:, :65]), *later], dim=1)[:, :512]


curves = {scheme: [nats(model, ids) for model in pair] for scheme, pair in models.items()}
curves["rotary, window"] = [nats_in_a_window(model, ids) for model in models["rotary"]]

# %%
canvas, axes = empty_plot("Trained on one bar, asked for eight (two seeds)", "bar", "nats per note")
colours = dict(zip(curves, ("purple", "green", "orange", "blue", "sky blue"), strict=True))
for name, pair in curves.items():
    style = "--" if "window" in name else "-"
    for label, surprise in zip((name, None), pair, strict=True):
        halves = surprise.mean(dim=0).view(16, 32).mean(dim=1)
        middles = torch.arange(16) / 2 + 1.25
        axes.plot(middles, halves, style, color=OKABE_ITO[colours[name]], label=label)
axes.axvspan(1, 2, color="#dddddd", zorder=0)
axes.text(1.1, 0.3, "trained")
axes.set_ylim(0)
canvas.legend(loc="outside right upper", frameon=False)
ends = {n: [float(one[:, -64:].mean()) for one in pair] for n, pair in curves.items()}
told = ", ".join(f"{name} {min(pair):.1f} to {max(pair):.1f}" for name, pair in ends.items())
Figure(canvas, f"Nats per note by bar; in bar 8: {told}")

# %%
print(f"{'':16} bar 1         bar 2         bar 8")
for name, pair in curves.items():
    bars = [[float(one[:, 64 * bar :][:, :64].mean()) for one in pair] for bar in (0, 1, 7)]
    print(f"{name:16}", *("{:.2f} {:.2f}    ".format(*bar) for bar in bars))

# %% [markdown]
# **Explain.** The first column says how well each model learned its one bar; sinusoidal starts behind the others. What counts here is how each row goes on.
#
# - *Learned* falls off a cliff. Its rows from 64 on were never trained: they still hold random numbers.
# - *Sinusoidal* has a vector for every position, but the model has never seen these: a cliff, too.
# - *Rotary* still knows nearly all distances at the beginning of bar 2. It gets worse as more and more tokens stand farther back than any did in training.
# - *Relative* suffers least of the four. Its vectors of far distances were never trained either, but they began small, so they change little.
# - Through the window, rotary stays as good as in bar 1. So the music is not harder; the *length* is.
#
# These are small models after a few seconds of training: trust the shapes, not the ranking. The lesson is the same for all: **train on the lengths that you will use.** Notebook 9 does.
#
# What does it sound like? Each model of the first seed gets one bar by Bach and writes three more, sixteen times over. We play the first one of two schemes, learned and relative. **Predict:** from which bar on will you hear it?

# %%
prompt = next(one for one in long_enough if one.beats[0] == 0)
opening = torch.from_numpy(tokenizer.encode(prompt.excerpt(0, 16))[1:-1]).view(16, 4)


def go_on(scheme):
    """Sixteen times the same bar by Bach, then three by the model."""
    chance, settings = torch.Generator().manual_seed(0), Settings(temperature=0.6)
    options = {"frames": 64, "batch": 16, "generator": chance, "settings": settings}
    written = generate(models[scheme][0], tokenizer, given=opening, **options)
    return torch.stack([frame.tokens for frame in written], dim=1)  # batch frame voice


written = {scheme: go_on(scheme) for scheme in models}
pieces = {scheme: tokenizer.decode(ids[0].flatten()) for scheme, ids in written.items()}
Sound(pieces["learned"], title="learned positions")

# %%
PianoRoll(pieces["relative"], title="relative positions")

# %% [markdown]
# One piece may be luck. Over all sixteen, bar by bar: in how many of the frames do two neighbouring voices *cross*, the lower one standing above the upper?

# %%
for name, ids in written.items():
    crossed = (ids[..., 1:] > ids[..., :-1]).any(dim=-1).float()  # higher pitches have higher ids
    shares = crossed.view(16, 4, 16).mean(dim=(0, 2)).tolist()
    print(f"{name:10}", *(f"  bar {bar}: {share:4.0%}" for bar, share in enumerate(shares, 1)))

# %% [markdown]
# Bar 1 is Bach's. The bars after it tell the story of the curves again: a model that has lost its place no longer knows which voice it is singing.
#
# ## In three lines
#
# - Attention reads a bag of notes; positions must be marked, by adding to the embeddings or by changing the scores.
# - Sinusoidal and learned mark *where*; rotary and relative mark *how far apart*, so a tune may come later and stay the same.
# - Beyond the trained length our models got worse, some at once; and no scheme knows what a transposition is.
#
# ## Check yourself
#
# **1.** You shuffle a piece and feed it to attention layers without positions and without a mask. What comes out?
#
# <details><summary>a) The same vectors in shuffled order</summary>Yes. We checked it in 7.1; no training can change that.</details>
# <details><summary>b) Other vectors</summary>No. Each query meets the same keys and values, so each mixture is the same.</details>
# <details><summary>c) An error</summary>No. The layers notice nothing; that is the trouble.</details>
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
# <details><summary>c) It runs, and gets much worse after 64</summary>Yes. That was the cliff in 7.8, without any warning.</details>
#
# **5.** (Looking back to notebook 4.) We read *validation* pieces in 7.8, and nothing from the test set. Why?
#
# <details><summary>a) The test set is too small</summary>No. It is as large as the validation set; size is not the point.</details>
# <details><summary>b) The test set is opened once, when all choices are made</summary>Yes. Here we compare schemes, so we are still choosing; the test set must not help with that.</details>
# <details><summary>c) The models were trained on the test set</summary>No. They learned from the training pieces only.</details>
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
