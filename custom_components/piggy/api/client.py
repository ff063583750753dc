"""One method per call of Piggy's API."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import re
from typing import Any, Final
from urllib.parse import quote

from aiohttp import (
    ClientConnectionError,
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    InvalidURL,
    hdrs,
)
import orjson
from yarl import URL

from .errors import (
    PiggyApiError,
    PiggyAuthError,
    PiggyConnectionError,
    PiggyError,
    PiggyInterruptedError,
    PiggyMaintenanceError,
    PiggyRateLimitError,
    PiggyResponseError,
    PiggyTimeoutError,
)
from .models import (
    Account,
    Contact,
    ContactIdentifier,
    PortalSession,
    SessionOptions,
    SessionType,
    Shop,
)

DEFAULT_URL: Final = "https://api.piggy.eu"
PREFIX: Final = "/api/v3/oauth/clients"
SESSIONS: Final = "/portal-sessions"
TIMEOUT: Final = ClientTimeout(total=15, connect=5)
MAX_BODY: Final = 1024 * 1024
MAX_WORDS: Final = 500
MIN_SECRET: Final = 4

CREATE_PATHS: Final[Mapping[SessionType, str]] = {
    SessionType.PORTAL: "",
    SessionType.CREDIT_RECEPTION: "/credit-reception",
    SessionType.REDEEM_GIFTCARD: "/redeem-giftcards",
    SessionType.TOP_UP_GIFTCARD: "/top-up-giftcards",
    SessionType.PAY_PREPAID: "/pay-prepaid",
    SessionType.TOP_UP_PREPAID: "/top-up-prepaid",
    SessionType.VOUCHER: "/vouchers",
}


class PiggyClient:
    """Piggy's API for one key.

    Every method raises a kind of PiggyError and nothing else. A create is never
    repeated: one that broke off may have been carried out. What only reads is asked
    once more, by aiohttp, where the connection breaks off before an answer.
    """

    def __init__(
        self, session: ClientSession, api_key: str, url: str = DEFAULT_URL
    ) -> None:
        """Keep what every request needs."""
        self._session = session
        self._api_key = api_key
        self._base = f"{url.rstrip('/')}{PREFIX}"
        self._headers = {
            hdrs.ACCEPT: "application/json",
            # A compressed body could unfold to any size.
            hdrs.ACCEPT_ENCODING: "identity",
            hdrs.AUTHORIZATION: f"Bearer {api_key}",
        }
        self.rate_limit_remaining: int | None = None

    async def get_account(self) -> Account:
        """Return the key's account (Piggy API, health check)."""
        return Account.from_api(await self._get(""))

    async def get_shops(self) -> list[Shop]:
        """Return every shop that the key sees (Piggy API, shops)."""
        shops = await self._get("/shops")
        if not isinstance(shops, list):
            msg = "shops that are no list"
            raise PiggyResponseError(msg)
        return [Shop.from_api(shop) for shop in shops]

    async def create_portal_session(
        self, session_type: SessionType, shop_uuid: str, options: SessionOptions
    ) -> PortalSession:
        """Create a session (Piggy API, portal sessions)."""
        return PortalSession.from_api(
            await self._request(
                hdrs.METH_POST,
                f"{SESSIONS}{CREATE_PATHS[session_type]}",
                body={"shop_uuid": shop_uuid, **options.as_body()},
            )
        )

    async def get_portal_session(self, uuid: str) -> PortalSession:
        """Return a session as it is now (Piggy API, portal sessions)."""
        return PortalSession.from_api(
            await self._get(f"{SESSIONS}/{_segment(uuid)}", private=(uuid,))
        )

    async def find_contact_by_email(self, email: str) -> Contact:
        """Return the contact with an e-mail address (Piggy API, contacts)."""
        return Contact.from_api(
            await self._get(
                "/contacts/find-one-by", params={"email": email}, private=(email,)
            )
        )

    async def find_contact_identifier(self, value: str) -> ContactIdentifier:
        """Return what a card's number stands for (Piggy API, contact identifiers)."""
        return ContactIdentifier.from_api(
            await self._get(
                "/contact-identifiers/find",
                params={"contact_identifier_value": value},
                private=(value,),
            )
        )

    async def _get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        private: tuple[str, ...] = (),
    ) -> Any:
        """Read something."""
        return await self._request(hdrs.METH_GET, path, params=params, private=private)

    async def _request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        private: tuple[str, ...] = (),
    ) -> Any:
        """Send one request and return the `data` of its answer.

        Exceptions of aiohttp hold the address, so none of them goes on as a cause.
        """
        if not self._api_key.isascii() or not self._api_key.isprintable():
            msg = "a key that no header can hold"
            raise PiggyAuthError(msg)
        secrets = (self._api_key, *private)
        if body and (contact := body.get("contact_uuid")):
            secrets += (contact,)
        try:
            async with self._session.request(
                method,
                URL(f"{self._base}{path}", encoded=True),
                params=params,
                json=body,
                headers=self._headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as response:
                self._note_rate_limit(response)
                _check_status(response)
                return _data(response.status, await _read(response), secrets)
        except PiggyError:
            raise
        except ClientConnectorError, ConnectionTimeoutError, InvalidURL:
            failure: PiggyError = PiggyConnectionError("no connection")
        except TimeoutError:
            failure = PiggyTimeoutError("no whole answer in time")
        except ClientConnectionError, ClientPayloadError, ConnectionError:
            failure = PiggyInterruptedError("the connection broke off")
        except ClientError, ValueError:
            failure = PiggyResponseError("an answer that is no HTTP")
        raise failure

    def _note_rate_limit(self, response: ClientResponse) -> None:
        """Keep how many requests are left, where Piggy tells."""
        remaining = response.headers.get("X-RateLimit-Remaining", "")
        if remaining.isascii() and remaining.isdigit():
            self.rate_limit_remaining = int(remaining[:9])


def _segment(uuid: str) -> str:
    """Return an opaque id as one segment of a path, whatever it holds."""
    return quote(uuid, safe="").replace(".", "%2E")


async def _read(response: ClientResponse) -> bytes:
    """Return the body, or refuse one that no answer of Piggy's comes near to."""
    content = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        content += chunk
        if len(content) > MAX_BODY:
            response.close()
            msg = "an answer of more than 1 MiB"
            raise PiggyResponseError(msg)
    return bytes(content)


def _check_status(response: ClientResponse) -> None:
    """Raise what a status means that says all, whatever the body is."""
    status = response.status
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        msg = f"key refused (HTTP {status})"
        raise PiggyAuthError(msg)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise PiggyRateLimitError(_retry_after(response))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        msg = "down for maintenance"
        raise PiggyMaintenanceError(msg)


def _data(status: int, content: bytes, secrets: tuple[str, ...]) -> Any:
    """Return the answer's `data`, or raise what the answer means."""
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
    raise PiggyApiError(
        code, _words(answer.get("message"), secrets), _errors(answer, secrets)
    )


def _retry_after(response: ClientResponse) -> float | None:
    """Return the header's seconds; it may hold a number or a date (RFC 9110)."""
    value = response.headers.get(hdrs.RETRY_AFTER, "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _words(value: Any, secrets: tuple[str, ...]) -> str:
    """Return Piggy's own words, in one line, without what was asked about.

    Piggy may write it differently: an e-mail address comes back in lower case.
    """
    if not isinstance(value, str):
        return ""
    for secret in filter(_is_telling, secrets):
        value = re.sub(re.escape(secret), "…", value, flags=re.IGNORECASE)
    return " ".join(value.split())[:MAX_WORDS]


def _is_telling(secret: str) -> bool:
    """Return whether a text is long enough to be known again."""
    return len(secret) >= MIN_SECRET


def _errors(
    answer: Mapping[str, Any], secrets: tuple[str, ...]
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
