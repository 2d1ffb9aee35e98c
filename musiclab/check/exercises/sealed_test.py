"""sealed-test: pieces that can be measured on a single time."""

from functools import partial

from musiclab.check.exercise import Exercise


def probes(rng):
    """Yield pieces, which are numbers here, and the loss of each of two models."""
    for many in (2, 5):
        yield rng.integers(1, 400, size=many).tolist(), *rng.uniform(0.3, 1.5, size=2).round(2)


def use(answer, pieces, first, second):
    """Look once, and try to look again in several ways; write down what comes of it."""
    read = []

    def model(loss, shown):
        read.append(list(shown))
        if loss is None:
            raise RuntimeError("out of memory")
        return float(loss)

    def look(test, name, loss):
        try:
            return test.measure(name, partial(model, loss))
        except Exception as error:
            named.append(next((one for one in ("first", "second") if one in str(error)), "nobody"))
            return type(error).__name__

    named, test = [], answer(list(pieces))
    facts = {
        "the first model": test.measure("first", partial(model, first)),
        "a second model": look(test, "second", second),
        "who has opened it, says the error": (*named, "nobody")[0],
        "the first model again": look(test, "first", first),
        "models that read the pieces": len(read),
        "they read all pieces": all(one == list(pieces) for one in read),
        "another test set": look(answer([7]), "second", second),
    }
    broken = answer(list(pieces))
    facts["a model that fails"] = look(broken, "failed", None)
    facts["a model after it"] = look(broken, "second", second)
    facts["the model that failed, once more"] = look(broken, "failed", first)
    return facts


class Start:
    """A test set that opens once."""

    def __init__(self, pieces):
        self.pieces, self.seen_by = pieces, []

    def measure(self, name, model):
        """Let a model read the pieces, a single time; return its loss."""
        if name in self.seen_by:
            raise PermissionError(f"the test set was opened for {name} already")
        loss = model(self.pieces)
        self.seen_by.append(name)
        return loss


start = Start


class Solution:
    """A test set that opens once."""

    def __init__(self, pieces):
        self.pieces, self.seen_by = pieces, None

    def measure(self, name, model):
        """Let a model read the pieces, a single time; return its loss."""
        if self.seen_by is not None:
            raise PermissionError(f"the test set was opened for {self.seen_by} already")
        self.seen_by = name
        return model(self.pieces)


solution = reference = Solution


def refuse(test, name, model):
    raise PermissionError(f"the test set was opened for {test.seen_by[0]} already")


class Loose:
    """A test set that is closed at other times, to others, or in another way.

    Args:
        pieces: What is measured on.
        closed: Whether it is, told who has seen it and who asks.
        early: Whether it closes before the model reads.
        refuse: What happens to those who come too late.
    """

    def __init__(self, pieces, closed=lambda seen, name: seen, early=True, refuse=refuse):
        self.pieces, self.seen_by, self.results = pieces, [], []
        self.closed, self.early, self.refuse = closed, early, refuse

    def measure(self, name, model):
        """Let a model read, or refuse."""
        if self.closed(self.seen_by, name):
            return self.refuse(self, name, model)
        if self.early:
            self.seen_by.append(name)
        self.results.append(model(self.pieces))
        if not self.early:
            self.seen_by.append(name)
        return self.results[-1]


def never_closed(pieces):
    """Your test set is never closed: any model may look, as often as it likes.

    Whoever looks twice chooses by it. Where do you write down that it was opened?
    """
    return Loose(pieces, lambda seen, name: False)


def each_model_once(pieces):
    """Each model may look once. But then the best of twenty can be chosen by the test.

    It is closed for everyone after the first. What has to be remembered?
    """

    def another(test, name, model):
        raise PermissionError(f"the test set was opened for {name} already")

    return Loose(pieces, lambda seen, name: name in seen, refuse=another)


def the_same_model_again(pieces):
    """The model that opened the test may look again, say with other settings.

    A name proves nothing, and once is once.
    """
    return Loose(pieces, lambda seen, name: seen and name not in seen)


def closed_too_late(pieces):
    """A model that fails half-way leaves the test open, though it has read the pieces.

    When do you close it: before the model reads, or after?
    """
    return Loose(pieces, early=False)


def failure_hidden(pieces):
    """A model fails, and you keep silent about it.

    Whoever waits for a figure must hear why there is none. Let the error pass.
    """

    class Silent(Loose):
        def measure(self, name, model):
            try:
                return super().measure(name, model)
            except RuntimeError:
                return None

    return Silent(pieces)


def old_result_again(pieces):
    """The second model gets the figure of the first.

    A wrong number is worse than none. Raise an error.
    """
    return Loose(pieces, refuse=lambda test, name, model: test.results[0] if test.results else None)


def nothing_in_place_of_an_error(pieces):
    """Whoever comes second gets None, and no reason.

    A rule that breaks in silence will not be noticed. Raise an error.
    """
    return Loose(pieces, refuse=lambda test, name, model: None)


def an_assert(pieces):
    """You use `assert`, which can be switched off, and says only that something is wrong.

    Raise a PermissionError with words in it.
    """

    def fail(test, name, model):
        raise AssertionError(f"the test set was opened for {test.seen_by[0]} already")

    return Loose(pieces, refuse=fail)


def another_error(pieces):
    """You raise another kind of error. A PermissionError is asked for.

    Whoever catches it must be able to tell it from a model that failed.
    """

    def fail(test, name, model):
        raise RuntimeError(f"the test set was opened for {test.seen_by[0]} already")

    return Loose(pieces, refuse=fail)


def reason_not_told(pieces):
    """Your error does not say which model has opened the test.

    Months later, nobody knows. Put the name into the message.
    """

    def fail(test, name, model):
        raise PermissionError("the test set was opened already")

    return Loose(pieces, refuse=fail)


def wrong_name_told(pieces):
    """Your error names the model that asks, not the one that opened the test.

    Which of the two names has to be remembered?
    """

    def fail(test, name, model):
        raise PermissionError(f"the test set was opened for {name} already")

    return Loose(pieces, refuse=fail)


def read_before_refused(pieces):
    """You let the model read the pieces first, and refuse to tell the result.

    What has read them has seen them. Refuse before.
    """

    def late(test, name, model):
        model(test.pieces)
        refuse(test, name, model)

    return Loose(pieces, refuse=late)


def closed_from_the_start(pieces):
    """Your test set is closed from the start, so nobody ever learns a result.

    What does it remember before anyone has looked?
    """
    test = Loose(pieces)
    test.seen_by.append("first")
    return test


def one_piece_only(pieces):
    """The model reads the first piece alone.

    There is one look, so let it see all.
    """
    return Loose(pieces[:1])


def opened_once(facts, *inputs):
    """The first model must get its loss, and any later one a PermissionError."""
    later = facts["a second model"], facts["the first model again"]
    return isinstance(facts["the first model"], float) and later == ("PermissionError",) * 2


def read_once(facts, *inputs):
    """The pieces must be read by one model, all of them."""
    return facts["models that read the pieces"] == 1 and facts["they read all pieces"]


def closed_after_a_failure(facts, *inputs):
    """After a model that failed, the test must stay closed."""
    later = facts["a model after it"], facts["the model that failed, once more"]
    return later == ("PermissionError",) * 2


def says_who(facts, *inputs):
    """The error must name the model that opened the test."""
    return facts["who has opened it, says the error"] == "first"


EXERCISE = Exercise(
    id="sealed-test",
    notebook=15,
    place=3,
    title="A test set that opens once",
    kind="find the bug",
    difficulty=2,
    importance=4,
    minutes=10,
    why="People forget which figure they have looked at; code does not.",
    signature=(
        "SealedTest(pieces: list[Chorale]), a class with "
        "measure(name: str, model: Callable[[list[Chorale]], float]) -> float"
    ),
    statement=(
        "`measure` lets a model read the test pieces and returns its loss. This must work a "
        "single time. The class below is not strict enough: with a little patience you can still "
        "choose among twenty models by the test set. Mend it.\n\n"
        "The first call returns `model(pieces)`. Each later one, whoever asks, raises a "
        "`PermissionError` before the model reads anything, and its text names the model that has "
        "opened the test. A model that fails half-way has read the pieces, too: its own error "
        "comes through, and the test stays closed. Each `SealedTest` has a seal of its own."
    ),
    reference=reference,
    solution=solution,
    start=start,
    probes=probes,
    use=use,
    properties=(opened_once, read_once, closed_after_a_failure, says_who),
    mistakes=(
        never_closed,
        each_model_once,
        the_same_model_again,
        closed_too_late,
        failure_hidden,
        old_result_again,
        nothing_in_place_of_an_error,
        an_assert,
        another_error,
        reason_not_told,
        wrong_name_told,
        read_before_refused,
        closed_from_the_start,
        one_piece_only,
    ),
    hints=(
        "You have twenty models and this class. How do you find the one that is best on the test "
        "set? And what if the first of them runs out of memory on the last piece?",
        "Remember one name, None at first. In measure: if there is a name, raise the error with "
        "it. Then write down the name. Then let the model read, and return its loss.",
        '`if self.seen_by is not ...: raise PermissionError(f"... {self.seen_by} ...")`, then '
        "`self.seen_by = ...`, and only then `model(self.pieces)`.",
    ),
    explain="Your test code had a bug, and it has run. What do you do, and what do you report?",
)
