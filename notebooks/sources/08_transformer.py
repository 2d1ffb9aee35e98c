# %% [markdown]
# # 8 · The Transformer
#
# [← 7 · Position](07_position.ipynb) · [9 · Training →](09_training.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/08_transformer.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/08_transformer.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - build a block from layer norm, feed-forward and residual, and stack four of them,
# > - give PyTorch's own layers the same weights, and get the same piece, note for note,
# > - follow the residual stream, and hear what the model plays if it stops early,
# > - count weights and operations, and check both counts,
# > - find five faults in a sketch of a kind that is widely copied, and mend them.
# >
# > **You need** attention (notebook 6) and rotary positions (notebook 7).
# >
# > **Time:** about 40 minutes to read and listen, about 30 seconds to run on two processor cores.
# >
# > **You will hear** the finished model, the same model with blocks muted, and a mended sketch that knows four bars by heart.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.
import sys

if "google.colab" in sys.modules:
    print("Installing musiclab ...")
    # %pip install --quiet "musiclab @ git+https://github.com/musiclab-course/musiclab"

# %%
import warnings
from copy import deepcopy
from dataclasses import replace

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from musiclab import Sound, compose, corpus, load_checkpoint, read_chorale
from musiclab.model import Block, CrossAttention, EncoderDecoder, Transformer, TransformerConfig
from musiclab.model.attention import causal_mask
from musiclab.sampling import Plan
from musiclab.sampling.generate import generate
from musiclab.show import OKABE_ITO, Figure
from musiclab.show.figure import empty_plot
from musiclab.tokens import GridTokenizer
from musiclab.training import FrameBatches, TokenBatches, mean_nll
from musiclab.training.measure import seconds

_ = torch.manual_seed(7)

# %% [markdown]
# ## 8.1 With and without its blocks
#
# The model that composes in this course has four *blocks*, one on top of another. A block adds something to what flows past it. If we set its last matrices to zero, it adds nothing: it is muted.

# %%
studio = load_checkpoint("bach-studio")


def stop_after(n_blocks):
    model = deepcopy(studio.model)
    for block in model.stack.blocks[n_blocks:]:
        nn.init.zeros_(block.attention.to_out.weight)
        nn.init.zeros_(block.feed_forward[2].weight)
    return replace(studio, model=model)


# %% [markdown]
# **Predict:** with all four blocks muted, the model still has its table of notes and its last layer. Same seed, no block: silence, noise, or music?

# %%
Sound(compose(checkpoint=studio, bars=4, seed=3), title="four blocks")

# %%
Sound(compose(checkpoint=stop_after(0), bars=4, seed=3), title="no block")

# %% [markdown]
# Neither silence nor noise. Without blocks, the model knows the last *frame* (what all four voices do in one sixteenth note), how long each note has sounded, and the place in the bar. That makes plausible steps, and no plan. Whatever looks further back is done by blocks. So: what is in one?
#
# ## 8.2 Two simple parts
#
# **Layer norm** takes one vector, moves its mean to 0 and its variance to 1, then applies a learnt gain and bias. It works on each position alone: neither its neighbours nor the rest of the batch matter.


# %%
def layer_norm(x, gain, bias, epsilon=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return gain * centred / (variance + epsilon).sqrt() + bias


# %% tags=["nbval-check-output"]
x = torch.randn(2, 16, 128)  # 2 pieces, 16 frames, d_model 128
trained = studio.model.stack.blocks[0]
norm = trained.around_attention.norm
by_hand = layer_norm(x, norm.weight, norm.bias)
print("As PyTorch's:", torch.allclose(by_hand, norm(x), atol=1e-4))

# %% [markdown]
# > **Exercise** [layer-norm](../exercises/README.md#layer-norm): write it yourself; four small slips are waiting.
#
# **Feed-forward** is a small network that every position runs by itself: widen from 128 to 512, bend, narrow again. Attention gathers; feed-forward works on what was gathered. The bend is GELU, a softened `max(0, x)`; without a bend, two matrices would do no more than one.

# %% tags=["nbval-check-output"]
widen, _, narrow = trained.feed_forward
by_hand = nn.functional.gelu(x @ widen.weight.T) @ narrow.weight.T
print("As the library's:", torch.allclose(by_hand, trained.feed_forward(x), atol=1e-4))

# %% [markdown]
# > **Exercise** [feed-forward](../exercises/README.md#feed-forward): build the layer, with dropout that rests in evaluation.
#
# ## 8.3 One block, then a stack
#
# The **residual** is the `x +` below: a part does not replace the stream, it *adds* to it. The first Transformer normalised after adding ("post-norm"). Nearly everyone now normalises what a part reads ("pre-norm").


# %%
def pre_norm(x, block):
    x = x + block.attention(block.around_attention.norm(x))
    return x + block.feed_forward(block.around_feed_forward.norm(x))


# %%
def post_norm(x, block):
    x = block.around_attention.norm(x + block.attention(x))
    return block.around_feed_forward.norm(x + block.feed_forward(x))


# %% [markdown]
# **Predict:** in which of the two can a note's vector reach the last block without being rescaled on its way?
#
# We hold both against the library. A **stack** is only a loop; below it runs the four trained blocks. As pre-norm leaves the stream at any size, one more norm stands at the end.

# %% tags=["nbval-check-output"]
post = Block(d_model=128, n_heads=4, norm="post").eval()
print("Post-norm block:", torch.allclose(post_norm(x, post), post(x), atol=1e-4))

# %% tags=["nbval-check-output"]
stream, stack = x, studio.model.stack
for block in stack.blocks:
    stream = pre_norm(stream, block)
same = torch.allclose(stack.norm(stream), stack(x), atol=1e-4)
print("Four pre-norm blocks:", same)

# %% [markdown]
# > **Exercise** [block](../exercises/README.md#block): write the block as a module, pre- and post-norm.
#
# ## 8.4 The same as PyTorch's
#
# Is this what everybody else calls a Transformer? PyTorch ships one, with other names for the same matrices. If we copy our weights into it, the numbers must agree. PyTorch's layers know no rotary positions, so we switch the rotation off on our side. First attention alone:

# %% tags=["nbval-check-output"]
plain = deepcopy(studio.model)
for block in plain.stack.blocks:
    block.attention.rotary = None
ours = plain.stack.blocks[0].attention
theirs = nn.MultiheadAttention(128, 4, bias=False, batch_first=True)
theirs.in_proj_weight.data = ours.to_qkv.weight.data
theirs.out_proj.weight.data = ours.to_out.weight.data
hidden = ~causal_mask(16, 16, x.device)  # PyTorch says True where one may NOT look
result, _ = theirs(x, x, x, attn_mask=hidden)
print("Attention:", torch.allclose(ours(x), result, atol=1e-4))

# %% [markdown]
# Now a whole layer, before and after norm. PyTorch calls it `TransformerEncoderLayer`; with a causal mask it is our block. Its linear layers have biases, ours have none: those become zero.


# %%
def torch_layer(block, norm_first=True):
    layer = nn.TransformerEncoderLayer(
        128, 4, 512, dropout=0.0, activation="gelu", batch_first=True, norm_first=norm_first
    )
    weights = {name: torch.zeros_like(one) for name, one in layer.named_parameters()}
    weights["self_attn.in_proj_weight"] = block.attention.to_qkv.weight
    weights["self_attn.out_proj.weight"] = block.attention.to_out.weight
    weights["linear1.weight"] = block.feed_forward[0].weight
    weights["linear2.weight"] = block.feed_forward[2].weight
    for number, residual in (("1", block.around_attention), ("2", block.around_feed_forward)):
        weights[f"norm{number}.weight"] = residual.norm.weight
        weights[f"norm{number}.bias"] = residual.norm.bias
    layer.load_state_dict(weights)
    return layer


# %% tags=["nbval-check-output"]
post = Block(128, 4, norm="post", positions="none").eval()
for ours, norm_first in ((plain.stack.blocks[0], True), (post, False)):
    theirs = torch_layer(ours, norm_first)
    same = torch.allclose(ours(x), theirs(x, src_mask=hidden), atol=1e-4)
    print("pre-norm: " if norm_first else "post-norm:", same)

# %% [markdown]
# **Predict:** we swap *all* trained blocks for PyTorch's. Both models compose four bars from the same seed: 256 draws each. After how many notes do they part?


# %%
class TorchBlock(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.layer = torch_layer(block)

    def forward(self, x, **unused):
        return self.layer(x, src_mask=~causal_mask(x.shape[1], x.shape[1], x.device))


twin = deepcopy(plain)
twin.stack.blocks = nn.ModuleList(TorchBlock(block) for block in plain.stack.blocks)


# %% tags=["nbval-check-output"]
def write(model):
    told = torch.from_numpy(Plan(bars=4).ids(studio.conditions))
    chance = torch.Generator().manual_seed(3)
    settings = {"frames": 64, "conditions": told, "generator": chance, "cached": False}
    frames = generate(model, studio.tokenizer, **settings)
    return studio.tokenizer.decode(torch.cat([frame.tokens for frame in frames]))


by_torch = write(twin)
print("The same piece:", write(plain) == by_torch)

# %%
Sound(by_torch, title="composed by PyTorch's own layers, without rotary positions")

# %% [markdown]
# They never part. It is *the same*: nothing in our blocks is home-made but the names. (It does sound lost. The blocks were trained to know how far back a note lies, and without rotation they cannot tell.) From here on we use the library's blocks.
#
# ## 8.5 A river with taps
#
# Because every part only adds, think of the stream as a river. It rises in the table of notes, takes in two brooks a block, and ends in the scores. How much does each brook bring? And how good would the model's guess be if the river ended there? The second question is called the *logit lens*. We ask both on chorales of the *validation* set, from which the model did not learn.

# %%
pieces = corpus("valid")[:12]
valid = FrameBatches(pieces, studio.tokenizer, studio.conditions, training=False, batch_size=4)
surprise = [mean_nll(stop_after(n).model, valid, valid.pad_id) for n in range(5)]
print("nats a note after 0 ... 4 blocks:", *(f"{one:.2f}" for one in surprise))
width, added = [], []


def measure(residual, given, result):
    width.append(given[0].norm(dim=-1).mean())
    added.append((result - given[0]).norm(dim=-1).mean())


for block in studio.model.stack.blocks:
    block.around_attention.register_forward_hook(measure)
    block.around_feed_forward.register_forward_hook(measure)
studio.model.stack.norm.register_forward_hook(measure)  # reads what leaves the last block
with torch.no_grad():
    studio.model(*valid.batch(0).inputs)

# %%
bank = torch.stack(width) / 2
title = "The residual stream: how much each part of the four blocks adds"
canvas, axes = empty_plot(title, "nats a note if the model stopped here", "", (8, 4.4))
axes.fill_between(range(9), -bank, bank, color=OKABE_ITO["sky blue"])
for place, brings in enumerate(added[:8]):
    side, colour = ((1, "vermilion"), (-1, "green"))[place % 2]
    mouth, source = side * bank[place], side * (bank[place] + brings)
    arrow = {"color": OKABE_ITO[colour], "arrowstyle": "simple,head_width=1.2,tail_width=0.6"}
    point, tail = (place + 0.5, mouth - side * 0.5), (place + 0.5, source + side)
    axes.annotate(f"{brings:.1f}", point, tail, arrowprops=arrow, ha="center", va="center")
for place, size in enumerate(width):
    axes.text(place, 0, f"{size:.1f}", ha="center", va="center")
axes.text(-0.3, bank[8], "attention adds", color=OKABE_ITO["vermilion"])
axes.text(-0.3, -bank[8], "feed-forward adds", color=OKABE_ITO["green"])
axes.set(yticks=[], ylim=(-1.7 * bank[8], 1.7 * bank[8]), xlim=(-0.4, 8.6))
axes.set_xticks(range(0, 9, 2), [f"{n} of 4 blocks:\n{surprise[n]:.2f}" for n in range(5)])
Figure(canvas, "A stream that grows wider from left to right; eight arrows flow into it")

# %% [markdown]
# Numbers in the blue: how wide the stream is. Numbers at the arrows: what flows in. (Vectors point in different directions, so lengths do not simply add up.) Nothing is overwritten; later blocks read what earlier ones wrote. Every block makes the guess better. Listen to the model after one block, from the same seed as in 7.1:

# %%
Sound(compose(checkpoint=stop_after(1), bars=4, seed=3), title="one block")

# %% [markdown]
# **Explain:** which of the three versions has a *key*, a home note to which the voices return? One sample can deceive; the nats above are a mean over thousands of notes.
#
# ## 8.6 Why the norm moved
#
# Pre- and post-norm have the same weights and cost the same. What differs is the *gradient*, the signal that tells each weight how to change. We build untrained models of growing depth, ask for one gradient on real chorales, and look at the last block's share.

# %%
notes = GridTokenizer(layout="notes")  # a position a note: soprano, alto, tenor, bass ...
batches = TokenBatches(corpus("train")[:96], notes, crop=12, batch_size=8, transpose=False)


def build(norm, n_layers):
    sizes = {"vocab_size": notes.vocab_size, "d_model": 64, "n_layers": n_layers}
    model = Transformer(TransformerConfig(**sizes, norm=norm, dropout=0.0))
    for weight in model.parameters():
        if weight.dim() == 2:
            nn.init.xavier_normal_(weight)  # random, of the size that was usual in 2017
    return model


def loss_of(model, batch):
    scores, targets = model(*batch.inputs), batch.targets
    return nn.functional.cross_entropy(
        scores.flatten(0, 1), targets.flatten(), ignore_index=notes.pad_id
    )


# %%
for norm, n_layers in [(norm, n) for norm in ("pre", "post") for n in (2, 8, 32)]:
    model = build(norm, n_layers)
    loss_of(model, batches.batch(0)).backward()
    last = model.stack.blocks[-1].feed_forward[2].weight.grad.norm()
    print(f"{norm}-norm, {n_layers:2} blocks: gradient of the last one {last:.2f}")

# %% [markdown]
# With pre-norm, the share of each block falls as blocks are added. With post-norm it does not fall: near its end, a deep model gets as hard a push as a shallow one, at every one of its first steps. Notebook 9 begins training with small steps, a *warm-up*; deep post-norm models need it (Xiong and others, below). **Predict:** which of two 12-block models learns in 50 steps without one?

# %%
canvas, axes = empty_plot("Twelve blocks, no warm-up", "training step", "nats a note")
for norm, colour in (("pre", "blue"), ("post", "vermilion")):
    model, losses = build(norm, 12), []
    optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
    for step in range(50):
        loss = loss_of(model, batches.batch(step))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    axes.plot(losses, color=OKABE_ITO[colour], label=f"{norm}-norm")
axes.legend(frameon=False)
Figure(canvas, "Loss over 50 steps: the pre-norm curve ends lower than the post-norm curve")

# %% [markdown]
# Both first learn how often each note is used. There post-norm stays, while pre-norm begins to listen to the past.
#
# ## 8.7 What it costs
#
# **Weights.** With width `d`, attention has four matrices of `d x d`; feed-forward has two of `d x 4d`; two norms have `2d` each. So a block has `12 d² + 4d`. Add the table of notes, the last layer (both `vocab x d`) and the last norm. **Predict** the total for `d = 128`, four blocks and 56 tokens, to within a tenth.

# %% tags=["nbval-check-output"]
config = TransformerConfig(vocab_size=56, d_model=128, n_layers=4, attention="readable")
flat, d, layers, vocab = Transformer(config).eval(), 128, 4, 56
formula = layers * (12 * d**2 + 4 * d) + 2 * vocab * d + 2 * d
counted = sum(weight.numel() for weight in flat.parameters())
print(f"formula {formula:,}, counted {counted:,}")

# %% [markdown]
# > **Exercise** [parameter-count](../exercises/README.md#parameter-count): the same for any config.
#
# **Operations.** A weight in a matrix costs one multiplication and one addition a token: two operations. Attention adds two products of `seq x d x seq` a block, for the scores and for the mixing. PyTorch can count what really runs.

# %% tags=["nbval-check-output"]
seq, ids = 512, torch.randint(vocab, (1, 512))
operations = 2 * seq * (layers * 12 * d**2 + vocab * d) + layers * 2 * (2 * seq * d * seq)
with torch.no_grad(), FlopCounterMode(display=False) as counter:
    flat(ids)
print(f"formula {operations:,}, counted {counter.get_total_flops():,}")

# %% [markdown]
# **Time.** A processor that does nothing but multiply large matrices sets the pace, in operations a second. What share of that pace does our model reach: in readable steps, and with PyTorch's fused attention?

# %%
square = torch.randn(1024, 1024)
pace = 2 * 1024**3 / seconds(lambda: square @ square)
for path in ("readable", "fused"):
    model = Transformer(replace(config, attention=path)).eval().requires_grad_(False)
    print(f"{path}: {operations / seconds(lambda m=model: m(ids)) / pace:.0%} of {pace:.1e}/s")

# %% [markdown]
# The rest of the time goes into moving numbers: softmax, norms and GELU compute little and touch much memory. (The fused kernel also skips part of what the mask hides, so its true count is lower.) Counting says what is possible; only a clock says what happens. Notebook 11 goes on from here.
#
# ## 8.8 One position a note, or one a frame?
#
# The flat model reads soprano, alto, tenor, bass, soprano ... The model that composes reads a whole frame at each position: the embeddings of its four notes are summed. A small head then writes the next frame's voices in turn, each hearing those above it. **Predict:** how many positions has the chorale BWV 66.6 in each?

# %% [markdown]
# Each position is also shown what follows from the frames before it: how long each voice has held its note, its last few notes and their intervals, how often each pitch class sounded lately, and what came next when these frames were heard before, which notes would run parallel. Attention could find all that by itself; from so few chorales it did not, as `python -m benchmarks ablation` measures. `musiclab.model.past` has the code, and nothing in it looks ahead.
#
# Both are a chain of the same conditional probabilities: P(soprano) x P(alto given soprano) x P(tenor given both) x P(bass given all three), all given the past. We check it in frame 40: the scores that training asks for all at once are those of writing voice by voice.

# %% tags=["nbval-check-output"]
hymn = read_chorale("bach/bwv66.6")
as_notes = TokenBatches([hymn], notes, training=False).batch(0)
as_frames = FrameBatches([hymn], studio.tokenizer, studio.conditions, training=False).batch(0)
print("flat:", as_notes.inputs[0].shape, "by frames:", as_frames.inputs[0].shape)
previous, conditions, frames = as_frames.inputs
with torch.no_grad():
    at_once = studio.model(previous, conditions, frames)[0, 40]
    past = studio.model.look_back(previous[:, :41], conditions=conditions[:, :41])
    hidden = studio.model.trunk(previous, conditions)[:, 40]
    for voice in range(4):  # the voices above are known
        scores = studio.model.next_voice(hidden, past, frames[:, 40, :voice])[0]
        print(voice, torch.allclose(scores, at_once[voice], atol=1e-4))

# %% [markdown]
# So their surprise can be compared, note for note. The frame model's sequence is four times shorter, and when we tried both with the same time to train, it was the better one.
#
# ## 8.9 Decoder-only and encoder-decoder
#
# A *decoder-only* model goes on with one sequence. An *encoder-decoder* has two: it reads a source whole (a soprano, say), then writes a target (the other voices) while looking at it. The look across is **cross-attention**: queries from the target, keys and values from the source's *memory*, and no causal mask, since all of the source is known.

# %% tags=["nbval-check-output"]
cross = CrossAttention(d_model=128, n_heads=1)
target, memory = torch.randn(2, 5, 128), torch.randn(2, 7, 128)
key, value = cross.to_key_value(memory).chunk(2, dim=-1)
by_hand = (cross.to_query(target) @ key.mT / 128**0.5).softmax(dim=-1) @ value
print(torch.allclose(cross.to_out(by_hand), cross(target, memory), atol=1e-4))

# %% [markdown]
# > **Exercise** [cross-attention](../exercises/README.md#cross-attention): write it with several heads, and mind which mask belongs where.
#
# Who can hear whom? We ask the models: change one token, and see whose scores move. Four tokens of a melody, then four of a harmony. **Predict** the two shapes.


# %%
def hears(model, ids, listener, speaker):
    changed = ids.clone()
    changed[speaker] = (changed[speaker] + 1) % 50
    with torch.no_grad():
        return bool((model(ids)[listener] - model(changed)[listener]).abs().max() > 1e-5)


small, ids = replace(config, d_model=32), torch.randint(50, (1, 8))
one, two = Transformer(small).eval(), EncoderDecoder(small).eval()
models = {"decoder-only": one, "encoder-decoder": lambda ids: two(ids[:, :4], ids[:, 4:])}
canvas, axes = empty_plot("Who hears whom", "token that is heard", "scores after token", (8, 4))
for left, (name, model) in zip((0, 10), models.items(), strict=True):
    rows = range(model(ids).shape[1])
    heard = [[hears(model, ids, (0, row), (0, at)) for at in range(8)] for row in rows]
    axes.pcolormesh(range(left, left + 9), range(len(rows) + 1), heard, cmap="Blues", ec="w")
    axes.text(left, -0.3, f"{name}, scores {tuple(model(ids).shape)}")
axes.set(ylim=(8.1, -1.2), yticks=[], xticks=[2, 6, 12, 16], xticklabels=["melody", "harmony"] * 2)
Figure(canvas, "Decoder-only: a triangle. Encoder-decoder: all melody, and a triangle of harmony")

# %% [markdown]
# | | decoder-only | encoder-decoder |
# |---|---|---|
# | reads | everything from the left | the source whole, the target from the left |
# | masks | causal | none on the source, causal on the target |
# | attention in a block | to itself | encoder: to itself; decoder: to itself, then across |
# | made for | composing, going on | harmonising a given tune (notebook 14) |
#
# ## 8.10 A sketch, read critically
#
# Sketches like the next one are passed from page to page. We wrote this one afresh, with five faults that are often seen in them. **Predict:** find as many as you can before you read on. Which of them will raise an error?


# %%
class Sketch(nn.Module):
    def __init__(self, vocab_size=56, d_model=64, n_heads=8, n_layers=4):
        super().__init__()
        self.notes = nn.Embedding(vocab_size, d_model)
        self.places = nn.Embedding(512, d_model)
        self.transformer = nn.Transformer(d_model, n_layers, n_heads)
        self.to_logits = nn.Linear(d_model, vocab_size)

    def forward(self, ids):
        x = self.notes(ids)
        x = x + self.places(x)
        x = self.transformer(x)
        return self.to_logits(x)


warnings.filterwarnings("ignore", message="enable_nested_tensor")  # advice about speed
sketch, two = Sketch().eval(), torch.randint(50, (2, 8))  # two pieces of eight tokens

# %%
for attempt in (lambda: sketch(two), lambda: sketch.transformer(sketch.notes(two))):
    try:
        attempt()
    except (RuntimeError, TypeError) as error:
        print(str(error)[:90])

# %% [markdown]
# Two faults speak up. **One:** a position table takes whole numbers 0, 1, 2 ...; it was given `x`, which is already embedded floats. **Two:** `nn.Transformer` is an encoder-decoder: it wants a source *and* a target. The error messages suggest a patch, `x` for both. It runs. Three faults are left, and they are silent.
#
# **Predict:** the patched sketch reads two pieces of eight tokens. Whom do the scores of a token follow: earlier tokens, later tokens, tokens of the *other* piece?


# %% tags=["nbval-check-output"]
class Patched(Sketch):
    def forward(self, ids):
        x = self.notes(ids) + self.places(torch.arange(ids.shape[1]))
        return self.to_logits(self.transformer(x, x))


def hearing(model):
    pairs = {"past": ((0, 7), (0, 0)), "future": ((0, 0), (0, 7)), "other": ((0, 0), (1, 0))}
    return {name: hears(model.eval(), two, *pair) for name, pair in pairs.items()}


patched, was = Patched(), sketch.transformer
print(f"{was.nhead} heads, {len(was.encoder.layers)} + {len(was.decoder.layers)} layers")
print("patched:         ", hearing(patched))
patched.transformer = nn.Transformer(64, nhead=8, num_encoder_layers=4, batch_first=True)
print("batch_first=True:", hearing(patched))

# %% [markdown]
# **Three:** arguments in the wrong places. We asked for 8 heads and 4 layers, and got 4 heads, 8 encoder layers, and 6 decoder layers by default. Name your arguments.
#
# **Four:** `nn.Transformer` expects `(seq, batch)` unless told otherwise. Given `(batch, seq)`, it lets the *pieces* hear each other, and the notes of one piece not at all. With `batch_first=True` the past is heard, and so is
#
# **five:** the future. There was no mask. Such a model reaches almost no loss, and cannot compose (notebook 6 let you hear it).
#
# We have one sequence, not two, so the mended version is decoder-only: PyTorch's *encoder* layers with a causal mask.


# %% tags=["nbval-check-output"]
class Mended(nn.Module):
    def __init__(self, vocab_size=56, d_model=64, n_heads=8, n_layers=4):
        super().__init__()
        self.notes = nn.Embedding(vocab_size, d_model)
        self.places = nn.Embedding(512, d_model)
        layer = nn.TransformerEncoderLayer(
            d_model, nhead=n_heads, dim_feedforward=4 * d_model, dropout=0.0, batch_first=True
        )
        self.blocks = nn.TransformerEncoder(layer, num_layers=n_layers)
        self.to_logits = nn.Linear(d_model, vocab_size)

    def forward(self, ids):
        x = self.notes(ids) + self.places(torch.arange(ids.shape[1], device=ids.device))
        hidden = ~causal_mask(ids.shape[1], ids.shape[1], ids.device)
        return self.to_logits(self.blocks(x, mask=hidden))


mended = Mended()
print("mended:", hearing(mended))

# %% [markdown]
# Does it run? The quickest test of any model: let it learn one small thing by heart. Four bars of BWV 66.6, then it plays them from memory, from the start token alone, always taking the likeliest note.

# %%
optimiser = torch.optim.Adam(mended.train().parameters(), lr=2e-3)
ids = torch.cat([as_notes.inputs[0], as_notes.targets[:, -1:]], dim=1)[:, : 1 + 68 * 4]
for _ in range(80):
    loss = nn.functional.cross_entropy(mended(ids[:, :-1])[0], ids[0, 1:])
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
print(f"after 80 steps: {loss.item():.3f} nats a note")
played = ids[:, :1]
with torch.no_grad():
    for _ in range(68 * 4):
        played = torch.cat([played, mended(played)[:, -1:].argmax(dim=-1)], dim=1)
Sound(notes.decode(played[0].numpy()), title="BWV 66.6, by heart")

# %% [markdown]
# From noise to a hymn it has seen, in 80 steps: the plumbing is right. (Nothing was composed here: the model recites.) Mend plumbing first, train long afterwards.
#
# ## In three lines
#
# - A block is attention and feed-forward, each reading a normalised copy of the stream and adding its finding; a Transformer is a stack of blocks between two tables.
# - Ours and PyTorch's are the same: copy the weights, and every number and every note agrees.
# - Formulas give weights and operations exactly; time must be measured; and the worst faults raise no error.
#
# ## Check yourself
#
# **1.** You mute block 3 by setting its last matrices to zero. What does block 4 read?
#
# <details><summary>a) Zeros</summary>No. The residual carries the stream past block 3 unchanged.</details>
# <details><summary>b) What block 2 left in the stream</summary>Yes. A muted block adds nothing and takes nothing away.</details>
# <details><summary>c) Noise</summary>No. Nothing random happens here; the stream simply passes.</details>
#
# **2.** Over which numbers does layer norm take its mean?
#
# <details><summary>a) Over the coordinates of one vector</summary>Yes. Each position of each piece is normalised by itself.</details>
# <details><summary>b) Over the batch</summary>No. Then a piece would depend on which others it is trained with.</details>
# <details><summary>c) Over the positions of a piece</summary>No. Then every position would learn something of the future.</details>
#
# **3.** You double `d_model` and leave the number of blocks. The weights in the blocks become about ...
#
# <details><summary>a) twice as many</summary>No. Both sides of each matrix double.</details>
# <details><summary>b) four times as many</summary>Yes. 12 d² grows with the square of the width.</details>
# <details><summary>c) eight times as many</summary>No. Matrices have two sides, not three.</details>
#
# **4.** Why has cross-attention no causal mask?
#
# <details><summary>a) The source is known before the first note is written</summary>Yes. Looking at all of the melody is not cheating: it is the task.</details>
# <details><summary>b) The decoder has no future</summary>No. It has one, and its self-attention hides it.</details>
# <details><summary>c) To save time</summary>No. A mask costs little; here it would hide what is needed.</details>
#
# **5.** A model reaches almost no loss on new pieces after a few minutes, yet its samples are garbage. What do you check first?
#
# <details><summary>a) The temperature</summary>No. It bends a good distribution; it cannot explain a loss near zero.</details>
# <details><summary>b) The number of blocks</summary>No. More or fewer blocks make a model better or worse, not clairvoyant.</details>
# <details><summary>c) Whether a score changes with a later token</summary>Yes. It has probably read the answers: there is no mask, or it is upside down.</details>
#
# ## Read on
#
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762): encoder and decoder, post-norm.
# - Xiong and others (2020), [On Layer Normalization in the Transformer Architecture](https://arxiv.org/abs/2002.04745): why the norm moved.
# - Ba, Kiros and Hinton (2016), [Layer Normalization](https://arxiv.org/abs/1607.06450).
# - Elhage and others (2021), [A Mathematical Framework for Transformer Circuits](https://transformer-circuits.pub/2021/framework/index.html): the residual stream as a channel that parts write to and read from.
# - nostalgebraist (2020), [interpreting GPT: the logit lens](https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens).
#
# **What you can do now that you could not do before:** build a Transformer from its parts, prove that it is one, say what it costs, and find what is wrong in somebody else's.
#
# [← 7 · Position](07_position.ipynb) · [9 · Training →](09_training.ipynb)
