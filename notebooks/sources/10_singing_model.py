# %% [markdown]
# # 10 · The model that sings
#
# [← 9 · Training](09_training.ipynb) · [11 · On the GPU, and on several →](11_gpu.ipynb) · [Exercises 10](../exercises/10_singing_model.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/10_singing_model.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/10_singing_model.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - turn the plain Transformer of notebook 8 into the model of notebook 0, a rung at a time,
# > - score every possible note by its *interval* to notes that the model remembers,
# > - build each memory by hand, and hold it against the library's,
# > - load the shipped weights into a class of your own, and write the same chorale, note for note.
# >
# > **You need** notebooks 6 to 9 (attention, positions, the Transformer, training).
# >
# > **Time:** about 40 minutes to read and listen, about 30 seconds to run on two processor cores.
# >
# > **You will hear** the plain model, three rungs on the way, the model that sings, and your own.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import csv
from contextlib import contextmanager
from statistics import mean

import torch
from einops import rearrange
from IPython.display import display
from torch import nn
from torch.nn.functional import pad

from musiclab import PianoRoll, Sound, compose, corpus, load_checkpoint, nats_per_note
from musiclab.checkpoint.load import SHIPPED
from musiclab.model import FeedForward, Stack
from musiclab.sampling import Plan, generate
from musiclab.show import Figure, empty_plot
from musiclab.singer.head import interval_scores, parallel_notes
from musiclab.singer.memories import longest_repeat, notes_before, pitch_class_profile, remember
from musiclab.singer.singer import OLDEST, PART, frames_held

_ = torch.manual_seed(0)

# %% [markdown]
# ## 10.1 Where we stand
#
# This is the plain Transformer that you built in notebook 8 and trained in notebook 9. It reads one note after another, soprano, alto, tenor, bass, and has learnt as much as it could from Bach's chorales:

# %%
Sound(compose(checkpoint="bach-plain", bars=4, seed=2), title="bach-plain")

# %% [markdown]
# And this is the model of notebook 0:

# %%
studio = load_checkpoint("bach-studio")
Sound(compose(bars=4, seed=2), title="bach-studio")

# %% [markdown]
# **Listen:** which of the two seems to know where home is? On paper they differ, too. `bach-grid` is the sister of `bach-studio` that is measured on bare pitches, so we can compare it with the plain model on chorales that neither has learnt from:

# %%
valid = [piece.pitches for piece in corpus("valid")[:8]]
for name in ("bach-plain", "bach-grid"):
    print(f"{name:<11}{nats_per_note(valid, name):.3f} nats per note")

# %% [markdown]
# What lies between them is the subject of this notebook: three ideas. One position per *frame*. Voices that hear each other. And notes that are heard by their *interval*.
#
# ## 10.2 One position per frame
#
# A 16-bar chorale in 4/4 has 256 sixteenths. The plain model needs four positions for each: 1,024. But the four notes of a sixteenth sound together. So we let one position hold the whole *frame*. Each voice's note becomes a short vector, and the vectors stand side by side.
#
# **Predict:** attention compares every position with every earlier one. How many times fewer pairs are there with 256 positions than with 1,024?

# %% tags=["nbval-check-output"]
piece = corpus("valid")[0].excerpt(0, 64)
tokens = torch.from_numpy(studio.tokenizer.encode(piece)[None])  # a start row, 64 frames, an end
previous, frames = tokens[:, :64], tokens[:, 1:65]  # what is heard, and what should follow
print("frames", tuple(frames.shape), " pairs:", (1024**2) // (256**2), "times fewer")

# %% [markdown]
# Now a position must predict four notes, not one. Four independent guesses would not do: an alto who does not know the soprano cannot make a chord with it. So the voices are written one after another, from the top, and each hears those above it. This is nothing but the chain rule of probability:
#
# $$p(\text{frame} \mid \text{past}) = \prod_{v\,=\,S, A, T, B} p(\text{note}_v \mid \text{notes above } v,\ \text{past})$$
#
# The blocks run once per frame, and a small *head* runs once per voice. **Predict:** we change the alto of every frame that is to be written, but nothing of the past. Whose scores change?

# %% tags=["nbval-check-output"]
model = studio.model.requires_grad_(False)
told = torch.from_numpy(studio.conditions.encode(piece)[None])  # beat, fermata, key, ...
changed = frames.clone()
changed[..., 1] = studio.tokenizer.rest_id
differs = (model(previous, told, frames) != model(previous, told, changed)).any(dim=(0, 1, 3))
for voice, moved in zip("SATB", differs.tolist(), strict=True):
    print(voice, "changes" if moved else "stays")

# %% [markdown]
# ## 10.3 Heard by their interval
#
# Here is the idea that makes the model sing. A soprano on D who moves to E makes the same *step*, a whole tone up, as one who moves from F to G. To the plain model these are four unrelated tokens, and each pair must be learnt by itself, in every key. There are only some 230 chorales to learn from.
#
# So let a candidate be scored by its interval to a note that the model remembers. Let $n$ be such a note, $c$ a candidate and $w$ a row of scores, one for each interval:
#
# $$\text{score}(c) = w_{\,\text{pitch}(c) - \text{pitch}(n)}$$
#
# Move $n$ and $c$ up by a third, and the score stays. What is learnt in one key serves in all, just as a convolution that has learnt an edge finds it anywhere in a picture. The row $w$ is not fixed: at each moment a linear layer makes it from what the blocks have found.
#
# > **Exercise** [interval-scores](../exercises/10_singing_model.ipynb#interval-scores): write it yourself first. What should a rest score?


# %%
def my_interval_scores(scores, weights, relation):
    """Add up what each candidate's relation to each remembered note is worth."""
    total = torch.zeros(relation.shape[-1])
    for note, weight in enumerate(weights):
        for candidate, number in enumerate(relation[note].tolist()):
            if number > 0:  # 0: a rest, which has no interval
                total[candidate] += weight * scores[note, number - 1]
    return total


# %% tags=["nbval-check-output"]
relation = model.tables.relation  # [note, candidate]: a number for each interval
heard = frames[0, 10]  # four notes that sound together
scores, weights = torch.randn(4, model.config.n_relations), torch.rand(4)
mine = my_interval_scores(scores, weights, relation[heard])
print("same:", torch.allclose(mine, interval_scores(scores, weights, relation[heard]), atol=1e-5))

# %% [markdown]
# What has `bach-studio` learnt to think of the intervals from the soprano's own last note? We read the row $w$ where the soprano is about to move, averaged over the piece.

# %%
with torch.no_grad():
    x = model.head.starts[0](model.trunk(previous, told))
    x = model.head.norm(x + model.head.feed_forward(model.head.feed_forward_norm(x)))
    worth = model.head.to_interval_scores[0](x).mean(dim=(0, 1))
steps = worth[: model.config.n_relations][24 - 12 : 24 + 13]  # an octave down to an octave up

# %%
best = int(steps.argmax()) - 12
alt = f"Bars: what each step of the soprano is worth; the highest is {best:+d} semitones."
canvas, axes = empty_plot("What is a step worth?", "step from the last note, in semitones", "score")
_ = axes.bar(range(-12, 13), steps.tolist(), color="#0072B2")
Figure(canvas, alt=alt)

# %% [markdown]
# Small steps score high and wide leaps low: melody, in one row of numbers. (A note that is held on has a relation of its own and is not in the picture.)
#
# > **Exercise** [interval-row](../exercises/10_singing_model.ipynb#interval-row): write such a row yourself, and hear what it sings.
#
# ## 10.4 Which notes are remembered?
#
# The voice's own last note is one. What else helps? Here is the whole list. Each entry is a note, or several, with a weight, and all are read by the one function above.
#
# | memory | notes | what it is good for |
# |---|---|---|
# | own newest note | 1 | the step |
# | the other voices' newest notes | 3 | not to collide with where they were |
# | notes before | 6 | the shape of a melody |
# | what followed last time | 2 | a piece repeats itself |
# | the tonic, if a key is asked for | 5 | to come home |
# | voices already written in this frame | 0 to 3 | the chord |
# | what would run parallel | 0 to 6 | a rule of the style |
# | histograms of pitch classes | 12, three times | the key, without being told |
# | what followed in other tunes (`bach-grid` only) | any number, as votes | Bach's turns of phrase |
#
# The last row is a memory of *other* pieces. Wherever the music so far agrees with a place in a training piece, in any key, the note that followed there gets a vote, and each further frame of agreement doubles it (`musiclab/singer/tunes.py`). Language models do the like and call it *retrieval* (Khandelwal and others 2020). `bach-studio`, which is to compose and not to quote, has none.
#
# ### Notes before
#
# In the grid a long note fills many frames. The melody before it is what remains when repetitions are taken out:
#
# > **Exercise** [notes-before](../exercises/10_singing_model.ipynb#notes-before): mend one that is right on most lines.


# %%
def my_notes_before(line, count=6):
    """Return the notes before the newest one, the last of them first."""
    sung = [note for note, then in zip(line, [None, *line], strict=False) if note != then]
    return (sung[:-1][::-1] + [sung[0]] * count)[:count]


# %% tags=["nbval-check-output"]
pitches = model.tables.pitches[frames]
bass = pitches[0, :, 3].tolist()
theirs = notes_before(pitches, pitches, 6)[0, :, 3].tolist()
print("same:", all(my_notes_before(bass[: t + 1]) == theirs[t] for t in range(64)))
print("at frame 40:", my_notes_before(bass[:41]))

# %% [markdown]
# ### A histogram that fades
#
# Count how often each pitch class has sounded, recent frames more. Then turn the histogram round so that it starts at the candidate. Seen from the tonic, the past looks alike in every key: the tonic itself often, the fifth above it often, the note a semitone above hardly ever.
#
# $$h_k(t) \propto \sum_{s \le t} e^{-(t-s)/\tau}\,[\text{pitch class } k \text{ sounds at } s]$$
#
# > **Exercise** [pitch-class-profile](../exercises/10_singing_model.ipynb#pitch-class-profile): the newest note weighs most; rests do not count.


# %%
def my_profile(pitches, decay):
    """Return the share of each pitch class, times 12 and less 1."""
    heard, now = torch.zeros(12), len(pitches) - 1
    for then, frame in enumerate(pitches.tolist()):
        for pitch in frame:
            if pitch >= 0:
                heard[pitch % 12] += torch.exp(torch.tensor((then - now) / decay))
    return 12 * heard / heard.sum() - 1


# %% tags=["nbval-check-output"]
theirs = pitch_class_profile(pitches, decay=32)[0, -1]
print("same:", torch.allclose(my_profile(pitches[0], 32), theirs, atol=1e-4))
names = "C C# D Eb E F F# G Ab A Bb B".split()
print("heard most:", [names[k] for k in theirs.argsort(descending=True)[:3]], "in", piece.key)

# %% [markdown]
# ### What followed last time
#
# Chorales repeat themselves. Find the longest passage before now that ends like the music so far. The frame after it is a good guess.
#
# > **Exercise** [longest-repeat](../exercises/10_singing_model.ipynb#longest-repeat): do not find yourself, and do not look ahead.


# %%
def my_longest_repeat(frames):
    """Return how many frames ago the longest agreement ended, and how long it is."""
    best_lag, best_length, now = 0, 0, len(frames) - 1
    for lag in range(1, now + 1):
        length = 0
        while length <= now - lag and frames[now - length] == frames[now - lag - length]:
            length += 1
        if min(length, 32) > best_length:
            best_lag, best_length = lag, min(length, 32)
    return best_lag, best_length


# %% tags=["nbval-check-output"]
whole = torch.from_numpy(studio.tokenizer.encode(corpus("valid")[0])[None, 1:-1])
lag, length = (found[0].tolist() for found in longest_repeat(whole))
rows = whole[0].tolist()
found = [my_longest_repeat(rows[: t + 1]) for t in range(len(rows))]
print("same:", all(n == length[t] and (n == 0 or f == lag[t]) for t, (f, n) in enumerate(found)))

# %% [markdown]
# ### What would run parallel
#
# Two voices a fifth apart that both move, and are a fifth apart again, run in *parallel fifths*. Bach avoids them, and octaves alike. Four notes make one: no interval between two notes can show it. But the note that *would* make it can be named: keep the distance to the voice above. It is remembered like any other note, and the model learns that its score is low.

# %% tags=["nbval-check-output"]
tables, id_of = model.tables, model.tables.token_of_pitch.tolist()
before = torch.tensor([[[id_of[67], id_of[60]]]])  # G over C, a fifth
chosen = torch.tensor([[[id_of[69]]]])  # the upper voice goes up to A
fifth, octave = parallel_notes(before, chosen, tables.pitches, tables.token_of_pitch)[0, 0]
print("would run in fifths:", studio.tokenizer.vocabulary.tokens[fifth])

# %% [markdown]
# ## 10.5 The ladder
#
# What is each idea worth? For every rung we trained a small model (64 numbers wide, 2 blocks) from three seeds, all in the same way. The trainings took some minutes, so they were run beforehand: `python -m benchmarks rungs` runs them again. Valid pieces, nats per note; lower is better.

# %%
with (SHIPPED / "rungs" / "rungs.csv").open(encoding="utf-8") as file:
    recorded = list(csv.DictReader(file))
rungs = list(dict.fromkeys(row["rung"] for row in recorded))
found = {rung: [float(r["valid"]) for r in recorded if r["rung"] == rung] for rung in rungs}
for rung in rungs:
    print(
        f"{rung:<11}{mean(found[rung]):.3f}  from {min(found[rung]):.3f} to {max(found[rung]):.3f}"
    )

# %%
alt = "; ".join(f"{rung} {mean(found[rung]):.3f}" for rung in rungs)
canvas, axes = empty_plot("A rung at a time", "", "nats per note on valid")
for place, rung in enumerate(rungs):
    axes.plot([place] * len(found[rung]), found[rung], "o", color="#D55E00")
_ = axes.set_xticks(range(len(rungs)), rungs, rotation=30)
Figure(canvas, alt=f"Three seeds on each rung, mean nats per note: {alt}.")

# %% [markdown]
# Each dot is one seed. Where the dots of two rungs overlap, three seeds cannot tell them apart. And a short training favours what is quickly learnt, so the shipped models need not show the same distances. **Predict**, before you listen: what will you miss most on the lowest of these three rungs?

# %%
for rung in ("frames", "intervals", "parallels"):
    music = compose(checkpoint=SHIPPED / "rungs" / rung, bars=4, seed=4)
    display(Sound(music, title=rung))

# %% [markdown]
# ## 10.6 Your own class
#
# Now you put it together. The names of the layers are the library's, so that the shipped weights fit. First, what the blocks read: each voice's note, how long it has been held, and its memories *relative to that note*, joined into one vector.


# %%
class MyReader(nn.Module):
    def __init__(self, config, tables):
        super().__init__()
        self.config, self.tables = config, tables
        self.embed = nn.Embedding(4 * config.vocab_size, PART)
        self.embed_held = nn.Embedding(4 * (OLDEST + 1), PART)
        self.embed_intervals = nn.Embedding(config.n_notes * (config.n_relations + 1), PART)
        self.embed_steps = nn.Linear(12 * len(config.decays), PART, bias=False)
        self.to_stream = nn.Linear(4 * PART, config.d_model, bias=False)
        told = config.condition_sizes
        self.embed_conditions = nn.ModuleList(nn.Embedding(size, config.d_model) for size in told)

    def memories(self, previous, conditions, first=0):
        return remember(previous, conditions, self.config, self.tables.pitches, first)


# %%
def read(self, previous, conditions, memories):
    """Describe every voice by its note and by what it remembers relative to that note."""
    voice, note = torch.arange(4), torch.arange(self.config.n_notes)
    x = self.embed(previous + self.config.vocab_size * voice)
    x = x + self.embed_held(frames_held(previous) + (OLDEST + 1) * voice)
    relation = self.tables.relation[memories.notes, previous[..., None]]
    vectors = self.embed_intervals(relation + (self.config.n_relations + 1) * note)
    x = x + (memories.weights[..., None] * vectors).sum(dim=-2)
    place = self.tables.pitch_class[previous].clamp(max=11)[..., None]
    x = x + self.embed_steps(memories.histograms.take_along_dim(place, dim=2))
    x = self.to_stream(rearrange(x, "batch seq voice part -> batch seq (voice part)"))
    told = zip(self.embed_conditions, conditions.unbind(-1), strict=True)
    return x + sum(embed(column) for embed, column in told)


MyReader.read = read

# %% [markdown]
# (A function can become a method afterwards. We use that to keep the cells short.) Then the head: start from what the blocks say, add the voices above, and score all candidates.


# %%
class MyHead(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, self.config = config.d_model, config
        self.starts = nn.ModuleList(nn.Linear(width, width) for _ in range(4))
        self.chosen = nn.Embedding(4 * config.vocab_size, width)
        self.feed_forward_norm, self.norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.feed_forward = FeedForward(width, 4 * width)
        self.to_logits = nn.Linear(width, config.vocab_size, bias=False)
        sizes = [(config.n_notes + 3 * voice) * config.n_relations for voice in range(4)]
        self.to_interval_scores = nn.ModuleList(nn.Linear(width, n, bias=False) for n in sizes)
        steps = 12 * len(config.decays)
        self.to_step_scores = nn.ModuleList(nn.Linear(width, steps, bias=False) for _ in range(4))


# %%
def next_voice(self, hidden, memories, chosen, tables):
    """Score every candidate of the next voice of one frame."""
    voice = chosen.shape[1]
    x = self.starts[voice](hidden)
    x = x + self.chosen(chosen + self.config.vocab_size * torch.arange(voice)).sum(dim=1)
    x = self.norm(x + self.feed_forward(self.feed_forward_norm(x)))
    newest = memories.notes[:, -1:, : voice + 1, 0]
    runs = parallel_notes(newest, chosen[:, None], tables.pitches, tables.token_of_pitch)[:, 0]
    notes = torch.cat([memories.notes[:, -1, voice], chosen, runs[:, : 2 * voice]], dim=1)
    weights = pad(memories.weights[:, -1, voice], (0, 3 * voice), value=1.0)
    scores = self.to_interval_scores[voice](x).unflatten(-1, (notes.shape[1], -1))
    by_class = (self.to_step_scores[voice](x)[:, None] * memories.histograms[:, -1]).sum(dim=-1)
    by_class = pad(by_class, (0, 1))[:, tables.pitch_class]  # the last place: no pitch
    return self.to_logits(x) + interval_scores(scores, weights, tables.relation[notes]) + by_class


MyHead.next_voice = next_voice


# %% [markdown]
# Last, the blocks between them: the stack of notebook 8, unchanged.


# %%
class MySinger(MyReader):
    def __init__(self, config, tables):
        super().__init__(config, tables)
        self.stack, self.head = Stack(config), MyHead(config)

    def trunk(self, previous, conditions, cache, memories):
        memories = self.memories(previous, conditions)  # no cache: read all, every time
        return self.stack(self.read(previous, conditions, memories))

    def next_voice(self, hidden, memories, chosen):
        return self.head.next_voice(hidden, memories, chosen, self.tables)


# %% [markdown]
# Do the shipped weights fit? And does your class write what the library's class writes? **Predict** before you run: which single slip above would be the hardest to hear?

# %% tags=["nbval-check-output"]
mine = MySinger(model.config, model.tables)
print(mine.load_state_dict(model.state_dict()))


# %%
def written_by(singer, bars=4, seed=2):
    plan = torch.from_numpy(Plan(bars=bars).ids(studio.conditions, seed=seed))
    chance = torch.Generator().manual_seed(seed)
    options = {"frames": len(plan), "conditions": plan, "generator": chance}
    return torch.cat([one.tokens for one in generate(singer, studio.tokenizer, **options)])


# %% tags=["nbval-check-output"]
ours, theirs = written_by(mine), written_by(model)
print("the same chorale, note for note:", torch.equal(ours, theirs))

# %%
PianoRoll(studio.tokenizer.decode(ours.numpy()), title="written by your class")

# %% [markdown]
# It is yours: not a model like the one of notebook 0, but that model.
#
# ## 10.7 What does what?
#
# The blocks hold only part of the weights. So who does the work? We silence one part at a time, without training again, and measure. Beware of what this can show: the other parts have learnt to rely on the silenced one, so the loss says how much is *missed*, not how well a model could do that never had it.


# %%
@contextmanager
def silenced(part, output):
    """Replace what a part of the model says, for a while."""
    hook = part.register_forward_hook(lambda module, given, said: output(given, said))
    yield
    hook.remove()


# %%
grid = load_checkpoint("bach-grid")
print(f"{'whole':<24}{nats_per_note(valid, grid):.3f}")
with silenced(grid.model.stack, lambda given, said: grid.model.stack.norm(given[0])):
    print(f"{'no blocks':<24}{nats_per_note(valid, grid):.3f}")
attentions = [block.attention for block in grid.model.stack.blocks]
hooks = [one.register_forward_hook(lambda module, given, said: 0 * said) for one in attentions]
print(f"{'no attention':<24}{nats_per_note(valid, grid):.3f}")
_ = [hook.remove() for hook in hooks]

# %%
for name, layers in (
    ("no interval scores", grid.model.head.to_interval_scores),
    ("no histograms", grid.model.head.to_step_scores),
    ("no score of its own", [grid.model.head.to_logits]),
    ("no other tunes", grid.model.head.to_vote_scores),
):
    hooks = [one.register_forward_hook(lambda module, given, said: 0 * said) for one in layers]
    print(f"{name:<24}{nats_per_note(valid, grid):.3f}")
    _ = [hook.remove() for hook in hooks]

# %% [markdown]
# **Explain:** compare the rows. In a corpus so small, most of what can be learnt lies in intervals to a few remembered notes; attention adds what no list of ours names. With a thousand times the music, one would rather let attention find the memories by itself, and large models do just that.
#
# ## In three lines
#
# - One position per frame and a chain of voices make the sequence four times shorter, with the same kind of probabilities.
# - A candidate that is scored by its interval to remembered notes is understood in every key at once.
# - All memories are notes with weights, read by one function; your class with the shipped weights writes the same chorale.
#
# ## Check yourself
#
# **1.** Why does a score by interval help so much with 230 chorales?
#
# <details><summary>a) It makes the model larger</summary>No. What counts is not how many weights there are, but what each of them learns from.</details>
# <details><summary>b) What is learnt in one key serves in all twelve</summary>Yes. Twelve times fewer things are to be learnt from the same music.</details>
# <details><summary>c) It hides the future</summary>No. That is the mask's work.</details>
#
# **2.** The tenor is to be written. Whose notes of the same frame does it hear?
#
# <details><summary>a) All three others</summary>No. The bass is not written yet.</details>
# <details><summary>b) None</summary>No. Then it could not complete a chord.</details>
# <details><summary>c) Soprano and alto</summary>Yes. The voices are written from the top.</details>
#
# **3.** Why does a rest get no interval score?
#
# <details><summary>a) It has no pitch, so no interval to anything</summary>Yes. It is scored by the layer that scores every token by itself.</details>
# <details><summary>b) Bach writes no rests</summary>No. He does, at the ends of lines for instance.</details>
# <details><summary>c) To save time</summary>No. It would cost nothing.</details>
#
# **4.** The model is asked for D minor. How does it know where home is?
#
# <details><summary>a) Only D minor scales are allowed</summary>No. Nothing is forbidden.</details>
# <details><summary>b) The tonic D is one of the notes that it remembers</summary>Yes. Every candidate is heard by its interval to it.</details>
# <details><summary>c) The first note must be D</summary>No. A chorale often starts on another note.</details>
#
# **5.** (Looking back to notebook 7.) Rotary positions make attention depend on distances only. What is the likeness to interval scores?
#
# <details><summary>a) Both add numbers to the embeddings</summary>No. Neither of them adds anything there.</details>
# <details><summary>b) Both depend on a difference, not on a place: of time there, of pitch here</summary>Yes. Shift everything, and nothing changes.</details>
# <details><summary>c) Both need sines and cosines</summary>No. Only rotary positions use them.</details>
#
# ## Read on
#
# - Huang and others (2018), [Music Transformer](https://arxiv.org/abs/1809.04281): relative attention in time and pitch.
# - Krumhansl and Kessler (1982), [Tracing the dynamic changes in perceived tonal organization](https://doi.org/10.1037/0033-295X.89.4.334): keys as profiles of pitch classes.
# - Khandelwal and others (2020), [Generalization through Memorization](https://arxiv.org/abs/1911.00172): a language model that looks up what followed elsewhere.
# - Olsson and others (2022), [In-context Learning and Induction Heads](https://arxiv.org/abs/2209.11895): how attention learns to look for what followed last time.
# - Welleck and others (2020), [Neural Text Generation with Unlikelihood Training](https://arxiv.org/abs/1908.04319): how `bach-studio` was kept from parallels.
#
# **What you can do now that you could not do before:** build a model that knows something about its subject, say what each piece of that knowledge is worth, and prove that your own class is the one that sings.
#
# [← 9 · Training](09_training.ipynb) · [11 · On the GPU, and on several →](11_gpu.ipynb)
