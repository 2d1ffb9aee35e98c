# %% [markdown]
# # 20 · Words to music
#
# [← 19 · Smaller and faster](19_smaller_and_faster.ipynb) · [Exercises 20](../exercises/20_words_to_music.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/20_words_to_music.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/20_words_to_music.ipynb) · [All notebooks](../README.md) · [21 · Capstone →](21_capstone.ipynb)
#
# > **You will**
# > - measure a piece, and write a caption that says what you measured,
# > - build and train a reader that finds in a sentence what it asks for,
# > - tell a singer what was asked, and exaggerate it (classifier-free guidance),
# > - measure whether the model obeys, attribute by attribute, against controls,
# > - draw a curve, and let the soprano follow it.
# >
# > **You need** notebooks 6, 8 and 10 (attention, the Transformer, the singer), 12 for sampling, and 13 for intervals.
# >
# > **Time:** about 45 minutes to read and listen, about 60 seconds to run on two processor cores.
# >
# > **You will hear** a model that was asked for something calm in minor, and a melody drawn as a picture.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import csv
import io

import matplotlib.image
import numpy as np
import torch
from einops import einsum, rearrange
from IPython.display import display
from safetensors.torch import load_file
from torch import nn
from torch.nn.functional import cross_entropy, pad

from musiclab import Sound, corpus, load_checkpoint, nats_per_note
from musiclab.checkpoint.load import SHIPPED
from musiclab.evaluate import bootstrap_interval, wilson_interval

# %%
from musiclab.model import Stack, TransformerConfig
from musiclab.music.chorale import REST, attacks_from_pitches
from musiclab.music.keys import rank_keys, spoken_key, tonic_name, tonic_pitch_class
from musiclab.sampling import Settings, generate
from musiclab.show import Figure, PianoRoll, empty_plot
from musiclab.singer import Singer, SingerConfig
from musiclab.singer.memories import N_INTERVALS
from musiclab.tokens import GridTokenizer

torch.set_num_threads(1)
_ = torch.manual_seed(0)

# %% [markdown]
# ## 20.1 What would you ask for?
#
# Here are two lines from each of two chorales by Bach. **Listen**, and think of a sentence for each that somebody could have asked Bach to fulfil.

# %%
valid = corpus("valid")
one, other = valid[63].excerpt(0, 64), valid[74].excerpt(224, 288)
display(Sound(one, title="First"), Sound(other, title="Second"))

# %% [markdown]
# "Something calm in minor, sung low" may be your first sentence. To *train* on sentences we need thousands of them, each beside its music. Nobody wrote them. So we measure the music, and write them ourselves.
#
# ## 20.2 Rulers
#
# Each attribute needs a **ruler**: a function that hears finished notes and gives a word. Ours hear
#
# - the **key** (which notes sound most), and in it the **mode**, major or minor,
# - the **metre**: three or four quarters in a bar,
# - the **length**,
# - the **density**: how many new pitches there are in a quarter note,
# - the **range**: where the soprano lies,
# - the **cadence**, which is how the last line ends: *home* on the tonic (the first note of the key), *half* on the fifth note, which wants to go on, or *open* elsewhere.


# %%
def measure(piece):
    """Hear every attribute of a piece but the metre."""
    pitches, words = piece.pitches, {}
    words["key"] = rank_keys(pitches, with_ending=False)[0][1]
    tonic, words["mode"] = words["key"].split()
    new = 4 * attacks_from_pitches(pitches).sum() / len(piece)
    tune = pitches[pitches[:, 0] != REST, 0].mean()
    for name, value, (low, high) in (
        ("length", len(piece), (40, 64)),
        ("density", new, (3.5, 4.15)),
        ("range", tune, (69.3, 71.8)),
    ):
        words[name] = list(WORDS[name])[int(value >= low) + int(value >= high)]
    degree = int(pitches[-1, 3] - tonic_pitch_class(tonic)) % 12
    return words | {"cadence": {0: "home", 7: "half"}.get(degree, "open")}


# %% [markdown]
# (The thresholds stand where Bach's lines fall apart into thirds, more or less. The ruler for the metre asks whether long notes come back every three quarters or every four. It stands in `benchmarks/captions.py`, with all that belongs to the table below.)
#
# A ruler decides what a word *means* here. "Calm" is "few new pitches", and no more.
#
# ## 20.3 Sentences
#
# Now say it in words, and in more than one way. Most values have two words, and each of four **wordings** has a phrase for each attribute.
#
# > **Exercise** [caption](../exercises/20_words_to_music.ipynb#caption): write sentences that can be read back, yourself first.

# %%
KNOWN = {
    "mode": ("in {}", "the key is {}", "a chorale in {}", "{} music"),
    "metre": ("in {}", "the metre is {}", "counted in {}", "{} time"),
    "length": ("a {} piece", "it is {}", "of {} length", "{}"),
    "density": ("{} movement", "the voices are {}", "{} and sung", "rather {}"),
    "range": ("a {} melody", "the soprano is {}", "the tune lies {}", "{} voices"),
    "cadence": ("with a {}", "it ends with a {}", "closing with a {}", "and a {} at last"),
}
NEW = {
    "mode": ("please write me something in {}", "i should love {} today"),
    "metre": ("so that i can count {}", "{} bars"),
    "length": ("make it {}", "for a {} while"),
    "density": ("let the parts be {}", "everything {}"),
    "range": ("keep the top line {}", "sopranos rather {}"),
    "cadence": ("and finish by a {}", "until we reach the {}"),
}
synonym = {"calm": "tranquil", "slow": "tranquil", "flowing": "ambling", "steady": "ambling"}
synonym |= {"lively": "bustling", "busy": "bustling"}

# %%
WORDS = {
    "mode": {"major": "major", "minor": "minor"},
    "metre": {"three": "3/4 three-four", "four": "4/4 four-four"},
    "length": {"short": "short brief", "medium": "medium mid-length", "long": "long extended"},
    "density": {"calm": "calm slow", "flowing": "flowing steady", "lively": "lively busy"},
    "range": {"low": "low deep", "middle": "middle central", "high": "high bright"},
    "cadence": {"home": "homecoming", "half": "question", "open": "surprise"},
}


def caption(told, random, say=KNOWN):
    """Say what is told in a sentence; a key is one word, such as d-minor."""
    wording, parts = random.integers(len(say["mode"])), []
    for name in random.permutation([one for one in told if one != "mode" or "key" not in told]):
        if name == "key":
            word = spoken_key(told["key"]).lower().replace(" ", "-")
        else:
            word = random.choice(WORDS[name][told[name]].split())
        parts.append(say["mode" if name == "key" else name][wording].format(word))
    return " , ".join(parts)


# %% tags=["nbval-check-output"]
random = np.random.default_rng(0)
print(*measure(one).values(), sep=", ")
for say in (KNOWN, KNOWN, NEW):
    print("-", caption(measure(one), random, say))

# %% [markdown]
# The last wording was **held out**: no training sentence is phrased so. A model that obeys only wordings which it knows has learnt forms, and not words.
#
# ## 20.4 A reader
#
# How does a sentence become music? Large systems take an encoder that has read half the internet. We have none; but sentences cost us nothing. So we train a reader on sentences alone: for each attribute it chooses a value, or "not said". MuseCoco (Lu and others, 2023) works in these two stages.
#
# Words become numbers; what was never read in training is *unknown*.

# %%
KEYS = [f"{tonic_name(sharps, mode)} {mode}" for mode in WORDS["mode"] for sharps in range(-5, 7)]
KEYS.sort(key=lambda key: (key.split()[1], tonic_pitch_class(key.split()[0])))  # from C upwards
VALUES = {"key": KEYS} | {name: list(values) for name, values in WORDS.items()}
COLUMNS = [1 + len(values) for values in VALUES.values()]  # 0 is "not said"


# %%
def numbered(told):
    """Number what is told; 0 where nothing is."""
    return [1 + VALUES[name].index(told[name]) if name in told else 0 for name in VALUES]


# %%
def wish(random, share=1.0):
    """Draw what to ask for; half the time a mode without its key."""
    told = {name: random.choice(values) for name, values in VALUES.items()}
    kept = {name: value for name, value in told.items() if random.random() < share}
    kept.pop("key" if random.random() < 0.5 else "mode", None)
    return kept | ({"mode": kept["key"].split()[1]} if "key" in kept else {})


every = " ".join(caption(wish(random), random) for _ in range(3000)).split()
number = {word: place for place, word in enumerate(["<pad>", "<unknown>", *sorted(set(every))])}


def read_words(sentences, strew=0):
    """Number the words of sentences, pads behind them; strew some unknown words between."""
    rows = [[number.get(word, 1) for word in one.split()] or [1] for one in sentences]
    for row in rows:
        for _ in range(random.integers(strew + 1)):
            row.insert(random.integers(len(row) + 1), 1)
    longest = max(map(len, rows))
    return torch.tensor([row + [0] * (longest - len(row)) for row in rows])


# %% [markdown]
# The encoder is one block of the library's without a causal mask: all words see all words. Then each attribute looks for the words that matter to it (attention with one query for each attribute, notebook 6), and chooses.


# %%
class Reader(nn.Module):
    """Tell what a sentence says of each attribute."""

    def __init__(self, n_words, width=32):
        super().__init__()
        sizes = {"d_model": width, "n_layers": 1, "n_heads": 2, "dropout": 0.0}
        self.embed = nn.Embedding(n_words, width)
        self.stack = Stack(TransformerConfig(vocab_size=n_words, **sizes), causal=False)
        self.seek = nn.Linear(width, len(COLUMNS), bias=False)
        self.choose = nn.ModuleList(nn.Linear(width, values) for values in COLUMNS)

    def forward(self, words):
        real = rearrange(words > 0, "batch word -> batch word 1")
        x = self.stack(self.embed(words), visible=rearrange(real, "batch word 1 -> batch 1 1 word"))
        self.looked = self.seek(x).masked_fill(~real, -torch.inf).softmax(dim=1)
        mix = "batch word attribute, batch word width -> attribute batch width"
        found = einsum(self.looked, x, mix)
        return [choose(one) for choose, one in zip(self.choose, found, strict=True)]


# %% [markdown]
# Held-out wordings have words that no training sentence has. So we strew unknown words into the sentences, for the reader to learn that they say nothing.

# %%
reader, steps = Reader(len(number)), 300
optimiser = torch.optim.AdamW(reader.parameters(), lr=1e-2)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=steps)
for _ in range(steps):
    wishes = [wish(random, share=0.7) for _ in range(32)]
    words = read_words([caption(one, random) for one in wishes], strew=12)
    targets = torch.tensor([numbered(one) for one in wishes]).T
    loss = sum(cross_entropy(*pair) for pair in zip(reader(words), targets, strict=True))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    schedule.step()


@torch.no_grad()
def understand(sentences):
    """Choose the likeliest value of each attribute."""
    return torch.stack([scores.argmax(dim=-1) for scores in reader(read_words(sentences))], dim=1)


# %% [markdown]
# **Predict:** how often does it read a held-out wording rightly? And a known one in which each word for the density gave way to a synonym that it never met, such as "tranquil" for "calm"?


# %%
asked, draw = [wish(random) for _ in range(200)], np.random.default_rng(1)
known = [caption(one, draw) for one in asked]
trials = {"known": known, "held-out": [caption(one, draw, NEW) for one in asked]}
trials["synonyms"] = [" ".join(synonym.get(word, word) for word in one.split()) for one in known]

# %%
print(f"{'read rightly':<14}" + "".join(f"{name:>9}" for name in VALUES))
for what, sentences in trials.items():
    shares = (understand(sentences) == torch.tensor([*map(numbered, asked)])).float().mean(dim=0)
    print(f"{what:<14}" + "".join(f"{share:>9.0%}" for share in shares))

# %% [markdown]
# Wordings that it never saw cost little, and most in the metre. A word that it never saw is the end: it says "not said". (The other attributes kept their words.) This is what half the internet is good for.
#
# ## 20.5 Tell the singer
#
# The singer of notebook 10 has a place for such choices: each is a number told with every frame, has a vector, and the vectors are **added** where the frame enters the trunk. Two other ways are common: the words as a **prefix** before the music, in one sequence, or **cross-attention** to them (notebook 16). A wish that holds for the whole piece needs no looking up, so adding will do.
#
# > **Exercise** [prefix](../exercises/20_words_to_music.ipynb#prefix): try the first of these, and mind what the loss counts.

# %%
tokenizer = GridTokenizer()
sizes = {"d_model": 64, "n_layers": 2, "n_heads": 2, "max_seq": 128, "decays": (32,)}
told = {"condition_sizes": (96, *COLUMNS), "key_condition": 1}  # 96: the number of the frame
config = SingerConfig(vocab_size=tokenizer.vocab_size, n_relations=N_INTERVALS, **sizes, **told)

# %%
EXPERIMENTS = SHIPPED / "experiments"
singer = Singer(config, torch.from_numpy(tokenizer.pitches())).eval()
weights = load_file(EXPERIMENTS / "words" / "singer.safetensors")
_ = singer.load_state_dict({name: one.float() for name, one in weights.items()}, strict=False)
print(f"{sum(one.numel() for one in singer.parameters()):,} parameters")

# %% [markdown]
# `benchmarks/words.py` trained it, on one to three lines at a time. In 15 % of the examples nothing was said: we shall need that soon. In another 15 % the whole *past* was hidden: after a few notes the music itself tells its key and its range, and a model that always hears it has little reason to listen to anybody.
#
# What is a caption worth? Give the model lines of validation pieces, told what was measured of them, told what was measured of another, and told nothing.
#
# **Predict:** which is worst?

# %%
lines = [piece.excerpt(0, 64) for piece in valid if len(piece) > 64]
own = torch.tensor([numbered(measure(line)) for line in lines])
offered = {"its own": own, "another's": own.roll(1, dims=0), "none": torch.zeros_like(own)}


@torch.no_grad()
def surprise(line, said):
    """Nats per note of a line, given what is said of it."""
    frames = torch.from_numpy(tokenizer.encode(line)[:-1])[None]
    told = torch.cat([torch.arange(64)[:, None], said.expand(64, -1)], dim=1)[None]
    scores = singer(frames[:, :-1], told, frames[:, 1:]).log_softmax(dim=-1)
    return -scores.gather(-1, frames[:, 1:, :, None]).mean().item()


for whose, choices in offered.items():
    costs = [surprise(line, said) for line, said in zip(lines, choices, strict=True)]
    low, high = bootstrap_interval(costs)
    print(f"{whose:<10} caption: {np.mean(costs):.3f} nats per note ({low:.3f} to {high:.3f})")


# %% [markdown]
# **Explain:** its own caption makes Bach's notes likelier, and another's is worse than silence. So the singer listens. But do not put the first figure on the ladder of notebook 5: that caption was written by somebody who had seen the answer.
#
# ## 20.6 Exaggerate
#
# A model may listen, and only a little. Since it can also write when nothing is said, ask twice, and go *past* the answer with the wish, away from the one without:
#
# $$\text{scores} = \text{without} + s \cdot (\text{with} - \text{without})$$
#
# At $s = 0$ nobody asks, at $s = 1$ the model is as trained, and above that it exaggerates. This is **classifier-free guidance** (Ho and Salimans, 2022), which many image generators use. Every piece stands twice in the batch, so that the library's own decoding loop writes it.


# %%
def twice(rows):
    return torch.cat([rows, rows])


# %%
class Guided(nn.Module):
    """Read the past twice: with what is told, and without."""

    def __init__(self, model, said, scale):
        super().__init__()
        self.model, self.config, self.scale = model, model.config, scale
        self.said = torch.cat([said, torch.zeros_like(said)])[:, None]
        self.new_cache = lambda batch, frames: model.new_cache(2 * batch, frames)

    def both(self, previous, frames):
        said = self.said.expand(-1, frames.shape[1], -1)
        return twice(previous), torch.cat([twice(frames[..., :1]), said], dim=-1)

    def memories(self, previous, frames, first=0):
        return self.model.memories(*self.both(previous, frames), first)

    def trunk(self, previous, frames, cache, memories):
        hidden = self.model.trunk(*self.both(previous, frames), cache, memories)
        return torch.stack(hidden.chunk(2), dim=-1)


# %% [markdown]
# That prepares it. The idea itself is the last line here:


# %%
class Guided(Guided):
    def next_voice(self, hidden, memories, chosen):
        both = torch.cat(hidden.unbind(dim=-1))
        told, untold = self.model.next_voice(both, memories, twice(chosen)).chunk(2)
        return untold + self.scale * (told - untold)


# %%
@torch.inference_mode()
def write(model, tokenizer, told, pieces, seed, **options):
    """Let the library write with any model that has a trunk and a head."""
    options |= {"generator": torch.Generator().manual_seed(seed), "batch": pieces}
    options |= {"settings": Settings(temperature=0.9, rules=("parallels",))}
    written = list(generate(model, tokenizer, frames=len(told), conditions=told, **options))
    tokens = torch.stack([frame.tokens for frame in written], dim=1)
    return [tokenizer.decode(piece.numpy()) for piece in tokens]


def ask(*sentences, scale=3.0, seed=0):
    """Write a piece for each sentence."""
    frames = pad(torch.arange(80)[:, None], (0, len(COLUMNS)))
    model = Guided(singer, understand(sentences), scale)
    return write(model, tokenizer, frames, len(sentences), seed, may_end_after=16)


# %% [markdown]
# **Predict:** will you hear which sentence is which?

# %%
sentences = [
    "please write me something slow in d-minor , deep and long",
    "lively , high , in g-major",
]
for sentence, piece in zip(sentences, ask(*sentences, seed=4), strict=True):
    display(Sound(piece, title=sentence))
    print(*measure(piece).values(), sep=", ")

# %% [markdown]
# ## 20.7 Does it obey?
#
# Two pieces prove nothing. `benchmarks/words.py` made 144 wishes, each for every attribute at once, every value alike likely. It said them in held-out wordings to singers from three seeds, and judged what came. The controls:
#
# - *dealt anew*: the same pieces, each judged by another one's wish. That is what chance would obey;
# - *untold*: a singer to which nothing was ever said;
# - *shuffled*: a singer that was told the attributes of other pieces in its training (both from one seed).
#
# **Predict:** which attribute will it obey best, and which worst?
#
# > **Exercise** [obedience](../exercises/20_words_to_music.ipynb#obedience): a report on such a trial is too good to be true. Mend it.

# %%
with (EXPERIMENTS / "words.csv").open(newline="") as file:
    rows = list(csv.DictReader(file))
SCALES = (0.0, 1.0, 2.0, 3.0, 5.0)


def share(singer, attribute, column="hits", wording="held-out", scale=3.0, **more):
    place = {"singer": singer, "attribute": attribute, "wording": wording, "scale": str(scale)}
    mine = [row for row in rows if (place | more).items() <= row.items()]
    return sum(float(row[column]) for row in mine), sum(int(row["asked"]) for row in mine)


print(
    f"{'':<9}{'obeyed (95 %)':>18}{'dealt anew':>12}{'untold':>8}{'shuffled':>10}{'synonyms':>10}"
)
for name in VALUES:
    hits, times = share("words", name)
    low, high = wilson_interval(int(hits), times)
    others = [share("none", name), share("shuffled", name), share("words", name, wording="strange")]
    told = "".join(f"{n / of:>9.0%}" for n, of in [share("words", name, "dealt"), *others])
    print(f"{name:<9}{hits / times:>6.0%} ({low:>4.0%} -{high:>4.0%}){told}")

# %% [markdown]
# The key is obeyed nearly always. Density, range and length are obeyed about twice as often as by chance. The cadence is obeyed a little more often than by chance, and the metre and the mode not at all, as far as these counts can tell. Both controls stay near chance; so what was obeyed came from the words. With synonyms the wish is lost already in the reader, but for the key, which has none here.
#
# **Explain** the mode: Bach's minor is not a set of notes. It is a set of notes *above a tonic*. Who asks for "minor" and names no tonic gives the singer nothing that it could look up. The cure costs nothing: name any minor key, and it comes.
#
# And the metre? Only one piece in nine has three quarters in a bar, and its ruler is the weakest of all. More than that the figures do not say. (The file also tells what Bach does unasked.)
#
#
# How much should one exaggerate?

# %%
canvas, axes = empty_plot("The louder it is said", "guidance scale", "share obeyed")
for name in VALUES:
    axes.plot(SCALES, [np.divide(*share("words", name, scale=one)) for one in SCALES], label=name)
axes.legend(ncols=2)
Figure(canvas, f"Key at scale 1: {np.divide(*share('words', 'key', scale=1.0)):.0%} obeyed.")

# %% [markdown]
# Nobody asks at 0, and chance is all there is. As trained, at 1, the singer listens with half an ear. The way from 1 to 3 is what guidance is for. What does it cost? Look at the values apart, at the scales 1, 3 and 5:

# %%
for value, name in ((value, n) for n in ("length", "density", "range") for value in VALUES[n]):
    found = [share("words", name, scale=one, value=value) for one in (1.0, 3.0, 5.0)]
    print(f"{name:<8} {value:<8}" + "".join(f"{hits / times:>6.0%}" for hits, times in found))

# %% [markdown]
# **Explain:** the ends obey at 3 in four cases of five or more, and the middle in less than one of three; *flowing* obeys less, the louder it is asked. One can exaggerate what is low or high. But there is no exaggerated middle.
#
#
# ## 20.8 One word or two?
#
# Our captions say `d-minor`, in one word. Would "d" and "minor" not do, each with a vector, added like all others? One more singer was told so. The singer above has another help: it remembers the tonic that it is told as a note (notebook 10). To be fair, a third singer is told one word, without that help.
#
# **Predict:** which of the three will find the key?

# %%
told_how = {"tonic remembered": "words", "d-minor in one": "together", "d and minor apart": "apart"}
for what, kind in told_how.items():
    hits, times = share(kind, "key")
    low, high = wilson_interval(int(hits), times)
    print(f"{what:<18} {hits / times:>4.0%} ({low:.0%} to {high:.0%}) of {times} in the key asked")

# %% [markdown]
# We had expected one word to do it and two to fail. But neither finds the key more often than chance: what makes it obey is the *memory*. This singer judges notes by their intervals to notes that it remembers, so a tonic that is remembered counts at once, in every key. A vector that is added must teach it each of the 24 keys apart, and 900 steps were too few. (One seed each. In a longer training we would still bet on the one word: whether F or F-sharp belongs depends on "d" and "minor" at once, and a sum of two vectors cannot say "both".) *How* a wish is told can matter more than how loudly.
#
# ## 20.9 A sketch
#
# Words say little about a melody. A line on paper says it at once: up, and down again. Here is a picture, saved as a PNG and read again, as yours would be. **Which pixels are the melody?** In each column, the dark ones; their mean height is the pitch wished for.

# %%
paper = np.ones((60, 256))
for x in range(256):
    paper[int(50 - 40 * np.sin(np.pi * x / 255)) + np.arange(-2, 3), x] = 0  # a hill
matplotlib.image.imsave(png := io.BytesIO(), paper, cmap="gray", format="png")


# %%
def curve(picture, frames=64, low=62, high=76):
    dark = matplotlib.image.imread(picture)[..., 0] < 0.5
    drawn = np.flatnonzero(dark.any(axis=0))  # columns with a dark pixel; others lie between
    heights = [1 - np.flatnonzero(dark[:, x]).mean() / (len(dark) - 1) for x in drawn]
    return low + (high - low) * np.interp(np.linspace(0, len(dark[0]) - 1, frames), drawn, heights)


# %% tags=["nbval-check-output"]
png.seek(0)
hill = curve(png)
print(hill[::8].round(1))

# %% [markdown]
# (For a picture of your own, put its file's name in place of `png`. A list of numbers does as well.)
#
# Nothing is trained for it. `bach-studio` composes; where it chooses a soprano's note, each note loses `strength` nats for every semitone between it and the curve. It is a push, not a command: the other voices answer what the soprano sings.


# %%
class Sketched(nn.Module):
    """Draw the soprano towards a curve."""

    def __init__(self, model, pitches, wished, strength, silence=12.0):
        super().__init__()
        self.model, self.config, self.new_cache = model, model.config, model.new_cache
        self.memories, self.strength, self.frame = model.memories, strength, -1
        away = np.abs(pitches - np.array(wished)[:, None])  # frame token
        self.away = torch.tensor(np.where(pitches == REST, silence, away), dtype=torch.float32)

    def trunk(self, previous, *others):
        self.frame = previous.shape[1] - 1
        return self.model.trunk(previous, *others)

    def next_voice(self, hidden, memories, chosen):
        push = 0 if chosen.shape[1] else self.strength * self.away[self.frame]
        return self.model.next_voice(hidden, memories, chosen) - push


# %%
studio = load_checkpoint("bach-studio")
plan = torch.from_numpy(studio.conditions.plan(64, pickup=4))
curves = {"hill": hill, "valley": 138 - hill, "wave": 69 + 6 * np.sin(np.arange(64) / 5)}


def sing(wished, strength, pieces=6, seed=0, **options):
    """Let bach-studio write with a soprano that is drawn to a curve."""
    pitches = studio.tokenizer.pitches()
    model = Sketched(studio.model, pitches, wished, strength, **options)
    return write(model, studio.tokenizer, plan, pieces, seed)


def follow(pieces, wished):
    """Correlate each soprano with a curve, where it sings."""
    lines = [piece.pitches[:, 0] for piece in pieces]
    return [np.corrcoef(line[line != REST], wished[line != REST])[0, 1] for line in lines]


# %%
climb = sing(hill, 1.5, pieces=1, seed=2)[0]
PianoRoll(climb, title="A hill")

# %% [markdown]
# **Listen:** the melody climbs, and comes down. Does it follow, or do we hear what we wish to hear? We measure the correlation of soprano and curve: 1 is a perfect copy of its ups and downs. Controls: no push, and the correlation with *another* curve than the one drawn.
#
# **Predict:** what does it cost? `bach-grid` says how surprising the music is.

# %%
for strength in (0.0, 0.5, 1.0, 2.0):
    sung = [sing(wished, strength) for wished in curves.values()]
    own = np.concatenate([*map(follow, sung, curves.values())])
    another = np.concatenate([*map(follow, sung[1:] + sung[:1], curves.values())])
    nats = nats_per_note([piece.pitches for one in sung for piece in one], "bach-grid")
    low, high = bootstrap_interval(own)
    print(f"{strength} nats a semitone: {own.mean():>5.2f} ({low:>5.2f} to {high:.2f}), ", end="")
    print(f"another's curve {another.mean():>5.2f}, {nats:.2f} nats per note")

# %% [markdown]
# Without a push there is no correlation worth the name, and with it the soprano follows *its own* curve and no other. A gentle push costs next to nothing. A strong one costs more and more: some curves cannot be sung well.
#
#
# There was a trap. In our first version, a rest lay no semitones from anything, and paid nothing:

# %%
for silence in (0.0, 12.0):
    lines = [one.pitches[:, 0] for one in sing(hill, 2.0, silence=silence)]
    print(
        f"a rest pays {silence:>4} semitones: soprano silent {np.mean(np.array(lines) == REST):.0%}"
    )

# %% [markdown]
# Pushed hard, it fell silent now and then, and the correlation, which looks at sounding notes only, cannot notice. Whatever a push forgets to charge for becomes a way out. Look for such ways before you believe a figure.
#
# > **Exercise** [own-wish](../exercises/20_words_to_music.ipynb#own-wish): find a push of your own, and hear it.
#
# ## 20.10 What others can do, and this cannot
#
# - **Words to sound.** MusicLM (2023) and MusicGen (2023) write audio from sentences. Their text encoders come from training on vast amounts of text, or of music with text. So they know "tranquil", and "like rain on a roof". Ours knows the few words that we listed.
# - **Stable Audio Open** (2024) makes sound by diffusion, told by text and by a length in seconds, and steered by the guidance of section 20.6.
# - **Words to notes.** MuseCoco (2023) has our two stages, with many more attributes and many more pieces.
# - **Pictures and video.** V2Meow (2023) writes music for a silent video: each frame of the film becomes a vector. Our sketch has a rule for each pixel, which somebody wrote down. There, an encoder has learnt from many films what in a picture matters.
#
# How well they *obey*, attribute by attribute and against chance, you can ask of each of them.
#
# ## In three lines
#
# - Measured attributes make captions for music that nobody described, and the same rulers judge whether a model obeys.
# - Guidance goes past what a model does with a wish, away from what it does without.
# - Obedience is a share beside its controls: wishes dealt anew, a model told nothing, a model told nonsense.
#
# ## Check yourself
#
# **1.** A model writes 70 % of its pieces in minor. It obeys 70 % of the wishes for minor. Does it listen?
#
# <details><summary>a) Yes, 70 % is far above one half</summary>No. One half is not its chance. It writes so much minor anyway.</details>
# <details><summary>b) There is no sign of it</summary>Yes. Dealt anew, the wishes would be obeyed just as often.</details>
# <details><summary>c) No model can listen to a word</summary>No. Look at the key in section 20.7.</details>
#
# **2.** Why is the caption left out in some training examples?
#
# <details><summary>a) To save time</summary>No. An example costs the same without a caption.</details>
# <details><summary>b) So that the model can also write without, which guidance needs</summary>Yes. The difference of the two is what is exaggerated.</details>
# <details><summary>c) Because some pieces have no key</summary>No. Which examples go without is drawn by chance.</details>
#
# **3.** The reader reads "tranquil" as "not said". What would help?
#
# <details><summary>a) More training on the same captions</summary>No. The word never stands in them.</details>
# <details><summary>b) Captions, or an encoder trained elsewhere, that have the word</summary>Yes. A meaning must come from somewhere.</details>
# <details><summary>c) A larger guidance scale</summary>No. What was not read cannot be exaggerated.</details>
#
# **4.** Why must the push of a sketch charge for rests?
#
# <details><summary>a) Bach wrote no rests</summary>No. He did, though few in chorales.</details>
# <details><summary>b) Otherwise silence is the cheapest way through</summary>Yes. What costs nothing is taken.</details>
# <details><summary>c) Rests have no tokens</summary>No. They have one, without a pitch.</details>
#
# **5.** (Looking back to notebook 16.) Why does a wish for the whole piece need no cross-attention, while a melody to be harmonised does?
#
# <details><summary>a) The wish is the same in every frame</summary>Yes. Of the melody, each frame needs another part.</details>
# <details><summary>b) Cross-attention cannot read words</summary>No. Most models that read words use it.</details>
# <details><summary>c) The melody is shorter</summary>No. It is mostly longer than a sentence, and that is not the reason.</details>
#
# ## Read on
#
# - Ho and Salimans (2022), [Classifier-Free Diffusion Guidance](https://arxiv.org/abs/2207.12598).
# - Lu and others (2023), [MuseCoco](https://arxiv.org/abs/2306.00110): from words to attributes, from attributes to notes.
# - Agostinelli and others (2023), [MusicLM](https://arxiv.org/abs/2301.11325), and Copet and others (2023), [MusicGen](https://arxiv.org/abs/2306.05284): from words to sound.
# - Evans and others (2024), [Stable Audio Open](https://arxiv.org/abs/2407.14358).
# - Su and others (2023), [V2Meow](https://arxiv.org/abs/2305.06594): from video to music.
#
# **What you can do now that you could not do before:** steer a model with words and with a pencil, and say how well it obeys.
#
# [← 19 · Smaller and faster](19_smaller_and_faster.ipynb) · [21 · Capstone →](21_capstone.ipynb)
