"""All that is known of a wrong answer, seen as numbers where that is possible."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from musiclab.check.naming import Names
from musiclab.check.outcomes import as_tensor, kind_of_number, same
from musiclab.check.trial import Probe, Trial


@dataclass(frozen=True)
class Case:
    """What a wrong answer returned, call by call, and what would have been right."""

    names: Names
    probes: list[Probe]
    yours: list[Any]  # plain results
    right: list[Any]
    tolerance: float
    printed: bool = False
    again: list[Trial] = field(
        default_factory=list
    )  # one probe tried twice, with different global seeds
    # The place of the input exchanged (-1 for none), your result then, and the right one.
    varied: list[tuple[int, Any, Any]] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[Probe, Any, Any]]:
        yield from zip(self.probes, self.yours, self.right, strict=True)

    def same(self, yours: Any, right: Any) -> bool:
        """Tell whether a result counts as the right one."""
        return same(yours, right, self.tolerance)

    @cached_property
    def numbers(self) -> list[tuple[Probe, Tensor, Tensor]]:
        """The calls as tensors of one shape each; empty unless all that differ are such."""
        found = []
        for probe, yours, right in self:
            mine, theirs = as_tensor(yours), as_tensor(right)
            if mine is not None and theirs is not None and mine.shape == theirs.shape:
                found.append((probe, mine.double(), theirs.double()))
            elif not self.same(yours, right):
                return []
        return found

    @cached_property
    def wrong(self) -> list[tuple[Probe, Tensor, Tensor]]:
        """Those of ``numbers`` that differ."""
        return [one for one in self.numbers if not self.same(one[1], one[2])]

    @cached_property
    def kind(self) -> str:
        """What kind of number right results hold; "" where they are no numbers or differ."""
        kinds = {kind_of_number(as_tensor(right)) for right in self.right}
        return kinds.pop() if len(kinds) == 1 and self.wrong else ""

    def explained(self, turn: Callable[[Tensor], Tensor | None]) -> bool:
        """Tell whether turning the right results in a way gives yours, in every call."""
        for _, yours, right in self.numbers:
            turned = turn(right)
            if turned is None or not self.same(yours, turned.double()):
                return False
        return bool(self.wrong) and self.telling

    @cached_property
    def telling(self) -> bool:
        """Whether there are enough different numbers that nothing fits by chance."""
        every = [right.flatten() for _, _, right in self.wrong]
        return bool(every) and len(torch.cat(every).unique()) >= 3

    @cached_property
    def axes(self) -> int:
        """How many axes every result has; 0 where they differ, or are no tensors."""
        found = {right.ndim for _, _, right in self.numbers}
        return found.pop() if len(found) == 1 and self.wrong else 0

    def moved(self, axis: int, step: int) -> bool:
        """Tell whether yours are the right numbers one place further, what comes in left open."""
        long = [one for one in self.numbers if one[1].shape[axis] > 2]
        return (
            self.telling
            and len(long) >= 2
            and all(
                self.same(_without(yours, axis, step), _without(right, axis, -step))
                for _, yours, right in long
            )
        )

    def wrong_only_at(self, axis: int, place: int) -> bool:
        """Tell whether yours are wrong at one end of an axis and nowhere else."""
        step = 1 if place == 0 else -1
        long = [one for one in self.wrong if one[1].shape[axis] > 2]
        return (
            len(long) >= 2
            and len(long) == len(self.wrong)
            and all(
                self.same(_without(yours, axis, step), _without(right, axis, step))
                for _, yours, right in long
            )
        )


def _without(tensor: Tensor, axis: int, step: int) -> Tensor:
    """Leave out the first (step 1) or the last (step -1) along an axis."""
    return tensor.narrow(axis, 1 if step > 0 else 0, tensor.shape[axis] - 1)
