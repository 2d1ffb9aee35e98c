# %% [markdown]
# # 18 · Inside the model
#
# [← 17 · Fill the gaps](17_fill_the_gaps.ipynb) · [19 · Smaller and faster →](19_smaller_and_faster.ipynb) · [Exercises 18](../exercises/18_inside_the_model.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/18_inside_the_model.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/18_inside_the_model.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - tap a running model with hooks, and find heads by measuring where they look,
# > - train the smallest model that can look up what came next the last time,
# > - let the model speak after each layer, and hear it,
# > - read key, chord and metre from its streams, and see a control spoil the result,
# > - silence a head, and tell what that shows from what it does not.
# >
# > **You need** notebooks 6, 8 and 9 (attention, the Transformer, training), and 5 for a fair test.
# >
# > **Time:** about 45 minutes to read and listen, about 60 seconds to run on two processor cores.
# >
# > **You will hear** what a head looks at, a model cut short, and a model with one head silenced.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import copy
import csv
from dataclasses import replace

import numpy as np
import torch
from einops import rearrange
from IPython.display import display
from torch.nn.functional import cross_entropy, pad

from musiclab import PianoRoll, Sound, corpus, load_checkpoint, nats_per_note
from musiclab.checkpoint.load import SHIPPED
from musiclab.model import Transformer, TransformerConfig
from musiclab.model.attention import SPLIT, attention_weights, causal_mask
from musiclab.sampling.decoding import generate
from musiclab.show import Figure, empty_plot
from musiclab.show.attention import attention_of, attention_roll
from musiclab.show.colours import SERIES_COLOURS

torch.set_num_threads(1)

# %% [markdown]
# ## 18.1 A hook in the wall
#
# On the table lies `bach-plain`, the plain Transformer of notebooks 8 and 9. It reads and writes one note after another: soprano, alto, tenor, bass, then the next sixteenth. It has 4 layers with 4 heads each. And here is a chorale that it has not learnt from.

# %%
checkpoint = load_checkpoint("bach-plain")
model, tokenizer = checkpoint.model, checkpoint.tokenizer
valid = [piece for piece in corpus("valid") if piece.time_signature == "4/4"]
bach = valid[4].excerpt(0, 76)

# %%
PianoRoll(bach, title="The chorale on the table")

# %% [markdown]
# A **hook** is a function of yours that a layer calls each time it is used. A *forward hook* is told what went in and what came out. A *pre-hook* is told what is going in, and what it returns goes in instead. So we can look, and we can change, and never touch the model's code.


# %%
def listen(model, layers, ids):
    """Run the model on one piece; collect what goes into each layer and what comes out."""
    heard = []
    hooks = [
        layer.register_forward_hook(lambda layer, given, made: heard.append((given[0][0], made[0])))
        for layer in layers
    ]
    with torch.no_grad():
        model(ids[None])
    for hook in hooks:
        hook.remove()
    return heard


# %% tags=["nbval-check-output"]
ids = torch.from_numpy(tokenizer.encode(bach))[:-2]
((given, made),) = listen(model, [model.stack.blocks[2].attention.to_qkv], ids)
print("to_qkv of layer 2:", tuple(given.shape), "->", tuple(made.shape))

# %% [markdown]
# What comes out are queries, keys and values, 128 numbers each. From the first two follow the weights, as in notebook 6.


# %%
def weights_of(model, ids):
    """Return each head's attention, (layer, head, query, key), of one piece."""
    found, blocks, past = [], model.stack.blocks, causal_mask(len(ids), len(ids), ids.device)
    heard = listen(model, [block.attention.to_qkv for block in blocks], ids)
    for block, (_, made) in zip(blocks, heard, strict=True):
        qkv = rearrange(made[None], SPLIT, part=3, heads=model.config.n_heads)
        query, key = block.attention.rotary(qkv[:2], 0)
        found.append(attention_weights(query, key, past)[0])
    return torch.stack(found)


# %% tags=["nbval-check-output"]
weights = weights_of(model, ids)
library = torch.cat(attention_of(lambda: model(ids[None])))
print(tuple(weights.shape), "as the library's:", torch.allclose(weights, library, atol=1e-5))

# %% [markdown]
# ## 18.2 Find heads by measuring
#
# Do not scroll through pictures until one looks like something. Say beforehand what a head might look at, and measure how much of its attention goes there. Our questions, each seen from the note that is *to be written*:
#
# - its own voice, one sixteenth ago,
# - the other voices, one sixteenth ago,
# - the voices already written in this very sixteenth,
# - the same place in the bar, a bar ago,
# - what followed when the last two sixteenths sounded before: looking up a repeat.
#
# Two controls: a head that spreads its attention evenly over all it can see, and an untrained model.
#
# **Predict:** in which layer will you find heads for the voice's own last note: the first, or later?


# %%
def places_to_look(notes, bar=64):
    """For each note to be written (row), say which earlier notes (columns) answer a question."""
    n = len(notes)
    now, then = torch.arange(n)[:, None], torch.arange(n)[None] - 1  # column 0 is the start
    back, own, earlier = now // 4 - then // 4, now % 4 == then % 4, then >= 0
    two = pad(notes, (7, 0), value=-1).unfold(0, 8, 1)  # the last 8 notes
    moving = (two[:, :4] != two[:, 4:]).any(dim=1)
    heard = (two[:, None] == two[None]).all(dim=2) & moving[:, None]
    followed = pad(heard, (1, 0))[:, :n] & (now - then > 16)
    questions = {
        "own voice, 1 ago": (back == 1) & own,
        "other voices, 1 ago": (back == 1) & ~own,
        "this sixteenth": back == 0,
        "a bar ago": back == bar // 4,
        "looks up a repeat": followed,
    }
    return {name: one & earlier & (then < now) for name, one in questions.items()}


# %%
def shares(model, pieces):
    """Each head's share of attention for each question, and that of equal weights (last)."""
    total, rows = {}, {}
    for piece in pieces:
        ids = torch.from_numpy(tokenizer.encode(piece.excerpt(0, min(len(piece), 128))))[:-2]
        heads = weights_of(model, ids).flatten(0, 1)
        equal = causal_mask(len(ids), len(ids), ids.device).float()
        heads = torch.cat([heads, (equal / equal.sum(dim=-1, keepdim=True))[None]])
        for name, there in places_to_look(ids).items():
            asked = there.any(dim=1) & (torch.arange(len(ids)) >= 128)
            total[name] = total.get(name, 0) + (heads * there)[:, asked].sum(dim=(1, 2))
            rows[name] = rows.get(name, 0) + asked.sum()
    return {name: total[name] / rows[name] for name in total}


# %%
torch.manual_seed(0)
untrained = Transformer(model.config).eval()
found, blank = shares(model, valid[:8]), shares(untrained, valid[:2])

# %%
for name, share in found.items():
    best = int(share[:-1].argmax())
    told = f"{name:<21}most: head {best // 4}.{best % 4} {share[best]:>4.0%}, equal weights"
    print(f"{told} {share[-1]:.1%}, best untrained head {blank[name][:-1].max():.1%}")

# %% [markdown]
# (Head 2.1 is head 1 of layer 2, both counted from 0.)


# %%
names = [f"{one // 4}.{one % 4}" for one in range(16)]


def heat(title, table, columns, rows, told):
    """Draw a table as a map, with its numbers."""
    canvas, axes = empty_plot(title, "", "layer.head")
    axes.imshow(table, cmap="Blues", vmin=0, aspect="auto")
    for (row, column), number in np.ndenumerate(table):
        colour = "white" if number > 0.6 * table.max() else "black"
        shown = format(number, told)
        axes.text(column, row, shown, ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(columns)), columns, fontsize=8)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    canvas.set_size_inches(7, 5.5)
    return Figure(canvas, f"{title}; most: {rows[table.max(axis=1).argmax()]}")


shown = torch.stack(list(found.values()), dim=1).numpy()
heat("Share of attention", shown, list(found), [*names, "equal"], ".0%")

# %% [markdown]
# **Explain:** layer 0 is hardly sharper than equal weights. In layer 1, three heads lean to the other voices. In layer 2, three look at the voice's own last note, and one, 2.2, at the voices that already stand in this sixteenth. Nobody asked for that. Two questions find *no* head: the bar ago, and the repeat.
#
# Now on the roll. The black line is the moment to be written, here the soprano's. The darker a sixteenth, the more weight it gets.

# %%
panels, moment = {}, 4 * 40
for layer, head in ((0, 0), (1, 0), (2, 1)):
    row = weights[layer, head, moment, 1 : moment + 1]
    panels[f"head {layer}.{head}"] = row.view(-1, 4).sum(dim=1)
attention_roll(bach, panels, title="Three heads, one moment")

# %% [markdown]
# You can also *play* attention. At each moment, take the note that a head looks at most, and sound it.


# %%
notes = np.append(-1, bach.pitches)  # the first place is the start, which is silent
looked_at = weights[2, 1].argmax(dim=-1).view(-1, 4)
PianoRoll(replace(bach, pitches=notes[looked_at], attacks=None), title="What head 2.1 looks at")

# %% [markdown]
# **Listen:** that is the chorale, a sixteenth late, with a foreign note here and there. It shows where a head looks, and not what the model does with it. For that we must intervene: section 18.6.
#
# > **Exercise** [own-head](../exercises/18_inside_the_model.ipynb#own-head): ask a question of your own, and find its head.
#
# ## 18.3 Does it look things up?
#
# Large language models have **induction heads**: they find where the newest tokens stood before, and say what came next (Olsson and others, 2022). Our measure found none. But a head may do it in another way, so let us measure the *effect*. `benchmarks/inside.py` took the first four bars of every validation piece, and let the model read something else before them.
#
# **Predict:** how much less do four bars cost that the model has just read? A model that copies would pay next to nothing.

# %%
EXPERIMENTS = SHIPPED / "experiments"


def table_of(name):
    """Read a recorded table."""
    with (EXPERIMENTS / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def interval(sums, counts):
    """Draw pieces again a thousand times: where do 95 % of the means lie?"""
    drawn = np.random.default_rng(0).integers(len(sums), size=(1000, len(sums)))
    return np.percentile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), [2.5, 97.5])


# %% tags=["nbval-check-output"]
rows = table_of("inside_repeats")
for before in list(rows[0])[1:]:
    cost, other = (np.array([float(row[one]) for row in rows]) for one in (before, "another piece"))
    low, high = interval(cost - other, np.ones(len(cost)))
    print(f"after {before:<17}{cost.mean():.3f} nats per note ({low:+.3f} to {high:+.3f})")

# %% [markdown]
# (In brackets the difference from "another piece", one in the same key where there is one. The intervals, here and below, hold 95 % of the means when pieces are drawn again.)
#
# There is a gain, and without the last line we should have called it copying. But the same bars *backwards* help as much, and there is no line in them to copy. The model notes which pitches are about, and does not look up what came next.
#
# Is it unable to? Here is a world in which only looking up helps: random melodies, repeated until the row is full.


# %%
def melodies(shortest, longest, generator):
    length = torch.randint(shortest, longest + 1, (32, 1), generator=generator)
    melody = torch.randint(16, (32, longest), generator=generator)
    return melody.gather(1, torch.arange(48) % length), torch.arange(48) >= length  # comes again?


# %%
def learn(layers, shortest, longest, seed=0, steps=300):
    """Train a tiny model; return it, and its nats per repeated note on the way."""
    torch.manual_seed(seed)
    sizes = {"vocab_size": 16, "max_seq": 48, "d_model": 64, "n_heads": 2, "dropout": 0.0}
    tiny = Transformer(TransformerConfig(n_layers=layers, **sizes))
    optimiser = torch.optim.AdamW(tiny.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    generator, costs = torch.Generator().manual_seed(seed), []
    for _ in range(steps):
        ids, again = melodies(shortest, longest, generator)
        nats = cross_entropy(tiny(ids[:, :-1]).mT, ids[:, 1:], reduction="none")
        optimiser.zero_grad()
        nats.mean().backward()
        optimiser.step()
        schedule.step()
        costs.append(nats[again[:, 1:]].mean().item())
    return tiny.eval(), costs


# %% [markdown]
# **Predict:** can *one* layer learn it, when every melody has 16 notes? And when they have 8 to 24?

# %%
two, costs = learn(2, 8, 24)
print("two layers, 8 to 24 notes:", *(f"{cost:.2f}" for cost in costs[49::50]))

# %%
canvas, axes = empty_plot("Going on with a melody that repeats", "steps", "nats per repeated note")
ends = {}
for row in table_of("inside_lab"):
    ends.setdefault((row["layers"], row["melodies"], row["seed"]), []).append(float(row["again"]))
last = {}
for (layers, kind, seed), curve in ends.items():
    name = f"layers: {layers}, {kind}" if seed == "0" else None
    style, colour = ":" if kind == "one length" else "-", SERIES_COLOURS[int(layers)]
    axes.plot(range(50, 301, 50), curve, style, color=colour, label=name)
    last.setdefault((layers, kind), []).append(curve[-1])
axes.plot(range(1, 301), costs, color="black", linewidth=0.6, label="yours")
axes.legend()
for (layers, kind), found in last.items():
    print(f"{layers} layer(s), {kind:<13}", *(f"{one:.2f}" for one in found), "(one for each seed)")
Figure(canvas, f"Two layers, many lengths, end at {max(last['2', 'many lengths']):.2f} or below")

# %% [markdown]
# **Explain:** with one length, one layer is enough: "16 places back" is a distance, and a head can look at a distance. That experiment alone would have fooled us. With many lengths one layer fails. It takes two steps: a head of the first layer notes at each place which note came *before* it, and a head of the second looks for places that noted the newest one (Olsson and others, 2022).
#
# So a small model *can* learn it, and `bach-plain`, with four layers, did not. Why, we have not shown. One guess: most notes of a chorale only go on, so to look one sixteenth back pays at once, and to look up a line pays seldom.
#
# ## 18.4 The model, cut short
#
# The residual stream runs through all layers, and each adds to it. So we can read it early: take the stream after any layer, and apply what is applied at the end, the final norm and the table that scores notes. That is the **logit lens** (nostalgebraist, 2020).
#
# > **Exercise** [logit-lens](../exercises/18_inside_the_model.ipynb#logit-lens): write it yourself first.
#
# **Predict:** the model's four layers bring it from guessing to its full strength. Does each do a fourth of the way?


# %%
def streams_of(model, ids):
    """Return the residual stream before any layer and after each: (layer, seq, d_model)."""
    heard = listen(model, model.stack.blocks, ids)
    return torch.stack([heard[0][0], *(made for _, made in heard)])


# %%
def lens(model, stream):
    """Score the next note from a stream, as if no more layers came."""
    with torch.no_grad():
        return model.to_logits(model.stack.norm(stream))


# %% [markdown]
# A control: perhaps an early layer knows more, and only says it in another language. So we also give each layer a translator: the affine map that brings its stream nearest to the last one, fitted on twelve training pieces (a simple form of the tuned lens of Belrose and others, 2023).


# %%
def read(pieces):
    """Streams and the notes to be written, of several pieces in a row."""
    rows = [torch.from_numpy(tokenizer.encode(piece)) for piece in pieces]
    streams = torch.cat([streams_of(model, row[:-2]) for row in rows], dim=1)
    return streams, torch.cat([row[1:-1] for row in rows])


learnt, _ = read(corpus("train")[:12])
streams, notes = read(valid[:12])
for layer, (known, stream) in enumerate(zip(learnt, streams, strict=True)):
    to_last = torch.linalg.lstsq(pad(known, (0, 1), value=1.0), learnt[-1]).solution
    translated = pad(stream, (0, 1), value=1.0) @ to_last
    plain, other = (cross_entropy(lens(model, one), notes) for one in (stream, translated))
    print(f"after {layer} layers: {plain:.2f} nats per note, translated {other:.2f}")

# %% [markdown]
# **Explain:** by far the largest step is the third layer's (layer 2). That is the layer whose heads look at the voice's own last note. But do not read the lens as a log of what is known when. After two layers, a translator finds much that the plain lens cannot read: the model knows more than it *says* there.
#
# Hear it: the same first bar by Bach and the same random numbers, and a model that ends after two, three, and four layers.


# %%
def sing(model, batch=1, seed=3):
    """Go on after Bach's first bar, several times at once."""
    given = torch.from_numpy(tokenizer.encode(bach)[1:-1]).view(-1, 4)[:16]
    options = {"frames": 64, "batch": batch, "generator": torch.Generator().manual_seed(seed)}
    written = generate(model, tokenizer, given=given, **options)
    pieces = torch.stack([frame.tokens for frame in written], dim=1)
    return [tokenizer.decode(piece.flatten().numpy()) for piece in pieces]


def cut_short(layers):
    """The model with only its first layers."""
    short = copy.deepcopy(model)
    short.stack.blocks = short.stack.blocks[:layers]
    short.config = short.stack.config = replace(model.config, n_layers=layers)
    return short


# %%
display(*(Sound(sing(cut_short(n))[0], title=f"Cut off after {n} layers") for n in (2, 3, 4)))

# %% [markdown]
# ## 18.5 Probes, and what a control does to them
#
# Does the model know the key? A **probe** asks: can a simple classifier read it from the stream? We take the stream after the last layer, at each sixteenth, and fit a logistic regression, to two thirds of the sixteenths or of the pieces.
#
# **Predict:** which of the two looks better, and why?


# %%
def probe(known, truth, asked, classes):
    """Fit a logistic regression; return its guesses."""
    centre, scale = known.mean(dim=0), known.std(dim=0) + 1e-6
    line = torch.nn.Linear(known.shape[1], classes)
    optimiser = torch.optim.LBFGS(line.parameters(), max_iter=40)

    def loss():
        optimiser.zero_grad()
        score = cross_entropy(line((known - centre) / scale), truth)
        score = score + 1e-3 * line.weight.square().sum()
        score.backward()
        return score

    optimiser.step(loss)
    return line((asked - centre) / scale).argmax(dim=-1)


# %%
chosen = [piece.excerpt(0, min(len(piece), 128)) for piece in valid[:45]]
keys, numbers = sorted({piece.key for piece in chosen}), range(len(chosen))
cells = [streams_of(model, torch.from_numpy(tokenizer.encode(one))[:-1])[4, 4::4] for one in chosen]
truths = torch.tensor([keys.index(one.key) for one in chosen for _ in range(len(one))])
pieces = torch.tensor([number for number in numbers for _ in range(len(chosen[number]))])
cells, chance = torch.cat(cells), torch.Generator().manual_seed(0)
splits = {"sixteenths": torch.rand(len(cells), generator=chance) < 2 / 3, "pieces": pieces < 30}
for name, known in splits.items():
    guess = probe(cells[known], truths[known], cells[~known], len(keys))
    right = (guess == truths[~known]).float().mean()
    print(f"split by {name:<11} the key is right in {right:.0%}")

# %% [markdown]
# Neighbours in one piece are nearly twins, so a split by sixteenths lets the probe recognise *pieces* (notebook 5).
#
# > **Exercise** [key-probe](../exercises/18_inside_the_model.ipynb#key-probe): mend a probe that has this leak, and another.
#
# And what would a probe read without any model, or from an untrained one? `benchmarks/inside.py` fitted probes on 90 training pieces, moved to random keys, with 30 more to choose the weight decay, and measured on the validation pieces in 4/4. Four questions: the **key**; the **chord**, which pitch classes sound now (the 24 most frequent); the **sixteenth** within its quarter; the **quarter** within its bar. The model is told none of this.
#
# "Notes" is the control without a model. For the key it gets how often each pitch class has sounded so far; for the chord, the notes of the moment; for the last two, when each voice moved in the last 16 sixteenths.
#
# **Predict:** where will the trained model beat both controls?

# %% tags=["nbval-check-output"]
rows, right = table_of("inside_probes"), {}
for row in rows:  # of three untrained models the mean
    place = row["label"], row["source"].split()[0], row["layer"]
    right.setdefault(place, np.zeros((75, 2)))[int(row["piece"])] += (
        int(row["right"]),
        int(row["frames"]),
    )
share = {place: counts[:, 0].sum() / counts[:, 1].sum() for place, counts in right.items()}
for label in dict.fromkeys(row["label"] for row in rows):
    told = f"{label:<11}" + "".join(
        f"{s} {share[label, s, '0']:.0%}, " for s in ("majority", "notes")
    )
    for source in ("untrained", "trained"):
        best = max("01234", key=lambda layer: share[label, source, layer])
        low, high = interval(*right[label, source, best].T)
        told += f"{source} {share[label, source, best]:.0%} ({low:.0%} to {high:.0%}), "
    print(told + "by layer " + " ".join(f"{share[label, 'trained', one]:.0%}" for one in "01234"))

# %% [markdown]
# **Explain:** go through it row by row.
#
# - **Key.** Readable, and it proves nothing: an untrained model does as well, and twelve running counts without any model do better. (Majority 0 %: the key that the moved training pieces have most often is in no validation piece.)
# - **Chord.** Training makes it readable, far beyond an untrained model. But the four notes of the moment say it all, so the probe shows only that the model has put them together.
# - **Sixteenth.** Nobody told the model of beats, an untrained one knows nothing of them, and layer after layer they become readable. This is learnt. But the moves of the voices give it away more surely still.
# - **Quarter.** Hardly better than chance, though the moves would tell more. So the model does not seem to keep count of the bar; nor had it a head that looks a bar back.
#
# Without controls, these rows would have made three fine claims.
#
# ## 18.6 Silence a head
#
# To look is not enough: take something away, and see what breaks. What a head hands to the output projection can be replaced by its *mean*, which says nothing about this moment. That is **mean ablation**.
#
# > **Exercise** [ablate-head](../exercises/18_inside_the_model.ipynb#ablate-head): write it yourself first.


# %%
outputs = [block.attention.to_out for block in model.stack.blocks]
rows = [torch.from_numpy(tokenizer.encode(piece))[:-2] for piece in corpus("train")[:12]]
heard = [listen(model, outputs, row) for row in rows]
means = [torch.cat([one[layer][0] for one in heard]).mean(dim=0) for layer in range(4)]


# %%
def silence(layer, head):
    """Replace what one head hands on by its mean, until the hook is removed."""
    mine = torch.arange(128) // 32 == head
    hook = outputs[layer].register_forward_pre_hook
    return hook(lambda to_out, given: torch.where(mine, means[layer], given[0]))


# %% [markdown]
# `benchmarks/inside.py` silenced every head and measured all validation pieces. For each layer we print the dearest head, and again with zeros for the mean; as many numbers, drawn from all its heads; all four heads; and what their single costs add up to.
#
# **Predict:** three heads of layer 2 look at the voice's own last note. Will all voices miss them alike?

# %%
cut = {}
for row in table_of("inside_heads"):
    counts = [float(row[name]) for name in ("frames", "S", "A", "T", "B")]
    cut.setdefault((row["layer"], row["what"], row["fill"]), []).append(counts)
cut = {place: np.array(found) for place, found in cut.items()}
lost = {place: one[:, 1:].T @ one[:, 0] / one[:, 0].sum() for place, one in cut.items()}
for layer in "0123":
    total = {place[1:]: one.mean() for place, one in lost.items() if place[0] == layer}
    best = max("0123", key=lambda head: total[head, "mean"])
    random = np.mean([total[f"random {draw}", "mean"] for draw in range(3)])
    told = f"head {layer}.{best} {total[best, 'mean']:.3f}, zeros {total[best, 'zero']:.3f}; "
    told += f"any 32 numbers {random:.3f}; all heads {total['layer', 'mean']:.3f}"
    found = cut[layer, "layer", "mean"]
    low, high = interval(found[:, 0] * found[:, 1:].mean(axis=1), found[:, 0])
    added = sum(total[head, "mean"] for head in "0123")
    print(f"{told} ({low:.3f} to {high:.3f}), added up {added:.3f}")

# %%
table = np.array([lost[*name.split("."), "mean"] for name in names])
voices = ("soprano", "alto", "tenor", "bass")
row, column = divmod(int(table.argmax()), 4)
print(f"the {voices[column]} misses head {names[row]} most, by {table.max():.2f} nats per note")
heat("Cost of silencing, nats per note", table, voices, names, ".3f")

# %% [markdown]
# **Explain:** the bass misses head 2.1 most. And:
#
# - As many numbers, drawn from all four heads of the layer, cost much less than its dearest head. A head is a unit.
# - Heads 2.0, 2.1 and 2.3 look at the same place, and cost quite different amounts. Where a head looks does not say what it is worth.
# - All heads of layer 2 together cost five times what their single costs add up to. Most likely, while one is silent, the others still bring the same note. **A head that costs little alone may be much needed.**
# - What is put in the head's place matters, too. Heads 2.1 and 3.0 cost *less* with zeros, which the model never met, than with the gentle mean. We had expected the reverse.
#
# Now silence two of them here, let each go on with Bach's first bar sixteen times, and count how often the bass moves.

# %%
heard = {"nothing": sing(model, batch=16)}
for layer, head in ((0, 2), (2, 1)):
    hook = silence(layer, head)
    cost = nats_per_note([piece.pitches for piece in valid[:12]], checkpoint)
    heard[f"head {layer}.{head}"] = sing(model, batch=16)
    hook.remove()
    print(f"silenced: head {layer}.{head}, {cost:.2f} nats per note (else {plain:.2f})")
for name, written in heard.items():
    moves = np.array([(np.diff(one.pitches[15:, 3]) != 0).sum() for one in written])
    low, high = interval(moves, np.full(len(moves), 48))
    print(
        f"silenced: {name:<9} the bass moves at {moves.sum() / 768:.0%} ({low:.0%} to {high:.0%})"
    )

# %%
display(*(Sound(written[0], title=f"Silenced: {name}") for name, written in heard.items()))

# %% [markdown]
# **Listen:** without head 2.1 the bass does not know what it has just sung, and moves where it should hold. Without head 0.2 you hear another piece, too, although that head costs next to nothing: one note is drawn otherwise, and all that follows is different. So two sounds that differ prove nothing. The count does.
#
# ## 18.7 What these figures do not show
#
# - **A question finds only what it asks for.** We have named seven heads of sixteen. What the others do is open, and "no head looks up repeats" means: none in the way in which we asked.
# - **Readable is not used.** A probe shows that something *can* be read. Whether the model reads it, only an intervention shows.
# - **A cost is not a purpose.** It says what this model loses, with all else in place.
# - **One model, one training.** Another seed may put heads elsewhere, or make others. Only the lab has several seeds.
#
# ## In three lines
#
# - Ask first, then measure where heads look, beside equal weights and an untrained model.
# - What a probe reads is worth what it exceeds its controls by, in pieces that it has not seen.
# - Silencing shows what depends on a head; heads that stand in for each other hide from it.
#
# ## Check yourself
#
# **1.** A head gives 77 % of its attention to the voice's own last note. What follows?
#
# <details><summary>a) The model repeats notes because of this head</summary>No. Where it looks is not yet what comes of it. Three heads look there, and cost different amounts.</details>
# <details><summary>b) It looks there; what for, an intervention must show</summary>Yes. Silence it, and see which notes suffer.</details>
# <details><summary>c) Nothing: every head does that</summary>No. Equal weights give 0.4 %.</details>
#
# **2.** A probe reads the key from an untrained model as well as from a trained one. Why?
#
# <details><summary>a) Random layers still carry along which notes have sounded</summary>Yes. The key is in the notes, and a probe can fetch it from any mixture of them.</details>
# <details><summary>b) The untrained model knows keys</summary>No. It has learnt nothing at all.</details>
# <details><summary>c) The probe was fitted badly</summary>No. A bad fit would not read the key from either.</details>
#
# **3.** Four bars cost less after themselves than after another piece. What spoke against copying?
#
# <details><summary>a) The gain was too small for copying</summary>No. It might have been a little copying. The control decided.</details>
# <details><summary>b) The same bars backwards helped as much</summary>Yes. Their pitches are the same, but there is no line to go on with.</details>
# <details><summary>c) The model has no memory</summary>No. It sees the whole piece.</details>
#
# **4.** Each of two heads costs 0.01 nats when it is silenced alone. May you remove both?
#
# <details><summary>a) Yes: that costs 0.02</summary>No. In layer 2, all together cost five times the sum.</details>
# <details><summary>b) Only if you try it: each may be standing in for the other</summary>Yes. Single costs do not add up.</details>
# <details><summary>c) No: heads may never be removed</summary>No. Some cost next to nothing. But measure it.</details>
#
# **5.** (Looking back to notebook 7.) With melodies of one length, one layer with rotary positions learnt the lab. How?
#
# <details><summary>a) It learnt the melodies by heart</summary>No. They are drawn afresh for every batch.</details>
# <details><summary>b) Rotary scores depend on the distance, and "16 back" is one</summary>Yes. It counts, and need not search.</details>
# <details><summary>c) It has an induction head in its only layer</summary>No. That takes two layers, and with many lengths it failed.</details>
#
# ## Read on
#
# - Olsson and others (2022), [In-context Learning and Induction Heads](https://arxiv.org/abs/2209.11895): heads that look up what came next.
# - Belrose and others (2023), [Eliciting Latent Predictions from Transformers with the Tuned Lens](https://arxiv.org/abs/2303.08112): the lens with translators.
# - Hewitt and Liang (2019), [Designing and Interpreting Probes with Control Tasks](https://arxiv.org/abs/1909.03368): what a probe may be believed.
# - Michel, Levy and Neubig (2019), [Are Sixteen Heads Really Better than One?](https://arxiv.org/abs/1905.10650): silencing heads, one by one and together.
# - Jain and Wallace (2019), [Attention is not Explanation](https://arxiv.org/abs/1902.10186): why 18.2 alone is not enough.
#
# **What you can do now that you could not do before:** open a model, ask it a question with a control, and say what the answer does not show.
#
# [← 17 · Fill the gaps](17_fill_the_gaps.ipynb) · [19 · Smaller and faster →](19_smaller_and_faster.ipynb)
