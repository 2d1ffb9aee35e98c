"""reduce-by-count: the mean over all processes, though they have unequally many notes."""

import copy

import torch

from musiclab.check.exercise import Exercise


class Waiting(BaseException):
    """A process has sent its number and waits for the others; no ``except Exception`` stops it."""


def probes(rng):
    """Yield for each process its summed loss and its notes."""
    for counts in ([2, 6], [11, 3, 1, 5], [4, 9, 1, 7, 2]):
        yield [float(count * rng.uniform(0.5, 3)) for count in counts], counts


def use(answer, losses, counts):
    """Run every process by itself, again and again, each time one message further."""
    totals = []
    while len(totals) < 20:
        results, sent = [], []
        for loss, count in zip(losses, counts, strict=True):
            try:
                results.append(answer(loss, count, add_up_like(totals, sent)))
            except Waiting:
                continue
        if not sent:
            return results
        if len(sent) < len(losses):
            raise RuntimeError("some processes wait for a message that the others never send")
        totals.append(sum(sent))
    raise RuntimeError("more than 20 messages")


def add_up_like(totals, sent):
    """Make the function that adds up over all processes, as far as the totals are known."""
    known = iter(copy.deepcopy(totals))

    def add_up(value):
        for total in known:
            return total
        sent.append(torch.as_tensor(value).clone() if not isinstance(value, int | float) else value)
        raise Waiting

    return add_up


def reference(loss, count, add_up):
    return add_up(loss) / add_up(count)


def solution(loss, count, add_up):
    total = add_up(loss)
    notes = add_up(count)
    return total / notes


def start(loss, count, add_up):
    total = add_up(loss)
    processes = add_up(1)
    return total / (processes * count)


def mean_of_means(loss, count, add_up):
    """You average the means of the processes: a note in a small share then weighs too much.

    Section 11.6 has the same trap. What should each process send: a mean, or a sum?
    """
    return add_up(loss / count) / add_up(1)


def counts_not_added(loss, count, add_up):
    """You add up the losses, but divide by the notes of one process alone.

    Every process then has another result. The notes must be added up as well.
    """
    return add_up(loss) / count


def losses_not_added(loss, count, add_up):
    """You divide the loss of one process by the notes of all.

    The loss must be added up as well, or each process sees its own share only.
    """
    return loss / add_up(count)


def nothing_added(loss, count, add_up):
    """Each process returns a mean of its own: nobody has asked the others.

    `add_up` is how the processes talk. What do all need to know?
    """
    return loss / count


def sum_of_means(loss, count, add_up):
    """You add up the means of the processes, and never divide by how many there are.

    But a mean of means would not do either: the processes have unequally many notes.
    """
    return add_up(loss / count)


def sum_of_losses(loss, count, add_up):
    """You return the sum of all losses; a mean over notes is asked for.

    Twice as many notes would look twice as bad. What is the sum to be divided by?
    """
    return add_up(loss)


def divided_by_processes(loss, count, add_up):
    """You divide the sum of all losses by the number of processes, not by the number of notes.

    Nats per note: what stands below the line?
    """
    return add_up(loss) / add_up(1)


def notes_per_process(loss, count, add_up):
    """You divide by the mean number of notes: the result is as many times too large as processes.

    Losses are added up; the notes must be added up in the same way, and not averaged.
    """
    return add_up(loss) / (add_up(count) / add_up(1))


def divided_twice(loss, count, add_up):
    """You divide by the notes, and then by the processes as well: the result is too small.

    All losses over all notes is a mean already.
    """
    return add_up(loss) / add_up(count) / add_up(1)


def weighted_twice(loss, count, add_up):
    """You multiply each loss by its notes once more, but it is a sum over notes already.

    A mean must be weighed by its count; a sum must not.
    """
    return add_up(loss * count) / add_up(count)


def upside_down(loss, count, add_up):
    """You return notes per nat: the fraction is upside down.

    Nats per note: which stands above the line?
    """
    return add_up(count) / add_up(loss)


def everyone_agrees(result, losses, counts):
    """All processes must return the same number."""
    values = [float(one) for one in result]
    return max(values) - min(values) < 1e-6 * (1 + abs(values[0]))


def between_best_and_worst(result, losses, counts):
    """The mean must lie between the smallest and the largest mean of a process."""
    means = [loss / count for loss, count in zip(losses, counts, strict=True)]
    return all(min(means) - 1e-6 <= float(one) <= max(means) + 1e-6 for one in result)


EXERCISE = Exercise(
    id="reduce-by-count",
    notebook=11,
    place=2,
    title="One mean for all processes",
    kind="find the bug",
    difficulty=2,
    importance=4,
    minutes=8,
    why="With this bug, two machines report another loss than one does, and nobody notices.",
    signature=(
        "reduce_by_count(loss: float, count: int, add_up: Callable[[float], float]) -> float"
    ),
    statement=(
        "Several processes share a batch, and each runs this function. `loss` is the summed loss "
        "of its own notes, in nats, and `count` is how many it has. "
        "`add_up(value)` returns the sum of what all processes pass to it; every process must call "
        "it equally often. Each process should return the mean loss of a note of the whole batch. "
        "The function below does so only when all have equally many notes. Find the bug."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    use=use,
    properties=(everyone_agrees, between_best_and_worst),
    mistakes=(
        mean_of_means,
        counts_not_added,
        losses_not_added,
        nothing_added,
        sum_of_means,
        sum_of_losses,
        divided_by_processes,
        notes_per_process,
        divided_twice,
        weighted_twice,
        upside_down,
    ),
    hints=(
        "Two processes: one has 2 notes of 3 nats each, the other 6 notes of 1 nat. What is the "
        "mean of all 8 notes? What does the function return?",
        "total = sum of the losses of all processes. notes = sum of the counts of all processes. "
        "Two messages, one division, and no mean before the end.",
        "`total = add_up(...)`, `notes = add_up(...)`, `return ... / ...`.",
    ),
    explain="When is a mean of means right? Say it in one sentence.",
)
