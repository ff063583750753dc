"""What a customer did in a session, read from the events of Piggy's answers.

Nothing that is reported points to a person. The kinds and their data are those that the
vendor's JavaScript SDK reads ([sdk]); unknown kinds are reported as `other`.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
import hmac
import re
from typing import Any, Final, Self

import orjson

from .api.models import PortalSession, SessionEvent
from .api.session_types import SESSION_TYPES, SessionType
from .const import LOGGER

# With three digits after it, the point may separate thousands.
NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,2})?")
MAX_NUMBER: Final = 2**53  # floats are exact up to there, and JSON holds it


class TransactionKind(StrEnum):
    """The kinds of transactions; all but `other` count toward completion [sdk]."""

    CREDIT_RECEPTION = "credit_reception"
    GIFTCARD_TRANSACTION = "giftcard_transaction"
    VOUCHER_REDEEMED = "voucher_redeemed"
    REWARD_RECEPTION = "reward_reception"
    PREPAID_TRANSACTION = "prepaid_transaction"
    OTHER = "other"


def parse_number(value: Any) -> int | float | None:
    """Return a number, which may be given as a string, or None for anything else."""
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = float(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or abs(value) > MAX_NUMBER:
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value


@dataclass(frozen=True, slots=True)
class Detail:
    """A detail of a transaction: its attribute, and its place in Piggy's data."""

    attribute: str
    key: str
    parse: Callable[[Any], Any]
    is_required: bool = False


CENTS: Final = Detail(
    "amount_in_cents",
    "amount_in_cents",
    lambda value: cents if isinstance(cents := parse_number(value), int) else None,
    is_required=True,
)
DETAILS: Final[Mapping[str, Detail | None]] = {
    TransactionKind.CREDIT_RECEPTION: Detail("credits", "credits", parse_number),
    TransactionKind.GIFTCARD_TRANSACTION: CENTS,
    TransactionKind.VOUCHER_REDEEMED: Detail(
        "voucher_name", "name", lambda value: value if isinstance(value, str) else None
    ),
    TransactionKind.REWARD_RECEPTION: None,
    TransactionKind.PREPAID_TRANSACTION: CENTS,
}


@dataclass(frozen=True, slots=True)
class Transaction:
    """One event of a session.

    `event_id` stays the same over polls, restarts and crashes. `details` has `credits`,
    `amount_in_cents` (negative when spent) or `voucher_name`, depending on the kind;
    it is empty for the kind `other`.
    """

    event_id: str
    kind: TransactionKind
    details: Mapping[str, Any] = field(default_factory=dict)
    created_at: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the transaction as the attribute `outcome` lists it."""
        return {"kind": self.kind, **self.details, "event_id": self.event_id}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read what `as_dict` returned; raises KeyError, TypeError or ValueError."""
        details = dict(stored)
        kind = TransactionKind(details.pop("kind"))
        return cls(str(details.pop("event_id")), kind, details)


def read_transactions(
    session: PortalSession, session_type: SessionType, seen: Container[str]
) -> Iterator[Transaction]:
    """Read the transactions of an answer whose `event_id` is not among those seen.

    Events have no id of their own: the content, and how many events of the same content
    came before, make the `event_id`. The session's uuid is the key of the digest, so
    the id gives nothing away. Logs a transaction that cannot be understood.
    """
    counts: Counter[bytes] = Counter()
    for event in session.events or ():
        facts = (event.type, event.data, event.created_at)
        content = orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)
        counts[content] += 1
        message = b"%d %b" % (counts[content], content)
        event_id = hmac.new(session.uuid.encode(), message, sha256).hexdigest()[:32]
        if event_id in seen:
            continue
        details = _details(event, session_type)
        if details is None and event.type in DETAILS:
            LOGGER.warning(
                "Piggy reported a %s whose data could not be understood. It is"
                " reported as `other`; look it up in Piggy's dashboard",
                event.type,
            )
        kind = TransactionKind.OTHER if details is None else TransactionKind(event.type)
        yield Transaction(event_id, kind, details or {}, event.created_at)


def _details(
    event: SessionEvent, session_type: SessionType
) -> Mapping[str, Any] | None:
    """Return an event's details, or None if the event is not understood."""
    if event.type not in DETAILS:
        return None
    if (detail := DETAILS[event.type]) is None:
        return {}
    value = event.data.get(detail.key)
    if value is None and not detail.is_required:
        return {}
    if (value := detail.parse(value)) is None:
        return None
    if detail is CENTS and (sign := SESSION_TYPES[session_type].sign):
        value = abs(value) * sign
    return {detail.attribute: value}
