"""The page that a customer's phone opens.

Ids for browser tests:
  #shop #session-type #purpose    what the session is
  #amount-due                     giftcard payment: what is left to pay, in euros
  #contact                        who is identified; absent before that
  #card #identify-card            field and button; absent when identified
  #email #identify-email          the same, if the session enables email
  #register-email #register       the same, if the session enables registration
  #scanner                        the session's scanner type; absent when identified
  #<action> #<action>-amount      button, and its amount if it takes one; actions:
                                  collect-credits claim-reward redeem-voucher
                                  pay-with-giftcard top-up-giftcard
                                  pay-with-prepaid top-up-prepaid
  #events > li                    what was done, data-type is the event's type
  #error                          why something was refused; absent otherwise
Fields carry their names: card, email, amount. Buttons are called action, their value is
their id. Buttons that need a contact are disabled until there is one.
"""

from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from .actions import ACTIONS, PAY_WITH_GIFTCARD, Reason, RefusedError, due, perform
from .errors import IDENTIFIER_NOT_LINKED, ApiError
from .settings import PORTAL_PATH
from .store import Contact, Session, Store
from .validation import email

_PAGE = Template(Path(__file__).with_name("portal.html").read_text(encoding="utf-8"))

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline';"
        " form-action 'self'"
    ),
    "Referrer-Policy": "no-referrer",
}


class Portal:
    """Serves the portal pages."""

    def __init__(self, store: Store) -> None:
        """Show the sessions of a store."""
        self._store = store
        self._identifications = {
            "identify-card": self._by_card,
            "identify-email": self._by_email,
            "register": self._register,
        }

    def add_routes(self, app: web.Application) -> None:
        """Add the page to an application."""
        app.router.add_get(PORTAL_PATH, self._show)
        app.router.add_post(PORTAL_PATH, self._act)

    def _session(self, request: web.Request) -> Session:
        return self._store.session(request.query.get("uuid", ""))

    async def _show(self, request: web.Request) -> web.Response:
        try:
            session = self._session(request)
        except ApiError:
            return _page("Portal", _alert("There is no such session."), 404)
        return _page(session.type.title, render(session))

    async def _act(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        try:
            session = self._session(request)
        except ApiError:
            return _page("Portal", _alert("There is no such session."), 404)
        action = form.get("action", "")
        try:
            if identification := self._identifications.get(action):
                session.contact = identification(session, form)
            else:
                perform(self._store, session, action, form.get("amount", ""))
        except (ApiError, RefusedError) as err:
            return _page(session.type.title, render(session, str(err)), 400)
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
        if email(address) is not None:
            raise RefusedError(Reason.NO_EMAIL)
        try:
            session.account.contact_by_email(address)
        except ApiError:
            return session.account.add_contact(address)
        raise RefusedError(Reason.KNOWN_EMAIL)


def _page(title: str, content: str, status: int = 200) -> web.Response:
    return web.Response(
        text=_PAGE.substitute(title=escape(title), content=content),
        content_type="text/html",
        status=status,
        headers=_HEADERS,
    )


def _alert(text: str) -> str:
    return f'<p id="error" role="alert">{escape(text)}</p>'


def render(session: Session, error: str = "") -> str:
    """Return the inside of a session's page."""
    left = due(session)
    parts = [
        f'<p id="shop">{escape(session.shop.name)}</p>',
        f'<h1 id="session-type">{escape(session.type.title)}</h1>',
        f'<p id="purpose">{escape(session.type.purpose)}</p>',
        _alert(error) if error else "",
    ]
    if left is not None:
        parts.append(f'<p>To pay: € <span id="amount-due">{left / 100:.2f}</span></p>')
    if session.contact is None:
        parts += _identification(session)
    else:
        parts.append(
            f'<p>Hello, <b id="contact">{escape(session.contact.email)}</b></p>'
        )
    if left != 0:
        parts += [_action(session, name, left) for name in session.type.actions]
    parts.append(_events(session))
    return "\n".join(part for part in parts if part)


def _identification(session: Session) -> list[str]:
    scanner = session.parameters["scanner_type"].replace("_", " ")
    forms = [
        f'<p>Scanner: <span id="scanner">{escape(scanner)}</span></p>',
        _form("identify-card", "This is my card", "Card number", "card", "card"),
    ]
    if session.parameters["enable_email_identification"]:
        form = _form("identify-email", "This is me", "Email address", "email", "email")
        first = session.parameters["primary_identification_method"] == "email"
        forms.insert(0 if first else len(forms), form)
    if session.parameters["enable_registration"]:
        forms.append(
            _form(
                "register",
                "Sign up",
                "New here? Email address",
                "register-email",
                "email",
            )
        )
    return forms


def _form(action: str, label: str, field_label: str, field_id: str, name: str) -> str:
    kind = "email" if name == "email" else "text"
    return (
        f'<form method="post"><label for="{field_id}">{field_label}</label>'
        f'<input id="{field_id}" name="{name}" type="{kind}" required'
        ' autocomplete="off" autocapitalize="none">'
        f'<button id="{action}" name="action" value="{action}">{label}</button></form>'
    )


def _action(session: Session, name: str, left: int | None) -> str:
    action = ACTIONS[name]
    disabled = " disabled" if action.needs_contact and session.contact is None else ""
    field = ""
    if action.unit:
        value = ""
        if left is not None and name == PAY_WITH_GIFTCARD:
            value = f' value="{action.unit.write(left)}"'
        field = (
            f'<label for="{name}-amount">{action.unit.label}</label>'
            f'<input id="{name}-amount" name="amount" type="number"'
            f' step="{action.unit.step}" min="{action.unit.step}" required{value}>'
        )
    return (
        f'<form method="post">{field}<button id="{name}" name="action"'
        f' value="{name}"{disabled}>{action.label}</button></form>'
    )


def _events(session: Session) -> str:
    rows = "".join(
        f'<li data-type="{name}">{name.replace("_", " ")}</li>'
        for name in (escape(str(event.get("type", ""))) for event in session.events)
    )
    return f'<ul id="events">{rows}</ul>' if rows else ""
