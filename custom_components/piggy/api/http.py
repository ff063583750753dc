"""Send a request to Piggy and return the `data` of its answer, or raise PiggyError."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import islice
import time
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from aiohttp import hdrs
import orjson
from yarl import URL

from . import errors
from .errors import ErrorCode, redact
from .models import json_object

DEFAULT_URL: Final = "https://api.piggy.eu"
PREFIX: Final = "/api/v3/oauth/clients"
TIMEOUT: Final = aiohttp.ClientTimeout(total=15, connect=5)
MAX_BODY: Final = 1024 * 1024
MAX_NUMBER: Final = 2**31 - 1
MAX_FIELDS: Final = 20
MAX_DETAILS: Final = 1000

NOT_SENT: Final = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)
BROKEN_OFF: Final = (
    aiohttp.ClientConnectionError,
    aiohttp.ClientPayloadError,
    ConnectionError,
)


class PiggyHttp:
    """Sends requests with one key. A request that creates something is never repeated.

    `limit` and `remaining` requests are as of the last answer that had the number.
    aiohttp repeats a GET once when the connection breaks off before an answer.
    """

    def __init__(
        self, session: aiohttp.ClientSession, api_key: str, url: str = DEFAULT_URL
    ) -> None:
        self.limit: int | None = None
        self.remaining: int | None = None
        self._session = session
        self._api_key = api_key
        self._base = f"{url.rstrip('/')}{PREFIX}"
        self._headers = {
            hdrs.ACCEPT: "application/json",
            # A compressed body could unfold to any size.
            hdrs.ACCEPT_ENCODING: "identity",
            hdrs.AUTHORIZATION: f"Bearer {api_key}",
        }

    @property
    def is_near_limit(self) -> bool:
        """Return whether less than a tenth of the rate limit remains."""
        return self.remaining is not None and self.remaining * 10 < (self.limit or 0)

    def read_rate_limit(self, headers: Mapping[str, str]) -> None:
        """Update the rate limit; an answer may omit either number."""
        self.limit = _number(headers.get("X-RateLimit-Limit", self.limit))
        self.remaining = _number(headers.get("X-RateLimit-Remaining", self.remaining))

    async def _get(self, path: str, *segments: str, **query: str) -> Any:
        """Send a GET request to an API path, extended by the given segments."""
        _check_sendable(sent := [*segments, *query.values()])
        # A dot would be a relative path.
        quoted = [quote(text, safe="").replace(".", "%2E") for text in segments]
        address = "/".join((path, *quoted))
        return await self._request(hdrs.METH_GET, address, sent, params=query)

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        _check_sendable(sent := [*body.values()])
        return await self._request(hdrs.METH_POST, path, sent, json=body)

    async def _request(
        self, method: str, path: str, sent: list[Any], **options: Any
    ) -> Any:
        """Send one request. Never chain aiohttp's exceptions, which contain the URL."""
        if not self._api_key.isascii() or not self._api_key.isprintable():
            raise errors.PiggyAuthError("a key that no header can hold")
        try:
            async with self._session.request(
                method,
                URL(f"{self._base}{path}", encoded=True),
                timeout=TIMEOUT,
                allow_redirects=False,
                headers=self._headers,
                **options,
            ) as response:
                self.read_rate_limit(response.headers)
                check_status(response.status, response.headers)
                content = await read(response)
                return data_of(response.status, content, (self._api_key, *sent))
        except NOT_SENT:
            failure: errors.PiggyError = errors.PiggyConnectionError("no connection")
        except TimeoutError:
            failure = errors.PiggyTimeoutError("no complete answer in time")
        except BROKEN_OFF:
            failure = errors.PiggyInterruptedError("the connection broke off")
        except aiohttp.ClientError, ValueError:
            failure = errors.PiggyResponseError("an answer that is not HTTP")
        raise failure


def check_status(status: int, headers: Mapping[str, str]) -> None:
    """Raise PiggyError for a status whose meaning does not depend on the body."""
    if status == HTTPStatus.UNAUTHORIZED:
        raise errors.PiggyAuthError(f"key refused (HTTP {status})")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = _retry_after(headers.get(hdrs.RETRY_AFTER, ""))
        raise errors.PiggyRateLimitError(wait)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise errors.PiggyMaintenanceError("down for maintenance")


def data_of(status: int, content: bytes | bytearray, sent: Iterable[Any]) -> Any:
    """Return an answer's `data`, or raise PiggyError without any value of `sent`.

    orjson refuses lone surrogates, so no text that was received holds one.
    """
    answer: Mapping[str, Any] = {}
    with suppress(orjson.JSONDecodeError):
        answer = json_object(orjson.loads(content))
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES and "data" in answer:
        return answer["data"]
    code = _number(answer.get("code"))
    if code == errors.CODE_KEY_REFUSED:
        raise errors.PiggyAuthError(f"key refused (error {code})")
    fields = _fields(answer.get("errors"), sent)
    if code is None and fields and status == HTTPStatus.UNPROCESSABLE_ENTITY:
        code = ErrorCode.INVALID_INPUT
    if code is None:
        raise errors.PiggyResponseError(
            f"HTTP {status} without data and without an error code", status=status
        )
    words = filter(None, (redact(answer.get("message"), sent), *fields))
    raise errors.PiggyApiError(code, "; ".join(words)[:MAX_DETAILS], status=status)


def _fields(found: Any, sent: Iterable[Any]) -> list[str]:
    """Return what is wrong with each field: a list or one text (Piggy API, errors)."""
    fields = []
    for name, said in islice(json_object(found).items(), MAX_FIELDS):
        messages = said[:MAX_FIELDS] if isinstance(said, list) else [said]
        texts = filter(None, (redact(message, sent) for message in messages))
        fields.append(f"{redact(name, sent)}: {', '.join(texts)}")
    return fields


def _check_sendable(sent: list[Any]) -> None:
    """Raise PiggyApiError for a value JSON cannot hold, such as a lone surrogate."""
    with suppress(TypeError):
        orjson.dumps(sent)
        return
    raise errors.PiggyApiError(ErrorCode.INVALID_INPUT, "a value that cannot be sent")


async def read(response: aiohttp.ClientResponse, most: int = MAX_BODY) -> bytearray:
    """Return the body; raises PiggyResponseError for one that is too large."""
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > most:
            response.close()
            raise errors.PiggyResponseError(f"an answer of more than {most >> 20} MiB")
    return content


def _number(value: Any) -> int | None:
    """Return a 31-bit number, which may be a string, or None for anything else."""
    with suppress(ValueError):
        number = int(str(value))
        return number if 0 <= number <= MAX_NUMBER else None
    return None


def _retry_after(value: str) -> float | None:
    """Return the header's seconds; it holds a number or a date (RFC 9110)."""
    seconds: float | None = _number(value)
    with suppress(ValueError, OverflowError):
        if seconds is None:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
    return seconds and max(0.0, seconds)
