"""Piggy's API, as far as portal sessions need it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from .errors import ApiError
from .session_types import SESSION_TYPES, SessionType
from .settings import Settings
from .store import Account, Session, Store
from .validation import email, invalid, read, read_json, text

PREFIX = "/api/v3/oauth/clients"

_ACCOUNT = web.RequestKey("account", Account)


def success(data: object, status: int = 200) -> web.Response:
    """Return data the way the API wraps it."""
    return web.json_response({"data": data, "meta": []}, status=status)


class Api:
    """The calls of the API, each for the account of the request's key."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Serve what a store holds."""
        self._store = store
        self._settings = settings

    def make_app(self, *middlewares: Any) -> web.Application:
        """Return the application that stands under PREFIX."""
        app = web.Application(middlewares=[*middlewares, self._guard])
        app.add_routes(
            [
                web.get("", self._health, allow_head=False),
                web.get("/shops", self._shops, allow_head=False),
                web.get("/shops/{uuid}", self._shop, allow_head=False),
                web.get("/contacts/find-one-by", self._find_contact, allow_head=False),
                web.get("/contacts/{uuid}", self._contact, allow_head=False),
                web.get(
                    "/contact-identifiers/find", self._identifier, allow_head=False
                ),
                web.get("/portal-sessions/{uuid}", self._session, allow_head=False),
                *(
                    web.post(f"/portal-sessions{row.path}", self._creator(row))
                    for row in SESSION_TYPES
                ),
            ]
        )
        return app

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Check the key, and turn every error into the API's JSON."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        account = self._store.keys.get(key) if scheme == "Bearer" else None
        if account is None:
            # The documents do not show the body of a 401.
            return web.json_response({"message": "Unauthenticated."}, status=401)
        request[_ACCOUNT] = account
        try:
            return await handler(request)
        except ApiError as err:
            return web.json_response(err.as_json(), status=err.status)
        except web.HTTPException as err:
            return web.json_response({"message": err.reason}, status=err.status)

    async def _health(self, request: web.Request) -> web.Response:
        return success(request[_ACCOUNT].as_json())

    async def _shops(self, request: web.Request) -> web.Response:
        return success([shop.as_json() for shop in request[_ACCOUNT].shops.values()])

    async def _shop(self, request: web.Request) -> web.Response:
        return success(request[_ACCOUNT].shop(request.match_info["uuid"]).as_json())

    async def _contact(self, request: web.Request) -> web.Response:
        return success(request[_ACCOUNT].contact(request.match_info["uuid"]).as_json())

    async def _find_contact(self, request: web.Request) -> web.Response:
        address = _query(request, "email", email)
        return success(request[_ACCOUNT].contact_by_email(address).as_json())

    async def _identifier(self, request: web.Request) -> web.Response:
        value = _query(request, "contact_identifier_value", text)
        return success(request[_ACCOUNT].identifier(value).as_json())

    async def _session(self, request: web.Request) -> web.Response:
        session = self._store.session(request.match_info["uuid"], request[_ACCOUNT])
        shown = self._show(session)
        if self._settings.omit_events:
            del shown["events"]
        return success(shown)

    def _creator(
        self, session_type: SessionType
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def create(request: web.Request) -> web.Response:
            given = read_json(await request.read(), request.content_type)
            session = self._store.create(
                request[_ACCOUNT], session_type, read(given, session_type.parameters)
            )
            return success(self._show(session), self._settings.created_status)

        return create

    def _show(self, session: Session) -> dict[str, object]:
        return session.as_json(self._settings.session_url(session.uuid))


def _query(
    request: web.Request, name: str, check: Callable[[object], str | None]
) -> str:
    """Return a parameter of the query; raises ApiError 1003."""
    if name not in request.query:
        raise invalid(**{name: "is required"})
    value = request.query[name]
    if (problem := check(value)) is not None:
        raise invalid(**{name: problem})
    return value
