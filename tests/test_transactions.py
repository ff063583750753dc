"""Transactions as they are read from Piggy's answers, without Home Assistant."""

from typing import Any

import pytest

from custom_components.piggy.api.models import PortalSession
from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.transactions import (
    Transaction,
    TransactionKind,
    read_transactions,
)

CREDITS = "credit_reception"
GIFTCARD = "giftcard_transaction"
PREPAID = "prepaid_transaction"
VOUCHER = "voucher_redeemed"
REWARD = "reward_reception"


def read(
    *events: Any,
    seen: frozenset[str] = frozenset(),
    session_type: SessionType = SessionType.PORTAL,
    uuid: str = "s1",
) -> list[Transaction]:
    """Return the transactions of an answer with these events."""
    answer = {"uuid": uuid, "url": "https://example.com/s1", "events": list(events)}
    session = PortalSession.from_api(answer)
    return list(read_transactions(session, session_type, seen))


@pytest.mark.parametrize(
    ("kind", "data", "details"),
    [
        (CREDITS, {"credits": 5}, {"credits": 5}),
        (CREDITS, {"credits": 2.5}, {"credits": 2.5}),
        (CREDITS, {"credits": "5"}, {"credits": 5}),
        (CREDITS, {"credits": " 2.50 "}, {"credits": 2.5}),
        (CREDITS, {}, {}),
        (CREDITS, [], {}),
        (GIFTCARD, {"giftcard": {"uuid": "g"}, "amount_in_cents": -1040}, -1040),
        (GIFTCARD, {"amount_in_cents": "-1040"}, -1040),
        (GIFTCARD, {"amount_in_cents": -1040.0}, -1040),
        (GIFTCARD, {"amount_in_cents": "1040.00"}, 1040),
        (GIFTCARD, {"amount_in_cents": 0}, 0),
        (PREPAID, {"amount_in_cents": 500}, 500),
        (VOUCHER, {"uuid": "v", "code": "C", "name": "Coffee"}, "Coffee"),
        (VOUCHER, {"name": None}, {}),
        (REWARD, {"uuid": "r", "reward": {"uuid": "w"}}, {}),
    ],
)
def test_understood(kind: str, data: Any, details: Any) -> None:
    """Each kind has its own details, and nothing else."""
    if isinstance(details, int):
        details = {"amount_in_cents": details}
    if isinstance(details, str):
        details = {"voucher_name": details}
    (found,) = read({"type": kind, "data": data})
    assert (found.kind, found.details) == (TransactionKind(kind), details)
    assert {type(value) for value in found.details.values()} == {
        type(value) for value in details.values()
    }


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (CREDITS, {"credits": "many"}),
        (CREDITS, {"credits": True}),
        (CREDITS, {"credits": [5]}),
        (CREDITS, {"credits": "1e3"}),
        (CREDITS, {"credits": 1e300}),
        (CREDITS, {"credits": 2**63}),
        (GIFTCARD, {}),
        (GIFTCARD, {"amount_in_cents": None}),
        (GIFTCARD, {"amount_in_cents": 10.4}),
        (GIFTCARD, {"amount_in_cents": "10.40"}),
        # Where a point separates thousands, this is not a single cent.
        (GIFTCARD, {"amount_in_cents": "1.000"}),
        (GIFTCARD, {"amount_in_cents": "10,40"}),
        (GIFTCARD, {"amount_in_cents": "€10"}),
        (PREPAID, {"amount_in_cents": {"cents": 5}}),
        (VOUCHER, {"name": ["Coffee"]}),
    ],
)
def test_not_guessed(kind: str, data: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Ambiguous data is reported as `other`, with a warning."""
    (found,) = read({"type": kind, "data": data})
    assert (found.kind, found.details) == (TransactionKind.OTHER, {})
    (record,) = caplog.records
    assert (record.levelname, kind in record.getMessage()) == ("WARNING", True)
    assert not str(record.getMessage()).count(str(data))


@pytest.mark.parametrize("event", [{"type": "dance"}, {}, None, 7, {"type": ["x"]}])
def test_unknown_kind(event: Any, caplog: pytest.LogCaptureFixture) -> None:
    """An unknown kind is reported as `other`, without a warning."""
    (found,) = read(event)
    assert (found.kind, found.details) == (TransactionKind.OTHER, {})
    assert caplog.records == []


@pytest.mark.parametrize(
    ("session_type", "expected"),
    [
        (SessionType.REDEEM_GIFTCARD, -1040),
        (SessionType.PAY_PREPAID, -1040),
        (SessionType.TOP_UP_GIFTCARD, 1040),
        (SessionType.TOP_UP_PREPAID, 1040),
    ],
)
@pytest.mark.parametrize("sent", [1040, -1040])
def test_sign(session_type: SessionType, sent: int, expected: int) -> None:
    """The session type determines the sign of an amount that can only have one."""
    event = {"type": GIFTCARD, "data": {"amount_in_cents": sent}}
    (found,) = read(event, session_type=session_type)
    assert found.details == {"amount_in_cents": expected}
    (found,) = read(event)
    assert found.details == {"amount_in_cents": sent}


def test_each_once_whatever_order_and_gaps() -> None:
    """Each event counts once: content, time and count identify it, as it has no id."""
    plain = {"type": CREDITS, "data": {"credits": 5}}
    first = {**plain, "created_at": "2026-11-22T09:01:00+00:00"}
    second = {**plain, "created_at": "2026-11-22T09:02:00+00:00"}
    seen: frozenset[str] = frozenset()
    counts = []
    for events in (
        [first],
        [first],
        [],
        [second],  # of another moment, though the same otherwise
        [second, first],
        [first, first, second],
        [first, first, second],
        [plain],
        [{**plain, "data": {"credits": 6}}],
    ):
        found = read(*events, seen=seen)
        seen |= {transaction.event_id for transaction in found}
        counts.append(len(found))
    assert counts == [1, 0, 0, 1, 0, 1, 0, 1, 1]
    assert len(seen) == 5


def test_event_id_says_nothing() -> None:
    """An id is the same in every reading, differs by session, and is opaque."""
    event = {"type": CREDITS, "data": {"credits": 5}}
    (one,), (again,), (other,) = read(event), read(event), read(event, uuid="s2")
    assert one.event_id == again.event_id != other.event_id
    assert len(one.event_id) == 32
    assert set(one.event_id) <= set("0123456789abcdef")


def test_moment() -> None:
    """A transaction has Piggy's own moment, where Piggy gives one."""
    when = "2026-11-22T09:01:00+00:00"
    (found,) = read({"type": REWARD, "created_at": when})
    assert found.created_at == when
    assert read({"type": REWARD})[0].created_at is None


@pytest.mark.parametrize(
    "event",
    [
        {"type": GIFTCARD, "data": {"amount_in_cents": -1040}},
        {"type": CREDITS, "data": {}},
        {"type": REWARD, "data": {}},
    ],
)
def test_stored(event: Any) -> None:
    """A transaction is read as it was stored."""
    (found,) = read(event)
    assert Transaction.from_dict(found.as_dict()) == found
