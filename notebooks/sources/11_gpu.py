# %% [markdown]
# # 11 · On the GPU, and on several
#
# [← 10 · The model that sings](10_singing_model.ipynb) · [12 · The sampling studio →](12_sampling_studio.ipynb) · [Exercises 11](../exercises/11_gpu.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/11_gpu.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/11_gpu.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - hear what your machine learns in ten seconds,
# > - measure speed and memory without fooling yourself,
# > - use bf16, fused attention and gradient accumulation, and check what each changes,
# > - predict the memory of a training step, and read where its time goes,
# > - train with two processes, get the same gradients, and work out when that pays.
# >
# > **You need** notebooks 8 to 10. No GPU: every cell runs on a processor, and unchanged on CUDA.
# >
# > **Time:** about 40 minutes to read and listen, about 80 seconds to run on two processor cores.
# >
# > **You will hear** an untrained model, and the same model ten seconds later.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import torch

from musiclab import Sound, compose, corpus, load_checkpoint
from musiclab.checkpoint.tensor_file import open_tensors
from musiclab.model.attention import attend
from musiclab.model.fused_attention import fused_attend
from musiclab.show import OKABE_ITO, Figure
from musiclab.show.figure import empty_plot
from musiclab.training import PRESETS, FrameBatches, Trainer, device_report, mean_nll, train_preset
from musiclab.training.distributed import our_device
from musiclab.training.history import open_history
from musiclab.training.loss import count_targets, summed_nll
from musiclab.training.measure import device_name, seconds, wait_for

# %%
_ = torch.manual_seed(9)
device = our_device("auto")  # a GPU if there is one
here = device_name(device)
print("This notebook runs on", here)

# %% [markdown]
# ## 11.1 Ten seconds
#
# How much faster is a faster device, and why not more? Before we measure, let us hear what this one can do: a new model gets ten seconds of training, and plays before and after. It is the model of notebook 10, two blocks of width 128.

# %%
rates = {"steps": 100_000, "minutes": 10 / 60, "warmup": 20, "peak": 2e-3, "ema_decay": 0.9}
rates["log_every"] = 1
preset = PRESETS["bach-studio"].change(crop=64, batch_size=8, dropout=0.0, **rates)
batches = preset.build_batches(corpus("train"), training=True)
quiet = {"device": str(device), "show_progress": False}
trainer = Trainer(preset.build_model(), batches, preset.training, **quiet)

# %%
studio = load_checkpoint("bach-studio")


def play(title):
    ours = replace(studio, model=trainer.average)
    return Sound(compose(checkpoint=ours, bars=4, seed=2), title=title)


play("no training")

# %%
history = trainer.run()
print(f"{trainer.step} steps; {history.losses[0]:.2f}, then {history.losses[-1]:.2f} nats per note")
play("after ten seconds")

# %% [markdown]
# **Explain:** what has it learnt first: to hold notes, to move by step, to agree on a chord? The shipped model took thousands of steps; its card says how long they took. A device ten times as fast would have given you ten times these steps in the same ten seconds. On a GPU, run this section again and listen.
#
# ## 11.2 Two places
#
# A GPU has memory of its own. A tensor lives in one place, and both sides of an operation must live in the same. **Predict:** what happens if they do not? PyTorch has a device without memory, `meta`, on which anyone can make the mistake:

# %%
try:
    torch.nn.Linear(128, 56).to("meta")(torch.randn(4, 128))
except RuntimeError as error:
    print(error)

# %% [markdown]
# So: move the model *once*, before building the optimiser; move each batch as it comes; bring back only numbers that you print. Each `.item()` makes the processor wait for the GPU.
#
# ## 11.3 A clock that does not lie
#
# **Predict:** five training steps of the same size. Do they take the same time?


# %%
model, optimiser, ids = device_report.set_up(device, 4)  # flat, 4 pieces of 512 notes


def one_step():
    device_report.step(model, optimiser, ids, "fp32")


for number in range(5):
    start = perf_counter()
    one_step()
    wait_for(device)
    print(f"step {number}: {1000 * (perf_counter() - start):.0f} ms")

# %% [markdown]
# The first is often the slowest: memory is taken, kernels are chosen. So warm up before you measure. And `wait_for`: a GPU returns at once and computes later. A clock without waiting measures how fast you can *ask*. `seconds` does both, and takes the shortest of several runs, since whatever else a machine does can only add.

# %%
taken = seconds(one_step, device=device)
print(f"{ids.numel() / taken:,.0f} notes per second")

# %% [markdown]
# > **Exercise** [tokens-per-second](../exercises/11_gpu.ipynb#tokens-per-second): write the clock yourself, with warm-up and waiting.
#
# From here on every figure is taken on your device, just now. If you have two devices, run the notebook on both and lay the tables side by side.


# %%
def measure(name):
    figures = device_report.MEASURES[name](device)
    print(device_report.as_table(name, figures, here))
    return figures


pace = measure("pace")

# %% [markdown]
# That is the pace of large matrices alone, in two precisions. No training step is faster than that.
#
# ## 11.4 Half the bits
#
# **bf16** is a number of 16 bits: the range of fp32, but only 8 bits for its digits. **Predict:** what is `1 + 1/256` in bf16?

# %% tags=["nbval-check-output"]
for number in (1 + 1 / 256, 1 + 1 / 128, 3e38):
    print(number, "becomes", torch.tensor(number).bfloat16().item())

# %% [markdown]
# Adam's steps are often smaller than a 256th of a weight: in bf16 they would round to nothing. **Autocast** therefore leaves the weights in fp32 and turns to bf16 where it pays, in matrix products. What else stays in fp32?

# %%
layer, norm = torch.nn.Linear(8, 8).to(device), torch.nn.LayerNorm(8).to(device)
x = torch.randn(4, 8, device=device)
with torch.autocast(device.type, torch.bfloat16):
    branch = layer(x)
    stream = x + branch
    loss = torch.nn.functional.cross_entropy(branch, branch.argmax(dim=-1))
    seen = {"linear": branch, "x + linear": stream, "its norm": norm(stream), "loss": loss}
loss.backward()
for name, one in (seen | {"weight": layer.weight, "gradient": layer.weight.grad}).items():
    print(f"{name:10} {one.dtype}")

# %% [markdown]
# The residual stream, the norms that read it, the loss, the weights and their gradients: all fp32. Only the branches run in bf16. What does that cost in quality, and what does it bring in speed?

# %%
valid = FrameBatches(corpus("valid")[:8], studio.tokenizer, studio.conditions, training=False)
for enabled in (False, True):
    with torch.autocast(device.type, torch.bfloat16, enabled=enabled):
        nats = mean_nll(studio.model.to(device), valid, valid.pad_id)
    print("bf16" if enabled else "fp32", f"{nats:.4f} nats per note")

# %%
_ = measure("precision")

# %% [markdown]
# Whether bf16 is faster depends on the chip: some processors have instructions for it, and older ones imitate it slowly.
#
# ## 11.5 Fused attention
#
# The attention that you built writes a table of 512 x 512 weights for each head to memory and reads it back. A fused kernel works on one small tile of the table after another and never writes the whole. Same numbers:

# %% tags=["nbval-check-output"]
query = torch.randn(1, 4, 512, 32, device=device)
one, other = (mix(query, query, query, causal=True) for mix in (attend, fused_attend))
print(torch.allclose(one, other, atol=1e-4))

# %% [markdown]
# **Predict:** which is faster, and what happens if dropout is asked for *inside* attention?

# %%
_ = measure("attention")

# %% [markdown]
# On a processor, PyTorch's fused kernel knows no dropout: asked for it, it silently falls back to separate steps, and writes the table after all. That is why the library drops elsewhere, on the residual branch. A setting that looks harmless can cost more than a layer; only the clock tells.
#
# **torch.compile** merges small operations into larger kernels. Compiling takes time first: when we tried it on a sampling model of this size, on a processor, 12 to 87 seconds, and sampling then was slower than without. So it is off here. Set it to True where you have minutes, a GPU above all:

# %%
TRY_COMPILE = False
if TRY_COMPILE:
    compiled = torch.compile(model)
    faster = seconds(lambda: device_report.step(compiled, optimiser, ids, "fp32"), device=device)
    print(f"{taken / faster:.2f} times as fast, after compiling")

# %% [markdown]
# ## 11.6 Large batches, small memory
#
# A batch that does not fit can be cut: add up the gradients of its parts, then take *one* step. Is it the same gradient? Chorales differ in length, and that is the trap. We divide each part's summed surprise by the notes of the *whole* batch; then, the wrong way, we take each part's mean and average the means.

# %%
pieces = sorted(corpus("valid"), key=len)
pieces = [*pieces[:3], pieces[-10]]  # three short chorales and a long one
batch = FrameBatches(pieces, studio.tokenizer, studio.conditions, training=False).batch(0)
parts = [batch.rows(slice(row, row + 1)).to(device) for row in range(4)]
counts = [count_targets(part.targets, 0) for part in parts]


# %%
def gradient(parts, divisors):
    studio.model.zero_grad()
    for part, divisor in zip(parts, divisors, strict=True):
        (summed_nll(studio.model(*part.inputs), part.targets, 0) / divisor).backward()
    return torch.cat([one.grad.flatten() for one in studio.model.parameters()])


# %% tags=["nbval-check-output"]
whole = gradient([batch.to(device)], [sum(counts)])
by_notes, by_means = gradient(parts, [sum(counts)] * 4), gradient(parts, [4 * n for n in counts])
print("notes in the parts:", counts)
for name, one in (("divided by all notes", by_notes), ("mean of means", by_means)):
    print(f"{name}: off by {(one - whole).norm() / whole.norm():.0%}")

# %% [markdown]
# > **Exercise** [accumulate](../exercises/11_gpu.ipynb#accumulate): the same gradient from small batches as from a large one.
#
# Accumulating saves memory, not time. So how large should the part be that runs at once? **Predict:** does a batch twice as large take twice as long?

# %%
speeds = measure("batch_sizes")

# %%
canvas, axes = empty_plot("More pieces at once", "pieces per batch", "notes per second")
axes.plot([int(size) for size in speeds], speeds.values(), marker="o", color=OKABE_ITO["blue"])
axes.set_ylim(0, 1.2 * max(speeds.values()))
alt = ", ".join(f"{size} pieces {speed:,.0f}" for size, speed in speeds.items())
Figure(canvas, f"Notes per second by pieces per batch: {alt}.")

# %% [markdown]
# Where the curve is nearly flat, a batch twice as large takes about twice as long: the device is full. Where it climbs, more pieces cost less than their share. A processor has few cores and is soon full. A GPU has thousands of small ones; until they are full, more pieces cost almost no more time. That is the first answer to "why not more?": a model as small as ours does not fill a large device. NVIDIA's data sheet gives the [A100](https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/a100/pdf/nvidia-a100-datasheet-us-nvidia-1758950-r4-web.pdf) 312 trillion bf16 operations per second. What follows is arithmetic, not a measurement:

# %%
weights = sum(one.numel() for one in model.parameters())
operations = 6 * weights  # for each note: 2 per weight forward, 4 backward
print(f"A100, if it did nothing but our matrices: {312e12 / operations:,.0f} notes per second")
limit, best = 1e9 * max(pace.values()) / operations, max(speeds.values())
print(f"here, likewise: {limit:,.0f}; measured: {best:,.0f}")

# %% [markdown]
# Nobody reaches the peak; matrices of width 128 are far too small for such a chip.
#
# ## 11.7 A budget for memory
#
# Four things take memory in training: weights, gradients, Adam's two moments (notebook 9), and what the forward pass *keeps* because backward will ask for it. The first three take 16 bytes per weight. The last grows with the batch. In one block, for each note, in vectors of `d` numbers: 2 of the stream, 2 normalised, 3 for query, key and value, 2 rotated, 2 of attention's result, 2 dropout masks, 8 in the wide layer. Together 21.


# %% tags=["nbval-check-output"]
def kept(pieces, d=128):
    return pieces * 512 * 4 * 21 * d * 4  # notes x blocks x vectors x numbers x bytes


formula = {"weights": 4 * weights, "moments": 8 * weights, "kept for backward": kept(4)}
formula["peak of a step"] = kept(4) + 4 * weights
for name, bytes_needed in formula.items():
    print(f"{name}: {bytes_needed / 1e6:.1f} megabytes by formula")

# %%
measured = measure("memory")

# %% [markdown]
# The formula leaves out what is small: scores, the last norm, the table. (On a GPU, dropout masks take one byte a number, not four, so it overestimates a little.) The "peak of a step" is what comes on top of weights and moments: gradients and all that is kept. **Explain:** which part would you attack to fit a larger batch? And how many pieces fit into a given memory?

# %% tags=["nbval-check-output"]
for place, room in (("Binder, less what Python takes", 1.5e9), ("80 GB on a GPU", 80e9)):
    print(f"{place}: {int((room - 16 * weights) / kept(1)):,} pieces")

# %% [markdown]
# ## 11.8 Where the time goes
#
# The profiler notes every operation. We read the first lines together.

# %%
with torch.profiler.profile() as seen:
    one_step()
    wait_for(device)
clock = "self_device_time_total" if device.type == "cuda" else "self_cpu_time_total"
rows = sorted(seen.key_averages(), key=lambda row: -getattr(row, clock))
total = sum(getattr(row, clock) for row in rows)
for row in rows[:8]:
    share = getattr(row, clock) / total
    print(f"{row.key.removeprefix('aten::'):54} {share:4.0%} in {row.count:3} calls")

# %% [markdown]
# `mm` and `addmm` multiply two matrices. Names with `attention` are the fused kernel, forward and backward. `gelu`, `native_layer_norm`, `mul` and `add` touch every number once and compute little; `random_` and `bernoulli_` draw random numbers for dropout; `copy_` moves. (A GPU's kernels have longer names for the same things.) **Explain:** if matrix products became free, how much faster would the step be, at most? That is the second answer to "why not more?".
#
# ## 11.9 Two processes
#
# Several devices can share a batch: each keeps a whole copy of the model, takes some of the pieces, and then all *add up their gradients*, in one message. `torchrun` starts one process for each. All it needs is a script; ours has two lines.
#
# > **Exercise** [share-pieces](../exercises/11_gpu.ipynb#share-pieces): share out the pieces so that nobody waits long.

# %%
options = {"steps": 3, "batch_size": 4, "crop": 128, "dropout": 0.0, "precision": "fp32"}
where = "auto" if torch.cuda.device_count() > 1 else "cpu"
options |= {"log_every": 1, "threads": 1, "device": where}
folder = tempfile.TemporaryDirectory()  # gone when the notebook ends
work = Path(folder.name)
script = "from musiclab.training import train_preset as go\n"
script += f"go('bach-studio', 'two', **{options})\n"
_ = (work / "train.py").write_text(script)


# %%
def torchrun(script, processes, limit=90):
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--local-addr=127.0.0.1", f"--nproc-per-node={processes}", script]
    pipes = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    running = subprocess.Popen(command, cwd=work, **pipes)
    try:
        told, _ = running.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        running.terminate()  # it ends its processes, too
        running.wait()
        raise RuntimeError(f"not done after {limit} seconds, stopped") from None
    if running.returncode:
        errors = [line for line in told.splitlines() if "Error: " in line]
        raise RuntimeError(errors[0] if errors else told[-300:])


# %% [markdown]
# **Predict:** one process with four pieces a batch, two with two each. How much do losses and gradients differ?

# %%
torchrun("train.py", processes=2)
shared = open_history(work / "two" / "log.csv", until=3)
alone = train_preset("bach-studio", work / "one", progress=False, **options)

# %% tags=["nbval-check-output"]
for name in ("losses", "gradient_norms"):
    pairs = zip(getattr(alone, name), getattr(shared, name), strict=True)
    print(name, "agree:", all(abs(one - two) < 1e-3 for one, two in pairs))

# %% [markdown]
# The gradient norm is only a length, and lengths can agree by chance. So we compare everything that both saved, tensor by tensor: the weights, and Adam's moments, which are sums of past gradients.

# %% tags=["nbval-check-output"]
states = (open_tensors(work / n / "state.safetensors").read().items() for n in ("one", "two"))
one, two = ({name: values.double() for name, values in state} for state in states)
apart = [(one[name] - two[name]).norm() / one[name].norm() for name in one if one[name].any()]
print(f"{len(apart)} tensors, all the same: {bool(max(apart) < 1e-3)}")

# %% [markdown]
# Same gradients, and for the same reason as in 11.6: each process divides by the notes of the whole batch, then they add. (The last digits may differ, since sums are taken in another order.) And if processes wait for each other for ever, as they may after a mistake? Then the limit ends them. Here it is far too short, to show it:
#
# > **Exercise** [reduce-by-count](../exercises/11_gpu.ipynb#reduce-by-count): mend a mean over processes that is no mean.

# %%
try:
    torchrun("train.py", processes=2, limit=1)
except RuntimeError as error:
    print(error)

# %% [markdown]
# ## 11.10 When it pays
#
# Two processes halve the work of each, but every step ends with a message: all gradients, 4 bytes per weight, sent and received. What did it bring here? (With other programs on the same cores, it may even cost time.)

# %%
for name, log in (("one process", alone), ("two processes", shared)):
    print(f"{name}: {max(log.speeds):,.0f} notes per second")

# %% [markdown]
# Now arithmetic. With n processes a step takes `compute / n + message / speed of the wire`; in a ring, each sends `2(n-1)/n` times the gradients. We take the step measured in 11.3, and three wires at their nominal speeds.


# %%
def speed_up(n, step, wire):  # seconds, bytes per second
    return step / (step / n + 2 * (n - 1) / n * 4 * weights / wire)


wires = (("1 Gbit/s network", 0.125e9, "vermilion"), ("10 Gbit/s network", 1.25e9, "blue"))
wires += (("PCIe 4.0 x16", 31.5e9, "green"),)
canvas, axes = empty_plot("How much faster? Arithmetic", "processes", "times as fast as one")
many = range(1, 17)
for name, wire, colour in wires:
    for step, style, whose in ((taken, "-", "this device"), (taken / 100, "--", "100 x as fast")):
        gain = [speed_up(n, step, wire) for n in many]
        axes.plot(many, gain, style, color=OKABE_ITO[colour], label=f"{name}, {whose}")
axes.plot(many, many, ":", color="#555555", label="the ideal")
axes.legend(frameon=False, fontsize=8)
Figure(canvas, "Speed-up by number of processes, for three wires and two devices")

# %% [markdown]
# The faster the device, the more the wire matters: for a device a hundred times as fast, the slowest network makes two processes *slower* than one. Sharing pays when computing takes much longer than sending. Larger batches help, since they compute more for the same message; so does accumulating before sending. And for a model as small as ours, the honest answer is often: one device is enough.
#
# ## In three lines
#
# - Warm up, wait for the device, take the shortest: then a figure means something; and it belongs to a named device.
# - bf16, fused attention, accumulation and more processes change speed or memory; what is learnt stays the same up to rounding, as checked above.
# - A small model is limited by more than arithmetic: by kernels too small for the device, memory traffic, messages.
#
# ## Check yourself
#
# **1.** You time one training step on a GPU without waiting for it. What do you measure?
#
# <details><summary>a) The step</summary>No. The GPU is still computing when your clock stops.</details>
# <details><summary>b) How fast the processor hands out work</summary>Yes. Calls return at once; only waiting shows when the work is done.</details>
# <details><summary>c) The transfer of the batch</summary>No. That is only one of the things that are still under way.</details>
#
# **2.** Why do the weights stay in fp32 under autocast?
#
# <details><summary>a) Small steps of the optimiser would be rounded away</summary>Yes. In bf16, 1 + 1/256 is 1.</details>
# <details><summary>b) bf16 cannot hold large numbers</summary>No. Its range is that of fp32; it lacks digits.</details>
# <details><summary>c) Matrix products need fp32</summary>No. They are just what autocast turns to bf16.</details>
#
# **3.** You cut a batch into four parts of different length, and average the four means. What happens?
#
# <details><summary>a) Nothing: it is the same gradient</summary>No. It would be, if all parts had equally many notes.</details>
# <details><summary>b) Notes of short pieces count too much</summary>Yes. Each part weighs the same, so a note in a short part weighs more.</details>
# <details><summary>c) The gradient becomes four times too large</summary>No. That happens if you forget to divide at all.</details>
#
# **4.** You double the batch. Which part of the memory grows?
#
# <details><summary>a) The moments</summary>No. Adam keeps two numbers for each weight, whatever the batch.</details>
# <details><summary>b) The gradients</summary>No. There is one for each weight.</details>
# <details><summary>c) What is kept for backward</summary>Yes. It belongs to notes, not to weights; accumulation keeps it small.</details>
#
# **5.** (Looking back to notebook 9.) You accumulate over four parts and clip the gradient. When do you clip?
#
# <details><summary>a) After each part</summary>No. The gradient of a part is longer or shorter than that of the batch, so other steps would be shortened.</details>
# <details><summary>b) Once, when all parts are added up</summary>Yes. Then it is the gradient of the whole batch, and so is its length.</details>
# <details><summary>c) Before the backward pass</summary>No. There is no gradient yet.</details>
#
# ## Read on
#
# - Micikevicius and others (2017), [Mixed Precision Training](https://arxiv.org/abs/1710.03740): why master weights stay in fp32.
# - Kalamkar and others (2019), [A Study of BFLOAT16 for Deep Learning Training](https://arxiv.org/abs/1905.12322).
# - Dao and others (2022), [FlashAttention](https://arxiv.org/abs/2205.14135): attention that never writes its table.
# - Goyal and others (2017), [Accurate, Large Minibatch SGD](https://arxiv.org/abs/1706.02677): many workers, one large batch.
# - Li and others (2020), [PyTorch Distributed: Experiences on Accelerating Data Parallel Training](https://arxiv.org/abs/2006.15704).
#
# **What you can do now that you could not do before:** say how fast and how large a training is before you start it, measure it so that others can believe you, and decide whether another device would help.
#
# [← 10 · The model that sings](10_singing_model.ipynb) · [12 · The sampling studio →](12_sampling_studio.ipynb)
