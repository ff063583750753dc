"""Who may do what, one row each: SECURITY.md shows it, test_permissions.py tries it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from custom_components.piggy.api.session_types import (
    FOR_STAFF,
    SESSION_TYPES,
    SessionType,
)

CALLERS: Final = (
    "Administrator",
    "User",
    "Read-only user",
    "User of this screen",
    "User of another screen",
    "Automation",
    "Script that a user runs",
)
PIN: Final = "4711"
WRONG: Final = "1174"
SHOWN: Final = "the UUID of the session on the screen"
OTHER: Final = "the UUID of another session"

CUSTOMERS: Final = tuple(kind for kind in SessionType if kind not in FOR_STAFF)
STAFF: Final = tuple(kind for kind in SessionType if kind in FOR_STAFF)
CARD: Final = {"contact_identifier": "1000001"}


@dataclass(frozen=True)
class Call:
    """An action; `entity` is the platform and key of the entity that it is for."""

    action: str
    data: Mapping[str, Any] = field(default_factory=dict)
    entity: tuple[str, str] | None = None


@dataclass(frozen=True)
class Row:
    """Calls that the same callers may make, `no` with one of the errors in `errors`.

    `pin` says whether the screen has a PIN, None for no matter.
    """

    what: str
    may: str
    calls: tuple[Call, ...]
    pin: bool | None = None
    errors: frozenset[str] = frozenset({"unauthorized"})

    @property
    def cells(self) -> Mapping[str, str]:
        """Return `yes`, `no` or `-` by the caller."""
        return dict(zip(CALLERS, self.may.split(), strict=True))


def creates(*kinds: SessionType, **data: Any) -> Iterator[Call]:
    """Yield the action of each type, with the amount where it has to have one."""
    for kind in kinds:
        required = SESSION_TYPES[kind].purchase_amount == "required"
        amount = {"amount_in_cents": 1040} if required else {}
        given = {
            name: value
            for name, value in data.items()
            if name != "pin" or kind in FOR_STAFF
        }
        yield Call(f"piggy.create_{kind}_session", {**amount, **given})


def presses(*keys: str) -> tuple[Call, ...]:
    """Return the press of each button."""
    return tuple(Call("button.press", entity=("button", key)) for key in keys)


GET: Final = "piggy.get_portal_session"
ANY_CONTROL: Final = "yes yes no yes no yes yes"
ADMIN: Final = "yes no no no no yes no"
PIN_ERRORS: Final = frozenset({"unauthorized", "pin_required", "pin_wrong"})

TABLE: Final = (
    Row(
        "Start a session for customers, also with their card (`contact_identifier`)",
        ANY_CONTROL,
        (*creates(*CUSTOMERS), *creates(*CUSTOMERS, **CARD)),
    ),
    Row(
        "Start a session for staff, also with the card: the screen has no PIN",
        ANY_CONTROL,
        (
            *creates(*STAFF),
            *creates(*STAFF, **CARD),
            *creates(*STAFF, pin=WRONG),
            *creates(SessionType.CREDIT_RECEPTION, amount_in_cents=1040),
        ),
        pin=False,
    ),
    Row(
        "The same: the screen has a PIN, and `pin` is missing or wrong",
        ADMIN,
        (
            *creates(*STAFF),
            *creates(*STAFF, **CARD),
            *creates(*STAFF, pin=WRONG),
            *creates(SessionType.CREDIT_RECEPTION, amount_in_cents=1040),
        ),
        pin=True,
        errors=PIN_ERRORS,
    ),
    Row(
        "The same, with the right `pin`",
        ANY_CONTROL,
        (
            *creates(*STAFF, pin=PIN),
            *creates(*STAFF, pin=PIN, **CARD),
            *creates(SessionType.CREDIT_RECEPTION, amount_in_cents=1040, pin=PIN),
        ),
        pin=True,
    ),
    Row(
        "Start any session with `contact_uuid` or `contact_email`",
        ADMIN,
        (
            *creates(*SessionType, contact_uuid="123", pin=PIN),
            *creates(*SessionType, contact_email="ada@example.com", pin=PIN),
        ),
    ),
    Row(
        "Get the session on the screen",
        ANY_CONTROL,
        (Call(GET), Call(GET, {"uuid": SHOWN})),
    ),
    Row("Get another session, by its `uuid`", ADMIN, (Call(GET, {"uuid": OTHER}),)),
    Row("Clear the screen", ANY_CONTROL, (Call("piggy.clear_session"),)),
    Row(
        "Press a button for customers, or *Clear session*",
        ANY_CONTROL,
        presses(*CUSTOMERS, "clear_session"),
    ),
    Row(
        "Press a button for staff: the screen has no PIN",
        ANY_CONTROL,
        presses(*STAFF),
        pin=False,
    ),
    Row(
        "The same: the screen has a PIN",
        ADMIN,
        presses(*STAFF),
        pin=True,
        errors=PIN_ERRORS,
    ),
    Row(
        "Set *Amount*",
        ANY_CONTROL,
        (Call("number.set_value", {"value": 10.4}, ("number", "purchase_amount")),),
    ),
    Row(
        "Read the state of *Session URL*",
        "yes yes yes yes no - -",
        (Call("state", entity=("sensor", "session_url")),),
    ),
    Row(
        "Read it with a template, over the WebSocket API",
        "yes yes yes yes yes - -",
        (Call("template", entity=("sensor", "session_url")),),
    ),
    Row(
        "See the image *QR code*",
        "yes yes yes yes yes - -",
        (Call("image", entity=("image", "qr_code")),),
    ),
)


def markdown() -> str:
    """Return the table as SECURITY.md shows it."""
    lines = [("What", *CALLERS), ("---",) * (len(CALLERS) + 1)]
    lines += [(row.what, *row.cells.values()) for row in TABLE]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines).replace(
        " --- ", "---"
    )
