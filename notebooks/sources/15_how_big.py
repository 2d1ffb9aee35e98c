# %% [markdown]
# # 15 · How big?
#
# [← 14 · Too much memory](14_too_much_memory.ipynb) · [16 · Harmonise →](16_harmonise.ipynb) · [Exercises 15](../exercises/15_how_big.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/15_how_big.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/15_how_big.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - compare eight sizes of one model, three seeds each, and train one of them yourself,
# > - fit a power law, say how sure it is, predict the next size, and look whether it came true,
# > - see that a smaller one is best where time is short,
# > - choose a size by a rule that was written down before, and open the test set once.
# >
# > **You need** notebooks 5, 9 and 13 (a fair test, training, intervals).
# >
# > **Time:** about 30 minutes to read and listen, about 20 seconds to run on two processor cores.
# >
# > **You will hear** a tiny model, a larger one, and how little a table says about that.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import csv
import math

import numpy as np
import torch

from musiclab import Sound, compose, corpus, load_checkpoint, nats_per_note
from musiclab.checkpoint.load import SHIPPED
from musiclab.show import Figure, empty_plot
from musiclab.training import Trainer
from musiclab.training.presets import PRESETS

torch.set_num_threads(1)
_ = torch.manual_seed(0)

# %% [markdown]
# ## 15.1 Two sizes
#
# Here is one kind of model in two sizes: the plain model over frames of notebook 10, without intervals or memories. One is 8 numbers wide, the other 96. Both have seen the same batches of the same chorales.
#
# **Predict:** can you hear which is which?

# %%
EXPERIMENTS = SHIPPED / "experiments"
Sound(compose(checkpoint=EXPERIMENTS / "width-96", bars=4, seed=3), title="One of them")

# %%
Sound(compose(checkpoint=EXPERIMENTS / "width-8", bars=4, seed=3), title="The other")

# %% [markdown]
# The first was the larger one.
#
# ## 15.2 Where the parameters are
#
# `benchmarks/sizes.py` has trained eight widths from three seeds, for 800 steps each, and measured all on the way. First, how many parameters are there, and where?

# %%
with (EXPERIMENTS / "sizes.csv").open(newline="") as file:
    rows = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]

# %%
widths = sorted({int(row["width"]) for row in rows})
counts = {int(row["width"]): row["parameters"] for row in rows}

# %%
for width in widths:
    model = load_checkpoint(EXPERIMENTS / f"width-{width}").model
    blocks = sum(one.numel() for one in model.stack.parameters())
    share = blocks / counts[width]
    print(
        f"width {width:>3}: {counts[width]:>8,.0f} parameters, {share:>4.0%} of them in the blocks"
    )

# %% [markdown]
# In the small models nearly everything is in tables that turn notes into vectors. "How many parameters" is a coarse word for a size.
#
# ## 15.3 Train one
#
# To see that nothing is hidden, train one yourself. It is a short version: 100 steps instead of 800, with a schedule of its own, so its loss is not one of the table's.

# %%
alone = {"n_relations": 0, "earlier": 0, "decays": (), "repeats": False, "parallels": False}
sizes = {"d_model": 16, "n_layers": 2, "n_heads": 2, "dropout": 0.0, "tunes": False}
data = {"crop": 64, "batch_size": 8, "note_dropout": 0.0, "repeat": 0.0}
pace = {"steps": 100, "validate_every": 25, "warmup": 20, "peak": 3e-3}

# %%
preset = PRESETS["bach-grid"].change(**alone, **sizes, **data, **pace)

# %%
trainer = Trainer(
    preset.build_model(),
    preset.build_batches(corpus("train"), training=True),
    preset.training,
    valid=preset.build_batches(corpus("valid")[:20], training=False),
    show_progress=False,
)

# %%
for step, loss in zip(trainer.run().valid_steps, trainer.history.valid_losses, strict=True):
    print(f"step {step:>3}: {loss:.3f} nats per note on twenty validation pieces")

# %% [markdown]
# ## 15.4 Larger is better, at equal steps
#
# Now the whole table: the loss on the validation pieces after 800 steps, as the mean of three seeds, with their standard deviation.
#
# **Predict:** each size has more parameters than the one before. Will each step down be as large as the last, smaller, or larger?

# %%
final = {
    width: np.array([row["valid"] for row in rows if row["width"] == width and row["step"] == 800])
    for width in widths
}

# %% tags=["nbval-check-output"]
for width, losses in final.items():
    print(f"width {width:>3}: {losses.mean():.3f} +- {losses.std(ddof=1):.3f}")

# %% [markdown]
# ## 15.5 A power law, and how sure it is
#
# Kaplan and others (2020) found that the loss of language models falls as a power of their size over many orders of magnitude:
#
# $$\text{loss}(N) \approx a\,N^{-b} \qquad\Leftrightarrow\qquad \ln \text{loss} = \ln a - b \ln N$$
#
# On paper with two logarithmic axes that is a straight line. We fit it to seven sizes and keep the eighth back.
#
# > **Exercise** [power-law](../exercises/15_how_big.ipynb#power-law): fit it yourself, and mind which logarithm goes where.


# %%
def power_law(sizes, losses):
    """Fit a line through the logarithms; return a and b."""
    slope, height = np.polyfit(np.log(sizes), np.log(losses), 1)
    return math.exp(height), -slope


# %%
known = widths[:-1]
N = np.array([counts[width] for width in known])
a, b = power_law(N, [final[width].mean() for width in known])
print(f"loss = {a:.2f} N^-{b:.3f}")

# %% [markdown]
# How sure is the exponent? Draw one seed for each size, fit again, and do that a thousand times (the bootstrap of notebook 13). The spread of the predictions says what the *seeds* leave open. It does not say whether a power law is the right curve.

# %%
random, fits = np.random.default_rng(0), []
for _ in range(1000):
    fits.append(power_law(N, [random.choice(final[width], 3).mean() for width in known]))

# %%
next_size = counts[widths[-1]]
predicted = [fit[0] * next_size ** -fit[1] for fit in fits]
low, high = np.percentile(predicted, [2.5, 97.5])
least, most = np.percentile([fit[1] for fit in fits], [2.5, 97.5])
print(f"exponent: 95 % of the fits lie from {least:.3f} to {most:.3f}")
print(
    f"width {widths[-1]}: predicted {low:.3f} to {high:.3f}, measured {final[widths[-1]].mean():.3f}"
)

# %%
canvas, axes = empty_plot("Loss against size, 800 steps each", "parameters", "nats per note")
for width, losses in final.items():
    axes.errorbar(counts[width], losses.mean(), losses.std(ddof=1), fmt="o", color="#0072B2")
line = np.geomspace(min(counts.values()), max(counts.values()), 50)
axes.plot(line, a * line**-b, color="#D55E00", label="fitted to all but the last")
axes.loglog()
_ = axes.legend()

# %%
missed = final[widths[-1]].mean() - a * next_size**-b
Figure(
    canvas, f"The last point lies {missed:+.3f} nats beside the line that was fitted to the others."
)

# %% [markdown]
# > **Exercise** [own-prediction](../exercises/15_how_big.ipynb#own-prediction): predict a size of your own before you look.
#
# The prediction has failed, and the interval did not warn us: it knows how the seeds differ, and takes the straight line for granted. Look at the points. They lie on a curve. In the small models a parameter more is a parameter in a table; where the blocks hold a fair share, the curve is flatter. So let us fit the larger ones alone.

# %%
large = [width for width in known if width >= 24]
a, b = power_law([counts[width] for width in large], [final[width].mean() for width in large])
print(f"widths {large}: loss = {a:.2f} N^-{b:.3f}")
print(
    f"width {widths[-1]}: predicted {a * next_size**-b:.3f}, measured {final[widths[-1]].mean():.3f}"
)

# %% [markdown]
# **Explain:** that is much nearer. But we chose those four *after* we had seen the miss. What would an honest test of this second fit be?
#
# A straight line on such paper is easily drawn through anything that falls. A few sizes of one shape, one number of steps, one small corpus: an exponent from here says nothing about other models.
#
# ## 15.6 At equal time
#
# A larger model takes longer per step. Suppose that you have half a minute, not 800 steps. Each training was measured eight times on the way, with the seconds of processor time that it had taken.
#
# **Predict:** with little time, which size is best? With more?


# %%
def best_within(budget):
    """The width with the least loss that a budget of seconds allows, the mean over seeds."""
    reached = {}
    for width in widths:
        seeds = []
        for seed in (0, 1, 2):
            run = [row for row in rows if (row["width"], row["seed"]) == (width, seed)]
            in_time = [row["valid"] for row in run if row["cpu_seconds"] <= budget]
            seeds.append(min(in_time, default=4.0))  # an untrained model's loss
        reached[width] = np.mean(seeds)
    return min(reached, key=reached.get), reached


# %%
slowest = max(row["cpu_seconds"] for row in rows)
canvas, axes = empty_plot("The best size depends on the time", "width", "nats per note")
for part in (0.15, 0.3, 0.6, 1.0):
    best, reached = best_within(part * slowest)
    axes.plot(
        widths, [reached[width] for width in widths], marker="o", label=f"{part * slowest:.0f} s"
    )
    print(f"within {part * slowest:>3.0f} seconds of processor time, width {best} is best")

# %%
axes.set_ylim(None, 2.5)
axes.legend()
Figure(canvas, f"With all the time, {slowest:.0f} s, the best width is {best}.")

# %% [markdown]
# (These learning rates were planned for 800 steps. A training planned for the shorter time would do better, most of all the large ones. So the small ones are flattered here.)
#
# ## 15.7 Choose, by a rule
#
# Which size would you take? If you take the lowest number, chance chooses for you where sizes are close. An old rule says: find the best mean, add its **standard error**, and take the *smallest* model below that line (Breiman and others, 1984).
#
# $$\text{standard error} = \frac{\text{standard deviation}}{\sqrt{\text{number of seeds}}}$$
#
# > **Exercise** [one-standard-error](../exercises/15_how_big.ipynb#one-standard-error): write the rule yourself first.


# %%
def one_standard_error(results):
    """Choose the smallest size within one standard error of the best mean."""
    best = min(results, key=lambda size: results[size].mean())
    limit = results[best].mean() + results[best].std(ddof=1) / math.sqrt(len(results[best]))
    return min(size for size in results if results[size].mean() <= limit)


# %% tags=["nbval-check-output"]
chosen = one_standard_error(final)
print("chosen width:", chosen)

# %% [markdown]
# ## 15.8 Open the test set, once
#
# The validation pieces have chosen the size, so their figure flatters it. The test pieces have chosen nothing. They may be opened **once**. People forget; code does not:
#
# > **Exercise** [sealed-test](../exercises/15_how_big.ipynb#sealed-test): mend a seal that can be opened twice.


# %%
class Sealed:
    """Pieces that can be measured on a single time."""

    def __init__(self, pieces):
        self.pieces, self.opened_for = pieces, None

    def measure(self, checkpoint):
        if self.opened_for is not None:
            raise PermissionError(
                f"the test set was opened for {self.opened_for} already; whoever looks twice "
                "chooses by it, and then nothing is left that chose nothing"
            )
        self.opened_for = checkpoint.name
        return nats_per_note([piece.pitches for piece in self.pieces], checkpoint)


# %%
test = Sealed(corpus("test"))
result = test.measure(EXPERIMENTS / f"width-{chosen}")
print(f"width {chosen}: {final[chosen][0]:.3f} on valid, {result:.3f} on test (one seed)")

# %%
try:
    test.measure(EXPERIMENTS / "width-8")
except PermissionError as error:
    print("refused:", error)

# %% [markdown]
# ## In three lines
#
# - At equal steps larger models do better here, by less and less; at equal time, the less time there is, the smaller the best one.
# - A fit comes with its uncertainty, which says nothing about the shape of the curve; a prediction is worth something when it is checked.
# - Choose by a rule that was written down before, on validation pieces; open the test set once.
#
# ## Check yourself
#
# **1.** Two sizes have 1.10 and 1.09 nats, with a standard error of 0.02. Which one does the rule take?
#
# <details><summary>a) The one with 1.09</summary>No. The difference is smaller than what the seeds do.</details>
# <details><summary>b) The smaller of the two models</summary>Yes. Within the noise, small is enough.</details>
# <details><summary>c) Neither</summary>No. A rule that never chooses is none.</details>
#
# **2.** Why are three seeds better than one training three times as long?
#
# <details><summary>a) They show how much chance there is in a figure</summary>Yes. One figure alone never says how far it may be trusted.</details>
# <details><summary>b) They are quicker</summary>No. They take the same time.</details>
# <details><summary>c) They give a lower loss</summary>No. The longer training most likely would.</details>
#
# **3.** The bootstrap interval of the prediction does not contain the measured value. What follows?
#
# <details><summary>a) The measurement is wrong</summary>No. It is the only thing here that was seen.</details>
# <details><summary>b) The curve was not the right one for this step</summary>Yes. The interval knows of the seeds, not of the shape.</details>
# <details><summary>c) More bootstrap samples are needed</summary>No. A thousand are plenty; they all fit the same curve.</details>
#
# **4.** Why is the test set not used to choose the size?
#
# <details><summary>a) It is too small</summary>No. It is as large as the validation set.</details>
# <details><summary>b) What chooses no longer measures</summary>Yes. The best of eight looks better than it is.</details>
# <details><summary>c) It has other composers</summary>No. It is Bach, too.</details>
#
# **5.** (Looking back to notebook 9.) All sizes were trained with the same learning rate. Why may that be unfair?
#
# <details><summary>a) The best rate may depend on the width</summary>Yes. Wide models often want a smaller one.</details>
# <details><summary>b) The rate has no influence</summary>No. Remember 9.9: the schedule of the rate is there for a reason.</details>
# <details><summary>c) It is fair, since it is the same for all</summary>No. The same shoe for all is not fair, either.</details>
#
# ## Read on
#
# - Kaplan and others (2020), [Scaling Laws for Neural Language Models](https://arxiv.org/abs/2001.08361): the power laws.
# - Hoffmann and others (2022), [Training Compute-Optimal Large Language Models](https://arxiv.org/abs/2203.15556): how many tokens a size is worth.
# - Breiman, Friedman, Olshen and Stone (1984), Classification and Regression Trees: the one-standard-error rule.
# - Clauset, Shalizi and Newman (2009), [Power-law Distributions in Empirical Data](https://arxiv.org/abs/0706.1062): how easily a straight line deceives.
#
# **What you can do now that you could not do before:** choose a size with a reason, and give a figure that nobody has chosen.
#
# [← 14 · Too much memory](14_too_much_memory.ipynb) · [16 · Harmonise →](16_harmonise.ipynb)
