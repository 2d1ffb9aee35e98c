# %% [markdown]
# # 9 · Training
#
# [← 8 · The Transformer](08_transformer.ipynb) · [11 · On the GPU, and on several →](11_gpu.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/09_training.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/09_training.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - turn chorales into batches, and targets into a loss that you can predict before the first step,
# > - make a model learn one piece by heart, and hear it recite,
# > - build Adam, gradient clipping and the learning rate's plan, each equal to PyTorch's or the library's,
# > - train a Transformer while you watch its curve, and listen to one prompt getting better,
# > - stop a training, go on with it, and prove that nothing was lost.
# >
# > **You need** notebooks 3 and 4 (tokens, nats) and 7 (the Transformer). No GPU.
# >
# > **Time:** about 45 minutes to read and listen, about 80 seconds to run on two processor cores.
# >
# > **You will hear** one bar by Bach, continued by the same model after more and more training.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    print("Installing musiclab ...")
    # %pip install --quiet "musiclab @ git+https://github.com/musiclab-course/musiclab"

# %%
import math
import shutil
import signal
from copy import deepcopy

import numpy as np
import torch
from IPython.display import display
from torch.nn.utils import clip_grad_norm_

from musiclab import PianoRoll, Sound, compose, corpus, load_checkpoint, read_chorale
from musiclab.checkpoint.load import SHIPPED, Checkpoint
from musiclab.show import OKABE_ITO, VOICE_COLOURS, Figure
from musiclab.show.figure import empty_plot
from musiclab.show.live_history import LiveHistory
from musiclab.show.plots import benchmark_floors
from musiclab.training import PRESETS, Batch, Trainer, TrainingConfig, learning_rate
from musiclab.training.step import take_step

_ = torch.manual_seed(8)

# %% [markdown]
# ## 9.1 Before and after
#
# Here is a Transformer with the weights that it is born with: small random numbers. We give it the first bar (a group of beats, here four) of a chorale from the validation set, and let it go on for two.
#
# **Predict:** what will random weights sing?

# %%
torch.set_num_threads(1)  # steady beside other programs; if cores are idle, take more
shown = {"n_earlier": 0, "neighbours": False, "recall": False, "memories": (), "repeat": 0.0}
recipe = PRESETS["bach-grid"].change(dropout=0.0, note_dropout=0.0, seed=8, **shown)
tokenizer, conditions = recipe.tokenizer, recipe.conditions
prompt = read_chorale("bach/bwv115.6")


def sing(model, **options):
    ready = Checkpoint(model.eval(), tokenizer, conditions, info={}, fingerprint="0" * 12)
    return compose(checkpoint=ready, seed=8, **options)


# %%
continue_it = {"prompt": prompt, "prompt_bars": 1, "bars": 3, "temperature": 0.8}
newborn = recipe.build_model()
heard = {0: sing(newborn, **continue_it)}
Sound(heard[0], title="One bar by Bach, two by random weights")

# %% [markdown]
# Every note is about as likely as any other. Here is `bach-grid`, a larger sister, after 4,000 steps of training:

# %%
shipped = load_checkpoint("bach-grid").model
Sound(sing(shipped, **continue_it), title="One bar by Bach, two by a trained model")

# %% [markdown]
# What differs is, above all, the numbers. This notebook is about how they get there.
#
# ## 9.2 What to learn from, and what to be tested on
#
# The chorales come in three parts. The model learns from **train**. While it learns, we measure it on **valid**, to choose settings and to know when to stop. **test** is opened once, at the very end (notebooks 13 and 13). Notebook 4 showed why the cut runs between pieces, never through them.

# %% tags=["nbval-check-output"]
train, valid = corpus("train"), corpus("valid")
print(len(train), "to learn from,", len(valid), "to be measured on")
print("in both:", len({one.source for one in train} & {one.source for one in valid}))

# %% [markdown]
# ## 9.3 A batch
#
# A **step** of training looks at a few pieces, a *batch*, and moves every weight a little. Our model reads frame by frame (a frame is one sixteenth note, with four voices in it), and gets whole pieces, each moved to a random key. Pieces differ in length, a tensor does not, so short ones are filled up with a *pad* token, which is never counted.

# %%
batches = recipe.build_batches(train, training=True)
batch = batches.batch(0)
previous, phase, frames = batch.inputs
print("previous frames", *previous.shape, "| targets", *batch.targets.shape, "(batch, seq, voice)")

# %% [markdown]
# `batch(0)` follows from the seed and the number 0 alone. Ask again and you get the same. Remember that for 8.11.
#
# **Predict:** sixteen pieces at random, or sixteen of similar length: which batch wastes more room on padding?


# %%
red, blue = OKABE_ITO["vermilion"], OKABE_ITO["blue"]
canvas, axes = empty_plot("Two batches of 16 pieces", "time (16th notes)", "piece", size=(9, 4))
for first, ordered in ((0, False), (17, True)):
    sixteen = recipe.change(batch_size=16).build_batches(train, training=ordered)
    lengths = sixteen.lengths[sixteen.chosen(0)]
    axes.barh(range(first, first + 16), lengths.max(), color="#dddddd")
    axes.barh(range(first, first + 16), lengths, color=blue)
axes.set_yticks([7.5, 24.5], ["as they come", "of similar length"], rotation=90, va="center")
axes.legend(["padding", "music"], frameon=False)
Figure(canvas, "16 pieces as they come, with much padding, and 16 of similar length, with little")

# %% [markdown]
# The library sorts by length, roughly: a little noise lets each piece meet different neighbours in each *epoch* (one round through all pieces).
#
# What shall the model say? Always the next frame. So input and target are the same music, one frame apart. (It also gets the frame's place, and the voices *above* the one that it is writing: the alto may hear the soprano, never itself.)


# %%
def shift_targets(ids):
    """Each input's target is what follows it."""
    return ids[:-1], ids[1:]


# %% tags=["nbval-check-output"]
ids = torch.from_numpy(tokenizer.encode(prompt)[:-1])  # without the token that ends it
inputs, targets = shift_targets(ids)
theirs = recipe.build_batches([prompt], training=False).batch(0)
same = torch.equal(inputs, theirs.inputs[0][0]), torch.equal(targets, theirs.targets[0])
print("inputs and targets as in the library:", *same)

# %% [markdown]
# > **Exercise** [shift-targets](../exercises/README.md#shift-targets): build inputs and targets from a batch of ids, and mind which way they move.
#
# ## 9.4 The first loss can be known beforehand
#
# The **loss** is notebook 4's surprise: minus the logarithm of the probability that the model gave to the right note, averaged over all notes, in nats.
#
# **Predict:** the vocabulary has 56 tokens. What is the loss before the first step?


# %%
def loss_of(model, batch):
    logits, targets = model(*batch.inputs).flatten(0, -2), batch.targets.flatten()
    return torch.nn.functional.cross_entropy(logits, targets, ignore_index=tokenizer.pad_id)


# %%
first, uniform = loss_of(newborn, batch).item(), math.log(tokenizer.vocab_size)
print(f"first loss {first:.2f}, ln({tokenizer.vocab_size}) = {uniform:.2f}")

# %% [markdown]
# Notebook 4's *uniform* model spreads its belief evenly: each of V tokens gets 1/V, and the surprise is `-ln(1/V) = ln(V)`. Random weights nearly do that. The small rest comes from the logits not being exactly equal. Set the last layers to zero, and it vanishes:

# %% tags=["nbval-check-output"]
blank = deepcopy(newborn)
for layer in (blank.head.to_logits, *blank.head.to_relations):
    _ = torch.nn.init.zeros_(layer.weight)
print("random weights, within 0.1:", abs(first - uniform) < 0.1)
print("zeros, within 0.0001:", abs(loss_of(blank, batch).item() - uniform) < 1e-4)

# %% [markdown]
# This is the cheapest test in machine learning. A first loss far *above* ln(V) says that the start is too wild; one far *below* says that the answer leaks into the input. (Notebook 4 had 47 values, 3.85 nats. Ours counts special tokens and never-sung pitches too, and training soon rules them out.)
#
# ## 9.5 One step, then one batch by heart
#
# A step goes: forget the old gradient, measure, ask which way is down, shorten the way if it is too long (8.7), go.


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
plain = TrainingConfig(steps=9, peak=1e-3, floor=1e-3, warmup=0)  # one learning rate throughout
ours, theirs = deepcopy(newborn), deepcopy(newborn)
_ = training_step(ours, torch.optim.AdamW(ours.parameters(), lr=1e-3), batch)
_ = take_step(theirs, torch.optim.AdamW(theirs.parameters()), batch, tokenizer.pad_id, 0, plain)
print("as the library:", close(ours.parameters(), theirs.parameters()))

# %% [markdown]
# > **Exercise** [training-step](../exercises/README.md#training-step): write the step yourself; clear the gradients, and return the right loss.
#
# Before you train on everything, **overfit one batch**. A model with a million weights must be able to learn four bars by heart. If it cannot, something is broken, and you have found out in three seconds instead of three hours. Our batch is the beginning of BWV 66.6.

# %%
opening = read_chorale("bach/bwv66.6").excerpt(0, 64)
one_batch = recipe.build_batches([opening], training=False).batch(0)
parrot = deepcopy(newborn)
adam = torch.optim.Adam(parrot.parameters(), lr=1e-3)
[round(training_step(parrot, adam, one_batch), 3) for step in range(80)][::10]

# %% [markdown]
# **Predict:** now it starts from nothing, and always takes the likeliest note. What will it sing?

# %%
recited = sing(parrot, bars=4, pickup=4, top_k=1, ending=False)
right = (recited.pitches == opening.pitches).sum()
print(f"{right} of {opening.pitches.size} pitches as Bach wrote them")
Sound(recited, title="BWV 66.6, recited from memory")

# %% [markdown]
# It recites all of it. (The grid of this model does not mark repeated notes, so they come out tied together.) It has learnt nothing *about* music; it is an expensive recording. But the machinery works.
#
# ## 9.6 Adam by hand
#
# The gradient says which way is down. How far shall each weight go? Weights differ wildly in how strongly they are pulled:

# %%
loss_of(newborn, batch).backward()
pulls = [p.grad.square().mean().sqrt().item() for p in newborn.parameters()]
print(f"typical gradient, by tensor: from {min(pulls):.6f} to {max(pulls):.6f}")

# %% [markdown]
# One step size for all is too small for some and too large for others. **Adam** keeps two running averages for each weight: of its gradient (*mean*: where to), and of its square (*square*: how strong, usually). It divides the one by the root of the other. So each weight moves by about the learning rate, whatever its scale. Both averages start at 0, too small at first; dividing by `1 - βᵗ` puts that right.


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
# Ours against PyTorch's, twenty steps with real gradients: `Adam`, then `AdamW`, which also pulls weights towards 0 (*weight decay*; notebook 12).


# %% tags=["nbval-check-output"]
little = recipe.change(d_model=64, n_layers=2, crop=32)  # small, on short stretches
little_batches = little.build_batches(train, training=True)


def same_as_torch(optimiser_class, decay):
    model = little.build_model()
    optimiser = optimiser_class(model.parameters(), 1e-3, betas=(0.9, 0.98), weight_decay=decay)
    ours = [weight.detach().clone() for weight in model.parameters()]
    memory = [(torch.zeros_like(one), torch.zeros_like(one)) for one in ours]
    for step in range(1, 21):
        optimiser.zero_grad()
        loss_of(model, little_batches.batch(step)).backward()
        optimiser.step()
        for weight, theirs, (mean, square) in zip(ours, model.parameters(), memory, strict=True):
            adam_step(weight, theirs.grad, mean, square, step, lr=1e-3, decay=decay)
    return close(ours, model.parameters())


print("Adam: ", same_as_torch(torch.optim.Adam, decay=0.0))
print("AdamW:", same_as_torch(torch.optim.AdamW, decay=0.1))


# %% [markdown]
# > **Exercise** [adam-step](../exercises/README.md#adam-step): write Adam's step, with bias correction and decoupled decay.
#
# ## 9.7 Clipping, and a spike without it
#
# Now and then a batch is bad: a damaged file, or a bug in its loss. Its gradient is huge, and one step undoes a thousand. **Clipping** measures the length of the whole gradient, over all weights together, and shortens it if it is too long. The direction stays.


# %%
def clip_gradients(gradients, longest):
    norm = torch.stack([one.norm() for one in gradients]).norm()
    return [one * (longest / norm).clamp(max=1.0) for one in gradients], norm


# %% tags=["nbval-check-output"]
ours, norm = clip_gradients([one.grad for one in newborn.parameters()], longest=1.0)
their_norm = clip_grad_norm_(newborn.parameters(), 1.0)  # changes the gradients themselves
print("same length:   ", math.isclose(norm, their_norm, rel_tol=1e-5))
print("same gradients:", close(ours, [one.grad for one in newborn.parameters()]))

# %% [markdown]
# Let us plant such a batch. A small model trains for 60 steps. At step 20 it gets random notes, and a loss that is a hundred times too large, as if somebody had forgotten to divide by the number of notes. We do it with Adam and with the plainest optimiser, *stochastic gradient descent* (SGD, here with momentum), each without clipping and with it.
#
# **Predict:** who gets over it?

# %%
inputs, targets = little_batches.batch(20)
noise = torch.randint_like(targets, 4, tokenizer.vocab_size)
bad = Batch((*inputs[:2], noise), noise)


def with_a_bad_batch(optimiser_class, clip, **options):
    model, losses = little.build_model(), []
    optimiser = optimiser_class(model.parameters(), **options)
    for step in range(60):
        loss = loss_of(model, bad if step == 20 else little_batches.batch(step))
        optimiser.zero_grad()
        (loss * (100 if step == 20 else 1)).backward()
        clip_grad_norm_(model.parameters(), clip)
        optimiser.step()
        losses.append(loss.item())
    return losses


# %%
canvas, axes = empty_plot("One bad batch at step 20", "training step", "loss (nats per note)")
sgd, adam = {"lr": 0.1, "momentum": 0.9}, {"lr": 2e-3, "betas": (0.9, 0.98)}
for clip, style, told in ((math.inf, "-", "without clipping"), (1.0, ":", "clipped at 1")):
    losses = with_a_bad_batch(torch.optim.SGD, clip, **sgd)
    axes.semilogy(losses, style, color=red, label=f"SGD, {told}")
    losses = with_a_bad_batch(torch.optim.Adam, clip, **adam)
    axes.semilogy(losses, style, color=blue, label=f"Adam, {told}")
axes.legend(frameon=False)
Figure(canvas, "After the bad batch SGD without clipping explodes, Adam limps; clipped, both go on")

# %% [markdown]
# All four are surprised at step 20: the notes are random. What counts is what comes after. SGD without clipping is thrown out of the valley and ends far above where it began. Adam divides by the size of the gradient, so it takes no giant step. But its *mean* follows the noise for some ten steps more, and its *square* remembers something huge for hundreds: it hardly dares to move. With clipping, both go on as if nothing had happened.
#
# > **Exercise** [clip-gradients](../exercises/README.md#clip-gradients): shorten all gradients together, and leave short ones alone.
#
# ## 9.8 A plan for the learning rate
#
# At the beginning, Adam's averages know little: step carefully (**warm-up**). Then stride. Towards the end, take smaller and smaller steps, so that the weights settle (along half a **cosine**).

# %%
STEPS = 180  # about 40 s of training; 540: about two minutes, see 8.9
plan = {"peak": 3e-3, "warmup": 20, "total": STEPS, "floor": 1e-5}


def rate(step, peak, warmup, total, floor):
    if step < warmup:
        return peak * (step + 1) / (warmup + 1)
    angle = math.pi * min(1, (step - warmup) / (total - warmup))
    return floor + (peak - floor) * (1 + math.cos(angle)) / 2


# %% tags=["nbval-check-output"]
steps = range(STEPS + 1)
same = [math.isclose(rate(step, **plan), learning_rate(step, **plan)) for step in steps]
print("at every step as in the library:", all(same))

# %%
canvas, axes = empty_plot("Rise, then settle", "training step", "learning rate", size=(8, 2.6))
axes.plot(steps, [rate(step, **plan) for step in steps], color=blue)
Figure(canvas, f"The learning rate rises to 0.003 and falls along a cosine until step {STEPS}")

# %% [markdown]
# > **Exercise** [learning-rate](../exercises/README.md#learning-rate): warm-up, then cosine, without a jump at the joint.
#
# ## 9.9 Train it, and listen
#
# The library's `Trainer` puts it all together: batches, AdamW, clipping, the plan, and a log. `LiveHistory` redraws the curve every few seconds. Three times the model is handed the prompt of 8.1, with the same seed, and its answer appears below the curve.
#
# The dashed lines are *floors* from notebook 4: what one reaches on valid by counting alone. **Predict:** which of them will this model pass in its first minute?

# %%
lesson = recipe.change(steps=STEPS, peak=plan["peak"], warmup=plan["warmup"], precision="fp32")
lesson = lesson.change(weight_decay=0.1, validate_every=STEPS // 3)
live = LiveHistory(floors=benchmark_floors(), title="A Transformer learns Bach")


def watch(trainer):
    live(trainer)
    if trainer.step in (20, 60, STEPS):
        heard[trainer.step] = sing(trainer.average, **continue_it)
        display(Sound(heard[trainer.step], title=f"after {trainer.step} steps"))


shutil.rmtree("runs/lesson-8", ignore_errors=True)  # start anew
parts = lesson.build_model(), batches, lesson.training
options = {"folder": "runs/lesson-8", "valid": lesson.build_batches(valid, training=False)}
trainer = Trainer(*parts, **options, on_step=watch, on_validate=live, show_progress=False)
history = trainer.run()

# %% [markdown]
# **Listen** to them in order, with 8.1 as the first. Usually this happens: out of chaos, the model first finds what pays most, *hold what you have*, and the voices slow down. Then it learns to move: by steps rather than leaps, together on the beat, into chords that fit. The picture shows it to the eye:

# %%
heard[5000] = sing(shipped, **continue_it)
axis_names = "training steps done", "pitch (MIDI number)"
canvas, axes = empty_plot("One prompt, one seed", *axis_names, size=(11, 3.8))
for place, piece in enumerate(heard.values()):
    axes.axvspan(56 * place, 56 * place + 16, color="#e8e8e8", zorder=0)
    for voice, colour in enumerate(VOICE_COLOURS.values()):
        for start, length, pitch in piece.notes(voice):
            axes.barh(pitch, length, left=56 * place + start, color=colour)
axes.set_xticks([56 * place + 24 for place in range(len(heard))], list(heard))
Figure(canvas, f"Piano rolls after {', '.join(map(str, heard))} steps: from chaos to music")

# %% [markdown]
# Grey: the bar by Bach. Colours: soprano, alto, tenor and bass, as in the roll below. The last panel is the shipped model.
#
# We listened to `trainer.average`, a running average of the weights over the last steps. Single steps jitter, their average is steadier; the checkpoint keeps it. And here is your model's own chorale, from nothing:

# %%
own = compose(checkpoint="runs/lesson-8", bars=6, seed=3, temperature=0.8)
PianoRoll(own, title="By your model")

# %% [markdown]
# Not yet Bach; but four voices that know of each other, from a minute of training. Set `STEPS` in 8.8 to more, and run from there again. What to expect, as we measured it on one core of an AMD EPYC processor:
#
# | `STEPS` | time | nats a note on valid |
# |---|---|---|
# | 180 | about 40 seconds | 0.57 |
# | 540 | about 2 minutes | 0.49 |
# | 4,000, with the settings of `bach-grid` | 33 minutes | 0.34 |
#
# For longer, take the settings of `bach-grid` (8.10). Without their dropout, so long a training learns the pieces by heart.
#
# ## 9.10 Against the shipped log
#
# `bach-grid` brings its log along. Its training ran for 33 minutes on one busy core, with `musiclab train bach-grid`. Both axes are logarithmic, or the beginning would hide the end.

# %%
log = np.genfromtxt(SHIPPED / "bach-grid" / "log.csv", delimiter=",", names=True)
canvas, axes = empty_plot("Yours and the shipped one", "training step", "nats per note", (9, 4.4))
axes.loglog(history.steps, history.losses, color=red, label="yours, training")
axes.loglog(history.valid_steps, history.valid_losses, "o", color=red, label="yours, valid")
axes.loglog(log["step"], log["loss"], color=blue, label="bach-grid, training")
axes.loglog(log["step"], log["valid"], "o", color=blue, label="bach-grid, valid")
for name, floor in benchmark_floors().items():
    axes.axhline(floor, color="#555555", linestyle="--", linewidth=1)
    axes.text(1.01, floor, name, transform=axes.get_yaxis_transform(), va="center", fontsize=9)
axes.set_yticks([0.4, 0.5, 0.7, 1, 2, 4], ["0.4", "0.5", "0.7", "1", "2", "4"])
axes.minorticks_off()
axes.legend(frameon=False)
ends = f"yours at {history.valid_losses[-1]:.2f}, bach-grid at {np.nanmin(log['valid']):.2f}"
Figure(canvas, f"Two training curves; on valid they end: {ends} nats a note")

# %% [markdown]
# **Look:** step for step, yours is the quicker one. It is shown the bare notes, has no *dropout* and no hidden notes (notebook 12), and a learning rate three times as high that soon falls. `bach-grid` is slower at first, and goes on learning where yours would begin to learn its pieces by heart. A good first minute says little about the last.
#
# The training loss of `bach-grid` lies *above* its loss on valid: training was made harder, valid is asked plainly. The opposite gap is the one to fear: notebook 12. (The floors come from the canonical pieces, both models' figures from music21's.)
#
# ## 9.11 Stop, and go on
#
# Trainings get interrupted. Going on must give *the same* as never having stopped, or no result could be repeated. **Predict:** what has to be saved besides the weights?

# %%
tiny = recipe.change(d_model=32, n_layers=1, crop=32, dropout=0.1, steps=12, warmup=3, log_every=1)
tiny_batches = tiny.build_batches(train, training=True)


def tiny_trainer(folder=None, **options):
    parts = (tiny.build_model(), tiny_batches, tiny.training)
    return Trainer(*parts, folder=folder, show_progress=False, **options)


unbroken = tiny_trainer()
_ = unbroken.run()


# %% tags=["nbval-check-output"]
def press_stop(trainer):
    if trainer.step == 5:
        signal.raise_signal(signal.SIGINT)  # what Ctrl-C and Jupyter's stop button send


shutil.rmtree("runs/broken", ignore_errors=True)
_ = tiny_trainer("runs/broken", on_step=press_stop).run()

# %% [markdown]
# The stop was granted *between* two steps, when all weights belong together. Now a new `Trainer`, as after a restart, goes on:

# %% tags=["nbval-check-output"]
resumed = tiny_trainer("runs/broken")
_ = resumed.run(resume=True)
same = close(unbroken.model.parameters(), resumed.model.parameters(), within=0)
print("every loss the same:", unbroken.history.losses == resumed.history.losses)
print("every weight the same, bit for bit:", same)

# %% [markdown]
# What is in the folder? The weights and their average; Adam's two memories; the number of the step. Nothing else is needed, since batch, learning rate and dropout all follow from the seed and that number (8.3). To see that Adam's memory matters, let us forget it:


# %% tags=["nbval-check-output"]
forgetful = tiny_trainer(on_step=lambda one: one.step == 5 and one.optimiser.state.clear())
_ = forgetful.run()
same = close(unbroken.model.parameters(), forgetful.model.parameters(), within=0)
print("the same without Adam's memory:", same)

# %% [markdown]
# ## 9.12 When it goes wrong
#
# | symptom | likely cause | look first at |
# |---|---|---|
# | first loss far from ln(vocabulary) | wild initial weights, or the answer in the input | 8.4; the shift of the targets |
# | loss flat from the start | learning rate far too small; gradients never reach the weights | can it overfit one batch? |
# | flat at about the unigram's loss | the model cannot see its input: mask, positions, shuffled targets | notebooks 6 and 7 |
# | loss falls to nearly 0 within minutes | targets not shifted, mask missing, or very little data | 8.3; notebook 4's leaks |
# | NaN | learning rate too high, no warm-up, a division by 0, a row fully masked | a smaller peak (`Trainer` stops, and keeps the weights from before) |
# | spikes that heal | single bad batches | clipping; which pieces were in the batch |
# | spikes that do not heal | learning rate too high | a smaller peak, a longer warm-up |
# | training falls, valid rises | learning by heart | notebook 12 |
# | valid far *better* than training | dropout (harmless), or a leak between the splits | notebook 4 |
# | after a resume, a jump in the curve | the optimiser's memory or the step was not saved | 8.11 |
#
# ## In three lines
#
# - Before you train: the first loss must be ln(vocabulary), and one batch must be learnable by heart.
# - A step is: gradient, clipped; Adam, which evens out the scales; a rate that rises and then falls.
# - Seed, step, weights and Adam's memory are the whole state: with them, a training goes on bit for bit.
#
# ## Check yourself
#
# **1.** A model over 1,000 tokens starts with a loss of 6.91. Is that good?
#
# <details><summary>a) No, it should be near 0</summary>No. Near 0 would mean that it knows the answers before it has learnt anything.</details>
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
# **5.** You go on from the saved weights alone, with a fresh Adam. What happens?
#
# <details><summary>a) Exactly the same</summary>No. Adam's averages start at 0 again, so its next steps differ.</details>
# <details><summary>b) It goes on, but differently</summary>Yes. It still learns, perhaps after a jump, but the result is no longer the one of an unbroken run.</details>
# <details><summary>c) It starts from the beginning</summary>No. The weights remember what was learnt.</details>
#
# ## Read on
#
# - Kingma and Ba (2015), [Adam: A Method for Stochastic Optimization](https://arxiv.org/abs/1412.6980).
# - Loshchilov and Hutter (2019), [Decoupled Weight Decay Regularization](https://arxiv.org/abs/1711.05101): AdamW.
# - Loshchilov and Hutter (2017), [SGDR: Stochastic Gradient Descent with Warm Restarts](https://arxiv.org/abs/1608.03983): the cosine.
# - Pascanu, Mikolov and Bengio (2013), [On the difficulty of training recurrent neural networks](https://arxiv.org/abs/1211.5063): clipping by the norm.
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762), section 5: how the first Transformer was trained, with warm-up.
#
# **What you can do now that you could not do before:** train a model of your own, know within seconds whether it can learn at all, hear it learn, and stop and go on without losing a bit.
#
# [← 8 · The Transformer](08_transformer.ipynb) · [11 · On the GPU, and on several →](11_gpu.ipynb)
