"""What happens on a simulated day: customers and disturbances, all from one seed."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from random import Random
from typing import Final

from custom_components.piggy.api.session_types import (
    SESSION_TYPES,
    SessionType,
)
from custom_components.piggy.button import RARE
from sandbox import Fault

SCREENS: Final = 8
SECONDS_A_CUSTOMER: Final = 40  # on one screen
DISTURBANCE_EVERY: Final = 1800  # seconds


@dataclass(frozen=True)
class Customer:
    """A customer, all times in seconds after the session was created.

    `payments` are a time and a share of the amount each; the last one pays the rest.
    """

    arrives: float
    screen: int
    type: SessionType
    amount: int
    by_button: bool
    identifies: float | None
    payments: tuple[tuple[float, float], ...]
    presses_again: float | None
    is_cancelled: float | None


@dataclass(frozen=True)
class Disturbance:
    """Something that goes wrong at a second of the day, for some seconds."""

    at: float
    kind: str
    seconds: float


# The kinds, and how many seconds each lasts at most.
DISTURBANCES: Final[Mapping[str, float]] = {
    "reset_before": 600,
    "maintenance": 600,
    "rate_limit_with_retry_after": 120,
    "rate_limit": 20,
    "reset_after": 30,
    "truncated": 30,
    "wrong_uuid": 30,
    "clock_ahead": 900,
    "clock_behind": 900,
    "reload": 0,
    "kill": 0,
    "full_disk": 60,
}
# The answers of Piggy during a disturbance.
FAULTS: Final = {
    "reset_before": Fault("reset_before", times=0),
    "maintenance": Fault("status", status=503, times=0),
    "rate_limit_with_retry_after": Fault(
        "status", status=429, headers={"Retry-After": "90"}, times=0
    ),
    "rate_limit": Fault("status", status=429, times=0),
    "reset_after": Fault("reset_after", times=0),
    "truncated": Fault("truncate", times=0),
    "wrong_uuid": Fault(
        "raw",
        method="GET",
        path="/portal-sessions/",
        times=0,
        body=json.dumps(
            {
                "data": {
                    "uuid": "another",
                    "url": "https://api.piggy.eu/portal-sessions?uuid=another",
                    "events": [{"type": "credit_reception", "data": {"credits": 99}}],
                }
            }
        ),
    ),
}


def plan_customers(seed: int, count: int) -> list[Customer]:
    """Return the customers of a day by arrival."""
    random = Random(seed)  # noqa: S311 -- a simulation
    day = count * SECONDS_A_CUSTOMER / SCREENS
    customers = [_plan_customer(random, day) for _ in range(count)]
    return sorted(customers, key=lambda customer: customer.arrives)


def plan_disturbances(
    seed: int, count: int, longest: Mapping[str, float] = DISTURBANCES
) -> list[Disturbance]:
    """Return the disturbances of a day with as many customers.

    `longest` has the kinds, and how many seconds each lasts at most.
    """
    random = Random(seed + 1)  # noqa: S311 -- a simulation
    day = count * SECONDS_A_CUSTOMER / SCREENS
    return [
        Disturbance(at, kind, random.uniform(0, seconds))
        for kind, seconds in longest.items()
        for at in _times(random, day, len(longest) * DISTURBANCE_EVERY)
    ]


def _times(random: Random, day: float, every: float) -> list[float]:
    """Return random moments of a day, at least one."""
    return [random.uniform(0, day) for _ in range(max(1, round(day / every)))]


def _plan_customer(random: Random, day: float) -> Customer:
    session_type = random.choice(list(SessionType))
    wanted = SESSION_TYPES[session_type].purchase_amount
    has_amount = wanted != "none"
    identifies = random.uniform(3, 25)
    payments: list[tuple[float, float]] = []
    at = identifies
    if random.random() < 0.85:
        at += random.choice((random.uniform(1, 20), random.uniform(1, 20), 90.0))
        payments.append((at, 1.0))
    if payments and session_type is SessionType.REDEEM_GIFTCARD:
        for _ in range(random.choice((0, 0, 1, 2))):
            at += random.uniform(2, 60)
            payments = [*((when, 0.3) for when, _ in payments), (at, 1.0)]
        if random.random() < 0.5:
            identifies = -1
    has_button = session_type not in RARE  # others are disabled
    presses_again = random.uniform(0.1, 20) if random.random() < 0.1 else None
    return Customer(
        arrives=random.uniform(0, day),
        screen=random.randrange(SCREENS),
        type=session_type,
        amount=random.randint(1, 50_000) if has_amount else 0,
        by_button=random.random() < 0.3 and has_button,
        identifies=identifies if identifies > 0 and random.random() < 0.95 else None,
        payments=tuple(payments),
        presses_again=presses_again if has_button else None,
        is_cancelled=random.uniform(1, 60) if random.random() < 0.08 else None,
    )
