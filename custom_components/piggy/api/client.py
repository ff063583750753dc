"""One method per call of Piggy's API."""

import asyncio
from collections.abc import Mapping
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
from yarl import URL

from .answer import check_status, data_of, rate_limit_remaining
from .errors import (
    PiggyAuthError,
    PiggyConnectionError,
    PiggyError,
    PiggyInterruptedError,
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
        self._turn = asyncio.Lock()

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
        self,
        session_type: SessionType,
        shop_uuid: str,
        options: SessionOptions,
        *,
        private: tuple[str, ...] = (),
    ) -> PortalSession:
        """Create a session (Piggy API, portal sessions).

        `private` is what no error may repeat, beside what is sent of the customer.
        """
        return PortalSession.from_api(
            await self._request(
                hdrs.METH_POST,
                f"{SESSIONS}{CREATE_PATHS[session_type]}",
                body={"shop_uuid": shop_uuid, **options.as_body()},
                private=private,
            )
        )

    async def get_portal_session(
        self, uuid: str, *, private: tuple[str, ...] = ()
    ) -> PortalSession:
        """Return a session as it is now (Piggy API, portal sessions).

        `private` is what no error may repeat, beside the uuid.
        """
        return PortalSession.from_api(
            await self._get(f"{SESSIONS}/{_segment(uuid)}", private=(uuid, *private))
        )

    async def find_contact_by_email(self, email: str) -> Contact:
        """Return the contact with an email address (Piggy API, contacts)."""
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
        async with self._turn:
            # One request a turn of the event loop: many at once would hold it up.
            await asyncio.sleep(0)
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
                remaining = rate_limit_remaining(response.headers)
                if remaining is not None:
                    self.rate_limit_remaining = remaining
                check_status(response.status, response.headers)
                return data_of(response.status, await _read(response), secrets)
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
