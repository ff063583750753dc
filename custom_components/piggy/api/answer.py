"""What an answer of Piggy's means: its data, or a kind of PiggyError."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import re
from typing import Any, Final
from urllib.parse import quote, unquote

from aiohttp import hdrs
import orjson

from .errors import (
    PiggyApiError,
    PiggyAuthError,
    PiggyMaintenanceError,
    PiggyRateLimitError,
    PiggyResponseError,
)

MAX_WORDS: Final = 500
MIN_SECRET: Final = 4
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def rate_limit_remaining(headers: Mapping[str, str]) -> int | None:
    """Return how many requests are left, where Piggy tells."""
    remaining = headers.get("X-RateLimit-Remaining", "")
    if remaining.isascii() and remaining.isdigit():
        return int(remaining[:9])
    return None


def check_status(status: int, headers: Mapping[str, str]) -> None:
    """Raise what a status means that says all, whatever the body is."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        msg = f"key refused (HTTP {status})"
        raise PiggyAuthError(msg)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise PiggyRateLimitError(_retry_after(headers.get(hdrs.RETRY_AFTER, "")))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        msg = "down for maintenance"
        raise PiggyMaintenanceError(msg)


def data_of(status: int, content: bytes, secrets: Iterable[str]) -> Any:
    """Return the answer's `data`, or raise what the answer means.

    No exception holds one of the secrets, whatever Piggy says.
    """
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        msg = f"HTTP {status} without a JSON object"
        raise PiggyResponseError(msg)
    if 200 <= status < 300 and "data" in answer:  # noqa: PLR2004
        return answer["data"]
    code = answer.get("code")
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code[:9])
    if not isinstance(code, int) or isinstance(code, bool):
        msg = f"HTTP {status} without data and without an error code"
        raise PiggyResponseError(msg)
    written = _written(secrets)
    raise PiggyApiError(
        code, _words(answer.get("message"), written), _errors(answer, written)
    )


def _retry_after(value: str) -> float | None:
    """Return the header's seconds; it may hold a number or a date (RFC 9110)."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _written(secrets: Iterable[str]) -> list[str]:
    """Return the secrets as Piggy may write them, a longer one before its parts."""
    telling = {secret for secret in secrets if len(secret) >= MIN_SECRET}
    encoded = {quote(secret, safe="") for secret in telling}
    return sorted(telling | encoded, key=len, reverse=True)


def _words(value: Any, secrets: Iterable[str]) -> str:
    """Return Piggy's own words, in one line, without what they may give away.

    Piggy may write it differently: an email address comes back in lower case. It may
    also name what it was not asked about: addresses and uuids are never told on.
    """
    if not isinstance(value, str):
        return ""
    for secret in secrets:
        value = re.sub(re.escape(secret), "…", value, flags=re.IGNORECASE)
    words = UUID.sub("…", value).split()
    return " ".join("…" if _is_address(word) else word for word in words)[:MAX_WORDS]


def _is_address(word: str) -> bool:
    """Return whether a word holds an email address or an url, encoded or not."""
    plain = unquote(word)
    return "@" in plain or "://" in plain


def _errors(
    answer: Mapping[str, Any], secrets: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return the messages by field, each a list or one text (Piggy API, errors)."""
    errors = answer.get("errors")
    if not isinstance(errors, dict):
        return {}
    return {
        _words(name, secrets): tuple(
            words
            for message in (messages if isinstance(messages, list) else [messages])
            if (words := _words(message, secrets))
        )
        for name, messages in errors.items()
    }
