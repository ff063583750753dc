"""The sandbox's start page: what a person needs to try it.

For browser tests, `#sessions a` leads to the page of each session, the newest first.
"""

from collections.abc import Iterable
from html import escape

from .settings import Settings
from .store import Store

_INTRODUCTION = """<p>Enter the address of this page as the API URL, and one of the keys
as the API key. Every other key is rejected.</p>"""


def render(store: Store, settings: Settings) -> str:
    """Return the content of the page."""
    account = store.account
    sessions = [
        f'<a href="{escape(settings.session_url(session.uuid))}">'
        f"{escape(session.type.title)}</a>, {escape(session.shop.name)}"
        for session in reversed(store.sessions.values())
    ]
    cards = [
        f"<code>{escape(card.value)}</code>"
        f" {escape(card.contact.email if card.contact else 'no contact')}"
        f"{'' if card.active else ', inactive'}"
        for card in account.identifiers.values()
    ]
    giftcards = [
        f"<code>{escape(card.hash)}</code> € {card.balance / 100:.2f}"
        f"{', expired' if card.expires else ''}"
        for card in account.giftcards.values()
    ]
    vouchers = [
        f"<code>{escape(voucher.code)}</code> {escape(voucher.name)}"
        for voucher in account.vouchers.values()
    ]
    keys = [f"<code>{escape(key)}</code>" for key in store.keys]
    return "\n".join(
        (
            "<h1>A stand-in for Piggy</h1>",
            _INTRODUCTION,
            _list("keys", "API keys", keys),
            _list("sessions", "Sessions", sessions),
            _list("cards", "Loyalty cards", cards),
            _list("giftcards", "Giftcards", giftcards),
            _list("vouchers", "Vouchers", vouchers),
        )
    )


def _list(name: str, title: str, rows: Iterable[str]) -> str:
    items = "".join(f"<li>{row}</li>" for row in rows) or "<li>None</li>"
    return f'<h2>{title}</h2><ul id="{name}">{items}</ul>'
