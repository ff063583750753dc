"""The requests to an account, in order. The findings are judged afterward."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import secrets
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from custom_components.piggy.api.client import SESSIONS
from custom_components.piggy.api.errors import PiggyError
from custom_components.piggy.api.models import PortalSession, Shop
from custom_components.piggy.api.session_types import SESSION_TYPES, SessionType
from custom_components.piggy.options import OPTIONS, WITH_AMOUNT, Option

from .answers import Answer, Asker

AMOUNT: Final = {"amount_in_cents": 100}
POLL: Final = 5.0  # seconds


def _sample(option: Option) -> Any:
    """Return a documented value of a parameter; booleans are sent as false."""
    config = option.selector.config
    value = config["options"][-1] if "options" in config else config.get("max", False)
    return option.validator(value)


PARAMETERS: Final[Mapping[str, Any]] = {
    option.name: _sample(option) for option in OPTIONS if option.is_default
}


@dataclass(slots=True)
class Seen:
    """The answers of an account, empty for requests that were not made."""

    url: str
    health: Answer
    shops: Answer
    wrong_key: Answer
    unknown_session: Answer
    with_amount: dict[SessionType, Answer] = field(default_factory=dict)
    without_amount: dict[SessionType, Answer] = field(default_factory=dict)
    parameters: Answer = field(default_factory=Answer)
    read_back: Answer = field(default_factory=Answer)
    page: Answer = field(default_factory=Answer)
    watched: Answer = field(default_factory=Answer)
    watched_type: SessionType = SessionType.PORTAL

    @property
    def created(self) -> list[Answer]:
        """Return the answers to all creates."""
        return [
            *self.without_amount.values(),
            *self.with_amount.values(),
            self.parameters,
        ]

    @property
    def shop_uuid(self) -> str | None:
        """Return the first shop, if there is one."""
        shops = self.shops.data
        try:
            return Shop.from_api(shops[0]).uuid if isinstance(shops, list) else None
        except IndexError, PiggyError:
            return None


def session_of(answer: Answer) -> PortalSession | None:
    """Return the session of an answer, None when the integration refuses it."""
    try:
        return PortalSession.from_api(answer.data)
    except PiggyError:
        return None


async def look(asker: Asker) -> Seen:
    """Make the read-only requests."""
    return Seen(
        url=asker.url,
        health=await asker.get(""),
        shops=await asker.get("/shops"),
        wrong_key=await asker.get("", key=secrets.token_urlsafe(32)),
        unknown_session=await asker.get(f"{SESSIONS}/{uuid4()}"),
    )


async def create(asker: Asker, seen: Seen) -> None:
    """Create sessions of every type, and read one of them and its page."""

    async def post(kind: SessionType, parameters: Mapping[str, Any]) -> Answer:
        path = f"{SESSIONS}{SESSION_TYPES[kind].path}"
        return await asker.post(path, {"shop_uuid": seen.shop_uuid, **parameters})

    for kind in SESSION_TYPES:
        if kind in WITH_AMOUNT:
            seen.with_amount[kind] = await post(kind, AMOUNT)
    for kind in SESSION_TYPES:
        seen.without_amount[kind] = await post(kind, {})
    seen.parameters = await post(SessionType.PORTAL, PARAMETERS)
    if session := session_of(seen.without_amount[SessionType.PORTAL]):
        seen.read_back = await asker.get(f"{SESSIONS}/{quote(session.uuid, safe='')}")
        seen.page = await asker.get_page(session.url)


async def watch(
    asker: Asker, seen: Seen, kind: SessionType, show: Callable[[str], None]
) -> None:
    """Create a session, show its URL, and read it until it was used."""
    path = f"{SESSIONS}{SESSION_TYPES[kind].path}"
    amount = AMOUNT if kind in WITH_AMOUNT else {}
    made = await asker.post(path, {"shop_uuid": seen.shop_uuid, **amount})
    seen.watched, seen.watched_type = made, kind
    if (session := session_of(made)) is None:
        return
    show(session.url)
    while not (session.contact_uuid and session.events):
        await asyncio.sleep(POLL)
        answer = await asker.get(f"{SESSIONS}/{quote(session.uuid, safe='')}")
        if read := session_of(answer):
            seen.watched, session = answer, read
