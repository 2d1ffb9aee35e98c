"""tokens-per-second: a clock that does not lie."""

import numpy as np

from musiclab.check.exercise import Exercise


class Device:
    """A device with a clock of its own: it takes work at once, and does it later.

    The first step takes longer, since memory is taken and kernels are chosen.
    """

    def __init__(self, seconds):
        self.now, self.ready, self.asked, self.read = 0.0, 0.0, 0, 0
        self.seconds = seconds  # of each step

    def step(self):
        """Ask for one step; this returns long before it is done."""
        self.ready = max(self.now, self.ready) + self.seconds[self.asked % len(self.seconds)]
        self.now += 0.001
        self.asked += 1

    def wait(self):
        """Wait until all work is done."""
        self.now = max(self.now, self.ready)

    def clock(self):
        """Read the clock, in seconds."""
        self.read += 1
        return self.now


def probes(rng):
    """Yield the seconds of every step, the first one longest; tokens a step; runs to time."""
    for times, tokens, shortest, later in ((1, 100, 0, 0.15), (5, 512, 0, 0.5), (7, 2048, 1, 0.15)):
        timed = np.sort(rng.uniform(0.2, 0.4, size=times)).tolist()
        if times > 1:
            timed = [timed[0], timed[1], timed[-1], *timed[2:-1]]
            timed.insert(shortest, timed.pop(0))
        yield [1.5, *timed, later, *[0.45] * 5], tokens, times


def use(answer, seconds, tokens, times):
    device = Device(seconds)
    speed = answer(device.step, tokens, device.wait, device.clock, times)
    return speed if device.read or speed is None else 0.0


def reference(step, tokens, wait, clock, times):
    step()
    return tokens / min(timed(step, wait, clock) for _ in range(times))


def solution(step, tokens, wait, clock, times):
    step()  # warms up
    taken = []
    for _ in range(times):
        # BEGIN SOLUTION
        wait()
        began = clock()
        step()
        wait()
        taken.append(clock() - began)
    return tokens / min(taken)
    # END SOLUTION


def timed(step, wait, clock, *, before=True, after=True):
    """Time one step, waiting before it and after it, or not."""
    if before:
        wait()
    began = clock()
    step()
    if after:
        wait()
    return clock() - began


def runs(step, wait, clock, times, *, warm_up=1, **how):
    for _ in range(warm_up):
        step()
    return [timed(step, wait, clock, **how) for _ in range(times)]


def no_wait_at_the_end(step, tokens, wait, clock, times):
    """You stop the clock while the device still works: you measure how fast you can ask.

    `step` returns at once; section 11.3 says what has to happen before you read the clock again.
    """
    return tokens / min(runs(step, wait, clock, times, after=False))


def no_wait_at_the_start(step, tokens, wait, clock, times):
    """You start the clock while the device still works: what it owes from before is counted in.

    The warming-up may not be done yet. What must happen before the clock starts?
    """
    return tokens / min(runs(step, wait, clock, times, before=False))


def no_warm_up(step, tokens, wait, clock, times):
    """You time the first step as well, and it is slow: memory is taken, kernels are chosen.

    Section 11.3 begins with five steps of the same size. What is odd about the first?
    """
    return tokens / min(runs(step, wait, clock, times, warm_up=0))


def no_warm_up_and_mean(step, tokens, wait, clock, times):
    """You take the mean of all runs, the slow first one among them.

    Warm up before you measure, and take the shortest run.
    """
    return tokens / (sum(runs(step, wait, clock, times, warm_up=0)) / times)


def warmed_up_too_long(step, tokens, wait, clock, times):
    """You warm up with more than one step, or time one run too many.

    One step before the clock starts, then as many as `times` says.
    """
    return tokens / min(runs(step, wait, clock, times, warm_up=2))


def one_run_too_many(step, tokens, wait, clock, times):
    """You time one run more than `times` asks for.

    Where does your range end?
    """
    return tokens / min(runs(step, wait, clock, times + 1))


def one_run_only(step, tokens, wait, clock, times):
    """You time a single run, whatever `times` says.

    A machine does other things, too. Repeat, and keep all the times.
    """
    return tokens / runs(step, wait, clock, 1)[0]


def mean_of_the_runs(step, tokens, wait, clock, times):
    """You take the mean of the runs, or time them all in one go; the shortest is asked for.

    Whatever else a machine does can only add. Which run was disturbed least?
    """
    return tokens / (sum(runs(step, wait, clock, times)) / times)


def mean_of_the_rates(step, tokens, wait, clock, times):
    """You take the mean of the speeds; the speed of the shortest run is asked for.

    Whatever else a machine does can only add time. Which run was disturbed least?
    """
    return sum(tokens / one for one in runs(step, wait, clock, times)) / times


def time_of_all_runs(step, tokens, wait, clock, times):
    """You divide the tokens of one run by the time of all of them.

    Keep each time by itself, and take the shortest.
    """
    return tokens / sum(runs(step, wait, clock, times))


def clock_never_read(step, tokens, wait, clock, times):
    """You never read the clock that you were given: on the check's pretended device no other runs.

    `clock()` tells the time in seconds. Read it before the step and after it.
    """
    step()
    return float(tokens)


def median_of_the_runs(step, tokens, wait, clock, times):
    """You take the run in the middle; the shortest is asked for.

    Whatever else a machine does can only add. Which run was disturbed least?
    """
    return tokens / float(np.median(runs(step, wait, clock, times)))


def longest_run(step, tokens, wait, clock, times):
    """You take the slowest run; the shortest is asked for.

    The shortest time is the highest speed. Which of the two do you compare?
    """
    return tokens / max(runs(step, wait, clock, times))


def last_run(step, tokens, wait, clock, times):
    """You take the last run; the shortest is asked for.

    Is each time kept, or does every run overwrite the one before?
    """
    return tokens / runs(step, wait, clock, times)[-1]


def seconds_per_token(step, tokens, wait, clock, times):
    """You return seconds per token: the fraction is upside down.

    Tokens per second: which stands above the line?
    """
    return min(runs(step, wait, clock, times)) / tokens


def seconds_alone(step, tokens, wait, clock, times):
    """You return how long a step takes; tokens per second are asked for.

    A step reads `tokens` tokens.
    """
    return min(runs(step, wait, clock, times))


def steps_per_second(step, tokens, wait, clock, times):
    """You return steps per second; each step reads many tokens.

    `tokens` is not used yet.
    """
    return 1 / min(runs(step, wait, clock, times))


def all_the_runs_tokens(step, tokens, wait, clock, times):
    """You count the tokens of all runs, but the time of one.

    One run reads `tokens` tokens, however often it is repeated.
    """
    return times * tokens / min(runs(step, wait, clock, times))


EXERCISE = Exercise(
    id="tokens-per-second",
    notebook=11,
    place=3,
    title="A clock that does not lie",
    kind="fill-in",
    difficulty=2,
    importance=4,
    minutes=10,
    why="Most claims about speed that turn out wrong were measured without one of these lines.",
    signature=(
        "tokens_per_second(step: Callable[[], None], tokens: int, wait: Callable[[], None], "
        "clock: Callable[[], float], times: int) -> float"
    ),
    statement=(
        "How many tokens a second does a device train on? `step()` asks it for one training step "
        "of `tokens` tokens and returns at once; `wait()` returns when all work is done; `clock()` "
        "tells the time in seconds. The warming-up is given. Time `times` runs, one by one, and "
        "return the speed of the shortest. Use only the clock that you are given: the device in "
        "the check is a pretended one."
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    mistakes=(
        no_wait_at_the_end,
        no_wait_at_the_start,
        no_warm_up,
        no_warm_up_and_mean,
        warmed_up_too_long,
        one_run_too_many,
        one_run_only,
        mean_of_the_runs,
        mean_of_the_rates,
        time_of_all_runs,
        clock_never_read,
        median_of_the_runs,
        longest_run,
        last_run,
        seconds_per_token,
        seconds_alone,
        steps_per_second,
        all_the_runs_tokens,
    ),
    hints=(
        "You order a cake and the baker nods at once. When do you stop the watch? And what if the "
        "baker is still busy with the cake before yours?",
        "For each run: wait, read the clock, step, wait, read the clock; keep the difference. The "
        "shortest difference is the one disturbed least. tokens divided by seconds.",
        "`wait()`, `began = ...`, `step()`, `...`, `taken.append(clock() - ...)`; at the end "
        "`return tokens / ...(taken)`.",
    ),
    explain="Why the shortest run, and not the mean? When would you choose the mean?",
)
