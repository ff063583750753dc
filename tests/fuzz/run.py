"""Many inputs, in rounds, from one seed."""

from collections import Counter
from collections.abc import Callable
from itertools import count, islice

from hypothesis import HealthCheck, Phase, given, seed, settings

from .check import check
from .inputs import MUTANTS, Seedling, grown, seedlings

ROUND = 500  # seedlings


def fuzz(
    inputs: int, first_seed: int, report: Callable[[int], None] = lambda _: None
) -> Counter[str]:
    """Check so many answers; return how often each result occurred.

    `report` hears after every round how many there were. An answer that fails is made
    small, and raised with.
    """
    outcomes: Counter[str] = Counter()
    done = 0

    def one_round(seedling: Seedling) -> None:
        nonlocal done
        for answer in islice(grown(seedling), inputs - done):
            try:
                outcomes.update(check(answer))
            except BaseException as err:
                err.add_note(f"{answer!r:.4000}")
                raise
            done += 1

    for number in count(first_seed):
        if done >= inputs:
            return outcomes
        left = -(-(inputs - done) // (1 + MUTANTS))
        run = settings(
            max_examples=min(ROUND, left),
            database=None,
            deadline=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )(seed(number)(given(seedlings)(one_round)))
        run()
        report(done)
    raise AssertionError
