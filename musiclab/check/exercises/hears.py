"""hears: change one token, and see whether the scores somewhere else move."""

import torch
from torch.nn.functional import one_hot

from musiclab.check.exercise import Exercise

VOCABULARY = 50
PLACES = {"itself": ((0, 2), (0, 2)), "past": ((1, 3), (1, 0)), "future": ((0, 1), (0, 3))}
PLACES |= {"other piece": ((0, 3), (1, 3)), "other piece, earlier": ((1, 3), (0, 1))}


def probes(rng):
    """Yield models of seven kinds, each with every pair of places; tokens from first to last."""
    for model in (
        "causal",
        "no mask",
        "own place",
        "other piece",
        "has gaps",
        "skips the first",
        "rounds",
    ):
        for listener, speaker in PLACES.values():
            ids = torch.from_numpy(rng.integers(1, VOCABULARY - 1, size=(2, 4)))
            yield model, ids, listener, speaker
    for last in (0, VOCABULARY - 1):
        ids = torch.from_numpy(rng.integers(1, VOCABULARY - 1, size=(2, 5)))
        ids[:, 1] = last
        yield "causal", ids, (1, 4), (1, 1)


def use(answer, model, ids, listener, speaker):
    """Build a model of that kind, which scores tokens after each token."""
    return answer(lambda ids: score(model, ids), ids, listener, speaker)


def score(kind, ids):
    """Score the tokens: how many places the sum takes in is what the kinds differ in."""
    if kind == "own place":
        return one_hot((7 * torch.arange(VOCABULARY) % VOCABULARY)[ids], VOCABULARY).float()
    numbers, place = torch.arange(float(VOCABULARY))[ids], torch.arange(ids.shape[1])
    heard = numbers.cumsum(dim=1)
    if kind == "no mask":
        heard = -numbers.sum(dim=1, keepdim=True).expand_as(numbers)
    if kind == "other piece":  # the first piece hears the second, which hears nothing
        heard = -numbers.flip(0) * torch.tensor([[1], [0]])
    if kind == "has gaps":  # every second place does not hear itself
        heard = heard - numbers * (place % 2)
    if kind == "skips the first":
        heard = (numbers * (place > 0)).cumsum(dim=1)
    if kind == "rounds":
        heard = heard / VOCABULARY + 1e-7 * numbers.flip(0)  # rounding, not hearing
    lowest = 0.0 if kind == "no mask" else 0.5  # with 0, one of the scores never moves
    return heard[..., None] * torch.linspace(lowest, 1.5, VOCABULARY)


def start(model, ids, listener, speaker):
    changed = ids
    changed[speaker] = (changed[speaker] + 1) % 50
    with torch.no_grad():
        before, after = model(ids)[listener], model(changed)[listener]
    return bool((before - after).abs().max() > 1e-5)


def solution(model, ids, listener, speaker):
    changed = ids.clone()
    changed[speaker] = (changed[speaker] + 1) % 50
    with torch.no_grad():
        before, after = model(ids)[listener], model(changed)[listener]
    return bool((before - after).abs().max() > 1e-5)


def moves(model, ids, speaker):
    """Return by how much each score moves when one token is changed."""
    changed = ids.clone()
    changed[speaker] = (changed[speaker] + 1) % VOCABULARY
    return model(ids) - model(changed)


def deaf(model, ids, listener, speaker):
    """Your function always says False: it compares a model's scores with the very same scores.

    Are there two sets of ids, one changed and one not? And does each of them go to the model?
    """
    return False


def changes_what_was_given(model, ids, listener, speaker):
    """The answer is right, but the caller's ids are changed afterwards.

    Change a copy, and leave what you were given as it was.
    """
    answer = solution(model, ids, listener, speaker)
    ids[speaker] = (ids[speaker] + 1) % VOCABULARY
    return answer


def listens_to_the_speaker(model, ids, listener, speaker):
    """You compare the scores at the place that was changed, not at the listener's.

    Who speaks, and who listens? The token of one is changed, the scores of the other compared.
    """
    return bool(moves(model, ids, speaker)[speaker].abs().max() > 1e-5)


def the_listener_speaks(model, ids, listener, speaker):
    """You change the listener's token, and see whether its own scores move.

    Who speaks, and who listens? The token of one is changed, the scores of the other compared.
    """
    return bool(moves(model, ids, listener)[listener].abs().max() > 1e-5)


def roles_exchanged(model, ids, listener, speaker):
    """Speaker and listener are exchanged: you test whether the speaker hears the listener.

    The token of the speaker is changed, the scores of the listener compared.
    """
    return bool(moves(model, ids, listener)[speaker].abs().max() > 1e-5)


def anywhere(model, ids, listener, speaker):
    """You say True as soon as any score moves, anywhere.

    Only the scores of the listener count.
    """
    return bool(moves(model, ids, speaker).abs().max() > 1e-5)


def anywhere_in_the_piece(model, ids, listener, speaker):
    """You compare the scores of the listener's whole piece.

    A listener is a piece and a place in it: both numbers count.
    """
    return bool(moves(model, ids, speaker)[listener[0]].abs().max() > 1e-5)


def the_same_place_in_any_piece(model, ids, listener, speaker):
    """You compare the scores at the listener's place in all pieces.

    A listener is a piece and a place in it: both numbers count.
    """
    return bool(moves(model, ids, speaker)[:, listener[1]].abs().max() > 1e-5)


def first_piece_alone(model, ids, listener, speaker):
    """You look at the first piece, whichever piece the listener is in.

    A listener is a piece and a place in it: both numbers count.
    """
    return bool(moves(model, ids, speaker)[0, listener[1]].abs().max() > 1e-5)


def one_way(model, ids, listener, speaker):
    """You notice only scores that fall: those that rise go unseen.

    A difference can be negative. Which step makes its sign disappear?
    """
    return bool(moves(model, ids, speaker)[listener].max() > 1e-5)


def the_other_way(model, ids, listener, speaker):
    """You notice only scores that rise: those that fall go unseen.

    A difference can be negative. Which step makes its sign disappear?
    """
    return bool(-moves(model, ids, speaker)[listener].min() > 1e-5)


def differences_cancel(model, ids, listener, speaker):
    """You add up the differences, and those that rise cancel those that fall.

    Make each of them positive first, or look for the largest.
    """
    return bool(moves(model, ids, speaker)[listener].sum().abs() > 1e-5)


def rounding_counts(model, ids, listener, speaker):
    """You take the smallest difference for hearing, also one that comes from rounding.

    Two ways to add up the same numbers differ in the last digits. Leave room for that.
    """
    return bool((moves(model, ids, speaker)[listener] != 0).any())


def only_the_favourite(model, ids, listener, speaker):
    """You see whether the likeliest token changes; the scores can move without that.

    Compare the scores themselves.
    """
    changed = ids.clone()
    changed[speaker] = (changed[speaker] + 1) % VOCABULARY
    return bool(model(ids)[listener].argmax() != model(changed)[listener].argmax())


def all_must_move(model, ids, listener, speaker):
    """You say True only if every score of the listener moves.

    One score that moves is enough: something was heard.
    """
    return bool(moves(model, ids, speaker)[listener].abs().min() > 1e-5)


def always_the_same_token(model, ids, listener, speaker):
    """You always put in the same token; where it stands already, nothing is changed.

    The new token must differ from the old one, whatever that was.
    """
    changed = ids.clone()
    changed[speaker] = 0
    return bool((model(ids) - model(changed))[listener].abs().max() > 1e-5)


def leaves_the_vocabulary(model, ids, listener, speaker):
    """After the last token, 49, there is no next one: the model stops with an error.

    After 49, go on with 0.
    """
    changed = ids.clone()
    changed[speaker] += 1
    return bool((model(ids) - model(changed))[listener].abs().max() > 1e-5)


def the_whole_piece_speaks(model, ids, listener, speaker):
    """You change every token of the speaker's piece.

    Then nobody knows which of them was heard. Change one.
    """
    return bool(moves(model, ids, speaker[0])[listener].abs().max() > 1e-5)


def the_place_speaks_in_every_piece(model, ids, listener, speaker):
    """You change the speaker's place in every piece.

    Then nobody knows which piece was heard. Change one token.
    """
    place = slice(None), speaker[1]
    return bool(moves(model, ids, place)[listener].abs().max() > 1e-5)


def all_from_there_on(model, ids, listener, speaker):
    """You change the speaker's token and all that come after it in that piece.

    Then nobody knows which of them was heard. Change one.
    """
    place = speaker[0], slice(speaker[1], None)
    return bool(moves(model, ids, place)[listener].abs().max() > 1e-5)


def upside_down(model, ids, listener, speaker):
    """Your answer is upside down: True where nothing is heard.

    A score that moves means that something was heard.
    """
    return not solution(model, ids, listener, speaker)


EXERCISE = Exercise(
    id="hears",
    notebook=8,
    place=6,
    title="Who hears whom?",
    kind="find the bug",
    difficulty=2,
    importance=4,
    minutes=10,
    why="This test finds a missing mask in a second, before any training.",
    signature=(
        "hears(model: Callable, ids: Int[Tensor, 'batch seq'], listener: tuple[int, int], "
        "speaker: tuple[int, int]) -> bool"
    ),
    statement=(
        "A friend has written down the test of section 8.8: change the token of the speaker, and "
        "see whether the scores of the listener move. Both are pairs of a piece and a place in it. "
        "The function says False for every model, even for one without a mask. Find the bug. (The "
        "models know the tokens 0 to 49.)"
    ),
    reference=solution,
    solution=solution,
    start=start,
    probes=probes,
    use=use,
    mistakes=(
        deaf,
        changes_what_was_given,
        listens_to_the_speaker,
        the_listener_speaks,
        roles_exchanged,
        anywhere,
        anywhere_in_the_piece,
        the_same_place_in_any_piece,
        first_piece_alone,
        one_way,
        the_other_way,
        differences_cancel,
        rounding_counts,
        only_the_favourite,
        all_must_move,
        always_the_same_token,
        leaves_the_vocabulary,
        the_whole_piece_speaks,
        the_place_speaks_in_every_piece,
        all_from_there_on,
        upside_down,
    ),
    hints=(
        "Print `ids` before and after the second line. Which of the two names, `ids` and "
        "`changed`, would you expect to differ?",
        "Two rows of ids: one as it was, one with a single token changed. Each goes through the "
        "model: (batch, seq, vocab). Compare the two rows of scores at the listener's place.",
        "`changed = ids...`: the first line makes a second name for one and the same tensor. What "
        "makes a second tensor?",
    ),
    explain="Why does a second name not make a second tensor?",
)
