"""The facts about Piggy that can be checked, one row each.

`docs/piggy-api.md` lists them with all others that the integration relies on, and says
what to do when one differs; a test holds that table equal to this one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from custom_components.piggy.api.session_types import SessionType

from .answers import ACCEPTED
from .checks import (
    ALL,
    ALLOWED,
    see_account,
    see_amounts,
    see_events,
    see_fields,
    see_framing,
    see_identified,
    see_kind_of,
    see_paging,
    see_rate_limit,
    see_read_back,
    see_shops,
    see_status,
    see_types,
    see_url,
)
from .visit import Seen


class Needs(StrEnum):
    """The option that is needed to check a fact."""

    NOTHING = ""
    CREATE = "--create"
    WAIT = "--wait"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact about Piggy.

    `mark` says where it comes from. `check` returns what was seen, fit for a bug
    report; the fact is confirmed when that is one of `assumed`.
    """

    key: str
    text: str
    mark: str
    assumed: tuple[str, ...]
    check: Callable[[Seen], str]
    needs: Needs = Needs.NOTHING


FACTS: Final = (
    Fact(
        "health_check",
        "A GET of the API's own path answers a valid key with `data`",
        "[sdk]",
        (ACCEPTED,),
        lambda seen: seen.health.outcome,
    ),
    Fact(
        "account",
        "The health check has the account's `uuid` or `id`",
        "[3p]",
        ("`uuid`", "`id`"),
        see_account,
    ),
    Fact(
        "shops",
        "`/shops` lists the shops, each with `uuid` and `name`",
        "[doc]",
        ("a list",),
        see_shops,
    ),
    Fact(
        "paging",
        "`/shops` lists all shops at once",
        "[doc]",
        ("not paged",),
        see_paging,
    ),
    Fact(
        "wrong_key",
        "A wrong key is answered with HTTP 401 or code 7011",
        "[doc26]",
        ("HTTP 401", "error 7011"),
        lambda seen: seen.wrong_key.outcome,
    ),
    Fact(
        "unknown_session",
        "A session that does not exist is answered with code 1003 or 60013",
        "[?]",
        ("error 1003", "error 60013"),
        lambda seen: seen.unknown_session.outcome,
    ),
    Fact(
        "rate_limit",
        "Answers have `X-RateLimit-Limit` and `X-RateLimit-Remaining`",
        "[sdk]",
        ("both",),
        see_rate_limit,
    ),
    Fact(
        "types",
        "All session types can be created at their paths",
        "[seed]",
        (ALL,),
        see_types,
        Needs.CREATE,
    ),
    Fact(
        "created_status",
        "A create is answered with HTTP 200 or 201",
        "[?]",
        ("200 or 201",),
        see_status,
        Needs.CREATE,
    ),
    Fact(
        "parameters",
        "A create takes all parameters as JSON, with real booleans and numbers",
        "[?]",
        (ACCEPTED,),
        lambda seen: seen.parameters.outcome,
        Needs.CREATE,
    ),
    Fact(
        "required_amount",
        "A create of redeem_giftcard without `amount_in_cents` is invalid input",
        "[seed]",
        ("error 1003",),
        lambda seen: seen.without_amount[SessionType.REDEEM_GIFTCARD].outcome,
        Needs.CREATE,
    ),
    Fact(
        "amounts",
        "Creates of the types that take `amount_in_cents` accept it",
        "[seed] [page] [pm]",
        (ALL,),
        see_amounts,
        Needs.CREATE,
    ),
    Fact(
        "fields",
        "A session has `uuid`, `url`, `created_at` and its `shop`",
        "[seed]",
        (ALL,),
        see_fields,
        Needs.CREATE,
    ),
    Fact(
        "url_host",
        "A session's URL leads to a host of Piggy, with https",
        "[seed]",
        ("Piggy's",),
        see_url,
        Needs.CREATE,
    ),
    Fact(
        "read_back",
        "A GET of a session returns that session, with the same URL",
        "[seed]",
        ("the same",),
        see_read_back,
        Needs.CREATE,
    ),
    Fact(
        "events",
        "A GET of a session has `events`",
        "[?]",
        ("a list",),
        lambda seen: see_kind_of(seen.read_back, "events"),
        Needs.CREATE,
    ),
    Fact(
        "contact",
        "A GET of a session without a contact has `contact` null or leaves it out",
        "[sdk]",
        ("null", "absent"),
        lambda seen: see_kind_of(seen.read_back, "contact"),
        Needs.CREATE,
    ),
    Fact(
        "framing",
        "The page behind a session's URL may be shown in a frame",
        "[?]",
        (ALLOWED,),
        see_framing,
        Needs.CREATE,
    ),
    Fact(
        "identified",
        "A GET of a session has the contact once a customer has identified",
        "[sdk]",
        ("a contact",),
        see_identified,
        Needs.WAIT,
    ),
    Fact(
        "transactions",
        "A GET of a session has what the customer did, in a form that is known",
        "[sdk]",
        ("understood",),
        see_events,
        Needs.WAIT,
    ),
)
