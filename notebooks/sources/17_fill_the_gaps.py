# %% [markdown]
# # 17 · Fill the gaps
#
# [← 16 · Harmonise](16_harmonise.ipynb) · [18 · Inside the model →](18_inside_the_model.ipynb) · [Exercises 17](../exercises/17_fill_the_gaps.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/17_fill_the_gaps.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/17_fill_the_gaps.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - cut a hole into a chorale, and let a model mend it that hears both sides,
# > - build its training: hide some cells, and ask for those alone,
# > - see why guesses that are made at once clash, and mend them by Gibbs sampling,
# > - measure a likelihood that has no direction, and say what it may be compared with,
# > - compose from nothing, and harmonise, with the same model.
# >
# > **You need** notebooks 6, 8 and 9 (attention, the Transformer, training), and 12 for sampling.
# >
# > **Time:** about 35 minutes to read and listen, about 45 seconds to run on two processor cores.
# >
# > **You will hear** Bach with a hole, the hole mended, and a chorale that grows out of noise.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import csv
from dataclasses import replace

import numpy as np
import torch
from IPython.display import display
from torch.nn.functional import cross_entropy

from musiclab import PianoRoll, Sound, corpus, load_checkpoint
from musiclab.checkpoint.load import SHIPPED
from musiclab.evaluate import nats_per_note, poisson_interval
from musiclab.model import Stack, TransformerConfig
from musiclab.music.chorale import REST
from musiclab.sampling.gibbs import fill, nats_per_cell, share_hidden
from musiclab.show import Figure, empty_plot
from musiclab.training import Trainer
from musiclab.training.presets import PRESETS

_ = torch.manual_seed(0)

# %% [markdown]
# ## 17.1 Bach with a hole
#
# Here are four bars from the validation pieces, which no model has learnt from. The alto and the tenor are missing in bars 2 and 3.

# %%
bach = corpus("valid")[3].excerpt(0, 64)
hole = np.zeros(bach.pitches.shape, dtype=bool)  # (frame, voice)
hole[16:48, 1:3] = True  # bars 2 and 3, alto and tenor


# %%
def without(chorale, hidden):
    """Let the hidden cells rest."""
    pitches = np.where(hidden, REST, chorale.pitches)
    return replace(chorale, pitches=pitches, attacks=chorale.attacks & ~hidden)


# %%
Sound(without(bach, hole), title="Bach with a hole")

# %% [markdown]
# `bach-infill` has read everything that is left, before the hole *and after it*, and fills it:

# %%
infill = load_checkpoint("bach-infill")
tokenizer, model = infill.tokenizer, infill.model


# %%
def mend(chorale, hidden, seed=0, **options):
    """Fill the hidden cells; return the piece after every sweep."""
    tokens = torch.from_numpy(tokenizer.encode(chorale)[1:-1])
    sweeps = fill(
        model,
        tokenizer,
        tokens,
        torch.from_numpy(hidden),
        conditions=torch.from_numpy(infill.conditions.encode(chorale)),
        generator=torch.Generator().manual_seed(seed),
        **options,
    )
    written = [tokenizer.decode(one[0].numpy()) for one in sweeps]
    return [replace(chorale, pitches=one.pitches, attacks=one.attacks) for one in written]


# %%
mended = mend(bach, hole)
PianoRoll(mended[-1], title="The hole mended")

# %% [markdown]
# **Listen:** do the new voices lead into bar 4, which was there all the time? A singer that writes forwards cannot prepare what it has not read. This model can.
#
# How often did it choose Bach's own note? There is no need to: a hole has many good fillings.

# %%
same = (mended[-1].pitches == bach.pitches)[hole].mean()
print(f"{same:.0%} of the hidden cells have Bach's own pitch")

# %% [markdown]
# ## 17.2 Why not simply drop the mask?
#
# In notebook 6, the causal mask kept each position from seeing the future. Let us take it away: `causal=False`. Now every position sees all others. We change one frame near the end, and look which positions notice.

# %%
sizes = TransformerConfig(vocab_size=53, d_model=32, n_heads=2, n_layers=1)
x = torch.randn(1, 8, 32)
changed = x.clone()
changed[0, 5] = torch.randn(32)

# %% tags=["nbval-check-output"]
for causal in (True, False):
    stack = Stack(sizes, causal=causal).eval()
    with torch.no_grad():
        notice = (stack(x) - stack(changed)).abs().amax(dim=-1)[0] > 1e-6
    print(f"causal={causal!s:<6} {''.join('x' if one else '.' for one in notice)}")

# %% [markdown]
# **Predict:** you train such a model to say the *next* token at each position, as in notebook 9. What will it learn?
#
# It will learn to look one place to the right. The answer stands there, the loss falls to nothing, and the model is worth nothing: it is the model without a mask from notebook 6. A model that sees everything can only be asked about what it is *not shown*.
#
# ## 17.3 Hide, and ask for what is hidden
#
# So each training example is a piece with a hole. In hidden cells stands a token that means "guess". The loss counts the hidden cells alone:
#
# $$\text{loss} = -\frac{1}{|H|} \sum_{(t, v) \in H} \ln p(\text{note}_{t,v} \mid \text{all that is shown})$$
#
# That is how BERT was trained on sentences (Devlin and others, 2018), and Coconet on chorales (Huang and others, 2017).
#
# > **Exercise** [mask-cells](../exercises/17_fill_the_gaps.ipynb#mask-cells): write what the model reads, and what it is asked for, yourself first.
#
# > **Exercise** [masked-nll](../exercises/17_fill_the_gaps.ipynb#masked-nll): then mend a loss that looks too good.


# %%
def mask_cells(tokens, hidden, mask_id=0):
    """Give what the model reads and what it is asked for; 0 in the targets asks for nothing."""
    shown = torch.where(hidden, mask_id, tokens)
    targets = torch.where(hidden, tokens, 0)
    return shown, targets


# %% tags=["nbval-check-output"]
tokens = torch.from_numpy(tokenizer.encode(bach)[1:-1])
shown, targets = mask_cells(tokens, torch.from_numpy(hole))
print("shown  ", shown[14:18].tolist())
print("targets", targets[14:18].tolist())

# %% [markdown]
# Which cells to hide? If it were always a few single sixteenths, the model would copy the note beside each hole: most notes last longer than a sixteenth. So half the time the library hides a random *share* of all cells, from hardly any to all. Half the time it cuts a hole: some voices, for some bars.
#
# > **Exercise** [own-hole](../exercises/17_fill_the_gaps.ipynb#own-hole): choose for yourself what a model practises.
#
# **Predict:** with which share hidden is a cell hardest to guess?

# %%
told = torch.from_numpy(infill.conditions.encode(bach))  # beats and fermatas


# %%
def cost_of(hidden):
    """Nats per hidden cell."""
    shown, _ = mask_cells(tokens, hidden)
    with torch.no_grad():
        logits = model(shown[None], told[None])[0]
    return cross_entropy(logits[hidden], tokens[hidden]).item()


# %%
shares, costs = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0), []
for share in shares:
    drawn = [torch.rand(tokens.shape) < share for _ in range(20)]
    costs.append(np.mean([cost_of(one) for one in drawn if one.any()]))
    print(f"{share:>5.0%} hidden: {costs[-1]:.2f} nats per hidden cell")

# %% [markdown]
# ## 17.4 Train one
#
# The library's preset `bach-infill` says how the shipped model was trained. Here is a narrow one of the same kind, for a few steps, on short excerpts, so that you see the loss fall.

# %%
small = PRESETS["bach-infill"].change(
    d_model=32, n_layers=1, dropout=0.0, steps=60, warmup=10, crop=64, peak=5e-3, validate_every=60
)
learner = small.build_model()

# %%
trainer = Trainer(
    learner,
    small.build_batches(corpus("train")[:80], training=True),
    small.training,
    valid=small.build_batches(corpus("valid")[:16], training=False),
    show_progress=False,
)
history = trainer.run()

# %%
print("training, nats per hidden cell:", *(f"{one:.2f}" for one in history.losses))
print(
    f"valid: {history.valid_losses[-1]:.2f}, the shipped model: {infill.info['figures']['valid']:.2f}"
)

# %% [markdown]
# (The shipped model's figure is over all validation pieces, and not over the 16 that were used here.)
#
# ## 17.5 Guessed at once, voices clash
#
# The model gives each hidden cell its own probabilities. It does not say which guesses go *together*. If the alto may sing E or F, and the tenor C or D, then each alone is fine, but E with D is not. Draw all cells at once, and they clash.
#
# **Predict:** what will you hear?

# %%
everything = np.ones_like(hole)
at_once = mend(bach, everything, sweeps=1)[-1]
Sound(at_once, title="All cells guessed at once")

# %% [markdown]
# Every note is drawn from what Bach might write there, and the whole is noise.
#
# ## 17.6 Mend it: Gibbs sampling
#
# Now hide *some* of the guesses again, and guess them anew, given the others. Do it again and again. That is **blocked Gibbs sampling**: each sweep redraws a block of cells from their probabilities, given all cells outside the block. With small blocks, the cells come to agree. The first sweeps redraw nearly everything, to move fast; the last ones a few cells in a hundred.
#
# > **Exercise** [gibbs-step](../exercises/17_fill_the_gaps.ipynb#gibbs-step): write one sweep yourself first.


# %%
def gibbs_step(piece, hidden, share, generator):
    """Hide a share of the cells that may change, and draw them anew."""
    again = hidden & (torch.rand(piece.shape, generator=generator) < share)
    shown, _ = mask_cells(piece, again)
    with torch.no_grad():
        logits = model(shown[None], told[None])[0]
    logits[..., [tokenizer.pad_id, tokenizer.start_id, tokenizer.end_id]] = -torch.inf
    chances = logits.softmax(dim=-1)[again]
    drawn = torch.multinomial(chances, 1, generator=generator)[:, 0]
    return piece.masked_scatter(again, drawn)


# %%
generator, free = torch.Generator().manual_seed(3), torch.ones_like(tokens, dtype=torch.bool)
piece, heard, SWEEPS = torch.zeros_like(tokens), {}, 48
for sweep in range(SWEEPS):
    piece = gibbs_step(piece, free, share_hidden(sweep, SWEEPS), generator)
    heard[sweep + 1] = tokenizer.decode(piece.numpy())

# %% [markdown]
# Do the cells agree? Ask the model: hide a tenth of a piece, and see how surprised it is by what stands there. Then another tenth. A piece whose notes fit each other can be guessed from its parts. Bach's own four bars are the yardstick.


# %%
def disagreement(piece, times=10):
    """Nats per cell, when a tenth of the cells is hidden, over and over."""
    drawn, costs = torch.Generator().manual_seed(0), []
    for _ in range(times):
        hidden = torch.rand(piece.shape, generator=drawn) < 0.1
        shown, _ = mask_cells(piece, hidden)
        with torch.no_grad():
            logits = model(shown[None], told[None])[0]
        costs.append(cross_entropy(logits[hidden], piece[hidden]).item())
    return np.mean(costs)


# %%
numbers = sorted(heard)
curve = [disagreement(torch.from_numpy(tokenizer.encode(heard[n])[1:-1])) for n in numbers[::3]]
bachs = disagreement(tokens)

# %%
canvas, axes = empty_plot("Sweep by sweep the voices agree", "sweeps", "nats per hidden cell")
axes.plot(numbers[::3], curve)
axes.axhline(bachs, linestyle="--", color="black", label="Bach")
axes.legend()
alt = (
    f"Disagreement falls from {curve[0]:.2f} to {curve[-1]:.2f} nats; Bach's bars have {bachs:.2f}."
)
Figure(canvas, alt)

# %% [markdown]
# **Listen** to the same piece after 1, 12, 24 and 48 sweeps.

# %%
display(*(Sound(heard[n], title=f"After {n} sweeps") for n in (1, 12, 24, 48)))

# %% [markdown]
# Nobody told this model where to begin. It composed from noise, in no direction at all. The fall of the curve has a limit that is worth knowing: a model may agree with itself and still be dull. A piece of one chord would agree very well.
#
# ## 17.7 A likelihood without a direction
#
# Is it a better model than the singer? Then it must say how likely a whole piece is. Take any order of the cells, and fill them in one after another: the chain rule holds in every order.
#
# $$\ln p(\text{piece}) = \sum_{i=1}^{N} \ln p(\text{cell}_{o(i)} \mid \text{cell}_{o(1)}, \dots, \text{cell}_{o(i-1)})$$
#
# For a random order $o$, the term at which $k$ cells are still hidden is on average the cost of $k$ random hidden cells. So we draw $k$ from 1 to $N$, hide $k$ cells, and average. That gives nats per cell, the mean over all orders.

# %%
costs, pieces = [], corpus("valid")[:6]
for number, chorale in enumerate(pieces):
    ids = torch.from_numpy(tokenizer.encode(chorale)[1:-1])
    conditions = torch.from_numpy(infill.conditions.encode(chorale))
    chance = torch.Generator().manual_seed(number)
    costs.append(
        nats_per_cell(model, ids, conditions=conditions, generator=chance, draws=24).mean()
    )

# %%
print(f"bach-infill, in random orders: {np.mean(costs):.2f} nats per cell")
forwards = nats_per_note([chorale.pitches for chorale in pieces], "bach-grid")
print(f"bach-grid, from left to right: {forwards:.2f} nats per cell")

# %% [markdown]
# **Explain:** why is the model without a direction so much worse by this measure? In a random order, the first cells are guessed with next to nothing around them, and scattered over the whole piece. From left to right, nearly every cell has its past beside it. (Also the two are not told the same: `bach-infill` must say as well which notes are struck, and is told the beat and the fermatas.) For what it is made for, holes with something on both sides, this figure says little. There we need another test.
#
# ## 17.8 Better than writing forwards?
#
# `bach-studio` can mend a hole, too. It writes forwards, 32 versions at once, and drops those that do not lead into what stands behind the hole; the studio's *rewrite* tab does that. Which of the two does it better? `benchmarks/infilling.py` let both mend the same holes in six bars of 24 validation pieces, and counted parallel fifths and octaves in those bars (notebook 13).
#
# **Predict:** who will choose Bach's own note more often in the bass, with three voices above it given?

# %%
with (SHIPPED / "experiments" / "infilling.csv").open(newline="") as file:
    rows = list(csv.DictReader(file))

# %%
print(f"{'hole':<25}{'filled by':<14}{'as Bach':>8}{'parallels':>11}   in 1,000 chords (95 %)")
for kind in dict.fromkeys(row["hole"] for row in rows):
    for who in ("bach-infill", "bach-studio", "Bach"):
        mine = [row for row in rows if (row["hole"], row["by"]) == (kind, who)]
        same = np.mean([float(row["as_bach"]) for row in mine])
        count = sum(int(row["fifths"]) + int(row["octaves"]) for row in mine)
        chords = sum(int(row["chords"]) for row in mine)
        low, high = (1000 * one / chords for one in poisson_interval(count))
        print(f"{kind:<25}{who:<14}{same:>8.0%}{count:>11}   {low:>4.0f} to {high:.0f}")

# %% [markdown]
# **Explain:** `bach-infill` sees more, and yet it writes more parallels and meets Bach less often. Why? `bach-studio` paid for every chance that it gave to a parallel (notebook 10), it tries 32 versions, and it draws each voice knowing the others. Nobody told `bach-infill` about parallels, and of the cells that one sweep redraws, none knows what the others become. Seeing both sides is an advantage. It is not the only one.

# %% [markdown]
# ## 17.9 Harmonising is a hole, too
#
# Show the soprano, hide the rest:

# %%
lower = np.zeros_like(hole)
lower[:, 1:] = True
PianoRoll(mend(bach, lower, seed=4)[-1], title="Bach's melody, three new voices")

# %% [markdown]
# And here is the reverse, which a harmoniser cannot do: the three lower voices stay, and ask for a new melody.

# %%
Sound(mend(bach, ~lower, seed=4)[-1], title="Bach's lower voices, a new melody")

# %% [markdown]
# ## In three lines
#
# - Without a causal mask a model must be asked for what it is not shown, and for that alone.
# - Guesses that are made at once do not know each other; Gibbs sampling redraws them block by block until they agree.
# - Any cells can be the hole: a bar, a voice, the melody, or everything.
#
# ## Check yourself
#
# **1.** A model with `causal=False` is trained to predict the next token. Its loss is almost 0. Why?
#
# <details><summary>a) It is a better model</summary>No. Try to write with it: there is no next token to look at.</details>
# <details><summary>b) It looks at the next token and copies it</summary>Yes. What is asked for must not be shown.</details>
# <details><summary>c) It has more weights</summary>No. A mask has no weights.</details>
#
# **2.** Why are not all hidden cells drawn in one sweep?
#
# <details><summary>a) It would be too slow</summary>No. One sweep is the quickest of all.</details>
# <details><summary>b) Each is drawn without knowing what the others became</summary>Yes. Good notes, bad chords.</details>
# <details><summary>c) The loss allows only some of them</summary>No. The model gives probabilities for every hidden cell.</details>
#
# **3.** In the last sweeps only 2 % of the cells are redrawn at a time. Why so few?
#
# <details><summary>a) So that each is drawn knowing nearly all others</summary>Yes. Then what is drawn together hardly matters.</details>
# <details><summary>b) The others are already perfect</summary>No. They may be redrawn in the next sweep.</details>
# <details><summary>c) To save time</summary>No. A sweep costs the same however few cells it redraws.</details>
#
# **4.** What is hidden from the model when it learns?
#
# <details><summary>a) Always the same cells</summary>No. It would never learn to guess the others.</details>
# <details><summary>b) The future</summary>No. It reads what follows as well.</details>
# <details><summary>c) Another share, or another hole, each time</summary>Yes. So it can mend any.</details>
#
# **5.** (Looking back to notebook 5.) Somebody reports 0.3 nats per cell for such a model, with one cell hidden at a time. May this be compared with the ladder of notebook 5?
#
# <details><summary>a) Yes: both are nats per cell</summary>No. Here the note before *and after* the cell is shown. That is no probability of a piece.</details>
# <details><summary>b) No: the chain rule does not add up to the piece</summary>Yes. Only terms in some order, each given the earlier ones, do.</details>
# <details><summary>c) Yes, if it is on the test set</summary>No. The pieces are not the trouble.</details>
#
# ## Read on
#
# - Devlin and others (2019), [BERT](https://arxiv.org/abs/1810.04805): hide words, guess them from both sides.
# - Huang and others (2017), [Counterpoint by Convolution](https://arxiv.org/abs/1903.07227): Coconet, which does this with chorales, and says why to rewrite.
# - Hadjeres, Pachet and Nielsen (2017), [DeepBach](https://arxiv.org/abs/1612.01010): Gibbs sampling with one network for each direction.
# - Uria, Murray and Larochelle (2014), [A Deep and Tractable Density Estimator](https://arxiv.org/abs/1310.1757): the likelihood in random orders.
#
# **What you can do now that you could not do before:** train a model without a direction, and have any part of a piece written again.
#
# [← 16 · Harmonise](16_harmonise.ipynb) · [18 · Inside the model →](18_inside_the_model.ipynb)
