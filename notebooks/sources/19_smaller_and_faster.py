# %% [markdown]
# # 19 · Smaller and faster
#
# [← 18 · Inside the model](18_inside_the_model.ipynb) · [20 · Words to music →](20_words_to_music.ipynb) · [Exercises 19](../exercises/19_smaller_and_faster.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/19_smaller_and_faster.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/19_smaller_and_faster.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - store a model in 8, 4, 3 and 2 bits per weight, by hand, and hear where it breaks,
# > - drop its smallest weights, split its matrices in two, and hold both against a control,
# > - let it teach a student of half its size, and ask whether the teacher was worth the time,
# > - export it, and show that the exported model says the same,
# > - tell what makes a model faster from what only makes its file smaller.
# >
# > **You need** notebooks 8, 9 and 12 (the Transformer, training, the cache).
# >
# > **Time:** about 40 minutes to read and listen, about 60 seconds to run on two processor cores.
# >
# > **You will hear** one piece from one model, in fewer and fewer bytes.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %% [markdown]
# Section 19.8 needs ONNX, which `make lab` installs. Elsewhere: `pip install onnx onnxruntime onnxscript`, which is what musiclab's extra `onnx` holds.

# %%
import csv
import logging
import time
import warnings
from copy import deepcopy
from dataclasses import replace

import numpy as np
import onnxruntime
import torch
from einops import rearrange
from IPython.display import display
from safetensors.torch import save
from torch.nn.functional import cross_entropy, kl_div, linear

from musiclab import Sound, compose, corpus, load_checkpoint, nats_per_note
from musiclab.checkpoint.load import SHIPPED
from musiclab.model.kv_cache import KVCache, LayerCache
from musiclab.show import Figure, empty_plot
from musiclab.show.colours import SERIES_COLOURS

# %% [markdown]
# ## 19.1 What is there to save?
#
# The patient is `bach-plain`, the plain Transformer of notebooks 8 and 9. Here it writes four bars:

# %%
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)  # of the exporter, about what is not installed
torch.set_num_threads(1)
plain = load_checkpoint("bach-plain")
model = plain.model.requires_grad_(False)


def written(model, seed=2):
    """Let a model write four bars; the same seed draws the same random numbers."""
    return compose(checkpoint=replace(plain, model=model), bars=4, seed=seed)


# %%
original = written(model)
Sound(original, title="bach-plain")

# %% tags=["nbval-check-output"]
layers = {name: m for name, m in model.named_modules() if isinstance(m, torch.nn.Linear)}
weights = {f"{name}.weight": layer.weight for name, layer in layers.items()}
every, inside = (sum(w.numel() for w in all_) for all_ in (model.parameters(), weights.values()))
print(f"{every:,} parameters, {inside / every:.1%} of them in {len(weights)} matrices")
print(f"in 32 bits: {4 * every:,} bytes; in 16 bits: {2 * every:,} bytes")

# %% [markdown]
# The matrices are nearly everything, so we shrink those. In memory, each weight takes 32 bits. In the shipped *file* it takes 16: the weights were rounded before they were shipped. So half of the bytes are saved before we begin, and the fair rival is the file with 1.6 million bytes, not the memory with 3.2.
#
# Whatever we do, we measure it on the first eight validation pieces, whole. The tables for all 75 were computed beforehand, and each names its script.

# %%
pieces = [piece.pitches for piece in corpus("valid")[:8]]


def nats(model):
    """Nats per note on eight validation pieces."""
    return nats_per_note(pieces, replace(plain, model=model))


def changed(change):
    """Copy the model, with other numbers in its matrices."""
    other = deepcopy(model)
    new = {name: change(weight) for name, weight in weights.items()}
    other.load_state_dict(new, strict=False)
    return other


# %% [markdown]
# ## 19.2 Whole numbers
#
# A byte holds a whole number from -128 to 127. Why not round the weights to whole numbers?
#
# **Predict:** what is left of them?

# %% tags=["nbval-check-output"]
rounded = sum((one.round() != 0).sum() for one in weights.values())
print(f"{rounded:,} of {inside:,} weights are not 0 after rounding")

# %% [markdown]
# Nothing: the weights are too small. They need a **scale**. Divide by it, round, and multiply again when the weight is needed. The largest absolute value becomes 127, and 0 stays 0:
#
# $$s = \frac{\max |w|}{127} \qquad q = \mathrm{round}(w / s) \qquad w \approx s\,q$$
#
# > **Exercise** [quantise-int8](../exercises/19_smaller_and_faster.ipynb#quantise-int8): write it yourself first, with a scale for each row.


# %%
def quantise(rows, bits=8):
    """Give whole numbers and scales; all weights in a row share a scale."""
    largest = 2 ** (bits - 1) - 1
    scale = rows.abs().amax(dim=1, keepdim=True) / largest
    return (rows / scale).round().to(torch.int8), scale


# %% tags=["nbval-check-output"]
name = "stack.blocks.0.attention.to_qkv.weight"
whole, scale = quantise(weights[name])
error = (whole * scale - weights[name]).abs() / scale
print("smallest and largest whole number:", whole.min().item(), whole.max().item())
print(f"largest error: {error.max():.2f} of a scale step")

# %% [markdown]
# Nothing is off by more than half a step. Now the whole model. One of the next two is in 32 bits, the other in 8.
#
# **Predict:** can you hear which?

# %%
int8 = changed(lambda weight: torch.mul(*quantise(weight)))
eight = written(int8)
display(Sound(eight, title="A"), Sound(original, title="B"))

# %%
for seed in range(4):
    differ = (written(model, seed).pitches != written(int8, seed).pitches).any(axis=1)
    first = np.argmax(differ) if differ.any() else len(differ)
    print(f"seed {seed}: the first {first} of {len(differ)} frames are the same, note for note")
print(f"32 bits: {nats(model):.4f} nats per note, 8 bits: {nats(int8):.4f}")

# %% [markdown]
# A was in 8 bits, and if you could not tell, nobody can: these are the same notes. (You heard seed 2.) With another seed they may part at any frame, and after the first note that differs, two pieces go ways of their own, however alike the models are. So a single piece proves little. The nats count thousands of notes.
#
# Does it take a quarter of the bytes? Here is a real file, with the whole numbers as whole numbers:

# %%
file = {name: one.half() for name, one in model.state_dict().items() if name not in weights}
for name, weight in weights.items():
    whole, scale = quantise(weight)
    file |= {f"{name}.whole": whole, f"{name}.scale": scale.half()}
print(f"32 bits: {len(save(model.state_dict())):,} bytes, 8 bits: {len(save(file)):,} bytes")

# %% [markdown]
# ## 19.3 Fewer bits
#
# Four bits leave 15 values, three bits 7, two bits three: -1, 0 and 1. A file has no half bytes, so two 4-bit numbers share one:

# %% tags=["nbval-check-output"]
pair = torch.tensor([-3, 6])
byte = (pair[0] + 7) * 16 + (pair[1] + 7)
print(f"{byte:08b} is", int(byte // 16 - 7), "and", int(byte % 16 - 7))

# %% [markdown]
# One large weight makes the scale of all that share it coarse. So let fewer share one: a matrix, a row, or a **group** of 32 neighbours in a row. Each scale costs 16 bits more.
#
# **Predict:** with how many bits does the model break? And where does it matter most who shares a scale?

# %%
SHARED_BY = {
    "tensor": "out (group each) -> 1 (out group each)",
    "row": "out (group each) -> out (group each)",
    "group": "out (group each) -> (out group) each",
}


def in_bits(bits, per):
    """Copy the model with weights of so many bits, one scale per tensor, row or group."""

    def change(weight):
        rows = rearrange(weight, SHARED_BY[per], each=32)
        return torch.mul(*quantise(rows, bits)).view_as(weight)

    return changed(change)


# %%
print(f"{'bits':<6}" + "".join(f"{'per ' + per:>12}" for per in SHARED_BY))
for bits in (8, 4, 3, 2):
    print(f"{bits:<6}" + "".join(f"{nats(in_bits(bits, per)):>12.3f}" for per in SHARED_BY))

# %%
for bits in (4, 2):
    display(Sound(written(in_bits(bits, "row")), title=f"{bits} bits, a scale per row"))

# %% [markdown]
# Eight bits lose nothing that we can measure, whoever shares the scale. At four it begins to matter: one scale per tensor costs several times what one per row does. At three it decides. At two even groups cannot save the model. On all 75 pieces, which 19.9 draws, it is the same.
#
# ## 19.4 Fewer weights
#
# A weight near 0 does little. **Magnitude pruning** sets the smallest ones to 0: the smallest of *each* matrix, or the smallest of *all*. The control drops as many at random.
#
# > **Exercise** [prune-magnitude](../exercises/19_smaller_and_faster.ipynb#prune-magnitude): complete it yourself first; beware of ties.


# %%
def prune(share, how):
    """Copy the model without a share of its weights."""
    sizes = {name: weight.abs() for name, weight in weights.items()}
    if how == "random":
        sizes = {name: torch.rand_like(weight) for name, weight in weights.items()}
    every = torch.cat([one.flatten() for one in sizes.values()])
    other, kept = deepcopy(model), {}
    for name, size in sizes.items():
        among = size.flatten() if how == "per matrix" else every
        limit = among.kthvalue(round(share * len(among))).values
        kept[name] = weights[name] * (size > limit)
    other.load_state_dict(kept, strict=False)
    return other


# %% [markdown]
# **Predict:** how many can go before you would notice?

# %%
_ = torch.manual_seed(0)
print(f"{'dropped':<8}" + "".join(f"{how:>12}" for how in ("of all", "per matrix", "random")))
for share in (0.2, 0.4, 0.6, 0.8):
    found = [nats(prune(share, how)) for how in ("of all", "per matrix", "random")]
    print(f"{share:<8.0%}" + "".join(f"{one:>12.3f}" for one in found))

# %%
Sound(written(prune(0.8, "of all")), title="Four weights in five are gone")

# %% [markdown]
# A fifth of the weights can go for next to nothing, *if* they are the smallest; at random, the same fifth ruins the model. So size does tell what matters, up to a point: at 60 % the model suffers, and at 80 % it is gone. Up to 60 %, choosing among all is better than a quota for each matrix. At 80 % it is not, to our surprise; but there both are broken.
#
# And the bytes? A 0 takes as many as any other number. A file gets smaller only if it stores *which* weights stay, one bit for each, and then those. Without 40 % of its weights, the model takes 1.08 million bytes so, and loses 0.011 nats. With 4 bits per row it takes 0.43 million, and loses 0.003. Here pruning loses to rounding.
#
# Pruned models are trained again, with what is 0 held at 0. `benchmarks/retraining.py` did that for 60 steps of two excerpts each, from three seeds. Its control is the same training, with nothing pruned.


# %%
def table(name):
    """Read a table that was computed beforehand."""
    with (SHIPPED / "experiments" / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


again = table("retraining")
for share in dict.fromkeys(row["pruned"] for row in again):
    valid = [float(row["valid"]) for row in again if row["pruned"] == share]
    spread = np.std(valid, ddof=1)
    print(f"{float(share):>4.0%} pruned, trained again: {np.mean(valid):.3f} +- {spread:.3f}")

# %% [markdown]
# From 3.04 to below 1 in 60 steps: what is left can learn much of what went. But look at the control. The healthy model has got *worse* by the same training (it had 0.484). Most likely so few steps, at so high a rate, shake more than they teach; we have not tried others. Without the control, we would have blamed all that is still missing on the pruning.
#
# ## 19.5 Thinner
#
# A matrix of 128 x 512 numbers can be split into one of 128 x *r* and one of *r* x 512. The singular value decomposition finds the best pair for every rank *r*. If half of the numbers are to stay, *r* is 51.


# %%
def thin(weight, share):
    """Keep the largest singular values, so that two thin matrices have a share of the numbers."""
    left, sizes, right = torch.linalg.svd(weight, full_matrices=False)
    rank = round(share * weight.numel() / sum(weight.shape))
    return left[:, :rank] * sizes[:rank], right[:rank]


for share in (0.75, 0.5, 0.25):
    other = changed(lambda weight, share=share: torch.matmul(*thin(weight, share)))
    print(f"{share:.0%} of the numbers: {nats(other):.3f} nats per note")

# %% [markdown]
# Half of the numbers cost more than three bits per row do, and save less. This model's matrices are not thin inside. (The decomposition keeps the *matrix* as close as it can. What that does to the music, it does not ask.)
#
# ## 19.6 A student
#
# Why not train a smaller model in the first place? **Distillation** does so with a teacher (Hinton and others, 2015). Bach's note says which note was right. The teacher says how likely *every* note was. Both are softened by a temperature $T$, so that small probabilities count, too:
#
# $$\text{loss} = (1 - \lambda)\;\text{CE}(\text{Bach}, \text{student}) + \lambda\,T^2\;\text{KL}\big(\text{teacher}_T \,\|\, \text{student}_T\big)$$
#
# Softened gradients are smaller by about $T^2$; the factor makes up for that.
#
# > **Exercise** [distillation-loss](../exercises/19_smaller_and_faster.ipynb#distillation-loss): mend one that runs, and teaches the wrong thing.


# %% tags=["nbval-check-output"]
def distillation_loss(student, teacher, notes, T=2.0, weight=0.5):
    """Learn from Bach's notes, and from what the teacher thinks of all notes."""
    softened, wanted = ((one / T).log_softmax(dim=-1) for one in (student, teacher))
    distance = kl_div(softened, wanted, reduction="batchmean", log_target=True)
    return (1 - weight) * cross_entropy(student, notes) + weight * T**2 * distance


scores, notes = torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([0])
for teacher in (scores, -scores):
    print(f"{distillation_loss(scores, teacher, notes):.3f}")

# %% [markdown]
# Who agrees with the teacher pays for Bach's note alone.
#
# Our student has two blocks instead of four. `benchmarks/distilling.py` trained it for 250 steps of two excerpts each, from three seeds, in six ways. It began from random weights, or from two blocks of its teacher. It was trained plainly; by the teacher; and plainly for as much processor *time* as the teacher took, for a teacher has to be asked. ($T$ and $\lambda$ were set beforehand and not tuned.) All were measured on the first 64 frames of the 75 validation pieces.
#
# **Predict:** what is worth most: the teacher's opinions, the time that they cost, or the teacher's blocks?

# %%
study, starts = table("distilling"), [one.pitches[:64] for one in corpus("valid")]
print(f"the teacher itself: {nats_per_note(starts, plain):.3f} nats per note")
for way in dict.fromkeys((row["begins_from"], row["trained"]) for row in study):
    mine = [row for row in study if (row["begins_from"], row["trained"]) == way]
    valid, steps, seconds = (
        np.array([float(row[name]) for row in mine]) for name in ("valid", "steps", "cpu_seconds")
    )
    print(
        f"{way[0]:<12}{way[1]:<20}{steps.mean():>4.0f} steps {seconds.mean():>4.0f} s "
        f"{valid.mean():>7.3f} +- {valid.std(ddof=1):.3f}"
    )

# %%
student = load_checkpoint(SHIPPED / "experiments" / "student-half")
Sound(compose(checkpoint=student, bars=4, seed=2), title="The student, half the size")

# %% [markdown]
# The blocks are worth most, by far. Where the student began from them, the teacher's opinions help at equal steps: a little, but by more than the seeds differ. From random weights, what they bring is within the noise. And at equal *time* the teacher is not worth it. From random weights, more steps on Bach alone do much better; from the teacher's blocks, both come out the same.
#
# What this does not show: all of these trainings are short, and Bach's notes are free. Where examples are few or costly, and a teacher is at hand, the sum may come out otherwise. You heard the student of the row before the last.
#
# ## 19.7 Is it faster?
#
# A small file loads faster. Does the model *write* faster, too? When the whole numbers are widened to 32 bits on loading, the same code runs with the same sizes, and nothing changes. So let a layer keep its bytes, and widen them at each call:


# %% tags=["nbval-check-output"]
class Int8Linear(torch.nn.Module):
    """Hold whole numbers of 8 bits; multiply, then scale each row of the result."""

    def __init__(self, weight):
        super().__init__()
        self.whole, scale = quantise(weight)
        self.scale = scale[:, 0]

    def forward(self, x):
        return linear(x, self.whole.float()) * self.scale


layer, x = Int8Linear(weights[name]), torch.randn(5, weights[name].shape[1])
same = torch.allclose(layer(x), linear(x, int8.state_dict()[name]), atol=1e-5)
print("the same as with widened weights:", same)

# %% [markdown]
# `benchmarks/quicker.py` let ten ways to run the model write 128 notes each, one at a time, in turn, for 11 rounds, on one core of a busy machine. So only *ratios* within a round mean anything. The original took part twice: where its ratio lies shows what chance does. The middle column is the median of the ratios; half of the rounds lie between the outer two.
#
# **Predict:** which three will be much faster than the original? (ONNX Runtime is what 19.8 is about.)

# %%
quick, speed = table("quicker"), {}
for row in quick:
    speed.setdefault(row["way"], []).append(float(row["ratio"]))
for way, ratios in speed.items():
    print(f"{way:<30}", *(f"{one:>6.2f}" for one in np.percentile(ratios, [25, 50, 75])))

# %% [markdown]
# Fewer *blocks* help, and ONNX Runtime helps most. Whole numbers do not: in PyTorch they are a little slower than what they replace, whether we widen them or call torch's own product for them. Zeros are multiplied as patiently as anything else, and a sparse format, which skips them, has more to keep track of than it saves. Even the thin matrices hardly gain: each needs two calls instead of one.
#
# For one note at a time, *calling* takes the time, not multiplying. On a large model, or a processor with instructions for 8-bit numbers, other things may be true.
#
# ## 19.8 Export
#
# `torch.export` follows the model once and writes down which operations it makes, without Python between them. ONNX is a file format for such a graph, and ONNX Runtime runs it without PyTorch. A graph hides nothing, so the cache must go in as an argument, and come out longer:


# %%
class Growing(LayerCache):
    """The cache of one layer, with tensors that grow."""

    def __init__(self, key, value):
        super().__init__(key, value)
        self.length = key.shape[2]

    def extend(self, key, value):
        self.key = torch.cat([self.key, key], dim=2)
        self.value = torch.cat([self.value, value], dim=2)
        return self.key, self.value


class Past(KVCache):
    def __init__(self, past):
        self.layers = [Growing(key, value) for key, value in past]


# %%
class Step(torch.nn.Module):
    """Read one note and the past; give the scores of the next note, and the longer past."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, note, past):  # past: (layer, key or value, batch, heads, seq, head_dim)
        cache = Past(past)
        scores = self.model(note, cache)[:, -1]
        longer = [torch.stack([one.key, one.value]) for one in cache.layers]
        return scores, torch.stack(longer)


# %%
past = torch.zeros(4, 2, 1, 4, 3, 32)
lengths = (None, {4: torch.export.Dim("seq", max=1023)})
program = torch.export.export(Step(model), (torch.tensor([[1]]), past), dynamic_shapes=lengths)
graph = torch.onnx.export(program, dynamo=True, verbose=False)

# %%
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(graph.model_proto.SerializeToString(), options)


def by_onnx():
    """Start anew; give a function from a note to the scores of the next."""
    past = [np.zeros((4, 2, 1, 4, 0, 32), dtype=np.float32)]

    def step(note):
        scores, past[0] = session.run(None, {"note": np.array([[note]]), "past": past[0]})
        return torch.from_numpy(scores[0])

    return step


# %% [markdown]
# Is it the same model? PyTorch reads a whole chorale at once. ONNX Runtime reads it note by note. All scores must agree:

# %% tags=["nbval-check-output"]
ids, step = plain.tokenizer.encode(corpus("valid")[0])[:-1], by_onnx()
stepwise = torch.stack([step(one) for one in ids])
apart = (stepwise - model(torch.from_numpy(ids)[None])[0]).abs().max()
print(f"{len(ids):,} notes, no score differs by more than 0.0001:", bool(apart < 1e-4))

# %% [markdown]
# Now a race, here and now:


# %%
def by_torch():
    """The same, by the library."""
    cache = model.new_cache(1, 200)
    return lambda note: model(torch.tensor([[note]]), cache)[0, -1]


def seconds(start, notes=128):
    """Write some notes, by chance; give the processor's seconds, and what was written."""
    step, text, chance = start(), [1], torch.Generator().manual_seed(0)
    began = time.process_time()
    for _ in range(notes):
        scores = step(text[-1]).softmax(dim=-1)
        text.append(int(torch.multinomial(scores, 1, generator=chance)))
    return time.process_time() - began, text


# %%
rounds = [(seconds(by_torch), seconds(by_onnx)) for _ in range(5)]
ratios = [slow / fast for (slow, _), (fast, _) in rounds]
print(f"ONNX Runtime is {np.median(ratios):.1f} times as fast")
print("both wrote the same notes:", all(one[1] == other[1] for one, other in rounds))

# %% [markdown]
# Same weights, same 32 bits, same notes. Only Python is gone from between the operations, and the graph has been tidied up. With 8 bits as well, ONNX Runtime gains a little more (see the table in 19.7), since it multiplies the bytes themselves.
#
# ## 19.9 All in one plot
#
# Below, each point is one model: the bytes of its file, its nats per note on all 75 validation pieces (`benchmarks/smaller.py`), and in the legend how fast it writes next to the original. Both axes are logarithmic.
#
# **Predict:** which points lie far to the left of the 16-bit file, and hardly above it?

# %%
RUNS_AS = {
    "original": "torch",
    "quantised": "8 bits, widened at each step",
    "pruned": "80% pruned, as zeros",
    "low rank": "low rank, half the numbers",
    "student-half": "student, half the size",
}
points = [
    (row["family"], int(row["bytes"]), float(row["valid"]))
    for row in table("smaller")
    if not row["setting"].endswith("random")
]
lost = {row["way"]: float(row["nats"]) for row in quick}
for way in ("ONNX Runtime", "ONNX Runtime, 8 bits"):
    size = next(int(row["file_bytes"]) for row in quick if row["way"] == way)
    points.append((way, size, points[0][2] + lost[way] - lost["torch"]))
    RUNS_AS[way] = way

# %%
canvas, axes = empty_plot("Bytes, nats and speed", "megabytes of the file", "nats per note")
looks = zip(RUNS_AS.items(), "osv^D*P", ("black", *SERIES_COLOURS), strict=True)
for (family, way), marker, colour in looks:
    x, y = zip(*[(size / 1e6, one) for name, size, one in points if name == family], strict=True)
    label = f"{family} ({np.median(speed[way]):.1f} x)"
    axes.plot(x, y, marker, color=colour, label=label)
axes.loglog()
axes.minorticks_off()
axes.set_xticks([0.25, 0.5, 1, 2, 4], ["0.25", "0.5", "1", "2", "4"])
axes.set_yticks([0.5, 1, 2, 4], ["0.5", "1", "2", "4"])
axes.legend(frameon=False, fontsize=8)
good = min((size, nats, name) for name, size, nats in points if nats < points[0][2] + 0.01)
Figure(canvas, f"Within 0.01 nats of the original, the smallest has {good[0]:,} bytes ({good[2]}).")

# %% [markdown]
# (For the two files of ONNX Runtime, the height is the original's, plus what they lose on eight excerpts, read note by note. Their files also hold tables of positions.)
#
# Well to the left of the 16-bit file, and as low, are only the rounded ones. Four bits per row take little more than a quarter of *its* bytes, and an eighth of those in memory, for 0.003 nats. Pruning, low rank and the student all lie above that line. The student is the only small one that is also faster. And there is a place for it: at some 250,000 bytes, half the model in 4 bits does better than the whole model in 2.
#
# > **Exercise** [own-size](../exercises/19_smaller_and_faster.ipynb#own-size): choose the bits of each matrix, and judge the result blind.
#
# ## In three lines
#
# - With a scale per row, 8 bits lose nothing that we can measure and 4 bits hardly anything; 2 bits break the model.
# - A student gains most from weights that its teacher has learnt already; the teacher's opinions were not worth the time that they took.
# - Fewer bytes make a small file; only fewer steps from Python, or fewer layers, made this model write faster.
#
# ## Check yourself
#
# **1.** Why is one scale per row better than one per matrix?
#
# <details><summary>a) It takes fewer bytes</summary>No. It takes more: 16 bits for each row.</details>
# <details><summary>b) One large weight then makes the grid coarse for its own row alone</summary>Yes. The other rows keep a finer one.</details>
# <details><summary>c) The rows are then all equally large</summary>No. They are scaled back when they are used.</details>
#
# **2.** A pruned matrix has 80 % zeros and is saved as before, in 16 bits each. How large is the file?
#
# <details><summary>a) As large as before</summary>Yes. A zero takes 16 bits like any other number, unless you store which weights stay.</details>
# <details><summary>b) A fifth</summary>No. That needs another format, and a bit per weight to say which stay.</details>
# <details><summary>c) Four fifths</summary>No. Nothing is left out of the file yet.</details>
#
# **3.** A student that was taught does better than a plain one after as many steps. What else must you know?
#
# <details><summary>a) What the plain one reaches in the same time</summary>Yes. The teacher's answers have to be computed, and that time could go into more steps.</details>
# <details><summary>b) How many bytes the teacher has</summary>No. It is not shipped with the student.</details>
# <details><summary>c) Nothing: the comparison is fair</summary>No. Equal steps are not equal cost.</details>
#
# **4.** Why does the int8 layer not make our model write much faster?
#
# <details><summary>a) Multiplying takes little of the time; calling takes most of it</summary>Yes. One note at a time, the matrices are small and the calls are many.</details>
# <details><summary>b) 8 bits are less exact</summary>No. That concerns the nats, not the time.</details>
# <details><summary>c) The file is still too large</summary>No. The file is read once, before the first note.</details>
#
# **5.** (Looking back to notebook 12.) The exported step gets the past as an argument. What would happen if it were left out?
#
# <details><summary>a) Nothing: the weights know the piece</summary>No. The weights know music, and not what was just written.</details>
# <details><summary>b) Each note would be chosen from the one before alone</summary>Yes. Keys and values of all earlier notes are the model's only view of them.</details>
# <details><summary>c) It would be slower, with the same notes</summary>No. That would be so if all notes were given anew each time.</details>
#
# ## Read on
#
# - Hinton, Vinyals and Dean (2015), [Distilling the Knowledge in a Neural Network](https://arxiv.org/abs/1503.02531): teachers and temperatures.
# - Sanh and others (2019), [DistilBERT](https://arxiv.org/abs/1910.01108): a student that begins from its teacher's layers.
# - Han, Pool, Tran and Dally (2015), [Learning both Weights and Connections](https://arxiv.org/abs/1506.02626): prune, and train again.
# - Dettmers and others (2022), [LLM.int8()](https://arxiv.org/abs/2208.07339): where large models need more than one scale per row.
# - [torch.export](https://docs.pytorch.org/docs/stable/export.html) and [ONNX Runtime](https://onnxruntime.ai/docs/): the documentation.
#
# **What you can do now that you could not do before:** shrink a model to a size of your choice, and say what that cost and what it brought.
#
# [← 18 · Inside the model](18_inside_the_model.ipynb) · [20 · Words to music →](20_words_to_music.ipynb)
