"""own-head: ask where heads look by a question of your own, and find the head that does."""

import torch

from musiclab.check.exercise import Exercise, normal
from musiclab.checkpoint import load_checkpoint
from musiclab.music import read_chorale
from musiclab.show.attention import attention_of

SHORT = 4  # notes of the shortest piece: its first sixteenth


def probes(rng):
    """Yield the attention of ``bach-plain`` on four bars, the notes, and three heads drawn."""
    plain = load_checkpoint("bach-plain")
    piece = read_chorale("bach/bwv66.6").excerpt(4, 4 + 48)
    ids = torch.from_numpy(plain.tokenizer.encode(piece))
    weights = torch.cat(attention_of(lambda: plain.model(ids[None, :-2])))
    hidden = even(len(ids) - 2) == 0
    drawn = 3 * normal(rng, 3, *hidden.shape)
    yield weights.flatten(0, 1), ids[1:-1], drawn.masked_fill(hidden, -torch.inf).softmax(dim=-1)


def use(answer, weights, notes, drawn):
    """Score the model's heads, those that were drawn, and those of a very short piece."""
    scores = answer(weights.clone(), notes.clone())
    if not isinstance(scores, torch.Tensor) or scores.shape != (len(weights),):
        shape = tuple(scores.shape) if isinstance(scores, torch.Tensor) else type(scores).__name__
        return {"one score a head": False, "shape": shape}
    order = torch.arange(len(weights)).flip(0)
    equal = even(len(notes))[None]
    alone = answer(weights[:1].clone(), notes)
    others = [answer(drawn, notes), answer(even(SHORT)[None], notes[:SHORT]), answer(equal, notes)]
    every = torch.cat([torch.as_tensor(one).float() for one in (scores, *others)])
    return {
        "one score a head": True,
        "numbers": bool(every.isfinite().all()),
        "smallest": round(float(every.min()), 3),
        "largest": round(float(every.max()), 3),
        "each head for itself": bool(
            torch.allclose(answer(weights[order].clone(), notes), scores[order], atol=1e-5)
            and torch.allclose(alone, scores[:1], atol=1e-5)
        ),
        "equal weights": round(float(others[2]), 3),
        "the model's best head": round(float(scores.max()), 3),
        "the same twice": bool(torch.equal(answer(weights.clone(), notes), scores)),
    }


def even(notes):
    """A head that spreads itself evenly over all it can see."""
    return torch.ones(notes, notes).tril() / torch.arange(1, notes + 1)[:, None]


def places(notes):
    """Number the note to be written (row) and the note looked at (column; -1 is the start)."""
    return torch.arange(len(notes))[:, None], torch.arange(len(notes))[None] - 1


def share_of(weights, there):
    """Average what goes there, over the notes for which there is such a place."""
    asked = there.any(dim=1)
    return (weights * there).sum(dim=-1)[:, asked].sum(dim=-1) / asked.sum().clamp(min=1)


def solution(weights, notes):
    # How much goes to notes of the bass, whatever voice is to be written?
    now, then = torch.arange(len(notes))[:, None], torch.arange(len(notes))[None] - 1
    there = (then >= 0) & (then < now) & (then % 4 == 3) & (now - then <= 16)
    asked = there.any(dim=1)
    return (weights * there).sum(dim=-1)[:, asked].sum(dim=-1) / asked.sum().clamp(min=1)


def always_all(weights, notes):
    """You add up all of a head's attention, and that is always 1.

    A question picks some places out. Which ones would your head look at, and which not?
    """
    return weights.sum(dim=-1).mean(dim=-1)


def only_the_future(weights, notes):
    """You ask about notes that are not written yet, where no head can look.

    Row n is the moment before note n is written. Which columns may it see?
    """
    now, then = places(notes)
    return share_of(weights, then > now)


def sum_not_share(weights, notes):
    """You add up over all notes, so a long piece gives large scores.

    Divide by the notes that you have asked at, and you have a share.
    """
    now, then = places(notes)
    return (weights * (now // 4 == then // 4 + 1)).sum(dim=(1, 2))


def one_for_all(weights, notes):
    """You give one number for all heads together, so no head can be found.

    Keep the axis of the heads, and average over the others.
    """
    now, then = places(notes)
    return (weights * (now // 4 == then // 4 + 1)).sum(dim=-1).mean()


def each_note(weights, notes):
    """You give a number for each note; asked for is one for each head.

    Average over the notes.
    """
    now, then = places(notes)
    return (weights * (now // 4 == then // 4 + 1)).sum(dim=-1)


def nothing_to_ask(weights, notes):
    """In a piece of one sixteenth nobody can be asked, and you divide by nothing.

    Where no note has such a place, give 0. `clamp(min=1)` helps.
    """
    now, then = places(notes)
    there = (now // 4 == then // 4 + 1) & (now % 4 == then % 4)
    return (weights * there).sum(dim=(1, 2)) / there.any(dim=1).sum()


def compared_with_the_others(weights, notes):
    """You divide by the best head, so a score depends on which other heads are there.

    Then equal weights, asked alone, are a perfect head. Leave each score as it is.
    """
    now, then = places(notes)
    scores = share_of(weights, (now // 4 == then // 4 + 1) & (now % 4 == then % 4))
    return scores / scores.max().clamp(min=1e-9)


def no_head_does_that(weights, notes):
    """No head does what you ask for more than equal weights do.

    That is a result, and a good one. But here you shall find a head: ask something else. Section
    18.2 has questions that do and questions that do not.
    """
    now, then = places(notes)
    return share_of(weights, (now // 4 == then // 4 + 16) & (then >= 0))


def one_score_a_head(facts, *inputs):
    """You must give one number for each head, as a tensor."""
    return facts["one score a head"]


def numbers_for_the_shortest(facts, *inputs):
    """Every score must be a number, in a piece of one sixteenth, too: 0 if none can be asked."""
    return facts["numbers"]


def from_nothing_to_all(facts, *inputs):
    """Every score must lie from 0 to 1: a share of attention."""
    return facts["smallest"] >= -1e-6 and facts["largest"] <= 1 + 1e-4


def each_for_itself(facts, *inputs):
    """The score of a head must not depend on the other heads, nor on chance."""
    return facts["each head for itself"] and facts["the same twice"]


def finds_one(facts, *inputs):
    """The model's best head must have at least twice what equal weights have, and 0.1 or more."""
    best = facts["the model's best head"]
    return best >= 0.1 and best >= 2 * facts["equal weights"]


EXERCISE = Exercise(
    id="own-head",
    notebook=18,
    place=4,
    title="A question of your own",
    kind="open",
    difficulty=3,
    importance=3,
    minutes=20,
    why="A head is found by a question that was asked beforehand, and beside a control.",
    signature=(
        'own_head(weights: Float[Tensor, "head note place"], notes: Int[Tensor, "note"]) -> '
        'Float[Tensor, "head"]'
    ),
    statement=(
        "Ask where heads look, in a way that section 18.2 did not. Some ideas: the bass, from any "
        "voice; notes on the beat; notes of the same pitch; the last note that was *another* one; "
        "the start.\n\n"
        "Row n of `weights` is the moment before note n is written. Column 0 is the start, and "
        "column k + 1 is note k. Voices take turns: note n belongs to voice n % 4. `notes` has the "
        "token of each. Give each head its share of attention on your places, averaged over the "
        "notes that have such a place; 0 where no note has.\n\n"
        "Four rules. One score a head, from 0 to 1. It does not depend on the other heads, nor on "
        "chance. It is a number for the shortest piece, too. And you find one: the best head of "
        "`bach-plain`, on twelve beats of Bach, gets 0.1 or more, and at least twice what equal "
        "weights get."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    properties=(
        one_score_a_head,
        numbers_for_the_shortest,
        from_nothing_to_all,
        each_for_itself,
        finds_one,
    ),
    mistakes=(
        always_all,
        only_the_future,
        sum_not_share,
        one_for_all,
        each_note,
        nothing_to_ask,
        compared_with_the_others,
        no_head_does_that,
    ),
    hints=(
        "Which earlier note would you want to know before you write the next one? In which places "
        "of the past does it stand?",
        "1. now: the note to be written, (note, 1). then: the note in each column, (1, place); "
        "that is the column's number less 1.\n"
        "2. there: True where the column answers your question, (note, place).\n"
        "3. Add up the weights that are there, along the places: (head, note).\n"
        "4. Average over the notes that have such a place.",
        "`there = (then >= 0) & (then < now) & ...`, `asked = there.any(dim=1)`, "
        "`(weights * there).sum(dim=-1)[:, asked].sum(dim=-1) / asked.sum().clamp(min=1)`.",
    ),
    explain="How would you find out whether the model *needs* the head that you have found?",
)
