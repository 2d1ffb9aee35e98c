"""build-t5: settle every size of a T5 that reads and writes music."""

from musiclab.check.exercise import Exercise

# What T5Config takes for a setting that is left out. None of these were made for chorales.
DEFAULTS = {
    "vocab_size": 32128,
    "d_model": 512,
    "d_kv": 64,
    "d_ff": 2048,
    "num_layers": 6,
    "num_decoder_layers": None,  # as many as num_layers
    "num_heads": 8,
    "pad_token_id": 0,
    "eos_token_id": 1,
    "decoder_start_token_id": None,  # none: the shift then raises an error
}

SAME = {  # other names that T5Config takes
    "hidden_size": "d_model",
    "head_dim": "d_kv",
    "num_attention_heads": "num_heads",
    "num_hidden_layers": "num_layers",
}
OTHERS = {  # which T5Config knows as well
    *("dropout_rate", "tie_word_embeddings", "feed_forward_proj", "initializer_factor"),
    *("relative_attention_num_buckets", "relative_attention_max_distance", "use_cache"),
    *("layer_norm_epsilon", "is_encoder_decoder", "bos_token_id", "unk_token_id"),
}


def probes(rng):
    """Yield vocabularies whose special words have any ids, and sizes that all differ."""
    for pitches in (5, 13, 29):
        words = ["<pad>", "</s>", "<unk>", *(f"A{55 + pitch}" for pitch in range(pitches))]
        ids = rng.permutation(len(words)).tolist()
        while {ids[0], ids[1], ids[2]} & {0, 1}:
            ids = rng.permutation(len(words)).tolist()
        n_heads = int(rng.integers(2, 6))
        d_model = n_heads * int(rng.choice([7, 11, 13]))
        yield dict(zip(words, ids, strict=True)), d_model, n_heads, int(rng.integers(2, 6)) * 2


def use(answer, vocabulary, d_model, n_heads, n_layers):
    """Work out what T5Config would make of the settings; a config itself will do as well."""
    settings, known = answer(vocabulary, d_model, n_heads, n_layers), {*DEFAULTS, *OTHERS}
    if hasattr(settings, "to_dict"):
        settings = settings.to_dict()
        known |= set(settings)
    if not isinstance(settings, dict):
        return settings
    settings = {SAME.get(name, name): one for name, one in settings.items()}
    made = {name: settings.get(name, default) for name, default in DEFAULTS.items()}
    if made["num_decoder_layers"] is None:
        made["num_decoder_layers"] = made["num_layers"]
    return {
        "names that T5Config does not know": sorted(set(settings) - known),
        "not whole numbers": sorted(
            name for name, one in made.items() if one is not None and not isinstance(one, int)
        ),
        "words": made["vocab_size"],
        "width of the stream": made["d_model"],
        "heads": made["num_heads"],
        "width of a head": made["d_kv"],
        "inner width": made["d_ff"],
        "layers of the encoder": made["num_layers"],
        "layers of the decoder": made["num_decoder_layers"],
        "pad": made["pad_token_id"],
        "end": made["eos_token_id"],
        "start": made["decoder_start_token_id"],
    }


def solution(vocabulary, d_model, n_heads, n_layers):
    return {
        "vocab_size": len(vocabulary),
        "d_model": d_model,
        "d_kv": d_model // n_heads,
        "d_ff": 4 * d_model,
        "num_heads": n_heads,
        "num_layers": n_layers,
        "pad_token_id": vocabulary["<pad>"],
        "eos_token_id": vocabulary["</s>"],
        "decoder_start_token_id": vocabulary["<pad>"],
    }


def without(*names):
    """Make a function that leaves settings out."""

    def settings(*inputs):
        return {name: one for name, one in solution(*inputs).items() if name not in names}

    return settings


def head_width_left_out(*inputs):
    """`d_kv` is missing, so each head is 64 wide, as in T5 for English.

    T5 does not work it out. The heads should share `d_model` among them.
    """
    return without("d_kv")(*inputs)


def each_head_as_wide_as_the_stream(vocabulary, d_model, *sizes):
    """Each head is as wide as the whole stream.

    The heads share `d_model` among them. What is left for each?
    """
    return solution(vocabulary, d_model, *sizes) | {"d_kv": d_model}


def head_width_is_the_number_of_heads(vocabulary, d_model, n_heads, n_layers):
    """You took the number of heads for the width of one.

    `num_heads` says how many, `d_kv` how wide.
    """
    return solution(vocabulary, d_model, n_heads, n_layers) | {"d_kv": n_heads}


def heads_and_width_exchanged(vocabulary, d_model, n_heads, n_layers):
    """You exchanged the number of heads and the width of one.

    `num_heads` says how many, `d_kv` how wide.
    """
    swapped = {"d_kv": n_heads, "num_heads": d_model // n_heads}
    return solution(vocabulary, d_model, n_heads, n_layers) | swapped


def heads_left_out(*inputs):
    """`num_heads` is missing, so there are 8 heads, as in T5 for English.

    How many were asked for?
    """
    return without("num_heads")(*inputs)


def heads_and_their_width_left_out(*inputs):
    """Nothing is said of the heads, so there are 8, each 64 wide, as in T5 for English.

    Two settings are missing. `n_heads` and `d_model` say what they should be.
    """
    return without("num_heads", "d_kv")(*inputs)


def head_width_is_a_fraction(vocabulary, d_model, n_heads, n_layers):
    """`d_kv` is no whole number, and T5Config refuses that.

    `/` gives 13.0. Which division gives 13?
    """
    return solution(vocabulary, d_model, n_heads, n_layers) | {"d_kv": d_model / n_heads}


def names_of_our_library(vocabulary, d_model, n_heads, n_layers):
    """You took our library's names for heads and layers; T5Config does not know them.

    It raises no error, and builds 8 heads and 6 layers. They are `num_heads` and `num_layers`.
    """
    ours = {"n_heads": n_heads, "n_layers": n_layers}
    return without("num_heads", "num_layers")(vocabulary, d_model, n_heads, n_layers) | ours


def special_words_by_name(vocabulary, *sizes):
    """Pad, end and start are words, and T5Config asks for their ids.

    Look them up in `vocabulary`.
    """
    names = {"pad_token_id": "<pad>", "eos_token_id": "</s>", "decoder_start_token_id": "<pad>"}
    return solution(vocabulary, *sizes) | names


def inner_width_left_out(*inputs):
    """`d_ff` is missing, so the feed-forward layers are 2,048 wide, as in T5 for English.

    Nearly all weights would be there. It should be four times `d_model`.
    """
    return without("d_ff")(*inputs)


def inner_width_not_widened(vocabulary, d_model, *sizes):
    """Your feed-forward layers do not widen: `d_ff` is `d_model`.

    It should be four times as much.
    """
    return solution(vocabulary, d_model, *sizes) | {"d_ff": d_model}


def stream_left_out(*inputs):
    """`d_model` is missing, so the stream is 512 wide, as in T5 for English.

    Which argument says how wide it should be?
    """
    return without("d_model")(*inputs)


def layers_left_out(*inputs):
    """`num_layers` is missing, so there are 6 layers, as in T5 for English.

    How many were asked for?
    """
    return without("num_layers")(*inputs)


def layers_shared_out(vocabulary, d_model, n_heads, n_layers):
    """You share the layers among encoder and decoder; each should have `n_layers`.

    In T5Config, `num_layers` counts the layers of *each* of the two.
    """
    return solution(vocabulary, d_model, n_heads, n_layers) | {"num_layers": n_layers // 2}


def layers_added_up(vocabulary, d_model, n_heads, n_layers):
    """You build twice as many layers as asked for: encoder and decoder have `n_layers` each.

    In T5Config, `num_layers` counts the layers of *each* of the two.
    """
    return solution(vocabulary, d_model, n_heads, n_layers) | {"num_layers": 2 * n_layers}


def decoder_of_half_the_depth(vocabulary, d_model, n_heads, n_layers):
    """Your decoder has fewer layers than your encoder.

    If `num_decoder_layers` is left out, it has as many.
    """
    half = {"num_decoder_layers": n_layers // 2}
    return solution(vocabulary, d_model, n_heads, n_layers) | half


def vocabulary_left_out(*inputs):
    """`vocab_size` is missing, so there are 32,128 words, as in T5 for English.

    Most of the weights would be words that nobody sings.
    """
    return without("vocab_size")(*inputs)


def special_words_not_counted(vocabulary, *sizes):
    """You count the notes alone; pad, end and unknown are words as well.

    Whatever has an id needs a row in the table. How many ids are there?
    """
    return solution(vocabulary, *sizes) | {"vocab_size": len(vocabulary) - 3}


def highest_id_as_the_size(vocabulary, *sizes):
    """Your vocabulary is one word too small: you took the highest id.

    Ids begin with 0. If the highest is 9, how many are there?
    """
    return solution(vocabulary, *sizes) | {"vocab_size": max(vocabulary.values())}


def no_start(*inputs):
    """`decoder_start_token_id` is missing, so the shift has nothing to begin with, and raises.

    T5 has no start of its own. Which word does it take?
    """
    return without("decoder_start_token_id")(*inputs)


def begins_with_the_end(vocabulary, *sizes):
    """Your decoder begins with the end: after `</s>` a text is over.

    T5 begins with the pad.
    """
    return solution(vocabulary, *sizes) | {"decoder_start_token_id": vocabulary["</s>"]}


def begins_with_the_unknown(vocabulary, *sizes):
    """Your decoder begins with `<unk>`, which stands for words without an id.

    T5 begins with the pad.
    """
    return solution(vocabulary, *sizes) | {"decoder_start_token_id": vocabulary["<unk>"]}


def begins_with_0(vocabulary, *sizes):
    """Your decoder begins with id 0, which is a note here.

    In T5 for English the pad happens to be 0. What is it in this vocabulary?
    """
    return solution(vocabulary, *sizes) | {"decoder_start_token_id": 0}


def special_ids_left_out(*inputs):
    """The ids of pad and end are missing, so T5 takes 0 and 1, and these are notes here.

    Look them up in `vocabulary`.
    """
    return without("pad_token_id", "eos_token_id")(*inputs)


def special_ids_of_english(vocabulary, *sizes):
    """You took 0 and 1 for pad and end, as in T5 for English; here these are notes.

    Look them up in `vocabulary`.
    """
    ids = {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0}
    return solution(vocabulary, *sizes) | ids


def no_special_ids_and_no_start(*inputs):
    """Pad, end and start are missing: T5 takes 0 and 1, which are notes here, and has no start.

    Look the first two up in `vocabulary`. With which word does T5 begin?
    """
    return without("pad_token_id", "eos_token_id", "decoder_start_token_id")(*inputs)


def pad_and_end_exchanged(vocabulary, *sizes):
    """You exchanged pad and end.

    `<pad>` fills up short rows; `</s>` ends a text.
    """
    ids = {"pad_token_id": vocabulary["</s>"], "eos_token_id": vocabulary["<pad>"]}
    return solution(vocabulary, *sizes) | ids


def a_table_of_settings(result, *inputs):
    """Return a dict of settings by T5Config's own names, or a T5Config."""
    return isinstance(result, dict)


def heads_fill_the_stream(result, vocabulary, d_model, *sizes):
    """All heads together must be as wide as the stream."""
    return result["heads"] * result["width of a head"] == d_model


def every_word_has_a_row(result, vocabulary, *sizes):
    """There must be as many words as the vocabulary has."""
    return result["words"] == len(vocabulary)


EXERCISE = Exercise(
    id="build-t5",
    notebook=16,
    place=3,
    title="A T5 for your own words",
    kind="implement",
    difficulty=2,
    importance=4,
    minutes=15,
    why="A setting left out is no error: you get a model made for English, and nobody tells you.",
    signature=(
        "build_t5(vocabulary: dict[str, int], d_model: int, n_heads: int, n_layers: int) -> "
        "dict[str, Any]"
    ),
    statement=(
        "Return the settings of a T5 as a dict, such that `T5Config(**settings)` builds it. "
        "`vocabulary` has an id for each word. The heads share `d_model` among them. The "
        "feed-forward layers are four times as wide as the stream. Encoder and decoder have "
        "`n_layers` layers each. Like T5, it begins to write with the pad; but pad (`<pad>`) and "
        "end (`</s>`) may have any ids here. Whatever you leave out is what T5 has for English. "
        "The check needs no transformers."
    ),
    reference=solution,
    solution=solution,
    probes=probes,
    use=use,
    properties=(a_table_of_settings, heads_fill_the_stream, every_word_has_a_row),
    mistakes=(
        head_width_left_out,
        each_head_as_wide_as_the_stream,
        head_width_is_the_number_of_heads,
        heads_and_width_exchanged,
        heads_left_out,
        heads_and_their_width_left_out,
        head_width_is_a_fraction,
        names_of_our_library,
        special_words_by_name,
        inner_width_left_out,
        inner_width_not_widened,
        stream_left_out,
        layers_left_out,
        layers_shared_out,
        layers_added_up,
        decoder_of_half_the_depth,
        vocabulary_left_out,
        special_words_not_counted,
        highest_id_as_the_size,
        no_start,
        begins_with_the_end,
        begins_with_the_unknown,
        begins_with_0,
        special_ids_left_out,
        special_ids_of_english,
        no_special_ids_and_no_start,
        pad_and_end_exchanged,
    ),
    hints=(
        "Go through the config of section 16.6, line by line. Which numbers there come from the "
        "vocabulary, and which from the sizes that are asked for?",
        "vocab_size: how many words. d_model, num_heads, num_layers: as given. d_kv: the width of "
        "one head. d_ff: the width inside the feed-forward layers. Then three ids: pad, end, and "
        "what the decoder begins with.",
        '`{"vocab_size": len(...), "d_model": d_model, "d_kv": d_model // ..., "d_ff": 4 * ..., '
        '"num_heads": ..., "num_layers": ..., "pad_token_id": vocabulary[...], ...}`',
    ),
    explain="What would go wrong, and when would you notice, if `vocab_size` were one too small?",
)
