"""Check an account's answers; the findings are safe to put in a bug report."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from custom_components.piggy.address import is_foreign_url
from custom_components.piggy.api.models import read_account
from custom_components.piggy.api.session_types import (
    SESSION_TYPES,
    SessionType,
)
from custom_components.piggy.transactions import TransactionKind, read_transactions

from .answers import ACCEPTED, NO_ANSWER, Answer
from .visit import Seen, session_of

ALL: Final = "all"
ALLOWED: Final = "allowed"
NOTHING: Final = "nothing"
ANY_HOST: Final = {"*", "http:"}


def see_account(seen: Seen) -> str:
    """Return the field by which the health check identifies the account."""
    data = seen.health.data
    if read_account(data)[1] is None:
        return "neither"
    return "`uuid`" if data.get("uuid") else "`id`"


def see_shops(seen: Seen) -> str:
    """Return whether shops have the fields that the form shows."""
    shops = seen.shops.data
    if not isinstance(shops, list):
        return "no list"
    for name in ("uuid", "name"):
        if not all(isinstance(shop, dict) and shop.get(name) for shop in shops):
            return f"a shop without `{name}`"
    return "a list" if shops else "no shop"


def see_paging(seen: Seen) -> str:
    """Return whether the list of shops may have more pages."""
    meta = seen.shops.body.get("meta")
    return "paged" if any("page" in str(key) for key in meta or ()) else "not paged"


def see_rate_limit(seen: Seen) -> str:
    """Return which headers of the rate limit an answer has."""
    headers = seen.health.headers or {}
    found = [
        headers.get(f"X-RateLimit-{name}", "").isdecimal()
        for name in ("Limit", "Remaining")
    ]
    return "both" if all(found) else "one of them" if any(found) else "neither"


def _refused(answers: Mapping[SessionType, Answer]) -> str:
    """Return the session types that were refused, and why."""
    refused = [
        f"{kind.value}: {answer.outcome}"
        for kind, answer in answers.items()
        if answer.outcome != ACCEPTED
    ]
    return "; ".join(refused) or ALL


def see_types(seen: Seen) -> str:
    """Return which session types cannot be created."""
    required = {
        kind: answer
        for kind, answer in seen.with_amount.items()
        if SESSION_TYPES[kind].purchase_amount == "required"
    }
    return _refused(seen.without_amount | required)


def see_amounts(seen: Seen) -> str:
    """Return which session types refuse an amount."""
    return _refused(seen.with_amount)


def see_status(seen: Seen) -> str:
    """Return the HTTP status of creates that succeeded."""
    found = {answer.status for answer in seen.created if answer.outcome == ACCEPTED}
    others = sorted(found - {HTTPStatus.OK, HTTPStatus.CREATED})
    return ", ".join(map(str, others)) if others else "200 or 201"


def see_fields(seen: Seen) -> str:
    """Return whether a session has the fields that are stored."""
    data = seen.without_amount[SessionType.PORTAL].data
    if not isinstance(data, dict):
        return NOTHING
    session = session_of(seen.without_amount[SessionType.PORTAL])
    if session is None:
        return "no `uuid` or no usable `url`"
    if session.shop is None or session.shop.uuid != seen.shop_uuid:
        return "no `shop`, or another one"
    return ALL if session.created_at else "no `created_at`"


def see_url(seen: Seen) -> str:
    """Return whether the host of a session's URL is Piggy's."""
    session = session_of(seen.without_amount[SessionType.PORTAL])
    if session is None:
        return NOTHING
    return "another" if is_foreign_url(session.url, seen.url) else "Piggy's"


def see_read_back(seen: Seen) -> str:
    """Return whether the session that was read is the one that was created."""
    made = session_of(seen.without_amount[SessionType.PORTAL])
    read = session_of(seen.read_back)
    if made is None or read is None:
        return seen.read_back.outcome
    return "the same" if (made.uuid, made.url) == (read.uuid, read.url) else "another"


def see_kind_of(answer: Answer, name: str) -> str:
    """Return whether a session has a field, has it as null, or lacks it."""
    if not isinstance(answer.data, dict):
        return answer.outcome
    if name not in answer.data:
        return "absent"
    value: Any = answer.data[name]
    kinds: Mapping[type, str] = {list: "a list", dict: "an object", type(None): "null"}
    return kinds.get(type(value), "something else")


def see_framing(seen: Seen) -> str:
    """Return whether another site may show the page in a frame."""
    headers = seen.page.headers
    if headers is None:
        return NO_ANSWER
    if seen.page.status >= HTTPStatus.BAD_REQUEST:
        return f"HTTP {seen.page.status}"
    for directive in headers.get("Content-Security-Policy", "").lower().split(";"):
        name, *sources = directive.split() or [""]
        if name == "frame-ancestors":  # overrides the other header
            found = not ANY_HOST.isdisjoint(sources)
            return ALLOWED if found else "refused by `frame-ancestors`"
    return "refused by `X-Frame-Options`" if "X-Frame-Options" in headers else ALLOWED


def see_identified(seen: Seen) -> str:
    """Return whether the used session has a contact."""
    session = session_of(seen.watched)
    return "a contact" if session and session.contact_uuid else NOTHING


def see_events(seen: Seen) -> str:
    """Return whether the events of the used session are understood."""
    session = session_of(seen.watched)
    if session is None or not session.events:
        return NOTHING
    found = read_transactions(session, seen.watched_type, ())
    kinds = sorted({transaction.kind.value for transaction in found})
    is_known = TransactionKind.OTHER.value not in kinds
    return "understood" if is_known else "not understood"
