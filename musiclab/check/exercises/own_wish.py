"""own-wish: draw the soprano towards something of your own."""

import torch

from musiclab.check.exercise import Exercise
from musiclab.music.chorale import REST

FRAMES = 64
MOST = 20.0  # nats; a stronger push is a command
RANGE = (60, 79)  # what a soprano sings with ease


def probes(rng):
    """Yield the pitches of a vocabulary, in two orders, and a length."""
    pitches = torch.tensor([REST] * 4 + list(range(55, 85)))
    yield pitches, 16
    yield pitches[torch.from_numpy(rng.permutation(len(pitches)))], FRAMES


def use(answer, pitches, frames):
    """Ask for every frame's push, and see what it comes to."""
    rows = [torch.as_tensor(answer(pitches, frame, frames)) for frame in range(frames)]
    if any(one.shape != pitches.shape or one.dtype == torch.bool for one in rows):
        return {"a number for each token": False, "shape": tuple(rows[0].shape)}
    push, rest = torch.stack(rows).double(), pitches == REST
    sung = (pitches >= RANGE[0]) & (pitches <= RANGE[1])
    by_pitch = push[:, pitches.argsort(stable=True)]
    again = torch.as_tensor(answer(pitches, frames // 2, frames))
    finite = bool(push.isfinite().all())
    return {
        "a number for each token": True,
        "finite": finite,
        "largest": round(float(push.abs().max()), 1) if finite else float("inf"),
        "prefers some notes": bool((push[:, sung].amax(1) - push[:, sung].amin(1) > 0.1).all()),
        "changes on the way": bool((by_pitch[1:] - by_pitch[:-1]).abs().max() > 0.1),
        "silence is never best": bool((push[:, rest].amax(1) < push[:, sung].amax(1)).all()),
        "the same when asked again": torch.equal(again, rows[frames // 2]),
    }


def solution(pitches, frame, frames):
    wished = 64 + 12 * frame / frames  # upwards, an octave from first to last
    away = (pitches - wished).abs()
    away = torch.where(pitches == -1, 12.0, away)  # a rest is far from everything
    return -1.5 * away.clamp(max=12)


def push(pitches, wished, silence=12.0, strength=1.5):
    away = (pitches - wished).abs().clamp(max=12.0)
    return -strength * torch.where(pitches == REST, silence, away)


def rise(frame, frames):
    return 64 + 12 * frame / frames


def silence_costs_nothing(pitches, frame, frames):
    """A rest pays nothing in your push, so the soprano had best fall silent.

    That is the trap of section 20.9. What should silence cost, beside the worst note?
    """
    return push(pitches, rise(frame, frames), silence=0.0)


def rest_as_a_pitch(pitches, frame, frames):
    """You give your best score to the rest: its pitch of -1 is lower than all others.

    `pitches == -1` finds the tokens that are no notes. Treat them apart.
    """
    return 0.2 * (90.0 - frame / frames - pitches).clamp(max=95)


def nothing_pushed(pitches, frame, frames):
    """Your push is the same for every note, and the softmax takes it away again.

    Some notes must get more than others.
    """
    return torch.full(pitches.shape, -1.0 - frame / frames)


def a_command(pitches, frame, frames):
    """Your push is infinite: it forbids notes, and the model has no say any more.

    A push is finite, at most 20 nats. How strong must it be to be heard?
    """
    wished = round(rise(frame, frames))
    return torch.where(pitches == wished, 0.0, -torch.inf)


def far_too_strong(pitches, frame, frames):
    """Your push reaches more than 20 nats, beside which nothing that the model says counts.

    The model's own scores differ by a few nats. Divide by something, or use `clamp`.
    """
    return push(pitches, rise(frame, frames), strength=50.0)


def the_same_all_the_time(pitches, frame, frames):
    """Your push is the same in every frame, so it draws no line.

    Where do `frame` and `frames` come in?
    """
    return push(pitches, 70.0)


def a_throw_of_dice(pitches, frame, frames):
    """Asked twice about the same frame, you give two answers.

    A sketch is drawn once. Let `frame` decide alone, without random numbers.
    """
    return push(pitches, 70 + 4 * float(torch.randn(())))


def one_number(pitches, frame, frames):
    """You return one number, not one for each token.

    It should have as many as `pitches`.
    """
    return torch.tensor(rise(frame, frames))


def a_number_for_each_token(facts, *inputs):
    """The push must be a tensor of numbers, one for each of `pitches`."""
    return facts["a number for each token"]


def a_push_not_a_command(facts, *inputs):
    """Each number must be finite, and lie within 20 nats of 0."""
    return facts["finite"] and facts["largest"] <= MOST


def prefers_some_notes(facts, *inputs):
    """In every frame, some notes between 60 and 79 must get more than others."""
    return facts["prefers some notes"]


def changes(facts, *inputs):
    """The push must change from the first frame to the last."""
    return facts["changes on the way"]


def silence_is_never_best(facts, *inputs):
    """In every frame some note must get more than the rest does."""
    return facts["silence is never best"]


def the_frame_decides(facts, *inputs):
    """The same frame must get the same push each time."""
    return facts["the same when asked again"]


def hear(answer):
    """Let bach-studio write under such a push."""
    from musiclab.checkpoint.load import load_checkpoint
    from musiclab.sampling.decoding import generate
    from musiclab.sampling.settings import Settings

    studio = load_checkpoint("bach-studio")
    model, pitches = studio.model, torch.from_numpy(studio.tokenizer.pitches())
    pushes = [torch.as_tensor(answer(pitches, frame, FRAMES)) for frame in range(FRAMES)]
    own, at = model.next_voice, [0]

    def next_voice(hidden, memories, chosen):
        soprano = chosen.shape[1] == 0
        at[0] += soprano
        return own(hidden, memories, chosen) + (pushes[at[0] - 1] if soprano else 0)

    model.next_voice = next_voice
    written = generate(
        model,
        studio.tokenizer,
        frames=FRAMES,
        conditions=torch.from_numpy(studio.conditions.plan(FRAMES)),
        generator=torch.Generator().manual_seed(1),
        settings=Settings(temperature=0.9),
    )
    return studio.tokenizer.decode(torch.cat([frame.tokens for frame in written]).numpy())


EXERCISE = Exercise(
    id="own-wish",
    notebook=20,
    place=4,
    title="A push of your own",
    kind="open",
    difficulty=2,
    importance=2,
    minutes=15,
    why="Anything that gives each note a number can steer a model that was never trained for it.",
    signature=(
        'own_wish(pitches: Int[Tensor, "vocab"], frame: int, frames: int) -> Float[Tensor, "vocab"]'
    ),
    statement=(
        "Give each token of the soprano a number that is added to its score, in nats, when frame "
        "number `frame` of `frames` is written. `pitches` has the MIDI number of each token, -1 "
        "for the rest and other tokens without a pitch. Some ideas: the outline of a hill near "
        "you; a bell on every bar; a melody that never comes down; the skyline of your town, as "
        "a list of numbers.\n\n"
        "The check asks for every frame. Numbers must be finite and lie within 20 of 0. In each "
        "frame some notes between 60 and 79 must get more than others, and some note more than "
        "the rest does. The push must change on the way, and the same frame must get the same "
        "push each time. You can hear what `bach-studio` makes of it."
    ),
    reference=solution,
    solution=solution,
    exact=False,
    probes=probes,
    use=use,
    properties=(
        a_number_for_each_token,
        a_push_not_a_command,
        prefers_some_notes,
        silence_is_never_best,
        changes,
        the_frame_decides,
    ),
    mistakes=(
        silence_costs_nothing,
        rest_as_a_pitch,
        nothing_pushed,
        a_command,
        far_too_strong,
        the_same_all_the_time,
        a_throw_of_dice,
        one_number,
    ),
    hints=(
        "Draw a line on paper, from left to right. At its middle, which pitch does it pass? Which "
        "notes should gain there, which lose? And silence?",
        "1. wished: the pitch of your line at this frame.\n"
        "2. away: how many semitones each token lies from it; for rests some large number.\n"
        "3. Return minus a strength times away. Between 0.5 and 2 nats a semitone can be heard.",
        "`wished = ... frame / frames ...`, `away = (pitches - wished).abs()`, "
        "`away = torch.where(pitches == -1, ..., away)`, `return -... * away.clamp(max=...)`.",
    ),
    explain="Why does a push on the soprano alone change what the bass sings?",
    hear=hear,
)
