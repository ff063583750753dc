"""Requests to Piggy whose answers are kept with their headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout
import orjson

from custom_components.piggy.api.errors import (
    CODE_KEY_REFUSED,
    PiggyApiError,
    PiggyAuthError,
    PiggyError,
)
from custom_components.piggy.api.http import PREFIX, check_status, data_of

ACCEPTED: Final = "accepted"
NO_ANSWER: Final = "no answer"
TIMEOUT: Final = ClientTimeout(total=15)


@dataclass(frozen=True, slots=True)
class Answer:
    """Piggy's answer to a request; the status is 0 if there was none."""

    status: int = 0
    headers: Mapping[str, str] | None = None
    content: bytes = b""

    @property
    def body(self) -> dict[str, Any]:
        """Return the JSON object, an empty one for anything else."""
        try:
            body = orjson.loads(self.content)
        except orjson.JSONDecodeError:
            return {}
        return body if isinstance(body, dict) else {}

    @property
    def data(self) -> Any:
        """Return the data as the integration reads it, None when that fails."""
        return self.body.get("data") if self.outcome == ACCEPTED else None

    @property
    def outcome(self) -> str:
        """Return the result of reading the answer, without Piggy's messages."""
        if not self.status:
            return NO_ANSWER
        try:
            check_status(self.status, self.headers or {})
            data_of(self.status, self.content, ())
        except PiggyApiError as err:
            return f"error {err.code}"
        except PiggyAuthError:
            is_status = self.status == HTTPStatus.UNAUTHORIZED
            return f"HTTP {self.status}" if is_status else f"error {CODE_KEY_REFUSED}"
        except PiggyError:
            return f"HTTP {self.status} without data"
        return ACCEPTED


@dataclass(frozen=True, slots=True)
class Asker:
    """Sends requests with one key to the API at `url`."""

    session: ClientSession
    url: str
    key: str

    async def get(self, path: str, *, key: str | None = None) -> Answer:
        """Read a path of the API, with another key if one is given."""
        return await self._send("GET", f"{self.url}{PREFIX}{path}", key or self.key)

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Send a JSON body to a path of the API."""
        url = f"{self.url}{PREFIX}{path}"
        return await self._send("POST", url, self.key, json=body)

    async def get_page(self, url: str) -> Answer:
        """Read a web page without the key, as a browser does."""
        return await self._send("GET", url, None)

    async def _send(
        self, method: str, url: str, key: str | None, **options: Any
    ) -> Answer:
        headers = {"Accept": "application/json", "Authorization": f"Bearer {key}"}
        try:
            async with self.session.request(
                method,
                url,
                headers=headers if key else {},
                allow_redirects=not key,
                timeout=TIMEOUT,
                **options,
            ) as response:
                content = await response.read()
                return Answer(response.status, response.headers, content)
        except ClientError, TimeoutError, OSError, ValueError:
            return Answer()
