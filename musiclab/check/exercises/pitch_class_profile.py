"""pitch-class-profile: how often each pitch class sounded, recent frames more, seen from one."""

import torch
from einops import rearrange, reduce
from torch.nn import functional as F

from musiclab.check.exercise import Exercise
from musiclab.singer.memories import pitch_class_profile as library


def probes(rng):
    """Yield pitches with rests, a decay and a home; at last a passage of rests alone."""
    yield torch.tensor([[72, 60], [67, 55], [-1, 62]]), 2.0, 7
    for seq, voices, decay, home in ((5, 3, 3.0, 2), (11, 4, 8.0, 10)):
        pitches = torch.from_numpy(rng.integers(48, 84, size=(seq, voices)))
        pitches[rng.integers(seq - 1)] = -1
        pitches[-1, 0], pitches[-1, 1] = -1, pitches[-1, 2]  # two voices in unison
        yield pitches, decay, home
    yield torch.full((2, 3), -1), 4.0, 0


def reference(pitches, decay, home):
    return library(pitches[None], decay)[0, -1].roll(-home)


def solution(pitches, decay, home):
    age = len(pitches) - 1 - torch.arange(len(pitches))  # frames; the newest is 0
    classes = torch.where(pitches < 0, 12, pitches % 12)  # class 12 is for rests
    # BEGIN SOLUTION
    sounding = reduce(F.one_hot(classes, 13)[..., :12], "frame voice step -> frame step", "sum")
    heard = (rearrange((-age / decay).exp(), "frame -> frame 1") * sounding).sum(dim=0)
    share = heard / heard.sum().clamp(min=1e-6)
    return (12 * share - 1).roll(-home)
    # END SOLUTION


def profile(pitches, weight, home, *, base=12, rests=False, voices=slice(None), turn=-1):
    """Count with a weight for each frame, and let the rest be wrong as asked for."""
    classes = torch.where((pitches < 0) & ~torch.tensor(rests), 12, pitches % 12)
    sounding = F.one_hot(classes, 13)[:, voices, :12].sum(dim=1).float()
    heard = weight @ sounding
    return (base * heard / heard.sum().clamp(min=1e-6) - 1).roll(turn * home)


def fading(pitches, decay):
    return torch.exp((torch.arange(len(pitches)) - len(pitches) + 1) / decay)


def newest_weighs_least(pitches, decay, home):
    """Your oldest frame weighs most: the past grows louder, where it should fade.

    The age of the newest frame is 0, and weights fall with age. Does yours count from the start?
    """
    return profile(pitches, fading(pitches, decay).flip(0), home)


def nothing_fades(pitches, decay, home):
    """All frames weigh the same in your histogram: nothing fades, whatever `decay` says.

    A piece that has moved to another key would still seem to be in the first one.
    """
    return profile(pitches, torch.ones(len(pitches)), home)


def rests_counted(pitches, decay, home):
    """A rest counts as a note: -1 % 12 is 11, so each silence is taken for a B.

    Leave the rests out before you take the remainder.
    """
    return profile(pitches, fading(pitches, decay), home, rests=True)


def turned_the_wrong_way(pitches, decay, home):
    """Your histogram is turned the wrong way: it starts as far below C as `home` lies above it.

    Entry 0 should belong to `home`. Check with a passage that holds only that class.
    """
    return profile(pitches, fading(pitches, decay), home, turn=1)


def not_turned(pitches, decay, home):
    """Your histogram starts at C; it should start at `home`.

    In section 10.4 the histogram is seen from a class, so that it looks alike in every key.
    """
    return profile(pitches, fading(pitches, decay), 0)


def counted_downwards(pitches, decay, home):
    """You count down from `home`: the entry of the fifth above holds the fifth below.

    Entry 7 belongs to the class seven semitones above `home`, not below it.
    """
    return reference(pitches, decay, home).roll(-1).flip(0)


def not_normalised(pitches, decay, home):
    """You return sums, not shares: a long passage looks louder than a short one.

    What must all twelve numbers be divided by, so that they add up to 1?
    """
    weight = fading(pitches, decay)
    classes = torch.where(pitches < 0, 12, pitches % 12)
    return (12 * (weight @ F.one_hot(classes, 13)[..., :12].sum(dim=1).float()) - 1).roll(-home)


def bare_sums(pitches, decay, home):
    """You return the bare sums: they are neither shares nor measured against an even spread.

    Read the statement's last step: the share of each class, times 12 and less 1.
    """
    return (not_normalised(pitches, decay, home) + 1) / 12


def bare_shares(pitches, decay, home):
    """You return the share of each class; times 12 and less 1 is asked for.

    Then 0 means as often as if all twelve were alike.
    """
    return (reference(pitches, decay, home) + 1) / 12


def divided_by_the_largest(pitches, decay, home):
    """You divide by the most frequent class; shares are parts of the whole.

    The twelve shares should add up to 1. What do yours add up to?
    """
    heard = bare_sums(pitches, decay, home)
    return 12 * heard / heard.max().clamp(min=1e-6) - 1


def each_frame_a_whole(pitches, decay, home):
    """You make each frame a share first: a frame with one voice then counts like one with four.

    A mean of shares is not the share of all. Divide once, at the end.
    """
    classes = torch.where(pitches < 0, 12, pitches % 12)
    sounding = F.one_hot(classes, 13)[..., :12].sum(dim=1).float()
    heard = fading(pitches, decay) @ (sounding / sounding.sum(dim=1, keepdim=True).clamp(min=1))
    return (12 * heard / heard.sum().clamp(min=1e-6) - 1).roll(-home)


def rests_in_the_divisor(pitches, decay, home):
    """You divide by all cells, rests among them: silence makes every share smaller.

    Only notes that sound are counted, above and below the line.
    """
    heard, weight = bare_sums(pitches, decay, home), fading(pitches, decay)
    return 12 * heard / (weight.sum() * pitches.shape[1]) - 1


def unison_counted_once(pitches, decay, home):
    """Two voices on one pitch class count once in your histogram; both should count.

    You ask whether a class sounds in a frame. How many voices sing it?
    """
    classes = torch.where(pitches < 0, 12, pitches % 12)
    sounding = F.one_hot(classes, 13)[..., :12].amax(dim=1).float()
    heard = fading(pitches, decay) @ sounding
    return (12 * heard / heard.sum().clamp(min=1e-6) - 1).roll(-home)


def only_the_soprano(pitches, decay, home):
    """You count the first voice alone.

    A frame has as many notes as it has voices. Which axis have you not added up?
    """
    return profile(pitches, fading(pitches, decay), home, voices=slice(1))


def half_life(pitches, decay, home):
    """You halve the weight every `decay` frames; it should fall to 1 / e.

    The formula of section 10.4 has an e in it, not a 2.
    """
    return profile(pitches, fading(pitches, decay / 0.6931472), home)


def decay_multiplied(pitches, decay, home):
    """You multiply the age by `decay`: a larger decay then forgets sooner, and almost at once.

    After `decay` frames the weight should be 1 / e. What does age / decay give there?
    """
    return profile(pitches, fading(pitches, 1 / decay), home)


def newest_frame_lost(pitches, decay, home):
    """The newest frame is missing from your histogram.

    The sum runs up to now, and now counts most of all. Where does your slice end?
    """
    return reference(pitches[:-1], decay, home)


def silence_divides_by_zero(pitches, decay, home):
    """After rests alone you divide by 0; every entry should be -1 then.

    If nothing has sounded, what is the smallest number that it is safe to divide by?
    """
    heard = bare_sums(pitches, decay, home)
    return 12 * heard / heard.sum() - 1


def entries_add_up_to_zero(result, pitches, decay, home):
    """Twelve shares, times 12 and less 1, add up to 0, if anything has sounded at all."""
    total = float(torch.as_tensor(result).sum())
    return abs(total) < 1e-3 or bool((pitches < 0).all())


EXERCISE = Exercise(
    id="pitch-class-profile",
    notebook=10,
    place=2,
    title="A histogram that fades",
    kind="fill-in",
    difficulty=3,
    importance=3,
    minutes=12,
    why="From this histogram the model knows what key it is in, without being told.",
    signature=(
        'pitch_class_profile(pitches: Int[Tensor, "frame voice"], decay: float, home: int) '
        '-> Float[Tensor, "step"]'
    ),
    statement=(
        "How often has each pitch class sounded? A frame of age `a` (0 is the newest) weighs "
        "exp(-a / decay), every voice counts, and rests (-1) do not. Return the share of each "
        "class among all that sounded, times 12 and less 1, as in section 10.4. Then turn it: "
        "entry `k` belongs to the class `k` semitones above `home`. After rests alone every entry "
        "is -1. Ages and classes are given; fill in the rest."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(entries_add_up_to_zero,),
    tolerance=1e-4,
    mistakes=(
        newest_weighs_least,
        nothing_fades,
        rests_counted,
        turned_the_wrong_way,
        not_turned,
        counted_downwards,
        not_normalised,
        bare_sums,
        bare_shares,
        divided_by_the_largest,
        each_frame_a_whole,
        rests_in_the_divisor,
        unison_counted_once,
        only_the_soprano,
        half_life,
        decay_multiplied,
        newest_frame_lost,
        silence_divides_by_zero,
    ),
    hints=(
        "Write the notes C, G, G under each other, the newest below. Give each line a weight. "
        "What is the share of G? Now turn the clock of twelve classes until G stands on top.",
        "One hot: a 1 for each voice's class, (frame, voice, 13); drop the column of rests and add "
        "up the voices: (frame, 12). Times the weight of each frame, added up: (12,). Divide by "
        "the sum, but never by 0. Times 12, less 1. Turn.",
        "`sounding = F.one_hot(classes, 13)[..., :...].sum(dim=...)`, "
        "`heard = ((-age / ...).exp()[:, None] * sounding).sum(dim=...)`, "
        "`share = heard / ...`, `return (12 * share - 1).roll(...)`.",
    ),
    explain="Why does the model want the histogram turned, and not starting at C?",
)
