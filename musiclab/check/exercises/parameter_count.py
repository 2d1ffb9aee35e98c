"""parameter-count: how many weights a model of given sizes has, without building it."""

from types import SimpleNamespace

from musiclab.check.exercise import Exercise
from musiclab.model import TransformerConfig, parameter_count


def probes(rng):
    """Yield sizes that all differ; inner widths given or not, both norms, learned positions."""
    for d_ff, positions, norm in (
        (5, "rotary", "pre"),
        (None, "rotary", "pre"),
        (7, "rotary", "post"),
        (9, "learned", "pre"),
        (None, "learned", "post"),
        (11, "sinusoidal", "pre"),
    ):
        vocab_size, max_seq = (int(one) for one in rng.integers(13, 99, size=2))
        n_heads, n_layers = int(rng.integers(2, 5)), int(rng.integers(2, 9))
        d_model = 2 * n_heads * int(rng.integers(2, 6))
        yield (
            TransformerConfig(
                vocab_size=vocab_size,
                max_seq=max_seq,
                d_model=d_model,
                n_heads=n_heads,
                n_layers=n_layers,
                d_ff=None if d_ff is None else d_ff + d_model,
                positions=positions,
                norm=norm,
            ),
        )


def solution(config):
    d_model = config.d_model
    d_ff = 4 * d_model if config.d_ff is None else config.d_ff
    norm = 2 * d_model
    block = 4 * d_model**2 + 2 * d_model * d_ff + 2 * norm
    total = config.n_layers * block + 2 * config.vocab_size * d_model
    if config.positions == "learned":
        total += config.max_seq * d_model
    if config.norm == "pre":
        total += norm
    return total


def inner(config):
    return config.d_ff or 4 * config.d_model


def positions_table(config):
    return config.max_seq * config.d_model if config.positions == "learned" else 0


def with_biases(config):
    """You count a bias for every matrix of a block; this library's have none.

    Look at the linear layers of section 8.3 and 8.4: what does `bias=False` say?
    """
    return parameter_count(config) + config.n_layers * (5 * config.d_model + inner(config))


def with_biases_in_feed_forward(config):
    """You count biases in the feed-forward layers; this library's have none.

    Look at the two linear layers of section 8.4: what does `bias=False` say?
    """
    return parameter_count(config) + config.n_layers * (config.d_model + inner(config))


def with_biases_in_attention(config):
    """You count biases in attention; this library's has none.

    Look at the two linear layers of section 8.3: what does `bias=False` say?
    """
    return parameter_count(config) + config.n_layers * 4 * config.d_model


def with_biases_everywhere(config):
    """You count a bias for every matrix, the last one included; this library's have none.

    Look at the linear layers of sections 8.3 to 8.5: what does `bias=False` say?
    """
    return with_biases(config) + config.vocab_size


def with_a_bias_at_the_end(config):
    """You count a bias for each token in the last layer; it has none.

    Look at `to_logits` in section 8.5.
    """
    return parameter_count(config) + config.vocab_size


def tied_head(config):
    """You count one table of tokens, but this model has two: one reads, one writes.

    Some models use the same numbers for both ("tied"). This one does not.
    """
    return parameter_count(config) - config.vocab_size * config.d_model


def no_tables(config):
    """You count the blocks alone: the table of tokens and the last layer are missing.

    What stands before the blocks, and what after them?
    """
    return parameter_count(config) - 2 * config.vocab_size * config.d_model


def blocks_alone(config):
    """You count the blocks and nothing else: tables and the last norm are missing.

    What stands before the blocks, and what after them?
    """
    return solution(SimpleNamespace(**config.to_dict() | {"vocab_size": 0})) - extras(config)


def extras(config):
    return positions_table(config) + (2 * config.d_model if config.norm == "pre" else 0)


def one_block(config):
    """You count a single block, however many there are.

    Every block has weights of its own.
    """
    return parameter_count(config) - (config.n_layers - 1) * a_block(config)


def a_block(config):
    return 4 * config.d_model**2 + 2 * config.d_model * inner(config) + 4 * config.d_model


def everything_in_every_block(config):
    """You multiply everything by the number of blocks, also what is there only once.

    The tables and the last norm are outside the blocks.
    """
    return config.n_layers * parameter_count(config)


def heads_multiply(config):
    """You multiply attention by the number of heads.

    The heads share d_model among them: together they have as many weights as one wide head.
    """
    return parameter_count(config) + config.n_layers * 4 * config.d_model**2 * (config.n_heads - 1)


def heads_divide(config):
    """You count one head of attention, not all of them.

    Each head has its share of d_model; all heads together make up the whole matrices.
    """
    one = 4 * config.d_model * config.d_model // config.n_heads
    return parameter_count(config) - config.n_layers * (4 * config.d_model**2 - one)


def no_output_matrix(config):
    """You count three matrices in attention; there is a fourth.

    After query, key and value: what brings the heads together again?
    """
    return parameter_count(config) - config.n_layers * config.d_model**2


def one_matrix_in_feed_forward(config):
    """You count one matrix in the feed-forward layer; there are two.

    It widens, and then it narrows again.
    """
    return parameter_count(config) - config.n_layers * config.d_model * inner(config)


def inner_width_ignored(config):
    """You take 4 * d_model as the inner width, also where the config gives another.

    Only where `d_ff` is None is it 4 * d_model.
    """
    other = SimpleNamespace(**config.to_dict() | {"d_ff": None})
    return solution(other)


def inner_width_missing(config):
    """Your function stops with an error where `d_ff` is None.

    None stands for 4 * d_model.
    """
    return parameter_count(config) + 0 * config.d_ff


def norms_forgotten(config):
    """No norm is counted.

    A norm has a gain and a bias for each number of the vector. How many norms are there?
    """
    return parameter_count(config) - config.n_layers * 4 * config.d_model - last_norm(config)


def last_norm(config):
    return 2 * config.d_model if config.norm == "pre" else 0


def gains_alone(config):
    """You count one number for each place of a norm; it has a gain and a bias.

    Look at the formula of section 8.2: which two letters are learned?
    """
    return parameter_count(config) - config.n_layers * 2 * config.d_model - last_norm(config) // 2


def one_norm_a_block(config):
    """You count one norm in a block; there are two.

    Attention has its own, and so has the feed-forward layer.
    """
    return parameter_count(config) - config.n_layers * 2 * config.d_model


def no_last_norm(config):
    """The norm after the last block is missing.

    A pre-norm model needs it, since its stream is never normalised on the way.
    """
    return parameter_count(config) - last_norm(config)


def always_a_last_norm(config):
    """You count a last norm also where `norm` is "post".

    A post-norm block has just normalised the stream. Then there is none.
    """
    return parameter_count(config) + 2 * config.d_model - last_norm(config)


def positions_forgotten(config):
    """The table of learned positions is missing.

    With positions="learned" (notebook 7) each of max_seq places has a vector of its own.
    """
    return parameter_count(config) - positions_table(config)


def positions_always(config):
    """You count a table of positions whatever `positions` says.

    Only "learned" ones are weights. Rotary and sinusoidal positions are computed.
    """
    return parameter_count(config) + config.max_seq * config.d_model - positions_table(config)


def positions_unless_rotary(config):
    """You count a table of positions for all but rotary ones.

    Sinusoidal positions are computed too. Only "learned" ones are weights.
    """
    table = config.max_seq * config.d_model if config.positions != "rotary" else 0
    return parameter_count(config) - positions_table(config) + table


def a_position_for_each_token(config):
    """Your table of positions has a row for each token of the vocabulary.

    It needs one for each place, and there are max_seq places.
    """
    learned = config.positions == "learned"
    table = config.vocab_size * config.d_model if learned else 0
    return parameter_count(config) - positions_table(config) + table


def positions_in_every_block(config):
    """You count the table of positions once for each block.

    Learned positions are added once, before the first block.
    """
    return parameter_count(config) + (config.n_layers - 1) * positions_table(config)


def last_norm_exchanged(config):
    """You count a last norm where `norm` is "post", and none where it is "pre".

    A post-norm block has just normalised the stream. Who needs a norm at the end?
    """
    return parameter_count(config) + 2 * config.d_model - 2 * last_norm(config)


def positions_and_last_norm_forgotten(config):
    """That is the formula of section 8.6 without the last norm, and without learned positions.

    What stands after the blocks? And what does notebook 7 add with positions="learned"?
    """
    return parameter_count(config) - extras(config)


def the_formula_as_it_stands(config):
    """That is the formula of section 8.6, which holds for pre-norm and rotary positions alone.

    What changes with norm="post", and what with positions="learned"?
    """
    return always_a_last_norm(config) - positions_table(config)


EXERCISE = Exercise(
    id="parameter-count",
    notebook=8,
    place=4,
    title="Count the weights",
    kind="implement",
    difficulty=3,
    importance=3,
    minutes=15,
    further=True,
    why="Whoever can count a model's weights knows what it costs before it is built.",
    signature="parameter_count(config: TransformerConfig) -> int",
    statement=(
        "Count the weights of the library's `Transformer` for any config, without building it. "
        "Start from the formula of section 8.6, then mind what a config can change: `d_ff` may be "
        'None (then it is 4 * d_model); `norm` may be "pre" or "post"; `positions` may be '
        '"rotary", "sinusoidal" or "learned".'
    ),
    reference=parameter_count,
    solution=solution,
    probes=probes,
    mistakes=(
        with_biases,
        with_biases_in_feed_forward,
        with_biases_in_attention,
        with_biases_everywhere,
        with_a_bias_at_the_end,
        tied_head,
        no_tables,
        blocks_alone,
        one_block,
        everything_in_every_block,
        heads_multiply,
        heads_divide,
        no_output_matrix,
        one_matrix_in_feed_forward,
        inner_width_ignored,
        inner_width_missing,
        norms_forgotten,
        gains_alone,
        one_norm_a_block,
        no_last_norm,
        always_a_last_norm,
        positions_forgotten,
        positions_always,
        positions_unless_rotary,
        a_position_for_each_token,
        positions_in_every_block,
        last_norm_exchanged,
        positions_and_last_norm_forgotten,
        the_formula_as_it_stands,
    ),
    hints=(
        "Walk through the model from bottom to top, as in section 8.5, and stop at everything that "
        "is learned. What is there once? What is in each block?",
        "norm = 2 * d_model. block = attention (4 matrices) + feed-forward (2 matrices) + 2 norms. "
        "total = n_layers * block + 2 tables of (vocab_size, d_model) + what positions add + one "
        "more norm, if the model has one.",
        "`block = 4 * d_model**2 + 2 * ... * d_ff + 2 * norm`, then "
        "`total = config.n_layers * block + 2 * ...`, then `if config.positions == ...:` and "
        "`if config.norm == ...:`.",
    ),
    explain="Which part grows fastest when d_model doubles?",
)
