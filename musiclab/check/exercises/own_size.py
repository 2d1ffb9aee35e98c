"""own-size: choose how many bits each matrix of a real model gets, and judge the result blind."""

from dataclasses import replace

from torch import nn

from musiclab.check.exercise import Exercise
from musiclab.check.exercises import quantise_int8
from musiclab.checkpoint import load_checkpoint
from musiclab.evaluate import nats_per_note
from musiclab.music.corpus import corpus
from musiclab.sampling.composing import compose

MODEL, PIECES, FRAMES = "bach-plain", 6, 48
MOST_BYTES, MOST_LOST = 340_000, 0.08  # of the matrices and their scales; nats per note


def probes(rng):
    """Yield the number of the first validation piece that is read."""
    yield (int(rng.integers(40)),)


def matrices(model):
    """Give the matrices of a model by name."""
    layers = {name: m for name, m in model.named_modules() if isinstance(m, nn.Linear)}
    return {f"{name}.weight": layer.weight.detach() for name, layer in layers.items()}


def stored(model, bits):
    """Round each matrix to its bits, with a scale for each row; give the bytes that they take."""
    size, new = 0, {}
    for name, weight in matrices(model).items():
        largest = 2 ** (bits[name] - 1) - 1
        whole, scale = quantise_int8.build(steps=largest, store=lambda whole: whole)(weight)
        new[name] = whole * scale
        size += (weight.numel() * bits[name] + 7) // 8 + 2 * len(weight)
    model.load_state_dict(new, strict=False)
    return size


def use(answer, first):
    """Store a real model so, and see what it takes and what it loses."""
    checkpoint = load_checkpoint(MODEL)
    names = matrices(checkpoint.model)
    bits = answer({name: weight.clone() for name, weight in names.items()})
    if not isinstance(bits, dict) or set(bits) != set(names):
        return {"a number for each matrix": False}
    if any(isinstance(one, bool) or int(one) != one for one in bits.values()):
        return {"a number for each matrix": True, "whole numbers": False}
    least, most = min(bits.values()), max(bits.values())
    facts = {
        "a number for each matrix": True,
        "whole numbers": True,
        "fewest bits": int(least),
        "most bits": int(most),
    }
    if not 2 <= least <= most <= 8:
        return facts
    bits = {name: int(one) for name, one in bits.items()}
    pieces = [one.pitches[:FRAMES] for one in corpus("valid", progress=False)[first:][:PIECES]]
    before = nats_per_note(pieces, checkpoint)
    size = stored(checkpoint.model, bits)
    lost = nats_per_note(pieces, checkpoint) - before
    return facts | {"bytes": size, "nats per note lost": round(lost, 3)}


def solution(weights):
    # With each matrix coarse alone, these three cost the most; all others can do with 3 bits.
    mind = ("blocks.2.attention.to_qkv", "blocks.3.attention.to_qkv", "to_logits")
    return {name: 4 if any(one in name for one in mind) else 3 for name in weights}


def the_same(bits):
    return lambda weights: dict.fromkeys(weights, bits)


def eight_bits_for_all(weights):
    """You give 8 bits to every matrix: it loses nothing, but it is too large.

    Section 19.3 has a table. How low can all go at once?
    """
    return the_same(8)(weights)


def four_bits_for_all(weights):
    """You give 4 bits to every matrix: safe, but too large.

    Some can do with 3. Make one coarse at a time, and see what it costs.
    """
    return the_same(4)(weights)


def two_bits_for_all(weights):
    """You give 2 bits to every matrix. Such a model is broken, as section 19.3 showed.

    Only -1, 0 and 1 are left. Most matrices need more.
    """
    return the_same(2)(weights)


def the_large_ones_coarse(weights):
    """You save on the large matrices, down to 2 bits. They are where the model knows things.

    Three bits are much more than two. Try each matrix alone, and see what it costs.
    """
    return {name: 2 if one.numel() > 40_000 else 8 for name, one in weights.items()}


def one_block_broken(weights):
    """You give 2 bits to a whole block, and more to the others. One broken block breaks the rest.

    Bits are worth most where there are fewest. Share them more evenly.
    """
    return {name: 2 if "blocks.2" in name else 3 for name in weights}


def attention_alone(weights):
    """You give more to attention and 2 bits to the feed-forward layers, which break.

    Bits are worth most where there are fewest. Share them more evenly.
    """
    return {name: 4 if "attention" in name else 2 for name in weights}


def thirty_two_bits(weights):
    """You leave the weights as they are, in 32 bits.

    Each number must be from 2 to 8.
    """
    return the_same(32)(weights)


def one_bit(weights):
    """One bit has room for two values, and a symmetric grid needs three: -1, 0 and 1.

    Each number must be from 2 to 8.
    """
    return the_same(1)(weights)


def not_each_has_one(weights):
    """Not every matrix has a number of its own.

    Return a dictionary: from each name in `weights`, all of them, to its bits.
    """
    return {name: 4 for name in weights if "blocks" in name}


def a_share_of_a_bit(weights):
    """Your numbers are not whole: no weight here has 3.5 bits, or "4" in quotes.

    Give some matrices 3 and others 4.
    """
    return the_same(3.5)(weights)


def names_each_matrix(facts, first):
    """Return a dictionary with a whole number for each name in `weights`, and no other names."""
    return facts["a number for each matrix"] and facts["whole numbers"]


def from_two_to_eight(facts, first):
    """Each number of bits must be from 2 to 8."""
    return 2 <= facts["fewest bits"] <= facts["most bits"] <= 8


def small_enough(facts, first):
    """The matrices and their scales may take 340,000 bytes at most."""
    return facts["bytes"] <= MOST_BYTES


def still_sings(facts, first):
    """On six excerpts, the model may lose 0.08 nats per note at most."""
    return facts["nats per note lost"] <= MOST_LOST


def hear(answer):
    """Let the model write a few bars with these bits."""
    checkpoint = load_checkpoint(MODEL)
    model = checkpoint.model
    stored(model, answer(matrices(model)))
    return compose(checkpoint=replace(checkpoint, model=model), bars=4, seed=1)


EXERCISE = Exercise(
    id="own-size",
    notebook=19,
    place=4,
    title="The smallest that still sounds the same",
    kind="open",
    difficulty=3,
    importance=2,
    minutes=25,
    why="A number says what is lost on average; only your ears say whether you mind.",
    signature="own_size(weights: dict[str, Tensor]) -> dict[str, int]",
    statement=(
        "Choose how many bits each matrix of `bach-plain` gets, from 2 to 8, with a scale for each "
        "row. Not all matrices mind alike: the names tell block and layer, and you can try "
        "each of them alone.\n\n"
        "The check stores the model so. All matrices with their scales may take 340,000 bytes, and "
        "the model may lose 0.08 nats per note on six short excerpts. Then it plays what the model "
        "writes. Go lower, until you hear it.\n\n"
        "Judge blind: let somebody else, or a coin, decide whether you hear the small model or the "
        "original, ten times, each time with another seed. Write down your guess before you look. "
        "Nine right of ten, and you can hear it."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    properties=(names_each_matrix, from_two_to_eight, small_enough, still_sings),
    mistakes=(
        eight_bits_for_all,
        four_bits_for_all,
        two_bits_for_all,
        the_large_ones_coarse,
        one_block_broken,
        attention_alone,
        thirty_two_bits,
        one_bit,
        not_each_has_one,
        a_share_of_a_bit,
    ),
    hints=(
        "Give all matrices 8 bits, and one of them 3. What does that cost? Do it with each. "
        "Which one minds most?",
        "1. Start with 3 bits for each name in weights.\n"
        "2. Where a name holds a layer that minds, put 4.\n"
        "3. Check, listen, and go on.",
        '`return {name: 4 if "..." in name else 3 for name in weights}`',
    ),
    explain="You guessed right six times of ten. What may you say, and what not?",
    hear=hear,
)
