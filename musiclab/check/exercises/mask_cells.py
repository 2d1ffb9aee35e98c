"""mask-cells: hide a share of the cells, and ask for these alone."""

import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises._chance import states


def probes(rng):
    """Yield pieces with pads at their ends and some voices given, a share, and two odd ids."""
    for share in (0.3, 0.7):
        mask_id, pad_id, *notes = rng.permutation(20).tolist()
        tokens = torch.from_numpy(rng.choice(notes, size=(6, 100, 4)))
        tokens[3, 60:] = tokens[4, 80:] = pad_id
        given = torch.zeros(tokens.shape, dtype=torch.bool)
        given[..., int(rng.integers(4))] = given[:, 10:20] = True
        yield tokens, given, share, int(rng.integers(10_000)), mask_id, pad_id


def use(answer, tokens, given, share, seed, mask_id, pad_id):
    """Collect what was hidden and asked for, and what the choice depends on."""

    def call(chance):
        shown, targets = answer(tokens, given, share, chance, mask_id, pad_id)
        return torch.as_tensor(shown), torch.as_tensor(targets)

    before, chance = states(), torch.Generator().manual_seed(seed)
    pair = call(chance)
    if any(one.shape != tokens.shape for one in pair):
        return {"shapes": [tuple(one.shape) for one in pair]}
    (shown, targets), real = pair, tokens != pad_id
    hidden, asked, may = shown == mask_id, targets != pad_id, real & ~given
    return {
        "shapes": [tuple(tokens.shape)] * 2,
        "share of given cells hidden": share_of(hidden, given & real),
        "share of given cells asked for": share_of(asked, given & real),
        "share of pads hidden": share_of(hidden, ~real),
        "share of pads asked for": share_of(asked, ~real),
        "share of the other cells hidden": share_of(hidden, may),
        "share of the other cells asked for": share_of(asked, may),
        "targets are numbers": targets.dtype != torch.bool,
        "asks for what stood there": bool((targets == tokens)[asked].all()),
        "leaves the rest as it was": bool((shown == tokens)[~hidden].all()),
        "same seed, same cells": same(pair, call(torch.Generator().manual_seed(seed))),
        "next draw, same cells": same(pair, call(chance)),
        "all pieces have the same holes": same(hidden[:1], hidden[1:2]),
        "the voices of a frame go together": bool((hidden[may] == wide(hidden, may)[may]).all()),
        "leaves other generators alone": states() == before,
    }


def share_of(table, where):
    return table[where].float().mean().item()


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def wide(hidden, may):
    """Spread each hidden cell over its frame."""
    return (hidden & may).any(dim=-1, keepdim=True).expand_as(hidden)


def solution(tokens, given, share, generator, mask_id, pad_id):
    chance = torch.rand(tokens.shape, generator=generator)
    # BEGIN SOLUTION
    hidden = (chance < share) & ~given & (tokens != pad_id)
    shown = torch.where(hidden, mask_id, tokens)
    targets = torch.where(hidden, tokens, pad_id)
    # END SOLUTION
    return shown, targets


def reference(tokens, given, share, generator, mask_id, pad_id):
    return build()(tokens, given, share, generator, mask_id, pad_id)


def draw(tokens, share, generator):
    return torch.rand(tokens.shape, generator=generator) < share


def build(
    draw=draw,
    may=lambda tokens, given, pad_id: ~given & (tokens != pad_id),
    show=lambda tokens, hidden, mask_id, pad_id: tokens.masked_fill(hidden, mask_id),
    ask=lambda tokens, hidden, mask_id, pad_id: tokens.masked_fill(~hidden, pad_id),
):
    """Make a function that draws, spares, shows or asks in another way."""

    def mask(tokens, given, share, generator, mask_id, pad_id):
        hidden = draw(tokens, share, generator) & may(tokens, given, pad_id)
        return show(tokens, hidden, mask_id, pad_id), ask(tokens, hidden, mask_id, pad_id)

    return mask


def given_hidden_too(*inputs):
    """You also hide cells that are given, such as the melody that is to be harmonised.

    They belong to the question. Which table says so, and where does your `hidden` use it?
    """
    return build(may=lambda tokens, given, pad_id: tokens != pad_id)(*inputs)


def only_given_hidden(*inputs):
    """You hide what is given, and show what is to be guessed: the table is upside down.

    True in `given` means that a cell stays. `~` turns True and False round.
    """
    return build(may=lambda tokens, given, pad_id: given & (tokens != pad_id))(*inputs)


def pads_hidden(*inputs):
    """You also hide pads, so the model reads "guess" where there is no music at all.

    A short piece ends before the batch does. What stands there in `tokens`?
    """
    return build(may=lambda tokens, given, pad_id: ~given)(*inputs)


def nothing_spared(*inputs):
    """You hide any cell: what is given as well, and even pads.

    The draw is only half of it. Which two kinds of cell must stay as they are?
    """
    return build(may=lambda tokens, given, pad_id: True)(*inputs)


def pads_asked_for(*inputs):
    """Your targets ask for something at the pads, where there is no music.

    Targets hold `pad_id` wherever nothing was hidden. The loss then leaves them out.
    """

    def ask(tokens, hidden, mask_id, pad_id):
        return tokens.masked_fill(~hidden, pad_id).masked_fill(tokens == pad_id, mask_id)

    return build(ask=ask)(*inputs)


def everything_asked_for(*inputs):
    """Your targets are the whole piece, so the loss also counts cells that the model can read.

    To copy is easy, and the loss looks wonderful. Ask for hidden cells alone.
    """
    return build(ask=lambda tokens, hidden, mask_id, pad_id: tokens)(*inputs)


def shown_asked_for(*inputs):
    """You ask for the cells that are shown, and not for the hidden ones.

    `torch.where(a, b, c)` gives b where a is True. Which of yours should stand first?
    """
    return build(ask=lambda tokens, hidden, mask, pad: tokens.masked_fill(hidden, pad))(*inputs)


def nothing_hidden(*inputs):
    """You show the whole piece: the model reads the very notes that it is asked for.

    Only the targets know what was hidden. What should stand in `shown` there?
    """
    return build(show=lambda tokens, hidden, mask_id, pad_id: tokens)(*inputs)


def hidden_as_pads(*inputs):
    """You hide cells behind `pad_id`, so the model cannot tell a gap from the end of a piece.

    In the library one id serves for both; here there is another for "guess".
    """
    return build(show=lambda tokens, hidden, mask, pad: tokens.masked_fill(hidden, pad))(*inputs)


def asked_for_the_mask(*inputs):
    """Your targets hold `mask_id` where nothing is hidden, and the loss would count it.

    The loss leaves out `pad_id` alone. The mask belongs into `shown`.
    """
    return build(ask=lambda tokens, hidden, mask, pad: tokens.masked_fill(~hidden, mask))(*inputs)


def shown_and_targets_swapped(*inputs):
    """You return the targets first, and what is shown second.

    Look at the order in the signature.
    """
    return build()(*inputs)[::-1]


def table_returned(*inputs):
    """Your targets are True and False: which cells are hidden, but not what stood there.

    The model must be told the right notes. Take them from `tokens`.
    """
    return build(ask=lambda tokens, hidden, mask_id, pad_id: hidden)(*inputs)


def the_same_cells_every_time(*inputs):
    """You hide the same cells every time, so the model never learns to guess the others.

    Likely cause: a seed of your own. The generator moves on by itself.
    """
    fixed = torch.Generator().manual_seed(0)
    return build(lambda tokens, share, generator: draw(tokens, share, fixed))(*inputs)


def generator_ignored(*inputs):
    """You draw from the global random numbers; the generator that was given is not used.

    Then nobody can repeat your training. Which argument of `torch.rand` takes it?
    """
    return build(lambda tokens, share, generator: draw(tokens, share, None))(*inputs)


def one_table_for_all(*inputs):
    """You hide the same cells in every piece of the batch.

    Each piece has a draw of its own. Which shape do you ask `torch.rand` for?
    """
    return build(lambda tokens, *rest: draw(tokens[0], *rest).expand_as(tokens))(*inputs)


def whole_frames(*inputs):
    """You hide whole frames: where one voice is hidden, so are all that may be.

    Then the model never learns to guess an alto from its soprano. Draw for each cell.
    """
    return build(lambda tokens, *rest: draw(tokens[..., :1], *rest).expand_as(tokens))(*inputs)


def share_upside_down(*inputs):
    """You hide the share that should stay: of 0.3, seven cells in ten are gone.

    How often is a number between 0 and 1 *below* 0.3?
    """
    return build(lambda tokens, *rest: ~draw(tokens, *rest))(*inputs)


def always_a_half(*inputs):
    """You hide half of the cells, whatever the share is.

    Where does `share` come in?
    """
    return build(lambda tokens, share, generator: draw(tokens, 0.5, generator))(*inputs)


def always_all(*inputs):
    """You hide every cell that may be hidden, whatever the share is.

    Compare a random number for each cell with `share`.
    """
    return build(lambda tokens, share, generator: draw(tokens, 2.0, generator))(*inputs)


def given_stays(result, *inputs):
    """What is given must neither be hidden nor asked for."""
    return result["share of given cells hidden"] + result["share of given cells asked for"] == 0


def pads_stay(result, *inputs):
    """Pads must neither be hidden nor asked for."""
    return result["share of pads hidden"] + result["share of pads asked for"] == 0


def asks_for_notes(result, *inputs):
    """A target must be the token that stood in its cell."""
    return result["asks for what stood there"]


EXERCISE = Exercise(
    id="mask-cells",
    notebook=17,
    place=1,
    title="Hide, and ask for what is hidden",
    kind="fill-in",
    difficulty=2,
    importance=5,
    minutes=10,
    why="A model that hears both sides can only be asked about what it is not shown.",
    signature=(
        'mask_cells(tokens: Int[Tensor, "batch frame voice"], '
        'given: Bool[Tensor, "batch frame voice"], share: float, generator: torch.Generator, '
        "mask_id: int, pad_id: int) -> "
        'tuple[Int[Tensor, "batch frame voice"], Int[Tensor, "batch frame voice"]]'
    ),
    statement=(
        "Hide a share of the cells: each with the chance `share`, drawn for itself. Two kinds "
        "are never hidden: cells that are `given`, such as a melody to harmonise, and the pads "
        "(`pad_id`) that fill up short pieces.\n\n"
        "Return what the model reads, with `mask_id` in the hidden cells; and what it is asked "
        "for, with `pad_id` wherever nothing was hidden. Unlike in section 17.3, "
        "these are two different ids."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    tolerance=0.08,
    properties=(given_stays, pads_stay, asks_for_notes),
    mistakes=(
        given_hidden_too,
        only_given_hidden,
        pads_hidden,
        nothing_spared,
        pads_asked_for,
        everything_asked_for,
        shown_asked_for,
        nothing_hidden,
        hidden_as_pads,
        asked_for_the_mask,
        shown_and_targets_swapped,
        table_returned,
        the_same_cells_every_time,
        generator_ignored,
        one_table_for_all,
        whole_frames,
        share_upside_down,
        always_a_half,
        always_all,
    ),
    hints=(
        "Draw a small grid with four voices. Cross out three cells, but none of the soprano's. "
        "What does the model read in a crossed cell? What is it asked for in the others?",
        "hidden: True where the random number is below the share, and the cell is not given, "
        "and it is no pad. All have the shape (batch, frame, voice). shown: mask_id where hidden, "
        "else the token. targets: the token where hidden, else pad_id.",
        "`hidden = (chance < ...) & ~... & (tokens != ...)`, then "
        "`shown = torch.where(hidden, ..., tokens)` and `targets = torch.where(hidden, ..., ...)`.",
    ),
    explain="Why must the loss leave out the cells that were shown?",
)
