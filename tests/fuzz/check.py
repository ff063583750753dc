"""What has to hold for every answer there can be."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

import orjson

from custom_components.piggy import qr
from custom_components.piggy.api import (
    Account,
    Contact,
    ContactIdentifier,
    PiggyError,
    PiggyRateLimitError,
    PortalSession,
    SessionType,
    Shop,
)
from custom_components.piggy.api.answer import (
    check_status,
    data_of,
    rate_limit_remaining,
)
from custom_components.piggy.exceptions import translated
from custom_components.piggy.lifecycle import ScreenSettings, ShownSession

from .inputs import CANARIES, SECRETS, Answer

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS: Final = ScreenSettings(timedelta(minutes=5), timedelta(seconds=15))
# Far from the 254 levels that orjson writes: Home Assistant puts more around them.
MAX_DEPTH: Final = 32
CANARIES_FOLDED: Final = [canary.casefold() for canary in CANARIES]

READERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "account": Account.from_api,
    "shop": Shop.from_api,
    "contact": Contact.from_api,
    "card": ContactIdentifier.from_api,
    "session": PortalSession.from_api,
}


def check(answer: Answer) -> set[str]:
    """Read an answer in every way; return what came of it."""
    outcomes = set()
    remaining = rate_limit_remaining(answer.headers)
    assert remaining is None or remaining >= 0
    try:
        check_status(answer.status, answer.headers)
        data = data_of(answer.status, answer.body, SECRETS)
    except PiggyError as err:
        _check_error(err)
        return {type(err).__name__}
    items = data if isinstance(data, list) else [data]
    for name, reader in READERS.items():
        for item in items:
            try:
                result = reader(item)
            except PiggyError as err:
                _check_error(err)
                outcomes.add(type(err).__name__)
            else:
                _check_type(result, type(result))
                outcomes.add(name)
                if isinstance(result, PortalSession):
                    _check_session(result)
    return outcomes


def _check_error(error: PiggyError) -> None:
    """Check that an error is fit for a log and for a user."""
    told = translated(error)
    text = "\n".join(
        [
            f"{error} {error!r} {error.args} {vars(error)}",
            str(told.translation_key),
            str(told.translation_placeholders),
        ]
    ).casefold()
    assert not [canary for canary in CANARIES_FOLDED if canary in text]
    assert error.__cause__ is None
    assert len(text) < 2**20
    if isinstance(error, PiggyRateLimitError) and error.retry_after is not None:
        assert timedelta(seconds=error.retry_after) >= timedelta()


def _check_type(value: object, hint: Any) -> None:
    """Check that a value is what its annotation says, all the way down."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return
    if origin is UnionType:
        assert any(_is_of(value, kind) for kind in arguments), (value, hint)
        arguments = tuple(kind for kind in arguments if _is_of(value, kind))
        _check_type(value, arguments[0])
    elif origin is tuple:
        assert isinstance(value, tuple)
        for item in value:
            _check_type(item, arguments[0])
    else:
        assert _is_of(value, hint), (value, hint)
        if is_dataclass(hint):
            hints = get_type_hints(hint)
            for field in fields(hint):
                _check_type(getattr(value, field.name), hints[field.name])


def _is_of(value: object, hint: Any) -> bool:
    kind = get_origin(hint) or hint
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _check_session(session: PortalSession) -> None:
    """Check that a session can be shown, followed, kept and told on."""
    assert session.url.lower().startswith(("http://", "https://"))
    assert session.url.isprintable()
    qr.fits(session.url)
    shown = ShownSession.begin(session, SessionType.PORTAL, SETTINGS, NOW)
    followed, events = shown.observe(session, SETTINGS, NOW)
    assert len(events) == len(session.events or ())
    again, repeated = followed.observe(session, SETTINGS, NOW)
    assert again is followed
    assert repeated == []
    for event in events:
        told = event.attributes.values()
        assert all(isinstance(value, str | int | float) for value in told)
    for happened in session.events or ():
        assert _depth(happened.data) <= MAX_DEPTH
        orjson.dumps(happened.data)
    kept = ShownSession.from_dict(orjson.loads(orjson.dumps(followed.as_dict())))
    assert (kept.session.uuid, kept.session.url) == (session.uuid, session.url)
    assert (kept.status, kept.expires_at, kept.seen) == (
        followed.status,
        followed.expires_at,
        followed.seen,
    )


def _depth(value: object) -> int:
    """Return how many containers stand in each other."""
    depth, layer = 0, [value]
    while layer := [item for item in layer if isinstance(item, dict | list)]:
        depth += 1
        layer = [
            child
            for item in layer
            for child in (item.values() if isinstance(item, dict) else item)
        ]
    return depth
