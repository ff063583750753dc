"""The properties that hold for every answer."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints
from unittest.mock import Mock

import orjson

from custom_components.piggy import qr
from custom_components.piggy.api.errors import PiggyError, PiggyRateLimitError
from custom_components.piggy.api.http import PiggyHttp, check_status, data_of
from custom_components.piggy.api.models import PortalSession, Shop, read_account
from custom_components.piggy.api.session_types import SessionType
from custom_components.piggy.errors import translated_error
from custom_components.piggy.session import TrackedSession
from custom_components.piggy.settings import ScreenSettings
from custom_components.piggy.store import Clock, dump_session, load_session

from .inputs import CANARIES, SECRETS, Answer

CLOCK: Final = Clock(1000.0, datetime(2026, 11, 22, 12, tzinfo=UTC))
HTTP: Final = PiggyHttp(Mock(), "key")
SETTINGS: Final = ScreenSettings.from_data({})
# Far from the 254 levels that orjson writes: Home Assistant puts more around them.
MAX_DEPTH: Final = 32
CANARIES_FOLDED: Final = [canary.casefold() for canary in CANARIES]

READERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "account": read_account,
    "shop": Shop.from_api,
    "session": PortalSession.from_api,
}


def check(answer: Answer) -> set[str]:
    """Read an answer in every way; return the result."""
    outcomes = set()
    HTTP.read_rate_limit(answer.headers)
    for number in (HTTP.limit, HTTP.remaining):
        assert number is None or 0 <= number < 2**31
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
    told = translated_error(error)
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
        assert error.retry_after >= 0


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
    """Check that a session can be shown, followed, stored and reported."""
    assert session.url.lower().startswith(("http://", "https://"))
    assert session.url.isprintable()
    qr.fits(session.url, logo=False)
    now = CLOCK.monotonic
    shown = TrackedSession.begin(session, SessionType.PORTAL, {}, SETTINGS, now)
    followed, events = shown.observe(session, SETTINGS, now)
    assert len(events) == len(session.events or ())
    again, repeated = followed.observe(session, SETTINGS, now)
    assert (again, repeated) == (followed, [])
    for event in events:
        orjson.dumps(event.attributes)
    for happened in session.events or ():
        assert _depth(happened.data) <= MAX_DEPTH
        orjson.dumps(happened.data)
    stored = orjson.loads(orjson.dumps(dump_session(followed, CLOCK)))
    kept = load_session(stored, SETTINGS, CLOCK)
    assert (kept.session.uuid, kept.session.url) == (session.uuid, session.url)
    assert (kept.status, kept.expires, kept.seen) == (
        followed.status,
        followed.expires,
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
