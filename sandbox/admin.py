"""The sandbox's own HTTP API, for tests that run it as a process.

GET    /sandbox/state                     url, keys, shops, contacts, cards, sessions
GET    /sandbox/ledger                    what was paid, oldest first
GET    /sandbox/requests                  what was asked of the APIs and the portal
DELETE /sandbox/requests
GET    /sandbox/faults                    faults that are still queued
POST   /sandbox/faults                    the fields of Fault; body_base64 for bytes
DELETE /sandbox/faults
PATCH  /sandbox/settings                  the fields of Settings that are JSON
POST   /sandbox/keys                      key
DELETE /sandbox/keys/{key}
POST   /sandbox/shops                     name, and uuid, type, reference
DELETE /sandbox/shops/{uuid}
POST   /sandbox/contacts                  email, and uuid, credits, prepaid
DELETE /sandbox/contacts/{uuid}
POST   /sandbox/identifiers               value, and contact_uuid, name, active
POST   /sandbox/giftcards                 hash, and balance
POST   /sandbox/sessions/{uuid}/identify  contact_uuid
POST   /sandbox/sessions/{uuid}/events    type, and data
DELETE /sandbox/sessions/{uuid}

Bodies and answers are JSON. What was added answers 201, what was done 204, what is
wrong 400 with the API's own error body.
"""

from base64 import b64decode
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, Final

from aiohttp import web
import voluptuous as vol

from .api import errors_as_json
from .fault_queue import Faults
from .faults import KINDS, Fault
from .recording import Recorder
from .schema import email, invalid, number, read_json, text, validate, whole
from .settings import Settings
from .store import Session, Store

_NATURAL: Final = vol.All(whole, vol.Range(min=0))
_STRINGS: Final = {str: str}

FAULT: Final = {
    vol.Required("kind"): vol.In(tuple(KINDS)),
    vol.Optional("method"): text,
    vol.Optional("path"): text,
    vol.Optional("times"): _NATURAL,
    vol.Optional("delay"): vol.All(number, vol.Range(min=0)),
    vol.Optional("handled"): bool,
    vol.Optional("status"): vol.All(whole, vol.Range(min=100, max=599)),
    vol.Optional("body"): str,
    vol.Optional("body_base64"): text,
    vol.Optional("headers"): _STRINGS,
    vol.Optional("code"): _NATURAL,
    vol.Optional("message"): text,
    vol.Optional("errors"): {str: vol.Any(str, list)},
    vol.Optional("location"): text,
}
SETTINGS: Final = {
    vol.Optional("omit_events"): bool,
    vol.Optional("url_for"): vol.Any(None, str),
    vol.Optional("created_status"): vol.All(whole, vol.Range(min=200, max=299)),
    vol.Optional("json_only"): bool,
    vol.Optional("unknown_session_code"): _NATURAL,
    vol.Optional("wrong_key_code"): vol.Any(None, _NATURAL),
    vol.Optional("headers"): _STRINGS,
    vol.Optional("refuse_framing"): bool,
}
KEY: Final = {vol.Required("key"): text}
SHOP: Final = {
    vol.Required("name"): text,
    vol.Optional("uuid"): text,
    vol.Optional("type"): text,
    vol.Optional("reference"): vol.Any(None, str),
}
CONTACT: Final = {
    vol.Required("email"): email,
    vol.Optional("uuid"): text,
    vol.Optional("credits"): _NATURAL,
    vol.Optional("prepaid"): _NATURAL,
}
IDENTIFIER: Final = {
    vol.Required("value"): text,
    vol.Optional("contact_uuid"): text,
    vol.Optional("name"): text,
    vol.Optional("active"): bool,
}
GIFTCARD: Final = {vol.Required("hash"): text, vol.Optional("balance"): _NATURAL}
IDENTIFY: Final = {vol.Required("contact_uuid"): text}
EVENT: Final = {vol.Required("type"): text, vol.Optional("data"): dict}


async def _body(request: web.Request, schema: dict[Any, Any]) -> dict[str, Any]:
    return validate(schema, await read_json(request))


class Admin:
    """Changes a running sandbox; data is that of the account it started with."""

    def __init__(
        self, store: Store, settings: Settings, faults: Faults, recorder: Recorder
    ) -> None:
        """Manage the parts of a sandbox."""
        self._store = store
        self._settings = settings
        self._faults = faults
        self._recorder = recorder

    def make_app(self) -> web.Application:
        """Return the application to mount under /sandbox."""
        app = web.Application(middlewares=[errors_as_json])
        store, account = self._store, self._store.account
        app.add_routes(
            [
                web.get("/state", self._state),
                web.get("/ledger", self._ledger),
                web.get("/requests", self._requests),
                web.delete("/requests", _clearer(self._recorder.requests.clear)),
                web.get("/faults", self._pending),
                web.post("/faults", self._add_fault),
                web.delete("/faults", _clearer(self._faults.clear)),
                web.patch("/settings", self._set),
                web.post("/keys", self._add_key),
                web.delete("/keys/{name}", _remover(store.keys)),
                web.post("/shops", self._add_shop),
                web.delete("/shops/{name}", _remover(account.shops)),
                web.post("/contacts", self._add_contact),
                web.delete("/contacts/{name}", _remover(account.contacts)),
                web.post("/identifiers", self._add_identifier),
                web.post("/giftcards", self._add_giftcard),
                web.post("/sessions/{uuid}/identify", self._identify),
                web.post("/sessions/{uuid}/events", self._add_event),
                web.delete("/sessions/{name}", _remover(store.sessions)),
            ]
        )
        return app

    def _show(self, session: Session) -> dict[str, object]:
        return session.as_json(self._settings.session_url(session.uuid)) | {
            "type": session.type.name,
            "parameters": session.parameters,
        }

    async def _state(self, _: web.Request) -> web.Response:
        account = self._store.account
        return web.json_response(
            {
                "url": self._settings.base_url,
                "keys": list(self._store.keys),
                "account": account.as_json(),
                "shops": [shop.as_json() for shop in account.shops.values()],
                "contacts": [row.as_json() for row in account.contacts.values()],
                "identifiers": [row.as_json() for row in account.identifiers.values()],
                "sessions": [self._show(row) for row in self._store.sessions.values()],
            }
        )

    async def _ledger(self, _: web.Request) -> web.Response:
        return web.json_response([asdict(row) for row in self._store.ledger])

    async def _requests(self, _: web.Request) -> web.Response:
        return web.json_response([row.as_json() for row in self._recorder.requests])

    async def _pending(self, _: web.Request) -> web.Response:
        return web.json_response(
            [
                asdict(fault) | {"body": fault.content.decode(errors="replace")}
                for fault in self._faults.pending
            ]
        )

    async def _add_fault(self, request: web.Request) -> web.Response:
        given = await _body(request, FAULT)
        try:
            if encoded := given.pop("body_base64", None):
                given["body"] = b64decode(encoded, validate=True)
            fault = Fault(**given)
        except binascii.Error:
            raise invalid(body_base64="must be base64") from None
        except ValueError as err:
            raise invalid(kind=f"is not complete: {err}") from err
        self._faults.add(fault)
        return web.json_response({}, status=201)

    async def _set(self, request: web.Request) -> web.Response:
        for name, value in (await _body(request, SETTINGS)).items():
            setattr(self._settings, name, value)
        return web.Response(status=204)

    async def _add_key(self, request: web.Request) -> web.Response:
        given = await _body(request, KEY)
        self._store.keys[given["key"]] = self._store.account
        return web.json_response({}, status=201)

    async def _add_shop(self, request: web.Request) -> web.Response:
        shop = self._store.account.add_shop(**await _body(request, SHOP))
        return web.json_response(shop.as_json(), status=201)

    async def _add_contact(self, request: web.Request) -> web.Response:
        contact = self._store.account.add_contact(**await _body(request, CONTACT))
        return web.json_response(contact.as_json(), status=201)

    async def _add_identifier(self, request: web.Request) -> web.Response:
        given = await _body(request, IDENTIFIER)
        uuid = given.pop("contact_uuid", None)
        contact = None if uuid is None else self._store.account.contact(uuid)
        identifier = self._store.account.add_identifier(contact=contact, **given)
        return web.json_response(identifier.as_json(), status=201)

    async def _add_giftcard(self, request: web.Request) -> web.Response:
        given = await _body(request, GIFTCARD)
        giftcard = self._store.account.add_giftcard(**given)
        return web.json_response(asdict(giftcard), status=201)

    async def _identify(self, request: web.Request) -> web.Response:
        given = await _body(request, IDENTIFY)
        self._store.identify(request.match_info["uuid"], given["contact_uuid"])
        return web.Response(status=204)

    async def _add_event(self, request: web.Request) -> web.Response:
        given = await _body(request, EVENT)
        event = self._store.add_event(
            request.match_info["uuid"], given["type"], given.get("data")
        )
        return web.json_response(event, status=201)


type _Handler = Callable[[web.Request], Awaitable[web.Response]]


def _clearer(clear: Callable[[], None]) -> _Handler:
    async def handle(_: web.Request) -> web.Response:
        clear()
        return web.Response(status=204)

    return handle


def _remover(rows: dict[str, Any]) -> _Handler:
    async def handle(request: web.Request) -> web.Response:
        if rows.pop(request.match_info["name"], None) is None:
            raise web.HTTPNotFound
        return web.Response(status=204)

    return handle
