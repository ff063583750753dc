"""The start page, and the page behind a session's url: the vendor's, or a plain one."""

from pathlib import Path
from typing import Final

from aiohttp import web
import voluptuous as vol

from . import start_page
from .account import Contact
from .actions import Reason, RefusedError, perform, reason
from .errors import IDENTIFIER_NOT_LINKED, ApiError
from .payments import Payments
from .plain_page import alert, page, render
from .schema import email
from .settings import PORTAL_PATH, Settings
from .store import Session, Store

_ASSETS: Final = f"{PORTAL_PATH}/assets"
_PLAIN_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'"
)
# What the vendor's page asks of other hosts (translations, error reports) is refused.
_VENDOR_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data: blob:; font-src data:; media-src blob:;"
    " worker-src 'self' blob:; connect-src 'self' data:"
)


class Portal:
    """Serves the portal pages."""

    def __init__(self, store: Store, payments: Payments, settings: Settings) -> None:
        """Show the sessions of a store."""
        self._store = store
        self._payments = payments
        self._settings = settings
        self._identifications = {
            "identify-card": self._by_card,
            "identify-email": self._by_email,
            "register": self._register,
        }

    def add_routes(self, app: web.Application) -> None:
        """Add the pages to an application."""
        app.router.add_get("/", self._start)
        app.router.add_get(PORTAL_PATH, self._show)
        app.router.add_post(PORTAL_PATH, self._act)
        app.router.add_get(f"{_ASSETS}/{{name}}", self._asset)

    async def _start(self, _: web.Request) -> web.Response:
        content = start_page.render(self._store, self._settings)
        return self._plain("A stand-in for Piggy", content)

    def _session(self, request: web.Request) -> Session:
        return self._store.session(request.query.get("uuid", ""))

    async def _show(self, request: web.Request) -> web.StreamResponse:
        if (folder := self._settings.vendor_page) is not None:
            headers = self._headers(_VENDOR_POLICY)
            return web.FileResponse(folder / "index.html", headers=headers)
        try:
            session = self._session(request)
        except ApiError:
            return self._plain("Portal", alert("There is no such session."), 404)
        return self._plain(session.type.title, render(session))

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        folder, name = self._settings.vendor_page, request.match_info["name"]
        if folder is None or not (path := folder / Path(name).name).is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers=self._headers(_VENDOR_POLICY))

    async def _act(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            session = self._session(request)
        except ApiError:
            return self._plain("Portal", alert("There is no such session."), 404)
        action = form.get("action", "")
        try:
            if identification := self._identifications.get(action):
                session.contact = identification(session, form)
            else:
                perform(self._payments, session, action, form)
        except (ApiError, RefusedError) as err:
            content = render(session, reason(err))
            return self._plain(session.type.title, content, 400)
        raise web.HTTPSeeOther(request.path_qs)

    def _by_card(self, session: Session, form: dict[str, str]) -> Contact:
        card = session.account.identifier(form.get("card", "").strip())
        if card.contact is None:
            raise ApiError(IDENTIFIER_NOT_LINKED)
        return card.contact

    def _by_email(self, session: Session, form: dict[str, str]) -> Contact:
        if not session.parameters["enable_email_identification"]:
            raise RefusedError(Reason.NOT_HERE)
        return session.account.contact_by_email(form.get("email", ""))

    def _register(self, session: Session, form: dict[str, str]) -> Contact:
        if not session.parameters["enable_registration"]:
            raise RefusedError(Reason.NOT_HERE)
        address = form.get("email", "").strip()
        try:
            vol.Schema(email)(address)
        except vol.Invalid:
            raise RefusedError(Reason.NO_EMAIL) from None
        try:
            session.account.contact_by_email(address)
        except ApiError:
            return session.account.add_contact(address)
        raise RefusedError(Reason.KNOWN_EMAIL)

    def _headers(self, policy: str) -> dict[str, str]:
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        if self._settings.refuse_framing:
            headers["X-Frame-Options"] = "DENY"
            policy = f"{policy}; frame-ancestors 'none'"
        return headers | {"Content-Security-Policy": policy}

    def _plain(self, title: str, content: str, status: int = 200) -> web.Response:
        return web.Response(
            text=page(title, content),
            content_type="text/html",
            status=status,
            headers=self._headers(_PLAIN_POLICY),
        )
