"""Piggy's API, as far as portal sessions need it."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
import voluptuous as vol

from .account import Account
from .errors import ApiError
from .schema import email, read_body, text, validate
from .session_types import SESSION_TYPES, SessionType
from .settings import Settings
from .store import Session, Store

PREFIX = "/api/v3/oauth/clients"

_ACCOUNT = web.RequestKey("account", Account)


def success(data: object, status: int = 200) -> web.Response:
    """Return data the way the API wraps it."""
    return web.json_response({"data": data, "meta": []}, status=status)


@web.middleware
async def errors_as_json(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error with JSON, as the API does."""
    try:
        return await handler(request)
    except ApiError as err:
        return web.json_response(err.as_json(), status=err.status)
    except web.HTTPException as err:
        return web.json_response({"message": err.reason}, status=err.status)


class Api:
    """The calls of the API, each for the account of the request's key."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Serve the content of a store."""
        self._store = store
        self._settings = settings

    def make_app(self, *middlewares: Any) -> web.Application:
        """Return the application to mount under PREFIX."""
        app = web.Application(
            middlewares=[self._headers, *middlewares, errors_as_json, self._guard]
        )
        app.add_routes(
            [
                web.get("", self._health, allow_head=False),
                web.get("/shops", self._shops, allow_head=False),
                web.get("/shops/{uuid}", self._shop, allow_head=False),
                web.get("/brand-kit", self._brand_kit, allow_head=False),
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
    async def _headers(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Add the headers of the settings to an answer that is not sent yet."""
        response = await handler(request)
        if not response.prepared:
            response.headers.update(self._settings.headers)
        return response

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Check the key."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        account = self._store.keys.get(key) if scheme == "Bearer" else None
        if account is None:
            if self._settings.wrong_key_code is not None:
                raise ApiError(self._settings.wrong_key_code)
            # The documents do not show the body of a 401.
            return web.json_response({"message": "Unauthenticated."}, status=401)
        request[_ACCOUNT] = account
        return await handler(request)

    async def _health(self, request: web.Request) -> web.Response:
        return success(request[_ACCOUNT].as_json())

    async def _shops(self, request: web.Request) -> web.Response:
        return success([shop.as_json() for shop in request[_ACCOUNT].shops.values()])

    async def _shop(self, request: web.Request) -> web.Response:
        return success(request[_ACCOUNT].shop(request.match_info["uuid"]).as_json())

    async def _brand_kit(self, request: web.Request) -> web.Response:
        return success(request[_ACCOUNT].brand_kit.as_json(request.url))

    async def _contact(self, request: web.Request) -> web.Response:
        return success(request[_ACCOUNT].contact(request.match_info["uuid"]).as_json())

    async def _find_contact(self, request: web.Request) -> web.Response:
        query = validate({vol.Required("email"): email}, dict(request.query))
        return success(request[_ACCOUNT].contact_by_email(query["email"]).as_json())

    async def _identifier(self, request: web.Request) -> web.Response:
        name = "contact_identifier_value"
        query = validate({vol.Required(name): text}, dict(request.query))
        return success(request[_ACCOUNT].identifier(query[name]).as_json())

    async def _session(self, request: web.Request) -> web.Response:
        try:
            session = self._store.session(request.match_info["uuid"], request[_ACCOUNT])
        except ApiError as err:
            # No code for an unknown session is documented.
            err.code = self._settings.unknown_session_code
            raise
        shown = self._show(session)
        if self._settings.omit_events:
            del shown["events"]
        return success(shown)

    def _creator(
        self, session_type: SessionType
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def create(request: web.Request) -> web.Response:
            given, notation = await read_body(
                request, json_only=self._settings.json_only
            )
            session = self._store.create(
                request[_ACCOUNT], session_type, given, notation
            )
            return success(self._show(session), self._settings.created_status)

        return create

    def _show(self, session: Session) -> dict[str, object]:
        return session.as_json(self._settings.session_url(session.uuid))
