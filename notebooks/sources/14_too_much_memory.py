# %% [markdown]
# # 14 · Too much memory
#
# [← 13 · Did it work?](13_did_it_work.ipynb) · [15 · How big? →](15_how_big.ipynb) · [Exercises 14](../exercises/14_too_much_memory.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/14_too_much_memory.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/14_too_much_memory.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - hear a model that has learnt ten chorales by heart, and find the passages that it copies,
# > - measure the gap between what it knows and what it has understood,
# > - build the cures by hand: early stopping, L1, L2, decoupled weight decay and dropout,
# > - find out which of them helps, over three seeds.
# >
# > **You need** notebooks 5, 9 and 13 (a fair test, training, measures).
# >
# > **Time:** about 35 minutes to read and listen, about 35 seconds to run on two processor cores.
# >
# > **You will hear** plagiarism, beside what was copied, and the same small model after a cure.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import csv
from statistics import mean, stdev

import numpy as np
import torch
from IPython.display import display
from torch import nn

from musiclab import Sound, compose, corpus, load_checkpoint
from musiclab.checkpoint.load import SHIPPED
from musiclab.evaluate import TrainingMemory, bootstrap_interval
from musiclab.show import Figure, empty_plot
from musiclab.training import mean_nll
from musiclab.training.loss import count_targets, summed_nll
from musiclab.training.presets import PRESETS

torch.set_num_threads(1)
_ = torch.manual_seed(0)

# %% [markdown]
# ## 14.1 Where have I heard this?
#
# Here is a small singer: the model of notebook 10 with intervals, and without its memories. It has learnt from *ten* chorales, over and over. It sings well. (Of fourteen seeds we took the one that shows its fault best; 14.8 counts over many pieces.)

# %%
EXPERIMENTS = SHIPPED / "experiments"
train, valid = corpus("train"), corpus("valid")
ten = train[:10]
parrot = compose(checkpoint=EXPERIMENTS / "by-heart", bars=8, seed=7)
Sound(parrot, title="A model of ten chorales")

# %% [markdown]
# > **Exercise** [longest-copy](../exercises/14_too_much_memory.ipynb#longest-copy): find the longest copied passage yourself, in any key.
#
# `TrainingMemory` looks for the longest passage of a piece that also stands in the training pieces, in whatever key (notebook 13). Its length is counted in *chord changes*.

# %%
memory = TrainingMemory(ten)
found = memory.longest(parrot)
print(f"{found.changes} chord changes in a row stand in {found.name}")

# %%
copied = ten[found.number].excerpt(*found.training_frames)
display(Sound(parrot.excerpt(*found.frames), title="The model"))
display(Sound(copied, title=f"From {found.name}"))

# %% [markdown]
# **Listen:** is it the same music? Then the model is not composing, it is remembering.
#
# How much of that is chance? All chorales share turns and cadences. So we need a control: Bach's own validation pieces, compared with the same ten.

# %%
control = [memory.longest(piece.excerpt(0, 128)).changes for piece in valid]
print(f"Bach's other pieces share {mean(control):.1f} chord changes with the ten, on average")

# %% [markdown]
# ## 14.2 The gap
#
# The loss shows it, too, if it is measured twice: on the pieces that the model learns from, and on others. Both are in nats per note. The **gap** is the difference.
#
# **Predict:** for the model of ten chorales, roughly how large is the loss on its own ten pieces? And on new ones?

# %%
shipped = load_checkpoint(EXPERIMENTS / "by-heart")
preset = PRESETS["bach-grid"].change(tunes=False)


# %%
def nats(model, pieces):
    """Measure a model on whole pieces, each in its own key."""
    batches = preset.build_batches(pieces, training=False)
    return mean_nll(model, batches, batches.pad_id)


# %%
own, new = nats(shipped.model, ten), nats(shipped.model, valid[:20])
print(f"on its ten pieces {own:.2f}, on twenty new ones {new:.2f}: a gap of {new - own:.2f} nats")

# %% [markdown]
# A small loss on the training pieces says that the model *knows* them. Only the loss on new pieces says whether it has understood anything.
#
# ## 14.3 Watch it happen
#
# We train the same model for a minute at most, and measure both losses on the way.
#
# **Predict:** draw the two curves before you run the cell.


# %%
def small_singer(seed=0, **changes):
    """Make a small singer and batches of short excerpts."""
    alone = {"earlier": 0, "decays": (), "repeats": False, "parallels": False, "tunes": False}
    sizes = {"d_model": 64, "n_layers": 2, "note_dropout": 0.0, "repeat": 0.0, "crop": 64}
    free = {"dropout": 0.0, "transpose": False, "seed": seed}
    return PRESETS["bach-grid"].change(**{**alone, **sizes, **free, **changes})


# %%
def one_step(model, optimiser, batch, pad_id, penalty=0.0):
    """Move the weights once; the penalty is added to the loss."""
    loss = summed_nll(model(*batch.inputs), batch.targets, pad_id)
    loss = loss / count_targets(batch.targets, pad_id) + penalty
    optimiser.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()


# %%
live = small_singer()
model, batches = live.build_model(), live.build_batches(ten, training=True)
optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
curve = []
for step in range(151):
    if step % 15 == 0:
        curve.append((step, nats(model, ten), nats(model, valid[:10])))
    one_step(model, optimiser, batches.batch(step), batches.pad_id)

# %%
steps, knows, understands = map(np.array, zip(*curve, strict=True))
best = int(steps[understands.argmin()])

# %%
canvas, axes = empty_plot("Ten chorales, over and over", "steps", "nats per note")
axes.plot(steps, knows, label="its own ten pieces")
axes.plot(steps, understands, label="new pieces")
axes.set_ylim(0, 1.5)
axes.legend()
alt = (
    f"On its own pieces the loss falls to {knows[-1]:.2f}; on new ones it is least at step {best}."
)
Figure(canvas, alt)

# %% [markdown]
# ## 14.4 The simplest cure: stop
#
# The curve on new pieces falls, turns and rises. So keep the weights of the best step, and stop when there has been no better one for a while (the *patience*). That is **early stopping**. It costs nothing but a validation set.
#
# > **Exercise** [early-stopping](../exercises/14_too_much_memory.ipynb#early-stopping): from when is patience counted?


# %%
def early_stopping(losses, patience):
    """Say after which measurement to stop, and which one was the best."""
    best = 0
    for number, loss in enumerate(losses):
        if loss < losses[best]:
            best = number
        if number - best >= patience:
            return number, best
    return len(losses) - 1, best


# %% tags=["nbval-check-output"]
print(early_stopping([3.0, 2.0, 1.5, 1.6, 1.4, 1.7, 1.8, 1.9, 1.3], patience=3))

# %%
where, which = early_stopping(understands.tolist(), patience=3)
print(f"stop at step {steps[where]}, keep step {steps[which]}: {understands[which]:.3f} nats")

# %% [markdown]
# The last number of the example above, 1.3, was never reached. **Explain:** is that a mistake?
#
# ## 14.5 A price on weights
#
# To know ten pieces by heart takes exact, large weights. So let large weights cost something. There are two common prices, each with a strength $\lambda$:
#
# $$L_1 = \lambda \sum_i |w_i| \qquad\qquad L_2 = \frac{\lambda}{2} \sum_i w_i^2$$
#
# > **Exercise** [l1-penalty](../exercises/14_too_much_memory.ipynb#l1-penalty): build the first, and check its gradient.
#
# > **Exercise** [own-price](../exercises/14_too_much_memory.ipynb#own-price): then think of a price of your own.
#
# **Predict:** which one makes weights *exactly* small, and which one just smaller? Think of the slope of each price near 0.


# %%
def l1_penalty(model, strength):
    return strength * sum(weight.abs().sum() for weight in model.parameters())


def l2_penalty(model, strength):
    return strength / 2 * sum(weight.square().sum() for weight in model.parameters())


# %%
def trained(penalty, steps=60):
    """Train the small singer on the ten pieces with a price on its weights."""
    model = live.build_model()
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(steps):
        one_step(model, optimiser, batches.batch(step), batches.pad_id, penalty(model))
    return torch.cat([weight.detach().flatten() for weight in model.parameters()])


# %%
prices = {"no price": lambda model: 0.0, "L1": lambda model: l1_penalty(model, 1e-4)}
prices["L2"] = lambda model: l2_penalty(model, 3e-3)
weights = {name: trained(price) for name, price in prices.items()}

# %%
near = {name: (values.abs() < 1e-3).double().mean() for name, values in weights.items()}
for name in weights:
    print(f"{name:<9}{near[name]:.0%} of the weights are within 0.001 of 0")

# %%
canvas, axes = empty_plot("Where the weights lie", "weight", "share of the weights")
edges = np.linspace(-0.3, 0.3, 121)
for name, values in weights.items():
    shares = np.histogram(values, edges)[0] / len(values)
    axes.step(edges[:-1], shares, label=name)
axes.set_yscale("log")
axes.legend()
Figure(
    canvas, f"Near 0 lie {near['L1']:.0%} of the weights with L1, {near['no price']:.0%} without."
)

# %% [markdown]
# The slope of $|w|$ is the same however small the weight is, so L1 pushes weights all the way to 0. The slope of $w^2$ fades near 0, so L2 shrinks large weights and leaves small ones alone.
#
# ## 14.6 L2 in the gradient, or decay beside it
#
# With plain gradient descent, L2 and *weight decay* (shrinking every weight by a share at each step) are the same. With Adam they are not. Adam divides each gradient by its usual size, and a price that went into the gradient is divided, too. A weight with large gradients then hardly shrinks. AdamW takes the decay out of the gradient (Loshchilov and Hutter, 2017).
#
# One step by hand, for two weights of the same size. The gradient of the first is a thousand times larger:

# %%
weight, gradient = torch.tensor([1.0, 1.0]), torch.tensor([10.0, 0.01])
rate, strength = 0.1, 0.1


# %%
def adam(gradient):
    """Adam's first step: both averages are corrected to the gradient itself, and its square."""
    return rate * gradient / (gradient.square().sqrt() + 1e-8)


# %% tags=["nbval-check-output"]
in_gradient = weight - adam(gradient + strength * weight)
decoupled = weight - adam(gradient) - rate * strength * weight
print("L2 in the gradient: ", [round(one, 4) for one in in_gradient.tolist()])
print("decoupled decay:    ", [round(one, 4) for one in decoupled.tolist()])

# %% tags=["nbval-check-output"]
for name, cls in (("Adam ", torch.optim.Adam), ("AdamW", torch.optim.AdamW)):
    theirs = nn.Parameter(weight.clone())
    theirs.grad = gradient.clone()
    cls([theirs], lr=rate, weight_decay=strength).step()
    print(name, [round(one, 4) for one in theirs.tolist()])

# %% [markdown]
# In the first row the price has vanished: Adam's first step has the size of the learning rate whatever the gradient is. In the second, both weights have shrunk by 1 % more.
#
# ## 14.7 Dropout
#
# Another cure: let the model never rely on any one number. In training, **dropout** sets each activation to 0 with probability $p$, and divides the others by $1 - p$, so that the sum stays the same on average. In evaluation it does nothing.
#
# > **Exercise** [dropout](../exercises/14_too_much_memory.ipynb#dropout): what goes wrong without the division?


# %%
def dropout(x, p, training, generator):
    if not training:
        return x
    kept = torch.rand(x.shape, generator=generator) >= p
    return x * kept / (1 - p)


# %% tags=["nbval-check-output"]
x, generator = torch.ones(100_000), torch.Generator().manual_seed(0)
dropped = dropout(x, 0.3, True, generator)
print(f"zeros {(dropped == 0).double().mean():.2f}, mean {dropped.mean():.2f}")

# %% [markdown]
# ## 14.8 Which cure helps?
#
# `benchmarks/overfitting.py` has trained the same small singer for 400 steps under each cure, from three seeds, on ten pieces and on all of them. Here is what came out, with the standard deviation over the seeds.
#
# **Predict:** order the cures before you run the cell.

# %%
with (EXPERIMENTS / "overfitting.csv").open(newline="") as file:
    rows = list(csv.DictReader(file))


# %%
def column(pieces, cure, name):
    chosen = [row for row in rows if (row["pieces"], row["cure"]) == (pieces, cure)]
    return [float(row[name]) for row in chosen]


cures, sizes = (list(dict.fromkeys(row[name] for row in rows)) for name in ("cure", "pieces"))

# %%
print(f"{'pieces':<8}{'cure':<20}{'train':>7}{'valid':>7}{'  +-':<7}{'gap':>6}{'copied':>8}")
for pieces in sizes:
    for cure in cures:
        own, new, far = (column(pieces, cure, name) for name in ("train", "valid", "copied"))
        print(
            f"{pieces:<8}{cure:<20}{mean(own):>7.3f}{mean(new):>7.3f}  {stdev(new):<5.3f}", end=""
        )
        print(f"{mean(new) - mean(own):>6.2f}{mean(far):>8.1f}")

# %%
canvas, axes = empty_plot("What helps a model of ten chorales", "gap in nats", "")
for place, cure in enumerate(reversed(cures)):
    gaps = np.array(column("10", cure, "valid")) - np.array(column("10", cure, "train"))
    axes.barh(place, gaps.mean(), xerr=gaps.std(ddof=1), color="#56B4E9")
_ = axes.set_yticks(range(len(cures)), list(reversed(cures)))

# %%
values = {cure: mean(column("10", cure, "valid")) for cure in cures}
least = min(values, key=values.get)
Figure(canvas, f"The least loss on new pieces has {least}, {values[least]:.3f} nats.")

# %% [markdown]
# **Explain:** what does dropout do to the model of all pieces? It has hardly a gap, and a cure for what one does not have only costs. And why do other keys alone bring so little here? This singer hears intervals, so that it knows all keys from one.
#
# The column *copied* counts chord changes: the longest passage of each of eight new pieces that stands in the training pieces, on average. Bach's own validation pieces are the control. With one measure for each piece, the interval of their mean is quickly drawn:

# %%
low, high = bootstrap_interval(np.array(control, dtype=float))
print(f"Bach: {mean(control):.1f} chord changes (95 % interval {low:.1f} to {high:.1f})")

# %% [markdown]
# ## 14.9 Hear the cure
#
# The same ten chorales and the same seed; but in training each was moved to other keys, and dropout was on:

# %%
cured = compose(checkpoint=EXPERIMENTS / "not-by-heart", bars=8, seed=7)
print("longest passage that was copied:", memory.longest(cured).changes, "chord changes")
Sound(cured, title="Ten chorales in all keys, with dropout")

# %% [markdown]
# **Listen:** is it better music, or only less borrowed? Ten chorales are ten chorales.
#
# ## In three lines
#
# - The gap between the loss on training pieces and on new ones shows what was learnt by heart.
# - Nothing helps so much as more music. With little of it, dropout does most here, and cures add up.
# - With Adam, decay belongs beside the gradient, not in it.
#
# ## Check yourself
#
# **1.** A model has 0.05 nats per note on its training pieces and 1.0 on new ones. What is it good for?
#
# <details><summary>a) It is nearly perfect</summary>No. It is nearly perfect on what it knows already.</details>
# <details><summary>b) For repeating its training pieces</summary>Yes. On new music it does no better than a bigram.</details>
# <details><summary>c) Nothing can be said without the test set</summary>No. The gap says it all; the test set stays closed.</details>
#
# **2.** Why does L1 set weights to nearly 0, and L2 does not?
#
# <details><summary>a) L1 is the stronger of the two</summary>No. Each may be as strong as you like.</details>
# <details><summary>b) The slope of |w| does not fade near 0</summary>Yes. L2's does: a small weight costs hardly anything there.</details>
# <details><summary>c) L2 counts negative weights less</summary>No. Both count a weight and its opposite alike.</details>
#
# **3.** What does dropout do when the model writes music?
#
# <details><summary>a) Nothing</summary>Yes. It is for training alone.</details>
# <details><summary>b) It drops notes</summary>No. It drops activations, and only in training.</details>
# <details><summary>c) It halves the activations</summary>No. In training they were scaled up, so that nothing is to be done now.</details>
#
# **4.** Patience is 3, and the best loss came at measurement 5. After which measurement do you stop, if nothing gets better?
#
# <details><summary>a) 3</summary>No. Patience does not count from the beginning.</details>
# <details><summary>b) 8</summary>Yes. Three measurements without a better one.</details>
# <details><summary>c) 5</summary>No. At that moment nobody knows that it was the best.</details>
#
# **5.** (Looking back to notebook 5.) The validation set chose the step and the cure. May its loss be reported as the result?
#
# <details><summary>a) Yes, nothing was trained on it</summary>No. It was chosen from, so it flatters a little.</details>
# <details><summary>b) Say so, and let the test set, opened once, give the figure</summary>Yes. Notebook 15 does so.</details>
# <details><summary>c) No, it must be thrown away</summary>No. It has done its work, and may be shown as what it is.</details>
#
# ## Read on
#
# - Srivastava and others (2014), [Dropout](https://jmlr.org/papers/v15/srivastava14a.html): a simple way to prevent neural networks from overfitting.
# - Loshchilov and Hutter (2019), [Decoupled Weight Decay Regularization](https://arxiv.org/abs/1711.05101): why AdamW is not Adam with L2.
# - Tibshirani (1996), [Regression Shrinkage and Selection via the Lasso](https://doi.org/10.1111/j.2517-6161.1996.tb02080.x): the price that makes zeros.
# - Carlini and others (2023), [Quantifying Memorization Across Neural Language Models](https://arxiv.org/abs/2202.07646): how much large models know by heart.
#
# **What you can do now that you could not do before:** say whether a model composes or remembers, and do something about it.
#
# [← 13 · Did it work?](13_did_it_work.ipynb) · [15 · How big? →](15_how_big.ipynb)
