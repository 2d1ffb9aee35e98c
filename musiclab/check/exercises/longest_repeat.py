"""longest-repeat: what followed when the newest frames were heard before."""

import numpy as np
import torch

from musiclab.check.exercise import Exercise
from musiclab.singer.memories import longest_repeat as library


def probes(rng):
    """Yield passages that come back, longer and shorter, before now and after it."""
    for voices, words in ((1, "abcab|cx"), (2, "abcdabc|abcdab"), (3, "pabcqabcrbcabc|qabcq")):
        yield passage(rng, voices, words)
    yield passage(rng, 2, "abxabyab|ab")  # equals: the latest counts
    yield passage(rng, 2, "abcd|abcd")  # the newest frame was never heard
    yield passage(rng, 1, "aaaa|b")  # a note that goes on agrees with itself
    yield passage(rng, 2, "a|bc")
    yield passage(rng, 2, "ababab|a")  # a figure that turns in circles
    yield passage(rng, 2, "abcab|c")  # the end would go on where the beginning starts
    for voice in range(3):  # one voice comes back, but not the others
        frames, now = passage(rng, 3, "abcdefgh|ab")
        frames[4:8, voice] = frames[0:4, voice]
        yield frames, now
    yield passage(rng, 2, "aabbabcabdb|b")


def passage(rng, voices, words):
    """Give each letter a chord; the bar | stands after the newest frame. No two share a note."""
    letters, now = words.replace("|", ""), words.index("|") - 1
    pitches = [rng.permutation([-1, *range(48, 84)]) for _ in range(voices)]
    places = [ord(one) - ord("a") for one in letters]
    return torch.from_numpy(np.stack(pitches, axis=1)[places]), now


def reference(frames, now):
    lag, length = (int(one[0, -1]) for one in library(frames[None, : now + 1]))
    return (now - lag + 1, length) if length else (0, 0)


def solution(frames, now):
    followed, longest = 0, 0
    for then in range(now):
        length = 0
        while length <= then and torch.equal(frames[now - length], frames[then - length]):
            length += 1
        if length > 0 and length >= longest:  # of equals, the latest
            followed, longest = then + 1, length
    return followed, longest


def search(frames, now, *, thens=None, agree=torch.equal, lowest=0, better=None):
    """Look for the longest agreement, and let one thing be wrong as asked for."""
    better = better or (lambda length, longest: length >= longest)
    found, longest = -1, 0
    for then in range(now) if thens is None else thens:
        length = 0
        while length <= min(then - lowest, now) and agree(
            frames[now - length], frames[then - length]
        ):
            length += 1
        if length > 0 and better(length, longest):
            found, longest = then, length
    return (found + 1, longest) if longest else (0, 0)


def finds_itself(frames, now):
    """Your search compares the newest frame with itself: of course it agrees, all the way back.

    The passage must have been heard before now. Where does your range end?
    """
    return search(frames, now, thens=range(now + 1))


def earliest_of_equals(frames, now):
    """Of equally long agreements you take the earliest; the latest is asked for.

    What happened a moment ago is the better guess. Look at your comparison of lengths.
    """
    return search(frames, now, better=lambda length, longest: length > longest)


def last_agreeing_frame(frames, now):
    """You return the last frame that agrees; the one after it is what followed.

    The agreement ends there. What came next is the guess for what comes now.
    """
    found, length = reference(frames, now)
    return max(found - 1, 0), length


def two_frames_on(frames, now):
    """You return the frame two after the agreement; what followed is one after it.

    Is 1 added twice on the way?
    """
    found, length = reference(frames, now)
    return found + 1 if length else 0, length


def first_agreeing_frame(frames, now):
    """You return where the agreement begins; what followed it is asked for.

    You walk backwards while frames agree. Keep the place where you set out.
    """
    found, length = reference(frames, now)
    return found - length, length


def minus_one_for_nothing(frames, now):
    """If the newest frame was never heard you return -1 as its place; (0, 0) is asked for.

    A -1 would be read as the last frame of all. No frame can follow at 0, so 0 is free to mean it.
    """
    found, length = reference(frames, now)
    return found if length else -1, length


def length_first(frames, now):
    """Your two numbers are exchanged: first the frame that followed, then the length.

    Look at the order in the statement.
    """
    return reference(frames, now)[::-1]


def frame_itself(frames, now):
    """You return the notes of the frame that followed; its number is asked for.

    Whoever knows the number can look the notes up.
    """
    found, length = reference(frames, now)
    return frames[found], length


def frames_ago(frames, now):
    """You return how many frames ago the agreement ended; a frame's number is asked for.

    From `now` and that distance you can work it out.
    """
    found, length = reference(frames, now)
    return now + 1 - found if length else 0, length


def looks_into_the_future(frames, now):
    """You find passages that come after `now`: nobody has heard them yet.

    Frames beyond `now` are there, but a composer could not know them.
    """
    thens = [then for then in range(len(frames)) if then != now]
    return search(frames, now, thens=thens)


def now_forgotten(frames, now):
    """You search from the end of the piece; `now` is ignored.

    The newest frame is `frames[now]`. What comes later has not been heard yet.
    """
    return reference(frames, len(frames) - 1)


def compared_forwards(frames, now):
    """You count forwards from both frames; the agreement should reach back into the past.

    What matters is how long the music so far was like an earlier passage.
    """
    found, longest = 0, 0
    for then in range(now):
        length, end = 0, len(frames)
        while now + length < end and torch.equal(frames[now + length], frames[then + length]):
            length += 1
        if length > 0 and length >= longest:
            found, longest = then + 1, length
    return found, longest


def newest_frame_alone(frames, now):
    """You look only at the newest frame: the latest place where it was heard wins, however short.

    Walk back from both places, as long as they agree, and compare the lengths.
    """
    found = [then for then in range(now) if torch.equal(frames[then], frames[now])]
    return (found[-1] + 1, 1) if found else (0, 0)


def latest_not_longest(frames, now):
    """You take the latest agreement, and not the longest one.

    A longer agreement is better evidence. When may a new find replace the old one?
    """
    return search(frames, now, better=lambda length, longest: True)


def shortest_wins(frames, now):
    """You take the shortest agreement; the longest is asked for.

    Your comparison of lengths is turned round.
    """
    return search(frames, now, better=lambda length, longest: not longest or length <= longest)


def one_voice_is_enough(frames, now):
    """You count frames as alike when any voice agrees; all of them must.

    A chord is the same only if every voice is. Is it `any` or `all`?
    """
    return search(frames, now, agree=lambda one, other: bool((one == other).any()))


def only_the_soprano(frames, now):
    """You compare the first voice alone; the whole frame must agree.

    A frame is a chord of several voices.
    """
    return search(frames, now, agree=lambda one, other: bool(one[0] == other[0]))


def only_the_bass(frames, now):
    """You compare the last voice alone; the whole frame must agree.

    A frame is a chord of several voices.
    """
    return search(frames, now, agree=lambda one, other: bool(one[-1] == other[-1]))


def stops_short_of_frame_0(frames, now):
    """You never look at frame 0, so an agreement that reaches the beginning is too short.

    Frames count from 0. Where does your walk back end?
    """
    return search(frames, now, lowest=1)


def wraps_round(frames, now):
    """Your walk runs past the beginning: frame -1 is the last one, and the piece closes in a ring.

    Negative places read from the end, so no error warns you. What must hold before you look?
    """
    found, longest = 0, 0
    for then in range(now):
        length = 0
        while length <= now and torch.equal(frames[now - length], frames[then - length]):
            length += 1
        if length > 0 and length >= longest:
            found, longest = then + 1, length
    return found, longest


def no_overlap_allowed(frames, now):
    """You leave out passages that overlap with the newest frames; they count as well.

    A note that goes on, or a figure that turns in circles, agrees with itself one step ago.
    """
    found, longest = 0, 0
    for then in range(now):
        length = 0
        while (
            length <= then
            and length < now - then
            and torch.equal(frames[now - length], frames[then - length])
        ):
            length += 1
        if length > 0 and length >= longest:
            found, longest = then + 1, length
    return found, longest


def one_too_long(frames, now):
    """Your length counts one frame too many.

    Count after you have compared, not before.
    """
    found, length = reference(frames, now)
    return found, length + 1 if length else 0


def one_too_short(frames, now):
    """Your length counts one frame too few: the newest frame itself belongs to it.

    Where does your walk back begin?
    """
    found, length = reference(frames, now)
    return found, max(length - 1, 0)


def previous_frame_missed(frames, now):
    """You never try the frame right before the newest one.

    Where does your range end? The last place to try is `now - 1`.
    """
    return search(frames, now, thens=range(now - 1))


def was_heard_before(result, frames, now):
    """The frame before the one returned must be like the newest one, and lie before it."""
    found = int(result[0])
    return found == 0 or (found <= now and torch.equal(frames[found - 1], frames[now]))


EXERCISE = Exercise(
    id="longest-repeat",
    notebook=10,
    place=4,
    title="What followed last time",
    kind="implement",
    difficulty=4,
    importance=3,
    minutes=18,
    why="Chorales repeat themselves, and a small model does not find that out by itself.",
    signature=('longest_repeat(frames: Int[Tensor, "frame voice"], now: int) -> tuple[int, int]'),
    statement=(
        "The newest frame is `frames[now]`. Find the earlier place that agrees with the music up "
        "to `now` for the most frames back, all voices alike. Return the number of the frame that "
        "followed it, and for how many frames the two agree. Of equally long agreements take the "
        "latest; they may overlap. If the newest frame was never heard, return (0, 0). What comes "
        "after `now` must not be used."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    properties=(was_heard_before,),
    mistakes=(
        finds_itself,
        earliest_of_equals,
        last_agreeing_frame,
        two_frames_on,
        first_agreeing_frame,
        minus_one_for_nothing,
        length_first,
        frame_itself,
        frames_ago,
        looks_into_the_future,
        now_forgotten,
        compared_forwards,
        newest_frame_alone,
        latest_not_longest,
        shortest_wins,
        one_voice_is_enough,
        only_the_soprano,
        only_the_bass,
        stops_short_of_frame_0,
        wraps_round,
        no_overlap_allowed,
        one_too_long,
        one_too_short,
        previous_frame_missed,
    ),
    hints=(
        "Sing: C, D, E, C, D. You stand on the last D. Where were you on a D before? How far can "
        "you walk back from both places, and sing the same?",
        "For every earlier frame `then`: length = 0; while frame `now - length` equals frame "
        "`then - length`, in all voices, and `then - length` is not before the beginning, count "
        "on. Keep the longest, of equals the latest. What followed it is frame `then + 1`.",
        "`for then in range(...):` `length = 0`, "
        "`while length <= ... and torch.equal(frames[...], frames[...]):` `length += 1`, "
        "`if length > 0 and length >= ...:` `followed, longest = ..., ...`.",
    ),
    explain="Why is the longest agreement a better guess than the latest one?",
)
