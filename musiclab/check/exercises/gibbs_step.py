"""gibbs-step: hide some of the guesses again, and draw them anew, given all others."""

import torch

from musiclab.check.exercise import Exercise, normal
from musiclab.check.exercises._chance import states
from musiclab.check.exercises._mending import FRAMES, VOICES, mend

VOCAB = 6  # tokens of the small model


class SmallModel:
    """Scores each cell by what it sees: its own token counts most, then the one before."""

    def __init__(self, likes, follows, mask_id):
        self.likes, self.follows, self.mask_id = likes, follows, mask_id

    def __call__(self, shown):
        """Return logits (batch, frame, voice, vocab)."""
        before = torch.cat([torch.full_like(shown[:, :1], self.mask_id), shown[:, :-1]], dim=1)
        own = torch.nn.functional.one_hot(shown, VOCAB) * (shown != self.mask_id)[..., None]
        return self.likes + self.follows[before] + 3.0 * own


def probes(rng):
    """Yield a model, pieces of which some cells may change, a share, a seed, and the mask's id."""
    for share in (0.35, 0.75):
        mask_id, *notes = rng.permutation(VOCAB).tolist()
        likes, follows = normal(rng, 4, VOCAB), normal(rng, VOCAB, VOCAB)
        likes[:, notes[0]] += 2  # so that drawing differs from choosing at random
        likes[:, mask_id] += 1
        piece = torch.from_numpy(rng.choice(notes, size=(16, 128, 4)))
        hidden = torch.ones(piece.shape, dtype=torch.bool)
        hidden[..., int(rng.integers(4))] = hidden[:, :8] = False
        model = SmallModel(likes, follows, mask_id)
        yield model, piece, hidden, share, int(rng.integers(10_000)), mask_id


def use(answer, model, piece, hidden, share, seed, mask_id):
    """Collect what the model was shown, and how what was drawn fits its chances."""
    heard = []

    def listening(shown):
        heard.append(torch.as_tensor(shown).clone())
        return model(shown)

    def call(chance):
        heard.clear()
        return torch.as_tensor(answer(listening, piece, hidden, share, chance, mask_id))

    before, chance = states(), torch.Generator().manual_seed(seed)
    new = call(chance)
    facts = {"times the model is asked": len(heard), "shape": tuple(new.shape)}
    if len(heard) != 1 or new.shape != piece.shape or heard[0].shape != piece.shape:
        return facts
    shown, again = heard[0], heard[0] == mask_id
    chances = model(shown).index_fill(-1, torch.tensor([mask_id]), -torch.inf).softmax(dim=-1)
    drawn, chances = new[again].clamp(0, VOCAB - 1), chances[again]
    moved = not torch.equal(chance.get_state(), torch.Generator().manual_seed(seed).get_state())
    next_one, next_shown = call(chance), heard[0]
    repeated, repeated_shown = call(torch.Generator().manual_seed(seed)), heard[0]
    return facts | {
        "share of the hidden cells masked": again[hidden].float().mean().item(),
        "share of the given cells masked": again[~hidden].float().mean().item(),
        "given cells stay": bool((new == piece)[~hidden].all()),
        "cells that were not masked stay": bool((new == piece)[~again].all()),
        "the model reads the rest as it is": bool((shown == piece)[~again].all()),
        "the mask is never drawn": not bool((new == mask_id).any()),
        **fit(drawn, chances, piece[again].clamp(0, VOCAB - 1)),
        "same seed, same piece": torch.equal(new, repeated),
        "same seed, same cells": torch.equal(shown, repeated_shown),
        "next draw, same piece": torch.equal(new, next_one),
        "next draw, same cells": torch.equal(shown, next_shown),
        "draws from the generator": moved,
        "all pieces have the same cells masked": torch.equal(again[0], again[1]),
        "leaves other generators alone": states() == before,
    }


def fit(drawn, chances, old):
    """Compare what was drawn with the model's chances: in all, in each cell, and with before."""
    shares = drawn.bincount(minlength=VOCAB) - chances.sum(dim=0)
    own = chances.gather(-1, drawn[:, None])[:, 0] - chances.square().sum(dim=-1)
    same = (drawn == old).float() - chances.gather(-1, old[:, None])[:, 0]
    return {
        "shares drawn, less the model's chances": shares / max(len(drawn), 1),
        "chance of what is drawn, less the expected": float(own.sum()) / max(len(drawn), 1),
        "share drawn as before, less the expected": float(same.sum()) / max(len(drawn), 1),
    }


def solution(model, piece, hidden, share, generator, mask_id):
    again = hidden & (torch.rand(piece.shape, generator=generator) < share)
    logits = model(torch.where(again, mask_id, piece))
    logits[..., mask_id] = -torch.inf
    drawn = torch.multinomial(logits[again].softmax(dim=-1), 1, generator=generator)[:, 0]
    return piece.masked_scatter(again, drawn)


def reference(*inputs):
    return build()(*inputs)


def choose(piece, hidden, share, generator):
    return hidden & (torch.rand(piece.shape, generator=generator) < share)


def hide(piece, again, hidden, mask_id):
    return piece.masked_fill(again, mask_id)


def draw(logits, generator):
    rows, cells = logits.softmax(dim=-1).flatten(0, -2), logits.shape[:-1]
    return torch.multinomial(rows, 1, generator=generator).view(cells)


def replace(piece, drawn, again, logits):
    return torch.where(again, drawn, piece)


def build(choose=choose, hide=hide, draw=draw, replace=replace, forbid=True):
    """Make a step that chooses, hides, draws or replaces in another way."""

    def step(model, piece, hidden, share, generator, mask_id):
        again = choose(piece, hidden, share, generator)
        logits = model(hide(piece, again, hidden, mask_id))
        if forbid:
            logits = logits.index_fill(-1, torch.tensor([mask_id]), -torch.inf)
        return replace(piece, draw(logits, generator), again, logits)

    return step


def all_cells_at_once(*inputs):
    """You redraw all hidden cells at once, so none of them knows what the others become.

    That is the noise of section 17.5. Where does `share` come in?
    """
    return build(lambda piece, hidden, share, generator: hidden)(*inputs)


def reads_what_it_removed(*inputs):
    """The model still reads the guesses that you draw anew, so it says the same again.

    Put `mask_id` into these cells before you ask it.
    """
    return build(hide=lambda piece, again, hidden, mask_id: piece)(*inputs)


def never_accepts(*inputs):
    """You give back the piece as it was: what you draw never comes into it.

    The new tokens belong into the cells that you hid again.
    """
    return build(replace=lambda piece, drawn, again, logits: piece.clone())(*inputs)


def accepts_only_the_likelier(*inputs):
    """You keep an old guess wherever the new one is less likely.

    Gibbs sampling takes every draw. Yours climbs, until all it writes is the most likely.
    """

    def likelier(piece, drawn, again, logits):
        new, old = (logits.gather(-1, one[..., None])[..., 0] for one in (drawn, piece))
        return torch.where(again & (new >= old), drawn, piece)

    return build(replace=likelier)(*inputs)


def all_hidden_from_the_model(*inputs):
    """The model sees none of the guesses: you mask all of `hidden`, and redraw a share of it.

    The other guesses are what the new ones should fit. Mask only what you draw anew.
    """
    return build(hide=lambda piece, again, hidden, mask: piece.masked_fill(hidden, mask))(*inputs)


def given_redrawn(*inputs):
    """You redraw cells that are given, so Bach's own notes are lost.

    Only cells of `hidden` may change. Where does your choice use it?
    """
    return build(lambda piece, hidden, *rest: choose(piece, ~hidden | hidden, *rest))(*inputs)


def only_given_redrawn(*inputs):
    """You redraw what is given, and leave the hole as it is: the table is upside down.

    In `hidden`, True means that a cell may change.
    """
    return build(lambda piece, hidden, *rest: choose(piece, ~hidden, *rest))(*inputs)


def every_cell_replaced(*inputs):
    """You put a new token into every cell, also where the old one should stay.

    The model scores all cells. Take its draws only where you hid something.
    """
    return build(replace=lambda piece, drawn, again, logits: drawn)(*inputs)


def whole_hole_replaced(model, piece, hidden, *rest):
    """You replace the whole hole, also those guesses that the model was shown.

    Replace what you masked, and nothing else.
    """
    step = build(replace=lambda piece, drawn, again, logits: torch.where(hidden, drawn, piece))
    return step(model, piece, hidden, *rest)


def always_the_favourite(*inputs):
    """You take the likeliest token of each cell: nothing is drawn.

    Then the piece soon stands still. Draw by the model's chances.
    """
    return build(draw=lambda logits, generator: logits.argmax(dim=-1))(*inputs)


def all_alike(*inputs):
    """You draw every allowed token equally often, whatever the model says.

    Where do its scores come in?
    """

    def even(logits, generator):
        return draw(torch.zeros_like(logits).where(logits > -torch.inf, logits), generator)

    return build(draw=even)(*inputs)


def one_draw_for_all(*inputs):
    """You draw one token, and put it into all cells.

    Each cell has chances of its own. Is there a row of them for each?
    """

    def once(logits, generator):
        return draw(logits[:1, :1, :1], generator).expand(logits.shape[:-1])

    return build(draw=once)(*inputs)


def in_other_cells(*inputs):
    """What you draw for one cell lands in another.

    Cells are picked in an order, row by row. Put the draws back in the same order.
    """

    def elsewhere(piece, drawn, again, logits):
        return piece.masked_scatter(again, drawn[again].flip(0))

    return build(replace=elsewhere)(*inputs)


def mask_drawn(*inputs):
    """Sometimes you draw the mask itself, which is no note, and it stays in the piece.

    Set its score to minus infinity before the softmax.
    """
    return build(forbid=False)(*inputs)


def mask_left(*inputs):
    """Your piece still has the mask in it: you give back what the model was shown.

    The draws belong into the hidden cells.
    """
    model, piece, hidden, share, generator, mask_id = inputs
    again = choose(piece, hidden, share, generator)
    model(piece.masked_fill(again, mask_id))
    return piece.masked_fill(again, mask_id)


def share_upside_down(*inputs):
    """You redraw the share that should stay: of 0.3, seven cells in ten are drawn anew.

    How often is a number between 0 and 1 *below* 0.3?
    """
    return build(lambda piece, hidden, *rest: hidden & ~choose(piece, hidden, *rest))(*inputs)


def the_same_cells_every_time(*inputs):
    """You choose the same cells in each sweep, so the others are never mended.

    Likely cause: a seed of your own. The generator moves on by itself.
    """

    def fixed(piece, hidden, share, generator):
        return choose(piece, hidden, share, torch.Generator().manual_seed(0))

    return build(fixed)(*inputs)


def the_same_cells_in_every_piece(*inputs):
    """You choose the same cells in every piece of the batch.

    Each piece has a draw of its own. Which shape do you ask `torch.rand` for?
    """

    def alike(piece, hidden, share, generator):
        return hidden & (torch.rand(piece.shape[1:], generator=generator) < share)

    return build(alike)(*inputs)


def cells_by_other_chance(*inputs):
    """You choose the cells by the global random numbers, not by the generator that was given.

    Then nobody can repeat your piece. Two calls take a generator here.
    """
    return build(lambda *cells: choose(*cells[:-1], None))(*inputs)


def tokens_by_other_chance(*inputs):
    """You draw the tokens by the global random numbers, not by the generator that was given.

    Then nobody can repeat your piece. Two calls take a generator here.
    """
    return build(draw=lambda logits, generator: draw(logits, None))(*inputs)


def generator_ignored(*inputs):
    """You draw from the global random numbers twice; the generator that was given is not used.

    Then nobody can repeat your piece. Both the cells and the tokens depend on it.
    """
    model, piece, hidden, share, _, mask_id = inputs
    return build()(model, piece, hidden, share, None, mask_id)


def the_model_is_asked_once(result, *inputs):
    """In one sweep the model must be asked once, with the whole batch."""
    return result["times the model is asked"] == 1


def the_rest_stays(result, *inputs):
    """A cell that the model was shown must stay as it was."""
    return result.get("cells that were not masked stay", False)


def draws_by_chance(result, *inputs):
    """Each token must be drawn as often as the model says, given all that it was shown."""
    shares = result.get("shares drawn, less the model's chances")
    return shares is not None and bool(shares.abs().max() < 0.06)


def hear(answer):
    """Fill two bars of alto and tenor by this step."""
    hidden = torch.zeros(FRAMES, VOICES, dtype=torch.bool)
    hidden[16:48, 1:3] = True
    return mend(answer, hidden)


EXERCISE = Exercise(
    id="gibbs-step",
    notebook=17,
    place=3,
    title="One sweep of Gibbs sampling",
    kind="implement",
    difficulty=3,
    importance=5,
    minutes=20,
    why="Notes that are guessed at once clash; this is how they come to agree.",
    signature=(
        "gibbs_step(model: Callable[[Tensor], Tensor], "
        'piece: Int[Tensor, "batch frame voice"], hidden: Bool[Tensor, "batch frame voice"], '
        "share: float, generator: torch.Generator, mask_id: int) -> "
        'Int[Tensor, "batch frame voice"]'
    ),
    statement=(
        "Of the cells in `hidden`, choose some anew: each with the chance `share`. Put `mask_id` "
        "into these, ask the model once, and draw a token for each of them by its chances. "
        "All others stay as they are, and `piece` itself is not changed. The mask is no note, "
        "and is never drawn.\n\n"
        "`model(shown)` gives logits of shape (batch, frame, voice, vocab). All random numbers "
        "come from `generator`. The check draws often and compares the shares."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    tolerance=0.05,
    properties=(the_model_is_asked_once, the_rest_stays, draws_by_chance),
    mistakes=(
        all_cells_at_once,
        reads_what_it_removed,
        never_accepts,
        accepts_only_the_likelier,
        all_hidden_from_the_model,
        given_redrawn,
        only_given_redrawn,
        every_cell_replaced,
        whole_hole_replaced,
        always_the_favourite,
        all_alike,
        one_draw_for_all,
        in_other_cells,
        mask_drawn,
        mask_left,
        share_upside_down,
        the_same_cells_every_time,
        the_same_cells_in_every_piece,
        cells_by_other_chance,
        tokens_by_other_chance,
        generator_ignored,
    ),
    hints=(
        "Three guesses stand in a hole. You want to mend the second. Which notes may the model "
        "read now, and which one must it not read?",
        "again: hidden, and a random number below the share, (batch, frame, voice). shown: mask_id "
        "where again. logits = model(shown); the mask's score is minus infinity. Softmax of the "
        "rows at again: (cells, vocab). Draw one token a row, and put them into a copy of the "
        "piece.",
        "`again = hidden & (torch.rand(..., generator=...) < ...)`, "
        "`logits = model(torch.where(again, ..., piece))`, "
        "`drawn = torch.multinomial(logits[again].softmax(dim=-1), 1, generator=...)[:, 0]`, "
        "`piece.masked_scatter(...)`.",
    ),
    explain="Why is a small share better in the last sweeps, and a large one in the first?",
    hear=hear,
)
