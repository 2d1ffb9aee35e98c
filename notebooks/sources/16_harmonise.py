# %% [markdown]
# # 16 · Harmonise
#
# [← 15 · How big?](15_how_big.ipynb) · [17 · Fill the gaps →](17_fill_the_gaps.ipynb) · [Exercises 16](../exercises/16_harmonise.ipynb) · [Open in Binder](https://mybinder.org/v2/gh/musiclab-course/musiclab/main?urlpath=lab/tree/notebooks/16_harmonise.ipynb) · [Open in Colab](https://colab.research.google.com/github/musiclab-course/musiclab/blob/main/notebooks/16_harmonise.ipynb) · [All notebooks](../README.md)
#
# > **You will**
# > - have a tune of your own harmonised, and look into the cross-attention that reads it,
# > - plant an error in what a model reads, and see how long it stays,
# > - build Hugging Face's T5 for music: vocabulary, labels, shift, training,
# > - compare it with the library's encoder-decoder of the same size,
# > - write with samples and with beams, and say why `t5-small` cannot harmonise.
# >
# > **You need** notebooks 8, 9 and 12 (encoder-decoder, training, sampling).
# >
# > **Time:** about 40 minutes to read and listen, about 45 seconds to run on two processor cores.
# >
# > **You will hear** one tune under the hands of two models, and the likeliest harmony of all.

# %%
# On Colab this installs musiclab; anywhere else it does nothing.

# %%
import csv
import tempfile
import warnings
from dataclasses import replace

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from musiclab import PianoRoll, Sound, corpus, harmonise, load_checkpoint
from musiclab.checkpoint.load import SHIPPED
from musiclab.evaluate import poisson_interval, wilson_interval
from musiclab.music.chorale import REST
from musiclab.sampling.melody import as_melody
from musiclab.show import SERIES_COLOURS, Figure, attention_of, empty_plot
from musiclab.training.harmony_batches import HarmonyBatches

# %% [markdown]
# From section 16.4 on you need Hugging Face's transformers, which `make lab` installs. Elsewhere: `pip install transformers`, which is what musiclab's extra `hf` holds.

# %%
try:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    from transformers import (
        AutoModelForSeq2SeqLM,
        AutoTokenizer,
        PreTrainedTokenizerFast,
        T5Config,
        T5ForConditionalGeneration,
        logging,
    )
except ImportError:
    raise ImportError("transformers is missing; the line above says how to add it") from None

warnings.simplefilter("ignore")  # transformers' warnings name files of this computer
logging.set_verbosity_error()
logging.disable_progress_bar()
torch.set_num_threads(1)
_ = torch.manual_seed(0)

# %% [markdown]
# ## 16.1 Your tune
#
# A tune in ABC, a way of writing tunes with letters: capitals are the lower octave, 2 is a quarter note. Put yours here if you like; keep it to sixteen quarters.

# %%
tune = as_melody("K:G B2B2 c2d2 d2c2 B2A2 G2G2 A2B2 B3A A4")
Sound(harmonise(tune, checkpoint="bach-harmoniser", seed=1), title="Beethoven, harmonised")

# %% [markdown]
# `bach-harmoniser` is an **encoder-decoder**, as you built one in notebook 8. Its *encoder* reads the whole melody, to its last note. Its *decoder* writes the other voices, frame after frame, and at every frame asks the melody: that is **cross-attention**. The queries come from the decoder, the keys and values from the encoder.
#
# ## 16.2 Where the decoder looks
#
# The encoder may read what is still to come. **Predict:** when the decoder writes a frame, how much of its attention goes to the melody *after* that frame?

# %%
harmoniser = load_checkpoint("bach-harmoniser")
model, tokens = harmoniser.model, harmoniser.tokenizer
pieces = [piece.excerpt(0, 64) for piece in corpus("valid")[:40]]
batches = HarmonyBatches(pieces, tokens, harmoniser.conditions, training=False, batch_size=40)
(melody, told, past, frames), targets = batches.batch(0)

# %%
one = slice(0, 1)
weights = attention_of(lambda: model(melody[one], told[one], past[one], frames[one]))
cross = weights[-1][0].mean(dim=0)  # last block: (written frame, melody frame), mean over heads
ahead = cross.triu(1).sum() / len(cross)

# %%
canvas, axes = empty_plot("Cross-attention", "frame of the melody", "frame that is written")
axes.imshow(cross, cmap="Blues", aspect="auto")
beat = cross[:, ::4].sum() / len(cross)
Figure(canvas, f"Attention: {ahead:.0%} goes to what is still to come, {beat:.0%} to the quarters.")

# %% [markdown]
# (A frame is a sixteenth note; every fourth begins a quarter.) There are stripes: from wherever it writes, the decoder looks at the same places of the melody, past and future alike, and most at the quarters. And there is no dark diagonal: this decoder need not look for its own frame, since the library adds the encoder's state of each frame to it. So cross-attention is free to look elsewhere.
#
# Does the decoder need what the encoder knows? Attention alone does not say. So we take it away: the encoder reads *another* piece's melody, and nothing else changes. (The decoder knows the true soprano up to the present frame in any case.)


# %%
@torch.no_grad()
def nats(melody, past):
    """The cost of every written note: (piece, frame, voice)."""
    logits = model(melody, told, past, frames)
    return cross_entropy(logits.flatten(0, 2), targets.flatten(), reduction="none").view_as(targets)


# %%
own = nats(melody, past)
print(f"its own melody:         {own.mean():.3f} nats per cell")
print(f"another one, swapped in: {nats(melody.roll(1, 0), past).mean():.3f}")

# %% [markdown]
# ## 16.3 Teacher forcing, and what follows when the teacher goes
#
# In training, the decoder reads *Bach's* past, whatever it would have written itself. That is **teacher forcing**: all frames can be learnt at once. When it writes, it reads its *own* past, errors and all. It has never practised that. The gap is called **exposure bias**.
#
# To see how an error spreads, we plant one. For one quarter note, the lower voices that the decoder reads come from another piece; before and after, all is Bach's.
#
# **Predict:** how long will Bach's following notes be harder to guess: for a quarter, for a bar, to the end?
#
# We count notes that are struck, and leave held ones out: a held note *must* equal the one before, so a foreign past makes it impossible, which says nothing about harmony.

# %%
wrong = past.clone()
wrong[:, 24:28, 1:] = past.roll(1, 0)[:, 24:28, 1:]  # in `past`, frame 24 stands for frame 23
struck = ~torch.from_numpy(tokens.held())[targets]


def by_quarter(costs):
    """Mean cost of the struck notes in each quarter note."""
    total, count = ((one.view(40, 16, 4, 3)).sum((0, 2, 3)) for one in (costs * struck, struck))
    return total / count


# %%
more = by_quarter(nats(melody, wrong)) - by_quarter(own)
for quarter in range(5, 12):
    print(f"quarter {quarter + 1:>2}: {more[quarter]:+.2f} nats per struck note")

# %% [markdown]
# The error is forgotten as soon as it has passed. Perhaps that is because this decoder hears the frame just before so clearly (notebook 10), and because in training up to 30 % of the past notes were hidden from it. We have not taken these apart. And mind: here Bach took over again after the error. When the model writes on its own, nobody does.
#
# ## 16.4 Chorales as words
#
# Now the same task with somebody else's model. **T5** (Raffel and others, 2020) is an encoder-decoder that reads text and writes text. Hugging Face's `transformers` has it ready. We take its architecture, with fresh weights, and give it a vocabulary of music: a word for each pitch of each voice, such as `A67` for an alto who sings 67, and `A-` for one who rests.
#
# To keep it quick we take one chord per quarter note, and sixteen quarters at a time. Whatever happens between the quarters is lost.

# %%
train, valid = ([piece.pitches[::4] for piece in corpus(split)] for split in ("train", "valid"))
notes = np.concatenate(train)
highest, lowest = notes.max(axis=0), np.where(notes == REST, 127, notes).min(axis=0)


def word(voice, pitch):
    """Name a note: "S72", or "S-" for a rest."""
    return f"{'SATB'[voice]}{'-' if pitch == REST else pitch}"


ranges = [(REST, *range(lowest[voice], highest[voice] + 1)) for voice in range(4)]
words = ["<pad>", "</s>", "<unk>"]  # T5's own: filling, end, unknown
words += [word(voice, pitch) for voice in range(4) for pitch in ranges[voice]]

# %% [markdown]
# The tokeniser cuts text at spaces and looks every word up. T5 wants an end, `</s>`, behind each text.

# %%
core = Tokenizer(models.WordLevel({one: id for id, one in enumerate(words)}, unk_token="<unk>"))
core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
core.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
special = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, **special)

# %% tags=["nbval-check-output"]
ids = tokenizer("S72 S71 S99").input_ids
print(ids, tokenizer.decode(ids), f"{len(tokenizer)} words", sep="\n")

# %% [markdown]
# No soprano here sings 99, so it became `<unk>`. A tokeniser that raises would be safer; this one is silent, so look. `save_pretrained` writes tokeniser and model into a folder, and `from_pretrained` loads them from there, without any network. So came the trained model of this notebook, from `benchmarks/t5_harmony.py`:

# %% tags=["nbval-check-output"]
EXPERIMENTS = SHIPPED / "experiments"
trained = T5ForConditionalGeneration.from_pretrained(EXPERIMENTS / "t5-music", dtype=torch.float32)
loaded = AutoTokenizer.from_pretrained(EXPERIMENTS / "t5-music")
print("same words:", loaded.get_vocab() == tokenizer.get_vocab())

# %% [markdown]
# ## 16.5 What the model is asked for
#
# The source is the soprano's words. The target is alto, tenor, bass, quarter after quarter.


# %%
def texts(window):
    """The melody, and what is sung under it."""
    spoken = [[word(voice, pitch) for voice, pitch in enumerate(row)] for row in window]
    return " ".join(row[0] for row in spoken), " ".join(one for row in spoken for one in row[1:])


# %%
for text in texts(valid[3][:2]):
    print(text)

# %% [markdown]
# Windows at the end of a piece are shorter, and a batch is filled up with pads. The attention mask hides pads in the *source*. In the *target* a pad must not be paid for, or the model is praised for writing nothing. Hugging Face's sign for "do not count this" is the label -100.
#
# > **Exercise** [label-mask](../exercises/16_harmonise.ipynb#label-mask): mend labels that count what they should not.


# %%
def batch(windows):
    """Source, its mask, and labels."""
    sides = zip(*map(texts, windows), strict=True)
    source, target = (tokenizer(list(one), padding=True, return_tensors="pt") for one in sides)
    return *source.values(), target.input_ids.masked_fill(target.attention_mask == 0, -100)


# %% [markdown]
# The decoder reads the target *one place late*: a start, then all words but the last. Read without the shift, it would see what it must say. T5 makes this shift itself, from the labels. The start is the id that the config calls `decoder_start_token_id`; T5 takes the pad for it.
#
# > **Exercise** [shift-right](../exercises/16_harmonise.ipynb#shift-right): write the shift yourself first.


# %%
def shift_right(labels, start=0, pad=0):
    """What the decoder reads when it is asked for ``labels``."""
    late = torch.cat([torch.full_like(labels[:, :1], start), labels[:, :-1]], dim=1)
    return late.masked_fill(late == -100, pad)


# %% tags=["nbval-check-output"]
source, mask, labels = batch([valid[3][:16], valid[3][:2]])
print(labels[1, :8].tolist(), shift_right(labels)[1, :8].tolist(), sep="\n")
with torch.no_grad():
    theirs = trained(input_ids=source, attention_mask=mask, labels=labels)
    late = shift_right(labels)
    logits = trained(input_ids=source, attention_mask=mask, decoder_input_ids=late).logits
ours = cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)
print("the same loss:", torch.allclose(theirs.loss, ours))

# %% [markdown]
# ## 16.6 Build it, and train it for a moment
#
# > **Exercise** [build-t5](../exercises/16_harmonise.ipynb#build-t5): settle the config of a T5 of your own.
#
# `T5Config` without arguments would be a model of 60 million weights for English. We name every size:

# %%
config = T5Config(
    vocab_size=len(tokenizer),
    d_model=64,
    num_heads=4,
    d_kv=16,  # width of a head; T5 does not work it out
    d_ff=272,
    num_layers=2,  # of the encoder, and of the decoder
    pad_token_id=0,
    eos_token_id=1,
    decoder_start_token_id=0,
)
t5 = T5ForConditionalGeneration(config)
print(f"{sum(one.numel() for one in t5.parameters()):,} parameters")


# %% [markdown]
# **Predict:** with all words equally likely, the loss is $\ln 105 = 4.65$ nats. Where will it be after 150 steps?

# %%
optimiser, random = torch.optim.AdamW(t5.parameters(), lr=3e-3), np.random.default_rng(0)
for step in range(151):
    chosen = [train[number] for number in random.integers(len(train), size=16)]
    starts = [random.integers(len(piece) - 7) for piece in chosen]
    windows = [piece[at : at + 16] for piece, at in zip(chosen, starts, strict=True)]
    source, mask, labels = batch(windows)
    loss = t5(input_ids=source, attention_mask=mask, labels=labels).loss
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    if step % 50 == 0:
        print(f"step {step:>3}: {loss.item():.2f} nats per word")

# %% [markdown]
# (It begins above 4.65: fresh weights prefer some words, and not the right ones.) That was a moment. `benchmarks/t5_harmony.py` went on for 800 steps, moved to any key that the voices can sing (windows with a rest stay in theirs), from three seeds. Beside T5 it trained the library's `EncoderDecoder`, on the same batches, with as many parameters.
#
# ## 16.7 Whose is better?
#
# First the yardsticks. What do tables of counts reach that ignore the melody: how often each note occurs in a voice; and how often it follows the note before?


# %%
def counted(order):
    """Nats per note of counted tables that know ``order`` earlier notes of the same voice."""
    costs = []
    for voice in (1, 2, 3):
        counts = np.zeros((128, 128))
        counts[:, ranges[voice]] = 0.1  # so that nothing is impossible; -1 is the last column
        for piece in train:
            np.add.at(counts, (piece[:-1, voice] * order, piece[1:, voice]), 1)
        chances = counts / counts.sum(axis=1, keepdims=True)
        costs += [-np.log(chances[one[:-1, voice] * order, one[1:, voice]]) for one in valid]
    return np.concatenate(costs).mean()


for name, order in {"each note alone": 0, "after the note before": 1}.items():
    print(f"{name:<23}{counted(order):.2f} nats per note")

# %% [markdown]
# **Predict:** T5 and ours have the same sizes and saw the same batches. Which will be better? By how much does another piece's soprano harm them?


# %%
def table(name):
    """Rows that the benchmark wrote."""
    return list(csv.DictReader((EXPERIMENTS / name).read_text().splitlines()))


# %%
curves = table("t5_harmony.csv")
kinds = list(dict.fromkeys(row["model"] for row in curves))
canvas, axes = empty_plot("Three seeds each", "steps", "nats per note on valid")
for kind, colour in zip(kinds, SERIES_COLOURS, strict=False):
    final = [row for row in curves if row["model"] == kind and row["other_soprano"]]
    own, other = (
        np.array([float(row[name]) for row in final]) for name in ("valid", "other_soprano")
    )
    told = f"{kind:<16}{int(final[0]['parameters']):,} parameters: {own.mean():.3f}"
    print(f"{told} +- {own.std(ddof=1):.3f}, with another soprano {other.mean():.3f}")
    rows = [row for row in curves if row["model"] == kind]
    steps = sorted({int(row["step"]) for row in rows})
    found = [[float(row["valid"]) for row in rows if int(row["step"]) == one] for one in steps]
    axes.errorbar(steps, np.mean(found, 1), np.std(found, 1, ddof=1), color=colour, label=kind)
axes.legend()
Figure(canvas, f"Nats by steps of {'; '.join(kinds)}; the last ones are printed above.")

# %% [markdown]
# (Mean and standard deviation of three seeds, over windows from all validation pieces. The curves flatten also because the learning rate ends near nothing; a longer training may go further.)
#
# Ours is better, by far more than the seeds differ, and in two thirds of T5's time. (These learning rates were not tuned for each.) The last figure says more: with another's soprano, ours loses much, T5 little. T5 makes little of the melody.
#
# `ours, rotary` is the control: the same model, only with rotary positions (notebook 7), which like T5's say how far two words are apart, and not where each stands. It does as T5 does. So it is not the library: it is the positions. Distances hold within one row. From a row to another, from harmony to melody, there are none.
#
# Where does T5's decoder look? Its attention has to be asked for, and computed step by step (`eager`):

# %%
looking = T5ForConditionalGeneration.from_pretrained(
    EXPERIMENTS / "t5-music", dtype=torch.float32, attn_implementation="eager"
)
source, mask, labels = batch([piece[:16] for piece in valid])
with torch.no_grad():
    said = looking(input_ids=source, attention_mask=mask, labels=labels, output_attentions=True)
at_once = torch.arange(48) // 3  # three words for each quarter
for block, weights in enumerate(said.cross_attentions):
    share = weights[:, :, torch.arange(48), at_once].mean()
    print(f"block {block + 1}: {share:.1%} on the quarter that is written; evenly: {1 / 17:.1%}")

# %% [markdown]
# Nearly evenly: to T5, the melody is a bag of notes. It knows which occur, and not when. A remedy seemed easy. T5 itself marks places in its text by words such as `<extra_id_0>`; so in the row `T5, places told` every quarter begins with its number, in the melody and in the harmony. It did not help: within 800 steps this one is worse, and uses the melody no more. That two equal numbers belong together has to be learnt first. Would more steps do it? We have not tried.
#
# And `bach-harmoniser`? It needs 0.41 nats per sixteenth (16.2), four times that per quarter. But it says more, since it writes what happens between the quarters, too; and it is told more. Such figures cannot be compared. Faults can: see 16.9.
#
# ## 16.8 Write: samples and beams
#
# `generate` writes. Left alone it stops after 20 words, and keeps only the 50 likeliest; say what you want. And nobody has told it that each quarter needs exactly one alto, one tenor, one bass. Does it keep count?

# %%
free = trained.generate(source, attention_mask=mask, do_sample=True, top_k=0, max_new_tokens=60)
written = tokenizer.batch_decode(free, skip_special_tokens=True)
good = sum([one[0] for one in text.split()] == list("ATB") * 16 for text in written)
low, high = wilson_interval(good, len(written))
print(f"{good} of {len(written)} have the right form (95 %: {low:.0%} to {high:.0%})")

# %% [markdown]
# So we settle whose turn it is. `prefix_allowed_tokens_fn` is asked before every word which ones may come:

# %%
singers = [tokenizer.convert_tokens_to_ids([word(v, one) for one in ranges[v]]) for v in (1, 2, 3)]


def harmonies(melody, **options):
    """Write under one pitch per quarter; alto, tenor and bass take turns."""
    source = tokenizer(" ".join(word(0, one) for one in melody), return_tensors="pt")
    many = 3 * len(melody)
    return trained.generate(
        source.input_ids,
        attention_mask=source.attention_mask,
        max_new_tokens=many + 1,
        prefix_allowed_tokens_fn=lambda _, ids: (
            singers[(len(ids) - 1) % 3] if len(ids) <= many else [1]
        ),
        **options,
    )


# %%
def under(melody, ids):
    """Put what was written under the melody, which keeps its own rhythm."""
    spoken = tokenizer.decode(ids, skip_special_tokens=True).split()
    lower = np.array([REST if one[1:] == "-" else int(one[1:]) for one in spoken])
    lower = lower.reshape(-1, 3).repeat(4, axis=0)[: len(melody)]
    attacks = np.column_stack([melody.attacks[:, :1], np.zeros_like(lower, dtype=bool)])
    pitches = np.column_stack([melody.pitches[:, 0], lower])
    return replace(melody, pitches=pitches, attacks=attacks)


quarters = tune.pitches[::4, 0]
_ = torch.manual_seed(1)  # `generate` takes no generator of its own
sample = harmonies(quarters, do_sample=True, top_k=0)[0]
Sound(under(tune, sample), title="T5, a sample")

# %% [markdown]
# **Beam search** looks for the likeliest text instead: it keeps the best 10 beginnings at every word. **Predict:** how will the likeliest harmony sound?

# %%
beams = harmonies(quarters, num_beams=10, num_return_sequences=10)
PianoRoll(under(tune, beams[0]), title="T5, the likeliest that ten beams found")

# %%
samples = harmonies(quarters, do_sample=True, top_k=0, num_return_sequences=10)
for name, found in {"beams": beams, "samples": samples}.items():
    sung = found[:, 1:49].view(10, 16, 3)
    apart = [(one != other).sum().item() for one in sung for other in sung if one is not other]
    moves = (sung[:, 1:] != sung[:, :-1]).float().mean()
    print(f"ten {name}: two differ in {np.mean(apart):.1f} of 48 notes; voices move {moves:.0%}")
own = [one[:16, 1:] for one in valid]
print(f"Bach's voices move {np.mean([one[1:] != one[:-1] for one in own]):.0%}")

# %% [markdown]
# (*Move*: from one quarter to the next, a voice takes another pitch.) The likeliest that the beams found is one chord, held nearly throughout. At most words, to stay is likelier than any one change. So the likeliest text hardly moves, and is nothing that Bach would write. Samples move as often as his voices do. That is why this course samples.
#
# ## 16.9 Does it obey the rules of voice leading?
#
# Each model harmonised the beginnings of all 75 validation pieces (each seed once); faults were counted in the chords at the quarters, Bach's among them.

# %%
voices = table("t5_voices.csv")
for who in dict.fromkeys(row["by"] for row in voices):
    rows = [row for row in voices if row["by"] == who]
    chords = sum(int(row["chords"]) for row in rows)
    told = f"{who:<16}{np.mean([float(row['as_bach']) for row in rows]):>5.0%} as Bach"
    for names in (("parallel_fifths", "parallel_octaves"), ("crossing",)):
        count = sum(int(row[name]) for row in rows for name in names)
        low, high = (1000 * one / chords for one in poisson_interval(count))
        told += (
            f"{count:>6} {'parallels' if len(names) > 1 else 'crossings'} ({low:.0f}-{high:.0f})"
        )
    print(told)

# %% [markdown]
# (In brackets: per 1,000 chords, 95 %.)
#
# The small models write parallels several times as often as Bach, and ours, which is better by its nats, is no better here than T5: the intervals overlap. In crossings it *is* better. It knows what the soprano sings, and can keep the alto below.
#
# `bach-harmoniser` shows what else helps: it compares intervals, is told key, beat and fermatas, writes sixteenths, and paid for parallels in training (notebook 10). It still writes more of them than Bach. Even some of Bach's are our doing: at the quarters alone, two voices may look parallel that are not.
#
# ## 16.10 A naive attempt, read critically
#
# On the internet one finds advice like this: take `t5-small`, which has read a good part of the web; hand it the text `C:56 64 72 87`; ask for ten answers. Let us try. There may be no network here, so we make a stand-in of the same classes: a tokeniser that has learnt its pieces from a page of English, and a T5 with random weights.


# %%
def text_t5(where):
    """Load a T5 that reads text: by name, such as "t5-small", or from a folder."""
    return AutoTokenizer.from_pretrained(where), AutoModelForSeq2SeqLM.from_pretrained(where)


english = Tokenizer(models.Unigram())
english.pre_tokenizer, english.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
learn = trainers.UnigramTrainer(
    vocab_size=300, special_tokens=list(special.values()), unk_token="<unk>", show_progress=False
)
english.train_from_iterator([(SHIPPED / "bach-harmoniser" / "README.md").read_text()], learn)
folder = tempfile.mkdtemp()
PreTrainedTokenizerFast(tokenizer_object=english, **special).save_pretrained(folder)
T5ForConditionalGeneration(T5Config(**{**config.to_dict(), "vocab_size": 300})).save_pretrained(
    folder
)

# %%
text_tokenizer, text_model = text_t5(folder)  # with a network: text_t5("t5-small"), 240 MB
asked = text_tokenizer("C:56 64 72 87", return_tensors="pt")
print(text_tokenizer.convert_ids_to_tokens(asked.input_ids[0]))
try:
    text_model.generate(asked.input_ids, num_return_sequences=10)
except ValueError as error:
    print("refused:", error)
answers = text_model.generate(asked.input_ids, do_sample=True, num_return_sequences=10)
for text in text_tokenizer.batch_decode(answers, skip_special_tokens=True)[:3]:
    print(repr(text))

# %% [markdown]
# The line in the comment does the same with the real weights, where there is a network. Whatever they answer, read it critically:
#
# - Plain `generate` is greedy and has one answer. Ten need samples or beams; hence the error.
# - The tokeniser was made for text. It cuts numbers wherever that suits English; no piece is a note.
# - The model was trained on text. No pair of melody and harmony was in its task, and `C:` is a letter to it.
# - Nothing holds the form: what comes back is text of any length, not three voices.
# - And the question is odd. As MIDI numbers, 56 lies below every soprano of our training pieces, and 87 above.
#
# What would it need? A vocabulary of notes, pairs to learn from, and a rule for whose turn it is. That is what we built. Here are ten harmonisations of four notes that a soprano can sing:

# %%
print("the question:", tokenizer.decode(tokenizer("S56 S64 S72 S87").input_ids))
ten = harmonies([71, 71, 72, 74], do_sample=True, top_k=0, num_return_sequences=10)
for ids in ten:
    print(tokenizer.decode(ids, skip_special_tokens=True))

# %% [markdown]
# > **Exercise** [own-harmonies](../exercises/16_harmonise.ipynb#own-harmonies): change the scores before each draw, and give a model a taste of your own.
#
# ## In three lines
#
# - An encoder reads the melody whole, a decoder writes under it and asks by cross-attention; what that is worth, only a swapped melody tells.
# - A model from a library is yours when you settle its words, its labels, its sizes and its form; whatever you leave out was made for English.
# - Equal parameters are not equal models: who cannot find its place in the melody hardly reads it.
#
# ## Check yourself
#
# **1.** You forget the -100, and the labels hold pads. What happens to the loss of a trained model?
#
# <details><summary>a) It falls: pads are easy to guess</summary>Yes. It looks better, and the music is no better.</details>
# <details><summary>b) It rises: pads are noise</summary>No. Behind the end comes always a pad: nothing is easier.</details>
# <details><summary>c) Nothing: the attention mask hides pads</summary>No. That mask hides pads of the source. The loss never sees it.</details>
#
# **2.** What does the decoder read in training, at the place where it must say the third word?
#
# <details><summary>a) The third word</summary>No. Then it would learn to copy.</details>
# <details><summary>b) The start and Bach's first two words</summary>Yes. All is one place late, and all of it is Bach's: teacher forcing.</details>
# <details><summary>c) The start and its own first two words</summary>No. It reads its own words only when it writes.</details>
#
# **3.** A model loses little when it reads another piece's melody. What follows?
#
# <details><summary>a) It is robust, which is good</summary>No. A harmony that does not depend on its melody is none.</details>
# <details><summary>b) It hardly uses the melody</summary>Yes. That is what the swap is for.</details>
# <details><summary>c) The two melodies were alike</summary>No. Hundreds of windows were swapped, and ours lost more.</details>
#
# **4.** Beam search finds a likelier harmony than sampling. Is it better music?
#
# <details><summary>a) Yes, the likeliest is the best</summary>No. The likeliest is the most usual, over and over.</details>
# <details><summary>b) No, beams are a bug</summary>No. They do what they promise: they look for high probability.</details>
# <details><summary>c) Not by that alone</summary>Yes. Likelihood is one thing, and music is judged by ears, or by other counts.</details>
#
# **5.** (Looking back to notebook 7.) T5 knows how far two words are apart, but not where each stands. Why does that matter more in cross-attention than in self-attention?
#
# <details><summary>a) Source and target are different rows, so there is no distance between their words</summary>Yes. T5 gives cross-attention no positions at all; what it finds, it must find by content.</details>
# <details><summary>b) Cross-attention has a causal mask</summary>No. The melody is known whole, and nothing of it is hidden.</details>
# <details><summary>c) It does not matter: content is enough</summary>No. In a melody, the same note stands in many places.</details>
#
# ## Read on
#
# - Raffel and others (2020), [Exploring the Limits of Transfer Learning](https://arxiv.org/abs/1910.10683): T5.
# - Vaswani and others (2017), [Attention Is All You Need](https://arxiv.org/abs/1706.03762): encoder, decoder, cross-attention.
# - Bengio and others (2015), [Scheduled Sampling](https://arxiv.org/abs/1506.03099): what may be done about exposure bias.
# - Holtzman and others (2020), [The Curious Case of Neural Text Degeneration](https://arxiv.org/abs/1904.09751): why the likeliest text is dull.
# - Hugging Face, [T5](https://huggingface.co/docs/transformers/model_doc/t5): every setting of `T5Config`.
#
# **What you can do now that you could not do before:** take any encoder-decoder, give it your own words, and tell whether it reads what you hand it.
#
# [← 15 · How big?](15_how_big.ipynb) · [17 · Fill the gaps →](17_fill_the_gaps.ipynb)
