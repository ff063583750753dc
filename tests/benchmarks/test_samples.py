"""Ratios, noise, and the order of measurements."""

import pytest

from benchmarks.samples import Samples, in_turn


def test_ratio_of_medians() -> None:
    """One slow sample changes nothing."""
    assert Samples([2, 2, 90], [1, 1, 1]).ratio == 2
    assert Samples([2]).ratio is None


@pytest.mark.parametrize(
    ("this", "noise"),
    [([3.0] * 100, 0), ([1.0, 3.0] * 5, 0.5), ([2.0] * 50 + [3.0] * 50, 0.2)],
    ids=["constant", "each sample differs", "the pace changes"],
)
def test_noise(this: list[float], noise: float) -> None:
    """Noise is how much ten consecutive parts of a run differ."""
    assert Samples(this).noise == noise
    assert Samples(this, [1.0] * len(this)).noise == noise


async def test_sides_take_turns() -> None:
    """Either side starts as often, and the warm-up is not counted."""
    order = []

    async def this() -> float:
        order.append("this")
        return len(order)

    async def other() -> float:
        order.append("other")
        return len(order)

    samples = await in_turn(this, other, rounds=2, warm_up=1)
    assert order == ["other", "this", "this", "other", "other", "this"]
    assert samples == Samples([3, 6], [4, 5])
