"""The plain portal page.

Ids for browser tests:
  #shop #session-type #purpose    what the session is
  #amount-due                     payments: what is left to pay, in euros
  #contact                        who is identified; absent before that
  #credits #prepaid               the portal's profile; absent before that
  #card #identify-card            field and button; absent when identified
  #email #identify-email          the same, if the session enables email
  #register-email #register       the same, if the session enables registration
  #scanner                        the session's scanner type; absent when identified
  #<action>                       button; actions: collect-credits claim-reward
                                  redeem-voucher pay-with-giftcard top-up-giftcard
                                  pay-with-prepaid top-up-prepaid
  #<action>-<field>               its input; fields: reward voucher giftcard amount
  #events > li                    what was done, data-type is the event's type
  #error                          why something was refused; absent otherwise
Fields carry their names: card, email, reward, voucher, giftcard, amount. Buttons are
called action, their value is their id. Buttons that cannot be pressed are disabled.
"""

from html import escape
from pathlib import Path
from string import Template
from typing import Final

from .account import Contact
from .actions import Action, Field, offered, payable
from .payments import due
from .session_types import PurchaseAmount
from .store import Session

_PAGE: Final = Template(
    Path(__file__).with_name("portal.html").read_text(encoding="utf-8")
)
_PAYMENTS: Final = ("redeem_giftcard", "pay_prepaid")


def page(title: str, content: str) -> str:
    """Return a whole page."""
    return _PAGE.substitute(title=escape(title), content=content)


def alert(text: str) -> str:
    """Return an error of the page."""
    return f'<p id="error" role="alert">{escape(text)}</p>'


def render(session: Session, error: str = "") -> str:
    """Return the content of a session's page."""
    kind = session.type
    if kind.name == "credit_reception" and due(session) is None:
        error = error or "This session has no amount to collect credits for."
    parts = [
        f'<p id="shop">{escape(session.shop.name)}</p>',
        f'<h1 id="session-type">{escape(kind.title)}</h1>',
        f'<p id="purpose">{escape(kind.purpose)}</p>',
        alert(error) if error else "",
    ]
    if kind.name in _PAYMENTS:
        left = f"{payable(session) / 100:.2f}"
        parts.append(f'<p>To pay: € <span id="amount-due">{left}</span></p>')
    if session.contact is None:
        parts += _identification(session)
    else:
        parts += _profile(session, session.contact)
    if kind.purchase_amount is not PurchaseAmount.REQUIRED or payable(session):
        parts += [_form(session, *row) for row in offered(session).items()]
    parts.append(_events(session))
    return "\n".join(part for part in parts if part)


def _profile(session: Session, contact: Contact) -> list[str]:
    parts = [f'<p>Hello, <b id="contact">{escape(contact.email)}</b></p>']
    if session.type.name == "portal":
        name = escape(session.account.credit_name)
        parts += [
            f'<p>{name}: <span id="credits">{contact.credits}</span></p>',
            f'<p>Prepaid: € <span id="prepaid">{contact.prepaid / 100:.2f}</span></p>',
        ]
    return parts


def _identification(session: Session) -> list[str]:
    scanner = session.parameters["scanner_type"].replace("_", " ")
    forms = [
        f'<p>Scanner: <span id="scanner">{escape(scanner)}</span></p>',
        _who("identify-card", "This is my card", "Card number", "card", "card"),
    ]
    if session.parameters["enable_email_identification"]:
        form = _who("identify-email", "This is me", "Email address", "email", "email")
        first = session.parameters["primary_identification_method"] == "email"
        forms.insert(0 if first else len(forms), form)
    if session.parameters["enable_registration"]:
        label = "New here? Email address"
        forms.append(_who("register", "Sign up", label, "register-email", "email"))
    return forms


def _who(action: str, label: str, field_label: str, field_id: str, name: str) -> str:
    kind = "email" if name == "email" else "text"
    return (
        f'<form method="post"><label for="{field_id}">{field_label}</label>'
        f'<input id="{field_id}" name="{name}" type="{kind}" required'
        ' autocomplete="off" autocapitalize="none">'
        f'<button id="{action}" name="action" value="{action}">{label}</button></form>'
    )


def _form(session: Session, name: str, action: Action) -> str:
    disabled = "" if action.enabled(session) else " disabled"
    fields = "".join(_field(session, name, field) for field in action.fields)
    return (
        f'<form method="post">{fields}<button id="{name}" name="action"'
        f' value="{name}"{disabled}>{action.label}</button></form>'
    )


def _field(session: Session, action: str, field: Field) -> str:
    field_id = f"{action}-{field.name}"
    suggestion = escape(field.suggestion(session))
    return (
        f'<label for="{field_id}">{field.label}</label>'
        f'<input id="{field_id}" name="{field.name}" value="{suggestion}" required'
        ' autocomplete="off" autocapitalize="none">'
    )


def _events(session: Session) -> str:
    rows = "".join(
        f'<li data-type="{name}">{name.replace("_", " ")}</li>'
        for name in (escape(str(event.get("type", ""))) for event in session.events)
    )
    return f'<ul id="events">{rows}</ul>' if rows else ""
