"""Samples of two alternating measurements, and their statistics."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import batched
from statistics import median
import time
from typing import Any, Final, Self

BLOCKS: Final = 10

type Measure = Callable[[], Awaitable[float]]


@dataclass(slots=True)
class Samples:
    """The samples in the row's unit, of both sides."""

    this: list[float] = field(default_factory=list)
    other: list[float] = field(default_factory=list)
    notes: str = ""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return the samples that a measuring process wrote."""
        return cls(**data)

    @property
    def ratio(self) -> float | None:
        """Return the ratio of the medians."""
        return median(self.this) / median(self.other) if self.other else None

    @property
    def noise(self) -> float:
        """Return how much the parts of the run differ, as a fraction of their median.

        The median absolute deviation of what consecutive blocks give by themselves.
        """
        values = [value for value in map(_value, *self._blocks(), strict=True) if value]
        middle = median(values)
        return median(abs(value - middle) for value in values) / middle

    def _blocks(self) -> tuple[list[tuple[float, ...]], ...]:
        size = max(1, len(self.this) // BLOCKS)
        this = list(batched(self.this, size, strict=False))
        other = list(batched(self.other, size, strict=False))
        nothing: list[tuple[float, ...]] = [()] * len(this)
        return this, other or nothing


def _value(this: tuple[float, ...], other: tuple[float, ...]) -> float:
    return median(this) / (median(other) if other else 1)


async def in_turn(
    this: Measure, other: Measure, rounds: int, warm_up: int = 0
) -> Samples:
    """Measure two things in turn; the first one changes each round."""
    samples = Samples()
    for number in range(warm_up + rounds):
        pair = [(samples.this, this), (samples.other, other)]
        for values, measure in pair if number % 2 else reversed(pair):
            value = await measure()
            if number >= warm_up:
                values.append(value)
    return samples


def timed(run: Callable[[], Awaitable[Any]]) -> Measure:
    """Return a function that measures the milliseconds of a call."""

    async def measure() -> float:
        start = time.perf_counter()
        await run()
        return (time.perf_counter() - start) * 1000

    return measure
