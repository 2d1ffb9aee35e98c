# %% [markdown]
# # 8 · The Transformer
#
# [← 7 · Position](07_position.ipynb) · [9 · Training →](09_training.ipynb) · [Exercises 8](../exercises/08_transformer.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/08_transformer.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/08_transformer.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - build a block from attention, layer norm, feed-forward and residual, and a whole model from blocks,
# > - load the weights of a trained model into your own class, and get the same music, note for note,
# > - hand the same weights to PyTorch's own layers, and get the same music again,
# > - count weights and operations by hand, and check both counts,
# > - build an encoder-decoder, and find five faults in a sketch of a kind that is widely copied.
# >
# > **You need** attention (notebook 6) and rotary positions (notebook 7).
# >
# > **Time:** about 40 minutes to read and listen, about 40 seconds to run on two processor cores.
# >
# > **You will hear** a plain Transformer, the same model without its blocks, and its twin made of PyTorch's parts.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import math
import warnings
from copy import deepcopy

import torch
from einops import rearrange
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from musiclab import PianoRoll, Sound, corpus, load_checkpoint
from musiclab.model import EncoderDecoder, Transformer, TransformerConfig
from musiclab.model.attention import attention_weights, causal_mask
from musiclab.model.block import Block, PostNormBlock
from musiclab.model.positions import rotate
from musiclab.sampling import Settings, generate, sample_next
from musiclab.show import Figure, empty_plot
from musiclab.training import TokenBatches, mean_nll

_ = torch.manual_seed(7)

# %% [markdown]
# ## 8.1 A plain Transformer
#
# `bach-plain` ships with the library. It is exactly the model that you will build in this notebook, and train, in a smaller size, in the next: a decoder-only Transformer over tokens in one row (soprano, alto, tenor, bass, soprano ...), and nothing else. (The model that composes in notebook 0 has more; notebook 10 builds it.)

# %%
plain = load_checkpoint("bach-plain")
tokenizer, config = plain.tokenizer, plain.model.config
d_ff = config.d_ff or 4 * config.d_model
print(f"d_model {config.d_model}, {config.n_heads} heads, {config.n_layers} blocks, d_ff {d_ff}")

# %% [markdown]
# To hear any such model, we draw one token after another, each from the probabilities that the model gives, among those that make sense at that place.


# %%
@torch.no_grad()
def write(model, bars=4, seed=3):
    """Write four voices, one token at a time."""
    ids, chance = torch.tensor([[tokenizer.start_id]]), torch.Generator().manual_seed(seed)
    for _ in range(bars * 16 * 4):
        before = int(ids[0, max(0, ids.shape[1] - 4)])  # the same voice, one frame ago
        allowed = torch.from_numpy(tokenizer.allowed_next(before))
        allowed[tokenizer.end_id] = False  # it shall go on
        scores = model(ids)[:, -1].masked_fill(~allowed, -math.inf) / 0.8
        ids = torch.cat([ids, sample_next(scores, chance)[:, None]], dim=1)
    return tokenizer.decode(ids[0].numpy())


def stop_after(n_blocks):
    """Take out all blocks but the first few."""
    model = deepcopy(plain.model)
    model.stack.blocks = model.stack.blocks[:n_blocks]
    return model


# %%
Sound(write(plain.model), title="bach-plain, all blocks")

# %% [markdown]
# A model is a table of tokens, some *blocks* one on top of another, and a last layer that scores the tokens. Each block adds something to what flows past it, so we can take blocks out and the rest still runs. **Predict:** with no block at all, what can the next token depend on? What will it sound like?

# %%
Sound(write(stop_after(0)), title="bach-plain, no block")

# %% [markdown]
# Without blocks, nothing travels from one position to another. The next token can depend on the last one alone, like the bigram of notebook 4, and here the last token belongs to *another voice*: an alto note is chosen with nothing known but the newest soprano note. Everything older reaches the last layer through the blocks. How much do they bring? We measure it on the first four bars of pieces that the model did not learn from.

# %%
openings = [piece.excerpt(0, 64) for piece in corpus("valid")[:24]]
valid = TokenBatches(openings, tokenizer, training=False)
for n in range(config.n_layers + 1):
    print(n, f"blocks: {mean_nll(stop_after(n), valid, valid.pad_id):.2f} nats per note")

# %% [markdown]
# (Reading out the stream before its end is called the *logit lens*. No block but the last was trained to be read out, so the numbers in between are rough.) So what is in a block?
#
# ## 8.2 Two simple parts
#
# **Layer norm** takes one vector $x$ of $d$ numbers, moves its mean to 0 and its variance to 1, then applies a learned gain $g$ and bias $b$. It works on each position alone: neither its neighbours nor the rest of the batch matter.
#
# $$\text{norm}(x) = g \cdot \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + b, \qquad \mu = \frac1d \sum_i x_i, \qquad \sigma^2 = \frac1d \sum_i (x_i - \mu)^2$$
#
# > **Exercise** [layer-norm](../exercises/08_transformer.ipynb#layer-norm): write it yourself first; mind the axis, the variance, and where $\varepsilon$ stands.


# %%
def layer_norm(x, gain, bias, epsilon=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    variance = centred.square().mean(dim=-1, keepdim=True)
    return gain * centred / (variance + epsilon).sqrt() + bias


# %% tags=["nbval-check-output"]
x = torch.randn(2, 16, config.d_model)  # 2 pieces, 16 positions
trained = plain.model.stack.blocks[0].requires_grad_(False)
norm = trained.attention_norm
same = torch.allclose(layer_norm(x, norm.weight, norm.bias), norm(x), atol=1e-4)
print("layer norm as PyTorch's:", same)

# %% [markdown]
# **Feed-forward** is a small network that every position runs by itself: widen the vector, bend it, narrow it again. Attention gathers; feed-forward works on what was gathered. The bend is GELU, a softened $\max(0, x)$; without a bend, two matrices would do no more than one.
#
# $$\text{feed\_forward}(x) = W_2\, \text{GELU}(W_1 x)$$
#
# > **Exercise** [feed-forward](../exercises/08_transformer.ipynb#feed-forward): build the layer, with dropout that is switched off in evaluation.

# %% tags=["nbval-check-output"]
widen, _, narrow = trained.feed_forward
by_hand = nn.functional.gelu(x @ widen.weight.T) @ narrow.weight.T
same = torch.allclose(by_hand, trained.feed_forward(x), atol=1e-4)
print("feed-forward as the library's:", same)

# %% [markdown]
# ## 8.3 Attention, with positions
#
# The layer of notebook 6, with notebook 7's rotary turn of queries and keys. Two switches, so that we can compare it with others.


# %%
class Attention(nn.Module):
    causal, rotary = True, True

    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.to_qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x):
        parts = "batch seq (part heads head_dim) -> part batch heads seq head_dim"
        query, key, value = rearrange(self.to_qkv(x), parts, part=3, heads=self.n_heads)
        if self.rotary:
            place = torch.arange(x.shape[1])
            query, key = rotate(query, place), rotate(key, place)
        visible = causal_mask(x.shape[1], x.shape[1], x.device) | (not self.causal)
        mixed = attention_weights(query, key, visible) @ value
        return self.to_out(rearrange(mixed, "batch heads seq part -> batch seq (heads part)"))


# %% tags=["nbval-check-output"]
ours = Attention(config.d_model, config.n_heads)
ours.load_state_dict(trained.attention.state_dict())
same = torch.allclose(ours(x), trained.attention(x), atol=1e-4)
print("attention as the library's:", same)

# %% [markdown]
# And as PyTorch's? Its layer has other names for the same matrices, and knows no rotary positions, so we switch the turn off on our side.

# %% tags=["nbval-check-output"]
ours.rotary, theirs = False, nn.MultiheadAttention(config.d_model, config.n_heads, bias=False)
theirs.in_proj_weight.data, theirs.out_proj.weight.data = ours.to_qkv.weight, ours.to_out.weight
hidden, rows = ~causal_mask(16, 16, x.device), x.transpose(0, 1)  # True is where one may NOT look
result, _ = theirs(rows, rows, rows, attn_mask=hidden)  # PyTorch's order is seq, batch
print("attention as PyTorch's:", torch.allclose(ours(x), result.transpose(0, 1), atol=1e-4))

# %% [markdown]
# ## 8.4 A block
#
# A part does not replace what it reads: it *adds* to it. That is the **residual**, the `x +` in the two lines of `forward`. What flows through all these additions is the **residual stream**. In "pre-norm", which nearly everyone uses today, each part reads a normalised copy of the stream. The first Transformer normalised the stream itself, after each addition ("post-norm").
#
# > **Exercise** [block](../exercises/08_transformer.ipynb#block): write the block as a module yourself first, pre- and post-norm.


# %%
class MyBlock(nn.Module):
    def __init__(self, d_model, n_heads, d_ff):
        super().__init__()
        self.attention = Attention(d_model, n_heads)
        self.attention_norm, self.feed_forward_norm = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        wide, narrow = (d_model, d_ff), (d_ff, d_model)
        parts = nn.Linear(*wide, bias=False), nn.GELU(), nn.Linear(*narrow, bias=False)
        self.feed_forward = nn.Sequential(*parts)

    def forward(self, x):
        x = x + self.attention(self.attention_norm(x))
        return x + self.feed_forward(self.feed_forward_norm(x))


class MyPostNormBlock(MyBlock):
    def forward(self, x):
        x = self.attention_norm(x + self.attention(x))
        return self.feed_forward_norm(x + self.feed_forward(x))


# %% [markdown]
# **Predict:** in which of the two can a note's vector reach the last block without being rescaled on its way?

# %% tags=["nbval-check-output"]
for mine, theirs in ((MyBlock, Block), (MyPostNormBlock, PostNormBlock)):
    ours, library = mine(32, 4, 128), theirs(32, 4, dropout=0.0)
    ours.load_state_dict(library.state_dict())
    print(mine.__name__, torch.allclose(ours(x[..., :32]), library(x[..., :32]), atol=1e-4))

# %% [markdown]
# In pre-norm: there the stream is only added to. (This is why a pre-norm model needs one more norm at its very end. What else the choice changes is measured in notebook 9.)
#
# PyTorch calls the same thing `TransformerEncoderLayer`; with a causal mask, it is our block. Its linear layers have biases, ours have none, so those become zero.


# %%
def torch_layer(block):
    d_ff, d_model = block.feed_forward[0].weight.shape
    layer = nn.TransformerEncoderLayer(
        d_model, block.attention.n_heads, d_ff, 0.0, "gelu", batch_first=True, norm_first=True
    )
    weights = {name: torch.zeros_like(one) for name, one in layer.named_parameters()}
    weights["self_attn.in_proj_weight"] = block.attention.to_qkv.weight
    weights["self_attn.out_proj.weight"] = block.attention.to_out.weight
    weights["linear1.weight"] = block.feed_forward[0].weight
    weights["linear2.weight"] = block.feed_forward[2].weight
    for number, norm in (("1", block.attention_norm), ("2", block.feed_forward_norm)):
        weights[f"norm{number}.weight"], weights[f"norm{number}.bias"] = norm.weight, norm.bias
    layer.load_state_dict(weights)
    return layer


# %% tags=["nbval-check-output"]
ours = MyBlock(config.d_model, config.n_heads, d_ff)
ours.load_state_dict(trained.state_dict())
ours.attention.rotary, theirs = False, torch_layer(ours)
same = torch.allclose(ours(x), theirs(x, src_mask=hidden), atol=1e-4)
print("block as PyTorch's:", same)

# %% [markdown]
# ## 8.5 A whole model
#
# A table of tokens, a stack of blocks, one more norm, a layer of scores. That is all.


# %%
class MyTransformer(nn.Module):
    def __init__(self, vocab_size, d_model, n_heads, n_layers, d_ff):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, d_model)
        self.blocks = nn.ModuleList(MyBlock(d_model, n_heads, d_ff) for _ in range(n_layers))
        self.norm = nn.LayerNorm(d_model)
        self.to_logits = nn.Linear(d_model, vocab_size, bias=False)

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return self.to_logits(self.norm(x))


# %% [markdown]
# It is empty; now give it what `bach-plain` has learned. We chose the library's names for our parts, but for one: the library keeps blocks and last norm in a `stack`.

# %% tags=["nbval-check-output"]
sizes = config.vocab_size, config.d_model, config.n_heads, config.n_layers, d_ff
mine, ids = MyTransformer(*sizes), valid.batch(0).inputs[0][:4]
shipped = plain.model.state_dict()
mine.load_state_dict({name.removeprefix("stack."): one for name, one in shipped.items()})
print("same scores:", torch.allclose(mine(ids), plain.model(ids), atol=1e-3))

# %% [markdown]
# And back: the fresh weights of *your* class, written into the library's.

# %% tags=["nbval-check-output"]
fresh, library = MyTransformer(*sizes), Transformer(config).eval()
kept = {n: f"stack.{n}" if n.startswith(("blocks", "norm")) else n for n in fresh.state_dict()}
library.load_state_dict({kept[name]: one for name, one in fresh.state_dict().items()})
print("same scores:", torch.allclose(fresh(ids), library(ids), atol=1e-3))

# %% [markdown]
# **Predict:** your class and the library's write four bars from the same seed, 256 draws each: yours with the loop of 8.1, the library with its own `generate`, which remembers keys and values instead of computing them anew. After how many notes do they part?

# %% tags=["nbval-check-output"]
chance, settings = torch.Generator().manual_seed(3), Settings(temperature=0.8)
frames = generate(plain.model, tokenizer, frames=64, generator=chance, settings=settings)
by_library = tokenizer.decode(torch.cat([frame.tokens for frame in frames]).flatten().numpy())
print("the same piece:", write(mine) == by_library)

# %% [markdown]
# They never part. You have built the model that you heard at the beginning. (One thing it lacks: in training, the library *drops* some of what each part adds, at random. That is dropout; notebook 14 says why.)
#
# ## 8.6 What it costs
#
# **Weights.** With width $d$ and inner width $f$, attention has four matrices of $d \times d$, feed-forward two of $d \times f$, and each of two norms $2d$ numbers:
#
# $$\text{weights} = \text{blocks} \cdot (4 d^2 + 2 d f + 4 d) + 2 \cdot \text{vocab} \cdot d + 2 d$$
#
# The rest is the table of tokens, the last layer and the last norm. **Predict** the total, to within a tenth, from the sizes printed in 8.1 and a vocabulary of 56 tokens.
#
# > **Exercise** [parameter-count](../exercises/08_transformer.ipynb#parameter-count): do the same for any config.
#
# **Operations.** A weight in a matrix costs one multiplication and one addition per token: two operations. Attention adds two products of `seq x d x seq` per block, for the scores and for the mixing. PyTorch can count what really runs.

# %% tags=["nbval-check-output"]
vocab, d, _, blocks, f = sizes
in_blocks = blocks * (4 * d**2 + 2 * d * f + 4 * d)
counted = sum(weight.numel() for weight in mine.parameters())
print("weights as counted:", in_blocks + 2 * vocab * d + 2 * d == counted)
batch, seq = ids.shape
matrices = 2 * batch * seq * (blocks * (4 * d**2 + 2 * d * f) + vocab * d)
pairs = blocks * 2 * (2 * batch * seq * d * seq)
with FlopCounterMode(display=False) as counter:
    mine(ids)
print("operations as counted:", matrices + pairs == counter.get_total_flops())

# %%
print(f"{counted:,} weights, {in_blocks / counted:.0%} of them in the blocks")
print(f"{(matrices + pairs) / batch / seq / 1e6:.1f} million operations per token, at {seq} tokens")

# %% [markdown]
# How much of a processor's speed such a model can use is a question for a clock: notebook 11.
#
# ## 8.7 The same as PyTorch's
#
# **Predict:** we swap *all* of your trained blocks for PyTorch's, with rotary positions switched off on both sides. Both models write four bars from the same seed. After how many notes do they part?


# %%
class TorchBlock(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.layer = torch_layer(block)

    def forward(self, x):
        return self.layer(x, src_mask=~causal_mask(x.shape[1], x.shape[1], x.device))


# %% tags=["nbval-check-output"]
mine.apply(lambda part: setattr(part, "rotary", False))
twin = deepcopy(mine)
twin.blocks = nn.ModuleList(TorchBlock(block) for block in mine.blocks)
by_torch = write(twin)
print("the same piece:", write(mine) == by_torch)

# %%
lost = mean_nll(mine, valid, valid.pad_id)
print(f"without rotary positions: {lost:.2f} nats per note, on the pieces of 8.1")
PianoRoll(by_torch, title="composed by PyTorch's own layers, without rotary positions")

# %% [markdown]
# They never part. It is *the same*: what everybody calls a Transformer is what you have built. (The music has suffered, as the printed number says: the blocks were trained to know how far back a note stands, and without rotation they cannot tell.) From here on we use the library's.
#
# ## 8.8 Decoder-only and encoder-decoder
#
# A *decoder-only* model goes on with one sequence. An *encoder-decoder* has two: it reads a source whole (a soprano, say), then writes a target (the other voices) while looking at it. The look across is **cross-attention**: queries from the target, keys and values from the source's *memory*, and no causal mask, since all of the source is known.
#
# > **Exercise** [cross-attention](../exercises/08_transformer.ipynb#cross-attention): write it with several heads yourself first, and mind which mask belongs where.


# %%
class MyCrossAttention(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.n_heads = n_heads
        self.to_query = nn.Linear(d_model, d_model, bias=False)
        self.to_key_value = nn.Linear(d_model, 2 * d_model, bias=False)
        self.to_out = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x, memory):
        heads = "batch seq (part heads head_dim) -> part batch heads seq head_dim"
        (query,) = rearrange(self.to_query(x), heads, part=1, heads=self.n_heads)
        key, value = rearrange(self.to_key_value(memory), heads, part=2, heads=self.n_heads)
        everything = torch.ones(x.shape[1], memory.shape[1], dtype=torch.bool)
        mixed = attention_weights(query, key, everything) @ value
        return self.to_out(rearrange(mixed, "batch heads seq part -> batch seq (heads part)"))


# %% [markdown]
# The decoder's block has three lines instead of two; the encoder's is ours, with the mask switched off.


# %%
class MyDecoderBlock(MyBlock):
    def __init__(self, d_model, n_heads, d_ff):
        super().__init__(d_model, n_heads, d_ff)
        self.cross_attention_norm = nn.LayerNorm(d_model)
        self.cross_attention = MyCrossAttention(d_model, n_heads)

    def forward(self, x, memory):
        x = x + self.attention(self.attention_norm(x))
        x = x + self.cross_attention(self.cross_attention_norm(x), memory)
        return x + self.feed_forward(self.feed_forward_norm(x))


# %%
class MyEncoderDecoder(nn.Module):
    def __init__(self, vocab_size, d_model, n_heads, n_layers, d_ff):
        super().__init__()
        block = d_model, n_heads, d_ff
        self.embed = nn.Embedding(vocab_size, d_model)
        self.encoder = nn.ModuleList(MyBlock(*block) for _ in range(n_layers))
        for one in self.encoder:
            one.attention.causal = False
        self.decoder = nn.ModuleList(MyDecoderBlock(*block) for _ in range(n_layers))
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.to_logits = nn.Linear(d_model, vocab_size, bias=False)

    def forward(self, source, target):
        memory, x = self.embed(source), self.embed(target)
        for block in self.encoder:
            memory = block(memory)
        for block in self.decoder:
            x = block(x, self.encoder_norm(memory))
        return self.to_logits(self.decoder_norm(x))


# %% tags=["nbval-check-output"]
small = TransformerConfig(vocab_size=56, d_model=32, n_layers=2, dropout=0.0)
library, ours = EncoderDecoder(small).eval(), MyEncoderDecoder(56, 32, 4, 2, 128)
renamed = {
    n.replace(".blocks", "").replace("coder.norm", "coder_norm"): n for n in library.state_dict()
}
ours.load_state_dict({name: library.state_dict()[n] for name, n in renamed.items()})
source, target = torch.randint(50, (2, 3, 8))
print(
    "encoder-decoder as the library's:",
    torch.allclose(ours(source, target), library(source, target), atol=1e-4),
)

# %% [markdown]
# Which tokens can reach which scores? We ask the models: change one token, and see whose scores move. There are four tokens of a melody, then four of a harmony. **Predict** the two shapes.
#
# > **Exercise** [hears](../exercises/08_transformer.ipynb#hears): mend such a test before you read ours.


# %%
def hears(model, ids, listener, speaker):
    changed = ids.clone()
    changed[speaker] = (changed[speaker] + 1) % 50
    with torch.no_grad():
        return bool((model(ids)[listener] - model(changed)[listener]).abs().max() > 1e-5)


eight, one = torch.randint(50, (1, 8)), MyTransformer(56, 32, 4, 2, 128)
models = {"decoder-only": one, "encoder-decoder": lambda ids: ours(ids[:, :4], ids[:, 4:])}
canvas, axes = empty_plot("Who hears whom", "token that is heard", "scores after token", (8, 4))
counts = []
for left, (name, model) in zip((0, 10), models.items(), strict=True):
    rows = range(model(eight).shape[1])
    heard = [[hears(model, eight, (0, row), (0, at)) for at in range(8)] for row in rows]
    axes.pcolormesh(range(left, left + 9), range(len(rows) + 1), heard, cmap="Blues", ec="w")
    counts.append(f"{sum(map(sum, heard))} of {8 * len(rows)} pairs in the {name} model")
    axes.text(left, -0.3, f"{name}, scores {tuple(model(eight).shape)}")
axes.set(ylim=(8.1, -1.2), yticks=[], xticks=[2, 6, 12, 16], xticklabels=["melody", "harmony"] * 2)
Figure(canvas, f"Which token reaches which score: {' and '.join(counts)}")

# %% [markdown]
# | | decoder-only | encoder-decoder |
# |---|---|---|
# | reads | everything from the left | the source whole, the target from the left |
# | masks | causal | none on the source, causal on the target |
# | attention in a block | to itself | encoder: to itself; decoder: to itself, then across |
# | made for | composing, going on | harmonising a given tune (notebook 16) |
#
# ## 8.9 A sketch, read critically
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
# Two faults speak up. **One:** a position table takes the whole numbers 0, 1, 2 ...; it was given `x`, which is already embedded. **Two:** `nn.Transformer` is an encoder-decoder: it wants a source *and* a target. The error messages suggest a patch, `x` for both. It runs. Three faults are left, and they are silent.
#
# **Predict:** the patched sketch reads two pieces of eight tokens. Which tokens move the scores of a token: earlier ones, later ones, those of the *other* piece?


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
#
# > **Exercise** [own-block](../exercises/08_transformer.ipynb#own-block): invent a block without attention, and hear it.


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
# It hears the past, and nothing else. Whether such a model can also *learn* is the question of notebook 9.
#
# ## In three lines
#
# - A block is attention and feed-forward, each reading a normalised copy of the stream and adding what it finds; a Transformer is a stack of blocks between two tables.
# - Your class, the library's and PyTorch's are the same: copy the weights, and every number and every note agrees.
# - Formulas give weights and operations exactly, and the worst faults in a model raise no error.
#
# ## Check yourself
#
# **1.** You take block 3 out of a pre-norm model. What does block 4 read?
#
# <details><summary>a) Zeros</summary>No. The residual stream flows on without block 3.</details>
# <details><summary>b) What block 2 left in the stream</summary>Yes. A missing block adds nothing and takes nothing away.</details>
# <details><summary>c) Nothing: the model no longer runs</summary>No. All blocks read and write vectors of one width, so any of them can be left out.</details>
#
# **2.** Over which numbers does layer norm take its mean?
#
# <details><summary>a) Over the coordinates of one vector</summary>Yes. Each position of each piece is normalised by itself.</details>
# <details><summary>b) Over the batch</summary>No. Then a piece would depend on which others it is trained with.</details>
# <details><summary>c) Over the positions of a piece</summary>No. Then every position would learn something of the future.</details>
#
# **3.** You double `d_model` (and `d_ff` with it) and leave the number of blocks. The weights in the blocks become about ...
#
# <details><summary>a) twice as many</summary>No. Both sides of each matrix double.</details>
# <details><summary>b) four times as many</summary>Yes. 4 d² + 2 d f grows with the square of the width.</details>
# <details><summary>c) eight times as many</summary>No. Matrices have two sides, not three.</details>
#
# **4.** Why has cross-attention no causal mask?
#
# <details><summary>a) The source is known before the first note is written</summary>Yes. Looking at all of the melody is not cheating: it is the task.</details>
# <details><summary>b) The decoder has no future</summary>No. It has one, and its self-attention hides it.</details>
# <details><summary>c) To save time</summary>No. A mask costs little; here it would hide what is needed.</details>
#
# **5.** (Looking back to notebook 5.) A model reaches almost no loss on new pieces after a few minutes, yet its samples are garbage. What do you check first?
#
# <details><summary>a) The temperature</summary>No. It reshapes a distribution; it cannot explain a loss near zero.</details>
# <details><summary>b) The number of blocks</summary>No. More or fewer blocks make a model better or worse, not clairvoyant.</details>
# <details><summary>c) Whether a score changes with a later token</summary>Yes. It has probably read the answers: a leak, such as a missing or inverted mask.</details>
#
# ## Read on
#
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762): encoder and decoder, post-norm.
# - Xiong and others (2020), [On Layer Normalization in the Transformer Architecture](https://arxiv.org/abs/2002.04745): pre- and post-norm compared.
# - Ba, Kiros and Hinton (2016), [Layer Normalization](https://arxiv.org/abs/1607.06450).
# - Elhage and others (2021), [A Mathematical Framework for Transformer Circuits](https://transformer-circuits.pub/2021/framework/index.html): the residual stream as a channel that parts write to and read from.
# - nostalgebraist (2020), [interpreting GPT: the logit lens](https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens).
#
# **What you can do now that you could not do before:** build a whole Transformer from its parts, prove that it is one, load trained weights into it, say what it costs, and find what is wrong in somebody else's.
#
# [← 7 · Position](07_position.ipynb) · [9 · Training →](09_training.ipynb)
