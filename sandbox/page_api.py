"""The API that the vendor's portal page speaks, without a key: /api/v1/portal-sessions.

Undocumented; its shapes are those that the page's own code reads and writes. Only the
page calls it. A session's uuid is all that a caller needs.
"""

from typing import Any, Final

from aiohttp import web
import voluptuous as vol

from .account import Contact
from .api import errors_as_json, success
from .errors import CONTACT_NOT_FOUND, IDENTIFIER_NOT_LINKED, ApiError
from .page_json import (
    contact_json,
    giftcard_json,
    loyalty_json,
    reward_json,
    session_json,
    transaction_json,
    voucher_json,
)
from .payments import CREDITS, REWARD, Payments
from .schema import email, invalid, number, read_json, text, validate, whole
from .store import Session, Store

PAGE_PREFIX: Final = "/api/v1/portal-sessions"


class PageApi:
    """The page's calls, each for the session whose uuid is in the path."""

    def __init__(self, store: Store, payments: Payments) -> None:
        """Serve the sessions of a store."""
        self._store = store
        self._payments = payments

    def make_app(self) -> web.Application:
        """Return the application to mount under PAGE_PREFIX."""
        app = web.Application(middlewares=[errors_as_json])
        session = "/{session}"
        app.add_routes(
            [
                web.get(session, self._show),
                web.put(session, self._identify),
                web.get(f"{session}/contacts", self._contact),
                web.post(f"{session}/contacts", self._register),
                web.post(f"{session}/contacts/link-identifier", self._link),
                web.get(f"{session}/contact-identifiers", self._identifiers),
                web.get(f"{session}/contact-attributes", self._attributes),
                web.get(f"{session}/subscriptions/contact", self._subscriptions),
                web.get(f"{session}/loyalty-transactions", self._transactions),
                web.get(f"{session}/brand-kit", self._brand_kit),
                web.get(f"{session}/prepaid", self._prepaid),
                web.post(f"{session}/prepaid/transaction", self._move_prepaid),
                web.post(f"{session}/credit-receptions/create", self._collect),
                web.get(f"{session}/giftcards/{{hash}}", self._giftcard),
                web.post(f"{session}/giftcards/transaction", self._move_giftcard),
                web.get(f"{session}/vouchers", self._vouchers),
                web.get(f"{session}/vouchers/{{code}}", self._voucher),
                web.get(f"{session}/vouchers/check/{{code}}", self._voucher),
                web.post(f"{session}/vouchers/redeem", self._redeem),
                web.get(f"{session}/rewards", self._rewards),
                web.post(f"{session}/rewards/claim", self._claim),
            ]
        )
        return app

    def _session(self, request: web.Request) -> Session:
        return self._store.session(request.match_info["session"])

    def _known(self, request: web.Request) -> tuple[Session, Contact]:
        """Return the session and its contact; raises ApiError 55031 without one."""
        session = self._session(request)
        if session.contact is None:
            raise ApiError(CONTACT_NOT_FOUND)
        return session, session.contact

    async def _show(self, request: web.Request) -> web.Response:
        return success(session_json(self._session(request)))

    async def _identify(self, request: web.Request) -> web.Response:
        session = self._session(request)
        given = await _read(
            request,
            {
                vol.Exclusive("email", "way"): email,
                vol.Exclusive("contact_identifier_value", "way"): text,
            },
        )
        if "email" in given:
            session.contact = session.account.contact_by_email(given["email"])
        elif given:
            value = given["contact_identifier_value"].strip()
            card = session.account.identifier(value)
            if card.contact is None:
                raise ApiError(IDENTIFIER_NOT_LINKED)
            session.contact = card.contact
        else:
            raise invalid(email="is required")
        return success(session_json(session))

    async def _contact(self, request: web.Request) -> web.Response:
        session, contact = self._known(request)
        if request.query.get("contact_uuid", contact.uuid) != contact.uuid:
            raise ApiError(CONTACT_NOT_FOUND)
        return success(contact_json(contact, session.created_at))

    async def _register(self, request: web.Request) -> web.Response:
        session = self._session(request)
        address = (await _read(request, {vol.Required("email"): email}))["email"]
        if session.sent.get("enable_registration") is False:
            raise invalid(email="cannot be registered in this session")
        if any(row.email == address for row in session.account.contacts.values()):
            raise invalid(email="is registered already")
        return success(session.account.add_contact(address).as_json(), 201)

    async def _link(self, request: web.Request) -> web.Response:
        account = self._session(request).account
        name = "contact_identifier_value"
        schema = {vol.Required(name): text, vol.Required("email"): email}
        given = await _read(request, schema)
        contact = account.contact_by_email(given["email"])
        value = given[name].strip()
        card = account.identifiers.get(value) or account.add_identifier(value)
        if card.contact not in (None, contact):
            raise invalid(**{name: "belongs to another contact"})
        card.contact = contact
        return success(card.as_json(), 201)

    async def _identifiers(self, request: web.Request) -> web.Response:
        session, contact = self._known(request)
        cards = session.account.identifiers.values()
        return success([row.as_json() for row in cards if row.contact is contact])

    async def _attributes(self, request: web.Request) -> web.Response:
        self._known(request)
        return success({"new_elements": []})

    async def _subscriptions(self, request: web.Request) -> web.Response:
        self._known(request)
        return success([])

    async def _transactions(self, request: web.Request) -> web.Response:
        """Answer with a bare list, which is what the page reads here."""
        session, contact = self._known(request)
        return web.json_response(
            [
                loyalty_json(session, row)
                for row in self._store.ledger
                if row.contact_uuid == contact.uuid and row.kind in (CREDITS, REWARD)
            ]
        )

    async def _brand_kit(self, request: web.Request) -> web.Response:
        shown = self._session(request).account.brand_kit.as_json(request.url)
        # The page reads another spelling than the documented one.
        return success(shown | {"quaternary_color": shown["quarternary_color"]})

    async def _prepaid(self, request: web.Request) -> web.Response:
        _, contact = self._known(request)
        return success({"balance_in_cents": contact.prepaid})

    async def _move_prepaid(self, request: web.Request) -> web.Response:
        schema = {
            vol.Required("amount_in_cents"): whole,
            vol.Optional("contact_identifier_value"): text,
        }
        given = await _read(request, schema)
        session, contact = self._known(request)
        self._payments.move_prepaid(session, given["amount_in_cents"])
        answer = transaction_json(
            session,
            amount_in_cents=given["amount_in_cents"],
            contact=contact.as_json(),
            prepaid_balance={"balance_in_cents": contact.prepaid},
        )
        return success(answer, 201)

    async def _collect(self, request: web.Request) -> web.Response:
        given = await _read(request, {vol.Required("unit_value"): number})
        session = self._session(request)
        received = self._payments.collect_credits(session, given["unit_value"])
        return success(transaction_json(session, credits=received), 201)

    async def _giftcard(self, request: web.Request) -> web.Response:
        giftcard = self._session(request).account.giftcard(request.match_info["hash"])
        self._payments.check_giftcard(giftcard)
        return success(giftcard_json(giftcard))

    async def _move_giftcard(self, request: web.Request) -> web.Response:
        schema = {vol.Required("uuid"): text, vol.Required("amount_in_cents"): whole}
        given = await _read(request, schema)
        session = self._session(request)
        giftcard = session.account.giftcard(given["uuid"])
        self._payments.move_giftcard(session, giftcard, given["amount_in_cents"])
        answer = transaction_json(
            session,
            amount_in_cents=given["amount_in_cents"],
            card={"id": giftcard.id, "uuid": giftcard.uuid},
            settled=True,
            settlements=[],
        )
        return success(answer, 201)

    async def _vouchers(self, request: web.Request) -> web.Response:
        session, contact = self._known(request)
        rows = session.account.vouchers.values()
        return success([voucher_json(row) for row in rows if row.contact is contact])

    async def _voucher(self, request: web.Request) -> web.Response:
        code = request.match_info["code"]
        return success(voucher_json(self._session(request).account.voucher(code)))

    async def _redeem(self, request: web.Request) -> web.Response:
        given = await _read(request, {vol.Required("code"): text})
        session = self._session(request)
        voucher = session.account.voucher(given["code"])
        self._payments.redeem_voucher(session, voucher)
        return success(voucher_json(voucher))

    async def _rewards(self, request: web.Request) -> web.Response:
        rows = self._session(request).account.rewards.values()
        return success([reward_json(row) for row in rows])

    async def _claim(self, request: web.Request) -> web.Response:
        given = await _read(request, {vol.Required("uuid"): text})
        session = self._session(request)
        reward = session.account.reward(given["uuid"])
        self._payments.claim_reward(session, reward)
        return success(reward_json(reward))


async def _read(request: web.Request, schema: dict[Any, Any]) -> dict[str, Any]:
    """Return a JSON body that satisfies a schema; raises ApiError 1003."""
    return validate(schema, await read_json(request))
