# %% [markdown]
# # 12 · The sampling studio
#
# [← 11 · On the GPU, and on several](11_gpu.ipynb) · [13 · Did it work? →](13_did_it_work.ipynb) · [Exercises 12](../exercises/12_sampling_studio.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/12_sampling_studio.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/12_sampling_studio.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - see the next note as bars on a piano, and choose it in five ways, each built by hand,
# > - hear why the likeliest note every time is a bad composer,
# > - draw by the same chance twice, and share a piece as one line,
# > - forbid what nobody can sing, and make writing faster without changing a note,
# > - play the studio: move a slider, press Compose, listen.
# >
# > **You need** notebook 3 (tokens) and notebook 8 (the Transformer). The trained models come with the library.
# >
# > **Time:** about 45 minutes to read and listen, about 45 seconds to run on two processor cores.
# >
# > **You will hear** one line by Bach, continued greedily, boldly, wildly and with taste.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
from time import perf_counter

import numpy as np
import torch
from IPython.display import display

from musiclab import PianoRoll, Score, Sound, compose, corpus, load_checkpoint, read_chorale, replay
from musiclab.sampling import Grammar, Plan, compose_many, compose_stream, filters, generate
from musiclab.sampling.filters import apply_temperature, sample_next
from musiclab.show import Figure, Studio
from musiclab.show.figure import empty_plot
from musiclab.show.keyboard import plot_keyboard
from musiclab.show.plots import SERIES_COLOURS, plot_bars
from musiclab.singer import Singer

_ = torch.manual_seed(0)

# %% [markdown]
# ## 12.1 One moment
#
# Here is the first line of our chorale. It ends on a *fermata*, a held chord; then the singers breathe. What does the soprano, the highest voice, sing next? Sing it, before you read on.

# %%
piece = read_chorale("bach/bwv66.6")
line = piece.excerpt(0, 16)
display(Sound(line, title="The first line of BWV 66.6. And then?"))
Score(line)

# %% [markdown]
# A *frame* is a 16th note, so the line has 16 frames, and we ask about frame 16 (we count from 0). The model `bach-studio` reads all 144 frames in one go, and scores for each cell every *token* that could stand there: `attack-73` strikes the note 73, `held-73` goes on with it. The scores are called **logits**; a softmax turns them into probabilities. (`ids[:, :-2]` are the frames before, `ids[:, 1:-1]` the frames themselves, from which each voice knows the voices above it.)

# %% tags=["nbval-check-output"]
checkpoint = load_checkpoint("bach-studio")
model, tokenizer = checkpoint.model, checkpoint.tokenizer
words = tokenizer.vocabulary.tokens
ids = torch.from_numpy(tokenizer.encode(piece))[None]
told = torch.from_numpy(checkpoint.conditions.encode(piece))[None]
with torch.inference_mode():
    logits = model(ids[:, :-2], told, ids[:, 1:-1])[0]
now = logits[16, 0].softmax(dim=-1)  # frame 16, soprano
print("frame, voice, token:", tuple(logits.shape))

# %%
pitches = [int(word.split("-")[1]) if "-" in word else -1 for word in words]
held = [word.startswith("held") for word in words]
plot_keyboard(pitches, now, held=held, title="What may the soprano sing next?")

# %% [markdown]
# Each bar stands on its piano key, and all bars add up to 1. **Was your note among them?** And where in the order is Bach's own?

# %%
bachs = ids[0, 17, 0]  # one later: the first row is the start token
rank = 1 + int((now > now[bachs]).sum())
print(f"Bach: {words[bachs]}, number {rank} in the model's list, {now[bachs]:.0%}")

# %%
Sound(piece.excerpt(0, 32), title="Bach's second line")

# %% [markdown]
# A distribution is not a note. Something has to *choose*, and that is what this notebook is about. The model stays the same throughout; only the choice changes.
#
# ## 12.2 Greedy: always the favourite
#
# The simplest choice is the highest bar. In the picture, what is taken away stays as a grey outline.

# %%
greedy = torch.zeros_like(now)
greedy[now.argmax()] = 1
plot_keyboard(pitches, {"greedy": greedy}, before=now, held=held, title="The favourite takes all")

# %% [markdown]
# **Predict:** every single choice is the best one. What will four bars sound like? First `bach-plain`, the plain Transformer of notebooks 8 and 9, which has no token for *held*: a pitch that goes on and a pitch that is struck again are the same to it.

# %%
stuck = compose(checkpoint="bach-plain", bars=4, top_k=1)
PianoRoll(stuck, title="bach-plain, greedy")

# %% [markdown]
# Then `bach-studio`, which goes on from Bach's line. (`top_k=1` is greedy: keep one.)

# %%
settings = {"prompt": piece, "prompt_bars": 1}
plodding = compose(bars=5, top_k=1, **settings)
Sound(plodding, title="bach-studio, greedy, after one line by Bach")

# %%
for label, music in (("bach-plain", stuck), ("bach-studio", plodding), ("Bach", piece)):
    chords = {tuple(frame) for frame in music.pitches.tolist()}
    print(f"{label:<12}{len(chords) / len(music) * 16:5.1f} different chords a bar")

# %% [markdown]
# **Explain:** in a 16th note, the likeliest thing is nearly always that nothing happens (notebook 3: three cells in four are held). Greedy *always* bets on it, and each bet makes the next one surer: a chord that has lasted a bar will probably last longer. One model stands still; the other, which has tokens for struck notes, plods from beat to beat and comes back to the same few chords.
#
# The likeliest *next note* at every step is not the likeliest *piece*, and the likeliest piece would not be a typical one: no chorale by Bach does the expected thing at every turn. Text models have the same illness; Holtzman and others (2020) call it *degeneration*.
#
# ## 12.3 Temperature: flatter or steeper
#
# So we draw at random, each token with its probability. **Temperature** $T$ bends the probabilities first: each is raised to the power $1/T$, then divided by the sum of all.
#
# $$p_i' = \frac{p_i^{1/T}}{\sum_j p_j^{1/T}}$$
#
# Above 1 the unlikely tokens gain; below 1 the likely ones do; towards 0 the choice becomes greedy.


# %% tags=["nbval-check-output"]
def bend(probabilities, temperature):
    """Flatten (above 1) or sharpen (below 1)."""
    powers = probabilities ** (1 / temperature)
    return powers / powers.sum()


every = logits.flatten(0, 1)  # all 576 cells of the piece
for t in (0.5, 1.0, 1.5):
    ours = torch.stack([bend(row.softmax(-1), t) for row in every])
    by_torch = torch.allclose(ours, (every / t).softmax(-1), atol=1e-5)
    by_library = torch.allclose(ours, apply_temperature(every, t).softmax(-1), atol=1e-5)
    print(t, by_torch, by_library)

# %% [markdown]
# Powers of probabilities are the same as dividing the logits by T; that is how it is usually written.

# %%
rows = {f"temperature {t}": bend(now, t) for t in (0.5, 1.0, 1.5)}
plot_keyboard(pitches, rows, before=now, held=held, title="One distribution, three temperatures")

# %% [markdown]
# **Predict:** which sounds braver, and which makes mistakes? One line by Bach, two by the model.

# %%
for t in (0.5, 1.5):
    display(Sound(compose(bars=3, seed=5, temperature=t, **settings), title=f"temperature {t}"))

# %% [markdown]
# **Explain:** at 0.5 the unlikely notes are gone, and all surprise with them. At 1.5 every draw is a small adventure, and there are hundreds of them.
#
# > **Exercise** [apply-temperature](../exercises/12_sampling_studio.ipynb#apply-temperature): bend logits, and give greedy at temperature 0 instead of dividing by it.
#
# ## 12.4 Cutting the tail: top-k, top-p, min-p
#
# Look at the lowest row of the last picture. Dozens of keys have a sliver each. No sliver is likely to be hit, but together they are, and a chorale has hundreds of draws. One absurd note, and all that follows has to make sense of it. So we cut the tail off *before* drawing. Three rules are common.
#
# **Top-k** keeps the k highest bars.


# %%
def keep(probabilities, wanted):
    """Set the others to 0, and let the rest add up to 1 again."""
    kept = probabilities.where(wanted, torch.zeros(()))
    return kept / kept.sum()


def top_k(probabilities, k):
    """Keep the k likeliest."""
    smallest = probabilities.sort(descending=True).values[k - 1]
    return keep(probabilities, probabilities >= smallest)


# %% [markdown]
# **Top-p**, also called *nucleus* sampling, keeps the fewest bars that *together* reach p. The bar that crosses the mark stays in.


# %%
def top_p(probabilities, p):
    """Keep the fewest likeliest tokens that together reach p."""
    ordered, order = probabilities.sort(descending=True)
    before = ordered.cumsum(0) - ordered  # what stands before each token
    wanted = torch.zeros_like(probabilities, dtype=torch.bool)
    wanted[order[before < p]] = True
    return keep(probabilities, wanted)


# %% [markdown]
# **Min-p** keeps what is at least so many times as likely as the favourite: with 0.2, a fifth of the highest bar.


# %%
def min_p(probabilities, share):
    """Keep what is at least ``share`` times as likely as the likeliest."""
    return keep(probabilities, probabilities >= share * probabilities.max())


# %% [markdown]
# Are they right? We hold them against the library, and top-k against `torch.topk` as well, on all 576 cells of the piece.


# %% tags=["nbval-check-output"]
def agree(ours, reference):
    """Compare two ways of filtering on every cell of the piece."""
    rows = torch.stack([ours(row.softmax(-1)) for row in every])
    return torch.allclose(rows, reference(every).softmax(-1), atol=1e-5)


def top_k_by_torch(scores):
    """Draw the line at the third largest score."""
    return scores.masked_fill(scores < scores.topk(3).values[:, -1:], -torch.inf)


print("top-k:", agree(lambda p: top_k(p, 3), lambda x: filters.top_k(x, 3)))
print("top-k, torch.topk:", agree(lambda p: top_k(p, 3), top_k_by_torch))
print("top-p:", agree(lambda p: top_p(p, 0.7), lambda x: filters.top_p(x, 0.7)))
print("min-p:", agree(lambda p: min_p(p, 0.2), lambda x: filters.min_p(x, 0.2)))

# %% [markdown]
# Now at temperature 1.5, where the tail is thick:

# %%
hot = bend(now, 1.5)
rows = {"top-k 3": top_k(hot, 3), "top-p 0.7": top_p(hot, 0.7), "min-p 0.2": min_p(hot, 0.2)}
title = "Three ways to cut the tail at temperature 1.5"
plot_keyboard(pitches, rows, before=hot, held=held, title=title)

# %%
for rule, value in (("top_k", 3), ("top_p", 0.7), ("min_p", 0.2)):
    tamed = compose(bars=3, seed=5, temperature=1.5, **{rule: value}, **settings)
    display(Sound(tamed, title=f"temperature 1.5, {rule} {value}"))

# %% [markdown]
# Compare with temperature 1.5 above, where nothing was cut. Which rule keeps the daring and drops the wrong notes?
#
# In one picture the three look alike. The difference shows over time. **Predict:** the model is sometimes sure and sometimes not. Which rules notice?

# %%
beats = logits[::4, 0].softmax(dim=-1)  # the soprano on each beat
canvas, axes = empty_plot("How many tokens are left?", "beat of BWV 66.6", "tokens to choose from")
for end in np.flatnonzero(np.diff(piece.fermatas, append=False) & piece.fermatas):
    axes.axvline((end + 1) / 4, color="#cccccc")
for rule, share, label, colour in ((top_p, 0.9, "top-p 0.9", 0), (min_p, 0.1, "min-p 0.1", 1)):
    left = [(rule(row, share) > 0).sum() for row in beats]
    axes.plot(left, color=SERIES_COLOURS[colour], label=label)
axes.axhline(5, color="#555555", linestyle="--", label="top-k 5")
axes.legend(frameon=False)
Figure(canvas, "Tokens left on each of 36 beats: top-k keeps 5; top-p and min-p rise and fall.")

# %% [markdown]
# **Explain:** the grey lines mark where a line of the hymn ends. Just there the model is in doubt: a new line may begin anywhere. Top-k keeps five always: too many where only one note makes sense, too few after a fermata. Top-p and min-p follow the model's own doubt. They differ where the tail is thick: top-p counts it, min-p looks at the favourite alone.
#
# How much is too much? We can ask the model how *surprised* it is by a piece: minus the logarithm of the probability of what was written, the mean over all notes, in *nats* (notebook 4). **Predict:** which setting surprises it as much as real Bach, from chorales that it never saw?


# %%
def surprise(chorale):
    """Measure each note in nats."""
    ids = torch.from_numpy(tokenizer.encode(chorale))[None]
    told = torch.from_numpy(checkpoint.conditions.encode(chorale))[None]
    with torch.inference_mode():
        likely = model(ids[:, :-2], told, ids[:, 1:-1]).log_softmax(dim=-1)
    return -likely.gather(-1, ids[:, 1:-1, :, None]).flatten()


bach = torch.cat([surprise(one) for one in corpus("valid", progress=False)[:12]]).mean()
knobs = [{"top_k": 1}, {"temperature": 0.5}, {"temperature": 1.0}, {"temperature": 1.5}]
knobs += [{"temperature": 1.5, **cut} for cut in ({"top_k": 3}, {"top_p": 0.7}, {"min_p": 0.2})]
nats, spread = [], []
for knob in knobs:
    written = compose_many(checkpoint=checkpoint, candidates=16, bars=4, seed=1, **knob)
    each = -np.array([one.log_likelihood for one in written])
    nats.append(each.mean())
    spread.append(each.std(ddof=1) / 16**0.5)  # of the mean, from piece to piece

# %%
names = ["greedy", "0.5", "1.0", "1.5", "1.5, top-k", "1.5, top-p", "1.5, min-p"]
figure = plot_bars(
    names,
    nats,
    title=f"How surprising is it? The dashed line is Bach, {bach:.2f}",
    x="greedy, or temperature and cut",
    y="nats per note",
    alt=f"{', '.join(f'{name}: {nat:.2f}' for name, nat in zip(names, nats, strict=True))} nats",
)
figure.canvas.axes[0].axhline(bach, color="#555555", linestyle="--")
for name, nat, error in zip(names, nats, spread, strict=True):
    print(f"{name:<11}{nat:.2f} +- {2 * error:.2f}")
figure

# %% [markdown]
# **Explain:** greedy music hardly ever surprises the model, and Bach does: compare the dashed line with the bar at temperature 1, where the model draws by its own probabilities. Then compare the three bars on the right with the one at 1.5 without a cut, and with Bach. (Sixteen pieces each; the numbers after +- are two standard errors.) A cut that goes too far makes hot music tamer than Bach. Temperature 1 without cuts is our default. (The library bends first, then cuts.)
#
# > **Exercise** [top-k](../exercises/12_sampling_studio.ipynb#top-k): keep k tokens, also where several are equally likely.
#
# > **Exercise** [top-p](../exercises/12_sampling_studio.ipynb#top-p): keep the token that crosses p, and put the sorted order back.
#
# > **Exercise** [my-cut](../exercises/12_sampling_studio.ipynb#my-cut): invent a cut of your own, and hear it.
#
# ## 12.5 Drawing, and doing it again
#
# How does a computer draw? Put the bars end to end: together they make a ruler of length 1. Draw a random number between 0 and 1, and see in which bar it falls.


# %% tags=["nbval-check-output"]
def draw(probabilities, chance):
    """See in which bar of the ruler a random number falls."""
    ruler = probabilities.cumsum(0)
    return torch.searchsorted(ruler / ruler[-1], torch.rand(1, generator=chance), right=True)


chance = torch.Generator().manual_seed(0)
hits = torch.cat([draw(now, chance) for _ in range(20_000)])
theirs = sample_next(now.log().expand(20_000, -1), chance)
for drawn in (hits, theirs):
    shares = drawn.bincount(minlength=len(words)) / len(drawn)
    close = bool((shares - now).abs().max() < 0.02)
    print("within 2 percent of the bars:", close)

# %% [markdown]
# The random numbers come from a `Generator`, which we *pass in*. It starts from a **seed**; the same seed, the same numbers. A global `torch.manual_seed` would do until somebody else draws in between.
#
# So model, seed and settings fix the piece, and fit on one line: a **recipe**.

# %% tags=["nbval-check-output"]
mine = compose(bars=3, seed=5, temperature=1.2, top_p=0.9, **settings)
print(mine.source)
again = replay(mine.source)
print("the same piece:", again == mine)

# %% [markdown]
# The twelve digits after `@` are a fingerprint of the model's weights. With another model the recipe refuses, rather than play you something else. (Another kind of processor rounds differently; then, rarely, a note may differ.)
#
# > **Exercise** [sample-next](../exercises/12_sampling_studio.ipynb#sample-next): draw from each row, with the generator that was given.
#
# ## 12.6 A grammar: only what can be decoded
#
# Some rows of tokens make no sense. `held-60` after `attack-64` holds a note that nobody sings. `start` in the middle is no music. Our decoder mends such things (notebook 3), but then what you hear is not what was drawn. Better never to draw it. The whole grammar of one voice:


# %% tags=["nbval-check-output"]
def may_follow(previous, word):
    """Say whether a token may follow another in the same voice."""
    kind, _, pitch = word.partition("-")
    if kind == "held":
        return previous.endswith(f"-{pitch}")
    return kind in ("attack", "rest")


allowed = torch.tensor([[may_follow(a, b) for b in words] for a in words])
inside = torch.arange(len(words)) != tokenizer.end_id  # nothing follows the end
theirs = Grammar(tokenizer).without_end
print(torch.equal(allowed[inside], theirs[inside]))

# %% [markdown]
# Now the loop that writes. For each frame the *trunk* of the model sums up the past; then the four voices are drawn one by one, each knowing those above it. The mask stands *before* the draw: a forbidden token gets the score minus infinity, so its bar vanishes and the others share its place.


# %%
def choose(scores, before, chosen, chance, masked):
    """Draw the next voice of a frame; ``before`` is the frame before it."""
    if masked:
        scores = scores.masked_fill(~allowed[before[:, chosen.shape[1]]], -torch.inf)
    return torch.cat([chosen, sample_next(scores, chance)[:, None]], dim=1)


# %%
@torch.inference_mode()
def write(model, conditions, seed, masked=True, cached=True):
    """Write a piece, frame by frame; also say how long each frame took."""
    frames, chance = len(conditions), torch.Generator().manual_seed(seed)
    rows, seconds = torch.full((1, 1, 4), tokenizer.start_id), []
    cache = model.new_cache(max_seq=frames) if cached else None  # see 12.7
    for frame in range(frames):
        start = perf_counter()
        told = conditions[None, : frame + 1]
        memories = model.memories(rows, told, cache.length if cached else 0)  # notebook 10
        hidden = model.trunk(rows, told, cache, memories)[:, -1]
        chosen = rows[:, 0, :0]  # nobody yet
        while chosen.shape[1] < 4:
            scores = model.next_voice(hidden, memories, chosen)
            chosen = choose(scores, rows[:, -1], chosen, chance, masked)
        rows = torch.cat([rows, chosen[:, None]], dim=1)
        seconds.append(perf_counter() - start)
    return rows[0, 1:], seconds


# %% [markdown]
# Does it write what the library writes?

# %% tags=["nbval-check-output"]
short = torch.from_numpy(Plan(bars=4).ids(checkpoint.conditions))
chance = torch.Generator().manual_seed(1)
library = generate(model, tokenizer, frames=64, generator=chance, conditions=short)
theirs = torch.cat([frame.tokens for frame in library])
print(torch.equal(write(model, short, seed=1)[0], theirs))

# %% [markdown]
# **Predict:** we take the mask away. How many of 256 tokens break the grammar: by our model, and by one with random weights that has learnt nothing?

# %%
tables = (torch.from_numpy(table) for table in (tokenizer.pitches(), tokenizer.held()))
untrained = Singer(model.config, *tables).eval()
for label, composer in (("trained", model), ("untrained", untrained)):
    for masked in (False, True):
        tokens, _ = write(composer, short, seed=1, masked=masked)
        broken = sum(~allowed[a, b].numpy() for a, b in zip(tokens[:-1], tokens[1:], strict=True))
        print(f"{label:<10} mask {masked!s:<6} {int(broken.sum()):>4} forbidden tokens")
Sound(tokenizer.decode(tokens[:16].numpy()), title="no training, perfect grammar")

# %% [markdown]
# **Explain:** compare the two rows without a mask. Training taught the grammar nearly or wholly by itself, and the mask is there for hot temperatures and unlucky draws. With the mask, even the untrained model writes nothing but legal tokens, and it is still no music: a grammar says what *can* be sung, not what is worth singing.
#
# > **Exercise** [grammar-mask](../exercises/12_sampling_studio.ipynb#grammar-mask): mend one that never breaks a rule, and still writes one note far too often.
#
# ## 12.7 The cache: the same notes, sooner
#
# To write frame 100, the model looks back at frames 0 to 99. But it looked at them for frame 99, too. In attention, a past frame's *keys* and *values* (notebook 6) never change, since no frame may look ahead. So we keep them: the **KV cache**. Then each frame is read only once.
#
# **Predict:** 256 frames. How many frame readings does the cache save, and how much faster will it be?

# %% tags=["nbval-check-output"]
conditions = torch.from_numpy(Plan(bars=16).ids(checkpoint.conditions))
with_cache, quick = write(model, conditions, seed=1)
without, slow = write(model, conditions, seed=1, cached=False)
print("the same tokens:", torch.equal(with_cache, without))

# %%
frames = len(conditions)
print(f"frames read without cache: {sum(range(1, frames + 1))}, with: {frames}")
print(f"{sum(slow):.1f} s without, {sum(quick):.1f} s with: {sum(slow) / sum(quick):.1f} times")

# %%
canvas, axes = empty_plot(
    "The past gets longer", "bar", "milliseconds per frame, median of the bar"
)
for label, seconds, colour in (("no cache", slow, 0), ("cache", quick, 1)):
    typical = np.median(np.reshape(seconds, (16, 16)), axis=1) * 1000
    axes.plot(range(1, 17), typical, marker="o", color=SERIES_COLOURS[colour], label=label)
axes.set_ylim(0)
axes.legend(frameon=False)
first, last = (np.median(slow[at : at + 32]) * 1000 for at in (0, frames - 32))
alt = f"Milliseconds per frame without a cache: {first:.1f} in the first bars, {last:.1f} in the last."
Figure(canvas, alt)

# %% [markdown]
# **Explain:** the notes are the same, by construction. The time is not 128 times less. Most of a step here is fixed cost: four voices are drawn one after another either way, and for a model this small a processor spends longer on starting its many little tasks than on their arithmetic. But without a cache each frame has more to read than the last, and the upper curve climbs. (Small steps up and down are noise: the machine does other things, too.) With longer pieces and bigger models the gap decides.
#
# > **Exercise** [generate-cached](../exercises/12_sampling_studio.ipynb#generate-cached): write with a cache, and prove that the tokens stay the same.
#
# ## 12.8 As it is written
#
# Nobody has to wait for the last bar to hear the first one. `compose_stream` hands out each frame as soon as it stands; the studio draws and plays them as they come.

# %%
start = perf_counter()
for number, sounding in enumerate(compose_stream(bars=4, seed=6)):
    if number in (0, 1, 16, 63):
        print(f"after {perf_counter() - start:.2f} s: frame {number}, pitches {sounding}")

# %% [markdown]
# Four bars last twelve seconds at our tempo. The model writes faster than the choir sings.
#
# ## 12.9 The studio
#
# All of it, with controls. On the first tab: temperature, top-k, top-p and min-p; seed, length and key; where lines end; a piece to begin with; and a tick for a mask like that of 12.6, against parallel fifths and octaves (notebook 13 tells what they are). Move, press **Compose**, listen. *Compare with the take before* plays two settings in turn. *Show how surprised the model is* tints each note by its nats, and a click on a note shows what else came into question. The tab *Rewrite* writes marked notes anew, given all others. Unfold the recipe, and send the best piece to a friend.
#
# **Predict**, for each control: what will change if you move only this one?

# %%
Studio(seed=6, bars=4, prompts={"BWV 66.6, by Bach": piece})

# %% [markdown]
# ## In three lines
#
# - A model gives a distribution; temperature bends it, top-k, top-p and min-p cut its tail, a seed makes the draw repeatable.
# - Greedy choice is dull by nature; wild choice needs a tail cut, and the best cuts follow the model's own doubt.
# - A mask before the draw keeps music legal; a cache makes writing quicker and changes no note.
#
# ## Check yourself
#
# **1.** Why does greedy choice get stuck?
#
# <details><summary>a) The model is badly trained</summary>No. The same model writes well when it draws at random.</details>
# <details><summary>b) The favourite is mostly "go on", and going on makes itself likelier</summary>Yes. Each held frame is evidence for one more.</details>
# <details><summary>c) The seed is always the same</summary>No. Greedy choice draws nothing, so it has no use for a seed.</details>
#
# **2.** One token has probability 0.95. What does top-p with p = 0.9 keep?
#
# <details><summary>a) Nothing: 0.95 is more than 0.9</summary>No. The token that crosses the mark always stays in.</details>
# <details><summary>b) That token alone</summary>Yes. It reaches 0.9 by itself. Top-k with k = 5 would keep four more.</details>
# <details><summary>c) As many as make exactly 0.9</summary>No. Tokens are not cut in half.</details>
#
# **3.** Min-p is 0.1, and the favourite has 0.3. Which tokens stay?
#
# <details><summary>a) Those of at least 0.1</summary>No. The share is of the favourite, not of everything.</details>
# <details><summary>b) Those of at least 0.03</summary>Yes. A tenth of 0.3.</details>
# <details><summary>c) The likeliest tenth of the vocabulary</summary>No. That would be a kind of top-k.</details>
#
# **4.** What must be the same for a recipe to give the same piece?
#
# <details><summary>a) The seed</summary>It must be, but another temperature or model would write other notes.</details>
# <details><summary>b) Model, seed and all settings</summary>Yes. That is why the line holds them all, with the model's fingerprint.</details>
# <details><summary>c) The time of day</summary>No. Nothing here looks at a clock.</details>
#
# **5.** (Looking back to notebook 6.) Why may the keys and values of past frames be kept?
#
# <details><summary>a) They are small</summary>No. For long pieces they take most of the memory; they may be kept for another reason.</details>
# <details><summary>b) No frame looks ahead, so a new frame changes nothing of the old ones</summary>Yes. The causal mask is what makes the cache exact.</details>
# <details><summary>c) The queries of new frames do not need them</summary>No. They need just these: that is what attention looks at.</details>
#
# ## Read on
#
# - Holtzman and others (2020), [The Curious Case of Neural Text Degeneration](https://arxiv.org/abs/1904.09751): why likeliest is dull; top-p.
# - Fan, Lewis and Dauphin (2018), [Hierarchical Neural Story Generation](https://arxiv.org/abs/1805.04833): top-k.
# - Nguyen and others (2024), [Turning Up the Heat](https://arxiv.org/abs/2407.01082): min-p.
# - Ackley, Hinton and Sejnowski (1985), [A Learning Algorithm for Boltzmann Machines](https://doi.org/10.1207/s15516709cog0901_7): temperature, from physics to networks.
# - Shazeer (2019), [Fast Transformer Decoding](https://arxiv.org/abs/1911.02150): why writing waits for memory, and a smaller cache.
#
# **What you can do now that you could not do before:** take any model's next-note distribution, choose from it in five ways that you built, keep the output legal, and send the result as one line.
#
# [← 11 · On the GPU, and on several](11_gpu.ipynb) · [13 · Did it work? →](13_did_it_work.ipynb)
