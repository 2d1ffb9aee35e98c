"""share-pieces: give each process its pieces, so that nobody waits long."""

from musiclab.check.exercise import Exercise


def probes(rng):
    """Yield lengths of pieces, in frames, and how many processes there are; some sorted."""
    yield [16, 48, 16, 80], 2
    yield sorted(rng.choice(range(40, 400), size=11, replace=False).tolist()), 3
    lengths = rng.choice(range(40, 200), size=14, replace=False).tolist()
    lengths[::4] = [length + 300 for length in lengths[::4]]  # every fourth piece is long
    yield lengths, 4
    yield rng.choice(range(40, 400), size=3, replace=False).tolist(), 5


def use(answer, lengths, processes):
    """Sort each share, since the order in it does not matter."""
    shares = answer(lengths, processes)
    try:
        return [sorted(int(piece) for piece in share) for share in shares]
    except (TypeError, ValueError):
        return shares


def solution(lengths, processes):
    shares = [[] for _ in range(processes)]
    frames = [0] * processes
    for piece in sorted(range(len(lengths)), key=lambda piece: -lengths[piece]):
        idlest = frames.index(min(frames))
        shares[idlest].append(piece)
        frames[idlest] += lengths[piece]
    return shares


def reference(lengths, processes):
    return solution(lengths, processes)


def in_turn(lengths, processes):
    """You deal the pieces out in turn as they come: by bad luck one process gets all the long ones.

    Equally many pieces is not equally much work. What could you do before dealing?
    """
    return [list(range(len(lengths)))[first::processes] for first in range(processes)]


def in_blocks(lengths, processes):
    """You cut the list into blocks of equally many pieces, but not of equally much work.

    If the pieces are sorted by length, the last process works longest, and all wait for it.
    """
    size = -(-len(lengths) // processes)
    return [list(range(len(lengths)))[n * size : (n + 1) * size] for n in range(processes)]


def remainder_lost(lengths, processes):
    """Some pieces are in nobody's share: what is left over after dividing is lost.

    The number of pieces need not be a multiple of the number of processes.
    """
    size = len(lengths) // processes
    return [list(range(n * size, (n + 1) * size)) for n in range(processes)]


def lengths_returned(lengths, processes):
    """You return lengths; the numbers of the pieces are asked for, from 0.

    Two pieces may have the same length. Keep the place of each.
    """
    return [sorted(lengths[piece] for piece in share) for share in solution(lengths, processes)]


def counted_from_one(lengths, processes):
    """You number the pieces from 1: the first is missing, and the last does not exist.

    The first piece has the number 0.
    """
    return [[piece + 1 for piece in share] for share in solution(lengths, processes)]


def all_to_the_first(lengths, processes):
    """You give all pieces to one process, and the others wait.

    Look at your comparison: who should get the next piece, the busiest or the idlest?
    """
    return [list(range(len(lengths))), *([] for _ in range(processes - 1))]


def all_to_everybody(lengths, processes):
    """Every process gets all the pieces: the work is done several times, and nothing is gained.

    Each piece belongs to one process. Beware: `[[]] * n` holds one and the same list n times.
    """
    return [list(range(len(lengths))) for _ in range(processes)]


def idle_processes_left_out(lengths, processes):
    """You leave out processes that have no piece; there must be a share for each, if an empty one.

    With more processes than pieces some have nothing to do, but they still ask.
    """
    return [share for share in solution(lengths, processes) if share]


def share_of(result):
    return [piece for share in result for piece in share]


def one_share_each(result, lengths, processes):
    """There must be one share for each process, a list of numbers of pieces; it may be empty."""
    return isinstance(result, list) and len(result) == processes


def every_piece_once(result, lengths, processes):
    """Each piece, by its number from 0, must be in exactly one share."""
    return sorted(share_of(result)) == list(range(len(lengths)))


def nobody_waits_long(result, lengths, processes):
    """The busiest process may have more frames than the idlest by the longest piece, no more."""
    frames = [sum(lengths[piece] for piece in share) for share in result]
    return max(frames) - min(frames) <= max(lengths)


EXERCISE = Exercise(
    id="share-pieces",
    notebook=11,
    place=4,
    title="Nobody waits long",
    kind="open",
    difficulty=3,
    importance=2,
    minutes=15,
    why="All processes wait for the slowest, so the fairest cut is the quickest step.",
    signature="share_pieces(lengths: list[int], processes: int) -> list[list[int]]",
    statement=(
        "Piece `n` of a batch has `lengths[n]` frames. Share the pieces out: return for each "
        "process the numbers of its pieces, each piece once. After every step all wait for the one "
        "that has most to do, so share the *frames* evenly: the busiest may have more than the "
        "idlest by the length of the longest piece, no more. How you do it is up to you, and there "
        "are many ways. Can you beat a friend's?"
    ),
    reference=reference,
    solution=solution,
    probes=probes,
    use=use,
    exact=False,
    properties=(one_share_each, every_piece_once, nobody_waits_long),
    mistakes=(
        in_turn,
        in_blocks,
        remainder_lost,
        lengths_returned,
        counted_from_one,
        all_to_the_first,
        all_to_everybody,
        idle_processes_left_out,
    ),
    hints=(
        "Four boxes of different weight, two people to carry them. Which box do you hand out "
        "first, and to whom? And the next one?",
        "shares: one new list for each process. frames: how much each has so far, all 0. Take the "
        "pieces from long to short. Give each to the process with the fewest frames, and add its "
        "length there.",
        "`for piece in sorted(range(len(lengths)), key=...):` `idlest = frames.index(...)`, "
        "`shares[...].append(...)`, `frames[...] += ...`.",
    ),
    explain="Why from long to short? What can go wrong if the longest piece comes last?",
)
