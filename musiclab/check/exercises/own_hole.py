"""own-hole: decide what is hidden from a model while it learns."""

import torch

from musiclab.check.exercise import Exercise
from musiclab.check.exercises import gibbs_step
from musiclab.check.exercises._mending import FRAMES, VOICES, mend

MANY = 300  # draws for each piece


def probes(rng):
    """Yield sizes of pieces and a seed; one piece has a single frame."""
    yield 8, 4, int(rng.integers(10_000))
    yield 1, 4, int(rng.integers(10_000))
    yield int(rng.integers(16, 40)), int(rng.integers(2, 5)), int(rng.integers(10_000))


def use(answer, frames, voices, seed):
    """Draw many holes, and see what they come to."""

    def call(chance):
        return torch.as_tensor(answer(frames, voices, chance))

    chance = torch.Generator().manual_seed(seed)
    holes = [call(chance) for _ in range(MANY)]
    if any(one.dtype != torch.bool or one.shape != (frames, voices) for one in holes):
        return {"True and False in the right shape": False}
    shares = torch.stack([one.float().mean() for one in holes])
    each = torch.stack(holes).float().mean(dim=0)
    return {
        "True and False in the right shape": True,
        "fewest cells hidden": min(int(one.sum()) for one in holes),
        "smallest share": round(float(shares.min()), 2),
        "largest share": round(float(shares.max()), 2),
        "cells never hidden": int((each == 0).sum()),
        "cells always hidden": int((each == 1).sum()),
        "same seed, same hole": torch.equal(holes[0], call(torch.Generator().manual_seed(seed))),
    }


def uniform(low, high, generator):
    return low + (high - low) * float(torch.rand((), generator=generator))


def solution(frames, voices, generator):
    hidden = torch.zeros(frames, voices, dtype=torch.bool)
    draw = torch.rand(3, generator=generator)
    # A hole around any frame, of any length, in any number of voices.
    middle, half = int(draw[0] * frames), int(draw[1] * frames)
    order = torch.randperm(voices, generator=generator)
    chosen = order[: 1 + int(draw[2] * voices)]
    hidden[max(middle - half, 0) : middle + half + 1, chosen] = True
    return hidden


def any_cells(frames, voices, generator, share):
    return torch.rand(frames, voices, generator=generator) < share


def always_the_same_share(frames, voices, generator):
    """You always hide about the same share: the model never meets a small hole, or a large one.

    In the first sweep of section 17.6 all is hidden, in the last one hardly anything. Draw the
    size, too.
    """
    hidden = any_cells(frames, voices, generator, 0.35)
    return hidden if hidden.any() else ~hidden


def one_cell(frames, voices, generator):
    """You hide a single cell each time, which a model fills by copying the note beside it.

    Most notes last longer than a sixteenth. Cut larger holes as well.
    """
    hidden = torch.zeros(frames * voices, dtype=torch.bool)
    hidden[int(torch.randint(frames * voices, (), generator=generator))] = True
    return hidden.view(frames, voices)


def sometimes_nothing(frames, voices, generator):
    """Sometimes you hide nothing at all, so there is nothing to learn from.

    See to it that each hole has at least one cell.
    """
    return any_cells(frames, voices, generator, uniform(0, 0.9, generator))


def everything(frames, voices, generator):
    """You always hide everything, so the model never learns to listen.

    Leave it something to go by.
    """
    return torch.ones(frames, voices, dtype=torch.bool)


def never_the_soprano(frames, voices, generator):
    """One voice is never hidden: the model learns to harmonise, but never to write that voice.

    Does a slice of yours begin at 1?
    """
    hidden = solution(frames, voices, generator)
    hidden[:, 0] = False
    if not hidden.any():
        hidden[int(torch.randint(frames, (), generator=generator)), 1:] = True
    return hidden


def always_the_same_hole(frames, voices, generator):
    """You cut the same hole every time; the model learns nothing about other places.

    Use the generator that was given.
    """
    hidden = torch.zeros(frames, voices, dtype=torch.bool)
    hidden[frames // 4 : frames // 4 + frames // 2 + 1, 1:] = True
    return hidden


def in_true_and_false(facts, *inputs):
    """Each hole must be a table of True and False, with one row a frame, one column a voice."""
    return facts["True and False in the right shape"]


def something_is_hidden(facts, *inputs):
    """Each time, at least one cell must be hidden."""
    return facts["fewest cells hidden"] > 0


def all_are_asked_sometimes(facts, *inputs):
    """In 300 draws, each cell must be hidden at least once, and shown at least once."""
    return facts["cells never hidden"] == facts["cells always hidden"] == 0


def small_and_large(facts, frames, voices, seed):
    """In 300 draws, some holes must have a quarter of the cells or less, and some two thirds."""
    small_enough = facts["smallest share"] <= 0.25 or frames * voices < 8
    return small_enough and facts["largest share"] >= 0.66


def the_seed_decides(facts, *inputs):
    """The same seed must give the same hole: use no random numbers but the generator's."""
    return facts["same seed, same hole"]


def hear(answer):
    """Cut one such hole into a chorale, and have it mended."""
    hidden = answer(FRAMES, VOICES, torch.Generator().manual_seed(1))
    return mend(gibbs_step.reference, hidden)


EXERCISE = Exercise(
    id="own-hole",
    notebook=17,
    place=4,
    title="A hole of your own",
    kind="open",
    difficulty=2,
    importance=2,
    minutes=15,
    why="A model can only mend such holes as it has met: you choose which.",
    signature=(
        "own_hole(frames: int, voices: int, generator: torch.Generator) -> "
        'Bool[Tensor, "frame voice"]'
    ),
    statement=(
        "Draw which cells are hidden from a model in one step of its training; True means hidden. "
        "Some ideas: whole bars; one voice at a time; every note that begins on a beat; what a "
        "composer would rub out.\n\n"
        "Four rules, which the check tries with 300 draws. Each hole has at least one cell. Each "
        "cell is hidden at times, and shown at times. Some holes are small, with at most a "
        "quarter of the cells, and some are large, with two thirds or more. All chance comes from "
        "`generator`. A piece may have a single frame. The check fills one of your holes, and you "
        "can hear it."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    properties=(
        in_true_and_false,
        something_is_hidden,
        all_are_asked_sometimes,
        small_and_large,
        the_seed_decides,
    ),
    mistakes=(
        always_the_same_share,
        one_cell,
        sometimes_nothing,
        everything,
        never_the_soprano,
        always_the_same_hole,
    ),
    hints=(
        "You want to have four beats of one voice written again. Which cells are they? And what "
        "did a model have to practise, to do that well?",
        "1. A table of False, of shape (frames, voices).\n"
        "2. Draw where the hole begins, and how long it is.\n"
        "3. Draw which voices it has, at least one.\n"
        "4. Set these cells to True. Try 300 of them: is each cell hidden at least once?",
        "`start = int(torch.randint(..., (1,), generator=generator))`, the length likewise, "
        "`chosen = torch.randperm(voices, generator=generator)[: ...]`, then "
        "`hidden[start : start + ..., chosen] = True`.",
    ),
    explain="Which holes would a model that was trained on yours fill badly?",
    hear=hear,
)
