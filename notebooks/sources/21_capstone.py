# %% [markdown]
# # 21 · Capstone
#
# [← 20 · Words to music](20_words_to_music.ipynb) · [Exercises 21](../exercises/21_capstone.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/21_capstone.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/21_capstone.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - read a collection of your own choice, and say what was dropped on the way,
# > - find tunes that are relatives, and keep each family on one side of the split,
# > - train a model, hold it against one that only counts, and open the test set once,
# > - write a report, a model card, and a concert page that plays without a network,
# > - say whose music it is, and what the training cost.
# >
# > **You need** notebooks 3, 5, 9 and 12 (tokens, a fair test, training, sampling); 13 and 14 help.
# >
# > **Time:** about 45 minutes to read and listen, about 75 seconds to run on two processor cores.
# >
# > **You will hear** one reel under two names, and new tunes in its manner.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import csv
import re
import time
import warnings
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from html import escape
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from music21 import corpus as collections

warnings.simplefilter("ignore")
torch.set_num_threads(1)

# %%
from musiclab import PianoRoll, Sound, load_checkpoint
from musiclab.checkpoint.load import SHIPPED
from musiclab.errors import MusicLabError
from musiclab.evaluate import bootstrap_interval, wilson_interval
from musiclab.evaluate.kneser_ney_table import KneserNeyTable
from musiclab.inference import predicting
from musiclab.model import Transformer, TransformerConfig
from musiclab.model.attention import fused_attention
from musiclab.music import read_notes
from musiclab.music.guards.file_checks import kind_of
from musiclab.music.parse import parse
from musiclab.music.text.abc import number_and_title, split_abc
from musiclab.sampling.filters import filter_logits, sample_next
from musiclab.sampling.settings import Settings
from musiclab.show import Figure, empty_plot
from musiclab.show.html import audio
from musiclab.tokens import EventTokenizer
from musiclab.tokens.vocabulary import fingerprint
from musiclab.training import Trainer, TrainingConfig
from musiclab.training.batches import Batch, padded, shift_targets

# %% [markdown]
# ## 21.1 One line to change
#
# All that you have learnt comes together here, on music that is not Bach's. The worked example is *Ryan's Mammoth Collection*, printed in Boston in 1883: about a thousand tunes for the fiddle, many of them Irish or Scottish, without accompaniment. A *reel* is a quick dance in two, a *jig* one in 6/8.
#
# For your own project, change one line of the next cell and run all. `FOLDER` may hold MIDI, MusicXML, ABC or kern. `COLLECTION` may be any that music21 carries, such as "airdsAirs", "oneills1850" (Irish), "essenFolksong" (German), "palestrina" or "haydn" (string quartets). `LICENCE` goes on the card: say there what may be done with your music.

# %%
FOLDER = ""  # such as "my-music/midi"; then COLLECTION counts for nothing
COLLECTION = "ryansMammoth"
MOST, STEPS, TEMPO = 1200, 50, 130  # pieces, steps of training, quarters a minute
LICENCE = "tunes printed in 1883; files by their encoders, as music21 carries them"


# %%
def beginning(piece, quarters=16):
    return replace(piece, notes=tuple(note for note in piece.notes if note.onset < quarters))


Sound(beginning(read_notes("ryansMammoth/TeetotalersReel.abc")), tempo=TEMPO)

# %% [markdown]
# ## 21.2 Read, and tell what was dropped
#
# First, which files are there? A tunebook holds many tunes, so it is cut up. What comes from music21 is read directly. Files of yours may come from anywhere, so `read_notes` reads them behind its guards, which takes up to a second or so each.


# %%
def jobs_of(path):
    """List the pieces in a file, each with the call that reads it."""
    data = path.read_bytes()
    try:
        kind = kind_of(data, path.name)
    except MusicLabError:
        return [(path.name, partial(read_notes, str(path)))]  # it will say why not
    tunes = split_abc(data.decode("utf-8", "replace")) if kind == "abc" else [data]
    names = [f"{path.name}#{number_and_title(one)[0]}" for one in tunes if len(tunes) > 1]
    if FOLDER:
        places = [str(path.with_name(name)) for name in names] or [str(path)]
        return [(Path(one).name, partial(read_notes, one)) for one in places]
    texts = [tune.encode() if kind == "abc" else tune for tune in tunes]
    options = {"kind": kind, "wanted": "notes", "name": path.name, "trust_mode": kind == "abc"}
    reads = [partial(parse, one, **options) for one in texts]
    return list(zip(names or [path.name], reads, strict=True))


# %%
paths = Path(FOLDER).rglob("*.*") if FOLDER else collections.getComposer(COLLECTION)
jobs = [job for path in sorted(map(Path, paths)) for job in jobs_of(path)]
chosen = sorted(np.random.default_rng(0).permutation(len(jobs))[:MOST])
pieces, refused = [], []
with ProcessPoolExecutor(2, get_context("spawn"), warnings.simplefilter, ("ignore",)) as pool:
    for name, waiting in [(jobs[n][0], pool.submit(jobs[n][1])) for n in chosen]:
        try:
            pieces.append(replace(waiting.result(), source=name))
        except MusicLabError as error:
            refused.append((name, str(error)))

# %% [markdown]
# Reading is never without loss. Each piece says in `left_out` what it lost. **Predict:** how many of these tunes lost something, and what?
#
# > **Exercise** [what-was-dropped](../exercises/21_capstone.ipynb#what-was-dropped): make the tally yourself first.

# %% tags=["nbval-check-output"]
reasons = [re.sub(r"^\d+ (.+?)s? (?:was|were).*", r"\1", r) for p in pieces for r in p.left_out]
lost, touched = Counter(reasons), sum(bool(piece.left_out) for piece in pieces)
print(f"{len(chosen)} tried, {len(refused)} refused, {len(pieces)} read; {touched} lost something:")
print(*(f"  {count:>4} lost: {what[:50]}" for what, count in lost.most_common(5)), sep="\n")

# %% [markdown]
# A *grace note* is a tiny note before another. It has no time of its own, so the reader leaves it out. Much of a fiddler's manner is in such ornaments. The report will say that they are gone.
#
# ## 21.3 The same tune twice
#
# Folk tunes travel. People change the key, the title, a few notes. **Listen:** the tune of 21.1 was called "Teetotaler's Reel". This one stands in the same book as "Temperance Reel":

# %%
(twin, *_) = [one for one in pieces if "TEMPERANCE" in one.title] or pieces
Sound(beginning(twin), tempo=TEMPO)

# %% [markdown]
# If one is used for training and the other for the test, the model is asked for what it has learnt by heart. That is the leak of notebook 5 again, and no list of titles can find it.
#
# We compare *intervals*, the steps from note to note, which are the same in every key. We write each step as a letter, so that a passage is a piece of text. Two tunes are related if they share a quarter of their windows of eight steps. Relatives of relatives belong to the family, too. **Predict:** how many of the tunes have a relative?
#
# > **Exercise** [dedupe-tunes](../exercises/21_capstone.ipynb#dedupe-tunes): find the families yourself first.


# %%
def steps_of(piece):
    """Write the intervals of the top line as letters."""
    top = {note.onset: note.pitch for note in sorted(piece.notes, key=lambda note: note.pitch)}
    return "".join(chr(500 + step) for step in np.diff([top[onset] for onset in sorted(top)]))


# %%
def families(pieces, window=8, related=0.25):
    """Give pieces that share a quarter of their windows the same number."""
    lines = [steps_of(piece) for piece in pieces]
    windows = [{one[at : at + window] for at in range(len(one) - window + 1)} for one in lines]
    homes = defaultdict(list)
    for number, own in enumerate(windows):
        for one in own:
            homes[one].append(number)
    telling = [home for home in homes.values() if len(home) < 50]  # the others are everybody's
    shared = Counter((a, b) for home in telling for a in home for b in home if a < b)
    family = list(range(len(pieces)))
    for (a, b), count in sorted(shared.items()):
        if count >= related * min(len(windows[a]), len(windows[b])):
            family = [family[a] if one == family[b] else one for one in family]
    return family


# %% tags=["nbval-check-output"]
family = families(pieces)
sizes = Counter(family)
print(f"{sum(size for size in sizes.values() if size > 1)} of {len(pieces)} have a relative;")
print("how many families of each size:", dict(sorted(Counter(sizes.values()).items())))

# %% [markdown]
# Now deal out whole *families*: 60 % of the tunes to train, 20 % to valid, 20 % to test.

# %%
order = np.random.default_rng(0).permutation(sorted(set(family))).tolist()
rank = np.array([order.index(one) for one in family])
dealt = np.cumsum(np.bincount(rank))  # pieces, when each family has been dealt out
part = np.searchsorted(np.cumsum([0.6, 0.2]) * len(pieces), dealt)[rank]
train, valid, test = (np.flatnonzero(part == number).tolist() for number in range(3))

# %% tags=["nbval-check-output"]
both = {family[n] for n in train} & {family[n] for n in valid + test}
print(
    "train, valid, test:", len(train), len(valid), len(test), "- families on both sides:", len(both)
)

# %% [markdown]
# ## 21.4 Tokens, without what never differs
#
# The event tokeniser of notebook 3 serves a fiddle tune and a string quartet alike. It writes up to five tokens per note. Two of them, "program" (the instrument) and "velocity" (the force), are the same for every note in a book of tunes. We leave such tokens out.

# %%
tokenizer = EventTokenizer()
tokens, index = np.array(tokenizer.vocabulary.tokens), tokenizer.vocabulary.index
encoded = [tokenizer.encode(piece, quantise=True) for piece in pieces]

# %%
used = tokens[np.unique(np.concatenate(encoded))]
programs = [token for token in used if token.startswith("program-")]
forces = [token for token in used if token.startswith("velocity-")]
constant = [index[one] for one in programs if len(programs) == 1]
constant += [index[one] for one in forces if forces == ["velocity-80"]]

# %% [markdown]
# And each pitch becomes the *step* from the note before: a step of 0 is written as "pitch-64". Then a tune reads the same in every key, as in notebook 10, and one key is enough to learn from.


# %%
LOWEST, HIGHEST = index["pitch-0"], index["pitch-127"]


def shorten(ids):
    """Leave out what never differs; tell pitches by steps, the first from A (69)."""
    row = ids[~np.isin(ids, constant)]
    at = np.flatnonzero((row >= LOWEST) & (row <= HIGHEST))
    row[at] = LOWEST + np.clip(64 + np.diff(row[at] - LOWEST, prepend=69), 0, 127)
    return row


def decode(row):
    """Turn such a row into music again; what was left out is said once, at the beginning."""
    row = np.array(row)
    at = np.flatnonzero((row >= LOWEST) & (row <= HIGHEST))
    row[at] = LOWEST + np.clip(69 + np.cumsum(row[at] - LOWEST - 64), 0, 127)
    return tokenizer.decode([*constant, *row])


# %% tags=["nbval-check-output"]
rows = [shorten(one) for one in encoded]
print("a tune begins:", *tokens[rows[0][:10]])
tried = list(zip(rows, encoded, strict=True))[::5]
same = sum(decode(row).notes == tokenizer.decode(ids).notes for row, ids in tried)
print(f"{same} of {len(tried)} that were tried come back note for note")

# %% [markdown]
# ## 21.5 A rival that only counts
#
# Before you train, know what is cheap. Kneser-Ney (notebook 4) counts what followed the last ten tokens.


# %%
def contexts(row, back=10):
    """Give the ten tokens before each token, the newest first; and the token."""
    long = np.append(np.zeros(back, dtype=int), row)
    return np.lib.stride_tricks.sliding_window_view(long, back)[1 : len(row), ::-1], row[1:]


known = map(np.concatenate, zip(*[contexts(rows[n]) for n in train], strict=True))
table = KneserNeyTable(*known, len(tokens))
even = np.full(len(tokens), 1 / len(tokens))
by_counting = np.array([-np.log(table.probabilities(*contexts(r), even)).sum() for r in rows])


def told(nats, chosen):
    """Say nats per note: all nats of all tokens over all notes, with an interval over tunes."""
    notes = [len(pieces[n].notes) for n in chosen]
    low, high = bootstrap_interval(nats[chosen], notes)
    return f"{nats[chosen].sum() / sum(notes):.3f} ({low:.3f} to {high:.3f})"


print("counting, nats per note on valid:", told(by_counting, valid))

# %% [markdown]
# Every token is paid for: bars, places, lengths, the end. We divide by notes, since notes are what a listener counts.
#
# ## 21.6 Train
#
# `Trainer` asks little of its batches: one for each step, and which id is padding.


# %%
class TuneBatches:
    """Eight tunes at a time; a long one is cut anywhere."""

    pad_id = tokenizer.pad_id

    def batch(self, number, longest=384):
        random, drawn = np.random.default_rng([0, number]), []
        for tune in random.choice(train, size=min(8, len(train)), replace=False):
            first = random.integers(max(1, len(rows[tune]) - longest))
            drawn.append(shift_targets(rows[tune][first : first + longest + 1]))
        inputs, targets = (padded(side, self.pad_id) for side in zip(*drawn, strict=True))
        return Batch((inputs,), targets)


# %%
_ = torch.manual_seed(0)
sizes = {"d_model": 64, "n_layers": 2, "n_heads": 4, "dropout": 0.1, "max_seq": 2048}
learner = Transformer(TransformerConfig(vocab_size=len(tokens), **sizes))
pace = {"peak": 3e-3, "warmup": min(50, STEPS // 3), "ema_decay": 0.98, "log_every": 10}
config = TrainingConfig(steps=STEPS, **pace)

# %%
began = time.process_time()
trainer = Trainer(learner, TuneBatches(), config, show_progress=False)
print("nats per token:", *(f"{loss:.2f}" for loss in trainer.run().losses))
cpu_seconds = time.process_time() - began

# %% [markdown]
# ## 21.7 Longer, and what relatives are worth
#
# So short a training gives a sketch. `benchmarks/capstone.py` trained the same model on the same tunes for 300 steps, from three seeds. Then once more, from three seeds, with a leak: some validation tunes have relatives in valid. Of each such family one stays, as a *judge*; the others go over to train, and as many other tunes leave it. One clean model, of one seed, was trained for 1,500 steps ("long").
#
# **Predict:** how much does a relative in training help, in nats per note, on the judges? And on all other tunes?


# %%
def read_table(name):
    with (SHIPPED / "experiments" / name).open(newline="") as file:
        return list(csv.DictReader(file))


curves = defaultdict(list)
for row in read_table("capstone.csv"):
    curves[row["arm"], row["seed"]].append((float(row["step"]), float(row["valid"])))
colours = {"clean": "#0072B2", "leaky": "#D55E00", "long": "#009E73"}
canvas, axes = empty_plot("On 36 validation tunes", "steps", "nats per note")
for (arm, seed), points in curves.items():
    axes.plot(*zip(*points, strict=True), color=colours[arm], label=arm if seed == "0" else None)
axes.legend()
ends = {arm: points[-1][1] for (arm, _), points in curves.items()}
Figure(canvas, "Last values: " + ", ".join(f"{arm} {end:.2f}" for arm, end in ends.items()))


# %%
def nats_of(arm, kind):
    """Give the nats of some validation tunes, (tune, seed), and how many notes each has."""
    found = defaultdict(list)
    for row in read_table("capstone_tunes.csv"):
        if (row["arm"], row["kind"]) == (arm, kind):
            found[row["tune"], int(row["notes"])].append(float(row["nats"]))
    return np.array(list(found.values())), np.array([notes for _, notes in found])


for who in ("", "counting "):
    for kind in ("judge", "other"):
        (clean, notes), (leaky, _) = (nats_of(who + arm, kind) for arm in ("clean", "leaky"))
        seeds = (clean - leaky).sum(axis=0) / notes.sum()
        low, high = bootstrap_interval((clean - leaky).mean(axis=1), notes)
        print(
            f"{who or 'Transformer':<12} {len(notes):>3} {kind}s: gain {seeds.mean():+.3f}", end=" "
        )
        print(
            f"({low:+.3f} to {high:+.3f} over tunes), by seed:", *(f"{one:+.2f}" for one in seeds)
        )

# %% [markdown]
# **Explain:** counting gains more than half a nat on each note of the judges, and nothing on the others. It remembers ten tokens word for word, so a relative is a crib. In a mean over all of valid you would hardly see it. You must ask the right tunes.
#
# And the Transformer? We had expected the same, and found nothing that is larger than what seeds do (the interval is over tunes and knows nothing of seeds). After 300 steps it has met each tune about four times and knows none by heart. So the same leak would flatter the rival, and make the model look *worse*. What it would do to a model trained for hours, these figures do not show.
#
# ## 21.8 Write, by the rules of the grammar
#
# Which model plays? The shipped one remembers a fingerprint of its training tunes. Only if they are *these* tunes may it be measured on our valid and test. On a collection of yours, it is the model that you have just trained.

# %% [markdown]
# A pitch must be followed by its length, and places in a bar must rise. Which kind of token may follow which? The training tunes tell. The rest is forbidden (notebook 12).
#
# One thing surprised us in a first trial: tunes sank, bar by bar, out of the fiddle's range. No wonder. The model reads steps alone, so it never knows *how high* it is. That is the price of one key for all. So steps that leave the usual range are forbidden, too.

# %%
shipped = load_checkpoint(SHIPPED / "experiments" / "capstone")
is_ours = shipped.info["data"] == fingerprint([rows[n].tolist() for n in train])
model = shipped.model if is_ours else trainer.average
print("the shipped model" if is_ours else "the model that was trained here", "plays")
_, kinds = np.unique([token.partition("-")[0] for token in tokens], return_inverse=True)
kinds = torch.from_numpy(kinds)
BAR, POSITION, PITCH = (kinds[index[one]] for one in ("bar", "position-0", "pitch-0"))
place = torch.tensor([int(t[9:]) if t.startswith("position-") else -1 for t in tokens])
step = torch.where(kinds == PITCH, torch.arange(len(tokens)) - LOWEST - 64, 0)
low, high = np.quantile([note.pitch for n in train for note in pieces[n].notes], [0.01, 0.99])
follows = torch.zeros(int(kinds.max()) + 1, int(kinds.max()) + 1, dtype=torch.bool)
for row in (torch.from_numpy(rows[n]) for n in train):
    follows[kinds[row[:-1]], kinds[row[1:]]] = True
follows[kinds[tokenizer.end_id], kinds[tokenizer.end_id]] = True  # for those that wait


# %%
def write(model, opening, many, seed=0, longest=700):
    """Write pieces side by side, each up to its end; a cache keeps what was read."""
    chance, ids = torch.Generator().manual_seed(seed), torch.tensor([list(opening)] * many)
    cache, new = model.new_cache(many, longest), ids
    here, sounds = torch.full((many, 1), -1), torch.full((many, 1), 69)
    with predicting(model):
        while ids.shape[1] < longest and not (ids == tokenizer.end_id).any(dim=1).all():
            may = follows[kinds[ids[:, -1]]][:, kinds]
            may &= (kinds != POSITION) | (place > here)
            may &= (kinds != PITCH) | ((sounds + step >= low) & (sounds + step <= high))
            logits = model(new, cache=cache)[:, -1].masked_fill(~may, -torch.inf)
            new = sample_next(filter_logits(logits, Settings(temperature=0.9)), chance)[:, None]
            here = torch.where(kinds[new] == BAR, -1, torch.maximum(here, place[new]))
            sounds, ids = sounds + step[new], torch.cat([ids, new], dim=1)
    ends = (ids == tokenizer.end_id).int().argmax(dim=1).tolist()  # 0 where there is no end
    return [row[: end or None] for row, end in zip(ids.numpy(), ends, strict=True)]


# %%
opening = Counter(tuple(rows[n][:4].tolist()) for n in train).most_common(1)[0][0]
new = write(model, opening, many=32, seed=1)
concert = [replace(decode(row), title=f"New tune {n}") for n, row in enumerate(new, start=1)]
print(sum(len(row) < 700 for row in new), "of 32 come to an end; all begin:", *tokens[[*opening]])

# %%
try:
    shown = PianoRoll(beginning(concert[0], 32), tempo=TEMPO)
except MusicLabError:  # more than four notes at once
    shown = Sound(beginning(concert[0], 32), tempo=TEMPO)
shown

# %% [markdown]
# ## 21.9 Does it copy?
#
# The longest passage that a piece shares with a training tune, in steps, in any key. A number alone says nothing: old tunes share passages, too. The control is the test tunes, which nobody has copied from train.


# %%
library = "\n".join(steps_of(pieces[n]) for n in train)


def longest_copy(piece):
    """Find how many steps in a row stand in one training tune."""
    line, longest = steps_of(piece), 0
    for first in range(len(line)):
        while first + longest < len(line) and line[first : first + longest + 1] in library:
            longest += 1
    return longest


copied, control = ([*map(longest_copy, some)] for some in (concert, [pieces[n] for n in test]))
over = sum(one > np.quantile(control, 0.95) for one in copied)
low, high = wilson_interval(int(over), len(copied))
print(f"median (most): new {np.median(copied):.0f} ({max(copied)}),", end=" ")
print(
    f"test {np.median(control):.0f} ({max(control)}); {over} new above 95 %: {low:.0%}-{high:.0%}"
)

# %% [markdown]
# **Explain:** the new tunes share *less* with the training tunes than the test tunes do. That is no virtue of the model. Fiddlers borrow, and their tunes share whole strains; a model that learnt little by heart has little to borrow. Longer training may change that, and then this table tells you.
#
# ## 21.10 Open the test set, once
#
# Everything is chosen now: tokens, size, number of steps. Test chose nothing, so it may be opened. The model and its rival are measured on the same tunes, and the *difference* has an interval of its own, which is narrower than the two would suggest: a hard tune is hard for both. **Predict:** which of the two needs fewer nats? And what if each says half of every chance?
#
# > **Exercise** [report-figures](../exercises/21_capstone.ipynb#report-figures): mend a report that is too good.


# %%
def chances_of(model, row):
    """Say how likely the model finds each token after the first."""
    ids = torch.from_numpy(row)[None]
    with predicting(model), fused_attention(model):
        return model(ids[:, :-1]).softmax(dim=-1).gather(-1, ids[:, 1:, None])[0, :, 0].numpy()


by_model, by_both = np.full((2, len(rows)), np.nan)
for n in test:
    chances, counted = chances_of(model, rows[n]), table.probabilities(*contexts(rows[n]), even)
    by_model[n] = -np.log(chances).sum()
    by_both[n] = -np.log((chances + counted) / 2).sum()
nats = {"the model": by_model, "counting": by_counting, "half and half": by_both}
figures = {name: told(one, test) for name, one in nats.items()}
for name, one in nats.items():
    low, high = bootstrap_interval((by_counting - one)[test], [len(pieces[n].notes) for n in test])
    print(f"{name:<14} {figures[name]}; better than counting by {low:+.3f} to {high:+.3f}")

# %% [markdown]
# **Explain:** the model wins, by about four tenths of a nat per note. It took 1,500 steps. After 300 (21.7) counting was far ahead, and whoever had stopped there would have told another story. Half and half is lower by a hair. Whether that is more than luck, these figures do not show; a third interval would.
#
# ## 21.11 Report, card, concert
#
# What a reader must know fits on a page: what went in, what was dropped, how it was split, figures with their rival, and what the model cannot do (Mitchell and others, 2019). Our *watts* are a guess for one busy core; measure yours if you can.

# %%
WATTS, HOME = 15, Path("my-music") / "capstone"
HOME.mkdir(parents=True, exist_ok=True)
spent = shipped.info["figures"]["cpu_seconds"] if is_ours else cpu_seconds
energy = f"{spent:.0f} s of one core, at {WATTS} W about {spent * WATTS / 3600:.2f} Wh: an estimate"


# %%
def card(licence, limits):
    """Say in Markdown what a stranger must know before using the model."""
    lines = {
        "Music": f"{FOLDER or COLLECTION}, {len(pieces)} pieces",
        "Refused": "; ".join(f"{name}: {why}" for name, why in refused) or "nothing",
        "Licence": licence,
        "Pieces that lost": str(dict(lost.most_common(6))),
        "Split": f"{len(train)} / {len(valid)} / {len(test)}, families whole, seed 0",
        "Model": f"Transformer, {sum(p.numel() for p in model.parameters()):,} parameters",
        **{f"Nats per note, {name}": value for name, value in figures.items()},
        "Energy": energy,
        "Limits": limits,
    }
    told = "\n".join(f"- **{name}:** {text}" for name, text in lines.items())
    return f"# A model card\n\n{told}\n\n![Longest copies of new and of test tunes](copies.png)\n"


canvas, axes = empty_plot("Longest copies: new tunes (blue), test tunes (red)", "steps", "share")
axes.hist([copied, control], density=True, color=["#0072B2", "#D55E00"])
_ = Figure(canvas, f"At most {max(copied)} and {max(control)}.").save(HOME / "copies.png")

# %%
limits = "no ornaments, no chords, no form beyond 384 tokens; not to be passed off as old tunes"
_ = (HOME / "report.md").write_text(card(LICENCE, limits), encoding="utf-8")
print(card(LICENCE, limits))

# %% [markdown]
# Now the concert: **one** HTML file, with sound and pictures inside it, so that it plays from a USB stick. A title may hold any sign, even `<script>`. So it is escaped, here by `escape` and inside the library's players.


# %%
OLD = "From the book. The model never saw it in training."
NEW = "New. It shares at most {} steps in a row with a training tune."
STYLE = "body {font: 1.1em sans-serif; max-width: 60em; margin: auto; padding: 1em}"


def item(piece, note):
    """Make one number of the programme: a player, a picture where one can be drawn, a note."""
    piece = beginning(piece, 64)
    try:
        shown = PianoRoll(piece, tempo=TEMPO).static_html()
    except MusicLabError:  # more than four notes at once
        shown = audio(Sound(piece, tempo=TEMPO).mp3, piece.title)
    return f"<section>{shown}<p>{escape(note)}</p></section>"


def concert_page(title, programme):
    """Put a concert into one page that asks for nothing outside it."""
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    body = "".join(item(*one) for one in programme)
    return f"{head}<style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>"


# %%
programme = [(pieces[test[0]], OLD)]
programme += [(p, NEW.format(most)) for p, most in zip(concert[:3], copied[:3], strict=True)]
page = concert_page("Old and new tunes", programme)
_ = (HOME / "concert.html").write_text(page, encoding="utf-8")
print(f"{HOME.as_posix()}/concert.html: {len(page) / 1e6:.1f} MB, {page.count('<audio')} players")

# %% [markdown]
# Open `my-music/capstone/concert.html` in a browser, and pull the network plug first.
#
# > **Exercise** [class-concert](../exercises/21_capstone.ipynb#class-concert): build a page for the whole class.
#
# ## 21.12 Whose tune is it?
#
# - **Authorship.** Nobody knows who made most of these tunes. They were handed on by fiddlers, and the book gives few of them a name. "No author" does not mean "no people": name the book, the collector and who typed it in. Who signs a new tune, you or the model? Say what each has done.
# - **Licences.** A tune of 1883 is free; its modern edition or typed file need not be. music21's own note on the Essen folk songs calls their legal status unclear and allows use that is not commercial. Read such a note *before* you train, and put it on the card.
# - **Style.** To write in a manner is old and allowed. To pass it off as a living player's is neither. If your folder holds one living person's music, ask.
# - **What a book carries.** In this one a few titles come from minstrel shows, which mocked Black people. A model of notes does not read titles; a page that prints them would.
# - **Energy.** The card gives an estimate. It counts one training; trials and failures cost several times as much.
#
# ## 21.13 Your own
#
# | Project | Difficulty | Hours | What is hard |
# |---|---|---|---|
# | A session: "oneills1850", jigs alone, by their metre | ●●○○○ | 6 | many relatives, under other names |
# | Four voices: "palestrina" | ●●●○○ | 10 | long pieces; parts named by voice; masses that share themes |
# | Your own MIDI folder, or "haydn" | ●●●●○ | 15 | tempo, drums, more than four notes at once; rights |
#
# | Rubric, for learner and teacher | 0 | 1 | 2 |
# |---|---|---|---|
# | Data | not told | counted | dropped things and licence told |
# | Split | by chance | by piece | by family, and shown |
# | Rival | none | bigram | the best that counting can do |
# | Figures | one number | with interval | with seeds, on a test opened once |
# | Copying | not asked | measured | measured against a control |
# | Concert | files | a page | a page that plays offline, with notes on each piece |
# | Honesty | praise | limits told | what failed is told first |
#
# ## In three lines
#
# - Any collection goes the same way: read, tell what was lost, find families, split, train, measure against a rival.
# - A relative on the wrong side of the split flatters a model, and only those tunes show it.
# - A card, a control and a page that plays offline make a model fit for others.
#
# ## Check yourself
#
# **1.** Why are families found before the split, and not after it?
#
# <details><summary>a) It is quicker</summary>No. It takes the same time.</details>
# <details><summary>b) So that each can be dealt out whole</summary>Yes. After the split it is too late, unless you split again.</details>
# <details><summary>c) So that relatives can be thrown away</summary>No. Nothing is thrown away; they only stay together.</details>
#
# **2.** The tokens for program and velocity were left out. Is the figure in nats per note now unfairly low?
#
# <details><summary>a) Yes: fewer tokens are paid for</summary>No. What never differs costs nothing once it is learnt.</details>
# <details><summary>b) No: nothing uncertain was left out</summary>Yes. All tunes come back note for note.</details>
# <details><summary>c) Only for the counting rival</summary>No. Both read the same tokens.</details>
#
# **3.** A new tune shares twelve steps with a training tune. Is it a copy?
#
# <details><summary>a) Yes: twelve are many</summary>No. Compare first with what old tunes share with each other.</details>
# <details><summary>b) It depends on what test tunes share</summary>Yes. Without the control nobody can say.</details>
# <details><summary>c) No: copies are whole tunes</summary>No. A long passage can be a copy, too.</details>
#
# **4.** Why is there an interval for the *difference* of two models?
#
# <details><summary>a) The same tunes are hard for both, so it is narrower</summary>Yes. Each tune is its own control.</details>
# <details><summary>b) Because the two intervals are wrong</summary>No. They answer another question: how good is each on such tunes?</details>
# <details><summary>c) It looks better in a report</summary>No. It may look worse: sometimes it holds zero.</details>
#
# **5.** (Looking back to notebook 10.) Pitches were told by steps. What would the model have to learn from pitches instead?
#
# <details><summary>a) Nothing more: both say the same</summary>No. They say the same, but what is learnt in D would have to be learnt in G again.</details>
# <details><summary>b) The same turn in each key apart</summary>Yes. Or it would have to read every tune in every key.</details>
# <details><summary>c) Less: there are fewer pitches than steps</summary>No. What counts is how often each turn comes.</details>
#
# ## Read on
#
# - Sturm and others (2016), [Music transcription modelling and composition using deep learning](https://arxiv.org/abs/1604.08723): a network that learnt session tunes from ABC.
# - Mitchell and others (2019), [Model Cards for Model Reporting](https://arxiv.org/abs/1810.03993), and Gebru and others (2021), [Datasheets for Datasets](https://arxiv.org/abs/1803.09010).
# - Strubell, Ganesh and McCallum (2019), [Energy and Policy Considerations for Deep Learning in NLP](https://arxiv.org/abs/1906.02243): what trials cost.
# - [What music21's corpus holds](https://music21.org/music21docs/about/referenceCorpus.html).
#
# **What you can do now that you could not do before:** take music that you care about through the whole course, and show others what came of it.
#
# [← 20 · Words to music](20_words_to_music.ipynb)
