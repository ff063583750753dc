"""The sandbox's own HTTP API, for tests that run it as a process.

GET    /sandbox/state                     url, keys, shops, contacts, cards, sessions
GET    /sandbox/requests                  what was asked of the API and the portal
DELETE /sandbox/requests
GET    /sandbox/faults                    faults that are still queued
POST   /sandbox/faults                    the fields of Fault; body_base64 for bytes
DELETE /sandbox/faults
PATCH  /sandbox/settings                  omit_events, url_for, created_status
POST   /sandbox/keys                      key
DELETE /sandbox/keys/{key}
POST   /sandbox/shops                     name, and uuid, type, reference
DELETE /sandbox/shops/{uuid}
POST   /sandbox/contacts                  email, and uuid
DELETE /sandbox/contacts/{uuid}
POST   /sandbox/identifiers               value, and contact_uuid, name, active
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
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from .errors import ApiError
from .faults import KINDS, Fault, Faults
from .recording import Recorder
from .settings import Settings
from .store import Session, Store
from .validation import (
    Parameter,
    boolean,
    email,
    field_errors,
    headers,
    integer,
    invalid,
    mapping,
    number,
    one_of,
    optional_text,
    read,
    read_json,
    text,
)

FAULT = (
    Parameter("kind", one_of(*KINDS), required=True),
    Parameter("method", text),
    Parameter("path", text),
    Parameter("times", integer(0)),
    Parameter("delay", number),
    Parameter("handled", boolean),
    Parameter("status", integer(100, 599)),
    Parameter("body", optional_text),
    Parameter("body_base64", text),
    Parameter("headers", headers),
    Parameter("code", integer(0)),
    Parameter("message", text),
    Parameter("errors", field_errors),
    Parameter("location", text),
)
SETTINGS = (
    Parameter("omit_events", boolean),
    Parameter("url_for", optional_text),
    Parameter("created_status", integer(200, 299)),
)
KEY = (Parameter("key", text, required=True),)
SHOP = (
    Parameter("name", text, required=True),
    Parameter("uuid", text),
    Parameter("type", text),
    Parameter("reference", optional_text),
)
CONTACT = (
    Parameter("email", email, required=True),
    Parameter("uuid", text),
)
IDENTIFIER = (
    Parameter("value", text, required=True),
    Parameter("contact_uuid", text),
    Parameter("name", text),
    Parameter("active", boolean),
)
IDENTIFY = (Parameter("contact_uuid", text, required=True),)
EVENT = (
    Parameter("type", text, required=True),
    Parameter("data", mapping),
)


async def _body(request: web.Request, parameters: tuple[Parameter, ...]) -> Any:
    return read(read_json(await request.read(), request.content_type), parameters)


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
        """Return the application that stands under /sandbox."""
        app = web.Application(middlewares=[_errors])
        store, account = self._store, self._store.account
        app.add_routes(
            [
                web.get("/state", self._state),
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


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ApiError as err:
        return web.json_response(err.as_json(), status=err.status)


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
