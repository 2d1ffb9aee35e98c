# %% [markdown]
# # 9 · Training
#
# [← 8 · The Transformer](08_transformer.ipynb) · [10 · The model that sings →](10_singing_model.ipynb) · [Exercises 9](../exercises/09_training.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/09_training.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/09_training.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - turn chorales into batches and targets, and predict the loss before the first step,
# > - find a leak that the loss does not show, and make a model learn one piece by heart,
# > - build Adam, gradient clipping and a schedule for the learning rate, each equal to PyTorch's or the library's,
# > - train notebook 8's Transformer while you watch its curve, its gradients and its music,
# > - stop a training, go on with it, and prove that nothing was lost.
# >
# > **You need** notebooks 3 and 4 (tokens, nats) and 8 (the Transformer). No GPU.
# >
# > **Time:** about 45 minutes to read and listen, about 85 seconds to run on two processor cores.
# >
# > **You will hear** one bar by Bach, continued by the same model after more and more training.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import math
import shutil
import signal
from copy import deepcopy

import numpy as np
import torch
from IPython.display import display
from torch.nn.functional import cross_entropy
from torch.nn.utils import clip_grad_norm_

from musiclab import PianoRoll, Sound, corpus, load_checkpoint, read_chorale
from musiclab.checkpoint.load import SHIPPED
from musiclab.model import Transformer, TransformerConfig
from musiclab.sampling import Settings, generate
from musiclab.show import OKABE_ITO, VOICE_COLOURS, Figure, LiveHistory, empty_plot
from musiclab.show.plots import benchmark_floors
from musiclab.tokens import GridTokenizer
from musiclab.training import Batch, TokenBatches, Trainer, TrainingConfig, learning_rate, mean_nll
from musiclab.training.step import take_step

# %% [markdown]
# ## 9.1 Before and after
#
# Here is notebook 8's model with fresh weights: small random numbers. It gets the first bar of a chorale from the validation set, and goes on for two.
#
# **Predict:** what will random weights sing?


# %%
torch.set_num_threads(1)  # steady beside other programs; if cores are idle, take more
tokenizer = GridTokenizer(layout="notes")  # one row: soprano, alto, tenor, bass, soprano ...
prompt = read_chorale("bach/bwv115.6")
first_bar = torch.from_numpy(tokenizer.encode(prompt.excerpt(0, 16))[1:-1]).view(16, 4)


def build(seed=9, **changes):
    """Build notebook 8's model, small enough for a lesson."""
    torch.manual_seed(seed)
    sizes = {"d_model": 64, "n_layers": 2, "dropout": 0.0} | changes
    return Transformer(TransformerConfig(vocab_size=tokenizer.vocab_size, **sizes))


def sing(model, given=first_bar, frames=48, temperature=1.0):
    """Go on after the given frames."""
    options = {"generator": torch.Generator().manual_seed(9), "given": given, "frames": frames}
    written = generate(model, tokenizer, settings=Settings(temperature=temperature), **options)
    return tokenizer.decode(torch.cat([frame.tokens for frame in written]).flatten().numpy())


# %%
untrained = build()
heard = {0: sing(untrained)}
Sound(heard[0], title="One bar by Bach, two by random weights")

# %% [markdown]
# And here is `bach-plain`, a larger model of the same kind, after its training:

# %%
shipped = load_checkpoint("bach-plain").model
Sound(sing(shipped), title="One bar by Bach, two by a trained model")

# %% [markdown]
# ## 9.2 What to learn from, and what to be tested on
#
# The chorales come in three parts. The model learns from **train**. While it learns, we measure it on **valid**, to choose settings and to know when to stop. **test** is opened once, at the very end (notebook 13).
#
# > **Exercise** [validation-loss](../exercises/09_training.ipynb#validation-loss): mend the loss on **valid**.

# %% tags=["nbval-check-output"]
train, valid = corpus("train"), corpus("valid")
print(len(train), "to learn from,", len(valid), "to be measured on")
print("in both:", len({one.source for one in train} & {one.source for one in valid}))

# %% [markdown]
# ## 9.3 A batch
#
# A **step** of training looks at a few pieces, a *batch*, and moves every weight a little. We learn from random stretches of three bars (48 frames of four voices), because we will ask for three bars: notebook 7's lesson. (In a batch of whole pieces, short ones are filled up with a *pad* token, which never counts.)

# %%
batches = TokenBatches(train, tokenizer, batch_size=4, crop=48, transpose=False, seed=9)
batch = batches.batch(0)
(ids,), targets = batch
print("inputs", *ids.shape, "| targets", *targets.shape, "(batch, seq)")

# %% [markdown]
# `batch(0)` follows from the seed and the number 0 alone; that will matter in 9.11. Here each piece stays in its own key; longer trainings move it to a random one (`transpose=True`), so that what is learned in one key serves in others.
#
# The model shall always say the next token. So inputs and targets are the same music, one token apart.
#
# > **Exercise** [shift-targets](../exercises/09_training.ipynb#shift-targets): build inputs and targets yourself first, and mind which way they move.


# %% tags=["nbval-check-output"]
def shift_targets(ids):
    """Each input's target is what follows it."""
    return ids[:-1], ids[1:]


row = torch.from_numpy(tokenizer.encode(prompt)[:-1])  # without the token that ends it
ours, theirs = shift_targets(row), TokenBatches([prompt], tokenizer, training=False).batch(0)
same = torch.equal(ours[0], theirs.inputs[0][0]), torch.equal(ours[1], theirs.targets[0])
print("inputs and targets as in the library:", *same)

# %% [markdown]
# ## 9.4 The first loss can be known beforehand
#
# The **loss** is notebook 4's surprise: minus the logarithm of the probability that the model gave to the right token, averaged over all $N$ targets, in nats.
#
# $$\text{loss}=-\frac1N\sum_{n=1}^{N}\ln{p}(\text{target}_n\mid\text{tokens before it})$$
#
# **Predict:** the vocabulary has 56 tokens. What is the loss before the first step?


# %%
def loss_of(model, batch):
    logits, targets = model(*batch.inputs).flatten(0, -2), batch.targets.flatten()
    return cross_entropy(logits, targets, ignore_index=tokenizer.pad_id)


# %%
first, uniform = loss_of(untrained, batch).item(), math.log(tokenizer.vocab_size)
print(f"first loss {first:.2f}, ln({tokenizer.vocab_size}) = {uniform:.2f}")

# %% [markdown]
# Notebook 4's *uniform* model gives each of V tokens 1/V, and its surprise is `-ln(1/V) = ln(V)`. Random weights come near to that. It is the cheapest test in machine learning: a first loss far *above* ln(V) means that the initial weights are too large, or the loss is added up wrongly.
#
# ## 9.5 One step, then one piece by heart
#
# A step goes: forget the old gradient, measure, ask which way is down, shorten the way if it is too long (9.8), go.
#
# > **Exercise** [training-step](../exercises/09_training.ipynb#training-step): write it yourself first, and forget nothing.


# %%
def training_step(model, optimiser, batch, clip=1.0):
    model.train()
    optimiser.zero_grad()
    loss = loss_of(model, batch)
    loss.backward()
    clip_grad_norm_(model.parameters(), clip)
    optimiser.step()
    return loss.item()


def close(ours, theirs, within=1e-6):
    pairs = zip(ours, theirs, strict=True)
    return all(torch.allclose(a, b, rtol=0, atol=within) for a, b in pairs)


# %% tags=["nbval-check-output"]
steady = TrainingConfig(steps=9, peak=1e-3, floor=1e-3, warmup=0)  # one learning rate throughout
ours, theirs = deepcopy(untrained), deepcopy(untrained)
_ = training_step(ours, torch.optim.AdamW(ours.parameters(), lr=1e-3), batch)
_ = take_step(theirs, torch.optim.AdamW(theirs.parameters()), batch, tokenizer.pad_id, 0, steady)
print("as the library:", close(ours.parameters(), theirs.parameters()))

# %% [markdown]
# Before you train on everything, **overfit one batch**. Any model must be able to learn four bars by heart. If not, something is broken, and you know it in seconds instead of hours. Our batch is the beginning of BWV 66.6.

# %%
beginning = read_chorale("bach/bwv66.6").excerpt(0, 64)
one_batch, parrot = TokenBatches([beginning], tokenizer, training=False).batch(0), build()
adam = torch.optim.Adam(parrot.parameters(), lr=5e-3)
[round(training_step(parrot, adam, one_batch), 3) for step in range(100)][::12]

# %% [markdown]
# **Predict:** now it starts from nothing, and always takes the likeliest token. What will it sing?

# %%
recited = sing(parrot, given=None, frames=64, temperature=0.01)
right = (recited.pitches == beginning.pitches).sum()
print(f"{right} of {beginning.pitches.size} pitches as Bach wrote them")
Sound(recited, title="BWV 66.6, recited from memory")

# %% [markdown]
# (Its tokens do not mark repeated notes, so they come out tied together.) It has learned nothing *about* music; it is an expensive recording. But the machinery works.
#
# ## 9.6 A leak does not show at first
#
# Does the first loss also show whether the answer leaks into the input? No: an untrained model cannot use an answer that it has. Two other tests can tell. Change the music from some target on, and see whether the scores *for that target* move; or train for 50 steps.
#
# **Predict:** of three models, one is honest, one has no mask, one gets inputs that were never shifted. Which of three columns gives the cheats away?


# %%
def peeks(model, feed):
    """Change the music from one target on: do the scores for that target move?"""
    changed = row.clone()
    changed[33:] = tokenizer.rest_id  # row[33] is the target of position 32
    pair = [feed(Batch((one[None, :-1],), one[None, 1:])) for one in (row, changed)]
    before, after = (model(*one.inputs)[0, 32] for one in pair)
    return bool((before - after).abs().max() > 1e-6)


short = TokenBatches(train, tokenizer, crop=16, transpose=False, seed=9)
as_it_is, unshifted = lambda one: one, lambda one: Batch((one.targets,), one.targets)
suspects = {"honest": (build(), as_it_is), "no mask": (build(), as_it_is)}
suspects["not shifted"] = build(), unshifted
for block in suspects["no mask"][0].stack.blocks:
    block.attention.causal = False

# %%
for name, (model, feed) in suspects.items():
    seen, adam = peeks(model, feed), torch.optim.Adam(model.parameters(), lr=5e-3)
    losses = [training_step(model, adam, feed(short.batch(step))) for step in range(50)]
    print(f"{name:12} first loss {losses[0]:.2f}   peeks: {seen!s:5}   after 50: {losses[-1]:.2f}")

# %% [markdown]
# All first losses are near ln(56), the cheats' as well. Changing a note finds both cheats, without any training. After 50 steps the unshifted inputs show, by a loss near zero; attention without a mask takes longer to learn where to look. So make the change-a-note test a habit.
#
# ## 9.7 Look inside, then Adam by hand
#
# Two things are worth a look in each block: how wide the numbers spread that leave it, and how strong the gradient of its weights is. We compare the library's initial weights with weights three times as large, in six blocks.


# %%
def by_block(model):
    """Spread of each block's output, and typical gradient of its weights."""
    spread, hooks = [], []
    for block in model.stack.blocks:
        hooks.append(block.register_forward_hook(lambda *of: spread.append(of[-1].std().item())))
    loss_of(model, short.batch(0)).backward()
    for hook in hooks:
        hook.remove()
    weights = [[p.grad.flatten() for p in block.parameters()] for block in model.stack.blocks]
    return spread, [torch.cat(one).square().mean().sqrt().item() for one in weights]


for scale in (1, 3):
    model = build(n_layers=6)
    _ = [weight.data.mul_(scale) for weight in model.parameters() if weight.dim() == 2]
    for name, numbers in zip(("spread  ", "gradient"), by_block(model), strict=True):
        print(f"weights x {scale}, {name}:", *(f"{one:.4f}" for one in numbers))

# %% [markdown]
# From the first block to the last, every block adds to the stream, so the spread grows. With weights three times too large, the numbers are about ten times as wide, and the gradient is uneven: the first block is pulled much harder than the last.
#
# One step size for all weights is too small for some and too large for others. **Adam** keeps two running averages for each weight: $m$ of its gradient $g$ (where to), and $v$ of its square (how strong, usually). It divides the one by the root of the other, so each weight moves by about the learning rate $\eta$, whatever its scale. Both averages start at 0, too small at first; dividing by $1 - \beta^t$ puts that right.
#
# $$m\leftarrow\beta_1{m}+(1-\beta_1)\,g,\qquad{v}\leftarrow\beta_2{v}+(1-\beta_2)\,g^2,\qquad{w}\leftarrow{w}-\eta\,\frac{m/(1-\beta_1^t)}{\sqrt{v/(1-\beta_2^t)}+\varepsilon}$$
#
# > **Exercise** [adam-step](../exercises/09_training.ipynb#adam-step): write Adam's step yourself first, with bias correction and decoupled decay.


# %%
def adam_step(weight, gradient, mean, square, step, lr, betas=(0.9, 0.98), eps=1e-8, decay=0.0):
    """Change weight, mean and square in place; steps count from 1."""
    mean.lerp_(gradient, 1 - betas[0])
    square.lerp_(gradient.square(), 1 - betas[1])
    mean_now = mean / (1 - betas[0] ** step)
    square_now = square / (1 - betas[1] ** step)
    weight.mul_(1 - lr * decay)  # AdamW: decay acts on the weight, not through the gradient
    weight.sub_(lr * mean_now / (square_now.sqrt() + eps))


# %% [markdown]
# We hold it against `AdamW`, which is Adam that also pulls weights towards 0 (*weight decay*; notebook 14): twenty steps, with gradients at random.

# %%
theirs = torch.randn(99, requires_grad=True)
ours, mean, square = theirs.detach().clone(), torch.zeros(99), torch.zeros(99)
optimiser = torch.optim.AdamW([theirs], 1e-3, betas=(0.9, 0.98), weight_decay=0.1)

# %% tags=["nbval-check-output"]
for step in range(1, 21):
    theirs.grad = torch.randn(99)
    optimiser.step()
    adam_step(ours, theirs.grad, mean, square, step, lr=1e-3, decay=0.1)
print("AdamW as PyTorch's:", torch.allclose(ours, theirs, atol=1e-6))

# %% [markdown]
# ## 9.8 Clipping, and a spike without it
#
# A bad batch (a damaged file, a bug in its loss) can have a huge gradient, and one step can undo a thousand. **Clipping** measures the length of the whole gradient, over all weights together, and shortens it to $c$ if it is longer. The direction stays: $g\leftarrow{g}\cdot\min(1,\,c/\lVert{g}\rVert)$.
#
# > **Exercise** [clip-gradients](../exercises/09_training.ipynb#clip-gradients): shorten them together yourself, and leave short ones alone.


# %%
def clip_gradients(gradients, longest):
    norm = torch.stack([one.norm() for one in gradients]).norm()
    return [one * (longest / norm).clamp(max=1.0) for one in gradients], norm


# %% tags=["nbval-check-output"]
(100 * loss_of(untrained, batch)).backward()
ours, norm = clip_gradients([one.grad for one in untrained.parameters()], longest=1.0)
their_norm = clip_grad_norm_(untrained.parameters(), 1.0)  # changes the gradients themselves
same = close(ours, [one.grad for one in untrained.parameters()])
print("clipped as PyTorch does:", same and math.isclose(norm, their_norm, rel_tol=1e-4))

# %% [markdown]
# Let us plant such a batch. At step 20 of 60 a small model gets random notes, and a loss that is a hundred times too large. We do it with Adam and with the plainest optimiser, *stochastic gradient descent* (SGD, here with momentum), unclipped and clipped.
#
# **Predict:** who gets over it?


# %%
def with_a_bad_batch(optimiser_class, clip, **options):
    model, losses = build(n_layers=2), []
    optimiser = optimiser_class(model.parameters(), **options)
    noise = torch.randint(4, tokenizer.vocab_size, short.batch(20).targets.shape)
    for step in range(60):
        loss = loss_of(model, Batch((noise,), noise.roll(1)) if step == 20 else short.batch(step))
        optimiser.zero_grad()
        (loss * (100 if step == 20 else 1)).backward()
        clip_grad_norm_(model.parameters(), clip)
        optimiser.step()
        losses.append(loss.item())
    return losses


# %%
red, blue, ends = OKABE_ITO["vermilion"], OKABE_ITO["blue"], []
canvas, axes = empty_plot(
    "One bad batch at step 20 (one seed)", "training step", "loss (nats per note)"
)
runs = {"SGD": (torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}, red)}
runs["Adam"] = torch.optim.Adam, {"lr": 2e-3, "betas": (0.9, 0.98)}, blue
for name, (optimiser_class, options, colour) in runs.items():
    for clip, style, how in ((math.inf, "-", "not clipped"), (1.0, ":", "clipped at 1")):
        losses = with_a_bad_batch(optimiser_class, clip, **options)
        axes.semilogy(losses, style, color=colour, label=f"{name}, {how}")
        ends.append(
            f"{name}, {how}: {losses[19]:.2f} before, {sum(losses[-5:]) / 5:.2f} at the end"
        )
axes.legend(frameon=False)
print("\n".join(ends))
Figure(canvas, f"Loss over 60 steps with a bad batch. {'; '.join(ends)}")

# %% [markdown]
# All four are surprised at step 20: the notes are random. What counts comes after. SGD without clipping is thrown far out of the valley. Adam divides by the size of the gradient, so it takes no giant step; but its *square* remembers something huge for hundreds of steps, and its steps become tiny. With clipping, both go on almost as if nothing had happened.
#
# ## 9.9 A schedule for the learning rate
#
# At the beginning, Adam's averages know little: step carefully (**warm-up**, over $W$ of $T$ steps). Then take long strides, and towards the end smaller and smaller ones, so that the weights settle (along half a **cosine**):
#
# $$\eta_t=\eta_{\max}\frac{t+1}{W+1}\;(t<W),\qquad\eta_t=\eta_{\min}+\tfrac12(\eta_{\max}-\eta_{\min})\Big(1+\cos\pi\tfrac{t-W}{T-W}\Big)\;(t\ge{W})$$
#
# > **Exercise** [learning-rate](../exercises/09_training.ipynb#learning-rate): write it yourself first, without a jump.


# %% tags=["nbval-check-output"]
STEPS = 600  # more is better, see 9.10
schedule = {"peak": 4e-3, "warmup": 20, "total": STEPS, "floor": 1e-5}


def rate(step, peak, warmup, total, floor):
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    angle = math.pi * min(1, (step - warmup) / (total - warmup))
    return floor + (peak - floor) * (1 + math.cos(angle)) / 2


steps = range(STEPS + 1)
same = [math.isclose(rate(step, **schedule), learning_rate(step, **schedule)) for step in steps]
print("at every step as in the library:", all(same))

# %% [markdown]
# Does a warm-up matter? It depends on the model: deep *post-norm* ones, as in 2017, push their last blocks hard from the first step on (Xiong and others, below). We train eight blocks for 120 steps, from two seeds each: pre-norm at a constant rate, post-norm at a constant rate, and post-norm with a rate that rises over 60 steps. **Predict** the order.


# %%
def deep(norm, warmup, seed):
    model, losses = build(seed, n_layers=8, d_model=48, norm=norm), []
    for weight in model.parameters():
        if weight.dim() == 2:
            torch.nn.init.xavier_normal_(weight)  # of the size that was usual in 2017
    adam = torch.optim.Adam(model.parameters(), betas=(0.9, 0.98))
    for step in range(120):
        adam.param_groups[0]["lr"] = 3e-3 * min(1, (step + 1) / (warmup + 1))
        losses.append(training_step(model, adam, bars.batch(step), clip=math.inf))
    return np.convolve(losses, np.ones(10) / 10, mode="valid")


# %%
bars = TokenBatches(train, tokenizer, crop=8, batch_size=8, transpose=False)
canvas, axes = empty_plot(
    "Eight blocks, two seeds each", "training step", "nats per note (mean of 10)"
)
for norm, warmup, colour in (("pre", 0, "blue"), ("post", 0, "vermilion"), ("post", 60, "green")):
    curves = [deep(norm, warmup, seed) for seed in (0, 1)]
    axes.plot(np.stack(curves, axis=1), color=OKABE_ITO[colour])
    ends = ", ".join(f"{one[-1]:.2f}" for one in curves)
    axes.plot([], color=OKABE_ITO[colour], label=f"{norm}-norm, {warmup} warm-up: {ends}")
axes.legend(frameon=False)
Figure(canvas, "; ".join(axes.get_legend_handles_labels()[1]))

# %% [markdown]
# (The legend gives the last losses of both seeds.) Without a warm-up, the post-norm model hardly starts, or lags far behind; with one, the same weights learn. Pre-norm does without.
#
# > **Exercise** [own-schedule](../exercises/09_training.ipynb#own-schedule): draw your own, and hear it.
#
# ## 9.10 Train it, and listen
#
# The library's `Trainer` puts it all together: batches, AdamW, clipping, the schedule, and a log. `LiveHistory` redraws the curve every few seconds. Three times the model gets the prompt of 9.1, and its answer appears below the curve.
#
# The dashed lines are *floors* from notebook 4: what one reaches by counting alone (on whole pieces; ours is measured on the first three bars of each piece of valid). **Predict:** which of them will this model pass in its first minute?

# %%
live = LiveHistory(floors=benchmark_floors(), title="A Transformer learns Bach")


def watch(trainer):
    live(trainer)
    if trainer.step in (STEPS // 10, STEPS // 3, STEPS):
        heard[trainer.step] = sing(trainer.average)
        display(Sound(heard[trainer.step], title=f"after {trainer.step} steps"))


lesson = TrainingConfig(
    steps=STEPS, peak=schedule["peak"], warmup=20, ema_decay=0.98, validate_every=STEPS // 4
)
shutil.rmtree("runs/lesson-9", ignore_errors=True)  # start anew
openings = [piece.excerpt(0, 48) for piece in valid]
unseen = TokenBatches(openings, tokenizer, training=False)
options = {"valid": unseen, "folder": "runs/lesson-9", "show_progress": False}
trainer = Trainer(build(), batches, lesson, on_step=watch, on_validate=live, **options)
history, norms = trainer.run(), trainer.history.gradient_norms
print(f"gradient before clipping: {norms[0]:.1f} at first, usually {np.median(norms):.1f}")

# %% [markdown]
# **Listen** to them in order, with 9.1 as the first. Usually a model finds first what pays most, *hold what you have*, then learns to move. In a picture:

# %%
log = np.genfromtxt(SHIPPED / "bach-plain" / "log.csv", delimiter=",", names=True)
heard[int(log["step"].max())] = sing(shipped)
axis_names = "training steps done", "pitch (MIDI number)"
canvas, axes = empty_plot("One prompt, one seed", *axis_names, size=(11, 3.8))
for place, piece in enumerate(heard.values()):
    axes.axvspan(56 * place, 56 * place + 16, color="#e8e8e8", zorder=0)
    for voice, colour in enumerate(VOICE_COLOURS.values()):
        for start, length, pitch in piece.notes(voice):
            axes.barh(pitch, length, left=56 * place + start, color=colour)
axes.set_xticks([56 * place + 24 for place in range(len(heard))], list(heard))
Figure(
    canvas, f"Piano rolls after {', '.join(map(str, heard))} steps; each begins with the same bar"
)

# %% [markdown]
# Grey: the bar by Bach. Colours: soprano, alto, tenor and bass, as in the roll below. The last panel is `bach-plain`.
#
# We listened to `trainer.average`, a running average of the weights over the last steps, which is steadier; the checkpoint keeps it. And here is your model's own music, from nothing:

# %%
own = sing(load_checkpoint("runs/lesson-9").model, given=None)
PianoRoll(own, title="By your model")

# %% [markdown]
# Not yet Bach, after so short a training. `bach-plain` is larger and was trained for longer, with `musiclab train bach-plain`; it brings its log along. Both axes are logarithmic, or the beginning would hide the end.

# %%
canvas, axes = empty_plot("Yours and bach-plain", "training step", "nats per note", (9, 4.4))
axes.loglog(history.steps, history.losses, color=red, label="yours, training")
axes.loglog(history.valid_steps, history.valid_losses, "o", color=red, label="yours, valid")
told = log[~np.isnan(log["loss"])]  # rows that measure valid have no training loss
axes.loglog(told["step"], told["loss"], color=blue, label="bach-plain, training")
axes.loglog(log["step"], log["valid"], "o", color=blue, label="bach-plain, valid")
for name, floor in benchmark_floors().items():
    axes.axhline(floor, color="#555555", linestyle="--", linewidth=1)
    axes.text(1.01, floor, name, transform=axes.get_yaxis_transform(), va="center", fontsize=9)
axes.set_yticks([0.4, 0.5, 0.7, 1, 2, 4], ["0.4", "0.5", "0.7", "1", "2", "4"])
axes.minorticks_off()
axes.legend(frameon=False)
same_bars = mean_nll(shipped, unseen, tokenizer.pad_id)
ends = f"yours {history.valid_losses[-1]:.2f} after {STEPS} steps, bach-plain {same_bars:.2f}"
print(f"nats per note on the same three bars: {ends} after {int(log['step'].max())}")
Figure(canvas, f"Two training curves; on the same three bars of valid: {ends}")

# %% [markdown]
# **Look:** where does your curve run below the other, step for step? Your model has no *dropout* (notebook 14), and a higher learning rate that soon falls. That helps the first minute, and says little about the last. To go further, raise `STEPS` in 9.9 and run on from there; for much longer, take the settings of `bach-plain`. (The points of `bach-plain` are for whole pieces; the printed line compares both on the same bars.)
#
# ## 9.11 Stop, and go on
#
# Going on must give *the same* as never having stopped, or no result could be repeated. **Predict:** what has to be saved besides the weights?


# %%
tiny = TrainingConfig(steps=12, warmup=3, log_every=1)


def tiny_trainer(folder=None, **options):
    model = build(d_model=32, n_layers=1, dropout=0.1)
    return Trainer(model, short, tiny, folder=folder, show_progress=False, **options)


def press_stop(trainer):
    if trainer.step == 5:
        signal.raise_signal(signal.SIGINT)  # what Ctrl-C and Jupyter's stop button send


unbroken = tiny_trainer()
_ = unbroken.run()

# %% tags=["nbval-check-output"]
shutil.rmtree("runs/broken", ignore_errors=True)
_ = tiny_trainer("runs/broken", on_step=press_stop).run()

# %% [markdown]
# It stopped *between* two steps, when all weights belong together. Now a new `Trainer`, as after a restart, goes on:

# %% tags=["nbval-check-output"]
resumed = tiny_trainer("runs/broken")
_ = resumed.run(resume=True)
same = close(unbroken.model.parameters(), resumed.model.parameters(), within=0)
print("every loss the same:", unbroken.history.losses == resumed.history.losses)
print("every weight the same, bit for bit:", same)

# %% [markdown]
# The folder holds the weights and their average, Adam's two averages, and the number of the step. Nothing else is needed, since batch, learning rate and dropout all follow from the seed and that number. To see that Adam's averages matter, let us forget them:

# %% tags=["nbval-check-output"]
forgetful = tiny_trainer(on_step=lambda one: one.step == 5 and one.optimiser.state.clear())
_ = forgetful.run()
same = close(unbroken.model.parameters(), forgetful.model.parameters(), within=0)
print("the same without Adam's averages:", same)

# %% [markdown]
# ## 9.12 When it goes wrong
#
# | symptom | likely cause | look first at |
# |---|---|---|
# | first loss far from ln(vocabulary) | initial weights too large; a loss added up wrongly | 9.4 |
# | loss flat from the start | learning rate far too small; gradients never reach the weights | can it overfit one batch? |
# | flat at about the unigram's loss | the model cannot see its input: mask, positions, shuffled targets | notebooks 6 and 7 |
# | loss falls to nearly 0 within minutes | targets not shifted, mask missing, or very little data | change a note (9.6); notebook 5's leaks |
# | NaN | learning rate too high, no warm-up, a division by 0, a row fully masked | a smaller peak (`Trainer` stops, and keeps the weights from before) |
# | spikes that heal | single bad batches | clipping; which pieces were in the batch |
# | spikes that do not heal | learning rate too high | a smaller peak, a longer warm-up |
# | training falls, valid rises | learning by heart | notebook 14 |
# | valid far *better* than training | dropout (harmless), or a leak between the splits | notebook 5 |
# | after a resume, a jump in the curve | the optimiser's averages or the step was not saved | 9.11 |
#
# ## In three lines
#
# - Before you train: the first loss must be near ln(vocabulary), a changed note must move no earlier score, and one batch must be learnable by heart.
# - A step is: gradient, clipped; Adam, which evens out the scales; a rate that rises and then falls.
# - Seed, step, weights and Adam's averages are the whole state: with them, a training goes on bit for bit.
#
# ## Check yourself
#
# **1.** A model over 1,000 tokens starts with a loss of 6.91. Is that good?
#
# <details><summary>a) No, it should be near 0</summary>No. Near 0 would mean that it knows the answers before it has learned anything.</details>
# <details><summary>b) Yes, that is ln(1000)</summary>Yes. It spreads its belief evenly over all tokens.</details>
# <details><summary>c) One cannot know</summary>One can: random weights make all tokens about equally likely, and -ln(1/1000) = 6.91.</details>
#
# **2.** Your model cannot overfit a single batch. What do you do?
#
# <details><summary>a) Train on more data</summary>No. What cannot learn four bars will not learn two hundred pieces.</details>
# <details><summary>b) Look for a bug</summary>Yes. Targets, mask, learning rate, gradients: one of them is broken.</details>
# <details><summary>c) Add dropout</summary>No. Dropout makes learning by heart harder; here it is what we want.</details>
#
# **3.** A bug makes all gradients 1,000 times too large, from the first step on. What does Adam do, without clipping?
#
# <details><summary>a) Steps 1,000 times too long</summary>That would be SGD. Adam divides by the root of the mean square, which grows as much.</details>
# <details><summary>b) Almost the same as without the bug</summary>Yes. Mean and root of the square grow alike; only epsilon notices.</details>
# <details><summary>c) It diverges</summary>No. The scale cancels out.</details>
#
# **4.** Why are all gradients shortened together, not tensor by tensor?
#
# <details><summary>a) It is faster</summary>Hardly, and that is not the reason.</details>
# <details><summary>b) To keep the direction</summary>Yes. One common factor changes the length of the step only; different ones would turn it.</details>
# <details><summary>c) Because Adam needs it</summary>No. Adam works either way.</details>
#
# **5.** (Looking back to notebook 6.) Why can a model without a mask not be found out by its first loss?
#
# <details><summary>a) Because the loss leaves masked positions out</summary>No. Every target but padding counts, with a mask and without.</details>
# <details><summary>b) Because it has not yet learned to look at the answer</summary>Yes. The answer is within reach, but random weights make nothing of it. Change a later note, and it shows.</details>
# <details><summary>c) Because its first loss is exactly zero</summary>No. It starts near ln(vocabulary), like any untrained model.</details>
#
# ## Read on
#
# - Kingma and Ba (2015), [Adam: A Method for Stochastic Optimization](https://arxiv.org/abs/1412.6980).
# - Loshchilov and Hutter (2019), [Decoupled Weight Decay Regularization](https://arxiv.org/abs/1711.05101): AdamW.
# - Loshchilov and Hutter (2017), [SGDR: Stochastic Gradient Descent with Warm Restarts](https://arxiv.org/abs/1608.03983): the cosine.
# - Pascanu, Mikolov and Bengio (2013), [On the difficulty of training recurrent neural networks](https://arxiv.org/abs/1211.5063): clipping by the norm.
# - Xiong and others (2020), [On Layer Normalization in the Transformer Architecture](https://arxiv.org/abs/2002.04745): warm-up, pre- and post-norm.
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762), section 5: how the first Transformer was trained, with warm-up.
#
# **What you can do now that you could not do before:** train a model of your own, know within seconds whether it can learn at all and whether it cheats, hear it learn, and stop and go on without losing a bit.
#
# [← 8 · The Transformer](08_transformer.ipynb) · [10 · The model that sings →](10_singing_model.ipynb)
